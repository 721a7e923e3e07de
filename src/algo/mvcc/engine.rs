//! The engine: rows, open transactions, and who waits for whom.

use std::collections::BTreeSet;

use super::serial::{Mark, Past};
use super::{Level, Reach, Seen, Stored, Version};
use crate::persistent::{Few, OrdMap};

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<X, T> {
    /// It is done.
    Done(X),
    /// These transactions hold what it needs: it is to be tried again when one of them has ended.
    Waits(Vec<T>),
    /// Its transaction cannot go on and must be aborted.
    Aborted(Why),
}

/// Why a transaction cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It waits for one that waits for it.
    Deadlock,
    /// A row that it changes was changed since its snapshot.
    Changed,
    /// Together with others it might be in no order at all.
    NoOrder,
    /// Another transaction is changing the row, and this one does not wait.
    Conflict,
}

/// What a transaction wrote, the newest of each row.
pub type Written<K, V, T> = Vec<(K, Version<T>, Option<V>)>;

/// Rows as a transaction sees them.
pub type Sights<K, V, T> = Vec<(K, Seen<V, T>)>;

/// A transaction that has not ended.
#[derive(Clone, Debug)]
pub struct Open<K: Ord + Clone, V: Clone, T: Ord + Clone> {
    /// How far it is kept apart.
    pub level: Level,
    /// Whether it is aborted where it would have to wait.
    no_wait: bool,
    /// The newest commit of its snapshot.
    pub(super) begun: u64,
    /// What it has read, where that matters to others.
    pub(super) reads: Few<Reach<K>>,
    /// What it writes, the newest of each row.
    writes: OrdMap<K, (Version<T>, Option<V>)>,
    /// How many writes it has made.
    written: u32,
    /// Of a serializable one: its conflicts.
    pub(super) mark: Mark<T>,
    /// Whether it has promised to commit if it is told to.
    is_prepared: bool,
}

/// Rows and transactions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine<K: Ord + Clone, V: Clone, T: Ord + Copy> {
    /// Committed versions, the newest last. Those that no transaction can see any more are forgotten.
    rows: OrdMap<K, Few<Stored<V, T>>>,
    /// The number of the newest commit.
    pub(super) clock: u64,
    pub(super) open: OrdMap<T, Open<K, V, T>>,
    /// Serializable transactions that were committed, and may still be in a cycle with an open one.
    pub(super) past: OrdMap<T, Past<K>>,
    waits: OrdMap<T, Vec<T>>,
}

impl<K: Ord + Clone, V: Clone, T: Ord + Copy> Default for Engine<K, V, T> {
    fn default() -> Self {
        Engine { rows: OrdMap::new(), clock: 0, open: OrdMap::new(), past: OrdMap::new(), waits: OrdMap::new() }
    }
}

/// Rows, for whoever looks from outside.
impl<K: Ord + Clone, V: Clone, T: Ord + Copy> Engine<K, V, T> {
    /// Puts a row there as it was at the start, or as a log has it.
    pub fn put_start(&mut self, key: K, version: Version<T>, value: Option<V>) {
        self.rows.insert(key, Few::unit(Stored { at: 0, version, value }));
    }

    /// The committed rows, with the newest version of each, in order.
    pub fn committed(&self) -> impl Iterator<Item = (&K, &Stored<V, T>)> {
        self.rows.iter().filter_map(|(key, versions)| Some((key, versions.last()?)))
    }

    /// The same for a part of the rows.
    pub fn committed_in<'a>(&'a self, reach: &'a Reach<K>) -> impl Iterator<Item = (&'a K, &'a Stored<V, T>)> {
        self.rows.range::<_, K>(reach.bounds()).filter_map(|(key, versions)| Some((key, versions.last()?)))
    }

    /// The newest committed version of a row.
    pub fn newest(&self, key: &K) -> Option<&Stored<V, T>> {
        self.rows.get(key)?.last()
    }

    /// The transactions that have not ended.
    pub fn open(&self) -> impl Iterator<Item = (&T, &Open<K, V, T>)> {
        self.open.iter()
    }

    /// A transaction that has not ended.
    pub fn transaction(&self, tx: T) -> Option<&Open<K, V, T>> {
        self.open.get(&tx)
    }

    /// The rows that are locked against changes, each with the transaction that has changed it.
    pub fn locked(&self) -> impl Iterator<Item = (T, &K)> {
        self.open.iter().flat_map(|(tx, open)| open.writes.keys().map(|key| (*tx, key)))
    }

    /// Who waits for whom.
    pub fn waiting(&self) -> impl Iterator<Item = (T, &[T])> {
        self.waits.iter().map(|(tx, holders)| (*tx, holders.as_slice()))
    }
}

impl<K: Ord + Clone, V: Clone, T: Ord + Clone> Open<K, V, T> {
    /// What it has written, the newest of each row.
    pub fn writes(&self) -> impl Iterator<Item = (&K, &(Version<T>, Option<V>))> {
        self.writes.iter()
    }

    /// How many rows it has written.
    pub fn rows_written(&self) -> usize {
        self.writes.len()
    }

    /// Whether it has promised to commit if it is told to.
    pub fn is_prepared(&self) -> bool {
        self.is_prepared
    }
}

/// The life of a transaction.
impl<K: Ord + Clone, V: Clone, T: Ord + Copy> Engine<K, V, T> {
    /// Begins a transaction, with a snapshot of now. `no_wait`: it is aborted where it would have to wait for a lock.
    pub fn begin(&mut self, tx: T, level: Level, no_wait: bool) {
        let begun = self.clock;
        let open =
            Open { level, no_wait, begun, reads: Few::new(), writes: OrdMap::new(), written: 0, mark: Mark::default(), is_prepared: false };
        self.open.insert(tx, open);
    }

    /// A transaction that had promised to commit is back from a log, with its locks.
    pub fn restore(&mut self, tx: T, writes: impl IntoIterator<Item = (K, Version<T>, Option<V>)>) {
        self.begin(tx, Level::ReadCommitted, false);
        if let Some(open) = self.open.get_mut(&tx) {
            open.writes = writes.into_iter().map(|(key, version, value)| (key, (version, value))).collect();
            open.is_prepared = true;
        }
    }

    /// Whether it can commit; from then on nothing but its coordinator ends it. A transaction that is not there cannot.
    pub fn prepare(&mut self, tx: T) -> Result<(), Why> {
        self.waits.remove(&tx);
        if !self.is_in_order(tx) && !self.open.get(&tx).is_some_and(Open::is_prepared) {
            return Err(Why::NoOrder);
        }
        let Some(open) = self.open.get_mut(&tx) else { return Err(Why::NoOrder) };
        open.is_prepared = true;
        Ok(())
    }

    /// Commits: its versions are the newest of their rows from now on, and are returned. The caller aborts it where it cannot.
    pub fn commit(&mut self, tx: T) -> Result<Written<K, V, T>, Why> {
        self.prepare(tx)?;
        let is_late = self.is_late(tx);
        let Some(open) = self.open.remove(&tx) else { return Ok(Vec::new()) };
        self.clock += 1;
        let at = self.clock;
        let horizon = self.horizon();
        for (key, (version, value)) in &open.writes {
            let versions = self.rows.entry(key.clone()).or_default();
            versions.push(Stored { at, version: *version, value: value.clone() });
            forget(versions, horizon);
        }
        if open.level == Level::Serializable {
            self.past.insert(tx, Past { committed: at, reads: open.reads, is_late });
        }
        self.forget_past();
        Ok(open.writes.into_iter().map(|(key, (version, value))| (key, version, value)).collect())
    }

    /// Aborts: nothing of it is left. How many rows it had written.
    pub fn abort(&mut self, tx: T) -> usize {
        self.waits.remove(&tx);
        let written = self.open.remove(&tx).map_or(0, |open| open.writes.len());
        self.forget_conflicts(tx);
        self.forget_past();
        written
    }

    /// The newest commit that every open transaction sees.
    fn horizon(&self) -> u64 {
        self.open.values().map(|open| open.begun).min().unwrap_or(self.clock)
    }
}

/// Forgets the versions that nobody sees any more.
fn forget<V: Clone, T: Clone>(versions: &mut Few<Stored<V, T>>, horizon: u64) {
    let gone = versions.iter().skip(1).take_while(|next| next.at <= horizon).count();
    versions.drop_first(gone);
}

/// Statements.
impl<K: Ord + Clone, V: Clone, T: Ord + Copy> Engine<K, V, T> {
    /// Reads rows: each key of the reach that there is, or was, with what the transaction sees of it.
    pub fn read(&mut self, tx: T, reach: &Reach<K>) -> Step<Sights<K, V, T>, T> {
        self.waits.remove(&tx);
        let Some(level) = self.open.get(&tx).map(|open| open.level) else { return Step::Aborted(Why::NoOrder) };
        if level == Level::Locking {
            let holders: Vec<T> = self.writers_in(tx, reach).collect();
            if !holders.is_empty() {
                return self.wait(tx, holders);
            }
        }
        if level == Level::Serializable
            && let Err(why) = self.read_serially(tx, reach)
        {
            return Step::Aborted(why);
        }
        self.remember_read(tx, reach, level);
        let keys: BTreeSet<K> = self.keys_in(tx, reach, level).cloned().collect();
        Step::Done(keys.into_iter().map(|key| (key.clone(), self.sees(tx, level, &key))).collect())
    }

    /// Makes ready to change a row: it is locked against others, and what the change starts from is returned. That counts as a read.
    pub fn lock(&mut self, tx: T, key: &K) -> Step<Seen<V, T>, T> {
        self.waits.remove(&tx);
        let Some((level, begun, no_wait)) = self.open.get(&tx).map(|open| (open.level, open.begun, open.no_wait)) else {
            return Step::Aborted(Why::NoOrder);
        };
        let reach = Reach::one(key.clone());
        let holders: BTreeSet<T> = self.writers_in(tx, &reach).chain(self.locking_readers(tx, key)).collect();
        if !holders.is_empty() {
            return if no_wait { Step::Aborted(Why::Conflict) } else { self.wait(tx, holders.into_iter().collect()) };
        }
        if level.first_updater_wins() && self.newest(key).is_some_and(|newest| newest.at > begun) {
            return Step::Aborted(Why::Changed);
        }
        if level == Level::Serializable {
            if let Err(why) = self.read_serially(tx, &reach) {
                return Step::Aborted(why);
            }
            self.write_serially(tx, key);
        }
        self.remember_read(tx, &reach, level);
        // A change of `InnoDB`'s goes on from the newest version, whatever its snapshot shows.
        let basis = if level == Level::RepeatableRead { Level::ReadCommitted } else { level };
        Step::Done(self.sees(tx, basis, key))
    }

    /// Changes a row that was made ready by [`Engine::lock`]; `None` deletes it. The version that it gets.
    pub fn put(&mut self, tx: T, key: K, value: Option<V>) -> Option<Version<T>> {
        let open = self.open.get_mut(&tx)?;
        open.written += 1;
        let version = Version { writer: Some(tx), number: open.written };
        open.writes.insert(key, (version, value));
        Some(version)
    }

    /// The open transactions, this one not counted, that have written rows of a reach.
    pub(super) fn writers_in<'a>(&'a self, tx: T, reach: &'a Reach<K>) -> impl Iterator<Item = T> + 'a {
        let writes = |open: &Open<K, V, T>| open.writes.range::<_, K>(reach.bounds()).next().is_some();
        self.open.iter().filter(move |(other, open)| **other != tx && writes(open)).map(|(other, _)| *other)
    }

    /// Those that hold a lock on a row because they have read it.
    fn locking_readers<'a>(&'a self, tx: T, key: &'a K) -> impl Iterator<Item = T> + 'a {
        let reads = |open: &Open<K, V, T>| open.level == Level::Locking && open.reads.iter().any(|reach| reach.covers(key));
        self.open.iter().filter(move |(other, open)| **other != tx && reads(open)).map(|(other, _)| *other)
    }

    fn remember_read(&mut self, tx: T, reach: &Reach<K>, level: Level) {
        if let (Level::Serializable | Level::Locking, Some(open)) = (level, self.open.get_mut(&tx))
            && !open.reads.contains(reach)
        {
            open.reads.push(reach.clone());
        }
    }

    /// The keys of a reach that a transaction may see anything of.
    fn keys_in<'a>(&'a self, tx: T, reach: &'a Reach<K>, level: Level) -> impl Iterator<Item = &'a K> {
        let visible = move |other: &T| *other == tx || level == Level::ReadUncommitted;
        let open = self.open.iter().filter(move |(other, _)| visible(other));
        let written = open.flat_map(|(_, open)| open.writes.range::<_, K>(reach.bounds()).map(|(key, _)| key));
        self.rows.range::<_, K>(reach.bounds()).map(|(key, _)| key).chain(written)
    }

    fn sees(&self, tx: T, level: Level, key: &K) -> Seen<V, T> {
        let written = |open: &Open<K, V, T>| open.writes.get(key).cloned();
        let own = self.open.get(&tx).and_then(written);
        let others = || self.open.values().find_map(written);
        let uncommitted = if level == Level::ReadUncommitted { own.or_else(others) } else { own };
        if let Some((version, value)) = uncommitted {
            return Seen { version: Some(version), value };
        }
        let begun = self.open.get(&tx).map_or(self.clock, |open| open.begun);
        let until = if level.reads_snapshot() { begun } else { u64::MAX };
        let stored = self.rows.get(key).and_then(|versions| versions.iter().rev().find(|stored| stored.at <= until));
        stored.map_or(Seen::NOTHING, |stored| Seen { version: Some(stored.version), value: stored.value.clone() })
    }

    /// Waits, unless that would be for ever.
    fn wait<X>(&mut self, tx: T, holders: Vec<T>) -> Step<X, T> {
        if holders.iter().any(|holder| self.leads_to(*holder, tx)) {
            return Step::Aborted(Why::Deadlock);
        }
        self.waits.insert(tx, holders.clone());
        Step::Waits(holders)
    }

    /// Whether one waits for the other, perhaps through others.
    fn leads_to(&self, from: T, to: T) -> bool {
        let (mut next, mut known) = (vec![from], BTreeSet::new());
        while let Some(tx) = next.pop() {
            if tx == to {
                return true;
            }
            if known.insert(tx) {
                next.extend(self.waits.get(&tx).into_iter().flatten());
            }
        }
        false
    }

    /// The commits after this one that brought a version of a row in a reach, by their writers.
    pub(super) fn newer_writers<'a>(&'a self, reach: &'a Reach<K>, begun: u64) -> impl Iterator<Item = T> + 'a {
        let newer = move |versions: &'a Few<Stored<V, T>>| versions.iter().filter(move |stored| stored.at > begun);
        self.rows.range::<_, K>(reach.bounds()).flat_map(move |(_, versions)| newer(versions)).filter_map(|stored| stored.version.writer)
    }

    /// Forgets committed transactions that no open one overlaps.
    fn forget_past(&mut self) {
        let horizon = self.horizon();
        let over: Vec<T> = self.past.iter().filter(|(_, past)| past.committed <= horizon).map(|(tx, _)| *tx).collect();
        for tx in over {
            self.past.remove(&tx);
        }
    }
}
