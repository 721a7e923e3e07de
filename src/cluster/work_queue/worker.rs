//! A worker: takes as many messages as it has room for, does one after the other, and writes each result into the database.

use std::collections::VecDeque;

use crate::check::operation::Key;
use crate::persistent::OrdSet;
use crate::sim::id::NodeId;

use super::message::{Job, Msg, Note, Verdict};
use super::queue::Receipt;
use super::settings::{Acknowledge, Failure, Idempotent};
use super::{BROKER, Context, DATABASE, Timer};

/// A message whose key begins with this fails at every try.
pub(super) const POISON: &str = "poison";

/// A worker's process.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    /// What it has, in the order in which it came; it is at the first of them.
    pub held: VecDeque<Job>,
    /// What it does with the first.
    pub phase: Phase,
    /// Whether it died of its work and is being started again.
    pub is_down: bool,
    newest: Receipt,
    /// The keys that it has done, as far as it remembers.
    done: OrdSet<Key>,
}

/// What a worker does with its first message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing: it has none.
    #[default]
    Idle,
    /// It asks the broker to forget it.
    Asking,
    /// It works.
    Working,
    /// It writes the result.
    Writing,
}

impl Worker {
    /// Boots with nothing.
    pub fn boot(cx: &mut Context<'_>) -> Worker {
        let mut worker = Worker::default();
        worker.poll(cx);
        Worker::plan_renewal(cx);
        worker
    }

    /// Says how much room there is, and says so again unless something comes.
    fn poll(&mut self, cx: &mut Context<'_>) {
        let room = cx.settings().prefetch.saturating_sub(self.held.len() as u32);
        if room > 0 && !self.is_down {
            cx.send(BROKER, Msg::Poll { room, newest: self.newest });
        }
        cx.set_timer(cx.settings().poll, Timer::Poll);
    }

    pub(super) fn on_poll(&mut self, cx: &mut Context<'_>) {
        self.poll(cx);
    }

    pub(super) fn on_deliver(&mut self, job: Job, cx: &mut Context<'_>) {
        // Where nothing is acknowledged, receipts mean nothing, and a copy is taken for another message.
        let is_leased = cx.settings().acknowledge != Acknowledge::None;
        if self.is_down || (is_leased && self.held.iter().any(|held| held.receipt == job.receipt)) {
            return;
        }
        self.newest = self.newest.max(job.receipt);
        if is_leased && self.held.len() as u32 >= cx.settings().prefetch {
            return cx.send(BROKER, Msg::Refuse { receipt: job.receipt, key: job.key });
        }
        self.held.push_back(job);
        self.go_on(cx);
    }

    /// Turns to the first message, if it is at none.
    fn go_on(&mut self, cx: &mut Context<'_>) {
        let Some(job) = self.held.front().filter(|_| self.phase == Phase::Idle).cloned() else { return };
        match cx.settings().acknowledge {
            Acknowledge::Before => ack(&job, false, cx),
            Acknowledge::Confirmed => {
                self.phase = Phase::Asking;
                cx.set_timer(cx.settings().request_timeout, Timer::Answer);
                return ack(&job, true, cx);
            }
            Acknowledge::None | Acknowledge::After => {}
        }
        self.begin(&job, cx);
    }

    pub(super) fn on_acked(&mut self, receipt: Receipt, ok: bool, cx: &mut Context<'_>) {
        let Some(job) = self.first(Phase::Asking, receipt) else { return };
        cx.cancel_timer(Timer::Answer);
        if ok {
            return self.begin(&job, cx);
        }
        cx.note(Note::NotMine { key: job.key });
        self.let_fall(cx);
    }

    /// The first message, if the worker is in this phase with it.
    fn first(&self, phase: Phase, receipt: Receipt) -> Option<Job> {
        self.held.front().filter(|job| self.phase == phase && job.receipt == receipt).cloned()
    }

    fn begin(&mut self, job: &Job, cx: &mut Context<'_>) {
        if cx.settings().idempotent == Idempotent::Memory && self.done.contains(&job.key) {
            cx.note(Note::Skipped { key: job.key.clone() });
            return self.finish(job, cx);
        }
        self.phase = Phase::Working;
        cx.note(Note::Began { key: job.key.clone() });
        let takes = cx.settings().work.clone().sample(&mut cx.rng());
        cx.work(takes, Timer::Work);
    }

    /// The work is done, or has failed.
    pub(super) fn on_work(&mut self, cx: &mut Context<'_>) {
        let Some(job) = self.held.front().filter(|_| self.phase == Phase::Working).cloned() else { return };
        let failing = cx.settings().failing;
        if job.key.starts_with(POISON) || cx.rng().chance(failing) {
            return self.fail(&job, cx.settings().failure, cx);
        }
        cx.note(Note::Did { key: job.key.clone() });
        self.phase = Phase::Writing;
        cx.set_timer(cx.settings().request_timeout, Timer::Answer);
        cx.send(DATABASE, Msg::Apply(job));
    }

    fn fail(&mut self, job: &Job, how: Failure, cx: &mut Context<'_>) {
        let crash = how == Failure::Crash;
        cx.note(Note::Failed { key: job.key.clone(), crash });
        if crash {
            for timer in [Timer::Answer, Timer::Poll, Timer::Renew] {
                cx.cancel_timer(timer);
            }
            *self = Worker { is_down: true, newest: self.newest, ..Worker::default() };
            return cx.set_timer(cx.settings().restart, Timer::Restart);
        }
        if cx.settings().acknowledge == Acknowledge::After {
            cx.send(BROKER, Msg::Refuse { receipt: job.receipt, key: job.key.clone() });
        }
        self.let_fall(cx);
    }

    pub(super) fn on_restart(&mut self, cx: &mut Context<'_>) {
        self.is_down = false;
        cx.note(Note::Restarted);
        self.poll(cx);
        Worker::plan_renewal(cx);
    }

    pub(super) fn on_applied(&mut self, receipt: Receipt, verdict: Verdict, cx: &mut Context<'_>) {
        let Some(job) = self.first(Phase::Writing, receipt) else { return };
        cx.cancel_timer(Timer::Answer);
        if verdict == Verdict::Full {
            return self.fail(&job, Failure::Refuse, cx);
        }
        if cx.settings().idempotent == Idempotent::Memory {
            self.done.insert(job.key.clone());
        }
        self.finish(&job, cx);
    }

    fn finish(&mut self, job: &Job, cx: &mut Context<'_>) {
        if cx.settings().acknowledge == Acknowledge::After {
            ack(job, false, cx);
        }
        self.let_fall(cx);
    }

    /// Has the first message no more, and turns to the next.
    fn let_fall(&mut self, cx: &mut Context<'_>) {
        self.held.pop_front();
        self.phase = Phase::Idle;
        self.poll(cx);
        self.go_on(cx);
    }

    /// Nobody answered: the message is left to whoever gets it next, if anybody does.
    pub(super) fn on_no_answer(&mut self, cx: &mut Context<'_>) {
        let Some(job) = self.held.front().filter(|_| matches!(self.phase, Phase::Asking | Phase::Writing)) else { return };
        let (key, from) = (job.key.clone(), if self.phase == Phase::Asking { BROKER } else { DATABASE });
        cx.note(Note::GaveUp { key, from });
        self.let_fall(cx);
    }

    fn plan_renewal(cx: &mut Context<'_>) {
        match cx.settings().renew {
            Some(every) => cx.start_timer(every, Timer::Renew),
            None => cx.cancel_timer(Timer::Renew),
        }
    }

    /// Asks for more time for everything it has.
    pub(super) fn on_renew(&mut self, cx: &mut Context<'_>) {
        if cx.settings().acknowledge == Acknowledge::After {
            self.held.iter().for_each(|job| cx.send(BROKER, Msg::Renew { receipt: job.receipt }));
        }
        Worker::plan_renewal(cx);
    }

    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        if !self.is_down {
            Worker::plan_renewal(cx);
            self.poll(cx);
        }
    }

    /// The messages that it may yet do, by their keys.
    pub fn held(&self) -> impl Iterator<Item = &Key> {
        self.held.iter().map(|job| &job.key)
    }

    /// What it is at.
    pub fn at(&self) -> Option<&Job> {
        self.held.front().filter(|_| self.phase != Phase::Idle)
    }
}

fn ack(job: &Job, wait: bool, cx: &mut Context<'_>) {
    cx.send(BROKER, Msg::Ack { receipt: job.receipt, key: job.key.clone(), wait });
}

/// The workers' ids among the servers.
pub(super) fn is_worker(id: NodeId) -> bool {
    !id.is_client() && id != BROKER && id != DATABASE
}
