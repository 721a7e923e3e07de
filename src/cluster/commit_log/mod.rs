//! A commit log: producers, brokers that replicate partitions, and groups of consumers that keep their place in them.
//!
//! A record stays after it is read; every group reads all of them, and goes back where it wants. What is promised hangs on who is in
//! sync: a leader, followers that fetch from it, an in-sync set that a controller confirms, a high-water mark below which records are
//! committed, epochs by which a follower finds what to cut off. After the documentation of Apache Kafka (design and configuration),
//! KIP-98 (idempotent producers), KIP-101 and KIP-595 (truncation by leader epoch), KIP-497 and KIP-903 (in-sync set), KIP-966 (eligible
//! leader replicas), KIP-320 (consumers that find a log cut off), KIP-429 (cooperative rebalancing), and Kreps 2013, *The Log*.

mod asks;
mod broker;
mod consumer;
mod controller;
mod coordinator;
mod disk;
#[cfg(test)]
mod edges_tests;
mod facts;
mod follow;
mod found;
mod groups;
mod invariants;
mod judge;
mod lead;
mod log;
mod look;
mod message;
mod meta;
#[cfg(test)]
mod mistakes_tests;
mod model;
mod moments;
mod note;
mod operator;
mod picture;
mod producer;
mod record;
mod roster;
mod serve;
mod settings;
mod stage;
#[cfg(test)]
mod tests;
mod watch;

use crate::cluster::kit::fsync::{Fsync, Promises};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::retry::Retry;
use crate::sim::time::Span;

pub use model::MODEL;
pub use settings::Settings;

use broker::Broker;
use consumer::Consumer;
use controller::{Controller, Wish};
use disk::Disk;
use message::{Msg, Op, Ret};
use note::Note;
use producer::Producer;
use record::Part;
use roster::{CONTROLLER, Role};

type Context<'a> = Cx<'a, CommitLog>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum CommitLog {
    /// The controller.
    Controller(Box<Controller>),
    /// A broker.
    Broker(Box<Broker>),
    /// A member of a group.
    Consumer(Box<Consumer>),
    /// A client that sends.
    Producer(Box<Producer>),
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The controller: look which brokers are silent.
    Session,
    /// A broker: say that it lives.
    Beat,
    /// A broker: look whether its followers are in sync.
    Look,
    /// A broker: retention and cleaner.
    Clean,
    /// A broker: the operating system writes back.
    Flush,
    /// A broker that coordinates: look which members are late.
    Group,
    /// A broker: ask the leader of this partition again.
    Fetch(Part),
    /// A consumer: ask again to join.
    Retry,
    /// A consumer or producer: ask whether somebody else leads.
    Refresh,
    /// A consumer: say that it lives.
    Heartbeat,
    /// A consumer: nobody confirmed its commit.
    Commit,
    /// A consumer: ask again for records.
    Read,
    /// A consumer: the work in this hand is done.
    Work(u8),
    /// A producer: something is due.
    Send,
}

impl Timer {
    /// The name that `fire` takes; `None` for one that is not shown.
    fn name(self) -> Option<&'static str> {
        match self {
            Timer::Session => Some("session"),
            Timer::Look => Some("look"),
            Timer::Clean => Some("clean"),
            Timer::Heartbeat => Some("heartbeat"),
            Timer::Work(0) => Some("work"),
            _ => None,
        }
    }
}

impl Promises for CommitLog {
    const FLUSH: Timer = Timer::Flush;

    fn fsync(settings: &Settings) -> Fsync {
        settings.fsync
    }
}

/// Some broker, another one each time.
fn any_broker(cx: &mut Context<'_>) -> Option<NodeId> {
    let brokers: Vec<NodeId> = cx.settings().roster().brokers().collect();
    if brokers.is_empty() {
        return None;
    }
    let at = (cx.rng().unit() * brokers.len() as f64) as usize;
    brokers.get(at.min(brokers.len() - 1)).copied()
}

impl Protocol for CommitLog {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        if id.is_client() {
            return CommitLog::Producer(Box::new(Producer::boot(cx)));
        }
        match cx.settings().roster().role(id) {
            Some(Role::Controller) | None => CommitLog::Controller(Box::new(Controller::boot(cx))),
            Some(Role::Broker(_)) => CommitLog::Broker(Box::new(Broker::boot(cx))),
            Some(Role::Consumer(group, _)) => CommitLog::Consumer(Box::new(Consumer::boot(group, cx))),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match self {
            CommitLog::Controller(controller) => to_controller(controller, from, msg, cx),
            CommitLog::Broker(broker) => to_broker(broker, from, msg, cx),
            CommitLog::Consumer(consumer) => to_consumer(consumer, msg, cx),
            CommitLog::Producer(producer) => match msg {
                Msg::Meta(meta) => producer.learn(meta, cx),
                Msg::Produced { call, attempt, part, answer } => producer.on_produced((call, attempt), part, answer, cx),
                _ => {}
            },
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match (self, timer) {
            (CommitLog::Controller(controller), Timer::Session) => controller.on_session(cx),
            (CommitLog::Broker(broker), Timer::Beat) => broker.on_beat(cx),
            (CommitLog::Broker(broker), Timer::Look) => broker.on_look(cx),
            (CommitLog::Broker(_), Timer::Clean) => Broker::on_clean(cx),
            (CommitLog::Broker(_), Timer::Flush) => cx.sync(),
            (CommitLog::Broker(broker), Timer::Group) => broker.on_group(cx),
            (CommitLog::Broker(broker), Timer::Fetch(part)) => broker.fetch(part, cx),
            (CommitLog::Consumer(consumer), Timer::Retry) => consumer.on_retry(cx),
            (CommitLog::Consumer(consumer), Timer::Refresh) => consumer.on_refresh(cx),
            (CommitLog::Consumer(consumer), Timer::Heartbeat) => consumer.on_heartbeat(cx),
            (CommitLog::Consumer(consumer), Timer::Commit) => consumer.on_no_confirmation(cx),
            (CommitLog::Consumer(consumer), Timer::Read) => consumer.on_read(cx),
            (CommitLog::Consumer(consumer), Timer::Work(slot)) => consumer.on_work(slot, cx),
            (CommitLog::Producer(producer), Timer::Refresh) => producer.on_refresh(cx),
            (CommitLog::Producer(producer), Timer::Send) => producer.pump(cx),
            _ => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, _server: Option<NodeId>, cx: &mut Context<'_>) {
        if let CommitLog::Producer(producer) = self {
            producer.on_request(request, op, cx);
        }
    }

    /// A producer ends its records itself, when their time is over.
    fn patience(_settings: &Settings, _op: &Op) -> Option<Span> {
        None
    }

    fn retry(_settings: &Settings, _op: &Op) -> Retry {
        Retry::NEVER
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        message::is_quiet(kind)
    }

    fn on_synced(&mut self, cx: &mut Context<'_>) {
        if let CommitLog::Broker(broker) = self {
            broker.on_synced(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        match self {
            CommitLog::Controller(_) => Controller::on_settings(cx),
            CommitLog::Broker(broker) => broker.on_settings(cx),
            CommitLog::Producer(producer) => producer.pump(cx),
            CommitLog::Consumer(consumer) => consumer.on_heartbeat(cx),
        }
    }
}

fn to_controller(controller: &mut Controller, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
    match msg {
        Msg::Beat { life, version } => controller.on_beat(from, life, version, cx),
        Msg::Alter { part, epoch, version, isr } => Controller::on_alter(from, &Wish { part, epoch, version, isr }, cx),
        _ => {}
    }
}

fn to_broker(broker: &mut Broker, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
    match msg {
        Msg::Which { version } if version < broker.meta.version => cx.send(from, Msg::Meta(broker.meta.clone())),
        Msg::Meta(meta) => broker.learn(meta, cx),
        Msg::Produce(batch) => broker.on_produce(from, &batch, cx),
        Msg::Fetch(fetch) => broker.on_fetch(from, fetch, cx),
        Msg::Fetched { epoch, stretch } => broker.on_fetched(from, epoch, stretch, cx),
        Msg::Diverged { part, epoch, asked, last } => broker.on_diverged(from, (part, epoch), (asked, last), cx),
        Msg::Behind { part, epoch, offset, start } => broker.on_behind(from, (part, epoch), (offset, start), cx),
        Msg::Read { part, offset, most, after } => broker.on_read(from, (part, offset, most), after, cx),
        Msg::Join(join) => broker.on_join(from, join, cx),
        Msg::Alive { group, life, generation } => broker.on_alive(from, (group, life, generation), cx),
        Msg::Commit { group, life, generation, call, marks } => broker.on_commit((from, life), (group, generation, call), marks, cx),
        _ => {}
    }
}

fn to_consumer(consumer: &mut Consumer, msg: Msg, cx: &mut Context<'_>) {
    match msg {
        Msg::Meta(meta) => consumer.learn(meta, cx),
        Msg::Joined { round, generation, parts } => consumer.on_joined(round, generation, parts, cx),
        Msg::Standing { generation, standing } => consumer.on_standing(generation, standing, cx),
        Msg::Records(stretch) => consumer.on_records(&stretch, cx),
        Msg::OutOfRange { part, offset, start, high_water } => consumer.on_out_of_range((part, offset), (start, high_water), cx),
        Msg::Parted { part, offset, to } => consumer.on_parted((part, offset), to, cx),
        Msg::Committed { call, standing } => consumer.on_committed(call, standing, cx),
        _ => {}
    }
}
