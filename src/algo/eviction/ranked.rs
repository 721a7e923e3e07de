//! Caches whose keys have a rank, of which the lowest goes; of equals the one that has had it longest.

use std::marker::PhantomData;

use super::{Asked, Evicts, Queue};
use crate::persistent::OrdMap;

/// What makes one such rule of the other.
pub(super) trait Ranking: Clone {
    /// The rank of a key that is asked for now; `before`: the one that it had.
    fn rank(before: Option<u64>, asked: Asked) -> u64;
    /// What is shown beside the key: 0 for nothing.
    fn count(rank: u64) -> u64;
    /// Why a key of this rank goes next.
    fn why(rank: u64) -> String;
}

/// The keys of a cache under such a rule.
#[derive(Clone, Debug)]
pub(super) struct Ranked<K: Ord + Clone, R> {
    /// By rank, then by when it was given.
    ranks: OrdMap<(u64, u64), K>,
    of: OrdMap<K, (u64, u64)>,
    next: u64,
    capacity: usize,
    ranking: PhantomData<R>,
}

impl<K: Ord + Clone, R: Ranking> Ranked<K, R> {
    fn put(&mut self, key: K, rank: u64) {
        let rank = (rank, self.next);
        self.next += 1;
        self.ranks.insert(rank, key.clone());
        self.of.insert(key, rank);
    }

    fn take(&mut self, key: &K) -> Option<u64> {
        let rank = self.of.remove(key)?;
        self.ranks.remove(&rank);
        Some(rank.0)
    }
}

impl<K: Ord + Clone, R: Ranking> Evicts<K> for Ranked<K, R> {
    fn new(capacity: usize) -> Self {
        Ranked { ranks: OrdMap::new(), of: OrdMap::new(), next: 0, capacity, ranking: PhantomData }
    }

    fn len(&self) -> usize {
        self.of.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.of.contains_key(key)
    }

    fn hit(&mut self, key: &K, asked: Asked) {
        let before = self.take(key);
        self.put(key.clone(), R::rank(before, asked));
    }

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let gone = self.make_room(asked.draw);
        self.put(key, R::rank(None, asked));
        gone
    }

    fn remove(&mut self, key: &K) {
        self.take(key);
    }

    fn make_room(&mut self, _: f64) -> Option<K> {
        if self.len() < self.capacity {
            return None;
        }
        let key = self.ranks.get_min().map(|(_, key)| key.clone())?;
        self.take(&key);
        Some(key)
    }

    fn queues(&self) -> Vec<Queue<K>> {
        vec![Queue::new("", self.ranks.iter().map(|((rank, _), key)| (key.clone(), R::count(*rank))).collect())]
    }

    fn why(&self, key: &K) -> String {
        R::why(self.of.get(key).map_or(0, |rank| rank.0))
    }
}
