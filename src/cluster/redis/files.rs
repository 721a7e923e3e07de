//! Snapshot and append-only file of a server.

use crate::algo::redis::{Reply, error};
use crate::sim::time::{Span, Time};

use super::disk::{Config, Log};
use super::message::{Data, Record};
use super::node::Node;
use super::note::Note;
use super::settings::Aof;
use super::{Context, Timer};

/// How often the file is synced under `everysec`.
const EVERYSEC: Span = Span::s(1);
/// A write is put off for so long at most, while a sync is under way beside the work.
const PUT_OFF: Span = Span::s(2);
/// The least that a snapshot takes: a fork, a file, a rename.
const SNAPSHOT_LEAST: Span = Span::ms(1);
/// Writing a key down takes so many times as long as looking at it.
const WRITING: f64 = 10.0;

/// What is under way.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Whether the log on the disk goes on with what is in memory.
    pub logs: bool,
    /// Lengths of time that are under way, as the settings were.
    armed: Option<Armed>,
    /// Commands whose write was put off, since when.
    pub put_off: Option<(Time, Vec<Record>)>,
    /// Up to which change a sync beside the work goes.
    pub syncing: Option<u64>,
    /// A snapshot that is being written.
    pub saving: Option<Data>,
    /// A log that is being written anew, and how many commands of the old one are in it.
    pub rewriting: Option<(Data, usize)>,
    /// Writes since the last snapshot began.
    pub unsaved: u64,
    /// The last write of the log failed.
    pub log_failed: bool,
    /// The last snapshot failed.
    pub snapshot_failed: bool,
}

/// Settings that a timer under way was set by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Armed {
    save: Option<Span>,
    ack_every: Span,
    os_flush: Span,
    aof: Aof,
}

/// After so long a snapshot that failed is tried again.
const RETRY: Span = Span::s(5);

/// Whether a change of the files would survive a loss of power.
fn is_synced(change: u64, cx: &Context<'_>) -> bool {
    cx.durable().change >= change
}

/// Something was written that nobody waits for.
fn sync_later(cx: &mut Context<'_>) {
    match cx.settings().aof {
        Aof::Everysec => cx.start_timer(EVERYSEC, Timer::Fsync),
        Aof::No => cx.start_timer(cx.settings().os_flush, Timer::Os),
        Aof::Off | Aof::Always => {}
    }
}

impl Node {
    /// At the start: there is a log where there is to be one, and a snapshot comes in time.
    pub(super) fn open_files(&mut self, cx: &mut Context<'_>) {
        let (config, data) = (Config { follows: self.follows }, self.data());
        // What a turn has changed and not written is in memory: its end makes the log.
        let log = cx.settings().aof != Aof::Off && !self.files.logs && self.fresh.is_empty();
        let is_kept = cx.disk().config == Some(config);
        if log || !is_kept {
            let change = |disk: &mut super::disk::Disk| {
                disk.config = Some(config);
                disk.change += 1;
                if log {
                    disk.log = Some(Log::of(data));
                }
            };
            if cx.write(change).is_ok() {
                self.files.logs |= log;
                cx.sync();
            }
        }
        if let Some(every) = cx.settings().save {
            cx.start_timer(every, Timer::Save);
        }
        self.arm_again(cx);
    }

    /// Settings were changed. A log that is new begins with what is in memory; one that is not kept any more is deleted.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        if cx.settings().aof == Aof::Off {
            self.files.put_off = None;
            self.files.rewriting = None;
            self.files.logs = false;
        }
        self.drop_old_log(cx);
        self.arm_again(cx);
        if self.bus.is_some() {
            cx.set_timer(cx.settings().ping_every, Timer::Beat);
        }
        self.look_for_expired_later(cx);
        self.open_files(cx);
        if self.turn.as_ref().is_some_and(|turn| turn.awaits.is_some()) {
            cx.sync();
        }
    }

    /// A log that is not kept any more is deleted: its values are old.
    pub(super) fn drop_old_log(&mut self, cx: &mut Context<'_>) {
        if self.files.logs || cx.disk().log.is_none() {
            return;
        }
        let written = cx.write(|disk| {
            disk.log = None;
            disk.change += 1;
        });
        if written.is_ok() {
            cx.sync();
        }
    }

    /// What is under way by a length of time that was changed begins anew.
    fn arm_again(&mut self, cx: &mut Context<'_>) {
        let settings = cx.settings();
        let now = Armed { save: settings.save, ack_every: settings.ack_every, os_flush: settings.os_flush, aof: settings.aof };
        let Some(before) = self.files.armed.replace(now) else { return };
        if before.save != now.save {
            match now.save {
                Some(every) => cx.set_timer(every, Timer::Save),
                None => cx.cancel_timer(Timer::Save),
            }
        }
        if before.ack_every != now.ack_every {
            cx.set_timer(now.ack_every, Timer::Cron);
        }
        if (before.os_flush, before.aof) != (now.os_flush, now.aof) && now.aof != Aof::Off && !is_synced(cx.disk().change, cx) {
            cx.cancel_timer(Timer::Os);
            sync_later(cx);
        }
    }

    /// Writes the commands of a turn down. The change that must be synced before anybody is answered, where one must.
    pub(super) fn write_down(&mut self, records: &[Record], cx: &mut Context<'_>) -> Option<u64> {
        let records: Vec<Record> = records.iter().filter(|record| !record.is_message()).cloned().collect();
        self.files.unsaved += records.len() as u64;
        if cx.settings().aof != Aof::Off {
            self.append(&records, cx);
        }
        let wrote = !records.is_empty() && cx.settings().aof == Aof::Always;
        let asked = self.turn.as_ref().is_some_and(|turn| turn.must_sync);
        let must = (wrote || asked) && !is_synced(cx.disk().change, cx);
        must.then(|| {
            cx.sync();
            cx.disk().change
        })
    }

    fn append(&mut self, records: &[Record], cx: &mut Context<'_>) {
        let (since, mut all) = self.files.put_off.take().unwrap_or((cx.steady(), Vec::new()));
        all.extend_from_slice(records);
        if all.is_empty() {
            return;
        }
        let waits = cx.settings().aof == Aof::Everysec && self.files.syncing.is_some() && cx.steady().since(since) < PUT_OFF;
        if waits {
            if !records.is_empty() {
                cx.note(Note::PutOff);
            }
            cx.start_timer(PUT_OFF, Timer::PutOff);
            self.files.put_off = Some((since, all));
            return;
        }
        let (base, logs) = (self.data(), self.files.logs);
        let written = cx.write(|disk| {
            match disk.log.as_mut().filter(|_| logs) {
                Some(log) => log.append(&all),
                // These commands are in it.
                None => disk.log = Some(Log::of(base)),
            }
            disk.change += 1;
        });
        self.files.logs |= written.is_ok();
        self.files.log_failed = written.is_err();
        if written.is_err() {
            return self.on_full_disk(since, all, cx);
        }
        sync_later(cx);
        self.rewrite_in_time(cx);
    }

    /// Under `always` a server that cannot write its log gives up: it could not keep what it promises.
    fn on_full_disk(&mut self, since: Time, records: Vec<Record>, cx: &mut Context<'_>) {
        if cx.settings().aof == Aof::Always {
            cx.note(Note::GivesUp);
            return cx.die();
        }
        self.files.put_off = Some((since, records));
        cx.start_timer(EVERYSEC, Timer::PutOff);
    }

    /// A second is over.
    pub(super) fn on_fsync(&mut self, cx: &mut Context<'_>) {
        if self.files.syncing.is_none() && !is_synced(cx.disk().change, cx) {
            self.files.syncing = Some(cx.disk().change);
            cx.sync();
        }
    }

    /// A write was put off for long enough, or could not be done before.
    pub(super) fn on_put_off(&mut self, cx: &mut Context<'_>) {
        if self.files.put_off.is_some() && self.turn.is_none() {
            self.append(&[], cx);
        } else if self.files.put_off.is_some() {
            // The turn that is under way writes it.
            cx.start_timer(EVERYSEC, Timer::PutOff);
        }
    }

    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        if self.files.syncing.is_some_and(|change| is_synced(change, cx)) {
            self.files.syncing = None;
            cx.note(Note::Synced);
            if self.files.put_off.is_some() {
                self.append(&[], cx);
            } else if !is_synced(cx.disk().change, cx) {
                sync_later(cx);
            }
        }
        if self.turn.as_ref().and_then(|turn| turn.awaits).is_some_and(|change| is_synced(change, cx)) {
            cx.note(Note::Synced);
            self.end_turn(cx);
        }
    }

    /// How long it takes to write all keys down.
    fn writing(&self, cx: &Context<'_>) -> Span {
        SNAPSHOT_LEAST + cx.settings().element_time.scaled(self.server.keys.len() as f64 * WRITING)
    }

    /// SAVE: everybody waits until it is on the disk.
    pub(super) fn save_now(&mut self, cx: &mut Context<'_>) -> Reply {
        if self.files.saving.is_some() {
            return error("ERR Background save already in progress");
        }
        let elements = (self.server.keys.len() as f64 * WRITING) as u64;
        self.spend(None, elements, cx);
        let data = self.data();
        if !self.store_snapshot(data, cx) {
            return error("ERR");
        }
        if let Some(turn) = &mut self.turn {
            turn.must_sync = true;
        }
        self.files.unsaved = 0;
        Reply::OK
    }

    /// BGSAVE: what is in memory now is written beside the work.
    pub(super) fn begin_snapshot(&mut self, cx: &mut Context<'_>) -> Reply {
        if self.files.saving.is_some() {
            return error("ERR Background save already in progress");
        }
        self.files.saving = Some(self.data());
        self.files.unsaved = 0;
        cx.work(self.writing(cx), Timer::Saved);
        Reply::Status("Background saving started")
    }

    /// It is time for a snapshot.
    pub(super) fn on_save(&mut self, cx: &mut Context<'_>) {
        let Some(every) = cx.settings().save else { return };
        if self.files.unsaved > 0 || self.files.snapshot_failed {
            self.begin_snapshot(cx);
        }
        cx.start_timer(if self.files.snapshot_failed { every.min(RETRY) } else { every }, Timer::Save);
    }

    pub(super) fn on_saved(&mut self, cx: &mut Context<'_>) {
        if let Some(data) = self.files.saving.take() {
            self.store_snapshot(data, cx);
        }
    }

    /// The new file takes the place of the old one, whole or not at all.
    fn store_snapshot(&mut self, data: Data, cx: &mut Context<'_>) -> bool {
        let keys = data.keys.len();
        let written = cx.write(|disk| {
            disk.snapshot = Some(data);
            disk.change += 1;
        });
        self.files.snapshot_failed = written.is_err();
        if let Ok(()) = written {
            cx.note(Note::Saved { keys });
            cx.sync();
        } else {
            cx.note(Note::SaveFailed);
            if let Some(every) = cx.settings().save {
                cx.set_timer(every.min(RETRY), Timer::Save);
            }
        }
        written.is_ok()
    }

    fn rewrite_in_time(&mut self, cx: &mut Context<'_>) {
        let tail = cx.disk().log.as_ref().map_or(0, |log| log.tail.len());
        if cx.settings().rewrite.is_some_and(|most| tail >= most as usize) && self.files.rewriting.is_none() {
            self.begin_rewrite(cx);
        }
    }

    /// BGREWRITEAOF: what is in memory now is written beside the work; what comes meanwhile goes behind it.
    pub(super) fn begin_rewrite(&mut self, cx: &mut Context<'_>) -> Reply {
        if self.files.rewriting.is_some() {
            return error("ERR Background append only file rewriting already in progress");
        }
        // What this turn changed is in memory and not in the log yet.
        let waiting = self.fresh.len() + self.files.put_off.as_ref().map_or(0, |(_, records)| records.len());
        let covered = cx.disk().log.as_ref().map_or(0, |log| log.tail.len()) + waiting;
        self.files.rewriting = Some((self.data(), covered));
        cx.work(self.writing(cx), Timer::Rewritten);
        Reply::Status("Background append only file rewriting started")
    }

    pub(super) fn on_rewritten(&mut self, cx: &mut Context<'_>) {
        let Some((base, covered)) = self.files.rewriting.take() else { return };
        // Commands that it covers and that are not written yet would come twice: then the next time will do.
        let is_ready = cx.disk().log.as_ref().is_some_and(|log| log.tail.len() >= covered);
        if !is_ready {
            return;
        }
        let written = cx.write(|disk| {
            if let Some(log) = &mut disk.log {
                log.base = base;
                log.tail = log.tail.clone().split_off(covered);
                disk.change += 1;
            }
        });
        if written.is_ok() {
            cx.note(Note::Rewritten);
            cx.sync();
        }
    }

    /// All keys were replaced: the files begin anew with them.
    pub(super) fn replace_files(&mut self, cx: &mut Context<'_>) {
        let (data, log) = (self.data(), cx.settings().aof != Aof::Off);
        self.files = Files { armed: self.files.armed, ..Files::default() };
        self.fresh.clear();
        let written = cx.write(|disk| {
            disk.log = log.then(|| Log::of(data.clone()));
            disk.snapshot = Some(data);
            disk.change += 1;
        });
        self.files.logs = log && written.is_ok();
        if written.is_ok() {
            cx.sync();
        }
    }

    /// Writes down whom it follows.
    pub(super) fn keep_config(&mut self, cx: &mut Context<'_>) {
        let config = Config { follows: self.follows };
        // Without room the old configuration stays: Sentinel tells it again.
        if cx.write(|disk| disk.config = Some(config)).is_ok() {
            cx.sync();
        }
    }
}
