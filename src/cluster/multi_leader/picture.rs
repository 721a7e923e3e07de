//! Each centre's copy of the same rows side by side, what is different about it, and the streams between the centres.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::live::Live;
use crate::cluster::scene::{Body, Entry, Knob, Layout, NodeView, Panel, Row, Scene, Shape, Stops, Table, TableRow, Tone};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::change::Change;
use super::look::{disk, keys, lacking, leader, running, servers, streams};
use super::settings::Policy;
use super::{MultiLeader, row};

/// The rows of one server in the order of their keys, those that it does not have too, so that the same row is at the same height
/// everywhere; and of the row that was changed last its version.
pub(super) fn draw(live: &Live<MultiLeader>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    (view.shape, view.word) = (Shape::Leader, "leader");
    let rows = keys(sim);
    view.rows.extend(rows.iter().map(|key| row_of(sim, id, key)));
    let waiting = leader(sim, id).map_or(0, |leader| leader.streams.waiting.len());
    if waiting > 0 {
        view.rows.push(Row::new("held back", waiting.to_string(), Tone::Stale));
    }
    let has_version = |key: &&Key| servers(sim).any(|id| disk(sim, id).row(key).writes().next().is_some());
    if let Some(key) = live.watched().last.as_ref().filter(has_version) {
        let label = if rows.len() == 1 { "version".to_string() } else { format!("v. of {key}") };
        view.rows.push(Row::new(label, version(sim, &disk(sim, id).row(key)), Tone::Quiet));
    }
}

/// A row of the picture: its value, and how it is to be seen beside the others'.
fn row_of(sim: &Sim<MultiLeader>, id: NodeId, key: &Key) -> Row {
    let held = disk(sim, id).row(key);
    let value = held.value(sim.settings().rule()).map_or_else(|| "-".to_string(), |value| value.to_string());
    Row::new(key.to_string(), value, tone(sim, id, key, &held))
}

/// The version of a row: what it has seen of each leader, in their order.
fn version(sim: &Sim<MultiLeader>, held: &row::Row) -> String {
    let seen = held.context();
    let counts: Vec<String> = servers(sim).map(|id| seen.upto().counter(id).to_string()).collect();
    if held.writes().next().is_none() { "-".to_string() } else { format!("[{}]", counts.join(" ")) }
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
    let is_ahead = |other: &NodeId| disk(sim, *other).seen.compare(&disk(sim, id).seen) == Some(Ordering::Greater);
    if others.iter().any(|other| is_newer(other) || is_ahead(other)) { Tone::Stale } else { Tone::Plain }
}

/// From whom to whom: how many changes the receiver is behind, and the first of them.
fn streams_of(live: &Live<MultiLeader>) -> Table {
    let sim = live.sim();
    let all = streams(sim);
    let cell = |way: (NodeId, NodeId)| match lacking(sim, way) {
        _ if !all.contains(&way) => Entry::new("", Tone::Quiet),
        0 => Entry::new("·", Tone::Quiet),
        1 => Entry::new(first_of(sim, way), Tone::Stale),
        behind => Entry::new(format!("{} +{}", first_of(sim, way), behind - 1), Tone::Stale),
    };
    let row = |from: NodeId| {
        let name = Entry::new(format!("{} ▸", place(sim, from)), Tone::Plain);
        let entries = [name].into_iter().chain(servers(sim).map(|to| cell((from, to)))).collect();
        TableRow { entries, bar: None, marked: false, node: Some(from) }
    };
    let headings = ["brings".to_string()].into_iter().chain(servers(sim).map(|to| place(sim, to))).collect();
    Table { headings, rows: servers(sim).map(row).collect(), more: 0 }
}

fn first_of(sim: &Sim<MultiLeader>, way: (NodeId, NodeId)) -> String {
    next_of(sim, way).map_or_else(String::new, |change| change.label())
}

/// The first change that a stream is still to bring.
fn next_of(sim: &Sim<MultiLeader>, (from, to): (NodeId, NodeId)) -> Option<Arc<Change>> {
    let topology = sim.settings().topology;
    let lacks = |change: &Arc<Change>| topology.carries(from, to, change.dot.actor) && !disk(sim, to).seen.covers(change.dot);
    let behind = lacking(sim, (from, to)) as usize;
    // What is lacking stands near the end of the log.
    let log = &disk(sim, from).log;
    log.before(log.len()).filter(lacks).take(behind).last()
}

/// The name of a server's data centre, or its own.
fn place(sim: &Sim<MultiLeader>, id: NodeId) -> String {
    let map = sim.network().map();
    map.names.get(map.zone(id)).cloned().unwrap_or_else(|| id.to_string())
}

/// The centres side by side, and the streams between them.
pub(super) fn streams_panel(live: &Live<MultiLeader>, out: &mut Scene) {
    out.layout = Layout::Columns;
    out.panels.push(Panel::new("streams", Body::Table(streams_of(live))));
}

/// The settings worth turning.
pub(super) fn knobs(live: &Live<MultiLeader>, out: &mut Scene) {
    let value = |name: &str| crate::cluster::kit::settings::Declared::get(live.sim().settings(), name);
    let knob = |name: &str, stops: &[&str]| Knob::setting(name, value(name), Stops::words(stops));
    out.knobs.push(knob("policy", &["arrival", "avoid", "lww", "siblings", "merge", "crdt"]));
    out.knobs.push(knob("topology", &["all-to-all", "ring", "star"]));
}
