//! What must hold after every event, whatever was done to the cluster: the five properties of figure 3, and what they rest on. A break
//! is a fault of this program, never of the learner's design, so each says under which terms it is promised.

use std::sync::Arc;

use crate::check::operation::Op;
use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::terms::Terms;
use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::clock::Clock;
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::packed::Packed;
use crate::sim::trace;

use super::Consensus;
use super::log::{Disk, Entry};
use super::look::{disk, ids, lead, server};
use super::message::Done;
use super::note::Note;
use super::settings::{Counts, Reads, Settings};

/// Something since the start that a promise may exclude.
#[derive(Clone, Copy, Debug)]
enum Void {
    /// A disk was wiped, or promises were made from memory: a server may have forgotten what it promised.
    Forgetful,
    /// Entries of older terms were committed by counting copies.
    Careless,
    /// A clock was off, or a length of time was changed, so that leases overlap.
    Mistimed,
    /// Reads were answered in a way that promises nothing.
    Rash,
}

impl From<Void> for u8 {
    fn from(what: Void) -> u8 {
        what as u8
    }
}

/// A server as of the last event.
#[derive(Clone, Debug, Default)]
struct Server {
    log: Packed<Arc<Entry>>,
    /// The term that it led, if it led.
    led: Option<u64>,
    /// How far it had committed.
    commit: u64,
    /// The term and the vote that were on its disk.
    promised: (u64, Option<NodeId>),
}

/// What is remembered to see that the invariants hold.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    terms: Terms<Void>,
    /// Who led each term.
    leaders: OrdMap<u64, NodeId>,
    servers: Vec<Server>,
    /// Every entry that was committed, with the term of whoever knew it first.
    committed: Packed<(Arc<Entry>, u64)>,
    /// Writes that failed for certain.
    failed: OrdSet<u32>,
    /// How much was committed when each open read was called.
    reads: OrdMap<RequestId, u64>,
}

type Held = Result<(), String>;

impl Upheld<Consensus> for Invariants {
    fn begin(&mut self, sim: &Sim<Consensus>) {
        self.servers = vec![Server::default(); sim.servers().into()];
        self.look_at_settings(sim.settings());
    }

    fn poked(&mut self, poke: &Poke, sim: &Sim<Consensus>) {
        match poke {
            Poke::Crash(_, DiskFate::Wiped) => self.terms.note(Void::Forgetful, true),
            Poke::Skew(..) | Poke::Drift(..) => {
                self.terms.note(Void::Mistimed, ids(sim).any(|id| *sim.node(id).clock() != Clock::default()));
            }
            Poke::Set(name, _) => {
                self.terms.note(Void::Mistimed, matches!(name.as_str(), "lease" | "election-timeout" | "reads"));
                self.look_at_settings(sim.settings());
            }
            _ => {}
        }
    }

    fn recorded(&mut self, record: &Record<Op, Done>, sim: &Sim<Consensus>) -> Held {
        match &record.kind {
            Kind::Invoke(op) if !op.is_write() => drop(self.reads.insert(record.request, self.committed.len() as u64)),
            Kind::Ok(done) => return self.read_is_fresh(record.request, done),
            Kind::Refused(_) | Kind::Failed(_) if self.reads.remove(&record.request).is_none() => {
                self.failed.insert(record.request.0);
                let holder = ids(sim).find(|id| disk(sim, *id).seen.contains(record.request.0));
                return holder.map_or(Ok(()), |id| Err(fail_is_fail(record.request, id)));
            }
            _ => drop(self.reads.remove(&record.request)),
        }
        Ok(())
    }

    fn traced(&mut self, entry: &trace::Entry<Note>, sim: &Sim<Consensus>) -> Held {
        let trace::Trace::Note(who, note) = &entry.what else { return Ok(()) };
        match note {
            Note::Leads { term, .. } => {
                self.election_safety(*term, *who)?;
                self.leader_completeness(*term, *who, sim)
            }
            Note::Commits { index } => self.commits_own_term(*who, *index, sim),
            Note::Accepted { request, .. } if self.failed.contains(&request.0) => Err(fail_is_fail(*request, *who)),
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Consensus>) -> Held {
        match touched {
            Some(id) if id.is_client() => Ok(()),
            Some(id) => self.look_at(id, sim),
            None => ids(sim).try_for_each(|id| self.look_at(id, sim)),
        }
    }
}

impl Invariants {
    /// Whether nothing happened that excludes the properties of figure 3.
    fn is_sound(&self) -> bool {
        self.terms.free_of(&[Void::Forgetful, Void::Careless])
    }

    fn look_at_settings(&mut self, settings: &Settings) {
        self.terms.note(Void::Forgetful, settings.fsync == Fsync::Lazy);
        self.terms.note(Void::Careless, settings.counts == Counts::AnyTerm);
        self.terms.note(Void::Mistimed, settings.lease >= settings.election_timeout.0);
        self.terms.note(Void::Rash, !matches!(settings.reads, Reads::Log | Reads::ReadIndex | Reads::Lease));
    }

    fn look_at(&mut self, id: NodeId, sim: &Sim<Consensus>) -> Held {
        self.promises_are_kept(id, sim)?;
        self.leader_append_only(id, sim)?;
        self.log_matching(id, sim)?;
        self.state_machine_safety(id, sim)?;
        self.match_is_true(id, sim)?;
        self.lease_is_exclusive(id, sim)
    }

    /// At most one leader can be elected in a given term, ever.
    fn election_safety(&mut self, term: u64, who: NodeId) -> Held {
        match self.leaders.insert(term, who) {
            Some(other) if self.terms.free_of(&[Void::Forgetful]) => {
                Err(format!("election safety: {other} led term {term}, and {who} is elected in it again"))
            }
            _ => Ok(()),
        }
    }

    /// A leader never overwrites or deletes entries in its log; it only appends.
    fn leader_append_only(&mut self, id: NodeId, sim: &Sim<Consensus>) -> Held {
        let own = disk(sim, id);
        let led = lead(sim, id).map(|_| own.term);
        let before = &mut self.servers[id.index()];
        let kept = common(&before.log, &own.log) == before.log.len();
        let led_on = led.is_some() && before.led == led;
        before.led = led;
        if kept || !led_on { Ok(()) } else { Err(format!("leader append-only: {id} leads term {} and changed its log", own.term)) }
    }

    /// If two logs contain an entry with the same index and term, they are identical in all entries up through that index.
    fn log_matching(&mut self, id: NodeId, sim: &Sim<Consensus>) -> Held {
        let own = disk(sim, id);
        let before = &mut self.servers[id.index()].log;
        let first = common(before, &own.log);
        if first == before.len() {
            before.catch_up(&own.log);
        } else {
            *before = own.log.clone();
        }
        if !self.terms.free_of(&[Void::Forgetful]) {
            return Ok(());
        }
        for index in first as u64 + 1..=own.last() {
            let parts = |other: &NodeId| *other != id && parts(own, disk(sim, *other), index);
            if let Some(other) = ids(sim).find(parts) {
                return Err(format!("log matching: {id} and {other} agree on the term of entry {index}, and not on what came up to it"));
            }
        }
        Ok(())
    }

    /// If a log entry is committed in a given term, it is present in the logs of the leaders of all later terms. A vote that comes late
    /// can make somebody the leader of a term that is over already.
    fn leader_completeness(&self, term: u64, who: NodeId, sim: &Sim<Consensus>) -> Held {
        let index = self.committed.partition_point(|known| known.1 < term);
        let Some(known) = index.checked_sub(1).and_then(|at| self.committed.get(at)) else { return Ok(()) };
        if !self.is_sound() || disk(sim, who).get(index as u64).as_deref() == Some(&known.0) {
            return Ok(());
        }
        Err(format!("leader completeness: {who} leads term {term} without entry {index}, which was committed before"))
    }

    /// If a server has applied an entry at a given index, no other server ever applies a different one for it. That holds already of
    /// what it takes for committed, which it never gives up.
    fn state_machine_safety(&mut self, id: NodeId, sim: &Sim<Consensus>) -> Held {
        let (own, before) = (disk(sim, id), &mut self.servers[id.index()]);
        let Some(server) = server(sim, id) else {
            before.commit = 0;
            return Ok(());
        };
        let from = std::mem::replace(&mut before.commit, server.commit).min(server.commit);
        if !self.is_sound() {
            return Ok(());
        }
        if server.commit > own.last() || server.applied > server.commit {
            let (commit, applied, last) = (server.commit, server.applied, own.last());
            return Err(format!("committed entries stay: {id} has applied {applied} and committed {commit} of {last} entries"));
        }
        for index in from + 1..=server.commit {
            let Some(entry) = own.get(index) else { continue };
            match self.committed.get(index as usize - 1) {
                Some(known) if known.0 == *entry => {}
                Some(_) => return Err(format!("state machine safety: {id} commits another entry {index} than was committed before")),
                None => {
                    self.committed.push((entry.into_owned(), own.term));
                    self.committed.settle();
                }
            }
        }
        Ok(())
    }

    /// A leader commits by counting only entries of its own term, and what it counts is on enough disks (section 5.4.2).
    fn commits_own_term(&self, who: NodeId, index: u64, sim: &Sim<Consensus>) -> Held {
        let own = disk(sim, who);
        let has = |id: &NodeId| sim.node(*id).store().durable().get(index) == own.get(index);
        let (copies, needed) = (ids(sim).filter(has).count(), sim.settings().commit.copies(sim.servers().into()));
        if !self.is_sound() || (own.term_at(index) == own.term && copies >= needed) {
            return Ok(());
        }
        Err(format!("commitment: {who} leads term {} and commits entry {index}, which is on {copies} disks of {needed}", own.term))
    }

    /// Terms on a disk never fall, and a vote is given once in a term.
    fn promises_are_kept(&mut self, id: NodeId, sim: &Sim<Consensus>) -> Held {
        let on_disk = sim.node(id).store().durable();
        let now = (on_disk.term, on_disk.voted_for);
        let before = std::mem::replace(&mut self.servers[id.index()].promised, now);
        let kept = now.0 > before.0 || (now.0 == before.0 && (before.1.is_none() || before.1 == now.1));
        if kept || !self.terms.free_of(&[Void::Forgetful]) {
            return Ok(());
        }
        Err(format!(
            "votes are kept: {id} had term {} with its vote for {:?}, and goes to term {} for {:?}",
            before.0, before.1, now.0, now.1
        ))
    }

    /// What a leader believes of a follower that has not gone on to a newer term is true.
    fn match_is_true(&self, id: NodeId, sim: &Sim<Consensus>) -> Held {
        let Some(lead) = lead(sim, id).filter(|_| self.is_sound()) else { return Ok(()) };
        let own = disk(sim, id);
        let is_wrong = |peer: &&super::replication::Peer| {
            let theirs = sim.node(peer.id).store().durable();
            theirs.term == own.term && theirs.term_at(peer.matched) != own.term_at(peer.matched)
        };
        lead.peers
            .iter()
            .find(is_wrong)
            .map_or(Ok(()), |peer| Err(format!("a match is true: {id} believes that {} has its log up to entry {}", peer.id, peer.matched)))
    }

    /// With clocks that run alike, at most one server has a lease.
    fn lease_is_exclusive(&self, id: NodeId, sim: &Sim<Consensus>) -> Held {
        let promised = sim.settings().reads == Reads::Lease && self.terms.free_of(&[Void::Mistimed, Void::Forgetful]);
        if !promised || !has_lease(sim, id) {
            return Ok(());
        }
        let other = ids(sim).find(|other| *other != id && has_lease(sim, *other));
        other.map_or(Ok(()), |other| Err(format!("one lease at a time: {id} and {other} both have one")))
    }

    /// A read sees all that was committed anywhere when it was called.
    fn read_is_fresh(&mut self, request: RequestId, done: &Done) -> Held {
        let Some(committed) = self.reads.remove(&request) else { return Ok(()) };
        let promised = self.is_sound() && self.terms.free_of(&[Void::Mistimed, Void::Rash]);
        if done.position >= committed || !promised {
            return Ok(());
        }
        let server = done.server;
        Err(format!("reads are fresh: {server} answered as of entry {}, when {committed} were committed already", done.position))
    }
}

fn has_lease(sim: &Sim<Consensus>, id: NodeId) -> bool {
    let node = sim.node(id);
    !node.is_paused() && lead(sim, id).is_some_and(|lead| lead.has_lease(sim.settings().lease, node.clock().local(sim.now())))
}

/// How many entries two logs have in common from the start.
fn common(a: &Packed<Arc<Entry>>, b: &Packed<Arc<Entry>>) -> usize {
    (0..a.len().min(b.len())).rev().find(|at| a.get(*at) == b.get(*at)).map_or(0, |at| at + 1)
}

/// Whether two logs have an entry of the same index and term that is not the same, or that does not follow the same.
fn parts(own: &Disk, other: &Disk, index: u64) -> bool {
    let same_term = index <= other.last() && own.term_at(index) == other.term_at(index);
    same_term && (own.get(index) != other.get(index) || own.term_at(index - 1) != other.term_at(index - 1))
}

fn fail_is_fail(request: RequestId, who: NodeId) -> String {
    format!("failed is failed: request {} failed for certain, and {who} has it in its log", request.0)
}
