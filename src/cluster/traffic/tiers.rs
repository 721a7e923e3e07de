//! What went on behind and before the servers in the last second: questions to databases and caches, and how many were hits.

use std::collections::BTreeMap;

use crate::cluster::kit::recent::Rate;
use crate::cluster::live::Live;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Leg;

use super::Traffic;
use super::message::{ANSWER, APPLY, LOOK, MISS, QUERY, REQUEST, WRITE};
use super::roster::Role;

/// What came to one database or cache.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tier {
    /// Questions.
    pub reads: Rate,
    /// Writes, those of another copy among them.
    pub writes: Rate,
    /// Questions that it could not answer, of a cache.
    pub misses: Rate,
    /// Parts of pages that it sent to users.
    pub parts: Rate,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Tiers(BTreeMap<NodeId, Tier>);

impl Tiers {
    pub(super) fn carried(&mut self, leg: &Leg, sim: &Sim<Traffic>) {
        let now = sim.now();
        match leg.kind {
            QUERY | LOOK => self.of_mut(leg.to).reads.add(now),
            WRITE | APPLY => self.of_mut(leg.to).writes.add(now),
            MISS => self.of_mut(leg.from).misses.add(now),
            REQUEST => {
                let is_edge = |id: NodeId| sim.settings().roster().edges().contains(&id);
                if is_edge(leg.to) {
                    self.of_mut(leg.to).reads.add(now);
                }
                if is_edge(leg.from) {
                    self.of_mut(leg.from).misses.add(now);
                }
            }
            ANSWER if leg.to.is_client() && sim.settings().roster().edges().contains(&leg.from) => self.of_mut(leg.from).parts.add(now),
            _ => {}
        }
    }

    fn of_mut(&mut self, id: NodeId) -> &mut Tier {
        self.0.entry(id).or_default()
    }

    /// What came to one of them.
    pub fn of(&self, id: NodeId) -> Tier {
        self.0.get(&id).copied().unwrap_or_default()
    }

    /// The share of the questions of the last second that these caches had an answer to.
    pub fn hits(&self, caches: &[NodeId], now: Time) -> Option<f64> {
        let sum = |rate: fn(&Tier) -> &Rate| caches.iter().map(|id| rate(&self.of(*id)).per_second(now)).sum::<f64>();
        let (asked, missed) = (sum(|tier| &tier.reads), sum(|tier| &tier.misses));
        (asked > 0.0).then(|| (1.0 - missed / asked).max(0.0))
    }
}

/// The databases: every leader and every replica, where they are in use.
pub(super) fn databases(live: &Live<Traffic>) -> Vec<NodeId> {
    let settings = live.sim().settings();
    if !settings.database {
        return Vec::new();
    }
    let roster = settings.roster();
    (0..roster.shards()).flat_map(|shard| roster.copies(shard)).copied().collect()
}

/// How far a replica is behind its leader; `None` for what is no replica, or while one of them is down.
pub(super) fn lag(live: &Live<Traffic>, id: NodeId) -> Option<Span> {
    let sim = live.sim();
    let Role::Db { shard, copy: 1.. } = sim.settings().roster().role(id) else { return None };
    let leader = *sim.settings().roster().copies(shard.into()).first()?;
    let (Some(Traffic::Database(replica)), true) = (sim.node(id).state(), sim.node(leader).is_up()) else { return None };
    let since = replica
        .behind()
        .or_else(|| live.watched().written.first_beyond(leader, replica.known_of(sim.node(leader).store().current().history)));
    Some(since.map_or(Span::ZERO, |since| sim.now().since(since)))
}
