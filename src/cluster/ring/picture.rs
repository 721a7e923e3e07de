//! How the cluster looks: the circle of hashes, or the ranges as one bar; what the last change moved; how much each node has and does.

use std::collections::BTreeMap;

use crate::algo::partition::ranges::Ranges;
use crate::algo::partition::ring::Ring as Circle;
use crate::algo::partition::table::Rule;
use crate::check::operation::Key;
use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Entry, Knob, Layout, NodeView, Owner, Panel, Ring as Figure, RingKey, Row, Scene, Shape, Stops, Table, TableRow, Token, Tone,
};
use crate::sim::id::NodeId;

use super::Ring;
use super::look::{disk, moving, node};
use super::map::Map;
use super::message::Purpose;
use super::note::word;
use super::settings::{Scheme, Settings, counted};

/// Up to so many keys are seen one by one.
const KEYS_MAX: usize = 2_000;
/// Up to so many tokens before and after a change, arcs that moved are looked for at every frame.
const TOKENS_MAX: usize = 8_192;
/// A node that has or does more than this many times the mean stands out.
const TOO_MUCH: f64 = 1.25;
/// The whole circle.
const CIRCLE: f64 = 18_446_744_073_709_551_616.0;

/// The rows of a server.
pub(super) fn draw(live: &Live<Ring>, id: NodeId, view: &mut NodeView) {
    let (sim, watch) = (live.sim(), live.watched());
    let disk = disk(sim, id);
    let is_member = watch.map.as_ref().is_some_and(|map| map.has(id));
    (view.word, view.epoch) = (if is_member { "member" } else { "no member" }, Some(u64::from(disk.working())));
    if !is_member || disk.waits() {
        view.shape = Shape::Candidate;
    }
    let held = watch.held.get(&id).copied().unwrap_or(0);
    view.rows.push(Row::new("keys", held.to_string(), Tone::Plain));
    view.rows.push(Row::new("asked", watch.load_of(id).to_string(), Tone::Plain));
    let gives = node(sim, id).into_iter().flat_map(|node| node.streams.iter());
    for ((to, purpose), stream) in gives {
        view.rows.push(Row::new(format!("to {to}"), format!("{} {}", stream.left(), word(*purpose)), Tone::Stale));
    }
    view.rows.extend(disk.waits().then(|| Row::new("awaits", names(disk.awaiting.iter().chain(&disk.asked)), Tone::Stale)));
    let waiting = node(sim, id).map_or(0, |node| node.parked.len());
    view.rows.extend((waiting > 0).then(|| Row::new("waiting", waiting.to_string(), Tone::Stale)));
}

fn names<'a>(all: impl Iterator<Item = &'a NodeId>) -> String {
    all.map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// The figure, the tables, and what is worth turning.
pub(super) fn panels(live: &Live<Ring>, out: &mut Scene) {
    let watch = live.watched();
    if let Some(map) = &watch.map {
        out.layout = Layout::Ring(figure(live, map));
        out.panels.push(Panel::new("nodes", Body::Table(nodes(live, map))));
        out.panels.push(Panel::new("change", Body::Table(change(live))));
    }
    knobs(live.sim().settings(), out);
}

fn figure(live: &Live<Ring>, map: &Map) -> Figure {
    let watch = live.watched();
    let rank: BTreeMap<NodeId, usize> = map.members().enumerate().map(|(rank, id)| (id, rank)).collect();
    let of = |node: u16| rank.get(&NodeId::server(node)).copied().unwrap_or(0);
    let keys: Vec<(&Key, NodeId)> = watch.keys.iter().take(KEYS_MAX).map(|(key, owner)| (key, *owner)).collect();
    let is_range = matches!(map.table.rule(), Rule::Range(_));
    let place = |at: usize, key: &str| if is_range { (at as f64 + 0.5) / keys.len().max(1) as f64 } else { map.place(key) as f64 / CIRCLE };
    let mut dots: Vec<RingKey> = keys
        .iter()
        .enumerate()
        .map(|(at, (key, owner))| RingKey { at: place(at, key), moved: watch.moved.shown.contains(*key), owner: rank.get(owner).copied() })
        .collect();
    dots.sort_by(|a, b| a.at.total_cmp(&b.at));
    let tokens = match map.table.rule() {
        Rule::Ring(circle) => circle.tokens().iter().map(|token| Token { at: token.at as f64 / CIRCLE, owner: of(token.node) }).collect(),
        Rule::Range(ranges) => bounds(ranges, &keys).into_iter().map(|(at, node)| Token { at, owner: of(node) }).collect(),
        _ => Vec::new(),
    };
    let came = |id: NodeId| watch.before.as_ref().is_some_and(|before| !before.has(id));
    let down = |node: NodeId| !live.sim().node(node).is_up();
    let owners = map.members().map(|node| Owner { node, name: node.to_string(), changed: came(node), down: down(node) }).collect();
    Figure { owners, tokens, keys: dots, moved: arcs(live, map, &keys), middle: middle(live, map), straight: is_range }
}

/// Where each range ends, as a share of the keys, and whose it is.
fn bounds(ranges: &Ranges, keys: &[(&Key, NodeId)]) -> Vec<(f64, u16)> {
    let before = |end: &Key| keys.partition_point(|(key, _)| *key < end) as f64 / keys.len().max(1) as f64;
    let end = |number: usize| ranges.end(number).map_or(1.0, before);
    ranges.all().iter().enumerate().map(|(number, range)| (end(number), range.node)).collect()
}

/// The arcs that changed their owner with the last change.
fn arcs(live: &Live<Ring>, map: &Map, keys: &[(&Key, NodeId)]) -> Vec<(f64, f64)> {
    let watch = live.watched();
    let Some(before) = &watch.before else { return Vec::new() };
    match (before.table.rule(), map.table.rule()) {
        (Rule::Ring(a), Rule::Ring(b)) if a.tokens().len() + b.tokens().len() <= TOKENS_MAX => between(a, b),
        (Rule::Range(_), Rule::Range(_)) => {
            let width = 1.0 / keys.len().max(1) as f64;
            let moved = keys.iter().enumerate().filter(|(_, (key, _))| watch.moved.shown.contains(*key));
            moved.map(|(at, _)| (at as f64 * width, (at + 1) as f64 * width)).collect()
        }
        _ => Vec::new(),
    }
}

fn between(before: &Circle, now: &Circle) -> Vec<(f64, f64)> {
    let cuts: Vec<(u64, u16, u16)> = before.against(now).collect();
    let ends = cuts.iter().map(|(end, ..)| *end);
    let starts = cuts.last().map(|(end, ..)| *end).into_iter().chain(ends);
    let moved = starts.zip(&cuts).filter(|(_, (_, had, has))| had != has);
    moved.map(|(start, (end, ..))| (start as f64 / CIRCLE, *end as f64 / CIRCLE)).collect()
}

/// A few lines on what the last change did.
fn middle(live: &Live<Ring>, map: &Map) -> Vec<String> {
    let watch = live.watched();
    let total = watch.keys.len();
    let Some(before) = &watch.before else {
        return vec![format!("{} on {}", counted(total, "key", "keys"), counted(map.members().count(), "node", "nodes"))];
    };
    let moved = watch.moved.keys;
    let percent = if total == 0 { 0.0 } else { moved as f64 * 100.0 / total as f64 };
    let to: Vec<&NodeId> = watch.moved.took.keys().collect();
    let whose = match to[..] {
        [] => String::new(),
        [one] => format!(", all to {one}"),
        _ => format!(", to {} nodes", to.len()),
    };
    let mut lines = vec![format!("{moved} of {total} moved"), format!("{percent:.0} %{whose}")];
    let (old, new) = (before.members().count(), map.members().count());
    lines.extend((old != new).then(|| format!("{old} ▸ {}", counted(new, "node", "nodes"))));
    let left = moving(live.sim());
    lines.extend((left > 0).then(|| format!("{left} to go")));
    lines
}

/// How many keys each node has, and how much it was asked.
fn nodes(live: &Live<Ring>, map: &Map) -> Table {
    let watch = live.watched();
    let all: Vec<(NodeId, usize, u64)> =
        map.members().map(|id| (id, watch.held.get(&id).copied().unwrap_or(0), watch.load_of(id))).collect();
    let mean = |sum: f64| sum / all.len().max(1) as f64;
    let (keys, asked) = (mean(all.iter().map(|(_, keys, _)| *keys as f64).sum()), mean(all.iter().map(|(.., asked)| *asked as f64).sum()));
    let tone = |x: f64, mean: f64| if x > mean * TOO_MUCH && x > 1.0 { Tone::Stale } else { Tone::Plain };
    let busy = asked > 0.0;
    let row = |(id, held, load): &(NodeId, usize, u64)| {
        // What the dead have is out of reach: no bar beside those of the living.
        let is_up = live.sim().node(*id).is_up();
        let (name, sign) = if is_up { (id.to_string(), Tone::Plain) } else { (format!("{id} down"), Tone::Bad) };
        let number = |text: String, tone: Tone| Entry::new(text, if is_up { tone } else { Tone::Quiet });
        TableRow {
            entries: vec![
                Entry::new(name, sign),
                Entry {
                    changed: watch.moved.took.contains_key(id) && moving(live.sim()) > 0,
                    ..number(held.to_string(), tone(*held as f64, keys))
                },
                number(load.to_string(), tone(*load as f64, asked)),
            ],
            bar: is_up.then_some(if busy { *load as f64 } else { *held as f64 }),
            marked: false,
            node: Some(*id),
        }
    };
    Table { headings: ["", "keys", "asked"].map(str::to_string).to_vec(), rows: all.iter().map(row).collect(), more: 0 }
}

/// What the last change moved, and what it cost.
fn change(live: &Live<Ring>) -> Table {
    let (watch, sim) = (live.watched(), live.sim());
    let row = |name: &str, text: String, tone: Tone| TableRow {
        entries: vec![Entry::new(name, Tone::Quiet), Entry::new(text, tone)],
        ..TableRow::default()
    };
    let bad = |n: u64| if n > 0 { Tone::Stale } else { Tone::Plain };
    let mut rows = vec![row("map", watch.map.as_ref().map_or(0, |map| map.version).to_string(), Tone::Plain)];
    if watch.before.is_some() {
        rows.push(row("moved", counted(watch.moved.keys, "key", "keys"), Tone::Plain));
        rows.push(row("between old nodes", watch.moved.between_old.to_string(), bad(watch.moved.between_old as u64)));
        rows.push(row("still to go", moving(sim).to_string(), bad(moving(sim) as u64)));
    }
    rows.push(row("misrouted", watch.counts.misrouted.to_string(), bad(watch.counts.misrouted)));
    rows.push(row("waited or refused", (watch.counts.waited + watch.counts.refused_moving).to_string(), bad(watch.counts.refused_moving)));
    if let Some((nodes, found)) = watch.last_query {
        rows.push(row(
            "last query",
            format!("{} of {}", counted(found, "key", "keys"), counted(nodes as usize, "node", "nodes")),
            Tone::Plain,
        ));
    }
    let gives = sim
        .server_ids()
        .filter_map(|id| node(sim, id))
        .flat_map(|node| node.streams.keys())
        .filter(|(_, purpose)| *purpose != Purpose::Give);
    let copies = gives.count();
    rows.extend((copies > 0).then(|| row("copies are made", format!("{copies} ways"), Tone::Stale)));
    Table { headings: Vec::new(), rows, more: 0 }
}

/// The settings worth turning.
fn knobs(settings: &Settings, out: &mut Scene) {
    out.knobs.push(Knob::setting("scheme", settings.get("scheme"), Stops::words(Scheme::WORDS)));
    out.knobs.push(Knob::setting(
        "tokens",
        settings.tokens.to_string(),
        Stops::range(&["1", "2", "4", "8", "16", "32", "64", "128", "256"]),
    ));
    out.knobs.push(Knob::setting("replicas", settings.replicas.to_string(), Stops::numbers(1..=5)));
}
