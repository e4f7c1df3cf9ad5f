//! When a sound or a picture was taken, on a clock that is the same for all of a person's media.
//!
//! A browser keeps lips and words together with the help of RTCP sender reports (RFC 3550 section
//! 6.4.1), which say what wall clock time an RTP timestamp stands for. The relay writes its own
//! reports, from the moment each packet is said to have been taken. For voice and picture to stay
//! together it has to be right about the difference between the two, not about the time itself.
//!
//! Each stream has a [`StreamClock`] that turns its RTP timestamps into its source's time: the
//! publisher's, told by the publisher's reports, or the origin relay's, told in border frames. Each
//! person has one [`PersonClock`] for all streams that turns source time into local time: the
//! smallest difference seen between taking and arriving. One person, one difference, so whatever it
//! is wrong by it is wrong for voice and picture alike.

use std::time::{Duration, Instant};

/// How much the smallest difference grows per second, to follow a source whose clock runs slow.
/// More forgets a good measurement sooner; less follows a bad crystal too late.
const CREEP_PER_MILLION: i64 = 500;

/// Turns the RTP timestamps of one stream into microseconds of its source's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamClock {
    ticks_per_second: u32,
    anchor: Option<(u32, i64)>,
}

impl StreamClock {
    pub(crate) const fn new(ticks_per_second: u32) -> Self {
        Self {
            ticks_per_second,
            anchor: None,
        }
    }

    /// The source says that `timestamp` was taken at `source_us`.
    pub(crate) fn observe(&mut self, timestamp: u32, source_us: i64) {
        self.anchor = Some((timestamp, source_us));
    }

    /// When `timestamp` was taken, once the source has said anything.
    pub(crate) fn source_us(&self, timestamp: u32) -> Option<i64> {
        let (anchor, source_us) = self.anchor?;
        let ticks = i64::from(timestamp.wrapping_sub(anchor).cast_signed());
        source_us.checked_add(ticks * 1_000_000 / i64::from(self.ticks_per_second))
    }
}

/// Turns the microseconds of a source's clock into those of this relay.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PersonClock {
    /// Smallest local minus source time, and when it was last looked at.
    offset: Option<(i64, i64)>,
}

impl PersonClock {
    /// Local time at which something was taken that arrived at `arrival_us`; never later than that.
    pub(crate) fn local_us(&mut self, source_us: i64, arrival_us: i64) -> i64 {
        let seen = arrival_us.saturating_sub(source_us);
        let offset = match self.offset {
            Some((smallest, at)) => {
                let creep = arrival_us.saturating_sub(at).max(0) / 1_000_000 * CREEP_PER_MILLION;
                seen.min(smallest.saturating_add(creep))
            }
            None => seen,
        };
        let at = match self.offset {
            // The creep is counted in whole seconds, so that frequent packets do not round it away.
            Some((smallest, at)) if offset == smallest && arrival_us - at < 1_000_000 => at,
            _ => arrival_us,
        };
        self.offset = Some((offset, at));
        source_us.saturating_add(offset)
    }
}

/// The relay's own clock: microseconds since it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalClock {
    start: Instant,
}

impl LocalClock {
    pub(crate) const fn new(start: Instant) -> Self {
        Self { start }
    }

    pub(crate) fn us(&self, at: Instant) -> i64 {
        let since = at.saturating_duration_since(self.start);
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    /// The instant of a local time; before the start it is the start.
    pub(crate) fn instant(&self, local_us: i64) -> Instant {
        self.start + Duration::from_micros(u64::try_from(local_us).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_before_and_after_the_anchor_have_a_time() {
        let mut clock = StreamClock::new(90_000);
        assert_eq!(clock.source_us(0), None);
        clock.observe(u32::MAX, 1_000_000);
        assert_eq!(clock.source_us(u32::MAX), Some(1_000_000));
        assert_eq!(clock.source_us(89_999), Some(2_000_000));
        assert_eq!(clock.source_us(u32::MAX - 90_000), Some(0));
    }

    #[test]
    fn voice_and_picture_taken_together_stay_together_whatever_their_delay() {
        let mut person = PersonClock::default();
        let fast = person.local_us(5_000_000, 105_040_000);
        let slow = person.local_us(5_000_000, 105_200_000);
        assert_eq!(fast, slow);
        assert!(fast <= 105_040_000);
    }

    #[test]
    fn a_shorter_way_moves_the_clock_and_a_longer_one_hardly() {
        let mut person = PersonClock::default();
        assert_eq!(person.local_us(0, 100_000), 100_000);
        assert_eq!(person.local_us(1_000_000, 1_060_000), 1_060_000);
        let later = person.local_us(11_000_000, 11_500_000);
        assert!((11_060_000..11_070_000).contains(&later), "{later}");
    }

    #[test]
    fn nothing_is_taken_after_it_arrived() {
        let mut person = PersonClock::default();
        for step in 0..1_000_i64 {
            let arrival = step * 20_000 + (step * 7_919 % 30_000);
            assert!(person.local_us(step * 20_100, arrival) <= arrival);
        }
    }
}
