//! First in, first out: no stack algorithm, so more room can hit less (Belady, Nelson and Shedler 1969).

use super::line::Line;
use super::{Asked, Evicts, Queue};

#[derive(Clone, Debug)]
pub(super) struct Fifo<K: Ord + Clone> {
    line: Line<K>,
    capacity: usize,
}

impl<K: Ord + Clone> Evicts<K> for Fifo<K> {
    fn new(capacity: usize) -> Self {
        Fifo { line: Line::default(), capacity }
    }

    fn len(&self) -> usize {
        self.line.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.line.contains(key)
    }

    fn hit(&mut self, _: &K, _: Asked) {}

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let gone = self.make_room(asked.draw);
        self.line.push(key);
        gone
    }

    fn remove(&mut self, key: &K) {
        self.line.remove(key);
    }

    fn make_room(&mut self, _: f64) -> Option<K> {
        if self.len() < self.capacity { None } else { self.line.pop() }
    }

    fn queues(&self) -> Vec<Queue<K>> {
        vec![Queue::new("", self.line.listed(|_| 0))]
    }

    fn why(&self, _: &K) -> String {
        "came first".into()
    }
}
