//! A server on the stage: what it is, workers with their line, and what is worth a row.

use crate::cluster::live::Labelled as _;
use crate::cluster::live::Live;
use crate::cluster::scene::{Mark, NodeView, Queue, Row, Station, Tone};
use crate::sim::id::NodeId;
use crate::sim::protocol::Wire;
use crate::sim::time::Span;

use super::super::message::Msg;
use super::super::pool::{Backend, Part};
use super::super::roster::Role;
use super::super::tiers::lag;
use super::super::words::Sessions;
use super::super::{Traffic, front};

/// A replica that is further behind than this is drawn as old.
const OLD: Span = Span::ms(100);

/// A server: its role, and workers with their line where it has them.
pub(in super::super) fn server(live: &Live<Traffic>, id: NodeId, view: &mut NodeView) {
    let role = live.sim().settings().roster().role(id);
    view.word = match role {
        Role::Front => "balancer",
        Role::App(_) => "server",
        Role::Edge { .. } => "cache near users",
        Role::Link => "link",
        Role::Store => "store",
        Role::Cache => "cache",
        Role::Db { copy: 0, .. } => "database",
        Role::Db { .. } => "replica",
    };
    match role {
        Role::Front => of_front(live, view),
        Role::App(_) => of_app(live, id, view),
        Role::Edge { .. } | Role::Cache => view.rows.extend(hits(live, &[id])),
        Role::Link => of_link(live, id, view),
        Role::Store => view.rows.extend(sessions(live, id)),
        Role::Db { .. } => of_database(live, id, view),
    }
    if !matches!(role, Role::Front | Role::Edge { .. }) {
        view.station = Some(workers(live, id));
    }
}

fn of_front(live: &Live<Traffic>, view: &mut NodeView) {
    let Some(front) = front(live.sim()) else { return };
    let mut row = |label: &str, value: String, tone| view.rows.push(Row::new(label, value, tone));
    if front.retrying > 0 {
        row("retries", front.retrying.to_string(), Tone::Stale);
    }
    if !front.later.is_empty() {
        row("to retry", front.later.len().to_string(), Tone::Quiet);
    }
    if front.deploy.is_some() {
        row("deploys", format!("{} old", front.old()), Tone::Stale);
    }
    let serve: Vec<&Backend> = front.pool.there().filter(|backend| backend.part == Part::Serves).collect();
    let out = serve.iter().filter(|backend| !backend.healthy).count();
    if out > 0 && front.pool.is_blind(live.sim().settings()) {
        row("", "believes no check".into(), Tone::Stale);
    } else if out > 0 && out == serve.len() {
        row("", "knows nobody".into(), Tone::Bad);
    }
}

fn of_app(live: &Live<Traffic>, id: NodeId, view: &mut NodeView) {
    view.rows.extend(belief(live, id));
    let settings = live.sim().settings();
    if settings.sessions == Sessions::Local {
        view.rows.extend(sessions(live, id));
    }
    if settings.size(id) > 1 {
        view.rows.push(Row::new("size", settings.size(id).to_string(), Tone::Quiet));
    }
    if let Some(backend) = backend(live, id).filter(|_| front(live.sim()).is_some_and(|front| front.version > 0)) {
        view.rows.push(Row::new("version", backend.version.to_string(), Tone::Quiet));
    }
}

fn backend(live: &Live<Traffic>, id: NodeId) -> Option<&Backend> {
    let pool = &front(live.sim())?.pool;
    pool.find(id).map(|at| &pool.backends[at])
}

/// What the front believes of a server, where it is not that all is well.
fn belief(live: &Live<Traffic>, id: NodeId) -> Option<Row> {
    front(live.sim())?;
    let Some(backend) = backend(live, id) else { return Some(Row::new("lb", "taken out", Tone::Quiet)) };
    let (says, tone) = match backend.part {
        Part::Starts(_) => ("starts", Tone::Quiet),
        Part::Drains => ("drains", Tone::Stale),
        Part::Serves if !backend.healthy => ("out: missed its checks", Tone::Bad),
        Part::Serves | Part::Gone => return None,
    };
    Some(Row::new("lb", says, tone))
}

fn of_link(live: &Live<Traffic>, id: NodeId, view: &mut NodeView) {
    let settings = live.sim().settings();
    let whole = settings.link.unwrap_or_default() as f64 * f64::from(settings.links) / 1e6;
    let busy = live.watched().busy(live.sim(), id);
    let tone = if busy > 0.9 { Tone::Stale } else { Tone::Plain };
    view.rows.push(Row::new("MB/s", format!("{:.0} of {whole:.0}", busy * whole), tone));
    let dropped = live.sim().queueing(id).rejected;
    if dropped > 0 {
        view.rows.push(Row::new("dropped", dropped.to_string(), Tone::Bad));
    }
}

fn of_database(live: &Live<Traffic>, id: NodeId, view: &mut NodeView) {
    let settings = live.sim().settings();
    if !settings.database {
        return;
    }
    if let Some(lag) = lag(live, id) {
        view.rows.push(Row::new("lag", rounded(lag), if lag > OLD { Tone::Stale } else { Tone::Plain }));
    }
    let (tier, now) = (live.watched().tiers.of(id), live.sim().now());
    let (reads, writes) = (tier.reads.per_second(now), tier.writes.per_second(now));
    if reads > 0.0 || writes > 0.0 {
        view.rows.push(Row::new("reads", format!("{reads:.0}/s"), Tone::Plain));
    }
    if writes > 0.0 {
        view.rows.push(Row::new("writes", format!("{writes:.0}/s"), Tone::Plain));
    }
}

/// A length of time that is looked at, not reckoned with.
fn rounded(span: Span) -> String {
    match span.as_ms() {
        ms if ms >= 1000.0 => format!("{:.1} s", ms / 1000.0),
        ms => format!("{ms:.0} ms"),
    }
}

fn hits(live: &Live<Traffic>, caches: &[NodeId]) -> Option<Row> {
    let share = live.watched().tiers.hits(caches, live.sim().now())?;
    Some(Row::new("hits", format!("{:.0} %", share * 100.0), Tone::Plain))
}

fn sessions(live: &Live<Traffic>, id: NodeId) -> Option<Row> {
    let count = match live.sim().node(id).state()? {
        Traffic::Server(server) => server.memory.len(),
        Traffic::Store(memory) => memory.len(),
        _ => return None,
    };
    Some(Row::new("sessions", count.to_string(), Tone::Plain))
}

fn workers(live: &Live<Traffic>, id: NodeId) -> Station {
    let (station, counted) = (live.sim().line(id), live.sim().queueing(id));
    let mut queue = Queue { limit: Some(station.station().queue), ..Queue::default() };
    for held in station.waiting() {
        queue.push(Mark::Message(Msg::on_stage(held.msg.kind()).sign), Tone::Plain);
    }
    queue.oldest = station.waiting().next().map(|held| live.sim().now().since(held.since));
    queue.refused = live.watched().server(id).failed.per_second(live.sim().now());
    Station { workers: counted.workers, busy: counted.serving, load: Some(live.watched().busy(live.sim(), id)), queue }
}
