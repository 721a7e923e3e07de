//! The clock: FIFO with a second chance (Corbato 1968). A key comes in with its bit at 0, and a hit sets it.

use imbl::OrdSet;

use super::line::Line;
use super::{Asked, Evicts, Queue};

#[derive(Clone, Debug)]
pub(super) struct Clock<K: Ord + Clone> {
    line: Line<K>,
    /// Those asked for since the hand passed them.
    used: OrdSet<K>,
    capacity: usize,
}

impl<K: Ord + Clone> Evicts<K> for Clock<K> {
    fn new(capacity: usize) -> Self {
        Clock { line: Line::default(), used: OrdSet::new(), capacity }
    }

    fn len(&self) -> usize {
        self.line.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.line.contains(key)
    }

    fn hit(&mut self, key: &K, _: Asked) {
        self.used.insert(key.clone());
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
        if self.len() < self.capacity {
            return None;
        }
        loop {
            let key = self.line.pop()?;
            if self.used.remove(&key).is_none() {
                return Some(key);
            }
            self.line.push(key);
        }
    }

    fn queues(&self) -> Vec<Queue<K>> {
        vec![Queue::new("", self.line.listed(|key| u64::from(self.used.contains(key))))]
    }

    fn why(&self, _: &K) -> String {
        "the first that the hand meets with its bit at 0".into()
    }
}
