//! Packets of a layer that will not come any more, and whether a decoder can go on without them.
//!
//! A decoder that misses a packet of a picture others build on stands still. Browsers ask for a
//! frame that can be decoded alone only after three seconds of that (libwebrtc's wait for a frame),
//! because they hope for a resend; across a line nothing is resent, and the relay knows when hope is
//! over: parity comes right behind the frame it protects. So the relay asks, and a loss that parity
//! did not repair costs a round trip instead of three seconds.
//!
//! What is missing from a temporal layer nobody builds on costs one frame and nothing else. VP8 says
//! which those are (RFC 7741 §4.2: TID and TL0PICIDX); where a codec does not say, every
//! packet counts.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::key_frames::Distance;

/// How long a packet from a line may be late: the spread of parity and reordering. More freezes the
/// picture for longer, less asks for key frames where the packet was on its way.
const WAIT_FAR: Duration = Duration::from_millis(100);
/// A publisher resends what was lost on the way to its own relay within a few short round trips.
const WAIT_LOCAL: Duration = Duration::from_millis(250);
/// Packets remembered around holes. More knows older neighbours, less takes less memory per layer.
const KEPT_MAX: usize = 128;
/// Holes remembered; a layer with more of them stands still anyway.
const HOLES_MAX: usize = 64;

/// Where a frame stands among the temporal layers of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Temporal {
    /// 0 is the layer that the others build on.
    pub(crate) layer: u8,
    /// Counts the frames of layer 0, modulo 256.
    pub(crate) base_index: u8,
}

/// What the neighbours of a hole tell about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Neighbour {
    pub(crate) timestamp: u32,
    pub(crate) is_start: bool,
    pub(crate) is_end: bool,
    pub(crate) temporal: Option<Temporal>,
}

/// The holes of one layer since its last key frame.
#[derive(Debug)]
pub(crate) struct Holes {
    wait: Duration,
    kept: BTreeMap<u64, Neighbour>,
    missing: BTreeMap<u64, Instant>,
    is_broken: bool,
}

impl Holes {
    pub(crate) fn new(distance: Distance) -> Self {
        Self {
            wait: match distance {
                Distance::Local => WAIT_LOCAL,
                Distance::Far => WAIT_FAR,
            },
            kept: BTreeMap::new(),
            missing: BTreeMap::new(),
            is_broken: false,
        }
    }

    /// Takes note of a packet, in whatever order it comes.
    pub(crate) fn note(&mut self, now: Instant, sequence: u64, packet: Neighbour, is_key: bool) {
        let newest = self.kept.last_key_value().map(|(newest, _)| *newest);
        let is_newer = newest.is_none_or(|newest| sequence > newest);
        if is_key && is_newer {
            self.clear();
        } else if let Some(newest) = newest.filter(|_| is_newer) {
            let room = HOLES_MAX.saturating_sub(self.missing.len());
            self.is_broken |= sequence - newest > room as u64 + 1;
            let first = newest + 1;
            self.missing
                .extend((first..sequence).take(room).map(|missing| (missing, now)));
        }
        self.missing.remove(&sequence);
        self.kept.insert(sequence, packet);
        if self.kept.len() > KEPT_MAX {
            self.kept.pop_first();
        }
    }

    /// Whether a decoder stands still for want of a packet that will not come.
    pub(crate) fn is_broken(&mut self, now: Instant) -> bool {
        let wait = self.wait;
        while let Some((hole, _)) = self
            .missing
            .first_key_value()
            .filter(|(_, since)| now.saturating_duration_since(**since) >= wait)
        {
            let hole = *hole;
            self.is_broken |= self.is_needed(hole);
            self.missing.remove(&hole);
        }
        self.is_broken
    }

    /// Forgets everything: a key frame came, or the source began anew.
    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        self.missing.clear();
        self.is_broken = false;
    }

    /// Whether others build on the frame that the hole is part of.
    fn is_needed(&self, hole: u64) -> bool {
        let before = self.kept.range(..hole).next_back();
        let after = self.kept.range(hole + 1..).next();
        let (Some((_, before)), Some((_, after))) = (before, after) else {
            return true;
        };
        let (Some(old), Some(new)) = (before.temporal, after.temporal) else {
            return true;
        };
        let is_tail_missing = !before.is_end && old.layer == 0;
        let is_head_missing = !after.is_start && new.layer == 0;
        let is_one_frame = before.timestamp == after.timestamp;
        let told = u8::from(new.layer == 0 && !is_one_frame);
        is_tail_missing || is_head_missing || new.base_index.wrapping_sub(old.base_index) > told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// A frame of one packet.
    fn frame(number: u32, layer: u8, base_index: u8) -> Neighbour {
        Neighbour {
            timestamp: number * 3_000,
            is_start: true,
            is_end: true,
            temporal: Some(Temporal { layer, base_index }),
        }
    }

    fn holes() -> (Holes, Instant) {
        let start = crate::testing::start();
        let mut holes = Holes::new(Distance::Far);
        holes.note(start, 10, frame(0, 0, 0), true);
        (holes, start)
    }

    #[test]
    fn a_hole_breaks_the_picture_only_after_the_wait() {
        let (mut holes, start) = holes();
        holes.note(start, 12, frame(2, 0, 2), false);
        assert!(!holes.is_broken(start + 99 * MS));
        assert!(holes.is_broken(start + 100 * MS));
    }

    #[test]
    fn a_packet_that_comes_late_fills_its_hole() {
        let (mut holes, start) = holes();
        holes.note(start, 12, frame(2, 0, 2), false);
        holes.note(start + 50 * MS, 11, frame(1, 0, 1), false);
        assert!(!holes.is_broken(start + 1_000 * MS));
    }

    #[test]
    fn a_key_frame_mends_the_picture() {
        let (mut holes, start) = holes();
        holes.note(start, 12, frame(2, 0, 2), false);
        assert!(holes.is_broken(start + 100 * MS));
        holes.note(start + 300 * MS, 20, frame(9, 0, 3), true);
        assert!(!holes.is_broken(start + 1_000 * MS));
    }

    #[test]
    fn a_late_packet_of_an_older_key_frame_mends_nothing() {
        let (mut holes, start) = holes();
        holes.note(start, 12, frame(2, 0, 2), false);
        holes.note(start, 9, frame(0, 0, 0), true);
        assert!(holes.is_broken(start + 100 * MS));
    }

    #[test]
    fn a_lost_frame_nobody_builds_on_breaks_nothing() {
        for (after, is_broken) in [
            (frame(2, 0, 1), false), // the base goes on without a gap
            (frame(2, 2, 0), false), // neither neighbour saw a base frame between
            (frame(2, 0, 2), true),  // a base frame is missing
            (frame(2, 1, 1), true),  // this frame builds on a base frame that did not come
        ] {
            let (mut holes, start) = holes();
            holes.note(start, 12, after, false);
            assert_eq!(holes.is_broken(start + 100 * MS), is_broken, "{after:?}");
        }
    }

    #[test]
    fn the_lost_part_of_a_base_frame_breaks_the_picture() {
        let part = |is_start, is_end| Neighbour {
            is_start,
            is_end,
            ..frame(1, 0, 1)
        };
        let (mut holes, start) = holes();
        holes.note(start, 11, part(true, false), false);
        holes.note(start, 13, part(false, true), false);
        assert!(holes.is_broken(start + 100 * MS));
    }

    #[test]
    fn the_lost_part_of_a_frame_nobody_builds_on_breaks_nothing() {
        let part = |is_start, is_end| Neighbour {
            is_start,
            is_end,
            ..frame(1, 2, 0)
        };
        let (mut holes, start) = holes();
        holes.note(start, 11, part(true, false), false);
        holes.note(start, 13, part(false, true), false);
        assert!(!holes.is_broken(start + 100 * MS));
    }

    #[test]
    fn where_the_codec_says_nothing_every_packet_counts() {
        let (mut holes, start) = holes();
        let silent = Neighbour {
            temporal: None,
            ..frame(2, 0, 0)
        };
        holes.note(start, 12, silent, false);
        assert!(holes.is_broken(start + 100 * MS));
    }

    #[test]
    fn memory_is_bounded_whatever_comes() {
        let (mut holes, start) = holes();
        for number in 1..10_000_u32 {
            holes.note(start, u64::from(number) * 1_000, frame(number, 0, 0), false);
        }
        assert!(holes.kept.len() <= KEPT_MAX && holes.missing.len() <= HOLES_MAX);
        assert!(holes.is_broken(start));
    }
}
