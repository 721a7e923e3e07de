//! Makes a script that breaks a promise short: delta debugging (Zeller and Hildebrandt 2002) over its commands, then simpler
//! commands, then rounder numbers, again and again until nothing helps.

use super::engine::{Hunt, Ran};
use super::goal::Promise;
use super::simpler;
use crate::command::{Command, Drive, Link, Poke};
use crate::sim::dist::Dist;

/// The most runs that shrinking takes.
const TRIES: u32 = 6_000;

/// A script that breaks a promise.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Script {
    /// The seed of its cluster.
    pub(super) seed: u64,
    /// What is broken.
    pub(super) promise: Promise,
    /// How, in a sentence.
    pub(super) why: String,
    /// What to do.
    pub(super) commands: Vec<Command>,
}

/// Shrinks the script of run number `run`, which broke `promise`.
pub(super) fn shrink(hunt: &Hunt, run: u64, promise: Promise) -> Option<Script> {
    let ran = hunt.one(run);
    let mut shrinking = Shrinking { hunt, promise, seed: hunt.field.seed_of(run), left: TRIES, with_tail: true, best: ran };
    shrinking.best.broken.iter().find(|broken| broken.promise == promise)?;
    let body = shrinking.best.body;
    shrinking.best.done.truncate(body);
    shrinking.steady();
    shrinking.reduce();
    shrinking.flatten();
    shrinking.reduce();
    shrinking.small_seed();
    let why = shrinking.best.broken.iter().find(|broken| broken.promise == promise).map(|broken| broken.why.clone())?;
    let mut commands = shrinking.best.done;
    if let Some(condition) = hunt.wanted.condition().filter(|_| promise == Promise::Condition) {
        commands.truncate(commands.len() - usize::from(matches!(commands.last(), Some(Command::Drive(Drive::Run(_))))));
        commands.push(Command::Drive(Drive::Until(condition.text().to_string())));
    }
    Some(Script { seed: shrinking.seed, promise, why, commands })
}

struct Shrinking<'h> {
    hunt: &'h Hunt,
    promise: Promise,
    seed: u64,
    left: u32,
    /// Whether what heals and reads at the end is made anew for every candidate, and not part of it.
    with_tail: bool,
    best: Ran,
}

impl Shrinking<'_> {
    /// Whether these commands break the promise too; then they are the best so far. What was refused has fallen out.
    fn accept(&mut self, candidate: &[Command]) -> bool {
        let seed = self.seed;
        self.accept_with(seed, candidate)
    }

    fn accept_with(&mut self, seed: u64, candidate: &[Command]) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let meant = &self.best.flown;
        let ran = if self.with_tail { self.hunt.again(seed, candidate, meant) } else { self.hunt.exactly(seed, candidate, meant) };
        let Some(mut ran) = ran.filter(|ran| ran.broken.iter().any(|broken| broken.promise == self.promise)) else { return false };
        if self.with_tail {
            ran.done.truncate(ran.body);
        }
        self.best = ran;
        true
    }

    /// The same with other seeds: what is left out changes every later draw, so a shorter script may need another.
    fn accept_anew(&mut self, candidate: &[Command]) -> bool {
        let seeds = [self.seed].into_iter().chain(1..=OTHERS);
        seeds.into_iter().any(|seed| {
            let accepted = self.accept_with(seed, candidate);
            self.seed = if accepted { seed } else { self.seed };
            accepted
        })
    }

    /// Writes down what heals and reads at the end, so that it can be shortened too, where the promise allows it.
    fn flatten(&mut self) {
        let Some(whole) = self.hunt.again(self.seed, &self.best.done, &self.best.flown) else { return };
        self.with_tail = false;
        self.best.flown = whole.flown.clone();
        if !self.accept(&whole.done) {
            self.best = whole;
        }
        if self.promise.needs_healing() {
            self.left = 0;
        }
    }

    /// Wires that all take the same time from the start on, if it happens so too: then what is left out changes no other message's way.
    fn steady(&mut self) {
        let Some(usual) = self.hunt.usual_latency() else { return };
        let first = Command::Poke(Poke::Latency(Link::All, Dist::Const(usual)));
        let candidate: Vec<Command> = [first].into_iter().chain(self.best.done.iter().cloned()).collect();
        self.accept_anew(&candidate);
    }

    fn reduce(&mut self) {
        loop {
            let before = self.best.done.clone();
            self.fewer();
            self.simpler();
            if self.left == 0 || self.best.done == before {
                return;
            }
        }
    }

    /// Leaves out longer, then shorter parts, from the end, as long as what is left still breaks it.
    fn fewer(&mut self) {
        let mut size = self.best.done.len().div_ceil(2).max(1);
        loop {
            let mut end = self.best.done.len();
            let mut smaller = false;
            while end > 0 {
                let start = end.saturating_sub(size);
                let mut candidate = self.best.done.clone();
                candidate.drain(start..end);
                let accepted = self.accept_anew(&candidate);
                smaller |= accepted;
                end = start.min(self.best.done.len());
            }
            match (size, smaller) {
                (1, false) => return,
                (1, true) => {}
                _ => size = size.div_ceil(2),
            }
            if self.left == 0 {
                return;
            }
        }
    }

    /// Replaces each command by a simpler one, where that still breaks it.
    fn simpler(&mut self) {
        let mut at = 0;
        while at < self.best.done.len() {
            for command in simpler::than(&self.best.done[at], self.hunt.field.model.language) {
                let mut candidate = self.best.done.clone();
                candidate[at] = command;
                if self.accept(&candidate) {
                    break;
                }
            }
            at += 1;
        }
        let renamed = simpler::numbered(&self.best.done);
        if renamed != self.best.done {
            self.accept(&renamed);
        }
    }

    /// The smallest seed with which it happens, if it is small.
    fn small_seed(&mut self) {
        self.left = self.left.max(SEEDS as u32);
        for seed in 1..self.seed.min(SEEDS + 1) {
            let candidate = self.best.done.clone();
            let count = candidate.len();
            if self.accept_with(seed, &candidate) && self.best.done.len() == count {
                self.seed = seed;
                return;
            }
        }
    }
}

/// How many other seeds are tried when something is left out.
const OTHERS: u64 = 4;
/// How many seeds are tried in the end.
const SEEDS: u64 = 20;
