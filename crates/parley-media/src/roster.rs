//! People of other nodes: what neighbours say about them, and what we say to neighbours.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use parley_wire::{
    ids::{ParticipantId, PartyId, TrackId, TrackIndex},
    room::{Roster, RosterLayer, RosterParticipant, RosterTrack},
};

use crate::{
    capture::{PersonClock, StreamClock},
    event::Refusal,
    frames::{Frames, Seen},
    relay::Relay,
    room::{FarPerson, Way},
    routes,
    slot::clock_rate,
    track::{Source, Track},
};

/// Most people one neighbour may bring into a room. More lets a hostile one fill memory and every
/// page; less turns away an honest hub that connects many parties.
const PEOPLE_MAX: usize = 300;
/// How long people stay in the room when no line leads to them. More shows frozen pictures of
/// people who may be gone; less makes everyone leave and come back over a short cut.
const LOST_AT_MOST: Duration = Duration::from_secs(30);
/// Rates in rosters are rounded to steps, so that they are not told anew with every second.
const RATE_STEPS_KBPS: [u16; 12] = [
    0, 30, 60, 100, 150, 250, 400, 700, 1_200, 2_000, 3_500, 6_000,
];

impl Relay {
    pub(crate) fn take_roster(&mut self, now: Instant, room: usize, from: PartyId, roster: Roster) {
        let Some(attachment) = self.rooms[room].lines.get_mut(&from) else {
            return;
        };
        let began_anew = attachment.roster_in.is_from_another_start(roster.version);
        if !attachment.roster_in.admit(roster.version) {
            return self.refuse(now, Some(from), Refusal::SnapshotStale);
        }
        if began_anew {
            attachment.forget_told();
            // What the run before kept back it keeps back no more, and the new one has nothing to
            // take back.
            if attachment.withheld_in.is_from_another_start(roster.version) {
                attachment.withheld.clear();
            }
        }
        let credible = self.sift(now, room, from, roster.participants);
        self.replace_ways(room, from, credible);
        self.name_tracks(now, room, from);
        if began_anew {
            // Names and numbers of the run before mean nothing any more.
            let tracks = self.rooms[room].tracks.values().copied();
            let theirs = |track: &usize| self.tracks[*track].source == Source::Far(from);
            let tracks: Vec<usize> = tracks.filter(theirs).collect();
            for track in tracks {
                self.begin_anew(now, track);
            }
        }
        self.apply_withheld(now, room, from);
        self.rooms[room].touch();
    }

    /// Sets aside what cannot be true.
    fn sift(
        &mut self,
        now: Instant,
        room: usize,
        from: PartyId,
        people: Vec<RosterParticipant>,
    ) -> BTreeMap<ParticipantId, Way> {
        let mut credible = BTreeMap::new();
        let mut names = BTreeSet::new();
        let group = u16::from(self.rooms[room].id.as_bytes()[0] & 0x0f);
        for mut person in people {
            if let Some(refusal) = self.doubt(room, from, &person) {
                self.refuse(now, Some(from), refusal);
                continue;
            }
            if credible.len() >= PEOPLE_MAX || credible.contains_key(&person.participant) {
                self.refuse(now, Some(from), Refusal::RosterTooLarge);
                continue;
            }
            let told = person.tracks.len();
            person
                .tracks
                .retain(|track| track.alias >> 12 == group && names.insert(track.alias));
            for _ in person.tracks.len()..told {
                self.refuse(now, Some(from), Refusal::AliasFalse);
            }
            let RosterParticipant {
                participant,
                route,
                label,
                tracks,
            } = person;
            credible.insert(
                participant,
                Way {
                    route,
                    label,
                    tracks,
                    is_aside: false,
                },
            );
        }
        credible
    }

    fn doubt(&self, room: usize, from: PartyId, person: &RosterParticipant) -> Option<Refusal> {
        if !routes::is_credible(&person.route, from, self.config.party) {
            return Some(Refusal::RouteFalse);
        }
        if self.participant_keys.contains_key(&person.participant) {
            return Some(Refusal::ParticipantClaimed);
        }
        let known = self.rooms[room].far.get(&person.participant)?;
        // Who was set aside keeps nobody else from coming under their own name.
        let others = known.ways.iter().filter(|(party, _)| **party != from);
        let is_theirs_alone = others.clone().all(|(_, way)| way.is_aside);
        let is_same = known.origin == person.route[0];
        (!is_same && !is_theirs_alone).then_some(Refusal::ParticipantClaimed)
    }

    fn replace_ways(&mut self, room: usize, from: PartyId, credible: BTreeMap<ParticipantId, Way>) {
        let far = &mut self.rooms[room].far;
        for (participant, person) in far.iter_mut() {
            if !credible.contains_key(participant) {
                person.ways.remove(&from);
            }
        }
        for (participant, mut way) in credible {
            let origin = way.route[0];
            let person = far.entry(participant).or_insert_with(|| FarPerson {
                origin,
                ways: BTreeMap::new(),
                via: None,
                tracks: [None; TrackIndex::COUNT],
                clock: PersonClock::default(),
                lost_since: None,
            });
            person.origin = origin;
            let mut known = person.ways.values();
            way.is_aside = known.any(|known| known.is_aside && known.claims_as(&way));
            person.ways.insert(from, way);
        }
    }

    /// A neighbour no longer carries the room.
    pub(crate) fn forget_ways(&mut self, now: Instant, room: usize, from: PartyId) {
        self.replace_ways(room, from, BTreeMap::new());
        self.name_tracks(now, room, from);
    }

    /// Selects ways anew, and keeps the neighbour's names for tracks right.
    pub(crate) fn name_tracks(&mut self, now: Instant, room: usize, from: PartyId) {
        let before = self.names_in(room, from);
        if let Some(line) = self.lines.get_mut(&from) {
            line.aliases_in
                .retain(|alias, _| !before.contains_key(alias));
        }
        self.reselect_all(now, room);
        let mut names = Vec::new();
        let mut aside = Vec::new();
        let mut renamed = Vec::new();
        for (participant, person) in &self.rooms[room].far {
            let Some(way) = person.ways.get(&from) else {
                continue;
            };
            if way.is_aside {
                aside.extend(way.tracks.iter().map(|told| (told.alias, room)));
                continue;
            }
            for told in &way.tracks {
                let Some(track) = person.tracks[usize::from(told.index.0)] else {
                    continue;
                };
                names.push((told.alias, track));
                let id = TrackId {
                    participant: *participant,
                    index: told.index,
                };
                let was = before
                    .iter()
                    .find(|(_, (name, _))| *name == id)
                    .map(|(alias, _)| *alias);
                if person.via == Some(from) && was.is_some_and(|was| was != told.alias) {
                    renamed.push(track);
                }
            }
        }
        if let Some(line) = self.lines.get_mut(&from) {
            if before
                .keys()
                .any(|alias| !names.iter().any(|(name, _)| name == alias))
            {
                line.ended_something(now);
            }
            line.aliases_in.extend(names);
            line.aliases_aside.retain(|_, of| *of != room);
            line.aliases_aside.extend(aside);
        }
        for track in renamed {
            self.begin_anew(now, track);
        }
    }

    /// The names a neighbour had given to the tracks of a room.
    fn names_in(&self, room: usize, from: PartyId) -> BTreeMap<u16, (TrackId, usize)> {
        let line = self.lines.get(&from);
        let aliases = line.into_iter().flat_map(|line| &line.aliases_in);
        aliases
            .filter(|(_, track)| self.tracks[**track].room == room)
            .map(|(alias, track)| (*alias, (self.tracks[*track].id, *track)))
            .collect()
    }

    /// The track has another source under the same id: a person who joined again.
    fn begin_anew(&mut self, now: Instant, track: usize) {
        let codec = self.tracks[track].codec;
        for layer in &mut self.tracks[track].layers {
            layer.seen = Seen::default();
            layer.frames = Frames::default();
            layer.clock = StreamClock::new(clock_rate(codec));
            layer.cache.clear();
        }
        self.interrupt_viewers(now, track);
    }

    pub(crate) fn reselect_all(&mut self, now: Instant, room: usize) {
        let people: Vec<ParticipantId> = self.rooms[room].far.keys().copied().collect();
        for participant in people {
            self.reselect(now, room, participant);
        }
    }

    /// Takes the best way to a person, and makes their tracks what it says.
    fn reselect(&mut self, now: Instant, room: usize, participant: ParticipantId) {
        let Some(person) = self.rooms[room].far.get(&participant) else {
            return;
        };
        if person.ways.is_empty() {
            return self.remove_far(now, room, participant);
        }
        let via = routes::select(&person.ways, person.via, |party| self.is_line_up(party));
        let Some(person) = self.rooms[room].far.get_mut(&participant) else {
            return;
        };
        let former = std::mem::replace(&mut person.via, via);
        let Some(via) = via else {
            if person.is_aside() {
                person.lost_since = None;
                return self.drop_tracks(now, room, participant);
            }
            person.lost_since.get_or_insert(now);
            return;
        };
        person.lost_since = None;
        let told = person
            .ways
            .get(&via)
            .map_or_else(Vec::new, |way| way.tracks.clone());
        self.match_tracks(now, room, participant, via, &told);
        if former != Some(via) {
            self.apply_withheld(now, room, via);
            self.rooms[room].touch();
        }
    }

    fn match_tracks(
        &mut self,
        now: Instant,
        room: usize,
        participant: ParticipantId,
        via: PartyId,
        told: &[RosterTrack],
    ) {
        for at in 0..TrackIndex::COUNT {
            let Some(person) = self.rooms[room].far.get(&participant) else {
                return;
            };
            let held = person.tracks[at];
            let said = told.iter().find(|track| usize::from(track.index.0) == at);
            match (held, said) {
                (None, Some(said)) => {
                    let track = self.create_far(now, room, participant, via, said);
                    if let Some(person) = self.rooms[room].far.get_mut(&participant) {
                        person.tracks[at] = Some(track);
                    }
                    self.match_track(now, track, via, said);
                }
                (Some(track), Some(said)) => self.match_track(now, track, via, said),
                (Some(track), None) => {
                    if let Some(person) = self.rooms[room].far.get_mut(&participant) {
                        person.tracks[at] = None;
                    }
                    self.remove_track(now, track);
                }
                (None, None) => {}
            }
        }
    }

    fn create_far(
        &mut self,
        now: Instant,
        room: usize,
        participant: ParticipantId,
        via: PartyId,
        said: &RosterTrack,
    ) -> usize {
        let id = TrackId {
            participant,
            index: said.index,
        };
        let track = self
            .tracks
            .insert(Track::new(id, room, said.codec, Source::Far(via)));
        self.rooms[room].tracks.insert(id, track);
        if said.index.is_audio() {
            self.rooms[room].speakers.admit(track, now);
        }
        self.rooms[room].touch();
        track
    }

    /// Makes a track what the roster says about it.
    fn match_track(&mut self, now: Instant, track: usize, via: PartyId, said: &RosterTrack) {
        let state = &mut self.tracks[track];
        let is_elsewhere = state.source != Source::Far(via);
        let is_recoded = state.codec != said.codec;
        state.source = Source::Far(via);
        state.codec = said.codec;
        for (at, layer) in (0_u8..).zip(&mut state.layers) {
            let told = said.layers.iter().find(|told| told.layer == at);
            layer.is_declared =
                told.is_some() || (said.layers.is_empty() && !said.index.is_audio());
            layer.is_seen = told.is_some();
            if let Some(told) = told {
                layer.told_bps = u64::from(told.rate_kbps) * 1_000;
                if told.height_px > 0 {
                    layer.height_px = told.height_px;
                }
            }
            if is_elsewhere {
                layer.withheld = None;
            }
        }
        if is_recoded {
            self.begin_anew(now, track);
        }
        self.mute_track(now, track, said.is_muted);
        self.evaluate_viewers_of(now, track);
    }

    pub(crate) fn drop_tracks(&mut self, now: Instant, room: usize, participant: ParticipantId) {
        let Some(person) = self.rooms[room].far.get_mut(&participant) else {
            return;
        };
        for track in std::mem::take(&mut person.tracks).into_iter().flatten() {
            self.remove_track(now, track);
        }
    }

    fn remove_far(&mut self, now: Instant, room: usize, participant: ParticipantId) {
        if let Some(person) = self.rooms[room].far.remove(&participant) {
            for track in person.tracks.into_iter().flatten() {
                self.remove_track(now, track);
            }
            self.rooms[room].touch();
        }
    }

    /// Removes people to whom no line has led for too long.
    pub(crate) fn expire_far(&mut self, now: Instant, room: usize) {
        let is_lost = |person: &FarPerson| {
            person
                .lost_since
                .is_some_and(|since| now.saturating_duration_since(since) >= LOST_AT_MOST)
        };
        let far = self.rooms[room].far.iter();
        let lost: Vec<ParticipantId> = far
            .filter(|(_, person)| is_lost(person))
            .map(|(id, _)| *id)
            .collect();
        for participant in lost {
            self.remove_far(now, room, participant);
        }
    }

    /// Everyone we can lead a neighbour to.
    pub(crate) fn roster_for(
        &mut self,
        now: Instant,
        room: usize,
        party: PartyId,
    ) -> Vec<RosterParticipant> {
        let own = self.config.party;
        let mut people: Vec<(ParticipantId, Vec<PartyId>, bytes::Bytes, Vec<usize>)> = Vec::new();
        for (id, key) in &self.rooms[room].local {
            let person = &self.participants[*key];
            let tracks = person.tracks.iter().flatten().copied().collect();
            people.push((*id, vec![own], person.label.clone(), tracks));
        }
        for (id, person) in &self.rooms[room].far {
            let way = person
                .via
                .filter(|via| *via != party)
                .and_then(|via| person.ways.get(&via));
            let Some(way) = way else {
                continue;
            };
            if let Some(route) = routes::offer(&way.route, own, party) {
                let tracks = person.tracks.iter().flatten().copied().collect();
                people.push((*id, route, way.label.clone(), tracks));
            }
        }
        people
            .into_iter()
            .map(|(participant, route, label, tracks)| {
                let tracks = tracks.into_iter();
                let tracks = tracks
                    .filter_map(|track| self.roster_track(now, room, party, track))
                    .collect();
                RosterParticipant {
                    participant,
                    route,
                    label,
                    tracks,
                }
            })
            .collect()
    }

    fn roster_track(
        &mut self,
        now: Instant,
        room: usize,
        party: PartyId,
        track: usize,
    ) -> Option<RosterTrack> {
        let alias = self.name_for(room, party, track)?;
        let state = &self.tracks[track];
        let layers = (0_u8..)
            .zip(&state.layers)
            .filter(|(_, layer)| layer.is_seen);
        let layers = layers.map(|(layer, seen)| RosterLayer {
            layer,
            height_px: if state.is_audio() { 0 } else { seen.height_px },
            rate_kbps: rounded_kbps(seen.rate_bps(now, usize::from(layer))),
        });
        Some(RosterTrack {
            index: state.id.index,
            codec: state.codec,
            alias,
            is_muted: state.is_muted,
            layers: layers.collect(),
        })
    }

    fn name_for(&mut self, room: usize, party: PartyId, track: usize) -> Option<u16> {
        let id = self.tracks[track].id;
        let room = &mut self.rooms[room];
        let attachment = room.lines.get_mut(&party)?;
        if let Some((named, alias)) = attachment.names.get(&id)
            && *named == track
        {
            return Some(*alias);
        }
        let line = self.lines.get_mut(&party)?;
        let alias = line.name(room.id, track)?;
        if let Some((_, former)) = attachment.names.insert(id, (track, alias)) {
            line.aliases_out.remove(&former);
        }
        Some(alias)
    }

    /// Takes a track that is gone out of everything lines know.
    pub(crate) fn unname(&mut self, room: usize, track: usize) {
        for line in self.lines.values_mut() {
            line.aliases_in.retain(|_, key| *key != track);
            line.aliases_out.retain(|_, key| *key != track);
        }
        for attachment in self.rooms[room].lines.values_mut() {
            attachment.names.retain(|_, (key, _)| *key != track);
            attachment.wanted.remove(&track);
            attachment.granted.retain(|(key, _)| *key != track);
            attachment.held_off.retain(|(key, _), _| *key != track);
        }
    }
}

fn rounded_kbps(bps: u64) -> u16 {
    let kbps = bps / 1_000;
    let steps = RATE_STEPS_KBPS.into_iter();
    steps
        .rev()
        .find(|step| u64::from(*step) <= kbps)
        .unwrap_or(0)
}
