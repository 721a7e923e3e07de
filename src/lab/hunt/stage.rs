//! A run while it is hunted: it is driven, poked and recorded, and a condition is looked for after every event.

use std::collections::BTreeMap;

use super::flown::Flown;
use crate::cluster::condition::Condition;
use crate::cluster::{Cluster, Stop};
use crate::command::{Command, Drive, Poke};
use crate::sim::time::{Span, Time};

/// The most events of one run; a run that needs more is void.
const EVENTS_MAX: u64 = 400_000;

/// One run.
pub(super) struct Stage<'h> {
    /// The cluster as it is.
    pub(super) cluster: Box<dyn Cluster>,
    /// What was done before it began.
    pub(super) before: &'h [Command],
    /// What was done so far: pokes that were not refused, and the time between them.
    pub(super) done: Vec<Command>,
    /// The messages that were poked.
    pub(super) flown: Flown,
    /// When the last of them was done.
    last: Time,
    /// What is looked for on the way.
    looked_for: Option<&'h Condition>,
    /// Whether it was seen; the run need not go on.
    pub(super) seen: bool,
    /// Why the run came to no end.
    pub(super) stuck: Option<String>,
    /// An invariant of the model that is broken; the cluster does not go on.
    pub(super) fault: Option<String>,
    /// The event before the clients were asked whether the cluster takes requests again.
    pub(super) probed: Option<u64>,
    end: u64,
}

impl<'h> Stage<'h> {
    pub(super) fn new(cluster: Box<dyn Cluster>, before: &'h [Command], looked_for: Option<&'h Condition>) -> Stage<'h> {
        let (last, end) = (cluster.now(), cluster.events() + EVENTS_MAX);
        let (done, flown) = (Vec::new(), Flown::default());
        Stage { cluster, before, done, flown, last, looked_for, seen: false, stuck: None, fault: None, probed: None, end }
    }

    /// Whether nothing more is to be done.
    pub(super) fn is_over(&self) -> bool {
        self.seen || self.stuck.is_some() || self.fault.is_some()
    }

    /// Carries out the next event. `false`: there is none, or the run is over.
    pub(super) fn step(&mut self) -> bool {
        if self.is_over() || self.is_spent() {
            return false;
        }
        if self.cluster.step().is_none() {
            let now = self.cluster.now();
            self.stopped(now);
            return false;
        }
        self.look();
        true
    }

    /// Carries out everything up to and including `t`.
    pub(super) fn run_until(&mut self, t: Time) {
        if self.looked_for.is_some() {
            while self.cluster.next_at().is_some_and(|next| next <= t) && self.step() {}
        }
        if !self.is_over() {
            self.stopped(t);
        }
    }

    /// Runs up to `t`, or notes why that cannot be.
    fn stopped(&mut self, t: Time) {
        match self.cluster.run_until(t, self.end.saturating_sub(self.cluster.events())) {
            Stop::Reached => {}
            Stop::Budget => _ = self.is_spent(),
            Stop::Limit(why) => self.fault = Some(why),
        }
    }

    fn is_spent(&mut self) -> bool {
        let spent = self.cluster.events() >= self.end;
        if spent {
            self.stuck = Some(format!("more than {EVENTS_MAX} events"));
        }
        spent
    }

    /// Does something now. `false`: it was refused, which changes nothing.
    pub(super) fn poke(&mut self, poke: &Poke) -> bool {
        if self.is_over() {
            return false;
        }
        self.flown.note(poke, self.cluster.as_ref());
        if self.cluster.apply(poke).is_err() {
            return false;
        }
        self.rest();
        self.done.push(Command::Poke(poke.clone()));
        self.look();
        true
    }

    /// Records the time that passed since the last poke.
    pub(super) fn rest(&mut self) {
        let gap = self.cluster.now().since(self.last);
        match self.done.last_mut() {
            _ if gap == Span::ZERO => {}
            Some(Command::Drive(Drive::Run(before))) => *before = Span(before.0 + gap.0),
            _ => self.done.push(Command::Drive(Drive::Run(gap))),
        }
        self.last = self.cluster.now();
    }

    /// Carries out commands; a poke that is refused is left out. Messages have the numbers of the run in which they were `meant`; here
    /// the same messages may have others.
    pub(super) fn perform(&mut self, commands: &[Command], meant: &Flown) {
        let mut found = BTreeMap::new();
        for command in commands {
            match command {
                Command::Poke(poke) => _ = meant.found(poke, &mut found, self.cluster.as_ref()).is_some_and(|poke| self.poke(&poke)),
                Command::Drive(Drive::Run(span)) => {
                    self.run_until(self.cluster.now() + *span);
                    self.rest();
                }
                Command::Drive(_) => {}
            }
            if self.is_over() {
                return;
            }
        }
    }

    fn look(&mut self) {
        if let Some(condition) = self.looked_for
            && !condition.needs_verdicts()
        {
            self.seen |= condition.holds_in(self.cluster.as_ref()).unwrap_or(false);
        }
    }
}
