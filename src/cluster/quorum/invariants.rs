//! What must hold after every event, whatever was done to the store. A break is a fault of this program, never of the learner's
//! design, so each invariant says under which terms it is promised.

use crate::persistent::Change;
use crate::persistent::{OrdMap, OrdSet};

use crate::check::operation::Key;
use crate::cluster::kit::fsync::Fsync;
use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::sim::clock::Clock;
use crate::sim::history::Record;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::Quorum;
use super::cell::{Cell, Disk};
use super::gather::{Gather, Reply, Stage};
use super::look::{decided, homes, servers};
use super::message::{Done, Note};
use super::request::Request;
use super::settings::{Hints, Repair, Settings, Versions};

/// What is remembered to see that the invariants hold.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    /// What each server had durably after the event before.
    durable: Vec<Disk>,
    /// The version of each write: a write has one, and a version one write.
    versions: OrdMap<RequestId, Cell>,
    /// Whether a disk was wiped, or answers were given from memory: a node may have forgotten what it said.
    forgetful: bool,
    /// Whether a clock was off, or a length of time was changed.
    mistimed: bool,
    /// Whether quorums were counted otherwise before.
    recounted: bool,
    /// Keys of which a tombstone was forgotten: whatever was older may have gone with it.
    purged: OrdSet<Key>,
}

type Held = Result<(), String>;

impl Upheld<Quorum> for Invariants {
    fn begin(&mut self, sim: &Sim<Quorum>) {
        self.durable = vec![Disk::default(); sim.servers().into()];
        self.forgetful = sim.settings().fsync == Fsync::Lazy;
    }

    fn poked(&mut self, poke: &Poke, sim: &Sim<Quorum>) {
        match poke {
            Poke::Crash(_, DiskFate::Wiped) => {
                self.forgetful = true;
                self.durable = servers(sim).map(|id| sim.node(id).store().durable().clone()).collect();
            }
            Poke::Skew(..) | Poke::Drift(..) => {
                self.mistimed |= sim.ids().any(|id| *sim.node(id).clock() != Clock::default());
            }
            Poke::Set(name, _) => {
                self.forgetful |= sim.settings().fsync == Fsync::Lazy;
                self.mistimed |= name == "grace";
                self.recounted |= ["n", "w", "hints", "repair", "versions", "placement"].contains(&name.as_str());
            }
            _ => {}
        }
    }

    fn recorded(&mut self, _: &Record<Request, Done>, _: &Sim<Quorum>) -> Held {
        Ok(())
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<Quorum>) -> Held {
        let Trace::Note(who, note) = &entry.what else { return Ok(()) };
        match note {
            Note::Decided { request, .. } => {
                let Some(gather) = decided(sim, *who, *request) else { return Ok(()) };
                distinct_replies(*request, gather, sim.settings())?;
                if let Stage::Write(cell) = &gather.stage {
                    self.one_version_a_write(*request, cell)?;
                }
                self.ok_is_on_w(*request, gather, sim)
            }
            Note::Purged { key, cell } => {
                self.purged.insert(key.clone());
                self.purge_rule(*who, key, cell, sim)
            }
            Note::HandedOver { home, key } => self.hint_until_durable(*who, *home, key, sim),
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Quorum>) -> Held {
        match touched {
            Some(id) if id.is_client() => Ok(()),
            Some(id) => self.look_at(id, sim),
            None => servers(sim).try_for_each(|id| self.look_at(id, sim)),
        }
    }
}

impl Invariants {
    /// What a disk has gained or lost since the event before.
    fn look_at(&mut self, id: NodeId, sim: &Sim<Quorum>) -> Held {
        let now = sim.node(id).store().durable();
        let before = std::mem::replace(&mut self.durable[id.index()], now.clone());
        if before.cells.ptr_eq(&now.cells) {
            return Ok(());
        }
        before.cells.diff(&now.cells).try_for_each(|change| match change {
            Change::Add(_, cell) => self.one_version_each(cell),
            Change::Update { old: (key, old), new: (_, new) } => {
                self.one_version_each(new)?;
                if self.recounted { Ok(()) } else { version_is_monotone(id, key, old, new, sim.settings().versions) }
            }
            Change::Remove(key, old) if !old.is_tombstone() && !self.forgetful => {
                Err(format!("only tombstones are forgotten: {id} has lost {key}"))
            }
            Change::Remove(..) => Ok(()),
        })
    }

    /// Every write keeps the version that its coordinator gave it, wherever it goes: in hints, repairs and trees.
    fn one_version_each(&mut self, cell: &Cell) -> Held {
        cell.apart().try_for_each(|(request, version)| self.one_version_a_write(request, &version))
    }

    fn one_version_a_write(&mut self, request: RequestId, version: &Cell) -> Held {
        match self.versions.get(&request) {
            Some(known) if known != version => {
                Err(format!("a write has one version: request {} has {} and {}", request.0, known.version(), version.version()))
            }
            Some(_) => Ok(()),
            None => {
                self.versions.insert(request, version.clone());
                Ok(())
            }
        }
    }

    /// When a client is told ok, W places of the preference list have it durably, or something newer: replicas, or where stand-ins
    /// count also these. The same before a read is answered that repairs first.
    fn ok_is_on_w(&self, request: RequestId, gather: &Gather, sim: &Sim<Quorum>) -> Held {
        let settings = sim.settings();
        let cell = match &gather.stage {
            Stage::Write(cell) => cell,
            Stage::WriteBack(cell) if settings.repair == Repair::Before => cell,
            _ => return Ok(()),
        };
        let key = gather.key();
        if self.forgetful || self.recounted || settings.versions == Versions::Arrival || self.purged.contains(key) {
            return Ok(());
        }
        let holds = |home: &NodeId| {
            let stands_in = |id: NodeId| settings.hints == Hints::Counted && has(sim, id, key, Some(*home), cell);
            has(sim, *home, key, None, cell) || servers(sim).any(stands_in)
        };
        let holders = homes(sim, key).iter().filter(|home| holds(home)).count();
        if holders >= settings.w as usize {
            return Ok(());
        }
        Err(format!("an ok is on W disks: request {} is on {holders}, not on {}", request.0, settings.w))
    }

    /// A tombstone is forgotten only after its grace period.
    fn purge_rule(&self, who: NodeId, key: &Key, cell: &Cell, sim: &Sim<Quorum>) -> Held {
        let over = cell.written_at() + sim.settings().grace;
        if self.mistimed || sim.now() >= over {
            return Ok(());
        }
        Err(format!("a tombstone outlives its grace period: {who} has forgotten {key} before {over}"))
    }

    /// A hint is forgotten only once its replica has it durably.
    fn hint_until_durable(&self, who: NodeId, home: NodeId, key: &Key, sim: &Sim<Quorum>) -> Held {
        let Some(hint) = self.durable[who.index()].hints.get(&(home, key.clone())) else { return Ok(()) };
        let is_void = self.forgetful || self.recounted || self.purged.contains(key) || sim.settings().versions == Versions::Arrival;
        if is_void || has(sim, home, key, None, &hint.cell) {
            return Ok(());
        }
        Err(format!("a hint is kept until it is delivered: {who} has forgotten {key}, and {home} does not have it"))
    }
}

/// Whether a server holds a copy durably that is at least as new: as a replica, or for the one that it stands in for.
fn has(sim: &Sim<Quorum>, id: NodeId, key: &Key, stands_for: Option<NodeId>, cell: &Cell) -> bool {
    let copy = sim.node(id).store().durable().copy(key, stands_for);
    copy.is_some_and(|copy| copy.covers(cell, sim.settings().versions))
}

/// An answer counts once, however many copies of it come: no two of those counted are of one place or of one node.
fn distinct_replies(request: RequestId, gather: &Gather, settings: &Settings) -> Held {
    let mut nodes: Vec<NodeId> = gather.asked.iter().filter(|asked| asked.reply == Reply::Yes).map(|asked| asked.node).collect();
    nodes.sort_unstable();
    nodes.dedup();
    if nodes.len() >= gather.needed(settings) || settings.hints == Hints::Kept {
        return Ok(());
    }
    Err(format!("a quorum counts nodes, not messages: request {} was answered by {}", request.0, nodes.len()))
}

/// A copy is only replaced by a newer one.
fn version_is_monotone(id: NodeId, key: &Key, old: &Cell, new: &Cell, rule: Versions) -> Held {
    if rule == Versions::Arrival || new.covers(old, rule) {
        return Ok(());
    }
    Err(format!("a copy grows only newer: {id} had {} of {key} and now has {}", old.version(), new.version()))
}
