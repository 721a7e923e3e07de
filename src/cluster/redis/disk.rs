//! The files of a server: snapshot, append-only file, and whom it follows.

use imbl::Vector;

use crate::algo::redis::{Around, Expiry, apply};
use crate::sim::id::NodeId;
use crate::sim::request_set::RequestSet;

use super::message::{Data, Record};
use super::settings::{Aof, Settings};

/// What survives a restart.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Whom it follows, as its configuration says it; not there before the first boot.
    pub config: Option<Config>,
    /// The snapshot.
    pub snapshot: Option<Data>,
    /// The append-only file.
    pub log: Option<Log>,
    /// What it knows of the cluster that it is a part of.
    pub cluster: Option<super::bus::Conf>,
    /// The number of the last change.
    pub change: u64,
    /// Who is master, for Sentinel: with the number of the failover.
    pub master: Option<(NodeId, u64)>,
    /// What a lock guards.
    pub guarded: crate::persistent::OrdMap<crate::algo::redis::Text, Guarded>,
}

/// One thing that a lock guards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarded {
    /// The highest number that somebody came with, and who.
    pub highest: (i64, NodeId),
    /// The number of what was saved last, and whose it is.
    pub saved: (i64, NodeId),
}

/// The configuration that a server writes itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    /// Whom it follows; `None`: it is a master.
    pub follows: Option<NodeId>,
}

/// An append-only file: what was in memory when it was written anew, and every command since.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// What was in memory.
    pub base: Data,
    /// The commands since.
    pub tail: Vector<Record>,
    /// Whose writes are in it.
    pub done: RequestSet,
}

impl Log {
    /// A file with nothing but what is in memory.
    pub fn of(base: Data) -> Log {
        Log { done: base.done.clone(), base, tail: Vector::new() }
    }

    /// Appends commands.
    pub fn append(&mut self, records: &[Record]) {
        self.tail.extend(records.iter().cloned());
        for record in records {
            record.add_done(&mut self.done);
        }
    }

    /// What a server has that does again all that is written down.
    pub fn replayed(&self, now: u64) -> Data {
        let mut data = self.base.clone();
        let around = Around { now, expiry: Expiry::Ignores, passes_lengths: false };
        for record in &self.tail {
            apply(&mut data.keys, &record.argv, around);
            data.offset = record.end;
        }
        data.done = self.done.clone();
        data
    }
}

impl Disk {
    /// What a server has that starts from these files.
    pub fn restored(&self, settings: &Settings, now: u64) -> Data {
        let data = match settings.aof {
            Aof::Off => self.snapshot.clone(),
            _ => self.log.as_ref().map(|log| log.replayed(now)),
        };
        data.unwrap_or_default()
    }

    /// Whose writes a server would have that started from these files.
    pub fn done(&self, settings: &Settings) -> Option<&RequestSet> {
        match settings.aof {
            Aof::Off => self.snapshot.as_ref().map(|data| &data.done),
            _ => self.log.as_ref().map(|log| &log.done),
        }
    }
}
