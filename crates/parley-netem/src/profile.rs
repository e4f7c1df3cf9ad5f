//! What a path is like: five with names, and any other.

use std::{num::NonZeroU64, time::Duration};

use crate::{
    conditions::{Conditions, Loss, Probability, QueueBound},
    error::NetemError,
    schedule::Schedule,
    spec,
};

/// What a path is like, each way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// From the first end to the second.
    pub out: Schedule,
    /// From the second end to the first.
    pub back: Schedule,
}

impl Profile {
    /// The names that [`named`](Self::named) knows.
    pub const NAMES: [&'static str; 5] = ["lan", "regional", "border", "slow-hours", "satellite"];

    /// The same both ways, for ever.
    #[must_use]
    pub fn symmetric(conditions: Conditions) -> Self {
        let schedule = Schedule::constant(conditions);
        Self {
            out: schedule.clone(),
            back: schedule,
        }
    }

    /// The profile of this name.
    ///
    /// # Errors
    /// [`NetemError::UnknownProfile`] when there is none, with the names there are.
    pub fn named(name: &str) -> Result<Self, NetemError> {
        match name {
            "lan" => Ok(lan()),
            "regional" => Ok(regional()),
            "border" => Ok(border()),
            "slow-hours" => Ok(slow_hours()),
            "satellite" => Ok(satellite()),
            _ => Err(NetemError::UnknownProfile {
                name: name.to_owned(),
                known: Self::NAMES.join(", "),
            }),
        }
    }

    /// Reads `NAME[,KEY=VALUE]...`, for example `border,loss=5%,out.rate=2mbit`.
    ///
    /// `KEY` is one of `rtt`, `delay`, `jitter`, `loss`, `burst`, `reorder`, `reorder_by`,
    /// `duplicate`, `rate`, `queue`, `mtu`, `outage` and `every`. `out.` or `back.` before it
    /// limits it to one way; `@TIME` after it makes it hold from then on (`rate@30s=500kbit`).
    /// Settings are applied from left to right.
    ///
    /// ```
    /// use parley_netem::Profile;
    ///
    /// let profile = Profile::parse("slow-hours,back.loss=40%,outage=10s+200ms")?;
    /// assert_ne!(profile, Profile::named("slow-hours")?);
    /// assert!(Profile::parse("border,rate=fast").is_err());
    /// # Ok::<(), parley_netem::NetemError>(())
    /// ```
    ///
    /// # Errors
    /// A [`NetemError`] that names the part that was not understood and what would have been.
    pub fn parse(text: &str) -> Result<Self, NetemError> {
        spec::parse(text)
    }
}

/// One building. 0.5 ms round trip and 1 Gbit/s are an ordinary switch; the 5 ms queue is what its
/// shared buffer holds. Faster would measure this machine and not the network.
fn lan() -> Profile {
    Profile::symmetric(Conditions {
        delay: Duration::from_micros(250),
        rate_bps: NonZeroU64::new(1_000_000_000),
        queue: QueueBound::Time(Duration::from_millis(5)),
        ..Conditions::default()
    })
}

/// Two cities of one country: 30 ms round trip. 50 Mbit/s and 0.1 % loss are a decent business
/// access; cleaner and it would only be a longer `lan`.
fn regional() -> Profile {
    Profile::symmetric(Conditions {
        delay: Duration::from_millis(15),
        jitter: Duration::from_millis(1),
        loss: Loss::Random(Probability::from_ppm(1_000)),
        rate_bps: NonZeroU64::new(50_000_000),
        queue: QueueBound::Time(Duration::from_millis(50)),
        ..Conditions::default()
    })
}

/// The ordinary day between two continents, on which every figure is quoted: 250 ms round trip,
/// 1 % loss each way, 4 Mbit/s. At 1 % a loss-based controller is already held to about 0.5 Mbit/s
/// (Mathis), so a sender that uses this path well is one that does not take loss for congestion.
/// The 200 ms queue is near one round trip: it shows a sender that fills buffers without losing
/// packets of one that sends a key frame.
fn border() -> Profile {
    Profile::symmetric(Conditions {
        delay: Duration::from_millis(125),
        jitter: Duration::from_millis(2),
        loss: Loss::Random(Probability::from_percent(1)),
        rate_bps: NonZeroU64::new(4_000_000),
        queue: QueueBound::Time(Duration::from_millis(200)),
        ..Conditions::default()
    })
}

/// The bad hours of a transnational path: 15 % mean loss out and next to none back, always under
/// 1 Mbit/s, changing every 30 s (after Zhu et al., SIGMETRICS 2020: four transfers in five under
/// 1 Mbit/s in slow hours, about 15 % mean loss, one way only). The real change takes hours; 30 s
/// steps put a whole day into a drill of two minutes and leave a controller time to settle.
fn slow_hours() -> Profile {
    let out = |rate_bps, loss_percent| Conditions {
        rate_bps: NonZeroU64::new(rate_bps),
        loss: Loss::Random(Probability::from_percent(loss_percent)),
        ..slow_hours_base()
    };
    let step = Duration::from_secs(30);
    Profile {
        out: Schedule::constant(out(900_000, 15))
            .step(step, out(700_000, 20))
            .step(step * 2, out(500_000, 15))
            .step(step * 3, out(800_000, 10))
            .repeating(step * 4),
        back: Schedule::constant(slow_hours_base()),
    }
}

/// 5 ms of jitter and a 300 ms queue: a bottleneck that is congested all the time has a buffer that
/// is rarely empty. 0.2 % back is the loss of a way that is slow and otherwise well.
fn slow_hours_base() -> Conditions {
    Conditions {
        delay: Duration::from_millis(125),
        jitter: Duration::from_millis(5),
        loss: Loss::Random(Probability::from_ppm(2_000)),
        rate_bps: NonZeroU64::new(900_000),
        queue: QueueBound::Time(Duration::from_millis(300)),
        ..Conditions::default()
    }
}

/// A geostationary hop: 600 ms round trip is the light's way up and down twice, plus its modems.
/// 10 Mbit/s and 0.5 % loss are a small dish in fair weather; 400 ms of queue what modems buffer.
fn satellite() -> Profile {
    Profile::symmetric(Conditions {
        delay: Duration::from_millis(300),
        jitter: Duration::from_millis(5),
        loss: Loss::Random(Probability::from_ppm(5_000)),
        rate_bps: NonZeroU64::new(10_000_000),
        queue: QueueBound::Time(Duration::from_millis(400)),
        ..Conditions::default()
    })
}
