//! The operations that what happened points into.

use crate::check::verdict::{Guarantee, Holds, Verdict};
use crate::cluster::tell::Names;
use crate::cluster::told::{Exchange, Newest, Outcome, Told};

/// What is said of an ok that the system did not keep.
pub const THEN_LOST: &str = "ok, then lost";

/// The same where there is little room.
pub const OK_LOST: &str = "ok, lost";

/// The newest client operations, by their index among all of them.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    newest: Newest,
    names: Names,
    /// Those that were told ok and lost afterwards, by index, in order.
    lost: Vec<usize>,
    /// Those that show that a guarantee is broken, by index, in order.
    witness: Vec<usize>,
}

impl Operations {
    /// These, of which the first has this index.
    pub fn new((first, list): (usize, Vec<Exchange>)) -> Operations {
        Operations { newest: Newest { first, list: list.into() }, names: Names::default(), lost: Vec::new(), witness: Vec::new() }
    }

    /// Takes in what further lines of the history tell, and keeps at most so many operations.
    pub fn hear(&mut self, told: Vec<Told>, most: usize) {
        for told in told {
            self.newest.hear(told);
        }
        self.newest.keep(most);
    }

    /// Calls the nodes so.
    pub fn call(&mut self, names: Names) {
        self.names = names;
    }

    /// Marks those that were told ok and lost afterwards, and those that show what is broken, as the verdicts say: the id of an operation is
    /// its index.
    pub fn judge(&mut self, verdicts: &[Verdict]) {
        let broken = || verdicts.iter().filter(|verdict| verdict.holds == Holds::No);
        self.lost = witnesses(broken().filter(|verdict| verdict.guarantee == Guarantee::DURABLE));
        self.witness = witnesses(broken());
    }

    /// Whether it is one of those that show that a guarantee is broken.
    pub fn is_witness(&self, index: usize) -> bool {
        self.witness.binary_search(&index).is_ok()
    }

    /// Whether it was told ok, and what it wrote was lost afterwards.
    pub fn is_lost(&self, index: usize) -> bool {
        let is_ok = || self.get(index).is_some_and(|operation| matches!(operation.outcome, Outcome::Ok(_)));
        self.lost.binary_search(&index).is_ok() && is_ok()
    }

    /// What nodes are called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The operation with this index; `None` where it is too old, or not called yet.
    pub fn get(&self, index: usize) -> Option<&Exchange> {
        self.newest.get(index)
    }

    /// Whether it was called too long ago to be among these.
    pub fn is_past(&self, index: usize) -> bool {
        index < self.newest.first
    }

    /// From the oldest to the newest.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.newest.list.iter()
    }

    /// The newest.
    pub fn last(&self) -> Option<&Exchange> {
        self.newest.list.back()
    }
}

/// The operations that show what is broken, by index, in order.
fn witnesses<'v>(broken: impl Iterator<Item = &'v Verdict>) -> Vec<usize> {
    let mut all: Vec<usize> = broken.flat_map(|verdict| &verdict.witness).map(|id| *id as usize).collect();
    all.sort_unstable();
    all.dedup();
    all
}

impl From<Vec<Exchange>> for Operations {
    /// All that there are.
    fn from(list: Vec<Exchange>) -> Operations {
        Operations::new((0, list))
    }
}
