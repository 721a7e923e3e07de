//! A key with what hangs on it.

use super::value::Value;

/// What is kept of a key.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its value.
    pub value: Value,
    /// When it expires: milliseconds by the clock on the wall; `None`: never.
    pub expires: Option<u64>,
    /// When it was last asked for, in milliseconds.
    pub used: u64,
}

/// What a key costs beside its name and its value: an entry of the dictionary, the object, and the headers of two strings.
const OVERHEAD: u64 = 56;
/// What it costs more to remember when it expires.
const EXPIRY: u64 = 24;

impl Entry {
    /// A key that was asked for at this time and does not expire.
    pub fn new(value: Value, now: u64) -> Entry {
        Entry { value, expires: None, used: now }
    }

    /// Whether it has expired.
    pub fn is_over(&self, now: u64) -> bool {
        self.expires.is_some_and(|end| now >= end)
    }

    /// About how much memory it takes under a name of this length, in bytes.
    pub fn bytes(&self, name: usize) -> u64 {
        OVERHEAD + name as u64 + self.value.bytes() + if self.expires.is_some() { EXPIRY } else { 0 }
    }
}
