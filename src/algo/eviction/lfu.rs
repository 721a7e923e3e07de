//! The least frequently used, counted while it is in the cache; of equals the one that has had its count longest.

use imbl::OrdMap;

use super::{Asked, Evicts, Queue};

#[derive(Clone, Debug)]
pub(super) struct Lfu<K: Ord + Clone> {
    /// By uses, then by when it got there.
    ranks: OrdMap<(u64, u64), K>,
    of: OrdMap<K, (u64, u64)>,
    next: u64,
    capacity: usize,
}

impl<K: Ord + Clone> Lfu<K> {
    fn put(&mut self, key: K, uses: u64) {
        let rank = (uses, self.next);
        self.next += 1;
        self.ranks.insert(rank, key.clone());
        self.of.insert(key, rank);
    }

    fn take(&mut self, key: &K) -> u64 {
        let rank = self.of.remove(key);
        rank.map_or(0, |rank| {
            self.ranks.remove(&rank);
            rank.0
        })
    }
}

impl<K: Ord + Clone> Evicts<K> for Lfu<K> {
    fn new(capacity: usize) -> Self {
        Lfu { ranks: OrdMap::new(), of: OrdMap::new(), next: 0, capacity }
    }

    fn len(&self) -> usize {
        self.of.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.of.contains_key(key)
    }

    fn hit(&mut self, key: &K, _: Asked) {
        let uses = self.take(key);
        self.put(key.clone(), uses + 1);
    }

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let gone = self.make_room(asked.draw);
        self.put(key, 1);
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
        vec![Queue::new("", self.ranks.iter().map(|((uses, _), key)| (key.clone(), *uses)).collect())]
    }

    fn why(&self, key: &K) -> String {
        let uses = self.of.get(key).map_or(0, |rank| rank.0);
        format!("asked for least often: {uses}, and for so long")
    }
}
