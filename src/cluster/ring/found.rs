//! The cluster is brought in line with its settings: at the start it is founded with its keys; later a change of the rule makes a new map.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::vector;

use crate::check::operation::Key;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::disk::{Disk, Row, Stamp};
use super::keys::{at_start, entry};
use super::map::{Change, Map, Plan, Shared};
use super::settings::{Index, Settings};
use super::{Context, Ring, look, operator};

/// Founds the cluster, or makes a new map where the settings say other things of placement than the newest.
pub(super) fn furnish(sim: &mut Sim<Ring>) {
    let plan = Plan::of(sim.settings());
    match look::newest(sim) {
        None => found(sim, plan),
        Some(map) if map.plan != plan => operator::change(sim, &Change::Plan(plan)),
        Some(_) => {}
    }
}

fn found(sim: &mut Sim<Ring>, plan: Plan) {
    let mut seed = 0;
    sim.command(NodeId::server(0), |_, cx| seed = cx.rng().bits());
    let start: Vec<(Key, Row)> = rows_at_start(sim.settings());
    let mut keys: Vec<Key> = start.iter().map(|(key, _)| key.clone()).collect();
    keys.sort();
    let map = Arc::new(Map::founding(plan, seed, sim.servers(), &keys));
    let mut parts: BTreeMap<NodeId, Vec<(Key, Row)>> = sim.server_ids().map(|id| (id, Vec::new())).collect();
    for (key, row) in start {
        for home in map.homes(&key) {
            parts.entry(home).or_default().push((key.clone(), row.clone()));
        }
    }
    for (id, rows) in parts {
        let (rows, map) = (rows.into_iter().collect(), map.clone());
        sim.command(id, |state, cx| {
            if let Ring::Node(node) = state {
                (node.is_new, node.looked) = (false, Some(map.version));
            }
            load(rows, map, cx);
        });
    }
    let clients: Vec<NodeId> = sim.ids().filter(|id| id.is_client()).collect();
    for id in clients {
        sim.command(id, |state, _| {
            if let Ring::Client(client) = state {
                client.map = map.clone();
            }
        });
    }
}

/// The rows at the start, with the entries of a global index where there is one.
fn rows_at_start(settings: &Settings) -> Vec<(Key, Row)> {
    let mut rows = Vec::new();
    for (key, value) in at_start(settings) {
        let row = Row { value: Some(value.clone()), wrote: None, stamp: Stamp { epoch: 1, n: 1 }, did: None };
        if settings.index == Index::Global {
            rows.push((entry(&value, &key), row.clone()));
        }
        rows.push((key, row));
    }
    rows
}

fn load(rows: OrdMap<Key, Row>, map: Shared, cx: &mut Context<'_>) {
    let indexed = if cx.settings().index == Index::Global { map.version } else { 0 };
    let disk = Disk { maps: vector![map], rows, filled: true, indexed, ..Disk::default() };
    if cx.write(|own| *own = disk).is_ok() {
        cx.sync();
    }
}
