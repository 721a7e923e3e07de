//! What a leader with followers can be told, and the documentation of it.

use std::sync::Arc;

use crate::cluster::model::SettingDoc;
use crate::sim::dist::Dist;
use crate::sim::id::{BadNode, NodeId};
use crate::sim::time::Span;

/// Declares an enum whose values are words of the setting.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// Every word it takes.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// When a write is acknowledged.
    Replication {
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
    /// Who decides that the leader is dead.
    Failover {
        /// The followers, by timeout.
        Automatic = "automatic",
        /// An operator, with `promote`.
        Manual = "manual",
    }
}
words! {
    /// Which of those who answered becomes leader.
    Candidate {
        /// The one with the most up-to-date log.
        LogPosition = "log-position",
        /// Any.
        Random = "random",
    }
}
words! {
    /// How many must agree to a new leader.
    Election {
        /// A majority of all servers.
        Majority = "majority",
        /// Nobody else: each side of a cut may have its own leader.
        Alone = "alone",
    }
}
words! {
    /// What keeps an old leader from doing harm.
    Fencing {
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
    Rejoin {
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
    MergePolicy {
        /// The one with the later time stamp (of its leader's clock) stays.
        LastWriteWins = "last-write-wins",
        /// Both stay, side by side.
        KeepBoth = "keep-both",
    }
}
words! {
    /// Where clients read.
    Reads {
        /// From the leader.
        Leader = "leader",
        /// From any follower, another at random each time.
        Any = "any",
        /// From the nearest server.
        Nearest = "nearest",
        /// From always the same server, chosen by the client's number.
        Sticky = "sticky",
        /// Keys that begin with the client's own name (`c1.bio`) from the leader, others from any follower.
        OwnFromLeader = "own-from-leader",
        /// From any follower that has applied the log up to what the client last wrote or saw.
        WaitForPosition = "wait-for-position",
    }
}
words! {
    /// Whether followers answer reads.
    FollowerReads {
        /// They do, with what they have.
        Serve = "serve",
        /// They do not.
        Refuse = "refuse",
    }
}
words! {
    /// When what was written is synced to the disk.
    Fsync {
        /// Before it is acknowledged.
        Always = "always",
        /// The operating system does it within a second.
        Lazy = "lazy",
    }
}

/// The settings of the `replicated` cluster.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is documented once, in the table below")]
pub struct Settings {
    pub replication: Replication,
    /// `None`: all followers.
    pub sync_followers: Option<Vec<NodeId>>,
    pub sync_timeout: Span,
    pub failover: Failover,
    pub detection_timeout: Span,
    pub heartbeat: Span,
    pub candidate: Candidate,
    pub election: Election,
    pub fencing: Fencing,
    pub lease: Span,
    pub rejoin: Rejoin,
    pub merge: MergePolicy,
    pub reads: Reads,
    pub follower_reads: FollowerReads,
    pub apply: Arc<Dist>,
    pub latency: Dist,
    pub zone_latency: Dist,
    pub handling: Span,
    pub fsync: Fsync,
    pub disk: Dist,
    pub request_timeout: Span,
    /// For each client, the servers from near to far; by the zones, not a setting.
    pub near: Arc<Vec<Vec<NodeId>>>,
}

const fn doc(
    name: &'static str,
    default: &'static str,
    takes: &'static str,
    words: &'static [&'static str],
    about: &'static str,
) -> SettingDoc {
    SettingDoc { name, default, takes, words, live: true, about }
}

const SPAN: &str = "a length of time";
const DIST: &str = "a distribution of lengths of time";

/// Every setting. The defaults are a common set-up: asynchronous, automatic failover, epochs.
pub static SETTINGS: &[SettingDoc] = &[
    doc(
        "replication",
        "async",
        "async, semi-sync, sync or majority",
        Replication::WORDS,
        "When a write is acknowledged: once the leader has it; and one follower; and all synchronous followers; or a majority, which also hides it from readers until then.",
    ),
    doc(
        "sync-followers",
        "all",
        "all, or servers such as n2 n3",
        &["all"],
        "Which followers are synchronous under `replication sync`; the first choice under semi-sync.",
    ),
    doc(
        "sync-timeout",
        "200ms",
        SPAN,
        &[],
        "Under semi-sync: how long a write waits for the synchronous follower before the next one takes its place.",
    ),
    doc(
        "failover",
        "automatic",
        "automatic or manual",
        Failover::WORDS,
        "Who acts when the leader is silent: the followers, or an operator with `promote`.",
    ),
    doc(
        "detection-timeout",
        "300ms",
        SPAN,
        &[],
        "How long a follower waits for its leader before it takes it for dead. Each wait is drawn from once to one and a half times this, so that two followers seldom act at once.",
    ),
    doc("heartbeat", "50ms", SPAN, &[], "How often a leader says that it is alive."),
    doc(
        "candidate",
        "log-position",
        "log-position or random",
        Candidate::WORDS,
        "Which of the servers that answered becomes leader: the most up-to-date one, or any.",
    ),
    doc(
        "election",
        "majority",
        "majority or alone",
        Election::WORDS,
        "How many servers must agree to a new leader: a majority of all, or nobody else.",
    ),
    doc(
        "fencing",
        "epochs",
        "off, epochs or lease",
        Fencing::WORDS,
        "What stops an old leader: nothing; everybody refuses older epochs; or also its own lease, which it must renew from a majority.",
    ),
    doc(
        "lease",
        "200ms",
        SPAN,
        &[],
        "Under `fencing lease`: how long a leader may lead without hearing from a majority, by its own clock. Safe while it is shorter than the detection timeout.",
    ),
    doc(
        "rejoin",
        "discard",
        "discard, refuse or merge",
        Rejoin::WORDS,
        "What a rejoining node does with entries that its new leader never had.",
    ),
    doc(
        "merge",
        "last-write-wins",
        "last-write-wins or keep-both",
        MergePolicy::WORDS,
        "Under `rejoin merge`: what becomes of a key that both sides wrote.",
    ),
    doc("reads", "leader", "leader, any, nearest, sticky, own-from-leader or wait-for-position", Reads::WORDS, "Where clients read."),
    doc("follower-reads", "serve", "serve or refuse", FollowerReads::WORDS, "Whether followers answer reads."),
    doc(
        "apply",
        "const(0s)",
        DIST,
        &[],
        "How long a follower takes to apply one entry, one after the other. Slower than the writes come: its lag grows.",
    ),
    doc("latency", "uniform(8ms, 12ms)", DIST, &[], "How long a message takes, one way, within a zone."),
    doc("zone-latency", "const(40ms)", DIST, &[], "How long a message takes, one way, from zone to zone."),
    doc("handling", "0s", SPAN, &[], "How long a server takes to handle one message; messages wait their turn."),
    doc(
        "fsync",
        "always",
        "always or lazy",
        Fsync::WORDS,
        "Whether a write is synced to the disk before it is acknowledged, or within a second by the operating system.",
    ),
    doc("disk", "const(1ms)", DIST, &[], "How long a sync takes."),
    doc(
        "request-timeout",
        "500ms",
        SPAN,
        &[],
        "How long a client waits for an answer. After that a read has failed, and a write may or may not have happened.",
    ),
];

/// The setting of this name does not take this text.
type Bad = Option<()>;

impl Settings {
    /// The defaults of the table.
    pub fn new(near: Vec<Vec<NodeId>>) -> Settings {
        let mut settings = Settings {
            replication: Replication::Async,
            sync_followers: None,
            sync_timeout: Span::ZERO,
            failover: Failover::Automatic,
            detection_timeout: Span::ZERO,
            heartbeat: Span::ZERO,
            candidate: Candidate::LogPosition,
            election: Election::Majority,
            fencing: Fencing::Epochs,
            lease: Span::ZERO,
            rejoin: Rejoin::Discard,
            merge: MergePolicy::LastWriteWins,
            reads: Reads::Leader,
            follower_reads: FollowerReads::Serve,
            apply: Arc::new(Dist::Const(Span::ZERO)),
            latency: Dist::Const(Span::ZERO),
            zone_latency: Dist::Const(Span::ZERO),
            handling: Span::ZERO,
            fsync: Fsync::Always,
            disk: Dist::Const(Span::ZERO),
            request_timeout: Span::ZERO,
            near: Arc::new(near),
        };
        for setting in SETTINGS {
            assert!(settings.set(setting.name, setting.default).is_ok(), "{}: its default is right", setting.name);
        }
        settings
    }

    /// Changes one setting. The error says what would be right.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        let Some(doc) = SETTINGS.iter().find(|doc| doc.name == name) else {
            return Err(crate::cluster::words::unknown("setting", name, SETTINGS.iter().map(|doc| doc.name)));
        };
        self.put(name, text.trim()).ok_or_else(|| {
            let near = crate::near::did_you_mean(text, doc.words.iter().copied());
            format!("`{name}` takes {}, not `{text}`{near}", doc.takes)
        })
    }

    fn put(&mut self, name: &str, text: &str) -> Bad {
        let span = || text.parse::<Span>().ok();
        let positive = || span().filter(|span| *span > Span::ZERO);
        let dist = || text.parse::<Dist>().ok();
        match name {
            "replication" => self.replication = Replication::parse(text)?,
            "sync-followers" => self.sync_followers = servers(text).ok()?,
            "sync-timeout" => self.sync_timeout = positive()?,
            "failover" => self.failover = Failover::parse(text)?,
            "detection-timeout" => self.detection_timeout = positive()?,
            "heartbeat" => self.heartbeat = positive()?,
            "candidate" => self.candidate = Candidate::parse(text)?,
            "election" => self.election = Election::parse(text)?,
            "fencing" => self.fencing = Fencing::parse(text)?,
            "lease" => self.lease = positive()?,
            "rejoin" => self.rejoin = Rejoin::parse(text)?,
            "merge" => self.merge = MergePolicy::parse(text)?,
            "reads" => self.reads = Reads::parse(text)?,
            "follower-reads" => self.follower_reads = FollowerReads::parse(text)?,
            "apply" => self.apply = Arc::new(dist()?),
            "latency" => self.latency = dist()?,
            "zone-latency" => self.zone_latency = dist()?,
            "handling" => self.handling = span()?,
            "fsync" => self.fsync = Fsync::parse(text)?,
            "disk" => self.disk = dist()?,
            "request-timeout" => self.request_timeout = positive()?,
            _ => return None,
        }
        Some(())
    }

    /// The value of one setting, as text that [`Settings::set`] takes.
    pub fn get(&self, name: &str) -> String {
        match name {
            "replication" => self.replication.word().into(),
            "sync-followers" => self.sync_followers.as_ref().map_or_else(|| "all".into(), |list| names(list)),
            "sync-timeout" => self.sync_timeout.to_string(),
            "failover" => self.failover.word().into(),
            "detection-timeout" => self.detection_timeout.to_string(),
            "heartbeat" => self.heartbeat.to_string(),
            "candidate" => self.candidate.word().into(),
            "election" => self.election.word().into(),
            "fencing" => self.fencing.word().into(),
            "lease" => self.lease.to_string(),
            "rejoin" => self.rejoin.word().into(),
            "merge" => self.merge.word().into(),
            "reads" => self.reads.word().into(),
            "follower-reads" => self.follower_reads.word().into(),
            "apply" => self.apply.to_string(),
            "latency" => self.latency.to_string(),
            "zone-latency" => self.zone_latency.to_string(),
            "handling" => self.handling.to_string(),
            "fsync" => self.fsync.word().into(),
            "disk" => self.disk.to_string(),
            "request-timeout" => self.request_timeout.to_string(),
            _ => String::new(),
        }
    }

    /// The settings in a few words, for the top of the stage.
    pub fn caption(&self) -> String {
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
            Reads::WaitForPosition => " · reads wait for a position",
        };
        format!("{} · {failover} · {fencing}{reads}", self.replication.word())
    }
}

/// `None` is all followers.
fn servers(text: &str) -> Result<Option<Vec<NodeId>>, BadNode> {
    if text == "all" {
        return Ok(None);
    }
    let list: Vec<NodeId> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    if list.is_empty() || list.iter().any(|id| id.is_client()) {
        return Err(BadNode(text.to_string()));
    }
    Ok(Some(list))
}

fn names(list: &[NodeId]) -> String {
    list.iter().map(NodeId::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_reads_back_and_refuses_nonsense() {
        let mut settings = Settings::new(Vec::new());
        for doc in SETTINGS {
            let text = settings.get(doc.name);
            assert_eq!(settings.set(doc.name, &text), Ok(()), "{}", doc.name);
            assert_eq!(settings.get(doc.name), text);
            assert!(settings.set(doc.name, "nonsense").is_err(), "{}", doc.name);
            for word in doc.words {
                assert_eq!(settings.set(doc.name, word), Ok(()));
            }
        }
        assert!(settings.set("replicaton", "async").unwrap_err().contains("`replication`"));
        assert!(settings.set("replication", "asink").unwrap_err().contains("`async`"));
    }
}
