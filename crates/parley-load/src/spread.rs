//! Percentiles of many samples in little memory.

/// Samples per doubling of the value: 32 keeps every percentile within 1.6 %. More costs memory
/// (64 x this x 8 bytes), less blurs.
const STEPS: u64 = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();

/// A histogram of whole numbers with a bounded relative error.
#[derive(Clone, Debug)]
pub struct Spread {
    counts: Vec<u64>,
    samples: u64,
    least: u64,
    most: u64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            counts: vec![0; bucket(u64::MAX) + 1],
            samples: 0,
            least: u64::MAX,
            most: 0,
        }
    }
}

impl Spread {
    /// Takes one sample.
    pub fn add(&mut self, value: u64) {
        self.counts[bucket(value)] += 1;
        self.samples += 1;
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    /// How many samples were taken.
    #[must_use]
    pub const fn samples(&self) -> u64 {
        self.samples
    }

    /// The least sample, or none.
    #[must_use]
    pub fn least(&self) -> Option<u64> {
        (self.samples > 0).then_some(self.least)
    }

    /// The greatest sample, or none.
    #[must_use]
    pub fn most(&self) -> Option<u64> {
        (self.samples > 0).then_some(self.most)
    }

    /// The value below which `share` (0 to 1) of the samples lies, or none.
    #[must_use]
    pub fn percentile(&self, share: f64) -> Option<u64> {
        let rank = rank(self.samples, share);
        let mut below = 0;
        for (at, count) in self.counts.iter().enumerate() {
            below += count;
            if below >= rank {
                return Some(middle(at).clamp(self.least, self.most));
            }
        }
        None
    }

    /// Forgets all samples.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.samples = 0;
        self.least = u64::MAX;
        self.most = 0;
    }
}

/// Values below `STEPS` have a bucket each; above, each doubling has `STEPS` of them.
fn bucket(value: u64) -> usize {
    let doubling = (u64::BITS - value.leading_zeros()).saturating_sub(STEP_BITS + 1);
    let index = u64::from(doubling) * STEPS + (value >> doubling);
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// The rank, from 1, of the sample that ends a share of all.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "a share of at most 2^52 samples"
)]
fn rank(samples: u64, share: f64) -> u64 {
    ((samples as f64 * share.clamp(0.0, 1.0)).ceil() as u64).max(1)
}

fn middle(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < 2 * STEPS {
        return bucket;
    }
    let doubling = bucket / STEPS - 1;
    let step = bucket % STEPS + STEPS;
    (step << doubling) + (1 << doubling) / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_measured_is_no_number() {
        let spread = Spread::default();
        assert_eq!(
            (spread.least(), spread.percentile(0.5), spread.most()),
            (None, None, None)
        );
    }

    #[test]
    fn a_sample_forgotten_is_gone() {
        let mut spread = Spread::default();
        spread.add(5);
        spread.clear();
        assert_eq!((spread.samples(), spread.percentile(0.5)), (0, None));
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_samples(
            mut samples in proptest::collection::vec(0..u64::MAX >> 1, 1..300), share in 0.0..1.0_f64,
        ) {
            let mut spread = Spread::default();
            for sample in &samples {
                spread.add(*sample);
            }
            samples.sort_unstable();
            let exact = samples[usize::try_from(rank(samples.len() as u64, share)).expect("small") - 1];
            let found = spread.percentile(share).expect("samples were taken");
            prop_assert!(found.abs_diff(exact) <= exact / 32 + 1, "{found} for {exact}");
            prop_assert_eq!(spread.percentile(1.0).map(|most| most <= samples[samples.len() - 1]), Some(true));
        }

        #[test]
        fn every_bucket_holds_its_own_middle(value in 0..u64::MAX >> 1) {
            prop_assert_eq!(bucket(middle(bucket(value))), bucket(value));
        }
    }
}
