//! The database behind the server of pages: answers questions, each after a while.

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::message::Msg;
use super::{Context, Timer};

/// Its state.
#[derive(Clone, Debug, Default)]
pub struct Db {
    next: u32,
    /// What is worked on: for whom, the number of the question, and how many rows it reads.
    jobs: OrdMap<u32, (NodeId, u32, u64)>,
}

impl Db {
    pub(super) fn on_read(&mut self, from: NodeId, number: u32, rows: u64, cx: &mut Context<'_>) {
        let takes = cx.settings().db_work.clone().sample(&mut cx.rng());
        if takes == Span::ZERO {
            return cx.send(from, Msg::Rows(number, rows));
        }
        let job = self.next;
        self.next = self.next.wrapping_add(1);
        self.jobs.insert(job, (from, number, rows));
        cx.work(takes, Timer::Work(job));
    }

    pub(super) fn on_done(&mut self, job: u32, cx: &mut Context<'_>) {
        if let Some((from, number, rows)) = self.jobs.remove(&job) {
            cx.send(from, Msg::Rows(number, rows));
        }
    }
}
