//! The packets that a synthetic participant sends, when they are due.

use std::time::Instant;

use rand::{SeedableRng, rngs::StdRng};

use super::config::{CameraConfig, LayerConfig, MicrophoneConfig};
use crate::{
    schedule::{FrameSizes, Rhythm},
    stamp::Stamp,
    vp8::{FramePart, Vp8Payloads, opus_payload},
};

/// Ticks of RTP time in a second of VP8 (RFC 7741 §6.1).
const VIDEO_CLOCK: u64 = 90_000;
/// Ticks of RTP time in one Opus packet of 20 ms at 48 kHz (RFC 7587 §4.1).
const AUDIO_TICKS: u64 = 960;
const AUDIO_PACKETS_PER_SECOND: u64 = 50;

/// One RTP packet to be written.
#[derive(Debug)]
pub(crate) struct Packet {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) is_last: bool,
    pub(crate) payload: Vec<u8>,
}

/// One layer of the camera.
#[derive(Debug)]
pub(crate) struct LayerPublisher {
    pub(crate) rid: String,
    rhythm: Rhythm,
    frames_per_second: u64,
    sizes: FrameSizes,
    key_frame_every: u64,
    frames_since_key: u64,
    key_is_wanted: bool,
    payloads: Vp8Payloads,
    publisher: u64,
    sequence: u64,
}

impl LayerPublisher {
    pub(crate) fn new(
        layer: &LayerConfig,
        camera: &CameraConfig,
        seed: u64,
        start: Instant,
    ) -> Self {
        let frames_per_second = layer.frames_per_second.max(1);
        let seconds = camera.key_frame_every.as_secs().max(1);
        let key_frame_every = seconds * frames_per_second;
        Self {
            rid: layer.rid.clone(),
            rhythm: Rhythm::new(start, frames_per_second),
            frames_per_second,
            sizes: FrameSizes::new(layer.rate_bps, frames_per_second, key_frame_every),
            key_frame_every,
            frames_since_key: 0,
            key_is_wanted: true,
            payloads: Vp8Payloads::new(layer.width, layer.height, seed),
            publisher: seed,
            sequence: 0,
        }
    }

    pub(crate) const fn want_key_frame(&mut self) {
        self.key_is_wanted = true;
    }

    pub(crate) fn restart(&mut self, now: Instant) {
        self.rhythm = Rhythm::new(now, self.frames_per_second);
    }

    pub(crate) fn due(&self) -> Instant {
        self.rhythm.due()
    }

    /// Returns the packets of the next frame if it is due.
    pub(crate) fn frame(&mut self, now: Instant, now_us: u64) -> Option<Vec<Packet>> {
        let picture = self.rhythm.tick(now)?;
        let is_key = self.key_is_wanted || self.frames_since_key >= self.key_frame_every;
        self.key_is_wanted = false;
        self.frames_since_key = if is_key { 1 } else { self.frames_since_key + 1 };
        let timestamp = low_32(picture * VIDEO_CLOCK / self.frames_per_second);
        let lengths: Vec<usize> = self.sizes.packets(is_key).collect();
        let last = lengths.len() - 1;
        let packets = lengths.into_iter().enumerate().map(|(at, bytes)| {
            let part = FramePart {
                picture,
                is_key,
                is_first: at == 0,
            };
            let stamp = Stamp {
                publisher: self.publisher,
                index: self.sequence,
                sent_at_us: now_us,
            };
            self.sequence += 1;
            Packet {
                sequence: self.sequence,
                timestamp,
                is_last: at == last,
                payload: self.payloads.payload(part, bytes, stamp),
            }
        });
        Some(packets.collect())
    }
}

/// The microphone.
#[derive(Debug)]
pub(crate) struct SoundPublisher {
    rhythm: Rhythm,
    bytes: usize,
    noise: StdRng,
    publisher: u64,
    pub(crate) level_dbov: i8,
}

impl SoundPublisher {
    pub(crate) fn new(microphone: MicrophoneConfig, seed: u64, start: Instant) -> Self {
        let bytes = microphone.rate_bps / 8 / AUDIO_PACKETS_PER_SECOND;
        Self {
            rhythm: Rhythm::new(start, AUDIO_PACKETS_PER_SECOND),
            bytes: usize::try_from(bytes).unwrap_or(usize::MAX).min(1_000),
            noise: StdRng::seed_from_u64(seed),
            publisher: seed,
            level_dbov: microphone.level_dbov,
        }
    }

    pub(crate) fn restart(&mut self, now: Instant) {
        self.rhythm = Rhythm::new(now, AUDIO_PACKETS_PER_SECOND);
    }

    pub(crate) fn due(&self) -> Instant {
        self.rhythm.due()
    }

    /// Returns the next packet if it is due.
    pub(crate) fn packet(&mut self, now: Instant, now_us: u64) -> Option<Packet> {
        let index = self.rhythm.tick(now)?;
        let stamp = Stamp {
            publisher: self.publisher,
            index,
            sent_at_us: now_us,
        };
        Some(Packet {
            sequence: index + 1,
            timestamp: low_32(index * AUDIO_TICKS),
            is_last: false,
            payload: opus_payload(&mut self.noise, self.bytes, stamp),
        })
    }
}

/// RTP time wraps at 32 bits (RFC 3550 §5.1).
fn low_32(ticks: u64) -> u32 {
    u32::try_from(ticks & u64::from(u32::MAX)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::vp8::{FrameStart, frame_start};

    #[test]
    fn a_layer_starts_with_a_key_frame_and_keeps_to_its_interval() {
        let mut camera = CameraConfig::simulcast(3_000_000);
        camera.key_frame_every = Duration::from_secs(1);
        let keys = key_frames(&camera, 61, None);
        assert_eq!(keys, [0, 30, 60]);
    }

    #[test]
    fn a_key_frame_comes_when_it_is_asked_for() {
        let camera = CameraConfig::simulcast(3_000_000);
        assert_eq!(key_frames(&camera, 61, Some(17)), [0, 17]);
    }

    #[test]
    fn sequence_numbers_have_no_gaps_and_the_last_packet_is_marked() {
        let camera = CameraConfig::simulcast(3_000_000);
        let start = Instant::now();
        let mut layer = LayerPublisher::new(&camera.layers[2], &camera, 7, start);
        let packets = layer
            .frame(start, 0)
            .expect("the first frame is due at once");
        let sequences: Vec<u64> = packets.iter().map(|packet| packet.sequence).collect();
        assert!(packets.len() > 5);
        assert_eq!(sequences, (1..=packets.len() as u64).collect::<Vec<_>>());
        assert_eq!(packets.iter().filter(|packet| packet.is_last).count(), 1);
        assert!(layer.frame(start, 0).is_none());
    }

    fn key_frames(camera: &CameraConfig, frames: u64, ask_before: Option<u64>) -> Vec<u64> {
        let start = Instant::now();
        let mut layer = LayerPublisher::new(&camera.layers[0], camera, 7, start);
        let end = start + Duration::from_hours(1);
        (0..frames)
            .filter(|frame| {
                if ask_before == Some(*frame) {
                    layer.want_key_frame();
                }
                let packets = layer.frame(end, 0).expect("all frames are due");
                frame_start(&packets[0].payload) == FrameStart::Key
            })
            .collect()
    }
}
