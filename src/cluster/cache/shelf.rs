//! What a cache holds: rows with their ends, in slots. The shared cache has one, and so has each application that caches for itself.

use crate::algo::eviction::{Asked, Eviction, Rule};
use crate::check::operation::Key;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::time::{Span, Time};

use super::request::Row;

/// A row in a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it says.
    pub row: Row,
    /// When it stops to be true, as far as that is known.
    pub ends: Option<Time>,
    /// How long it lives, from when it came in or was last asked for.
    pub lives: Option<Span>,
    /// Until when somebody is loading it anew.
    pub renewed_until: Option<Time>,
    /// Whether the database does not have it yet.
    pub is_dirty: bool,
}

/// Counts over one life of a cache. Every get is a hit or a miss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub lookups: u64,
    pub hits: u64,
    /// Hits of entries after their end.
    pub late_hits: u64,
    pub inserted: u64,
    pub evicted: u64,
    pub expired: u64,
    pub deleted: u64,
}

/// What a look finds.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// An entry; `renew`: somebody should load it anew.
    Hit { row: Row, renew: bool },
    /// Nothing, or nothing that may still be served.
    Miss,
}

/// How entries age.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ageing {
    /// How long after its end an entry is served.
    pub stale_for: Option<Span>,
    /// How long before its end it is loaded anew.
    pub early: Option<Span>,
    /// Whether it begins anew at each hit.
    pub from_use: bool,
    /// How long whoever loads it anew is waited for.
    pub renewal: Span,
}

/// The slots.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// Which keys there are, and who goes next.
    pub eviction: Eviction<Key>,
    /// What they say.
    pub entries: OrdMap<Key, Entry>,
    ends: OrdSet<(Time, Key)>,
    dirty: OrdSet<Key>,
    /// Of each key the newest version that a write has told of, where versions guard it.
    newest: OrdMap<Key, u64>,
    /// What happened so far.
    pub counts: Counts,
    /// The last look: its key, with what it knew of the future.
    pub last_look: Option<(Key, Asked)>,
    /// Whether that hit.
    pub hit_last: bool,
}

impl Shelf {
    /// Empty.
    pub fn new(rule: Rule, slots: u32) -> Shelf {
        Shelf {
            eviction: Eviction::new(rule, slots as usize),
            entries: OrdMap::new(),
            ends: OrdSet::new(),
            dirty: OrdSet::new(),
            newest: OrdMap::new(),
            counts: Counts::default(),
            last_look: None,
            hit_last: false,
        }
    }

    /// A get.
    pub fn look(&mut self, key: &Key, asked: Asked, now: Time, ageing: &Ageing) -> Found {
        self.expire(now, ageing.stale_for);
        self.counts.lookups += 1;
        self.last_look = Some((key.clone(), asked));
        self.hit_last = self.eviction.hit(key, asked);
        let Some(entry) = self.entries.get(key).filter(|_| self.hit_last).cloned() else { return Found::Miss };
        self.counts.hits += 1;
        self.counts.late_hits += u64::from(entry.ends.is_some_and(|ends| ends <= now));
        let due = entry.ends.is_some_and(|ends| ends <= now + ageing.early.unwrap_or_default());
        let renew = due && entry.renewed_until.is_none_or(|until| until <= now);
        self.touch(key, now, ageing, renew);
        Found::Hit { row: entry.row, renew }
    }

    /// A hit makes an entry younger where its age counts from there, and has it loaded anew where that is due.
    fn touch(&mut self, key: &Key, now: Time, ageing: &Ageing, renew: bool) {
        let Some(entry) = self.entries.get_mut(key) else { return };
        if renew {
            entry.renewed_until = Some(now + ageing.renewal);
        }
        if ageing.from_use
            && let (Some(ends), Some(lives)) = (entry.ends, entry.lives)
        {
            entry.ends = Some(now + lives);
            self.ends.remove(&(ends, key.clone()));
            self.ends.insert((now + lives, key.clone()));
        }
    }

    /// The key that would have to go for this one; `None`: there is room, or it is there.
    pub fn victim(&self, key: &Key, asked: Asked) -> Option<Key> {
        self.eviction.clone().admit(key.clone(), asked)
    }

    /// Puts a row into a slot. What it replaces, or what had to go for it, is gone. The place of a key that is there in the order of
    /// eviction stays: only reads are uses.
    pub fn store(&mut self, key: &Key, row: Row, lives: Option<Span>, asked: Asked, now: Time) -> Option<Key> {
        let gone = if self.entries.contains_key(key) {
            self.forget_end(key);
            None
        } else {
            self.counts.inserted += 1;
            self.eviction.admit(key.clone(), asked)
        };
        if let Some(gone) = &gone {
            self.counts.evicted += 1;
            self.drop_entry(gone);
        }
        let ends = lives.map(|lives| now + lives);
        self.ends.extend(ends.map(|ends| (ends, key.clone())));
        self.dirty.remove(key);
        self.entries.insert(key.clone(), Entry { row, ends, lives, renewed_until: None, is_dirty: false });
        gone
    }

    /// An entry that the database does not have yet. It has no end before that.
    pub fn mark_dirty(&mut self, key: &Key) {
        self.forget_end(key);
        if let Some(entry) = self.entries.get_mut(key) {
            (entry.is_dirty, entry.ends) = (true, None);
            self.dirty.insert(key.clone());
        }
    }

    /// The database has it.
    pub fn mark_clean(&mut self, key: &Key, version: u64, lives: Option<Span>, now: Time) {
        let Some(entry) = self.entries.get_mut(key).filter(|entry| entry.is_dirty) else { return };
        self.dirty.remove(key);
        (entry.is_dirty, entry.lives, entry.ends) = (false, lives, lives.map(|lives| now + lives));
        entry.row.version = version;
        self.ends.extend(entry.ends.map(|ends| (ends, key.clone())));
    }

    /// The keys that the database does not have as they are here.
    pub fn dirty(&self) -> &OrdSet<Key> {
        &self.dirty
    }

    /// A write has told of the version that it made.
    pub fn told_of(&mut self, key: &Key, version: u64) {
        let newest = self.newest.entry(key.clone()).or_default();
        *newest = version.max(*newest);
    }

    /// Whether a row is no older than what is known of its key.
    pub fn is_newest(&self, key: &Key, row: &Row) -> bool {
        let known = self.newest.get(key).copied().unwrap_or_default();
        let held = self.entries.get(key).map_or(0, |entry| entry.row.version);
        row.version >= known.max(held)
    }

    /// Whether somebody asked for it to be loaded anew, and it was not.
    pub fn not_renewed(&mut self, key: &Key) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.renewed_until = None;
        }
    }

    /// Takes a key out: whether it was there.
    pub fn delete(&mut self, key: &Key) -> bool {
        let there = self.eviction.remove(key);
        if there {
            self.counts.deleted += 1;
            self.drop_entry(key);
        }
        there
    }

    /// Lets go of what may not be served any more.
    pub fn expire(&mut self, now: Time, stale_for: Option<Span>) {
        while let Some((ends, key)) = self.ends.get_min().cloned()
            && ends + stale_for.unwrap_or_default() <= now
        {
            self.eviction.remove(&key);
            self.counts.expired += 1;
            self.drop_entry(&key);
        }
    }

    /// The next entry is over, perhaps before its time: `fire` may say so.
    pub fn fire(&mut self, now: Time, stale_for: Option<Span>) {
        let early = self.next_end(stale_for).unwrap_or_default();
        self.expire(early.max(now), stale_for);
    }

    /// How long until the next entry is to go; `None` when none has an end.
    pub fn wait(&self, now: Time, stale_for: Option<Span>) -> Option<Span> {
        self.next_end(stale_for).map(|ends| ends.since(now.min(ends)))
    }

    fn next_end(&self, stale_for: Option<Span>) -> Option<Time> {
        self.ends.get_min().map(|(ends, _)| *ends + stale_for.unwrap_or_default())
    }

    /// Takes every key out.
    pub fn clear(&mut self) {
        let keys: Vec<Key> = self.entries.keys().cloned().collect();
        for key in &keys {
            self.delete(key);
        }
    }

    fn forget_end(&mut self, key: &Key) {
        if let Some(ends) = self.entries.get(key).and_then(|entry| entry.ends) {
            self.ends.remove(&(ends, key.clone()));
        }
    }

    fn drop_entry(&mut self, key: &Key) {
        self.forget_end(key);
        self.entries.remove(key);
        self.dirty.remove(key);
    }

    /// Another rule, or another number of slots: what is held comes in anew, in the old order, what is dirty last of all.
    pub fn rearrange(&mut self, rule: Rule, slots: u32) {
        let slots = (slots as usize).max(self.dirty.len());
        if self.eviction.rule() == rule && self.eviction.capacity() == slots {
            return;
        }
        let (clean, dirty): (Vec<Key>, Vec<Key>) = self.eviction.keys().partition(|key| !self.dirty.contains(key));
        let surplus = (clean.len() + dirty.len()).saturating_sub(slots).min(clean.len());
        for key in &clean[..surplus] {
            self.counts.evicted += 1;
            self.drop_entry(key);
        }
        self.eviction = Eviction::new(rule, slots);
        for key in clean.into_iter().skip(surplus).chain(dirty) {
            self.eviction.admit(key, Asked::default());
        }
    }

    /// Whether everything in it adds up; the error says what does not.
    pub fn adds_up(&self) -> Result<(), String> {
        let counts = &self.counts;
        let (held, most) = (self.entries.len(), self.eviction.capacity());
        if held > most || held != self.eviction.len() {
            return Err(format!("no cache holds more than it has slots: {held} entries in {most} slots, {} in order", self.eviction.len()));
        }
        let resident = counts.inserted - counts.evicted - counts.expired - counts.deleted;
        if resident != held as u64 {
            return Err(format!("what came in is there or went: {counts:?} leave {resident} entries, and {held} are there"));
        }
        match self.dirty.iter().find(|key| !self.entries.contains_key(*key)) {
            Some(key) => Err(format!("what is dirty is kept: {key} is not in the database yet, and has gone")),
            None => Ok(()),
        }
    }
}
