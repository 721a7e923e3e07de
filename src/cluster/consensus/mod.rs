//! Servers that agree on a log by electing a leader: Raft (Ongaro and Ousterhout, "In Search of an Understandable Consensus
//! Algorithm", ATC 2014, extended version; Ongaro's dissertation, 2014). Sections are those of the paper unless the dissertation is named.
//!
//! [`election`] is section 5.2 with 5.4.1, [`replication`] 5.3 with 5.4.2, [`client`] and [`machine`] are section 8; [`reads`] and
//! [`transfer`] are from the dissertation, 6.4 and 3.10. Membership changes (6) and snapshots (7) are not here.

#[cfg(test)]
mod bench;
mod client;
mod election;
mod facts;
mod invariants;
mod log;
mod logged;
mod look;
mod machine;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod model;
mod moments;
mod note;
mod picture;
mod reads;
mod replication;
mod server;
mod settings;
mod stage;
#[cfg(test)]
mod tests;
mod transfer;
mod watch;

use std::sync::Arc;

use crate::check::operation::Op;
use crate::cluster::kit::apply::Applies;
use crate::cluster::kit::fsync::{Fsync, Promises};
use crate::sim::dist::Dist;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::retry::Retry;
use crate::sim::time::Span;

pub use model::MODEL;

use client::Client;
use log::Disk;
use message::{Done, Msg};
use note::Note;
use server::{Ask, Server, Timer};
use settings::Settings;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Consensus {
    /// A server.
    Server(Box<Server>),
    /// A client.
    Client(Client),
}

impl Protocol for Consensus {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Done;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Cx<'_, Self>) -> Self {
        if id.is_client() { Consensus::Client(Client::boot(cx)) } else { Consensus::Server(Box::new(Server::boot(cx))) }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Consensus::Server(server) => on_server_message(server, from, msg, cx),
            Consensus::Client(client) => {
                if let Msg::Told { request, answer } = msg {
                    client.on_told(from, request, answer, cx);
                }
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        if let Consensus::Server(server) = self {
            on_server_timer(server, timer, cx);
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, server: Option<NodeId>, cx: &mut Cx<'_, Self>) {
        if let Consensus::Client(client) = self {
            client.on_request(request, &op, server, cx);
        }
    }

    fn patience(settings: &Settings, _: &Op) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(op: &Op) -> bool {
        op.is_write()
    }

    fn retry(settings: &Settings, _: &Op) -> Retry {
        settings.retry
    }

    fn on_give_up(&mut self, _: RequestId, attempt: &Open<Op>, cx: &mut Cx<'_, Self>) {
        if let Consensus::Client(client) = self {
            client.on_give_up(attempt, cx);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        kind == message::HEARTBEAT
    }

    fn on_synced(&mut self, cx: &mut Cx<'_, Self>) {
        if let Consensus::Server(server) = self {
            server.on_synced(cx);
        }
    }

    fn on_clock(&mut self, cx: &mut Cx<'_, Self>) {
        if let Consensus::Server(server) = self {
            server.on_clock(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Cx<'_, Self>) {
        if let Consensus::Server(server) = self {
            server.on_settings(cx);
        }
    }
}

impl Applies for Consensus {
    const APPLY: Timer = Timer::Apply;

    fn takes(settings: &Settings) -> &Arc<Dist> {
        &settings.apply
    }
}

impl Promises for Consensus {
    const FLUSH: Timer = Timer::Flush;

    fn fsync(settings: &Settings) -> Fsync {
        settings.fsync
    }
}

fn on_server_message(server: &mut Server, from: NodeId, msg: Msg, cx: &mut Cx<'_, Consensus>) {
    match msg {
        Msg::Ask { request, op, position, picked } => server.on_ask(from, Ask { request, op, position, picked }, cx),
        Msg::RequestVote(ballot) => server.on_request_vote(from, ballot, cx),
        Msg::Vote { ballot, term, granted } => server.on_vote(from, &ballot, term, granted, cx),
        Msg::Append(append) => server.on_append(from, &append, cx),
        Msg::Appended { term, stamp, matched } => server.on_appended(from, term, stamp, matched, cx),
        Msg::TimeoutNow { term } => server.on_timeout_now(term, cx),
        Msg::Told { .. } => {}
    }
}

fn on_server_timer(server: &mut Server, timer: Timer, cx: &mut Cx<'_, Consensus>) {
    match timer {
        Timer::Election => server.on_election(cx),
        Timer::Heartbeat => server.on_heartbeat(cx),
        Timer::Quorum => server.on_quorum(cx),
        Timer::Transfer => server.on_transfer_timeout(cx),
        Timer::Apply => server.on_apply(cx),
        Timer::Flush => cx.sync(),
    }
}
