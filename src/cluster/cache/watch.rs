//! What the facts remember: counts that outlive a crash, the last hundred reads, and what each rule of eviction would have made of the same
//! looks.

use crate::algo::eviction::{Eviction, Rule};
use crate::check::operation::{Key, Op};
use crate::cluster::kit::recent::Rate;
use crate::cluster::kit::register::Register;
use crate::cluster::live::{Seen, Watch as Follows};
use crate::persistent::OrdMap;
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::age::Ages;
use super::app::App;
use super::judge::row;
use super::node::Cache;
use super::request::{Done, Request};
use super::shelf::Shelf;
use super::{CACHE, Caching, DATABASE, is_app};

/// What is counted, over all lives of all nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// Reads that applications answered, and those of them that a cache had.
    Answered,
    Hits,
    /// Of all caches: entries that came in, and how they went; hits after their end.
    Inserted,
    Evicted,
    Expired,
    Deleted,
    LateHits,
    /// Queries for a miss or to make an entry young, reads that waited for one of another, reads that were refused one.
    Loads,
    Joined,
    RefusedLoads,
    /// Fills of the shared cache, and those it did not take.
    Fills,
    FillsRefused,
    /// Dirty entries that were written.
    Flushed,
    /// Deletes and updates of the shared cache that it did not confirm.
    Unconfirmed,
    /// Queries of the database.
    DbReads,
    DbWrites,
    /// Reads of titles that are asked for only once.
    Scanned,
    /// Looks at the shared cache.
    Looks,
}

/// How many there are.
const COUNTS: usize = Count::Looks as usize + 1;

/// One number for each [`Count`].
type Counts = [u64; COUNTS];

/// The length of the memory of hits and misses.
pub(super) const LAST: u64 = 100;
/// Its bits.
const LAST_BITS: u128 = (1 << LAST) - 1;

/// Remembered beside the state.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    pub(super) register: Register,
    /// How old answers may be.
    pub(super) ages: Ages,
    counts: Counts,
    seen: OrdMap<NodeId, Counts>,
    /// The last reads, the newest at the lowest bit: 1 for a hit.
    last: u128,
    /// The most loads of one key at the same time so far.
    pub(super) loads_at_once: u32,
    /// Queries that reach the database.
    pub(super) queries: Rate,
    arrived: u64,
    /// The most of them in a second so far.
    pub(super) most_queries: f64,
    /// Fills that brought what the database had replaced.
    pub(super) late_fills: usize,
    /// What each rule makes of the looks at the shared cache.
    pub(super) shadows: Shadows,
    /// When each read that is open was called, and the longest that one took.
    reads: OrdMap<RequestId, Time>,
    pub(super) longest_read: Span,
    /// Hits and reads of the last play of each client.
    pub(super) played: OrdMap<NodeId, (u32, u32)>,
    /// Whether anything has happened that can lose an acknowledged write.
    pub(super) risked: bool,
}

/// Caches of the same number of slots that are asked the same, each under another rule, and from which nothing is deleted.
#[derive(Clone, Debug, Default)]
pub(super) struct Shadows {
    /// Each with its hits.
    pub caches: Vec<(Eviction<Key>, u64)>,
    /// How often they were asked.
    pub asked: u64,
}

impl Shadows {
    fn of(slots: u32) -> Shadows {
        Shadows { caches: Rule::ALL.iter().map(|rule| (Eviction::new(*rule, slots as usize), 0)).collect(), asked: 0 }
    }

    /// The hits under a rule.
    pub(super) fn hits(&self, rule: Rule) -> u64 {
        self.caches.iter().find(|(cache, _)| cache.rule() == rule).map_or(0, |(_, hits)| *hits)
    }

    fn follow(&mut self, looked: &Shelf, slots: u32) {
        if self.caches.first().is_none_or(|(cache, _)| cache.capacity() != slots as usize) {
            *self = Shadows::of(slots);
        }
        let Some((key, asked)) = &looked.last_look else { return };
        self.asked += 1;
        for (cache, hits) in &mut self.caches {
            *hits += u64::from(cache.ask(key, *asked));
        }
    }
}

impl Follows<Caching> for Watch {
    fn follow(&mut self, seen: &Seen<'_, Caching>) {
        self.register.follow(seen);
        self.ages.follow(self.register.stale_now, seen.sim);
        for record in seen.records {
            self.record(record);
        }
        match seen.touched {
            Some(id) if id.is_client() => {}
            Some(id) => self.look_at(id, seen.sim),
            None => {
                self.risked |= self.register.all_newest().next().is_some();
                seen.sim.server_ids().for_each(|id| self.look_at(id, seen.sim));
            }
        }
        let arrived = seen.sim.queueing(DATABASE).arrived;
        let more = arrived - std::mem::replace(&mut self.arrived, arrived);
        if more > 0 {
            self.queries.add_many(seen.sim.now(), more);
            self.most_queries = self.most_queries.max(self.queries.per_second(seen.sim.now()));
        }
    }
}

impl Watch {
    fn record(&mut self, record: &Record<Request, Done>) {
        let (request, client, at) = (record.request, record.client, record.time);
        match &record.kind {
            Kind::Invoke(Request::Key(Op::Read { .. })) => drop(self.reads.insert(request, at)),
            Kind::Invoke(_) => {}
            Kind::Ok(done) => {
                let called = self.reads.remove(&request);
                self.longest_read = self.longest_read.max(called.map_or(Span::ZERO, |called| at.since(called)));
                self.played.extend(done.played.map(|played| (client, played)));
            }
            Kind::Refused(_) | Kind::Failed(_) | Kind::Unknown(_) => drop(self.reads.remove(&request)),
        }
    }

    /// Adds what a server has counted since it was last looked at. After a crash it counts anew.
    fn look_at(&mut self, id: NodeId, sim: &Sim<Caching>) {
        let now = counts(sim, id);
        let before = self.seen.insert(id, now).unwrap_or([0; COUNTS]);
        let since = |count: usize| if now[count] < before[count] { now[count] } else { now[count] - before[count] };
        let (answered, hits) = (since(Count::Answered as usize), since(Count::Hits as usize));
        (0..answered).for_each(|number| self.last = (self.last << 1 | u128::from(number < hits)) & LAST_BITS);
        if since(Count::Looks as usize) > 0
            && let Some(cache) = cache(sim)
        {
            self.shadows.follow(&cache.shelf, sim.settings().slots);
        }
        if since(Count::Loads as usize) > 0 {
            self.count_loads(sim, id);
        }
        if since(Count::Fills as usize) > 0 {
            self.late_fills += usize::from(is_late(sim));
        }
        for (count, sum) in self.counts.iter_mut().enumerate() {
            *sum += since(count);
        }
    }

    fn count_loads(&mut self, sim: &Sim<Caching>, id: NodeId) {
        let key = match sim.node(id).state() {
            Some(Caching::App(app)) => app.last_load.as_ref(),
            Some(Caching::Cache(cache)) => cache.last_load.as_ref(),
            _ => None,
        };
        let of = |key: &Key| loading(sim).filter(|(loaded, _)| *loaded == key).map(|(_, count)| count).sum();
        self.loads_at_once = self.loads_at_once.max(key.map_or(0, of));
    }

    /// How often something happened.
    pub(super) fn count(&self, count: Count) -> u64 {
        self.counts[count as usize]
    }

    /// Of the last reads, at most [`LAST`], how many there are and how many hit.
    pub(super) fn last(&self) -> (u64, u64) {
        (self.count(Count::Answered).min(LAST), self.last.count_ones().into())
    }
}

/// Whether the last fill of the cache is older than what the database has.
fn is_late(sim: &Sim<Caching>) -> bool {
    let last = cache(sim).and_then(|cache| Some((cache.last_fill.as_ref()?, &cache.shelf)));
    last.is_some_and(|(key, shelf)| shelf.entries.get(key).is_some_and(|entry| entry.row.version < row(sim, key).version))
}

/// The shared cache's process, while it runs.
pub(super) fn cache(sim: &Sim<Caching>) -> Option<&Cache> {
    match sim.node(CACHE).state() {
        Some(Caching::Cache(cache)) => Some(cache),
        _ => None,
    }
}

/// The applications that run.
pub(super) fn apps(sim: &Sim<Caching>) -> impl Iterator<Item = (NodeId, &App)> {
    let app = |id: NodeId| match sim.node(id).state() {
        Some(Caching::App(app)) => Some((id, &**app)),
        _ => None,
    };
    sim.server_ids().filter(|id| is_app(*id)).filter_map(app)
}

/// Every cache that runs and is used.
pub(super) fn shelves(sim: &Sim<Caching>) -> impl Iterator<Item = (NodeId, &Shelf)> {
    let shared = cache(sim).filter(|_| sim.settings().has_shared()).map(|cache| (CACHE, &cache.shelf));
    let local = apps(sim).filter(|_| sim.settings().has_local()).map(|(id, app)| (id, &app.shelf));
    shared.into_iter().chain(local)
}

/// The loads under way, by key, of each node that has any.
pub(super) fn loading(sim: &Sim<Caching>) -> impl Iterator<Item = (&Key, u32)> {
    let own = cache(sim).into_iter().flat_map(|cache| cache.loading.iter());
    own.chain(apps(sim).flat_map(|(_, app)| app.loading.iter())).map(|(key, count)| (key, *count))
}

/// What a server has counted in this life.
fn counts(sim: &Sim<Caching>, id: NodeId) -> Counts {
    let mut counts = [0; COUNTS];
    let mut put = |all: &[(Count, u64)]| all.iter().for_each(|(count, n)| counts[*count as usize] = *n);
    match sim.node(id).state() {
        Some(Caching::Cache(cache)) => {
            let own = &cache.counts;
            put(&of_shelf(&cache.shelf));
            put(&[
                (Count::Looks, cache.shelf.counts.lookups),
                (Count::Fills, own.fills),
                (Count::FillsRefused, own.fills_refused),
                (Count::Flushed, own.flushed),
                (Count::Loads, own.own_loads),
                (Count::Joined, own.joined),
                (Count::RefusedLoads, own.refused),
            ]);
        }
        Some(Caching::App(app)) => {
            let own = &app.counts;
            put(&of_shelf(&app.shelf));
            put(&[
                (Count::Answered, own.answered),
                (Count::Hits, own.hits),
                (Count::Loads, own.loads),
                (Count::Joined, own.joined),
                (Count::RefusedLoads, own.refused),
                (Count::Unconfirmed, own.unconfirmed),
                (Count::Scanned, own.scanned),
            ]);
        }
        Some(Caching::Database(database)) => put(&[(Count::DbReads, database.reads), (Count::DbWrites, database.writes)]),
        _ => {}
    }
    counts
}

fn of_shelf(shelf: &Shelf) -> [(Count, u64); 5] {
    let counts = &shelf.counts;
    [
        (Count::Inserted, counts.inserted),
        (Count::Evicted, counts.evicted),
        (Count::Expired, counts.expired),
        (Count::Deleted, counts.deleted),
        (Count::LateHits, counts.late_hits),
    ]
}
