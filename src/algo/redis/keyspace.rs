//! All keys of a server. Cheap to clone, so that a snapshot costs nothing, as by `fork`.

use super::args::Text;
use super::entry::Entry;
use super::pool::Pool;
use super::populated::{self, Populated};
use super::value::Value;
use crate::algo::hash::place;
use crate::persistent::{OrdMap, OrdSet};

/// The keys.
#[derive(Clone, Debug, Default)]
pub struct Keyspace {
    entries: OrdMap<Text, Entry>,
    all: Pool,
    /// Those that expire.
    volatile: Pool,
    /// By the place of their names, for SCAN.
    by_place: OrdSet<(u64, Text)>,
    pub(super) populated: Populated,
    bytes: u64,
}

/// The place of a name, above 0 and in the lower half: the upper is for keys that are only counted.
pub(super) fn scan_place(name: &str) -> u64 {
    (place(name) >> 1).max(1)
}

impl Keyspace {
    /// How many keys there are, those that have expired and were not deleted included.
    pub fn len(&self) -> u64 {
        self.entries.len() as u64 + self.populated.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// About how much memory they take, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes + self.populated.bytes()
    }

    /// The keys that are stored one by one, with what they hold.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &Entry)> {
        self.entries.iter()
    }

    /// How many of these there are.
    pub fn stored(&self) -> usize {
        self.entries.len()
    }

    /// How many have expired and still take memory.
    pub fn dead(&self, now: u64) -> usize {
        self.entries.values().filter(|entry| entry.is_over(now)).count()
    }

    /// What a key holds, whether it has expired or not. One that was only counted is stored from here on.
    pub fn get(&mut self, key: &str, now: u64) -> Option<&Entry> {
        if let Some(number) = self.populated.counted(key) {
            self.put(&populated::name(number), Entry::new(Value::String(populated::value(number)), now));
        }
        self.entries.get(key)
    }

    /// Whether a key is there for who asks now.
    pub fn has(&self, key: &str, now: u64) -> bool {
        self.populated.counted(key).is_some() || self.entries.get(key).is_some_and(|entry| !entry.is_over(now))
    }

    /// The same for a key that is stored.
    pub fn peek(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// A key was asked for.
    pub fn touch(&mut self, key: &str, now: u64) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.used = now;
        }
    }

    /// Stores a key; what it held before is gone.
    pub fn put(&mut self, key: &Text, entry: Entry) {
        self.populated.set_apart(key);
        self.bytes += entry.bytes(key.len());
        if entry.expires.is_some() {
            self.volatile.insert(key);
        } else {
            self.volatile.remove(key);
        }
        if let Some(before) = self.entries.insert(key.clone(), entry) {
            self.bytes -= before.bytes(key.len());
        } else {
            self.all.insert(key);
            self.by_place.insert((scan_place(key), key.clone()));
        }
    }

    /// Takes a key out, and says what it held.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        if let Some(number) = self.populated.counted(key) {
            self.populated.set_apart(key);
            return Some(Entry::new(Value::String(populated::value(number)), 0));
        }
        let (key, entry) = self.entries.remove_with_key(key)?;
        self.bytes -= entry.bytes(key.len());
        self.all.remove(&key);
        self.volatile.remove(&key);
        self.by_place.remove(&(scan_place(&key), key.clone()));
        Some(entry)
    }

    /// Takes all keys out.
    pub fn clear(&mut self) {
        *self = Keyspace::default();
    }

    /// DEBUG POPULATE.
    pub fn populate(&mut self, count: u64) {
        self.populated.grow(count, self.entries.keys());
    }

    /// A stored key for a number drawn evenly from 0 to 1; of those that expire only where `volatile` says so.
    pub fn pick(&self, volatile: bool, draw: f64) -> Option<(&Text, &Entry)> {
        let pool = if volatile { &self.volatile } else { &self.all };
        let key = pool.pick(draw)?;
        Some((key, self.entries.get(key)?))
    }

    /// How many keys expire at some time.
    pub fn volatile(&self) -> usize {
        self.volatile.len()
    }

    /// Stored keys from this place of SCAN on.
    pub(super) fn after_place(&self, place: u64) -> impl Iterator<Item = &(u64, Text)> {
        self.by_place.range((place, Text::from(""))..)
    }

    /// Whether both hold the same: names, values, and when they expire. Keys that were populated are left out, as nobody is told of them.
    pub fn same_data(&self, other: &Keyspace) -> bool {
        let mut mine = self.entries.iter().filter(|(key, _)| self.is_own(key, other));
        let mut theirs = other.entries.iter().filter(|(key, _)| self.is_own(key, other));
        loop {
            match (mine.next(), theirs.next()) {
                (None, None) => return true,
                (Some((key, a)), Some((name, b))) if key == name && a.value == b.value && a.expires == b.expires => {}
                _ => return false,
            }
        }
    }

    fn is_own(&self, key: &str, other: &Keyspace) -> bool {
        self.populated.number(key).is_none() && other.populated.number(key).is_none()
    }

    /// What must hold of it, for tests: the parts belong to the same keys, and the bytes add up.
    #[cfg(test)]
    pub fn is_sound(&self) -> bool {
        let bytes: u64 = self.entries.iter().map(|(key, entry)| entry.bytes(key.len())).sum();
        let expire = self.entries.values().filter(|entry| entry.expires.is_some()).count();
        let n = self.entries.len();
        bytes == self.bytes && expire == self.volatile.len() && n == self.all.len() && n == self.by_place.len()
    }
}
