//! A cache before a database: applications that ask it, the patterns in which it is filled and written, and the rules by which it gives
//! keys up.
//!
//! A cache is a second copy that nobody keeps true by itself. Settings choose who fills it and when, what a write does to it, what keeps a
//! late fill out, how long an entry lives, how many load a key at the same time, and which key goes when it is full. After Nishtala et al.
//! 2013, "Scaling Memcache at Facebook" (section 3.2.1: leases; 4: deletes from the database's log); RFC 5861 (stale-while-revalidate);
//! Go's `singleflight`; Vattani, Chierichetti and Lowenstein 2015 (early refresh). The rules of eviction are those of
//! [`crate::algo::eviction`].

mod age;
mod app;
mod asks;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod changes_tests;
mod client;
mod database;
mod facts;
mod flights;
mod invariants;
mod judge;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod node;
mod note;
mod picture;
mod play;
mod put;
mod request;
mod settings;
mod shelf;
mod stage;
#[cfg(test)]
mod tests;
mod watch;
mod write;

use crate::cluster::kit::tries::Calls;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::retry::Retry;
use crate::sim::station::{Service, Station};
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use app::App;
use client::Client;
use database::{Database, Disk};
use message::Msg;
use node::Cache;
use note::Note;
use request::{Done, Request};

/// The database among the servers.
const DATABASE: NodeId = NodeId::server(0);
/// The shared cache among the servers; all others are applications.
const CACHE: NodeId = NodeId::server(1);

type Context<'a> = Cx<'a, Caching>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Caching {
    /// The database.
    Database(Database),
    /// The shared cache.
    Cache(Box<Cache>),
    /// An application.
    App(Box<App>),
    /// Somebody who asks.
    Client(Client),
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Somebody has waited long enough for an answer.
    Overdue,
    /// A cache, or an application that has one: the next entry is over.
    Expiry,
    /// A write-back cache: the next dirty entry is due.
    Flush,
    /// The database: the log says again what was not confirmed.
    Log,
    /// An application: the next key of a trace.
    Next(RequestId),
}

impl Timer {
    /// The name that `fire` takes; `None` for one that is not shown.
    fn name(self) -> Option<&'static str> {
        match self {
            Timer::Expiry => Some("expiry"),
            Timer::Flush => Some("flush"),
            Timer::Log => Some("log"),
            Timer::Overdue | Timer::Next(_) => None,
        }
    }
}

/// Sets a timer to go off after so long, or takes it back.
fn wake(timer: Timer, wait: Option<Span>, cx: &mut Context<'_>) {
    match wait {
        Some(wait) => cx.set_timer(wait, timer),
        None => cx.cancel_timer(timer),
    }
}

/// What a node is called: `db`, `cache`, `app1`, `c1`.
fn name(id: NodeId) -> String {
    match id {
        _ if id.is_client() => id.to_string(),
        DATABASE => "db".to_string(),
        CACHE => "cache".to_string(),
        _ => format!("app{}", id.index() - CACHE.index()),
    }
}

/// Whether a node is an application.
fn is_app(id: NodeId) -> bool {
    !id.is_client() && id != DATABASE && id != CACHE
}

impl Calls for Caching {
    const OVERDUE: Timer = Timer::Overdue;
}

impl Protocol for Caching {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Request;
    type Ret = Done;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        match id {
            _ if id.is_client() => Caching::Client(Client::default()),
            DATABASE => Caching::Database(Database::boot(cx)),
            CACHE => Caching::Cache(Box::new(Cache::boot(cx))),
            _ => Caching::App(Box::new(App::boot(cx))),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match self {
            Caching::Database(database) => database.on_message(from, msg, cx),
            Caching::Cache(cache) => cache.on_message(from, msg, cx),
            Caching::App(app) => app.on_message(from, msg, cx),
            Caching::Client(_) => client::on_message(msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match self {
            Caching::Database(_) => Database::on_timer(cx),
            Caching::Cache(cache) => cache.on_timer(timer, cx),
            Caching::App(app) => app.on_timer(timer, cx),
            Caching::Client(_) => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Request, server: Option<NodeId>, cx: &mut Context<'_>) {
        if let Caching::Client(client) = self {
            client.on_request(request, op, server, cx);
        }
    }

    fn patience(settings: &Settings, op: &Request) -> Option<Span> {
        Some(client::patience(settings, op))
    }

    fn changes(op: &Request) -> bool {
        op.changes()
    }

    fn retry(settings: &Settings, op: &Request) -> Retry {
        if matches!(op, Request::Play { .. }) { Retry::NEVER } else { settings.retry }
    }

    fn station(settings: &Settings, id: NodeId) -> Station {
        settings.station(id)
    }

    fn service<'a>(msg: &Msg, settings: &'a Settings, _: NodeId) -> Service<'a> {
        settings.service(msg)
    }

    fn on_overflow(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        if let Msg::Read { call, .. } | Msg::Write { call, .. } = msg {
            cx.send(from, Msg::Failed { call, why: "the line of the database is full" });
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn on_clock(&mut self, cx: &mut Context<'_>) {
        match self {
            Caching::Cache(cache) => cache.on_clock(cx),
            Caching::App(app) => app.on_clock(cx),
            Caching::Database(_) | Caching::Client(_) => {}
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        match self {
            Caching::Cache(cache) => cache.on_settings(cx),
            Caching::App(app) => app.on_settings(cx),
            Caching::Database(_) | Caching::Client(_) => {}
        }
    }
}
