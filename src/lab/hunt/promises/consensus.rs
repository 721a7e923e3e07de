//! What is promised of `consensus`, servers that agree by Raft.
//!
//! Some breaks that theory knows cannot happen in this design. A message to or from a client never counts twice, so duplicates alone
//! carry nothing out twice where requests have no ids: retries do. A server that was paused handles what waits for it in the order in
//! which it came, and its successor asked for its vote before anybody could write there, so a pause alone makes no local read stale.
//! Whoever is to stand under leases looks first whether it heard a leader, so a timer that fires early breaks none.

use super::{ASYNC, Rare, Row, SAFE_P, SAFE_P_DRIFT, all_rare, promises_of, safe};

promises_of!("consensus");

/// All but what jumps a clock.
const ASYNC_NO_SKEW: &str = concat!(safe!(), ",power-loss,drift,timers,transfer");
const ASYNC_T: &str = concat!(safe!(), ",power-loss,skew,drift,timers,transfer");

const LOG: &str = "nodes=3";
const LOG_5: &str = "nodes=5";
const SLOW_DISK: &str = "nodes=3; disk=uniform(1ms, 40ms)";
const INDEX: &str = "nodes=3; reads=read-index";
const LEASE: &str = "nodes=3; reads=lease";
const LEASE_PRE: &str = "nodes=5; reads=lease; pre-vote=on";
const LEASE_LONG: &str = "nodes=3; reads=lease; lease=500ms";
const LOCAL: &str = "nodes=3; reads=local";
/// An old leader goes on for as long as nobody tells it.
const LOCAL_STAYS: &str = "nodes=3; reads=local; step-down=off";
const ANY: &str = "nodes=3; reads=any; ops=read,write";
const TOKEN: &str = "nodes=3; reads=wait-for-position";
const LAZY: &str = "nodes=3; fsync=lazy";
const RETRY: &str = "nodes=3; retry=3 attempts after 50ms; request-timeout=150ms";
const RETRY_TWICE: &str = "nodes=3; once=off; retry=3 attempts after 50ms; request-timeout=150ms";
const ALL: &str = "nodes=3; commit=all";

/// More leaders than terms in which anybody stood: some term had two.
const TWO_IN_A_TERM: &str = "leader_changes > elections";

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
    row(LOCAL, "linearizable", "crash,power-loss,full-disk,duplicate,reorder,pause", "Raft dissertation, 6.4: one leader at a time"),
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
    row(LOG, "linearizable", "wipe,crash", "the same"),
    row(INDEX, "linearizable", "wipe,crash", "the same"),
    row(LEASE, "linearizable", "wipe,crash", "the same"),
    row(LEASE, "linearizable", "cut,skew", "Raft dissertation, 6.4: a clock that jumps outlives its lease"),
    row(LEASE_LONG, "linearizable", "cut", "a lease that is longer than the shortest timeout"),
    row(LOCAL, "linearizable", "cut", "Raft dissertation, 6.4: a leader that was replaced answers a read"),
    row(LOCAL_STAYS, "linearizable", "one-way", "the same"),
    row(LOCAL_STAYS, "linearizable", "latency", "the same: it lives, and is heard too late"),
    row(LOCAL_STAYS, "linearizable", "loss", "the same"),
    row(ANY, "linearizable", "none", "a follower is behind"),
    row(ANY, "read_your_writes", "none", "the same"),
    row(ANY, "monotonic_reads", "latency", "the same: first at one that is not"),
    row(TOKEN, "linearizable", "none", "a follower is behind, and the client has not seen the newest"),
    row(LAZY, "durable", "power-loss,crash", "Raft dissertation, 3.8: acknowledged from memory"),
    row(LAZY, "durable", "power-loss,cut", "the same"),
    row(LAZY, TWO_IN_A_TERM, "power-loss", "Raft dissertation, 3.8: a vote that is forgotten is given again"),
    row(RETRY_TWICE, "linearizable", "loss", "Raft dissertation, 6.3: w1, w2, w1 again"),
    row(RETRY_TWICE, "linearizable", "one-way", "the same"),
];

/// Breaks that one schedule shows.
static RARE: &[Rare] = &[
    Rare {
        row: row(LOG_5, "durable", "none", "Raft dissertation, 3.8: one wiped disk breaks a bare majority, whatever N"),
        schedule: &[
            "fire n1 election",
            "run 60ms",
            "cut n1 n2 n3 c1 | n4 n5 c2",
            "c1 write x 1 to n1",
            "run 60ms",
            "crash n1",
            "crash n2",
            "crash n3 wiping disk",
            "run 5ms",
            "restart n3",
            "heal",
            "run 1s",
        ],
        cure: "nodes=5; commit=all",
    },
    Rare {
        row: row(
            "nodes=5; counts=any-term; no-op=off; election-timeout=10s-20s; latency=const(1ms); retry=2 attempts after 50ms; request-timeout=400ms",
            "durable",
            "none",
            "Raft, figure 8: an entry of an older term is on a majority, and is replaced all the same",
        ),
        schedule: &[
            "fire n1 election",
            "run 40ms",
            "cut n1 n2 c1 | n3 n4 n5 c2",
            "c1 write x 2 to n1",
            "run 200ms",
            "crash n1",
            "run 10ms",
            "fire n5 election",
            "run 40ms",
            "cut n5 c2 | n3 n4",
            "c2 write x 3 to n5",
            "run 10ms",
            "crash n5",
            "restart n1",
            "heal",
            "cut n4 | n1 n2 n3",
            "run 10ms",
            "fire n1 election",
            "run 40ms",
            "fire n1 election",
            "run 340ms",
            "crash n1",
            "restart n5",
            "heal",
            "run 10ms",
            "fire n5 election",
            "run 40ms",
            "fire n5 election",
            "run 40ms",
        ],
        cure: "nodes=5; no-op=off; election-timeout=10s-20s; latency=const(1ms); retry=2 attempts after 50ms; request-timeout=400ms",
    },
    Rare {
        row: row(
            "nodes=3; reads=lease; lease=140ms; step-down=off; election-timeout=150ms-10s; latency=const(1ms)",
            "linearizable",
            "none",
            "a lease outlives no drift of a tenth where lease / timeout > (1 - 0.1) / (1 + 0.1)",
        ),
        schedule: &[
            "run 160ms",
            "fire n1 election",
            "run 20ms",
            "c1 write x 1 to n1",
            "run 100ms",
            "drift n1 -100000ppm",
            "drift n2 +100000ppm",
            "drift n3 +100000ppm",
            "run 240ms",
            "cut n1 c1 | n2 n3 c2",
            "run 100ms",
            "fire n2 election",
            "run 5ms",
            "c2 write x 2 to n2",
            "run 7ms",
            "c1 read x from n1",
            "run 5ms",
        ],
        cure: "nodes=3; reads=lease; step-down=off; election-timeout=150ms-10s; latency=const(1ms)",
    },
    Rare {
        row: row(LOG, "leader_changes >= 2", "none", "Raft dissertation, 9.6: a server that returns deposes a leader that works"),
        schedule: &["fire n1 election", "run 60ms", "cut n3 | n1 n2", "run 1s", "heal", "run 500ms"],
        cure: "nodes=3; pre-vote=on",
    },
    Rare {
        row: row(
            "nodes=3; pre-vote=on; step-down=off",
            "unavailable_ms > 2000.0",
            "none",
            "Raft dissertation, 6.2: followers hear a leader that hears none of them, and nothing is committed",
        ),
        schedule: &["run 400ms", "cut n1 n3 -> n2", "run 4s"],
        cure: "nodes=3; pre-vote=on",
    },
];

#[test]
fn what_is_rare_breaks_by_its_schedule() {
    all_rare(RARE);
}
