//! Users, a front that balances, servers with queues, and a database behind them: what load does to response times.
//!
//! Queues are the kernel's stations, so their laws are those of queueing theory (Kleinrock 1975). The front knows of its servers what it
//! counts itself and what its health checks tell, as in `HAProxy`, NGINX and Envoy; its rules for picking are those of
//! [`crate::algo::balance`]. Retries, their budget (Envoy) and the autoscaler (Kubernetes) can be turned on one by one.

mod checks;
mod facts;
mod front;
mod handed;
mod invariants;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod operator;
mod picture;
mod pool;
mod scale;
mod server;
mod settings;
mod stage;
#[cfg(test)]
mod tests;
mod watch;

use crate::cluster::kit::tries::Calls;
use crate::sim::history::Cause;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::protocol::{Cx, Protocol, Reply};
use crate::sim::retry::Retry;
use crate::sim::station::{Service, Station};
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use front::Front;
use message::{How, Msg, Note, Timer, View};
use server::Server;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Traffic {
    /// Users: all that one client stands for.
    Users,
    /// The front.
    Front(Box<Front>),
    /// An application server.
    Server(Server),
    /// The database.
    Database,
}

impl Protocol for Traffic {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = ();
    type Op = View;
    type Ret = ();
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Cx<'_, Self>) -> Self {
        if id.is_client() {
            Traffic::Users
        } else if id == settings::FRONT {
            Traffic::Front(Box::new(Front::boot(cx)))
        } else if settings::is_app(id) {
            Traffic::Server(Server::boot(cx))
        } else {
            Traffic::Database
        }
    }

    fn on_request(&mut self, request: RequestId, op: View, _: Option<NodeId>, cx: &mut Cx<'_, Self>) {
        cx.ask(request, settings::FRONT, Msg::Ask { request, visitor: op.visitor });
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match (self, msg) {
            (Traffic::Users, Msg::Told { request, how, .. }) => cx.reply(request, reply(how)),
            (Traffic::Front(front), Msg::Ask { request, visitor }) => front.on_ask(from, request, visitor, cx),
            (Traffic::Front(front), Msg::Done { call, how, bytes }) => front.on_done(call, how, bytes, cx),
            (Traffic::Front(front), Msg::Fine { round }) => front.on_fine(from, round, cx),
            (Traffic::Front(front), Msg::Joins) => front.on_joins(from, cx),
            (Traffic::Server(server), Msg::Work { call }) => server.on_work(call, cx),
            (Traffic::Server(server), Msg::Done { call, how, .. }) => server.on_done(call, how, cx),
            (Traffic::Server(_), Msg::Joined) => cx.cancel_timer(Timer::Join),
            (Traffic::Server(_), Msg::Check { round }) => cx.send(from, Msg::Fine { round }),
            (Traffic::Database, Msg::Query { call }) => cx.send(from, Msg::Done { call, how: How::Served, bytes: 0 }),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match (self, timer) {
            (Traffic::Front(front), _) => front.on_timer(timer, cx),
            (Traffic::Server(server), Timer::Tries) => server.on_overdue(cx),
            (Traffic::Server(_), Timer::Join) => Server::join(cx),
            _ => {}
        }
    }

    fn on_settings(&mut self, cx: &mut Cx<'_, Self>) {
        if let Traffic::Front(front) = self {
            front.pool.on_settings(cx.settings());
            Front::start(cx);
        }
    }

    fn patience(settings: &Settings, _: &View) -> Option<Span> {
        Some(settings.timeout)
    }

    fn changes(_: &View) -> bool {
        false
    }

    fn retry(settings: &Settings, _: &View) -> Retry {
        settings.user_retries
    }

    fn station(settings: &Settings, id: NodeId) -> Station {
        settings.station(id)
    }

    fn service<'a>(msg: &Msg, settings: &'a Settings, _: NodeId) -> Service<'a> {
        settings.service(msg)
    }

    fn on_overflow(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        server::refuse(from, &msg, cx);
    }

    fn is_quiet(kind: u8) -> bool {
        kind == message::CHECK
    }
}

impl Calls for Traffic {
    const OVERDUE: Timer = Timer::Tries;
}

/// The front; `None` while it is down.
fn front(sim: &Sim<Traffic>) -> Option<&Front> {
    match sim.node(settings::FRONT).state() {
        Some(Traffic::Front(front)) => Some(front),
        _ => None,
    }
}

fn reply(how: How) -> Reply<()> {
    let cause = Cause::from(how.says());
    match how {
        How::Served => Reply::Ok(()),
        How::Full | How::Nobody => Reply::Refused(cause),
        How::Error | How::Late => Reply::Failed(cause),
    }
}
