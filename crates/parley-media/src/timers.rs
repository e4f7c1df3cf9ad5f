//! One heap of deadlines for everyone on the shard.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashMap},
    hash::Hash,
    time::Instant,
};

/// Deadlines by key; setting one again replaces it.
///
/// A deadline that moves later, as they do with every packet, costs no heap operation: the old entry
/// stays, and when it comes up it is put back at the newer time.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    heap: BinaryHeap<Reverse<(Instant, K)>>,
    /// For each key the deadline that counts, and the earliest entry of it in the heap.
    deadlines: HashMap<K, (Instant, Instant)>,
}

impl<K: Copy + Eq + Hash + Ord> Timers<K> {
    pub(crate) fn new() -> Self {
        Self {
            heap: BinaryHeap::new(),
            deadlines: HashMap::new(),
        }
    }

    pub(crate) fn set(&mut self, key: K, at: Instant) {
        match self.deadlines.get_mut(&key) {
            Some((deadline, queued)) => {
                *deadline = at;
                if at >= *queued {
                    return;
                }
                *queued = at;
            }
            None => {
                self.deadlines.insert(key, (at, at));
            }
        }
        self.heap.push(Reverse((at, key)));
    }

    pub(crate) fn remove(&mut self, key: K) {
        self.deadlines.remove(&key);
    }

    /// When to look again; may be early, never late.
    pub(crate) fn next(&mut self) -> Option<Instant> {
        while let Some(Reverse((at, key))) = self.heap.peek().copied() {
            match self.deadlines.get_mut(&key) {
                Some((deadline, queued)) if *queued == at => {
                    if *deadline <= at {
                        return Some(at);
                    }
                    *queued = *deadline;
                    let later = *deadline;
                    self.heap.pop();
                    self.heap.push(Reverse((later, key)));
                }
                Some(_) | None => {
                    self.heap.pop();
                }
            }
        }
        None
    }

    /// A key whose deadline has passed, which then has none.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<K> {
        if self.next()? > now {
            return None;
        }
        let Reverse((_, key)) = self.heap.pop()?;
        self.deadlines.remove(&key);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, time::Duration};

    use proptest::{collection::vec, prelude::*};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_deadline_moved_later_does_not_fire_early() {
        let start = crate::testing::start();
        let mut timers = Timers::new();
        timers.set('a', start + MS);
        timers.set('a', start + 5 * MS);
        timers.set('b', start + 3 * MS);
        assert_eq!(timers.next(), Some(start + 3 * MS));
        assert_eq!(timers.pop_due(start + 2 * MS), None);
        assert_eq!(timers.pop_due(start + 9 * MS), Some('b'));
        assert_eq!(timers.pop_due(start + 9 * MS), Some('a'));
        assert_eq!(timers.pop_due(start + 9 * MS), None);
    }

    proptest! {
        #[test]
        fn the_heap_agrees_with_a_plain_map(
            steps in vec((0..6_u8, proptest::option::weighted(0.8, 0..100_u32), 0..3_u32), 1..200),
        ) {
            let start = crate::testing::start();
            let mut timers = Timers::new();
            let mut model = BTreeMap::new();
            let mut now = start;
            for (key, at, step) in steps {
                if let Some(at) = at {
                    timers.set(key, now + at * MS);
                    model.insert(key, now + at * MS);
                } else {
                    timers.remove(key);
                    model.remove(&key);
                }
                now += step * MS;
                prop_assert_eq!(timers.next(), model.values().min().copied());
                let mut due = Vec::new();
                while let Some(key) = timers.pop_due(now) {
                    due.push(key);
                }
                due.sort_unstable();
                let expected: Vec<u8> =
                    model.iter().filter(|(_, at)| **at <= now).map(|(key, _)| *key).collect();
                model.retain(|_, at| *at > now);
                prop_assert_eq!(due, expected);
            }
        }
    }
}
