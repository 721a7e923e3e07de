//! What the servers of the shops promise whatever is done to them, looked at after every event.

use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::message::{Op, Ret, Tx};
use super::note::Note;
use super::server::Session;
use super::settings::{InDoubt, RestartLocks, Settings, Unknown};
use super::{Stores, state};

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// What was decided of transactions over several shards.
    decided: OrdMap<Tx, bool>,
    /// Whether a mistake is chosen now.
    is_mistaken: bool,
    /// Transactions that were under way while a mistake was chosen, or as a disk lost what it had synced.
    excused: OrdSet<Tx>,
}

/// So many decisions are remembered.
const KEPT: usize = 1_000;

impl Upheld<Stores> for Invariants {
    fn begin(&mut self, sim: &Sim<Stores>) {
        self.is_mistaken = makes_mistakes(sim.settings());
    }

    fn poked(&mut self, poke: &Poke, sim: &Sim<Stores>) {
        let wipes = matches!(poke, Poke::Crash(_, DiskFate::Wiped));
        let was_mistaken = std::mem::replace(&mut self.is_mistaken, makes_mistakes(sim.settings()));
        if wipes || was_mistaken {
            self.excuse(sim);
        }
    }

    fn recorded(&mut self, _: &Record<Op, Ret>, _: &Sim<Stores>) -> Result<(), String> {
        Ok(())
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<Stores>) -> Result<(), String> {
        match &entry.what {
            Trace::Note(who, Note::Decided { tx, commit }) => self.one_decision(*who, *tx, *commit),
            Trace::Note(who, Note::Installed { tx, wrote, at }) if !wrote.is_empty() => self.no_torn_commit(*who, *tx, *at, sim),
            Trace::Note(who, Note::Dropped { tx, wrote: 1.., .. }) if self.decided.get(tx) == Some(&true) && !self.is_excused(*tx) => {
                Err(format!("a decision is kept: {who} drops {tx}, which was committed"))
            }
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Stores>) -> Result<(), String> {
        let nodes = sim.server_ids().filter(|id| touched.is_none_or(|node| node == *id));
        nodes.into_iter().try_for_each(|id| sound(id, sim))
    }
}

impl Invariants {
    /// A mistake, or a disk that was wiped, may show in what is under way now, or was decided before. It excuses nothing that begins later.
    fn excuse(&mut self, sim: &Sim<Stores>) {
        let known: OrdSet<Tx> = self.decided.keys().copied().collect();
        self.excused = std::mem::take(&mut self.excused).into_iter().rev().take(KEPT).chain(known).collect();
        for id in sim.server_ids() {
            let recovered = sim.node(id).store().current().recover();
            self.excused.extend(recovered.promised.keys().chain(recovered.decided.keys()).chain(recovered.undone.keys()).copied());
            if let Some(server) = state::process(sim, id) {
                let open = server.rows.open().map(|(tx, _)| *tx);
                self.excused.extend(open.chain(server.sessions.keys().copied()).chain(server.coordinated.keys().copied()));
            }
        }
    }

    fn is_excused(&self, tx: Tx) -> bool {
        self.is_mistaken || self.excused.contains(&tx)
    }

    fn one_decision(&mut self, who: NodeId, tx: Tx, commit: bool) -> Result<(), String> {
        if self.decided.len() >= KEPT {
            self.decided = self.decided.iter().skip(KEPT / 2).map(|(tx, commit)| (*tx, *commit)).collect();
        }
        match self.decided.insert(tx, commit) {
            Some(before) if before != commit && !self.is_excused(tx) => {
                Err(format!("there is one decision on each transaction: {who} decides on {tx} a second time, and otherwise"))
            }
            _ => Ok(()),
        }
    }

    /// What counts is on the disk before anybody sees it; where the operating system syncs, it is in the log.
    fn no_torn_commit(&self, who: NodeId, tx: Tx, at: u64, sim: &Sim<Stores>) -> Result<(), String> {
        let store = sim.node(who).store();
        let safe = match sim.settings().fsync {
            crate::cluster::kit::fsync::Fsync::Always => store.durable().written,
            crate::cluster::kit::fsync::Fsync::Lazy => store.current().written,
        };
        // A change of the setting meets commits that were made by the other.
        if at <= safe || self.is_excused(tx) { Ok(()) } else { Err(format!("a commit is on the disk before it counts: {tx} at {who}")) }
    }
}

fn makes_mistakes(settings: &Settings) -> bool {
    settings.in_doubt == InDoubt::GiveUp
        || settings.unknown == Unknown::Commit
        || settings.restart_locks == RestartLocks::Dropped
        || settings.forget == super::settings::Forget::ToldOne
        || settings.fsync == crate::cluster::kit::fsync::Fsync::Lazy
}

/// What is promised has its locks, and no row is changed by two at once.
fn sound(id: NodeId, sim: &Sim<Stores>) -> Result<(), String> {
    let Some(server) = state::process(sim, id) else { return Ok(()) };
    let promised = server.sessions.iter().filter(|(_, session)| matches!(session, Session::Promised(_)));
    for (tx, _) in promised {
        let keeps = server.rows.transaction(*tx).is_some_and(crate::algo::mvcc::Open::is_prepared);
        if !keeps && server.unlocked.get(tx).is_none() {
            return Err(format!("what is promised stays so until it is decided: {id} has promised {tx} and does not keep it"));
        }
    }
    let mut locked: Vec<_> = server.rows.locked().map(|(_, row)| row).collect();
    locked.sort();
    match locked.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) if server.unlocked.is_empty() => Err(format!("no two change a row at once: {} at {id}", pair[0])),
        _ => Ok(()),
    }
}
