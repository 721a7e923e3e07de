//! Whom messages reach.

use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::protocol::Protocol;

/// The loss of a wire that lets nothing through.
const ALL: f64 = 1.0;

/// Whether messages pass both ways.
pub fn can_talk<P: Protocol>(sim: &Sim<P>, a: NodeId, b: NodeId) -> bool {
    let network = sim.network();
    [(a, b), (b, a)].into_iter().all(|(from, to)| !network.is_cut(from, to) && network.policy(from, to).loss < ALL)
}

/// Whether some client and this server can talk.
pub fn has_clients<P: Protocol>(sim: &Sim<P>, server: NodeId) -> bool {
    sim.ids().filter(|id| id.is_client()).any(|client| can_talk(sim, client, server))
}
