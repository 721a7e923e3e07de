//! Whether a write can be acknowledged: whom clients reach.

use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Quorum;
use super::look::servers;
use super::settings::{Coordinator, Hints, Placement};

/// Whether some client can have a write of some key stored by W replicas, or where they count by stand-ins.
pub(super) fn can_write(sim: &Sim<Quorum>) -> bool {
    let collectors = sim.ids().filter(|id| id.is_client()).flat_map(|client| coordinators(sim, client));
    collectors.into_iter().any(|coordinator| reaches_w(sim, coordinator))
}

/// Who can collect answers for a client: itself, or any server that it reaches.
fn coordinators(sim: &Sim<Quorum>, client: NodeId) -> Vec<NodeId> {
    match sim.settings().coordinator {
        Coordinator::Client => vec![client],
        Coordinator::Node => servers(sim).filter(|id| works(sim, *id) && talks(sim, client, *id)).collect(),
    }
}

fn reaches_w(sim: &Sim<Quorum>, coordinator: NodeId) -> bool {
    let settings = sim.settings();
    let stores = |id: NodeId| works(sim, id) && !sim.node(id).store().is_full() && (id == coordinator || talks(sim, coordinator, id));
    let can: Vec<bool> = servers(sim).map(stores).collect();
    let all = can.len();
    let copies = if settings.hints == Hints::Counted { all } else { (settings.n as usize).min(all) };
    let firsts = if settings.placement == Placement::Same { 1 } else { all };
    (0..firsts).any(|first| (0..copies).filter(|i| can[(first + i) % all]).count() >= settings.w as usize)
}

fn works(sim: &Sim<Quorum>, id: NodeId) -> bool {
    sim.node(id).is_up() && !sim.node(id).is_paused()
}

fn talks(sim: &Sim<Quorum>, a: NodeId, b: NodeId) -> bool {
    !sim.network().is_cut(a, b) && !sim.network().is_cut(b, a)
}
