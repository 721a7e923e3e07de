//! What leads to what in a graph of operations, and circles in it.

use std::collections::BTreeMap;

/// An edge and the operations that it rests on besides its own two: a read whose source is known, and what was known before.
#[derive(Clone, Copy)]
pub(crate) struct Edge {
    /// What comes first.
    pub(crate) from: u32,
    /// What comes later.
    pub(crate) to: u32,
    /// The read, and the two ends of a path of earlier edges.
    pub(crate) because: Option<(u32, u32, u32)>,
}

/// What leads to what.
pub(crate) struct Reach {
    /// The place of each item in the table, and those that have none.
    place: Vec<u32>,
    words: usize,
    table: Vec<u64>,
}

/// No place.
const NOWHERE: u32 = u32::MAX;

impl Reach {
    /// The table of what the edges lead to, or the indexes of edges that make a circle.
    pub(crate) fn new(nodes: &[u32], edges: &[Edge]) -> Result<Reach, Vec<usize>> {
        let mut place = vec![NOWHERE; nodes.last().map_or(0, |n| *n as usize + 1)];
        nodes.iter().enumerate().for_each(|(at, node)| place[*node as usize] = at as u32);
        let at = |node: u32| place[node as usize] as usize;
        let mut after: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
        let mut waits = vec![0; nodes.len()];
        for (index, edge) in edges.iter().enumerate() {
            after[at(edge.from)].push(index);
            waits[at(edge.to)] += 1;
        }
        let mut order: Vec<usize> = (0..nodes.len()).filter(|n| waits[*n] == 0).collect();
        let mut next = 0;
        while let Some(&node) = order.get(next) {
            next += 1;
            for &edge in &after[node] {
                let to = at(edges[edge].to);
                waits[to] -= 1;
                if waits[to] == 0 {
                    order.push(to);
                }
            }
        }
        if order.len() < nodes.len() {
            return Err(shortest_circle(edges, &after, &at, &waits));
        }
        let words = nodes.len().div_ceil(64);
        let mut table = vec![0u64; nodes.len() * words];
        for &node in order.iter().rev() {
            for &edge in &after[node] {
                let to = at(edges[edge].to);
                table[node * words + to / 64] |= 1 << (to % 64);
                for word in 0..words {
                    table[node * words + word] |= table[to * words + word];
                }
            }
        }
        Ok(Reach { place, words, table })
    }

    /// Whether an item is in the table.
    pub(crate) fn has(&self, item: u32) -> bool {
        self.place.get(item as usize).is_some_and(|place| *place != NOWHERE)
    }

    /// Whether one item must come before another.
    pub(crate) fn leads(&self, from: u32, to: u32) -> bool {
        let (from, to) = (self.place[from as usize] as usize, self.place[to as usize] as usize);
        self.table[from * self.words + to / 64] >> (to % 64) & 1 == 1
    }
}

/// The edges of a shortest circle through one of the nodes that still wait.
fn shortest_circle(edges: &[Edge], after: &[Vec<usize>], at: &dyn Fn(u32) -> usize, waits: &[usize]) -> Vec<usize> {
    let tries = (0..waits.len()).filter(|n| waits[*n] > 0).take(64);
    tries.filter_map(|n| path(edges, &|node| &after[node], at, n, n)).min_by_key(Vec::len).unwrap_or_default()
}

/// The edges of a shortest path of at least one edge.
pub(crate) fn path<'e>(
    edges: &[Edge],
    after: &dyn Fn(usize) -> &'e [usize],
    at: &dyn Fn(u32) -> usize,
    from: usize,
    to: usize,
) -> Option<Vec<usize>> {
    let mut came: BTreeMap<usize, usize> = BTreeMap::new();
    let mut queue = vec![from];
    let mut next = 0;
    while let Some(&node) = queue.get(next) {
        next += 1;
        for &edge in after(node) {
            let reached = at(edges[edge].to);
            if came.contains_key(&reached) {
                continue;
            }
            came.insert(reached, edge);
            if reached == to {
                let mut found = vec![edge];
                while at(edges[found[found.len() - 1]].from) != from {
                    found.push(came[&at(edges[found[found.len() - 1]].from)]);
                }
                return Some(found);
            }
            queue.push(reached);
        }
    }
    None
}
