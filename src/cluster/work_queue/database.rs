//! The database: where the work of the workers takes effect, once or more often.
//!
//! A result that comes again is recognised by its key, if the key is written with the effect in one transaction, and as long as it is
//! remembered (Hohpe and Woolf 2003, Idempotent Receiver; Helland 2012, "Idempotence Is Not a Medical Condition"). A worker that was
//! overtaken is recognised by its receipt: receipts grow, so one older than the newest of its group is refused (Kleppmann 2017, chapter 8,
//! fencing tokens).

use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::packed::Packed;
use crate::sim::time::Time;

use super::Context;
use super::message::{Job, Msg, Note, Verdict};
use super::queue::Receipt;
use super::settings::Idempotent;

/// What its disk holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    /// Every effect, in order.
    pub(super) effects: Packed<Key>,
    /// What it recognises, and since when.
    known: OrdMap<Mark, Time>,
    /// The newest receipt of each group, or of a message that has none.
    fences: OrdMap<Key, Receipt>,
}

/// What a result is recognised by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Key(Key),
    Delivery(Receipt),
}

/// The database's process.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// Effects that are written and whose keys are not: they are written apart.
    unmarked: Vec<(NodeId, Job)>,
}

impl Database {
    pub(super) fn on_apply(&mut self, worker: NodeId, job: Job, cx: &mut Context<'_>) {
        let (receipt, key) = (job.receipt, job.key.clone());
        if cx.settings().fencing && is_overtaken(&job, cx) {
            cx.note(Note::Fenced { key });
            return cx.send_after_sync(worker, Msg::Applied { receipt, verdict: Verdict::Fenced });
        }
        let mark = mark(&job, cx.settings().idempotent);
        if mark.as_ref().is_some_and(|mark| is_known(mark, cx)) {
            cx.note(Note::Again { key });
            return cx.send_after_sync(worker, Msg::Applied { receipt, verdict: Verdict::Again });
        }
        let apart = cx.settings().idempotent == Idempotent::Apart;
        if !write(&job, mark.filter(|_| !apart), cx) {
            return cx.send(worker, Msg::Applied { receipt, verdict: Verdict::Full });
        }
        cx.note(Note::Effect { key });
        if apart {
            self.unmarked.push((worker, job));
            return cx.sync();
        }
        cx.send_after_sync(worker, Msg::Applied { receipt, verdict: Verdict::New });
    }

    /// The effects are on the disk: their keys follow.
    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        for (worker, job) in std::mem::take(&mut self.unmarked) {
            let now = cx.clock();
            let marked = cx.write(|disk| disk.ledger.known.insert(Mark::Key(job.key), now));
            let verdict = if marked.is_ok() { Verdict::New } else { Verdict::Full };
            cx.send_after_sync(worker, Msg::Applied { receipt: job.receipt, verdict });
        }
    }
}

fn mark(job: &Job, how: Idempotent) -> Option<Mark> {
    match how {
        Idempotent::Off | Idempotent::Memory => None,
        Idempotent::Delivery => Some(Mark::Delivery(job.receipt)),
        Idempotent::Apart | Idempotent::Transaction => Some(Mark::Key(job.key.clone())),
    }
}

fn is_known(mark: &Mark, cx: &Context<'_>) -> bool {
    let since = cx.disk().ledger.known.get(mark);
    since.is_some_and(|since| cx.settings().remember.is_none_or(|span| *since + span > cx.clock()))
}

/// What order is kept within: the group, or the message itself.
fn scope(job: &Job) -> &Key {
    job.group.as_ref().unwrap_or(&job.key)
}

fn is_overtaken(job: &Job, cx: &Context<'_>) -> bool {
    cx.disk().ledger.fences.get(scope(job)).is_some_and(|newest| *newest > job.receipt)
}

/// Writes an effect, what it is recognised by, and its receipt, in one transaction. `false`: the disk is full.
fn write(job: &Job, mark: Option<Mark>, cx: &mut Context<'_>) -> bool {
    let (now, fencing) = (cx.clock(), cx.settings().fencing);
    let written = cx.write(|disk| {
        disk.ledger.effects.push(job.key.clone());
        disk.ledger.effects.settle();
        disk.ledger.known.extend(mark.map(|mark| (mark, now)));
        if fencing {
            disk.ledger.fences.insert(scope(job).clone(), job.receipt);
        }
    });
    written.is_ok()
}
