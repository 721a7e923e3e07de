//! What a leader with followers can be told.

mod followers;
mod routing;

use crate::cluster::kit::fsync::Fsync;
use crate::cluster::kit::settings::shared::{Disk, Handling, Latency, RequestTimeout, ZoneLatency};
use crate::cluster::kit::settings::{AtStart, Count, Length, Switch, Takes as _, Timer, Times, settings, words};
use crate::cluster::live::Captioned;

pub(super) use followers::SyncFollowers;
pub(super) use routing::{Memory, Position, Reads, Sticky, Users, Visible};

use super::statements::{LogFormat, RowOrder};

words! {
    /// When a write is acknowledged.
    pub enum Replication {
        /// Once the leader has it.
        Async = "async",
        /// Once the leader and one follower have it; if that follower is silent too long, the next takes its place.
        SemiSync = "semi-sync",
        /// Once the leader and every synchronous follower have it.
        Sync = "sync",
        /// Once a majority of all servers has it; only then can it be read.
        Majority = "majority",
    }
}

words! {
    /// What becomes of a write under semi-sync when no follower answers.
    pub enum Degrade {
        /// It waits.
        Never = "never",
        /// The leader goes on alone until a follower has caught up.
        ToAsync = "async",
    }
}

words! {
    /// How the leader's changes reach its followers.
    pub enum Shipping {
        /// As a log: each entry has its place, and a follower that misses one asks for it.
        Log = "log",
        /// Each change is sent once, without a number, and put in where it arrives. Nobody answers, and nobody sees a gap.
        Blind = "blind",
    }
}

words! {
    /// Who decides that the leader is dead.
    pub enum Failover {
        /// The followers, by timeout.
        Automatic = "automatic",
        /// An operator, with `promote`.
        Manual = "manual",
    }
}

words! {
    /// Which of those who answered becomes leader.
    pub enum Candidate {
        /// The one with the most up-to-date log.
        LogPosition = "log-position",
        /// Any.
        Random = "random",
    }
}

words! {
    /// How many must agree to a new leader.
    pub enum Election {
        /// A majority of all servers.
        Majority = "majority",
        /// Nobody else: each side of a cut may have its own leader.
        Alone = "alone",
    }
}

words! {
    /// What keeps an old leader from doing harm.
    pub enum Fencing {
        /// Nothing: followers obey whoever speaks to them.
        Off = "off",
        /// Messages of an older epoch are refused, and their sender steps down when it is told.
        Epochs = "epochs",
        /// Epochs, and a leader stops by itself when it has not heard from a majority for the length of its lease.
        Lease = "lease",
    }
}

words! {
    /// What a rejoining node does with entries that its new leader never had.
    pub enum Rejoin {
        /// It throws them away.
        Discard = "discard",
        /// It stops until an operator decides.
        Refuse = "refuse",
        /// It hands them over to be merged.
        Merge = "merge",
    }
}

words! {
    /// How two writes of one key are merged.
    pub enum MergePolicy {
        /// The one with the later time stamp (of its leader's clock) stays.
        LastWriteWins = "last-write-wins",
        /// Both stay, side by side.
        KeepBoth = "keep-both",
    }
}

words! {
    /// Whether followers answer reads.
    pub enum FollowerReads {
        /// They do, with what they have.
        Serve = "serve",
        /// They do not.
        Refuse = "refuse",
    }
}

settings! {
    /// The settings of the `replicated` cluster. The defaults are a common set-up: asynchronous, automatic failover, epochs.
    pub struct Settings {
        replication: Replication = "async", "When a write is acknowledged: once the leader has it; and one follower; and all synchronous followers; or a majority, which also hides it from readers until then.";
        sync_followers: SyncFollowers = "all", "Which followers are synchronous under `replication sync`: each, so many of them, or these, with another in the place of one that leads; the first of these is also the first choice under semi-sync.";
        sync_timeout: Timer = "200ms", "Under semi-sync: how long a write waits for the synchronous follower before the next one takes its place.";
        degrade: Degrade = "never", "Under semi-sync, once each follower had its `sync-timeout` and none answered: the write goes on waiting, or the leader goes on alone until a follower has caught up.";
        shipping: Shipping = "log", "How changes reach the followers: as a log, in which a gap shows and is closed; or each sent once, without a number. Then no follower answers, so only `replication async` acknowledges.";
        ship_every: Length = "0s", "How long a leader collects what is new in its log before it sends it; 0s: each entry at once.";
        failover: Failover = "automatic", "Who acts when the leader is silent: the followers, or an operator with `promote`.";
        detection_timeout: Timer = "300ms", "How long a follower waits for its leader before it takes it for dead. Each wait is drawn from once to one and a half times this, so that two followers seldom act at once.";
        heartbeat: Timer = "50ms", "How often a leader says that it is alive.";
        candidate: Candidate = "log-position", "Which of the servers that answered becomes leader: the most up-to-date one, or any.";
        election: Election = "majority", "How many servers must agree to a new leader: a majority of all, or nobody else.";
        fencing: Fencing = "epochs", "What stops an old leader: nothing; everybody refuses older epochs; or also its own lease, which it must renew from a majority.";
        lease: Timer = "200ms", "Under `fencing lease`: how long a leader may lead without hearing from a majority, by its own clock. Safe while it is shorter than the detection timeout.";
        rejoin: Rejoin = "discard", "What a rejoining node does with entries that its new leader never had.";
        merge: MergePolicy = "last-write-wins", "Under `rejoin merge`: what becomes of a key that both sides wrote.";
        reads: Reads = "leader", "Where clients read.";
        follower_reads: FollowerReads = "serve", "Whether followers answer reads.";
        window: Length = "1s", "Under `reads leader-window`: how long after its last ok for a write a client reads from the leader.";
        max_lag: Length = "1s", "Under `reads max-lag`: a follower sends its reader on when the oldest entry that it has not applied is older than this, by its own clock, or when it has heard nothing from its leader for so long.";
        sticky: Sticky = "number", "Under `reads sticky`: how the server of a user is chosen: by the number of its first device among all servers; or by a hash of the user among the followers that answer, modulo their number, or with each of them (rendezvous), where one that comes or goes moves no other user.";
        position: Position = "epoch-index", "Under `reads wait-for-position`: what a client remembers of what it wrote and saw: epoch and index of the entry; or the index alone, where after a failover another entry may stand.";
        users: Users = "none", "Which clients are devices of one user: promises to a session are judged for the user, and sticky reads go by it.";
        memory: Memory = "device", "Where a user's last write and position are remembered: each device has its own; or the account has them, which stands beside the first device, and the others ask it before a read and tell it before they report an ok.";
        visible: Visible = "at-once", "When a leader shows a write to its readers: once it is in its log; or once it may be acknowledged, so that nobody sees what can still be lost. Under `replication majority` always the latter.";
        news: Length = "0s", "How late the old leader and the clients learn of a new leader: names, pools and proxies that still point to the old one.";
        apply: Times = "const(0s)", "How long a follower takes to apply one entry, one after the other. Slower than the writes come: its lag grows.";
        latency: Latency = "uniform(8ms, 12ms)";
        zone_latency: ZoneLatency = "const(40ms)";
        handling: Handling = "0s";
        fsync: Fsync = "always", "Whether a write is synced to the disk before it is acknowledged, or within a second by the operating system.";
        disk: Disk = "const(1ms)";
        log_format: LogFormat = "row", "What the log carries of a statement: its text, which every follower runs again by its own clock, random source, counters of keys and order of rows; the text with functions replaced by what they gave; each row as it was and is; or what the disk holds from now on.";
        row_order: RowOrder = "own", "How rows are stored, and found where a statement says no order: as they came, on every server; or on each in an order of its own.";
        row_time: Length = "0s", "How long a server takes to look at a row, or to write one, for a statement.";
        table_rows: AtStart<Count<0, 10000>> = "0", "How many rows the table `books` has at the start.";
        table_key: Switch = "on", "Whether the table `books` has a primary key that it hands out itself.";
        request_timeout: RequestTimeout = "500ms";
    }
}

impl Settings {
    /// Whether they can be those of a cluster of so many servers and clients: those that are named have to be there.
    pub fn fits(&self, servers: u16, clients: u16) -> Result<(), (&'static str, String)> {
        if let Some(stranger) = self.users.stranger(clients) {
            return Err(("users", format!("there is no {stranger}; the clients are c1 to c{clients}")));
        }
        let SyncFollowers::Named(list) = &self.sync_followers else { return Ok(()) };
        match list.iter().find(|id| id.index() >= servers.into()) {
            Some(stranger) => Err(("sync-followers", format!("there is no {stranger}; the servers are n1 to n{servers}"))),
            None => Ok(()),
        }
    }
}

impl Captioned for Settings {
    fn caption(&self) -> String {
        let failover = match self.failover {
            Failover::Automatic => format!("failover after {} ms", self.detection_timeout.0 / 1_000_000),
            Failover::Manual => "manual failover".to_string(),
        };
        let fencing = match self.fencing {
            Fencing::Off => "no fencing",
            Fencing::Epochs => "fencing by epochs",
            Fencing::Lease => "leases",
        };
        let reads = match self.reads {
            Reads::Leader => "",
            Reads::Any => " · reads from any follower",
            Reads::Nearest => " · reads from the nearest",
            Reads::Sticky => " · sticky reads",
            Reads::OwnFromLeader => " · own data from the leader",
            Reads::LeaderWindow => " · reads from the leader after a write",
            Reads::MaxLag => " · reads from followers with little lag",
            Reads::WaitForPosition => " · reads wait for a position",
        };
        let shipping = match self.shipping {
            Shipping::Log => "",
            Shipping::Blind => " · blind copies",
        };
        let log = match (self.table_rows, self.log_format) {
            (0, LogFormat::Row) => String::new(),
            (_, format) => format!(" · {} log", LogFormat::write(&format)),
        };
        format!("{}{shipping}{log} · {failover} · {fencing}{reads}", Replication::write(&self.replication))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::kit::settings::Declared as _;

    #[test]
    fn who_is_named_has_to_be_there() {
        let mut settings = Settings::default();
        assert_eq!((settings.set("sync-followers", "n2 n3"), settings.fits(3, 2)), (Ok(()), Ok(())));
        assert_eq!(settings.fits(2, 2), Err(("sync-followers", "there is no n3; the servers are n1 to n2".into())));
        assert_eq!((settings.set("users", "c1+c3"), settings.fits(3, 3)), (Ok(()), Ok(())));
        assert_eq!(settings.fits(3, 2), Err(("users", "there is no c3; the clients are c1 to c2".into())));
    }
}
