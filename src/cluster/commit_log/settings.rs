//! What the commit log can be told.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::settings::shared::{Disk, Handling, WireLatency, WireZoneLatency};
use crate::cluster::kit::settings::{Count, Derives, Length, OrNone, Switch, Timer, Times, settings, words};
use crate::cluster::live::Captioned;

use super::record::Group;
use super::roster::{Roster, Settled, Wanted};

words! {
    /// Whom a producer waits for.
    pub enum Acks {
        /// Nobody.
        None = "0",
        /// The leader.
        Leader = "1",
        /// All replicas that are in sync at the moment.
        All = "all",
    }
}
words! {
    /// Who gives partitions to the members of a group.
    pub enum Assignor {
        /// Even stretches.
        Range = "range",
        /// One after the other.
        RoundRobin = "round-robin",
        /// Whoever has a partition keeps it; all are given up first.
        Sticky = "sticky",
        /// Whoever has a partition keeps it, and only those that move are given up.
        Cooperative = "cooperative",
    }
}
words! {
    /// When a consumer commits its place.
    pub enum Commit {
        /// After the records up to there are processed.
        After = "after",
        /// Before they are processed, without waiting.
        Before = "before",
        /// Before they are processed, which waits until the commit is confirmed.
        Confirmed = "confirmed",
        /// After they are processed, but the place of the last and not of the next.
        Last = "last",
    }
}
words! {
    /// Where a group begins that has no place, or whose place is gone.
    pub enum Reset {
        /// At the oldest record.
        Earliest = "earliest",
        /// After the newest.
        Latest = "latest",
    }
}
words! {
    /// What a follower cuts off.
    pub enum Truncation {
        /// What is not in the leader's log, found by epochs (KIP-101).
        Epoch = "epoch",
        /// Everything above its own high-water mark.
        HighWater = "high-water",
    }
}
words! {
    /// From when on a leader counts with a smaller in-sync set.
    pub enum IsrChange {
        /// From when on the controller has confirmed it.
        Confirmed = "confirmed",
        /// At once.
        AtOnce = "at-once",
    }
}
words! {
    /// By what a follower's lag is told.
    pub enum LagBy {
        /// When it last had everything.
        CaughtUp = "caught-up",
        /// When it last asked.
        Fetched = "fetched",
    }
}
words! {
    /// What the controller does with a broker that restarted before its silence was noticed.
    pub enum Rejoin {
        /// It takes it out of the in-sync sets: its disk may have less than before (KIP-903).
        Fenced = "fenced",
        /// Nothing.
        Unnoticed = "unnoticed",
    }
}

/// With more batches on the way no numbers are given: a leader remembers so many of each producer.
const IN_FLIGHT_MOST: u32 = 5;

settings! {
    /// The settings of the `commit-log` cluster, as they are declared. The defaults are Kafka's, with every waiting time about a tenth.
    pub struct Declarations {
        brokers: Count<1, 9> = "3", "How many brokers there are; while it runs more can come and none goes.";
        partitions: Count<1, 24> = "3", "How many partitions the topic `orders` has; while it runs more can come and none goes.";
        replicas: Count<1, 5> = "3", "How many brokers have each partition that is made from now on, at most as many as there are.";
        audit: Count<0, 16> = "0", "How many consumers the group `audit` has.";
        billing: Count<0, 16> = "2", "How many consumers the group `billing` has.";
        acks: Acks = "all", "Whom a producer waits for: nobody, the leader, or all replicas that are in sync at the moment.";
        min_insync: Count<1, 5> = "1", "How many replicas must be in sync for a write with acks=all, and, whatever `acks` is, for consumers to see more (`min.insync.replicas`; the second since Kafka 3.7); more than there are count as all.";
        unclean: Switch = "off", "Whether a replica that is not in sync may lead when no other can (`unclean.leader.election.enable`).";
        elr: Switch = "off", "Whether replicas that left the in-sync set with every committed record may lead (KIP-966; on in clusters that are new since Kafka 4.1). It rests on the high-water mark that stands still below `min-insync`, as it does with `off` too. Of a broker that was killed nobody knows what it still has: it is not among them.";
        idempotent: Switch = "on", "Whether producers number their records, so that a leader knows what it has already. Kafka's do it with `acks` all and at most 5 batches `in-flight` only.";
        in_flight: Count<1, 10> = "5", "How many batches of one partition a producer has on the way at most.";
        linger: Length = "0s", "How long a producer waits for more records before it sends a batch.";
        batch: Count<1, 1000> = "16", "How many records a batch has at most.";
        resend: OrNone<Timer> = "100ms", "How long after an error a producer sends a batch again; `none`: it does not.";
        request_timeout: Timer = "500ms", "How long a node waits for the answer to one message.";
        delivery_timeout: Timer = "2s", "How long a producer tries with one record.";
        assignor: Assignor = "range", "Who gets which partition: even stretches, one after the other, or as before where that is even, with all given up first or only those that move.";
        commit: Commit = "after", "When a consumer commits its place: after the work, before it, before it and waiting for the confirmation, or after it but with the last place and not the next.";
        poll: Count<1, 500> = "5", "How many records a consumer takes at once; it commits after each such batch (`max.poll.records`).";
        threads: Count<1, 8> = "1", "How many records of its batch a consumer works on at the same time.";
        work: Times = "const(20ms)", "How long the work on a record takes.";
        reset: Reset = "earliest", "Where a group begins that has no place, or whose place is gone (`auto.offset.reset`).";
        session_timeout: Timer = "1.5s", "How long a consumer may be silent before its partitions are given to others.";
        heartbeat: Timer = "300ms", "How often a consumer tells its coordinator that it lives.";
        rebalance_timeout: Timer = "3s", "How long a rebalance waits for a member that does not come.";
        retention: OrNone<Timer> = "none", "How old a record gets before it is deleted, read or not; whole segments at a time.";
        segment: Count<1, 10_000> = "5", "How many offsets a segment has. The one that is written now is not compacted, and deleted only as a whole.";
        compaction: Switch = "off", "Whether a cleaner keeps only the newest record of each key; records without a key are refused then.";
        delete_retention: Length = "1s", "How long a tombstone stays after the cleaner has seen it.";
        clean_every: Timer = "1s", "How often a broker looks for what retention and the cleaner may take.";
        replica_lag: Timer = "1s", "How long a follower may not have had everything before it falls out of the in-sync set (`replica.lag.time.max.ms`).";
        broker_session: Timer = "900ms", "How long a broker may be silent before the controller takes it for dead.";
        fetch_wait: Timer = "500ms", "How long a fetch waits for records; then it is sent again.";
        truncation: Truncation = "epoch", "What a follower cuts off its log under a new leader: what the leader's epochs say, or everything above its own high-water mark (a mistake).";
        isr_change: IsrChange = "confirmed", "From when on a leader counts with a smaller in-sync set: when the controller has confirmed it, or at once (a mistake).";
        lag_by: LagBy = "caught-up", "By what a follower's lag is told: when it last had everything, or when it last asked (a mistake).";
        rejoin: Rejoin = "fenced", "What becomes of a broker that restarted before its silence was noticed: out of the in-sync sets, or nothing (a mistake).";
        fsync: Fsync = "lazy", "When brokers sync what they wrote: before it counts, or within a second.";
        latency: WireLatency = "uniform(1ms, 2ms)";
        zone_latency: WireZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        disk: Disk = "const(1ms)";
    }
}

/// The settings of the `commit-log` cluster, and the servers that they ask for.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    declared: Declarations,
    roster: Arc<Roster>,
}

impl Deref for Settings {
    type Target = Declarations;

    fn deref(&self) -> &Declarations {
        &self.declared
    }
}

impl DerefMut for Settings {
    fn deref_mut(&mut self) -> &mut Declarations {
        &mut self.declared
    }
}

impl Derives for Settings {
    fn declared(&mut self) -> &mut Declarations {
        &mut self.declared
    }
}

impl Settings {
    /// The servers.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// Whether producers number their records. Kafka's do it only where they wait for all that are in sync, and with at most five batches
    /// on the way: with other settings they leave it out (`ProducerConfig.postProcessAndValidateIdempotenceConfigs`).
    pub fn numbers(&self) -> bool {
        self.idempotent && self.acks == Acks::All && self.in_flight <= IN_FLIGHT_MOST
    }

    /// What a node is called.
    pub fn name(&self, id: crate::sim::id::NodeId) -> String {
        self.roster.name(id)
    }

    /// Brings the servers in line with what is asked for.
    pub fn settle(&mut self) -> Settled {
        let consumers = [(Group::Audit, self.audit as u16), (Group::Billing, self.billing as u16)];
        let wanted = Wanted { brokers: self.brokers as u16, consumers };
        Arc::make_mut(&mut self.roster).settle(wanted)
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let acks = match self.acks {
            Acks::None => "acks 0".to_string(),
            Acks::Leader => "acks 1".to_string(),
            Acks::All => format!("acks all, at least {} in sync", self.min_insync),
        };
        let unclean = if self.unclean { " · unclean elections" } else { "" };
        let once = if self.numbers() { "" } else { " · not idempotent" };
        let commit = match self.commit {
            Commit::After => "commits after the work",
            Commit::Before => "commits before the work",
            Commit::Confirmed => "commits before the work and waits",
            Commit::Last => "commits the last place, not the next",
        };
        let kept = match (self.retention, self.compaction) {
            (None, false) => String::new(),
            (Some(keep), false) => format!(" · kept for {keep}"),
            (None, true) => " · compacted".to_string(),
            (Some(keep), true) => format!(" · compacted, kept for {keep}"),
        };
        format!("{acks}{unclean}{once} · {commit}{kept}")
    }
}
