//! A directed graph over writes, and the two questions asked of it: is there a cycle, and by which way does one write come
//! before another.

use std::collections::{BTreeMap, VecDeque};

/// Edges between nodes, each of which has a time: every edge leads from an earlier node to a later one, so that there is no cycle. The
/// first nodes are the items of the history, more are added as joints.
pub(super) struct Graph {
    times: Vec<u64>,
    edges: Vec<(u32, u32)>,
}

impl Graph {
    /// Nodes of these times, and no edges yet.
    pub(super) fn new(times: Vec<u64>) -> Graph {
        Graph { times, edges: Vec::new() }
    }

    /// One more node, which comes after all others of its time.
    pub(super) fn joint(&mut self, time: u64) -> u32 {
        self.times.push(time);
        self.times.len() as u32 - 1
    }

    /// `from` comes before `to`, in time as well.
    pub(super) fn add(&mut self, from: u32, to: u32) {
        assert!(self.rank(from) < self.rank(to), "an edge that leads back in time");
        self.edges.push((from, to));
    }

    fn rank(&self, node: u32) -> Rank {
        (self.times[node as usize], node)
    }
}

/// The place of a node in an order that all edges of a [`Base`] keep.
type Rank = (u64, u32);

/// A graph without cycles, ready to be asked what more edges would do to it.
pub(super) struct Base {
    graph: Graph,
    arrows: Arrows,
}

impl Base {
    /// A graph that gets no more edges of its own.
    pub(super) fn new(graph: Graph) -> Base {
        let arrows = Arrows::new(graph.times.len(), graph.edges.iter().copied());
        Base { graph, arrows }
    }

    /// Which nodes are on a cycle or between two: none when there is no cycle.
    pub(super) fn knotted(&self, more: &[(u32, u32)]) -> Vec<bool> {
        let (nodes, edges) = (self.graph.times.len(), &self.graph.edges);
        let mut knotted = vec![true; nodes];
        peel(&mut knotted, &Arrows::new(nodes, edges.iter().chain(more).copied()));
        if knotted.iter().any(|k| *k) {
            peel(&mut knotted, &Arrows::new(nodes, edges.iter().chain(more).map(|(a, b)| (*b, *a))));
        }
        knotted
    }

    /// Whether there is a cycle with some edges more. `None` when that takes more than `left` steps, from which what was used is taken.
    ///
    /// Only edges that lead back in time can close one, and a cycle is never outside the times that those lead back over: so little
    /// is looked at where they are short.
    pub(super) fn has_cycle(&self, more: &[(u32, u32)], left: &mut u64) -> Option<bool> {
        let mut more = more.to_vec();
        more.sort_unstable();
        more.dedup();
        let spans = self.spans(&more);
        let mut dive = Dive { base: self, more: &more, open: BTreeMap::new() };
        for (from, to) in more.iter().copied().filter(|(from, to)| self.graph.rank(*to) <= self.graph.rank(*from)) {
            let at = spans.partition_point(|(_, last)| *last < self.graph.rank(from));
            if dive.from(to, spans[at].1, left)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The stretches of time that edges lead back over, joined where they meet, in order.
    fn spans(&self, more: &[(u32, u32)]) -> Vec<(Rank, Rank)> {
        let ranks = more.iter().map(|(from, to)| (self.graph.rank(*to), self.graph.rank(*from)));
        let mut back: Vec<(Rank, Rank)> = ranks.filter(|(first, last)| first <= last).collect();
        back.sort_unstable();
        let mut spans: Vec<(Rank, Rank)> = Vec::new();
        for (first, last) in back {
            match spans.last_mut().filter(|span| first <= span.1) {
                Some(span) => span.1 = span.1.max(last),
                None => spans.push((first, last)),
            }
        }
        spans
    }

    /// The same graph with some edges more, in which ways can be sought.
    pub(super) fn ways(&self, more: &[(u32, u32)]) -> Ways {
        let nodes = self.graph.times.len();
        Ways { arrows: Arrows::new(nodes, self.graph.edges.iter().chain(more).copied()), nodes }
    }
}

/// A search along the edges, depth first.
struct Dive<'a> {
    base: &'a Base,
    /// The edges more, sorted.
    more: &'a [(u32, u32)],
    /// The nodes that were met: whether the way down still leads through them.
    open: BTreeMap<u32, bool>,
}

impl Dive<'_> {
    /// Whether a cycle is reached from a node, without leaving what comes up to `last`.
    fn from(&mut self, node: u32, last: Rank, left: &mut u64) -> Option<bool> {
        if self.open.contains_key(&node) {
            return Some(false);
        }
        self.open.insert(node, true);
        let mut way = vec![(node, 0)];
        while let Some((node, nth)) = way.last_mut() {
            *left = left.checked_sub(STEP)?;
            let (at, next) = (*node, self.next(*node, *nth));
            *nth += 1;
            let Some(next) = next else {
                self.open.insert(at, false);
                way.pop();
                continue;
            };
            match self.open.get(&next) {
                Some(true) => return Some(true),
                None if self.base.graph.rank(next) <= last => {
                    self.open.insert(next, true);
                    way.push((next, 0));
                }
                _ => {}
            }
        }
        Some(false)
    }

    fn next(&self, node: u32, nth: usize) -> Option<u32> {
        let own = self.base.arrows.of(node);
        if let Some(next) = own.get(nth) {
            return Some(*next);
        }
        let first = self.more.partition_point(|(from, _)| *from < node);
        self.more.get(first + nth - own.len()).filter(|(from, _)| *from == node).map(|(_, to)| *to)
    }
}

/// What following an edge costs, in steps of a search.
const STEP: u64 = 4;

/// Where ways are sought.
pub(super) struct Ways {
    arrows: Arrows,
    nodes: usize,
}

impl Ways {
    /// The shortest way from `from` to `goal`, both ends included.
    pub(super) fn way(&self, from: u32, goal: u32) -> Option<Vec<u32>> {
        let mut came_from = vec![u32::MAX; self.nodes];
        let mut queue = VecDeque::from([from]);
        came_from[from as usize] = from;
        while let Some(node) = queue.pop_front() {
            if node == goal {
                return Some(walk_back(&came_from, node));
            }
            for &next in self.arrows.of(node) {
                if came_from[next as usize] == u32::MAX {
                    came_from[next as usize] = node;
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

fn walk_back(came_from: &[u32], mut node: u32) -> Vec<u32> {
    let mut way = vec![node];
    while came_from[node as usize] != node {
        node = came_from[node as usize];
        way.push(node);
    }
    way.reverse();
    way
}

/// Takes away nodes that nothing left points to, again and again.
fn peel(left: &mut [bool], arrows: &Arrows) {
    let mut incoming = vec![0u32; left.len()];
    for node in (0..left.len()).filter(|n| left[*n]) {
        arrows.of(node as u32).iter().for_each(|to| incoming[*to as usize] += 1);
    }
    let mut free: Vec<u32> = (0..left.len() as u32).filter(|n| left[*n as usize] && incoming[*n as usize] == 0).collect();
    while let Some(node) = free.pop() {
        left[node as usize] = false;
        for &to in arrows.of(node) {
            incoming[to as usize] -= 1;
            if incoming[to as usize] == 0 && left[to as usize] {
                free.push(to);
            }
        }
    }
}

/// Outgoing edges, packed.
struct Arrows {
    first: Vec<u32>,
    to: Vec<u32>,
}

impl Arrows {
    fn new(nodes: usize, edges: impl Iterator<Item = (u32, u32)> + Clone) -> Arrows {
        let mut first = vec![0u32; nodes + 1];
        for (from, _) in edges.clone() {
            first[from as usize + 1] += 1;
        }
        for n in 0..nodes {
            first[n + 1] += first[n];
        }
        let mut next = first.clone();
        let mut to = vec![0; first[nodes] as usize];
        for (from, target) in edges {
            to[next[from as usize] as usize] = target;
            next[from as usize] += 1;
        }
        Arrows { first, to }
    }

    fn of(&self, node: u32) -> &[u32] {
        &self.to[self.first[node as usize] as usize..self.first[node as usize + 1] as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn base(nodes: u32, edges: &[(u32, u32)]) -> Base {
        let mut graph = Graph::new((0..u64::from(nodes)).collect());
        edges.iter().filter(|(a, b)| a < b).for_each(|(a, b)| graph.add(*a, *b));
        Base::new(graph)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]

        #[test]
        fn a_cycle_is_found_as_by_peeling(edges in prop::collection::vec((0u32..12, 0u32..12), 0..16), more in prop::collection::vec((0u32..12, 0u32..12), 0..8)) {
            let base = base(12, &edges);
            prop_assert_eq!(base.has_cycle(&more, &mut { u64::MAX }), Some(base.knotted(&more).contains(&true)));
        }
    }

    #[test]
    fn only_what_edges_lead_back_over_is_looked_at() {
        let chain: Vec<(u32, u32)> = (1..10_000).map(|n| (n - 1, n)).collect();
        let base = base(10_000, &chain);
        let steps = |more: &[(u32, u32)]| {
            let mut left = 1_000_000;
            (base.has_cycle(more, &mut left), 1_000_000 - left)
        };
        assert_eq!(steps(&[(3, 9_000)]), (Some(false), 0));
        let (found, used) = steps(&[(5_010, 5_000)]);
        assert!(found == Some(true) && used < 100, "{used}");
        assert_eq!(base.has_cycle(&[(9_999, 0)], &mut 100), None, "beyond the budget");
    }
}
