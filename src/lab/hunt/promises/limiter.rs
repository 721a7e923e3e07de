//! What is promised of `limiter`: never more than the limit, by each way of counting, judged by true time when a request is counted.
//!
//! Rows that hold assume counts on a synced disk and a monotonic clock of true speed. That buckets stay within their size, that every
//! request is somewhere, and that a refusal says when to come back, are invariants, asserted after every event of each of these runs.

use super::{Row, promises_of, safe};

promises_of!("limiter");

/// Everything but the loss of a disk and a clock of another speed.
const ALL: &str = concat!(safe!(), ",power-loss,skew,timers");
/// What does not stop a limiter.
const RUNNING: &str = "cut,one-way,loss,duplicate,reorder,latency,hold,skew,timers";

/// Few in short windows, so that a run sees many of them, and counts that outlive everything.
macro_rules! kept {
    ($settings:literal) => {
        concat!("limit=3; window=400ms; request-timeout=1s; kept=synced; ops=ask,burst; do=workload c1 12/s ask keys x; ", $settings)
    };
}
macro_rules! counted {
    ($settings:literal) => {
        concat!("limit=3; window=400ms; request-timeout=1s; ops=ask,burst; do=workload c1 12/s ask keys x; ", $settings)
    };
}
const FIXED: &str = kept!("algorithm=fixed-window");
const LOG: &str = kept!("algorithm=sliding-log");
const COUNTER: &str = kept!("algorithm=sliding-counter");
const STRICT_COUNTER: &str = kept!("algorithm=sliding-counter; estimate=fits");
const BUCKET: &str = kept!("algorithm=token-bucket; burst=2");
const GCRA: &str = kept!("algorithm=gcra; burst=2");
const FULL_BUCKET: &str = kept!("algorithm=token-bucket");
const QUEUE: &str = kept!("algorithm=leaky-queue; burst=2");
const LOCAL: &str = kept!("algorithm=sliding-log; nodes=5");
const SPLIT: &str = kept!("algorithm=sliding-log; counters=split; nodes=5");
const SPLIT_ONE: &str = kept!("algorithm=sliding-log; counters=split; spread=one; nodes=5");
const SHARED: &str = kept!("algorithm=sliding-log; counters=shared; nodes=5");
const SHARED_BUCKET: &str = kept!("algorithm=token-bucket; burst=2; counters=shared; store-retries=2; nodes=5");
const READ_FIRST: &str = kept!("algorithm=sliding-log; counters=shared; step=two-steps; nodes=5");
const FAILS_OPEN: &str = kept!("algorithm=sliding-log; counters=shared; store-down=open; nodes=5");
const RETRIES: &str = kept!("algorithm=sliding-log; counters=shared; store-retries=2; nodes=5");
const SHARED_LAZY: &str = counted!("algorithm=sliding-log; counters=shared; kept=lazy; nodes=5");
const IN_MEMORY: &str = counted!("algorithm=sliding-log");
const BUCKET_IN_MEMORY: &str = counted!("algorithm=token-bucket; burst=2");
const BY_THE_WALL: &str = kept!("algorithm=sliding-log; clock=wall");
const BUCKET_BY_THE_WALL: &str = kept!("algorithm=token-bucket; burst=2; clock=wall");
const BY_ADDRESS: &str = kept!("algorithm=sliding-log; by=address");
const PUNISHES: &str = kept!("algorithm=sliding-log; count-refused=on");

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(FIXED, "worst_aligned > 3", ALL, "definition"),
    row(FIXED, "worst_window > 6", ALL, "Cloudflare 2017: twice the limit across an edge"),
    row(LOG, "limit", ALL, "definition"),
    row(COUNTER, "worst_window > 6", ALL, "Cloudflare 2017: at most the limit of each of two windows"),
    row(STRICT_COUNTER, "worst_window > 5", ALL, "the same, where a whole one must fit"),
    row(BUCKET, "rate", ALL, "RFC 2697: a burst and the rate"),
    row(GCRA, "rate", ALL, "ITU-T I.371, Annex A"),
    row(QUEUE, "spaced", ALL, "Turner 1986; NGINX limit_req"),
    row(QUEUE, "wait_ms_max > 267", RUNNING, "the same: no longer than all places take"),
    row(LOCAL, "worst_window > 9", ALL, "three that count by themselves"),
    row(SPLIT, "limit", ALL, "parts that add up to the limit"),
    row(SHARED, "limit", ALL, "Redis, INCR: one atomic step"),
    row(SHARED_BUCKET, "rate", ALL, "the same for a bucket; what is counted twice lets fewer through"),
    row(RETRIES, "limit", ALL, "the same"),
    row(SHARED, "recovers", ALL, "liveness: a store that is back is asked again"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(FIXED, "limit", "none", "Cloudflare 2017: on each side of an edge"),
    row(COUNTER, "limit", "none", "the estimate takes the window before for even"),
    row(FULL_BUCKET, "limit", "none", "a bucket that is full at the start of a window: up to 2 L - 1"),
    row(QUEUE, "served", "none", "one more than there are places"),
    row(BUCKET, "spaced", "none", "the meter lets bursts pass, the queue does not"),
    row(LOG, "at_service", "latency,hold,pause", "what happens after the limiter is not limited"),
    row(LOG, "limit", "drift", "a clock that is fast"),
    row(LOCAL, "limit", "none", "three that count by themselves"),
    row(SPLIT_ONE, "fair", "none", "all of a caller's requests go to one limiter"),
    row(READ_FIRST, "limit", "none", "Redis, INCR: two read before either writes"),
    row(FAILS_OPEN, "limit", "cut,crash", "Stripe 2017: fail open"),
    row(SHARED, "fail_closed >= 1", "cut,crash", "fail closed: nobody is served"),
    row(RETRIES, "fair", "one-way,loss", "an increment whose answer was lost is counted again"),
    row(SHARED_LAZY, "limit", "power-loss", "as by the failover of an asynchronous store: increments are lost"),
    row(IN_MEMORY, "limit", "crash", "a restart forgets"),
    row(BUCKET_IN_MEMORY, "rate", "crash", "a restart fills the bucket"),
    row(BY_THE_WALL, "limit", "skew", "the clock was set forward"),
    row(BUCKET_BY_THE_WALL, "rate", "skew", "the same"),
    row(BY_ADDRESS, "fair", "none", "two users behind one address"),
    row(PUNISHES, "fair", "none", "refused requests count"),
];
