//! What the facts remember of the past: what was acknowledged, what a delete took away, what was mended.

use crate::check::operation::Key;
use crate::cluster::kit::register::Register;
use crate::cluster::live::{Seen, Watch as Follows};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::Kind;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::Time;
use crate::sim::trace::{Death, Trace};

use super::Quorum;
use super::cell::Cell;
use super::gather::{Gather, Stage};
use super::look::decided;
use super::message::{Mending, Note, is_of_a_request};
use super::settings::Versions;
use super::standing::Succession;

/// An acknowledged write of a key.
#[derive(Clone, Debug)]
pub(super) struct Acked {
    /// Which.
    pub request: RequestId,
    /// What it stored.
    pub cell: Cell,
    /// The event at which it was called.
    pub call: u64,
    /// The event at which its coordinator had enough answers.
    pub event: u64,
}

/// How many copies were mended by what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mended {
    /// By read repair.
    pub reads: usize,
    /// By hints.
    pub hints: usize,
    /// By anti-entropy and rebuilds.
    pub entropy: usize,
}

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    pub(super) register: Register,
    pub(super) mended: Mended,
    /// Hints that were delivered, and that were thrown away for their age.
    pub(super) handed_over: usize,
    pub(super) expired: usize,
    /// The acknowledged writes of each key that no later one has replaced for certain: the newest, and those that ran beside it.
    pub(super) acked: OrdMap<Key, Vec<Acked>>,
    /// Acknowledged writes that a write which ran beside them took the place of.
    pub(super) overwritten: usize,
    /// Where versions are kept side by side: which write may take the place of which.
    pub(super) succession: Succession,
    /// Writes that are open, with the event of their call.
    open: OrdMap<RequestId, u64>,
    /// Writes that ended without enough answers, and those of them that somebody read.
    half: OrdSet<RequestId>,
    pub(super) half_read: OrdSet<RequestId>,
    /// The newest tombstone of each key that a node has forgotten.
    pub(super) purged: OrdMap<Key, Cell>,
    /// Whether anything has happened that can lose an acknowledged write.
    pub(super) risked: bool,
    /// When something was last done by hand, asked or acknowledged.
    pub(super) stirred: Time,
    /// Whether enough servers can store a write for some client.
    pub(super) serving: bool,
    /// The last request that was decided, and by whom it was coordinated.
    pub(super) last: Option<(NodeId, RequestId)>,
    /// The message of a request, or answer to one, that died last between two nodes: when it was sent, and why it died.
    died: OrdMap<(NodeId, NodeId), (Time, Death)>,
}

impl Follows<Quorum> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Quorum>) {
        self.register.follow(seen);
        let rule = seen.sim.settings().versions;
        for entry in seen.trace {
            match &entry.what {
                Trace::Note(who, note) => self.note(*who, note, entry.event, seen.sim, rule),
                Trace::Lost(leg, death) if *death != Death::Repeated && is_of_a_request(leg) => {
                    self.died.insert(pair(leg.from, leg.to), (leg.sent, *death));
                }
                _ => {}
            }
        }
        for record in seen.records {
            self.stirred = record.time;
            if rule == Versions::Vector {
                self.succession.follow(record);
            }
            match &record.kind {
                Kind::Ok(done) if done.wrote.is_some_and(|wrote| self.half.contains(&wrote)) => {
                    self.half_read.extend(done.wrote.filter(|wrote| *wrote != record.request));
                }
                Kind::Invoke(ask) if ask.op.is_write() => drop(self.open.insert(record.request, record.event)),
                Kind::Unknown(_) => drop(self.half.insert(record.request)),
                _ => {}
            }
            if !matches!(record.kind, Kind::Invoke(_)) {
                self.open.remove(&record.request);
            }
        }
        if seen.touched.is_none() {
            self.stirred = seen.sim.now();
            self.serving = super::reach::can_write(seen.sim);
            self.risked |= !self.acked.is_empty() && is_at_risk(seen.sim);
        }
    }
}

/// Whether a server is down, or a clock is off: what was acknowledged may be where nobody reads it, or be taken for old.
fn is_at_risk(sim: &Sim<Quorum>) -> bool {
    let nodes = sim.ids().filter(|id| !id.is_client());
    nodes.into_iter().any(|id| !sim.node(id).is_up() || *sim.node(id).clock() != crate::sim::clock::Clock::default())
}

/// Two nodes, whoever of them sends.
fn pair(a: NodeId, b: NodeId) -> (NodeId, NodeId) {
    (a.min(b), a.max(b))
}

impl Watch {
    /// The message of a request that died last between two nodes: when it was sent, and why it died.
    pub(super) fn died(&self, a: NodeId, b: NodeId) -> Option<(Time, Death)> {
        self.died.get(&pair(a, b)).copied()
    }

    fn note(&mut self, who: NodeId, note: &Note, event: u64, sim: &Sim<Quorum>, rule: Versions) {
        match note {
            Note::Mended { by: Mending::Read, rows } => self.mended.reads += rows,
            Note::Mended { by: Mending::Hint, rows } => self.mended.hints += rows,
            Note::Mended { by: Mending::Entropy | Mending::Rebuild, rows } => self.mended.entropy += rows,
            Note::HandedOver { .. } => self.handed_over += 1,
            Note::HintExpired { .. } => self.expired += 1,
            Note::Purged { key, cell } => {
                self.risked = true;
                let newest = self.purged.get(key).and_then(|before| before.taking(cell, rule)).unwrap_or_else(|| cell.clone());
                self.purged.insert(key.clone(), newest);
            }
            Note::Decided { request, is_write, .. } => {
                self.last = Some((who, *request));
                if let Some(gather) = decided(sim, who, *request).filter(|_| *is_write) {
                    self.acknowledged(*request, gather, event, rule);
                }
            }
            _ => {}
        }
    }

    /// One more acknowledged write of a key. Those acknowledged before it was called are older than it for certain, but where versions
    /// are kept side by side: there only those that its client knew. Of those that ran beside it, a rule that keeps one value has
    /// overwritten one.
    fn acknowledged(&mut self, request: RequestId, gather: &Gather, event: u64, rule: Versions) {
        let Stage::Write(cell) = &gather.stage else { return };
        let called = self.open.get(&request).copied().unwrap_or(event);
        let (key, succession) = (gather.key(), &mut self.succession);
        succession.acknowledged(key, request);
        let acked = self.acked.entry(key.clone()).or_default();
        acked.retain(|other| other.event > called || (rule == Versions::Vector && succession.stands(key, other.request)));
        self.overwritten += usize::from(rule != Versions::Vector && !acked.is_empty());
        acked.push(Acked { request, cell: cell.clone(), call: called, event });
    }
}
