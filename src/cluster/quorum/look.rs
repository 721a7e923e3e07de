//! What can be seen of a running store from outside.

use crate::check::operation::Key;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;

use super::Quorum;
use super::cell::Disk;
use super::gather::Gather;

/// Every server.
pub(super) fn servers(sim: &Sim<Quorum>) -> impl Iterator<Item = NodeId> + use<> {
    (0..sim.servers()).map(NodeId::server)
}

/// The disk of a server, whether it runs or not.
pub(super) fn disk(sim: &Sim<Quorum>, id: NodeId) -> &Disk {
    sim.node(id).store().current()
}

/// The replicas of a key.
pub(super) fn homes(sim: &Sim<Quorum>, key: &Key) -> Vec<NodeId> {
    sim.settings().homes(key, sim.servers().into())
}

/// What a coordinator collected for a request that it has just decided.
pub(super) fn decided(sim: &Sim<Quorum>, who: NodeId, request: RequestId) -> Option<&Gather> {
    let (last, gather) = sim.node(who).state()?.coordinator.last.as_ref()?;
    (*last == request).then_some(gather)
}
