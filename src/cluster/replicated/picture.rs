//! The cluster on the stage.

use crate::check::operation::{self, Replicas};
use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::places::{Placed, Places};
use crate::cluster::kit::register::{self, Answer, Register, Registers};
use crate::cluster::live::{Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Row, Scene, Shape, Tone};
use crate::command::Call;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::entry::Cell;
use super::facts::{disk, lags, leaders, may_lead, server};
use super::message::Done;
use super::server::{Role, Timer};
use super::settings::{Failover, Shipping};
use super::statements::{self, Op};
use super::watch::Watch;
use super::{MODEL, Replicated, Settings};

impl Staged for Replicated {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &statements::ASKS;
    const DEEDS: &'static [Deed<Self>] = &super::operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = super::facts::TABLES;

    fn fits(settings: &Settings, servers: u16, clients: u16) -> Result<(), (&'static str, String)> {
        settings.fits(servers, clients)
    }

    fn asked(op: &Op) -> Call {
        statements::asked(op)
    }

    fn changed(done: &Done) -> bool {
        done.changed()
    }

    fn told(done: &Done) -> String {
        done.told()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Flush => None,
            _ => Some(timer.name()),
        }
    }

    fn is_serving(live: &Live<Self>) -> bool {
        live.watched().serving
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        draw(live, node, view);
    }

    fn panels(live: &Live<Self>, _: Time, out: &mut Scene) {
        statements::panels(live, out);
    }

    fn server_of(client: &Self) -> Option<NodeId> {
        match client {
            Replicated::Client(client) => Some(client.leader),
            Replicated::Server(_) => None,
        }
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        register::judge(live)
    }
}

impl Registers for Replicated {
    fn op(op: &Op) -> Option<&operation::Op> {
        op.register()
    }

    fn answer(done: &Done) -> Answer<'_> {
        Answer { ret: &done.ret, wrote: done.wrote, beside: done.beside.as_deref().unwrap_or(&[]) }
    }

    fn register(watch: &Watch) -> &Register {
        &watch.register
    }

    fn user(settings: &Settings, client: NodeId) -> NodeId {
        settings.users.first(client)
    }

    fn user_name(settings: &Settings, user: NodeId) -> String {
        settings.users.name(user)
    }

    fn replicas(live: &Live<Self>) -> Replicas {
        crate::cluster::kit::logged::replicas(live)
    }
}

impl Placed for Replicated {
    fn places(watch: &Watch) -> &Places {
        &watch.places
    }

    fn answered_by(done: &Done) -> Option<NodeId> {
        Some(done.server)
    }
}

fn draw(live: &Live<Replicated>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    view.epoch = Some(disk(sim, id).epoch);
    if sim.settings().failover == Failover::Manual {
        // Nobody acts on a silence.
        view.timers.retain(|timer| timer.name != Timer::Detection.name());
    }
    (view.shape, view.word) = match server(sim, id).map(|server| &server.role) {
        Some(Role::Leader(_)) if may_lead(sim, id) => (Shape::Leader, "leader"),
        Some(Role::Leader(_)) => (Shape::Candidate, "no lease"),
        Some(Role::Candidate(_)) => (Shape::Candidate, "candidate"),
        Some(Role::Elected) => (Shape::Candidate, "elected"),
        Some(Role::Stranded) => (Shape::Candidate, "stranded"),
        Some(Role::Follower) | None => (Shape::Member, "follower"),
    };
    let newest = leaders(sim).last().copied();
    if let Some(server) = server(sim, id) {
        let values = server.data.iter().map(|(key, cell)| value_row(live, key, cell, id, newest));
        view.rows.extend(values);
        statements::rows(live, id, &mut view.rows);
    }
    let log = row("log", disk(sim, id).last().to_string(), Tone::Plain);
    if let Some(Role::Leader(lead)) = server(sim, id).map(|server| &server.role) {
        view.rows.push(log);
        if sim.settings().shipping == Shipping::Log {
            view.rows.extend(lead.peers.iter().map(|peer| row(&peer.id.to_string(), format!("at {}", peer.matched), Tone::Plain)));
        }
        if !lead.waiting.is_empty() {
            view.rows.push(row("waiting", lead.waiting.len().to_string(), Tone::Stale));
        }
    } else {
        let lag = lags(sim, newest).into_iter().find(|(who, ..)| *who == id).filter(|(_, entries, _)| *entries > 0);
        view.rows.extend(lag.map(|(_, entries, age)| row("lag", lag_text(entries, age), Tone::Stale)));
        // Last, because the last rows give way when there is no room.
        view.rows.push(log);
    }
}

/// Entries, and the age of the oldest once it is long enough to be read in tenths of a second.
fn lag_text(entries: u64, age: Span) -> String {
    if age < Span::ms(100) { entries.to_string() } else { format!("{entries}, {:.1} s", age.as_ms() / 1000.0) }
}

fn row(label: &str, value: String, tone: Tone) -> Row {
    Row { label: label.to_string(), value, tone }
}

/// A value of a replica: stale when a newer one was acknowledged, in conflict when two leaders each have their own.
fn value_row(live: &Live<Replicated>, key: &str, cell: &Cell, id: NodeId, newest: Option<NodeId>) -> Row {
    let sim = live.sim();
    let placed = cell.index <= disk(sim, id).matched();
    let theirs = newest.filter(|leader| *leader != id && placed).and_then(|leader| disk(sim, leader).get(cell.index));
    let parted = theirs.is_some_and(|entry| entry.request() != Some(cell.request));
    let acked = live.watched().register.newest(&key.into());
    let older = acked.is_some_and(|acked| {
        let own = live.watched().register.acked.get(cell.request.0);
        acked.request != cell.request && own.is_some_and(|own| own.event < acked.call)
    });
    let tone = match (parted, older) {
        (true, _) => Tone::Conflict,
        (_, true) => Tone::Stale,
        _ => Tone::Plain,
    };
    row(key, cell.value.to_string(), tone)
}
