//! What happened lately, by name: as much of it as a judge needs, and no more.

use crate::persistent::OrdMap;
use imbl::Vector;

/// So many are remembered.
const KNOWN: usize = 2000;

/// The newest of something, by name. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Newest<K: Ord + Copy, V: Clone> {
    pub(super) known: OrdMap<K, V>,
    order: Vector<K>,
}

impl<K: Ord + Copy, V: Clone> Default for Newest<K, V> {
    fn default() -> Self {
        Newest { known: OrdMap::new(), order: Vector::new() }
    }
}

impl<K: Ord + Copy, V: Clone> Newest<K, V> {
    /// Whether there was none of this name.
    pub(super) fn put(&mut self, key: K, value: V) -> bool {
        let is_new = self.known.insert(key, value).is_none();
        if is_new {
            self.order.push_back(key);
        }
        if self.order.len() > KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        is_new
    }
}
