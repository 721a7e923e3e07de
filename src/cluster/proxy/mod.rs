//! Proxies of both kinds: an office with its forward proxy, sites, and a shop behind its reverse proxy.
//!
//! A request walks from hop to hop as a message that each hop reads, changes and passes on; what a hop learns is read off the message that
//! reached it. Settings choose what the proxies say of the client and whom a backend believes, where TLS ends, what is blocked, what the
//! caches keep, how backends are balanced and replaced. After RFC 9110 (HTTP Semantics), RFC 9111 (HTTP Caching), RFC 7239 (Forwarded),
//! RFC 9211 (Cache-Status), and the documentation of NGINX and Squid.

mod asks;
mod client;
mod facts;
mod hop;
mod invariants;
mod judge;
mod lines;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod newest;
mod note;
mod origin;
mod page;
mod pass;
mod picture;
mod places;
mod pool;
#[cfg(test)]
mod promises_tests;
mod settings;
mod shelf;
mod sight;
mod stage;
#[cfg(test)]
mod tests;
mod watch;
mod words;

use crate::cluster::kit::tries::Calls;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol, Wire as _};
use crate::sim::requests::Open;
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use client::Client;
use hop::Proxy;
use message::{Method, Msg, Op, Ret};
use note::Note;
use origin::{Disk, Origin};

type Context<'a> = Cx<'a, Proxied>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Proxied {
    /// A client.
    Client(Box<Client>),
    /// A proxy.
    Proxy(Box<Proxy>),
    /// A site or a backend.
    Origin(Box<Origin>),
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// No answer came to a message.
    Due,
    /// An origin is done with a request.
    Work(u32),
    /// A proxy: a slow client has taken an answer.
    Give(u32),
    /// A proxy looks after backends that are out.
    Look,
    /// A backend has started.
    Started,
}

impl Calls for Proxied {
    const OVERDUE: Timer = Timer::Due;
}

impl Protocol for Proxied {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    /// HTTP runs over TCP.
    const CONNECTED: bool = true;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        match id {
            _ if id.is_client() => Proxied::Client(Box::new(Client::boot(cx))),
            _ if places::is_proxy(id) => Proxied::Proxy(Box::new(Proxy::boot(cx))),
            _ => Proxied::Origin(Box::new(Origin::boot(cx))),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        let bytes = msg.bytes();
        match (self, msg) {
            (Proxied::Client(client), Msg::Opened { call, left, refused }) => client.on_opened((call, left), refused, cx),
            (Proxied::Client(client), Msg::Response { call, sealed }) => client.on_response(call, &sealed, cx),
            (Proxied::Client(client), Msg::Reset { call }) => client.on_reset(from, call, cx),
            (Proxied::Proxy(proxy), Msg::Open { call, from: peer, step, left }) => proxy.on_open(from, (call, left), peer, step, cx),
            (Proxied::Proxy(proxy), Msg::Opened { call, left, refused }) => proxy.on_opened(call, left, refused, cx),
            (Proxied::Proxy(proxy), Msg::Request { call, from: peer, sealed }) => proxy.on_request((from, call), peer, sealed, bytes, cx),
            (Proxied::Proxy(proxy), Msg::Response { call, sealed }) => proxy.on_response(call, sealed, cx),
            (Proxied::Proxy(proxy), Msg::Reset { call }) => proxy.on_reset(call, cx),
            (Proxied::Proxy(proxy), Msg::Up { order }) => proxy.pool.up(from, order, cx),
            (Proxied::Origin(origin), Msg::Open { call, from: peer, step, left }) => origin.on_open(from, (call, left), peer, &step, cx),
            (Proxied::Origin(origin), Msg::Request { call, from: peer, sealed }) => {
                origin.on_request((from, call), peer, sealed, bytes, cx);
            }
            (Proxied::Origin(origin), Msg::Stop { order }) => origin.on_stop(order, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match self {
            Proxied::Client(client) if timer == Timer::Due => client.on_overdue(cx),
            Proxied::Client(_) => {}
            Proxied::Proxy(proxy) => proxy.on_timer(timer, cx),
            Proxied::Origin(origin) => origin.on_timer(timer, cx),
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, _: Option<NodeId>, cx: &mut Context<'_>) {
        if let Proxied::Client(client) = self {
            client.on_request(request, op, cx);
        }
    }

    fn patience(settings: &Settings, _: &Op) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(op: &Op) -> bool {
        op.method == Method::Post
    }

    fn on_give_up(&mut self, request: RequestId, _: &Open<Op>, cx: &mut Context<'_>) {
        if let (Proxied::Client(client), None) = (self, cx.open(request)) {
            client.on_give_up(request, cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        if let Proxied::Origin(origin) = self {
            origin.on_settings(cx);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }
}
