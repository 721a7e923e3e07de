//! What one kind of search has tried, and what it could go on with.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::search::{DEEPEST, FoundWay};
use super::slice::{Offer, Opened};

/// How many runs of a layer the first wave goes on with.
const WIDTH: usize = 48;

/// How many times as wide the next wave is.
const WIDER: usize = 4;

/// How many runs with as many pokes are kept to be gone on with, the nearest to the goal.
const OPEN: usize = 20_000;

/// A run that was poked so often and has not reached the goal. It is made anew when it is gone on with.
pub(super) struct Node {
    pub(super) done: FoundWay,
    /// How far from the goal it ended.
    pub(super) far: f64,
    /// What decides between two that are as far: nothing that prefers one kind of poke to another.
    lot: u64,
}

impl Node {
    fn new(done: FoundWay, far: f64) -> Node {
        let lot = crate::algo::hash::fnv1a(done.to_string().as_bytes());
        Node { done, far, lot }
    }
}

/// A search with some pokes at some moments.
pub(super) struct Beam {
    offer: Arc<Offer>,
    /// The runs with 0, 1, 2, ... pokes that were not gone on with yet, the nearest to the goal first.
    open: Vec<Vec<Arc<Node>>>,
    /// How many ways with one poke more were not tried, or forgotten.
    cut: Vec<usize>,
    seen: BTreeSet<(u64, u64)>,
    width: usize,
    /// Whether the first wave takes all runs with one poke, so that every pair is tried.
    pairs: bool,
}

impl Beam {
    pub(super) fn of(offer: Offer, pairs: bool) -> Beam {
        let mut open: Vec<Vec<Arc<Node>>> = (0..DEEPEST).map(|_| Vec::new()).collect();
        open[0].push(Arc::new(Node::new(FoundWay { pokes: Vec::new() }, 0.0)));
        Beam { offer: Arc::new(offer), open, cut: vec![0; DEEPEST], seen: BTreeSet::new(), width: WIDTH, pairs }
    }

    pub(super) fn offer(&self) -> Arc<Offer> {
        Arc::clone(&self.offer)
    }

    /// The next runs with so many pokes to go on from.
    pub(super) fn layer(&mut self, depth: usize) -> Vec<Arc<Node>> {
        let width = if depth == 1 && self.pairs { usize::MAX } else { self.width };
        let open = &mut self.open[depth];
        open.drain(..width.min(open.len())).collect()
    }

    /// What did not have its turn.
    pub(super) fn put_back(&mut self, depth: usize, rest: Vec<Arc<Node>>) {
        self.open[depth].splice(..0, rest);
    }

    /// What came of a run with so many pokes.
    pub(super) fn take(&mut self, depth: usize, cut: usize, opened: Vec<Opened>) {
        self.cut[depth] += cut;
        let Some(open) = self.open.get_mut(depth + 1) else { return };
        for Opened { done, far, looks } in opened {
            if self.seen.insert(looks) {
                open.push(Arc::new(Node::new(done, far)));
            }
        }
        open.sort_by(|a, b| a.far.total_cmp(&b.far).then(a.lot.cmp(&b.lot)));
        self.cut[depth + 1] += open.len().saturating_sub(OPEN);
        open.truncate(OPEN);
    }

    pub(super) fn widen(&mut self) {
        self.width = self.width.saturating_mul(WIDER);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.iter().all(Vec::is_empty)
    }

    /// How many runs are not gone on with.
    pub(super) fn left_out(&self) -> usize {
        self.open.iter().map(Vec::len).sum::<usize>() + self.cut.iter().sum::<usize>()
    }

    /// Up to how many pokes everything was tried, where runs with so many pokes or more wait elsewhere.
    pub(super) fn whole(&self, waiting: usize) -> usize {
        let is_done = |depth: &usize| *depth < waiting && self.open[*depth].is_empty() && self.cut[*depth] == 0;
        (0..DEEPEST).take_while(is_done).count()
    }
}
