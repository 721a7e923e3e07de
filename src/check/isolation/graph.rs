//! Who comes before whom.

use std::collections::{BTreeMap, BTreeSet};

use imbl::Vector;

use super::Version;
use super::history::{History, Read};

/// Why one comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The other overwrote what it wrote.
    Overwrote,
    /// The other read what it wrote.
    WasRead,
    /// The other overwrote what it had read, looking for this row.
    Anti,
    /// The same, where it had looked for whatever rows there were.
    AntiRange,
}

impl Kind {
    /// Whether the first had read what the other overwrote.
    pub fn is_anti(self) -> bool {
        matches!(self, Kind::Anti | Kind::AntiRange)
    }
}

/// One comes before another because of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge<K, T> {
    /// The later one.
    pub to: T,
    /// Why.
    pub kind: Kind,
    /// The row.
    pub key: K,
}

/// The committed transactions, and who comes before whom.
#[derive(Clone, Debug)]
pub struct Graph<K, T> {
    /// From each, in order.
    pub edges: BTreeMap<T, BTreeSet<Edge<K, T>>>,
}

impl<K: Ord + Clone, T: Ord + Copy> Graph<K, T> {
    /// The graph of a history.
    pub fn of(history: &History<K, T>) -> Graph<K, T> {
        let committed = history.units.iter().filter(|(_, unit)| !unit.aborted);
        let mut graph = Graph { edges: committed.clone().map(|(unit, _)| (*unit, BTreeSet::new())).collect() };
        for (key, order) in &history.orders {
            let writers: Vec<Option<T>> = order.iter().map(|version| version.writer).collect();
            for pair in writers.windows(2) {
                graph.add(pair[0], pair[1], Kind::Overwrote, key);
            }
        }
        for (unit, done) in committed {
            for read in &done.reads {
                graph.add_read(*unit, read, history);
            }
        }
        graph
    }

    fn add(&mut self, from: Option<T>, to: Option<T>, kind: Kind, key: &K) {
        let (Some(from), Some(to)) = (from, to) else { return };
        if from != to
            && self.edges.contains_key(&to)
            && let Some(edges) = self.edges.get_mut(&from)
        {
            edges.insert(Edge { to, kind, key: key.clone() });
        }
    }

    fn add_read(&mut self, reader: T, read: &Read<K, T>, history: &History<K, T>) {
        let anti = if read.reach.is_one() { Kind::Anti } else { Kind::AntiRange };
        for (key, version) in &read.seen {
            self.add(version.writer, Some(reader), Kind::WasRead, key);
            // Who sees a version that never came to be has no place in the order of the row.
            if let Some(next) = history.orders.get(key).and_then(|order| next(order, *version)) {
                self.add(Some(reader), next.writer, Kind::Anti, key);
            }
        }
        for (key, order) in history.orders.range::<_, K>(read.reach.bounds()) {
            let is_unseen = read.seen.iter().all(|(seen, _)| seen != key);
            if let (true, Some(first)) = (is_unseen, order.front()) {
                self.add(Some(reader), first.writer, anti, key);
            }
        }
    }
}

/// The version after this one.
fn next<T: Copy + Eq>(order: &Vector<Version<T>>, version: Version<T>) -> Option<Version<T>> {
    let at = order.iter().position(|known| *known == version)?;
    order.get(at + 1).copied()
}
