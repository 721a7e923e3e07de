//! How proxies look: under each hop what it sees and what it does not, beside the stage the same as a table, and what the caches keep.

use std::net::IpAddr;

use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{Body, Entry, Knob, Layout, LinkView, NodeView, Panel, Row, Scene, Stops, Table, TableRow, Tone};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::Proxied;
use super::facts::proxy;
use super::message::Ticket;
use super::moments::pool_part;
use super::places::{EDGE, FORWARD, REVERSE, inside, is_app, is_in_office, is_proxy, name, outside};
use super::pool::apps;
use super::settings::{Blocked, ForwardAdds, Settings, Trusts};
use super::shelf;
use super::sight::hidden_from;
use super::watch::{Last, SITES};

type One = Live<Proxied>;

/// The most rows of what is kept.
const KEPT: usize = 8;

/// The word and rows of a server.
pub(super) fn draw(live: &One, id: NodeId, view: &mut NodeView) {
    view.word = match id {
        _ if is_proxy(id) => "proxy",
        _ if is_app(id) => "backend",
        _ => "site",
    };
    if let Some(part) = pool_part(live.sim(), id).and_then(super::pool::Part::word) {
        view.rows.push(Row::new("", part, Tone::Stale));
    }
    if let Some(last) = live.watched().sights.get(&id) {
        view.rows.extend(sees(live.sim().settings(), last));
    }
    if let Some(proxy) = proxy(live.sim(), id).filter(|proxy| proxy.shelf.len() > 0) {
        view.rows.push(Row::new("keeps", proxy.shelf.len().to_string(), Tone::Plain));
    }
    let release = live.sim().node(id).store().current().release;
    if is_app(id) && release > 0 {
        view.rows.push(Row::new("release", format!("v{}", release + 1), Tone::Quiet));
    }
}

/// What a hop saw of the last message, and what not.
fn sees(settings: &Settings, last: &Last) -> Vec<Row> {
    let sight = &last.sight;
    let mut rows = vec![Row::new("sees", sight.peer.to_string(), Tone::Plain), Row::new("", sight.asked(), Tone::Plain)];
    let who = sight.who();
    rows.extend((!who.is_empty()).then(|| Row::new("told", who, Tone::Plain)));
    let not = not_seen(settings, last);
    rows.extend((!not.is_empty()).then(|| Row::new("not", not, Tone::Quiet)));
    rows
}

/// What a hop cannot see of the last message.
fn not_seen(settings: &Settings, last: &Last) -> String {
    let Some(request) = &last.request else { return String::new() };
    hidden_from(&last.sight, &request.url, &own(&request.ticket, settings), true).join(", ")
}

/// The addresses that are the client's and nobody else's.
fn own(ticket: &Ticket, settings: &Settings) -> [IpAddr; 2] {
    [inside(ticket.client, settings), outside(ticket.client, settings)]
}

/// The tiers, who sees whom, what is kept, and the settings worth turning.
pub(super) fn panels(live: &One, at: Time, out: &mut Scene) {
    let settings = live.sim().settings();
    let backends: Vec<NodeId> = apps(live.sim().servers()).filter(|id| live.sim().has(*id)).collect();
    let tiers = if settings.edge {
        vec![vec![FORWARD], [&SITES[..], &[EDGE]].concat(), vec![REVERSE], backends]
    } else {
        vec![vec![FORWARD], [&SITES[..], &[REVERSE]].concat(), backends]
    };
    wires(live, out);
    out.panels.push(Panel::new("who sees whom", Body::Table(hops(live, &tiers))));
    out.panels.push(Panel::new("kept", Body::Table(kept(live, at))));
    out.layout = Layout::Tiers(tiers);
    let knob = |name, stops| Knob::setting(name, settings.get(name), stops);
    out.knobs.extend([
        knob("blocked", Stops::words(Blocked::WORDS)),
        knob("forward-adds", Stops::words(ForwardAdds::WORDS)),
        knob("trust", Stops::words(Trusts::WORDS)),
    ]);
}

/// The wires that requests go: the office by its proxy, who is outside by itself, and to the backends only the shop's proxy. Others are
/// there where something is wrong with them.
fn wires(live: &One, out: &mut Scene) {
    let (sim, settings) = (live.sim(), live.sim().settings());
    let outermost = if settings.edge { EDGE } else { REVERSE };
    let public = || SITES.into_iter().chain([outermost]);
    let clients = (0..sim.clients()).map(NodeId::client).flat_map(|id| {
        let office = is_in_office(id, usize::from(sim.clients()), settings);
        public().filter(move |_| !office).chain(office.then_some(FORWARD)).map(move |hop| (hop, id))
    });
    let servers = public().map(|hop| (FORWARD, hop)).chain(settings.edge.then_some((REVERSE, EDGE)));
    let backends = apps(sim.servers()).filter(|id| sim.has(*id)).map(|app| (REVERSE, app));
    let ways: Vec<(NodeId, NodeId)> = clients.chain(servers).chain(backends).collect();
    let network = sim.network();
    out.links.retain(|link| link.cut_ab || link.cut_ba || !link.note.is_empty());
    for (a, b) in ways {
        if !out.links.iter().any(|link| (link.a, link.b) == (a, b)) {
            out.links.push(LinkView { a, b, cut_ab: network.is_cut(a, b), cut_ba: network.is_cut(b, a), note: String::new() });
        }
    }
}

/// Each hop that was reached: by whom, for what, and what it does not see.
fn hops(live: &One, tiers: &[Vec<NodeId>]) -> Table {
    let settings = live.sim().settings();
    let row = |id: NodeId| {
        let last = live.watched().sights.get(&id)?;
        let who = last.sight.who();
        let not = not_seen(settings, last);
        let texts = [name(id), last.sight.peer.to_string(), last.sight.asked()];
        let mut entries: Vec<Entry> = texts.into_iter().map(|text| Entry::new(text, Tone::Plain)).collect();
        entries.extend([Entry::from_right(who, Tone::Plain), Entry::new(not, Tone::Quiet)]);
        Some(TableRow { entries, node: Some(id), ..TableRow::default() })
    };
    let rows = tiers.iter().flatten().filter_map(|id| row(*id)).collect();
    Table { headings: ["hop", "sees", "asked for", "told", "not"].map(String::from).into(), rows, more: 0 }
}

/// What the caches keep: how old it is, and for how long it is fresh.
fn kept(live: &One, at: Time) -> Table {
    let sim = live.sim();
    let row = |id: NodeId, entry: &shelf::Entry| {
        let age = entry.age(sim.node(id).clock().steady(at));
        let is_stale = age >= entry.lifetime;
        let seconds = |ns: u64| format!("{:.1} s", Span(ns).as_ms() / 1000.0);
        let texts = [name(id), entry.url.to_string(), seconds(age), seconds(entry.lifetime), entry.first.to_string()];
        let mut entries: Vec<Entry> = texts.into_iter().map(|text| Entry::new(text, Tone::Plain)).collect();
        entries[2].tone = if is_stale { Tone::Stale } else { Tone::Good };
        TableRow { entries, ..TableRow::default() }
    };
    let of = |id: NodeId| proxy(sim, id).into_iter().flat_map(move |proxy| proxy.shelf.iter().map(move |entry| row(id, entry)));
    let rows = sim.server_ids().filter(|id| is_proxy(*id)).flat_map(of).take(KEPT).collect();
    Table { headings: ["by", "page", "age", "fresh for", "made for"].map(String::from).into(), rows, more: 0 }
}
