//! The optimum (Belady 1966; Mattson et al. 1970): the key that is asked for again last goes. A missed key always comes in.

use imbl::OrdMap;

use super::{Asked, Evicts, Queue};

/// The number of the next request; of those that are asked for no more the older goes first.
type Due = (u64, u64);

#[derive(Clone, Debug)]
pub(super) struct Belady<K: Ord + Clone> {
    due: OrdMap<Due, K>,
    of: OrdMap<K, Due>,
    next: u64,
    capacity: usize,
}

impl<K: Ord + Clone> Belady<K> {
    fn put(&mut self, key: K, asked: Asked) {
        let due = (asked.again.unwrap_or(u64::MAX), u64::MAX - self.next);
        self.next += 1;
        self.due.insert(due, key.clone());
        self.of.insert(key, due);
    }

    fn take(&mut self, key: &K) {
        if let Some(due) = self.of.remove(key) {
            self.due.remove(&due);
        }
    }
}

impl<K: Ord + Clone> Evicts<K> for Belady<K> {
    fn new(capacity: usize) -> Self {
        Belady { due: OrdMap::new(), of: OrdMap::new(), next: 0, capacity }
    }

    fn len(&self) -> usize {
        self.of.len()
    }

    fn contains(&self, key: &K) -> bool {
        self.of.contains_key(key)
    }

    fn hit(&mut self, key: &K, asked: Asked) {
        self.take(key);
        self.put(key.clone(), asked);
    }

    fn admit(&mut self, key: K, asked: Asked) -> Option<K> {
        let gone = self.make_room(asked.draw);
        self.put(key, asked);
        gone
    }

    fn remove(&mut self, key: &K) {
        self.take(key);
    }

    fn make_room(&mut self, _: f64) -> Option<K> {
        if self.len() < self.capacity {
            return None;
        }
        let key = self.due.get_max().map(|(_, key)| key.clone())?;
        self.take(&key);
        Some(key)
    }

    fn queues(&self) -> Vec<Queue<K>> {
        vec![Queue::new("", self.due.iter().rev().map(|(_, key)| (key.clone(), 0)).collect())]
    }

    fn why(&self, key: &K) -> String {
        match self.of.get(key) {
            Some((due, _)) if *due < u64::MAX => format!("asked for again last: request {}", due + 1),
            _ => "not asked for again, as far as it is known".into(),
        }
    }
}
