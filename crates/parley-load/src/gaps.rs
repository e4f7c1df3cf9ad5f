//! Counting what did not arrive, from sequence numbers alone (RFC 3550 appendix A.1).

use parley_srtp::packet::extend;

/// The packets of one stream, by 16-bit sequence number.
#[derive(Clone, Copy, Debug, Default)]
pub struct GapCounter {
    first: Option<u64>,
    highest: u64,
    received: u64,
    late: u64,
}

impl GapCounter {
    /// Takes one sequence number and returns it extended beyond 16 bits.
    pub fn receive(&mut self, sequence: u16) -> u64 {
        // The first number starts one round up, so that packets overtaken by it stay positive.
        let Some(first) = self.first else {
            self.highest = (1 << 16) | u64::from(sequence);
            self.first = Some(self.highest);
            self.received = 1;
            return self.highest;
        };
        let extended = extend(self.highest, sequence);
        if extended < first {
            return extended;
        }
        self.received += 1;
        if extended > self.highest {
            self.highest = extended;
        } else {
            self.late += 1;
        }
        extended
    }

    /// Packets that should have come: from the first to the highest number seen.
    #[must_use]
    pub fn expected(&self) -> u64 {
        self.first.map_or(0, |first| self.highest - first + 1)
    }

    /// Packets that came, copies included.
    #[must_use]
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// Packets that came behind a later one, copies included.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// Packets that did not come, unless copies hide some.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_stream_without_gaps_loses_nothing_across_the_wrap() {
        let mut counter = GapCounter::default();
        for sequence in 65_000..70_000_u32 {
            counter.receive((sequence & 0xFFFF) as u16);
        }
        assert_eq!(
            (counter.expected(), counter.lost(), counter.late()),
            (5000, 0, 0)
        );
    }

    #[test]
    fn a_gap_is_lost_until_its_packet_comes() {
        let mut counter = GapCounter::default();
        for sequence in [10, 11, 14] {
            counter.receive(sequence);
        }
        assert_eq!(counter.lost(), 2);
        counter.receive(12);
        assert_eq!((counter.lost(), counter.late()), (1, 1));
    }

    #[test]
    fn what_came_before_the_first_does_not_count() {
        let mut counter = GapCounter::default();
        counter.receive(5);
        counter.receive(4);
        assert_eq!((counter.expected(), counter.received()), (1, 1));
    }

    proptest! {
        #[test]
        fn losses_are_those_left_out(
            start: u16, kept in proptest::collection::vec(any::<bool>(), 1..2000),
        ) {
            let mut counter = GapCounter::default();
            let present: Vec<usize> =
                kept.iter().enumerate().filter_map(|(at, kept)| kept.then_some(at)).collect();
            for at in &present {
                counter.receive(start.wrapping_add(u16::try_from(*at).expect("below 2000")));
            }
            let span = match (present.first(), present.last()) {
                (Some(first), Some(last)) => last - first + 1,
                _ => 0,
            };
            prop_assert_eq!(counter.lost(), (span - present.len()) as u64);
        }
    }
}
