//! What is on the stage, in words: who is there and what each holds.

use std::fmt::Write as _;

use super::log::scene;
use super::panels;

use crate::cluster::scene::{ClientView, Fate, FlightView, FlowView, Health, NodeView, Row, Scene, Tone, WallView};
use crate::cluster::tell::Names;
use crate::cluster::{Cluster, facts::figure};
use crate::near::did_you_mean;
use crate::sim::id::NodeId;

/// The most messages on their way that are named.
const FLIGHTS: usize = 8;

/// So many servers that are alike are named one by one.
const FEW: usize = 4;

/// Who is on the stage, in one line: `3 servers: n1 leader; n2, n3 follower. 2 clients: c1, c2.`
pub(super) fn summary(cluster: &dyn Cluster) -> String {
    let scene = scene(cluster);
    let mut kinds: Vec<(String, Vec<&str>)> = Vec::new();
    for node in &scene.nodes {
        let kind = format!("{}{}", node.word, ailment(node.health).map_or_else(String::new, |word| format!(", {word}")));
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, names)) => names.push(&node.name),
            None => kinds.push((kind, vec![&node.name])),
        }
    }
    let kinds: Vec<String> = kinds
        .iter()
        .map(|(kind, names)| match names.len() {
            ..=FEW => format!("{} {kind}", names.join(", ")),
            many => format!("{many} {kind}, {} to {}", names[0], names[many - 1]),
        })
        .collect();
    let clients: Vec<&str> = scene.clients.iter().map(|client| client.name.as_str()).collect();
    let clients = match clients.len() {
        0 => String::new(),
        1..=FEW => format!(" {}: {}.", counted(clients.len(), "client"), clients.join(", ")),
        many => format!(" {many} clients, {} to {}.", clients[0], clients[many - 1]),
    };
    let names = Names::on(&scene);
    let cut = |wall: &WallView| format!(" Cut: {} from {}.", list(&wall.left, &names), list(&wall.right, &names));
    let cuts: String = scene.walls.iter().map(cut).collect();
    format!("{}: {}.{clients}{cuts}", counted(scene.nodes.len(), "server"), kinds.join("; "))
}

/// `1 server`, `3 servers`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn list(nodes: &[NodeId], names: &Names) -> String {
    nodes.iter().map(|node| names.of(*node)).collect::<Vec<_>>().join(", ")
}

/// Everything on the stage, a line each; of a name that was given that one alone. The error says which names there are.
pub(crate) fn lines(cluster: &dyn Cluster, name: &str) -> Result<Vec<String>, String> {
    let scene = scene(cluster);
    if !name.is_empty() {
        return one(&scene, name);
    }
    let names = Names::on(&scene);
    let mut lines = vec![format!("It is {}. {}", scene.at, scene.caption)];
    lines.extend(scene.nodes.iter().map(|found| node(found, &scene)));
    lines.extend(scene.clients.iter().map(|found| client(found, &names)));
    let cut = |wall: &WallView| format!("Cut: nothing passes between {} and {}.", list(&wall.left, &names), list(&wall.right, &names));
    lines.extend(scene.walls.iter().map(cut));
    let noted = scene.links.iter().filter(|link| !link.note.is_empty());
    lines.extend(noted.map(|link| format!("{} to {}: {}", names.of(link.a), names.of(link.b), link.note)));
    lines.extend(scene.flows.iter().filter(|flow| flow.rate > 0.0 || !flow.note.is_empty()).map(|found| flow(found, &names)));
    lines.extend(scene.flights.iter().take(FLIGHTS).map(|found| flight(found, &scene, &names)));
    if scene.flights.len() > FLIGHTS {
        lines.push(format!("{} more messages are on their way.", scene.flights.len() - FLIGHTS));
    }
    lines.extend(scene.panels.iter().flat_map(panels::lines));
    Ok(lines)
}

fn one(scene: &Scene, name: &str) -> Result<Vec<String>, String> {
    let names = Names::on(scene);
    let is_it = |id: NodeId, known: &str| known == name || id.to_string() == name;
    if let Some(found) = scene.nodes.iter().find(|node| is_it(node.id, &node.name)) {
        let coming = scene.flights.iter().filter(|flight| flight.to == found.id || flight.from == found.id);
        return Ok(std::iter::once(node(found, scene)).chain(coming.take(FLIGHTS).map(|found| flight(found, scene, &names))).collect());
    }
    if let Some(found) = scene.clients.iter().find(|client| is_it(client.id, &client.name)) {
        return Ok(vec![client(found, &names)]);
    }
    if let Some(found) = scene.panels.iter().find(|panel| panel.title == name) {
        return Ok(panels::lines(found));
    }
    let here = || {
        let nodes = scene.nodes.iter().map(|node| node.name.as_str()).chain(scene.clients.iter().map(|client| client.name.as_str()));
        nodes.chain(scene.panels.iter().map(|panel| panel.title.as_str()))
    };
    let all: Vec<&str> = here().collect();
    Err(format!("\"{name}\" is not on the stage{}; here are {}", did_you_mean(name, here()), all.join(", ")))
}

fn ailment(health: Health) -> Option<String> {
    match health {
        Health::Up => None,
        Health::Down => Some("down".to_string()),
        Health::Paused => Some("paused".to_string()),
        Health::Slow(times) => Some(format!("{} times slower", figure(times))),
    }
}

fn node(node: &NodeView, scene: &Scene) -> String {
    let mut parts = vec![node.word.to_string()];
    parts.extend(node.epoch.map(|epoch| format!("epoch {epoch}")));
    parts.extend(ailment(node.health));
    parts.extend(node.zone.and_then(|zone| scene.zones.get(zone)).map(|zone| format!("in {zone}")));
    let mut line = format!("{}: {}.", node.name, parts.join(", "));
    let rows: Vec<String> = node.rows.iter().map(row).collect();
    if !rows.is_empty() {
        _ = write!(line, " It has {}.", rows.join(", "));
    }
    for timer in &node.timers {
        _ = write!(line, " Timer {} goes off in {:.1} ms.", timer.name, timer.left.as_ms());
    }
    if let Some(station) = &node.station {
        _ = write!(line, " {} of {} workers busy, {} waiting.", station.busy, station.workers, station.queue.len());
    }
    if !node.inbox.is_empty() {
        _ = write!(line, " Inbox: {} waiting.", node.inbox.len());
    }
    line
}

/// `x 7`, `x 7 (stale)`.
fn row(row: &Row) -> String {
    let tone = panels::tone(row.tone).map_or_else(String::new, |word| format!(" ({word})"));
    format!("{} {}{tone}", row.label, row.value)
}

fn client(client: &ClientView, names: &Names) -> String {
    let mut line = format!("{}: ", client.name);
    if client.asked.is_empty() {
        line.push_str("has asked nothing yet");
    } else {
        let told = if client.told.is_empty() { "and waits".to_string() } else { format!("and was told {}", client.told) };
        _ = write!(line, "asked {}, {told}", client.asked);
    }
    if let Some(server) = client.server {
        _ = write!(line, "; talks to {}", names.of(server));
    }
    if client.waiting > 1 {
        _ = write!(line, "; {} requests wait", client.waiting);
    }
    let rows: Vec<String> = client.rows.iter().map(row).collect();
    if !rows.is_empty() {
        _ = write!(line, "; {}", rows.join(", "));
    }
    line.push('.');
    line
}

fn flight(flight: &FlightView, scene: &Scene, names: &Names) -> String {
    let left = flight.due.since(scene.at).as_ms();
    let fate = match flight.fate {
        Fate::Arrives => format!("arrives in {left:.1} ms"),
        Fate::Lost => format!("will be lost in {left:.1} ms"),
        Fate::Held => "is held".to_string(),
        Fate::Walled => "is stopped by the cut".to_string(),
    };
    let label = if flight.label == flight.kind.word { String::new() } else { format!(", {}", flight.label) };
    let (from, to) = (names.of(flight.from), names.of(flight.to));
    format!("Message {}, {}{label}, from {from} to {to}, {fate}.", flight.id, flight.kind.word)
}

fn flow(flow: &FlowView, names: &Names) -> String {
    let errors = if flow.errors > 0.0 { format!(", {} % of them come to nothing", figure(flow.errors * 100.0)) } else { String::new() };
    let note = if flow.note.is_empty() { String::new() } else { format!(", {}", flow.note) };
    let (from, to) = (names.of(flow.from), names.of(flow.to));
    format!("From {from} to {to}: {} messages a second{errors}{note}.", figure(flow.rate))
}

/// Whether a tone says something beyond the value.
pub(super) const fn is_worth_a_word(tone: Tone) -> bool {
    matches!(tone, Tone::Stale | Tone::Conflict | Tone::Bad)
}
