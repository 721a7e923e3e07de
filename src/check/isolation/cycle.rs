//! The shortest way back.

use std::collections::{BTreeMap, VecDeque};

use super::graph::{Edge, Graph, Kind};

/// The shortest way from one transaction to another by edges of these kinds: the transactions on it, both ends included.
pub(super) fn way<K: Ord + Clone, T: Ord + Copy>(graph: &Graph<K, T>, from: T, to: T, by: &dyn Fn(Kind) -> bool) -> Option<Vec<T>> {
    let mut came: BTreeMap<T, T> = BTreeMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(at) = next.pop_front() {
        for Edge { to: after, .. } in graph.edges.get(&at).into_iter().flatten().filter(|edge| by(edge.kind)) {
            if *after == to {
                return Some(path(&came, from, at, to));
            }
            if *after != from && !came.contains_key(after) {
                came.insert(*after, at);
                next.push_back(*after);
            }
        }
    }
    None
}

fn path<T: Ord + Copy>(came: &BTreeMap<T, T>, from: T, last: T, to: T) -> Vec<T> {
    let (mut path, mut at) = (vec![to, last], last);
    while at != from
        && let Some(before) = came.get(&at)
    {
        at = *before;
        path.push(at);
    }
    path.reverse();
    path
}

/// Whether there is a cycle at all: whoever nobody comes before is taken away, as long as there is one.
pub(super) fn is_any<K: Ord + Clone, T: Ord + Copy>(graph: &Graph<K, T>) -> bool {
    let mut before: BTreeMap<T, usize> = graph.edges.keys().map(|unit| (*unit, 0)).collect();
    for edge in graph.edges.values().flatten() {
        *before.entry(edge.to).or_default() += 1;
    }
    let mut free: Vec<T> = before.iter().filter(|(_, count)| **count == 0).map(|(unit, _)| *unit).collect();
    let mut left = before.len();
    while let Some(unit) = free.pop() {
        left -= 1;
        for edge in graph.edges.get(&unit).into_iter().flatten() {
            if let Some(count) = before.get_mut(&edge.to) {
                *count -= 1;
                free.extend((*count == 0).then_some(edge.to));
            }
        }
    }
    left > 0
}

/// The first cycle by edges of these kinds; each transaction on it once.
pub(super) fn first<K: Ord + Clone, T: Ord + Copy>(graph: &Graph<K, T>, by: &dyn Fn(Kind) -> bool) -> Option<Vec<T>> {
    let back = |from: &T| {
        let mut way = way(graph, *from, *from, by)?;
        way.pop();
        Some(way)
    };
    graph.edges.keys().find_map(back)
}
