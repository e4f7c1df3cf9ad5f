//! The rooms of one media thread: what is asked of them, what they tell, how they start again.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError},
    time::Instant,
};

use parley_media::{LeaveReason, MediaError, OurMediaError, Relay, RelayConfig, RelayEvent};
use parley_wire::ids::{ParticipantId, PartyId, RoomId, TrackIndex};

use crate::{
    commands::{Join, MediaCommand, answer},
    counters::{MediaCounters, as_f64},
    crossing::ToMedia,
    directory::{Directory, fragment_of},
    error::EngineError,
    event::{Area, EngineEvent},
    outbox::Outbox,
};

/// A relay, with what it takes to start it again.
pub(crate) struct Rooms {
    pub(crate) relay: Relay,
    config: RelayConfig,
    shard: usize,
    open: BTreeSet<RoomId>,
    /// Lines that are up, with their rate once it is known.
    lines: BTreeMap<PartyId, Option<u64>>,
    /// Answers to those who joined in this turn.
    answers: Vec<EngineEvent>,
    directory: Arc<Directory>,
    outbox: Arc<Outbox>,
}

impl Rooms {
    pub(crate) fn new(
        shard: usize,
        config: RelayConfig,
        directory: Arc<Directory>,
        outbox: Arc<Outbox>,
        now: Instant,
    ) -> Self {
        let relay = Relay::new(config.clone(), now);
        let (open, lines, answers) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
        Self {
            relay,
            config,
            shard,
            open,
            lines,
            answers,
            directory,
            outbox,
        }
    }

    /// Throws the relay away and begins with a new one; everyone has to join again.
    pub(crate) fn restart(&mut self) {
        // Another run, as far as other relays are concerned: snapshots start over.
        self.config.epoch += 1;
        let now = Instant::now();
        self.relay = Relay::new(self.config.clone(), now);
        self.directory.clear(self.shard);
        for room in std::mem::take(&mut self.open) {
            self.outbox.push(EngineEvent::RoomClosed {
                room,
                reason: "fault",
            });
        }
        for (party, bps) in &self.lines {
            self.relay.line_up(now, *party);
            if let Some(bps) = bps {
                self.relay.line_rate(now, *party, *bps);
            }
        }
    }

    pub(crate) fn carry_out(&mut self, now: Instant, command: MediaCommand) {
        match command {
            MediaCommand::OpenRoom { room, reply } => {
                self.relay.open_room(now, room);
                self.open.insert(room);
                answer(&reply, Ok(()));
            }
            MediaCommand::CloseRoom { room, reply } => {
                self.relay.close_room(now, room);
                self.open.remove(&room);
                answer(&reply, Ok(()));
            }
            MediaCommand::Attach { room, party, reply } => {
                answer(
                    &reply,
                    self.relay
                        .attach(now, room, party)
                        .map_err(EngineError::from),
                );
            }
            MediaCommand::Detach { room, party, reply } => {
                self.relay.detach(now, room, party);
                answer(&reply, Ok(()));
            }
            MediaCommand::SetAside {
                room,
                participant,
                label,
                reply,
            } => {
                let outcome = self.relay.set_aside(now, room, participant, &label);
                answer(&reply, outcome.map_err(EngineError::from));
            }
            MediaCommand::Join(join) => self.join(now, *join),
            MediaCommand::Leave { participant } => self.relay.leave(now, participant),
            MediaCommand::Watch {
                participant,
                watches,
                reply,
            } => {
                let outcome = self.relay.watch(now, participant, &watches);
                answer(&reply, outcome.map_err(EngineError::from));
            }
            MediaCommand::SetMuted {
                participant,
                track,
                is_muted,
                reply,
            } => {
                let outcome = self.relay.set_muted(now, participant, track, is_muted);
                answer(&reply, outcome.map_err(EngineError::from));
            }
            MediaCommand::Quality { participant, reply } => {
                answer(
                    &reply,
                    self.relay
                        .quality(participant)
                        .ok_or_else(unknown_participant),
                );
            }
            // A stream is the thread's own affair, which takes it before anything gets here.
            MediaCommand::Stream { .. } => {}
        }
    }

    pub(crate) fn take_from_line(&mut self, now: Instant, thing: ToMedia) {
        match thing {
            ToMedia::Media { party, payload } => self.relay.handle_media(now, party, payload),
            ToMedia::Letter { party, body } => self.relay.handle_letter(now, party, &body),
            ToMedia::LineUp { party } => {
                self.lines.insert(party, None);
                self.relay.line_up(now, party);
            }
            ToMedia::LineDown { party } => {
                self.lines.remove(&party);
                self.relay.line_down(now, party);
            }
            ToMedia::LineRate { party, bps } => {
                if let Some(rate) = self.lines.get_mut(&party) {
                    *rate = Some(bps);
                }
                self.relay.line_rate(now, party, bps);
            }
        }
    }

    /// In the same turn as the join, so that nobody is ever told of a track as it was not meant.
    fn mute(&mut self, now: Instant, participant: ParticipantId, muted: [bool; TrackIndex::COUNT]) {
        for (index, is_muted) in (0..).map(TrackIndex).zip(muted) {
            let outcome = self.relay.set_muted(now, participant, index, is_muted);
            debug_assert!(outcome.is_ok(), "someone who has just joined is there");
        }
    }

    fn join(&mut self, now: Instant, join: Join) {
        let Join {
            request,
            room,
            participant,
            label,
            offer,
            muted,
        } = join;
        let event = match self.relay.join(now, room, participant, label, &offer) {
            Ok(joined) => {
                self.mute(now, participant, muted);
                let fragment = fragment_of(&joined.answer);
                self.directory.place(participant, self.shard, fragment);
                EngineEvent::Joined {
                    request,
                    participant,
                    answer: joined.answer,
                    video_mids: joined.video_mids,
                    audio_mids: joined.audio_mids,
                }
            }
            Err(error) => {
                let (code, reason) = (error.code(), error.to_string());
                EngineEvent::JoinRefused {
                    request,
                    participant,
                    code,
                    reason,
                }
            }
        };
        self.answers.push(event);
    }

    /// Tells the answers to those who joined: after what the relay told meanwhile, so that whoever
    /// is replaced has left before.
    pub(crate) fn tell_answers(&mut self) {
        for event in self.answers.drain(..) {
            self.outbox.push(event);
        }
    }

    /// Passes on what the relay tells.
    pub(crate) fn tell(&self, event: RelayEvent) {
        let event = match event {
            RelayEvent::Roster { room, participants } => EngineEvent::Roster { room, participants },
            RelayEvent::Connected { participant } => EngineEvent::Connected { participant },
            RelayEvent::Left {
                participant,
                reason,
            } => {
                if reason != LeaveReason::Replaced {
                    self.directory.remove(participant);
                }
                EngineEvent::Left {
                    participant,
                    reason,
                }
            }
            RelayEvent::AudioSlots { participant, slots } => EngineEvent::AudioSlots {
                participant,
                tracks: slots.to_vec(),
            },
            RelayEvent::VideoSlots { participant, slots } => {
                EngineEvent::VideoSlots { participant, slots }
            }
            RelayEvent::Speakers { room, tracks } => EngineEvent::Speakers { room, tracks },
            RelayEvent::WantedLayers {
                participant,
                index,
                layers,
            } => {
                let layers = (0..8).filter(|layer| layers >> layer & 1 == 1).collect();
                EngineEvent::WantedLayers {
                    participant,
                    index,
                    layers,
                }
            }
            RelayEvent::Refused {
                from,
                refusal,
                count,
            } => EngineEvent::Refusal {
                area: Area::Relay,
                reason: refusal.name(),
                party: from,
                key: None,
                count,
            },
            // Who it was is told by the `Left` that follows.
            RelayEvent::Fault { cause, .. } => EngineEvent::Fault {
                thread: format!("media-{}", self.shard),
                cause,
                is_restarted: false,
                count: self.relay.counters().faults,
            },
            _ => return,
        };
        self.outbox.push(event);
    }

    /// Publishes the relay's counters.
    pub(crate) fn count(&self, counters: &MediaCounters) {
        let entries = self.relay.counters().entries().into_iter();
        let named = entries.map(|(name, count)| (name, as_f64(count))).collect();
        *counters
            .relay
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = named;
    }
}

pub(crate) fn unknown_participant() -> EngineError {
    EngineError::Media(MediaError::Ours(OurMediaError::ParticipantUnknown))
}

#[cfg(test)]
mod tests {
    use parley_wire::ids::ParticipantId;

    use super::*;

    #[test]
    fn rooms_of_a_shard_that_starts_again_are_reported_closed() {
        let (mut rooms, outbox) = rooms();
        let room = RoomId::from([1; 16]);
        let (reply, opened) = crossbeam_channel::bounded(1);
        rooms.carry_out(Instant::now(), MediaCommand::OpenRoom { room, reply });
        opened.recv().expect("answered").expect("opened");
        rooms.directory.place(ParticipantId::from([2; 16]), 0, None);
        rooms.restart();
        assert_eq!(
            outbox.drain(10),
            [EngineEvent::RoomClosed {
                room,
                reason: "fault"
            }]
        );
        assert_eq!(
            rooms
                .directory
                .shard_of_participant(ParticipantId::from([2; 16])),
            None
        );
        assert_eq!(rooms.relay.counters().rooms, 0);
    }

    #[test]
    fn a_shard_that_starts_again_knows_which_lines_are_up() {
        let (mut rooms, _) = rooms();
        let (up, down) = (PartyId::from([3; 16]), PartyId::from([4; 16]));
        let now = Instant::now();
        for party in [up, down] {
            rooms.take_from_line(now, ToMedia::LineUp { party });
        }
        rooms.take_from_line(now, ToMedia::LineRate { party: up, bps: 9 });
        rooms.take_from_line(now, ToMedia::LineDown { party: down });
        let epoch = rooms.config.epoch;
        rooms.restart();
        assert_eq!(rooms.lines, BTreeMap::from([(up, Some(9))]));
        assert_eq!(
            rooms.config.epoch,
            epoch + 1,
            "other relays take it for another run"
        );
    }

    fn rooms() -> (Rooms, Arc<Outbox>) {
        let outbox = Arc::new(Outbox::new().expect("an outbox"));
        let config = RelayConfig::new(PartyId::from([9; 16]), 1);
        (
            Rooms::new(0, config, Arc::default(), outbox.clone(), Instant::now()),
            outbox,
        )
    }
}
