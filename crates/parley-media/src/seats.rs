//! Which voice goes into which of a listener's places.

/// Seats the chosen voices: whoever sits stays, a voice sits beside its own picture where it can.
///
/// `beside` names the place next to the voice's picture; only there does a browser keep lips and
/// words together.
pub(crate) fn seat(
    current: &[Option<usize>],
    chosen: &[usize],
    beside: impl Fn(usize) -> Option<usize>,
) -> Vec<Option<usize>> {
    let mut seats: Vec<Option<usize>> = vec![None; current.len()];
    let mut standing: Vec<usize> = Vec::with_capacity(chosen.len());
    for &voice in chosen {
        match beside(voice).and_then(|at| seats.get_mut(at)) {
            Some(place @ None) => *place = Some(voice),
            Some(Some(_)) | None => standing.push(voice),
        }
    }
    standing.retain(|&voice| {
        let held = current.iter().position(|place| *place == Some(voice));
        match held.and_then(|at| seats.get_mut(at)) {
            Some(place @ None) => {
                *place = Some(voice);
                false
            }
            Some(Some(_)) | None => true,
        }
    });
    let mut standing = standing.into_iter();
    for place in seats.iter_mut().filter(|place| place.is_none()) {
        *place = standing.next();
    }
    seats
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const NOWHERE: fn(usize) -> Option<usize> = |_| None;

    #[test]
    fn whoever_sits_stays_and_the_new_voice_takes_the_free_place() {
        assert_eq!(
            seat(&[Some(1), Some(2), None], &[3, 2], NOWHERE),
            [Some(3), Some(2), None]
        );
    }

    #[test]
    fn a_voice_moves_beside_its_picture() {
        let beside = |voice| (voice == 2).then_some(0);
        assert_eq!(
            seat(&[Some(1), Some(2), None], &[1, 2], beside),
            [Some(2), Some(1), None]
        );
    }

    #[test]
    fn more_voices_than_places_leave_the_last_standing() {
        assert_eq!(seat(&[None, None], &[1, 2, 3], NOWHERE), [Some(1), Some(2)]);
        assert!(seat(&[], &[1], NOWHERE).is_empty());
    }

    proptest! {
        #[test]
        fn nobody_sits_twice_and_no_place_is_wasted(
            current in vec(proptest::option::of(0..6_usize), 0..4),
            chosen in proptest::sample::subsequence(vec![0_usize, 1, 2, 3, 4, 5], 0..5),
            besides in vec(proptest::option::of(0..5_usize), 6),
        ) {
            let seats = seat(&current, &chosen, |voice| besides[voice]);
            let mut seated: Vec<usize> = seats.iter().copied().flatten().collect();
            prop_assert_eq!(seated.len(), chosen.len().min(current.len()));
            prop_assert!(seated.iter().all(|voice| chosen.contains(voice)));
            seated.sort_unstable();
            seated.dedup();
            prop_assert_eq!(seated.len(), chosen.len().min(current.len()));
        }
    }
}
