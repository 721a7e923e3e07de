//! Partitioned data: every key has an owner, by a rule that everybody must agree on, and keys move when the rule or the nodes change
//! (*Designing Data-Intensive Applications*, Kleppmann 2017, chapter 6; Karger et al., STOC 1997; Dynamo, `DeCandia` et al., SOSP 2007).
//!
//! A [map](map) says who keeps what, in versions. Clients go by the one that they know, which may be old; nodes send them on. When a new
//! map takes keys from a node, it hands them over [while it serves them](moves). A row may have copies on the next nodes; its owner
//! [stores it there](write) before a client is told ok. Queries that name no single key are [gathered](gather) from every node that may
//! have some.

mod asks;
#[cfg(test)]
mod bench;
mod client;
mod disk;
#[cfg(test)]
mod edges_tests;
mod facts;
mod found;
mod gather;
mod invariants;
mod judge;
mod keys;
mod look;
mod losses;
mod map;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod model;
mod moments;
mod moves;
mod node;
mod note;
mod operator;
mod picture;
mod request;
mod settings;
mod spread;
mod stage;
mod stream;
#[cfg(test)]
mod tests;
mod watch;
mod write;

use crate::cluster::kit::fsync::{Fsync, Promises};
use crate::sim::dist::Dist;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::retry::Retry;
use crate::sim::time::Span;

pub use model::MODEL;

use client::Client;
use disk::Disk;
use message::Msg;
use node::Node;
use note::Note;
use request::{Done, Request};
use settings::Settings;

type Context<'a> = Cx<'a, Ring>;

/// A node of the cluster, or one of its clients.
#[derive(Clone, Debug)]
pub enum Ring {
    /// A server.
    Node(Box<Node>),
    /// A client.
    Client(Box<Client>),
}

/// The timers of nodes and clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// What was not acknowledged is said again.
    Again,
    /// What was written without a sync reaches the disk.
    Flush,
    /// A client asks for the newest map.
    Refresh,
    /// A query that could not be answered as a whole is asked again.
    Ask(RequestId),
    /// A query takes what has come.
    Enough(RequestId),
}

impl Protocol for Ring {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Request;
    type Ret = Done;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        if id.is_client() { Ring::Client(Box::new(Client::boot(cx))) } else { Ring::Node(Box::new(Node::boot(cx))) }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match self {
            Ring::Node(node) => node.on_message(from, msg, cx),
            Ring::Client(client) => client.on_message(from, msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match (self, timer) {
            (Ring::Node(node), Timer::Again) => node.again(cx),
            (Ring::Node(_), Timer::Flush) => cx.sync(),
            (Ring::Client(client), Timer::Refresh) => {
                client.refresh(cx);
                Client::refresh_in_a_while(cx);
            }
            (Ring::Client(client), Timer::Ask(request)) => client.ask_again(request, cx),
            (Ring::Client(client), Timer::Enough(request)) => client.enough(request, cx),
            _ => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Request, server: Option<NodeId>, cx: &mut Context<'_>) {
        if let Ring::Client(client) = self {
            client.on_request(request, &op, server, cx);
        }
    }

    fn patience(settings: &Settings, _: &Request) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(request: &Request) -> bool {
        request.changes()
    }

    fn retry(settings: &Settings, _: &Request) -> Retry {
        settings.retry
    }

    fn on_give_up(&mut self, request: RequestId, _: &Open<Request>, cx: &mut Context<'_>) {
        if let Ring::Client(client) = self {
            client.on_give_up(request, cx);
        }
    }

    fn travel<'a>(settings: &'a Settings, msg: &Msg) -> Option<&'a Dist> {
        if matches!(msg, Msg::Piece { .. }) { settings.answer_latency.as_deref() } else { None }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        message::QUIET.contains(&kind)
    }

    fn on_synced(&mut self, cx: &mut Context<'_>) {
        if let Ring::Node(node) = self {
            node.on_synced(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        match self {
            Ring::Node(node) => node.on_settings(cx),
            Ring::Client(client) => client.on_settings(cx),
        }
    }
}

impl Promises for Ring {
    const FLUSH: Timer = Timer::Flush;

    fn fsync(settings: &Settings) -> Fsync {
        settings.fsync
    }
}

impl Node {
    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match msg {
            Msg::Ask(ask) => self.on_ask(from, ask, cx),
            Msg::Part { request, round, query } => self.on_part(from, (request, round), &query, cx),
            Msg::Copy { version, row, as_it_is, .. } => self.on_copy(from, version, row, &as_it_is, cx),
            Msg::Stored { row, stamp } => self.has(from, &row, stamp, cx),
            Msg::Rows(batch) => self.on_rows(from, &batch, cx),
            Msg::Took { version, number, purpose } => self.on_took(from, (version, number, purpose), cx),
            Msg::May { version } => Node::on_may(from, version, cx),
            Msg::Forget { version } => self.on_forget(from, version, cx),
            Msg::Have { version } => self.on_have(from, version, cx),
            Msg::Maps(maps) => self.on_maps(from, &maps, cx),
            Msg::Index { entry, row, .. } => self.on_index(from, &entry, &row, cx),
            Msg::Indexed { entry, stamp } => self.on_indexed(&entry, stamp, cx),
            Msg::Restore { version } => self.on_restore(from, version, cx),
            Msg::Waits { version } => Node::on_waits(from, version, cx),
            Msg::NoMore { version } => self.on_no_more(from, version, cx),
            Msg::Told { .. } | Msg::Piece { .. } => {}
        }
    }
}

impl Client {
    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match msg {
            Msg::Told { request, row, answer } => self.on_told(request, &row, answer, cx),
            Msg::Piece { request, round, piece } => self.on_piece(from, (request, round), piece, cx),
            Msg::Maps(maps) => self.learn(&maps),
            Msg::Have { version } if version < self.map.version => {
                // It was a node that does not know my map: perhaps nobody has told it yet.
                cx.send(from, Msg::Maps([self.map.clone()].into()));
            }
            _ => {}
        }
    }
}
