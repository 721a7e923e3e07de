//! What an operator can do by hand.

use crate::cluster::kit::ask::{Deed, server_of, verb, verbs};
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Redis;
use super::facts::{server, servers};

/// What operators do.
pub(super) static DEEDS: [Deed<Redis>; 1] = [Deed {
    doc: VerbDoc {
        key: Some('o'),
        ..verb("promote", &["promote SERVER"], "promote n2", "make a replica the master; Sentinel tells clients and the other servers")
    },
    can: |sim, call| candidate(sim, call).map(|_| ()),
    perform: promote,
    offers: |sim| servers(sim).map(|(id, _)| vec![Arg::Place(Place::Node(id))]).collect(),
}];

/// Their words.
pub(super) static VERBS: [VerbDoc; 1] = verbs(&DEEDS);

fn candidate(sim: &Sim<Redis>, call: &Call) -> Result<NodeId, String> {
    let id = server_of(sim, call)?;
    if id.index() >= usize::from(sim.settings().redises()) {
        return Err(format!("{} keeps no data", super::name(sim.settings(), id)));
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
            node.promote(cx);
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
