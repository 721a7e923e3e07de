//! What a leader's disk holds: rows, and beside them, written in the same step, how far it has come with everybody's changes.

use std::borrow::Cow;
use std::sync::Arc;

use crate::algo::version::Dot;
use crate::check::operation::{Key, Value};
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::packed::Packed;

use super::change::{Change, Moved, Vector, What};
use super::row::Row;
use super::settings::{Offset, Rule, Settings};

/// The changes that a leader has taken in, in that order. It can be read from any place on without a look at what stands before it: what
/// an event costs must not grow with the log.
#[derive(Clone, Debug, Default)]
pub struct Changes(Packed<Arc<Change>>);

impl Changes {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// From a place on, oldest first.
    pub fn from(&self, at: usize) -> impl Iterator<Item = Arc<Change>> {
        self.0.iter_from(at.min(self.len())).map(looked_at)
    }

    /// Those before a place, newest first.
    pub fn before(&self, at: usize) -> impl Iterator<Item = Arc<Change>> {
        self.0.back_from(at.min(self.len())).map(looked_at)
    }

    fn push(&mut self, change: Arc<Change>) {
        self.0.push(change);
        self.0.settle();
    }
}

fn looked_at(change: Cow<'_, Arc<Change>>) -> Arc<Change> {
    #[cfg(test)]
    looks::count();
    change.into_owned()
}

/// How often a test's thread has looked at a change of a log.
#[cfg(test)]
pub(super) mod looks {
    use std::cell::Cell;

    thread_local!(static LOOKS: Cell<u64> = const { Cell::new(0) });

    pub(super) fn count() {
        LOOKS.set(LOOKS.get() + 1);
    }

    pub(in crate::cluster::multi_leader) fn so_far() -> u64 {
        LOOKS.get()
    }
}

/// What a leader's disk holds.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Every row that was ever changed, deleted ones too.
    pub rows: OrdMap<Key, Arc<Row>>,
    /// All changes, its own and others', in the order in which it took them in.
    pub log: Changes,
    /// Of each leader, all changes up to this one are in the log. Its own entry is the number of its last own change.
    pub seen: Vector,
    /// The greatest stamp in the log.
    pub latest: u64,
    /// The greatest automatic key of each table.
    given: OrdMap<Key, u64>,
    /// Rows that were moved to another home.
    pub homes: OrdMap<Key, Moved>,
}

impl Disk {
    /// The row; an empty one where there is none.
    pub fn row(&self, key: &Key) -> Arc<Row> {
        self.rows.get(key).cloned().unwrap_or_default()
    }

    /// What a reader of a row sees.
    pub fn value(&self, key: &Key, rule: Rule) -> Option<Value> {
        self.rows.get(key)?.value(rule)
    }

    /// Whether a change comes next of its leader's.
    pub fn is_next(&self, dot: Dot<NodeId>) -> bool {
        self.seen.counter(dot.actor) + 1 == dot.counter
    }

    /// Takes in a change, which has to be the next of its leader's.
    pub fn take(&mut self, change: &Arc<Change>, rule: Rule) {
        match &change.what {
            What::Home(moved) => {
                let newest = self.homes.get(&change.key).map_or(*moved, |before| *moved.max(before));
                self.homes.insert(change.key.clone(), newest);
            }
            _ => Arc::make_mut(self.rows.entry(change.key.clone()).or_default()).take(change, rule),
        }
        if let Some((table, number)) = &change.inserted {
            let greatest = self.given.get(table).map_or(*number, |before| *number.max(before));
            self.given.insert(table.clone(), greatest);
        }
        self.seen.see(change.dot);
        self.latest = self.latest.max(change.tick);
        self.log.push(change.clone());
    }

    /// The next automatic key of a table at the leader with this number, from 1: above all that it knows of, as in `MySQL`.
    pub fn next_key(&self, table: &Key, leader: u64, settings: &Settings) -> u64 {
        let step = u64::from(settings.auto_increment_step);
        let first = match settings.auto_increment_offset {
            Offset::Same => 1,
            Offset::Leader => leader,
        };
        let known = self.given.get(table).copied().unwrap_or(0);
        let least = (known + 1).max(settings.auto_increment_start.into());
        least + (first % step + step - least % step) % step
    }

    /// The home of a row, as far as this leader knows.
    pub fn home(&self, key: &Key, servers: usize, settings: &Settings) -> NodeId {
        self.homes.get(key).map_or_else(|| settings.first_home(key, servers), |moved| moved.to)
    }
}
