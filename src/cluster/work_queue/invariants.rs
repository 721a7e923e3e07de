//! What a work queue promises whatever is done to it, looked at after every event. Where a promise rests on a setting or on a clock, it
//! counts as long as nobody changed that.

use crate::cluster::live::Upheld;
use crate::command::Poke;
use crate::persistent::OrdSet;
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::message::{Job, Note, Op, Ret};
use super::queue::{Queue, Receipt};
use super::settings::{Acknowledge, Order};
use super::{BROKER, Timer, WorkQueue, watch};

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// The newest receipt that was given.
    receipt: Receipt,
    /// Requests that were refused.
    refused: OrdSet<u32>,
    /// Whether a setting was changed while it ran.
    is_set: bool,
    /// Whether the broker's clock was set, or its disk was lost: then nothing tells it which receipts it gave.
    is_lost_in_time: bool,
}

impl Upheld<WorkQueue> for Invariants {
    fn begin(&mut self, _sim: &Sim<WorkQueue>) {}

    fn poked(&mut self, poke: &Poke, _sim: &Sim<WorkQueue>) {
        self.is_set |= matches!(poke, Poke::Set(..));
        self.is_lost_in_time |= matches!(poke, Poke::Skew(..) | Poke::Drift(..) | Poke::Crash(_, crate::command::DiskFate::Wiped));
    }

    fn recorded(&mut self, record: &Record<Op, Ret>, _sim: &Sim<WorkQueue>) -> Result<(), String> {
        if let Kind::Refused(_) = record.kind {
            self.refused.insert(record.request.0);
        }
        Ok(())
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<WorkQueue>) -> Result<(), String> {
        match &entry.what {
            Trace::Note(_, Note::Accepted { request, .. }) => self.refused_is_refused(*request),
            Trace::Note(_, Note::Handed { job, worker }) => self.is_handed_rightly(job, *worker, sim),
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<WorkQueue>) -> Result<(), String> {
        if touched.is_none_or(|node| node == BROKER)
            && let Some(queue) = watch::queue(sim)
        {
            adds_up(queue)?;
            leases_end(queue, sim)?;
        }
        let workers = (0..sim.servers()).map(NodeId::server).filter(|id| touched.is_none_or(|node| node == *id));
        workers.into_iter().try_for_each(|id| self.has_no_more_than_room(id, sim))
    }
}

impl Invariants {
    fn refused_is_refused(&self, request: RequestId) -> Result<(), String> {
        if !self.refused.contains(&request.0) {
            return Ok(());
        }
        Err(format!("refused is refused: request {} was refused, and the queue takes it in", request.0))
    }

    fn is_handed_rightly(&mut self, job: &Job, worker: NodeId, sim: &Sim<WorkQueue>) -> Result<(), String> {
        let newest = std::mem::replace(&mut self.receipt, job.receipt);
        if job.receipt <= newest && !self.is_lost_in_time {
            return Err(format!("receipts are new: {} is handed out with receipt {} after {newest}", job.key, job.receipt));
        }
        if self.is_set {
            return Ok(());
        }
        let settings = sim.settings();
        if let Some(most) = settings.attempts.filter(|most| job.attempt > *most) {
            return Err(format!("nobody gets it too often: {} is handed out {} times, not {most}", job.key, job.attempt));
        }
        let Some(queue) = watch::queue(sim) else { return Ok(()) };
        let number = queue.held(job.receipt);
        if settings.order == Order::Group && number.is_some_and(|number| !queue.is_head(number)) {
            return Err(format!("a group goes one by one: {worker} gets {} before an older one of its group is done", job.key));
        }
        Ok(())
    }

    fn has_no_more_than_room(&self, id: NodeId, sim: &Sim<WorkQueue>) -> Result<(), String> {
        let Some(WorkQueue::Worker(worker)) = sim.node(id).state() else { return Ok(()) };
        let (held, most) = (worker.held.len(), sim.settings().prefetch as usize);
        if held <= most || self.is_set || sim.settings().acknowledge == Acknowledge::None {
            return Ok(());
        }
        Err(format!("nobody has more than it has room for: {id} has {held} messages, not {most}"))
    }
}

/// Every message that was taken in is in the queue, done, thrown away, or dead.
fn adds_up(queue: &Queue) -> Result<(), String> {
    let parts = [queue.size() as u64, queue.dead.len() as u64, queue.settled, queue.removed, queue.moving];
    let sum: u64 = parts.iter().sum();
    if sum == queue.accepted && queue.size() == queue.ready() + queue.delayed() + queue.in_flight() {
        return Ok(());
    }
    Err(format!("what was taken in is somewhere: {} messages were, and {sum} are: {parts:?}", queue.accepted))
}

/// A lease ends by itself: a timer runs that says so, or has gone off and waits its turn.
fn leases_end(queue: &Queue, sim: &Sim<WorkQueue>) -> Result<(), String> {
    let node = sim.node(BROKER);
    let runs = node.timers().iter().any(|running| running.timer == Timer::Lease);
    if !node.is_up() || runs || node.waiting() > 0 || queue.next_end().is_none() {
        return Ok(());
    }
    Err("leases end: a message is hidden, and no timer of the broker will show it".to_string())
}
