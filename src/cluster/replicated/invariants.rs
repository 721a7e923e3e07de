//! What must hold after every event, whatever was done to the cluster (Raft, figure 3; Raft dissertation, 6.4). A break is a fault
//! of this program, never of the learner's design, so each invariant says under which terms it is promised.

use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::terms::Terms;
use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::clock::Clock;
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::Replicated;
use super::entry::Disk;
use super::facts::{disk, ids, may_lead, server};
use super::message::{Done, Note};
use super::server::{Role, Timer};
use super::settings::{Candidate, Election, Fencing, Replication, Settings, Shipping};
use super::statements::Op;

/// Something since the start that a promise may exclude.
#[derive(Clone, Copy, Debug)]
enum Void {
    /// A disk was wiped, or promises were made from memory: a server may have forgotten what it promised.
    Forgetful,
    /// An operator made a leader, who asked nobody; or the way of electing was changed.
    Overruled,
    /// A clock was off, or a length of time was changed, so that leases overlap.
    Mistimed,
    /// At some time a write could be acknowledged or a leader chosen without what keeps it (see [`keeps_writes`]).
    Careless,
}

impl From<Void> for u8 {
    fn from(what: Void) -> u8 {
        what as u8
    }
}

/// Whether a design never loses what it acknowledged: a majority has it, and who is elected by a majority has what any has.
fn keeps_writes(settings: &Settings) -> bool {
    settings.replication == Replication::Majority
        && settings.shipping == Shipping::Log
        && settings.election == Election::Majority
        && settings.candidate == Candidate::LogPosition
        && settings.fencing != Fencing::Off
}

/// The position in the log of an acknowledged write, and which servers hold it durably.
#[derive(Clone, Copy, Debug)]
struct Acked {
    request: RequestId,
    epoch: u64,
    index: u64,
    /// One bit for each server.
    holders: u64,
}

/// What is remembered to see that the invariants hold.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    terms: Terms<Void>,
    leaders: OrdMap<u64, NodeId>,
    /// The newest acknowledged write.
    acked: Option<Acked>,
    /// Writes that failed for certain.
    failed: OrdSet<u32>,
    /// The newest epoch that each server has promised durably.
    promised: Vec<u64>,
}

impl Upheld<Replicated> for Invariants {
    fn begin(&mut self, sim: &Sim<Replicated>) {
        self.promised = vec![0; sim.servers().into()];
        self.look_at_settings(sim);
    }

    fn poked(&mut self, poke: &Poke, sim: &Sim<Replicated>) {
        match poke {
            Poke::Crash(_, DiskFate::Wiped) => self.terms.note(Void::Forgetful, true),
            Poke::Operate(_) => self.terms.note(Void::Overruled, true),
            Poke::Skew(..) | Poke::Drift(..) => {
                self.terms.note(Void::Mistimed, ids(sim).any(|id| *sim.node(id).clock() != Clock::default()));
            }
            Poke::Set(name, _) => {
                self.terms.note(Void::Mistimed, matches!(name.as_str(), "lease" | "detection-timeout" | "fencing"));
                self.terms.note(Void::Overruled, name == "election");
                self.look_at_settings(sim);
            }
            _ => {}
        }
    }

    fn recorded(&mut self, record: &Record<Op, Done>, sim: &Sim<Replicated>) -> Result<(), String> {
        match &record.kind {
            Kind::Ok(done) if done.wrote == Some(record.request) => self.acknowledged(record.request, done, sim),
            Kind::Refused(_) | Kind::Failed(_) => {
                self.failed.insert(record.request.0);
                let holder = ids(sim).find(|id| disk(sim, *id).seen.contains(record.request.0));
                holder.map_or(Ok(()), |id| Err(fail_is_fail(record.request, id)))
            }
            _ => Ok(()),
        }
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<Replicated>) -> Result<(), String> {
        let Trace::Note(who, note) = &entry.what else { return Ok(()) };
        match note {
            Note::Leads { epoch, .. } => self.one_leader_per_epoch(*epoch, *who).and_then(|()| self.new_leader_has_all(*epoch, *who, sim)),
            Note::Accepted { request, .. } if self.failed.contains(&request.0) => Err(fail_is_fail(*request, *who)),
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<Replicated>) -> Result<(), String> {
        match touched {
            Some(id) if id.is_client() => Ok(()),
            Some(id) => self.look_at(id, sim),
            None => ids(sim).try_for_each(|id| self.look_at(id, sim)),
        }
    }
}

impl Invariants {
    fn look_at_settings(&mut self, sim: &Sim<Replicated>) {
        let settings = sim.settings();
        self.terms.note(Void::Forgetful, settings.fsync == Fsync::Lazy);
        self.terms.note(Void::Careless, !keeps_writes(settings));
        self.terms.note(Void::Mistimed, settings.lease >= settings.detection_timeout);
    }

    /// Whether a majority holds all that was acknowledged, for ever.
    fn keeps_writes(&self) -> bool {
        self.terms.free_of(&[Void::Careless, Void::Forgetful, Void::Overruled])
    }

    fn look_at(&mut self, id: NodeId, sim: &Sim<Replicated>) -> Result<(), String> {
        self.log_matching(id, sim)?;
        self.applied_is_prefix(id, sim)?;
        self.promise_is_monotone(id, sim)?;
        self.ack_is_durable(id, sim)?;
        lease_ends(id, sim)?;
        self.one_lease(id, sim)
    }

    /// An epoch has at most one leader, ever, who takes office once.
    fn one_leader_per_epoch(&mut self, epoch: u64, who: NodeId) -> Result<(), String> {
        match self.leaders.insert(epoch, who) {
            Some(other) if self.terms.free_of(&[Void::Forgetful, Void::Overruled]) => {
                Err(format!("one leader per epoch: {other} led epoch {epoch}, and {who} leads it again"))
            }
            _ => Ok(()),
        }
    }

    /// A leader has every write of an older epoch that was acknowledged (Raft, section 5.4.3). A vote that comes late can make
    /// somebody the leader of an epoch that is over already; it learns so from the first who answers.
    fn new_leader_has_all(&self, epoch: u64, who: NodeId, sim: &Sim<Replicated>) -> Result<(), String> {
        let Some(acked) = self.acked.filter(|acked| acked.epoch < epoch && self.keeps_writes()) else { return Ok(()) };
        if disk(sim, who).epoch_at(acked.index) == acked.epoch {
            return Ok(());
        }
        Err(format!("a new leader has all: {who} leads without entry {}, which was acknowledged", acked.index))
    }

    fn acknowledged(&mut self, request: RequestId, done: &Done, sim: &Sim<Replicated>) -> Result<(), String> {
        let index = done.position;
        let epoch = disk(sim, done.server).epoch_at(index);
        if self.acked.is_some_and(|newest| (newest.epoch, newest.index) >= (epoch, index)) {
            return Ok(());
        }
        let holds = |id: &NodeId| sim.node(*id).store().durable().epoch_at(index) == epoch;
        let holders = ids(sim).filter(holds).fold(0, |bits, id| bits | bit(id));
        self.acked = Some(Acked { request, epoch, index, holders });
        self.a_majority_holds(sim)
    }

    /// The newest acknowledged write stays on the disks of a majority, and with it all before it.
    fn ack_is_durable(&mut self, id: NodeId, sim: &Sim<Replicated>) -> Result<(), String> {
        let Some(acked) = &mut self.acked else { return Ok(()) };
        let holds = sim.node(id).store().durable().epoch_at(acked.index) == acked.epoch;
        if holds == (acked.holders & bit(id) != 0) {
            return Ok(());
        }
        acked.holders ^= bit(id);
        self.a_majority_holds(sim)
    }

    fn a_majority_holds(&self, sim: &Sim<Replicated>) -> Result<(), String> {
        let Some(acked) = self.acked.filter(|_| self.keeps_writes()) else { return Ok(()) };
        let (holders, needed) = (acked.holders.count_ones(), u32::from(sim.servers()) / 2 + 1);
        if holders >= needed {
            return Ok(());
        }
        let (request, index) = (acked.request.0, acked.index);
        Err(format!("an acknowledged write is durable: entry {index} (request {request}) is on {holders} disks, not on {needed}"))
    }

    /// What a server has promised durably never becomes less.
    fn promise_is_monotone(&mut self, id: NodeId, sim: &Sim<Replicated>) -> Result<(), String> {
        self.promised.resize(sim.servers().into(), 0);
        let now = sim.node(id).store().durable().newest_epoch();
        let before = std::mem::replace(&mut self.promised[id.index()], now);
        if now >= before || !self.terms.free_of(&[Void::Forgetful]) {
            return Ok(());
        }
        Err(format!("promises are kept: {id} had promised epoch {before} and goes back to {now}"))
    }

    /// Entries of one index and epoch are the same entry on every disk, as long as an epoch has one leader and they came with their places.
    fn log_matching(&self, id: NodeId, sim: &Sim<Replicated>) -> Result<(), String> {
        let own = disk(sim, id);
        let last = own.matched();
        let Some(entry) = own.get(last).filter(|_| self.terms.free_of(&[Void::Forgetful, Void::Overruled])) else { return Ok(()) };
        let differs =
            |other: &Disk| last <= other.matched() && other.get(last).is_some_and(|theirs| theirs.epoch == entry.epoch && theirs != entry);
        let other = ids(sim).find(|other| *other != id && differs(disk(sim, *other)));
        other.map_or(Ok(()), |other| {
            Err(format!("logs match: {id} and {other} have different entries of epoch {} at index {last}", entry.epoch))
        })
    }

    /// Nothing is applied that is not in the log, and where a majority decides, nothing that it has not decided.
    fn applied_is_prefix(&self, id: NodeId, sim: &Sim<Replicated>) -> Result<(), String> {
        let Some(server) = server(sim, id) else { return Ok(()) };
        let last = disk(sim, id).last();
        let most = if self.terms.free_of(&[Void::Careless]) { last.min(server.commit) } else { last };
        if server.applied <= most {
            return Ok(());
        }
        Err(format!("only what is in the log and decided is applied: {id} has applied {} entries and may apply {most}", server.applied))
    }

    /// With clocks that run alike, at most one server has a lease.
    fn one_lease(&self, id: NodeId, sim: &Sim<Replicated>) -> Result<(), String> {
        let promised = sim.settings().fencing == Fencing::Lease && self.terms.free_of(&[Void::Mistimed, Void::Forgetful, Void::Overruled]);
        if !promised || sim.settings().election != Election::Majority || !may_lead(sim, id) {
            return Ok(());
        }
        let other = ids(sim).find(|other| *other != id && may_lead(sim, *other));
        other.map_or(Ok(()), |other| Err(format!("one lease at a time: {id} and {other} both have one")))
    }
}

fn bit(id: NodeId) -> u64 {
    1 << id.index()
}

fn fail_is_fail(request: RequestId, who: NodeId) -> String {
    format!("failed is failed: request {} failed for certain, and {who} has it in its log", request.0)
}

/// A leader whose lease is over leads at most until the timer that says so.
fn lease_ends(id: NodeId, sim: &Sim<Replicated>) -> Result<(), String> {
    let node = sim.node(id);
    let leads = server(sim, id).is_some_and(|server| matches!(server.role, Role::Leader(_)));
    let leased = sim.settings().fencing == Fencing::Lease;
    if !leads || !leased || node.waiting() > 0 || node.timers().iter().any(|running| running.timer == Timer::Lease) {
        return Ok(());
    }
    Err(format!("a lease ends: {id} leads, and nothing will end its lease"))
}
