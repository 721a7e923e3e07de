//! What a leader with followers can be told.

mod choices;
mod table;

use std::sync::Arc;

use crate::sim::bounds::{DURATIONS, TIMERS};
use crate::sim::dist::Dist;
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
}

/// What is wrong with a value: what would be right, where the documentation of the setting does not say it.
type Bad = Result<(), Option<String>>;

impl Default for Settings {
    /// The defaults of the table.
    fn default() -> Settings {
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
        };
        for setting in SETTINGS {
            assert!(settings.set(setting.name, setting.default).is_ok(), "{}: its default is right", setting.name);
        }
        settings
    }
}

impl Settings {
    /// Changes one setting. The error says what would be right.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), String> {
        let Some(doc) = SETTINGS.iter().find(|doc| doc.name == name) else {
            return Err(crate::cluster::words::unknown("setting", name, SETTINGS.iter().map(|doc| doc.name)));
        };
        self.put(name, text.trim()).map_err(|more| {
            let near = crate::near::did_you_mean(text, doc.words.iter().copied());
            let more = more.map_or_else(String::new, |more| format!("; {more}"));
            format!("`{name}` takes {}, not `{text}`{near}{more}", doc.takes)
        })
    }

    fn put(&mut self, name: &str, text: &str) -> Bad {
        let word = || None::<String>;
        let span = || DURATIONS.read(text).map_err(|_| None);
        let timer = || TIMERS.read(text).map_err(|_| None);
        let dist = || text.parse::<Dist>().map_err(|bad| Some(bad.message));
        match name {
            "replication" => self.replication = Replication::parse(text).ok_or_else(word)?,
            "sync-followers" => self.sync_followers = SyncFollowers::parse(text).ok_or_else(word)?,
            "sync-timeout" => self.sync_timeout = timer()?,
            "failover" => self.failover = Failover::parse(text).ok_or_else(word)?,
            "detection-timeout" => self.detection_timeout = timer()?,
            "heartbeat" => self.heartbeat = timer()?,
            "candidate" => self.candidate = Candidate::parse(text).ok_or_else(word)?,
            "election" => self.election = Election::parse(text).ok_or_else(word)?,
            "fencing" => self.fencing = Fencing::parse(text).ok_or_else(word)?,
            "lease" => self.lease = timer()?,
            "rejoin" => self.rejoin = Rejoin::parse(text).ok_or_else(word)?,
            "merge" => self.merge = MergePolicy::parse(text).ok_or_else(word)?,
            "reads" => self.reads = Reads::parse(text).ok_or_else(word)?,
            "follower-reads" => self.follower_reads = FollowerReads::parse(text).ok_or_else(word)?,
            "apply" => self.apply = Arc::new(dist()?),
            "latency" => self.latency = dist()?,
            "zone-latency" => self.zone_latency = dist()?,
            "handling" => self.handling = span()?,
            "fsync" => self.fsync = Fsync::parse(text).ok_or_else(word)?,
            "disk" => self.disk = dist()?,
            "request-timeout" => self.request_timeout = timer()?,
            _ => return Err(None),
        }
        Ok(())
    }

    /// Whether they can be those of a cluster of so many servers: those that are named have to be there.
    pub fn fits(&self, servers: u16) -> Result<(), (&'static str, String)> {
        let SyncFollowers::Named(list) = &self.sync_followers else { return Ok(()) };
        match list.iter().find(|id| id.index() >= servers.into()) {
            Some(stranger) => Err(("sync-followers", format!("there is no {stranger}; the servers are n1 to n{servers}"))),
            None => Ok(()),
        }
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
        let mut settings = Settings::default();
        for doc in SETTINGS {
            let text = settings.get(doc.name);
            assert_eq!(settings.set(doc.name, &text), Ok(()), "{}", doc.name);
            assert_eq!(settings.get(doc.name), text);
            for wrong in ["nonsense", "", "-1ms", "1e3s", "3651d", "pareto(1ms, 0)", "99999999999999999999s"] {
                assert!(settings.set(doc.name, wrong).is_err(), "{} {wrong}", doc.name);
            }
            let is_timer = doc.takes == super::table::TIMER;
            assert_eq!(settings.set(doc.name, "999us").is_err(), is_timer || !doc.words.is_empty(), "{}", doc.name);
            for word in doc.words {
                assert_eq!(settings.set(doc.name, word), Ok(()));
            }
        }
        assert_eq!((settings.set("sync-followers", "n2 n3"), settings.fits(3)), (Ok(()), Ok(())));
        assert_eq!(settings.fits(2), Err(("sync-followers", "there is no n3; the servers are n1 to n2".into())));
        assert!(settings.set("disk", "exp(3651d)").unwrap_err().contains("up to 3650d"));
        assert!(settings.set("replicaton", "async").unwrap_err().contains("`replication`"));
        assert!(settings.set("replication", "asink").unwrap_err().contains("`async`"));
    }
}
