//! What is selected is what the keys of pokes act on, and the box of pokes stands in groups, one a thing.

use crate::cluster::scene::Scene;
use crate::command::{Arg, Direction, Place, Poke};
use crate::sim::id::{MsgId, NodeId};
use crate::tui::widgets::Target;

/// What a poke acts on, for grouping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// A server or a client.
    Node(NodeId),
    /// The wires between servers.
    Network,
    /// A message on its way.
    Message(MsgId),
    /// The whole cluster.
    Cluster,
}

/// What a poke acts on.
pub(super) fn thing(poke: &Poke, scene: &Scene) -> Thing {
    let node = |place: &Place| match place {
        Place::Node(id) => Thing::Node(*id),
        Place::Named(name) => scene.nodes.iter().find(|node| node.name == *name).map_or(Thing::Cluster, |node| Thing::Node(node.id)),
    };
    match poke {
        Poke::Crash(place, _)
        | Poke::Restart(place)
        | Poke::Pause(place)
        | Poke::Resume(place)
        | Poke::Slow(place, _)
        | Poke::Skew(place, _)
        | Poke::Drift(place, _)
        | Poke::Fire(place, _)
        | Poke::FullDisk(place)
        | Poke::FreeDisk(place) => node(place),
        Poke::Ask { client, .. } | Poke::Workload(client, _) => Thing::Node(*client),
        Poke::Operate(call) => call.args.iter().find_map(Arg::place).map_or(Thing::Cluster, node),
        Poke::Drop(id) | Poke::Hold(id) | Poke::Release(id) | Poke::Duplicate(id) | Poke::Deliver(id) | Poke::Delay(id, _) => {
            Thing::Message(*id)
        }
        Poke::Cut(..)
        | Poke::Heal(..)
        | Poke::HealAll
        | Poke::Latency(..)
        | Poke::Loss(..)
        | Poke::Duplication(..)
        | Poke::Reordering(..)
        | Poke::Bandwidth(..)
        | Poke::HoldAll
        | Poke::ReleaseAll
        | Poke::ReleaseInOrder => Thing::Network,
        Poke::Set(..) => Thing::Cluster,
    }
}

/// Whether a poke acts on what is selected: on that node, on the cut of that node or wire, on that message, by that client, to that server.
pub(super) fn is_about(poke: &Poke, target: Target, scene: &Scene) -> bool {
    match (target, poke) {
        (Target::Node(id), Poke::Cut(left, _, right) | Poke::Heal(left, _, right)) => is_only(left, id) || is_only(right, id),
        (Target::Node(id), Poke::Ask { client, server, .. }) => *client == id || *server == Some(id),
        (Target::Node(id), _) => thing(poke, scene) == Thing::Node(id),
        (Target::Message(id), _) => thing(poke, scene) == Thing::Message(id),
        (Target::Wire(a, b), Poke::Cut(left, _, right) | Poke::Heal(left, _, right)) => {
            is_only(left, a) && is_only(right, b) || is_only(left, b) && is_only(right, a)
        }
        _ => false,
    }
}

fn is_only(side: &[Place], id: NodeId) -> bool {
    matches!(side, [Place::Node(only)] if *only == id)
}

/// The ways to cut one wire.
pub(super) fn cuts_of_wire(a: NodeId, b: NodeId) -> Vec<Poke> {
    let [a, b] = [a, b].map(|id| vec![Place::Node(id)]);
    vec![
        Poke::Cut(a.clone(), Direction::Both, b.clone()),
        Poke::Cut(a.clone(), Direction::OneWay, b.clone()),
        Poke::Cut(b, Direction::OneWay, a),
    ]
}

/// Those of some pokes that act on what is selected; all of them where none does.
pub(super) fn narrowed(pokes: Vec<Poke>, target: Option<Target>, scene: &Scene) -> Vec<Poke> {
    let about: Vec<Poke> = target.map_or_else(Vec::new, |t| pokes.iter().filter(|poke| is_about(poke, t, scene)).cloned().collect());
    if about.is_empty() { pokes } else { about }
}

/// The same pokes, those of one thing beside each other: the selected thing first, then servers and clients, the network, messages, the
/// whole.
pub(super) fn grouped(mut pokes: Vec<Poke>, target: Option<Target>, scene: &Scene) -> Vec<Poke> {
    let chosen = |poke: &Poke| target.is_some_and(|target| is_about(poke, target, scene));
    pokes.sort_by_key(|poke| (!chosen(poke), thing(poke, scene)));
    pokes
}

/// The heading of a group.
pub(super) fn heading(thing: Thing, scene: &Scene) -> String {
    let name = |id: NodeId| scene.nodes.iter().find(|node| node.id == id).map_or_else(|| id.to_string(), |node| node.name.clone());
    match thing {
        Thing::Node(id) => name(id),
        Thing::Network => "network".to_string(),
        Thing::Message(id) => scene.flights.iter().find(|flight| flight.id == id).map_or_else(|| id.to_string(), |f| f.label.clone()),
        Thing::Cluster => "cluster".to_string(),
    }
}
