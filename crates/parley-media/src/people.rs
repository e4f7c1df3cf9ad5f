//! People of this node: how they come and go, and what their browsers say.

use std::{
    net::SocketAddr,
    time::{Instant, SystemTime},
};

use parley_srtp::packet::Kind;
use parley_wire::{
    ids::{TrackId, TrackIndex},
    room::Codec,
};
use str0m::{
    Event, IceConnectionState,
    net::{Protocol, Transmit},
    rtp::RtpPacket,
};

use crate::{
    cache::{Extensions, SourcePacket},
    demux::{PacketKind, is_stun_success, nominates},
    egress::Path,
    event::{LeaveReason, Refusal, RelayEvent},
    frames::FramePlace,
    holes::Neighbour,
    participant::{Arrival, Drained, Malformed},
    payload,
    presence::{PresenceAction, PresenceEvent},
    relay::{Joined, Relay, Timer},
    rewrite::Numbers,
    track::{Source, Track},
};

impl Relay {
    pub(crate) fn admit_participant(&mut self, now: Instant, arrival: Arrival) -> Joined {
        let Arrival {
            participant,
            answer,
            stun_name,
        } = arrival;
        let joined = Joined {
            answer,
            video_mids: participant.places.video.clone(),
            audio_mids: participant.places.audio.clone(),
        };
        let (id, room) = (participant.id, participant.room);
        let key = self.participants.insert(participant);
        self.participant_keys.insert(id, key);
        self.demux.admit(key, stun_name);
        self.rooms[room].local.insert(id, key);
        for index in (0..TrackIndex::COUNT)
            .filter_map(|at| u8::try_from(at).ok())
            .map(TrackIndex)
        {
            self.publish(now, key, index);
        }
        self.rooms[room].touch();
        self.resolve_room(now, room);
        self.mark_dirty(key);
        joined
    }

    fn publish(&mut self, now: Instant, key: usize, index: TrackIndex) {
        let participant = &self.participants[key];
        let at = usize::from(index.0);
        if !participant.places.sends[at] {
            return;
        }
        let id = TrackId {
            participant: participant.id,
            index,
        };
        let codec = if index.is_audio() {
            Codec::Opus
        } else {
            Codec::Vp8
        };
        let mut track = Track::new(id, participant.room, codec, Source::Local(key));
        let declared = if participant.places.is_simulcast[at] {
            track.layers.len()
        } else {
            1
        };
        for layer in &mut track.layers[..declared] {
            layer.is_declared = true;
        }
        let room = participant.room;
        let track = self.tracks.insert(track);
        self.participants[key].tracks[at] = Some(track);
        self.rooms[room].tracks.insert(id, track);
        if index.is_audio() {
            self.rooms[room].speakers.admit(track, now);
        }
    }

    /// Takes a person out of their room; `reason` is told unless their place is taken at once.
    pub(crate) fn remove_participant(
        &mut self,
        now: Instant,
        key: usize,
        reason: Option<LeaveReason>,
    ) {
        self.empty_slots(key);
        let participant = self.participants.remove(key);
        self.participant_keys.remove(&participant.id);
        self.demux.dismiss(key);
        self.timers.remove(Timer::Participant(key));
        self.timers.remove(Timer::Egress(key));
        self.dirty.retain(|queued| *queued != key);
        self.sending.retain(|queued| *queued != key);
        self.faulted.retain(|faulted| *faulted != key);
        let room = participant.room;
        self.rooms[room].local.remove(&participant.id);
        for track in participant.tracks.into_iter().flatten() {
            self.remove_track(now, track);
        }
        self.rooms[room].touch();
        if reason == Some(LeaveReason::Fault) {
            self.counters.faults += 1;
            let cause = participant.fault.unwrap_or_default();
            self.tell(RelayEvent::Fault {
                participant: participant.id,
                cause,
            });
        }
        if let Some(reason) = reason {
            self.tell(RelayEvent::Left {
                participant: participant.id,
                reason,
            });
        }
    }

    /// Removes everyone whose engine broke.
    pub(crate) fn remove_faulted(&mut self, now: Instant) {
        while let Some(key) = self.faulted.pop() {
            self.note_presence(now, key, PresenceEvent::Fault);
        }
    }

    pub(crate) fn take_packet(
        &mut self,
        now: Instant,
        (protocol, source, destination): (Protocol, SocketAddr, SocketAddr),
        packet: &[u8],
    ) {
        let ours = if protocol == Protocol::Udp {
            &self.config.udp
        } else {
            &self.config.tcp
        };
        if !ours.contains(&destination) {
            return self.refuse(now, None, Refusal::PacketMisrouted);
        }
        let Some(kind) = PacketKind::of(packet) else {
            return self.refuse(now, None, Refusal::PacketMalformed);
        };
        let named = if kind == PacketKind::Stun {
            self.demux.by_name(packet)
        } else {
            None
        };
        let Some(key) = named.or_else(|| self.demux.by_address(protocol, source)) else {
            return self.refuse(now, None, Refusal::PacketUnknown);
        };
        if Kind::of(packet) == Kind::Rtcp && !self.hear(now, key, packet) {
            return;
        }
        let addresses = (protocol, source, destination);
        match self.participants[key].receive(now, addresses, packet) {
            Ok(Ok(())) => {}
            Ok(Err(Malformed)) => self.refuse(now, None, Refusal::PacketMalformed),
            Err(_) => return self.faulted.push(key),
        }
        let mut drained = Drained::default();
        match self.participants[key].drain(&mut drained) {
            Ok(next) => {
                let next = self.participants[key].next_call(now, next);
                self.timers.set(Timer::Participant(key), next.max(now));
            }
            Err(_) => return self.faulted.push(key),
        }
        let is_answer =
            |out: &Transmit| out.destination == source && is_stun_success(&out.contents);
        if named.is_some() && drained.transmits.iter().any(is_answer) {
            self.demux.bind(key, protocol, source);
            // A browser chooses the one way it means to use, because we are ICE-lite.
            if nominates(packet) {
                self.participants[key].egress.set_path(Path {
                    protocol,
                    source: destination,
                    destination: source,
                });
            }
        }
        self.take_drained(now, key, drained);
    }

    /// Takes a report of a browser's; returns whether it concerns the engine, too.
    fn hear(&mut self, now: Instant, key: usize, packet: &[u8]) -> bool {
        let Ok(heard) = self.participants[key].hear(now, packet) else {
            self.faulted.push(key);
            return false;
        };
        if !heard.is_genuine && !heard.is_for_engine {
            self.refuse(now, None, Refusal::PacketMalformed);
            return false;
        }
        for stream in heard.pictures {
            let place = self.participants[key].slot_of_stream(stream);
            self.want_key_frame_for(now, key, place);
        }
        self.run_egress(now, key);
        heard.is_for_engine
    }

    /// Lets a person's engine run.
    pub(crate) fn drive_participant(&mut self, now: Instant, key: usize) {
        let mut drained = Drained::default();
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        match participant.drive(now, &mut drained) {
            Ok(next) => {
                let next = participant.next_call(now, next);
                self.timers.set(Timer::Participant(key), next);
            }
            Err(_) => self.faulted.push(key),
        }
        self.take_drained(now, key, drained);
    }

    fn take_drained(&mut self, now: Instant, key: usize, mut drained: Drained) {
        self.push_packets(key, &mut drained);
        for event in drained.events {
            self.take_event(now, key, event);
        }
        if self
            .participants
            .get(key)
            .is_some_and(|participant| !participant.is_alive())
        {
            self.note_presence(now, key, PresenceEvent::Closed);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest concerns frames, data channels and statistics the relay does not use"
    )]
    fn take_event(&mut self, now: Instant, key: usize, event: Event) {
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        match event {
            Event::RtpPacket(packet) => self.take_rtp(now, key, packet),
            Event::Connected => {
                participant.egress.unlock();
                self.note_presence(now, key, PresenceEvent::Established);
                self.begin_slots(now, key);
            }
            Event::Closed => self.note_presence(now, key, PresenceEvent::Closed),
            Event::IceConnectionStateChange(state) => match state {
                IceConnectionState::Disconnected => {
                    participant.egress.set_consent(false);
                    self.note_presence(now, key, PresenceEvent::Lost);
                    self.halt_slots(now, key);
                }
                IceConnectionState::Connected | IceConnectionState::Completed => {
                    participant.egress.set_consent(true);
                    self.note_presence(now, key, PresenceEvent::Back);
                    self.begin_slots(now, key);
                }
                IceConnectionState::New | IceConnectionState::Checking => {}
            },
            Event::PeerStats(stats) => participant.note_stats(&stats),
            _ => {}
        }
    }

    pub(crate) fn note_presence(&mut self, now: Instant, key: usize, event: PresenceEvent) {
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        match participant.presence.apply(event, now) {
            PresenceAction::Nothing => {}
            PresenceAction::AnnounceConnected => {
                let participant = participant.id;
                self.tell(RelayEvent::Connected { participant });
            }
            PresenceAction::Remove(reason) => self.remove_participant(now, key, Some(reason)),
        }
    }

    fn take_rtp(&mut self, now: Instant, key: usize, rtp: RtpPacket) {
        let participant = &mut self.participants[key];
        participant.last_media = Some(now);
        if !participant.cap.admit(rtp.payload.len(), now) {
            return self.refuse(now, None, Refusal::RateExceeded);
        }
        let Ok(stream) = participant.stream(rtp.header.ssrc) else {
            return self.faulted.push(key);
        };
        let codec = participant.codec(rtp.header.payload_type);
        let Some((((index, layer), codec), track)) =
            stream.zip(codec).and_then(|(stream, codec)| {
                Some((
                    (stream, codec),
                    participant.tracks[usize::from(stream.0.0)]?,
                ))
            })
        else {
            return self.refuse(now, None, Refusal::PayloadMalformed);
        };
        // Padding alone, which only measures the way here.
        if rtp.payload.is_empty() {
            return;
        }
        let Ok(facts) = payload::inspect(codec, &rtp.payload) else {
            return self.refuse(now, None, Refusal::PayloadMalformed);
        };
        if codec != self.tracks[track].codec {
            if index.is_audio() || codec == Codec::Opus {
                return self.refuse(now, None, Refusal::PayloadMalformed);
            }
            self.change_codec(now, track, codec);
        }
        self.counters
            .ways(index, layer)
            .from_publishers
            .add(rtp.payload.len());
        let level = rtp.header.ext_vals.audio_level.map(i8::unsigned_abs);
        let source = Self::source_packet(now, rtp, &facts);
        let (source, place) = self.note_source(now, track, layer, source, &facts);
        if self.tracks[track].is_muted {
            return;
        }
        if let Some(level) = level.filter(|_| index.is_audio()) {
            let room = self.tracks[track].room;
            self.rooms[room].speakers.hear(track, level, now);
        }
        self.forward(now, track, layer, &source, place);
    }

    fn source_packet(
        now: Instant,
        rtp: RtpPacket,
        facts: &payload::PayloadFacts,
    ) -> (SourcePacket, Option<(u32, i64)>) {
        let report = rtp.last_sender_info.and_then(|report| {
            let since = report
                .ntp_time
                .duration_since(SystemTime::UNIX_EPOCH)
                .ok()?;
            let timestamp = u32::try_from(report.rtp_time.numer() & u64::from(u32::MAX)).ok()?;
            Some((timestamp, i64::try_from(since.as_micros()).ok()?))
        });
        let packet = SourcePacket {
            numbers: Numbers {
                sequence: *rtp.seq_no,
                timestamp: rtp.header.timestamp,
                picture_id: facts.vp8.and_then(|vp8| vp8.picture_id()),
                tl0_picture_index: facts.vp8.and_then(|vp8| vp8.tl0_pic_idx()),
            },
            taken: now,
            is_marked: rtp.header.marker,
            starts_key_frame: facts.starts_key_frame,
            extensions: Extensions {
                audio_level: rtp.header.ext_vals.audio_level,
                orientation: rtp.header.ext_vals.video_orientation,
            },
            payload: rtp.payload,
        };
        (packet, report)
    }

    /// Notes what a packet says about its layer, and when it was taken.
    fn note_source(
        &mut self,
        now: Instant,
        track: usize,
        layer: u8,
        (mut packet, report): (SourcePacket, Option<(u32, i64)>),
        facts: &payload::PayloadFacts,
    ) -> (SourcePacket, FramePlace) {
        let Track { layers, source, .. } = &mut self.tracks[track];
        let state = &mut layers[usize::from(layer)];
        if let Some((timestamp, source_us)) = report {
            state.clock.observe(timestamp, source_us);
        }
        let arrival_us = self.clock.us(now);
        if let (Source::Local(key), Some(source_us)) =
            (*source, state.clock.source_us(packet.numbers.timestamp))
        {
            let clock = &mut self.participants[key].clock;
            packet.taken = self.clock.instant(clock.local_us(source_us, arrival_us));
        }
        let place = self.note_layer(now, track, layer, &packet, facts);
        (packet, place)
    }

    /// Notes what flows in a layer, wherever it comes from.
    pub(crate) fn note_layer(
        &mut self,
        now: Instant,
        track: usize,
        layer: u8,
        packet: &SourcePacket,
        facts: &payload::PayloadFacts,
    ) -> FramePlace {
        let room = self.tracks[track].room;
        let is_audio = self.tracks[track].is_audio();
        let state = &mut self.tracks[track].layers[usize::from(layer)];
        state.rate.add(
            packet.payload.len() + crate::rate::PACKET_OVERHEAD_BYTES,
            now,
        );
        state.last_packet = Some(now);
        let mut is_new = !std::mem::replace(&mut state.is_seen, true);
        if let Some(height_px) = facts.height_px.filter(|height| *height > 0) {
            is_new |= std::mem::replace(&mut state.height_px, height_px) != height_px;
        }
        if facts.starts_key_frame && !is_audio {
            state.gate.arrived();
        }
        let numbers = &packet.numbers;
        let place = state.frames.place(
            numbers.sequence,
            numbers.timestamp,
            packet.is_marked,
            facts.starts_frame,
            facts.starts_key_frame,
        );
        if !is_audio {
            state.cache.push(packet);
            let neighbour = Neighbour {
                timestamp: numbers.timestamp,
                is_start: facts.starts_frame,
                is_end: packet.is_marked,
                temporal: facts.temporal,
            };
            let is_key = facts.starts_key_frame;
            state.holes.note(now, numbers.sequence, neighbour, is_key);
        }
        if is_new {
            self.rooms[room].touch();
            self.evaluate_viewers_of(now, track);
        }
        place
    }

    fn change_codec(&mut self, now: Instant, track: usize, codec: Codec) {
        let room = self.tracks[track].room;
        self.tracks[track].codec = codec;
        for layer in &mut self.tracks[track].layers {
            layer.cache.clear();
        }
        self.interrupt_viewers(now, track);
        self.rooms[room].touch();
    }

    pub(crate) fn ask_publisher(&mut self, key: usize, index: TrackIndex, layer: u8) {
        let Some(participant) = self.participants.get_mut(key) else {
            return;
        };
        self.counters.key_frames_asked_of_publishers += 1;
        match participant.request_key_frame(index, layer) {
            Ok(()) => self.mark_dirty(key),
            Err(_) => self.faulted.push(key),
        }
    }
}
