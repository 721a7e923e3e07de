//! A work queue: producers, a broker, competing consumers, dead letters, and a database where the work takes effect.
//!
//! A queue gives each message to one worker and keeps it until that one says done; so a message may be done twice, or lost, and its effect
//! must be made once. Settings choose when a worker says done, how long it may take, what becomes of a message that fails, whether the
//! queue outlives its broker, in which order messages are handed out, and how a result that came before is recognised. After the Amazon SQS
//! developer guide, RabbitMQ's documentation (confirms, quorum queues), and Hohpe and Woolf 2003, *Enterprise Integration Patterns*
//! (Competing Consumers, Idempotent Receiver, Dead Letter Channel).

mod asks;
#[cfg(test)]
mod bench;
mod broker;
mod client;
mod database;
mod facts;
mod invariants;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod picture;
mod queue;
#[cfg(test)]
mod queue_tests;
mod settings;
mod stage;
#[cfg(test)]
mod tests;
mod watch;
mod worker;

use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::retry::Retry;
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use broker::Broker;
use database::{Database, Ledger};
use message::{Msg, Note, Op, Ret};
use queue::Queue;
use worker::Worker;

/// The broker among the servers.
const BROKER: NodeId = NodeId::server(0);
/// The database among the servers; all others are workers.
const DATABASE: NodeId = NodeId::server(1);

type Context<'a> = Cx<'a, WorkQueue>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum WorkQueue {
    /// The broker, with the queue and its dead letters.
    Broker(Box<Broker>),
    /// The database that the workers write to.
    Database(Database),
    /// A consumer.
    Worker(Worker),
    /// A producer.
    Client,
}

/// What survives a restart: of the broker its queue, of the database its effects.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    queue: Queue,
    ledger: Ledger,
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The broker: the next lease, or delay, is over.
    Lease,
    /// The broker: sync what was written.
    Flush,
    /// A worker: its work on a message is done.
    Work,
    /// A worker: waits no longer for the database or the broker.
    Answer,
    /// A worker: says again that it has room.
    Poll,
    /// A worker: asks for more time.
    Renew,
    /// A worker that died of its work: is started again.
    Restart,
}

impl Timer {
    /// The name that `fire` takes; `None` for one that is not shown.
    fn name(self) -> Option<&'static str> {
        match self {
            Timer::Lease => Some("lease"),
            Timer::Work => Some("work"),
            Timer::Renew => Some("renew"),
            Timer::Restart => Some("restart"),
            Timer::Flush | Timer::Answer | Timer::Poll => None,
        }
    }
}

/// What a node is called: `broker`, `db`, `worker1`, `c1`.
fn name(id: NodeId) -> String {
    match id {
        _ if id.is_client() => id.to_string(),
        BROKER => "broker".to_string(),
        DATABASE => "db".to_string(),
        _ => format!("worker{}", id.index() - DATABASE.index()),
    }
}

impl Protocol for WorkQueue {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        match id {
            _ if id.is_client() => WorkQueue::Client,
            BROKER => WorkQueue::Broker(Box::new(Broker::boot(cx))),
            DATABASE => WorkQueue::Database(Database::default()),
            _ => WorkQueue::Worker(Worker::boot(cx)),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match (self, msg) {
            (WorkQueue::Broker(broker), msg) => on_broker_message(broker, from, msg, cx),
            (WorkQueue::Database(database), Msg::Apply(job)) => database.on_apply(from, job, cx),
            (WorkQueue::Worker(worker), Msg::Deliver(job)) => worker.on_deliver(job, cx),
            (WorkQueue::Worker(worker), Msg::Acked { receipt, ok }) => worker.on_acked(receipt, ok, cx),
            (WorkQueue::Worker(worker), Msg::Applied { receipt, verdict }) => worker.on_applied(receipt, verdict, cx),
            (WorkQueue::Client, Msg::Told { request, answer }) => client::on_told(request, answer, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match (self, timer) {
            (WorkQueue::Broker(broker), Timer::Lease) => broker.on_lease(cx),
            (WorkQueue::Broker(_), Timer::Flush) => Broker::on_flush(cx),
            (WorkQueue::Worker(worker), Timer::Work) => worker.on_work(cx),
            (WorkQueue::Worker(worker), Timer::Answer) => worker.on_no_answer(cx),
            (WorkQueue::Worker(worker), Timer::Poll) => worker.on_poll(cx),
            (WorkQueue::Worker(worker), Timer::Renew) => worker.on_renew(cx),
            (WorkQueue::Worker(worker), Timer::Restart) => worker.on_restart(cx),
            _ => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, _server: Option<NodeId>, cx: &mut Context<'_>) {
        client::on_request(request, op, cx);
    }

    fn patience(settings: &Settings, _op: &Op) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(op: &Op) -> bool {
        matches!(op, Op::Send { .. })
    }

    fn retry(settings: &Settings, op: &Op) -> Retry {
        if Self::changes(op) { settings.resend } else { Retry::NEVER }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        kind == message::Kind::Poll as u8
    }

    fn on_synced(&mut self, cx: &mut Context<'_>) {
        match self {
            WorkQueue::Broker(broker) => broker.on_synced(cx),
            WorkQueue::Database(database) => database.on_synced(cx),
            WorkQueue::Worker(_) | WorkQueue::Client => {}
        }
    }

    fn on_clock(&mut self, cx: &mut Context<'_>) {
        if let WorkQueue::Broker(broker) = self {
            broker.on_clock(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        match self {
            WorkQueue::Broker(broker) => broker.on_settings(cx),
            WorkQueue::Worker(worker) => worker.on_settings(cx),
            WorkQueue::Database(_) | WorkQueue::Client => {}
        }
    }
}

fn on_broker_message(broker: &mut Broker, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
    match msg {
        Msg::Ask { request, op } => broker.on_ask(from, request, op, cx),
        Msg::Poll { room, newest } => broker.on_poll(from, room, newest, cx),
        Msg::Ack { receipt, wait, .. } => broker.on_ack(from, receipt, wait, cx),
        Msg::Refuse { receipt, .. } => broker.on_refuse(from, receipt, cx),
        Msg::Renew { receipt } => broker.on_renew(from, receipt, cx),
        _ => {}
    }
}
