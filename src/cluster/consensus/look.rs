//! Who is what, for those who look at the cluster from outside.

use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Consensus;
use super::log::Disk;
use super::replication::Lead;
use super::server::{Role, Server};

/// The servers.
pub(super) fn ids(sim: &Sim<Consensus>) -> impl Iterator<Item = NodeId> + use<> {
    (0..sim.servers()).map(NodeId::server)
}

/// The server's state machine; `None` while it is down.
pub(super) fn server(sim: &Sim<Consensus>, id: NodeId) -> Option<&Server> {
    match sim.node(id).state() {
        Some(Consensus::Server(server)) => Some(server),
        _ => None,
    }
}

/// What a server that leads keeps.
pub(super) fn lead(sim: &Sim<Consensus>, id: NodeId) -> Option<&Lead> {
    match &server(sim, id)?.role {
        Role::Leader(lead) => Some(lead),
        _ => None,
    }
}

/// The disk of a server.
pub(super) fn disk(sim: &Sim<Consensus>, id: NodeId) -> &Disk {
    sim.node(id).store().current()
}

/// Servers that run and believe to lead, the newest term last.
pub(super) fn leaders(sim: &Sim<Consensus>) -> Vec<NodeId> {
    let leads = |id: &NodeId| !sim.node(*id).is_paused() && lead(sim, *id).is_some();
    let mut leaders: Vec<NodeId> = ids(sim).filter(leads).collect();
    leaders.sort_by_key(|id| (disk(sim, *id).term, *id));
    leaders
}
