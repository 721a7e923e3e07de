//! The cluster on the stage: tiers from left to right, flows between them, queues and workers inside.

use crate::cluster::kit::settings::Takes;
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Entry, FlowView, Knob, Layout, Mark, NodeView, Panel, Queue, Row, Scene, Station, Stops, Table, TableRow, Tone,
};
use crate::sim::id::NodeId;
use crate::sim::protocol::Wire;
use crate::sim::time::Time;

use super::facts::apps;
use super::message::KINDS;
use super::pool::Part;
use super::settings::{Balancing, DATABASE, FRONT, is_app, name};
use super::{Settings, Traffic, front};

/// With more requests a second than this, ways are drawn as flows; with fewer, every message by itself.
const SINGLE_MAX: f64 = 20.0;

/// A server: its role, and workers with their line where it has them.
pub(super) fn server(live: &Live<Traffic>, id: NodeId, view: &mut NodeView) {
    view.word = match id {
        FRONT => "balancer",
        DATABASE => "database",
        _ => "server",
    };
    if id == FRONT {
        let retrying = front(live.sim()).map_or(0, |front| front.retrying);
        if retrying > 0 {
            view.rows.push(Row::new("retries", retrying.to_string(), Tone::Stale));
        }
    }
    if id == DATABASE || is_app(id) {
        view.station = Some(workers(live, id));
    }
    if is_app(id) {
        view.rows.extend(belief(live, id));
    }
}

/// What the front believes of a server, where it is not that all is well.
fn belief(live: &Live<Traffic>, id: NodeId) -> Option<Row> {
    let front = front(live.sim())?;
    let Some(at) = front.pool.find(id) else { return Some(Row::new("lb", "taken out", Tone::Quiet)) };
    let backend = &front.pool.backends[at];
    let (says, tone) = match backend.part {
        Part::Starts(_) => ("starts", Tone::Quiet),
        Part::Drains => ("drains", Tone::Stale),
        Part::Serves if !backend.healthy => ("out: missed its checks", Tone::Bad),
        Part::Serves | Part::Gone => return None,
    };
    Some(Row::new("lb", says, tone))
}

fn workers(live: &Live<Traffic>, id: NodeId) -> Station {
    let (station, counted) = (live.sim().line(id), live.sim().queueing(id));
    let mut queue = Queue { limit: Some(station.station().queue), ..Queue::default() };
    for held in station.waiting() {
        queue.push(Mark::Message(KINDS[usize::from(held.msg.kind())].sign), Tone::Plain);
    }
    queue.oldest = station.waiting().next().map(|held| live.sim().now().since(held.since));
    queue.refused = live.watched().server(id).failed.per_second(live.sim().now());
    Station { workers: counted.workers, busy: counted.serving, load: Some(live.watched().busy(live.sim(), id)), queue }
}

/// Everything beside servers, clients and single messages.
pub(super) fn stage(live: &Live<Traffic>, at: Time, out: &mut Scene) {
    let settings = live.sim().settings();
    let apps: Vec<NodeId> = apps(live).collect();
    let mut tiers = vec![vec![FRONT], apps.clone()];
    if settings.database {
        tiers.push(vec![DATABASE]);
    }
    out.layout = Layout::Tiers(tiers);
    users(live, at, out);
    out.links.retain(|link| link.cut_ab || link.cut_ba || !link.note.is_empty() || is_way(settings, link.a, link.b));
    if live.watched().offered.per_second(at) > SINGLE_MAX {
        flows(live, &apps, at, out);
        out.flights.clear();
    }
    out.panels.push(Panel::new("servers", Body::Table(table(live, &apps, at))));
    out.knobs.push(Knob::setting("balancing", Balancing::write(&settings.balancing), Stops::words(Balancing::WORDS)));
    out.knobs.push(Knob::setting("workers", settings.workers.to_string(), Stops::numbers(1..=16)));
}

/// Whether requests go between these two.
fn is_way(settings: &Settings, a: NodeId, b: NodeId) -> bool {
    let is_at = |tier: fn(NodeId) -> bool, other: fn(NodeId) -> bool| (tier(a) && other(b)) || (tier(b) && other(a));
    let is_front = |id| id == FRONT;
    is_at(is_front, is_app) || is_at(NodeId::is_client, is_front) || (settings.database && is_at(is_app, |id| id == DATABASE))
}

/// One client stands for all users.
fn users(live: &Live<Traffic>, at: Time, out: &mut Scene) {
    let seen = live.watched();
    let one = out.clients.len() == 1;
    for client in &mut out.clients {
        if one {
            client.name = "users".into();
            client.rows.push(Row::new("", rate(seen.offered.per_second(at)), Tone::Plain));
            client.rows.push(Row::new("", rate(seen.good.per_second(at)), Tone::Good));
            let bad = seen.bad.per_second(at);
            if bad > 0.0 {
                client.rows.push(Row::new("", rate(bad), Tone::Bad));
            }
        }
        client.server = Some(FRONT);
    }
}

fn rate(per_second: f64) -> String {
    format!("{per_second:.0}/s")
}

/// Requests as flows: in their direction only.
fn flows(live: &Live<Traffic>, apps: &[NodeId], at: Time, out: &mut Scene) {
    let seen = live.watched();
    let flow = |from, to, rate: f64, bad: f64| FlowView {
        from,
        to,
        rate,
        errors: if rate > 0.0 { (bad / rate).min(1.0) } else { 0.0 },
        sample: None,
        note: String::new(),
    };
    for client in &out.clients {
        out.flows.push(flow(client.id, FRONT, seen.offered.per_second(at), seen.bad.per_second(at)));
    }
    for id in apps {
        let server = seen.server(*id);
        out.flows.push(flow(FRONT, *id, server.given.per_second(at), server.failed.per_second(at)));
        if live.sim().settings().database {
            out.flows.push(flow(*id, DATABASE, server.served.per_second(at), 0.0));
        }
    }
}

/// The servers side by side, in numbers.
fn table(live: &Live<Traffic>, apps: &[NodeId], at: Time) -> Table {
    let seen = live.watched();
    let row = |id: &NodeId| {
        let (server, busy) = (seen.server(*id), seen.busy(live.sim(), *id));
        let (errors, waiting) = (server.failed.per_second(at), live.sim().queueing(*id).waiting);
        let tone = |is_bad| if is_bad { Tone::Bad } else { Tone::Plain };
        let entries = vec![
            Entry::new(name(*id), Tone::Plain),
            Entry::new(rate(server.given.per_second(at)), Tone::Plain),
            Entry::new(format!("{:.0} %", busy * 100.0), if busy > 0.9 { Tone::Stale } else { Tone::Plain }),
            Entry::new(waiting.to_string(), Tone::Plain),
            Entry::new(rate(errors), tone(errors > 0.0)),
        ];
        TableRow { entries, bar: Some(busy), marked: false, node: Some(*id) }
    };
    let headings = ["server", "rate", "busy", "waits", "errors"].map(String::from).into();
    Table { headings, rows: apps.iter().map(row).collect() }
}
