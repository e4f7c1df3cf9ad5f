//! What is looked at ten times a second rather than with every packet, and what is told then.

use std::time::{Duration, Instant};

use parley_wire::ids::{PartyId, TrackId};

use crate::{
    event::{AUDIO_SLOTS, RelayEvent, RosterEntry, RosterTrackEntry},
    layers::LAYERS,
    presence::PresenceEvent,
    relay::Relay,
    room::Room,
    track::{Source, Track},
};

/// How long a layer nobody watches is still asked for. More wastes a publisher's uplink; less makes
/// every change of layout wait for an encoder to begin.
const UNWANTED_AFTER: Duration = Duration::from_secs(5);

impl Relay {
    pub(crate) fn tick_lines(&mut self, now: Instant) {
        let parties: Vec<PartyId> = self.lines.keys().copied().collect();
        for party in parties {
            self.allocate(now, party);
        }
    }

    pub(crate) fn tick_room(&mut self, now: Instant, room: usize) {
        for key in self.people_of(room) {
            self.note_presence(now, key, PresenceEvent::Tick);
        }
        self.expire_far(now, room);
        self.rank(now, room);
        for key in self.people_of(room) {
            self.evaluate_viewer(now, key);
        }
        let tracks: Vec<usize> = self.rooms[room].tracks.values().copied().collect();
        for track in tracks {
            self.tick_key_frames(now, track);
            self.tell_wanted(now, track);
        }
        self.tell_speakers(now, room);
        for key in self.people_of(room) {
            self.tell_slots(now, key);
        }
    }

    fn tick_key_frames(&mut self, now: Instant, track: usize) {
        if self.tracks[track].is_audio() || self.tracks[track].is_muted {
            return;
        }
        for at in 0..LAYERS {
            let Ok(layer) = u8::try_from(at) else {
                return;
            };
            let is_needed =
                self.is_key_frame_needed(track, layer) || self.is_picture_broken(now, track, at);
            if self.tracks[track].layers[at].gate.tick(now, is_needed) {
                self.ask_source(track, layer);
            }
        }
    }

    /// Whether somebody here watches a layer whose decoders stand still for want of a packet.
    fn is_picture_broken(&mut self, now: Instant, track: usize, at: usize) -> bool {
        let layer = &mut self.tracks[track].layers[at];
        let is_broken = layer.holes.is_broken(now);
        is_broken && !layer.viewers.is_empty()
    }

    fn is_key_frame_needed(&mut self, track: usize, layer: u8) -> bool {
        let at = usize::from(layer);
        if self.tracks[track].has_waiting_line(at) {
            return true;
        }
        let Self {
            tracks,
            participants,
            ..
        } = self;
        tracks[track].layers[at].viewers.iter().any(|viewer| {
            let slot = participants
                .get_mut(viewer.participant)
                .filter(|person| person.egress.is_ready())
                .map(|person| person.slot_mut(viewer.place));
            slot.is_some_and(|slot| slot.switch.awaited() == Some(layer))
        })
    }

    /// Tells a page which of its layers anybody watches: at once when one more is, after a while
    /// when one less is.
    fn tell_wanted(&mut self, now: Instant, track: usize) {
        let Source::Local(_) = self.tracks[track].source else {
            return;
        };
        let wanted = self.needed_layers(track);
        let state = &mut self.tracks[track];
        let TrackId { participant, index } = state.id;
        if index.is_audio() {
            return;
        }
        let layers = match state.told_wanted {
            Some((told, _)) if wanted & !told != 0 => wanted | told,
            Some((told, _)) if wanted == told => {
                state.told_wanted = Some((told, now));
                return;
            }
            Some((_, since)) if now.saturating_duration_since(since) < UNWANTED_AFTER => return,
            Some(_) | None => wanted,
        };
        let is_new = state.told_wanted.is_none_or(|(told, _)| told != layers);
        state.told_wanted = Some((layers, now));
        if is_new {
            self.tell(RelayEvent::WantedLayers {
                participant,
                index,
                layers,
            });
        }
    }

    fn tell_speakers(&mut self, now: Instant, room: usize) {
        let state = &self.rooms[room];
        let speaking = state
            .ranking
            .iter()
            .filter(|voice| state.speakers.is_speaking(**voice, now));
        let tracks: Vec<TrackId> = speaking
            .take(AUDIO_SLOTS)
            .map(|voice| self.tracks[*voice].id)
            .collect();
        if tracks != state.told_speakers {
            let id = state.id;
            self.rooms[room].told_speakers.clone_from(&tracks);
            self.tell(RelayEvent::Speakers { room: id, tracks });
        }
    }

    /// Tells everyone what has changed since they were told; returns whether there was anything.
    pub(crate) fn tell_what_changed(&mut self, now: Instant) -> bool {
        let stale = |room: &Room| room.is_roster_stale || !room.stale_lines.is_empty();
        let rooms: Vec<usize> = self
            .rooms
            .iter()
            .filter(|(_, room)| stale(room))
            .map(|(key, _)| key)
            .collect();
        for room in &rooms {
            if std::mem::take(&mut self.rooms[*room].is_roster_stale) {
                self.resolve_room(now, *room);
                self.tell_roster(*room);
            }
            let parties = std::mem::take(&mut self.rooms[*room].stale_lines);
            for party in parties {
                self.tell_line(now, *room, party);
            }
        }
        !rooms.is_empty()
    }

    fn tell_roster(&mut self, room: usize) {
        let participants = self.roster_entries(room);
        let state = &mut self.rooms[room];
        if state.told_roster.as_ref() != Some(&participants) {
            state.told_roster = Some(participants.clone());
            let room = state.id;
            self.tell(RelayEvent::Roster { room, participants });
        }
    }

    fn roster_entries(&self, room: usize) -> Vec<RosterEntry> {
        let state = &self.rooms[room];
        let local = state.local.iter().map(|(id, key)| RosterEntry {
            participant: *id,
            origin: self.config.party,
            route: Vec::new(),
            label: self.participants[*key].label.clone(),
            tracks: self.track_entries(&self.participants[*key].tracks),
            is_local: true,
        });
        let far = state.far.iter().filter_map(|(id, person)| {
            let told = person.ways.iter().find(|(_, way)| !way.is_aside);
            let way = person.via.or_else(|| told.map(|(party, _)| *party))?;
            let way = person.ways.get(&way)?;
            Some(RosterEntry {
                participant: *id,
                origin: person.origin,
                route: way.route.clone(),
                label: way.label.clone(),
                tracks: self.track_entries(&person.tracks),
                is_local: false,
            })
        });
        let mut entries: Vec<RosterEntry> = local.chain(far).collect();
        entries.sort_by_key(|entry| entry.participant);
        entries
    }

    fn track_entries(&self, tracks: &[Option<usize>]) -> Vec<RosterTrackEntry> {
        let tracks = tracks.iter().flatten().map(|key| &self.tracks[*key]);
        tracks
            .map(|track: &Track| RosterTrackEntry {
                index: track.id.index,
                codec: track.codec,
                is_muted: track.is_muted,
                layers: seen_layers(track),
            })
            .collect()
    }
}

fn seen_layers(track: &Track) -> Vec<u8> {
    (0..)
        .zip(&track.layers)
        .filter(|(_, layer)| layer.is_seen)
        .map(|(at, _)| at)
        .collect()
}
