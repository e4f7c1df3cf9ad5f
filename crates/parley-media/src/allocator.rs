//! Which of the wanted layers a line carries, in order of urgency.

use std::time::{Duration, Instant};

/// Part of a line's room for video that is given away; the rest is for letters and being wrong.
const USABLE_PERCENT: u64 = 90;
/// A layer that is not flowing has to fit with so many percent to spare.
const NEW_PERCENT: u64 = 115;

/// A layer that did not fit is not tried again before. More leaves a line that has recovered half
/// empty; less lets pictures flicker between two sizes.
const PAUSE_MIN: Duration = Duration::from_secs(3);
/// Each change of size costs a key frame that a thin line has no room for, so a layer that keeps
/// being given up is tried ever more seldom. More shows the small picture for longer where the line
/// has recovered for good; less lets it stand still more often where it has not.
const PAUSE_MAX_UPPER: Duration = Duration::from_secs(48);
/// Without the base layer there is no picture at all.
const PAUSE_MAX_BASE: Duration = Duration::from_secs(6);
/// A layer that lasted so long had its room; its next failure is a new one.
const LASTED: Duration = Duration::from_mins(1);

/// How long a layer that had to be given up is not tried again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HoldOff {
    given_up: Instant,
    pause: Duration,
    pause_max: Duration,
}

impl HoldOff {
    pub(crate) const fn new(now: Instant, layer: u8) -> Self {
        Self {
            given_up: now,
            pause: PAUSE_MIN,
            pause_max: if layer == 0 {
                PAUSE_MAX_BASE
            } else {
                PAUSE_MAX_UPPER
            },
        }
    }

    /// It was given up once more.
    pub(crate) fn again(&mut self, now: Instant) {
        let lasted = now.saturating_duration_since(self.given_up + self.pause);
        self.pause = if lasted < LASTED {
            (self.pause * 2).min(self.pause_max)
        } else {
            PAUSE_MIN
        };
        self.given_up = now;
    }

    pub(crate) fn lasts(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.given_up) < self.pause
    }
}

/// What kind of layer is wanted; smaller is more urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    Audio,
    Base,
    Upper,
}

/// One wanted layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Demand {
    pub(crate) track: usize,
    pub(crate) layer: u8,
    pub(crate) urgency: Urgency,
    /// Place among the voices of the room, 0 loudest.
    pub(crate) rank: usize,
    pub(crate) rate_bps: u64,
    pub(crate) is_flowing: bool,
    /// Was kept back so lately that taking it up again would flicker.
    pub(crate) is_held_off: bool,
}

/// Decides for each demand, in the order given, whether the line carries it.
///
/// Sound is always carried: a line too thin for it is too thin for anything, and words come first.
/// What it takes, copies included, the line has taken off `video_bps` already.
pub(crate) fn grant(video_bps: u64, demands: &[Demand]) -> Vec<bool> {
    let mut left = video_bps.saturating_mul(USABLE_PERCENT) / 100;
    let mut order: Vec<usize> = (0..demands.len()).collect();
    order.sort_by_key(|at| {
        let demand = &demands[*at];
        (demand.urgency, demand.layer, demand.rank, demand.track)
    });
    let mut granted = vec![false; demands.len()];
    for at in order {
        let demand = &demands[at];
        if demand.urgency == Urgency::Audio {
            granted[at] = true;
            continue;
        }
        let needed = if demand.is_flowing {
            demand.rate_bps
        } else {
            demand.rate_bps.saturating_mul(NEW_PERCENT) / 100
        };
        if needed <= left && !demand.is_held_off {
            left = left.saturating_sub(demand.rate_bps);
            granted[at] = true;
        }
    }
    granted
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn demand(urgency: Urgency, layer: u8, rank: usize, rate_bps: u64) -> Demand {
        Demand {
            track: rank,
            layer,
            urgency,
            rank,
            rate_bps,
            is_flowing: true,
            is_held_off: false,
        }
    }

    #[test]
    fn sound_then_every_small_picture_then_the_loudest_large_one() {
        let demands = [
            demand(Urgency::Upper, 2, 0, 1_700_000),
            demand(Urgency::Upper, 2, 1, 1_700_000),
            demand(Urgency::Base, 0, 1, 150_000),
            demand(Urgency::Base, 0, 0, 150_000),
            demand(Urgency::Audio, 0, 0, 40_000),
        ];
        assert_eq!(grant(2_300_000, &demands), [true, false, true, true, true]);
        assert_eq!(grant(400_000, &demands), [false, false, true, true, true]);
        assert_eq!(grant(170_000, &demands), [false, false, false, true, true]);
        assert_eq!(grant(160_000, &demands), [false, false, false, false, true]);
        assert_eq!(grant(0, &demands), [false, false, false, false, true]);
    }

    #[test]
    fn a_new_layer_needs_room_to_spare_and_time() {
        let mut demands = [demand(Urgency::Upper, 1, 0, 900)];
        assert_eq!(grant(1_000, &demands), [true]);
        demands[0].is_flowing = false;
        assert_eq!(grant(1_000, &demands), [false]);
        assert_eq!(grant(1_200, &demands), [true]);
        demands[0].is_held_off = true;
        assert_eq!(grant(9_000, &demands), [false]);
    }

    #[test]
    fn a_layer_that_keeps_being_given_up_is_tried_ever_more_seldom() {
        const SECOND: Duration = Duration::from_secs(1);
        let mut now = crate::testing::start();
        let mut hold_off = HoldOff::new(now, 1);
        for pause in [3, 6, 12, 24, 48, 48] {
            assert!(hold_off.lasts(now + (pause - 1) * SECOND));
            now += pause * SECOND;
            assert!(!hold_off.lasts(now));
            hold_off.again(now);
        }
        now += 200 * SECOND;
        hold_off.again(now);
        assert!(hold_off.lasts(now + 2 * SECOND) && !hold_off.lasts(now + 3 * SECOND));
    }

    #[test]
    fn the_smallest_picture_is_tried_again_soon_however_often_it_is_given_up() {
        let mut now = crate::testing::start();
        let mut hold_off = HoldOff::new(now, 0);
        for _ in 0..9 {
            now += PAUSE_MAX_BASE;
            assert!(!hold_off.lasts(now));
            hold_off.again(now);
        }
    }

    proptest! {
        #[test]
        fn pictures_never_take_more_than_the_line_has(
            video_bps in 0..10_000_000_u64,
            demands in vec((0..3_u8, 0..3_u8, 0..9_usize, 1..3_000_000_u64, any::<bool>()), 0..40),
        ) {
            let demands: Vec<Demand> = demands
                .into_iter()
                .map(|(urgency, layer, rank, rate_bps, is_flowing)| Demand {
                    is_flowing,
                    ..demand([Urgency::Audio, Urgency::Base, Urgency::Upper][usize::from(urgency)], layer, rank, rate_bps)
                })
                .collect();
            let granted = grant(video_bps, &demands);
            let pictures: u64 = demands
                .iter()
                .zip(&granted)
                .filter(|(demand, granted)| **granted && demand.urgency != Urgency::Audio)
                .map(|(demand, _)| demand.rate_bps)
                .sum();
            prop_assert!(pictures <= video_bps * USABLE_PERCENT / 100);
            for (demand, granted) in demands.iter().zip(&granted) {
                prop_assert!(*granted || demand.urgency != Urgency::Audio);
            }
        }
    }
}
