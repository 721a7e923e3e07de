//! Each centre's copy of the same rows side by side, what is different about it, and the streams between the centres.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::live::Live;
use crate::cluster::scene::{Body, Entry, Knob, NodeView, Panel, Row, Scene, Shape, Stops, Table, TableRow, Tone};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::change::Change;
use super::look::{disk, keys, lacking, leader, running, servers, streams};
use super::settings::Policy;
use super::{MultiLeader, row};

/// The rows of one server: the row that was changed last stands first, the others in the order of their keys, so that the same row is
/// at the same height everywhere.
pub(super) fn draw(live: &Live<MultiLeader>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    (view.shape, view.word) = (Shape::Leader, "leader");
    let all = keys(sim);
    let newest = live.watched().last.clone().filter(|key| all.contains(key));
    let others = all.iter().filter(|key| Some(*key) != newest.as_ref());
    for key in newest.iter().chain(others) {
        view.rows.push(row_of(sim, id, key));
    }
    let waiting = leader(sim, id).map_or(0, |leader| leader.streams.waiting.len());
    if waiting > 0 {
        view.rows.push(Row::new("held back", waiting.to_string(), Tone::Stale));
    }
}

/// A row of the picture: its value and version, and how it is to be seen beside the others'.
fn row_of(sim: &Sim<MultiLeader>, id: NodeId, key: &Key) -> Row {
    let held = disk(sim, id).row(key);
    let value = held.value(sim.settings().rule()).map_or_else(|| "-".to_string(), |value| value.to_string());
    Row::new(key.to_string(), format!("{value} {}", version(sim, &held)).trim_end().to_string(), tone(sim, id, key, &held))
}

/// The version of a row: what it has seen of each leader, in their order.
fn version(sim: &Sim<MultiLeader>, held: &row::Row) -> String {
    let seen = held.context();
    let counts: Vec<String> = servers(sim).map(|id| seen.counter(id).to_string()).collect();
    if held.writes().next().is_none() { String::new() } else { format!("[{}]", counts.join(" ")) }
}

/// Conflict: it has siblings, or differs from another copy though neither will hear of anything new. Stale: a change that another copy
/// has is still to come.
fn tone(sim: &Sim<MultiLeader>, id: NodeId, key: &Key, held: &Arc<row::Row>) -> Tone {
    let rule = sim.settings().rule();
    if held.siblings() > 1 && rule.policy != Policy::Merge {
        return Tone::Conflict;
    }
    let differs = |other: &NodeId| *other != id && disk(sim, *other).row(key).value(rule) != held.value(rule);
    let others: Vec<NodeId> = running(sim).filter(differs).collect();
    let is_beside = |other: &NodeId| disk(sim, *other).row(key).writes().any(|theirs| held.writes().any(|mine| mine.is_beside(theirs)));
    if others.iter().any(is_beside) {
        return Tone::Conflict;
    }
    let lacks = |change: &Arc<Change>| !disk(sim, id).seen.covers(change.dot);
    let is_newer = |other: &NodeId| disk(sim, *other).row(key).writes().any(lacks);
    match others.iter().any(is_newer) {
        true => Tone::Stale,
        false if others.iter().any(|other| disk(sim, *other).seen.compare(&disk(sim, id).seen) == Some(std::cmp::Ordering::Greater)) => {
            Tone::Stale
        }
        false => Tone::Plain,
    }
}

/// The streams: how far behind each receiver is, and what it is to get next.
fn streams_of(live: &Live<MultiLeader>) -> Table {
    let sim = live.sim();
    let rows = streams(sim).into_iter().map(|way| {
        let behind = lacking(sim, way);
        let next = next_of(sim, way).map_or_else(String::new, |change| change.label());
        let tone = if behind > 0 { Tone::Stale } else { Tone::Plain };
        let name = format!("{} ▸ {}", place(sim, way.0), place(sim, way.1));
        TableRow {
            entries: vec![Entry::new(name, Tone::Plain), Entry::new(behind.to_string(), tone), Entry::new(next, Tone::Plain)],
            bar: None,
            marked: false,
            node: Some(way.1),
        }
    });
    Table { headings: ["stream", "behind", "next"].map(str::to_string).to_vec(), rows: rows.collect() }
}

/// The first change that a stream is still to bring.
fn next_of(sim: &Sim<MultiLeader>, (from, to): (NodeId, NodeId)) -> Option<Arc<Change>> {
    let topology = sim.settings().topology;
    let lacks = |change: &&Arc<Change>| topology.carries(from, to, change.dot.actor) && !disk(sim, to).seen.covers(change.dot);
    let behind = lacking(sim, (from, to)) as usize;
    // What is lacking stands near the end of the log.
    disk(sim, from).log.iter().rev().filter(lacks).take(behind).last().cloned()
}

/// The name of a server's data centre, or its own.
fn place(sim: &Sim<MultiLeader>, id: NodeId) -> String {
    let map = sim.network().map();
    map.names.get(map.zone(id)).cloned().unwrap_or_else(|| id.to_string())
}

/// How the streams are.
pub(super) fn streams_panel(live: &Live<MultiLeader>, out: &mut Scene) {
    out.panels.push(Panel::new("streams", Body::Table(streams_of(live))));
}

/// The settings worth turning.
pub(super) fn knobs(live: &Live<MultiLeader>, out: &mut Scene) {
    let value = |name: &str| crate::cluster::kit::settings::Declared::get(live.sim().settings(), name);
    let knob = |name: &str, stops: &[&str]| Knob::setting(name, value(name), Stops::words(stops));
    out.knobs.push(knob("policy", &["arrival", "avoid", "lww", "siblings", "merge", "crdt"]));
    out.knobs.push(knob("topology", &["all-to-all", "ring", "star"]));
}
