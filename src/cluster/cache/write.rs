//! Writes that go through the shared cache: to the database before the ok, or after it.
//!
//! Of one key one write is under way at a time. Each carries a stamp, so that one that arrives late, or of an earlier life, is refused.

use crate::algo::eviction::Asked;
use crate::check::operation::Key;

use super::flights::Asker;
use super::message::{Msg, Stamp};
use super::node::{Cache, Job, lives};
use super::note::Note;
use super::request::Row;
use super::settings::{Pattern, Stores};
use super::{Context, DATABASE};

/// A write that goes through.
#[derive(Clone, Debug)]
pub(super) struct Put {
    /// Whose it is.
    pub asker: Asker,
    /// What is written.
    pub row: Row,
}

impl Cache {
    /// A write: into a slot, and to the database later; or to the database first.
    pub(super) fn on_put(&mut self, asker: Asker, key: &Key, row: Row, cx: &mut Context<'_>) {
        if self.life.is_none() {
            return cx.send(asker.0, Msg::Refused { call: asker.1, why: "the cache has just started and has not heard from the database" });
        }
        let waits = self.puts.contains_key(key);
        if cx.settings().works() == Pattern::WriteBack && !waits {
            match self.dirty_victim(key, Asked::default()) {
                None => return self.write_back(asker, key, row, cx),
                // Every slot that could go is dirty: this write has to wait for the database itself.
                Some(victim) => self.flush(&victim, cx),
            }
        }
        self.puts.entry(key.clone()).or_default().push_back(Put { asker, row });
        if !waits {
            self.begin_write(key, cx);
        }
    }

    fn write_back(&mut self, (app, call): Asker, key: &Key, mut row: Row, cx: &mut Context<'_>) {
        self.forget_loads(key);
        let now = cx.clock();
        row.version = self.shelf.entries.get(key).map_or(0, |entry| entry.row.version) + 1;
        self.shelf.store(key, row, None, Asked::default(), now);
        self.shelf.mark_dirty(key);
        self.number += 1;
        self.changes.insert(key.clone(), self.number);
        self.plan_flush(key, cx);
        cx.send(app, Msg::Stored { call });
    }

    fn stamp(&mut self) -> Stamp {
        self.number += 1;
        Stamp { life: self.life.unwrap_or_default(), number: self.number }
    }

    /// Begins with the first write of a key that waits.
    fn begin_write(&mut self, key: &Key, cx: &mut Context<'_>) {
        let Some(put) = self.puts.get(key).and_then(|puts| puts.front()).cloned() else { return };
        let stamp = self.stamp();
        if cx.settings().stores == Stores::CacheFirst {
            self.forget_loads(key);
            self.keep_written(key, put.row.clone(), cx);
        }
        let call = self.calls.begin(Job::Write(key.clone()), cx.settings().db_timeout, cx);
        cx.send(DATABASE, Msg::Write { call, key: key.clone(), row: put.row, stamp: Some(stamp) });
    }

    /// A row that the database has, or is about to have, takes the place of whatever is in the slot.
    fn keep_written(&mut self, key: &Key, row: Row, cx: &mut Context<'_>) {
        if !cx.settings().has_shared() {
            return;
        }
        if let Some(victim) = self.dirty_victim(key, Asked::default()) {
            return self.flush(&victim, cx);
        }
        let (lives, now) = (lives(cx), cx.clock());
        self.shelf.store(key, row, lives, Asked::default(), now);
    }

    /// The first write of a key is over: the next one begins.
    fn next_write(&mut self, key: &Key, cx: &mut Context<'_>) -> Option<Put> {
        let puts = self.puts.get_mut(key)?;
        let put = puts.pop_front();
        if puts.is_empty() {
            self.puts.remove(key);
        } else {
            self.begin_write(key, cx);
        }
        put
    }

    /// The database has a write.
    pub(super) fn on_written(&mut self, call: u32, row: Row, cx: &mut Context<'_>) {
        match self.calls.end(call) {
            Some(Job::Write(key)) => {
                self.forget_loads(&key);
                self.keep_written(&key, row, cx);
                if let Some(put) = self.next_write(&key, cx) {
                    cx.send(put.asker.0, Msg::Stored { call: put.asker.1 });
                }
            }
            Some(Job::Flush(key, number)) => self.flushed(&key, number, &row, cx),
            Some(Job::Load(_) | Job::Turn(_) | Job::Join) | None => {}
        }
    }

    /// The database does not take a write.
    pub(super) fn write_refused(&mut self, key: &Key, why: &'static str, cx: &mut Context<'_>) {
        self.forget_loads(key);
        self.shelf.delete(key);
        if let Some(put) = self.next_write(key, cx) {
            cx.send(put.asker.0, Msg::Refused { call: put.asker.1, why });
        }
    }

    /// Nobody knows whether the database has a write: what is in the slot may be old.
    pub(super) fn write_unknown(&mut self, key: &Key, cx: &mut Context<'_>) {
        self.forget_loads(key);
        self.shelf.delete(key);
        if let Some(put) = self.next_write(key, cx) {
            cx.send(put.asker.0, Msg::Lost { call: put.asker.1 });
        }
    }

    fn plan_flush(&mut self, key: &Key, cx: &mut Context<'_>) {
        let due = cx.clock() + cx.settings().flush;
        self.due.insert((due, key.clone()));
    }

    /// Writes what is due.
    pub(super) fn flush_due(&mut self, cx: &mut Context<'_>) {
        // `fire` may say so before its time: then the first is due.
        let now = self.due.get_min().map_or(cx.clock(), |(due, _)| *due).max(cx.clock());
        while let Some((due, key)) = self.due.get_min().cloned()
            && due <= now
        {
            self.due.remove(&(due, key.clone()));
            self.flush(&key, cx);
        }
    }

    /// Writes a dirty entry to the database, unless it is being written.
    pub(super) fn flush(&mut self, key: &Key, cx: &mut Context<'_>) {
        let Some(entry) = self.shelf.entries.get(key).filter(|entry| entry.is_dirty).cloned() else { return };
        if self.flushing.contains(key) {
            return;
        }
        let Some(number) = self.changes.get(key).copied() else { return };
        self.flushing.insert(key.clone());
        let call = self.calls.begin(Job::Flush(key.clone(), number), cx.settings().db_timeout, cx);
        let stamp = Some(Stamp { life: self.life.unwrap_or_default(), number });
        cx.send(DATABASE, Msg::Write { call, key: key.clone(), row: entry.row, stamp });
    }

    /// The database has a dirty entry, as it was at its change of this number.
    fn flushed(&mut self, key: &Key, number: u64, row: &Row, cx: &mut Context<'_>) {
        self.flushing.remove(key);
        self.counts.flushed += 1;
        if self.changes.get(key) == Some(&number) {
            self.changes.remove(key);
            let (lives, now) = (lives(cx), cx.clock());
            self.shelf.mark_clean(key, row.version, lives, now);
            cx.note(Note::Flushed { key: key.clone() });
            self.shelf.rearrange(cx.settings().policy, cx.settings().slots);
        } else {
            // It has changed since.
            self.flush(key, cx);
        }
    }

    /// No answer: it is written once more, as it is by then.
    pub(super) fn flush_again(&mut self, key: &Key, cx: &mut Context<'_>) {
        self.flushing.remove(key);
        self.flush(key, cx);
    }

    /// The database had no room: later.
    pub(super) fn flush_later(&mut self, key: &Key, cx: &mut Context<'_>) {
        self.flushing.remove(key);
        self.plan_flush(key, cx);
    }
}
