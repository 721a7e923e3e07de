//! Where the acknowledged writes are, which keys differ, and how long followers take: kept up to date event by event from what
//! changed in one server's log and data, so that asking costs nothing however long the run.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet};

use crate::check::operation::{Key, Value};
use crate::cluster::kit::register::{Acked, Register};
use crate::cluster::live::Spread;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::log::Log;
use crate::sim::time::Time;

use super::Replicated;
use super::entry::Entry;
use super::facts::{disk, ids, server};
use super::message::Msg;

/// What is known of all servers, as of the last event.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger {
    servers: Vec<Seen>,
    /// Acknowledged writes that are in no log, or that a merge overruled.
    lost: OrdSet<u32>,
    /// Writes that a merge overruled.
    overruled: OrdSet<u32>,
    /// Keys that do not have the same value on all servers that run.
    divergent: OrdSet<Key>,
    /// From acknowledgement to application, for each follower that applied a write.
    pub(super) apply: Spread,
    /// When followers applied writes that were not acknowledged yet.
    early: OrdMap<u32, Vec<Time>>,
    /// Whether something happened after an acknowledgement that can lose a write: a crash, a log cut back, another leader.
    pub(super) risked: bool,
}

/// One server as of the last event.
#[derive(Clone, Debug, Default)]
struct Seen {
    log: Log<Arc<Entry>>,
    /// How many acknowledged writes are in its log.
    held: usize,
    /// Up to where its log is applied; `None` while it is down.
    applied: Option<u64>,
    /// The epoch and index of the last entry that it ever applied: a server that restarts applies its log once more.
    furthest: (u64, u64),
}

/// What an event came to. Requests that it ended count as open until all servers were looked at.
pub(super) struct Moment<'a> {
    pub(super) sim: &'a Sim<Replicated>,
    pub(super) register: &'a Register,
    pub(super) ended: &'a [RequestId],
}

impl Moment<'_> {
    fn has_ended(&self, request: u32) -> bool {
        self.ended.iter().any(|ended| ended.0 == request)
    }

    fn acked(&self, request: u32) -> Option<&Acked> {
        self.register.acked.get(request).filter(|_| !self.has_ended(request))
    }

    fn is_open(&self, request: u32) -> bool {
        self.register.is_open(request) || self.has_ended(request)
    }

    /// In how many logs a request is.
    fn copies(&self, request: u32) -> usize {
        ids(self.sim).filter(|id| disk(self.sim, *id).seen.contains(request)).count()
    }
}

impl Ledger {
    /// Brings it up to date with an event that touched this node; `None`: any.
    pub(super) fn follow(&mut self, now: &Moment<'_>, touched: Option<NodeId>) {
        self.servers.resize_with(now.sim.servers().into(), Seen::default);
        match touched {
            Some(id) if id.is_client() => {}
            Some(id) => self.look(id, now),
            None => ids(now.sim).for_each(|id| self.look(id, now)),
        }
        for request in now.ended {
            self.end(request.0, now);
        }
    }

    /// A merge threw these away.
    pub(super) fn overrule(&mut self, requests: impl Iterator<Item = u32>, register: &Register) {
        for request in requests {
            self.overruled.insert(request);
            if register.is_acked(request) {
                self.lost.insert(request);
            }
        }
    }

    /// How many writes merges threw away.
    pub(super) fn overruled(&self) -> usize {
        self.overruled.len()
    }

    /// How many keys differ.
    pub(super) fn divergent(&self) -> usize {
        self.divergent.len()
    }

    /// How many acknowledged writes are not in this server's log.
    pub(super) fn missing(&self, id: NodeId, register: &Register) -> usize {
        register.acked.len() - self.servers[id.index()].held
    }

    /// Acknowledged writes that are in no log, on no way to one and on no disk to be offered to one, or that a merge overruled.
    pub(super) fn lost(&self, sim: &Sim<Replicated>) -> OrdSet<u32> {
        let mut lost = self.lost.clone();
        if !lost.is_empty() {
            let waiting = ids(sim).flat_map(|id| sim.node(id).inbox());
            let carried = sim.flights().map(|flight| &flight.msg).chain(waiting).flat_map(Msg::carried);
            let offered = ids(sim).flat_map(|id| disk(sim, id).offers.iter()).flat_map(|offer| offer.writes.iter());
            let kept = carried.chain(offered.map(|written| written.request));
            for request in kept.filter(|request| !self.overruled.contains(&request.0)) {
                lost.remove(&request.0);
            }
        }
        lost
    }

    /// A request ended: as an acknowledged write, or otherwise.
    fn end(&mut self, request: u32, now: &Moment<'_>) {
        let early = self.early.remove(&request).unwrap_or_default();
        let Some(acked) = now.register.acked.get(request) else { return };
        for at in early {
            self.apply.add(at.since(acked.sent));
        }
        for (id, seen) in ids(now.sim).zip(&mut self.servers) {
            seen.held += usize::from(disk(now.sim, id).seen.contains(request));
        }
        if self.overruled.contains(&request) || now.copies(request) == 0 {
            self.lost.insert(request);
        }
    }

    /// Compares a server with what it was.
    fn look(&mut self, id: NodeId, now: &Moment<'_>) {
        let kept = self.look_at_log(id, now);
        let applied = server(now.sim, id).map(|server| server.applied);
        let before = std::mem::replace(&mut self.servers[id.index()].applied, applied);
        match (before, applied) {
            (Some(before), Some(applied)) if before <= applied && before <= kept => {
                (before + 1..=applied).for_each(|index| self.applied(id, index, now));
            }
            (None, None) => {}
            _ => {
                self.risked |= applied.is_none() && !now.register.acked.is_empty();
                self.divergent = divergent(now.sim);
                (1..=applied.unwrap_or(0)).for_each(|index| self.time(id, index, now));
            }
        }
    }

    /// Counts what its log lost and gained. Up to the index that is returned it is what it was.
    fn look_at_log(&mut self, id: NodeId, now: &Moment<'_>) -> u64 {
        let log = &disk(now.sim, id).log;
        let before = &mut self.servers[id.index()].log;
        let common = (0..before.len().min(log.len())).rev().find(|at| before.get(*at) == log.get(*at)).map_or(0, |at| at + 1);
        if common == before.len() {
            before.catch_up(log);
            requests(log, common).for_each(|request| self.gained(id, request, now));
            return common as u64;
        }
        let before = std::mem::replace(before, log.clone());
        requests(&before, common).for_each(|request| self.dropped(id, request, now));
        requests(log, common).for_each(|request| self.gained(id, request, now));
        common as u64
    }

    /// A request left a server's log.
    fn dropped(&mut self, id: NodeId, request: u32, now: &Moment<'_>) {
        self.risked |= !now.register.acked.is_empty();
        if now.acked(request).is_some() {
            self.servers[id.index()].held -= 1;
            if now.copies(request) == 0 {
                self.lost.insert(request);
            }
        }
    }

    /// A request came into a server's log.
    fn gained(&mut self, id: NodeId, request: u32, now: &Moment<'_>) {
        if now.acked(request).is_some() {
            self.servers[id.index()].held += 1;
            if !self.overruled.contains(&request) {
                self.lost.remove(&request);
            }
        }
    }

    /// A server applied the entry at an index.
    fn applied(&mut self, id: NodeId, index: u64, now: &Moment<'_>) {
        self.time(id, index, now);
        if let Some(key) = disk(now.sim, id).get(index).and_then(|entry| entry.key()) {
            self.compare(key, now.sim);
        }
    }

    /// Takes the time from acknowledgement to application of an entry that a follower applied for the first time.
    fn time(&mut self, id: NodeId, index: u64, now: &Moment<'_>) {
        let Some(entry) = disk(now.sim, id).get(index) else { return };
        let seen = &mut self.servers[id.index()];
        if (entry.epoch, index) <= seen.furthest {
            return;
        }
        seen.furthest = (entry.epoch, index);
        let Some(request) = entry.request().filter(|_| server(now.sim, id).is_some_and(|server| !server.is_leader())) else { return };
        match now.acked(request.0) {
            Some(acked) => self.apply.add(now.sim.now().since(acked.sent)),
            None if now.is_open(request.0) => self.early.entry(request.0).or_default().push(now.sim.now()),
            None => {}
        }
    }

    fn compare(&mut self, key: &Key, sim: &Sim<Replicated>) {
        if differs(key, sim) {
            self.divergent.insert(key.clone());
        } else if !self.divergent.is_empty() {
            self.divergent.remove(key);
        }
    }
}

/// The requests of a log from a place on, counted from 0.
fn requests(log: &Log<Arc<Entry>>, from: usize) -> impl Iterator<Item = u32> {
    log.iter_from(from).filter_map(|entry| entry.request()).map(|request| request.0)
}

/// Whether a key does not have the same value on all servers that run.
fn differs(key: &Key, sim: &Sim<Replicated>) -> bool {
    let value = |id| -> Option<Option<&Value>> { Some(server(sim, id)?.data.get(key).map(|cell| &cell.value)) };
    let mut values = ids(sim).filter_map(value);
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// Every such key, found from nothing.
pub(super) fn divergent(sim: &Sim<Replicated>) -> OrdSet<Key> {
    let data = ids(sim).filter_map(|id| server(sim, id)).map(|server| &server.data);
    let keys: OrdSet<&Key> = data.flat_map(|data| data.keys()).collect();
    keys.into_iter().filter(|key| differs(key, sim)).cloned().collect()
}
