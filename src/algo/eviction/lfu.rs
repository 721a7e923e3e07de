//! The least frequently used, counted while it is in the cache.

use super::Asked;
use super::ranked::{Ranked, Ranking};

#[derive(Clone, Debug)]
pub(super) enum Frequency {}
pub(super) type Lfu<K> = Ranked<K, Frequency>;

impl Ranking for Frequency {
    fn rank(before: Option<u64>, _: Asked) -> u64 {
        before.unwrap_or_default() + 1
    }

    fn count(rank: u64) -> u64 {
        rank
    }

    fn why(rank: u64) -> String {
        format!("asked for least often: {rank}, and of these it has stood at that longest")
    }
}
