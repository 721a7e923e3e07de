//! What a leader with followers can be told.

mod choices;
mod table;

use std::sync::Arc;

use crate::sim::dist::Dist;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

pub(super) use choices::{
    Candidate, Election, Failover, Fencing, FollowerReads, Fsync, MergePolicy, Reads, Rejoin, Replication, SyncFollowers,
};
pub use table::SETTINGS;

/// The settings of the `replicated` cluster.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each field is documented once, in the table below")]
pub struct Settings {
    pub replication: Replication,
    pub sync_followers: SyncFollowers,
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

/// The setting of this name does not take this text.
type Bad = Option<()>;

impl Settings {
    /// The defaults of the table.
    pub fn new(near: Vec<Vec<NodeId>>) -> Settings {
        let mut settings = Settings {
            replication: Replication::Async,
            sync_followers: SyncFollowers::All,
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
            "sync-followers" => self.sync_followers = SyncFollowers::parse(text).filter(|which| self.has(which))?,
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

    /// Whether every server named is there.
    fn has(&self, which: &SyncFollowers) -> bool {
        let SyncFollowers::Named(list) = which else { return true };
        self.near.first().is_none_or(|servers| list.iter().all(|id| servers.contains(id)))
    }

    /// The value of one setting, as text that [`Settings::set`] takes.
    pub fn get(&self, name: &str) -> String {
        match name {
            "replication" => self.replication.word().into(),
            "sync-followers" => self.sync_followers.to_string(),
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
        let here = vec![vec![NodeId::server(0), NodeId::server(1)]];
        let mut two = Settings::new(here);
        assert_eq!(two.set("sync-followers", "n2"), Ok(()));
        assert!(two.set("sync-followers", "n2 n3").is_err(), "there is no n3");
        assert!(settings.set("replicaton", "async").unwrap_err().contains("`replication`"));
        assert!(settings.set("replication", "asink").unwrap_err().contains("`async`"));
    }
}
