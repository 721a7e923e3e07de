//! Whether a write can be acknowledged, given who runs, who leads, what is cut and which disks are full.

use crate::cluster::kit::reach::{can_talk, has_clients};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Replicated;
use super::facts::{ids, may_lead, server};
use super::server::{Lead, Role};
use super::settings::{Degrade, Replication};

/// Whether some client reaches a leader that may serve, can write, and reaches as many followers that can write as the
/// replication waits for. Under semi-sync that is any one follower, because the synchronous one changes when it is silent.
pub(super) fn can_acknowledge(sim: &Sim<Replicated>) -> bool {
    !sim.holds_all() && ids(sim).any(|id| lead_that_serves(sim, id).is_some_and(|lead| has_clients(sim, id) && is_followed(sim, id, lead)))
}

/// What a leader keeps, if it may serve and can write.
fn lead_that_serves(sim: &Sim<Replicated>, id: NodeId) -> Option<&Lead> {
    let server = server(sim, id)?;
    let Role::Leader(lead) = &server.role else { return None };
    (may_lead(sim, id) && can_store(sim, id) && server.applied >= lead.start).then_some(lead)
}

/// Whether it runs and can write.
fn can_store(sim: &Sim<Replicated>, id: NodeId) -> bool {
    let node = sim.node(id);
    let stranded = server(sim, id).is_none_or(|server| matches!(server.role, Role::Stranded));
    !stranded && !node.is_paused() && !node.store().is_full()
}

fn is_followed(sim: &Sim<Replicated>, leader: NodeId, lead: &Lead) -> bool {
    let stores = |id: NodeId| can_store(sim, id) && can_talk(sim, leader, id);
    let count = || lead.peers.iter().filter(|peer| stores(peer.id)).count();
    match sim.settings().replication {
        Replication::Async => true,
        Replication::SemiSync if lead.alone && sim.settings().degrade == Degrade::ToAsync => true,
        Replication::SemiSync => lead.peers.is_empty() || count() > 0,
        Replication::Majority => count() >= usize::from(sim.servers()) / 2,
        Replication::Sync => {
            let followers = lead.peers.iter().map(|peer| (peer.id, u64::from(stores(peer.id))));
            sim.settings().sync_followers.reach(followers).is_none_or(|stored| stored == 1)
        }
    }
}
