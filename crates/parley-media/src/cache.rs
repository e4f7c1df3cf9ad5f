//! The last frame of a layer that can be decoded alone, and everything since.
//!
//! Whoever joins, or changes layer, is shown this at once instead of a black tile until the
//! publisher has made a key frame.

use std::{sync::Arc, time::Instant};

use crate::rewrite::Numbers;

/// Most packets kept per layer. More costs memory for pictures too old to be worth sending; less
/// gives up the cache before the next key frame of a busy layer.
const PACKETS_MAX: usize = 600;
/// Most payload bytes kept per layer: 13 s of the smallest picture. More costs memory per track;
/// less makes joiners wait for a key frame more often.
const BYTES_MAX: usize = 256 * 1024;

/// One packet of a layer, as it came from its source.
#[derive(Clone, Debug)]
pub(crate) struct SourcePacket {
    pub(crate) numbers: Numbers,
    /// When the sound or picture was taken, on this relay's clock.
    pub(crate) taken: Instant,
    pub(crate) is_marked: bool,
    pub(crate) starts_key_frame: bool,
    pub(crate) payload: Arc<[u8]>,
    pub(crate) extensions: Extensions,
}

/// The header extensions that travel from publisher to viewer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extensions {
    /// Loudness as str0m keeps it: 0 loudest to -127 silent.
    pub(crate) audio_level: Option<i8>,
    pub(crate) orientation: Option<str0m::rtp::VideoOrientation>,
}

/// A run of packets that starts with a key frame and misses nothing.
#[derive(Debug, Default)]
pub(crate) struct FrameCache {
    packets: Vec<SourcePacket>,
    bytes: usize,
}

impl FrameCache {
    /// Takes the next packet of the layer, in whatever order it comes.
    pub(crate) fn push(&mut self, packet: &SourcePacket) {
        if packet.starts_key_frame && self.is_newer(packet.numbers.sequence) {
            self.clear();
        } else if self.packets.is_empty() {
            return;
        }
        let sequence = packet.numbers.sequence;
        let at = self
            .packets
            .partition_point(|held| held.numbers.sequence < sequence);
        if at == 0 && !self.packets.is_empty() {
            return;
        }
        if self
            .packets
            .get(at)
            .is_some_and(|held| held.numbers.sequence == sequence)
        {
            return;
        }
        self.bytes += packet.payload.len();
        self.packets.insert(at, packet.clone());
        if self.packets.len() > PACKETS_MAX || self.bytes > BYTES_MAX {
            self.clear();
        }
    }

    /// Everything from the key frame on, where it is complete and costs at most `bytes_max`.
    ///
    /// A run with a hole cannot be decoded beyond it, so it counts as none.
    pub(crate) fn replay(&self, bytes_max: usize) -> Option<&[SourcePacket]> {
        let is_whole = self
            .packets
            .windows(2)
            .all(|pair| pair[0].numbers.sequence + 1 == pair[1].numbers.sequence);
        let has_frame = self.packets.iter().any(|packet| packet.is_marked);
        (is_whole && has_frame && self.bytes <= bytes_max).then_some(self.packets.as_slice())
    }

    pub(crate) fn clear(&mut self) {
        self.packets.clear();
        self.bytes = 0;
    }

    fn is_newer(&self, sequence: u64) -> bool {
        self.packets
            .last()
            .is_none_or(|last| last.numbers.sequence < sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(sequence: u64, starts_key_frame: bool) -> SourcePacket {
        SourcePacket {
            numbers: Numbers {
                sequence,
                timestamp: 0,
                picture_id: None,
                tl0_picture_index: None,
            },
            taken: crate::testing::start(),
            is_marked: true,
            starts_key_frame,
            payload: vec![0; 1_000].into(),
            extensions: Extensions::default(),
        }
    }

    fn sequences(cache: &FrameCache) -> Option<Vec<u64>> {
        let replay = cache.replay(usize::MAX)?;
        Some(
            replay
                .iter()
                .map(|packet| packet.numbers.sequence)
                .collect(),
        )
    }

    #[test]
    fn nothing_is_kept_before_the_first_key_frame() {
        let mut cache = FrameCache::default();
        cache.push(&packet(1, false));
        assert_eq!(sequences(&cache), None);
        cache.push(&packet(2, true));
        cache.push(&packet(3, false));
        assert_eq!(sequences(&cache), Some(vec![2, 3]));
    }

    #[test]
    fn a_new_key_frame_replaces_the_old_run() {
        let mut cache = FrameCache::default();
        for (sequence, is_key) in [(5, true), (6, false), (7, true)] {
            cache.push(&packet(sequence, is_key));
        }
        assert_eq!(sequences(&cache), Some(vec![7]));
    }

    #[test]
    fn a_run_with_a_hole_is_offered_once_the_hole_is_filled() {
        let mut cache = FrameCache::default();
        for (sequence, is_key) in [(5, true), (7, false)] {
            cache.push(&packet(sequence, is_key));
        }
        assert_eq!(sequences(&cache), None);
        cache.push(&packet(6, false));
        cache.push(&packet(6, false));
        assert_eq!(sequences(&cache), Some(vec![5, 6, 7]));
    }

    #[test]
    fn a_packet_from_before_the_key_frame_is_left_out() {
        let mut cache = FrameCache::default();
        cache.push(&packet(5, true));
        cache.push(&packet(4, false));
        cache.push(&packet(3, true));
        assert_eq!(sequences(&cache), Some(vec![5]));
    }

    #[test]
    fn a_run_beyond_the_bound_is_given_up_until_the_next_key_frame() {
        let mut cache = FrameCache::default();
        cache.push(&packet(0, true));
        for sequence in 1..400 {
            cache.push(&packet(sequence, false));
        }
        assert_eq!(sequences(&cache), None);
        cache.push(&packet(400, true));
        assert_eq!(sequences(&cache), Some(vec![400]));
    }

    #[test]
    fn a_run_that_costs_too_much_is_not_offered() {
        let mut cache = FrameCache::default();
        cache.push(&packet(0, true));
        cache.push(&packet(1, false));
        assert!(cache.replay(1_999).is_none());
        assert!(cache.replay(2_000).is_some());
    }
}
