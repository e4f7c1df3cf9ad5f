//! What one direction of a path is like at one moment.

use std::{num::NonZeroU64, time::Duration};

/// The largest IP packet of Ethernet. More would let packets through that no real border carries;
/// less would make every profile drop what an ordinary host sends by default.
const MTU_ETHERNET: usize = 1_500;

/// What one direction of a path is like at one moment.
///
/// The default is a perfect wire: no delay, no loss, no rate limit, Ethernet's MTU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conditions {
    /// Time on the wire after the last bit was sent. Never undercut.
    pub delay: Duration,
    /// How much the delay wavers: the standard deviation of the extra delay's underlying normal
    /// variable, so the extra delay is 0.8 of it on average and under twice it for 95 % of the
    /// time. Jitter alone never reorders, as a first-in-first-out queue elsewhere would not.
    pub jitter: Duration,
    /// Which packets vanish after they have used their share of the rate.
    pub loss: Loss,
    /// Which packets are held back so that later ones overtake them.
    pub reorder: Option<Reorder>,
    /// How likely a packet arrives twice.
    pub duplicate: Probability,
    /// Bits per second of whole packets as pushed; `None` sends at once.
    pub rate_bps: Option<NonZeroU64>,
    /// How much may wait for its turn; without meaning when there is no rate.
    pub queue: QueueBound,
    /// Longest packet in bytes that passes; longer ones vanish without notice, as behind a
    /// firewall that eats "packet too big".
    pub mtu: usize,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: Loss::None,
            reorder: None,
            duplicate: Probability::ZERO,
            rate_bps: None,
            queue: QueueBound::default(),
            mtu: MTU_ETHERNET,
        }
    }
}

/// A probability in parts per million, so that equal texts are equal numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Probability(u32);

impl Probability {
    /// Never.
    pub const ZERO: Self = Self(0);
    /// Always.
    pub const ONE: Self = Self(Self::MILLION);
    pub(crate) const MILLION: u32 = 1_000_000;

    /// So many parts in a million; more than a million is always.
    #[must_use]
    pub const fn from_ppm(ppm: u32) -> Self {
        if ppm > Self::MILLION {
            Self::ONE
        } else {
            Self(ppm)
        }
    }

    /// So many parts in a hundred; more than a hundred is always.
    #[must_use]
    pub const fn from_percent(percent: u32) -> Self {
        Self::from_ppm(percent.saturating_mul(Self::MILLION / 100))
    }

    /// Parts per million.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// Between 0 and 1.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / f64::from(Self::MILLION)
    }
}

/// Which packets vanish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Loss {
    /// None.
    #[default]
    None,
    /// Each by itself with this probability.
    Random(Probability),
    /// In bursts.
    Bursts(Bursts),
}

impl Loss {
    /// The share lost in the long run.
    #[must_use]
    pub fn mean(&self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Random(share) => share.as_f64(),
            Self::Bursts(bursts) => bursts.mean(),
        }
    }
}

/// A Gilbert-Elliott loss process: a good and a bad state, each with its own loss, and a chance
/// before each packet to change state (Gilbert 1960, Elliott 1963).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bursts {
    /// Chance per packet of going from good to bad.
    pub enter_bad: Probability,
    /// Chance per packet of going from bad to good; its inverse is the mean stay in packets.
    pub leave_bad: Probability,
    /// Loss in the good state.
    pub loss_good: Probability,
    /// Loss in the bad state.
    pub loss_bad: Probability,
}

impl Bursts {
    /// The process that loses `mean` of all packets in bursts of `length` packets on average,
    /// losing nothing between bursts and everything within one. Bursts are longer than asked for
    /// where the mean cannot be had otherwise: there is at least one packet between two bursts.
    #[must_use]
    pub fn of_mean_length(mean: Probability, length: NonZeroU64) -> Self {
        let million = u64::from(Probability::MILLION);
        let lost = u64::from(mean.ppm());
        let kept = million - lost;
        let asked = million / length.get().min(million);
        let (enter_bad, leave_bad) = if asked * lost > kept * million {
            (million, million * kept / lost)
        } else {
            (asked * lost / kept.max(1), asked)
        };
        Self {
            enter_bad: Probability::from_ppm(u32::try_from(enter_bad).unwrap_or(u32::MAX)),
            leave_bad: Probability::from_ppm(u32::try_from(leave_bad).unwrap_or(u32::MAX)),
            loss_good: Probability::ZERO,
            loss_bad: Probability::ONE,
        }
    }

    /// The share lost in the long run, to the nearest part in a million.
    #[must_use]
    pub fn mean_share(&self) -> Probability {
        let ppm = self.mean() * f64::from(Probability::MILLION);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "0 to 1e6"
        )]
        Probability::from_ppm(ppm.round() as u32)
    }

    /// The share lost in the long run.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let (enter, leave) = (self.enter_bad.as_f64(), self.leave_bad.as_f64());
        if enter + leave <= 0.0 {
            return self.loss_good.as_f64();
        }
        let bad = enter / (enter + leave);
        bad * self.loss_bad.as_f64() + (1.0 - bad) * self.loss_good.as_f64()
    }
}

/// Packets held back so that later ones overtake them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reorder {
    /// How likely a packet is held back.
    pub share: Probability,
    /// For how long; shorter than the gap between two packets and nothing overtakes.
    pub by: Duration,
}

/// How much may wait behind a rate, not counting the packet that is being sent. A packet that
/// would exceed the bound is dropped on arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueBound {
    /// Bytes.
    Bytes(u64),
    /// As many bytes as the present rate sends in this time.
    Time(Duration),
}

impl Default for QueueBound {
    /// 200 ms, about one round trip across a border: the rule of thumb for router buffers. Less
    /// punishes bursts that real routers absorb; more hides a sender that fills buffers.
    fn default() -> Self {
        Self::Time(Duration::from_millis(200))
    }
}

impl QueueBound {
    /// The bound in bytes at a rate.
    #[must_use]
    pub fn bytes(&self, rate_bps: NonZeroU64) -> u64 {
        match self {
            Self::Bytes(bytes) => *bytes,
            Self::Time(time) => {
                let bits = time.as_nanos().saturating_mul(u128::from(rate_bps.get()));
                u64::try_from(bits / 8_000_000_000).unwrap_or(u64::MAX)
            }
        }
    }
}

/// How long a rate takes to send so many bytes.
pub(crate) fn time_to_send(bytes: usize, rate_bps: NonZeroU64) -> Duration {
    let bits = u128::try_from(bytes).unwrap_or(u128::MAX).saturating_mul(8);
    let nanos = bits.saturating_mul(1_000_000_000) / u128::from(rate_bps.get());
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
