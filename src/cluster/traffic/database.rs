//! The database: leaders that take writes, and replicas that repeat them later and answer reads.
//!
//! What is there is no rows but their versions, which is enough to see what is old. A replica carries out as many writes at a time as it
//! has workers, before reads (as `MySQL` does with `replica_parallel_workers`); one that has missed some is given all.

use imbl::{OrdMap, Vector};

use crate::sim::disk::DiskFull;
use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Traffic;
use super::message::{Copied, How, Msg, Timer};
use super::roster::{DATABASE, Role};

/// What is on the disk of a database.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Versions by key.
    versions: OrdMap<u32, u32>,
    /// The last write: all before it are there too.
    pub number: u32,
}

/// A database while it runs.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// The last write that a replica has been told.
    known: u32,
    /// Writes that it has been told and not begun.
    backlog: Vector<(u32, u32, u32)>,
    /// Writes that it has been told and not finished, and when they were made.
    open: OrdMap<u32, Time>,
    /// When the newest of them was made.
    told_at: Option<Time>,
    replaying: u32,
    /// It has asked what it missed.
    asks: bool,
    /// It has no data yet.
    empty: bool,
}

/// How often a replica asks what it missed.
const ASK_EVERY: Span = Span::ms(500);

impl Database {
    /// A replica that joins, or starts again, asks what it missed.
    pub(super) fn boot(cx: &mut Cx<'_, Traffic>) -> Database {
        let mut db = Database { known: cx.disk().number, ..Database::default() };
        let late = cx.clock() > Time::ZERO && leader(cx) != cx.id();
        if late {
            db.empty = cx.is_first_boot();
            db.ask(cx);
        }
        db
    }

    /// Since when the oldest write waits that a replica has been told and has not carried out.
    pub fn behind(&self) -> Option<Time> {
        self.open.values().min().copied()
    }

    /// When the newest write was made that a replica has been told.
    pub fn told_at(&self) -> Option<Time> {
        self.told_at
    }

    /// The last write that a replica has been told.
    pub fn known(&self) -> u32 {
        self.known
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Traffic>) {
        match msg {
            Msg::Query { call, order: true, key } => write(from, call, key, cx),
            Msg::Query { call, key, .. } => {
                let version = cx.disk().versions.get(&key).copied().unwrap_or_default();
                let how = if self.empty { How::Error } else { How::Served };
                cx.send(from, Msg::Done { call, how, bytes: 0, session: 0, version });
                self.replay(cx);
            }
            Msg::Apply { number, key, version, at } => self.on_apply(number, key, version, at, cx),
            Msg::Replay { number, key, version } => self.has_replayed(number, key, version, cx),
            Msg::Missing { known } => {
                let rows = cx.disk();
                let copied = Copied { versions: rows.versions.clone(), number: rows.number, many: rows.number.saturating_sub(known) };
                cx.send(from, Msg::Copy(Box::new(copied)));
            }
            Msg::Copy(copied) => self.on_copy(copied, cx),
            Msg::Catch(copied) => self.has_caught_up(&copied, cx),
            _ => {}
        }
    }

    /// A write of the leader. After a gap all is asked for.
    fn on_apply(&mut self, number: u32, key: u32, version: u32, at: Time, cx: &mut Cx<'_, Traffic>) {
        if number == self.known + 1 {
            self.known = number;
            self.told_at = Some(at);
            self.open.insert(number, at);
            self.backlog.push_back((number, key, version));
            self.replay(cx);
        } else if number > self.known {
            self.ask(cx);
        }
    }

    /// Gives every worker that may replay something to do. What finds no place in the line comes back, and is tried when a worker is
    /// done.
    fn replay(&mut self, cx: &mut Cx<'_, Traffic>) {
        while self.replaying < cx.settings().db_workers
            && let Some((number, key, version)) = self.backlog.pop_front()
        {
            self.replaying += 1;
            cx.send(cx.id(), Msg::Replay { number, key, version });
        }
    }

    fn has_replayed(&mut self, number: u32, key: u32, version: u32, cx: &mut Cx<'_, Traffic>) {
        self.replaying = self.replaying.saturating_sub(1);
        self.open.remove(&number);
        self.settle(cx, |versions| {
            let kept = versions.entry(key).or_insert(0);
            *kept = version.max(*kept);
        });
        self.replay(cx);
    }

    /// No place in the line: it comes back.
    pub(super) fn put_back(&mut self, msg: &Msg) {
        match *msg {
            Msg::Replay { number, key, version } => {
                self.replaying = self.replaying.saturating_sub(1);
                self.backlog.push_front((number, key, version));
            }
            // It is asked for again, as long as the timer runs.
            Msg::Catch(_) => self.asks = true,
            _ => {}
        }
    }

    fn ask(&mut self, cx: &mut Cx<'_, Traffic>) {
        if !self.asks {
            self.asks = true;
            self.on_ask(cx);
        }
    }

    /// Asks what it missed, until it is told.
    pub(super) fn on_ask(&mut self, cx: &mut Cx<'_, Traffic>) {
        if self.asks {
            cx.send(leader(cx), Msg::Missing { known: self.known });
            cx.set_timer(ASK_EVERY, Timer::Missing);
        }
    }

    /// All that the leader has: a worker is busy with it for as long as with the writes that were missed.
    fn on_copy(&mut self, copied: Box<Copied>, cx: &mut Cx<'_, Traffic>) {
        self.asks = false;
        cx.set_timer(ASK_EVERY + cx.settings().replay(copied.many), Timer::Missing);
        if copied.number > self.known {
            self.known = copied.number;
            self.told_at = Some(cx.steady());
            self.open.insert(copied.number, cx.steady());
        }
        cx.send(cx.id(), Msg::Catch(copied));
    }

    fn has_caught_up(&mut self, copied: &Copied, cx: &mut Cx<'_, Traffic>) {
        (self.asks, self.empty) = (false, false);
        cx.cancel_timer(Timer::Missing);
        self.open = self.open.split(&copied.number).1;
        self.backlog.retain(|(number, ..)| *number > copied.number);
        self.settle(cx, |versions| {
            *versions = std::mem::take(versions).union_with(copied.versions.clone(), u32::max);
        });
        self.replay(cx);
    }

    /// Writes what was carried out, and up to which write all was. A full disk keeps what it has, and the replica is behind.
    fn settle(&self, cx: &mut Cx<'_, Traffic>, change: impl FnOnce(&mut OrdMap<u32, u32>)) {
        let whole = self.open.get_min().map_or(self.known, |(first, _)| first - 1);
        let written = cx.write(|rows| {
            change(&mut rows.versions);
            rows.number = rows.number.max(whole);
        });
        if written.is_ok() {
            cx.sync();
        }
    }
}

/// A leader takes a write: it is on its disk before anybody hears of it.
fn write(from: NodeId, call: u32, key: u32, cx: &mut Cx<'_, Traffic>) {
    let written: Result<(u32, u32), DiskFull> = cx.write(|rows| {
        rows.number += 1;
        let version = rows.versions.entry(key).or_insert(0);
        *version += 1;
        (rows.number, *version)
    });
    let Ok((number, version)) = written else {
        return cx.send(from, Msg::Done { call, how: How::Error, bytes: 0, session: 0, version: 0 });
    };
    cx.sync();
    cx.send_after_sync(from, Msg::Done { call, how: How::Served, bytes: 0, session: 0, version });
    let (me, at) = (cx.id(), cx.steady());
    let replicas: Vec<NodeId> = copies(cx).into_iter().filter(|id| *id != me).collect();
    for replica in replicas {
        cx.send_after_sync(replica, Msg::Apply { number, key, version, at });
    }
}

/// The leader of this shard and its replicas.
fn copies(cx: &Cx<'_, Traffic>) -> Vec<NodeId> {
    let roster = cx.settings().roster();
    match roster.role(cx.id()) {
        Role::Db { shard, .. } => roster.copies(shard.into()).to_vec(),
        _ => Vec::new(),
    }
}

fn leader(cx: &Cx<'_, Traffic>) -> NodeId {
    copies(cx).first().copied().unwrap_or(DATABASE)
}
