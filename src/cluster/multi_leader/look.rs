//! What can be seen of running leaders from outside.

use crate::check::operation::Key;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::MultiLeader;
use super::disk::Disk;
use super::leader::Leader;

/// Every server.
pub(super) fn servers(sim: &Sim<MultiLeader>) -> impl Iterator<Item = NodeId> + use<> {
    (0..sim.servers()).map(NodeId::server)
}

/// Every server that runs.
pub(super) fn running(sim: &Sim<MultiLeader>) -> impl Iterator<Item = NodeId> + use<'_> {
    servers(sim).filter(|id| sim.node(*id).is_up())
}

/// The disk of a server, whether it runs or not.
pub(super) fn disk(sim: &Sim<MultiLeader>, id: NodeId) -> &Disk {
    sim.node(id).store().current()
}

/// The memory of a leader that runs.
pub(super) fn leader(sim: &Sim<MultiLeader>, id: NodeId) -> Option<&Leader> {
    match sim.node(id).state() {
        Some(MultiLeader::Leader(leader)) => Some(leader),
        _ => None,
    }
}

/// Every stream: from whom to whom.
pub(super) fn streams(sim: &Sim<MultiLeader>) -> Vec<(NodeId, NodeId)> {
    let (topology, all) = (sim.settings().topology, usize::from(sim.servers()));
    servers(sim).flat_map(|from| topology.downstream(from, all).into_iter().map(move |to| (from, to))).collect()
}

/// How many changes of a stream its receiver does not have: those that its sender is to bring, and has.
pub(super) fn lacking(sim: &Sim<MultiLeader>, (from, to): (NodeId, NodeId)) -> u64 {
    let (has, lacks) = (&disk(sim, from).seen, &disk(sim, to).seen);
    let topology = sim.settings().topology;
    let carried = has.iter().filter(|(origin, _)| topology.carries(from, to, *origin));
    carried.map(|(origin, upto)| upto.saturating_sub(lacks.counter(origin))).sum()
}

/// Every key that any disk has a row of, in order.
pub(super) fn keys(sim: &Sim<MultiLeader>) -> std::collections::BTreeSet<Key> {
    servers(sim).flat_map(|id| disk(sim, id).rows.keys()).cloned().collect()
}

/// Rows that are not the same on all servers that run, deleted ones too.
pub(super) fn divergent(sim: &Sim<MultiLeader>) -> usize {
    let rule = sim.settings().rule();
    let differs = |key: &&Key| {
        let mut rows = running(sim).map(|id| disk(sim, id).row(key));
        let Some(first) = rows.next() else { return false };
        // Where readers see one value made of several, the order in which they came counts too.
        rows.any(|row| row != first || row.value(rule) != first.value(rule))
    };
    keys(sim).iter().filter(differs).count()
}
