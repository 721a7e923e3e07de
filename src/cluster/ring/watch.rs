//! What the facts remember of the past: the keys that there are, what the last change moved, what nodes have done, and what queries left
//! out.

use crate::check::operation::{Key, Op, Ret, Value};
use crate::cluster::kit::recent::Rate;
use crate::cluster::kit::register::{Register, nothing};
use crate::cluster::live::{Seen, Watch as Follows};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::Ring;
use super::keys::at_start;
use super::look::{disk, is_out, is_settled, newest, node, row, servers_of};
use super::map::{Map, Shared};
use super::node::Counts;
use super::request::{Done, Query, Request};
use super::settings::Misrouted;

/// An acknowledged write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Acked {
    pub request: RequestId,
    /// The event at which it was called, and at which its client was told.
    pub call: u64,
    pub event: u64,
}

/// What a key holds for certain: the write that was acknowledged last, and no other is open.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    value: Value,
    /// The event since which it does.
    since: u64,
}

/// What the last change of the map moves.
#[derive(Clone, Debug, Default)]
pub(super) struct Moved {
    /// Keys that have another owner, and those of them between nodes that stay.
    pub keys: usize,
    pub between_old: usize,
    /// By node.
    pub gave: OrdMap<NodeId, usize>,
    pub took: OrdMap<NodeId, usize>,
    /// The keys, so many that a picture can show them.
    pub shown: OrdSet<Key>,
    /// When the map was made, and when all was done that it asked for.
    pub began: Time,
    pub ended: Option<Time>,
}

/// The most keys that are remembered one by one as moved.
const SHOWN: usize = 2_000;

/// A request that is open.
#[derive(Clone, Debug)]
enum Open {
    Write(Key, Value, u64),
    /// A read of one key, and since when that held what it holds.
    Read(Key, Option<u64>),
    /// A query, with what was known for certain when it was asked.
    Query(Query, OrdMap<Key, Known>),
    Hit,
}

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    pub(super) register: Register,
    /// The newest map, and the one before it.
    pub(super) map: Option<Shared>,
    pub(super) before: Option<Shared>,
    /// The keys that there are, with their owners by the newest map, and how many each has.
    pub(super) keys: OrdMap<Key, NodeId>,
    pub(super) held: OrdMap<NodeId, usize>,
    pub(super) moved: Moved,
    /// Servers that have not done all that the newest map asks of them.
    pub(super) busy: OrdSet<NodeId>,
    /// What all nodes have done, and each when it was last looked at.
    pub(super) counts: Counts,
    seen: OrdMap<NodeId, Counts>,
    /// What each has carried out since the last change of the map or of a setting, and how often a second.
    pub(super) load: OrdMap<NodeId, u64>,
    pub(super) rates: OrdMap<NodeId, Rate>,
    /// How many nodes worked on the requests that were answered, and how many requests that were.
    pub(super) worked: u64,
    pub(super) answered: u64,
    /// The same of queries; and of the last one: its nodes, and what it found.
    pub(super) queries: u64,
    pub(super) touched: u64,
    pub(super) last_query: Option<(u32, usize)>,
    /// Reads that found nothing where something was for certain.
    pub(super) missed_reads: usize,
    /// Answers of a node while another would have answered too; and the first such key.
    pub(super) double_owned: usize,
    pub(super) doubly: Option<Key>,
    /// The first query that left something out, and what.
    pub(super) left_out: Option<(RequestId, Key)>,
    /// The acknowledged writes of each key that no later one has replaced for certain.
    pub(super) acked: OrdMap<Key, Vec<Acked>>,
    /// Acknowledged hits, by counter.
    pub(super) hits: OrdMap<Key, u64>,
    known: OrdMap<Key, Known>,
    /// Keys with a write of which nobody knows whether it happened.
    doubtful: OrdSet<Key>,
    writing: OrdMap<Key, u32>,
    /// Keys of which two writes were open at once: what they hold in the end nobody can say.
    contested: OrdSet<Key>,
    /// Those of them of which no write is open any more: what there is has to be looked up.
    unsure: Vec<Key>,
    open: OrdMap<RequestId, Open>,
    hitting: OrdMap<RequestId, Key>,
    /// Whether anything has happened that can lose an acknowledged write.
    pub(super) risked: bool,
    /// When something was last done by hand, asked or acknowledged.
    pub(super) stirred: Time,
}

impl Follows<Ring> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Ring>) {
        self.register.follow(seen);
        for record in seen.records {
            self.stirred = record.time;
            self.record(record);
        }
        for key in std::mem::take(&mut self.unsure) {
            let is_there = row(seen.sim, &key).is_some_and(|row| row.value.is_some());
            if is_there { self.add(&key) } else { self.remove(&key) }
        }
        if seen.touched.is_none() {
            self.stirred = seen.sim.now();
            self.risked |= !self.acked.is_empty();
        }
        self.follow_map(seen.sim);
        match seen.touched {
            Some(id) if id.is_client() => {}
            Some(id) => self.follow_node(id, seen.sim),
            None => seen.sim.server_ids().for_each(|id| self.follow_node(id, seen.sim)),
        }
        if self.busy.is_empty() && self.moved.ended.is_none() {
            self.moved.ended = Some(seen.sim.now());
        }
    }
}

impl Watch {
    /// A client asked, or was told.
    fn record(&mut self, record: &Record<Request, Done>) {
        match &record.kind {
            Kind::Invoke(request) => self.called(record.request, request, record.event),
            Kind::Ok(done) => self.told(record.request, done, record.event),
            Kind::Unknown(_) => self.ended(record.request, true),
            Kind::Refused(_) | Kind::Failed(_) => self.ended(record.request, false),
        }
    }

    fn called(&mut self, id: RequestId, request: &Request, event: u64) {
        let open = match request {
            Request::Key(Op::Read { key }) => Open::Read(key.clone(), self.known.get(key).map(|known| known.since)),
            Request::Key(Op::Write { key, value }) => {
                self.known.remove(key);
                let open = self.writing.entry(key.clone()).or_default();
                *open += 1;
                if *open > 1 {
                    self.contested.insert(key.clone());
                }
                Open::Write(key.clone(), value.clone(), event)
            }
            Request::Query(query) => Open::Query(query.clone(), self.known.clone()),
            Request::Add(key) => {
                self.hitting.insert(id, key.clone());
                Open::Hit
            }
            Request::Count(_) | Request::Key(_) => Open::Hit,
        };
        self.open.insert(id, open);
    }

    /// Ended without an answer that says that it took effect.
    fn ended(&mut self, id: RequestId, perhaps: bool) {
        self.hitting.remove(&id);
        if let Some(Open::Write(key, ..)) = self.open.remove(&id) {
            self.no_more_writing(&key);
            if perhaps {
                self.doubtful.insert(key);
            }
        }
    }

    /// One write less of a key is open. Whether it was alone all the time.
    fn no_more_writing(&mut self, key: &Key) -> bool {
        match self.writing.get_mut(key) {
            Some(count) if *count > 1 => {
                *count -= 1;
                false
            }
            _ => {
                self.writing.remove(key);
                let was_contested = self.contested.remove(key).is_some();
                self.unsure.extend(was_contested.then(|| key.clone()));
                !was_contested
            }
        }
    }

    fn told(&mut self, id: RequestId, done: &Done, event: u64) {
        self.answered += 1;
        self.worked += u64::from(done.nodes);
        if let Some(key) = self.hitting.remove(&id) {
            *self.hits.entry(key).or_default() += 1;
        }
        match self.open.remove(&id) {
            Some(Open::Write(key, value, call)) => self.wrote(&key, value, Acked { request: id, call, event }),
            Some(Open::Read(key, Some(since))) if done.ret == Ret::Value(None) => {
                self.missed_reads += usize::from(self.known.get(&key).is_some_and(|known| known.since == since));
            }
            Some(Open::Query(query, then)) => {
                let found = done.found.as_deref().unwrap_or_default();
                self.queries += 1;
                self.touched += u64::from(done.nodes);
                self.last_query = Some((done.nodes, found.len()));
                if self.left_out.is_none() {
                    self.left_out = self.first_left_out(&query, &then, found).map(|key| (id, key));
                }
            }
            _ => {}
        }
    }

    /// A key that was there all the time, is asked for, and was not found.
    fn first_left_out(&self, query: &Query, then: &OrdMap<Key, Known>, found: &[(Key, Value)]) -> Option<Key> {
        let stayed = |key: &Key, known: &Known| self.known.get(key) == Some(known);
        let wanted = then.iter().filter(|(key, known)| query.asks_for(key, &known.value));
        let mut left_out = wanted.filter(|(key, _)| found.binary_search_by(|(other, _)| other.cmp(key)).is_err());
        left_out.find(|(key, known)| stayed(key, known)).map(|(key, _)| key.clone())
    }

    fn wrote(&mut self, key: &Key, value: Value, acked: Acked) {
        let was_alone = self.no_more_writing(key);
        let all = self.acked.entry(key.clone()).or_default();
        all.retain(|other| other.event > acked.call);
        all.push(acked);
        if value == nothing() {
            self.remove(key);
        } else {
            self.add(key);
            if was_alone && !self.doubtful.contains(key) {
                self.known.insert(key.clone(), Known { value, since: acked.event });
            }
        }
    }

    fn remove(&mut self, key: &Key) {
        if let Some(owner) = self.keys.remove(key) {
            *self.held.entry(owner).or_default() -= 1;
        }
    }

    fn add(&mut self, key: &Key) {
        let Some(map) = self.map.as_ref().filter(|_| !self.keys.contains_key(key)) else { return };
        let owner = map.primary(key);
        self.keys.insert(key.clone(), owner);
        *self.held.entry(owner).or_default() += 1;
    }

    /// Looks whether there is a newer map.
    fn follow_map(&mut self, sim: &Sim<Ring>) {
        let known = self.map.as_ref().map_or(0, |map| map.version);
        let is_newer = |id: NodeId| disk(sim, id).version() > known;
        let newer = sim.touched().map_or_else(|| sim.server_ids().any(is_newer), |id| !id.is_client() && is_newer(id));
        let Some(map) = newest(sim).filter(|_| newer) else { return };
        match self.map.take() {
            None => self.begin(&map, sim),
            Some(before) => self.change(&before, &map, sim),
        }
        self.load = OrdMap::new();
        self.busy = sim.server_ids().filter(|id| !is_out(sim, *id, &map)).collect();
        self.map = Some(map);
    }

    fn begin(&mut self, map: &Shared, sim: &Sim<Ring>) {
        for (key, value) in at_start(sim.settings()) {
            let owner = map.primary(&key);
            self.keys.insert(key.clone(), owner);
            *self.held.entry(owner).or_default() += 1;
            self.known.insert(key, Known { value, since: 0 });
        }
    }

    fn change(&mut self, before: &Shared, map: &Shared, sim: &Sim<Ring>) {
        let stays = |map: &Map, id: NodeId| map.has(id);
        let mut moved = Moved { began: sim.now(), ..Moved::default() };
        self.held = OrdMap::new();
        let mut owners = Vec::with_capacity(self.keys.len());
        for (key, had) in &self.keys {
            let has = map.primary(key);
            *self.held.entry(has).or_default() += 1;
            if has != *had {
                moved.keys += 1;
                moved.between_old += usize::from(stays(map, *had) && stays(before, has));
                *moved.gave.entry(*had).or_default() += 1;
                *moved.took.entry(has).or_default() += 1;
                owners.push((key.clone(), has));
            }
        }
        moved.shown = owners.iter().take(SHOWN).map(|(key, _)| key.clone()).collect();
        self.keys.extend(owners);
        (self.moved, self.before) = (moved, Some(before.clone()));
        self.risked |= !self.acked.is_empty();
    }

    /// What a node has done since it was last looked at.
    fn follow_node(&mut self, id: NodeId, sim: &Sim<Ring>) {
        if let Some(map) = &self.map {
            let done = is_settled(sim, id, map.version) || is_out(sim, id, map);
            _ = if done { self.busy.remove(&id).is_some() } else { self.busy.insert(id) };
        }
        let Some(node) = node(sim, id) else { return };
        let before = self.seen.get(&id).copied().filter(|before| before.served <= node.counts.served).unwrap_or_default();
        if before == node.counts {
            return;
        }
        let now = node.counts;
        let more = now.served - before.served;
        for (all, now, before) in self.counts.each(&now, &before) {
            *all += now.saturating_sub(before);
        }
        self.seen.insert(id, now);
        if more > 0 {
            *self.load.entry(id).or_default() += more;
            self.rates.entry(id).or_default().add_many(sim.now(), more);
            self.look_for_second_owners(id, node.served.as_ref(), sim);
        }
    }

    /// Whoever carries out a request answers for its key. Once all nodes go by one map and have all that is their own, nobody else does,
    /// unless nodes serve what is not theirs.
    fn look_for_second_owners(&mut self, id: NodeId, key: Option<&Key>, sim: &Sim<Ring>) {
        let may_be = !self.busy.is_empty() || sim.settings().misrouted == Misrouted::Serve;
        let Some(key) = key.filter(|_| may_be) else { return };
        if servers_of(sim, key).any(|other| other != id) {
            self.double_owned += 1;
            self.doubly.get_or_insert_with(|| key.clone());
        }
    }

    /// Loads are counted from here on.
    pub(super) fn load_of(&self, id: NodeId) -> u64 {
        self.load.get(&id).copied().unwrap_or(0)
    }
}
