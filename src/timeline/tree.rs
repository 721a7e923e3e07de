//! Everything that was tried: a tree of pokes, and the path through it that is being played.

use std::sync::Arc;

use imbl::Vector;

use crate::cluster::Cluster;
use crate::command::Poke;
use crate::sim::time::Time;

/// The most pokes that one timeline keeps, over all branches. At the bound the next poke is refused until a branch is removed.
pub const POKES_MAX: usize = 65_536;

/// So many removals can be taken back, the newest first, as long as there is room for what was removed beside the rest.
pub const REMOVED_MAX: usize = 16;

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
    /// How far it was seen with nothing done after it.
    pub seen: Seen,
    /// Whether a script did its last poke, and nobody has done the same since.
    pub given: bool,
    /// What the learner calls it.
    pub name: Option<Arc<str>>,
}

/// How far a run was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How many events were behind.
    pub events: u64,
    /// The clock.
    pub at: Time,
    /// The fingerprint after the last event.
    pub fingerprint: u64,
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
    given: bool,
    name: Option<Arc<str>>,
    /// Stands in the place of a node that was removed: places are numbers, and none is given twice.
    gone: bool,
}

/// A branch that was removed with all that came after it, each with its place; the first is the branch itself.
type Removed = Vec<(usize, Arc<Node>)>;

/// An arena of pokes, whose copies share it. Node 0 is the start; the path leads from it to the leaf.
#[derive(Clone)]
pub(super) struct Tree {
    nodes: Vector<Arc<Node>>,
    path: Vec<usize>,
    /// How many nodes are not gone.
    live: usize,
    /// What was removed and can be brought back, the newest last.
    removed: Vec<Arc<Removed>>,
}

impl Tree {
    pub(super) fn new(seen: Seen) -> Tree {
        let root =
            Node { parent: None, depth: 0, poke: None, children: Vec::new(), future: None, seen, given: true, name: None, gone: false };
        Tree { nodes: Vector::unit(Arc::new(root)), path: vec![0], live: 1, removed: Vec::new() }
    }

    fn change(&mut self, n: usize, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.get_mut(n) {
            change(Arc::make_mut(node));
        }
    }

    /// The node of a branch that is there.
    fn get(&self, id: BranchId) -> Option<&Node> {
        self.nodes.get(id.0 as usize).map(AsRef::as_ref).filter(|node| !node.gone)
    }

    /// How many pokes are on the path.
    pub(super) fn len(&self) -> usize {
        self.path.len() - 1
    }

    pub(super) fn is_full(&self) -> bool {
        self.live > POKES_MAX
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

    /// Whether the poke number `i` of the path, from 0, is a script's.
    pub(super) fn is_given(&self, i: usize) -> bool {
        self.path.get(i + 1).is_some_and(|&n| self.nodes[n].given)
    }

    fn leaf(&self) -> usize {
        self.path.last().copied().unwrap_or(0)
    }

    /// How far the path was seen.
    pub(super) fn seen(&self) -> Seen {
        self.nodes[self.leaf()].seen
    }

    /// How far a branch was seen.
    pub(super) fn seen_of(&self, id: BranchId) -> Option<Seen> {
        self.get(id).map(|node| node.seen)
    }

    /// The path was seen up to here, with all its pokes done.
    pub(super) fn saw(&mut self, now: Seen) {
        let (leaf, seen) = (self.leaf(), self.seen());
        if (now.events, now.at) > (seen.events, seen.at) {
            self.change(leaf, |node| node.seen = now);
        }
    }

    /// Goes on from the first `done` pokes of the path with this one: into the branch that begins with it, or a new one. `given`: a script
    /// does it.
    pub(super) fn branch(&mut self, done: usize, poke: PokeAt, (seen, given): (Seen, bool)) -> Branch {
        self.path.truncate(done + 1);
        let parent = self.leaf();
        let known = self.nodes[parent].children.iter().copied().find(|&c| self.nodes[c].poke.as_ref() == Some(&poke));
        let child = known.unwrap_or_else(|| self.grow(parent, poke, (seen, given)));
        self.change(parent, |node| node.future = Some(child));
        self.path.push(child);
        self.follow();
        self.did(done, given);
        if known.is_some() { Branch::Known } else { Branch::New }
    }

    /// The poke number `i` of the path was done again; what somebody does is no script's any more.
    pub(super) fn did(&mut self, i: usize, given: bool) {
        if let (false, true, Some(&n)) = (given, self.is_given(i), self.path.get(i + 1)) {
            self.change(n, |node| node.given = false);
        }
    }

    fn grow(&mut self, parent: usize, poke: PokeAt, (seen, given): (Seen, bool)) -> usize {
        let (child, depth) = (self.nodes.len(), self.nodes[parent].depth + 1);
        let (parent_of, future) = (Some(parent), None);
        let node = Node { parent: parent_of, depth, poke: Some(poke), children: Vec::new(), future, seen, given, name: None, gone: false };
        self.nodes.push_back(Arc::new(node));
        self.change(parent, |node| node.children.push(child));
        self.live += 1;
        self.make_room();
        child
    }

    /// Forgets for good what was removed longest ago, where there is no room for it.
    fn make_room(&mut self) {
        let kept = |removed: &[Arc<Removed>]| removed.iter().map(|one| one.len()).sum::<usize>();
        while self.removed.len() > REMOVED_MAX || (!self.removed.is_empty() && self.live + kept(&self.removed) > POKES_MAX + 1) {
            self.removed.remove(0);
        }
    }

    /// Extends the path by the known future of its leaf.
    fn follow(&mut self) {
        while let Some(next) = self.nodes[self.leaf()].future {
            self.path.push(next);
        }
    }

    /// Forgets how each branch went on: what is done again leads into no future by itself.
    pub(super) fn forget_futures(&mut self) {
        for n in 0..self.nodes.len() {
            if self.nodes[n].future.is_some() {
                self.change(n, |node| node.future = None);
            }
        }
    }

    /// The nodes from the start to a branch.
    fn way_to(&self, id: BranchId) -> Option<Vec<usize>> {
        self.get(id)?;
        let mut path: Vec<usize> = std::iter::successors(Some(id.0 as usize), |&n| self.nodes[n].parent).collect();
        path.reverse();
        Some(path)
    }

    /// Makes this branch the path. Gives back the first pokes in which the old path and the new differ, where each has one.
    pub(super) fn enter(&mut self, id: BranchId) -> Option<[Option<PokeAt>; 2]> {
        let path = self.way_to(id)?;
        let parting = self.parting(&self.path, &path);
        for pair in path.windows(2) {
            if self.nodes[pair[0]].future != Some(pair[1]) {
                self.change(pair[0], |node| node.future = Some(pair[1]));
            }
        }
        self.change(id.0 as usize, |node| node.future = None);
        self.path = path;
        Some(parting)
    }

    /// The first pokes in which two ways differ, where each has one.
    fn parting(&self, a: &[usize], b: &[usize]) -> [Option<PokeAt>; 2] {
        let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let poke_of = |way: &[usize]| way.get(same).and_then(|&n| self.nodes[n].poke.clone());
        [poke_of(a), poke_of(b)]
    }

    /// The first pokes in which two branches differ, where each has one; `None` where one is not there.
    pub(super) fn parting_of(&self, [a, b]: [BranchId; 2]) -> Option<[Option<PokeAt>; 2]> {
        Some(self.parting(&self.way_to(a)?, &self.way_to(b)?))
    }

    /// The branch of the first `done` pokes of the path.
    pub(super) fn branch_at(&self, done: usize) -> BranchId {
        BranchId(self.path.get(done).copied().unwrap_or(0) as u32)
    }

    /// How many pokes are nobody's script.
    pub(super) fn own(&self) -> usize {
        self.nodes.iter().filter(|node| !node.gone && !node.given).count()
    }

    /// Calls a branch so; `None`: nothing. False when there is no such branch.
    pub(super) fn name(&mut self, id: BranchId, name: Option<Arc<str>>) -> bool {
        let there = self.get(id).is_some();
        if there {
            self.change(id.0 as usize, |node| node.name = name);
        }
        there
    }

    /// A branch and everything that was done after it, the branch first; `None` when there is no such branch.
    pub(super) fn below(&self, id: BranchId) -> Option<Vec<BranchId>> {
        self.get(id)?;
        let (mut all, mut next) = (vec![id], 0);
        while let Some(branch) = all.get(next) {
            next += 1;
            let children = &self.nodes[branch.0 as usize].children;
            all.extend(children.iter().map(|child| BranchId(*child as u32)));
        }
        Some(all)
    }

    /// Whether a branch is on the path, and whether a script made it.
    pub(super) fn standing(&self, id: BranchId) -> (bool, bool) {
        (self.path.contains(&(id.0 as usize)), self.get(id).is_some_and(|node| node.given))
    }

    /// Takes a branch out, with everything that was done after it, none of which may be on the path. Gives how many pokes that were.
    pub(super) fn remove(&mut self, id: BranchId) -> usize {
        let Some(all) = self.below(id) else { return 0 };
        let taken: Removed = all.iter().filter_map(|id| Some((id.0 as usize, Arc::clone(self.nodes.get(id.0 as usize)?)))).collect();
        let parent = taken.first().and_then(|(_, node)| node.parent);
        let husk = Arc::new(Node { poke: None, children: Vec::new(), future: None, name: None, gone: true, ..Node::clone(&self.nodes[0]) });
        for (n, _) in &taken {
            self.nodes.set(*n, Arc::clone(&husk));
        }
        if let Some(parent) = parent {
            self.change(parent, |node| {
                node.children.retain(|child| *child != id.0 as usize);
                node.future = node.future.filter(|child| *child != id.0 as usize);
            });
        }
        let count = taken.len();
        self.live -= count;
        self.removed.push(Arc::new(taken));
        self.make_room();
        count
    }

    /// Puts the branch back that was removed last; `None` when nothing was, or when there is no room for it any more.
    pub(super) fn bring_back(&mut self) -> Option<BranchId> {
        let back = self.removed.pop()?;
        let (first, parent) = back.first().map(|(n, node)| (*n, node.parent))?;
        for (n, node) in back.iter() {
            self.nodes.set(*n, Arc::clone(node));
        }
        self.live += back.len();
        if let Some(parent) = parent {
            self.change(parent, |node| {
                node.children.push(first);
                node.children.sort_unstable();
            });
        }
        Some(BranchId(first as u32))
    }

    /// All branches, depth first, children in the order in which they were tried.
    pub(super) fn views(&self) -> Vec<BranchView> {
        let mut on_path = vec![false; self.nodes.len()];
        self.path.iter().for_each(|&n| on_path[n] = true);
        let mut out = Vec::with_capacity(self.live);
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
            seen: node.seen,
            given: node.given,
            name: node.name.clone(),
        }
    }
}
