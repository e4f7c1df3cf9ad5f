//! Which packets of a layer make one frame, and which have been here before.

/// Frames remembered, so that packets that come late find theirs.
const FRAMES_KEPT: usize = 16;
/// Packets remembered, as bits of words.
const SEEN_WORDS: usize = 16;
const SEEN_PACKETS: u64 = 64 * SEEN_WORDS as u64;

/// Numbers the frames of a layer in the order of their timestamps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frames {
    /// Timestamp, number and whether it is a key frame, newest last.
    known: Vec<(u32, u32, bool)>,
    next: u32,
    last_sequence: Option<u64>,
    last_ended: bool,
}

/// Where a packet stands in its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FramePlace {
    pub(crate) frame: u32,
    pub(crate) is_key_frame: bool,
    pub(crate) is_start: bool,
    pub(crate) is_end: bool,
}

impl Frames {
    /// Places a packet by its timestamp, marker and what its payload says.
    pub(crate) fn place(
        &mut self,
        sequence: u64,
        timestamp: u32,
        is_marked: bool,
        starts_frame: bool,
        starts_key_frame: bool,
    ) -> FramePlace {
        let follows = self.last_sequence.is_some_and(|last| last + 1 == sequence);
        let is_known = self.known.iter().any(|(known, ..)| *known == timestamp);
        let is_start = !is_known && (starts_frame || (follows && self.last_ended));
        if !is_known {
            self.known.push((timestamp, self.next, false));
            self.next = self.next.wrapping_add(1);
            if self.known.len() > FRAMES_KEPT {
                self.known.remove(0);
            }
        }
        if self.last_sequence.is_none_or(|last| sequence > last) {
            self.last_sequence = Some(sequence);
            self.last_ended = is_marked;
        }
        let entry = self
            .known
            .iter_mut()
            .find(|(known, ..)| *known == timestamp);
        let (frame, is_key_frame) = entry.map_or((self.next, starts_key_frame), |entry| {
            entry.2 |= starts_key_frame;
            (entry.1, entry.2)
        });
        FramePlace {
            frame,
            is_key_frame,
            is_start,
            is_end: is_marked,
        }
    }
}

/// Remembers which of the last thousand sequence numbers have come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    newest: Option<u64>,
    bits: [u64; SEEN_WORDS],
}

impl Seen {
    /// Extends a 32-bit number to the one nearest the newest, and says whether it is new.
    pub(crate) fn extend(&mut self, sequence: u32) -> Option<u64> {
        let extended = self.nearest(sequence);
        self.note(extended).then_some(extended)
    }

    fn nearest(&self, sequence: u32) -> u64 {
        let Some(newest) = self.newest else {
            // Leaves room below for packets that come late.
            return u64::from(sequence) + (1 << 32);
        };
        let low = u32::try_from(newest & u64::from(u32::MAX)).unwrap_or(0);
        let step = i64::from(sequence.wrapping_sub(low).cast_signed());
        newest.saturating_add_signed(step)
    }

    fn note(&mut self, sequence: u64) -> bool {
        let (word, bit) = Self::position(sequence);
        let Some(newest) = self.newest else {
            self.newest = Some(sequence);
            self.bits[word] |= bit;
            return true;
        };
        if sequence > newest {
            self.forget(newest, sequence);
            self.newest = Some(sequence);
        } else if newest - sequence >= SEEN_PACKETS || self.bits[word] & bit != 0 {
            return false;
        }
        self.bits[word] |= bit;
        true
    }

    fn forget(&mut self, newest: u64, sequence: u64) {
        if sequence - newest >= SEEN_PACKETS {
            self.bits = [0; SEEN_WORDS];
            return;
        }
        for passed in newest + 1..=sequence {
            let (word, bit) = Self::position(passed);
            self.bits[word] &= !bit;
        }
    }

    fn position(sequence: u64) -> (usize, u64) {
        let at = sequence % SEEN_PACKETS;
        (usize::try_from(at / 64).unwrap_or(0), 1 << (at % 64))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    #[test]
    fn packets_of_one_timestamp_are_one_frame_whatever_their_order() {
        let mut frames = Frames::default();
        let first = frames.place(10, 0, false, true, true);
        let last = frames.place(12, 0, true, false, false);
        let middle = frames.place(11, 0, false, false, false);
        let next = frames.place(13, 3_000, true, true, false);
        assert!(first.is_start && first.is_key_frame && !first.is_end);
        assert!(last.is_end && last.is_key_frame && !last.is_start);
        assert_eq!(
            [first.frame, last.frame, middle.frame, next.frame],
            [0, 0, 0, 1]
        );
        assert!(next.is_start && !next.is_key_frame);
    }

    #[test]
    fn without_a_word_from_the_codec_a_frame_starts_after_a_marker() {
        let mut frames = Frames::default();
        assert!(!frames.place(1, 0, true, false, false).is_start);
        assert!(frames.place(2, 9, false, false, false).is_start);
        assert!(!frames.place(4, 18, false, false, false).is_start);
    }

    #[test]
    fn numbers_are_extended_over_the_wrap() {
        let mut seen = Seen::default();
        let first = seen.extend(u32::MAX).expect("new");
        assert_eq!(seen.extend(0), Some(first + 1));
        assert_eq!(seen.extend(u32::MAX - 1), Some(first - 1));
        assert_eq!(seen.extend(0), None);
    }

    proptest! {
        #[test]
        fn a_packet_is_new_once(steps in vec(-40_i64..60, 1..400)) {
            let mut seen = Seen::default();
            let mut model = BTreeSet::new();
            let mut at = 5_000_i64;
            for step in steps {
                at = (at + step).max(0);
                let newest = model.last().copied().unwrap_or(0);
                let is_new = model.insert(at);
                if newest - at < i64::try_from(SEEN_PACKETS).expect("small") {
                    let sequence = u32::try_from(at).expect("small");
                    prop_assert_eq!(seen.extend(sequence).is_some(), is_new);
                }
            }
        }
    }
}
