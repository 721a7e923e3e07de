//! The facts of the cluster.

use crate::algo::eviction::Rule;
use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, float, int, nodes_up, wires};
use crate::cluster::kit::register;
use crate::cluster::kit::settings::Takes as _;
use crate::cluster::live::{Live, Staged as _};
use crate::sim::id::NodeId;

use super::settings::{Guard, Pattern, SingleFlight};
use super::watch::{Count, cache, loading, shelves};
use super::{CACHE, Caching, DATABASE, judge, name};

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<Caching>]] =
    &[&HITS, &ENTRIES, &LOADS, &BASE, &TRUTH, &STALENESS, &DESIGN, &OPERATIONS, &LATENCIES, &WIRES];

static OPERATIONS: [Fact<Caching>; 8] = register::outcomes();
static LATENCIES: [Fact<Caching>; 6] = register::latencies();
static STALENESS: [Fact<Caching>; 2] = register::staleness();
static WIRES: [Fact<Caching>; 5] = wires();

fn count(live: &Live<Caching>, count: Count) -> FactValue {
    FactValue::int(live.watched().count(count) as usize)
}

fn share(part: u64, all: u64, none: &str) -> FactValue {
    if all == 0 { FactValue::Absent(none.into()) } else { FactValue::Sampled { value: part as f64 / all as f64, of: all } }
}

/// For each rule a number.
fn by_rule(live: &Live<Caching>, number: impl Fn(u64) -> f64) -> FactValue {
    let shadows = &live.watched().shadows;
    FactValue::Named(Rule::ALL.iter().map(|rule| (rule.word().to_string(), number(shadows.hits(*rule)))).collect())
}

fn by_client(live: &Live<Caching>, number: impl Fn(&(u32, u32)) -> f64) -> FactValue {
    FactValue::Named(live.watched().played.iter().map(|(id, played)| (id.to_string(), number(played))).collect())
}

const RULES: Keys = Keys::These(&["lru", "fifo", "lfu", "random", "clock", "2q", "arc", "sieve", "s3-fifo", "belady"]);
const _: () = assert!(Rule::ALL.len() == 10);

/// How often caches had what was asked for.
static HITS: [Fact<Caching>; 9] = [
    int("hits", "Reads that applications answered from a cache.", |live| count(live, Count::Hits)),
    int("misses", "Reads that they answered from the database.", |live| {
        FactValue::int((live.watched().count(Count::Answered) - live.watched().count(Count::Hits)) as usize)
    }),
    float("hit_rate", "The share of hits among the reads that were answered; reads of traces count like others.", |live| {
        share(live.watched().count(Count::Hits), live.watched().count(Count::Answered), "no read was answered")
    }),
    float("hit_rate_100", "The share of hits among the last 100 reads that were answered.", |live| {
        let (of, hits) = live.watched().last();
        share(hits, of, "no read was answered")
    }),
    int("scanned", "Reads of traces for titles that are asked for only once.", |live| count(live, Count::Scanned)),
    fact("played_hits", FactKind::Named(Keys::Any), "For each client: how many reads of its last play hit. So `played_hits.c1`.", |live| {
        by_client(live, |(hits, _)| f64::from(*hits))
    }),
    fact("played_misses", FactKind::Named(Keys::Any), "For each client: how many reads of its last play missed.", |live| {
        by_client(live, |(hits, of)| f64::from(of - hits))
    }),
    fact(
        "policy_hits",
        FactKind::Named(RULES),
        "For each policy: how many of the looks at the shared cache would have hit with as many slots, counted since those were last set, had nothing been deleted or expired.",
        |live| by_rule(live, |hits| hits as f64),
    ),
    fact("policy_rate", FactKind::Named(RULES), "The same as a share of these looks.", |live| {
        let asked = live.watched().shadows.asked.max(1) as f64;
        by_rule(live, |hits| hits as f64 / asked)
    }),
];

fn entries(live: &Live<Caching>) -> usize {
    shelves(live.sim()).map(|(_, shelf)| shelf.entries.len()).sum()
}

fn next(live: &Live<Caching>) -> Option<(String, String)> {
    let (key, why) = cache(live.sim())?.shelf.eviction.next()?;
    Some((key.to_string(), why))
}

fn text_of(text: Option<String>, none: &str) -> FactValue {
    text.map_or_else(|| FactValue::Absent(none.into()), FactValue::Text)
}

const NOBODY: &str = "there is room, or chance decides";

/// What the caches hold.
static ENTRIES: [Fact<Caching>; 10] = [
    int("entries", "Entries of all caches.", |live| FactValue::int(entries(live))),
    fact("held", FactKind::Named(Keys::Nodes), "For each node with a cache: how many entries it has.", |live| {
        FactValue::Named(shelves(live.sim()).map(|(id, shelf)| (name(id), shelf.entries.len() as f64)).collect())
    }),
    int("inserted", "Entries that came into a cache, each time anew.", |live| count(live, Count::Inserted)),
    int("evicted", "Entries that went because another key came in.", |live| count(live, Count::Evicted)),
    int("expired", "Entries that went because their time was over.", |live| count(live, Count::Expired)),
    int("deleted", "Entries that were deleted.", |live| count(live, Count::Deleted)),
    int("dirty", "Entries of a write-back cache that the database does not have yet.", |live| {
        FactValue::int(cache(live.sim()).map_or(0, |cache| cache.shelf.dirty().len()))
    }),
    int("flushed", "Dirty entries that were written to the database.", |live| count(live, Count::Flushed)),
    fact("next_out", FactKind::Text, "The key of the shared cache that goes next.", |live| text_of(next(live).map(|next| next.0), NOBODY)),
    fact("why_next", FactKind::Text, "Why it does.", |live| text_of(next(live).map(|next| next.1), NOBODY)),
];

/// Who asks the database for what was missed.
static LOADS: [Fact<Caching>; 9] = [
    int("loads", "Queries for what was missed, or to make an entry young again.", |live| count(live, Count::Loads)),
    int("joined", "Reads that waited for a load of another.", |live| count(live, Count::Joined)),
    int("refused_loads", "Reads that were refused because too many loads were under way.", |live| count(live, Count::RefusedLoads)),
    int("loads_now", "Loads under way.", |live| FactValue::int(loading(live.sim()).map(|(_, count)| count as usize).sum())),
    int("loads_at_once", "The most loads of one key that were under way at the same time so far.", |live| {
        FactValue::int(live.watched().loads_at_once as usize)
    }),
    int("fills", "Fills that the shared cache took.", |live| count(live, Count::Fills)),
    int("late_fills", "Fills of the shared cache that brought a value which the database had replaced by then.", |live| {
        FactValue::int(live.watched().late_fills)
    }),
    int("fills_refused", "Fills and updates that it did not take: by its lease or version they were too old.", |live| {
        count(live, Count::FillsRefused)
    }),
    int("unconfirmed", "Deletes and updates that the shared cache did not confirm; their writes were told ok all the same.", |live| {
        count(live, Count::Unconfirmed)
    }),
];

fn per_second(live: &Live<Caching>) -> f64 {
    live.watched().queries.per_second(live.sim().now())
}

/// The database.
static BASE: [Fact<Caching>; 9] = [
    nodes_up(),
    int("db_reads", "Reads that the database carried out.", |live| count(live, Count::DbReads)),
    int("db_writes", "Writes that the database carried out, those included that changed nothing.", |live| count(live, Count::DbWrites)),
    float("db_per_second", "Queries that reached the database in the last second, for each second.", |live| {
        FactValue::Float(per_second(live))
    }),
    float("db_per_second_max", "The most queries that reached the database within a second so far.", |live| {
        FactValue::Float(live.watched().most_queries)
    }),
    float("db_share", "Queries that reached the database in the last second over what it can carry out: above 1 its line grows.", |live| {
        let limit = live.sim().settings().limit();
        limit.map_or_else(|| FactValue::Absent("it has no limit".into()), |limit| FactValue::Float(per_second(live) / limit))
    }),
    int("db_busy", "Workers of the database that work now.", |live| FactValue::int(live.sim().queueing(DATABASE).serving as usize)),
    int("db_waiting", "Queries that wait in its line.", |live| FactValue::int(live.sim().queueing(DATABASE).waiting as usize)),
    int("db_refused", "Queries that found its line full.", |live| FactValue::int(live.sim().queueing(DATABASE).rejected as usize)),
];

/// Whether the copies are true.
static TRUTH: [Fact<Caching>; 6] = [
    int("differs", "Entries that say something else than the database has, while nothing about their keys is under way.", |live| {
        FactValue::int(judge::differing(live.sim()).count())
    }),
    int(
        "differs_at_apps",
        "Entries in the caches within applications that say something else than the database has, while nothing about their keys is under way.",
        |live| FactValue::int(judge::differing(live.sim()).filter(|(id, _): &(NodeId, _)| *id != CACHE).count()),
    ),
    int("lost_writes", "Keys whose last acknowledged write is in neither the database nor the cache.", |live| {
        FactValue::int(judge::lost(live))
    }),
    int("stale_served", "Hits of entries after their end: see `stale-for`.", |live| count(live, Count::LateHits)),
    fact("serving", FactKind::Bool, "Whether a write can be carried out now.", |live| FactValue::Bool(Caching::is_serving(live))),
    float("read_ms_max", "The longest time from call to answer of a read.", |live| FactValue::Float(live.watched().longest_read.as_ms())),
];

/// The design, for goals that hang on it.
static DESIGN: [Fact<Caching>; 6] = [
    fact("pattern", FactKind::Text, "The setting of this name.", |live| FactValue::Text(Pattern::write(&live.sim().settings().pattern))),
    fact("policy", FactKind::Text, "The setting of this name.", |live| FactValue::Text(live.sim().settings().policy.word().into())),
    int("slots", "The setting of this name.", |live| FactValue::Int(i64::from(live.sim().settings().slots))),
    float("ttl_ms", "The setting `ttl` in milliseconds; none without one.", |live| {
        let none = || FactValue::Absent("there is no TTL".into());
        live.sim().settings().ttl.map_or_else(none, |ttl| FactValue::Float(ttl.as_ms()))
    }),
    fact("single_flight", FactKind::Text, "The setting of this name.", |live| {
        FactValue::Text(SingleFlight::write(&live.sim().settings().single_flight))
    }),
    fact("guard", FactKind::Text, "The setting of this name.", |live| FactValue::Text(Guard::write(&live.sim().settings().guard))),
];
