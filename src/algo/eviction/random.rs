//! Any of them.

use imbl::Vector;

use super::{Asked, Evicts, Queue};
use crate::persistent::OrdMap;

#[derive(Clone, Debug)]
pub(super) struct Random<K: Ord + Clone> {
    slots: Vector<K>,
    of: OrdMap<K, usize>,
    capacity: usize,
}

impl<K: Ord + Clone> Evicts<K> for Random<K> {
    fn new(capacity: usize) -> Self {
        Random { slots: Vector::new(), of: OrdMap::new(), capacity }
    }

    fn len(&self) -> usize {
        self.slots.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.of.contains_key(key)
    }

    fn hit(&mut self, _: &K, _: Asked) {}

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let gone = self.make_room(asked.draw);
        self.of.insert(key.clone(), self.slots.len());
        self.slots.push_back(key);
        gone
    }

    /// The last one takes its slot.
    fn remove(&mut self, key: &K) {
        let Some(at) = self.of.remove(key) else { return };
        let Some(last) = self.slots.pop_back() else { return };
        if at < self.slots.len() {
            self.of.insert(last.clone(), at);
            self.slots.set(at, last);
        }
    }

    fn make_room(&mut self, draw: f64) -> Option<K> {
        if self.len() < self.capacity {
            return None;
        }
        let at = ((draw * self.len() as f64) as usize).min(self.len() - 1);
        let key = self.slots.get(at).cloned()?;
        self.remove(&key);
        Some(key)
    }

    fn queues(&self) -> Vec<Queue<K>> {
        vec![Queue::new("", self.slots.iter().map(|key| (key.clone(), 0)).collect())]
    }

    fn why(&self, _: &K) -> String {
        "drawn by chance".into()
    }
}
