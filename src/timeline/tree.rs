//! Everything that was tried: a tree of pokes, and the path through it that is being played.

use crate::cluster::Cluster;
use crate::command::Poke;
use crate::sim::time::Time;

/// The most pokes that one timeline keeps, over all branches.
pub(super) const POKES_MAX: usize = 65_536;

/// A poke with its place in the run.
#[derive(Clone, Debug, PartialEq)]
pub struct PokeAt {
    /// The number of the event that it became.
    pub event: u64,
    /// When.
    pub at: Time,
    /// What was done.
    pub poke: Poke,
}

/// Names a branch: the run with all pokes down to this one and none after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BranchId(pub u32);

/// One branch, for a screen that shows what was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct BranchView {
    /// Which; for [`super::Timeline::enter`].
    pub id: BranchId,
    /// The branch it came from; `None` for the start.
    pub parent: Option<BranchId>,
    /// How many pokes deep: 0 for the start.
    pub depth: usize,
    /// What was done and where; `None` for the start.
    pub poke: Option<PokeAt>,
    /// Whether it is on the path being played.
    pub on_path: bool,
    /// Whether it is the last of the path being played.
    pub current: bool,
    /// How many different things were done after it.
    pub children: usize,
    /// The furthest time seen with nothing done after it.
    pub seen: Time,
}

/// How far a run was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) events: u64,
    pub(super) at: Time,
    pub(super) fingerprint: u64,
}

impl Seen {
    /// Up to where this cluster is.
    pub(super) fn of(cluster: &dyn Cluster) -> Seen {
        Seen { events: cluster.events(), at: cluster.now(), fingerprint: cluster.fingerprint() }
    }
}

/// Whether [`Tree::branch`] found the poke already there.
pub(super) enum Branch {
    Known,
    New,
}

#[derive(Clone)]
struct Node {
    parent: Option<usize>,
    depth: usize,
    poke: Option<PokeAt>,
    children: Vec<usize>,
    /// The child that was on the path when this node last was: its known future.
    future: Option<usize>,
    seen: Seen,
}

/// An arena of pokes. Node 0 is the start; the path leads from it to the leaf.
#[derive(Clone)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    path: Vec<usize>,
}

impl Tree {
    pub(super) fn new(seen: Seen) -> Tree {
        let root = Node { parent: None, depth: 0, poke: None, children: Vec::new(), future: None, seen };
        Tree { nodes: vec![root], path: vec![0] }
    }

    /// How many pokes are on the path.
    pub(super) fn len(&self) -> usize {
        self.path.len() - 1
    }

    pub(super) fn is_full(&self) -> bool {
        self.nodes.len() > POKES_MAX
    }

    /// The poke number `i` of the path, from 0.
    pub(super) fn poke(&self, i: usize) -> Option<&PokeAt> {
        self.path.get(i + 1).and_then(|&n| self.nodes[n].poke.as_ref())
    }

    /// The pokes of the path.
    pub(super) fn pokes(&self) -> impl Iterator<Item = &PokeAt> {
        self.path.iter().filter_map(|&n| self.nodes[n].poke.as_ref())
    }

    /// How many pokes of the path became event `events` or an earlier one.
    pub(super) fn done_at(&self, events: u64) -> usize {
        self.path[1..].partition_point(|&n| self.nodes[n].poke.as_ref().is_some_and(|p| p.event <= events))
    }

    fn leaf(&self) -> usize {
        self.path.last().copied().unwrap_or(0)
    }

    /// How far the path was seen.
    pub(super) fn seen(&self) -> Seen {
        self.nodes[self.leaf()].seen
    }

    /// The path was seen up to here, with all its pokes done.
    pub(super) fn saw(&mut self, now: Seen) {
        let leaf = self.leaf();
        let seen = &mut self.nodes[leaf].seen;
        if (now.events, now.at) > (seen.events, seen.at) {
            *seen = now;
        }
    }

    /// Goes on from the first `done` pokes of the path with this one: into the branch that begins with it, or a new one.
    pub(super) fn branch(&mut self, done: usize, poke: PokeAt, seen: Seen) -> Branch {
        self.path.truncate(done + 1);
        let parent = self.leaf();
        let known = self.nodes[parent].children.iter().copied().find(|&c| self.nodes[c].poke.as_ref() == Some(&poke));
        let child = known.unwrap_or_else(|| self.grow(parent, poke, seen));
        self.nodes[parent].future = Some(child);
        self.path.push(child);
        self.follow();
        if known.is_some() { Branch::Known } else { Branch::New }
    }

    fn grow(&mut self, parent: usize, poke: PokeAt, seen: Seen) -> usize {
        let (child, depth) = (self.nodes.len(), self.nodes[parent].depth + 1);
        self.nodes.push(Node { parent: Some(parent), depth, poke: Some(poke), children: Vec::new(), future: None, seen });
        self.nodes[parent].children.push(child);
        child
    }

    /// Extends the path by the known future of its leaf.
    fn follow(&mut self) {
        while let Some(next) = self.nodes[self.leaf()].future {
            self.path.push(next);
        }
    }

    /// Makes this branch the path. Gives back the first pokes in which the old path and the new differ, where each has one.
    pub(super) fn enter(&mut self, id: BranchId) -> Option<[Option<PokeAt>; 2]> {
        let leaf = id.0 as usize;
        self.nodes.get(leaf)?;
        let mut path: Vec<usize> = std::iter::successors(Some(leaf), |&n| self.nodes[n].parent).collect();
        path.reverse();
        let same = path.iter().zip(&self.path).take_while(|(a, b)| a == b).count();
        let poke_of = |p: &[usize]| p.get(same).and_then(|&n| self.nodes[n].poke.clone());
        let parting = [poke_of(&self.path), poke_of(&path)];
        for pair in path.windows(2) {
            self.nodes[pair[0]].future = Some(pair[1]);
        }
        self.nodes[leaf].future = None;
        self.path = path;
        Some(parting)
    }

    /// The branch of the first `done` pokes of the path.
    pub(super) fn branch_at(&self, done: usize) -> BranchId {
        BranchId(self.path.get(done).copied().unwrap_or(0) as u32)
    }

    /// All branches, depth first, children in the order in which they were tried.
    pub(super) fn views(&self) -> Vec<BranchView> {
        let mut on_path = vec![false; self.nodes.len()];
        self.path.iter().for_each(|&n| on_path[n] = true);
        let mut out = Vec::with_capacity(self.nodes.len());
        let mut open = vec![0];
        while let Some(n) = open.pop() {
            out.push(self.view(n, on_path[n]));
            open.extend(self.nodes[n].children.iter().rev());
        }
        out
    }

    fn view(&self, n: usize, on_path: bool) -> BranchView {
        let node = &self.nodes[n];
        BranchView {
            id: BranchId(n as u32),
            parent: node.parent.map(|p| BranchId(p as u32)),
            depth: node.depth,
            poke: node.poke.clone(),
            on_path,
            current: n == self.leaf(),
            children: node.children.len(),
            seen: node.seen.at,
        }
    }
}
