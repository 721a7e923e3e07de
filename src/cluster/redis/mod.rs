//! Redis: a master and its replicas, their files, Sentinel, and clients that speak its commands; or three masters that share the slots.
//!
//! The commands are those of [`crate::algo::redis`]; here are the process around them (one thread, turn by turn), snapshot and
//! append-only file, asynchronous replication with replication ids and offsets, failover, WAIT, the lock of SET NX PX, and Redis Cluster. After the
//! documentation of Redis 7.2 (persistence, replication, Sentinel, WAIT, distributed locks, cluster specification), its `aof.c`,
//! `replication.c` and `cluster.c`, and Kleppmann 2016, "How to do distributed locking".

mod asks;
mod bus;
mod client;
#[cfg(test)]
mod cluster_tests;
mod disk;
#[cfg(test)]
mod edges_tests;
mod election;
mod execute;
mod facts;
mod files;
mod follow;
mod invariants;
mod judge;
mod lead;
mod locks;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod node;
mod note;
mod operator;
mod picture;
mod resharding;
mod resource;
mod route;
mod sentinel;
mod settings;
mod slots;
mod stage;
mod tell_cluster;
#[cfg(test)]
mod tests;
mod watch;

use crate::cluster::kit::tries::Calls;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use client::Client;
use disk::Disk;
use message::{Msg, Op, Ret};
use node::{Job, Node};
use note::Note;
use resource::Resource;
use sentinel::Sentinel;
use settings::Part;

type Context<'a> = Cx<'a, Redis>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Redis {
    /// A client.
    Client(Box<Client>),
    /// A server.
    Server(Box<Node>),
    /// Sentinel.
    Sentinel(Box<Sentinel>),
    /// What a lock guards.
    Resource(Resource),
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A server: the work of this turn is done.
    Turn,
    /// A server: sync the log, once a second.
    Fsync,
    /// A server: the operating system writes back.
    Os,
    /// A server: a write was put off for long enough.
    PutOff,
    /// A server: write a snapshot if anything changed.
    Save,
    /// A server: the snapshot is written.
    Saved,
    /// A server: the log is written anew.
    Rewritten,
    /// A server: look for keys that have expired.
    Expire,
    /// A replica: say how far it is.
    Cron,
    /// A server: somebody has waited for replicas for long enough.
    Overdue,
    /// Sentinel: look at everybody.
    Look,
    /// A server of a cluster: give a sign of life.
    Beat,
    /// A server of a cluster: move the next key of a slot.
    Moves,
    /// A server of a cluster: the other has not answered that it has a key.
    MoveOver,
    /// A client that waits for long: whether its server lives.
    KeepAlive,
}

impl Calls for Redis {
    const OVERDUE: Timer = Timer::Overdue;
}

/// What a node is called.
fn name(settings: &Settings, id: NodeId) -> String {
    match settings.part(id) {
        Part::Sentinel if !id.is_client() => "sentinel".to_string(),
        Part::Resource if !id.is_client() => "resource".to_string(),
        _ => id.to_string(),
    }
}

impl Protocol for Redis {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        match cx.settings().part(id) {
            _ if id.is_client() => Redis::Client(Box::new(Client::boot(cx.settings()))),
            Part::Redis => Redis::Server(Box::new(Node::boot(cx))),
            Part::Sentinel => Redis::Sentinel(Box::new(Sentinel::boot(cx))),
            Part::Resource => Redis::Resource(Resource),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match (self, msg) {
            // The operating system answers, whatever the thread does.
            (Redis::Server(node), Msg::KeepAlive) => cx.send(from, Msg::Alive { life: node.started }),
            (Redis::Server(node), msg) => node.on_job(Job::Message(from, msg), cx),
            (Redis::Client(client), Msg::Told { request, ret }) => client.on_told(request, ret, cx),
            (Redis::Client(_), Msg::Used { request, older_than }) => Client::on_used(request, older_than, cx),
            (Redis::Client(client), Msg::Master { node, epoch }) => client.on_master(node, epoch, cx),
            (Redis::Client(client), Msg::Heard(_)) => client.on_heard(cx),
            (Redis::Client(client), Msg::Map(map)) => client.on_map(map),
            (Redis::Client(client), Msg::Alive { life }) => client.on_alive(from, life, cx),
            (Redis::Client(client), Msg::Closed) => client.on_closed(cx),
            (Redis::Sentinel(sentinel), Msg::Pong(info)) => sentinel.on_pong(from, info, cx),
            (Redis::Sentinel(sentinel), Msg::Which) => sentinel.on_which(from, cx),
            (Redis::Resource(_), Msg::Use { request, what, number }) => Resource::on_use(from, request, what, number, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match (self, timer) {
            (Redis::Sentinel(sentinel), Timer::Look) => sentinel.on_look(cx),
            (Redis::Client(client), Timer::KeepAlive) => client.on_keep_alive(cx),
            (Redis::Server(node), timer) => node.on_timer(timer, cx),
            _ => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, server: Option<NodeId>, cx: &mut Context<'_>) {
        if let Redis::Client(client) = self {
            client.on_request(request, &op, server, cx);
        }
    }

    fn patience(settings: &Settings, op: &Op) -> Option<Span> {
        Some(settings.request_timeout + asks::waits(op)?)
    }

    fn changes(op: &Op) -> bool {
        asks::changes(op)
    }

    fn on_give_up(&mut self, request: RequestId, _: &Open<Op>, cx: &mut Context<'_>) {
        if let Redis::Client(client) = self {
            client.on_give_up(request, cx);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        kind == message::ALIVE
    }

    fn on_synced(&mut self, cx: &mut Context<'_>) {
        if let Redis::Server(node) = self {
            node.on_synced(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        match self {
            Redis::Server(node) => node.on_settings(cx),
            Redis::Sentinel(sentinel) => sentinel.on_settings(cx),
            Redis::Client(_) | Redis::Resource(_) => {}
        }
    }
}

impl Node {
    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match timer {
            Timer::Turn => self.on_turn(cx),
            Timer::Fsync => self.on_fsync(cx),
            Timer::Os => cx.sync(),
            Timer::PutOff => self.on_put_off(cx),
            Timer::Save => self.on_save(cx),
            Timer::Saved => self.on_saved(cx),
            Timer::Rewritten => self.on_rewritten(cx),
            Timer::Expire => self.on_expire(cx),
            Timer::Cron => self.on_cron(cx),
            Timer::Overdue => self.on_overdue(cx),
            Timer::Beat => self.on_beat_time(cx),
            Timer::Moves => self.on_job(Job::Moves, cx),
            Timer::MoveOver => self.on_move_over(cx),
            Timer::Look | Timer::KeepAlive => {}
        }
    }
}
