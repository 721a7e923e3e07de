//! The cluster on the stage.

use crate::check::operation::Replicas;
use crate::cluster::NoteMark;
use crate::cluster::facts::Facts;
use crate::cluster::live::{Live, News, Speeds, Staged, Tally, Told};
use crate::cluster::model::Model;
use crate::cluster::moment::Moment;
use crate::cluster::scene::{FlightKind, NodeView, Row, Shape, Tone};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Span;

use super::entry::Cell;
use super::facts::{disk, ids, lags, leaders, may_lead, server};
use super::message::{Done, Msg, Note};
use super::server::{Role, Timer};
use super::watch::Watch;
use super::{MODEL, Replicated, Settings};

impl Staged for Replicated {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;

    fn model() -> &'static Model {
        &MODEL
    }

    fn settings() -> Settings {
        Settings::default()
    }

    fn fits(settings: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        settings.fits(servers)
    }

    fn set(settings: &mut Settings, name: &str, text: &str) -> Result<(), String> {
        settings.set(name, text)
    }

    fn get(settings: &Settings, name: &str) -> String {
        settings.get(name)
    }

    fn caption(settings: &Settings) -> String {
        settings.caption()
    }

    fn speeds(settings: &Settings) -> Speeds {
        Speeds {
            near: settings.latency.clone(),
            far: settings.zone_latency.clone(),
            handling: settings.handling,
            disk: settings.disk.clone(),
        }
    }

    fn told(ret: &Done) -> Told<'_> {
        Told { ret: &ret.ret, wrote: ret.wrote, beside: ret.beside.as_deref().unwrap_or(&[]) }
    }

    fn kind(number: u8) -> FlightKind {
        super::message::Kind::on_stage(number)
    }

    fn label(msg: &Msg) -> String {
        msg.label()
    }

    fn note(note: &Note, who: NodeId) -> (String, NoteMark) {
        (note.text(who), note.mark())
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Flush => None,
            _ => Some(timer.name()),
        }
    }

    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        super::moments::moments(sim, out);
    }

    fn patience(settings: &Settings) -> Span {
        super::moments::patience(settings)
    }

    fn open_to(sim: &Sim<Self>) -> Vec<NodeId> {
        super::moments::open_to(sim)
    }

    fn can_promote(sim: &Sim<Self>, node: NodeId) -> Result<(), String> {
        if node.is_client() || !sim.has(node) {
            return Err(format!("{node} is no server here"));
        }
        match server(sim, node) {
            None => Err(format!("{node} is down; restart it first")),
            Some(_) if sim.node(node).is_paused() => Err(format!("{node} is paused; resume it first")),
            Some(server) if server.is_leader() => Err(format!("{node} leads already")),
            Some(_) => Ok(()),
        }
    }

    fn promote(sim: &mut Sim<Self>, node: NodeId) {
        let newest = ids(sim).map(|id| disk(sim, id).newest_epoch()).max().unwrap_or(0);
        let epoch = match sim.settings().election {
            super::settings::Election::Majority => newest + 1,
            super::settings::Election::Alone => super::office::own_epoch_after(newest, node, sim.servers().into()),
        };
        sim.command(node, |state, cx| {
            if let Replicated::Server(server) = state {
                server.elect(epoch, cx);
            }
        });
    }

    fn watch(watch: &mut Watch, sim: &Sim<Self>, tally: &Tally, news: &News<'_, Self>) {
        watch.follow(sim, tally, news);
    }

    fn is_serving(watch: &Watch) -> bool {
        watch.serving
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        draw(live, node, view);
    }

    fn server_of(client: &Self) -> Option<NodeId> {
        match client {
            Replicated::Client(client) => Some(client.leader),
            Replicated::Server(_) => None,
        }
    }

    fn facts(live: &Live<Self>, out: &mut Facts) {
        super::facts::facts(live, out);
    }

    fn replicas(live: &Live<Self>) -> Replicas {
        super::copies::replicas(live)
    }
}

fn draw(live: &Live<Replicated>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    view.epoch = Some(disk(sim, id).epoch);
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
    }
    let log = row("log", disk(sim, id).last().to_string(), Tone::Plain);
    if let Some(Role::Leader(lead)) = server(sim, id).map(|server| &server.role) {
        view.rows.push(log);
        view.rows.extend(lead.peers.iter().map(|peer| row(&peer.id.to_string(), format!("at {}", peer.matched), Tone::Plain)));
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
    let theirs = newest.filter(|leader| *leader != id).and_then(|leader| disk(sim, leader).get(cell.index));
    let parted = theirs.is_some_and(|entry| entry.request() != Some(cell.request));
    let acked = live.tally().newest(&key.into());
    let older = acked.is_some_and(|acked| {
        let own = live.tally().acked.get(&cell.request.0);
        acked.request != cell.request && own.is_some_and(|own| own.event < acked.call)
    });
    let tone = match (parted, older) {
        (true, _) => Tone::Conflict,
        (_, true) => Tone::Stale,
        _ => Tone::Plain,
    };
    row(key, cell.value.to_string(), tone)
}
