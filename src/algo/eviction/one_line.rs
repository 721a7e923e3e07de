//! Caches whose keys stand in one line, perhaps with a bit each and a hand.

use std::marker::PhantomData;

use super::line::Line;
use super::{Asked, Evicts, Queue};
use crate::persistent::OrdSet;

/// What makes one such rule of the other.
pub(super) trait Discipline: Clone {
    /// Why the next to go is the next.
    const WHY: &'static str;
    /// A key was asked for that is there.
    fn hit<K: Ord + Clone>(cache: &mut OneLine<K, Self>, key: &K);
    /// Somebody has to go: who does.
    fn pick<K: Ord + Clone>(cache: &mut OneLine<K, Self>) -> Option<K>;
}

/// The keys of a cache under such a rule.
#[derive(Clone, Debug)]
pub(super) struct OneLine<K: Ord + Clone, D> {
    pub(super) line: Line<K>,
    /// Those asked for since the hand passed them.
    pub(super) used: OrdSet<K>,
    /// The place from which the hand looks on.
    pub(super) hand: u64,
    capacity: usize,
    discipline: PhantomData<D>,
}

impl<K: Ord + Clone, D: Discipline> Evicts<K> for OneLine<K, D> {
    fn new(capacity: usize) -> Self {
        OneLine { line: Line::default(), used: OrdSet::new(), hand: 0, capacity, discipline: PhantomData }
    }

    fn len(&self) -> usize {
        self.line.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.line.contains(key)
    }

    fn hit(&mut self, key: &K, _: Asked) {
        D::hit(self, key);
    }

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let gone = self.make_room(asked.draw);
        self.line.push(key);
        gone
    }

    fn remove(&mut self, key: &K) {
        self.line.remove(key);
        self.used.remove(key);
    }

    fn make_room(&mut self, _: f64) -> Option<K> {
        if self.len() < self.capacity { None } else { D::pick(self) }
    }

    fn queues(&self) -> Vec<Queue<K>> {
        let keys = self.line.around(self.hand).map(|key| (key.clone(), u64::from(self.used.contains(key))));
        vec![Queue::new("", keys.collect())]
    }

    fn why(&self, _: &K) -> String {
        D::WHY.into()
    }
}
