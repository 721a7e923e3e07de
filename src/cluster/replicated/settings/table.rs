//! The documentation of every setting, with its default.

use super::choices::{Candidate, Election, Failover, Fencing, FollowerReads, Fsync, MergePolicy, Reads, Rejoin, Replication};
use crate::cluster::model::SettingDoc;

const fn doc(
    name: &'static str,
    default: &'static str,
    takes: &'static str,
    words: &'static [&'static str],
    about: &'static str,
) -> SettingDoc {
    SettingDoc { name, default, takes, words, live: true, about }
}

pub(super) const TIMER: &str = "a length of time from 1ms to 3650d";
const SPAN: &str = "a length of time up to 3650d";
const DIST: &str = "a distribution of lengths of time up to 3650d";

/// Every setting. The defaults are a common set-up: asynchronous, automatic failover, epochs.
pub static SETTINGS: &[SettingDoc] = &[
    doc(
        "replication",
        "async",
        "async, semi-sync, sync or majority",
        Replication::WORDS,
        "When a write is acknowledged: once the leader has it; and one follower; and all synchronous followers; or a majority, which also hides it from readers until then.",
    ),
    doc(
        "sync-followers",
        "all",
        "all, any 1 (or another number), or servers such as n2 n3",
        &["all"],
        "Which followers are synchronous under `replication sync`: each, so many of them, or these, with another in the place of one that leads; the first of these is also the first choice under semi-sync.",
    ),
    doc(
        "sync-timeout",
        "200ms",
        TIMER,
        &[],
        "Under semi-sync: how long a write waits for the synchronous follower before the next one takes its place.",
    ),
    doc(
        "failover",
        "automatic",
        "automatic or manual",
        Failover::WORDS,
        "Who acts when the leader is silent: the followers, or an operator with `promote`.",
    ),
    doc(
        "detection-timeout",
        "300ms",
        TIMER,
        &[],
        "How long a follower waits for its leader before it takes it for dead. Each wait is drawn from once to one and a half times this, so that two followers seldom act at once.",
    ),
    doc("heartbeat", "50ms", TIMER, &[], "How often a leader says that it is alive."),
    doc(
        "candidate",
        "log-position",
        "log-position or random",
        Candidate::WORDS,
        "Which of the servers that answered becomes leader: the most up-to-date one, or any.",
    ),
    doc(
        "election",
        "majority",
        "majority or alone",
        Election::WORDS,
        "How many servers must agree to a new leader: a majority of all, or nobody else.",
    ),
    doc(
        "fencing",
        "epochs",
        "off, epochs or lease",
        Fencing::WORDS,
        "What stops an old leader: nothing; everybody refuses older epochs; or also its own lease, which it must renew from a majority.",
    ),
    doc(
        "lease",
        "200ms",
        TIMER,
        &[],
        "Under `fencing lease`: how long a leader may lead without hearing from a majority, by its own clock. Safe while it is shorter than the detection timeout.",
    ),
    doc(
        "rejoin",
        "discard",
        "discard, refuse or merge",
        Rejoin::WORDS,
        "What a rejoining node does with entries that its new leader never had.",
    ),
    doc(
        "merge",
        "last-write-wins",
        "last-write-wins or keep-both",
        MergePolicy::WORDS,
        "Under `rejoin merge`: what becomes of a key that both sides wrote.",
    ),
    doc("reads", "leader", "leader, any, nearest, sticky, own-from-leader or wait-for-position", Reads::WORDS, "Where clients read."),
    doc("follower-reads", "serve", "serve or refuse", FollowerReads::WORDS, "Whether followers answer reads."),
    doc(
        "apply",
        "const(0s)",
        DIST,
        &[],
        "How long a follower takes to apply one entry, one after the other. Slower than the writes come: its lag grows.",
    ),
    doc("latency", "uniform(8ms, 12ms)", DIST, &[], "How long a message takes, one way, within a zone."),
    doc("zone-latency", "const(40ms)", DIST, &[], "How long a message takes, one way, from zone to zone."),
    doc("handling", "0s", SPAN, &[], "How long a server takes to handle one message; messages wait their turn."),
    doc(
        "fsync",
        "always",
        "always or lazy",
        Fsync::WORDS,
        "Whether a write is synced to the disk before it is acknowledged, or within a second by the operating system.",
    ),
    doc("disk", "const(1ms)", DIST, &[], "How long a sync takes."),
    doc(
        "request-timeout",
        "500ms",
        TIMER,
        &[],
        "How long a client waits for an answer. After that a read has failed, and a write may or may not have happened.",
    ),
];
