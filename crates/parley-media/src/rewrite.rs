//! One continuous stream out of many: what a browser receives in a slot never jumps.
//!
//! A slot shows one layer now and another later, and another person after that. A browser knows
//! nothing of it: it sees one SSRC whose sequence numbers, timestamps and VP8 picture numbers go on
//! as if one encoder made them. [`Rewriter`] keeps the difference between the numbers of the source
//! and those of the slot. Gaps stay gaps, so that what the browser asks for again is what is
//! missing, and what arrives late lands in its place.
//!
//! Nothing here knows about networks or clocks.

/// A jump in the source's sequence numbers that cannot be loss on the way: the source was out of
/// reach. More would make a browser ask for hundreds of packets nobody has; less would hide a burst
/// of loss that can still be repaired.
const GAP_MAX: u64 = 256;

/// VP8 picture ids count modulo 2^15 (RFC 7741 §4.2).
const PICTURE_ID_MASK: u16 = 0x7fff;

/// The numbers of one packet that have to be continuous.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Numbers {
    /// Extended sequence number.
    pub sequence: u64,
    /// RTP timestamp.
    pub timestamp: u32,
    /// VP8 picture id, where the packet has one.
    pub picture_id: Option<u16>,
    /// VP8 index of the last frame of the lowest temporal layer, where the packet has one.
    pub tl0_picture_index: Option<u8>,
}

/// Turns the numbers of changing sources into those of one slot.
#[derive(Clone, Copy, Debug)]
pub struct Rewriter {
    /// What is added to the source's numbers, all modulo their widths.
    offset: Offset,
    /// Packets of the source before this one belong to what the slot showed earlier.
    floor: u64,
    /// Highest source number seen since the switch.
    newest: u64,
    /// The newest packet given out.
    last: Numbers,
    has_source: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Offset {
    sequence: u64,
    timestamp: u32,
    picture_id: u16,
    tl0_picture_index: u8,
}

impl Rewriter {
    /// A slot that has shown nothing yet.
    ///
    /// `first_sequence` is the number its first packet gets; it has to be below 2^15, because a
    /// receiver that misses the first packets takes a higher one for a wrapped number (RFC 3711
    /// section 3.3.1).
    #[must_use]
    pub const fn new(first_sequence: u16, first_timestamp: u32) -> Self {
        let last = Numbers {
            sequence: (first_sequence & 0x7fff) as u64,
            timestamp: first_timestamp,
            picture_id: Some(0),
            tl0_picture_index: Some(0),
        };
        Self {
            offset: Offset {
                sequence: 0,
                timestamp: 0,
                picture_id: 0,
                tl0_picture_index: 0,
            },
            floor: 0,
            newest: 0,
            last,
            has_source: false,
        }
    }

    /// Goes on with another source, whose first packet is `first`.
    ///
    /// `step` is how far the slot's timestamps move on from the last packet given out to this one,
    /// at least one tick.
    pub fn switch(&mut self, first: &Numbers, step: u32) {
        let last = self.last;
        self.offset.sequence = (last.sequence + 1).wrapping_sub(first.sequence);
        self.offset.timestamp = last
            .timestamp
            .wrapping_add(step.max(1))
            .wrapping_sub(first.timestamp);
        if let (Some(out), Some(source)) = (last.picture_id, first.picture_id) {
            self.offset.picture_id = out.wrapping_add(1).wrapping_sub(source);
        }
        if let (Some(out), Some(source)) = (last.tl0_picture_index, first.tl0_picture_index) {
            self.offset.tl0_picture_index = out.wrapping_add(1).wrapping_sub(source);
        }
        self.floor = first.sequence;
        self.newest = first.sequence;
        self.has_source = true;
    }

    /// Makes the slot show `source_timestamp` at `slot_timestamp` from here on, so that a replayed
    /// past can be pressed into a moment.
    pub fn retime(&mut self, source_timestamp: u32, slot_timestamp: u32) {
        self.offset.timestamp = slot_timestamp.wrapping_sub(source_timestamp);
    }

    /// The slot's numbers for a packet of the present source, or `None` when the packet is from
    /// before the switch.
    pub fn rewrite(&mut self, source: &Numbers) -> Option<Numbers> {
        if !self.has_source || source.sequence < self.floor {
            return None;
        }
        if source.sequence > self.newest.saturating_add(GAP_MAX) {
            self.close_gap(source.sequence);
        }
        let out = Numbers {
            sequence: source.sequence.wrapping_add(self.offset.sequence),
            timestamp: source.timestamp.wrapping_add(self.offset.timestamp),
            picture_id: source
                .picture_id
                .map(|id| id.wrapping_add(self.offset.picture_id) & PICTURE_ID_MASK),
            tl0_picture_index: source
                .tl0_picture_index
                .map(|index| index.wrapping_add(self.offset.tl0_picture_index)),
        };
        self.remember(source.sequence, &out);
        Some(out)
    }

    /// The newest packet given out.
    #[must_use]
    pub const fn last(&self) -> Numbers {
        self.last
    }

    /// Leaves one number unused, so that the decoder knows that something is missing.
    fn close_gap(&mut self, sequence: u64) {
        self.offset.sequence = (self.last.sequence + 2).wrapping_sub(sequence);
        self.floor = sequence;
    }

    fn remember(&mut self, source_sequence: u64, out: &Numbers) {
        self.newest = self.newest.max(source_sequence);
        if out.sequence <= self.last.sequence {
            return;
        }
        self.last.sequence = out.sequence;
        self.last.timestamp = out.timestamp;
        // A packet without these numbers leaves them where they were: the next source may have them.
        self.last.picture_id = out.picture_id.or(self.last.picture_id);
        self.last.tl0_picture_index = out.tl0_picture_index.or(self.last.tl0_picture_index);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const STEP: u32 = 3_000;

    fn packet(sequence: u64, timestamp: u32, picture_id: u16, tl0: u8) -> Numbers {
        Numbers {
            sequence,
            timestamp,
            picture_id: Some(picture_id & PICTURE_ID_MASK),
            tl0_picture_index: Some(tl0),
        }
    }

    #[test]
    fn a_slot_without_a_source_gives_nothing_out() {
        assert_eq!(Rewriter::new(1, 0).rewrite(&packet(5, 5, 5, 5)), None);
    }

    #[test]
    fn the_first_packet_of_a_source_follows_the_last_of_the_one_before() {
        let mut rewriter = Rewriter::new(100, 9_000);
        rewriter.switch(&packet(5_000, 77, 12, 3), STEP);
        let first = rewriter.rewrite(&packet(5_000, 77, 12, 3)).expect("live");
        assert_eq!(first, packet(101, 12_000, 1, 1));
        rewriter.switch(&packet(9, u32::MAX, 0x7fff, 255), STEP);
        let second = rewriter
            .rewrite(&packet(9, u32::MAX, 0x7fff, 255))
            .expect("live");
        assert_eq!(second, packet(102, 15_000, 2, 2));
    }

    #[test]
    fn packets_from_before_the_switch_are_left_out() {
        let mut rewriter = Rewriter::new(1, 0);
        rewriter.switch(&packet(50, 0, 0, 0), STEP);
        assert_eq!(rewriter.rewrite(&packet(49, 0, 0, 0)), None);
    }

    #[test]
    fn a_late_packet_lands_in_its_gap() {
        let mut rewriter = Rewriter::new(1, 0);
        rewriter.switch(&packet(50, 0, 0, 0), STEP);
        let numbers = [50, 52, 51].map(|sequence| {
            rewriter
                .rewrite(&packet(sequence, 0, 0, 0))
                .expect("live")
                .sequence
        });
        assert_eq!(numbers, [2, 4, 3]);
    }

    #[test]
    fn after_an_outage_one_number_is_left_unused() {
        let mut rewriter = Rewriter::new(1, 0);
        rewriter.switch(&packet(50, 0, 0, 0), STEP);
        rewriter.rewrite(&packet(50, 0, 0, 0)).expect("live");
        let after = rewriter.rewrite(&packet(50_000, 0, 0, 0)).expect("live");
        assert_eq!(after.sequence, 4);
        assert_eq!(rewriter.rewrite(&packet(49_999, 0, 0, 0)), None);
    }

    #[test]
    fn a_replayed_past_ends_where_the_present_goes_on() {
        let mut rewriter = Rewriter::new(1, 0);
        rewriter.switch(&packet(50, 1_000, 0, 0), STEP);
        rewriter.rewrite(&packet(50, 1_000, 0, 0)).expect("live");
        rewriter.retime(91_000, 3_090);
        assert_eq!(
            rewriter
                .rewrite(&packet(51, 91_000, 1, 1))
                .expect("live")
                .timestamp,
            3_090
        );
        assert_eq!(
            rewriter
                .rewrite(&packet(52, 94_000, 2, 2))
                .expect("live")
                .timestamp,
            6_090
        );
    }

    /// A source that sends in order, from anywhere in the number spaces.
    fn any_source() -> impl Strategy<Value = (Numbers, usize)> {
        (
            0..1_u64 << 40,
            any::<u32>(),
            any::<u16>(),
            any::<u8>(),
            1..40_usize,
        )
            .prop_map(|(sequence, timestamp, picture_id, tl0, count)| {
                (packet(sequence, timestamp, picture_id, tl0), count)
            })
    }

    fn nth(first: &Numbers, at: usize) -> Numbers {
        let step = u16::try_from(at).expect("short run");
        packet(
            first.sequence + u64::from(step),
            first.timestamp.wrapping_add(u32::from(step) * STEP),
            first.picture_id.expect("has one").wrapping_add(step),
            first
                .tl0_picture_index
                .expect("has one")
                .wrapping_add(u8::try_from(step).expect("short")),
        )
    }

    proptest! {
        #[test]
        fn sources_that_follow_each_other_make_one_stream(
            sources in vec(any_source(), 1..8), start in any::<u16>(), clock in any::<u32>(),
        ) {
            let mut rewriter = Rewriter::new(start, clock);
            let mut last = rewriter.last();
            for (first, count) in sources {
                rewriter.switch(&first, STEP);
                for at in 0..count {
                    let out = rewriter.rewrite(&nth(&first, at)).expect("live");
                    prop_assert_eq!(out.sequence, last.sequence + 1);
                    prop_assert_eq!(out.timestamp, last.timestamp.wrapping_add(STEP));
                    let id = last.picture_id.expect("has one").wrapping_add(1) & PICTURE_ID_MASK;
                    prop_assert_eq!(out.picture_id, Some(id));
                    let index = last.tl0_picture_index.expect("has one").wrapping_add(1);
                    prop_assert_eq!(out.tl0_picture_index, Some(index));
                    last = out;
                }
            }
        }

        #[test]
        fn no_number_is_given_out_twice_and_order_is_kept(
            steps in vec(1..600_u64, 1..60), start in any::<u16>(),
        ) {
            let mut rewriter = Rewriter::new(start, 0);
            let mut source = packet(1_000, 0, 0, 0);
            rewriter.switch(&source, STEP);
            let mut last = rewriter.rewrite(&source).expect("live").sequence;
            for step in steps {
                source.sequence += step;
                let out = rewriter.rewrite(&source).expect("live").sequence;
                prop_assert!(out > last);
                prop_assert!(out - last <= GAP_MAX);
                last = out;
            }
        }

        #[test]
        fn any_numbers_from_a_hostile_source_are_survived(
            packets in vec((any::<u64>(), any::<u32>(), any::<Option<u16>>(), any::<Option<u8>>()), 1..50),
        ) {
            let mut rewriter = Rewriter::new(7, 7);
            for (at, (sequence, timestamp, picture_id, tl0_picture_index)) in packets.into_iter().enumerate() {
                let source = Numbers { sequence: sequence >> 16, timestamp, picture_id, tl0_picture_index };
                if at % 7 == 0 {
                    rewriter.switch(&source, 1);
                }
                let _ = rewriter.rewrite(&source);
            }
        }
    }
}
