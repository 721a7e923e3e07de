//! What is promised of `consensus`, servers that agree by Raft.

use super::{ASYNC, Row, SAFE_P, SAFE_P_DRIFT, promises_of, safe};

promises_of!("consensus");

/// All but what jumps a clock: an early timer breaks no lease, because who is to stand looks first whether it heard a leader.
const ASYNC_NO_SKEW: &str = concat!(safe!(), ",power-loss,drift,timers,transfer");
const ASYNC_T: &str = concat!(safe!(), ",power-loss,skew,drift,timers,transfer");

const LOG: &str = "nodes=3";
const LOG_5: &str = "nodes=5";
const SLOW_DISK: &str = "nodes=3; disk=uniform(1ms, 40ms)";
const INDEX: &str = "nodes=3; reads=read-index";
const LEASE: &str = "nodes=3; reads=lease";
const LEASE_PRE: &str = "nodes=5; reads=lease; pre-vote=on";
const LOCAL: &str = "nodes=3; reads=local";
/// An old leader goes on for as long as nobody tells it.
const LOCAL_STAYS: &str = "nodes=3; reads=local; step-down=off";
const ANY: &str = "nodes=3; reads=any; ops=read,write";
const TOKEN: &str = "nodes=3; reads=wait-for-position";
const LAZY: &str = "nodes=3; fsync=lazy";
const RETRY: &str = "nodes=3; retry=3 attempts after 50ms; request-timeout=150ms";
const ALL: &str = "nodes=3; commit=all";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(LOG, "linearizable", ASYNC_T, "Raft, 5.4 and 8"),
    row(LOG_5, "durable", ASYNC_T, "Raft, 5.4.3: leader completeness"),
    row(SLOW_DISK, "linearizable", ASYNC_T, "Raft, figure 2: updated on stable storage before responding"),
    row(LOG, "convergent", ASYNC, "Raft, figure 3: state machine safety"),
    row(INDEX, "linearizable", ASYNC_T, "Raft dissertation, 6.4"),
    row(LEASE, "linearizable", SAFE_P, "Raft dissertation, 6.4.1 and 4.2.3"),
    row(LEASE, "linearizable", SAFE_P_DRIFT, "a lease outlives a drift while lease / timeout < (1 - r) / (1 + r)"),
    row(LEASE_PRE, "linearizable", ASYNC_NO_SKEW, "the same, with transfers and early timers"),
    row(LOCAL, "linearizable", "crash,power-loss,full-disk,duplicate,reorder", "Raft dissertation, 6.4: one leader at a time"),
    row(TOKEN, "sequential", ASYNC, "Raft dissertation, 6.4, last part"),
    row(LAZY, "durable", concat!(safe!(), ",skew,drift,timers"), "Raft dissertation, 3.8: only a loss of power forgets"),
    row(RETRY, "linearizable", ASYNC_T, "Raft dissertation, 6.3: a request that comes twice takes effect once"),
    row(ALL, "linearizable", ASYNC, "more copies than needed"),
    row(LOG_5, "recovers", ASYNC_T, "liveness"),
    row(LEASE_PRE, "recovers", ASYNC_T, "liveness"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(LOG, "durable", "wipe,crash", "Raft dissertation, 3.8: a server that lost its disk returns and votes"),
    row(INDEX, "linearizable", "wipe,crash", "the same"),
    row(LOCAL_STAYS, "linearizable", "cut", "Raft dissertation, 6.4: a leader that was replaced answers a read"),
    row(ANY, "linearizable", "none", "a follower is behind"),
    row(TOKEN, "linearizable", "none", "a follower is behind"),
];
