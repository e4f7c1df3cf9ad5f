//! Whether the way to a browser fills up: the trend of one-way delay
//! (draft-ietf-rmcat-gcc-02 §5, with the trendline filter of libwebrtc).
//!
//! ```text
//! groups of 5 ms ─▶ delay gradient ─▶ slope over 20 groups ─▶ threshold that adapts ─▶ usage
//! ```

use std::collections::VecDeque;

use super::sent::Arrived;

/// Packets sent within this are one group. More blurs a short queue; less measures the kernel.
const GROUP_US: i64 = 5_000;
/// Groups the slope is taken over. More reacts later; less takes jitter for a queue.
const WINDOW: usize = 20;
/// Weight of the past in the smoothed delay.
const SMOOTHING: f64 = 0.9;
/// Scales the slope to the threshold's unit (milliseconds), as in libwebrtc.
const GAIN: f64 = 4.0;
const GROUPS_COUNTED_MAX: f64 = 60.0;
/// Where the threshold begins and how far it may move, in milliseconds.
const THRESHOLD_MS: f64 = 12.5;
const THRESHOLD_MIN_MS: f64 = 6.0;
const THRESHOLD_MAX_MS: f64 = 600.0;
/// How fast it moves up and down towards what is seen, so that a competing flow that keeps the
/// queue full does not starve us (§5.4).
const RISE: f64 = 0.0087;
const FALL: f64 = 0.039;
/// The threshold does not follow a jump this far beyond it.
const JUMP_MS: f64 = 15.0;
/// A trend over the threshold counts after so long.
const OVERUSE_AFTER_MS: f64 = 10.0;
/// A step of the arrival clock larger than this begins anew: the browser slept.
const GAP_US: i64 = 3_000_000;

/// What the delay says of the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Usage {
    #[default]
    Normal,
    /// The queue empties.
    Under,
    /// The queue grows.
    Over,
}

/// The trend filter of one connection.
#[derive(Debug)]
pub(crate) struct Trend {
    group: Option<Group>,
    previous: Option<Group>,
    /// Arrival time and smoothed delay in milliseconds.
    points: VecDeque<(f64, f64)>,
    begun_us: i64,
    accumulated_ms: f64,
    smoothed_ms: f64,
    groups: f64,
    threshold_ms: f64,
    over_ms: f64,
    last_ms: f64,
    adapted_us: Option<i64>,
    usage: Usage,
}

#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_field_names,
    reason = "the name of a quantity ends in its unit"
)]
struct Group {
    first_sent_us: i64,
    last_sent_us: i64,
    arrived_us: i64,
}

impl Default for Trend {
    fn default() -> Self {
        Self {
            group: None,
            previous: None,
            points: VecDeque::with_capacity(WINDOW + 1),
            begun_us: 0,
            accumulated_ms: 0.0,
            smoothed_ms: 0.0,
            groups: 0.0,
            threshold_ms: THRESHOLD_MS,
            over_ms: 0.0,
            last_ms: 0.0,
            adapted_us: None,
            usage: Usage::Normal,
        }
    }
}

impl Trend {
    pub(crate) const fn usage(&self) -> Usage {
        self.usage
    }

    /// Takes a packet that arrived, in the order they were sent.
    pub(crate) fn arrive(&mut self, packet: &Arrived) {
        let Some(group) = &mut self.group else {
            self.group = Some(Group::of(packet));
            return;
        };
        if packet.sent_us < group.first_sent_us {
            return;
        }
        if packet.sent_us - group.first_sent_us <= GROUP_US {
            group.last_sent_us = group.last_sent_us.max(packet.sent_us);
            group.arrived_us = group.arrived_us.max(packet.at_us);
            return;
        }
        let finished = *group;
        *group = Group::of(packet);
        if let Some(previous) = self.previous.replace(finished) {
            self.measure(&previous, &finished);
        }
    }

    fn measure(&mut self, before: &Group, after: &Group) {
        let sent_us = after.last_sent_us - before.last_sent_us;
        let arrived_us = after.arrived_us - before.arrived_us;
        if !(0..GAP_US).contains(&arrived_us) || sent_us > GAP_US {
            let (threshold_ms, previous) = (self.threshold_ms, self.previous);
            *self = Self {
                threshold_ms,
                previous,
                group: self.group,
                ..Self::default()
            };
            return;
        }
        if self.points.is_empty() {
            self.begun_us = after.arrived_us;
        }
        self.groups = (self.groups + 1.0).min(GROUPS_COUNTED_MAX);
        self.accumulated_ms += millis(arrived_us - sent_us);
        self.smoothed_ms = SMOOTHING * self.smoothed_ms + (1.0 - SMOOTHING) * self.accumulated_ms;
        let at_ms = millis(after.arrived_us - self.begun_us);
        self.points.push_back((at_ms, self.smoothed_ms));
        if self.points.len() > WINDOW {
            self.points.pop_front();
        }
        let slope = if self.points.len() == WINDOW {
            slope(&self.points)
        } else {
            0.0
        };
        self.detect(slope * self.groups * GAIN, millis(sent_us));
        self.adapt(slope * self.groups * GAIN, after.arrived_us);
    }

    fn detect(&mut self, trend: f64, step_ms: f64) {
        if trend > self.threshold_ms {
            self.over_ms += step_ms;
            if self.over_ms > OVERUSE_AFTER_MS && trend >= self.last_ms {
                self.over_ms = 0.0;
                self.usage = Usage::Over;
            }
        } else {
            self.over_ms = 0.0;
            self.usage = if trend < -self.threshold_ms {
                Usage::Under
            } else {
                Usage::Normal
            };
        }
        self.last_ms = trend;
    }

    fn adapt(&mut self, trend: f64, arrived_us: i64) {
        let since_ms = millis(arrived_us - self.adapted_us.unwrap_or(arrived_us)).min(100.0);
        self.adapted_us = Some(arrived_us);
        if trend.abs() > self.threshold_ms + JUMP_MS {
            return;
        }
        let speed = if trend.abs() < self.threshold_ms {
            FALL
        } else {
            RISE
        };
        self.threshold_ms = (self.threshold_ms
            + speed * (trend.abs() - self.threshold_ms) * since_ms)
            .clamp(THRESHOLD_MIN_MS, THRESHOLD_MAX_MS);
    }
}

impl Group {
    const fn of(packet: &Arrived) -> Self {
        Self {
            first_sent_us: packet.sent_us,
            last_sent_us: packet.sent_us,
            arrived_us: packet.at_us,
        }
    }
}

/// Least squares.
fn slope(points: &VecDeque<(f64, f64)>) -> f64 {
    let count = points.iter().fold(0.0, |count, _| count + 1.0);
    let (sum_x, sum_y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (mean_x, mean_y) = (sum_x / count, sum_y / count);
    let (mut over, mut under) = (0.0, 0.0);
    for (x, y) in points {
        over += (x - mean_x) * (y - mean_y);
        under += (x - mean_x) * (x - mean_x);
    }
    if under > 0.0 { over / under } else { 0.0 }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a call stay far below 2^52"
)]
fn millis(us: i64) -> f64 {
    us as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Packets every 10 ms whose queue grows by `growth_us` with each.
    fn run(trend: &mut Trend, start: i64, count: i64, growth_us: i64) -> Usage {
        for at in start..start + count {
            trend.arrive(&Arrived {
                sent_us: at * 10_000,
                at_us: at * 10_000 + 50_000 + (at - start) * growth_us,
                bytes: 1_200,
                probe: 0,
            });
        }
        trend.usage()
    }

    #[test]
    fn an_even_way_is_normal_and_a_growing_queue_is_noticed_at_once() {
        let mut trend = Trend::default();
        assert_eq!(run(&mut trend, 0, 200, 0), Usage::Normal);
        assert_eq!(run(&mut trend, 200, 30, 2_000), Usage::Over);
    }

    #[test]
    fn a_queue_that_empties_is_noticed() {
        let mut trend = Trend::default();
        run(&mut trend, 0, 100, 0);
        run(&mut trend, 100, 100, 1_000);
        let mut usages = Vec::new();
        for at in 200..300 {
            trend.arrive(&Arrived {
                sent_us: at * 10_000,
                at_us: at * 10_000 + 150_000 - (at - 200) * 1_000,
                bytes: 1_200,
                probe: 0,
            });
            usages.push(trend.usage());
        }
        assert!(usages.contains(&Usage::Under), "{usages:?}");
    }

    #[test]
    fn jitter_is_no_queue() {
        let mut trend = Trend::default();
        for at in 0..2_000_i64 {
            trend.arrive(&Arrived {
                sent_us: at * 10_000,
                at_us: at * 10_000 + 50_000 + at * 7_919 % 4_000,
                bytes: 1_200,
                probe: 0,
            });
            assert_ne!(trend.usage(), Usage::Over, "{at}");
        }
    }

    #[test]
    fn a_browser_that_slept_begins_anew() {
        let mut trend = Trend::default();
        run(&mut trend, 0, 100, 0);
        let mut late = Trend::default();
        std::mem::swap(&mut trend, &mut late);
        for at in 100..130_i64 {
            late.arrive(&Arrived {
                sent_us: at * 10_000,
                at_us: at * 10_000 + 9_000_000,
                bytes: 1_200,
                probe: 0,
            });
            assert_ne!(late.usage(), Usage::Over);
        }
    }
}
