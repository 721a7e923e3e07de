//! A directed graph over writes, and the two questions asked of it: is there a cycle, and by which way does one write come
//! before another.

/// Edges between nodes; the first nodes are the items of the history, more are added as joints.
#[derive(Clone)]
pub(super) struct Graph {
    nodes: usize,
    edges: Vec<(u32, u32)>,
}

impl Graph {
    /// No edges yet.
    pub(super) fn new(nodes: usize) -> Graph {
        Graph { nodes, edges: Vec::new() }
    }

    /// One more node.
    pub(super) fn joint(&mut self) -> u32 {
        self.nodes += 1;
        self.nodes as u32 - 1
    }

    /// `from` comes before `to`.
    pub(super) fn add(&mut self, from: u32, to: u32) {
        self.edges.push((from, to));
    }

    /// What asking costs, in steps.
    pub(super) fn size(&self) -> u64 {
        (self.nodes + self.edges.len()) as u64
    }

    /// Which nodes are on a cycle or between two: none when there is no cycle.
    pub(super) fn knotted(&self, more: &[(u32, u32)]) -> Vec<bool> {
        let mut knotted = vec![true; self.nodes];
        peel(&mut knotted, &Arrows::new(self.nodes, self.edges.iter().chain(more).copied()));
        if knotted.iter().any(|k| *k) {
            peel(&mut knotted, &Arrows::new(self.nodes, self.edges.iter().chain(more).map(|(a, b)| (*b, *a))));
        }
        knotted
    }

    /// The shortest way from `from` to `goal`, both ends included.
    pub(super) fn way(&self, more: &[(u32, u32)], from: u32, goal: u32) -> Option<Vec<u32>> {
        let arrows = Arrows::new(self.nodes, self.edges.iter().chain(more).copied());
        let mut came_from = vec![u32::MAX; self.nodes];
        let mut queue = std::collections::VecDeque::from([from]);
        came_from[from as usize] = from;
        while let Some(node) = queue.pop_front() {
            if node == goal {
                return Some(walk_back(&came_from, node));
            }
            for &next in arrows.of(node) {
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
