//! What can be set.

use crate::algo::eviction::Rule;
use crate::check::operation::Key;
use crate::cluster::kit::settings::shared::{Disk, Handling, Latency, RequestTimeout, RetryPolicy, ZoneLatency};
use crate::cluster::kit::settings::{Count, Length, OrNone, Share, Switch, Takes, Text, Timer, Times, settings, words};
use crate::cluster::live::Captioned;
use crate::cluster::model::SettingKind;
use crate::sim::dist::Dist;
use crate::sim::id::NodeId;
use crate::sim::station::{Discipline, Service, Station, Takes as Busy};

use super::DATABASE;
use super::message::Msg;

words! {
    /// Who reads and writes the database, and when.
    pub enum Pattern {
        /// The application does: it fills the cache after a miss and takes a key out of it at a write.
        CacheAside = "cache-aside",
        /// The cache reads; the application writes.
        ReadThrough = "read-through",
        /// The cache reads and writes, before the write is told ok.
        WriteThrough = "write-through",
        /// The cache reads, and writes later.
        WriteBack = "write-back",
        /// The application does, and a write does not touch the cache.
        WriteAround = "write-around",
    }
}
words! {
    /// What an application does to the cache at a write.
    pub enum OnWrite {
        /// It deletes the key once the database has the write.
        DeleteAfter = "delete-after",
        /// It deletes the key first.
        DeleteBefore = "delete-before",
        /// It stores the new value once the database has it.
        Update = "update",
    }
}
words! {
    /// What keeps an old value from filling the cache.
    pub enum Guard {
        /// Nothing.
        None = "none",
        /// The right to fill, which a delete takes back.
        Lease = "lease",
        /// The version that the cache knew last.
        Version = "version",
    }
}
words! {
    /// Who deletes from the cache at a write.
    pub enum Deletes {
        /// The application that writes.
        App = "app",
        /// The database's log.
        Log = "log",
        /// Both.
        Both = "both",
    }
}
words! {
    /// Which of its two stores a write-through cache writes first.
    pub enum Stores {
        /// The database.
        DatabaseFirst = "database-first",
        /// Itself.
        CacheFirst = "cache-first",
    }
}
words! {
    /// From when on an entry ages.
    pub enum TtlCounts {
        /// From when it came in.
        Fill = "fill",
        /// From when it was last asked for.
        Use = "use",
    }
}
words! {
    /// How many may load one key at the same time.
    pub enum SingleFlight {
        /// Any number.
        Off = "off",
        /// One in each application.
        Node = "node",
        /// One in all.
        Shared = "shared",
    }
}
words! {
    /// Where there are caches.
    pub enum Caches {
        /// One beside the applications.
        Shared = "shared",
        /// One within each application.
        Local = "local",
        /// One within each, before the shared one.
        Both = "both",
    }
}

impl Takes for Rule {
    type Value = Rule;
    const TAKES: &'static str = TEXT.as_str();
    const WORDS: &'static [&'static str] = &WORDS;

    fn read(text: &str) -> Result<Rule, String> {
        Rule::ALL.iter().find(|rule| rule.word() == text).copied().ok_or_else(String::new)
    }

    fn write(value: &Rule) -> String {
        value.word().to_string()
    }
}

const WORDS: [&str; Rule::ALL.len()] = {
    let mut words = [""; Rule::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = Rule::ALL[at].word();
        at += 1;
    }
    words
};
const TEXT: &Text = &Text::EMPTY.and_words(&WORDS);

/// Keys with commas between them.
pub enum Tape {}

/// The most keys of a tape that is typed.
const TAPE_MOST: usize = 100;

impl Takes for Tape {
    type Value = std::sync::Arc<[Key]>;
    const TAKES: &'static str = "2 to 100 keys with commas between them, such as 1,2,3,1";

    fn read(text: &str) -> Result<Self::Value, String> {
        let plain = |key: &str| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:".contains(&b));
        let keys: Vec<&str> = text.split(',').map(str::trim).collect();
        if !(2..=TAPE_MOST).contains(&keys.len()) || !keys.iter().all(|key| plain(key)) {
            return Err(String::new());
        }
        Ok(keys.into_iter().map(Key::from).collect())
    }

    fn write(value: &Self::Value) -> String {
        value.join(",")
    }
}

settings! {
    /// The settings of the `cache` cluster. The defaults: cache-aside, delete after the write, and nothing against what goes wrong.
    pub struct Settings {
        pattern: Pattern = "cache-aside", "Who reads and writes the database: the application, which fills the cache itself; the cache reads for it; the cache also writes, before the ok or later; or writes go past the cache.";
        on_write: OnWrite = "delete-after", "What an application does to the cache at a write, where the pattern leaves it to the application: delete the key after or before the write, or store the new value after it.";
        guard: Guard = "none", "What keeps a late fill from leaving an old value in the cache: nothing; a lease, which a delete takes back; or versions, of which the cache remembers the newest that was deleted.";
        deletes: Deletes = "app", "Who deletes a key from the cache at a write: the application that writes, the database's log (again until the cache confirms it), or both.";
        stores: Stores = "database-first", "Which store a write-through cache writes first.";
        flush: Timer = "1s", "How long after a write a write-back cache writes it to the database.";
        slots: Count<1, 10_000> = "8", "How many keys the shared cache holds. A change keeps what it holds, as far as there is room, in a new order of eviction.";
        policy: Rule = "lru", "Which key a full cache gives up for a new one. `belady` knows what the play of a trace asks for next, and nothing else of the future.";
        ttl: OrNone<Timer> = "none", "How long an entry of the shared cache is served, by the cache's clock.";
        ttl_jitter: Share = "0", "By which share of itself a TTL is made longer or shorter by chance: 0.1 spreads 60 s over 54 s to 66 s.";
        ttl_counts: TtlCounts = "fill", "From when on an entry ages: from when it came in, or from when it was last asked for.";
        single_flight: SingleFlight = "off", "How many loads of one key may be under way: any number, one in each application, or one in all; the others wait for it. A cache that loads by itself counts as one, and where writes go through it too it always loads a key once at a time.";
        early_refresh: OrNone<Timer> = "none", "In the last so long of its time a hit has one application, or the cache, load the entry anew, while it is served on.";
        stale_for: OrNone<Timer> = "none", "How long after its time an entry is still served while one load for it is under way (stale-while-revalidate, RFC 5861).";
        load_limit: OrNone<Count<1, 10_000>> = "none", "How many loads an application, or a cache that loads, has under way at most; more are refused.";
        caches: Caches = "shared", "Where there are caches: one beside the applications, one within each, or one within each before the shared one.";
        local_slots: Count<1, 10_000> = "4", "How many keys the cache within an application holds.";
        local_ttl: OrNone<Timer> = "none", "How long an entry of a cache within an application is served.";
        tell_others: Switch = "off", "Whether an application that writes has the caches within the other applications delete the key.";
        titles: Count<1, 100_000> = "1000", "How many titles the traces `steady`, `crawler` and `fashion` draw from: k0, k1, ...";
        skew: OrNone<Exponent> = "1", "The exponent of Zipf's law by which they draw; `none`: all are alike.";
        loop_titles: Count<1, 100_000> = "120", "How many titles the trace `loop` goes through before it begins anew.";
        tape: Tape = "1,2,3,4,1,2,5,1,2,3,4,5", "What the trace `tape` asks for, in order, and then anew.";
        pace: Length = "0s", "How long after an answer the next request of a trace follows.";
        db_time: Times = "const(3.5ms)", "How long the database works on a query.";
        db_workers: Count<1, 10_000> = "100", "How many queries the database works on at the same time: its limit is so many in each db-time.";
        db_line: Count<0, 100_000> = "1000", "How many queries may wait at the database; more are refused.";
        cache_timeout: Timer = "100ms", "How long an application waits for the cache.";
        db_timeout: Timer = "2s", "How long an application, or a cache, waits for the database; and how long a right to fill lasts.";
        latency: Latency = "const(250us)";
        zone_latency: ZoneLatency = "const(40ms)";
        handling: Handling = "0s", "How long an application or a cache takes for one message; messages wait their turn.";
        disk: Disk = "const(1ms)", "How long a sync of the database's disk takes.";
        retry: RetryPolicy = "never";
        request_timeout: RequestTimeout = "5s";
    }
}

/// An exponent of Zipf's law.
pub enum Exponent {}

impl Takes for Exponent {
    type Value = f64;
    const TAKES: &'static str = "a number above 0 up to 10, such as 0.8";
    const KIND: SettingKind = SettingKind::Number;

    fn read(text: &str) -> Result<f64, String> {
        let plain = text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        text.parse().ok().filter(|n| plain && *n > 0.0 && *n <= 10.0).ok_or_else(String::new)
    }

    fn write(value: &f64) -> String {
        value.to_string()
    }
}

impl Pattern {
    /// Whether the cache reads the database, and not the application.
    pub fn cache_reads(self) -> bool {
        matches!(self, Pattern::ReadThrough | Pattern::WriteThrough | Pattern::WriteBack)
    }

    /// Whether the cache writes the database, and not the application.
    pub fn cache_writes(self) -> bool {
        matches!(self, Pattern::WriteThrough | Pattern::WriteBack)
    }
}

impl Settings {
    /// Who reads and writes, as it is done: without a shared cache the application does all of it.
    pub fn works(&self) -> Pattern {
        if self.caches == Caches::Local && self.pattern.cache_reads() { Pattern::CacheAside } else { self.pattern }
    }

    /// Whether there is a shared cache.
    pub fn has_shared(&self) -> bool {
        self.caches != Caches::Local
    }

    /// Whether there are caches within the applications.
    pub fn has_local(&self) -> bool {
        self.caches != Caches::Shared
    }

    /// The workers of a node and its line: only the database has a limit.
    pub fn station(&self, id: NodeId) -> Station {
        if id != DATABASE {
            return Station::default();
        }
        Station { workers: self.db_workers, queue: self.db_line, discipline: Discipline::FirstCome }
    }

    /// What a message asks of the node that it reaches.
    pub fn service(&self, msg: &Msg) -> Service<'_> {
        match msg {
            Msg::Read { .. } | Msg::Write { .. } => Service { takes: Busy::Drawn(&self.db_time), priority: 0 },
            _ => Service::HANDLING,
        }
    }

    /// How many queries a second the database carries out at most; `None`: any number.
    pub fn limit(&self) -> Option<f64> {
        let takes = Dist::mean(&self.db_time)?.as_secs();
        (takes > 0.0).then(|| f64::from(self.db_workers) / takes)
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let mut words = vec![Pattern::write(&self.pattern)];
        if !self.works().cache_writes() && self.works() != Pattern::WriteAround {
            words.push(match self.on_write {
                OnWrite::DeleteAfter => "delete after the write".into(),
                OnWrite::DeleteBefore => "delete before the write".into(),
                OnWrite::Update => "update after the write".into(),
            });
        }
        words.push(self.ttl.map_or("no TTL".to_string(), |ttl| format!("TTL {ttl}")));
        words.extend(match self.guard {
            Guard::None => None,
            Guard::Lease => Some("leases".to_string()),
            Guard::Version => Some("versions".to_string()),
        });
        words.extend((self.single_flight != SingleFlight::Off).then(|| "single flight".to_string()));
        words.extend(match self.caches {
            Caches::Shared => None,
            Caches::Local => Some("local caches".to_string()),
            Caches::Both => Some("local caches before it".to_string()),
        });
        words.push(format!("{} {}", self.policy.word(), self.slots));
        words.join(" · ")
    }
}

impl Settings {
    /// The longest that a value is served from caches, one after the other; `None`: there is no bound.
    pub fn longest_life(&self) -> Option<crate::sim::time::Span> {
        if self.ttl_counts == TtlCounts::Use {
            return None;
        }
        let shared = self.ttl.map(|ttl| ttl.scaled(1.0 + self.ttl_jitter) + self.stale_for.unwrap_or_default());
        match self.caches {
            Caches::Shared => shared,
            Caches::Local => self.local_ttl,
            Caches::Both => Some(shared? + self.local_ttl?),
        }
    }
}
