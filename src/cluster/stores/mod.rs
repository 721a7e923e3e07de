//! The same shop twice: rows in tables beside documents, each on one to four servers, and the application that asks both.
//!
//! A server has the rows or documents of a shard, versions of them, locks, and a write-ahead log. The application runs an ask as
//! statements, one after the other, as one transaction or each by itself; over several shards it commits them in two phases or one by
//! one. After Gray 1978, Codd 1970, Berenson et al. 1995, Adya 1999, Cahill et al. 2008, Mohan et al. 1986 (presumed abort), and the
//! documentation of `PostgreSQL` (isolation), `MySQL` (`InnoDB`) and `MongoDB` (data modelling, transactions).

mod asks;
mod client;
mod commit;
mod disk;
mod facts;
mod invariants;
mod judge;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod note;
mod operator;
mod picture;
mod run;
mod script;
mod served;
mod server;
mod settings;
mod shop;
mod stage;
mod state;
mod statement;
mod tested;
#[cfg(test)]
mod tests;
mod unit;
mod upheld;
#[cfg(test)]
mod verdict_tests;
mod watch;

use crate::cluster::kit::fsync::{Fsync, Promises};
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
use note::Note;
use server::Server;
use shop::Shop;

type Context<'a> = Cx<'a, Stores>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Stores {
    /// The application.
    Client(Box<Client>),
    /// A server of a shop.
    Server(Box<Server>),
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Something is due: an answer, a lock, a promise, a decision.
    Due,
    /// A server: the operating system writes back.
    Flush,
}

/// The server of a shard of a shop.
fn server(shop: Shop, shard: usize, settings: &Settings) -> NodeId {
    let before = if shop == Shop::Tables { 0 } else { settings.shards as usize };
    NodeId::server((before + shard) as u16)
}

/// Of which shop a server is, and which of its shards, from 0.
fn place(id: NodeId, settings: &Settings) -> (Shop, usize) {
    let shards = settings.shards as usize;
    let shop = if id.index() < shards { Shop::Tables } else { Shop::Documents };
    (shop, id.index() % shards)
}

/// What a node is called: `tables`, `documents2`, `c1`.
fn name(id: NodeId, settings: &Settings) -> String {
    if id.is_client() {
        return id.to_string();
    }
    let (shop, shard) = place(id, settings);
    message::server_name(shop, shard, settings.shards as usize)
}

impl Calls for Stores {
    const OVERDUE: Timer = Timer::Due;
}

impl Promises for Stores {
    const FLUSH: Timer = Timer::Flush;

    fn fsync(settings: &Settings) -> Fsync {
        settings.fsync
    }
}

impl Protocol for Stores {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        if id.is_client() { Stores::Client(Box::new(Client::boot(cx))) } else { Stores::Server(Box::new(Server::boot(cx))) }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match (self, msg) {
            (Stores::Client(client), Msg::Ran { tx, told }) => client.on_ran(tx, told, cx),
            (Stores::Client(client), Msg::Committed { tx, done }) => client.on_committed(tx, done, cx),
            (Stores::Server(server), Msg::Run { tx, begins, alone, statement }) => server.on_run(from, tx, (begins, alone), statement, cx),
            (Stores::Server(server), Msg::Commit { tx, others }) => server.on_commit(from, tx, &others, cx),
            (Stores::Server(server), Msg::Rollback { tx }) => server.on_rollback(tx, cx),
            (Stores::Server(server), Msg::Prepare { tx }) => server.on_prepare(from, tx, cx),
            (Stores::Server(server), Msg::Vote { tx, yes }) => server.on_vote(from, tx, yes, cx),
            (Stores::Server(server), Msg::Decide { tx, commit }) => server.on_decide(from, tx, commit, cx),
            (Stores::Server(server), Msg::Done { tx }) => server.on_done(from, tx, cx),
            (Stores::Server(server), Msg::Ask { tx }) => server.on_ask(from, tx, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match (self, timer) {
            (Stores::Client(client), Timer::Due) => client.on_due(cx),
            (Stores::Server(server), Timer::Due) => server.on_due(cx),
            (_, Timer::Flush) => cx.sync(),
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, _: Option<NodeId>, cx: &mut Context<'_>) {
        if let Stores::Client(client) = self {
            client.on_request(request, &op, cx);
        }
    }

    fn patience(settings: &Settings, _: &Op) -> Option<Span> {
        Some(client::patience(settings))
    }

    fn changes(op: &Op) -> bool {
        op.changes()
    }

    fn on_give_up(&mut self, request: RequestId, _: &Open<Op>, cx: &mut Context<'_>) {
        if let (Stores::Client(client), None) = (self, cx.open(request)) {
            client.on_give_up(request, cx);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn on_synced(&mut self, cx: &mut Context<'_>) {
        if let Stores::Server(server) = self {
            server.on_synced(cx);
        }
    }
}
