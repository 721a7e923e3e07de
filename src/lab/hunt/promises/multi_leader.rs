//! What is promised of `multi-leader`, a leader in each data centre.

use super::{ASYNC, Row, promises_of, safe};

promises_of!("multi-leader");

/// All but what clocks do.
const TRUE_TIME: &str = concat!(safe!(), ",power-loss,timers");

const LWW: &str = "policy=lww; ops=read,write,delete";
const LWW_STAR: &str = "policy=lww; topology=star; nodes=4; ops=read,write,delete";
const LWW_LAZY: &str = "policy=lww; fsync=lazy; ops=read,write";
const LWW_KEEP: &str = "policy=lww; ties=keep; ops=write";
const HYBRID: &str = "policy=lww; stamps=hybrid; ops=read,write";
const SIBLINGS: &str = "policy=siblings; ops=read,write,delete";
const SIBLINGS_SEEN: &str = "policy=siblings; replaces=seen; ops=read,write,delete";
const SIBLINGS_RING: &str = "policy=siblings; topology=ring; nodes=4; ops=read,write,delete";
const SIBLINGS_LAZY: &str = "policy=siblings; fsync=lazy; ops=read,write";
const UNION: &str = "policy=merge; merge=union; ops=read,include,exclude";
const AVERAGE: &str = "policy=merge; merge=average; ops=read,write";
const JOIN: &str = "policy=merge; merge=join; ops=read,write";
const COUNTER: &str = "policy=crdt; ops=read,add";
const SET: &str = "policy=crdt; ops=read,include,exclude";
const STOCK: &str = "policy=crdt; ops=add,buy";
const ARRIVAL: &str = "policy=arrival; ops=read,write";
const AVOID: &str = "policy=avoid; ops=read,write";
const AVOID_READ: &str = "policy=avoid; reads=home; ops=read,write,cas";
const AVOID_ROOMS: &str = "policy=avoid; ops=book,read,delete";
const AVOID_STOCK: &str = "policy=avoid; ops=add,buy,write";
const AVOID_SALES: &str = "policy=avoid; ops=add,buy";
const BLIND: &str = "policy=siblings; replaces=seen; ops=write,delete";
const ROOMS: &str = "policy=lww; ops=book,read";
const MOVING: &str = "policy=siblings; sticky=off; ops=read,write";
const STAR: &str = "topology=star; ops=read,write,comment";
const RING: &str = "topology=ring; ops=read,write,comment";
const ALL: &str = "topology=all-to-all; ops=read,write";
const DEPENDENT: &str = "topology=all-to-all; dependencies=on; ops=read,write,comment";
const KEYS: &str = "auto-increment-step=3; ops=insert,read";
const KEYS_LAZY: &str = "auto-increment-step=3; fsync=lazy; ops=insert";
const KEYS_SHORT: &str = "auto-increment-step=2; ops=insert";
const KEYS_SAME: &str = "auto-increment-step=3; auto-increment-offset=same; ops=insert";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(LWW, "recovers", ASYNC, "Shapiro et al. 2011: the greatest stamp, the leader breaks ties; equal rows, deleted ones too"),
    row(LWW_STAR, "recovers", ASYNC, "the same, by way of one of four"),
    row(SIBLINGS_RING, "recovers", ASYNC, "Preguiça et al. 2012, all round a ring of four"),
    row(UNION, "convergent", ASYNC, "Shapiro et al. 2011: union is commutative, associative and idempotent"),
    row(SET, "convergent", ASYNC, "Shapiro et al. 2011, OR-Set"),
    row(SIBLINGS, "durable", ASYNC, "only what a leader had is replaced"),
    row(SIBLINGS_SEEN, "durable", ASYNC, "Preguiça et al. 2012: only what a writer has seen is replaced"),
    row(BLIND, "durable", ASYNC, "the same: who never looks replaces nothing but its own"),
    row(COUNTER, "durable", ASYNC, "no acknowledged add is lost"),
    row(HYBRID, "read_your_writes", ASYNC, "Kulkarni et al. 2014: a stamp is above all that its leader has seen"),
    row(LWW, "read_your_writes", TRUE_TIME, "DDIA, chapter 8: with clocks that agree"),
    row(SIBLINGS, "read_your_writes", ASYNC, "Terry et al. 1994: a user who stays"),
    row(SIBLINGS, "monotonic_reads", ASYNC, "the same"),
    row(SIBLINGS, "monotonic_writes", ASYNC, "the same"),
    row(AVOID, "conflicts >= 1", ASYNC, "homes that stay: one leader for each row"),
    row(AVOID_READ, "linearizable", ASYNC, "the same, read and written at one place"),
    row(AVOID_ROOMS, "unique", ASYNC, "Bailis et al. 2015: one authority for each room"),
    row(AVOID_STOCK, "oversold >= 1", ASYNC, "the same for each stock, whatever is not answered"),
    row(STAR, "writes_follow_reads", ASYNC, "Terry et al. 1994, by a tree"),
    row(STAR, "monotonic_writes", ASYNC, "the same"),
    row(DEPENDENT, "writes_follow_reads", ASYNC, "the same, by what each change depends on"),
    row(STAR, "causal", ASYNC, "a tree, and each passes on in the order in which it took in"),
    row(RING, "causal", ASYNC, "a one-way ring, the same"),
    row(DEPENDENT, "causal", ASYNC, "Lloyd et al. 2011, COPS"),
    row(KEYS, "unique", ASYNC, "MySQL manual, auto_increment_increment"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(LWW_LAZY, "convergent", "power-loss", "a leader that has forgotten gives a number again"),
    row(LWW, "convergent", "wipe", "the same"),
    row(SIBLINGS, "convergent", "wipe", "Riak: vnode ids, against numbers that come again"),
    row(LWW_KEEP, "convergent", "none", "KeyDB, issue 247: each keeps its own"),
    row(AVERAGE, "convergent", "none", "the mean of three depends on which two came first"),
    row(JOIN, "convergent", "none", "one text behind the other"),
    row(ARRIVAL, "convergent", "none", "DDIA, chapter 5: copies that swap"),
    row(LWW, "durable", "none", "DDIA, chapter 5: two at once"),
    row(LWW, "read_your_writes", "skew", "DDIA, chapter 8: the later write has the smaller stamp"),
    row(SIBLINGS, "durable", "wipe", "told ok, and nowhere else yet"),
    row(SIBLINGS_LAZY, "durable", "power-loss", "the same"),
    row(STOCK, "oversold >= 1", "none", "Bailis et al. 2015: a bound needs a look at everything"),
    row(AVOID, "conflicts >= 1", "rehome,cut", "DDIA, chapter 5: the old home takes one more"),
    row(AVOID_SALES, "oversold >= 1", "rehome,cut", "the same: both homes sell"),
    row(ROOMS, "unique", "none", "Bailis et al. 2015: uniqueness needs coordination"),
    row(MOVING, "read_your_writes", "cut", "Terry et al. 1994: a user who goes elsewhere"),
    row(MOVING, "monotonic_reads", "cut,latency", "the same"),
    row(ALL, "causal", "latency", "DDIA, chapter 5: an update overtakes the insert"),
    row(ALL, "writes_follow_reads", "latency", "Terry et al. 1994"),
    row(KEYS_SHORT, "unique", "none", "a third leader with a step of two"),
    row(KEYS_SAME, "unique", "none", "a step without offsets"),
    row(KEYS, "unique", "wipe", "the counter falls back"),
    row(KEYS_LAZY, "unique", "power-loss", "the same"),
];
