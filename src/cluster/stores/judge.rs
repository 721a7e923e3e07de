//! What the two shops can be held to. Each guarantee is judged of both, and broken by either.

use crate::check::verdict::{Guarantee, GuaranteeDoc, Verdict, Verdicts};
use crate::cluster::live::Live;

use super::Stores;
use super::shop::Shop;
use super::tested::Tested;
use super::watch::Half;

macro_rules! guarantee {
    ($name:ident, $id:literal, $about:literal) => {
        const $name: Guarantee = Guarantee::new(&GuaranteeDoc { id: $id, about: $about, of_state: true });
    };
}

guarantee!(ATOMIC, "atomic", "Of what an ask has to do, all is done in the end, or nothing.");
guarantee!(SUM_KEPT, "sum_kept", "Whenever nothing is under way, the sum of all balances is what it was at the start.");
guarantee!(SUM_SEEN, "sum_seen", "Every audit sees the sum that there was at the start.");
guarantee!(NO_DIRTY_READS, "no_dirty_reads", "Nobody reads what is not committed.");
guarantee!(ONE_SNAPSHOT, "one_snapshot", "All that an ask reads, it reads as it was at one moment.");
guarantee!(NO_LOST_UPDATES, "no_lost_updates", "No ask overwrites a change that it has not seen.");
guarantee!(SERIALIZABLE, "serializable", "All asks together come to what they would one after the other, in some order.");
guarantee!(ON_DUTY, "someone_on_duty", "At least one clerk is on duty.");
guarantee!(STOCK_KEPT, "stock_kept", "No more is sold of an item than there was.");
guarantee!(COPIES_EQUAL, "copies_equal", "Whenever nothing is under way, every copy of a title is that of the item.");
guarantee!(ACKED_KEPT, "acked_kept", "What an ask was told to be done stays done.");
guarantee!(ONCE, "once", "No ask takes effect twice.");

/// Every guarantee, in the order of the screen.
pub(super) const GUARANTEES: [Guarantee; 12] = [
    ATOMIC,
    SUM_KEPT,
    SUM_SEEN,
    NO_DIRTY_READS,
    ONE_SNAPSHOT,
    NO_LOST_UPDATES,
    SERIALIZABLE,
    ON_DUTY,
    STOCK_KEPT,
    COPIES_EQUAL,
    ACKED_KEPT,
    ONCE,
];

/// What breaks a guarantee in one shop.
fn broken(guarantee: Guarantee, half: &Half) -> Option<String> {
    let broken = &half.broken;
    match guarantee {
        ATOMIC => broken.atomic.clone(),
        SUM_KEPT => broken.sum.clone(),
        SUM_SEEN => broken.seen.clone(),
        NO_DIRTY_READS => broken.dirty.clone(),
        ON_DUTY => broken.duty.clone(),
        STOCK_KEPT => broken.stock.clone(),
        COPIES_EQUAL => broken.copies.clone(),
        ACKED_KEPT => broken.lost.clone(),
        ONCE => broken.twice.clone(),
        ONE_SNAPSHOT => half.torn(),
        NO_LOST_UPDATES => half.overwritten(),
        _ => half.no_order(),
    }
}

/// Whether anything has happened in a shop that could have broken a guarantee, and what is said where nothing has.
fn tested(guarantee: Guarantee, tested: &Tested) -> (bool, &'static str) {
    match guarantee {
        ATOMIC => (tested.cut, "No ask was cut short with a part of it done."),
        SUM_KEPT => (tested.sum, "No transfer was cut short, or met another one."),
        SUM_SEEN => (tested.seen, "No audit ended beside which a balance was changed."),
        NO_DIRTY_READS => (tested.dirty, "Nobody has read a row that another ask had changed and not committed."),
        ON_DUTY => (tested.duty, "No clerk has tried to leave."),
        STOCK_KEPT => (tested.stock, "No order was refused, or met another one for the same item."),
        COPIES_EQUAL => (tested.copies, "No title was changed."),
        ACKED_KEPT => (tested.acked, "No server was started again after it had carried out what somebody was told."),
        ONCE => (tested.once, "No ask was tried a second time."),
        ONE_SNAPSHOT => (tested.snapshot, "Nobody has read several times while another ask changed what it read."),
        NO_LOST_UPDATES => (tested.overwritten, "No two asks that change the same row met."),
        _ => (tested.order, "No ask has met another one that changed what it read or changed."),
    }
}

pub(super) fn judge(live: &Live<Stores>) -> Verdicts {
    let verdict = |guarantee: Guarantee| {
        let halves = || Shop::ALL.iter().map(|shop| (shop, live.watched().half(*shop)));
        let why = halves().find_map(|(shop, half)| Some(format!("In {}: {}.", shop.name(), broken(guarantee, half)?)));
        let is_tested = halves().any(|(_, half)| tested(guarantee, &half.tested).0);
        Verdict::of_run(guarantee, why.as_ref(), is_tested, tested(guarantee, &Tested::default()).1)
    };
    GUARANTEES.into_iter().map(verdict).collect()
}
