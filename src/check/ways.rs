//! The states that a store may be in at one moment of [`super::frontier`], and which of them need no further look.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::ground::ValueId;

/// So many comparisons cost as much as a step of the search depth first.
pub(crate) const CHEAP: u64 = 8;

/// One state that the store may be in, and what is left to do.
#[derive(Clone)]
pub(crate) struct Way {
    pub(crate) value: ValueId,
    /// The open operations that are placed, a bit for each slot.
    pub(crate) done: u128,
    /// The open writes that are not placed and can be hidden, because something was written since their calls.
    pub(crate) hidden: u128,
    /// How many of each kind of unknown operations are placed.
    pub(crate) used: Rc<[u16]>,
    /// Whether a compare-and-set must come next: nothing else notices the unknown write placed last.
    pub(crate) bound: bool,
    /// The last step to here.
    pub(crate) step: u32,
}

/// The ways that were taken up, by what must be equal for one to be as good as another: the compare-and-sets placed, value, bound.
pub(crate) type Taken = BTreeMap<(u128, ValueId, bool), Vec<Way>>;

/// The open operations by what they do, a bit for each slot.
#[derive(Clone, Copy)]
pub(crate) struct Masks {
    /// Writes and appends.
    pub(crate) writes: u128,
    /// Those that change nothing.
    pub(crate) free: u128,
}

impl Way {
    /// Whether this can do all that the other can, which has placed the same compare-and-sets and is at the same value.
    fn is_as_good(&self, other: &Way, masks: Masks) -> bool {
        let placed = other.done & masks.free & !self.done == 0;
        let differ = (self.done ^ other.done) & masks.writes & !self.hidden;
        placed && differ == 0 && other.hidden & !self.hidden == 0 && self.used.iter().zip(&*other.used).all(|(a, b)| a <= b)
    }
}

/// How many unknown operations a way has placed.
pub(crate) fn weight(way: &Way) -> u32 {
    way.used.iter().map(|n| u32::from(*n)).sum()
}

/// The next way, the lightest first.
pub(crate) fn next(waiting: &mut BTreeMap<u32, Vec<Way>>) -> Option<Way> {
    let mut lightest = waiting.first_entry()?;
    let way = lightest.get_mut().pop();
    if lightest.get().is_empty() {
        lightest.remove();
    }
    way
}

/// Notes a way, unless another that is as good was noted. `None` when the budget does not pay for the comparisons.
pub(crate) fn is_new(way: &Way, masks: Masks, taken: &mut Taken, budget: &mut u64) -> Option<bool> {
    let swaps = way.done & !masks.writes & !masks.free;
    let known = taken.entry((swaps, way.value, way.bound)).or_default();
    *budget = budget.checked_sub(1 + known.len() as u64 / CHEAP)?;
    let better = known.iter().any(|other| other.is_as_good(way, masks));
    if !better {
        known.push(way.clone());
    }
    Some(!better)
}
