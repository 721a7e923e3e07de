//! SIEVE: Zhang, Yang, Yue, Vigfusson and Rashmi, NSDI 2024, algorithm 1. The hand goes from the tail to the head; what it spares stays in
//! its place, and new keys come in at the head.

use super::one_line::{Discipline, OneLine};

#[derive(Clone, Debug)]
pub(super) enum Sieving {}
pub(super) type Sieve<K> = OneLine<K, Sieving>;

impl Discipline for Sieving {
    const WHY: &'static str = "the first that the hand meets and that was not asked for since";

    fn hit<K: Ord + Clone>(cache: &mut OneLine<K, Self>, key: &K) {
        cache.used.insert(key.clone());
    }

    fn pick<K: Ord + Clone>(cache: &mut OneLine<K, Self>) -> Option<K> {
        loop {
            let at_hand = cache.line.from(cache.hand).or_else(|| cache.line.from(0));
            let (place, key) = at_hand.map(|(place, key)| (place, key.clone()))?;
            // Beyond the head it begins anew at the tail, even if something comes in at the head meanwhile.
            cache.hand = cache.line.from(place + 1).map_or(0, |(next, _)| next);
            if cache.used.remove(&key).is_none() {
                cache.line.remove(&key);
                return Some(key);
            }
        }
    }
}
