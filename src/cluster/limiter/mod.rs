//! A rate limiter: callers, one to three limiters, the service behind them, and a store of counters that the limiters may share.
//!
//! A limit says how many requests may pass in how long, in which windows, with which burst, and who counts. Settings choose the
//! algorithm, what is counted together, where it is counted, in one step or in two, what happens where it cannot be counted, where counts
//! are kept and which clock they go by. After Cloudflare 2017 ("How we built rate limiting capable of scaling to millions of domains"),
//! Stripe 2017 ("Scaling your API with rate limiters"), the Redis documentation of `INCR`, ITU-T I.371 and RFC 6585.

mod asks;
mod caller;
#[cfg(test)]
mod changes_tests;
mod facts;
mod invariants;
mod judge;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod node;
mod note;
mod picture;
mod service;
mod settings;
mod stage;
mod store;
mod stream;
mod table;
#[cfg(test)]
mod tests;
mod watch;

use crate::check::operation::Key;
use crate::cluster::kit::tries::Calls;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use caller::Caller;
use message::{Msg, Op, Ret};
use node::Limiter;
use note::Note;
use service::Service;
use store::Store;
use table::Disk;

/// The service among the servers.
const SERVICE: NodeId = NodeId::server(0);
/// The shared store among the servers. It is there always, and asked where counters are shared.
const STORE: NodeId = NodeId::server(1);
/// The index of the first limiter; all others are limiters too.
const FIRST: usize = 2;

type Context<'a> = Cx<'a, RateLimiter>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum RateLimiter {
    /// A client.
    Caller(Box<Caller>),
    /// A limiter.
    Limiter(Box<Limiter>),
    /// The shared store.
    Store(Store),
    /// The service behind the limiters.
    Service(Service),
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A limiter: the next of a leaky queue may leave.
    Release,
    /// A limiter: a window ends. Nothing has to be done then; it is a moment that a learner can wait for.
    Edge,
    /// A limiter without windows: as much time as one would take is over, for a learner who waits.
    Tick,
    /// A limiter: no answer of the store. A client: the next request that it planned.
    Due,
    /// A limiter, the store: sync what was written.
    Flush,
    /// The service: it is done with this request.
    Work(u32),
}

/// What a node is called: `service`, `store`, `limiter1`, `c1`.
fn name(id: NodeId) -> String {
    match id {
        _ if id.is_client() => id.to_string(),
        SERVICE => "service".to_string(),
        STORE => "store".to_string(),
        _ => format!("limiter{}", id.index() + 1 - FIRST),
    }
}

impl RateLimiter {
    /// Whoever counts does so by the settings of now.
    fn heed(&mut self, cx: &mut Context<'_>) {
        match self {
            RateLimiter::Limiter(limiter) => limiter.heed(cx),
            // A store that counts by them already has nothing to change.
            RateLimiter::Store(store) => store.on_settings(cx),
            RateLimiter::Caller(_) | RateLimiter::Service(_) => {}
        }
    }
}

impl Calls for RateLimiter {
    const OVERDUE: Timer = Timer::Due;
}

impl Protocol for RateLimiter {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        match id {
            _ if id.is_client() => RateLimiter::Caller(Box::default()),
            SERVICE => RateLimiter::Service(Service::default()),
            STORE => RateLimiter::Store(Store::boot(cx)),
            _ => RateLimiter::Limiter(Box::new(Limiter::boot(cx))),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        self.heed(cx);
        match (self, msg) {
            (RateLimiter::Caller(caller), Msg::Told { call, told }) => caller.on_told(call, told, cx),
            (RateLimiter::Limiter(limiter), Msg::Ask(ticket)) => limiter.on_ask(ticket, cx),
            (RateLimiter::Limiter(limiter), Msg::Counted { number, said }) => limiter.on_counted(number, said, cx),
            (RateLimiter::Limiter(_), Msg::Done { ticket, served }) => Limiter::on_done(&ticket, served, cx),
            (RateLimiter::Store(store), Msg::Count { number, ticket, key, want }) => store.on_count(from, number, (ticket, key), want, cx),
            (RateLimiter::Service(service), Msg::Work(ticket)) => service.on_work(from, ticket, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        self.heed(cx);
        match (self, timer) {
            (RateLimiter::Caller(caller), Timer::Due) => caller.on_planned(cx),
            (RateLimiter::Limiter(limiter), Timer::Due) => limiter.on_overdue(cx),
            (RateLimiter::Limiter(_), Timer::Edge | Timer::Tick) => Limiter::tick(cx),
            (RateLimiter::Limiter(limiter), Timer::Release) => limiter.on_release(cx),
            (RateLimiter::Service(service), Timer::Work(number)) => service.on_done(number, cx),
            (RateLimiter::Limiter(_) | RateLimiter::Store(_), Timer::Flush) => cx.sync(),
            _ => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, _: Option<NodeId>, cx: &mut Context<'_>) {
        if let RateLimiter::Caller(caller) = self {
            caller.on_request(request, op, cx);
        }
    }

    fn patience(settings: &Settings, op: &Op) -> Option<Span> {
        Some(caller::patience(settings, op))
    }

    fn on_give_up(&mut self, request: RequestId, _: &Open<Op>, cx: &mut Context<'_>) {
        if let (RateLimiter::Caller(caller), None) = (self, cx.open(request)) {
            caller.on_give_up(request);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn on_synced(&mut self, cx: &mut Context<'_>) {
        match self {
            RateLimiter::Limiter(limiter) => limiter.on_synced(cx),
            RateLimiter::Store(store) => store.on_synced(cx),
            RateLimiter::Caller(_) | RateLimiter::Service(_) => {}
        }
    }

    fn on_clock(&mut self, cx: &mut Context<'_>) {
        if let RateLimiter::Limiter(limiter) = self {
            limiter.on_clock(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        match self {
            RateLimiter::Limiter(limiter) => limiter.on_settings(cx),
            RateLimiter::Store(store) => store.on_settings(cx),
            RateLimiter::Caller(_) | RateLimiter::Service(_) => {}
        }
    }
}
