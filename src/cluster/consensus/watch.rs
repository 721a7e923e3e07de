//! What the facts remember of the past: elections, what left a log, and how long nobody led.

use std::sync::Arc;

use crate::cluster::kit::logged::{Ledger, Moment};
use crate::cluster::kit::reach::{can_talk, has_clients};
use crate::cluster::kit::register::Register;
use crate::cluster::live::{self, Seen};
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Trace;

use super::Consensus;
use super::log::Entry;
use super::look::{ids, lead, leaders, server};
use super::note::Note;

/// Remembered beside the state.
#[derive(Clone, Debug)]
pub struct Watch {
    /// What clients wrote and saw.
    pub(super) register: Register,
    /// Where the writes are.
    pub(super) ledger: Ledger<Arc<Entry>>,
    /// The terms for which somebody stood: how many did, and who won.
    terms: OrdMap<u64, (usize, Option<NodeId>)>,
    /// How often a server became leader, and how many terms went by without any.
    pub leaders: usize,
    pub split: usize,
    /// Entries that servers threw away.
    pub discarded: usize,
    /// Since when nobody leads, and how long nobody did before that.
    since: Option<Time>,
    leaderless: Span,
    /// Whether a write can be acknowledged.
    pub(super) serving: bool,
}

impl Default for Watch {
    fn default() -> Watch {
        Watch {
            register: Register::default(),
            ledger: Ledger::default(),
            terms: OrdMap::new(),
            leaders: 0,
            split: 0,
            discarded: 0,
            since: Some(Time::ZERO),
            leaderless: Span::ZERO,
            serving: false,
        }
    }
}

impl live::Watch<Consensus> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Consensus>) {
        self.register.follow(seen);
        let mut moved = seen.touched.is_none();
        for entry in seen.trace {
            if let Trace::Note(who, note) = &entry.what {
                moved |= note.moves();
                self.see(*who, note);
            }
        }
        self.ledger.follow(&Moment { sim: seen.sim, register: &self.register, ended: seen.ended }, seen.touched);
        if moved {
            self.count_leaderless(seen.sim);
        }
        // Only a poke or a change of roles can end it; anything can begin it.
        if moved || !self.serving {
            self.serving = can_commit(seen.sim);
        }
    }
}

impl Watch {
    fn see(&mut self, who: NodeId, note: &Note) {
        match note {
            Note::Stands { term, .. } | Note::StandsAtOnce { term } => self.stands(*term),
            Note::Leads { term, .. } => {
                self.leaders += 1;
                self.ledger.risked |= !self.register.acked.is_empty();
                self.terms.entry(*term).or_default().1 = Some(who);
            }
            Note::Discards { entries, .. } => self.discarded += *entries as usize,
            _ => {}
        }
    }

    /// Somebody stands in a term: the one before it is over, with or without a leader.
    fn stands(&mut self, term: u64) {
        if self.terms.get_max().is_some_and(|(newest, (_, won))| *newest < term && won.is_none()) {
            self.split += 1;
        }
        self.terms.entry(term).or_default().0 += 1;
    }

    fn count_leaderless(&mut self, sim: &Sim<Consensus>) {
        let leads = !leaders(sim).is_empty();
        match self.since {
            Some(since) if leads => {
                self.leaderless = self.leaderless + sim.now().since(since);
                self.since = None;
            }
            None if !leads => self.since = Some(sim.now()),
            _ => {}
        }
    }

    /// How long nobody led, up to now.
    pub(super) fn leaderless(&self, now: Time) -> Span {
        self.leaderless + self.since.map_or(Span::ZERO, |since| now.since(since))
    }

    /// In how many terms somebody stood.
    pub(super) fn elections(&self) -> usize {
        self.terms.len()
    }
}

/// Whether some client reaches a leader that can write, and that reaches as many servers that can write as an entry needs.
fn can_commit(sim: &Sim<Consensus>) -> bool {
    !sim.holds_all() && ids(sim).any(|id| takes_writes(sim, id) && has_clients(sim, id) && has_quorum(sim, id))
}

fn takes_writes(sim: &Sim<Consensus>, id: NodeId) -> bool {
    lead(sim, id).is_some_and(|lead| !lead.is_handing_over()) && stores(sim, id)
}

/// Whether it runs and can write.
fn stores(sim: &Sim<Consensus>, id: NodeId) -> bool {
    let node = sim.node(id);
    server(sim, id).is_some() && !node.is_paused() && !node.store().is_full()
}

fn has_quorum(sim: &Sim<Consensus>, leader: NodeId) -> bool {
    let count = ids(sim).filter(|id| *id == leader || stores(sim, *id) && can_talk(sim, leader, *id)).count();
    count >= sim.settings().commit.copies(sim.servers().into())
}
