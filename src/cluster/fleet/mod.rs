//! A shop on a fleet of servers that fail: users, fronts, application servers and databases, in racks.
//!
//! How often it is there (availability), whether its answers are right (reliability), and by which means a fault does not become a
//! failure (fault tolerance): three things that each of its settings moves by itself. Servers fail and are repaired as in Barlow and
//! Proschan 1965; faults, errors and failures are those of Avizienis et al. 2004; pairs that take over, of Gray 1985.
//!
//! In each tier the first servers that live do the work, as many as are needed, and the others are spares: so the way of a request is
//! known at any moment, and the service is up while it leads to an answer.

mod app;
mod asks;
mod db;
mod facts;
mod front;
mod health;
mod invariants;
mod inventory;
mod judge;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod moments;
mod operator;
mod picture;
mod reach;
mod settings;
mod shelf;
mod stage;
#[cfg(test)]
mod tests;
mod uptime;
mod users;
mod watch;

use crate::cluster::kit::tries::Calls;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::retry::Retry;
use crate::sim::station::{Service, Station};
use crate::sim::time::Span;

pub use settings::Settings;
pub use stage::MODEL;

use app::{App, Asker};
use db::Db;
use front::Front;
use inventory::Tier;
use message::{Answer, How, Msg, Note, Op, Ret, Timer};
use shelf::Disk;
use users::Users;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Fleet {
    /// The users behind one client.
    Users(Users),
    /// A front.
    Front(Front),
    /// An application server.
    App(App),
    /// A database.
    Db(Db),
}

impl Protocol for Fleet {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Cx<'_, Self>) -> Self {
        match cx.settings().inventory().tier(id) {
            _ if id.is_client() => Fleet::Users(Users::boot(cx)),
            Some(Tier::Front) => Fleet::Front(Front::boot(cx)),
            Some(Tier::App) | None => Fleet::App(App::boot(cx)),
            Some(Tier::Db) => Fleet::Db(Db::boot(cx)),
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, server: Option<NodeId>, cx: &mut Cx<'_, Self>) {
        if let Fleet::Users(users) = self {
            users.on_request(request, op, server, cx);
        }
    }

    fn on_give_up(&mut self, request: RequestId, _: &Open<Op>, cx: &mut Cx<'_, Self>) {
        if let Fleet::Users(users) = self {
            users.on_give_up(request, cx.open(request).is_none());
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match self {
            Fleet::Users(users) => match msg {
                Msg::Told { request, answer } => users.on_told(from, request, answer, cx),
                Msg::Mine => users.go_to(from),
                _ => {}
            },
            Fleet::Front(front) => on_front(front, from, msg, cx),
            Fleet::App(app) => on_app(app, from, msg, cx),
            Fleet::Db(db) => on_db(db, from, msg, cx),
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Self>) {
        match (self, timer) {
            (Fleet::Front(front), Timer::Tries) => front.on_overdue(cx),
            (Fleet::Front(Front { health, .. }) | Fleet::App(App { health, .. }), Timer::Check) => health.on_check(cx),
            (Fleet::Front(front), Timer::Missed) => {
                front.health.on_missed(cx);
                front.claim(cx);
            }
            (Fleet::App(app), Timer::Tries) => app.on_overdue(cx),
            (Fleet::App(app), Timer::Missed) => app.health.on_missed(cx),
            (Fleet::Db(db), Timer::Copy) => db.on_copy_due(cx),
            (Fleet::Db(db), Timer::Missing) => db.on_missing(cx),
            (Fleet::Db(_), Timer::Rot) => Db::on_rot(cx),
            (Fleet::Db(db), Timer::Compare) => db.on_compare(cx),
            _ => {}
        }
    }

    fn on_settings(&mut self, cx: &mut Cx<'_, Self>) {
        match self {
            Fleet::Users(users) => users.on_settings(cx),
            Fleet::Front(front) => {
                front.health.follow_settings(cx);
                front.claim(cx);
            }
            Fleet::App(app) => app.health.follow_settings(cx),
            Fleet::Db(db) => db.on_settings(cx),
        }
    }

    fn patience(settings: &Settings, _: &Op) -> Option<Span> {
        Some(settings.timeout)
    }

    fn changes(op: &Op) -> bool {
        op.changes()
    }

    /// Users who know all fronts try each of them.
    fn retry(settings: &Settings, _: &Op) -> Retry {
        let fronts = if settings.address == settings::Address::Dns { settings.front } else { 1 };
        let wanted = settings.user_retries;
        Retry { attempts: wanted.attempts.max(fronts), ..wanted }
    }

    fn station(settings: &Settings, id: NodeId) -> Station {
        settings.station(id)
    }

    fn service<'a>(msg: &Msg, settings: &'a Settings, id: NodeId) -> Service<'a> {
        settings.service(msg, id)
    }

    fn on_overflow(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        if let Some(asker) = asker(from, &msg) {
            app::answer(asker, Answer::Bad(How::Busy), cx);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        message::is_quiet(kind)
    }
}

impl Calls for Fleet {
    const OVERDUE: Timer = Timer::Tries;
}

fn on_front(front: &mut Front, from: NodeId, msg: Msg, cx: &mut Cx<'_, Fleet>) {
    match msg {
        Msg::Ask { request, op, cart, until } => front.on_ask(from, request, (op, cart), until, cx),
        Msg::Done { call, answer } => front.on_done(call, answer, cx),
        Msg::Check { round } => cx.send(from, Msg::Alive { round }),
        Msg::Alive { round } => front.health.on_alive(from, round, cx),
        _ => {}
    }
}

/// Who waits for the answer to a message.
fn asker(from: NodeId, msg: &Msg) -> Option<Asker> {
    match msg {
        Msg::Work { call, .. } => Some(Asker::Front(from, *call)),
        Msg::Ask { request, .. } => Some(Asker::User(from, *request)),
        _ => None,
    }
}

fn on_app(app: &mut App, from: NodeId, msg: Msg, cx: &mut Cx<'_, Fleet>) {
    let asker = asker(from, &msg);
    match (msg, asker) {
        (Msg::Work { request, op, cart, .. } | Msg::Ask { request, op, cart, .. }, Some(asker)) => {
            app.on_work(asker, request, (op, cart), cx);
        }
        (Msg::Price { call, found }, _) => app.on_row(from, call, found, cx),
        (Msg::Saved { call, kept }, _) => app.on_saved(from, call, kept, cx),
        (Msg::Lines { call, lines }, _) => app.on_lines(from, call, lines, cx),
        (Msg::Check { round }, _) => cx.send(from, Msg::Alive { round }),
        (Msg::Alive { round }, _) => app.health.on_alive(from, round, cx),
        _ => {}
    }
}

/// A database that has not all it should have does not say that it lives.
fn on_db(db: &mut Db, from: NodeId, msg: Msg, cx: &mut Cx<'_, Fleet>) {
    match msg {
        Msg::Row { call, row } => db.on_row(from, call, row, cx),
        Msg::Mend { row, good } => Db::on_mend(row, good, cx),
        Msg::Set { row, set } => Db::on_set(row, set, cx),
        Msg::Save { call, cart, line } => db.on_save(from, call, (cart, line), cx),
        Msg::Copy { lines } => Db::on_copy(&lines, cx),
        Msg::Read { call, cart } => db.on_read(from, call, cart, cx),
        Msg::Want => Db::on_want(from, cx),
        Msg::Here { rows, carts, whole } => db.on_here(from, (rows, carts), whole, cx),
        Msg::Check { round } if db.serves() => cx.send(from, Msg::Alive { round }),
        _ => {}
    }
}
