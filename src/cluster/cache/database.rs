//! The database: rows with versions on a disk, and a log that can delete from the cache.
//!
//! Reads answer what is synced. A write that comes again is recognised by its request, and one of a cache that is older than the newest of
//! its key by its stamp (Kleppmann 2017, chapter 8: fencing tokens); neither changes anything.

use crate::check::operation::Key;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::message::{Msg, Stamp};
use super::note::Note;
use super::request::Row;
use super::settings::Deletes;
use super::{CACHE, Context, Timer};

/// How long the log waits for the cache to confirm.
const AGAIN: Span = Span::ms(100);

/// What is on the disk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// What was written. Other keys have the value from before the start.
    pub rows: OrdMap<Key, Row>,
    /// Requests that took effect.
    done: OrdSet<RequestId>,
    /// The newest write of the cache, by key.
    stamps: OrdMap<Key, Stamp>,
    /// How many lives of the cache asked for their number.
    joined: u32,
    /// Deletes that the cache has not confirmed, each with the version that it is about.
    pub outbox: OrdMap<Key, u64>,
}

/// The process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Database {
    /// Reads and writes of this life.
    pub reads: u64,
    pub writes: u64,
}

impl Database {
    pub(super) fn boot(cx: &mut Context<'_>) -> Database {
        if !cx.disk().outbox.is_empty() {
            cx.set_timer(AGAIN, Timer::Log);
        }
        Database::default()
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match msg {
            Msg::Read { call, key } => {
                self.reads += 1;
                let row = cx.durable().rows.get(&key).cloned().unwrap_or_default();
                cx.send(from, Msg::Row { call, row });
            }
            Msg::Write { call, key, row, stamp } => {
                self.writes += 1;
                write(from, call, key, row, stamp, cx);
            }
            Msg::Purged { key, version } => confirmed(&key, version, cx),
            Msg::Join => join(from, cx),
            _ => {}
        }
    }

    /// The log says again what was not confirmed.
    pub(super) fn on_timer(cx: &mut Context<'_>) {
        let durable = cx.durable().outbox.clone();
        for (key, version) in &durable {
            cx.send(CACHE, Msg::Purge { key: key.clone(), version: *version });
        }
        if !cx.disk().outbox.is_empty() {
            cx.set_timer(AGAIN, Timer::Log);
        }
    }
}

/// Carries a write out, unless it came before or is overtaken.
fn write(from: NodeId, call: u32, key: Key, mut row: Row, stamp: Option<Stamp>, cx: &mut Context<'_>) {
    let now = cx.disk().rows.get(&key).cloned().unwrap_or_default();
    let is_overtaken = stamp.is_some_and(|stamp| cx.disk().stamps.get(&key).is_some_and(|newest| *newest >= stamp));
    let came_before = stamp.is_none() && row.wrote.is_some_and(|request| cx.disk().done.contains(&request));
    if is_overtaken || came_before {
        cx.note(Note::Ignored { key });
        return cx.send_after_sync(from, Msg::Written { call, row: now });
    }
    row.version = now.version + 1;
    let logs = cx.settings().deletes != Deletes::App;
    let written = cx.write(|disk| {
        disk.rows.insert(key.clone(), row.clone());
        disk.done.extend(row.wrote);
        disk.stamps.extend(stamp.map(|stamp| (key.clone(), stamp)));
        if logs {
            disk.outbox.insert(key.clone(), row.version);
        }
    });
    if written.is_err() {
        cx.note(Note::DiskFull);
        return cx.send(from, Msg::Failed { call, why: "the disk of the database is full" });
    }
    if logs {
        cx.send_after_sync(CACHE, Msg::Purge { key, version: row.version });
        cx.start_timer(AGAIN, Timer::Log);
    }
    cx.send_after_sync(from, Msg::Written { call, row });
}

/// The cache has deleted a key; a newer write of it is still to be said. A disk without room keeps it, and it is said once more.
fn confirmed(key: &Key, version: u64, cx: &mut Context<'_>) {
    if cx.disk().outbox.get(key).is_some_and(|said| *said <= version) {
        let _ = cx.write(|disk| disk.outbox.remove(key));
    }
}

/// A cache that starts is told which life it is, so that its writes come after those of its lives before.
fn join(cache: NodeId, cx: &mut Context<'_>) {
    let joined = cx.write(|disk| {
        disk.joined += 1;
        disk.joined
    });
    if let Ok(joined) = joined {
        cx.send_after_sync(cache, Msg::Joined { life: joined + 1 });
    }
}
