//! One command under way: what it sees of the world, what it changes, and what is to be done again elsewhere.

use super::args::{Argv, Text};
use super::entry::Entry;
use super::keyspace::Keyspace;
use super::reply::{Reply, error};
use super::table;
use super::value::{Kind, Value};

/// What a command needs to know beside the keys.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// The clock on the wall, in milliseconds.
    pub now: u64,
    /// What happens to keys that have expired.
    pub expiry: Expiry,
    /// Whether lengths of time are passed on as they were given, and not as the moment when they end. A mistake: whoever runs the
    /// command later counts from then.
    pub passes_lengths: bool,
}

/// What happens to a key that has expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Who comes across it deletes it, and passes that on: a master.
    Deletes,
    /// It is answered as if it were not there, and stays until the master says DEL: a replica to its readers.
    Hides,
    /// It is there: a replica that does what its master did, or a server that reads its own log.
    Ignores,
}

/// A command under way.
pub(super) struct Run<'a> {
    /// The keys.
    pub(super) keys: &'a mut Keyspace,
    /// The world.
    pub(super) around: Around,
    /// What was passed on before: keys that had expired.
    pub(super) before: Vec<Argv>,
    /// What is passed on in place of the command itself.
    instead: Option<Vec<Argv>>,
    /// Keys that changed.
    pub(super) changed: Vec<Text>,
    /// How many elements were looked at: each takes its time.
    pub(super) touched: u64,
    /// How many keys that were asked for were there, and were not.
    pub(super) hits: (u64, u64),
}

/// What a command that failed answers.
pub(super) type Answer = Result<Reply, Reply>;

const WRONG_TYPE: &str = "WRONGTYPE Operation against a key holding the wrong kind of value";

impl<'a> Run<'a> {
    pub(super) fn new(keys: &'a mut Keyspace, around: Around) -> Run<'a> {
        Run { keys, around, before: Vec::new(), instead: None, changed: Vec::new(), touched: 0, hits: (0, 0) }
    }

    /// Sees to a key that has expired.
    fn expire(&mut self, key: &str) -> bool {
        let now = self.around.now;
        if self.around.expiry == Expiry::Ignores || !self.keys.get(key, now).is_some_and(|entry| entry.is_over(now)) {
            return false;
        }
        if self.around.expiry == Expiry::Deletes {
            self.keys.remove(key);
            self.changed.push(key.into());
            self.before.push(super::args::argv(&["DEL", key]));
        }
        true
    }

    /// What a key holds.
    pub(super) fn entry(&mut self, key: &str) -> Option<&Entry> {
        if self.expire(key) {
            return None;
        }
        let now = self.around.now;
        self.keys.touch(key, now);
        self.keys.get(key, now)
    }

    /// The same for a command that only reads: it counts as a hit or a miss.
    pub(super) fn read(&mut self, key: &str) -> Option<&Entry> {
        let found = self.entry(key).is_some();
        self.hits.0 += u64::from(found);
        self.hits.1 += u64::from(!found);
        if found { self.keys.peek(key) } else { None }
    }

    /// The same for a command that asks about a key and does not use it: the key is as idle as before.
    pub(super) fn look(&mut self, key: &str) -> Option<&Entry> {
        let now = self.around.now;
        let found = !self.expire(key) && self.keys.get(key, now).is_some();
        self.hits.0 += u64::from(found);
        self.hits.1 += u64::from(!found);
        if found { self.keys.peek(key) } else { None }
    }

    /// The value of a key, which must be of this kind.
    pub(super) fn value(&mut self, key: &str, kind: Kind) -> Result<Option<&Value>, Reply> {
        of_kind(self.entry(key), kind)
    }

    /// The same for a command that only reads.
    pub(super) fn read_value(&mut self, key: &str, kind: Kind) -> Result<Option<&Value>, Reply> {
        of_kind(self.read(key), kind)
    }

    /// Gives a key a value; when it expires stays as it is.
    pub(super) fn set(&mut self, key: &Text, value: Value) {
        if value.is_empty() {
            self.delete(key);
            return;
        }
        let (now, expires) = (self.around.now, self.entry(key).and_then(|entry| entry.expires));
        self.put(key, Entry { expires, ..Entry::new(value, now) });
    }

    /// Stores a key anew.
    pub(super) fn put(&mut self, key: &Text, entry: Entry) {
        self.keys.put(key, entry);
        self.changed.push(key.clone());
    }

    /// Deletes a key, and says what it held.
    pub(super) fn delete(&mut self, key: &str) -> Option<Entry> {
        if self.expire(key) {
            return None;
        }
        let gone = self.keys.remove(key)?;
        self.changed.push(key.into());
        Some(gone)
    }

    /// Passes this on in place of the command.
    pub(super) fn pass_on(&mut self, words: &[&str]) {
        self.instead.get_or_insert_default().push(super::args::argv(words));
    }

    /// What is to be done elsewhere, in order, when this command changed something.
    fn stream(self, argv: &Argv) -> Vec<Argv> {
        let expired = self.before.len();
        let did = self.changed.len() > expired || self.instead.is_some();
        let own = if did { self.instead.unwrap_or_else(|| vec![argv.clone()]) } else { Vec::new() };
        self.before.into_iter().chain(own).collect()
    }
}

fn of_kind(entry: Option<&Entry>, kind: Kind) -> Result<Option<&Value>, Reply> {
    match entry {
        Some(entry) if entry.value.kind() != kind => Err(error(WRONG_TYPE)),
        found => Ok(found.map(|entry| &entry.value)),
    }
}

/// What a command did.
#[derive(Clone, Debug, Default)]
pub(super) struct Did {
    pub(super) reply: Option<Reply>,
    pub(super) stream: Vec<Argv>,
    pub(super) changed: Vec<Text>,
    pub(super) touched: u64,
    pub(super) hits: (u64, u64),
    pub(super) expired: u64,
}

/// Runs a command that works on keys.
pub(super) fn run(keys: &mut Keyspace, argv: &Argv, does: table::Does, around: Around) -> Did {
    let mut run = Run::new(keys, around);
    let reply = does(&mut run, argv).unwrap_or_else(|error| error);
    let (changed, touched, hits, expired) = (run.changed.clone(), run.touched, run.hits, run.before.len() as u64);
    Did { reply: Some(reply), stream: run.stream(argv), changed, touched, hits, expired }
}

/// Does what a log or a master says. What it cannot do, it leaves.
pub fn apply(keys: &mut Keyspace, argv: &Argv, around: Around) -> u64 {
    let Some(does) = argv.first().and_then(|name| table::command(name)).and_then(|command| command.does()) else { return 0 };
    run(keys, argv, does, around).touched
}
