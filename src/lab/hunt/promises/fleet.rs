//! What is promised of `fleet`: a shop on servers that fail.
//!
//! That a server runs, waits for a crew, is in repair or is down with its rack, that no crew is at two servers, that up and down are all
//! the time there was, that a rack fails as one, and that nobody is billed for what he did not order, are invariants, asserted after every
//! event of each of these runs.

use super::{Row, promises_of};

promises_of!("fleet");

/// What stops one server, or all that reaches it.
const STOPS: &str = "crash,power-loss,pause,cut,one-way,slow";
/// The same for messages.
const NET: &str = "cut,one-way,loss,duplicate,reorder,latency,hold";
/// Whatever a network, a crash and a full disk can do.
const SAFE: &str = "crash,power-loss,pause,full-disk,cut,one-way,loss,duplicate,reorder,latency,slow,hold";
/// The same, and disks that are lost.
const WIPES: &str = "crash,power-loss,wipe,pause,full-disk,cut,one-way,loss,duplicate,reorder,latency,slow,hold";

/// Checks and timeouts short enough for a run to see many, and requests all the time.
macro_rules! quick {
    ($settings:literal) => {
        quick!("20/s keys uniform(5)", $settings)
    };
    ($load:literal, $settings:literal) => {
        concat!(
            "check=300ms; check-timeout=100ms; timeout=800ms; try-timeout=200ms; db-timeout=40ms; mttr=const(1h); do=workload c1 ",
            $load,
            "; ",
            $settings
        )
    };
}
const DEFAULT: &str = quick!("app=2");
const PAIRS: &str = quick!("front=2; address=shared; app=2; db=2");
const NAMES: &str = quick!("front=2; address=dns; app=2; db=2");
const NO_RETRIES: &str = quick!("retries=off; db=2");
const MEMORY: &str = quick!("carts=memory");
const MEMORY_STAYS: &str = quick!("carts=memory; retries=off; check=none");
const ASYNC_STAYS: &str = quick!("carts=async; db=2; retries=off; check=none");
const ASYNC: &str = quick!("carts=async; db=2");
const SYNC: &str = quick!("carts=sync; db=3; copies=1");
const SYNC_PAIR: &str = quick!("carts=sync; db=2; copies=1; front=2; address=dns");
const ROTTEN: &str = quick!("rot=exp(300ms)");
const PROPER: &str = quick!("20/s view:add:checkout 6:3:1 keys uniform(5)", "app=2; db=2; ops=view,add,checkout");
const SUMS: &str = quick!("rot=exp(300ms); checksums=on; validation=on");
const SUMS_PAIR: &str = quick!("rot=exp(1s); checksums=on; validation=on; db=2");
const SUMS_ONE: &str = quick!("20/s view:add:checkout 6:3:1 keys uniform(5)", "checksums=on; ops=view,add,checkout");
const SUMS_OLD: &str = quick!("checksums=on; validation=on; db=2");
const SUMS_ALONE: &str = quick!("rot=exp(300ms); checksums=on");
const GUARDED: &str = quick!("auth=on");
const SHEDS: &str = quick!("200/s view", "app=1; workers=1; work=const(20ms); shed=on; queue=5; try-timeout=800ms; ops=view");
const QUEUES: &str = quick!("200/s view", "app=1; workers=1; work=const(20ms); try-timeout=800ms; ops=view");

/// More than half of the pages take longer than a full line and the way.
const LATE: &str = "page_ms_p50 > 150";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(DEFAULT, "recovers", SAFE, "liveness"),
    row(PAIRS, "recovers", WIPES, "liveness: what lost its disk learns it from the others"),
    row(
        MEMORY_STAYS,
        "carts_kept",
        "pause,loss,slow,latency,reorder,duplicate",
        "DDIA, chapter 1: a cart in memory lives as long as its server",
    ),
    row(ASYNC_STAYS, "carts_kept", "pause,loss,slow,latency,reorder,duplicate", "DDIA, chapter 5: no failover, no loss"),
    row(SYNC, "carts_kept", WIPES, "Gifford 1979: one that was written is among those that are read"),
    row(SYNC_PAIR, "carts_kept", WIPES, "the same with two, of which one is read"),
    row(PROPER, "correct", SAFE, "without rot and nonsense, nothing is wrong"),
    row(SUMS, "correct", SAFE, "Saltzer, Reed and Clark 1984: what is damaged is not given out"),
    row(SUMS_PAIR, "correct", WIPES, "the same, mended from the other copy"),
    row(
        SUMS_ONE,
        "correct",
        concat!("reprice,", "crash,power-loss,pause,full-disk,cut,loss,duplicate,reorder,latency,slow,hold"),
        "one copy is never old",
    ),
    row(GUARDED, "authentic", SAFE, "a token is looked at before anything is served"),
    row(SHEDS, LATE, "none", "SRE book, chapter 22: what is admitted ends within the bound"),
    row(NAMES, "longest_outage_s > 0", "none", "nothing fails, nothing is down"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(DEFAULT, "!up", "crash", "the front and the database are alone"),
    row(PAIRS, "!up", "crash", "Gray 1985: two of a tier at once"),
    row(PAIRS, "!up", "cut", "a cut between those who check and those who live"),
    row(NO_RETRIES, "longest_outage_s > 0.2", STOPS, "until the checks tell"),
    row(MEMORY, "carts_kept", "crash", "DDIA, chapter 1: it dies with its server"),
    row(MEMORY, "carts_kept", "pause", "a pause that is taken for a death: the spare knows no cart"),
    row(ASYNC, "carts_kept", "pause", "the same, and the copy is on its way"),
    row(ASYNC, "carts_kept", "crash", "DDIA, chapter 5: the owner dies before the copy leaves, and the other takes over"),
    row(ASYNC, "carts_kept", NET, "a copy that is lost is not sent again, and the other is asked"),
    row(ASYNC, "carts_kept", "wipe", "the disk is lost before the copy leaves"),
    row(ROTTEN, "correct", "none", "Bairavasundaram et al. 2008: a disk that rots says nothing"),
    row(SUMS_ALONE, "failed_by['damaged'] >= 1", "none", "fail-stop: the error is the price of being right"),
    row(SUMS_OLD, "correct", "reprice,cut,crash", "Saltzer, Reed and Clark 1984: an old copy has a good sum"),
    row(SUMS_ALONE, "correct", "none", "a garbled request is written with a good sum"),
    row(quick!("app=2"), "authentic", "none", "nobody looks at tokens"),
    row(QUEUES, LATE, "none", "SRE book, chapter 22: a line without an end"),
    row(QUEUES, "goodput_per_s < 1 && offered_per_s > 50 && asked > 200", "none", "the same: everybody is answered too late"),
];
