//! What a database with several leaders can be told.

use crate::algo::hash::fnv1a;
use crate::check::operation::Key;
use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::settings::shared::{Disk, Handling, Latency, RequestTimeout, ZoneLatency};
use crate::cluster::kit::settings::{Count, Length, Switch, Takes as _, Timer, settings, words};
use crate::cluster::live::Captioned;
use crate::sim::id::NodeId;

words! {
    /// What becomes of two writes of a row of which neither leader had seen the other's.
    pub enum Policy {
        /// No rule: each leader keeps what came last.
        Arrival = "arrival",
        /// They do not happen: each row has one leader, its home.
        Avoid = "avoid",
        /// The one with the greater stamp stays.
        Lww = "lww",
        /// Both stay, side by side.
        Siblings = "siblings",
        /// Both stay, and readers see what a function makes of them.
        Merge = "merge",
        /// Numbers are counters and sets are sets, which take in both; of other rows both stay.
        Crdt = "crdt",
    }
}

words! {
    /// What a leader stamps a change with.
    pub enum Stamps {
        /// What its clock shows.
        Clock = "clock",
        /// What its clock shows, or one more than the greatest stamp that it has seen.
        Hybrid = "hybrid",
    }
}

words! {
    /// Which of two equal stamps of two leaders is the greater.
    pub enum Ties {
        /// That of the leader with the higher number.
        Leader = "leader",
        /// None: each leader keeps what it has.
        Keep = "keep",
    }
}

words! {
    /// What a write takes the place of.
    pub enum Replaces {
        /// All that its leader has of the row.
        Stored = "stored",
        /// What its client has read or written itself, and nothing else.
        Seen = "seen",
    }
}

words! {
    /// What readers see of several values.
    pub enum Merge {
        /// Each item of any of them, once.
        Union = "union",
        /// The greatest.
        Max = "max",
        /// The mean of two and two, as they came: no rule that gives the same in every order.
        Average = "average",
        /// One text behind the other, as they came: no such rule either.
        Join = "join",
    }
}

words! {
    /// Who sends changes to whom.
    pub enum Topology {
        /// Everybody its own to everybody.
        AllToAll = "all-to-all",
        /// Each to the next, which passes them on.
        Ring = "ring",
        /// All to the first, which passes them on.
        Star = "star",
    }
}

words! {
    /// Which leader is the home of a row.
    pub enum Home {
        /// By the hash of its key.
        Hash = "hash",
        /// The first for all.
        N1 = "n1",
        /// The second for all.
        N2 = "n2",
        /// The third for all.
        N3 = "n3",
        /// The fourth for all.
        N4 = "n4",
    }
}

words! {
    /// Where clients read.
    pub enum Reads {
        /// At their own leader.
        Local = "local",
        /// At the home of the row.
        Home = "home",
    }
}

words! {
    /// Where a leader's automatic keys begin.
    pub enum Offset {
        /// All at 1.
        Same = "same",
        /// The first at 1, the second at 2, ...
        Leader = "leader",
    }
}

settings! {
    /// The settings of a database with several leaders.
    pub struct Settings {
        policy: Policy = "lww", "What becomes of writes of one row that two leaders took before they heard of each other: no rule, the last to arrive; none such, as each row has a home; the greater stamp stays; both stay; both stay and a function makes one of them; or types that take in both.";
        stamps: Stamps = "clock", "What a leader stamps a change with, in milliseconds: its own clock, or that and at least one more than any stamp it has seen. Under `policy avoid` always the second, as a home writes one after the other.";
        ties: Ties = "leader", "Under `policy lww`: which of two equal stamps wins, that of the leader with the higher number, or neither.";
        replaces: Replaces = "stored", "Where siblings are kept: whether a write takes the place of all that its leader has of the row, or only of what its client has seen.";
        merge: Merge = "union", "Under `policy merge`: what readers see of siblings. `average` and `join` depend on the order in which they came.";
        home: Home = "hash", "Under `policy avoid`: which leader is the home of a row, until `rehome` says otherwise.";
        reads: Reads = "local", "Under `policy avoid`: whether clients read at their own leader or at the home of the row.";
        topology: Topology = "all-to-all", "Who sends changes to whom: all to all, each to the next one, or all by way of n1.";
        dependencies: Switch = "off", "Whether a change says what its leader had when it took it, so that nobody takes it in before that.";
        auto_increment_step: Count<1, 100> = "1", "How far one automatic key of a leader is from its next.";
        auto_increment_offset: Offset = "leader", "Where a leader's automatic keys begin: all at 1, or each at its own number. Unique while the step is at least the number of leaders.";
        auto_increment_start: Count<1, 1_000_000> = "1", "The least automatic key of a table.";
        sticky: Switch = "on", "Whether a client that gets no answer in time stays with its leader; else its next request goes to the next nearest.";
        ship_every: Length = "0s", "How long a leader collects changes before it sends them; 0s: each as soon as it is on the disk.";
        resend: Timer = "300ms", "How long a leader waits for another to confirm changes before it sends them again.";
        window: Count<1, 1000> = "64", "How many changes may be on their way to another leader, unconfirmed.";
        latency: Latency = "const(4ms)";
        zone_latency: ZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        fsync: Fsync = "always", "Whether a change is on the disk before anybody hears of it, or within a second.";
        disk: Disk = "const(1ms)";
        request_timeout: RequestTimeout = "500ms";
    }
}

/// What becomes of the writes of a row.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Which of two stay.
    pub policy: Policy,
    /// Which of two equal stamps is the greater.
    pub ties: Ties,
    /// What readers see of several values.
    pub merge: Merge,
}

impl Settings {
    /// What becomes of the writes of a row.
    pub fn rule(&self) -> Rule {
        Rule { policy: self.policy, ties: self.ties, merge: self.merge }
    }

    /// What does not fit so many leaders: which setting, and what would be right.
    pub fn fits(&self, servers: u16) -> Result<(), (&'static str, String)> {
        match self.only_home() {
            Some(home) if home.index() >= servers.into() => Err(("home", format!("there is no {home}; the servers are n1 to n{servers}"))),
            _ => Ok(()),
        }
    }

    /// The leader that is the home of every row, where one is.
    fn only_home(&self) -> Option<NodeId> {
        let index = match self.home {
            Home::Hash => return None,
            Home::N1 => 0,
            Home::N2 => 1,
            Home::N3 => 2,
            Home::N4 => 3,
        };
        Some(NodeId::server(index))
    }

    /// The home of a row that was never moved.
    pub fn first_home(&self, key: &Key, servers: usize) -> NodeId {
        let by_hash = || NodeId::server((fnv1a(key.as_bytes()) % servers.max(1) as u64) as u16);
        self.only_home().filter(|home| home.index() < servers).unwrap_or_else(by_hash)
    }

    /// The stamp of a change by a leader whose clock shows this, and that has seen no greater stamp than `latest`; all in milliseconds.
    pub fn stamp(&self, clock: u64, latest: u64) -> u64 {
        if self.policy == Policy::Avoid || self.stamps == Stamps::Hybrid { clock.max(latest + 1) } else { clock }
    }

    /// Whether rows keep values beside each other.
    pub fn keeps_siblings(&self) -> bool {
        matches!(self.policy, Policy::Siblings | Policy::Merge | Policy::Crdt)
    }

    /// Whether what becomes of two writes depends on the order in which they come.
    pub fn depends_on_order(&self) -> bool {
        match self.policy {
            Policy::Arrival => true,
            Policy::Lww | Policy::Avoid => self.ties == Ties::Keep,
            Policy::Merge => matches!(self.merge, Merge::Average | Merge::Join),
            Policy::Siblings | Policy::Crdt => false,
        }
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let rule = match self.policy {
            Policy::Arrival => "no rule".to_string(),
            Policy::Avoid => "each row has a home".to_string(),
            Policy::Lww if self.stamps == Stamps::Hybrid => "greatest hybrid stamp wins".to_string(),
            Policy::Lww => "greatest clock stamp wins".to_string(),
            Policy::Siblings => "siblings are kept".to_string(),
            Policy::Merge => format!("merged by {}", Merge::write(&self.merge)),
            Policy::Crdt => "counters and sets take in both".to_string(),
        };
        let waits = if self.dependencies { " · changes wait for what they follow" } else { "" };
        format!("{rule} · {}{waits}", Topology::write(&self.topology))
    }
}

impl Topology {
    /// Whom a leader sends changes to.
    pub fn downstream(self, me: NodeId, servers: usize) -> Vec<NodeId> {
        let all = (0..servers as u16).map(NodeId::server);
        all.filter(|other| *other != me && self.joins(me, *other, servers)).collect()
    }

    /// Who sends changes to a leader.
    pub fn upstream(self, me: NodeId, servers: usize) -> Vec<NodeId> {
        let all = (0..servers as u16).map(NodeId::server);
        all.filter(|other| *other != me && self.joins(*other, me, servers)).collect()
    }

    fn joins(self, from: NodeId, to: NodeId, servers: usize) -> bool {
        match self {
            Topology::AllToAll => true,
            Topology::Ring => (from.index() + 1) % servers == to.index(),
            Topology::Star => from.index() == 0 || to.index() == 0,
        }
    }

    /// Whether a leader sends another one what this leader changed: never back to where it came from.
    pub fn carries(self, from: NodeId, to: NodeId, origin: NodeId) -> bool {
        match self {
            Topology::AllToAll => origin == from,
            Topology::Ring => origin != to,
            Topology::Star => origin == from || from.index() == 0 && origin != to,
        }
    }
}
