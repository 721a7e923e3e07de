//! Writes of an application, step by step: what is done to the database, to the shared cache, and to the cache within it, in which order.

use std::collections::VecDeque;

use crate::check::operation::{Key, Op};
use crate::cluster::kit::register::nothing;
use crate::sim::id::{NodeId, RequestId};

use super::app::{App, Job};
use super::message::{Answer, Msg};
use super::note::Note;
use super::request::{Done, Row};
use super::settings::{Deletes, OnWrite, Pattern, Settings};
use super::{CACHE, Context, DATABASE, is_app};

/// A step of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The database.
    Write,
    /// The shared cache deletes the key.
    Delete,
    /// The shared cache has the new value.
    Set,
    /// The shared cache writes.
    Put,
    /// The cache within the application deletes the key, and where it is so set those of the others.
    Own,
}

/// A write under way.
#[derive(Clone, Debug)]
pub(super) struct Write {
    /// Whose it is.
    pub client: NodeId,
    /// Which request.
    pub request: RequestId,
    /// Of which key.
    pub key: Key,
    /// What is written; once the database has it, with its version.
    pub row: Row,
    /// Whether the database has it.
    pub is_written: bool,
    /// Whether its client has heard how it ended.
    is_told: bool,
    /// The step that is under way.
    pub step: Option<Step>,
    /// What is left to do.
    steps: VecDeque<Step>,
}

/// The steps of a write under these settings.
fn steps(settings: &Settings) -> Vec<Step> {
    let pattern = settings.works();
    let own = settings.has_local() && pattern != Pattern::WriteAround;
    let mut steps = vec![if pattern.cache_writes() { Step::Put } else { Step::Write }];
    let before = settings.on_write == OnWrite::DeleteBefore && !pattern.cache_writes();
    let shared = match settings.on_write {
        _ if pattern.cache_writes() || pattern == Pattern::WriteAround || !settings.has_shared() => None,
        OnWrite::Update => Some(Step::Set),
        OnWrite::DeleteAfter | OnWrite::DeleteBefore => (settings.deletes != Deletes::Log).then_some(Step::Delete),
    };
    let at = usize::from(!before);
    let others: Vec<Step> = shared.into_iter().chain(own.then_some(Step::Own)).collect();
    steps.splice(at..at, others);
    steps
}

impl Write {
    /// Tells the client how it ended, once.
    pub(super) fn told(&mut self, answer: Answer, cx: &mut Context<'_>) {
        if !std::mem::replace(&mut self.is_told, true) {
            cx.send(self.client, Msg::Told { request: self.request, answer });
        }
    }

    /// Its version, once the database has it.
    fn version(&self) -> Option<u64> {
        self.is_written.then_some(self.row.version)
    }
}

impl App {
    /// A client writes.
    pub(super) fn put(&mut self, whose: (NodeId, RequestId), op: &Op, cx: &mut Context<'_>) {
        let steps = steps(cx.settings());
        self.begin(whose, op, steps, cx);
    }

    /// A client writes past every cache.
    pub(super) fn import(&mut self, whose: (NodeId, RequestId), op: &Op, cx: &mut Context<'_>) {
        self.begin(whose, op, vec![Step::Write], cx);
    }

    /// A client has a key deleted from the caches.
    pub(super) fn invalidate(&mut self, (client, request): (NodeId, RequestId), key: Key, cx: &mut Context<'_>) {
        let steps = [(cx.settings().has_local(), Step::Own), (cx.settings().has_shared(), Step::Delete)];
        let steps = steps.into_iter().filter(|(is, _)| *is).map(|(_, step)| step).collect();
        let row = Row { wrote: Some(request), ..Row::default() };
        self.go_on(Write { client, request, key, row, is_written: false, is_told: false, step: None, steps }, cx);
    }

    fn begin(&mut self, (client, request): (NodeId, RequestId), op: &Op, steps: Vec<Step>, cx: &mut Context<'_>) {
        let value = match op {
            Op::Write { value, .. } | Op::Cas { value, .. } | Op::Append { value, .. } => value.clone(),
            Op::Read { .. } => nothing(),
        };
        let row = Row { value: Some(value), version: 0, wrote: Some(request) };
        let key = op.key().clone();
        self.go_on(Write { client, request, key, row, is_written: false, is_told: false, step: None, steps: steps.into() }, cx);
    }

    /// Takes the next step, or says that it was the last.
    fn go_on(&mut self, mut write: Write, cx: &mut Context<'_>) {
        while let Some(step) = write.steps.pop_front() {
            if step != Step::Own {
                write.step = Some(step);
                return self.take_step(step, write, cx);
            }
            self.forget(&write.key, write.version(), cx);
            if cx.settings().tell_others {
                let others: Vec<NodeId> = cx.servers().filter(|id| is_app(*id) && *id != cx.id()).collect();
                for id in others {
                    cx.send(id, Msg::Delete { call: 0, key: write.key.clone(), version: write.version() });
                }
            }
        }
        write.told(Answer::Done(Done::wrote(write.request)), cx);
    }

    fn take_step(&mut self, step: Step, write: Write, cx: &mut Context<'_>) {
        let (key, row, version) = (write.key.clone(), write.row.clone(), write.version());
        let patience = match step {
            Step::Write => cx.settings().db_timeout,
            Step::Put => cx.settings().db_timeout + cx.settings().cache_timeout,
            Step::Delete | Step::Set | Step::Own => cx.settings().cache_timeout,
        };
        let call = self.calls.begin(Job::Write(write), patience, cx);
        match step {
            Step::Write => cx.send(DATABASE, Msg::Write { call, key, row, stamp: None }),
            Step::Delete => cx.send(CACHE, Msg::Delete { call, key, version }),
            Step::Set => cx.send(CACHE, Msg::Set { call, key, row }),
            Step::Put => cx.send(CACHE, Msg::Put { call, key, row }),
            Step::Own => {}
        }
    }

    /// A step is done. `row`: as the database has it.
    pub(super) fn on_step(&mut self, call: u32, row: Option<Row>, cx: &mut Context<'_>) {
        let Some(Job::Write(mut write)) = self.take(call, |job| matches!(job, Job::Write(_))) else { return };
        if let Some(row) = row {
            (write.row, write.is_written) = (row, true);
        }
        self.go_on(write, cx);
    }

    /// The cache does not know whether the database has a write.
    pub(super) fn on_lost(&mut self, call: u32, cx: &mut Context<'_>) {
        if let Some(Job::Write(write)) = self.take(call, |job| matches!(job, Job::Write(_))) {
            self.unsure(write, "no answer from the database", cx);
        }
    }

    /// Nobody knows whether the database has it. The client hears so, and the copies go all the same: what they say may be old. (A write
    /// that takes effect after that is told to nobody but the database's log.)
    fn unsure(&mut self, mut write: Write, why: &'static str, cx: &mut Context<'_>) {
        write.told(Answer::Unknown(why), cx);
        for step in write.steps.iter_mut().filter(|step| **step == Step::Set) {
            // There may be no such value.
            *step = Step::Delete;
        }
        self.go_on(write, cx);
    }

    /// Nobody has answered. What the cache did not confirm stays open; the write goes on without it.
    pub(super) fn step_overdue(&mut self, write: Write, cx: &mut Context<'_>) {
        match write.step {
            Some(Step::Delete | Step::Set) => {
                self.counts.unconfirmed += 1;
                cx.note(Note::Unconfirmed { key: write.key.clone() });
                self.go_on(write, cx);
            }
            Some(Step::Put) => self.unsure(write, "no answer from the cache", cx),
            _ => self.unsure(write, "no answer from the database", cx),
        }
    }
}
