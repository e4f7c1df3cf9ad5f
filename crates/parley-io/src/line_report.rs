//! What the lines tell, passed on to Python and to the media threads; and what those send back.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use parley_line::{Lane, LineEvent, LineState, LineStatus, MediaUnit, PathState, Refusal};
use parley_media::{LineMedia, MediaLane};
use parley_wire::{ids::PartyId, room::room_of};

use crate::{
    counters::{Counters, LineCounters, as_f64},
    crossing::{Crossed, Crossings, ToLine, ToMedia},
    directory::{shard_of_alias, shard_of_room},
    event::{Area, EngineEvent},
    line_streams::LineStreams,
    open_lines::OpenLines,
    outbox::Outbox,
};

/// Topic of letters between relays (`protocol/line.md`).
pub(crate) const TOPIC_ROOM: u16 = 1;

/// The lowest topic that belongs to Python.
pub(crate) const TOPIC_NODE_MIN: u16 = 16;

/// The same refusal is told once in this time; the counters have them all.
const REFUSAL_PAUSE: Duration = Duration::from_secs(1);

/// Where lines' events go.
pub(crate) struct LineReport {
    outbox: Arc<Outbox>,
    /// Parties whose line carries media at present.
    carrying: BTreeSet<PartyId>,
    /// Letters between relays that are under way: their delivery is nobody's news.
    room_letters: HashMap<PartyId, HashSet<u64>>,
    /// When each refusal was last told.
    refused_at: HashMap<(Refusal, Option<PartyId>), Instant>,
}

impl LineReport {
    pub(crate) fn new(outbox: Arc<Outbox>) -> Self {
        Self {
            outbox,
            carrying: BTreeSet::new(),
            room_letters: HashMap::new(),
            refused_at: HashMap::new(),
        }
    }

    /// Passes a thing from a media thread to its line.
    pub(crate) fn pass_on(
        &mut self,
        now: Instant,
        lines: &mut OpenLines,
        counters: &LineCounters,
        thing: ToLine,
    ) {
        let is_sent = match thing {
            ToLine::Media(media) => match lines.id(media.to) {
                Ok(line) => lines.lines.send_media(now, line, unit(media)).is_ok(),
                Err(_) => false,
            },
            ToLine::Letter { party, body } => {
                let sent = lines.send(now, party, Lane::Base, TOPIC_ROOM, body);
                if let Ok(letter) = sent {
                    self.room_letters.entry(party).or_default().insert(letter);
                }
                sent.is_ok()
            }
        };
        if !is_sent {
            counters.refused_units.add(1);
        }
    }

    /// Tells what happened on the lines since the last call.
    pub(crate) fn tell(
        &mut self,
        now: Instant,
        lines: &mut OpenLines,
        crossings: &mut Crossings,
        counters: &LineCounters,
    ) {
        while let Some(event) = lines.lines.poll_event() {
            match event {
                LineEvent::State { line, state } => {
                    if let Some(party) = lines.party(line) {
                        self.tell_state(party, state, crossings);
                    }
                }
                LineEvent::Path { line, path, state } => {
                    let party = lines.party(line);
                    let named =
                        party.and_then(|party| Some((party, lines.path_name(party, path)?)));
                    if let Some((party, path)) = named {
                        let path = path.to_owned();
                        self.outbox
                            .push(EngineEvent::PathState { party, path, state });
                    }
                }
                LineEvent::Letter {
                    line,
                    lane,
                    topic,
                    body,
                } => {
                    if let Some(party) = lines.party(line) {
                        self.deliver(
                            Post {
                                party,
                                lane,
                                topic,
                                body,
                            },
                            crossings,
                            counters,
                        );
                    }
                }
                LineEvent::Delivered { letter } => self.tell_delivery(letter.number()),
                LineEvent::Media { line, payload, .. } => {
                    let Some(party) = lines.party(line) else {
                        continue;
                    };
                    let shard = shard_of(&payload, crossings.len());
                    let crossed = crossings.send_media(shard, ToMedia::Media { party, payload });
                    counters
                        .sockets
                        .dropped_crossing
                        .add(u64::from(crossed == Crossed::LeftOut));
                }
                LineEvent::Rate { line, bps } => {
                    if let Some(party) = lines.party(line) {
                        crossings.send_rate(party, bps);
                    }
                }
                LineEvent::Refused { line, reason, key } => {
                    let party = line.and_then(|line| lines.party(line));
                    let count = lines.lines.refusals().count(reason);
                    self.tell_refusal(now, reason, party, key, count);
                }
                _ => {}
            }
        }
    }

    /// Forgets a line that was closed.
    pub(crate) fn forget(&mut self, party: PartyId, crossings: &mut Crossings) {
        self.room_letters.remove(&party);
        self.stop_carrying(party, crossings);
    }

    fn stop_carrying(&mut self, party: PartyId, crossings: &mut Crossings) {
        if self.carrying.remove(&party) {
            crossings.send_all(|| ToMedia::LineDown { party });
        }
    }

    /// Forgets the state of all lines, which were made anew.
    pub(crate) fn forget_all(&mut self, crossings: &mut Crossings) {
        self.room_letters.clear();
        for party in std::mem::take(&mut self.carrying) {
            crossings.send_all(|| ToMedia::LineDown { party });
        }
    }

    fn tell_state(&mut self, party: PartyId, state: LineState, crossings: &mut Crossings) {
        let carries = match state {
            LineState::Up | LineState::Degraded => true,
            LineState::Cold | LineState::Cut => false,
        };
        if carries && self.carrying.insert(party) {
            crossings.send_all(|| ToMedia::LineUp { party });
        } else if !carries {
            self.stop_carrying(party, crossings);
        }
        self.outbox.push(EngineEvent::LineState { party, state });
    }

    fn tell_delivery(&mut self, letter: u64) {
        if !self
            .room_letters
            .values_mut()
            .any(|letters| letters.remove(&letter))
        {
            self.outbox.push(EngineEvent::LetterDelivered { letter });
        }
    }

    fn deliver(&self, post: Post, crossings: &mut Crossings, counters: &LineCounters) {
        let Post {
            party,
            lane,
            topic,
            body,
        } = post;
        if topic >= TOPIC_NODE_MIN {
            let lane = lane.number();
            self.outbox.push(EngineEvent::Letter {
                party,
                lane,
                topic,
                body,
            });
            return;
        }
        match room_of(&body).filter(|_| topic == TOPIC_ROOM) {
            Some(room) => {
                let shard = shard_of_room(room, crossings.len());
                crossings.send(shard, ToMedia::Letter { party, body });
            }
            None => counters.refused_letters.add(1),
        }
    }

    fn tell_refusal(
        &mut self,
        now: Instant,
        reason: Refusal,
        party: Option<PartyId>,
        key: Option<[u8; 32]>,
        count: u64,
    ) {
        let told_at = self.refused_at.get(&(reason, party));
        if told_at.is_some_and(|at| now.duration_since(*at) < REFUSAL_PAUSE) {
            return;
        }
        self.refused_at.insert((reason, party), now);
        let reason = reason.code();
        self.outbox.push(EngineEvent::Refusal {
            area: Area::Line,
            reason,
            party,
            key,
            count,
        });
    }
}

struct Post {
    party: PartyId,
    lane: Lane,
    topic: u16,
    body: Bytes,
}

/// Counts what the lines carried, for the snapshot.
pub(crate) fn count_lines(
    now: Instant,
    lines: &OpenLines,
    streams: &LineStreams,
    counters: &LineCounters,
) {
    let mut named = Counters::new();
    let mut add =
        |name: &str, value: u64| *named.entry(name.to_owned()).or_default() += as_f64(value);
    for (_, line) in lines.parties() {
        if let Some(status) = lines.lines.status(now, line) {
            count_line(&status, &mut add);
        }
    }
    add("line_streams_refused", streams.refused_flood);
    for (reason, count) in lines.lines.refusals().iter() {
        add(
            &format!("line_refused_{}", reason.code().trim_start_matches("line.")),
            count,
        );
    }
    *counters
        .lines
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = named;
}

fn count_line(status: &LineStatus, add: &mut impl FnMut(&str, u64)) {
    let counters = &status.counters;
    add("line_lines", 1);
    add(
        "line_paths_up",
        status
            .paths
            .iter()
            .filter(|path| path.state == PathState::Up)
            .count() as u64,
    );
    for (name, count) in [
        ("letters_delivered", counters.letters_delivered),
        ("letters_received", counters.letters_received),
        ("letters_repeated", counters.letters_repeated),
        ("units_received", counters.units_received),
        ("units_repeated", counters.units_repeated),
        ("units_recovered", counters.units_recovered),
        ("units_dropped_late", counters.units_dropped_late),
        ("parity_sent", counters.parity_sent),
        ("reconnections", counters.reconnections),
        ("failovers", counters.failovers),
    ] {
        add(&format!("line_{name}"), count);
    }
    for (number, lane) in status.lanes.iter().enumerate() {
        add(&format!("line_lane_{number}_bytes_sent"), lane.bytes_sent);
        add(
            &format!("line_lane_{number}_bytes_received"),
            lane.bytes_received,
        );
        add(&format!("line_lane_{number}_bytes_queued"), lane.queued);
    }
}

fn unit(media: LineMedia) -> MediaUnit {
    let lane = match media.lane {
        MediaLane::Audio => Lane::Audio,
        MediaLane::Base => Lane::Base,
        MediaLane::Upper => Lane::Upper,
    };
    let LineMedia {
        flow,
        frame,
        is_first: first,
        is_last: last,
        payload,
        ..
    } = media;
    MediaUnit {
        lane,
        flow,
        frame,
        first,
        last,
        payload,
    }
}

/// The media thread whose room a media frame belongs to; a frame that is too short to say goes to
/// the first, which counts it.
fn shard_of(frame: &[u8], shards: usize) -> usize {
    alias_of(frame).map_or(0, |alias| shard_of_alias(alias, shards))
}

fn alias_of(frame: &[u8]) -> Option<u16> {
    let [_, _, high, low, ..] = frame else {
        return None;
    };
    Some(u16::from_be_bytes([*high, *low]))
}
