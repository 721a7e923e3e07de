//! What the two shops can be held to. Each guarantee is judged of both, and broken by either.

use crate::check::isolation::{Phenomenon, cycle, phenomena};
use crate::check::verdict::{Guarantee, GuaranteeDoc, Holds, Verdict, Verdicts};
use crate::cluster::live::Live;

use super::Stores;
use super::shop::Shop;
use super::watch::{Broken, Half};

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
    let Broken { atomic, sum, seen, dirty, duty, stock, copies, lost, twice } = &half.broken;
    let known = match guarantee {
        ATOMIC => atomic,
        SUM_KEPT => sum,
        SUM_SEEN => seen,
        NO_DIRTY_READS => dirty,
        ON_DUTY => duty,
        STOCK_KEPT => stock,
        COPIES_EQUAL => copies,
        ACKED_KEPT => lost,
        ONCE => twice,
        ONE_SNAPSHOT => return half.torn_read().map(|tx| format!("{tx} saw rows as they were at different moments")),
        NO_LOST_UPDATES => return lost_update(half),
        _ => return no_order(half),
    };
    known.clone()
}

fn lost_update(half: &Half) -> Option<String> {
    let found = phenomena(&half.history).into_iter().find(|found| found.what == Phenomenon::LostUpdate)?;
    Some(format!("{} overwrote what {} had written, and had not seen it", found.units[0], found.units[1]))
}

fn no_order(half: &Half) -> Option<String> {
    let units: Vec<String> = cycle(&half.history)?.iter().map(ToString::to_string).collect();
    let first = units.first().cloned().unwrap_or_default();
    Some(format!("each of these comes before the next: {}, {first}", units.join(", ")))
}

pub(super) fn judge(live: &Live<Stores>) -> Verdicts {
    let is_tested = Shop::ALL.iter().any(|shop| live.watched().half(*shop).counts.statements > 0);
    let verdict = |guarantee: Guarantee| {
        let why = Shop::ALL.iter().find_map(|shop| {
            let why = broken(guarantee, live.watched().half(*shop))?;
            Some(format!("In {}: {why}.", shop.name()))
        });
        let (holds, why) = match why {
            Some(why) => (Holds::No, why),
            None if is_tested => (Holds::Yes, String::new()),
            None => (Holds::Untested, "Nobody has asked yet.".to_string()),
        };
        Verdict { guarantee, holds, why, witness: Vec::new() }
    };
    GUARANTEES.into_iter().map(verdict).collect()
}
