//! What goes out on a line: rosters, wants, and the layers that fit.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use parley_wire::{
    ids::PartyId,
    room::{
        LayerRef, Reason, RoomControl, Roster, RosterParticipant, Want, Wants, Withheld,
        WithheldList,
    },
};

use crate::{
    allocator::{Demand, HoldOff, Urgency, grant},
    event::AUDIO_SLOTS,
    layers::{LAYERS, ideal_layer},
    relay::Relay,
    track::{LineTap, Source},
};

/// What a line is taken to carry before it has been measured.
const RATE_ASSUMED_BPS: u64 = 2_000_000;
/// Why a demand is not carried, or that it may be.
enum Verdict {
    Demand(Demand),
    Withheld(Reason),
    /// Not among the loudest; that is no news to anybody.
    Silent,
}

impl Relay {
    /// Tells the relay at the other end what has changed in a room.
    pub(crate) fn tell_line(&mut self, now: Instant, room: usize, party: PartyId) {
        if !self.is_line_up(party) || !self.rooms[room].lines.contains_key(&party) {
            return;
        }
        self.tell_roster_to(now, room, party);
        self.tell_wants(now, room, party);
        self.allocate(now, party);
    }

    fn tell_roster_to(&mut self, now: Instant, room: usize, party: PartyId) {
        let participants = self.roster_for(now, room, party);
        let (id, epoch) = (self.rooms[room].id, self.config.epoch);
        let Some(attachment) = self.rooms[room].lines.get_mut(&party) else {
            return;
        };
        if attachment.told_roster.as_ref() == Some(&participants) {
            return;
        }
        let before = attachment.told_roster.replace(participants.clone());
        let version = attachment.next_version(epoch);
        if before.is_some_and(|before| has_lost_a_track(&before, &participants)) {
            self.line_ended_something(now, party);
        }
        self.send_letter(
            party,
            &RoomControl::Roster(Roster {
                room: id,
                version,
                participants,
            }),
        );
    }

    fn tell_wants(&mut self, now: Instant, room: usize, party: PartyId) {
        let wants = self.wants_of(room, party);
        let (id, epoch) = (self.rooms[room].id, self.config.epoch);
        let Some(attachment) = self.rooms[room].lines.get_mut(&party) else {
            return;
        };
        if attachment.told_wants.as_ref() == Some(&wants) {
            return;
        }
        let before = attachment.told_wants.replace(wants.clone());
        let version = attachment.next_version(epoch);
        if before.is_some_and(|before| before.iter().any(|want| !is_within(*want, &wants))) {
            self.line_ended_something(now, party);
        }
        self.send_letter(
            party,
            &RoomControl::Wants(Wants {
                room: id,
                version,
                wants,
            }),
        );
    }

    fn line_ended_something(&mut self, now: Instant, party: PartyId) {
        if let Some(line) = self.lines.get_mut(&party) {
            line.ended_something(now);
        }
    }

    /// The union of what our people and the relays behind us want of a neighbour.
    fn wants_of(&self, room: usize, party: PartyId) -> Vec<Want> {
        let Some(line) = self.lines.get(&party) else {
            return Vec::new();
        };
        let named = line.aliases_in.iter().filter(|(_, track)| {
            let state = &self.tracks[**track];
            state.room == room && state.source == Source::Far(party)
        });
        named
            .filter_map(|(alias, track)| {
                let mut layers = self.needed_layers(*track);
                if layers != 0 {
                    // The smallest picture comes along: it is what everyone falls back to.
                    layers |= 1;
                }
                (layers != 0).then_some(Want {
                    alias: *alias,
                    layers,
                })
            })
            .collect()
    }

    /// Which layers of a track anybody here, or on a line, has a use for.
    pub(crate) fn needed_layers(&self, track: usize) -> u8 {
        let state = &self.tracks[track];
        let room = &self.rooms[state.room];
        let mut needed = 0;
        for attachment in room.lines.values() {
            needed |= attachment.wanted.get(&track).copied().unwrap_or(0);
        }
        if state.is_audio() {
            let is_heard = room
                .local
                .values()
                .any(|key| !self.participants[*key].audio.is_empty());
            return needed | u8::from(is_heard);
        }
        for key in room.local.values() {
            for slot in self.participants[*key]
                .video
                .iter()
                .filter(|slot| slot.track == Some(track))
            {
                needed |= slot.switch.target().map_or(0, |layer| 1 << layer);
                let ask = slot.ask.map_or(0, |ask| ask.height_px);
                needed |= self
                    .missing_layer(track, ask, slot.choice.ideal)
                    .map_or(0, |layer| 1 << layer);
            }
        }
        needed
    }

    /// The layer that would be right and that the source does not give, so that it hears of it.
    fn missing_layer(&self, track: usize, height_px: u16, ideal: Option<u8>) -> Option<u8> {
        let state = &self.tracks[track];
        let Some(ideal) = ideal else {
            return ideal_layer(height_px, &state.declared());
        };
        let layer = &state.layers[usize::from(ideal)];
        (layer.withheld.is_some() || layer.last_packet.is_none()).then_some(ideal)
    }

    /// Decides anew what the line carries.
    pub(crate) fn allocate(&mut self, now: Instant, party: PartyId) {
        if !self.is_line_up(party) {
            return;
        }
        let line_bps = self
            .lines
            .get(&party)
            .and_then(|line| line.rate_bps)
            .unwrap_or(RATE_ASSUMED_BPS);
        let mut demands = Vec::new();
        let mut withheld: BTreeMap<usize, Vec<Withheld>> = BTreeMap::new();
        for room in self.rooms_on(party) {
            let (demanded, kept) = self.demands_of(now, room, party);
            demands.extend(demanded.into_iter().map(|demand| (room, demand)));
            withheld.insert(room, kept);
        }
        let asked: Vec<Demand> = demands.iter().map(|(_, demand)| *demand).collect();
        let granted = grant(line_bps, &asked);
        let mut taps: BTreeMap<usize, BTreeSet<(usize, u8)>> = BTreeMap::new();
        for ((room, demand), is_granted) in demands.into_iter().zip(granted) {
            if is_granted {
                taps.entry(room)
                    .or_default()
                    .insert((demand.track, demand.layer));
            } else if let Some(layer) = self.layer_ref(room, party, demand.track, demand.layer) {
                withheld.entry(room).or_default().push(Withheld {
                    layer,
                    reason: Reason::Rate,
                });
                self.note_denied(now, room, party, (demand.track, demand.layer));
            }
        }
        for (room, kept) in withheld {
            let taps = taps.remove(&room).unwrap_or_default();
            self.set_taps(now, room, party, &taps);
            self.tell_withheld(room, party, kept);
        }
    }

    fn demands_of(
        &self,
        now: Instant,
        room: usize,
        party: PartyId,
    ) -> (Vec<Demand>, Vec<Withheld>) {
        let (mut demands, mut withheld) = (Vec::new(), Vec::new());
        let Some(attachment) = self.rooms[room].lines.get(&party) else {
            return (demands, withheld);
        };
        for (track, layers) in &attachment.wanted {
            for layer in (0_u8..)
                .take(LAYERS)
                .filter(|layer| layers & (1 << layer) != 0)
            {
                match self.judge(now, room, party, *track, layer) {
                    Verdict::Demand(demand) => demands.push(demand),
                    Verdict::Withheld(reason) => {
                        let layer = self.layer_ref(room, party, *track, layer);
                        withheld.extend(layer.map(|layer| Withheld { layer, reason }));
                    }
                    Verdict::Silent => {}
                }
            }
        }
        (demands, withheld)
    }

    fn judge(&self, now: Instant, room: usize, party: PartyId, track: usize, layer: u8) -> Verdict {
        let state = &self.tracks[track];
        let at = usize::from(layer);
        // What came from there does not go back.
        if state.source == Source::Far(party) {
            return Verdict::Silent;
        }
        if let Some(reason) = state.withheld(at, now) {
            return Verdict::Withheld(reason);
        }
        if !state.layers[at].is_seen && !state.is_audio() {
            return Verdict::Withheld(Reason::Paused);
        }
        let rank = self.voice_rank(room, party, track);
        if state.is_audio() && rank >= AUDIO_SLOTS {
            return Verdict::Silent;
        }
        let attachment = self.rooms[room].lines.get(&party);
        let hold_off = attachment.and_then(|attachment| attachment.held_off.get(&(track, layer)));
        let is_flowing = attachment.is_some_and(|known| known.granted.contains(&(track, layer)));
        Verdict::Demand(Demand {
            track,
            layer,
            urgency: match (state.is_audio(), layer) {
                (true, _) => Urgency::Audio,
                (false, 0) => Urgency::Base,
                (false, _) => Urgency::Upper,
            },
            rank,
            rate_bps: if state.is_audio() {
                state.layers[at].rate.bps(now)
            } else {
                state.layers[at].rate_bps(now, at)
            },
            is_flowing,
            is_held_off: hold_off.is_some_and(|hold_off| hold_off.lasts(now)),
        })
    }

    /// How loud the person of a track is among those the neighbour gets through us, 0 loudest.
    fn voice_rank(&self, room: usize, party: PartyId, track: usize) -> usize {
        let person = self.tracks[track].id.participant;
        let ranking = &self.rooms[room].ranking;
        let ours = ranking
            .iter()
            .filter(|voice| self.tracks[**voice].source != Source::Far(party));
        ours.clone()
            .position(|voice| self.tracks[*voice].id.participant == person)
            .unwrap_or(ranking.len())
    }

    fn layer_ref(&self, room: usize, party: PartyId, track: usize, layer: u8) -> Option<LayerRef> {
        let attachment = self.rooms[room].lines.get(&party)?;
        let (named, alias) = attachment.names.get(&self.tracks[track].id)?;
        (*named == track).then_some(LayerRef {
            alias: *alias,
            layer,
        })
    }

    fn note_denied(&mut self, now: Instant, room: usize, party: PartyId, layer: (usize, u8)) {
        if let Some(attachment) = self.rooms[room].lines.get_mut(&party) {
            // Only a layer that was flowing would flicker.
            if attachment.granted.contains(&layer) {
                attachment
                    .held_off
                    .entry(layer)
                    .and_modify(|hold_off| hold_off.again(now))
                    .or_insert_with(|| HoldOff::new(now, layer.1));
            }
        }
    }

    /// Begins and ends layers on a line.
    fn set_taps(
        &mut self,
        now: Instant,
        room: usize,
        party: PartyId,
        taps: &BTreeSet<(usize, u8)>,
    ) {
        let Some(attachment) = self.rooms[room].lines.get_mut(&party) else {
            return;
        };
        let before = std::mem::replace(&mut attachment.granted, taps.clone());
        let ended: Vec<(usize, u8)> = before.difference(taps).copied().collect();
        let begun: Vec<(usize, u8)> = taps.difference(&before).copied().collect();
        for (track, layer) in ended {
            self.untap(party, track, layer);
        }
        for (track, layer) in begun {
            self.tap(now, room, party, track, layer);
        }
    }

    fn tap(&mut self, now: Instant, room: usize, party: PartyId, track: usize, layer: u8) {
        let Some(LayerRef { alias, .. }) = self.layer_ref(room, party, track, layer) else {
            return;
        };
        let is_waiting = !self.tracks[track].is_audio();
        let lines = &mut self.tracks[track].layers[usize::from(layer)].lines;
        lines.push(LineTap {
            to: party,
            alias,
            is_waiting,
            told_capture: None,
        });
        if is_waiting {
            self.want_key_frame(now, track, layer);
        }
        if matches!(self.tracks[track].source, Source::Far(_)) {
            self.rooms[room].touch_lines();
        }
    }

    fn untap(&mut self, party: PartyId, track: usize, layer: u8) {
        if let Some(track) = self.tracks.get_mut(track) {
            track.layers[usize::from(layer)]
                .lines
                .retain(|tap| tap.to != party);
        }
    }

    /// Ends everything on a line, in one room.
    pub(crate) fn untap_all(&mut self, room: usize, party: PartyId) {
        let Some(attachment) = self.rooms[room].lines.get_mut(&party) else {
            return;
        };
        for (track, layer) in std::mem::take(&mut attachment.granted) {
            self.untap(party, track, layer);
        }
    }

    fn tell_withheld(&mut self, room: usize, party: PartyId, mut withheld: Vec<Withheld>) {
        withheld.sort_by_key(|held| held.layer);
        let (id, epoch) = (self.rooms[room].id, self.config.epoch);
        let Some(attachment) = self.rooms[room].lines.get_mut(&party) else {
            return;
        };
        let is_news = match &attachment.told_withheld {
            None => !withheld.is_empty(),
            Some(told) => *told != withheld,
        };
        if is_news {
            attachment.told_withheld = Some(withheld.clone());
            let version = attachment.next_version(epoch);
            self.send_letter(
                party,
                &RoomControl::Withheld(WithheldList {
                    room: id,
                    version,
                    withheld,
                }),
            );
        }
    }
}

/// Whether a roster no longer has a name for a track that the one before had.
fn has_lost_a_track(before: &[RosterParticipant], now: &[RosterParticipant]) -> bool {
    let aliases = |roster: &[RosterParticipant]| -> BTreeSet<u16> {
        let tracks = roster.iter().flat_map(|person| &person.tracks);
        tracks.map(|track| track.alias).collect()
    };
    !aliases(before).is_subset(&aliases(now))
}

/// Whether all that was wanted of a track is wanted still.
fn is_within(before: Want, wants: &[Want]) -> bool {
    wants
        .iter()
        .any(|want| want.alias == before.alias && want.layers & before.layers == before.layers)
}
