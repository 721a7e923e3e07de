//! Leader and followers over a replicated log: *Designing Data-Intensive Applications* (Kleppmann 2017), chapter 5.
//!
//! Writes go to the leader, which puts them into its log and sends the log to its followers. Settings choose when a write is
//! acknowledged, how a dead leader is found and replaced, what fences an old one, where clients read, and what becomes of
//! writes that only an old leader had. With `replication majority`, `fencing lease` and `follower-reads refuse` it is a CP
//! design (log matching, votes and commitment as in Raft, sections 5.3 and 5.4); with `election alone` and `rejoin merge` an AP one.

mod account;
mod availability;
mod blind;
#[cfg(test)]
mod blind_tests;
mod client;
mod election;
mod entry;
mod facts;
#[cfg(test)]
mod facts_tests;
mod invariants;
mod join;
mod lease;
mod logged;
mod merge;
mod message;
mod moments;
mod news;
mod office;
mod operator;
mod picture;
mod reads;
mod rejoin;
mod replicate;
mod route;
#[cfg(test)]
mod routing_tests;
#[cfg(test)]
mod safety_tests;
mod server;
mod settings;
mod statements;
mod sync;
#[cfg(test)]
mod tests;
mod token;
#[cfg(test)]
mod wandering_tests;
mod watch;

use std::sync::Arc;

use crate::cluster::kit::apply::Applies;
use crate::sim::dist::Dist;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::time::Span;

pub use facts::{FACTS, MODEL};
pub use settings::Settings;

use client::Client;
use election::Vote;
use entry::Disk;
use message::{Done, Msg, Note};
use server::{Ask, Server, Timer};
use statements::Op;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Replicated {
    /// A server.
    Server(Server),
    /// A client.
    Client(Client),
}

impl Protocol for Replicated {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Done;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Cx<'_, Self>) -> Self {
        if id.is_client() { Replicated::Client(Client::boot()) } else { Replicated::Server(Server::boot(id, cx)) }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Replicated::Server(server) => on_server_message(server, from, msg, cx),
            Replicated::Client(client) => on_client_message(client, from, msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        if let Replicated::Server(server) = self {
            on_server_timer(server, timer, cx);
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, server: Option<NodeId>, cx: &mut Cx<'_, Self>) {
        if let Replicated::Client(client) = self {
            client.on_request(request, &op, server, cx);
        }
    }

    fn patience(settings: &Settings, _: &Op) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(op: &Op) -> bool {
        op.is_write()
    }

    fn on_give_up(&mut self, request: RequestId, attempt: &Open<Op>, cx: &mut Cx<'_, Self>) {
        if let Replicated::Client(client) = self {
            client.on_give_up(request, attempt, cx);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        kind == message::Kind::Heartbeat as u8
    }

    fn on_synced(&mut self, cx: &mut Cx<'_, Self>) {
        if let Replicated::Server(server) = self {
            server.take_office_when_recorded(cx);
            server.progress(cx);
        }
    }

    fn on_clock(&mut self, cx: &mut Cx<'_, Self>) {
        if let Replicated::Server(server) = self {
            server.on_clock(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Cx<'_, Self>) {
        if let Replicated::Server(server) = self {
            server.on_settings(cx);
        }
    }
}

fn on_client_message(client: &mut Client, from: NodeId, msg: Msg, cx: &mut Cx<'_, Replicated>) {
    match msg {
        Msg::Told { request, answer } => client.on_told(from, request, answer, cx),
        Msg::Leads { epoch } => client.on_leads(from, epoch, cx),
        Msg::Recall { request } => client.on_account(from, request, None, cx),
        Msg::Remember { request, memo } => client.on_account(from, request, Some(memo), cx),
        Msg::Recalled { request, memo } => client.on_recalled(request, memo, cx),
        _ => {}
    }
}

impl Applies for Replicated {
    const APPLY: Timer = Timer::Apply;

    fn takes(settings: &Settings) -> &Arc<Dist> {
        &settings.apply
    }
}

fn on_server_message(server: &mut Server, from: NodeId, msg: Msg, cx: &mut Cx<'_, Replicated>) {
    match msg {
        Msg::Ask { request, op, position, picked } => server.on_ask(from, Ask { request, op, position, picked }, cx),
        Msg::Append(append) => server.on_append(from, &append, cx),
        Msg::Ack { epoch, upto, sent } => server.on_ack(from, epoch, upto, sent, cx),
        Msg::Gap { epoch, last } => server.on_gap(from, epoch, last, cx),
        Msg::Stale { epoch } => server.on_stale(epoch, cx),
        Msg::Elect { epoch } => server.on_elect(from, epoch, cx),
        Msg::Vote { epoch, granted, newest, position } => {
            server.on_vote(from, &Vote { epoch, granted, newest, position }, cx);
        }
        Msg::Appoint { epoch } => server.on_appoint(from, epoch, cx),
        Msg::Offer(offer) => server.on_offer(from, &offer, cx),
        Msg::Taken { first } => rejoin::on_taken(first, cx),
        Msg::Told { .. } | Msg::Leads { .. } | Msg::Recall { .. } | Msg::Remember { .. } | Msg::Recalled { .. } => {}
    }
}

fn on_server_timer(server: &mut Server, timer: Timer, cx: &mut Cx<'_, Replicated>) {
    match timer {
        Timer::Heartbeat => server.on_heartbeat(cx),
        Timer::Detection => server.on_detection(cx),
        Timer::Choice => server.on_choice(cx),
        Timer::Lease => server.on_lease(cx),
        Timer::SyncTimeout => server.on_sync_timeout(cx),
        Timer::Ship => server.ship(cx),
        Timer::Apply => server.on_apply(cx),
        Timer::Commit(request) => server.on_commit(request, cx),
        Timer::Flush => cx.sync(),
    }
}
