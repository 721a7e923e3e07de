//! What can be seen of a running cluster from outside.

use std::collections::BTreeSet;

use crate::check::operation::Key;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Ring;
use super::client::Client;
use super::disk::{Disk, Row, Standing};
use super::keys::{Named, read};
use super::map::{Map, Shared};
use super::node::Node;

/// The disk of a server, whether it runs or not.
pub(super) fn disk(sim: &Sim<Ring>, id: NodeId) -> &Disk {
    sim.node(id).store().current()
}

/// A server that runs.
pub(super) fn node(sim: &Sim<Ring>, id: NodeId) -> Option<&Node> {
    match sim.node(id).state() {
        Some(Ring::Node(node)) => Some(node),
        _ => None,
    }
}

/// A client.
pub(super) fn client(sim: &Sim<Ring>, id: NodeId) -> Option<&Client> {
    match sim.node(id).state() {
        Some(Ring::Client(client)) => Some(client),
        _ => None,
    }
}

/// The newest map that any server has.
pub(super) fn newest(sim: &Sim<Ring>) -> Option<Shared> {
    sim.server_ids().filter_map(|id| disk(sim, id).newest()).max_by_key(|map| map.version).cloned()
}

/// Whether a server serves a key now.
pub(super) fn serves(sim: &Sim<Ring>, id: NodeId, key: &str) -> bool {
    disk(sim, id).standing(id, key, sim.settings().moving) == Standing::Mine
}

/// The servers that run and serve a key now.
pub(super) fn servers_of<'a>(sim: &'a Sim<Ring>, key: &'a str) -> impl Iterator<Item = NodeId> + 'a {
    sim.server_ids().filter(move |id| sim.node(*id).is_up() && serves(sim, *id, key))
}

/// Every key of clients that any disk has, with a value, in order.
pub(super) fn keys(sim: &Sim<Ring>) -> Vec<Key> {
    let rows = sim.server_ids().flat_map(|id| disk(sim, id).rows.iter());
    let plain = rows.filter(|(key, row)| row.value.is_some() && matches!(read(key), Named::Plain(_)));
    plain.map(|(key, _)| key.clone()).collect::<BTreeSet<Key>>().into_iter().collect()
}

/// What stands for a key: the row of whoever serves it; where nobody does, the newest that any disk or message has.
pub(super) fn row(sim: &Sim<Ring>, key: &str) -> Option<Row> {
    let server = sim.server_ids().find(|id| serves(sim, *id, key));
    if let Some(id) = server {
        return disk(sim, id).rows.get(key).cloned();
    }
    let kept = sim.server_ids().filter_map(|id| disk(sim, id).rows.get(key));
    let flying = sim.flights().filter(|flight| !flight.lost).flat_map(|flight| match &flight.msg {
        super::message::Msg::Rows(batch) => &batch.rows[..],
        _ => &[],
    });
    kept.chain(flying.filter(|(of, _)| **of == *key).map(|(_, row)| row)).max_by_key(|row| row.stamp).cloned()
}

/// Rows that are on their way to a new owner, or wait to be.
pub(super) fn moving(sim: &Sim<Ring>) -> usize {
    let streams = sim.server_ids().filter_map(|id| node(sim, id)).flat_map(|node| node.streams.iter());
    streams.filter(|((_, purpose), _)| *purpose == super::message::Purpose::Give).map(|(_, stream)| stream.left()).sum()
}

/// Whether a server was given up and is down: nothing is asked of it.
pub(super) fn is_out(sim: &Sim<Ring>, id: NodeId, map: &Map) -> bool {
    !map.has(id) && map.given_up.contains_key(&id) && !sim.node(id).is_up()
}

/// Whether a server has done all that the newest map asks of it.
pub(super) fn is_settled(sim: &Sim<Ring>, id: NodeId, version: u32) -> bool {
    let disk = disk(sim, id);
    disk.version() == version && disk.working() == version && disk.is_done(id)
}
