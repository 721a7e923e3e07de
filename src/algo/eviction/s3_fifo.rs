//! S3-FIFO: Yang, Zhang, Qiu, Yue and Rashmi, SOSP 2023, as the authors' simulator has it, which is not quite their pseudocode: a key on
//! probation needs two hits, and until the first eviction what the small queue has no room for goes to the main one.

use super::line::Line;
use super::{Asked, Evicts, Queue};
use crate::persistent::OrdMap;

/// Hits on probation that take a key into the main queue.
const PROMOTED_AT: u64 = 2;
/// A count says no more than this.
const COUNTED: u64 = 3;

#[derive(Clone, Debug)]
pub(super) struct S3Fifo<K: Ord + Clone> {
    small: Line<K>,
    main: Line<K>,
    ghosts: Line<K>,
    uses: OrdMap<K, u64>,
    has_evicted: bool,
    capacity: usize,
}

impl<K: Ord + Clone> S3Fifo<K> {
    fn small_most(&self) -> usize {
        self.capacity / 10
    }

    fn main_most(&self) -> usize {
        self.capacity - self.small_most()
    }

    fn ghosts_most(&self) -> usize {
        self.capacity * 9 / 10
    }

    fn uses(&self, key: &K) -> u64 {
        self.uses.get(key).copied().unwrap_or_default()
    }

    /// Whoever on probation was asked for again goes to the main queue; the first that was not goes for good.
    fn evict_small(&mut self) -> Option<K> {
        let key = self.small.pop()?;
        if self.uses.remove(&key).unwrap_or_default() >= PROMOTED_AT {
            self.main.push(key);
            return None;
        }
        self.ghosts.push(key.clone());
        if self.ghosts.len() > self.ghosts_most() {
            self.ghosts.pop();
        }
        Some(key)
    }

    fn evict_main(&mut self) -> Option<K> {
        let key = self.main.pop()?;
        let uses = self.uses.remove(&key).unwrap_or_default();
        if uses == 0 {
            return Some(key);
        }
        self.uses.insert(key.clone(), uses.min(COUNTED) - 1);
        self.main.push(key);
        None
    }

    /// Promotions go on until somebody goes, or nobody is on probation any more: then it is decided anew.
    fn evict(&mut self) -> Option<K> {
        loop {
            if self.main.len() > self.main_most() || self.small.len() == 0 {
                while self.main.len() > 0 {
                    if let Some(key) = self.evict_main() {
                        return Some(key);
                    }
                }
            }
            while self.small.len() > 0 {
                if let Some(key) = self.evict_small() {
                    return Some(key);
                }
            }
            if self.len() == 0 {
                return None;
            }
        }
    }
}

impl<K: Ord + Clone> Evicts<K> for S3Fifo<K> {
    fn new(capacity: usize) -> Self {
        let line = Line::default;
        S3Fifo { small: line(), main: line(), ghosts: line(), uses: OrdMap::new(), has_evicted: false, capacity }
    }

    fn len(&self) -> usize {
        self.small.len() + self.main.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.small.contains(key) || self.main.contains(key)
    }

    fn hit(&mut self, key: &K, _: Asked) {
        *self.uses.entry(key.clone()).or_default() += 1;
    }

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let known = self.ghosts.remove(&key);
        let gone = self.make_room(asked.draw);
        let warming = !self.has_evicted && self.small.len() >= self.small_most();
        if known || warming {
            self.main.push(key);
        } else {
            self.small.push(key);
        }
        gone
    }

    fn remove(&mut self, key: &K) {
        self.small.remove(key);
        self.main.remove(key);
        self.uses.remove(key);
    }

    fn make_room(&mut self, _: f64) -> Option<K> {
        if self.len() < self.capacity {
            return None;
        }
        self.has_evicted = true;
        self.evict()
    }

    fn queues(&self) -> Vec<Queue<K>> {
        let counted = |line: &Line<K>| line.listed(|key| self.uses(key));
        vec![
            Queue::new("small", counted(&self.small)),
            Queue::new("main", counted(&self.main)),
            Queue::ghosts("ghosts", self.ghosts.listed(|_| 0)),
        ]
    }

    fn why(&self, key: &K) -> String {
        if self.small.contains(key) {
            "oldest in the small queue that was not asked for twice again".into()
        } else {
            "oldest in the main queue that was not asked for again".into()
        }
    }
}
