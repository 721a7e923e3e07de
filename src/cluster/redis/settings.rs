//! What a Redis can be told.

use crate::algo::redis::Policy;
use crate::cluster::kit::settings::shared::{Disk, Latency, ZoneLatency};
use crate::cluster::kit::settings::{AtStart, Count, Length, OrNone, Switch, Takes, Text, Timer, settings, words};
use crate::cluster::live::Captioned;
use crate::cluster::model::SettingKind;
use crate::sim::id::NodeId;

words! {
    /// How the servers stand together.
    pub enum Mode {
        /// A master with its replicas, and Sentinel.
        Standalone = "standalone",
        /// Three shards that share the slots, and watch each other.
        Cluster = "cluster",
    }
}
words! {
    /// The append-only file, and when it is synced.
    pub enum Aof {
        /// There is none.
        Off = "off",
        /// When the operating system likes.
        No = "no",
        /// Once a second, beside the work.
        Everysec = "everysec",
        /// Before anybody is answered.
        Always = "always",
    }
}
words! {
    /// Who makes a replica the master.
    pub enum Failover {
        /// Sentinel.
        Auto = "auto",
        /// The operator.
        Manual = "manual",
    }
}
words! {
    /// How the log and the replicas are told when a key expires.
    pub enum Ttl {
        /// By the moment.
        Absolute = "absolute",
        /// By the length of time that the client gave.
        Relative = "relative",
    }
}
words! {
    /// What a replica does with a key that has expired.
    pub enum OnReplica {
        /// It hides it and waits for its master.
        Waits = "waits",
        /// It deletes it itself.
        Itself = "itself",
    }
}
words! {
    /// The replication id of a replica that becomes master.
    pub enum ReplId {
        /// A new one; the old one counts up to here.
        New = "new",
        /// The old one.
        Kept = "kept",
    }
}

impl Takes for Policy {
    type Value = Policy;
    const TAKES: &'static str = TEXT.as_str();
    const WORDS: &'static [&'static str] = &POLICIES;

    fn read(text: &str) -> Result<Policy, String> {
        Policy::ALL.into_iter().find(|policy| policy.word() == text).ok_or_else(String::new)
    }

    fn write(value: &Policy) -> String {
        value.word().to_string()
    }
}

const POLICIES: [&str; Policy::ALL.len()] = {
    let mut words = [""; Policy::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = Policy::ALL[at].word();
        at += 1;
    }
    words
};
const TEXT: &Text = &Text::EMPTY.and_words(&POLICIES);

settings! {
    /// The settings of the `redis` cluster. The defaults: a master and a replica, Sentinel, snapshots once a minute and no append-only file.
    pub struct Settings {
        mode: AtStart<Mode> = "standalone", "One master with all keys (standalone), or three that share the 16,384 slots (cluster).";
        replicas: AtStart<Count<0, 5>> = "1", "How many replicas the master has; in cluster mode each of the three, one at most. Where there is one master, there is also Sentinel with any: one server here, which stands for the majority of several.";
        resource: AtStart<Switch> = "off", "Whether there is something outside that a lock guards: clients `save` to it with a fencing number.";
        aof: Aof = "off", "The append-only file, into which every write goes: none; one that is synced before anybody is answered (always), once a second beside the work (everysec), or when the operating system likes (no).";
        save: OrNone<Timer> = "1min", "How often a snapshot is written, if anything has changed since the last.";
        rewrite: OrNone<Count<1, 1_000_000>> = "100000", "After so many commands the append-only file is written anew, from what is in memory, beside the work.";
        os_flush: Timer = "30s", "How long the operating system keeps what was written in its own memory at most, where nobody syncs.";
        failover: Failover = "auto", "Who makes a replica the master where the master is down: Sentinel, or the operator with `promote`.";
        down_after: Timer = "1s", "How long a server gives Sentinel no answer until it counts as down.";
        ping_every: Timer = "100ms", "How often Sentinel asks each server for an answer.";
        ack_every: Timer = "1s", "How often a replica tells its master up to where it has come.";
        repl_timeout: Timer = "10s", "After so long without a word of a replica its master takes the connection for closed: it counts neither for WAIT nor for min-replicas. A process that dies closes it at once in a real Redis; here only silence does.";
        backlog: Count<0, 100_000> = "1000", "How many of the last commands a master keeps for replicas that were away. One that lacks more gets everything anew.";
        min_replicas: Count<0, 5> = "0", "A master refuses writes while fewer replicas than this have answered within max-lag. It does not wait for them.";
        max_lag: Timer = "10s", "How old the last answer of a replica may be that counts for min-replicas.";
        maxmemory: OrNone<Count<1000, 1_000_000_000>> = "none", "How many bytes the keys may take. Keys of DEBUG POPULATE count, and never go.";
        policy: Policy = "noeviction", "Which key goes where memory is short: none, so that commands that need memory are refused; of all keys or of those that expire the one that is idle longest, or any; or the one that expires first.";
        samples: Count<1, 64> = "5", "Of how many keys drawn at random the one is taken that goes.";
        active_expiry: Switch = "on", "Whether a master looks for keys that have expired, ten times a second, at 20 of those that expire. Without it they go when somebody asks for them.";
        command_time: Brief = "10us", "How long a server works on a command, whatever it is.";
        element_time: Length = "40ns", "How long it works in addition on each key or element that a command looks at: KEYS at every key there is. With 40 ns that is what the documentation of KEYS names: a million keys in 40 ms on a small laptop.";
        fencing: Switch = "on", "Whether the guarded thing refuses a number lower than the highest that it has seen.";
        ttl_logged: Ttl = "absolute", "How the append-only file and replicas are told when a key expires. `relative` is a mistake: who repeats the command later begins to count then.";
        replica_expiry: OnReplica = "waits", "What a replica does with a key that has expired: it hides it until its master says DEL, or deletes it itself, which is a mistake.";
        replid: ReplId = "new", "The replication id of a replica that becomes master. `kept` is a mistake: a master that comes back with writes of its own is taken for one that only lags.";
        node_timeout: Timer = "1s", "Cluster mode: how long a server gives another no answer until that one counts it as perhaps down (PFAIL). When a majority of the primaries say so, it is down (FAIL).";
        replica_validity: Count<0, 1000> = "10", "Cluster mode: a replica that has heard nothing of its primary for so many node timeouts, and ten seconds more, does not ask to take its place: what it has is too old (cluster-replica-validity-factor). With 0 it asks however old it is.";
        full_coverage: Switch = "on", "Cluster mode: whether nobody is served while some slot has no server that is up (cluster-require-full-coverage).";
        redirects: Switch = "on", "Cluster mode: whether clients follow MOVED and ASK, as libraries do, or show them.";
        move_every: Timer = "200ms", "Cluster mode: how long it takes from one key to the next while a slot moves.";
        latency: Latency = "const(250us)";
        zone_latency: ZoneLatency = "const(40ms)";
        disk: Disk = "const(2ms)", "How long a sync of a disk takes.";
        request_timeout: Timer = "2s", "How long a client waits for an answer, the timeout of WAIT not counted. After that a write may or may not have happened.";
    }
}

/// A length of time of at least a microsecond.
pub enum Brief {}

impl Takes for Brief {
    type Value = crate::sim::time::Span;
    const TAKES: &'static str = "a length of time from 1us to 1s";
    const KIND: SettingKind = SettingKind::Span;

    fn read(text: &str) -> Result<Self::Value, String> {
        use crate::sim::time::Span;
        let bounds = crate::sim::bounds::Spans { least: Span::us(1), most: Span::s(1) };
        bounds.read(text).map_err(|_| String::new())
    }

    fn write(value: &Self::Value) -> String {
        value.to_string()
    }
}

/// What a server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A Redis server.
    Redis,
    /// Sentinel.
    Sentinel,
    /// What a lock guards.
    Resource,
}

/// How many masters a cluster has: the least that can outvote one that is down.
pub(super) const SHARDS: u16 = 3;

impl Settings {
    /// Whether the servers are a Redis Cluster.
    pub fn is_cluster(&self) -> bool {
        self.mode == Mode::Cluster
    }

    /// How many masters there are at the start.
    pub fn shards(&self) -> u16 {
        if self.is_cluster() { SHARDS } else { 1 }
    }

    /// Whom a server follows at the start.
    pub fn follows(&self, id: NodeId) -> Option<NodeId> {
        let place = id.index() as u16;
        (place >= self.shards()).then(|| NodeId::server(place % self.shards()))
    }

    /// All Redis servers but one.
    pub fn others(&self, me: NodeId) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.redises()).map(NodeId::server).filter(move |id| *id != me)
    }

    /// How many Redis servers there are.
    pub fn redises(&self) -> u16 {
        self.shards() * (1 + self.replicas as u16)
    }

    /// Sentinel, where there is one.
    pub fn sentinel(&self) -> Option<NodeId> {
        (self.replicas > 0 && !self.is_cluster()).then(|| NodeId::server(self.redises()))
    }

    /// What a lock guards, where there is such a thing.
    pub fn guarded(&self) -> Option<NodeId> {
        self.resource.then(|| NodeId::server(self.redises() + u16::from(self.sentinel().is_some())))
    }

    /// How many servers there are.
    pub fn servers(&self) -> u16 {
        self.redises() + u16::from(self.sentinel().is_some()) + u16::from(self.resource)
    }

    /// What a server is.
    pub fn part(&self, id: NodeId) -> Part {
        match () {
            () if self.sentinel() == Some(id) => Part::Sentinel,
            () if self.guarded() == Some(id) => Part::Resource,
            () => Part::Redis,
        }
    }

    /// Whether these can be settings of so many servers.
    pub fn fits(&self) -> Result<(), (&'static str, String)> {
        if self.is_cluster() && self.replicas > 1 {
            return Err(("replicas", format!("in cluster mode each master has one replica at most, not {}", self.replicas)));
        }
        if self.min_replicas > self.replicas {
            let message =
                format!("`min-replicas` is at most the number of replicas, which is {}, not {}", self.replicas, self.min_replicas);
            return Err(("min-replicas", message));
        }
        Ok(())
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let aof = match self.aof {
            Aof::Off => "no append-only file".to_string(),
            other => format!("append-only file, fsync {}", Aof::write(&other)),
        };
        let save = self.save.map_or_else(|| "no snapshots".to_string(), |every| format!("snapshot each {every}"));
        let failover = match (self.replicas, self.failover) {
            (0, _) if self.is_cluster() => " · three masters".to_string(),
            (_, Failover::Auto) if self.is_cluster() => format!(" · three masters, failover after {}", self.node_timeout),
            (0, _) => String::new(),
            (_, Failover::Auto) => format!(" · failover after {}", self.down_after),
            (_, Failover::Manual) => " · failover by hand".to_string(),
        };
        let memory = self.maxmemory.map_or_else(String::new, |bytes| format!(" · {bytes} bytes, {}", self.policy.word()));
        format!("{aof} · {save}{failover}{memory}")
    }
}
