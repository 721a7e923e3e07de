//! The search for ways as a learner can ask for it: from any moment to the goal of the step, with one poke, then two, then more.
//!
//! A layer is everything that was done with so many pokes. Each of its runs is poked once more, at the moments that matter, with whatever
//! the program offers there; what does not reach the goal is a run of the next layer. A run that looks like one that was there before (the
//! same facts after its last poke and at its end) is left out, and of the rest those that came nearest to the goal are gone on with. So one
//! poke is tried whole; more are tried as far as the budget of events and the width of a layer go, and what is left out is counted.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::cluster::Cluster;
use crate::cluster::Stop;
use crate::cluster::facts::Facts;
use crate::command::Poke;
use crate::lesson::ask::Asked;
use crate::lesson::schema::Try;
use crate::sim::time::Span;
use crate::timeline::{Brake, Timeline};

use super::{pokes, ways};

/// How many events all runs of a search may take together. A layer takes at most half of what is left, so that deeper ones have their turn.
const BUDGET: u64 = 40_000_000;

/// How many events one slice may take.
const SLICE: u64 = 2_000_000;

/// How many runs with two pokes or more are gone on with, the nearest to the goal first.
const WIDTH: usize = 48;

/// The most pokes of a way.
const DEEPEST: usize = 6;

/// How many ways are kept, the shortest first.
const KEPT: usize = 40;

/// A way that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundWay {
    /// What is done, in order, and how long after the one before (the first: after now).
    pub pokes: Vec<(Span, Poke)>,
}

impl std::fmt::Display for FoundWay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (wait, poke)) in self.pokes.iter().enumerate() {
            match (index, wait.0) {
                (0, 0) => {}
                (0, _) => write!(f, "after {wait} ")?,
                (_, 0) => f.write_str(", then ")?,
                _ => write!(f, ", then after {wait} ")?,
            }
            write!(f, "{poke}")?;
        }
        Ok(())
    }
}

/// A run that was poked so often and has not reached the goal.
struct Node {
    done: FoundWay,
    /// Just after its last poke.
    run: Timeline,
    /// How far from the goal it ended.
    far: f64,
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many pokes the ways have that are tried now.
    pub pokes: usize,
    /// How many beginnings of them were tried, of how many.
    pub tried: usize,
    /// Of how many.
    pub of: usize,
    /// How many runs were not gone on with, because others were nearer to the goal.
    pub left_out: usize,
    /// The events of all runs so far.
    pub events: u64,
    /// How many they may be.
    pub budget: u64,
}

/// A search from a moment.
pub struct Search {
    goal: Arc<Try>,
    times: Arc<ways::Times>,
    /// The runs that are poked once more now, and which of them is next.
    layer: Vec<Arc<Node>>,
    next: usize,
    /// Those of the layer after it.
    deeper: Vec<Node>,
    seen: BTreeSet<(u64, u64)>,
    found: Vec<FoundWay>,
    left_out: usize,
    events: u64,
    budget: u64,
    /// The events after which the layer is left for the next.
    turn: u64,
}

/// A slice of a search: work that can be done elsewhere.
pub struct Slice {
    goal: Arc<Try>,
    times: Arc<ways::Times>,
    from: Arc<Node>,
}

/// What a slice found.
pub struct Sliced {
    found: Vec<FoundWay>,
    /// What went on, with what its state looks like.
    open: Vec<(Node, (u64, u64))>,
    events: u64,
    /// How many runs were not made, because the slice had done its work.
    cut: usize,
}

impl Search {
    /// From this moment to this goal.
    pub fn from(goal: &Try, here: &Timeline) -> Search {
        Search::within(goal, here, BUDGET)
    }

    /// The same with so many events at most.
    pub fn within(goal: &Try, here: &Timeline, budget: u64) -> Search {
        let start = Node { done: FoundWay { pokes: Vec::new() }, run: here.fork(), far: 0.0 };
        Search {
            goal: Arc::new(goal.clone()),
            times: Arc::new(ways::Times::of(goal, here, Span(0))),
            layer: vec![Arc::new(start)],
            next: 0,
            deeper: Vec::new(),
            seen: BTreeSet::new(),
            found: Vec::new(),
            left_out: 0,
            events: 0,
            budget,
            turn: budget / 2,
        }
    }

    /// What is to be done next; `None`: the shortest ways are found, or the search is at its bounds.
    pub fn next(&self) -> Option<Slice> {
        let from = Arc::clone(self.layer.get(self.next)?);
        (self.events < self.budget).then(|| Slice { goal: Arc::clone(&self.goal), times: Arc::clone(&self.times), from })
    }

    /// Takes in what a slice found.
    pub fn take(&mut self, sliced: Sliced) {
        self.next += 1;
        self.events += sliced.events;
        self.left_out += sliced.cut;
        self.found.extend(sliced.found);
        self.found.truncate(KEPT);
        for (node, looks) in sliced.open {
            if self.seen.insert(looks) {
                self.deeper.push(node);
            }
        }
        // The sort is stable: of runs that are as near, the first that was found.
        self.deeper.sort_by(|a, b| a.far.total_cmp(&b.far));
        let width = if self.depth() == 1 { usize::MAX } else { WIDTH };
        self.left_out += self.deeper.len().saturating_sub(width);
        self.deeper.truncate(width);
        let is_over = self.next == self.layer.len() || self.events >= self.turn;
        if is_over && self.found.is_empty() && self.depth() < DEEPEST {
            self.go_deeper();
        }
    }

    fn go_deeper(&mut self) {
        self.left_out += self.layer.len() - self.next;
        self.layer = std::mem::take(&mut self.deeper).into_iter().map(Arc::new).collect();
        self.next = 0;
        self.turn = self.events + self.budget.saturating_sub(self.events) / 2;
    }

    /// How many pokes the ways have that are tried now.
    fn depth(&self) -> usize {
        self.layer.first().map_or(0, |node| node.done.pokes.len()) + 1
    }

    /// The ways that were found; all have the same number of pokes, and none has fewer among those that were tried.
    pub fn found(&self) -> &[FoundWay] {
        &self.found
    }

    /// How many pokes they have.
    pub fn shortest(&self) -> Option<usize> {
        self.found.first().map(|way| way.pokes.len())
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        let (tried, of) = (self.next, self.layer.len());
        Progress { pokes: self.depth(), tried, of, left_out: self.left_out, events: self.events, budget: self.budget }
    }
}

impl Slice {
    /// Tries every poke after one run. Stops between two runs when the brake is pulled; what it brings then means nothing.
    pub fn run(&self, stop: &Brake) -> Sliced {
        let brake = Brake::of(SLICE);
        let mut middle = self.from.run.fork();
        middle.set_brake(&brake);
        let mut sliced = Sliced { found: Vec::new(), open: Vec::new(), events: 0, cut: 0 };
        let mut before = Span(0);
        for after in &self.times.second {
            // A way can begin now; only what comes later waits for a moment that matters.
            if self.from.done.pokes.is_empty() && after.0 > 0 {
                break;
            }
            if !matches!(middle.advance(Span(after.0 - before.0)), Stop::Reached) {
                break;
            }
            before = *after;
            for poke in pokes::worth_trying(&middle, &self.goal) {
                if stop.is_pulled() || brake.is_pulled() {
                    sliced.cut += 1;
                } else {
                    self.one(&middle, *after, poke, &mut sliced);
                }
            }
        }
        sliced.events = brake.reached().events;
        sliced
    }

    fn one(&self, middle: &Timeline, after: Span, poke: Poke, sliced: &mut Sliced) {
        let mut run = middle.fork();
        if run.poke(&poke).is_err() {
            return;
        }
        let mut done = self.from.done.clone();
        done.pokes.push((after, poke));
        let mut end = run.fork();
        if ways::reached(&self.goal, &mut end, self.times.whole).is_some() {
            sliced.found.push(FoundWay { pokes: done.pokes });
        } else if !end.brake().is_pulled() {
            let (begins, ends) = (facts(run.cluster()), facts(end.cluster()));
            let looks = (looks(&begins, run.cluster()), looks(&ends, end.cluster()));
            let far = distance(&self.goal, end.cluster());
            sliced.open.push((Node { done, run, far }, looks));
        }
    }
}

fn facts(cluster: &dyn Cluster) -> Facts {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    facts
}

/// What a state looks like: its facts, its settings and its clock. Two runs that look alike may still differ within.
fn looks(facts: &Facts, cluster: &dyn Cluster) -> u64 {
    let mut text = cluster.now().0.to_string();
    for (name, value) in facts.iter() {
        text.push_str(name);
        text.push_str(&value.to_string());
    }
    for (name, value) in cluster.settings() {
        text.push_str(name);
        text.push_str(&value);
    }
    for choice in cluster.enabled() {
        text.push(if choice.refused.is_some() { '-' } else { '+' });
    }
    crate::algo::hash::fnv1a(text.as_bytes())
}

/// How far a state is from the goal: the share of each clause that is missing, all clauses together.
fn distance(goal: &Try, cluster: &dyn Cluster) -> f64 {
    let far = |clause: &crate::lesson::goal::Clause| {
        let test = &clause.that.test;
        let holds = Asked::new(test).holds(cluster).unwrap_or(false);
        if holds { 0.0 } else { test.distance(&test.look(cluster)) }
    };
    goal.goal.clauses.iter().map(far).sum()
}
