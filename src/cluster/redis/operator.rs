//! What an operator can do by hand.

use crate::cluster::kit::ask::{Deed, server_of, verb, verbs};
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Redis;
use super::facts::{server, servers};

/// What operators do.
pub(super) static DEEDS: [Deed<Redis>; 2] = [
    Deed {
        doc: VerbDoc {
            key: Some('o'),
            ..verb(
                "promote",
                &["promote SERVER"],
                "promote n2",
                "make a replica the master, whoever agrees; Sentinel, or in cluster mode the server itself, tells the others",
            )
        },
        can: |sim, call| candidate(sim, call).map(|_| ()),
        perform: promote,
        offers: |sim| servers(sim).map(|(id, _)| vec![Arg::Place(Place::Node(id))]).collect(),
    },
    Deed {
        doc: verb(
            "move",
            &["move KEY onto SERVER"],
            "move foo onto n2",
            "cluster mode: move the slot of a key to another primary, key by key, while clients work",
        ),
        can: |sim, call| mover(sim, call).map(|_| ()),
        perform: move_slot,
        offers: moves,
    },
];

/// To each primary that works a slot with a key that another has: the first that there is, or else that of `foo`.
fn moves(sim: &Sim<Redis>) -> Vec<Vec<Arg>> {
    if !sim.settings().is_cluster() {
        return Vec::new();
    }
    let primaries = || servers(sim).filter(|(id, node)| node.is_master() && !sim.node(*id).is_paused());
    let key = |to: NodeId| {
        let mut others = primaries().filter(|(id, _)| *id != to);
        others.find_map(|(_, node)| node.server.keys.iter().next().map(|(key, _)| key.clone()))
    };
    let one = |to: NodeId| vec![Arg::from(&key(to).unwrap_or_else(|| "foo".into())), Arg::Place(Place::Node(to))];
    primaries().map(|(id, _)| one(id)).collect()
}

/// Their words.
pub(super) static VERBS: [VerbDoc; 2] = verbs(&DEEDS);

fn candidate(sim: &Sim<Redis>, call: &Call) -> Result<NodeId, String> {
    let id = server_of(sim, call)?;
    if id.index() >= usize::from(sim.settings().redises()) {
        return Err(format!("{} keeps no data", super::name(sim.settings(), id)));
    }
    let works = |id: NodeId| sim.node(id).is_up() && !sim.node(id).is_paused();
    if sim.settings().sentinel().is_some_and(|sentinel| !works(sentinel)) {
        return Err("sentinel does not work now, and would take it back when it does".to_string());
    }
    match server(sim, id) {
        None => Err(format!("{id} is down")),
        Some(_) if sim.node(id).is_paused() => Err(format!("{id} is paused")),
        Some(node) if node.is_master() => Err(format!("{id} is a master already")),
        Some(_) => Ok(id),
    }
}

fn promote(sim: &mut Sim<Redis>, call: &Call) {
    let Ok(id) = candidate(sim, call) else { return };
    sim.command(id, |node, cx| {
        if let Redis::Server(node) = node {
            if node.bus.is_some() { node.take_over_at_once(cx) } else { node.promote(cx) }
        }
    });
    // Without Sentinel nobody hears of it.
    if let Some(sentinel) = sim.settings().sentinel().filter(|id| sim.node(*id).is_up() && !sim.node(*id).is_paused()) {
        sim.command(sentinel, |node, cx| {
            if let Redis::Sentinel(sentinel) = node {
                sentinel.appoint(id, cx);
            }
        });
    }
}

/// The slot of a key, who has it, and who gets it.
fn mover(sim: &Sim<Redis>, call: &Call) -> Result<(u16, NodeId, NodeId), String> {
    let to = server_of(sim, call)?;
    let key = call.get("KEY").and_then(Arg::key).ok_or_else(|| format!("`{call}` names no key"))?;
    let at = crate::algo::redis::slot(&key);
    if !sim.settings().is_cluster() {
        return Err("slots move in a cluster: start with `mode` cluster".to_string());
    }
    let from = super::facts::owner(sim, at).ok_or_else(|| format!("nobody who is up has slot {at}"))?;
    let able = |id: NodeId| server(sim, id).filter(|node| node.is_master() && !sim.node(id).is_paused());
    match (able(from), able(to)) {
        _ if from == to => Err(format!("{to} has slot {at}, that of {key}, already")),
        (None, _) => Err(format!("{from}, which has slot {at}, cannot work now")),
        (_, None) => Err(format!("{to} is no primary that works now")),
        (Some(node), _) if node.resharding.is_some() => Err(format!("{from} moves another slot now")),
        _ => Ok((at, from, to)),
    }
}

fn move_slot(sim: &mut Sim<Redis>, call: &Call) {
    let Ok((at, from, to)) = mover(sim, call) else { return };
    sim.command(to, |node, cx| {
        if let Redis::Server(node) = node {
            node.expect_slot(at, from, cx);
        }
    });
    sim.command(from, |node, cx| {
        if let Redis::Server(node) = node {
            node.begin_move(at, to, cx);
        }
    });
}
