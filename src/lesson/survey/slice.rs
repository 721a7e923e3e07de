//! A part of a search that can be done elsewhere: everything that can be done after one run.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::cluster::facts::Facts;
use crate::cluster::{Cluster, Stop};
use crate::command::Poke;
use crate::lesson::ask::Asked;
use crate::lesson::schema::Try;
use crate::sim::time::Span;
use crate::timeline::{Brake, Timeline};

use super::beam::Node;
use super::search::FoundWay;
use super::{pokes, ways};

/// How many events one slice may take.
const SLICE: u64 = 2_000_000;

/// How many of the newest answers of clients two states that look alike have in common.
const ANSWERS: usize = 16;

/// What is tried after a run.
pub(super) struct Offer {
    /// These pokes; `None`: whatever the program offers.
    pub(super) only: Option<Vec<Poke>>,
    /// How long after the poke before.
    pub(super) times: Vec<Span>,
    /// How long a way is given.
    pub(super) whole: Span,
}

/// A slice of a search.
pub struct Slice {
    pub(super) goal: Arc<Try>,
    pub(super) here: Arc<Timeline>,
    pub(super) offer: Arc<Offer>,
    /// The run that is gone on with; `None`: the author's own scripts are tried.
    pub(super) from: Option<Arc<Node>>,
}

/// A run that went on without reaching the goal.
pub(super) struct Opened {
    pub(super) done: FoundWay,
    pub(super) far: f64,
    /// What its state looks like after the last poke and at the end.
    pub(super) looks: (u64, u64),
}

/// What a slice found.
#[derive(Default)]
pub struct Sliced {
    pub(super) found: Vec<FoundWay>,
    pub(super) open: Vec<Opened>,
    pub(super) runs: u64,
    pub(super) events: u64,
    /// How many runs were not made, because the slice had done its work.
    pub(super) cut: usize,
}

impl Slice {
    /// Tries every poke after one run. Stops between two runs when the brake is pulled; what it brings then means nothing.
    pub fn run(&self, stop: &Brake) -> Sliced {
        let brake = Brake::of(SLICE);
        let mut start = self.here.fork();
        start.set_brake(&brake);
        let mut sliced = Sliced::default();
        match &self.from {
            None => self.scripts(&start, stop, &mut sliced),
            Some(node) => match done(&mut start, &node.done) {
                Some(()) => self.after(&node.done, start, stop, &mut sliced),
                None => sliced.cut += 1,
            },
        }
        sliced.events = brake.reached().events;
        sliced
    }

    /// What the author's solution and other ways do, from here.
    fn scripts(&self, start: &Timeline, stop: &Brake, sliced: &mut Sliced) {
        for script in std::iter::once(&self.goal.solution).chain(&self.goal.ways) {
            let Some(way) = ways::timed(script, start) else { continue };
            let mut run = start.fork();
            if stop.is_pulled() || way.pokes.is_empty() || done(&mut run, &way).is_none() {
                continue;
            }
            sliced.runs += 1;
            if ways::reached(&self.goal, &mut run, self.offer.whole).is_some() {
                sliced.found.push(way);
            }
        }
    }

    fn after(&self, begun: &FoundWay, mut middle: Timeline, stop: &Brake, sliced: &mut Sliced) {
        let mut before = Span(0);
        for after in &self.offer.times {
            // A way can begin now; only what comes later waits for a moment that matters.
            if begun.pokes.is_empty() && after.0 > 0 {
                break;
            }
            if !matches!(middle.advance(Span(after.0 - before.0)), Stop::Reached) {
                sliced.cut += usize::from(middle.brake().is_pulled());
                break;
            }
            before = *after;
            let offered = match &self.offer.only {
                Some(only) => only.clone(),
                None => pokes::worth_trying(&middle, &self.goal),
            };
            for poke in offered {
                if stop.is_pulled() || middle.brake().is_pulled() {
                    sliced.cut += 1;
                } else {
                    self.one(begun, &middle, (*after, poke), sliced);
                }
            }
        }
    }

    fn one(&self, begun: &FoundWay, middle: &Timeline, next: (Span, Poke), sliced: &mut Sliced) {
        let mut run = middle.fork();
        if run.poke(&next.1).is_err() {
            return;
        }
        sliced.runs += 1;
        let mut done = begun.clone();
        done.pokes.push(next);
        let mut end = run.fork();
        if ways::reached(&self.goal, &mut end, self.offer.whole).is_some() {
            sliced.found.push(done);
        } else if end.brake().is_pulled() {
            sliced.cut += 1;
        } else {
            let looks = (looks(run.cluster()), looks(end.cluster()));
            sliced.open.push(Opened { done, far: distance(&self.goal, end.cluster()), looks });
        }
    }
}

/// Does what a way says; `None` where it cannot.
fn done(run: &mut Timeline, way: &FoundWay) -> Option<()> {
    for (wait, poke) in &way.pokes {
        let is_there = wait.0 == 0 || matches!(run.advance(*wait), Stop::Reached);
        (is_there && run.poke(poke).is_ok()).then_some(())?;
    }
    Some(())
}

/// What a state looks like: its facts, its settings, its clock and what clients were told last. Two runs that look alike may still differ
/// within.
fn looks(cluster: &dyn Cluster) -> u64 {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
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
    for exchange in cluster.recent(ANSWERS).1 {
        // Writing to a text cannot fail.
        _ = write!(text, "{exchange:?}");
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
