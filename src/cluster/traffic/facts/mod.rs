//! The facts of the cluster.

mod price;
mod servers;
mod tiers;
mod users;

use crate::cluster::facts::{FactDoc, FactValue};
use crate::cluster::kit::facts::{Fact, count, docs, nodes_up, wires};
use crate::cluster::kit::served::sampled;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;

use super::Traffic;

static UP: [Fact<Traffic>; 1] = [nodes_up()];
static WIRES: [Fact<Traffic>; 5] = wires();

/// Every fact, in the order in which they are printed.
pub(super) static TABLES: &[&[Fact<Traffic>]] = &[
    &users::RATES,
    &users::TIMES,
    &users::SO_FAR,
    &users::CAUSES,
    &servers::SERVERS,
    &servers::NODES,
    &tiers::BYTES,
    &tiers::SESSIONS,
    &tiers::DATABASES,
    &price::COST,
    &UP,
    &WIRES,
];

/// The documentation of every fact, in the order in which they are printed.
pub(super) static FACTS: &[FactDoc] = &docs::<Traffic, { count(TABLES) }>(TABLES);

/// The application servers that were not taken out, in order.
pub(super) fn apps(live: &Live<Traffic>) -> impl Iterator<Item = NodeId> + use<> {
    let roster = live.sim().settings().shared_roster();
    live.sim().server_ids().filter(move |id| roster.is_app(*id))
}

fn none(why: &str) -> FactValue {
    FactValue::Absent(why.into())
}

fn each(live: &Live<Traffic>, value: impl Fn(NodeId) -> f64) -> FactValue {
    named(live, apps(live).map(|id| (id, value(id))))
}

fn named(live: &Live<Traffic>, all: impl Iterator<Item = (NodeId, f64)>) -> FactValue {
    FactValue::Named(all.map(|(id, value)| (live.sim().settings().name(id), value)).collect())
}
