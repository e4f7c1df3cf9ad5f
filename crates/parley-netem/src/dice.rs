//! Every random choice of one direction, each kind from its own stream of one seed, so that
//! turning up the loss does not also change which packets are late.

use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::conditions::{Bursts, Loss, Probability};

/// How long the extra delay keeps its value. Longer turns jitter into slow waves that any buffer
/// follows; shorter makes it white noise, which order keeping then turns into bursts.
const JITTER_MEMORY: Duration = Duration::from_millis(50);

/// The random state of one direction. `ChaCha8` because its stream is specified: the same seed gives
/// the same network with any later version of the `rand` crate.
#[derive(Debug)]
pub(crate) struct Dice {
    loss: ChaCha8Rng,
    jitter: ChaCha8Rng,
    reorder: ChaCha8Rng,
    duplicate: ChaCha8Rng,
    is_bad: bool,
    wave: f64,
    wave_at: Option<Instant>,
}

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        let stream = |number: u64| {
            let mut random = ChaCha8Rng::seed_from_u64(seed);
            random.set_stream(number);
            random
        };
        Self {
            loss: stream(0),
            jitter: stream(1),
            reorder: stream(2),
            duplicate: stream(3),
            is_bad: false,
            wave: 0.0,
            wave_at: None,
        }
    }

    /// Whether the next packet vanishes.
    pub(crate) fn loses(&mut self, loss: &Loss) -> bool {
        let change = roll(&mut self.loss);
        let fate = roll(&mut self.loss);
        match loss {
            Loss::None => false,
            Loss::Random(share) => fate < share.ppm(),
            Loss::Bursts(bursts) => fate < self.burst_loss(bursts, change).ppm(),
        }
    }

    /// Whether the next packet is held back.
    pub(crate) fn holds_back(&mut self, share: Probability) -> bool {
        roll(&mut self.reorder) < share.ppm()
    }

    /// Whether the next packet arrives twice.
    pub(crate) fn duplicates(&mut self, share: Probability) -> bool {
        roll(&mut self.duplicate) < share.ppm()
    }

    /// The extra delay of a packet sent at `at`.
    ///
    /// An Ornstein-Uhlenbeck process of unit variance, folded at zero: its course depends on time
    /// and not on how many packets sample it, as other people's traffic would.
    pub(crate) fn extra_delay(&mut self, jitter: Duration, at: Instant) -> Duration {
        let noise = normal(&mut self.jitter);
        let kept = match self.wave_at.replace(at) {
            None => 0.0,
            Some(before) => {
                let gap = at.saturating_duration_since(before).as_secs_f64();
                (-gap / JITTER_MEMORY.as_secs_f64()).exp()
            }
        };
        self.wave = self.wave * kept + noise * (1.0 - kept * kept).sqrt();
        jitter.mul_f64(self.wave.abs())
    }

    fn burst_loss(&mut self, bursts: &Bursts, change: u32) -> Probability {
        let turn = if self.is_bad {
            bursts.leave_bad
        } else {
            bursts.enter_bad
        };
        if change < turn.ppm() {
            self.is_bad = !self.is_bad;
        }
        if self.is_bad {
            bursts.loss_bad
        } else {
            bursts.loss_good
        }
    }
}

fn roll(random: &mut ChaCha8Rng) -> u32 {
    random.random_range(0..Probability::MILLION)
}

/// A standard normal number (Box and Muller 1958), always from two draws.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    let radius: f64 = 1.0 - random.random::<f64>();
    let angle: f64 = random.random::<f64>() * std::f64::consts::TAU;
    (-2.0 * radius.ln()).sqrt() * angle.cos()
}
