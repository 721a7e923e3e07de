//! Many runs on every core. The result does not depend on how many there are.

use std::num::NonZero;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::exposure::Exposure;
use super::fault::Class;
use super::field::Field;
use super::flown::Flown;
use super::goal::{Broken, Wanted, judge};
use super::stage::Stage;
use super::{draw, schedule, tail};
use crate::cluster::condition::Condition;
use crate::command::{CallDoc, Command};
use crate::sim::dist::Dist;
use crate::sim::time::Span;

/// What is hunted, where, and how.
#[derive(Clone)]
pub(super) struct Hunt {
    /// The start of every run.
    pub(super) field: Field,
    /// The faults that schedules draw from.
    pub(super) classes: Vec<Class>,
    /// What clients ask.
    pub(super) calls: Vec<&'static CallDoc>,
    /// What counts as a break.
    pub(super) wanted: Wanted,
    /// What must hold once everything is healed.
    pub(super) healthy: Condition,
    /// The number of the first run.
    pub(super) first: u64,
    /// How many runs.
    pub(super) runs: u64,
    /// Whether the first break ends it.
    pub(super) stop: bool,
    /// The seed of the schedules.
    pub(super) seed: u64,
}

/// One run, carried out and judged.
pub(super) struct Ran {
    /// Everything that was done, and how much of it came before the healing.
    pub(super) done: Vec<Command>,
    pub(super) body: usize,
    pub(super) met: Exposure,
    pub(super) broken: Vec<Broken>,
    /// The messages that were poked.
    pub(super) flown: Flown,
    /// Why it came to no end.
    pub(super) stuck: Option<String>,
}

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outcome {
    /// Its number.
    pub(super) run: u64,
    /// What it met.
    pub(super) met: Exposure,
    /// What it broke, the most telling first.
    pub(super) broken: Vec<Broken>,
    /// Why it came to no end.
    pub(super) stuck: Option<String>,
}

/// How far a hunt is.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// Runs that ended.
    pub(super) runs: u64,
    /// Those that broke something.
    pub(super) broken: u64,
}

/// How often progress is told.
const TELL_EVERY: Duration = Duration::from_millis(100);

impl Hunt {
    /// Carries out all runs on so many threads and gives their outcomes in order; where the first break ends it, up to that run.
    /// `tell` is called now and then.
    pub(super) fn run(&self, threads: usize, tell: &mut dyn FnMut(Progress)) -> Vec<Outcome> {
        let (next, limit) = (AtomicU64::new(self.first), AtomicU64::new(self.first.saturating_add(self.runs)));
        let (sender, outcomes) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..threads.max(1) {
                let sender = sender.clone();
                scope.spawn(|| {
                    let sender = sender;
                    self.work(&next, &limit, &sender);
                });
            }
            drop(sender);
            self.gather(&outcomes, self.runs, tell)
        })
    }

    /// One thread: takes the next number until there is none.
    fn work(&self, next: &AtomicU64, limit: &AtomicU64, sender: &mpsc::Sender<Outcome>) {
        loop {
            let run = next.fetch_add(1, Ordering::SeqCst);
            if run >= limit.load(Ordering::SeqCst) {
                return;
            }
            let Ran { met, broken, stuck, .. } = self.one(run);
            if self.stop && !broken.is_empty() {
                limit.fetch_min(run + 1, Ordering::SeqCst);
            }
            if sender.send(Outcome { run, met, broken, stuck }).is_err() {
                return;
            }
        }
    }

    fn gather(&self, outcomes: &mpsc::Receiver<Outcome>, runs: u64, tell: &mut dyn FnMut(Progress)) -> Vec<Outcome> {
        let mut all: Vec<Outcome> = Vec::with_capacity(usize::try_from(runs.min(1 << 20)).unwrap_or(0));
        let mut progress = Progress::default();
        loop {
            match outcomes.recv_timeout(TELL_EVERY) {
                Ok(outcome) => {
                    progress.runs += 1;
                    progress.broken += u64::from(!outcome.broken.is_empty());
                    all.push(outcome);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => tell(progress),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
        all.sort_unstable_by_key(|outcome| outcome.run);
        if self.stop
            && let Some(first) = all.iter().position(|outcome| !outcome.broken.is_empty())
        {
            all.truncate(first + 1);
        }
        all
    }

    /// Carries out the run of this number.
    pub(super) fn one(&self, run: u64) -> Ran {
        let before = self.field.before();
        let cluster = match self.field.cluster(self.field.seed_of(run)) {
            Ok(cluster) => cluster,
            Err(why) => {
                let (done, broken, flown) = (Vec::new(), Vec::new(), Flown::default());
                return Ran { done, body: 0, met: Exposure::default(), broken, flown, stuck: Some(why) };
            }
        };
        let mut stage = Stage::new(cluster, &before, self.wanted.condition());
        let met = schedule::run(&mut stage, (&self.classes, &self.calls), self.field.model.moments, draw::draws(self.seed, run));
        self.end(stage, met)
    }

    /// Carries out commands from the start with this seed, and heals and reads afterwards.
    pub(super) fn again(&self, seed: u64, body: &[Command], meant: &Flown) -> Option<Ran> {
        let before = self.field.before();
        let mut stage = Stage::new(self.field.cluster(seed).ok()?, &before, self.wanted.condition());
        stage.perform(body, meant);
        Some(self.end(stage, Exposure::default()))
    }

    /// Carries out commands from the start with this seed, and nothing else.
    pub(super) fn exactly(&self, seed: u64, commands: &[Command], meant: &Flown) -> Option<Ran> {
        let before = self.field.before();
        let mut stage = Stage::new(self.field.cluster(seed).ok()?, &before, self.wanted.condition());
        stage.perform(commands, meant);
        let body = stage.done.len();
        let broken = judge(&stage, &self.wanted, &self.healthy, self.field.model);
        Some(Ran { done: stage.done, body, met: Exposure::default(), broken, flown: stage.flown, stuck: stage.stuck })
    }

    /// The mean latency of a wire, where all have one.
    pub(super) fn usual_latency(&self) -> Option<Span> {
        let cluster = self.field.cluster(self.field.seed_of(0)).ok()?;
        let latency: Dist = cluster.settings().into_iter().find(|(name, _)| *name == "latency")?.1.parse().ok()?;
        latency.mean().filter(|_| tail::scene(cluster.as_ref()).zones.is_empty())
    }

    fn end(&self, mut stage: Stage<'_>, met: Exposure) -> Ran {
        stage.rest();
        let body = stage.done.len();
        if !stage.is_over() {
            tail::finish(&mut stage, self.field.model.language);
        }
        let broken = if stage.stuck.is_some() { Vec::new() } else { judge(&stage, &self.wanted, &self.healthy, self.field.model) };
        Ran { done: stage.done, body, met, broken, flown: stage.flown, stuck: stage.stuck }
    }
}

/// As many threads as there are cores.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
