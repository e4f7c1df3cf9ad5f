//! How long things take, counted without a lock.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// Upper bounds of the buckets in microseconds: four per octave, so that a percentile is at most
/// a quarter too high. Finer costs memory per thread and nothing else.
const BOUNDS: usize = 108;

/// A histogram of durations from 1 µs to about 4 minutes, written by one thread, read by any.
pub struct Histogram {
    buckets: [AtomicU64; BOUNDS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }
}

impl Histogram {
    /// Counts `weight` things that took `duration` each.
    pub fn record(&self, duration: Duration, weight: u64) {
        self.buckets[bucket(duration)].fetch_add(weight, Ordering::Relaxed);
    }

    /// Returns how many things were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed))
            .sum()
    }

    /// Returns how many things took no longer than `duration`, to the bucket's precision.
    #[must_use]
    pub fn count_within(&self, duration: Duration) -> u64 {
        let last = bucket(duration);
        self.buckets[..=last]
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed))
            .sum()
    }

    /// Adds what another histogram counted.
    pub fn add(&self, other: &Self) {
        for (mine, theirs) in self.buckets.iter().zip(&other.buckets) {
            mine.fetch_add(theirs.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    /// Returns the duration that a share of all things (0 to 1) did not exceed; zero when none
    /// was counted.
    #[must_use]
    pub fn quantile(&self, share: f64) -> Duration {
        let counts: Vec<u64> = self
            .buckets
            .iter()
            .map(|bucket| bucket.load(Ordering::Relaxed))
            .collect();
        let total: u64 = counts.iter().sum();
        if total == 0 {
            return Duration::ZERO;
        }
        let mut below = 0;
        for (index, count) in counts.iter().enumerate() {
            below += count;
            if as_share(below, total) >= share {
                return bound(index);
            }
        }
        bound(BOUNDS - 1)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share needs no more than 52 bits"
)]
fn as_share(part: u64, total: u64) -> f64 {
    part as f64 / total as f64
}

/// The bucket of a duration: the octave and the quarter of it.
fn bucket(duration: Duration) -> usize {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    if micros < 4 {
        return usize::try_from(micros).unwrap_or(0);
    }
    let octave = micros.ilog2();
    let quarter = (micros >> (octave - 2)) & 0b11;
    let index = 4 * (u64::from(octave) - 1) + quarter;
    usize::try_from(index).map_or(BOUNDS - 1, |index| index.min(BOUNDS - 1))
}

/// The longest duration of a bucket.
fn bound(index: usize) -> Duration {
    if index < 4 {
        return Duration::from_micros(index as u64);
    }
    let octave = index / 4 + 1;
    let quarter = (index % 4) as u64;
    Duration::from_micros(((5 + quarter) << (octave - 2)) - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bucket_bounds_what_falls_into_it(micros in 0_u64..200_000_000) {
            let duration = Duration::from_micros(micros);
            let bound = bound(bucket(duration));
            prop_assert!(bound >= duration);
            prop_assert!(bound.as_micros() <= u128::from(micros) * 5 / 4 + 1);
        }
    }

    #[test]
    fn a_quantile_is_the_bound_of_the_bucket_that_reaches_it() {
        let histogram = Histogram::default();
        histogram.record(Duration::from_micros(100), 98);
        histogram.record(Duration::from_millis(10), 2);
        assert!(histogram.quantile(0.5) < Duration::from_micros(125));
        assert!(histogram.quantile(0.99) >= Duration::from_millis(10));
        assert_eq!(histogram.count(), 100);
        assert_eq!(histogram.count_within(Duration::from_millis(1)), 98);
    }

    #[test]
    fn an_empty_histogram_has_no_duration() {
        assert_eq!(Histogram::default().quantile(0.99), Duration::ZERO);
    }
}
