//! What the store can be told.

use crate::algo::preference::{preference, walk};
use crate::check::operation::Key;
use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::settings::shared::{Disk, Handling, Latency, RequestTimeout, ZoneLatency};
use crate::cluster::kit::settings::{Count, OrNone, Timer, Times, settings, words};
use crate::cluster::live::Captioned;
use crate::sim::id::NodeId;

words! {
    /// Who collects the answers.
    pub enum Coordinator {
        /// The client itself.
        Client = "client",
        /// The nearest server, or the one that is named.
        Node = "node",
    }
}

words! {
    /// Which servers are the replicas of a key.
    pub enum Placement {
        /// The first N, for every key.
        Same = "same",
        /// By the hash of the key.
        Hash = "hash",
    }
}

words! {
    /// Which of two versions is newer.
    pub enum Versions {
        /// The one whose coordinator's clock showed more.
        Clock = "clock",
        /// The one with the higher counter: a write first reads the counters of R replicas.
        Counter = "counter",
        /// The one whose writer had seen the other; if neither had, both are kept.
        Vector = "vector",
        /// The one that came last, at each replica.
        Arrival = "arrival",
    }
}

words! {
    /// Whom a read asks.
    pub enum Reads {
        /// All replicas; the first R answers count.
        All = "all",
        /// R of them, drawn at random.
        Needed = "needed",
    }
}

words! {
    /// When a read mends the copies that it found old.
    pub enum Repair {
        /// Never.
        Off = "off",
        /// Once it is answered.
        After = "after",
        /// First, until W replicas have what it returns.
        Before = "before",
    }
}

words! {
    /// What becomes of a write that a replica did not answer.
    pub enum Hints {
        /// The replica misses it.
        Off = "off",
        /// Another server keeps it for the replica, and does not count.
        Kept = "kept",
        /// Another server stands in for the replica and counts: a sloppy quorum.
        Counted = "counted",
    }
}

settings! {
    /// The settings of a store without a leader.
    pub struct Settings {
        n: Count<1, 9> = "3", "How many replicas a key has.";
        w: Count<1, 9> = "2", "How many of them must store a write before its client is told ok. It is sent to all.";
        r: Count<1, 9> = "2", "How many of them must answer a read.";
        coordinator: Coordinator = "client", "Who collects the answers: the client itself, or the nearest server.";
        placement: Placement = "same", "Which servers are the replicas of a key: the first N, or by its hash; those after them stand in.";
        versions: Versions = "clock", "Which of two versions is newer: by the clock of the coordinator; by a counter that every write reads first; by what its writer had seen, so that versions which did not see each other are kept side by side; or no rule, the last to arrive.";
        reads: Reads = "all", "Whether a read asks all replicas or as many as it needs, drawn at random.";
        repair: Repair = "after", "When a read mends the copies that it found old: never, after its answer, or before it.";
        anti_entropy: OrNone<Timer> = "1s", "How often each server compares its copies with those of another one.";
        hints: Hints = "off", "Whether another server keeps a write for a replica that did not answer, and whether it counts.";
        hint_after: Timer = "50ms", "How long a coordinator waits for a replica before another server keeps a hint or stands in.";
        hand_over: Timer = "200ms", "How often a server offers its hints to the replicas that they are for.";
        hint_window: OrNone<Timer> = "none", "How long a hint is kept at most. Safe while it is shorter than `grace`.";
        grace: Timer = "10s", "How long a deleted key is remembered as deleted.";
        write_latency: OrNone<Times> = "none", "How long a write takes to a replica; `none`: as any message.";
        ack_latency: OrNone<Times> = "none", "How long its acknowledgement takes back.";
        read_latency: OrNone<Times> = "none", "How long a read takes to a replica.";
        response_latency: OrNone<Times> = "none", "How long its answer takes back.";
        latency: Latency = "uniform(8ms, 12ms)";
        zone_latency: ZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        fsync: Fsync = "always", "Whether a write is on the disk before a server says so, or within a second.";
        disk: Disk = "const(1ms)";
        request_timeout: RequestTimeout = "500ms";
    }
}

impl Settings {
    /// What does not fit a cluster of so many servers: which setting, and what would be right.
    pub fn fits(&self, servers: u16) -> Result<(), (&'static str, String)> {
        let (n, most) = (self.n, u32::from(servers));
        if n > most {
            return Err(("n", format!("`n` is at most {most} here, as there are {most} servers, not {n}")));
        }
        match [("w", self.w), ("r", self.r)].into_iter().find(|(_, needed)| *needed > n) {
            Some((name, needed)) => Err((name, format!("`{name}` is at most `n`, which is {n}, not {needed}"))),
            None => Ok(()),
        }
    }

    /// The nodes in the order in which they are asked for a key: the first N are its replicas.
    pub fn preference(&self, key: &Key, servers: usize) -> Vec<NodeId> {
        match self.placement {
            Placement::Same => walk(0, servers as u16).map(NodeId::server).collect(),
            Placement::Hash => preference(key, servers as u16).map(NodeId::server).collect(),
        }
    }

    /// The replicas of a key.
    pub fn homes(&self, key: &Key, servers: usize) -> Vec<NodeId> {
        let mut list = self.preference(key, servers);
        list.truncate(self.n as usize);
        list
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let mut words = vec![format!("N {} · W {} · R {}", self.n, self.w, self.r)];
        words.push(match self.versions {
            Versions::Clock => "newest stamp wins".to_string(),
            Versions::Counter => "highest counter wins".to_string(),
            Versions::Vector => "siblings are kept".to_string(),
            Versions::Arrival => "last to arrive wins".to_string(),
        });
        words.push(match self.repair {
            Repair::Off => "no read repair".to_string(),
            Repair::After => "repair after reads".to_string(),
            Repair::Before => "repair before answers".to_string(),
        });
        match self.hints {
            Hints::Off => {}
            Hints::Kept => words.push("hints".to_string()),
            Hints::Counted => words.push("sloppy quorum".to_string()),
        }
        words.extend(self.anti_entropy.map(|every| format!("anti-entropy every {every}")));
        words.join(" · ")
    }
}
