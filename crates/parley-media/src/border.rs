//! Lines: what comes in over them and what becomes of it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use parley_wire::{
    ids::{PartyId, RoomId},
    room::{LayerRef, MediaFrame, RoomControl, Roster, Wants, WithheldList},
};

use crate::{
    cache::{Extensions, SourcePacket},
    error::MediaError,
    event::{Refusal, RelayOutput},
    line::Line,
    payload,
    relay::Relay,
    rewrite::Numbers,
    track::Source,
};

/// How long a neighbour may be ahead with a room. More hides a neighbour that insists on a room it
/// was not given; less counts every opening of a room as a refusal.
const EARLY_FOR: Duration = Duration::from_secs(10);
/// Rooms neighbours may be ahead with. More lets a hostile one fill memory.
const EARLY_ROOMS_MAX: usize = 64;

impl Relay {
    /// Carries a room on the line to a party.
    ///
    /// # Errors
    ///
    /// [`crate::OurMediaError::RoomUnknown`] when the room is not open.
    pub fn attach(
        &mut self,
        _now: Instant,
        room: RoomId,
        party: PartyId,
    ) -> Result<(), MediaError> {
        let key = self.room_key(room)?;
        self.line_mut(party);
        self.early.remove(&(party, room));
        self.rooms[key]
            .lines
            .entry(party)
            .or_default()
            .forget_told();
        self.rooms[key].touch_lines();
        self.send_letter(party, &RoomControl::Sync { room });
        Ok(())
    }

    /// Stops carrying a room on the line to a party.
    pub fn detach(&mut self, now: Instant, room: RoomId, party: PartyId) {
        let Some(&key) = self.room_keys.get(&room) else {
            return;
        };
        let epoch = self.config.epoch;
        let Some(attachment) = self.rooms[key].lines.get_mut(&party) else {
            return;
        };
        let version = attachment.next_version(epoch);
        let nobody = Roster {
            room,
            version,
            participants: Vec::new(),
        };
        let nothing = Wants {
            room,
            version,
            wants: Vec::new(),
        };
        self.send_letter(party, &RoomControl::Roster(nobody));
        self.send_letter(party, &RoomControl::Wants(nothing));
        self.untap_all(key, party);
        self.forget_ways(now, key, party);
        self.line_mut(party).ended_something(now);
        self.rooms[key].lines.remove(&party);
        self.rooms[key].touch();
    }

    /// The line to a party is up, perhaps after the other node began anew: what the two relays hold
    /// of each other is told again.
    pub fn line_up(&mut self, now: Instant, party: PartyId) {
        self.line_mut(party).is_up = true;
        for key in self.rooms_on(party) {
            if let Some(attachment) = self.rooms[key].lines.get_mut(&party) {
                attachment.forget_told();
            }
            self.reselect_all(now, key);
            self.rooms[key].touch();
        }
    }

    /// The line to a party is down: whoever can be reached another way is.
    pub fn line_down(&mut self, now: Instant, party: PartyId) {
        self.line_mut(party).is_up = false;
        for key in self.rooms_on(party) {
            self.untap_all(key, party);
            self.reselect_all(now, key);
            self.rooms[key].touch();
        }
    }

    /// What the line to a party has room for besides sound and its protection, in bit/s.
    pub fn line_rate(&mut self, now: Instant, party: PartyId, bps: u64) {
        let line = self.line_mut(party);
        let before = line.rate_bps.replace(bps);
        // The tick sees to small changes; a line that has lost half its rate cannot wait.
        if before.is_some_and(|before| bps < before / 2) {
            self.allocate(now, party);
        }
    }

    /// Takes a room control letter that came over the line from a party.
    pub fn handle_letter(&mut self, now: Instant, from: PartyId, body: &[u8]) {
        let Ok(control) = RoomControl::read(body) else {
            return self.refuse(now, Some(from), Refusal::LetterMalformed);
        };
        let room = self.room_keys.get(&control.room()).copied();
        let carried = room.filter(|key| self.rooms[*key].lines.contains_key(&from));
        let Some(room) = carried else {
            return self.note_early(now, from, control.room());
        };
        match control {
            RoomControl::Roster(roster) => self.take_roster(now, room, from, roster),
            RoomControl::Wants(wants) => self.take_wants(now, room, from, &wants),
            RoomControl::Withheld(list) => self.take_withheld(now, room, from, &list),
            RoomControl::KeyFrame { layers, .. } => self.take_key_frame(now, room, from, &layers),
            RoomControl::Sync { .. } => {
                if let Some(attachment) = self.rooms[room].lines.get_mut(&from) {
                    attachment.forget_told();
                }
                self.rooms[room].stale_lines.insert(from);
            }
        }
    }

    /// Takes a media frame that came over the line from a party.
    #[expect(clippy::needless_pass_by_value, reason = "the packet ends here")]
    pub fn handle_media(&mut self, now: Instant, from: PartyId, payload: Bytes) {
        let Some(line) = self.lines.get_mut(&from) else {
            return self.refuse(now, Some(from), Refusal::RoomNotCarried);
        };
        if !line.cap.admit(payload.len(), now) {
            return self.refuse(now, Some(from), Refusal::RateExceeded);
        }
        let Ok(frame) = MediaFrame::read(&payload) else {
            return self.refuse(now, Some(from), Refusal::FrameMalformed);
        };
        let Some(&track) = line.aliases_in.get(&frame.alias) else {
            if line.aliases_aside.contains_key(&frame.alias) {
                return self.refuse(now, Some(from), Refusal::SetAside);
            }
            return self.refuse_unless_late(now, from, Refusal::AliasUnknown);
        };
        if self.tracks[track].source != Source::Far(from) || !self.is_wanted(track, frame.layer) {
            return self.refuse_unless_late(now, from, Refusal::Unwanted);
        }
        self.take_frame(now, from, track, &frame);
    }

    /// Refuses what uses a name or a wish that is not there, unless it was under way when that ended.
    pub(crate) fn refuse_unless_late(&mut self, now: Instant, from: PartyId, refusal: Refusal) {
        let is_late = |line: &Line| line.may_be_late(now);
        if self.lines.get(&from).is_some_and(is_late) {
            self.counters.late += 1;
        } else {
            self.refuse(now, Some(from), refusal);
        }
    }

    /// A letter about a room the line does not carry. Two nodes never attach a room in the same
    /// instant, and who attaches later asks for everything again: only a room that is not attached
    /// soon is news.
    fn note_early(&mut self, now: Instant, from: PartyId, room: RoomId) {
        let is_known = self.early.contains_key(&(from, room));
        if !is_known && self.early.len() >= EARLY_ROOMS_MAX {
            return self.refuse(now, Some(from), Refusal::RoomNotCarried);
        }
        let since = *self.early.entry((from, room)).or_insert(now);
        if now.saturating_duration_since(since) >= EARLY_FOR {
            self.refuse(now, Some(from), Refusal::RoomNotCarried);
        }
    }

    fn take_frame(&mut self, now: Instant, from: PartyId, track: usize, frame: &MediaFrame) {
        let layer = frame.layer;
        let Ok(facts) = payload::inspect(self.tracks[track].codec, &frame.payload) else {
            return self.refuse(now, Some(from), Refusal::PayloadMalformed);
        };
        let (id, room) = (self.tracks[track].id, self.tracks[track].room);
        self.counters
            .ways(id.index, layer)
            .from_lines
            .add(frame.payload.len());
        let state = &mut self.tracks[track].layers[usize::from(layer)];
        let Some(sequence) = state.seen.extend(frame.sequence) else {
            return;
        };
        let source_us = frame
            .capture_ms
            .and_then(|ms| i64::try_from(ms).ok()?.checked_mul(1_000));
        if let Some(source_us) = source_us {
            state.clock.observe(frame.timestamp, source_us);
        }
        let taken_us = state.clock.source_us(frame.timestamp);
        let arrival_us = self.clock.us(now);
        let person = self.rooms[room].far.get_mut(&id.participant);
        let taken = match (person, taken_us) {
            (Some(person), Some(us)) => self.clock.instant(person.clock.local_us(us, arrival_us)),
            (Some(_) | None, _) => now,
        };
        let packet = SourcePacket {
            numbers: Numbers {
                sequence,
                timestamp: frame.timestamp,
                picture_id: facts.vp8.and_then(|vp8| vp8.picture_id()),
                tl0_picture_index: facts.vp8.and_then(|vp8| vp8.tl0_pic_idx()),
            },
            taken,
            is_marked: frame.is_marked,
            starts_key_frame: facts.starts_key_frame,
            extensions: Extensions {
                audio_level: frame
                    .level
                    .and_then(|level| i8::try_from(level).ok())
                    .map(|level| -level),
                orientation: None,
            },
            payload: frame.payload.as_ref().into(),
        };
        let place = self.note_layer(now, track, layer, &packet, &facts);
        if let Some(level) = frame.level.filter(|_| id.index.is_audio()) {
            self.rooms[room].speakers.hear(track, level, now);
        }
        self.forward(now, track, layer, &packet, place);
    }

    fn take_wants(&mut self, now: Instant, room: usize, from: PartyId, wants: &Wants) {
        let Some(attachment) = self.rooms[room].lines.get_mut(&from) else {
            return;
        };
        if !attachment.wants_in.admit(wants.version) {
            return self.refuse(now, Some(from), Refusal::SnapshotStale);
        }
        attachment.wanted.clear();
        let mut unknown = 0;
        for want in &wants.wants {
            let track = self
                .lines
                .get(&from)
                .and_then(|line| line.aliases_out.get(&want.alias));
            match track.filter(|track| self.tracks[**track].room == room) {
                Some(&track) => *attachment.wanted.entry(track).or_default() |= want.layers,
                None => unknown += 1,
            }
        }
        for _ in 0..unknown {
            self.refuse_unless_late(now, from, Refusal::AliasUnknown);
        }
        self.rooms[room].touch_lines();
    }

    fn take_withheld(&mut self, now: Instant, room: usize, from: PartyId, list: &WithheldList) {
        let Some(attachment) = self.rooms[room].lines.get_mut(&from) else {
            return;
        };
        if !attachment.withheld_in.admit(list.version) {
            return self.refuse(now, Some(from), Refusal::SnapshotStale);
        }
        attachment.withheld = list
            .withheld
            .iter()
            .map(|held| (held.layer, held.reason))
            .collect();
        self.apply_withheld(now, room, from);
    }

    /// Marks the layers another relay keeps back, and lets everyone concerned choose again.
    pub(crate) fn apply_withheld(&mut self, now: Instant, room: usize, from: PartyId) {
        let Some(attachment) = self.rooms[room].lines.get(&from) else {
            return;
        };
        let held = attachment.withheld.clone();
        let tracks: Vec<usize> = self.rooms[room].tracks.values().copied().collect();
        for track in tracks {
            let state = &mut self.tracks[track];
            if state.source != Source::Far(from) {
                continue;
            }
            let alias = self.lines.get(&from).and_then(|line| {
                line.aliases_in
                    .iter()
                    .find(|(_, key)| **key == track)
                    .map(|(alias, _)| *alias)
            });
            let mut is_changed = false;
            for (layer, at) in state.layers.iter_mut().zip(0..) {
                let reason = held
                    .iter()
                    .find(|(held, _)| Some(held.alias) == alias && held.layer == at)
                    .map(|(_, reason)| *reason);
                is_changed |= std::mem::replace(&mut layer.withheld, reason) != reason;
            }
            if is_changed {
                self.evaluate_viewers_of(now, track);
                self.rooms[room].touch_lines();
            }
        }
    }

    fn take_key_frame(&mut self, now: Instant, room: usize, from: PartyId, layers: &[LayerRef]) {
        for layer in layers {
            let track = self
                .lines
                .get(&from)
                .and_then(|line| line.aliases_out.get(&layer.alias));
            let Some(&track) = track.filter(|track| self.tracks[**track].room == room) else {
                self.refuse_unless_late(now, from, Refusal::AliasUnknown);
                continue;
            };
            if !self.tracks[track].is_muted && !self.tracks[track].is_audio() {
                self.want_key_frame(now, track, layer.layer);
            }
        }
    }

    /// Asks the relay a track comes from for a key frame.
    pub(crate) fn ask_line(&mut self, party: PartyId, track: usize, layer: u8) {
        let room = self.rooms[self.tracks[track].room].id;
        let Some(line) = self.lines.get(&party) else {
            return;
        };
        let alias = line
            .aliases_in
            .iter()
            .find(|(_, key)| **key == track)
            .map(|(alias, _)| *alias);
        if let Some(alias) = alias.filter(|_| line.is_up) {
            self.counters.key_frames_asked_of_lines += 1;
            let layers = vec![LayerRef { alias, layer }];
            self.send_letter(party, &RoomControl::KeyFrame { room, layers });
        }
    }

    pub(crate) fn send_letter(&mut self, to: PartyId, control: &RoomControl) {
        self.outputs.push_back(RelayOutput::Letter {
            to,
            body: control.to_bytes(),
        });
    }

    pub(crate) fn rooms_on(&self, party: PartyId) -> Vec<usize> {
        let carries = |room: &crate::room::Room| room.lines.contains_key(&party);
        self.rooms
            .iter()
            .filter(|(_, room)| carries(room))
            .map(|(key, _)| key)
            .collect()
    }

    pub(crate) fn is_line_up(&self, party: PartyId) -> bool {
        self.lines.get(&party).is_some_and(|line| line.is_up)
    }

    fn is_wanted(&self, track: usize, layer: u8) -> bool {
        let state = &self.tracks[track].layers[usize::from(layer)];
        let is_base = layer == 0
            && self.tracks[track]
                .layers
                .iter()
                .any(|layer| !layer.viewers.is_empty() || !layer.lines.is_empty());
        is_base
            || !state.viewers.is_empty()
            || !state.lines.is_empty()
            || self.tracks[track].is_audio()
    }

    fn line_mut(&mut self, party: PartyId) -> &mut Line {
        let rate_max_bps = self.config.line_rate_max_bps;
        self.lines
            .entry(party)
            .or_insert_with(|| Line::new(rate_max_bps))
    }
}
