//! What servers say of the tries: what they ran, committed, undid, and lost.

use std::sync::Arc;

use crate::algo::mvcc::{Version, Why};
use crate::check::isolation::Read;
use crate::persistent::keep;
use crate::sim::id::NodeId;

use super::disk::Committed;
use super::message::{Failed, Op, Tx};
use super::note::Note;
use super::shop::RowId;
use super::unit::{Place, at, by_unit};
use super::watch::Half;

type Reads = Vec<Read<Place, Tx>>;

impl Half {
    pub(super) fn server_notes(&mut self, server: NodeId, note: &Note) {
        self.is_news |= !matches!(note, Note::Ran { .. } | Note::Waits { .. });
        match note {
            Note::Ran { tx, reads, locked, wrote } => {
                let place = |reads: &Vec<_>| reads.iter().map(|read| at(server, read)).collect::<Vec<_>>();
                self.ran(server, *tx, (place(reads), place(locked)), wrote);
            }
            Note::Installed { tx, wrote, at } => self.installed(server, *tx, wrote, *at),
            Note::Dropped { tx, why, .. } => {
                self.count_abort(*why);
                self.test_abort(*tx, *why);
                self.drops(server, *tx);
            }
            Note::Decided { tx, commit: true } => {
                self.ticks += 1;
                self.decided.insert(*tx, self.ticks);
            }
            Note::Waits { tx, holder } => {
                self.counts.waits += 1;
                self.test_wait(tx.unit(), holder.unit());
            }
            Note::InDoubt { .. } | Note::GaveUp { .. } => self.tested.cut = true,
            Note::Recovered { at, promised, committed, .. } => {
                // The process ended between the entry in its log and the word of it.
                for Committed { tx, wrote, entry } in committed {
                    if self.units.get(&tx.unit()).is_some_and(|unit| unit.is_pending(server, *tx)) {
                        self.installed(server, *tx, wrote, *entry);
                    }
                }
                self.recovered(server, *at, promised);
            }
            _ => {}
        }
    }

    fn count_abort(&mut self, why: Option<Failed>) {
        let Some(why) = why else { return };
        self.counts.aborts += 1;
        self.counts.changed += usize::from(matches!(why, Failed::Aborted(Why::Changed | Why::Conflict)));
        self.counts.deadlocks += usize::from(why == Failed::Aborted(Why::Deadlock));
        self.counts.no_order += usize::from(why == Failed::Aborted(Why::NoOrder));
    }

    fn ran(&mut self, server: NodeId, tx: Tx, (reads, locked): (Reads, Reads), wrote: &[(RowId, Version<Tx>)]) {
        self.test_statement(server, tx.unit(), [&reads, &locked], wrote);
        for (place, version) in reads.iter().flat_map(|read| &read.seen) {
            // Who is forgotten is over: what can be read of it is committed.
            let is_known = version.writer.is_some_and(|writer| self.units.contains_key(&writer));
            if is_known && version.writer != Some(tx.unit()) && !self.history.is_installed(place, *version) {
                self.counts.dirty += 1;
                if self.broken.dirty.is_none() {
                    let writer = version.writer.map_or_else(String::new, |writer| writer.to_string());
                    self.broken.dirty = Some(format!("{} read {} of {writer}, which was not committed", tx.unit(), place.1));
                }
            }
        }
        let Some(unit) = self.units.get_mut(&tx.unit()).map(Arc::make_mut) else { return };
        unit.wrote(server, tx, wrote.iter().map(|(row, _)| row.clone()));
        unit.looks_at(reads.iter().chain(&locked).map(|read| read.reach.clone()));
        unit.reads.extend(reads.iter().cloned());
        if unit.told || !unit.transaction {
            unit.told = true;
            reads.into_iter().chain(locked).for_each(|read| self.history.read(tx.unit(), read));
        } else {
            unit.locked.extend(locked);
        }
    }

    fn installed(&mut self, server: NodeId, tx: Tx, wrote: &[(RowId, Version<Tx>)], at: u64) {
        if wrote.is_empty() {
            return;
        }
        self.ticks += 1;
        for (id, version) in wrote {
            let (place, version) = ((server, id.clone()), by_unit(*version));
            let birth = self.decided.get(&tx).copied().unwrap_or(self.ticks);
            self.births.insert((place.clone(), version), birth);
            self.history.install(place, version);
        }
        // Another shard may have thrown its part away before.
        self.history.units.get_mut(&tx.unit()).into_iter().for_each(|unit| unit.aborted = false);
        self.counts.commits += 1;
        let Some(unit) = self.units.get_mut(&tx.unit()).map(Arc::make_mut) else { return };
        let is_first = unit.installed.is_empty();
        unit.installs(server, tx, wrote, at);
        let (request, is_rename) = (unit.request, matches!(unit.op, Op::Rename { .. }));
        self.tested.copies |= is_rename;
        if !unit.told {
            self.tell(tx.unit());
        }
        if is_first {
            let effects = self.effects.get(request.0).unwrap_or(0) + 1;
            self.effects.insert(request.0, effects);
            if effects == 2 {
                self.counts.twice += 1;
                self.broken.twice.get_or_insert_with(|| format!("{} did again what an earlier try had done", tx.unit()));
            }
        }
    }

    /// What a try wrote at a server comes to nothing.
    fn drops(&mut self, server: NodeId, tx: Tx) {
        let Some(unit) = self.units.get_mut(&tx.unit()).map(Arc::make_mut) else { return };
        let before = unit.dropped;
        unit.drops(server, tx);
        if unit.dropped == before {
            return;
        }
        let is_promised = unit.is_promised();
        self.undone(tx.unit());
        if is_promised {
            self.lose(tx.unit(), "a part of it");
        }
    }

    /// Who has read what a try wrote before it was undone, has read what never was.
    fn undone(&mut self, tx: Tx) {
        if self.units.get(&tx).is_some_and(|unit| unit.installed.is_empty()) {
            self.history.abort(tx);
        }
    }

    /// What a user was told to be done is not, or not any more.
    pub(super) fn lose(&mut self, tx: Tx, what: &str) {
        if let Some(unit) = self.units.get_mut(&tx).map(Arc::make_mut)
            && !std::mem::replace(&mut unit.is_lost, true)
        {
            self.count_lost(tx, what);
        }
    }

    fn count_lost(&mut self, tx: Tx, what: &str) {
        self.counts.lost += 1;
        self.broken.lost.get_or_insert_with(|| format!("{tx} was told that it is done, and {what} is lost"));
    }

    fn recovered(&mut self, server: NodeId, at: u64, promised: &[Tx]) {
        self.remember_anomalies();
        let units: Vec<Tx> = self.units.keys().copied().collect();
        for tx in units {
            self.recovered_unit(server, at, promised, tx);
        }
        let touches = |(_, wrote): &(&Tx, &Arc<[(Place, u64)]>)| wrote.iter().any(|((node, _), _)| *node == server);
        self.tested.acked |= self.settled.iter().any(|one| touches(&one));
        let is_gone = |((node, _), entry): &&(Place, u64)| *node == server && *entry > at;
        let gone: Vec<(Tx, RowId)> =
            self.settled.iter().filter_map(|(tx, wrote)| Some((*tx, wrote.iter().find(is_gone)?.0.1.clone()))).collect();
        for (tx, row) in gone {
            self.settled.remove(&tx);
            self.count_lost(tx, &row.to_string());
        }
    }

    fn recovered_unit(&mut self, server: NodeId, at: u64, promised: &[Tx], tx: Tx) {
        let Some(unit) = self.units.get_mut(&tx).map(Arc::make_mut) else { return };
        let (dropped, is_promised) = (unit.dropped, unit.is_promised());
        self.tested.acked |= is_promised && unit.installed.iter().any(|((node, _), ..)| *node == server);
        let lost = unit.recovers(server, at, promised);
        if unit.dropped == dropped {
            return;
        }
        let what = lost.first().map_or_else(|| "a part of it".to_string(), |((_, row), _)| row.to_string());
        self.test_cut(tx);
        for (place, version) in &lost {
            if let Some(order) = self.history.orders.get_mut(place) {
                keep(order, |known| *known != by_unit(*version));
            }
        }
        // What counted and is lost had been: who has read it, has read what was.
        if lost.is_empty() {
            self.undone(tx);
        }
        if is_promised {
            self.lose(tx, &what);
        }
    }
}
