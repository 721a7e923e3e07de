//! The order in which options are shown: shuffled once for each learner and question, and the same whenever it is asked again.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use crate::algo::hash::{fnv1a, fnv1a_on, scatter};

/// A number for what a learner is asked under a name: the same on every machine.
pub fn seed_of(learner: u64, name: &str) -> u64 {
    scatter(fnv1a_on(fnv1a(&learner.to_le_bytes()), name.as_bytes()))
}

/// The numbers below `count` in the order of this learner and name.
pub fn order(learner: u64, name: &str, count: usize) -> Vec<usize> {
    let mut all: Vec<usize> = (0..count).collect();
    all.shuffle(&mut Pcg64::seed_from_u64(seed_of(learner, name)));
    all
}

/// The same, but never as they were, where there are two or more: what is to be put in order is not shown in order.
pub fn disorder(learner: u64, name: &str, count: usize) -> Vec<usize> {
    let mut all = order(learner, name, count);
    if count > 1 && all.is_sorted() {
        all.rotate_left(1);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_learner_and_question_has_an_order_of_its_own() {
        let orders: std::collections::BTreeSet<Vec<usize>> = (0..50).map(|learner| order(learner, "a/q", 4)).collect();
        assert!(orders.len() > 15, "{orders:?}");
        assert_ne!(order(1, "a/q", 6), order(1, "a/r", 6));
        // Learners find their options where they were, in every version of the program.
        assert_eq!(order(7, "replication-lag/q-grow", 4), order(7, "replication-lag/q-grow", 4));
    }

    #[test]
    fn the_right_one_is_anywhere_equally_often() {
        let mut places = [0_u32; 4];
        for learner in 0..4000 {
            let place = order(learner, "a/q", 4).iter().position(|option| *option == 2).unwrap();
            places[place] += 1;
        }
        assert!(places.iter().all(|count| (880..1120).contains(count)), "{places:?}");
    }

    proptest! {
        #[test]
        fn everything_is_shown_once(learner in any::<u64>(), count in 0usize..9) {
            for mut shown in [order(learner, "x", count), disorder(learner, "x", count)] {
                prop_assert!(count < 2 || !disorder(learner, "x", count).is_sorted());
                shown.sort_unstable();
                prop_assert!(shown.into_iter().eq(0..count));
            }
        }
    }
}
