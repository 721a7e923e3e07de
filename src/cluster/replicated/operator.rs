//! What an operator can do by hand.

use crate::cluster::kit::ask::{Deed, server_of, verb, verbs};
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::kernel::Sim;

use super::facts::{disk, ids, server};
use super::settings::Election;
use super::{Replicated, join, office};

/// Every deed.
pub(super) static DEEDS: [Deed<Replicated>; 2] = [
    Deed {
        doc: verb("promote", &["promote SERVER"], "promote n2", "make a server the leader of a new epoch by hand"),
        can: can_promote,
        perform: promote,
        offers: |sim| ids(sim).map(|id| vec![Arg::Place(Place::Node(id))]).collect(),
    },
    Deed {
        doc: verb(
            "join",
            &["join NEW in PLACE", "join NEW in PLACE empty", "join NEW", "join NEW empty"],
            "join n4",
            "add a follower, with a copy of the leader's log and its position there, or empty, so that the whole log has to come",
        ),
        can: join::can_join,
        perform: join::join,
        offers: join::offers,
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 2] = verbs(&DEEDS);

fn can_promote(sim: &Sim<Replicated>, call: &Call) -> Result<(), String> {
    let node = server_of(sim, call)?;
    match server(sim, node) {
        None => Err(format!("{node} is down; restart it first")),
        Some(_) if sim.node(node).is_paused() => Err(format!("{node} is paused; resume it first")),
        Some(server) if server.is_leader() => Err(format!("{node} leads already")),
        Some(_) => Ok(()),
    }
}

fn promote(sim: &mut Sim<Replicated>, call: &Call) {
    let Ok(node) = server_of(sim, call) else { return };
    let newest = ids(sim).map(|id| disk(sim, id).newest_epoch()).max().unwrap_or(0);
    let epoch = match sim.settings().election {
        Election::Majority => newest + 1,
        Election::Alone => office::own_epoch_after(newest, node, sim.servers().into()),
    };
    sim.command(node, |state, cx| {
        if let Replicated::Server(server) = state {
            server.elect(epoch, cx);
        }
    });
}
