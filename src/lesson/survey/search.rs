//! The search for ways as a learner can ask for it: from any moment to the goal of the step, with one poke, then two, then more.
//!
//! First the author's own scripts are tried from here. Then two [`Beam`]s take turns: one with the pokes of the author's scripts and hints
//! alone, at the moments at which the scripts do something; one with everything that the program offers, at a few moments. A wave of a beam
//! goes on from the runs with no poke, then with one, then with two, and so on: from those nearest to the goal that were not gone on with
//! yet. A run that looks like one that was there before is left out. Each wave is wider than the one before, until the events or the runs
//! that a search may take are used up, or nothing is left. What is left then is counted.

use std::sync::Arc;

use crate::command::Poke;
use crate::lesson::schema::Try;
use crate::sim::time::Span;
use crate::timeline::Timeline;

use super::beam::{Beam, Node};
use super::slice::{Offer, Slice, Sliced};
use super::{pokes, ways};

/// How many events all runs of a search may take together.
const BUDGET: u64 = 40_000_000;

/// A layer of each beam takes at most one such part of the events that are left, so that deeper ones and the other beam have their turn.
const SHARES: [u64; 2] = [16, 4];

/// How many runs a search may make. Where runs are short, they cost more than their events.
const RUNS: u64 = 200_000;

/// The most pokes of a way.
pub(super) const DEEPEST: usize = 6;

/// How many ways are kept.
const KEPT: usize = 40;

/// A way that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundWay {
    /// What is done, in order, and how long after the one before (the first: after now).
    pub pokes: Vec<(Span, Poke)>,
}

impl FoundWay {
    /// When each poke is done, in an order that does not tell which of two at the same moment was first.
    fn moments(&self) -> Vec<(Span, String)> {
        let mut at = Span(0);
        let mut moments: Vec<(Span, String)> = Vec::new();
        for (wait, poke) in &self.pokes {
            at = Span(at.0 + wait.0);
            moments.push((at, poke.to_string()));
        }
        moments.sort_unstable();
        moments
    }
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

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many pokes the ways have that are tried now.
    pub pokes: usize,
    /// How many beginnings of them were tried, of how many.
    pub tried: usize,
    /// Of how many.
    pub of: usize,
    /// Up to how many pokes everything was tried that the program offers, at the moments that are tried.
    pub whole: usize,
    /// How many runs were not gone on with so far.
    pub left_out: usize,
    /// How many runs were made.
    pub runs: u64,
    /// How many they may be.
    pub runs_most: u64,
    /// The events of all runs so far.
    pub events: u64,
    /// How many they may be.
    pub budget: u64,
}

/// A search from a moment.
pub struct Search {
    goal: Arc<Try>,
    here: Arc<Timeline>,
    /// With the author's pokes, and with all.
    beams: [Beam; 2],
    /// Which of them has its turn, and how many waves both have made.
    turn: usize,
    waves: usize,
    /// Whether the author's own scripts were tried.
    begun: bool,
    /// How many pokes the runs of the layer have, the runs, and which of them is next.
    depth: usize,
    layer: Vec<Arc<Node>>,
    next: usize,
    /// The events after which the layer is left for the next.
    enough: u64,
    found: Vec<FoundWay>,
    runs: u64,
    events: u64,
    budget: u64,
    is_over: bool,
}

impl Search {
    /// From this moment to this goal.
    pub fn from(goal: &Try, here: &Timeline) -> Search {
        Search::within(goal, here, BUDGET)
    }

    /// The same with so many events at most.
    pub fn within(goal: &Try, here: &Timeline, budget: u64) -> Search {
        let times = ways::Times::of(goal, here, Span(0));
        let author = Offer { only: Some(pokes::of_author(goal, here)), times: ways::moments(goal, here, &times), whole: times.whole };
        let all = Offer { only: None, times: times.second, whole: times.whole };
        Search {
            goal: Arc::new(goal.clone()),
            here: Arc::new(here.fork()),
            beams: [Beam::of(author, false), Beam::of(all, true)],
            turn: 0,
            waves: 0,
            begun: false,
            depth: 0,
            layer: Vec::new(),
            next: 0,
            enough: budget,
            found: Vec::new(),
            runs: 0,
            events: 0,
            budget,
            is_over: false,
        }
    }

    /// What is to be done next; `None`: the shortest ways are found, or the search is at its bounds.
    pub fn next(&self) -> Option<Slice> {
        if self.is_over || self.is_spent() {
            return None;
        }
        let from = if self.begun { Some(Arc::clone(self.layer.get(self.next)?)) } else { None };
        let offer = self.beams[self.turn].offer();
        Some(Slice { goal: Arc::clone(&self.goal), here: Arc::clone(&self.here), offer, from })
    }

    /// Takes in what a slice found.
    pub fn take(&mut self, sliced: Sliced) {
        self.events += sliced.events;
        self.runs += sliced.runs;
        self.keep(sliced.found);
        if self.begun {
            self.next += 1;
            self.beams[self.turn].take(self.depth, sliced.cut, sliced.open);
        }
        if !self.begun {
            self.begun = true;
            self.begin_layer();
        } else if self.next == self.layer.len() || self.events >= self.enough {
            self.leave_layer();
            self.depth += 1;
            self.begin_layer();
        }
    }

    fn keep(&mut self, found: Vec<FoundWay>) {
        for way in found {
            // What is done at the same moment in another order is no other way.
            let moments = way.moments();
            if !self.found.iter().any(|known| known.moments() == moments) {
                self.found.push(way);
            }
        }
        let least = self.found.iter().map(|way| way.pokes.len()).min().unwrap_or(0);
        self.found.retain(|way| way.pokes.len() == least);
        self.found.truncate(KEPT);
    }

    /// What of the layer has not had its turn is kept for another wave.
    fn leave_layer(&mut self) {
        let rest = self.layer.drain(..).skip(self.next).collect();
        self.beams[self.turn].put_back(self.depth, rest);
        self.next = 0;
    }

    /// The next layer in which something is left to go on from: of this wave, or of the next. A wave of each beam is made even where
    /// something was found, to see whether a way is as short or shorter.
    fn begin_layer(&mut self) {
        loop {
            let most = self.shortest().unwrap_or(DEEPEST);
            if self.depth < most {
                self.layer = self.beams[self.turn].layer(self.depth);
                if !self.layer.is_empty() {
                    self.enough = self.events + self.budget.saturating_sub(self.events) / SHARES[self.turn];
                    return;
                }
                self.depth += 1;
                continue;
            }
            self.beams[self.turn].widen();
            (self.turn, self.depth, self.waves) = (1 - self.turn, 0, self.waves + 1);
            let is_looked_through = self.waves >= self.beams.len();
            if is_looked_through && (!self.found.is_empty() || self.beams.iter().all(Beam::is_empty)) {
                self.is_over = true;
                return;
            }
        }
    }

    fn is_spent(&self) -> bool {
        self.events >= self.budget || self.runs >= RUNS
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
        let waiting = self.layer.len().saturating_sub(self.next);
        let is_among_all = self.turn == 1 && waiting > 0;
        let whole = self.beams[1].whole(if is_among_all { self.depth } else { DEEPEST });
        Progress {
            pokes: (self.depth + 1).min(DEEPEST),
            tried: self.next,
            of: self.layer.len(),
            whole,
            left_out: self.beams.iter().map(Beam::left_out).sum::<usize>() + waiting,
            runs: self.runs,
            runs_most: RUNS,
            events: self.events,
            budget: self.budget,
        }
    }
}
