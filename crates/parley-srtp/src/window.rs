//! Numbers that count once.

/// Numbers that may be used once: the highest and the 1,024 below it; older ones count as used.
#[derive(Clone, Debug)]
pub struct Window {
    next: u64,
    seen: [u64; WINDOW_WORDS],
}

const WINDOW_WORDS: usize = 16;
const WINDOW_NUMBERS: u64 = 64 * WINDOW_WORDS as u64;

impl Default for Window {
    fn default() -> Self {
        Self {
            next: 0,
            seen: [0; WINDOW_WORDS],
        }
    }
}

impl Window {
    /// Whether the number is used for the first time; it counts as used from then on.
    pub fn admit(&mut self, number: u64) -> bool {
        if number >= self.next {
            self.move_to(number);
        } else if self.next - number > WINDOW_NUMBERS {
            return false;
        }
        let (word, bit) = place(number);
        let is_new = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        is_new
    }

    fn move_to(&mut self, number: u64) {
        if number - self.next >= WINDOW_NUMBERS {
            self.seen = [0; WINDOW_WORDS];
        } else {
            for skipped in self.next..=number {
                let (word, bit) = place(skipped);
                self.seen[word] &= !bit;
            }
        }
        self.next = number + 1;
    }
}

fn place(number: u64) -> (usize, u64) {
    let word = usize::try_from(number / 64 % WINDOW_WORDS as u64).unwrap_or(0);
    (word, 1 << (number % 64))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_number_is_admitted_twice(
            steps in proptest::collection::vec(-1_500..1_500_i64, 1..400),
        ) {
            let mut window = Window::default();
            let mut used = BTreeSet::new();
            let mut at = 5_000_u64;
            for step in steps {
                at = at.saturating_add_signed(step);
                let newest = used.last().copied().unwrap_or(0);
                let is_admitted = window.admit(at);
                prop_assert!(!is_admitted || !used.contains(&at));
                if !used.contains(&at) && at + 1_000 > newest {
                    prop_assert!(is_admitted, "{} of {}", at, newest);
                }
                used.insert(at);
            }
        }
    }
}
