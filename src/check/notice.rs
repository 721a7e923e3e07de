//! When an operation of unknown outcome is worth trying.
//!
//! Among the orders that explain a history, look at those with the fewest operations of unknown outcome, and of these at one that has
//! them as late as can be. In such an order
//! - each of them changes its key's value, and stands directly before something that notices it: left out or put off it would do
//!   as well otherwise, since it never ends and holds up nobody. If only a compare-and-set notices it, that comes next;
//! - none does what another could do at its place, which is certain and comes later, or is an unknown compare-and-set where this is a
//!   write: the two could change places. They could because the one put off fits there as well: a write fits anywhere, and a
//!   compare-and-set fits where one that expects the same did;
//! - of two in one session or, in real time, of any two that do the same, the one called first comes first.
//!
//! So nothing is lost when a search tries no others.

use super::ground::{Act, ValueId};

/// Who would notice a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Notice {
    /// Nobody.
    Nobody,
    /// Only operations that change what they saw.
    Swaps,
    /// Something that is placed at once, or an append, to which everything matters.
    Anybody,
}

impl Notice {
    /// Whether an act would notice that the value has become `new`.
    pub(crate) fn of(act: Act, new: ValueId) -> Notice {
        match act {
            Act::Swap(seen, made) if seen == new && made != new => Notice::Swaps,
            Act::Read(seen) | Act::Swap(seen, _) if seen == new => Notice::Anybody,
            Act::Keep(other) if other != new => Notice::Anybody,
            Act::Append(_) => Notice::Anybody,
            _ => Notice::Nobody,
        }
    }
}

impl Act {
    /// Whether this should change `old` to `new` rather than an `unknown` act that would do so too.
    pub(crate) fn rather_than(self, unknown: Act, sure: bool, old: ValueId, new: ValueId) -> bool {
        match self {
            Act::Swap(from, to) => (from, to) == (old, new) && (sure || matches!(unknown, Act::Write(_))),
            Act::Write(to) => to == new && sure && matches!(unknown, Act::Write(_)),
            _ => false,
        }
    }
}
