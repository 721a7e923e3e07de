//! What is promised of `ring`: partitioned data whose keys move while they are served.
//!
//! That maps cover every key, that nothing moves between nodes that stay, that a row is forgotten only once its owner has it, that who
//! answers for a key is its only owner, and that no node goes back to an older map, are invariants, asserted after every event of each of
//! these runs.

use super::{Row, promises_of, safe};

promises_of!("ring");

/// Whatever messages, disks and clocks do, while nodes come and go: no clock is in it.
const ASYNC_MOVES: &str = concat!(safe!(), ",power-loss,skew,drift,timers,add,remove");
const MOVES: &str = "add,remove";
const NO_COPIES: &str = "crash,pause,full-disk,cut,one-way,loss,reorder,latency,slow,hold,power-loss,timers,add,remove";
/// Whatever may happen but to clocks, with one lost disk.
const WIPED: &str = concat!(safe!(), ",power-loss,wipe");

/// Nearly everything moves at every change, in small parts.
macro_rules! moves {
    ($settings:literal) => {
        concat!("scheme=mod-n; keys=20; batch=2; ", $settings)
    };
}
const FENCED: &str = moves!("ops=put,get,delete");
const ON_A_RING: &str = "tokens=8; keys=20; batch=2; ops=put,get,delete";
const FORWARDS: &str = moves!("misrouted=forward; ops=put,get");
const COPIED: &str = moves!("replicas=2; ops=put,get,delete");
const COPIED_3: &str = "tokens=8; keys=20; replicas=3; ops=put,get";
const RANGES: &str = "scheme=range; keys=20; batch=2; ops=put,get,scan";
const SEARCHED: &str = moves!("do=workload c1 30/s order:find 1:1 keys uniform(2); ops=put,get");
const INDEXED: &str = moves!("index=global; do=workload c1 30/s order:find 1:1 keys uniform(2); ops=put,get");
/// Messages take very different times.
const INDEXED_LATER: &str =
    moves!("index=global; index-writes=later; latency=exp(40ms); do=workload c1 30/s order:find 1:1 keys uniform(2); ops=put,get");
const UNFOLLOWED: &str = moves!("moving=copy-then-flip; ops=put,get");
const EMPTY_FIRST: &str = moves!("moving=flip-then-copy; ops=put,get");
const ANSWERS_ANYWAY: &str = moves!("misrouted=serve; ops=put,get");
const ALONE: &str = "keys=20; ops=put,get";
const BY_TOKEN: &str = "keys=20; replicas=2; replicas-by=token; tokens=64; nodes=2; ops=put,get";
const ONE_ACK: &str = "keys=20; replicas=2; acks=primary; ops=put,get";
const LAZY: &str = "keys=20; fsync=lazy; ops=put,get";
const ANY_COPY: &str = "keys=20; replicas=3; reads=any; latency=exp(40ms); ops=put,get";
const PARTIAL: &str = "keys=20; partial=on; ops=put,scan";

const MISSED: &str = "missed_reads >= 1";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(FENCED, "linearizable", ASYNC_MOVES, "DDIA, chapters 6 and 8: copy, follow, stop, switch; ownership passes with the last part"),
    row(FENCED, "durable", ASYNC_MOVES, "the same: deleted only once the new owner has it on its disk"),
    row(FENCED, "single_owner", ASYNC_MOVES, "the same: who has stopped says so first"),
    row(FENCED, "recovers", ASYNC_MOVES, "liveness: what was not acknowledged is said again"),
    row(FORWARDS, "linearizable", NO_COPIES, "the same, passed on: nodes remember no requests, so a link that doubles them is excluded"),
    row(ON_A_RING, "linearizable", ASYNC_MOVES, "the same on a ring"),
    row(COPIED, "linearizable", ASYNC_MOVES, "Alsberg and Day 1976: one owner orders the writes, and reads wait for their copies"),
    row(COPIED, "durable", ASYNC_MOVES, "Dynamo, 4.3: on the disks of all copies before the ok"),
    row(COPIED, "convergent", ASYNC_MOVES, "copies go out again until they are confirmed"),
    row(COPIED_3, "durable", WIPED, "the same: one lost disk of three"),
    row(COPIED_3, "linearizable", WIPED, "who lost its disk serves nothing until all others have said what they have of it"),
    row(RANGES, "complete", ASYNC_MOVES, "a scan goes by one map, or fails"),
    row(SEARCHED, "complete", ASYNC_MOVES, "DDIA, chapter 6: every partition is asked"),
    row(INDEXED, "complete", ASYNC_MOVES, "DDIA, chapter 6: the index has it before the ok"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(UNFOLLOWED, "durable", MOVES, "written to the old owner between copy and switch"),
    row(UNFOLLOWED, "linearizable", MOVES, "the same"),
    row(EMPTY_FIRST, MISSED, MOVES, "read at the new owner before the data is there"),
    row(EMPTY_FIRST, "linearizable", MOVES, "the same"),
    row(ANSWERS_ANYWAY, "linearizable", MOVES, "who does not own a key has nothing to say about it"),
    row(ALONE, "durable", "wipe", "the only copy"),
    row(BY_TOKEN, "durable", "wipe", "Dynamo, 4.3: both copies on tokens of one server"),
    row(ONE_ACK, "durable", "wipe,cut,one-way", "acknowledged by the owner alone"),
    row(LAZY, "durable", "power-loss", "acknowledged from memory"),
    row(ALONE, "durable", "cut,fail-over", "taken for dead, and alive"),
    row(ALONE, "single_owner", "cut,fail-over", "the old owner has not heard of it"),
    row(ANY_COPY, "linearizable", "none", "one copy has it before another"),
    row(INDEXED_LATER, "complete", "none", "DDIA, chapter 6: the index learns of it later"),
    row(INDEXED_LATER, "index_wrong >= 1", "crash", "it dies between the two writes"),
    row(PARTIAL, "complete", "pause,cut", "a node that did not answer counts as empty"),
];
