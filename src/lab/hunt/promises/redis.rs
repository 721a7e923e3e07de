//! What is promised of `redis`: what an answer is worth under each setting of its files, with replicas and failover, and what a lock is.
//!
//! Rows that hold assume disks that are not wiped. That an answer comes after the sync under `always`, that a log that is done again
//! gives what is in memory, that a replica has what its master had at the same place, and that WAIT counts who has the write, are
//! invariants, asserted after every event of each of these runs.

use super::{Row, promises_of, safe};

promises_of!("redis");

/// Whatever happens to processes, wires and clocks, with disks that are kept.
const ASYNC: &str = concat!(safe!(), ",power-loss,skew,drift,timers");
const SAFE: &str = safe!();
/// What causes no failover and takes no disk: a full one loses nothing that was told.
const CALM: &str = "loss,reorder,latency,full-disk,hold";
/// The processes die, and the machines live.
const KILLS: &str = "crash,cut,one-way,loss,latency,hold,pause";

macro_rules! one {
    ($settings:literal) => {
        concat!("replicas=0; request-timeout=500ms; ops=SET,GET,INCR; ", $settings)
    };
}
macro_rules! two {
    ($settings:literal) => {
        concat!("down-after=300ms; ack-every=100ms; request-timeout=500ms; ops=SET,GET,INCR; ", $settings)
    };
}
/// Three masters, each with a replica.
macro_rules! cluster {
    ($settings:literal) => {
        concat!("mode=cluster; node-timeout=400ms; ping-every=50ms; ack-every=100ms; request-timeout=500ms; ops=SET,GET,INCR; ", $settings)
    };
}
/// Clients that set keys, and half of the time only where nothing is there, for ten seconds: that is a lock.
macro_rules! locked {
    ($settings:literal) => {
        concat!("request-timeout=500ms; ops=SET; ", $settings)
    };
}

const ALWAYS: &str = one!("aof=always; save=none");
const EVERYSEC: &str = one!("aof=everysec; save=none");
const SLOW_DISK: &str = one!("aof=everysec; save=none; disk=const(3s); do=workload c1 50/s SET keys x");
const OS: &str = one!("aof=no; save=none");
const SNAPSHOTS: &str = one!("aof=off; save=200ms");
const REWRITTEN: &str = one!("aof=always; save=none; rewrite=2; element-time=1ms");
const BY_HAND: &str = two!("aof=always; failover=manual");
const FAILS_OVER: &str = two!("aof=always");
const NO_FILES: &str = two!("aof=off; save=none; down-after=1s");
const CAREFUL: &str = two!("aof=always; min-replicas=1; max-lag=200ms");
const LOCK_ALONE: &str = locked!("replicas=0; aof=always; save=none");
const LOCK_LAZY: &str = locked!("replicas=0; aof=no; save=none");
const LOCK_COPIED: &str = locked!("down-after=200ms; aof=always");

const CLUSTER: &str = cluster!("aof=always");
const CLUSTER_BY_HAND: &str = cluster!("aof=always; failover=manual");

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(ALWAYS, "acked_kept", ASYNC, "persistence page; aof.c: synced before anybody is answered"),
    row(REWRITTEN, "acked_kept", ASYNC, "the same, while the log is written anew"),
    row(EVERYSEC, "acked_kept", "crash,cut,loss,latency,hold,pause", "the operating system has it: a crash of the process loses nothing"),
    row(OS, "acked_kept", "crash,cut,loss,latency,hold,pause", "the same"),
    row(FAILS_OVER, "acked_kept", "duplicate,reorder", "no failover"),
    row(BY_HAND, "acked_kept", ASYNC, "no failover: the master comes back with all that it told"),
    row(ALWAYS, "acked_kept", CALM, "a server that cannot write its log gives up"),
    row(LOCK_ALONE, "one_holder", SAFE, "distributed locks, one server"),
    row(CLUSTER, "acked_kept", "duplicate,reorder", "no failover"),
    row(CLUSTER_BY_HAND, "acked_kept", SAFE, "no failover: each master comes back with all that it told"),
    row(CLUSTER, "recovers", KILLS, "liveness: a majority of the masters votes for a replica of one that is down"),
    row(ALWAYS, "recovers", KILLS, "liveness"),
    row(FAILS_OVER, "recovers", KILLS, "liveness: a dead master has a successor"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(ALWAYS, "acked_kept", "crash,wipe", "a disk that is gone"),
    row(EVERYSEC, "acked_kept", "power-loss", "persistence page: about a second"),
    row(OS, "acked_kept", "power-loss", "persistence page: what the operating system had not written"),
    row(SLOW_DISK, "acked_kept", "crash", "aof.c: a write is put off while a sync is under way"),
    row(SNAPSHOTS, "acked_kept", "crash", "persistence page: all since the last snapshot"),
    row(FAILS_OVER, "acked_kept", KILLS, "cluster specification: last failover wins"),
    row(CLUSTER, "acked_kept", KILLS, "cluster specification, write safety: asynchronous, and a minority takes writes for a node timeout"),
    row(CAREFUL, "acked_kept", KILLS, "replication page: min-replicas bounds the loss, it does not wait"),
    row(NO_FILES, "acked_kept", "crash", "replication page: a master without files that is started at once"),
    row(LOCK_LAZY, "one_holder", "power-loss", "distributed locks: a lock that is forgotten"),
    row(LOCK_ALONE, "one_holder", "skew", "distributed locks: the clock on the wall was set forward"),
    row(LOCK_COPIED, "one_holder", KILLS, "distributed locks: failover before the lock is copied"),
];
