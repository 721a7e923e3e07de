//! The clock: FIFO with a second chance (Corbato 1968). A key comes in with its bit at 0, and a hit sets it.

use super::one_line::{Discipline, OneLine};

#[derive(Clone, Debug)]
pub(super) enum SecondChance {}
pub(super) type Clock<K> = OneLine<K, SecondChance>;

impl Discipline for SecondChance {
    const WHY: &'static str = "the first that the hand meets with its bit at 0";

    fn hit<K: Ord + Clone>(cache: &mut OneLine<K, Self>, key: &K) {
        cache.used.insert(key.clone());
    }

    fn pick<K: Ord + Clone>(cache: &mut OneLine<K, Self>) -> Option<K> {
        loop {
            let key = cache.line.pop()?;
            if cache.used.remove(&key).is_none() {
                return Some(key);
            }
            cache.line.push(key);
        }
    }
}
