//! One packet in, as many out as there are viewers and lines: the hot path.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use parley_wire::room::{MEDIA_FRAME_OVERHEAD_MAX, MediaFrame};

use crate::{
    cache::SourcePacket,
    event::{LineMedia, MediaLane, RelayOutput},
    frames::FramePlace,
    relay::Relay,
    slot::clock_rate,
    switch::{Admission, Switch},
    track::{LineTap, Source, Viewer},
    viewers::relist,
};

/// How often another relay is told when something was taken. More follows a drifting clock less
/// closely; less costs eight bytes a packet.
const TELL_CAPTURE_EVERY: Duration = Duration::from_secs(1);

impl Relay {
    /// Gives a packet to everyone who is to have it.
    pub(crate) fn forward(
        &mut self,
        now: Instant,
        track: usize,
        layer: u8,
        packet: &SourcePacket,
        place: FramePlace,
    ) {
        self.forward_to_lines(now, track, layer, packet, place);
        let viewers = self.tracks[track].layers[usize::from(layer)].viewers.len();
        let mut at = 0;
        // A slot that goes over to this layer leaves the list of another; none leaves this one.
        while at < viewers {
            let viewer = self.tracks[track].layers[usize::from(layer)].viewers[at];
            self.forward_to_viewer(now, track, layer, viewer, packet, place);
            at += 1;
        }
        while let Some(viewer) = self.crowded.pop() {
            self.hold_back(now, viewer);
        }
    }

    fn forward_to_viewer(
        &mut self,
        now: Instant,
        track: usize,
        layer: u8,
        viewer: Viewer,
        packet: &SourcePacket,
        place: FramePlace,
    ) {
        let Self {
            participants,
            tracks,
            pool,
            crowded,
            ..
        } = self;
        let track = &mut tracks[track];
        let Some(participant) = participants.get_mut(viewer.participant) else {
            return;
        };
        let Some(pt) = participant
            .payload_type(track.codec)
            .filter(|_| participant.egress.is_ready())
        else {
            return;
        };
        if !track.is_audio() && !participant.egress.admits(now, place.is_start, layer == 0) {
            crowded.push(viewer);
            return;
        }
        let slot = participant.slot_mut(viewer.place);
        let before = slot.switch;
        match slot.switch.admit(layer, packet.starts_key_frame) {
            Admission::Drop => return,
            Admission::Forward => {}
            Admission::Begin => {
                slot.begin(&packet.numbers, packet.taken, clock_rate(track.codec));
                relist(track, viewer, before, Switch::Live { on: layer });
            }
        }
        let Some(write) = slot.write(packet, *pt, packet.taken) else {
            return;
        };
        match participant.send(now, viewer.place, write, pool) {
            Ok(()) => {
                self.counters
                    .ways(track.id.index, layer)
                    .to_viewers
                    .add(packet.payload.len());
                self.queue_egress(viewer.participant);
            }
            Err(_) => self.faulted.push(viewer.participant),
        }
    }

    /// Too much waits for a viewer already: the slot waits for a key frame of a layer that fits.
    fn hold_back(&mut self, now: Instant, viewer: Viewer) {
        let Viewer { participant, place } = viewer;
        let held = self.participants.get_mut(participant);
        if held.is_none_or(|held| held.slot_mut(place).switch.live().is_none()) {
            return;
        }
        self.counters.held_back += 1;
        self.set_switch(now, participant, place, |switch| {
            switch.interrupt();
            None
        });
        self.evaluate_viewer(now, participant);
    }

    fn forward_to_lines(
        &mut self,
        now: Instant,
        track: usize,
        layer: u8,
        packet: &SourcePacket,
        place: FramePlace,
    ) {
        let Self {
            tracks,
            outputs,
            counters,
            clock,
            ..
        } = self;
        let track = &mut tracks[track];
        let index = track.id.index;
        let is_far = matches!(track.source, Source::Far(_));
        let state = &mut track.layers[usize::from(layer)];
        for outlet in &mut state.lines {
            if outlet.is_waiting && !packet.starts_key_frame {
                continue;
            }
            outlet.is_waiting = false;
            let known = outlet.told_capture;
            let taken_us = match known.map(|told| now.saturating_duration_since(told)) {
                Some(age) if age < TELL_CAPTURE_EVERY => None,
                // Another relay's time stays what it is; our own people's is ours.
                Some(_) | None if is_far => state.clock.source_us(packet.numbers.timestamp),
                Some(_) | None => Some(clock.us(packet.taken)),
            };
            let capture_ms = taken_us.and_then(|us| u64::try_from(us / 1_000).ok());
            if capture_ms.is_some() {
                outlet.told_capture = Some(now);
            }
            outputs.push_back(RelayOutput::Media(line_media(
                outlet,
                index.is_audio(),
                layer,
                packet,
                place,
                capture_ms,
            )));
            counters
                .ways(index, layer)
                .to_lines
                .add(packet.payload.len());
        }
    }
}

fn line_media(
    outlet: &LineTap,
    is_audio: bool,
    layer: u8,
    packet: &SourcePacket,
    place: FramePlace,
    capture_ms: Option<u64>,
) -> LineMedia {
    let frame = MediaFrame {
        alias: outlet.alias,
        layer,
        // The lower half; the other side extends it again.
        sequence: u32::try_from(packet.numbers.sequence & u64::from(u32::MAX)).unwrap_or(0),
        timestamp: packet.numbers.timestamp,
        frame: place.frame,
        is_marked: packet.is_marked,
        is_key_frame: place.is_key_frame,
        is_frame_start: place.is_start,
        is_frame_end: place.is_end || is_audio,
        level: packet.extensions.audio_level.map(i8::unsigned_abs),
        capture_ms,
        payload: Bytes::new(),
    };
    let mut bytes = BytesMut::with_capacity(MEDIA_FRAME_OVERHEAD_MAX + packet.payload.len());
    frame.write_header(&mut bytes);
    bytes.extend_from_slice(&packet.payload);
    LineMedia {
        to: outlet.to,
        lane: match (is_audio, layer) {
            (true, _) => MediaLane::Audio,
            (false, 0) => MediaLane::Base,
            (false, _) => MediaLane::Upper,
        },
        flow: u32::from(outlet.alias) << 8 | u32::from(layer),
        frame: place.frame,
        is_first: place.is_start,
        is_last: frame.is_frame_end,
        payload: bytes.freeze(),
    }
}
