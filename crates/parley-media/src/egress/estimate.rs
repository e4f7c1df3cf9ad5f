//! What the way to a browser carries, from what the browser reports (draft-ietf-rmcat-gcc-02).
//!
//! Delay says first that there is too much ([`Trend`]): the rate falls to 85 % of what arrives.
//! Loss says it where queues are short or absent. While neither does, the rate grows, but only to
//! half as much again as what arrives: nothing is known beyond what has been tried. More is tried
//! with probes ([`super::probe`]) when more is wanted.

use super::{
    sent::{Arrived, Told},
    trend::{Trend, Usage},
};

/// Below this a call is a voice; an estimate under it would keep out what finds out that it is over.
pub(crate) const RATE_MIN_BPS: f64 = 64_000.0;
/// More than any browser is ever sent.
pub(crate) const RATE_MAX_BPS: f64 = 50_000_000.0;
/// What is kept of the arriving rate when the queue grows (§5.5).
const BACK_OFF: f64 = 0.85;
/// Growth per second far from what was last found to be too much.
const GROWTH: f64 = 0.08;
/// How far beyond what arrives the rate may grow untried, and a little for silence.
const UNTRIED: f64 = 1.5;
const UNTRIED_BPS: f64 = 10_000.0;
/// Loss below `LOSS_LOW` is the network's nature; over `LOSS_HIGH` it is too much (§6).
const LOSS_LOW: f64 = 0.02;
const LOSS_HIGH: f64 = 0.10;
/// Packets after which loss is a number. Fewer takes one lost packet of ten for a congestion.
const LOSS_PACKETS: u32 = 20;
/// Least time between two steps down, so that one congestion is answered once.
const STEP_US: i64 = 200_000;
/// The arriving rate is taken over ten buckets of this length.
const BUCKET_US: i64 = 50_000;
const BUCKETS: usize = 10;
/// Bits of the packet by which the rate grows per round trip near the limit (§5.5).
const PACKET_BITS: f64 = 9_600.0;

/// The estimate of one connection.
#[derive(Debug)]
pub(crate) struct Estimate {
    delay_bps: f64,
    loss_bps: f64,
    trend: Trend,
    arriving: Arriving,
    /// Rates at which it was too much: mean and squared deviation, both smoothed.
    limit: Option<(f64, f64)>,
    rtt_us: i64,
    grown_us: Option<i64>,
    fallen_us: Option<i64>,
    loss_fallen_us: Option<i64>,
    loss_grown_us: Option<i64>,
    counted: (u32, u32),
    /// Of the last count that was one.
    loss: Option<f64>,
}

impl Estimate {
    pub(crate) fn new(first_bps: u64) -> Self {
        Self {
            delay_bps: as_f64(first_bps),
            loss_bps: RATE_MAX_BPS,
            trend: Trend::default(),
            arriving: Arriving::default(),
            limit: None,
            rtt_us: 100_000,
            grown_us: None,
            fallen_us: None,
            loss_fallen_us: None,
            loss_grown_us: None,
            counted: (0, 0),
            loss: None,
        }
    }

    pub(crate) fn bps(&self) -> f64 {
        self.delay_bps.min(self.loss_bps)
    }

    /// Part of what was sent that did not arrive, 0 to 1, where it is known.
    pub(crate) const fn loss(&self) -> Option<f64> {
        self.loss
    }

    pub(crate) fn is_congested(&self) -> bool {
        self.trend.usage() == Usage::Over || self.loss.is_some_and(|loss| loss > LOSS_HIGH)
    }

    /// When it last was too much.
    pub(crate) fn fallen_us(&self) -> Option<i64> {
        self.fallen_us.max(self.loss_fallen_us)
    }

    pub(crate) fn set_rtt(&mut self, rtt_us: i64) {
        self.rtt_us = rtt_us.clamp(10_000, 1_000_000);
    }

    /// Takes a packet that arrived.
    pub(crate) fn arrive(&mut self, packet: &Arrived) {
        self.arriving.add(packet.at_us, packet.bytes.into());
        self.trend.arrive(packet);
    }

    /// Takes the rest of the report, once its arrivals have been taken.
    pub(crate) fn conclude(&mut self, now_us: i64, told: &Told) {
        if told.arrived + told.missing == 0 {
            return;
        }
        match self.trend.usage() {
            Usage::Over => self.back_off(now_us),
            Usage::Under => self.grown_us = Some(now_us),
            Usage::Normal => self.grow(now_us),
        }
        self.counted.0 += told.arrived + told.missing;
        self.counted.1 += told.missing;
        if self.counted.0 >= LOSS_PACKETS {
            let loss = f64::from(self.counted.1) / f64::from(self.counted.0);
            self.counted = (0, 0);
            self.lose(now_us, loss);
        }
    }

    /// Takes the share of packets that were lost, from whatever report.
    pub(crate) fn lose(&mut self, now_us: i64, loss: f64) {
        self.loss = Some(loss);
        if loss > LOSS_HIGH {
            let is_soon = self
                .loss_fallen_us
                .is_some_and(|at| now_us - at < STEP_US + self.rtt_us);
            if !is_soon {
                self.loss_bps = (self.bps() * (1.0 - 0.5 * loss)).max(RATE_MIN_BPS);
                self.loss_fallen_us = Some(now_us);
            }
            self.loss_grown_us = None;
        } else if loss < LOSS_LOW {
            let since = seconds(now_us - self.loss_grown_us.replace(now_us).unwrap_or(now_us));
            let growth = (1.0 + GROWTH).powf(since.min(1.0));
            self.loss_bps = (self.loss_bps * growth).min(RATE_MAX_BPS);
        } else {
            self.loss_grown_us = None;
        }
    }

    /// A probe showed that so much is carried.
    pub(crate) fn prove(&mut self, now_us: i64, bps: f64) {
        if self.trend.usage() == Usage::Over || bps <= self.delay_bps {
            return;
        }
        self.delay_bps = bps.min(RATE_MAX_BPS);
        self.loss_bps = self.loss_bps.max(self.delay_bps);
        self.grown_us = Some(now_us);
        self.limit = None;
    }

    fn back_off(&mut self, now_us: i64) {
        self.grown_us = None;
        let is_soon = self
            .fallen_us
            .is_some_and(|at| now_us - at < STEP_US.max(self.rtt_us));
        let Some(arriving) = self.arriving.bps().filter(|_| !is_soon) else {
            return;
        };
        self.fallen_us = Some(now_us);
        self.note_limit(arriving);
        let target = BACK_OFF * arriving;
        // What arrives may be little because little was sent; that is no reason to fall so far.
        self.delay_bps = self
            .delay_bps
            .min(target.max(self.delay_bps / 2.0))
            .max(RATE_MIN_BPS);
    }

    fn grow(&mut self, now_us: i64) {
        let since = seconds(now_us - self.grown_us.replace(now_us).unwrap_or(now_us)).min(1.0);
        let Some(arriving) = self.arriving.bps() else {
            return;
        };
        if let Some((mean, deviation)) = self.limit
            && arriving > mean + 3.0 * deviation.sqrt() * mean.sqrt()
        {
            self.limit = None;
        }
        let grown = if self.limit.is_some() {
            let response = seconds(self.rtt_us) + 0.1;
            self.delay_bps + (PACKET_BITS / response).max(4_000.0) * since
        } else {
            self.delay_bps * (1.0 + GROWTH).powf(since)
        };
        let cap = UNTRIED * arriving + UNTRIED_BPS;
        self.delay_bps = self.delay_bps.max(grown.min(cap)).min(RATE_MAX_BPS);
    }

    /// Deviation is kept relative to the mean, so that it means the same at every rate (§5.5).
    fn note_limit(&mut self, arriving: f64) {
        const WEIGHT: f64 = 0.05;
        self.limit = Some(match self.limit {
            Some((mean, deviation))
                if (arriving - mean).abs() <= 3.0 * deviation.sqrt() * mean.sqrt() =>
            {
                let error = mean - arriving;
                let mean = (1.0 - WEIGHT) * mean + WEIGHT * arriving;
                let relative = error * error / mean.max(1.0);
                let deviation = (1.0 - WEIGHT) * deviation + WEIGHT * relative;
                (mean, deviation.clamp(400.0, 2_500.0))
            }
            Some(_) | None => (arriving, 400.0),
        });
    }
}

/// What arrives, over half a second of the browser's clock.
#[derive(Debug, Default)]
struct Arriving {
    buckets: [u64; BUCKETS],
    /// Number of the newest bucket, and of the first that counted.
    newest: Option<i64>,
    first: i64,
}

impl Arriving {
    fn add(&mut self, arrived_us: i64, bytes: u64) {
        let bucket = arrived_us.div_euclid(BUCKET_US);
        let count = i64::try_from(BUCKETS).unwrap_or(1);
        match self.newest {
            Some(newest) if bucket <= newest - count => return,
            Some(newest) if bucket <= newest => {}
            Some(newest) if bucket - newest < count => {
                for empty in newest + 1..=bucket {
                    self.buckets[place(empty)] = 0;
                }
                self.newest = Some(bucket);
            }
            Some(_) | None => {
                self.buckets = [0; BUCKETS];
                (self.newest, self.first) = (Some(bucket), bucket);
            }
        }
        self.buckets[place(bucket)] += bytes;
    }

    /// The newest bucket is not full yet and does not count; less than three are no rate.
    fn bps(&self) -> Option<f64> {
        let newest = self.newest?;
        let count = i64::try_from(BUCKETS).unwrap_or(1);
        let full = (newest - self.first).min(count - 1);
        if full < 3 {
            return None;
        }
        let bytes: u64 = (1..=full)
            .map(|back| self.buckets[place(newest - back)])
            .sum();
        Some(as_f64(bytes * 8) / seconds(full * BUCKET_US))
    }
}

fn place(bucket: i64) -> usize {
    let count = i64::try_from(BUCKETS).unwrap_or(1);
    usize::try_from(bucket.rem_euclid(count)).unwrap_or(0)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "rates and times of a call stay far below 2^52"
)]
pub(crate) const fn as_f64(number: u64) -> f64 {
    number as f64
}

/// A rate, which is neither negative nor beyond [`RATE_MAX_BPS`].
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "whole bits per second are enough, and rates are not negative"
)]
pub(crate) const fn as_u64(rate: f64) -> u64 {
    rate as u64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a call stay far below 2^52"
)]
pub(crate) const fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}
