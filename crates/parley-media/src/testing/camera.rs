//! A camera that makes VP8 of the right shape: simulcast, key frames on request, picture numbers.

use std::time::{Duration, Instant};

use str0m::rtp::{RtpPacket, Vp8Descriptor};

use super::{Received, Stamp};

const HEIGHTS: [u16; 3] = [180, 360, 720];
const PACKET_BYTES: usize = 1_100;

/// What one layer of a scripted camera makes.
#[derive(Clone, Debug)]
struct Encoder {
    is_on: bool,
    rate_bps: u64,
    sequence: u64,
    timestamp: u32,
    picture_id: u16,
    tl0: u8,
    frame: u32,
}

/// A scripted camera.
#[derive(Clone, Debug)]
pub struct Camera {
    encoders: Vec<Encoder>,
    frame_every: Duration,
    next: Option<Instant>,
    begun: Option<Instant>,
    wants_key_frame: bool,
    /// How many key frames it has made.
    pub key_frames: u32,
}

/// One packet a scripted camera made.
pub(super) struct Filmed {
    pub(super) layer: u8,
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
    pub(super) is_marked: bool,
    pub(super) payload: Vec<u8>,
}

impl Camera {
    /// Three layers at 25 frames a second: 150, 500 and 1,500 kbit/s.
    #[must_use]
    pub fn simulcast() -> Self {
        Self::with_rates(&[150_000, 500_000, 1_500_000])
    }

    /// Layers of these rates, lowest first, at 25 frames a second.
    ///
    /// # Panics
    ///
    /// When there are more than three.
    #[must_use]
    pub fn with_rates(rates_bps: &[u64]) -> Self {
        let encoder = |(at, rate_bps): (u32, &u64)| Encoder {
            is_on: true,
            rate_bps: *rate_bps,
            // Every layer counts from somewhere else, as in a browser.
            sequence: 1_000 + u64::from(at) * 7_000,
            timestamp: at.wrapping_mul(0x5555_1234).wrapping_add(99),
            picture_id: u16::try_from(at * 9_000 + 32_700).expect("small") & 0x7fff,
            tl0: u8::try_from((at * 60 + 250) & 0xff).expect("masked"),
            frame: 0,
        };
        Self {
            encoders: (0..).zip(rates_bps).map(encoder).collect(),
            frame_every: Duration::from_millis(40),
            next: None,
            begun: None,
            wants_key_frame: true,
            key_frames: 0,
        }
    }

    /// Whether it makes more than one layer.
    #[must_use]
    pub fn is_simulcast(&self) -> bool {
        self.encoders.len() > 1
    }

    /// Stops or resumes a layer, as a browser does when it has no room for it.
    pub fn set_layer(&mut self, layer: usize, is_on: bool) {
        self.wants_key_frame |= is_on && !self.encoders[layer].is_on;
        self.encoders[layer].is_on = is_on;
    }

    /// Makes the next frame one that can be decoded alone, on every layer as Chrome does.
    pub fn request_key_frame(&mut self) {
        self.wants_key_frame = true;
    }

    /// When the next frame is due.
    #[must_use]
    pub const fn next(&self) -> Option<Instant> {
        self.next
    }

    pub(super) fn film(&mut self, now: Instant, number: u8, at_us: u64) -> Vec<Filmed> {
        let due = *self.next.get_or_insert(now);
        if now < due {
            return Vec::new();
        }
        let elapsed = now.saturating_duration_since(*self.begun.get_or_insert(now));
        self.next = Some(due + self.frame_every);
        let is_key = std::mem::take(&mut self.wants_key_frame);
        self.key_frames += u32::from(is_key);
        let every = self.frame_every;
        let mut packets = Vec::new();
        for (layer, encoder) in (0_u8..).zip(&mut self.encoders) {
            if encoder.is_on {
                encoder.encode(layer, elapsed, every, is_key, (number, at_us), &mut packets);
            }
        }
        packets
    }
}

impl Encoder {
    fn encode(
        &mut self,
        layer: u8,
        elapsed: Duration,
        every: Duration,
        is_key: bool,
        (number, at_us): (u8, u64),
        packets: &mut Vec<Filmed>,
    ) {
        let ticks =
            u32::try_from((elapsed.as_micros() * 9 / 100) & u128::from(u32::MAX)).expect("masked");
        let timestamp = self.timestamp.wrapping_add(ticks);
        let mut bytes = usize::try_from(self.rate_bps).expect("small") / 8
            * usize::try_from(every.as_millis()).expect("small")
            / 1_000;
        if is_key {
            bytes *= 4;
        }
        self.picture_id = (self.picture_id + 1) & 0x7fff;
        self.tl0 = self.tl0.wrapping_add(1);
        self.frame += 1;
        let count = bytes.div_ceil(PACKET_BYTES).max(1);
        for at in 0..count {
            let size = PACKET_BYTES.min(bytes - at * PACKET_BYTES);
            let stamp = Stamp {
                number,
                layer,
                frame: self.frame,
                at_us,
            };
            packets.push(Filmed {
                layer,
                sequence: self.sequence,
                timestamp,
                is_marked: at + 1 == count,
                payload: self.payload(layer, at == 0, is_key, stamp, size),
            });
            self.sequence += 1;
        }
    }

    fn payload(
        &self,
        layer: u8,
        is_first: bool,
        is_key: bool,
        stamp: Stamp,
        size: usize,
    ) -> Vec<u8> {
        let [high, low] = (self.picture_id | 0x8000).to_be_bytes();
        let mut payload = vec![
            if is_first { 0x90 } else { 0x80 },
            0xe0,
            high,
            low,
            self.tl0,
            0,
        ];
        if is_first {
            let height = HEIGHTS[usize::from(layer)];
            let [height_low, height_high] = height.to_le_bytes();
            let [width_low, width_high] = (height / 9 * 16).to_le_bytes();
            let tag = if is_key { 0x10 } else { 0x11 };
            payload.extend([tag, 0, 0]);
            if is_key {
                payload.extend([
                    0x9d,
                    0x01,
                    0x2a,
                    width_low,
                    width_high,
                    height_low,
                    height_high,
                ]);
            }
        }
        payload.extend(stamp.to_bytes());
        payload.resize(size.max(payload.len()), 0x55);
        payload
    }
}

pub(super) fn read_packet(now: Instant, packet: &RtpPacket, is_video: bool) -> Received {
    let vp8 = Vp8Descriptor::parse(&packet.payload)
        .ok()
        .filter(|_| is_video);
    let reported_us = packet.last_sender_info.and_then(|report| {
        let since = report
            .ntp_time
            .duration_since(std::time::SystemTime::UNIX_EPOCH)
            .ok()?;
        let rate = if is_video { 90_000 } else { 48_000 };
        let told = u32::try_from(report.rtp_time.numer() & u64::from(u32::MAX)).ok()?;
        let ticks = i64::from(packet.header.timestamp.wrapping_sub(told).cast_signed());
        Some(i64::try_from(since.as_micros()).ok()? + ticks * 1_000_000 / rate)
    });
    Received {
        at: now,
        sequence: *packet.seq_no,
        timestamp: packet.header.timestamp,
        is_marked: packet.header.marker,
        picture_id: vp8.and_then(|vp8| vp8.picture_id()),
        tl0_picture_index: vp8.and_then(|vp8| vp8.tl0_pic_idx()),
        starts_key_frame: vp8.is_some_and(|vp8| vp8.starts_keyframe(&packet.payload)),
        stamp: Stamp::find(&packet.payload),
        reported_us,
    }
}
