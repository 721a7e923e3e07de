//! What an operator can do by hand.

use crate::check::operation::Key;
use crate::cluster::kit::ask::{Deed, server_of, verb, verbs};
use crate::cluster::kit::register::key;
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::look::{keys, servers};
use super::settings::Policy;
use super::{MultiLeader, leader};

/// Every deed.
pub(super) static DEEDS: [Deed<MultiLeader>; 2] = [
    Deed {
        doc: VerbDoc {
            key: Some('v'),
            ..verb("move", &["move PLACE SERVER"], "move c1 n2", "send a client to another leader from now on")
        },
        can: |sim, call| client_of(sim, call).and_then(|_| server_of(sim, call)).map(|_| ()),
        perform: go,
        offers: |sim| {
            let clients = sim.ids().filter(|id| id.is_client());
            clients
                .flat_map(|client| servers(sim).map(move |server| [client, server].map(|id| Arg::Place(Place::Node(id))).to_vec()))
                .collect()
        },
    },
    Deed {
        doc: VerbDoc {
            key: Some('e'),
            ..verb(
                "rehome",
                &["rehome KEY SERVER"],
                "rehome title n2",
                "make a leader the home of a row; the others hear of it as of any change",
            )
        },
        can: can_rehome,
        perform: rehome,
        offers: |sim| {
            let rows = rows(sim);
            rows.iter().flat_map(|row| servers(sim).map(move |id| vec![Arg::from(row), Arg::Place(Place::Node(id))])).collect()
        },
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 2] = verbs(&DEEDS);

/// The rows that there are; before the first, one that there may be.
fn rows(sim: &Sim<MultiLeader>) -> Vec<Key> {
    let there = keys(sim);
    if there.is_empty() { vec!["x".into()] } else { there.into_iter().collect() }
}

fn client_of(sim: &Sim<MultiLeader>, call: &Call) -> Result<NodeId, String> {
    match call.get("PLACE").and_then(Arg::place) {
        Some(Place::Node(id)) if id.is_client() && sim.has(*id) => Ok(*id),
        _ => Err(format!("`{call}` names no client; clients are c1, c2, ...")),
    }
}

fn go(sim: &mut Sim<MultiLeader>, call: &Call) {
    let (Ok(client), Ok(to)) = (client_of(sim, call), server_of(sim, call)) else { return };
    sim.command(client, |state, cx| {
        if let MultiLeader::Client(client) = state {
            client.go(to, cx);
        }
    });
}

fn can_rehome(sim: &Sim<MultiLeader>, call: &Call) -> Result<(), String> {
    let server = server_of(sim, call)?;
    key(call)?;
    match sim.node(server) {
        _ if sim.settings().policy != Policy::Avoid => Err("rows have homes under `policy avoid` only".to_string()),
        node if !node.is_up() => Err(format!("{server} is down; restart it first")),
        node if node.is_paused() => Err(format!("{server} is paused; resume it first")),
        _ => Ok(()),
    }
}

fn rehome(sim: &mut Sim<MultiLeader>, call: &Call) {
    if let (Ok(server), Ok(key)) = (server_of(sim, call), key(call)) {
        sim.command(server, |_, cx| leader::rehome(key, cx));
    }
}
