//! What a commit log promises whatever is done to it, looked at after every event. Where a promise rests on a setting, or on a disk, it
//! counts as long as nobody took that away.

use std::collections::BTreeSet;

use crate::cluster::kit::terms::Terms;
use crate::cluster::live::Upheld;
use crate::command::{DiskFate, Poke};
use crate::persistent::OrdMap;
use crate::sim::history::{Kind, Record};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::{Entry, Trace};

use super::CommitLog;
use super::log::Log;
use super::look::{broker, consumers, disk, lead, leader, log, seats};
use super::message::{Op, Ret};
use super::note::Note;
use super::record::{Group, Part};
use super::roster::CONTROLLER;
use super::settings::{Acks, Assignor, IsrChange, Rejoin, Truncation};

type Held = Result<(), String>;

/// What may excuse a break.
#[derive(Clone, Copy, Debug)]
enum Excuse {
    /// The controller's disk was wiped.
    Controller,
    /// A broker lost what it had: all of it, or what was not synced.
    Lost,
    /// Somebody who was not in sync led.
    Unclean,
    /// Logs are cut by high-water marks, or a broker that came back with less stayed in sync.
    Logs,
    /// Leaders count with a smaller set before that is confirmed.
    AtOnce,
    /// Producers did not wait for all.
    Acks,
    /// The assignor was another than now.
    Assignor,
}

impl From<Excuse> for u8 {
    fn from(excuse: Excuse) -> u8 {
        excuse as u8
    }
}

/// What is remembered to compare with.
#[derive(Clone, Debug, Default)]
pub struct Invariants {
    terms: Terms<Excuse>,
    /// Who led in each epoch.
    leaders: OrdMap<(Part, u32), NodeId>,
    /// Up to where each replica was looked at, and its high-water mark then.
    seen: OrdMap<(NodeId, Part), (u64, u64)>,
}

impl Upheld<CommitLog> for Invariants {
    fn begin(&mut self, sim: &Sim<CommitLog>) {
        self.note_terms(sim);
    }

    fn poked(&mut self, poke: &Poke, sim: &Sim<CommitLog>) {
        match poke {
            Poke::Crash(_, DiskFate::Wiped) => {
                self.terms.note(Excuse::Lost, true);
                self.terms.note(Excuse::Controller, disk(sim, CONTROLLER).meta.version == 0);
            }
            Poke::Crash(_, DiskFate::LosesUnsynced) => self.terms.note(Excuse::Lost, true),
            Poke::Set(name, _) => {
                self.note_terms(sim);
                self.terms.note(Excuse::Assignor, name == "assignor");
            }
            _ => {}
        }
    }

    fn recorded(&mut self, record: &Record<Op, Ret>, sim: &Sim<CommitLog>) -> Held {
        let Kind::Ok(Ret::At { part, offset }) = &record.kind else { return Ok(()) };
        let excuses = [Excuse::Controller, Excuse::Lost, Excuse::Unclean, Excuse::Logs, Excuse::AtOnce, Excuse::Acks];
        let (Some(seats), true) = (seats(sim, *part), self.terms.free_of(&excuses)) else { return Ok(()) };
        let has =
            |log: &Log| *offset < log.start.max(log.cleaned) || log.get(*offset).is_some_and(|it| it.request() == Some(record.request));
        let lacks = seats.isr.iter().find(|id| !log(sim, **id, *part).is_some_and(has));
        let Some(id) = lacks else { return Ok(()) };
        Err(format!("acknowledged is everywhere in sync: {part}@{offset} was, and {} lacks it", sim.settings().name(*id)))
    }

    fn traced(&mut self, entry: &Entry<Note>, sim: &Sim<CommitLog>) -> Held {
        let Trace::Note(who, note) = &entry.what else { return Ok(()) };
        match note {
            Note::TookOffice { part, epoch } => self.leads_alone(*who, *part, *epoch),
            Note::Elected { clean, .. } => {
                self.terms.note(Excuse::Unclean, !clean);
                Ok(())
            }
            Note::Truncated { part, .. } if lead(sim, *who, *part).is_some() => {
                Err(format!("a leader cuts off nothing: {who} cuts {part}"))
            }
            Note::Appended { part, first, .. } => log(sim, *who, *part).map_or(Ok(()), |log| is_next(log, *first)),
            Note::Balanced { group, .. } => self.is_shared_out(*who, *group, sim),
            Note::Marked { part, next, .. } => self.is_there(*part, *next, sim),
            _ => Ok(()),
        }
    }

    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<CommitLog>) -> Held {
        let brokers: Vec<NodeId> = sim.settings().roster().brokers().collect();
        for id in brokers.into_iter().filter(|id| touched.is_none_or(|touched| touched == *id)) {
            for (part, log) in &disk(sim, id).logs {
                self.look_at(id, *part, log, sim)?;
            }
        }
        if touched.is_none_or(|touched| touched == CONTROLLER) {
            self.counted_has_all(sim)?;
        }
        one_reader(touched, sim)
    }
}

impl Invariants {
    fn note_terms(&mut self, sim: &Sim<CommitLog>) {
        let settings = sim.settings();
        self.terms.note(Excuse::Logs, settings.truncation != Truncation::Epoch || settings.rejoin != Rejoin::Fenced);
        self.terms.note(Excuse::AtOnce, settings.isr_change == IsrChange::AtOnce);
        self.terms.note(Excuse::Acks, settings.acks != Acks::All);
    }

    fn leads_alone(&mut self, who: NodeId, part: Part, epoch: u32) -> Held {
        let before = self.leaders.insert((part, epoch), who).filter(|before| *before != who);
        match before.filter(|_| self.terms.free_of(&[Excuse::Controller])) {
            None => Ok(()),
            Some(before) => Err(format!("an epoch has one leader: {who} leads {part} in epoch {epoch}, and {before} did")),
        }
    }

    /// A replica after an event that may have changed it.
    fn look_at(&mut self, id: NodeId, part: Part, own: &Log, sim: &Sim<CommitLog>) -> Held {
        let (end, mark) = self.seen.get(&(id, part)).copied().unwrap_or_default();
        if (end, mark) == (own.end, own.high_water) {
            return Ok(());
        }
        self.seen.insert((id, part), (own.end, own.high_water));
        if own.start > own.high_water || own.high_water > own.end {
            let all = (own.start, own.high_water, own.end);
            return Err(format!("start, high-water mark and end are in order: {id} has {all:?} in {part}"));
        }
        if own.high_water > mark {
            self.committed_is_everywhere(id, part, own, sim)?;
        }
        if self.terms.free_of(&[Excuse::Logs, Excuse::Controller]) { agrees(id, part, (own, end.min(own.end)), sim) } else { Ok(()) }
    }

    /// The leader's mark has moved: every member of the set that it counts with has what is below it.
    fn committed_is_everywhere(&self, id: NodeId, part: Part, own: &Log, sim: &Sim<CommitLog>) -> Held {
        let Some((_, lead)) = leader(sim, part).filter(|(leader, _)| *leader == id) else { return Ok(()) };
        if !self.terms.free_of(&[Excuse::Lost, Excuse::Controller]) {
            return Ok(());
        }
        let lacks = |other: &NodeId| log(sim, *other, part).is_none_or(|log| log.end < own.high_water);
        match lead.counted(sim.settings()).into_iter().find(lacks) {
            None => Ok(()),
            Some(other) => Err(format!("committed is everywhere in sync: {part} is up to {}, and {other} lacks it", own.high_water)),
        }
    }

    /// Whom the controller counts as in sync, its leader does too.
    fn counted_has_all(&self, sim: &Sim<CommitLog>) -> Held {
        if !self.terms.free_of(&[Excuse::AtOnce, Excuse::Controller]) {
            return Ok(());
        }
        for part in super::look::topic(sim) {
            let (Some((id, lead)), Some(seats)) = (leader(sim, part), seats(sim, part)) else { continue };
            let counted = lead.counted(sim.settings());
            if let Some(other) = seats.isr.iter().find(|other| !counted.contains(other)) {
                return Err(format!("a leader counts with all in sync: {id} does not count {other} in {part}"));
            }
        }
        Ok(())
    }

    /// Who coordinates a group has given no partition twice, and all of them where none has to wait for its last owner.
    fn is_shared_out(&self, who: NodeId, group: Group, sim: &Sim<CommitLog>) -> Held {
        let Some(state) = broker(sim, who).and_then(|broker| broker.coordinator.groups.get(&group)) else { return Ok(()) };
        let all: Vec<Part> = state.members.values().flat_map(|member| member.given.iter().copied()).collect();
        let different: BTreeSet<Part> = all.iter().copied().collect();
        if different.len() < all.len() {
            return Err(format!("a partition has one owner: {group} in generation {} has {all:?}", state.generation));
        }
        let waits = sim.settings().assignor == Assignor::Cooperative || !self.terms.free_of(&[Excuse::Assignor]);
        let count = broker(sim, who).map_or(0, |broker| broker.meta.partitions());
        if waits || state.members.is_empty() || different.len() == count as usize {
            return Ok(());
        }
        Err(format!("a settled group has every partition: {group} has {different:?} of {count}"))
    }

    /// A group's place is within the log.
    fn is_there(&self, part: Part, next: u64, sim: &Sim<CommitLog>) -> Held {
        let excuses = [Excuse::Lost, Excuse::Unclean, Excuse::Controller, Excuse::Logs, Excuse::AtOnce];
        match leader(sim, part).and_then(|(id, _)| log(sim, id, part)).filter(|_| self.terms.free_of(&excuses)) {
            Some(log) if log.end < next => {
                Err(format!("a group is within the log: it goes on from {part}@{next}, which ends at {}", log.end))
            }
            _ => Ok(()),
        }
    }
}

/// What is new in a log is the same as in all others, where offset and epoch are the same; and epochs never fall.
fn agrees(id: NodeId, part: Part, (own, from): (&Log, u64), sim: &Sim<CommitLog>) -> Held {
    let others: Vec<(NodeId, &Log)> =
        sim.settings().roster().brokers().filter(|other| *other != id).filter_map(|other| Some((other, log(sim, other, part)?))).collect();
    let mut epoch = own.back_from(from).next().map_or(0, |(_, record)| record.epoch);
    for (offset, record) in own.from(from) {
        if record.epoch < epoch {
            return Err(format!("epochs never fall: {id} has epoch {} in {part}@{offset} after {epoch}", record.epoch));
        }
        epoch = record.epoch;
        let differs = |(_, log): &&(NodeId, &Log)| log.get(offset).is_some_and(|theirs| theirs.epoch == epoch && theirs != record);
        if let Some((other, _)) = others.iter().find(differs) {
            return Err(format!(
                "the same place and epoch is the same record: {id} and {other} differ in {part}@{offset} of epoch {epoch}"
            ));
        }
    }
    Ok(())
}

/// So far back the record before is looked for.
const BACK: usize = 200;

/// A numbered record follows the one before it of the same producer and epoch.
fn is_next(log: &Log, first: u64) -> Held {
    let Some(origin) = log.get(first).and_then(|record| record.origin()) else { return Ok(()) };
    // Below `cleaned` the one before may be gone.
    let first_kept = log.start.max(log.cleaned);
    let before = log.back_from(first).take_while(|(offset, _)| *offset >= first_kept).take(BACK);
    let same = before.filter_map(|(_, record)| record.origin()).find(|it| (it.producer, it.epoch) == (origin.producer, origin.epoch));
    match same.filter(|same| same.sequence + 1 != origin.sequence) {
        None => Ok(()),
        Some(same) => Err(format!("numbers go up by one: {} follows {} at {first}", origin.sequence, same.sequence)),
    }
}

/// No two consumers of a generation read one partition.
fn one_reader(touched: Option<NodeId>, sim: &Sim<CommitLog>) -> Held {
    for group in Group::ALL {
        let all: Vec<_> = consumers(sim, group).collect();
        if touched.is_some_and(|touched| all.iter().all(|(id, _)| *id != touched)) {
            continue;
        }
        for (n, (id, one)) in all.iter().enumerate() {
            let same = |(_, other): &&(NodeId, &super::consumer::Consumer)| {
                other.generation == one.generation
                    && !one.joins
                    && !other.joins
                    && other.parts.keys().any(|part| one.parts.contains_key(part))
            };
            if let Some((other, _)) = all[n + 1..].iter().find(same) {
                return Err(format!("a partition has one reader: {id} and {other} read one in generation {} of {group}", one.generation));
            }
        }
    }
    Ok(())
}
