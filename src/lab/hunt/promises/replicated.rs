//! What is promised of `replicated`, a leader with followers.

use super::{ASYNC, CALM, NET_K_Z_S_DR, Row, SAFE_P, SAFE_P_DRIFT, promises_of, safe};

promises_of!("replicated");

const CP: &str = "replication=majority; fencing=lease; follower-reads=refuse";
const EPOCHS: &str = "replication=majority; fencing=epochs; follower-reads=refuse";
const RANDOM: &str = "replication=majority; candidate=random; follower-reads=refuse";
const ALONE: &str = "replication=majority; election=alone; follower-reads=refuse";
const UNFENCED: &str = "replication=majority; fencing=off; follower-reads=refuse";
const ASYNCHRONOUS: &str = "replication=async; follower-reads=refuse";
const MANUAL: &str = "replication=async; failover=manual; follower-reads=refuse";
const SEMI: &str = "replication=semi-sync; follower-reads=refuse";
const ALONE_AT_LAST: &str = "replication=semi-sync; degrade=async; follower-reads=refuse";
const COLLECTED: &str = "replication=async; ship-every=200ms; failover=manual; follower-reads=refuse";
const COLLECTED_CP: &str = "replication=majority; fencing=lease; ship-every=100ms; follower-reads=refuse";
const BLIND: &str = "shipping=blind; failover=manual; follower-reads=refuse";
const SEMI_5: &str = "replication=semi-sync; follower-reads=refuse; nodes=5";
const ANY_1_OF_5: &str = "replication=sync; sync-followers=any 1; follower-reads=refuse; nodes=5";
const ANY_2_OF_5: &str = "replication=sync; sync-followers=any 2; follower-reads=refuse; nodes=5";
const NAMED: &str = "replication=sync; sync-followers=n2; follower-reads=refuse";
const ALL: &str = "replication=sync; follower-reads=refuse";
const ALL_ALONE: &str = "replication=sync; candidate=random; election=alone; follower-reads=refuse";
const ALL_RANDOM: &str = "replication=sync; candidate=random; follower-reads=refuse";
const LAZY: &str = "replication=majority; fsync=lazy; follower-reads=refuse";
const ALL_LAZY: &str = "replication=sync; fsync=lazy; follower-reads=refuse";
const ANY: &str = "replication=majority; reads=any";
const STICKY: &str = "replication=majority; reads=sticky";
/// A compare-and-set reads at the leader, wherever reads go.
const STICKY_READS: &str = "replication=majority; reads=sticky; ops=read,write";
const TOKEN: &str = "replication=majority; reads=wait-for-position";
const INDEX: &str = "replication=majority; reads=wait-for-position; position=index";
const TOKEN_ASYNC: &str = "replication=async; reads=wait-for-position";
const INDEX_ASYNC: &str = "replication=async; reads=wait-for-position; position=index";
/// The two clients are a phone and a laptop.
const TOKEN_OF_DEVICE: &str = "replication=majority; reads=wait-for-position; users=c1+c2; apply=const(100ms)";
const TOKEN_OF_USER: &str = "replication=majority; reads=wait-for-position; users=c1+c2; memory=account; apply=const(30ms)";
const WINDOW: &str = "reads=leader-window; window=1h; apply=const(100ms)";
const SHORT_WINDOW: &str = "reads=leader-window; window=10ms; apply=const(100ms)";
const WINDOW_OF_DEVICE: &str = "reads=leader-window; window=1h; users=c1+c2; apply=const(100ms)";
const WINDOW_OF_USER: &str = "reads=leader-window; window=1h; users=c1+c2; memory=account; apply=const(100ms)";
const MAX_LAG: &str = "reads=max-lag; max-lag=1s; apply=const(100ms)";
const STICKY_USER: &str = "replication=majority; reads=sticky; users=c1+c2; ops=read,write";
const STICKY_HASH: &str = "replication=majority; reads=sticky; sticky=rendezvous; ops=read,write";
const STICKY_MODULO: &str = "replication=majority; reads=sticky; sticky=modulo; ops=read,write";
const CONFIRMED: &str = "replication=sync; visible=confirmed; follower-reads=refuse";
const LATE_NEWS: &str = "replication=majority; fencing=lease; news=2s; follower-reads=refuse";
const LATE_NEWS_ASYNC: &str = "replication=async; failover=manual; news=2s; follower-reads=refuse";
const KEEP_BOTH: &str = "replication=async; rejoin=merge; merge=keep-both; follower-reads=refuse";
const LAST_WINS: &str = "replication=async; rejoin=merge; merge=last-write-wins; follower-reads=refuse";
const STRANDS: &str = "replication=async; rejoin=refuse; follower-reads=refuse";

/// Statements that hang on nothing but the data and the log.
const PLAIN_TEXT: &str = "log-format=statement; table-rows=4; replication=majority; do=workload c1 20/s sql:write 1:1";
const PLAIN_ROWS: &str = "log-format=row; table-rows=4; replication=majority; do=workload c1 20/s sql:write 1:1";
const PLAIN_DISK: &str = "log-format=write-ahead; table-rows=4; replication=majority; do=workload c1 20/s sql:write 1:1";
/// Statements that hang on something else.
const UUID_TEXT: &str = "log-format=statement; table-rows=4; do=c1 sql \"UPDATE books SET title = UUID() WHERE id = 2\"";
const NOW_TEXT: &str = "log-format=statement; table-rows=4; do=c1 sql \"UPDATE books SET price = NOW() WHERE id = 2\"";
const UUID_REWRITTEN: &str = "log-format=rewritten; table-rows=4; do=c1 sql \"UPDATE books SET title = UUID() WHERE id = 2\"";
const LIMIT_TEXT: &str = "log-format=statement; table-rows=4; do=c1 sql \"UPDATE books SET stock = 0 LIMIT 1\"";
const LIMIT_REWRITTEN: &str = "log-format=rewritten; table-rows=4; do=c1 sql \"UPDATE books SET stock = 0 LIMIT 1\"";
const LIMIT_ROWS: &str = "log-format=row; table-rows=4; do=c1 sql \"UPDATE books SET stock = 0 LIMIT 1\"";
const LIMIT_DISK: &str = "log-format=write-ahead; table-rows=4; do=c1 sql \"UPDATE books SET stock = 0 LIMIT 1\"";

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(
        KEEP_BOTH,
        "durable",
        "crash,pause,cut,one-way,loss,duplicate,reorder,hold,slow,latency,drift,skew",
        "DDIA, chapter 5: what is merged was acknowledged",
    ),
    row(CP, "linearizable", SAFE_P, "Raft dissertation, 6.4 and 4.2.3"),
    row(CP, "linearizable", SAFE_P_DRIFT, "Gray and Cheriton 1989: a lease outlives a drift while lease / timeout < (1 - r) / (1 + r)"),
    row(CP, "durable", ASYNC, "Raft, 5.4; no clock is in it"),
    row(CP, "convergent", ASYNC, "Raft, 5.3: log matching"),
    row(CP, "recovers", ASYNC, "Raft, 5.6"),
    row(EPOCHS, "linearizable", "crash,power-loss,full-disk,duplicate,reorder", "Raft dissertation, 6.4"),
    row(EPOCHS, "durable", ASYNC, "Raft, 5.4"),
    row(EPOCHS, "convergent", ASYNC, "Raft, 5.3"),
    row(EPOCHS, "recovers", ASYNC, "Raft, 5.6"),
    row(RANDOM, "durable", CALM, "Raft, 5.4.1"),
    row(ALONE, "durable", CALM, "Raft, 5.2"),
    row(UNFENCED, "durable", CALM, "DDIA, chapters 5 and 8"),
    row(ASYNCHRONOUS, "durable", CALM, "DDIA, chapter 5"),
    row(ASYNCHRONOUS, "read_your_writes", CALM, "DDIA, chapter 5"),
    row(ASYNCHRONOUS, "monotonic_writes", CALM, "DDIA, chapter 5"),
    row(ASYNCHRONOUS, "linearizable", CALM, "one server answers"),
    row(ASYNCHRONOUS, "recovers", ASYNC, "liveness"),
    row(MANUAL, "durable", ASYNC, "DDIA, chapter 5: without failover nothing is thrown away"),
    row(SEMI, "durable", ASYNC, "quorums intersect: k + 1 + m > N"),
    row(SEMI, "recovers", ASYNC, "liveness"),
    row(ALONE_AT_LAST, "durable", CALM, "MySQL, semisynchronous replication: every ok is on the source's disk"),
    row(COLLECTED, "durable", ASYNC, "PostgreSQL, log shipping: what was collected is on the leader's disk"),
    row(COLLECTED_CP, "linearizable", SAFE_P, "Raft, 5.3: entries may be sent at any time"),
    row(COLLECTED_CP, "recovers", ASYNC, "Raft, 5.6"),
    row(BLIND, "convergent", "duplicate,slow,latency", "DDIA, chapter 11: what arrives in order, once, makes equal copies"),
    row(ANY_2_OF_5, "durable", ASYNC, "quorums intersect: k + 1 + m > N"),
    row(NAMED, "durable", ASYNC, "quorums intersect: k + 1 + m > N"),
    row(ALL, "durable", ASYNC, "DDIA, chapter 5"),
    row(ALL, "durable", concat!(safe!(), ",power-loss,skew,drift,timers,wipe"), "log-position: up to m - 1 wipes"),
    row(ALL_ALONE, "durable", ASYNC, "whoever leads has it"),
    row(LAZY, "durable", concat!(safe!(), ",skew,drift,timers"), "Raft dissertation, 3.8: only a loss of power forgets"),
    row(STICKY_READS, "monotonic_reads", "duplicate,reorder,full-disk,slow", "Terry 1994"),
    row(TOKEN, "read_your_writes", ASYNC, "Raft dissertation, 6.4, last part"),
    row(TOKEN, "monotonic_reads", ASYNC, "Raft dissertation, 6.4, last part"),
    row(TOKEN, "sequential", ASYNC, "Raft dissertation, 6.4, last part"),
    row(INDEX, "read_your_writes", ASYNC, "what a majority has is never replaced, so an index names one entry"),
    row(TOKEN_OF_USER, "read_your_writes", ASYNC, "DDIA, chapter 5, cross-device: the account has the position before the ok is reported"),
    row(TOKEN_OF_USER, "monotonic_reads", ASYNC, "the same"),
    row(WINDOW, "read_your_writes", CALM, "DDIA, chapter 5: the leader for a while after a write"),
    row(WINDOW_OF_USER, "read_your_writes", CALM, "DDIA, chapter 5, cross-device"),
    row(STICKY_USER, "monotonic_reads", "duplicate,reorder,full-disk,slow", "DDIA, chapter 5: all devices of a user to one server"),
    row(STICKY_HASH, "monotonic_reads", "duplicate,reorder,full-disk,slow", "Terry 1994"),
    row(CONFIRMED, "linearizable", "crash,duplicate,reorder,full-disk", "MySQL AFTER_SYNC: nobody sees what can be lost"),
    row(LATE_NEWS, "linearizable", SAFE_P, "Raft dissertation, 6.4: a lease ends without any news"),
    row(STRANDS, "durable", NET_K_Z_S_DR, "DDIA, chapter 5"),
    row(PLAIN_TEXT, "convergent", ASYNC, "Schneider 1990: the same deterministic commands in the same order"),
    row(PLAIN_TEXT, "durable", ASYNC, "Raft, 5.4: a statement is an entry like any other"),
    row(PLAIN_ROWS, "convergent", ASYNC, "MySQL manual, 19.2.1: row-based replication"),
    row(PLAIN_DISK, "convergent", ASYNC, "PostgreSQL manual, log shipping: a physical copy"),
    row(LIMIT_ROWS, "convergent", ASYNC, "MySQL manual, 19.2.1: all changes can be replicated by rows"),
    row(LIMIT_DISK, "convergent", ASYNC, "PostgreSQL manual, log shipping: nothing is run again"),
    row(UUID_REWRITTEN, "convergent", ASYNC, "rqlite, non-deterministic functions: the leader replaces them"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(EPOCHS, "durable", "promote", "an operator promotes one that is behind"),
    row(CP, "linearizable", "cut,skew", "a clock that jumps outlives its lease"),
    row(CP, "durable", "wipe,crash", "Raft dissertation, 3.8: a wiped server returns and votes"),
    row(EPOCHS, "linearizable", "cut", "Raft dissertation, 6.4: a leader that was replaced answers a read"),
    row(EPOCHS, "linearizable", "one-way", "the same"),
    row(EPOCHS, "durable", "wipe,crash", "Raft dissertation, 3.8"),
    row(RANDOM, "durable", "crash,cut", "Raft, 5.4.1: one that lacks the entry is drawn"),
    row(ALONE, "durable", "crash,cut", "Raft, 5.2: one that is behind elects itself"),
    row(UNFENCED, "durable", "cut,one-way,pause", "DDIA, chapter 8: two leaders, and followers obey both"),
    row(ASYNCHRONOUS, "durable", "crash,cut", "DDIA, chapter 5: the new leader never had it"),
    row(ASYNCHRONOUS, "durable", "latency,loss", "DDIA, chapter 8: the leader lives and is suspected"),
    row(ASYNCHRONOUS, "read_your_writes", "crash,cut", "DDIA, chapter 5"),
    row(ASYNCHRONOUS, "linearizable", "crash,cut", "MySQL AFTER_COMMIT: a read sees what is lost"),
    row(MANUAL, "durable", "wipe,cut", "the only copy"),
    row(ALONE_AT_LAST, "durable", "crash,cut", "MySQL, rpl_semi_sync_source_timeout: no follower has what it says ok to alone"),
    row(COLLECTED, "durable", "wipe", "what was collected had not left"),
    row(BLIND, "convergent", "loss", "DDIA, chapter 11, dual writes: what is lost is never missed"),
    row(BLIND, "convergent", "cut", "the same"),
    row(BLIND, "convergent", "reorder", "DDIA, chapter 11, dual writes: the same writes in another order"),
    row(SEMI_5, "durable", "crash,cut", "k + 1 + m = N: the others elect one of theirs"),
    row(ANY_1_OF_5, "durable", "crash,cut", "k + 1 + m = N"),
    row(ALL_RANDOM, "durable", "wipe,crash", "the wiped one is drawn"),
    row(ALL_LAZY, "durable", "power-loss", "all lose the same tail"),
    row(LAZY, "durable", "power-loss,crash", "Raft dissertation, 3.8: acknowledged from memory"),
    row(ANY, "linearizable", "none", "DDIA, chapter 5: a follower is behind"),
    row(ANY, "read_your_writes", "none", "DDIA, chapter 5"),
    row(ANY, "monotonic_reads", "latency", "DDIA, chapter 5: first at the quicker follower"),
    row(STICKY, "monotonic_reads", "crash,cut", "Terry 1994: the client turns to another server"),
    row(STICKY, "read_your_writes", "none", "DDIA, chapter 5"),
    row(INDEX_ASYNC, "read_your_writes", "crash,cut", "the index of a lost entry is taken by another"),
    row(TOKEN_ASYNC, "read_your_writes", "crash,cut", "a later write has a later position, and what was lost before it is not missed"),
    row(TOKEN_OF_DEVICE, "read_your_writes", "none", "DDIA, chapter 5, cross-device: the laptop does not know what the phone wrote"),
    row(SHORT_WINDOW, "read_your_writes", "none", "DDIA, chapter 5: the lag is longer than the window"),
    row(WINDOW_OF_DEVICE, "read_your_writes", "none", "DDIA, chapter 5, cross-device"),
    row(MAX_LAG, "read_your_writes", "none", "less lag than the bound is lag too"),
    row(STICKY_HASH, "monotonic_reads", "crash,cut", "Terry 1994: the user goes to another server"),
    row(STICKY_MODULO, "monotonic_reads", "crash,cut", "the same"),
    row(STICKY_USER, "read_your_writes", "none", "DDIA, chapter 5: one server is as late as another"),
    row(CONFIRMED, "linearizable", "cut", "the old leader answers reads"),
    row(ALL, "linearizable", "crash", "MySQL AFTER_COMMIT, PostgreSQL: a read sees what was not acknowledged, and is lost"),
    row(LATE_NEWS_ASYNC, "durable", "promote", "GitHub 2012: what the old leader takes until it learns"),
    row(LAST_WINS, "durable", "cut", "DDIA, chapter 5: the later stamp wins"),
    row(KEEP_BOTH, "linearizable", "cut", "DDIA, chapter 5"),
    row(STRANDS, "linearizable", "cut", "DDIA, chapter 5"),
    row(STRANDS, "recovers", "cut,crash", "a stranded server waits for an operator"),
    row(UUID_TEXT, "convergent", "none", "MySQL manual, 19.2.1.1: unsafe statements"),
    // MySQL sends the time along; here a follower goes by its own clock.
    row(NOW_TEXT, "convergent", "none", "DDIA, chapter 5: statement-based replication"),
    row(LIMIT_TEXT, "convergent", "none", "MySQL manual, 19.5.1.18: LIMIT without ORDER BY"),
    row(LIMIT_REWRITTEN, "convergent", "none", "the same: an order of rows is no function"),
];
