//! What is promised of `cache`: a second copy of what a database has.
//!
//! That no cache holds more than it has slots, that what came in is there or went, that every miss is loaded, waits or is refused, that
//! nothing dirty is evicted, and that rows of the database grow only newer, are invariants, asserted after every event of each of these runs.

use super::{Row, promises_of};

promises_of!("cache");

/// What messages and processes do, in any order and at any time, but nothing is lost for good.
const LATE: &str = "pause,reorder,latency,slow,hold";
/// The same, and the shared cache, the applications and the database may die with their disks kept.
const DEAD: &str = "crash,pause,reorder,latency,slow,hold";
/// Whatever the network and a crash can do.
const ALL: &str = "crash,pause,full-disk,cut,one-way,loss,duplicate,reorder,latency,slow,hold,power-loss,skew,drift,timers";
/// The same on connections: a wire that doubles messages is none.
const SINGLE: &str = "crash,pause,full-disk,cut,one-way,loss,reorder,latency,slow,hold,power-loss,skew,drift,timers";
/// Whatever does not kill the cache.
const ALIVE: &str = "pause,full-disk,cut,one-way,loss,reorder,latency,slow,hold,skew,drift,timers";
const LOSSY: &str = "crash,pause,cut,one-way,loss,reorder,latency,slow,hold,power-loss";

/// Two keys, read and written all the time by two clients whose messages take very different times, and time limits that a run can see.
macro_rules! busy {
    ($settings:literal) => {
        concat!(
            $settings,
            "; cache-timeout=300ms; db-timeout=600ms; request-timeout=2s; latency=exp(10ms); ops=get,put",
            "; do=workload c1 20/s get:put 3:1 keys uniform(2)"
        )
    };
}
/// Nobody gives up waiting: what is late is late.
macro_rules! patient {
    ($settings:literal) => {
        concat!(
            $settings,
            "; cache-timeout=2min; db-timeout=2min; request-timeout=2min; latency=exp(10ms); ops=get,put",
            "; do=workload c1 1/s get:put 3:1 keys uniform(2)"
        )
    };
}
const AFTER: &str = busy!("on-write=delete-after");
const BEFORE: &str = busy!("on-write=delete-before");
const UPDATE: &str = busy!("on-write=update");
const UPDATE_VERSIONS: &str = patient!("on-write=update; guard=version");
const LEASED: &str = patient!("guard=lease");
const LEASED_FLIGHT: &str = patient!("guard=lease; single-flight=node");
const LEASED_TURNS: &str = patient!("guard=lease; single-flight=shared");
const LEASED_HASTY: &str = busy!("guard=lease");
const VERSIONS_HASTY: &str = busy!("guard=version");
const VERSIONS: &str = patient!("guard=version");
const LOGGED: &str = busy!("guard=lease; deletes=both");
const READ_THROUGH: &str = busy!("pattern=read-through; single-flight=node");
const READ_LEASED: &str = patient!("pattern=read-through; single-flight=node; guard=lease");
const THROUGH: &str = busy!("pattern=write-through; slots=3");
const THROUGH_BACKWARDS: &str = busy!("pattern=write-through; stores=cache-first");
const THROUGH_LOCAL: &str = busy!("pattern=write-through; caches=both");
const THROUGH_IMPORTS: &str =
    "pattern=write-through; latency=uniform(1ms, 9ms); ops=get,put,import; do=workload c1 20/s import:get 1:3 keys uniform(3)";
const BACK: &str = busy!("pattern=write-back; slots=3; flush=300ms");
const AROUND: &str = busy!("pattern=write-around");
const AROUND_TTL: &str = busy!("pattern=write-around; ttl=500ms");
/// No message overtakes another, so a fill is there before the write that it missed is told ok.
const AROUND_STEADY: &str = "pattern=write-around; ttl=500ms; latency=const(5ms); ops=get,put";
const LOCAL: &str = busy!("caches=local");
const ALONE: &str = busy!("nodes=3");
const FLIGHT: &str = "single-flight=node; slots=2; latency=uniform(1ms, 9ms); do=workload c1 200/s get keys uniform(2)";
const NO_FLIGHT: &str = "slots=2; ttl=200ms; db-time=const(50ms); do=workload c1 200/s get keys uniform(2)";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(LEASED, "fresh", LATE, "Nishtala et al. 2013, 3.2.1: a delete takes the right to fill back"),
    row(LEASED, "convergent", LATE, "the same"),
    row(LEASED_FLIGHT, "fresh", LATE, "and nobody waits for a load whose right is over"),
    row(LEASED_TURNS, "fresh", LATE, "the same, one load in all"),
    row(VERSIONS, "fresh", LATE, "a fill older than what was deleted is refused"),
    row(VERSIONS, "fresh", DEAD, "the same, and one that was asked for by a life before is too"),
    row(UPDATE_VERSIONS, "convergent", LATE, "the newest version stays"),
    row(READ_LEASED, "fresh", LATE, "Go, singleflight: Forget at a write"),
    row(LOGGED, "convergent", LOSSY, "Nishtala et al. 2013, 4.1: the database's log deletes until it is confirmed"),
    row(THROUGH, "linearizable", DEAD, "reads and writes of a key go through one cache, in order"),
    row(THROUGH, "fresh", DEAD, "the same"),
    row(THROUGH, "durable", SINGLE, "acknowledged once the database has it"),
    row(AFTER, "durable", ALL, "the same, whatever the cache does"),
    row(AROUND, "durable", ALL, "the same"),
    row(BACK, "durable", ALIVE, "dirty entries stay until the database has them"),
    row(BACK, "linearizable", LATE, "one cache orders what is asked of a key"),
    row(AROUND_STEADY, "bounded_staleness", "none", "stale for the TTL at most, where no fill is late"),
    row(FLIGHT, "loads_at_once >= 3", LATE, "Go, singleflight: one load a key in each of two applications"),
    row(AFTER, "recovers", ALL, "liveness"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(AFTER, "fresh", "pause,hold", "Nishtala et al. 2013, 3.2.1: the late fill"),
    row(AFTER, "convergent", "pause,hold", "the same"),
    row(AFTER, "fresh", "loss", "the delete is lost"),
    row(AFTER, "convergent", "crash", "dead between write and delete"),
    row(LEASED_HASTY, "fresh", "loss", "a lease does not help where the delete is lost"),
    row(BEFORE, "fresh", "none", "a reader fills between delete and write"),
    row(UPDATE, "convergent", "none", "two writers reach database and cache in opposite order"),
    row(VERSIONS_HASTY, "fresh", "crash,pause,hold", "nor does a version where the delete is given up"),
    row(READ_THROUGH, "fresh", "none", "the same race inside the cache"),
    row(AFTER, "linearizable", "none", "one sees the new value, the next the old one, before the delete"),
    row(THROUGH_BACKWARDS, "linearizable", "full-disk,loss,pause", "the cache shows what the database does not take"),
    row(THROUGH_LOCAL, "fresh", "none", "a second cache"),
    row(THROUGH_IMPORTS, "fresh", "none", "a write past the cache"),
    row(BACK, "durable", "crash", "acknowledged from memory"),
    row(AROUND, "fresh", "none", "a cached key stays as it is"),
    row(AROUND_TTL, "bounded_staleness", "pause,latency,hold", "the time between read and fill comes on top"),
    row(AROUND_TTL, "bounded_staleness", "drift,skew", "the cache's clock is late"),
    row(LOCAL, "fresh", "none", "the other application is not told"),
    row(ALONE, "linearizable", "pause,hold", "one application is no cure"),
    row(NO_FLIGHT, "loads_at_once >= 5", "none", "rate times time, by Little's law"),
];
