//! Going anywhere: nearest checkpoint, fork, run again.

use std::sync::Arc;

use super::play::SEARCH_BUDGET;
use super::tree::BranchId;
use super::{RUN_BUDGET, Timeline};
use crate::cluster::{Cluster, Stop};
use crate::command::Poke;
use crate::sim::time::Time;

impl Timeline {
    /// Goes to time `t`, back or forward: everything up to and including `t` has happened, pokes too.
    pub fn seek(&mut self, t: Time) -> Stop {
        let saved = self.checkpoints.before_time(t);
        if t < self.at() || saved.events() > self.events() {
            self.restore(&saved);
        }
        self.run_to(t)
    }

    /// Goes to the moment of event `n`: it has just happened. Before the first, to the start; after the last, to the last.
    pub fn seek_event(&mut self, n: u64) -> Stop {
        let saved = self.checkpoints.before_event(n);
        if n <= self.events() || saved.events() > self.events() {
            self.restore(&saved);
        }
        let stop = self.forward_to(n);
        self.saw();
        stop
    }

    /// Goes to the event before the last. False when there is none.
    pub fn step_back(&mut self) -> bool {
        let possible = self.events() > self.checkpoints.first_event() && !self.brake.is_pulled();
        if possible {
            self.seek_event(self.events() - 1);
        }
        possible
    }

    /// Goes to the noteworthy event before the position. False, and no move, when there is none (or none within reach).
    pub fn previous_noteworthy(&mut self) -> bool {
        let (events, at) = (self.events(), self.at());
        let mut before = events;
        while before > self.checkpoints.first_event() && before + SEARCH_BUDGET > events && !self.brake.is_pulled() {
            let saved = self.checkpoints.before_event(before);
            self.restore(&saved);
            if let Some(found) = self.last_noteworthy(before, (events, at)) {
                self.seek_event(found);
                return true;
            }
            before = saved.events();
        }
        self.go(events, at);
        false
    }

    /// Steps to event `to` and gives the last noteworthy event on the way that lies before the position `from`.
    fn last_noteworthy(&mut self, to: u64, from: (u64, Time)) -> Option<u64> {
        let mut found = None;
        for _ in 0..RUN_BUDGET {
            if self.events() >= to {
                break;
            }
            let Some(fired) = self.step_unseen() else { break };
            if fired.noteworthy && (fired.event < from.0 || fired.at < from.1) {
                found = Some(fired.event);
            }
        }
        found
    }

    /// Goes to the moment just before the last poke behind the position, and says which it was. It stays on the path, ahead;
    /// doing something else now opens a branch.
    pub fn undo(&mut self) -> Option<Poke> {
        let last = self.tree.poke(self.done.checked_sub(1)?).cloned()?;
        self.go(last.event - 1, last.at);
        Some(last.poke)
    }

    /// Makes a branch the path and goes to the moment after its last poke (to the start, for the start). False when there is no such branch.
    pub fn enter(&mut self, id: BranchId) -> bool {
        if !self.turn_into(id) {
            return false;
        }
        let event = self.tree.pokes().last().map_or(self.checkpoints.first_event(), |p| p.event);
        let saved = self.checkpoints.before_event(event);
        self.restore(&saved);
        self.forward_to(event);
        self.saw();
        true
    }

    /// Makes a branch the path; where on it one is, is still to be said. False when there is no such branch.
    pub(super) fn turn_into(&mut self, id: BranchId) -> bool {
        let Some(parting) = self.tree.enter(id) else { return false };
        for poke in parting.iter().flatten() {
            self.checkpoints.keep_before(poke);
        }
        true
    }

    /// Takes the pokes ahead of the position off the path. They are kept among the branches.
    pub fn leave_future(&mut self) {
        if self.done == self.tree.len() {
            return;
        }
        let (events, at) = (self.events(), self.at());
        self.enter(self.tree.branch_at(self.done));
        self.go(events, at);
        self.saw();
    }

    /// Goes to a known position: after event `events`, with the clock at `at`, which lies before the next event.
    pub fn go(&mut self, events: u64, at: Time) {
        let saved = self.checkpoints.before_event(events);
        self.restore(&saved);
        self.forward_to(events);
        self.set_clock(at);
    }

    pub(super) fn restore(&mut self, saved: &Arc<dyn Cluster>) {
        self.cluster = saved.fork();
        self.done = self.tree.done_at(self.cluster.events());
    }
}
