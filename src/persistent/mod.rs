//! Collections whose copies share what they have in common: a copy costs nothing, and a change copies the few nodes on its way.
//!
//! Checkpoints, branches and disks are such copies. [`OrdMap`] and [`OrdSet`] are written for many kinds of entries: every kind of a
//! collection is compiled again, and there are hundreds of kinds here. [`keep`] does what the lists of `imbl` cannot be asked for.

mod few;
mod iter;
mod list;
mod map;
mod node;
mod set;
#[cfg(test)]
mod tests;

pub use few::Few;
pub use iter::Iter;
pub use list::keep;
pub use map::{Change, Entry, OrdMap};
pub use set::OrdSet;
