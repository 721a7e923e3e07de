//! The least recently used: Mattson, Gecsei, Slutz and Traiger 1970, a stack algorithm.

use super::one_line::{Discipline, OneLine};

#[derive(Clone, Debug)]
pub(super) enum Recency {}
pub(super) type Lru<K> = OneLine<K, Recency>;

impl Discipline for Recency {
    const WHY: &'static str = "asked for longest ago";

    fn hit<K: Ord + Clone>(cache: &mut OneLine<K, Self>, key: &K) {
        cache.line.push(key.clone());
    }

    fn pick<K: Ord + Clone>(cache: &mut OneLine<K, Self>) -> Option<K> {
        cache.line.pop()
    }
}
