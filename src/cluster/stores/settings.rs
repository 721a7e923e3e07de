//! What the two shops can be told.

use crate::algo::mvcc::Level;
use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::settings::shared::{Disk, Handling, WireLatency, WireZoneLatency};
use crate::cluster::kit::settings::{AtStart, Count, Length, Switch, Timer, Times, settings, words};
use crate::cluster::live::Captioned;

use super::shop::Shop;

words! {
    /// Which shop is asked.
    pub enum Asked {
        /// Both.
        Both = "both",
        /// The one with tables.
        Tables = "tables",
        /// The one with documents.
        Documents = "documents",
    }
}
words! {
    /// How far transactions over tables are kept apart.
    pub enum Isolation {
        /// Reads see what is not committed.
        ReadUncommitted = "read-uncommitted",
        /// Each statement sees what is committed.
        ReadCommitted = "read-committed",
        /// Reads by a snapshot, changes from the newest.
        RepeatableRead = "repeatable-read",
        /// Snapshot isolation.
        Snapshot = "snapshot",
        /// Serializable snapshot isolation.
        Serializable = "serializable",
        /// Strict two-phase locking.
        Locking = "locking",
    }
}
words! {
    /// What an order's document holds of items.
    pub enum Documents {
        /// Their titles.
        Embedded = "embedded",
        /// Their names.
        Referenced = "referenced",
    }
}
words! {
    /// Where documents keep balances.
    pub enum Balances {
        /// One document for each.
        Apart = "apart",
        /// One document for all.
        Together = "together",
    }
}
words! {
    /// How the application changes a number.
    pub enum Update {
        /// In one statement, with the rule in it.
        Guarded = "guarded",
        /// It reads, decides, and writes what it worked out.
        ReadFirst = "read-first",
    }
}
words! {
    /// How a transaction over several shards is committed.
    pub enum Commit {
        /// All promise first.
        TwoPhase = "two-phase",
        /// One shard after the other.
        OneByOne = "one-by-one",
    }
}
words! {
    /// Which schemas of items a reader knows.
    pub enum Readers {
        /// Both.
        Both = "both",
        /// The first.
        Old = "old",
        /// The second.
        New = "new",
    }
}
words! {
    /// Which items a migration changes.
    pub enum Migration {
        /// Those of the first schema.
        Checked = "checked",
        /// All.
        Blind = "blind",
    }
}
words! {
    /// When the application tries an ask again.
    pub enum Again {
        /// Never.
        Never = "never",
        /// When its transaction was aborted.
        Aborted = "aborted",
        /// Then, and when there was no answer.
        Always = "always",
    }
}
words! {
    /// What a shard does that has promised to commit and hears nothing.
    pub enum InDoubt {
        /// It waits.
        Wait = "wait",
        /// It aborts.
        GiveUp = "give-up",
    }
}
words! {
    /// When a coordinator forgets a decision.
    pub enum Forget {
        /// When all have carried it out.
        ToldAll = "told-all",
        /// When one has.
        ToldOne = "told-one",
    }
}
words! {
    /// What a coordinator says of a transaction that it does not know.
    pub enum Unknown {
        /// It was aborted.
        Abort = "abort",
        /// It was committed.
        Commit = "commit",
    }
}
words! {
    /// What becomes, at a restart, of the locks of what was promised.
    pub enum RestartLocks {
        /// They are taken again.
        Kept = "kept",
        /// They are gone.
        Dropped = "dropped",
    }
}

settings! {
    /// The settings of the `stores` cluster. The defaults: transactions over tables, read committed as in `PostgreSQL`; documents without.
    pub struct Settings {
        shards: AtStart<Count<1, 4>> = "1", "How many servers each shop has. Customers stand on them in turn, with their orders; items too. Tables have the rows of items on every one.";
        customers: AtStart<Count<2, 26>> = "2", "How many customers: anna with 100, bob with 50, and others with nothing. The sum of all balances is 150.";
        orders: AtStart<Count<0, 1000>> = "3", "How many orders there are at the start, one customer after the other: anna-1, bob-2, ...";
        lines: AtStart<Count<1, 20>> = "2", "How many lines each of these orders has: book, pen, mug in turn.";
        stock: AtStart<Count<0, 1_000_000>> = "10", "How many the shop has of each item at the start.";
        shop: Asked = "both", "Which shop is asked: both, the one with tables, or the one with documents.";
        table_transactions: Switch = "on", "Whether the statements of an ask are one transaction in the shop with tables.";
        document_transactions: Switch = "off", "The same in the shop with documents: a snapshot, and a conflict aborts at once. One document is always changed as a whole.";
        isolation: Isolation = "read-committed", "How far transactions over tables are kept apart: `repeatable-read` is that of `InnoDB`, `snapshot` that of `PostgreSQL`, `serializable` adds the search for dangerous reads, `locking` locks what is read.";
        documents: Documents = "embedded", "What the document of an order holds of its items: a copy of the title, or only the name of the item.";
        balances: AtStart<Balances> = "apart", "Whether each balance is a document, or all are one.";
        update: Update = "guarded", "How the application changes a number: in one statement that holds the rule, or it reads, decides, and writes the result.";
        commit: Commit = "two-phase", "How a transaction over several shards is committed: each promises first, or one shard after the other.";
        index: Switch = "on", "Whether an index finds the lines, or orders, of an item; without one all are looked at.";
        readers: Readers = "both", "Which schemas of an item the application can read: the old one, the new one, or both.";
        migration: Migration = "checked", "Which items `migrate` changes: those that still have the old schema, or all that it finds.";
        retry: Again = "never", "When the application tries an ask again: never, when it was aborted, or when there was no answer, too.";
        tries: Count<1, 20> = "3", "How often an ask is tried at most.";
        retry_wait: Length = "50ms", "How long the application waits before it tries again.";
        request_key: Switch = "off", "Whether an ask has a key that is stored with its effect, so that it is not carried out twice.";
        think: Times = "const(10ms)", "How long the application takes between two statements.";
        statement_timeout: Timer = "2s", "How long the application waits for the answer to a statement.";
        lock_timeout: Timer = "1s", "How long a statement waits for a lock.";
        idle_timeout: Timer = "3s", "After how long without a statement a server aborts a transaction.";
        vote_timeout: Timer = "500ms", "How long a coordinator waits for promises.";
        resend: Timer = "200ms", "How soon a coordinator says its decision again, and a shard in doubt asks for it.";
        in_doubt: InDoubt = "wait", "What a shard does that has promised and hears no decision for `vote-timeout`: wait, or give up and abort.";
        forget: Forget = "told-all", "When a coordinator forgets a decision: when all shards have carried it out, or when one has.";
        unknown: Unknown = "abort", "What a coordinator says of a transaction that it does not know.";
        restart_locks: RestartLocks = "kept", "Whether a shard that restarts takes the locks of what it has promised again.";
        fsync: Fsync = "always", "When what was written is synced to the disk: before it is promised, or by the operating system within a second.";
        latency: WireLatency = "const(1ms)";
        zone_latency: WireZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        disk: Disk = "const(1ms)";
        request_timeout: Timer = "10s", "How long a user waits for the application.";
    }
}

impl Settings {
    /// Whether a shop is asked.
    pub fn asks(&self, shop: Shop) -> bool {
        !matches!((self.shop, shop), (Asked::Tables, Shop::Documents) | (Asked::Documents, Shop::Tables))
    }

    /// Whether the statements of an ask are one transaction.
    pub fn has_transactions(&self, shop: Shop) -> bool {
        match shop {
            Shop::Tables => self.table_transactions,
            Shop::Documents => self.document_transactions,
        }
    }

    /// How far the transactions of a shop are kept apart, and whether they abort where they would have to wait.
    pub fn level(&self, shop: Shop) -> (Level, bool) {
        let tables = match self.isolation {
            Isolation::ReadUncommitted => Level::ReadUncommitted,
            Isolation::ReadCommitted => Level::ReadCommitted,
            Isolation::RepeatableRead => Level::RepeatableRead,
            Isolation::Snapshot => Level::Snapshot,
            Isolation::Serializable => Level::Serializable,
            Isolation::Locking => Level::Locking,
        };
        match shop {
            Shop::Tables => (tables, false),
            Shop::Documents => (Level::Snapshot, true),
        }
    }

    /// Whether a reader can read what has this schema.
    pub fn reads_shape(&self, shape: u32) -> bool {
        match self.readers {
            Readers::Both => true,
            Readers::Old => shape == 1,
            Readers::New => shape == 2,
        }
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        use crate::cluster::kit::settings::Takes as _;
        let level = Isolation::write(&self.isolation).replace('-', " ");
        let tables = if self.table_transactions { format!("tables, {level}") } else { "tables, no transactions".to_string() };
        let how = Documents::write(&self.documents);
        let documents = if self.document_transactions { "with transactions" } else { "no transactions" };
        let shards = match (self.shards, self.commit) {
            (1, _) => String::new(),
            (n, Commit::TwoPhase) => format!(" · {n} shards, two-phase commit"),
            (n, Commit::OneByOne) => format!(" · {n} shards, committed one by one"),
        };
        format!("{tables} · documents {how}, {documents}{shards}")
    }
}
