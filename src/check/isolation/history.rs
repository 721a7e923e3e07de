//! What transactions did.

use imbl::Vector;

use super::{Reach, Version};
use crate::persistent::{Few, OrdMap};

/// A read: of which rows, and the version of each that was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read<K, T> {
    /// Which rows.
    pub reach: Reach<K>,
    /// What was seen. A row of the reach that is not named was not there.
    pub seen: Vec<(K, Version<T>)>,
}

/// What one transaction did.
#[derive(Clone, Debug)]
pub struct Unit<K: Clone, T: Clone> {
    /// What it read, in order.
    pub reads: Few<Read<K, T>>,
    /// Whether it was rolled back, so that nothing of it counts.
    pub aborted: bool,
}

impl<K: Clone, T: Clone> Default for Unit<K, T> {
    fn default() -> Self {
        Unit { reads: Few::new(), aborted: false }
    }
}

/// What transactions did, and in which order the versions of each row became the newest. Cheap to clone.
#[derive(Clone, Debug)]
pub struct History<K: Ord + Clone, T: Ord + Copy> {
    /// The transactions.
    pub units: OrdMap<T, Unit<K, T>>,
    /// Of each row: its committed versions in order, that of the start included where there was one.
    pub orders: OrdMap<K, Vector<Version<T>>>,
}

impl<K: Ord + Clone, T: Ord + Copy> Default for History<K, T> {
    fn default() -> Self {
        History { units: OrdMap::new(), orders: OrdMap::new() }
    }
}

impl<K: Ord + Clone, T: Ord + Copy> History<K, T> {
    /// A transaction read something.
    pub fn read(&mut self, unit: T, read: Read<K, T>) {
        self.units.entry(unit).or_default().reads.push(read);
    }

    /// A version became the newest of its row.
    pub fn install(&mut self, key: K, version: Version<T>) {
        if let Some(writer) = version.writer {
            self.units.entry(writer).or_default();
        }
        self.orders.entry(key).or_default().push_back(version);
    }

    /// A transaction was rolled back.
    pub fn abort(&mut self, unit: T) {
        self.units.entry(unit).or_default().aborted = true;
    }

    /// Whether a version became the newest of its row at some time.
    pub fn is_installed(&self, key: &K, version: Version<T>) -> bool {
        version.writer.is_none() || self.orders.get(key).is_some_and(|order| order.contains(&version))
    }

    /// Forgets a transaction: what it read, and the versions before those that it wrote.
    pub fn forget(&mut self, unit: T) {
        self.units.remove(&unit);
        let keys: Vec<K> =
            self.orders.iter().filter(|(_, order)| order.iter().any(|v| v.writer == Some(unit))).map(|(key, _)| key.clone()).collect();
        for key in keys {
            if let Some(order) = self.orders.get_mut(&key) {
                let last = order.iter().rposition(|version| version.writer == Some(unit)).unwrap_or(0);
                // The version itself stays where it is the newest of those that are over.
                _ = order.slice(..last);
            }
        }
    }
}
