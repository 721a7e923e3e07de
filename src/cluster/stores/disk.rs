//! The disk of a server: rows as they were at the last checkpoint, and a write-ahead log of what came after it.
//!
//! What a transaction changes is logged as it runs, and counts when its commit is logged. Recovery redoes what was committed, in the
//! order of the commits; the rest counts for nothing, but for what was promised to a coordinator.

use std::collections::BTreeMap;
use std::sync::Arc;

use imbl::Vector;

use crate::algo::mvcc::Version;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;

use super::message::Tx;
use super::run::Rows;
use super::shop::{Record, RowId};

/// After so many entries the log is folded into the rows.
const CHECKPOINT: usize = 400;

/// An entry of the log.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A transaction wrote a row.
    Wrote { tx: Tx, id: RowId, version: Version<Tx>, value: Option<Record> },
    /// It is promised to commit, if this coordinator says so.
    Promised { tx: Tx, coordinator: NodeId },
    /// It is committed.
    Committed { tx: Tx },
    /// It is aborted. Without this entry it is too, unless it was promised.
    Aborted { tx: Tx },
    /// This coordinator has decided to commit, and these are to be told.
    Decided { tx: Tx, others: Arc<[NodeId]> },
    /// All that were to be told have carried it out.
    Told { tx: Tx },
}

impl Entry {
    fn tx(&self) -> Tx {
        match self {
            Entry::Wrote { tx, .. }
            | Entry::Promised { tx, .. }
            | Entry::Committed { tx }
            | Entry::Aborted { tx }
            | Entry::Decided { tx, .. }
            | Entry::Told { tx } => *tx,
        }
    }
}

/// What is on the disk. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Whether the shop has been set up here.
    pub founded: bool,
    /// The rows at the last checkpoint.
    rows: OrdMap<RowId, (Version<Tx>, Option<Record>)>,
    /// What came after it.
    log: Vector<Entry>,
    /// How many entries there ever were.
    pub written: u64,
}

/// What a transaction wrote.
pub(super) type Writes = Vec<(RowId, Version<Tx>, Option<Record>)>;

/// A transaction that was promised and not decided: its writes, and who decides.
#[derive(Clone, Debug)]
pub struct Promised {
    /// Who decides.
    pub coordinator: NodeId,
    /// What it wrote.
    pub writes: Writes,
}

/// A transaction that counts by the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Which.
    pub tx: Tx,
    /// What it wrote.
    pub wrote: Vec<(RowId, Version<Tx>)>,
    /// The number of the entry that says so.
    pub entry: u64,
}

/// What a log comes to.
#[derive(Clone, Debug, Default)]
pub struct Recovered {
    /// The committed rows.
    pub rows: OrdMap<RowId, (Version<Tx>, Option<Record>)>,
    /// Promised and not decided.
    pub promised: BTreeMap<Tx, Promised>,
    /// Decided, and perhaps not known to all.
    pub decided: BTreeMap<Tx, Arc<[NodeId]>>,
    /// Committed, as far as the log reaches back.
    pub committed: Vec<Committed>,
    /// Neither committed nor promised: undone, with the number of rows they had written.
    pub undone: BTreeMap<Tx, usize>,
}

impl Disk {
    /// Sets up the shop as it is at the start.
    pub fn found(&mut self, rows: impl IntoIterator<Item = (RowId, Record)>) {
        self.rows = rows.into_iter().map(|(id, record)| (id, (Version::START, Some(record)))).collect();
        self.founded = true;
    }

    /// Writes an entry at the end of the log.
    pub fn log(&mut self, entry: Entry) {
        self.written += 1;
        self.log.push_back(entry);
        if self.log.len() >= CHECKPOINT {
            self.checkpoint();
        }
    }

    /// Folds what is over into the rows.
    fn checkpoint(&mut self) {
        let Recovered { rows, promised, decided, undone, .. } = self.recover();
        let is_open = |tx: Tx| promised.contains_key(&tx) || decided.contains_key(&tx) || undone.contains_key(&tx);
        // A decision that is not told yet stays, without what it wrote here: that is among the rows.
        let is_kept = |entry: &Entry| is_open(entry.tx()) && !(decided.contains_key(&entry.tx()) && matches!(entry, Entry::Wrote { .. }));
        self.log = self.log.iter().filter(|entry| is_kept(entry)).cloned().collect();
        self.rows = rows;
    }

    /// What the log comes to.
    pub fn recover(&self) -> Recovered {
        let mut recovered = Recovered { rows: self.rows.clone(), ..Recovered::default() };
        let mut open: BTreeMap<Tx, Writes> = BTreeMap::new();
        let mut promised: BTreeMap<Tx, NodeId> = BTreeMap::new();
        let before = self.written - self.log.len() as u64;
        for (number, entry) in (before + 1..).zip(&self.log) {
            match entry {
                Entry::Wrote { tx, id, version, value } => open.entry(*tx).or_default().push((id.clone(), *version, value.clone())),
                Entry::Promised { tx, coordinator } => _ = promised.insert(*tx, *coordinator),
                Entry::Committed { tx } | Entry::Decided { tx, .. } => {
                    let writes = open.remove(tx).unwrap_or_default();
                    let wrote = writes.iter().map(|(id, version, _)| (id.clone(), *version)).collect();
                    recovered.committed.push(Committed { tx: *tx, wrote, entry: number });
                    recovered.rows.extend(writes.into_iter().map(|(id, version, value)| (id, (version, value))));
                    promised.remove(tx);
                    if let Entry::Decided { others, .. } = entry {
                        recovered.decided.insert(*tx, others.clone());
                    }
                }
                Entry::Aborted { tx } => {
                    open.remove(tx);
                    promised.remove(tx);
                }
                Entry::Told { tx } => _ = recovered.decided.remove(tx),
            }
        }
        for (tx, coordinator) in promised {
            recovered.promised.insert(tx, Promised { coordinator, writes: open.remove(&tx).unwrap_or_default() });
        }
        recovered.undone = open.into_iter().map(|(tx, writes)| (tx, writes.len())).collect();
        recovered
    }
}

impl Recovered {
    /// The engine with these rows.
    pub fn engine(&self) -> Rows {
        let mut engine = Rows::default();
        for (id, (version, value)) in &self.rows {
            engine.put_start(id.clone(), *version, value.clone());
        }
        engine
    }
}
