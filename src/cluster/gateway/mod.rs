//! An API gateway: users, one door, four services behind it, and what the door needs so that one slow service does not close it.
//!
//! A request keeps a worker of the gateway from its start to its answer. The gateway checks the token, calls the services that the path
//! needs, and gathers their answers. All that bounds a call is a setting: timeouts, retries with backoff, jitter and a budget, breakers,
//! bulkheads, fallbacks. After Nygard 2018 (*Release It!*, second edition, stability patterns), Envoy's documentation (retry budgets,
//! circuit breaking), Hystrix ("How it works"), resilience4j's documentation, and RFC 9110, section 9.2.2.

mod asks;
mod auth;
mod facts;
mod invariants;
mod job;
mod judge;
mod lane;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod node;
mod note;
mod operator;
mod parts;
mod picture;
#[cfg(test)]
mod promises_tests;
mod service;
mod settings;
mod stage;
#[cfg(test)]
mod tests;
mod user;
mod watch;
mod words;

use crate::cluster::kit::tries::Calls;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::retry::Retry;
use crate::sim::station::{Discipline, Service as Serving, Station, Takes};
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use auth::Auth;
use message::{Msg, Op, Ret};
use node::Gateway;
use note::Note;
use service::{Disk, Service};
use user::User;
use words::Service as Name;

/// The first gateway.
const GATEWAY: NodeId = NodeId::server(0);
/// Who makes tokens. It is there always, and asked where the gateway does not check them itself.
const AUTH: NodeId = NodeId::server(5);
/// The database of the services. It is there always, and asked where services ask it.
const DB: NodeId = NodeId::server(6);
/// The number of the first server after these; all others are gateways too.
const FIRST_OTHER: u16 = 7;

type Context<'a> = Cx<'a, Shop>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Shop {
    /// A client.
    User(User),
    /// A gateway.
    Gateway(Box<Gateway>),
    /// A service.
    Service(Box<Service>),
    /// Who makes tokens.
    Auth(Auth),
    /// The database.
    Database,
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A gateway, a service: something was not answered in time.
    Due,
    /// A gateway: a breaker may try again, or has waited long enough for its trials.
    Probe(Name),
    /// A service: it is done with this call.
    Work(u32),
}

/// Whether this is a gateway.
fn is_gateway(id: NodeId) -> bool {
    !id.is_client() && (id == GATEWAY || id.index() >= usize::from(FIRST_OTHER))
}

/// What a node is called: `gateway`, `payments`, `auth`, `c1`.
fn name(id: NodeId) -> String {
    match id {
        _ if id.is_client() => id.to_string(),
        GATEWAY => "gateway".to_string(),
        AUTH => "auth".to_string(),
        DB => "db".to_string(),
        _ => Name::at(id).map_or_else(|| format!("gateway{}", id.index() + 2 - usize::from(FIRST_OTHER)), |service| service.name().into()),
    }
}

/// The gateways that run.
fn gateways(sim: &Sim<Shop>) -> impl Iterator<Item = (NodeId, &Gateway)> {
    sim.server_ids().filter(|id| is_gateway(*id)).filter_map(|id| match sim.node(id).state() {
        Some(Shop::Gateway(gateway)) => Some((id, &**gateway)),
        _ => None,
    })
}

impl Calls for Shop {
    const OVERDUE: Timer = Timer::Due;
}

impl Protocol for Shop {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        match id {
            _ if id.is_client() => Shop::User(User::boot(id, cx)),
            AUTH => Shop::Auth(Auth),
            DB => Shop::Database,
            _ if is_gateway(id) => Shop::Gateway(Box::new(Gateway::boot(cx))),
            _ => Shop::Service(Box::new(Service::boot(cx))),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match (self, msg) {
            (Shop::User(_), Msg::Told { request, attempt, end }) => User::on_told(request, attempt, *end, cx),
            (Shop::User(user), Msg::Issued { request, token }) => user.on_issued(request, token, cx),
            (Shop::Gateway(gateway), Msg::Ask(ticket)) => gateway.on_ask(*ticket, cx),
            (Shop::Gateway(gateway), Msg::Did { call, answer }) => gateway.on_did(call, answer, cx),
            (Shop::Gateway(gateway), Msg::Checked { call, good }) => gateway.on_checked(call, good, cx),
            (Shop::Service(service), Msg::Call { call, work }) => service.on_call(from, call, *work, cx),
            (Shop::Service(service), Msg::Past(ticket)) => service.on_past(ticket, cx),
            (Shop::Service(service), Msg::Found { call, ok }) => service.on_found(call, ok, cx),
            (Shop::Auth(_), Msg::Check { call, token }) => Auth::on_check(from, call, token, cx),
            (Shop::Auth(_), Msg::Login { request, number }) => Auth::on_login(from, request, number, cx),
            (Shop::Database, Msg::Query { call }) => service::find(from, call, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match (self, timer) {
            (Shop::Gateway(gateway), Timer::Due) => gateway.on_overdue(cx),
            (Shop::Gateway(gateway), Timer::Probe(service)) => gateway.on_probe(service, cx),
            (Shop::Service(service), Timer::Due) => service.on_overdue(cx),
            (Shop::Service(service), Timer::Work(number)) => service.on_done(number, cx),
            _ => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, _: Option<NodeId>, cx: &mut Context<'_>) {
        if let Shop::User(user) = self {
            user.on_request(request, op, cx);
        }
    }

    fn patience(settings: &Settings, _: &Op) -> Option<Span> {
        Some(settings.user_timeout)
    }

    fn changes(op: &Op) -> bool {
        matches!(op.what, message::What::Pay(_))
    }

    fn retry(settings: &Settings, _: &Op) -> Retry {
        settings.user_retries
    }

    fn station(settings: &Settings, id: NodeId) -> Station {
        let (workers, queue) = match id {
            _ if id.is_client() || is_gateway(id) => return Station::default(),
            DB => (settings.db_workers, settings.service_queue),
            _ => (settings.service_workers, settings.service_queue),
        };
        Station { workers, queue, discipline: Discipline::FirstCome }
    }

    /// A service has its time by its own timer, so that it can look at what came when the work begins.
    fn service<'a>(msg: &Msg, settings: &'a Settings, id: NodeId) -> Serving<'a> {
        let takes = match msg {
            Msg::Call { .. } | Msg::Past(_) => Takes::Exactly(Span::ZERO),
            Msg::Query { .. } if id == DB => Takes::Drawn(&settings.db_time),
            Msg::Check { .. } | Msg::Login { .. } => Takes::Drawn(&settings.auth_time),
            _ => return Serving::ASIDE,
        };
        Serving { takes, priority: 0 }
    }

    fn on_overflow(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        service::refuse(from, msg, cx);
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        if let Shop::Gateway(gateway) = self {
            gateway.on_settings(cx);
        }
    }
}
