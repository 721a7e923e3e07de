//! What is promised of `stores`: all or nothing, and how far asks are kept apart, by each isolation, layout and way to commit.
//!
//! That a decision is one and is kept, that what is promised stays locked, that no two change a row at once, and that a commit is on the
//! disk before it counts, are invariants, asserted after every event of each of these runs.

use super::{Rare, Row, all_rare, promises_of, safe};

promises_of!("stores");

/// Everything but the loss of a disk.
const ALL: &str = concat!(safe!(), ",power-loss,skew,drift,timers");

/// Short times, so that a run sees the ends of them, and several clients that want the same rows.
macro_rules! busy {
    ($settings:literal) => {
        concat!(
            "customers=2; orders=2; think=const(2ms); statement-timeout=300ms; lock-timeout=150ms; idle-timeout=500ms; ",
            "vote-timeout=100ms; resend=50ms; request-timeout=2s; ops=transfer,order,audit,leave; ",
            "do=workload c1 30/s transfer keys anna; ",
            $settings
        )
    };
}
const COMMITTED: &str = busy!("shop=tables; isolation=read-committed");
const COMMITTED_READS: &str = busy!("shop=tables; isolation=read-committed; update=read-first");
const UNCOMMITTED: &str = busy!("shop=tables; isolation=read-uncommitted");
const REPEATABLE: &str = busy!("shop=tables; isolation=repeatable-read; update=read-first");
const SNAPSHOT: &str = busy!("shop=tables; isolation=snapshot; update=read-first");
const SERIAL: &str = busy!("shop=tables; isolation=serializable; update=read-first");
const LOCKING: &str = busy!("shop=tables; isolation=locking; update=read-first");
const LAZY: &str = busy!("shop=tables; isolation=read-committed; fsync=lazy");
const NO_TRANSACTIONS: &str = busy!("shop=tables; table-transactions=off");
const DOCUMENTS: &str = busy!("shop=documents");
const TOGETHER: &str = "shop=documents; balances=together; request-timeout=2s; statement-timeout=300ms; ops=transfer,audit; do=workload c1 30/s transfer keys anna";
const DOCUMENT_TRANSACTIONS: &str = busy!("shop=documents; document-transactions=on; update=read-first");
const TWO_PHASE: &str = busy!("shop=tables; shards=2");
const TWO_PHASE_SNAPSHOT: &str = busy!("shop=tables; shards=2; isolation=snapshot");
const TWO_PHASE_LOCKING: &str = busy!("shop=tables; shards=2; isolation=locking; update=read-first");
const TWO_PHASE_LAZY: &str = busy!("shop=tables; shards=2; fsync=lazy");
const GIVES_UP: &str = busy!("shop=tables; shards=2; in-doubt=give-up");
const ONE_BY_ONE: &str = busy!("shop=tables; shards=2; commit=one-by-one");
const RENAMES: &str = "shop=documents; orders=4; think=const(2ms); request-timeout=2s; statement-timeout=300ms; ops=rename,page; do=workload c1 5/s rename keys book";
/// Asks that nothing but a fault refuses.
macro_rules! always {
    ($settings:literal) => {
        concat!(
            "shop=tables; think=const(2ms); statement-timeout=300ms; lock-timeout=150ms; idle-timeout=500ms; vote-timeout=100ms; ",
            "resend=50ms; request-timeout=2s; ops=rename,audit; do=workload c1 10/s rename keys book; ",
            $settings
        )
    };
}
const RENAMES_ROWS: &str = always!("isolation=read-committed");
const RENAMES_ON_TWO: &str = always!("shards=2");
const SKEW: &str = "shop=tables; isolation=snapshot; think=const(100ms); ops=leave,audit";
const RETRIES: &str = busy!("shop=tables; retry=always");
const RETRIES_WITH_KEY: &str = busy!("shop=tables; retry=always; request-key=on");

/// One break is a bug.
static HOLDS: &[Row] = &[
    row(COMMITTED, "atomic", ALL, "Gray 1981: all or nothing"),
    row(COMMITTED, "sum_kept", ALL, "the same"),
    row(COMMITTED, "acked_kept", ALL, "write-ahead log, synced before the answer"),
    row(COMMITTED, "no_dirty_reads", ALL, "Berenson 1995, table 4: read committed"),
    row(COMMITTED, "stock_kept", ALL, "one statement that holds the rule"),
    row(REPEATABLE, "one_snapshot", ALL, "MySQL manual, consistent nonlocking reads"),
    row(SNAPSHOT, "one_snapshot", ALL, "Berenson 1995, 4.2"),
    row(SNAPSHOT, "no_lost_updates", ALL, "the same: the first committer wins"),
    row(SERIAL, "serializable", ALL, "Cahill 2008"),
    row(LOCKING, "serializable", ALL, "Eswaran 1976"),
    row(LAZY, "atomic", ALL, "a whole suffix of the log is lost"),
    row(DOCUMENT_TRANSACTIONS, "atomic", ALL, "MongoDB documentation, transactions"),
    row(DOCUMENT_TRANSACTIONS, "no_lost_updates", ALL, "the same: write conflicts abort"),
    row(TOGETHER, "sum_kept", ALL, "MongoDB documentation: a single document is atomic"),
    row(TWO_PHASE, "atomic", ALL, "Gray 1978"),
    row(TWO_PHASE, "sum_kept", ALL, "the same"),
    row(TWO_PHASE_LOCKING, "serializable", ALL, "locks held to the decision"),
    row(RETRIES_WITH_KEY, "once", ALL, "the key is stored with the effect"),
    row(RENAMES_ROWS, "recovers", ALL, "liveness"),
    row(RENAMES_ON_TWO, "recovers", ALL, "liveness: nobody stays in doubt"),
    row("shop=tables; shards=3", "recovers", "none", "an ask that a rule of the shop refuses is answered"),
];

/// No break within the budget is a bug too.
static BREAKS: &[Row] = &[
    row(LAZY, "acked_kept", "power-loss", "a suffix of the log is lost"),
    row(NO_TRANSACTIONS, "atomic", "crash", "it is not the word"),
    row(DOCUMENTS, "atomic", "crash", "two documents"),
    row(DOCUMENTS, "sum_seen", "none", "a reader in between"),
    row(UNCOMMITTED, "no_dirty_reads", "none", "Adya 1999"),
    row(COMMITTED_READS, "no_lost_updates", "none", "Berenson 1995, P4"),
    row(COMMITTED, "one_snapshot", "none", "each statement has its own snapshot"),
    row(REPEATABLE, "no_lost_updates", "none", "MySQL manual; Hermitage"),
    row(ONE_BY_ONE, "atomic", "crash", "a crash between two commits"),
    row(TWO_PHASE_LAZY, "atomic", "power-loss", "a promise that was not on the disk"),
    row(GIVES_UP, "atomic", "cut,latency", "a participant that gives up after its yes"),
    row(SKEW, "someone_on_duty", "none", "Berenson 1995, A5B: two doctors go off call"),
    row(TWO_PHASE_SNAPSHOT, "sum_seen", "none", "a snapshot for each shard"),
    row(RENAMES, "copies_equal", "crash", "the rest is never renamed"),
    row(RETRIES, "once", "loss", "the answer is lost, and the ask is made again"),
];

/// Real, and not drawn: whoever leaves does so once.
static RARE: &[Rare] = &[Rare {
    row: row("shop=tables; isolation=snapshot", "serializable", "none", "Berenson 1995, A5B: two doctors go off call"),
    schedule: &["c1 leave tom", "c2 leave uma", "run 1s"],
    cure: "shop=tables; isolation=serializable",
}];

#[test]
fn what_is_rare_breaks_by_its_schedule() {
    all_rare(RARE);
}
