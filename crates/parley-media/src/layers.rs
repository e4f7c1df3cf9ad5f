//! Which layer each viewer, and each line, gets: pure sums over rates and heights.

use parley_wire::room::Reason;

use crate::event::LayerShortfall;

/// Layers a track can have: quarter, half, full.
pub(crate) const LAYERS: usize = 3;

/// What the layers cost before anything was measured, in bit/s: what Chrome gives 320 x 180,
/// 640 x 360 and 1280 x 720.
pub(crate) const RATES_ASSUMED_BPS: [u64; LAYERS] = [150_000, 500_000, 1_700_000];
/// Heights before a key frame has told them.
pub(crate) const HEIGHTS_ASSUMED_PX: [u16; LAYERS] = [180, 360, 720];

/// A layer shorter than what the page shows is still right if it reaches so many percent of it:
/// the eye does not see the rest, and the next layer costs three times as much.
const HEIGHT_ENOUGH_PERCENT: u32 = 80;
/// A layer that is not flowing yet has to fit with so many percent to spare, or two layers would
/// take turns at the edge of the estimate.
const UPGRADE_PERCENT: u64 = 120;

/// One layer as the choice sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct LayerOffer {
    /// Whether the publisher makes this layer at all.
    pub(crate) exists: bool,
    /// Why it cannot be had at present.
    pub(crate) withheld: Option<Reason>,
    pub(crate) height_px: u16,
    pub(crate) rate_bps: u64,
}

/// What a page asked for in one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SlotAsk {
    pub(crate) height_px: u16,
    pub(crate) offers: [LayerOffer; LAYERS],
    /// What flows, which costs less to keep than to begin.
    pub(crate) current: Option<u8>,
}

/// What a slot gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct SlotChoice {
    pub(crate) layer: Option<u8>,
    /// What would be right if nothing stood in the way.
    pub(crate) ideal: Option<u8>,
    /// Why the slot gets less than the ideal.
    pub(crate) withheld: Option<LayerShortfall>,
}

/// The smallest layer that is tall enough, or the tallest there is.
pub(crate) fn ideal_layer(height_px: u16, offers: &[LayerOffer; LAYERS]) -> Option<u8> {
    let needed = u32::from(height_px) * HEIGHT_ENOUGH_PERCENT / 100;
    let existing = || (0..).zip(offers).filter(|(_, offer)| offer.exists);
    existing()
        .find(|(_, offer)| u32::from(offer.height_px) >= needed)
        .or_else(|| existing().last())
        .map(|(layer, _)| layer)
}

/// Divides `budget_bps` among the slots of one viewer, which come most important first.
///
/// Everybody gets the smallest picture before anybody gets a better one; the first slot gets it
/// whatever the budget says, because an estimate only grows while something flows.
pub(crate) fn choose(budget_bps: u64, slots: &[SlotAsk]) -> Vec<SlotChoice> {
    let mut left = budget_bps;
    let mut choices: Vec<SlotChoice> = Vec::with_capacity(slots.len());
    for (at, slot) in slots.iter().enumerate() {
        choices.push(base_choice(slot, &mut left, at == 0));
    }
    for level in 1..LAYERS {
        for (slot, choice) in slots.iter().zip(&mut choices) {
            upgrade(slot, choice, level, &mut left);
        }
    }
    for (slot, choice) in slots.iter().zip(&mut choices) {
        choice.withheld = shortfall(slot, *choice);
    }
    choices
}

fn base_choice(slot: &SlotAsk, left: &mut u64, is_first: bool) -> SlotChoice {
    let ideal = ideal_layer(slot.height_px, &slot.offers);
    let mut choice = SlotChoice {
        ideal,
        ..SlotChoice::default()
    };
    let usable = |layer: &u8| usable(slot, *layer);
    let Some(lowest) = ideal.and_then(|ideal| (0..=ideal).find(usable)) else {
        return choice;
    };
    let cost = cost(slot, lowest, 0);
    if cost <= *left || is_first {
        *left = left.saturating_sub(slot.offers[usize::from(lowest)].rate_bps);
        choice.layer = Some(lowest);
    }
    choice
}

fn upgrade(slot: &SlotAsk, choice: &mut SlotChoice, level: usize, left: &mut u64) {
    let (Some(held), Some(ideal)) = (choice.layer, choice.ideal) else {
        return;
    };
    let Ok(layer) = u8::try_from(level) else {
        return;
    };
    if layer <= held || layer > ideal || !usable(slot, layer) {
        return;
    }
    let freed = slot.offers[usize::from(held)].rate_bps;
    if cost(slot, layer, freed) <= *left {
        *left = (*left + freed).saturating_sub(slot.offers[level].rate_bps);
        choice.layer = Some(layer);
    }
}

/// What the layer takes beyond `freed`; more is asked of a layer that would be new.
fn cost(slot: &SlotAsk, layer: u8, freed: u64) -> u64 {
    let rate = slot.offers[usize::from(layer)].rate_bps;
    let is_kept = slot.current.is_some_and(|current| current >= layer);
    let needed = if is_kept {
        rate
    } else {
        rate * UPGRADE_PERCENT / 100
    };
    needed.saturating_sub(freed)
}

fn usable(slot: &SlotAsk, layer: u8) -> bool {
    let offer = &slot.offers[usize::from(layer)];
    offer.exists && offer.withheld.is_none()
}

fn shortfall(slot: &SlotAsk, choice: SlotChoice) -> Option<LayerShortfall> {
    let ideal = choice.ideal?;
    if choice.layer == Some(ideal) {
        return None;
    }
    let from_source = slot.offers[usize::from(ideal)].withheld;
    Some(from_source.map_or(LayerShortfall::OwnWay, LayerShortfall::Source))
}

#[cfg(test)]
mod tests {
    use proptest::{array::uniform3, collection::vec, prelude::*};

    use super::*;

    fn offers() -> [LayerOffer; LAYERS] {
        core::array::from_fn(|layer| LayerOffer {
            exists: true,
            withheld: None,
            height_px: HEIGHTS_ASSUMED_PX[layer],
            rate_bps: RATES_ASSUMED_BPS[layer],
        })
    }

    fn ask(height_px: u16, current: Option<u8>) -> SlotAsk {
        SlotAsk {
            height_px,
            offers: offers(),
            current,
        }
    }

    #[test]
    fn the_smallest_layer_that_is_tall_enough_is_right() {
        for (height, layer) in [
            (90, 0),
            (180, 0),
            (225, 0),
            (227, 1),
            (360, 1),
            (720, 2),
            (2_000, 2),
        ] {
            assert_eq!(ideal_layer(height, &offers()), Some(layer), "{height}");
        }
        assert_eq!(ideal_layer(720, &[LayerOffer::default(); LAYERS]), None);
    }

    #[test]
    fn plenty_gives_everyone_what_they_show() {
        let choices = choose(10_000_000, &[ask(720, None), ask(180, None)]);
        assert_eq!(choices[0].layer, Some(2));
        assert_eq!(choices[1].layer, Some(0));
        assert!(choices.iter().all(|choice| choice.withheld.is_none()));
    }

    #[test]
    fn everyone_gets_a_small_picture_before_anyone_a_large_one() {
        let choices = choose(500_000, &[ask(720, None), ask(720, None)]);
        assert_eq!(
            choices
                .iter()
                .map(|choice| choice.layer)
                .collect::<Vec<_>>(),
            [Some(0), Some(0)]
        );
        assert_eq!(choices[0].withheld, Some(LayerShortfall::OwnWay));
    }

    #[test]
    fn the_first_slot_flows_whatever_the_estimate_says() {
        let choices = choose(0, &[ask(720, None), ask(720, None)]);
        assert_eq!(choices[0].layer, Some(0));
        assert_eq!(choices[1].layer, None);
    }

    #[test]
    fn a_layer_that_flows_is_kept_where_a_new_one_would_not_fit() {
        let budget = RATES_ASSUMED_BPS[2] + 10_000;
        assert_eq!(choose(budget, &[ask(720, None)])[0].layer, Some(1));
        assert_eq!(choose(budget, &[ask(720, Some(2))])[0].layer, Some(2));
    }

    #[test]
    fn a_layer_the_publisher_pauses_is_replaced_by_the_next_below() {
        let mut slot = ask(720, Some(2));
        slot.offers[2].withheld = Some(Reason::Paused);
        let choice = choose(10_000_000, &[slot])[0];
        assert_eq!(
            (choice.layer, choice.withheld),
            (Some(1), Some(LayerShortfall::Source(Reason::Paused)))
        );
    }

    #[test]
    fn a_muted_track_gives_nothing_and_says_why() {
        let mut slot = ask(720, None);
        for offer in &mut slot.offers {
            offer.withheld = Some(Reason::Muted);
        }
        let choice = choose(10_000_000, &[slot])[0];
        let muted = LayerShortfall::Source(Reason::Muted);
        assert_eq!((choice.layer, choice.withheld), (None, Some(muted)));
    }

    fn any_offer() -> impl Strategy<Value = LayerOffer> {
        let withheld = proptest::option::of(prop_oneof![Just(Reason::Rate), Just(Reason::Paused)]);
        (any::<bool>(), withheld, 1..2_000_u16, 1..5_000_000_u64).prop_map(
            |(exists, withheld, height_px, rate_bps)| LayerOffer {
                exists,
                withheld,
                height_px,
                rate_bps,
            },
        )
    }

    proptest! {
        #[test]
        fn the_budget_is_kept_but_for_the_first_small_picture(
            budget in 0..20_000_000_u64,
            slots in vec((1..2_000_u16, uniform3(any_offer()), proptest::option::of(0..3_u8)), 0..9),
        ) {
            let slots: Vec<SlotAsk> = slots
                .into_iter()
                .map(|(height_px, offers, current)| SlotAsk { height_px, offers, current })
                .collect();
            let choices = choose(budget, &slots);
            let mut spent = 0;
            for (slot, choice) in slots.iter().zip(&choices) {
                if let Some(layer) = choice.layer {
                    prop_assert!(usable(slot, layer));
                    prop_assert!(Some(layer) <= choice.ideal);
                    spent += slot.offers[usize::from(layer)].rate_bps;
                }
                prop_assert_eq!(choice.withheld.is_none(), choice.layer == choice.ideal);
            }
            let first = slots.first().map_or(0, |slot| {
                slot.offers.iter().map(|offer| offer.rate_bps).max().unwrap_or(0)
            });
            prop_assert!(spent <= budget + first);
        }
    }
}
