//! Whether transactions were isolated, from what each read and wrote alone: the phenomena of Berenson et al. 1995 and Adya 1999, and
//! whether some order of the transactions explains what they saw.
//!
//! Transactions are the nodes of a graph. An edge says that one comes before another in every order: the other overwrote what it wrote
//! (ww), read what it wrote (wr), or overwrote what it had read (rw). What no order explains is a cycle (Adya, direct serialization graph).

mod cycle;
mod graph;
mod history;
mod phenomena;
mod row;
#[cfg(test)]
mod tests;

pub use graph::{Edge, Graph, Kind};
pub use history::{History, Read, Unit};
pub use phenomena::{Found, Phenomenon, phenomena};
pub use row::{Reach, Version};

/// Whether some order of the committed transactions explains what they saw.
pub fn is_serializable<K: Ord + Clone, T: Ord + Copy>(history: &History<K, T>) -> bool {
    !cycle::is_any(&Graph::of(history))
}

/// The shortest way around that no order explains: the transactions on it, each of which comes before the next.
pub fn cycle<K: Ord + Clone, T: Ord + Copy>(history: &History<K, T>) -> Option<Vec<T>> {
    let graph = Graph::of(history);
    cycle::is_any(&graph).then(|| cycle::first(&graph, &|_| true)).flatten()
}

/// A read of one row: which version was seen; `None`: there was no such row yet.
pub fn one<K: Ord + Clone, T>(key: &K, version: Option<Version<T>>) -> Read<K, T> {
    Read { reach: Reach::one(key.clone()), seen: version.into_iter().map(|version| (key.clone(), version)).collect() }
}
