//! Whom messages reach.

use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::network::Policy;
use crate::sim::protocol::Protocol;

/// The loss of a wire that lets nothing through.
const ALL: f64 = 1.0;

/// Whether messages pass both ways.
pub fn can_talk<P: Protocol>(sim: &Sim<P>, a: NodeId, b: NodeId) -> bool {
    let network = sim.network();
    [(a, b), (b, a)].into_iter().all(|(from, to)| !network.is_cut(from, to) && network.policy(from, to).loss < ALL)
}

/// What keeps news between servers from coming through by itself: a cut, or a line that lets nothing through.
pub fn parted<P: Protocol>(sim: &Sim<P>) -> Option<String> {
    if !sim.network().walls().is_empty() {
        return Some("a cut is open".to_string());
    }
    loses_all(sim).then(|| "a line loses everything".to_string())
}

/// Whether a line between two servers lets nothing through. Lines of clients carry no copies.
pub fn loses_all<P: Protocol>(sim: &Sim<P>) -> bool {
    let network = sim.network();
    let shuts = |policy: &Policy| policy.loss >= ALL;
    if !shuts(network.default_policy()) {
        return network.exceptions().any(|(from, to, policy)| !from.is_client() && !to.is_client() && shuts(policy));
    }
    let to_others = |from| sim.server_ids().filter(move |to| *to != from);
    sim.server_ids().any(|from| to_others(from).any(|to| shuts(network.policy(from, to))))
}

/// Whether some client and this server can talk.
pub fn has_clients<P: Protocol>(sim: &Sim<P>, server: NodeId) -> bool {
    sim.ids().filter(|id| id.is_client()).any(|client| can_talk(sim, client, server))
}
