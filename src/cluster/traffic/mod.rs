//! Users, a front that balances, servers with queues, and a database behind them: what load does to response times.
//!
//! Queues are the kernel's stations, so their laws are those of queueing theory (Kleinrock 1975). The front knows of its servers what it
//! counts itself and what its health checks tell, as in `HAProxy`, NGINX and Envoy; its rules for picking are those of
//! [`crate::algo::balance`]. All else is off until a setting turns it on: retries and their budget (Envoy), the autoscaler and deploys
//! (Kubernetes), sessions, contention and crosstalk between servers (Gunther), caches, replicas and shards, and a link that is a queue
//! for bytes. What a setting needs a server for gets one, beside those that serve pages: see [`roster`].

mod checks;
mod cost;
mod database;
mod deploy;
mod derived;
mod facts;
mod followed;
mod front;
mod handed;
mod invariants;
mod laps;
mod message;
mod moments;
mod note;
mod operator;
mod peers;
mod picture;
mod pool;
mod roster;
mod scale;
mod server;
mod settings;
mod stage;
mod store;
#[cfg(test)]
mod tests;
mod tiers;
mod users;
mod watch;
mod way;
mod words;
mod written;

use crate::cluster::kit::tries::Calls;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::retry::Retry;
use crate::sim::station::{Service, Station};
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use database::{Database, Rows};
use front::Front;
use message::{Msg, Timer, Visit};
use note::Note;
use roster::{FRONT, Role};
use server::Server;
use store::Memory;
use users::Users;
use way::{Edge, Kept};

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Traffic {
    /// Users: all that one client stands for.
    Users(Users),
    /// A cache near users.
    Edge(Edge),
    /// The way to the users.
    Link,
    /// The front.
    Front(Box<Front>),
    /// An application server.
    Server(Box<Server>),
    /// The store of sessions.
    Store(Memory),
    /// A cache before the database.
    Cache(Kept),
    /// A part of the database, or a replica of one.
    Database(Box<Database>),
}

impl Protocol for Traffic {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Rows;
    type Op = Visit;
    type Ret = ();
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Cx<'_, Self>) -> Self {
        if id.is_client() {
            return Traffic::Users(Users::default());
        }
        match cx.settings().roster().role(id) {
            Role::Edge { .. } => Traffic::Edge(Edge::default()),
            Role::Link => Traffic::Link,
            Role::Front => Traffic::Front(Box::new(Front::boot(cx))),
            Role::App(_) => Traffic::Server(Box::new(Server::boot(cx))),
            Role::Store => Traffic::Store(Memory::default()),
            Role::Cache => Traffic::Cache(Kept::default()),
            Role::Db { .. } => Traffic::Database(Box::new(Database::boot(cx))),
        }
    }

    fn on_request(&mut self, request: RequestId, op: Visit, _: Option<NodeId>, cx: &mut Cx<'_, Self>) {
        if let Traffic::Users(users) = self {
            users.ask(request, op, cx);
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match (self, msg) {
            (Traffic::Users(users), Msg::Told(answer)) => users.on_told(from, answer, cx),
            (Traffic::Front(front), msg) => front.on_message(from, msg, cx),
            (Traffic::Server(server), msg) => server.on_message(from, &msg, cx),
            (Traffic::Edge(edge), msg) => edge.on_message(msg, cx),
            (Traffic::Link, msg) => way::pass_on(msg, cx),
            (Traffic::Store(memory), msg) => store::recall(memory, from, &msg, cx),
            (Traffic::Cache(kept), msg) => store::keep(kept, from, &msg, cx),
            (Traffic::Database(database), msg) => database.on_message(from, msg, cx),
            (Traffic::Users(_), _) => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match (self, timer) {
            (Traffic::Front(front), _) => front.on_timer(timer, cx),
            (Traffic::Server(server), Timer::Tries) => server.on_overdue(cx),
            (Traffic::Server(_), Timer::Join) => Server::join(cx),
            (Traffic::Database(database), Timer::Missing) => database.on_ask(cx),
            _ => {}
        }
    }

    fn on_settings(&mut self, cx: &mut Cx<'_, Self>) {
        if let Traffic::Front(front) = self {
            front.pool.on_settings(cx.settings());
            front.start(cx);
        }
    }

    fn patience(settings: &Settings, _: &Visit) -> Option<Span> {
        Some(settings.timeout)
    }

    fn changes(visit: &Visit) -> bool {
        visit.order
    }

    fn retry(settings: &Settings, _: &Visit) -> Retry {
        settings.user_retries
    }

    fn station(settings: &Settings, id: NodeId) -> Station {
        settings.station(id)
    }

    fn service<'a>(msg: &Msg, settings: &'a Settings, id: NodeId) -> Service<'a> {
        settings.service(msg, id)
    }

    fn on_overflow(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Traffic::Server(server) if from == cx.id() => server.put_back(&msg),
            Traffic::Database(database) if from == cx.id() => database.put_back(&msg),
            _ => server::refuse(from, &msg, cx),
        }
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
    match sim.node(FRONT).state() {
        Some(Traffic::Front(front)) => Some(front),
        _ => None,
    }
}
