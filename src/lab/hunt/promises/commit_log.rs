//! What is promised of `commit-log`: replicated partitions, producers that send again, and groups that keep their place.
//!
//! That logs agree wherever offset and epoch are the same, that an epoch has one leader and a leader cuts off nothing, that leaders count
//! with all whom the controller counts as in sync, that what is committed and what is acknowledged is with all of them, that a partition
//! has one owner in a generation and a settled group has all, are invariants, asserted after every event of each of these runs.

use super::{Row, promises_of, safe};

promises_of!("commit-log");

/// Whatever messages, disks and clocks do, with what is on a disk kept.
const KEPT: &str = concat!(safe!(), ",skew,drift,timers");

/// Work and silences short enough for a run to see many.
macro_rules! quick {
    ($settings:literal) => {
        concat!(
            "partitions=1; ",
            $settings,
            "; work=const(10ms); replica-lag=400ms; broker-session=500ms; session-timeout=700ms; heartbeat=200ms; fetch-wait=1s; ops=send"
        )
    };
}
const ALL: &str = quick!("acks=all");
const ALL_OF_2: &str = quick!("acks=all; min-insync=2");
const ELR: &str = quick!("acks=all; min-insync=2; elr=on");
const LEADER: &str = quick!("acks=1");
const NOBODY: &str = quick!("acks=0");
const UNCLEAN: &str = quick!("acks=all; unclean=on");
const UNNUMBERED: &str = quick!("idempotent=off");
const ONE_BY_ONE: &str = quick!("idempotent=off; in-flight=1");
const COOPERATIVE: &str = quick!("partitions=3; assignor=cooperative; billing=3");
const BEFORE: &str = quick!("commit=before");
const CONFIRMED: &str = quick!("commit=confirmed");
const LAST: &str = quick!("commit=last");
const THREADS: &str = "threads=4; work=uniform(5ms, 300ms); linger=20ms; ops=send";
const LATEST: &str = quick!("reset=latest");
const DELETED: &str = quick!("retention=500ms; clean-every=200ms; segment=1");
const AT_ONCE: &str = quick!("isr-change=at-once; acks=all");
const BY_MARK: &str = "truncation=high-water; rejoin=unnoticed; brokers=2; replicas=2; latency=uniform(10ms, 20ms); ops=send";
const UNNOTICED: &str = "rejoin=unnoticed; brokers=2; replicas=2; ops=send";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(ALL, "acked_kept", KEPT, "Kafka, design: a committed record is kept while one replica in sync lives, or comes back"),
    row(ALL_OF_2, "acked_kept", KEPT, "the same"),
    row(ELR, "acked_kept", KEPT, "KIP-966"),
    row(ALL, "reads_kept", KEPT, "KIP-497: consumers read below the high-water mark, which counts with all in sync"),
    row(ALL, "recovers", KEPT, "liveness"),
    row(ALL, "no_duplicates", KEPT, "KIP-98: within a session of its producer"),
    row(ALL, "partition_order", KEPT, "the same"),
    row(ONE_BY_ONE, "partition_order", KEPT, "Kafka, producer settings: one in flight keeps the order"),
    row(ALL, "key_order", KEPT, "one key is in one partition, and a partition has one reader"),
    row(ALL, "at_least_once", KEPT, "Kafka, design, delivery semantics: processed, then committed"),
    row(COOPERATIVE, "at_least_once", KEPT, "KIP-429"),
    row(CONFIRMED, "at_most_once", KEPT, "committed, confirmed, then processed"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(NOBODY, "acked_kept", "loss", "nobody knows that it was lost"),
    row(LEADER, "acked_kept", "crash,cut,one-way", "the leader dies before a fetch, and cuts off what it had when it comes back"),
    row(LEADER, "acked_kept", "cut,one-way", "an old leader goes on"),
    row(ALL, "acked_kept", "cut,wipe", "the set shrinks to one disk"),
    row(ALL, "acked_kept", "cut,power-loss", "the set shrinks to one, and nothing is synced before the ok"),
    row(UNCLEAN, "acked_kept", "cut,crash", "an outsider leads"),
    row(UNCLEAN, "reads_kept", "cut,crash", "the same"),
    row(UNNUMBERED, "no_duplicates", "loss", "the answer is lost, and the batch is sent again"),
    row(UNNUMBERED, "partition_order", "loss,hold", "the second batch is in before the first comes again"),
    row(ALL, "no_duplicates", "loss,hold,renew", "KIP-98: another session has other numbers"),
    row(ALL, "at_most_once", "crash", "between the work and its commit"),
    row(ALL, "at_most_once", "pause", "who slept longer than its session does what another does"),
    row(BEFORE, "at_least_once", "crash", "committed, and not done"),
    row(BEFORE, "at_most_once", "cut,one-way,loss", "the commit is lost, and nobody waits for it"),
    row(CONFIRMED, "at_least_once", "crash", "committed, and not begun"),
    row(LAST, "at_most_once", "crash", "the place of the last record is not that of the next"),
    row(THREADS, "key_order", "none", "several threads have no order"),
    row(LATEST, "at_least_once", "none", "what came before the group had a place"),
    row(DELETED, "at_least_once", "pause,crash", "retention does not ask who has read"),
    row(AT_ONCE, "acked_kept", "cut,one-way", "whom the controller counts as in sync may lead"),
    row(BY_MARK, "acked_kept", "crash", "KIP-101"),
    row(UNNOTICED, "acked_kept", "power-loss,crash", "KIP-903: in sync, and with less than before"),
];
