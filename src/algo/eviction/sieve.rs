//! SIEVE: Zhang, Yang, Yue, Vigfusson and Rashmi, NSDI 2024, algorithm 1. The hand goes from the tail to the head; what it spares stays in
//! its place, and new keys come in at the head.

use imbl::OrdSet;

use super::line::Line;
use super::{Asked, Evicts, Queue};

#[derive(Clone, Debug)]
pub(super) struct Sieve<K: Ord + Clone> {
    line: Line<K>,
    /// Those asked for since the hand passed them.
    visited: OrdSet<K>,
    /// The place from which the hand looks on.
    hand: u64,
    capacity: usize,
}

impl<K: Ord + Clone> Sieve<K> {
    /// Where the hand is; beyond the head it begins anew at the tail.
    fn at_hand(&self) -> Option<(u64, K)> {
        self.line.from(self.hand).or_else(|| self.line.from(0)).map(|(place, key)| (place, key.clone()))
    }
}

impl<K: Ord + Clone> Evicts<K> for Sieve<K> {
    fn new(capacity: usize) -> Self {
        Sieve { line: Line::default(), visited: OrdSet::new(), hand: 0, capacity }
    }

    fn len(&self) -> usize {
        self.line.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.line.contains(key)
    }

    fn hit(&mut self, key: &K, _: Asked) {
        self.visited.insert(key.clone());
    }

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let gone = self.make_room(asked.draw);
        self.line.push(key);
        gone
    }

    fn remove(&mut self, key: &K) {
        self.line.remove(key);
        self.visited.remove(key);
    }

    fn make_room(&mut self, _: f64) -> Option<K> {
        if self.len() < self.capacity {
            return None;
        }
        loop {
            let (place, key) = self.at_hand()?;
            // Beyond the head it begins anew at the tail, even if something comes in at the head meanwhile.
            self.hand = self.line.from(place + 1).map_or(0, |(next, _)| next);
            if self.visited.remove(&key).is_none() {
                self.line.remove(&key);
                return Some(key);
            }
        }
    }

    fn queues(&self) -> Vec<Queue<K>> {
        let keys = self.line.around(self.hand).map(|key| (key.clone(), u64::from(self.visited.contains(key))));
        vec![Queue::new("", keys.collect())]
    }

    fn why(&self, _: &K) -> String {
        "the first that the hand meets and that was not asked for since".into()
    }
}
