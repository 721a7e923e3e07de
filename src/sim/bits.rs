//! A set of small numbers that is cheap to clone: one bit for each number up to the greatest.

use super::log::Log;

/// A set of numbers, best of those that begin near 0 and have few gaps, such as the numbers of requests.
#[derive(Clone, Debug, Default)]
pub struct Bits(Log<u64>);

/// The place of a number: which word, and its bit there.
fn place(number: u32) -> (usize, u64) {
    ((number / u64::BITS) as usize, 1 << (number % u64::BITS))
}

impl Bits {
    /// Whether a number is in it.
    pub fn contains(&self, number: u32) -> bool {
        let (word, bit) = place(number);
        self.0.get(word).is_some_and(|bits| bits & bit != 0)
    }

    /// Adds a number.
    pub fn insert(&mut self, number: u32) {
        let (word, bit) = place(number);
        while self.0.len() <= word {
            self.0.push(0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= bit;
        }
    }

    /// The numbers in it, in order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        (0u32..)
            .step_by(u64::BITS as usize)
            .zip(self.0.iter())
            .filter(|(_, bits)| **bits != 0)
            .flat_map(|(first, bits)| (0..u64::BITS).filter(move |bit| bits & (1 << bit) != 0).map(move |bit| first + bit))
    }

    /// Takes a number out.
    pub fn remove(&mut self, number: u32) {
        let (word, bit) = place(number);
        if self.contains(number)
            && let Some(bits) = self.0.get_mut(word)
        {
            *bits &= !bit;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set(acts in proptest::collection::vec((any::<bool>(), 0u32..5000), 0..300)) {
            let (mut bits, mut set) = (Bits::default(), BTreeSet::new());
            for (adds, number) in acts {
                if adds {
                    bits.insert(number);
                    set.insert(number);
                } else {
                    bits.remove(number);
                    set.remove(&number);
                }
            }
            prop_assert!((0..5100).all(|number| bits.contains(number) == set.contains(&number)));
            prop_assert!(bits.iter().eq(set));
        }
    }
}
