//! Where the acknowledged writes are, which keys differ, and how long followers take: kept up to date event by event from what
//! changed in one server's log and data, so that asking costs nothing however long the run.

use crate::check::operation::{Key, Value};
use crate::cluster::kit::register::{Acked, Register};
use crate::cluster::live::Spread;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::pack::Pack;
use crate::sim::packed::Packed;
use crate::sim::time::Time;

use super::{Logged, entry, has, ids, log};

/// What is known of all servers, as of the last event.
#[derive(Debug)]
pub struct Ledger<E> {
    servers: Vec<Seen<E>>,
    /// Acknowledged writes that are in no log, or that a merge overruled.
    lost: OrdSet<u32>,
    /// Writes that a merge overruled.
    overruled: OrdSet<u32>,
    /// Keys that do not have the same value on all servers that run.
    divergent: OrdSet<Key>,
    /// From acknowledgement to application, for each follower that applied a write.
    pub apply: Spread,
    /// When followers applied writes that were not acknowledged yet.
    early: OrdMap<u32, Vec<Time>>,
    /// Whether something happened after an acknowledgement that can lose a write: a crash, a log cut back, another leader.
    pub risked: bool,
    /// Whether entries were ever sent without their places: from then on logs that have the same entry at one place need not be the
    /// same before it.
    is_unordered: bool,
}

impl<E> Default for Ledger<E> {
    fn default() -> Self {
        Ledger {
            servers: Vec::new(),
            lost: OrdSet::new(),
            overruled: OrdSet::new(),
            divergent: OrdSet::new(),
            apply: Spread::default(),
            early: OrdMap::new(),
            risked: false,
            is_unordered: false,
        }
    }
}

impl<E: Clone> Clone for Ledger<E> {
    fn clone(&self) -> Self {
        Ledger {
            servers: self.servers.clone(),
            lost: self.lost.clone(),
            overruled: self.overruled.clone(),
            divergent: self.divergent.clone(),
            apply: self.apply.clone(),
            early: self.early.clone(),
            risked: self.risked,
            is_unordered: self.is_unordered,
        }
    }
}

/// One server as of the last event.
#[derive(Debug)]
struct Seen<E> {
    log: Packed<E>,
    /// How many acknowledged writes are in its log.
    held: usize,
    /// Up to where its log is applied; `None` while it is down.
    applied: Option<u64>,
    /// The epoch and index of the last entry that it ever applied: a server that restarts applies its log once more.
    furthest: (u64, u64),
}

impl<E> Default for Seen<E> {
    fn default() -> Self {
        Seen { log: Packed::default(), held: 0, applied: None, furthest: (0, 0) }
    }
}

impl<E: Clone> Clone for Seen<E> {
    fn clone(&self) -> Self {
        Seen { log: self.log.clone(), ..*self }
    }
}

/// What an event came to. Requests that it ended count as open until all servers were looked at.
pub struct Moment<'a, P: Logged> {
    /// The state after it.
    pub sim: &'a Sim<P>,
    /// What clients wrote and saw.
    pub register: &'a Register,
    /// The requests that ended.
    pub ended: &'a [RequestId],
}

impl<P: Logged> Moment<'_, P> {
    fn has_ended(&self, request: u32) -> bool {
        self.ended.iter().any(|ended| ended.0 == request)
    }

    fn acked(&self, request: u32) -> Option<Acked> {
        self.register.acked.get(request).filter(|_| !self.has_ended(request))
    }

    fn is_open(&self, request: u32) -> bool {
        self.register.is_open(request) || self.has_ended(request)
    }

    /// In how many logs a request is.
    fn copies(&self, request: u32) -> usize {
        ids(self.sim).filter(|id| has(self.sim, *id, request)).count()
    }
}

impl<E: PartialEq + Pack> Ledger<E> {
    /// Brings it up to date with an event that touched this node; `None`: any.
    pub fn follow<P: Logged<Entry = E>>(&mut self, now: &Moment<'_, P>, touched: Option<NodeId>) {
        if !self.servers.is_empty() {
            (self.servers.len() as u16..now.sim.servers()).for_each(|number| self.joined::<P>(NodeId::server(number), now.sim));
        }
        self.servers.resize_with(now.sim.servers().into(), Seen::default);
        self.is_unordered |= !P::sends_places(now.sim.settings());
        match touched {
            Some(id) if id.is_client() => {}
            Some(id) => self.look(id, now),
            None => ids(now.sim).for_each(|id| self.look(id, now)),
        }
        for request in now.ended {
            self.end(request.0, now);
        }
    }

    /// A server joins. What it brought was applied elsewhere, long ago.
    fn joined<P: Logged<Entry = E>>(&mut self, id: NodeId, sim: &Sim<P>) {
        let brought = log(sim, id);
        let furthest = (brought.last().map_or(0, |entry| P::term(entry)), brought.len() as u64);
        self.servers.push(Seen { furthest, ..Seen::default() });
    }

    /// A merge threw these away.
    pub fn overrule(&mut self, requests: impl Iterator<Item = u32>, register: &Register) {
        for request in requests {
            self.overruled.insert(request);
            if register.is_acked(request) {
                self.lost.insert(request);
            }
        }
    }

    /// How many writes merges threw away.
    pub fn overruled(&self) -> usize {
        self.overruled.len()
    }

    /// How many keys differ.
    pub fn divergent(&self) -> usize {
        self.divergent.len()
    }

    /// How many acknowledged writes are not in this server's log.
    pub fn missing(&self, id: NodeId, register: &Register) -> usize {
        register.acked.len() - self.servers[id.index()].held
    }

    /// Acknowledged writes that are in no log, on no way to one and on no disk to be offered to one, or that a merge overruled.
    pub fn lost<P: Logged<Entry = E>>(&self, sim: &Sim<P>) -> OrdSet<u32> {
        let mut lost = self.lost.clone();
        if !lost.is_empty() {
            let waiting = ids(sim).flat_map(|id| sim.node(id).inbox());
            let carried = sim.flights().map(|flight| &flight.msg).chain(waiting).flat_map(P::carried);
            let kept = carried.chain(ids(sim).flat_map(|id| P::kept(sim.node(id).store().current())));
            for request in kept.filter(|request| !self.overruled.contains(&request.0)) {
                lost.remove(&request.0);
            }
        }
        lost
    }

    /// A request ended: as an acknowledged write, or otherwise.
    fn end<P: Logged<Entry = E>>(&mut self, request: u32, now: &Moment<'_, P>) {
        let early = self.early.remove(&request).unwrap_or_default();
        let Some(acked) = now.register.acked.get(request) else { return };
        for at in early {
            self.apply.add(at.since(acked.sent));
        }
        for (id, seen) in ids(now.sim).zip(&mut self.servers) {
            seen.held += usize::from(has(now.sim, id, request));
        }
        if self.overruled.contains(&request) || now.copies(request) == 0 {
            self.lost.insert(request);
        }
    }

    /// Compares a server with what it was.
    fn look<P: Logged<Entry = E>>(&mut self, id: NodeId, now: &Moment<'_, P>) {
        let kept = self.look_at_log(id, now);
        let applied = now.sim.node(id).state().map(P::applied);
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
    fn look_at_log<P: Logged<Entry = E>>(&mut self, id: NodeId, now: &Moment<'_, P>) -> u64 {
        let log = log(now.sim, id);
        let before = &mut self.servers[id.index()].log;
        let common = if self.is_unordered { before.common(log) } else { matching(before, log) };
        if common == before.len() {
            before.catch_up(log);
            requests::<P>(log, common).for_each(|request| self.gained(id, request, now));
            return common as u64;
        }
        let before = std::mem::replace(before, log.clone());
        requests::<P>(&before, common).for_each(|request| self.dropped(id, request, now));
        requests::<P>(log, common).for_each(|request| self.gained(id, request, now));
        common as u64
    }

    /// A request left a server's log.
    fn dropped<P: Logged<Entry = E>>(&mut self, id: NodeId, request: u32, now: &Moment<'_, P>) {
        self.risked |= !now.register.acked.is_empty();
        if now.acked(request).is_some() {
            self.servers[id.index()].held -= 1;
            if now.copies(request) == 0 {
                self.lost.insert(request);
            }
        }
    }

    /// A request came into a server's log.
    fn gained<P: Logged<Entry = E>>(&mut self, id: NodeId, request: u32, now: &Moment<'_, P>) {
        if now.acked(request).is_some() {
            self.servers[id.index()].held += 1;
            if !self.overruled.contains(&request) {
                self.lost.remove(&request);
            }
        }
    }

    /// A server applied the entry at an index.
    fn applied<P: Logged<Entry = E>>(&mut self, id: NodeId, index: u64, now: &Moment<'_, P>) {
        self.time(id, index, now);
        let entry = entry(now.sim, id, index);
        if let Some(key) = entry.as_deref().and_then(P::key) {
            self.compare(key, now.sim);
        }
    }

    /// Takes the time from acknowledgement to application of an entry that a follower applied for the first time.
    fn time<P: Logged<Entry = E>>(&mut self, id: NodeId, index: u64, now: &Moment<'_, P>) {
        let Some(entry) = entry(now.sim, id, index) else { return };
        let seen = &mut self.servers[id.index()];
        let term = P::term(&entry);
        if (term, index) <= seen.furthest {
            return;
        }
        seen.furthest = (term, index);
        let follows = now.sim.node(id).state().is_some_and(|state| !state.leads());
        let Some(request) = P::request(&entry).filter(|_| follows) else { return };
        match now.acked(request.0) {
            Some(acked) => self.apply.add(now.sim.now().since(acked.sent)),
            None if now.is_open(request.0) => self.early.entry(request.0).or_default().push(now.sim.now()),
            None => {}
        }
    }

    fn compare<P: Logged<Entry = E>>(&mut self, key: &Key, sim: &Sim<P>) {
        if differs(key, sim) {
            self.divergent.insert(key.clone());
        } else if !self.divergent.is_empty() {
            self.divergent.remove(key);
        }
    }
}

/// How long the beginning is that two logs share, where one entry that they share vouches for all before it (Log Matching, Raft,
/// section 5.3). As a rule the last tells.
fn matching<E: PartialEq + Pack>(a: &Packed<E>, b: &Packed<E>) -> usize {
    (0..a.len().min(b.len())).rev().find(|at| a.get(*at) == b.get(*at)).map_or(0, |at| at + 1)
}

/// The requests of a log from a place on, counted from 0.
fn requests<P: Logged>(log: &Packed<P::Entry>, from: usize) -> impl Iterator<Item = u32> {
    log.iter_from(from).filter_map(|entry| P::request(&entry)).map(|request| request.0)
}

/// Whether a key does not have the same value on all servers that run.
fn differs<P: Logged>(key: &Key, sim: &Sim<P>) -> bool {
    let value = |id| -> Option<Option<&Value>> { Some(sim.node(id).state()?.value(key)) };
    let mut values = ids(sim).filter_map(value);
    let first = values.next();
    values.any(|value| Some(value) != first)
}

/// Every such key, found from nothing.
pub fn divergent<P: Logged>(sim: &Sim<P>) -> OrdSet<Key> {
    let keys: OrdSet<&Key> = ids(sim).filter_map(|id| sim.node(id).state()).flat_map(P::keys).collect();
    keys.into_iter().filter(|key| differs(key, sim)).cloned().collect()
}
