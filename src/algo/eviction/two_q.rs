//! 2Q in full: Johnson and Shasha, VLDB 1994, figure 2, with a quarter of the slots for what is new and ghosts for half as many keys as
//! there are slots. A ghost that is asked for goes before room is made.

use super::line::Line;
use super::{Asked, Evicts, Queue};

#[derive(Clone, Debug)]
pub(super) struct TwoQ<K: Ord + Clone> {
    /// What is new, first in, first out.
    new: Line<K>,
    /// Ghosts of what has left it.
    out: Line<K>,
    /// What was asked for again as a ghost; the least recently used first.
    main: Line<K>,
    capacity: usize,
}

impl<K: Ord + Clone> TwoQ<K> {
    fn new_most(&self) -> usize {
        self.capacity / 4
    }

    fn out_most(&self) -> usize {
        self.capacity / 2
    }
}

impl<K: Ord + Clone> Evicts<K> for TwoQ<K> {
    fn new(capacity: usize) -> Self {
        TwoQ { new: Line::default(), out: Line::default(), main: Line::default(), capacity }
    }

    fn len(&self) -> usize {
        self.new.len() + self.main.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.new.contains(key) || self.main.contains(key)
    }

    fn hit(&mut self, key: &K, _: Asked) {
        if self.main.contains(key) {
            self.main.push(key.clone());
        }
    }

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let known = self.out.remove(&key);
        let gone = self.make_room(asked.draw);
        if known {
            self.main.push(key);
        } else {
            self.new.push(key);
        }
        gone
    }

    fn remove(&mut self, key: &K) {
        self.new.remove(key);
        self.main.remove(key);
    }

    fn make_room(&mut self, _: f64) -> Option<K> {
        if self.len() < self.capacity {
            return None;
        }
        if self.new.len() <= self.new_most() {
            return self.main.pop();
        }
        let key = self.new.pop()?;
        self.out.push(key.clone());
        if self.out.len() > self.out_most() {
            self.out.pop();
        }
        Some(key)
    }

    fn queues(&self) -> Vec<Queue<K>> {
        let plain = |line: &Line<K>| line.listed(|_| 0);
        vec![Queue::new("new", plain(&self.new)), Queue::new("main", plain(&self.main)), Queue::ghosts("ghosts", plain(&self.out))]
    }

    fn why(&self, key: &K) -> String {
        let (new, most) = (self.new.len(), self.new_most());
        if self.new.contains(key) {
            format!("oldest of the new ones, which have {new} slots, more than their {most}")
        } else {
            "asked for longest ago in the main queue; the new ones keep their share".into()
        }
    }
}
