//! The shared cache: it answers looks, takes fills and deletes, and where the pattern says so it reads and writes the database itself.

use imbl::Vector;

use crate::algo::eviction::Asked;
use crate::check::operation::Key;
use crate::cluster::kit::tries::Tries;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::flights::{Load, Turn};
use super::message::{Msg, Token};
use super::note::Note;
use super::request::{Row, Source};
use super::settings::{Guard, Settings, SingleFlight};
use super::shelf::{Ageing, Found, Shelf};
use super::write::Put;
use super::{Context, DATABASE, Timer, wake};

/// How long a cache that starts waits for the number of its life.
const JOIN: Span = Span::ms(50);

/// What the cache waits for.
#[derive(Clone, Debug)]
pub(super) enum Job {
    /// The row of a load.
    Load(Load),
    /// The fill of whoever has the turn to load a key.
    Turn(Key),
    /// A write that goes through it.
    Write(Key),
    /// A write of a dirty entry, as it was at its change of this number.
    Flush(Key, u64),
    /// The number of its life.
    Join,
}

/// The process.
#[derive(Clone, Debug)]
pub struct Cache {
    /// What it holds.
    pub shelf: Shelf,
    /// What it did beside.
    pub counts: Counts,
    pub(super) calls: Tries<Job>,
    /// A number that no other life of it has: the first of its calls.
    born: u32,
    /// The load of each key that others can wait for.
    pub(super) joinable: OrdMap<Key, u32>,
    /// How many loads of each key it has under way.
    pub loading: OrdMap<Key, u32>,
    /// The key of its last fill.
    pub last_fill: Option<Key>,
    /// The key of its last load.
    pub last_load: Option<Key>,
    /// Who may fill a key.
    pub(super) leases: OrdMap<Key, Token>,
    /// Who loads a key for all.
    pub(super) turns: OrdMap<Key, Turn>,
    /// Writes through it, in order; the first of each key is under way.
    pub(super) puts: OrdMap<Key, Vector<Put>>,
    /// When dirty entries are to be written.
    pub(super) due: OrdSet<(Time, Key)>,
    /// The change that made each entry dirty last.
    pub(super) changes: OrdMap<Key, u64>,
    /// The keys whose dirty entries are being written.
    pub(super) flushing: OrdSet<Key>,
    /// Which life this is; `None` until the database has said so.
    pub(super) life: Option<u32>,
    /// The number of its last write in this life.
    pub(super) number: u64,
}

/// Counts of this life. Every miss became a load, waits for one, or was refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Misses that became loads: its own, or those of whoever missed.
    pub loads: u64,
    /// Misses that wait for another's load.
    pub joined: u64,
    /// Misses that were refused.
    pub refused: u64,
    /// Queries of its own, those included that make an entry young again.
    pub own_loads: u64,
    /// Fills that came in, and fills that were too old.
    pub fills: u64,
    pub fills_refused: u64,
    /// Dirty entries that were written to the database.
    pub flushed: u64,
}

impl Cache {
    /// Boots empty.
    pub(super) fn boot(cx: &mut Context<'_>) -> Cache {
        let born = cx.rng().bits() as u32;
        let shelf = Shelf::new(cx.settings().policy, cx.settings().slots);
        let mut cache = Cache {
            shelf,
            counts: Counts::default(),
            calls: Tries::from_number(born),
            born,
            joinable: OrdMap::new(),
            loading: OrdMap::new(),
            last_fill: None,
            last_load: None,
            leases: OrdMap::new(),
            turns: OrdMap::new(),
            puts: OrdMap::new(),
            due: OrdSet::new(),
            changes: OrdMap::new(),
            flushing: OrdSet::new(),
            life: cx.is_first_boot().then_some(1),
            number: 0,
        };
        if cache.life.is_none() {
            cache.join(cx);
        }
        cache
    }

    fn join(&mut self, cx: &mut Context<'_>) {
        self.calls.begin(Job::Join, JOIN, cx);
        cx.send(DATABASE, Msg::Join);
    }

    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        self.heed(cx);
        match msg {
            Msg::Look { call, key, asked, load } => self.on_look((from, call), &key, asked, load, cx),
            Msg::Fill { key, row, token, asked } => self.on_fill(&key, &row, token, asked, cx),
            Msg::Unfilled { key, token } => self.on_unfilled(&key, token, cx),
            Msg::Set { call, key, row } => {
                self.on_set(&key, row, cx);
                cx.send(from, Msg::Gone { call });
            }
            Msg::Delete { call, key, version } => {
                self.delete(&key, version, cx);
                cx.send(from, Msg::Gone { call });
            }
            Msg::Purge { key, version } => {
                self.delete(&key, Some(version), cx);
                cx.send(from, Msg::Purged { key, version });
            }
            Msg::Put { call, key, row } => self.on_put((from, call), &key, row, cx),
            Msg::Row { call, row } => self.on_row(call, &row, cx),
            Msg::Written { call, row } => self.on_written(call, row, cx),
            Msg::Failed { call, why } => self.on_failed(call, why, cx),
            Msg::Joined { life } => self.life = Some(self.life.map_or(life, |known| known.max(life))),
            _ => {}
        }
        self.wake(cx);
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        self.heed(cx);
        match timer {
            Timer::Expiry => self.shelf.fire(cx.clock(), cx.settings().stale_for),
            Timer::Flush => self.flush_due(cx),
            Timer::Overdue => self.overdue(cx),
            Timer::Log | Timer::Next(_) => {}
        }
        self.wake(cx);
    }

    pub(super) fn on_clock(&mut self, cx: &mut Context<'_>) {
        self.shelf.expire(cx.clock(), cx.settings().stale_for);
        self.wake(cx);
    }

    /// What reached a paused process before other settings did is handled after they changed.
    fn heed(&mut self, cx: &Context<'_>) {
        self.shelf.rearrange(cx.settings().policy, cx.settings().slots);
    }

    /// A cache that is not asked any more keeps nothing: nobody would tell it of a write.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        self.heed(cx);
        if !cx.settings().has_shared() {
            self.clear();
        }
        self.shelf.expire(cx.clock(), cx.settings().stale_for);
        self.wake(cx);
    }

    /// Sets the timers for the next entry that is over, and the next that is to be written.
    fn wake(&mut self, cx: &mut Context<'_>) {
        let now = cx.clock();
        wake(Timer::Expiry, self.shelf.wait(now, cx.settings().stale_for), cx);
        wake(Timer::Flush, self.due.get_min().map(|(due, _)| due.since(now.min(*due))), cx);
    }

    fn overdue(&mut self, cx: &mut Context<'_>) {
        for job in self.calls.overdue(cx) {
            match job {
                Job::Load(load) => self.not_loaded(load, "no answer from the database", cx),
                Job::Turn(key) => {
                    cx.note(Note::TurnOver { key: key.clone() });
                    self.pass_turn(&key, cx);
                }
                Job::Write(key) => self.write_unknown(&key, cx),
                Job::Flush(key, _) => self.flush_again(&key, cx),
                Job::Join if self.life.is_none() => self.join(cx),
                Job::Join => {}
            }
        }
    }

    fn on_look(&mut self, whose: (NodeId, u32), key: &Key, asked: Asked, load: bool, cx: &mut Context<'_>) {
        let (now, ageing) = (cx.clock(), ageing(cx.settings()));
        match self.shelf.look(key, asked, now, &ageing) {
            Found::Hit { row, renew } => {
                if renew && load {
                    self.load(key, None, asked, cx);
                }
                let fill = (renew && !load).then(|| self.token(key, cx));
                cx.send(whose.0, Msg::Found { call: whose.1, key: key.clone(), row, source: Source::Hit, fill });
            }
            Found::Miss if load => self.load(key, Some(whose), asked, cx),
            Found::Miss if cx.settings().single_flight == SingleFlight::Shared => self.take_turn(whose, key, cx),
            Found::Miss => {
                self.counts.loads += 1;
                let fill = self.token(key, cx);
                cx.send(whose.0, Msg::Missed { call: whose.1, key: key.clone(), fill });
            }
        }
    }

    /// The right to fill a key: it lasts until a delete, or until it is used.
    pub(super) fn token(&mut self, key: &Key, cx: &mut Context<'_>) -> Token {
        let life = self.born;
        *self.leases.entry(key.clone()).or_insert_with(|| Token { life, number: cx.rng().bits() })
    }

    fn on_fill(&mut self, key: &Key, row: &Row, token: Token, asked: Asked, cx: &mut Context<'_>) {
        let holds = self.leases.get(key) == Some(&token);
        let may_fill = match cx.settings().guard {
            Guard::None => true,
            Guard::Lease => holds,
            // Of what was written in a life before it knows no versions.
            Guard::Version => token.life == self.born,
        };
        if !may_fill {
            self.counts.fills_refused += 1;
            cx.note(Note::TooOld { key: key.clone() });
            return self.on_unfilled(key, token, cx);
        }
        if holds {
            self.leases.remove(key);
        }
        if self.is_newest(key, row, cx) {
            self.keep(key, row.clone(), asked, cx);
        }
        self.end_turn(key, token, row, cx);
    }

    /// Whether a row is no older than what the cache knows of its key, where it looks at that.
    pub(super) fn is_newest(&mut self, key: &Key, row: &Row, cx: &mut Context<'_>) -> bool {
        if cx.settings().guard != Guard::Version || self.shelf.is_newest(key, row) {
            return true;
        }
        self.counts.fills_refused += 1;
        cx.note(Note::TooOld { key: key.clone() });
        false
    }

    /// Puts a clean row into a slot, unless something dirty would have to go for it.
    pub(super) fn keep(&mut self, key: &Key, row: Row, asked: Asked, cx: &mut Context<'_>) {
        if self.shelf.dirty().contains(key) || !cx.settings().has_shared() {
            return;
        }
        if let Some(victim) = self.dirty_victim(key, asked) {
            return self.flush(&victim, cx);
        }
        self.counts.fills += 1;
        self.last_fill = Some(key.clone());
        let lives = lives(cx);
        let now = cx.clock();
        self.shelf.store(key, row, lives, asked, now);
    }

    /// The dirty entry that would have to go for a key.
    pub(super) fn dirty_victim(&self, key: &Key, asked: Asked) -> Option<Key> {
        if self.shelf.dirty().is_empty() {
            return None;
        }
        self.shelf.victim(key, asked).filter(|victim| self.shelf.dirty().contains(victim))
    }

    /// A value that was just written: it ends every right to fill the key with an older one.
    fn on_set(&mut self, key: &Key, row: Row, cx: &mut Context<'_>) {
        self.leases.remove(key);
        if !self.is_newest(key, &row, cx) {
            return;
        }
        self.told_of(key, Some(row.version), cx);
        if self.is_sure_of(key, cx) {
            self.keep(key, row, Asked::default(), cx);
        }
    }

    /// Whether no life before this one can have known a newer version of a key: what is there was loaded in this life.
    fn is_sure_of(&self, key: &Key, cx: &Context<'_>) -> bool {
        let is_first_life = self.life == Some(1);
        cx.settings().guard != Guard::Version || is_first_life || self.shelf.entries.contains_key(key)
    }

    /// A write has told of its version.
    fn told_of(&mut self, key: &Key, version: Option<u64>, cx: &Context<'_>) {
        if let Some(version) = version.filter(|_| cx.settings().guard == Guard::Version) {
            self.shelf.told_of(key, version);
        }
    }

    /// Takes a key out: the write of this version is in the database.
    fn delete(&mut self, key: &Key, version: Option<u64>, cx: &mut Context<'_>) {
        let guard = cx.settings().guard;
        self.told_of(key, version, cx);
        if guard == Guard::Lease {
            self.leases.remove(key);
            self.joinable.remove(key);
            self.pass_turn(key, cx);
        }
        if guard != Guard::None {
            self.forget_loads(key);
        }
        let held = self.shelf.entries.get(key);
        let is_newer = guard == Guard::Version && held.is_some_and(|entry| version.is_some_and(|version| entry.row.version >= version));
        if self.shelf.dirty().contains(key) {
            return self.flush(&key.clone(), cx);
        }
        if !is_newer && self.shelf.delete(key) {
            cx.note(Note::Deleted { key: key.clone() });
        }
    }

    /// Whether something that it waits for may yet change a copy of a key.
    pub fn is_at(&self, key: &Key) -> bool {
        self.loading.contains_key(key) || self.puts.contains_key(key) || self.shelf.dirty().contains(key)
    }

    /// An operator throws everything away.
    pub(super) fn empty(&mut self, cx: &mut Context<'_>) {
        cx.note(Note::Emptied { entries: self.shelf.entries.len(), dirty: self.shelf.dirty().len() });
        self.clear();
        self.wake(cx);
    }

    fn clear(&mut self) {
        self.shelf.clear();
        self.due.clear();
        self.changes.clear();
    }

    /// An operator fills it with what the database has.
    pub(super) fn warm(&mut self, rows: Vec<(Key, Row)>, cx: &mut Context<'_>) {
        cx.note(Note::Warmed { entries: rows.len() });
        for (key, row) in rows {
            self.keep(&key, row, Asked::default(), cx);
        }
        self.wake(cx);
    }

    /// An operator has every dirty entry written.
    pub(super) fn flush_all(&mut self, cx: &mut Context<'_>) {
        for key in self.shelf.dirty().clone() {
            self.flush(&key, cx);
        }
        self.wake(cx);
    }
}

/// How entries of the shared cache age.
fn ageing(settings: &Settings) -> Ageing {
    Ageing {
        stale_for: settings.stale_for,
        early: settings.early_refresh,
        from_use: settings.ttl_counts == super::settings::TtlCounts::Use,
        renewal: settings.db_timeout,
    }
}

/// How long an entry that comes in lives: the TTL, made longer or shorter by chance.
pub(super) fn lives(cx: &mut Context<'_>) -> Option<Span> {
    let (ttl, jitter) = (cx.settings().ttl?, cx.settings().ttl_jitter);
    if jitter <= 0.0 {
        return Some(ttl);
    }
    let draw = cx.rng().unit();
    Some(ttl.scaled(1.0 + jitter * (2.0 * draw - 1.0)))
}
