//! What has happened that could have broken a promise: one that nothing has tested is neither kept nor broken.

use std::sync::Arc;

use crate::algo::mvcc::{Version, Why};
use crate::check::isolation::{Reach, Read};
use crate::sim::id::NodeId;

use super::message::{Failed, Op, Tx};
use super::shop::RowId;
use super::unit::{Place, Unit};
use super::watch::Half;

/// Of each promise, whether it was tested in a shop.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each promise")]
pub struct Tested {
    /// An ask was cut short with a part of it done.
    pub cut: bool,
    /// The same for a transfer, or two of them met.
    pub sum: bool,
    /// An audit ended beside which a balance was changed.
    pub seen: bool,
    /// A row was read that somebody had changed and not committed.
    pub dirty: bool,
    /// Somebody read several times while another ask changed what it read.
    pub snapshot: bool,
    /// Two asks that change the same row met.
    pub overwritten: bool,
    /// An ask met another one that changed what it looked at.
    pub order: bool,
    /// A clerk tried to leave.
    pub duty: bool,
    /// An order was refused, or met another one.
    pub stock: bool,
    /// A title was changed.
    pub copies: bool,
    /// A server was started again after an answer.
    pub acked: bool,
    /// An ask was tried again.
    pub once: bool,
}

impl Half {
    /// A server runs a statement: whom of those under way it meets.
    pub(super) fn test_statement(
        &mut self,
        server: NodeId,
        tx: Tx,
        [reads, locked]: [&Vec<Read<Place, Tx>>; 2],
        wrote: &[(RowId, Version<Tx>)],
    ) {
        let wrote: Vec<Place> = wrote.iter().map(|(row, _)| (server, row.clone())).collect();
        let looks = || reads.iter().chain(locked).map(|read| &read.reach);
        let is_open = |(other, unit): &(&Tx, &Arc<Unit>)| **other != tx && unit.is_under_way();
        let (mut changed_mine, mut changed_theirs) = (Vec::new(), Vec::new());
        let mut is_dirty = false;
        for (other, unit) in self.units.iter().filter(is_open) {
            is_dirty |= reads.iter().any(|read| unit.has_open(&read.reach));
            if looks().any(|reach: &Reach<Place>| unit.has_changed(reach)) {
                changed_mine.push(*other);
            }
            if wrote.iter().any(|place| unit.has_looked_at(place)) {
                changed_theirs.push(*other);
            }
        }
        self.tested.dirty |= is_dirty;
        for other in changed_mine {
            self.test_meeting(tx, other);
        }
        for other in changed_theirs {
            self.test_meeting(other, tx);
        }
    }

    /// A try meets one that has changed, or is about to change, what it looks at.
    fn test_meeting(&mut self, tx: Tx, changer: Tx) {
        self.tested.order = true;
        let Some(theirs) = self.units.get(&changer).map(|unit| unit.op.clone()) else { return };
        let Some(unit) = self.units.get_mut(&tx).map(Arc::make_mut) else { return };
        unit.met_change = true;
        self.tested.overwritten |= unit.op.changes() && theirs.changes();
        match (&unit.op, &theirs) {
            (Op::Transfer { .. }, Op::Transfer { .. }) => self.tested.sum = true,
            (Op::Order { item, .. }, Op::Order { item: other, .. }) => self.tested.stock |= item == other,
            _ => {}
        }
    }

    /// A try waits for another.
    pub(super) fn test_wait(&mut self, tx: Tx, holder: Tx) {
        self.test_meeting(tx, holder);
        self.test_meeting(holder, tx);
    }

    /// A server has ended a transaction. The engine does so where it would have broken a promise.
    pub(super) fn test_abort(&mut self, tx: Tx, why: Option<Failed>) {
        if let Some(Failed::Aborted(why)) = why {
            self.tested.order = true;
            self.tested.overwritten |= why != Why::NoOrder;
        }
        if self.units.get(&tx.unit()).is_some_and(|unit| unit.has_written()) {
            self.test_cut(tx.unit());
        }
    }

    /// A try that has done a part, or may have, does not go on.
    pub(super) fn test_cut(&mut self, tx: Tx) {
        self.tested.cut = true;
        self.tested.sum |= self.units.get(&tx).is_some_and(|unit| matches!(unit.op, Op::Transfer { .. }));
    }

    /// The application is through with a try, or is dead.
    pub(super) fn test_end(&mut self, tx: Tx, good: bool) {
        let Some(unit) = self.units.get(&tx) else { return };
        match unit.op {
            Op::Audit { .. } => self.tested.seen |= good && unit.met_change,
            Op::Leave { .. } => self.tested.duty |= unit.statements > 0,
            Op::Order { .. } => self.tested.stock |= !good && unit.statements > 0,
            _ => {}
        }
        self.tested.snapshot |= good && unit.met_change && unit.statements > 1;
        if !good && unit.has_written() {
            self.test_cut(tx);
        }
    }
}
