//! Who sees and hears what: slots, layers and voices of the people of this node.

use std::time::{Duration, Instant};

use parley_wire::{
    ids::TrackId,
    room::{Codec, Reason},
};

use crate::{
    cache::SourcePacket,
    egress::Pool,
    event::{AUDIO_SLOTS, LayerShortfall, RelayEvent, VideoSlotState},
    layers::{LAYERS, SlotAsk, SlotChoice, choose},
    participant::{Participant, SlotPlace},
    relay::Relay,
    seats::seat,
    slot::clock_rate,
    switch::Switch,
    track::{Source, Track, Viewer},
};

/// Kept for sound and control on the way to a viewer before pictures share the rest.
const AUDIO_RESERVE_BPS: u64 = 120_000;
/// Longest time a kept past may take on the way to a viewer. More keeps them waiting longer than a
/// new key frame would; less shows black where a picture was at hand.
const REPLAY_WITHIN: Duration = Duration::from_millis(400);
/// A layer nothing came from for longer is not shown from what is kept: a picture on the screen says
/// that this is how things are.
const FRESH: Duration = Duration::from_secs(3);
/// Distance between the frames of a replayed past, so that it takes no time to watch.
const REPLAY_STEP: Duration = Duration::from_millis(1);
/// How much more than what is right for the page the engine should try to find room for.
const DESIRE_PERCENT: u64 = 130;

impl Relay {
    /// Finds the tracks a person's slots ask for, after people or asks have changed.
    pub(crate) fn resolve_slots(&mut self, now: Instant, key: usize) {
        let Some(participant) = self.participants.get(key) else {
            return;
        };
        let room = participant.room;
        let own = participant.id;
        for at in 0..participant.video.len() {
            let slot = &self.participants[key].video[at];
            let asked = slot.ask.filter(|ask| ask.track.participant != own);
            let track = asked.and_then(|ask| self.rooms[room].tracks.get(&ask.track).copied());
            if track != slot.track {
                let place = video_place(at);
                self.set_switch(now, key, place, |switch| switch.aim(None));
                self.participants[key].video[at].track = track;
            }
        }
    }

    /// Finds the tracks of everyone's slots in a room and seats the voices.
    pub(crate) fn resolve_room(&mut self, now: Instant, room: usize) {
        for key in self.people_of(room) {
            self.resolve_slots(now, key);
            self.evaluate_viewer(now, key);
            self.seat_voices(now, key);
        }
    }

    pub(crate) fn people_of(&self, room: usize) -> Vec<usize> {
        self.rooms[room].local.values().copied().collect()
    }

    /// Chooses the layer of each of a person's slots.
    pub(crate) fn evaluate_viewer(&mut self, now: Instant, key: usize) {
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        participant.quality.estimate_bps = participant.egress.estimate_bps();
        let participant = &self.participants[key];
        let (order, asks) = self.slot_asks(now, participant);
        let budget = participant
            .quality
            .estimate_bps
            .saturating_sub(AUDIO_RESERVE_BPS);
        let choices = choose(budget, &asks);
        let desired: u64 = asks
            .iter()
            .zip(&choices)
            .map(|(ask, choice)| ideal_rate(ask, *choice))
            .sum();
        self.participants[key]
            .egress
            .desire((desired + AUDIO_RESERVE_BPS) * DESIRE_PERCENT / 100);
        for (at, choice) in order.into_iter().zip(choices) {
            self.participants[key].video[at].choice = choice;
            self.set_switch(now, key, video_place(at), |switch| switch.aim(choice.layer));
        }
    }

    /// What a person's slots ask for, the largest picture first.
    fn slot_asks(&self, now: Instant, participant: &Participant) -> (Vec<usize>, Vec<SlotAsk>) {
        let slots = participant.video.iter().enumerate();
        let mut asks: Vec<(usize, SlotAsk)> = slots
            .filter_map(|(at, slot)| {
                let track = &self.tracks[slot.track?];
                participant.payload_type(track.codec)?;
                let ask = SlotAsk {
                    height_px: slot.ask?.height_px,
                    offers: track.offers(now),
                    current: slot.switch.target(),
                };
                Some((at, ask))
            })
            .collect();
        asks.sort_by_key(|(at, ask)| (u16::MAX - ask.height_px, *at));
        asks.into_iter().unzip()
    }

    /// Chooses again for everyone who watches a track.
    pub(crate) fn evaluate_viewers_of(&mut self, now: Instant, track: usize) {
        let room = self.tracks[track].room;
        for key in self.people_of(room) {
            let watches = |participant: &Participant| {
                participant
                    .video
                    .iter()
                    .any(|slot| slot.track == Some(track))
            };
            if self.participants.get(key).is_some_and(watches) {
                self.evaluate_viewer(now, key);
            }
        }
    }

    /// Puts the loudest voices but their own into a person's places.
    pub(crate) fn seat_voices(&mut self, now: Instant, key: usize) {
        let Some(participant) = self.participants.get(key) else {
            return;
        };
        let room = &self.rooms[participant.room];
        let is_heard = |track: &usize| {
            let voice = &self.tracks[*track];
            voice.id.participant != participant.id && !voice.is_muted
        };
        let voices: Vec<usize> = room.ranking.iter().copied().filter(is_heard).collect();
        let places = participant.audio.len();
        let current: Vec<Option<usize>> = participant.audio.iter().map(|slot| slot.track).collect();
        let beside = |voice: usize| {
            let person = self.tracks[voice].id.participant;
            let shows = |ask: &crate::slot::Ask| ask.track.participant == person;
            participant
                .video
                .iter()
                .take(places)
                .position(|slot| slot.ask.as_ref().is_some_and(shows))
        };
        let chosen = &voices[..voices.len().min(places)];
        let seats = seat(&current, chosen, beside);
        for (at, (voice, held)) in seats.into_iter().zip(current).enumerate() {
            if voice != held {
                let place = SlotPlace::Audio(u8::try_from(at).unwrap_or(0));
                self.set_switch(now, key, place, |switch| switch.aim(None));
                self.participants[key].audio[at].track = voice;
                self.set_switch(now, key, place, |switch| switch.aim(voice.map(|_| 0)));
            }
        }
    }

    /// Takes a person out of every list of viewers.
    pub(crate) fn empty_slots(&mut self, key: usize) {
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        for slot in participant.video.iter_mut().chain(&mut participant.audio) {
            slot.switch = Switch::Empty;
            if let Some(track) = slot
                .track
                .take()
                .and_then(|track| self.tracks.get_mut(track))
            {
                for layer in &mut track.layers {
                    layer.viewers.retain(|viewer| viewer.participant != key);
                }
            }
        }
    }

    /// Changes what a slot shows and wants, keeps the lists of viewers right, and sees to it that
    /// what is needed comes.
    pub(crate) fn set_switch(
        &mut self,
        now: Instant,
        key: usize,
        place: SlotPlace,
        change: impl FnOnce(&mut Switch) -> Option<u8>,
    ) {
        let slot = self.participants[key].slot_mut(place);
        let before = slot.switch;
        let needs = change(&mut slot.switch);
        let after = slot.switch;
        let Some(track) = slot.track else {
            slot.switch = Switch::Empty;
            return;
        };
        let viewer = Viewer {
            participant: key,
            place,
        };
        relist(&mut self.tracks[track], viewer, before, after);
        if before.target() != after.target() {
            let room = self.tracks[track].room;
            self.rooms[room].touch_lines();
        }
        let Some(layer) = needs else {
            return;
        };
        if matches!(place, SlotPlace::Video(_)) {
            self.fulfil(now, key, place, layer);
        }
    }

    /// Sees to it that a picture slot gets the layer it waits for.
    fn fulfil(&mut self, now: Instant, key: usize, place: SlotPlace, layer: u8) {
        let slot = self.participants[key].slot_mut(place);
        let is_dark = slot.switch.live().is_none();
        let Some(track) = slot.track else {
            return;
        };
        let viewer = Viewer {
            participant: key,
            place,
        };
        let shown = (0..=layer)
            .rev()
            .filter(|_| is_dark)
            .find(|at| self.replay(now, key, place, track, *at));
        if shown == Some(layer) {
            return;
        }
        if let Some(on) = shown {
            // A small picture at once, and the right one as soon as it can begin.
            let switch = Switch::Switching { on, to: layer };
            let live =
                std::mem::replace(&mut self.participants[key].slot_mut(place).switch, switch);
            relist(&mut self.tracks[track], viewer, live, switch);
        }
        self.want_key_frame(now, track, layer);
    }

    /// A browser can be sent something, at first or again: every slot that waits gets what is kept
    /// or asks for it.
    pub(crate) fn begin_slots(&mut self, now: Instant, key: usize) {
        let Some(participant) = self.participants.get(key) else {
            return;
        };
        if !participant.egress.is_ready() {
            return;
        }
        for at in 0..participant.video.len() {
            if let Some(layer) = self.participants[key].video[at].switch.awaited() {
                self.fulfil(now, key, video_place(at), layer);
            }
        }
    }

    /// A browser does not answer any more: its pictures begin anew when it does.
    pub(crate) fn halt_slots(&mut self, now: Instant, key: usize) {
        let pictures = self
            .participants
            .get(key)
            .map_or(0, |participant| participant.video.len());
        for at in 0..pictures {
            self.set_switch(now, key, video_place(at), |switch| {
                switch.interrupt();
                None
            });
        }
    }

    /// Shows a viewer who has nothing yet what is kept of the layer; returns whether there was
    /// something worth showing.
    fn replay(
        &mut self,
        now: Instant,
        key: usize,
        place: SlotPlace,
        track: usize,
        layer: u8,
    ) -> bool {
        let Self {
            participants,
            tracks,
            pool,
            ..
        } = self;
        let track = &mut tracks[track];
        let participant = &mut participants[key];
        let last_packet = track.layers[usize::from(layer)].last_packet;
        let is_fresh = last_packet.is_some_and(|at| now.saturating_duration_since(at) < FRESH);
        if track.is_muted || !is_fresh || !participant.egress.is_ready() {
            return false;
        }
        let millis = u64::try_from(REPLAY_WITHIN.as_millis()).unwrap_or(0);
        let bytes_max = participant.quality.estimate_bps / 8 * millis / 1_000;
        let state = &track.layers[usize::from(layer)];
        let Some(packets) = state
            .cache
            .replay(usize::try_from(bytes_max).unwrap_or(usize::MAX))
        else {
            return false;
        };
        let past = (track.codec, packets);
        if participant.write_past(now, place, past, pool).is_err() {
            self.faulted.push(key);
            return true;
        }
        let viewer = Viewer {
            participant: key,
            place,
        };
        let slot = participant.slot_mut(place);
        let before = slot.switch;
        slot.switch = Switch::Live { on: layer };
        let after = slot.switch;
        relist(track, viewer, before, after);
        let index = track.id.index;
        for packet in packets_of(track, layer) {
            self.counters.ways(index, layer).to_viewers.add(packet);
        }
        self.counters.replays += 1;
        self.queue_egress(key);
        true
    }

    /// A viewer's browser has lost the picture.
    pub(crate) fn want_key_frame_for(&mut self, now: Instant, key: usize, place: SlotPlace) {
        let slot = self.participants[key].slot_mut(place);
        if let (Some(track), Some(layer), SlotPlace::Video(_)) =
            (slot.track, slot.switch.live(), place)
        {
            self.want_key_frame(now, track, layer);
        }
    }

    /// Asks for a key frame, unless that has been done just now.
    pub(crate) fn want_key_frame(&mut self, now: Instant, track: usize, layer: u8) {
        if self.tracks[track].layers[usize::from(layer)].gate.want(now) {
            self.ask_source(track, layer);
        }
    }

    /// Asks wherever the track comes from for a key frame.
    pub(crate) fn ask_source(&mut self, track: usize, layer: u8) {
        let Track { source, id, .. } = self.tracks[track];
        match source {
            Source::Local(key) => self.ask_publisher(key, id.index, layer),
            Source::Far(party) => self.ask_line(party, track, layer),
        }
    }

    /// The source of a track began anew: every slot that shows it waits for a key frame.
    pub(crate) fn interrupt_viewers(&mut self, now: Instant, track: usize) {
        let mut viewers: Vec<Viewer> = self.tracks[track]
            .layers
            .iter()
            .flat_map(|layer| layer.viewers.clone())
            .collect();
        viewers.dedup();
        for viewer in viewers {
            self.set_switch(now, viewer.participant, viewer.place, Switch::interrupt);
        }
        for layer in &mut self.tracks[track].layers {
            layer.holes.clear();
            for tap in &mut layer.lines {
                tap.is_waiting = true;
            }
        }
    }

    pub(crate) fn mute_track(&mut self, now: Instant, track: usize, is_muted: bool) {
        let state = &mut self.tracks[track];
        if state.is_muted == is_muted {
            return;
        }
        state.is_muted = is_muted;
        for layer in &mut state.layers {
            layer.cache.clear();
        }
        let (room, is_audio) = (state.room, state.is_audio());
        if is_audio {
            if is_muted {
                self.rooms[room].speakers.dismiss(track);
            } else {
                self.rooms[room].speakers.admit(track, now);
            }
            self.rank(now, room);
        } else {
            self.interrupt_viewers(now, track);
            self.evaluate_viewers_of(now, track);
        }
        self.rooms[room].touch();
    }

    /// Takes a track out of its room and out of everyone's slots.
    pub(crate) fn remove_track(&mut self, now: Instant, track: usize) {
        let (room, id) = (self.tracks[track].room, self.tracks[track].id);
        self.rooms[room].tracks.remove(&id);
        self.rooms[room].speakers.dismiss(track);
        self.rooms[room].ranking.retain(|voice| *voice != track);
        for key in self.people_of(room) {
            self.forget_track(key, track);
        }
        self.unname(room, track);
        self.tracks.remove(track);
        self.rooms[room].touch();
        self.rank(now, room);
    }

    fn forget_track(&mut self, key: usize, track: usize) {
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        for slot in participant.video.iter_mut().chain(&mut participant.audio) {
            if slot.track == Some(track) {
                slot.track = None;
                slot.switch = Switch::Empty;
                slot.choice = SlotChoice::default();
            }
        }
    }

    /// Orders a room's voices, and seats them anew where that changes who is heard.
    pub(crate) fn rank(&mut self, now: Instant, room: usize) {
        // One more than there are places: a listener who is among the loudest hears the next.
        let ranking = self.rooms[room].speakers.rank(now, AUDIO_SLOTS + 1);
        self.rooms[room].ranking = ranking;
        for key in self.people_of(room) {
            self.seat_voices(now, key);
        }
    }

    /// Tells a person's page what its slots show, where that has changed.
    pub(crate) fn tell_slots(&mut self, now: Instant, key: usize) {
        let participant = &self.participants[key];
        let (id, video) = (participant.id, self.video_states(now, participant));
        let mut audio: [Option<TrackId>; AUDIO_SLOTS] = [None; AUDIO_SLOTS];
        for (told, slot) in audio.iter_mut().zip(&participant.audio) {
            *told = slot.track.map(|track| self.tracks[track].id);
        }
        let told = &mut self.participants[key].told;
        let is_video_new = told.video.as_ref() != Some(&video);
        let is_audio_new = told.audio != Some(audio);
        told.audio = Some(audio);
        if is_video_new {
            told.video = Some(video.clone());
            self.tell(RelayEvent::VideoSlots {
                participant: id,
                slots: video,
            });
        }
        if is_audio_new {
            self.tell(RelayEvent::AudioSlots {
                participant: id,
                slots: audio,
            });
        }
    }

    fn video_states(&self, now: Instant, participant: &Participant) -> Vec<VideoSlotState> {
        let slots = (0_u8..).zip(&participant.video);
        slots
            .filter_map(|(at, slot)| {
                let track = slot.ask?.track;
                let withheld = slot.track.and_then(|key| {
                    let any_seen = self.tracks[key].layers.iter().any(|layer| layer.is_seen);
                    let unseen = (!any_seen).then_some(LayerShortfall::Source(Reason::Paused));
                    let muted = self.tracks[key]
                        .withheld(0, now)
                        .filter(|reason| *reason == Reason::Muted)
                        .map(LayerShortfall::Source);
                    muted.or(slot.choice.withheld).or(unseen)
                });
                Some(VideoSlotState {
                    slot: at,
                    track,
                    layer: slot.switch.live(),
                    withheld,
                })
            })
            .collect()
    }
}

impl Participant {
    /// Writes a kept past into a slot, pressed into a moment that ends now.
    fn write_past(
        &mut self,
        now: Instant,
        place: SlotPlace,
        (codec, packets): (Codec, &[SourcePacket]),
        pool: &mut Pool,
    ) -> Result<(), crate::participant::Fault> {
        let (Some(pt), Some(first), Some(last)) =
            (self.payload_type(codec), packets.first(), packets.last())
        else {
            return Ok(());
        };
        let rate = clock_rate(codec);
        let frames = 1 + packets
            .windows(2)
            .filter(|pair| pair[0].numbers.timestamp != pair[1].numbers.timestamp)
            .count();
        let span = REPLAY_STEP * u32::try_from(frames).unwrap_or(u32::MAX);
        let mut taken = last.taken.checked_sub(span).unwrap_or(last.taken);
        let mut timestamp = first.numbers.timestamp;
        self.slot_mut(place).begin(&first.numbers, taken, rate);
        for packet in packets {
            if packet.numbers.timestamp != timestamp {
                timestamp = packet.numbers.timestamp;
                taken += REPLAY_STEP;
                self.slot_mut(place)
                    .retime_after_last(timestamp, rate / 1_000);
            }
            if let Some(write) = self.slot_mut(place).write(packet, *pt, taken) {
                self.send(now, place, write, pool)?;
            }
        }
        Ok(())
    }
}

fn video_place(at: usize) -> SlotPlace {
    SlotPlace::Video(u8::try_from(at).unwrap_or(0))
}

fn ideal_rate(ask: &SlotAsk, choice: SlotChoice) -> u64 {
    choice
        .ideal
        .map_or(0, |layer| ask.offers[usize::from(layer)].rate_bps)
}

fn packets_of(track: &Track, layer: u8) -> Vec<usize> {
    let packets = track.layers[usize::from(layer)]
        .cache
        .replay(usize::MAX)
        .unwrap_or(&[]);
    packets.iter().map(|packet| packet.payload.len()).collect()
}

/// Moves a viewer between the lists of the layers it listens to.
pub(crate) fn relist(track: &mut Track, viewer: Viewer, before: Switch, after: Switch) {
    for at in 0..LAYERS {
        let layer = u8::try_from(at).unwrap_or(0);
        let (was, is) = (before.listens_to(layer), after.listens_to(layer));
        let viewers = &mut track.layers[at].viewers;
        if was && !is {
            viewers.retain(|held| *held != viewer);
        } else if is && !was {
            viewers.push(viewer);
        }
    }
}
