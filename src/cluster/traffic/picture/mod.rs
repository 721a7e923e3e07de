//! The cluster on the stage: tiers from left to right, flows between them, queues and workers inside.

mod flows;
mod node;

use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{Body, Entry, Gauge, Knob, Layout, Level, Panel, Row, Scene, Stops, Table, TableRow, Tone};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::facts::apps;
use super::followed::{Followed, Place};
use super::words::{Balancing, Sessions};
use super::{Settings, Traffic};

pub(super) use node::server;

/// With more requests a second than this, ways are drawn as flows; with fewer, every message by itself.
const SINGLE_MAX: f64 = 20.0;

/// Everything beside servers, clients and single messages.
pub(super) fn stage(live: &Live<Traffic>, at: Time, out: &mut Scene) {
    let settings = live.sim().settings();
    let tiers = flows::tiers(live);
    users(live, at, out);
    out.links.retain(|link| link.cut_ab || link.cut_ba || !link.note.is_empty() || flows::is_way(&tiers, link.a, link.b));
    flows::open_ways(&tiers, out);
    if settings.roster().has_extras() {
        let place = |id: NodeId| tiers.iter().position(|tier| tier.contains(&id)).unwrap_or(tiers.len());
        out.nodes.sort_by_key(|node| place(node.id));
    }
    out.layout = Layout::Tiers(tiers);
    if live.watched().served.offered.per_second(at) > SINGLE_MAX {
        flows::flows(live, at, out);
        out.flights.clear();
    }
    followed(live, out);
    out.panels.push(Panel::new("servers", Body::Table(table(live, at))));
    knobs(settings, out);
}

/// The request that is followed: among a flow while it is on its way, and what the time of the last one went into.
fn followed(live: &Live<Traffic>, out: &mut Scene) {
    let follows = &live.watched().follows;
    if let Some(now) = &follows.now {
        flows::sample(live, now, out);
        if let Place::Waits(at) | Place::Works(at) = now.place
            && let Some(view) = out.nodes.iter_mut().find(|view| view.id == at)
        {
            let says = if now.place == Place::Waits(at) { "waits" } else { "at work" };
            view.rows.push(Row::new(name(now), says, Tone::Plain));
        }
    }
    let says = follows.now.as_ref().map_or_else(|| "none is followed yet".to_string(), |now| format!("{} has not ended yet", name(now)));
    let none = || Gauge::Filled(Level { says, tone: Tone::Quiet, ..Level::default() });
    let gauge = follows.last.as_ref().map_or_else(none, |last| Gauge::Parts { name: name(last), parts: last.parts.clone() });
    out.panels.push(Panel::new("one request", Body::Gauges(vec![gauge])));
}

fn name(followed: &Followed) -> String {
    format!("#{}", followed.request.0)
}

/// One client stands for all users.
fn users(live: &Live<Traffic>, at: Time, out: &mut Scene) {
    let seen = live.watched();
    let one = out.clients.len() == 1;
    for client in &mut out.clients {
        if one {
            client.name = "users".into();
            client.rows.push(Row::new("", rate(seen.served.offered.per_second(at)), Tone::Plain));
            client.rows.push(Row::new("", rate(seen.served.good.per_second(at)), Tone::Good));
            let bad = seen.served.bad.per_second(at);
            if bad > 0.0 {
                client.rows.push(Row::new("", rate(bad), Tone::Bad));
            }
        }
        client.server = Some(flows::door(live, client.id));
    }
}

fn rate(per_second: f64) -> String {
    format!("{per_second:.0}/s")
}

/// The servers side by side, in numbers, and all of them as users see them.
fn table(live: &Live<Traffic>, at: Time) -> Table {
    let mut rows: Vec<TableRow> = apps(live).map(|id| row(live, id, at)).collect();
    let seen = live.watched();
    let bad = seen.served.bad.per_second(at);
    let entries = vec![
        Entry::new("users", Tone::Plain),
        Entry::new(rate(seen.served.offered.per_second(at)), Tone::Plain),
        Entry::new("", Tone::Plain),
        Entry::new("", Tone::Plain),
        Entry::new(p99(seen.served.response.permille(990)), Tone::Plain),
        Entry::new(rate(bad), if bad > 0.0 { Tone::Bad } else { Tone::Plain }),
    ];
    rows.push(TableRow { entries, ..TableRow::default() });
    Table { headings: ["server", "rate", "busy", "waits", "p99", "errors"].map(String::from).into(), rows, more: 0 }
}

fn row(live: &Live<Traffic>, id: NodeId, at: Time) -> TableRow {
    let seen = live.watched();
    let (server, busy) = (seen.server(id), seen.busy(live.sim(), id));
    let (errors, waiting) = (server.failed.per_second(at), live.sim().queueing(id).waiting);
    let entries = vec![
        Entry::new(live.sim().settings().name(id), Tone::Plain),
        Entry::new(rate(server.given.per_second(at)), Tone::Plain),
        Entry::new(format!("{:.0} %", busy * 100.0), if busy > 0.9 { Tone::Stale } else { Tone::Plain }),
        Entry::new(waiting.to_string(), Tone::Plain),
        Entry::new(p99(seen.laps_of(id).and_then(|laps| laps.permille(990))), Tone::Plain),
        Entry::new(rate(errors), if errors > 0.0 { Tone::Bad } else { Tone::Plain }),
    ];
    TableRow { entries, bar: Some(busy), marked: false, node: Some(id) }
}

/// The 99th percentile of the last second.
fn p99(span: Option<Span>) -> String {
    span.map_or_else(String::new, |span| format!("{:.0} ms", span.as_ms()))
}

/// The settings that are worth turning, by what is there.
fn knobs(settings: &Settings, out: &mut Scene) {
    let mut knob = |name: &str, stops| out.knobs.push(Knob::setting(name, settings.get(name), stops));
    knob("balancing", Stops::words(Balancing::WORDS));
    knob("workers", Stops::numbers(1..=16));
    if settings.link.is_some() {
        knob("compression", Stops::numbers(1..=10));
        knob("links", Stops::numbers(1..=4));
    }
    if settings.sessions != Sessions::None {
        knob("sessions", Stops::words(Sessions::WORDS));
    }
    if settings.database {
        knob("replicas", Stops::numbers(0..=9));
        knob("shards", Stops::numbers(1..=9));
    }
}
