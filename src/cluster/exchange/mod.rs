//! Clients, a server and what is behind it, and connections that carry frames of real sizes. A setting says what it is about:
//!
//! * a chat: polling, long polling, server-sent events or a WebSocket, with or without what makes a line that broke whole again
//!   (RFC 6455, RFC 6202, HTML Standard section 9.2);
//! * a page: its parts one by one, or one GraphQL query, and what that asks of the database (GraphQL, October 2021);
//! * calls: HTTP/1.1 or HTTP/2, deadlines, cancellation and retries, as gRPC has them (RFC 9112, RFC 9113, gRPC guides, gRFC A6).
//!
//! Below all of them is one machine for connections ([`tcp`]): what is lost is sent again, and what came after it waits.

mod asks;
mod calls;
mod client;
mod db;
mod desk;
mod facts;
mod frame;
mod handlers;
mod head;
mod http;
mod invariants;
mod judge;
mod kitchen;
mod line;
mod listener;
mod loads;
mod message;
mod moments;
mod note;
mod picture;
mod room;
mod server;
mod settings;
mod stage;
mod tcp;
#[cfg(test)]
mod tests;
mod watch;

use imbl::Vector;

use crate::cluster::kit::tries::Calls as KitCalls;
use crate::persistent::OrdSet;
use crate::sim::dist::Dist;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use client::Client;
use db::Db;
use message::{Msg, Op, Ret};
use note::Note;
use server::Server;
use settings::Does;

/// The server that clients ask.
const FIRST: NodeId = NodeId::server(0);
/// The database behind the server of pages.
const DB: NodeId = NodeId::server(1);

type Context<'a> = Cx<'a, Exchange>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Exchange {
    /// A client.
    Client(Box<Client>),
    /// A server.
    Server(Box<Server>),
    /// The database.
    Db(Db),
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A segment is to be sent again.
    Tcp,
    /// A call is due: its deadline, its next try, its next message; a question to the database has no answer.
    Due,
    /// A client: time to ask for news.
    Poll,
    /// A client: time to open a line again.
    Reconnect,
    /// A client: no answer to its question for news.
    Answer,
    /// Time for a sign of life.
    Ping,
    /// No sign of life.
    Pong,
    /// A client: a message is shown.
    Show,
    /// The server: a question was held for long enough.
    Hold,
    /// A server: work is done.
    Work(u32),
}

/// What survives a restart.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// A client: the last message that it received, where it goes by that.
    received: u64,
    /// A client: the last message that it has shown.
    shown: u64,
    /// The server of the chat: what was said.
    pub log: room::Log,
    /// The server of pages: how often the customer got another name.
    renames: u32,
    /// A service: the clicks that it charged for, in order.
    effects: Vector<(NodeId, u32)>,
    /// The keys of those.
    charged: OrdSet<(NodeId, u32)>,
}

/// What a server is called.
fn name(id: NodeId, does: Does) -> String {
    let names: &[&str] = match does {
        Does::Chat => &["server"],
        Does::Page => &["server", "db"],
        Does::Calls => &["gateway", "orders", "stock"],
    };
    match names.get(id.index()) {
        Some(name) if !id.is_client() => (*name).to_string(),
        _ => id.to_string(),
    }
}

impl KitCalls for Exchange {
    const OVERDUE: Timer = Timer::Due;
}

impl Protocol for Exchange {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        match id {
            _ if id.is_client() => Exchange::Client(Box::new(Client::boot(cx))),
            DB if cx.settings().does == Does::Page => Exchange::Db(Db::default()),
            _ => Exchange::Server(Box::new(Server::boot(cx))),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match (self, msg) {
            (Exchange::Client(client), Msg::Segment(segment)) => client.on_segment(from, segment, cx),
            (Exchange::Server(server), Msg::Segment(segment)) => server.on_segment(from, segment, cx),
            (Exchange::Server(server), Msg::Rows(number, _)) => server.on_rows(number, cx),
            (Exchange::Db(db), Msg::Read(number, rows)) => db.on_read(from, number, rows, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match (self, timer) {
            (Exchange::Client(client), timer) => client.on_timer(timer, cx),
            (Exchange::Server(server), timer) => server.on_timer(timer, cx),
            (Exchange::Db(db), Timer::Work(job)) => db.on_done(job, cx),
            (Exchange::Db(_), _) => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, _: Option<NodeId>, cx: &mut Context<'_>) {
        if let Exchange::Client(client) = self {
            client.on_request(request, &op, cx);
        }
    }

    fn patience(settings: &Settings, op: &Op) -> Option<Span> {
        client::patience(settings, op)
    }

    fn on_give_up(&mut self, request: RequestId, _: &Open<Op>, cx: &mut Context<'_>) {
        if let (Exchange::Client(client), None) = (self, cx.open(request)) {
            client.on_give_up(request, cx);
        }
    }

    fn travel<'a>(settings: &'a Settings, msg: &Msg) -> Option<&'a Dist> {
        match msg {
            Msg::Read(..) | Msg::Rows(..) => Some(&settings.db_latency),
            Msg::Segment(segment) => (!segment.conn.opener.is_client()).then_some(&*settings.service_latency),
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        message::is_quiet(kind)
    }

    fn on_synced(&mut self, cx: &mut Context<'_>) {
        if let Exchange::Server(server) = self {
            server.on_synced(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        match self {
            Exchange::Client(client) => client.on_settings(cx),
            Exchange::Server(server) => server.on_settings(cx),
            Exchange::Db(_) => {}
        }
    }
}
