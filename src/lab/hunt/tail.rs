//! The end of every run: everything is healed and left until it is quiet; then every client looks, changes something, and looks again.

use std::collections::BTreeSet;

use super::stage::Stage;
use crate::check::operation::{Key, Value};
use crate::cluster::Cluster;
use crate::cluster::scene::{Health, Scene};
use crate::command::{CallDoc, Command, Direction, Language, Link, Place, Poke};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

/// The key that is changed once everything is healed: whether the cluster takes requests again.
const PROBE: &str = "probe";

/// Clients get this part of a cluster's patience for each round of requests.
const ROUND: u64 = 4;

/// Heals everything that was done to the cluster, and lets every client look and change something.
pub(super) fn finish(stage: &mut Stage, language: Language) {
    let scene = scene(stage.cluster.as_ref());
    let mut pokes = healing(stage, &scene);
    pokes.extend(recovery(&scene));
    for poke in pokes {
        stage.poke(&poke);
    }
    let patience = stage.cluster.patience();
    let round = Span(patience.0 / ROUND);
    rest(stage, patience);
    let clients: Vec<NodeId> = scene.clients.iter().map(|client| client.id).collect();
    let keys = keys(stage.cluster.as_ref());
    // Only what random clients ask fits what they wrote.
    let settings = stage.cluster.settings();
    let is_look = |call: &&CallDoc| {
        call.fits(&settings) && !call.changes && call.weight > 0 && call.verb.forms.iter().any(|form| form.contains("KEY"))
    };
    let looks = || language.calls.iter().filter(is_look);
    let ask = |client: &NodeId, doc: &'static CallDoc, key: &Key| {
        let value = Value::from(client.to_string().as_str());
        Poke::Ask { client: *client, call: doc.filled(0, key, &value, None), server: None }
    };
    for client in &clients {
        for key in &keys {
            for look in looks() {
                stage.poke(&ask(client, look, key));
            }
        }
    }
    rest(stage, round);
    stage.probed = stage.probed.or(Some(stage.cluster.events()));
    let probe = Key::from(PROBE);
    let changes = || language.calls.iter().filter(|call| call.changes && call.fits(&settings));
    if let Some(change) = changes().find(|call| call.probe).or_else(|| changes().next()) {
        for client in &clients {
            stage.poke(&ask(client, change, &probe));
            // One that is always about the same would meet those of the other clients.
            if change.probe {
                rest(stage, Span(round.0 / clients.len() as u64));
            }
        }
    }
    rest(stage, round);
    for client in &clients {
        for look in looks() {
            stage.poke(&ask(client, look, &probe));
        }
    }
    rest(stage, round);
}

/// The keys that clients asked for.
fn keys(cluster: &dyn Cluster) -> BTreeSet<Key> {
    cluster.exchanges().iter().filter_map(|exchange| exchange.call.get("KEY")?.key()).collect()
}

fn rest(stage: &mut Stage, span: Span) {
    stage.run_until(stage.cluster.now() + span);
    stage.rest();
}

pub(super) fn scene(cluster: &dyn Cluster) -> Scene {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    scene
}

/// What undoes the changes that stay: of wires, messages, clocks, disks. Clocks that were set off stay off: setting one right would be
/// one more jump, and nothing but a comparison of two clocks minds.
fn healing(stage: &Stage, scene: &Scene) -> Vec<Poke> {
    let mut undo: Vec<Poke> = Vec::new();
    let mut add = |poke: Poke| {
        if !undo.contains(&poke) {
            undo.push(poke);
        }
    };
    if !scene.walls.is_empty() {
        add(Poke::HealAll);
    }
    let pokes =
        stage.before.iter().chain(&stage.done).filter_map(|command| if let Command::Poke(poke) = command { Some(poke) } else { None });
    for poke in pokes {
        match poke {
            Poke::Hold(_) | Poke::HoldAll => add(Poke::ReleaseAll),
            Poke::Loss(link, p) if *p > 0.0 => add(Poke::Loss(link.clone(), 0.0)),
            Poke::Duplication(link, p) if *p > 0.0 => add(Poke::Duplication(link.clone(), 0.0)),
            Poke::Reordering(link, p) if *p > 0.0 => add(Poke::Reordering(link.clone(), 0.0)),
            Poke::Bandwidth(link, Some(_)) => add(Poke::Bandwidth(link.clone(), None)),
            Poke::Latency(link, _) => usual(stage.cluster.as_ref(), scene, link).into_iter().for_each(&mut add),
            Poke::Drift(place, ppm) if *ppm != 0 => add(Poke::Drift(place.clone(), 0)),
            Poke::Slow(place, factor) if (factor - 1.0).abs() > 1e-9 => add(Poke::Slow(place.clone(), 1.0)),
            Poke::FullDisk(place) => add(Poke::FreeDisk(place.clone())),
            Poke::Workload(client, Some(_)) => add(Poke::Workload(*client, None)),
            _ => {}
        }
    }
    undo
}

/// Sets the latency of a wire back to what its settings say.
pub(super) fn usual(cluster: &dyn Cluster, scene: &Scene, link: &Link) -> Option<Poke> {
    let settings = cluster.settings();
    let zone = |place: &Place| match place {
        Place::Node(id) if id.is_client() => scene.clients.iter().find(|client| client.id == *id)?.zone,
        Place::Node(id) => scene.nodes.iter().find(|node| node.id == *id)?.zone,
        Place::Named(name) => scene.zones.iter().position(|zone| zone == name),
    };
    let name = match link {
        Link::Between(a, _, b) if zone(a) != zone(b) => "zone-latency",
        _ => "latency",
    };
    let dist = settings.into_iter().find(|(known, _)| *known == name)?.1.parse().ok()?;
    Some(Poke::Latency(link.clone(), dist))
}

/// What brings every server back.
fn recovery(scene: &Scene) -> Vec<Poke> {
    let of = |node: &crate::cluster::scene::NodeView| match node.health {
        Health::Up | Health::Slow(_) => None,
        Health::Down => Some(Poke::Restart(Place::Node(node.id))),
        Health::Paused => Some(Poke::Resume(Place::Node(node.id))),
    };
    scene.nodes.iter().filter_map(of).collect()
}

/// A wire, one way.
pub(super) fn wire(from: NodeId, to: NodeId) -> Link {
    Link::Between(Place::Node(from), Direction::OneWay, Place::Node(to))
}
