//! When synthetic packets are due and how long they are: pure arithmetic, no clock.

use std::time::{Duration, Instant};

/// Payload bytes of a full video packet, as browsers send them (1,200 bytes with headers and tag).
/// More risks fragments on a line; less costs more packets for the same picture.
pub const VIDEO_PAYLOAD_BYTES: usize = 1_100;
/// How many times longer a key frame is than the frames between. Real encoders: 3 to 10.
const KEY_FRAME_WEIGHT: u64 = 5;

/// A steady beat that never drifts: tick `n` is due at `start + n / rate`.
#[derive(Clone, Copy, Debug)]
pub struct Rhythm {
    start: Instant,
    per_second: u64,
    ticks: u64,
}

impl Rhythm {
    /// Beats `per_second` times a second (at least once), first at `start`.
    #[must_use]
    pub fn new(start: Instant, per_second: u64) -> Self {
        Self {
            start,
            per_second: per_second.max(1),
            ticks: 0,
        }
    }

    /// When the next tick is due.
    #[must_use]
    pub fn due(&self) -> Instant {
        let seconds = self.ticks / self.per_second;
        let rest = self.ticks % self.per_second;
        let nanos = rest * 1_000_000_000 / self.per_second;
        self.start + Duration::from_secs(seconds) + Duration::from_nanos(nanos)
    }

    /// Returns the number of the tick if it is due, and moves to the next.
    pub fn tick(&mut self, now: Instant) -> Option<u64> {
        if self.due() > now {
            return None;
        }
        self.ticks += 1;
        Some(self.ticks - 1)
    }
}

/// How long each frame of a layer is, so that the layer keeps its rate.
#[derive(Clone, Copy, Debug)]
pub struct FrameSizes {
    delta_bytes: u64,
}

impl FrameSizes {
    /// Spreads `rate_bps` over frames of which every `key_frame_every`-th is a key frame.
    #[must_use]
    pub fn new(rate_bps: u64, frames_per_second: u64, key_frame_every: u64) -> Self {
        let frames = key_frame_every.max(1);
        let group_bytes = rate_bps / 8 * frames / frames_per_second.max(1);
        Self {
            delta_bytes: group_bytes / (frames - 1 + KEY_FRAME_WEIGHT),
        }
    }

    /// Bytes of one frame.
    #[must_use]
    pub const fn bytes(&self, is_key: bool) -> u64 {
        if is_key {
            self.delta_bytes * KEY_FRAME_WEIGHT
        } else {
            self.delta_bytes
        }
    }

    /// Bytes of each packet of one frame: all but the last of [`VIDEO_PAYLOAD_BYTES`].
    pub fn packets(&self, is_key: bool) -> impl Iterator<Item = usize> + use<> {
        let full = VIDEO_PAYLOAD_BYTES as u64;
        let bytes = self.bytes(is_key).max(1);
        let count = bytes.div_ceil(full);
        (0..count).map(move |at| {
            let length = (bytes - at * full).min(full);
            usize::try_from(length).unwrap_or(VIDEO_PAYLOAD_BYTES)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_rhythm_does_not_drift() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start, 30);
        let end = start + Duration::from_secs(100);
        let mut ticks = 0;
        while rhythm.tick(end).is_some() {
            ticks += 1;
        }
        assert_eq!(ticks, 3001);
        assert_eq!(rhythm.due(), start + Duration::from_nanos(100_033_333_333));
    }

    #[test]
    fn a_tick_waits_until_it_is_due() {
        let start = Instant::now();
        let mut rhythm = Rhythm::new(start, 50);
        assert_eq!(rhythm.tick(start), Some(0));
        assert_eq!(rhythm.tick(start + Duration::from_millis(19)), None);
        assert_eq!(rhythm.tick(start + Duration::from_millis(20)), Some(1));
    }

    proptest! {
        #[test]
        fn a_layer_keeps_its_rate(rate_bps in 50_000..5_000_000_u64, fps in 5..60_u64, every in 1..300_u64) {
            let sizes = FrameSizes::new(rate_bps, fps, every);
            let group = sizes.bytes(true) + sizes.bytes(false) * (every - 1);
            let wanted = rate_bps / 8 * every / fps;
            prop_assert!(group <= wanted && wanted - group <= every + KEY_FRAME_WEIGHT);
        }

        #[test]
        fn packets_add_up_to_their_frame(rate_bps in 50_000..5_000_000_u64, is_key: bool) {
            let sizes = FrameSizes::new(rate_bps, 30, 60);
            let packets: Vec<usize> = sizes.packets(is_key).collect();
            prop_assert_eq!(packets.iter().sum::<usize>() as u64, sizes.bytes(is_key).max(1));
            prop_assert!(packets.iter().all(|bytes| *bytes <= VIDEO_PAYLOAD_BYTES));
        }
    }
}
