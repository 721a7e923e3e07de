//! A replica: stores copies, answers for them, keeps hints for others and hands them over.

use crate::check::operation::Key;
use crate::cluster::kit::fsync::{counts, durably, recorded};
use crate::sim::disk::DiskFull;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::cell::{Cell, Disk};
use super::message::{Mending, Msg, Note};
use super::{Context, Timer};

/// How soon a purge that the disk refused is tried again.
const AGAIN: Span = Span::s(1);

/// Goes on where the disk left off: hints to hand over, tombstones to forget.
pub(super) fn boot(cx: &mut Context<'_>) {
    if !cx.disk().hints.is_empty() {
        let every = cx.settings().hand_over;
        cx.set_timer(every, Timer::HandOver);
    }
    purge(cx);
}

/// Takes a copy in; the error is a full disk. A tombstone starts its grace period.
fn take(key: &Key, cell: &Cell, cx: &mut Context<'_>) -> Result<bool, DiskFull> {
    let rule = cx.settings().versions;
    if cx.disk().cells.get(key).is_some_and(|mine| mine.covers(cell, rule)) {
        return Ok(false);
    }
    let changed = cx.write(|disk| disk.take(key, cell, rule)).inspect_err(|DiskFull| cx.note(Note::DiskFull))?;
    if cell.is_tombstone() {
        cx.start_timer(cx.settings().grace, Timer::Purge);
    }
    Ok(changed)
}

/// Takes copies in that nobody waits for, and says so.
pub(super) fn mend<'a>(rows: impl Iterator<Item = (&'a Key, &'a Cell)>, by: Mending, cx: &mut Context<'_>) {
    let changed = rows.filter(|(key, cell)| take(key, cell, cx) == Ok(true)).count();
    if changed > 0 {
        cx.note(Note::Mended { by, rows: changed });
        recorded(cx);
    }
}

pub(super) fn on_put(from: NodeId, request: RequestId, (key, cell): (&Key, &Cell), stands_for: Option<NodeId>, cx: &mut Context<'_>) {
    let stored = match stands_for {
        None => take(key, cell, cx),
        Some(home) => keep(home, key, cell, cx).map(|()| false),
    };
    if stored == Ok(true) && is_write_back(request, cell) {
        cx.note(Note::Mended { by: Mending::Read, rows: 1 });
    }
    if stored.is_ok() {
        durably(from, Msg::Stored { request, stands_for }, cx);
    } else {
        cx.send(from, Msg::Full { request, stands_for });
    }
}

/// Whether a read sends what others wrote: a read repair before the answer.
fn is_write_back(request: RequestId, cell: &Cell) -> bool {
    cell.writes().all(|written| written.request != request)
}

fn keep(home: NodeId, key: &Key, cell: &Cell, cx: &mut Context<'_>) -> Result<(), DiskFull> {
    let (now, rule) = (cx.clock(), cx.settings().versions);
    cx.write(|disk| disk.keep(home, key, cell, now, rule)).inspect_err(|DiskFull| cx.note(Note::DiskFull))?;
    let every = cx.settings().hand_over;
    cx.start_timer(every, Timer::HandOver);
    Ok(())
}

/// Answers with what is sure to stay, unless a write is acknowledged from memory too.
pub(super) fn on_get(from: NodeId, request: RequestId, key: &Key, stands_for: Option<NodeId>, cx: &mut Context<'_>) {
    let cell = counts(cx).copy(key, stands_for).cloned();
    cx.send(from, Msg::Found { request, cell, stands_for });
}

pub(super) fn on_mend(key: &Key, cell: &Cell, cx: &mut Context<'_>) {
    mend([(key, cell)].into_iter(), Mending::Read, cx);
}

pub(super) fn on_hand(from: NodeId, key: &Key, cell: &Cell, cx: &mut Context<'_>) {
    let Ok(changed) = take(key, cell, cx) else { return };
    if changed {
        cx.note(Note::Mended { by: Mending::Hint, rows: 1 });
    }
    durably(from, Msg::Took { key: key.clone(), cell: cell.clone() }, cx);
}

/// The replica has it durably: the hint is done, unless it has become newer meanwhile.
pub(super) fn on_took(from: NodeId, key: Key, cell: &Cell, cx: &mut Context<'_>) {
    let (at, rule) = ((from, key), cx.settings().versions);
    let is_done = cx.disk().hints.get(&at).is_some_and(|hint| cell.covers(&hint.cell, rule));
    if is_done && cx.write(|disk| disk.hints.remove(&at)).is_ok() {
        cx.sync();
        cx.note(Note::HandedOver { home: from, key: at.1 });
    }
}

/// Offers every hint to its replica, which may or may not be back; forgets those that are too old.
pub(super) fn hand_over(cx: &mut Context<'_>) {
    expire(cx);
    let hints: Vec<(NodeId, Key, Cell)> =
        cx.disk().hints.iter().map(|((home, key), hint)| (*home, key.clone(), hint.cell.clone())).collect();
    if !hints.is_empty() {
        let every = cx.settings().hand_over;
        cx.set_timer(every, Timer::HandOver);
    }
    for (home, key, cell) in hints {
        cx.send(home, Msg::Hand { key, cell });
    }
}

fn expire(cx: &mut Context<'_>) {
    let (now, Some(window)) = (cx.clock(), cx.settings().hint_window) else { return };
    let is_old = |since: Time| now.since(since) > window;
    let old: Vec<(NodeId, Key)> = cx.disk().hints.iter().filter(|(_, hint)| is_old(hint.since)).map(|(at, _)| at.clone()).collect();
    for at in old {
        if cx.write(|disk| disk.hints.remove(&at)).is_ok() {
            cx.note(Note::HintExpired { home: at.0, key: at.1 });
        }
    }
    cx.sync();
}

/// When a tombstone may be forgotten, by the clock of the node that has it.
fn due(cell: &Cell, grace: Span) -> Option<Time> {
    cell.is_tombstone().then(|| cell.written_at() + grace)
}

/// Forgets the tombstones whose grace period is over, and sets the timer for the next.
pub(super) fn purge(cx: &mut Context<'_>) {
    let (now, grace) = (cx.clock(), cx.settings().grace);
    let dues = |disk: &Disk| disk.cells.iter().filter_map(|(key, cell)| Some((due(cell, grace)?, key.clone()))).collect::<Vec<_>>();
    let all = dues(cx.disk());
    for (_, key) in all.iter().filter(|(due, _)| *due <= now) {
        if let Ok(Some(cell)) = cx.write(|disk| disk.cells.remove(key)) {
            cx.note(Note::Purged { key: key.clone(), cell });
        }
    }
    cx.sync();
    match dues(cx.disk()).into_iter().map(|(due, _)| due).min() {
        Some(next) if next > now => cx.set_timer(next.since(now), Timer::Purge),
        Some(_) => cx.set_timer(AGAIN, Timer::Purge),
        None => cx.cancel_timer(Timer::Purge),
    }
}
