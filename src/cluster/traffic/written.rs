//! When the leaders of the databases made the writes that not every copy knows of: what the lag of a replica is counted from.

use std::collections::VecDeque;

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::Traffic;
use super::database::Rows;
use super::roster::Role;

/// So many writes of a leader are remembered; of what comes beyond, the last that is remembered stands for all.
const MOST: usize = 10_000;

/// The writes of each leader that some copy lacks, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Written(OrdMap<NodeId, VecDeque<(u32, Time)>>);

impl Written {
    pub(super) fn follow(&mut self, sim: &Sim<Traffic>, touched: Option<NodeId>) {
        match touched {
            Some(id) if id.is_client() => {}
            Some(id) => self.look(sim, id),
            None => sim.server_ids().for_each(|id| self.look(sim, id)),
        }
    }

    fn look(&mut self, sim: &Sim<Traffic>, id: NodeId) {
        let roster = sim.settings().roster();
        let Role::Db { shard, .. } = roster.role(id) else { return };
        let copies = roster.copies(shard.into());
        let Some(leader) = copies.first().filter(|leader| copies.len() > 1 && sim.has(**leader)) else { return };
        let Rows { number, history, .. } = *sim.node(*leader).store().current();
        let made = self.0.entry(*leader).or_default();
        if made.back().is_some_and(|(newest, _)| *newest > number) {
            made.clear();
        }
        let newest = made.back().map(|(number, _)| *number);
        if newest.is_none_or(|newest| newest < number) && number > 0 && made.len() < MOST {
            made.push_back((number, sim.now()));
        }
        let knows = |id: &NodeId| match sim.node(*id).state() {
            Some(Traffic::Database(replica)) => replica.known_of(history),
            _ => 0,
        };
        let everywhere = copies.iter().skip(1).filter(|id| sim.has(**id)).map(knows).min().unwrap_or(number);
        while made.front().is_some_and(|(number, _)| *number <= everywhere) {
            made.pop_front();
        }
    }

    /// When a leader made the first write that a copy does not know, which knows all up to a number.
    pub(super) fn first_beyond(&self, leader: NodeId, known: u32) -> Option<Time> {
        self.0.get(&leader)?.iter().find(|(number, _)| *number > known).map(|(_, at)| *at)
    }
}
