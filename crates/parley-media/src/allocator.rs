//! Which of the wanted layers a line carries, in order of urgency.

/// Part of a line's rate that media may take; the rest is for letters, repair and being wrong.
const USABLE_PERCENT: u64 = 90;
/// A layer that is not flowing has to fit with so many percent to spare.
const NEW_PERCENT: u64 = 115;

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
pub(crate) fn grant(line_bps: u64, demands: &[Demand]) -> Vec<bool> {
    let mut left = line_bps.saturating_mul(USABLE_PERCENT) / 100;
    let mut order: Vec<usize> = (0..demands.len()).collect();
    order.sort_by_key(|at| {
        let demand = &demands[*at];
        (demand.urgency, demand.layer, demand.rank, demand.track)
    });
    let mut granted = vec![false; demands.len()];
    for at in order {
        let demand = &demands[at];
        let needed = match (demand.urgency, demand.is_flowing) {
            (Urgency::Audio, _) => 0,
            (Urgency::Base | Urgency::Upper, true) => demand.rate_bps,
            (Urgency::Base | Urgency::Upper, false) => {
                demand.rate_bps.saturating_mul(NEW_PERCENT) / 100
            }
        };
        if needed <= left && (!demand.is_held_off || demand.urgency == Urgency::Audio) {
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
        assert_eq!(grant(2_400_000, &demands), [true, false, true, true, true]);
        assert_eq!(grant(400_000, &demands), [false, false, true, true, true]);
        assert_eq!(grant(250_000, &demands), [false, false, false, true, true]);
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

    proptest! {
        #[test]
        fn pictures_never_take_more_than_the_line_has(
            line_bps in 0..10_000_000_u64,
            demands in vec((0..3_u8, 0..3_u8, 0..9_usize, 1..3_000_000_u64, any::<bool>()), 0..40),
        ) {
            let demands: Vec<Demand> = demands
                .into_iter()
                .map(|(urgency, layer, rank, rate_bps, is_flowing)| Demand {
                    is_flowing,
                    ..demand([Urgency::Audio, Urgency::Base, Urgency::Upper][usize::from(urgency)], layer, rank, rate_bps)
                })
                .collect();
            let granted = grant(line_bps, &demands);
            let pictures: u64 = demands
                .iter()
                .zip(&granted)
                .filter(|(demand, granted)| **granted && demand.urgency != Urgency::Audio)
                .map(|(demand, _)| demand.rate_bps)
                .sum();
            prop_assert!(pictures <= line_bps * USABLE_PERCENT / 100);
            for (demand, granted) in demands.iter().zip(&granted) {
                prop_assert!(*granted || demand.urgency != Urgency::Audio);
            }
        }
    }
}
