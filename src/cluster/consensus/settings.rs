//! What a cluster that agrees by Raft can be told.

use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::settings::shared::{Disk, Handling, Latency, RequestTimeout, ZoneLatency};
use crate::cluster::kit::settings::{Attempts, OrNone, Range, Switch, Takes as _, Timer, Times, settings, words};
use crate::cluster::live::Captioned;

words! {
    /// How reads are answered.
    pub enum Reads {
        /// By the leader, through the log like a write.
        Log = "log",
        /// By the leader, once a majority has answered a heartbeat that it sent after the read came.
        ReadIndex = "read-index",
        /// By the leader alone while its lease lasts, else as by `read-index`.
        Lease = "lease",
        /// By whoever believes to lead, without asking anybody.
        Local = "local",
        /// By any server, with what it has.
        Any = "any",
        /// By any server, once it has applied what the client last wrote or saw.
        WaitForPosition = "wait-for-position",
    }
}

words! {
    /// On how many disks an entry must be before it is committed.
    pub enum Commit {
        /// On those of a majority of all servers.
        Majority = "majority",
        /// On all of them: one server that is down stops every write.
        All = "all",
    }
}

words! {
    /// The entries whose copies a leader counts.
    pub enum Counts {
        /// Only those of its own term; older ones are committed with them (section 5.4.2).
        CurrentTerm = "current-term",
        /// Any: the mistake of figure 8.
        AnyTerm = "any-term",
    }
}

settings! {
    /// The settings of a cluster that agrees by Raft.
    pub struct Settings {
        election_timeout: Range = "150ms-300ms", "How long a server waits for its leader before it stands for election: drawn anew from this range each time.";
        heartbeat: Timer = "50ms", "How often a leader says that it is alive.";
        reads: Reads = "log", "How reads are answered: through the log; by the leader after it asked a majority whether it still leads, or within its lease, or without asking anybody; by any server, with what it has, or once it has what the client last saw.";
        lease: Timer = "100ms", "Under `reads lease`: how long after it sent a heartbeat that a majority answered a leader may answer alone. Safe while it is shorter than the shortest election timeout.";
        pre_vote: Switch = "off", "Whether a server first asks if it could win, and so does not raise the term when it comes back from a cut.";
        step_down: Switch = "on", "Whether a leader steps down when no majority has answered it for the longest election timeout.";
        no_op: Switch = "on", "Whether a leader begins its term with an entry that does nothing, which commits all before it.";
        commit: Commit = "majority", "On how many disks an entry must be before it is committed: those of a majority, or all.";
        counts: Counts = "current-term", "Which entries a leader commits by counting copies: those of its own term, or (wrong) any.";
        once: Switch = "on", "Whether a request that comes twice takes effect once: the state remembers which it has carried out.";
        retry: Attempts = "never", "Whether and when a client asks again when nobody answered.";
        fsync: Fsync = "always", "Whether terms, votes and entries are on the disk before anybody is told, or within a second.";
        vote_write: OrNone<Times> = "none", "How long a candidate's disk takes for its own vote, before it asks for others; `none`: as for any sync.";
        apply: Times = "const(0s)", "How long a server takes to apply one entry, one after the other.";
        latency: Latency = "uniform(8ms, 12ms)";
        zone_latency: ZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        disk: Disk = "const(1ms)";
        request_timeout: RequestTimeout = "500ms";
    }
}

impl Commit {
    /// How many of so many servers must have an entry.
    pub fn copies(self, servers: usize) -> usize {
        match self {
            Commit::Majority => servers / 2 + 1,
            Commit::All => servers,
        }
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let reads = match self.reads {
            Reads::Log => "reads through the log",
            Reads::ReadIndex => "reads ask a majority",
            Reads::Lease => "reads by lease",
            Reads::Local => "reads without asking",
            Reads::Any => "reads from any server",
            Reads::WaitForPosition => "reads wait for a position",
        };
        let mut words = vec![format!("timeout {}", Range::write(&self.election_timeout)), reads.to_string()];
        let mut say = |is: bool, what: &str| words.extend(is.then(|| what.to_string()));
        say(self.pre_vote, "pre-vote");
        say(self.commit == Commit::All, "commit on all");
        say(self.counts == Counts::AnyTerm, "old terms are counted");
        say(self.fsync == Fsync::Lazy, "fsync lazy");
        words.join(" · ")
    }
}
