//! The database: leaders that take writes, and replicas that repeat them later and answer reads.
//!
//! What is there is no rows but their versions, which is enough to see what is old. A replica carries out as many writes at a time as it
//! has workers, before reads (as `MySQL` does with `replica_parallel_workers`); one that has missed some is given all.

use imbl::Vector;

use crate::persistent::OrdMap;
use crate::persistent::keep;
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
    /// Which history these writes belong to. A leader that has lost its disk begins another, whose writes are numbered from 1 again.
    pub history: u32,
}

/// A database while it runs.
#[derive(Clone, Debug, Default)]
pub struct Database {
    /// The last write that a replica has been told, and the history that it and all below belong to.
    known: u32,
    history: u32,
    /// Writes that it has been told and not begun.
    backlog: Vector<(u32, u32, u32)>,
    /// Writes that it has been told and not finished, and when they were made.
    open: OrdMap<u32, Time>,
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
        let Rows { number: known, history, .. } = *cx.disk();
        let mut db = Database { known, history, ..Database::default() };
        if cx.steady() > Time::ZERO && leader(cx) != cx.id() {
            db.empty = known == 0;
            db.ask(cx);
        }
        db
    }

    /// Since when the oldest write waits that a replica has been told and has not carried out.
    pub fn behind(&self) -> Option<Time> {
        self.open.values().min().copied()
    }

    /// The history that a replica goes by, and the last write of it that it has been told.
    pub fn known(&self) -> (u32, u32) {
        (self.history, self.known)
    }

    /// The last write that a replica has been told of this history.
    pub fn known_of(&self, history: u32) -> u32 {
        if self.history == history { self.known } else { 0 }
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
            Msg::Apply { .. } => self.on_apply(&msg, cx),
            Msg::Replay { history, number, key, version } => self.has_replayed(history, (number, key, version), cx),
            Msg::Missing { history, known } => {
                let Rows { versions, number, history: mine } = cx.disk().clone();
                let known = if history == mine { known } else { 0 };
                let copied = Copied { history: mine, versions, number, many: number.saturating_sub(known) };
                cx.send(from, Msg::Copy(Box::new(copied)));
            }
            Msg::Copy(copied) => self.on_copy(copied, cx),
            Msg::Catch(copied) => self.has_caught_up(&copied, cx),
            _ => {}
        }
    }

    /// A write of the leader. After a gap, or when its history is another, all is asked for.
    fn on_apply(&mut self, msg: &Msg, cx: &mut Cx<'_, Traffic>) {
        let Msg::Apply { history, number, key, version, at } = *msg else { return };
        if history == self.history && number == self.known + 1 {
            self.known = number;
            self.open.insert(number, at);
            self.backlog.push_back((number, key, version));
            self.replay(cx);
        } else if history != self.history || number > self.known {
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
            cx.send(cx.id(), Msg::Replay { history: self.history, number, key, version });
        }
    }

    fn has_replayed(&mut self, history: u32, (number, key, version): (u32, u32, u32), cx: &mut Cx<'_, Traffic>) {
        self.replaying = self.replaying.saturating_sub(1);
        if history == self.history {
            self.open.remove(&number);
            self.settle(cx, |rows| {
                let kept = rows.versions.entry(key).or_insert(0);
                *kept = version.max(*kept);
            });
        }
        self.replay(cx);
    }

    /// No place in the line: it comes back.
    pub(super) fn put_back(&mut self, msg: &Msg) {
        match *msg {
            Msg::Replay { history, number, key, version } => {
                self.replaying = self.replaying.saturating_sub(1);
                if history == self.history {
                    self.backlog.push_front((number, key, version));
                }
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
            cx.send(leader(cx), Msg::Missing { history: self.history, known: self.known });
            cx.set_timer(ASK_EVERY, Timer::Missing);
        }
    }

    /// All that the leader has: a worker is busy with it for as long as with the writes that were missed.
    fn on_copy(&mut self, copied: Box<Copied>, cx: &mut Cx<'_, Traffic>) {
        self.asks = false;
        cx.set_timer(ASK_EVERY + cx.settings().replay(copied.many), Timer::Missing);
        if copied.history != self.history {
            *self = Database { history: copied.history, replaying: self.replaying, empty: self.empty, ..Database::default() };
        }
        if copied.number > self.known {
            self.known = copied.number;
            self.open.insert(copied.number, cx.steady());
        }
        cx.send(cx.id(), Msg::Catch(copied));
    }

    fn has_caught_up(&mut self, copied: &Copied, cx: &mut Cx<'_, Traffic>) {
        if copied.history != self.history {
            return;
        }
        (self.asks, self.empty) = (false, false);
        cx.cancel_timer(Timer::Missing);
        self.open.retain(|number, _| *number > copied.number);
        keep(&mut self.backlog, |(number, ..)| *number > copied.number);
        self.settle(cx, |rows| {
            let same = rows.history == copied.history;
            let mut mine = if same { std::mem::take(&mut rows.versions) } else { OrdMap::new() };
            let number = if same { rows.number } else { 0 };
            for (row, version) in &copied.versions {
                let held = mine.entry(*row).or_insert(*version);
                *held = (*held).max(*version);
            }
            *rows = Rows { versions: mine, number, history: copied.history };
        });
        self.replay(cx);
    }

    /// Writes what was carried out, and up to which write all was. A full disk keeps what it has, and the replica is behind.
    fn settle(&self, cx: &mut Cx<'_, Traffic>, change: impl FnOnce(&mut Rows)) {
        let whole = self.open.get_min().map_or(self.known, |(first, _)| first - 1);
        let written = cx.write(|rows| {
            change(rows);
            rows.number = rows.number.max(whole);
        });
        if written.is_ok() {
            cx.sync();
        }
    }
}

/// The history that the next write belongs to. A leader with nothing on its disk, after its first life, may have lost what it had: what it
/// takes from here on is told apart from that.
fn history(cx: &mut Cx<'_, Traffic>) -> u32 {
    if cx.disk().number > 0 || cx.is_first_boot() {
        return cx.disk().history;
    }
    (cx.rng().below(u64::from(u32::MAX)) + 1) as u32
}

/// A leader takes a write: it is on its disk before anybody hears of it.
fn write(from: NodeId, call: u32, key: u32, cx: &mut Cx<'_, Traffic>) {
    let history = history(cx);
    let written: Result<(u32, u32), DiskFull> = cx.write(|rows| {
        rows.history = history;
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
        cx.send_after_sync(replica, Msg::Apply { history, number, key, version, at });
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
