//! What is promised of `quorum`, a store without a leader.

use super::{ASYNC, Row, promises_of, safe};

promises_of!("quorum");

/// All but what clocks do.
const SAFE_P: &str = concat!(safe!(), ",power-loss,timers");
const ASYNC_W: &str = concat!(safe!(), ",power-loss,skew,drift,timers,wipe");

/// A read that starts after an ok sees that write or a newer one.
const REGULAR: &str = "stale_reads >= 1";
const HALF_READ: &str = "half_read >= 1";
const RESURRECTED: &str = "resurrected >= 1";

const COUNTER: &str = "versions=counter; repair=off; anti-entropy=none; ops=read,write";
/// Copies that come at very different times.
const COUNTER_FAR: &str = "versions=counter; repair=off; anti-entropy=none; latency=exp(40ms); ops=read,write";
const ABD_FAR: &str = "versions=counter; repair=before; anti-entropy=none; latency=exp(40ms); ops=read,write";
const ABD: &str = "versions=counter; repair=before; anti-entropy=none; ops=read,write";
const ABD_NODE: &str = "versions=counter; repair=before; coordinator=node; anti-entropy=none; ops=read,write";
const ABD_5: &str = "versions=counter; repair=before; anti-entropy=none; n=5; w=3; r=3; nodes=5; placement=hash; ops=read,write";
const ABD_HINTS: &str = "versions=counter; repair=before; hints=kept; anti-entropy=1s; nodes=5; ops=read,write";
const ABD_LAZY: &str = "versions=counter; repair=before; fsync=lazy; anti-entropy=none; ops=read,write";
const PARTIAL: &str = "w=1; r=1; versions=counter; reads=needed; latency=exp(40ms); repair=off; anti-entropy=none; ops=read,write";
const PARTIAL_2: &str = "w=2; r=1; versions=counter; reads=needed; latency=exp(40ms); repair=off; anti-entropy=none; ops=read,write";
const CLOCK: &str = "versions=clock; repair=off; coordinator=node; anti-entropy=none; ops=read,write";
const CLOCK_BEFORE: &str = "versions=clock; repair=before; coordinator=node; anti-entropy=none; ops=read,write";
/// By the clocks of clients, which no fault touches: a counter that is read from stand-ins need not be above what replicas have.
const SLOPPY: &str = "versions=clock; hints=counted; anti-entropy=none; nodes=5; ops=read,write";
/// One copy, and one node to stand in.
const SLOPPY_1: &str = "w=1; versions=clock; hints=counted; anti-entropy=none; nodes=4; ops=read,write";
const SLOPPY_COUNTER: &str = "versions=counter; hints=counted; anti-entropy=none; nodes=5; ops=read,write";
const HINTED: &str = "versions=counter; hints=kept; repair=off; anti-entropy=none; nodes=5; ops=read,write";
const UNMENDED: &str = "versions=counter; repair=off; anti-entropy=none; ops=read,write";
const ENTROPY: &str = "versions=clock; repair=off; anti-entropy=300ms; ops=read,write";
const ENTROPY_HASH: &str = "versions=vector; placement=hash; repair=off; anti-entropy=300ms; nodes=5; ops=read,write";
const ARRIVAL: &str = "versions=arrival; repair=off; anti-entropy=none; ops=read,write";
const VECTOR: &str = "versions=vector; repair=after; anti-entropy=1s; ops=read,write";
const VECTOR_SLOPPY: &str = "versions=vector; hints=counted; anti-entropy=1s; nodes=5; ops=read,write";
const VECTOR_NODE: &str = "versions=vector; coordinator=node; anti-entropy=none; ops=read,write";
const VECTOR_NODE_LAZY: &str = "versions=vector; coordinator=node; fsync=lazy; anti-entropy=none; ops=read,write";
const KEPT_LONG: &str = "grace=24h; anti-entropy=300ms; ops=read,write,delete";
const KEPT_SHORT: &str = "grace=200ms; anti-entropy=300ms; ops=write,delete";
const DEFAULT: &str = "ops=read,write";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(COUNTER, REGULAR, ASYNC, "Gifford 1979: quorums meet; no clock is in it"),
    row(COUNTER, "read_your_writes", ASYNC, "Gifford 1979"),
    row(COUNTER, "durable", ASYNC, "W of N have it on their disks"),
    row(ABD, "linearizable", ASYNC, "Attiya, Bar-Noy and Dolev 1995; Lynch and Shvartsman 1997"),
    row(ABD_NODE, "linearizable", ASYNC, "the same, whoever coordinates"),
    row(ABD_5, "linearizable", ASYNC, "the same, with five copies"),
    row(ABD_HINTS, "linearizable", ASYNC, "the same: hints that do not count change nothing"),
    row(CLOCK, REGULAR, SAFE_P, "DDIA, chapter 5: with clocks that agree, a later write has a later stamp"),
    row(CLOCK_BEFORE, "monotonic_reads", ASYNC, "Cassandra, read repair: monotonic quorum reads"),
    row(SLOPPY, "durable", ASYNC, "Dynamo, 4.6: hints are on a disk before the ok, and kept until delivered"),
    row(HINTED, "durable", ASYNC, "W of N have it on their disks"),
    row(ENTROPY, "convergent", ASYNC_W, "Demers 1987, 1.3; Dynamo, 4.7"),
    row(ENTROPY_HASH, "convergent", ASYNC_W, "the same, with keys on different nodes, and siblings"),
    row(VECTOR, "durable", ASYNC, "Preguiça et al. 2012: only what a writer has seen is replaced"),
    row(VECTOR_SLOPPY, "durable", ASYNC, "the same, with stand-ins"),
    row(KEPT_LONG, RESURRECTED, ASYNC, "Cassandra, tombstones: every outage is shorter than the grace period"),
    row(DEFAULT, "recovers", ASYNC, "liveness"),
    row(SLOPPY, "recovers", concat!(safe!(), ",power-loss"), "liveness"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(PARTIAL, REGULAR, "none", "PBS, section 3.1: quorums that need not meet"),
    row(ABD_LAZY, "linearizable", "power-loss,latency", "acknowledged from memory"),
    row(CLOCK, REGULAR, "skew", "DDIA, chapter 8: the later write has the smaller stamp"),
    row(CLOCK, "durable", "skew", "the same: acknowledged and never seen"),
    row(SLOPPY, REGULAR, "cut", "Dynamo, 4.6: stand-ins on one side, replicas on the other"),
    row(SLOPPY_COUNTER, "durable", "loss,cut", "stand-ins know no counter, and the later write gets the smaller one"),
    row(UNMENDED, "convergent", "loss", "W have it, and nobody brings it to the third"),
    row(ARRIVAL, "convergent", "none", "two writes that arrive in two orders"),
    row(VECTOR_NODE, "durable", "wipe,crash", "Riak: a coordinator that has forgotten gives a dot twice"),
    row(VECTOR_NODE_LAZY, "durable", "power-loss", "the same after a loss of power"),
    row(DEFAULT, HALF_READ, "full-disk,crash,cut", "DDIA, chapter 5: what failed on some is not taken back from the others"),
    row(PARTIAL_2, REGULAR, "none", "2 + 1 is not more than 3"),
    row(COUNTER_FAR, REGULAR, "wipe", "one of the two that had it has forgotten it"),
    row(COUNTER, "linearizable", "hold", "DDIA, chapter 9: new, then old, while the write is on its way"),
    row(COUNTER, "monotonic_reads", "hold", "the same, one reader"),
    row(ABD_FAR, "linearizable", "wipe", "one of the two that had it has forgotten it"),
    row(SLOPPY_1, "durable", "cut,wipe", "the only copy was a hint"),
    row(KEPT_SHORT, RESURRECTED, "cut,crash", "Cassandra, tombstones: away for longer than the grace period"),
];
