//! Which way leads to a person of another node: pure rules about routes.

use std::collections::{BTreeMap, BTreeSet};

use parley_wire::ids::PartyId;

use crate::room::Way;

/// Longest route we offer to another relay; one hop more than this costs more delay than a
/// conversation bears.
pub(crate) const ROUTE_MAX: usize = 7;

/// Whether a route can be what it says: it ends with the neighbour that told it, repeats nobody and
/// does not run through us.
pub(crate) fn is_credible(route: &[PartyId], neighbour: PartyId, own: PartyId) -> bool {
    let distinct: BTreeSet<&PartyId> = route.iter().collect();
    route.last() == Some(&neighbour) && distinct.len() == route.len() && !distinct.contains(&own)
}

/// The neighbour to take media from: the shortest way over a line that is up, on which the person
/// was not set aside.
///
/// The present one is kept while none is shorter, so that two equal ways do not take turns.
pub(crate) fn select(
    ways: &BTreeMap<PartyId, Way>,
    present: Option<PartyId>,
    is_up: impl Fn(PartyId) -> bool,
) -> Option<PartyId> {
    let open = ways
        .iter()
        .filter(|(party, way)| !way.is_aside && is_up(**party));
    let rank = |party: &PartyId, way: &Way| (way.route.len(), present != Some(*party), *party);
    open.min_by_key(|(party, way)| rank(party, way))
        .map(|(party, _)| *party)
}

/// The route to offer to a neighbour, or `None` where it knows the person better itself.
pub(crate) fn offer(route: &[PartyId], own: PartyId, neighbour: PartyId) -> Option<Vec<PartyId>> {
    if route.contains(&neighbour) || route.len() > ROUTE_MAX {
        return None;
    }
    let mut offered = route.to_vec();
    offered.push(own);
    Some(offered)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn party(number: u8) -> PartyId {
        PartyId::from([number; 16])
    }

    fn way(route: &[u8]) -> Way {
        Way {
            route: route.iter().copied().map(party).collect(),
            label: Bytes::new(),
            tracks: Vec::new(),
            is_aside: false,
        }
    }

    #[test]
    fn false_routes_are_told_from_true_ones() {
        let own = party(9);
        for (route, is_true) in [
            (&[1][..], true),
            (&[3, 2, 1], true),
            (&[], false),
            (&[1, 2], false),
            (&[2, 2, 1], false),
            (&[9, 1], false),
        ] {
            let route: Vec<PartyId> = route.iter().copied().map(party).collect();
            assert_eq!(is_credible(&route, party(1), own), is_true, "{route:?}");
        }
    }

    #[test]
    fn the_shortest_open_way_is_taken_and_kept_among_equals() {
        let ways = BTreeMap::from([
            (party(1), way(&[7, 1])),
            (party(2), way(&[7, 2])),
            (party(3), way(&[7, 5, 3])),
        ]);
        assert_eq!(select(&ways, None, |_| true), Some(party(1)));
        assert_eq!(select(&ways, Some(party(2)), |_| true), Some(party(2)));
        assert_eq!(select(&ways, Some(party(3)), |_| true), Some(party(1)));
        assert_eq!(
            select(&ways, Some(party(1)), |line| line == party(3)),
            Some(party(3))
        );
        assert_eq!(select(&ways, Some(party(1)), |_| false), None);
    }

    #[test]
    fn a_way_on_which_the_person_was_set_aside_is_not_taken() {
        let mut ways = BTreeMap::from([(party(1), way(&[7, 1])), (party(3), way(&[7, 5, 3]))]);
        for (aside, taken) in [(party(1), Some(party(3))), (party(3), None)] {
            ways.entry(aside).and_modify(|way| way.is_aside = true);
            assert_eq!(select(&ways, Some(party(1)), |_| true), taken);
        }
    }

    #[test]
    fn a_person_is_not_offered_back_where_they_came_from() {
        let route = [party(7), party(1)];
        assert_eq!(offer(&route, party(9), party(1)), None);
        assert_eq!(offer(&route, party(9), party(7)), None);
        assert_eq!(
            offer(&route, party(9), party(2)),
            Some(vec![party(7), party(1), party(9)])
        );
        let long: Vec<PartyId> = (10..18).map(party).collect();
        assert_eq!(offer(&long, party(9), party(2)), None);
    }
}
