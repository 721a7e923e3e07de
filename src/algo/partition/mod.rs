//! Which node keeps which key: the rules of partitioning, pure, each with its preference list for copies.
//!
//! Nodes are numbers that stand for names: what a rule says hangs on the set of nodes and never on the order in which they came, unless
//! the rule itself counts them. A key has a *place*, 64 bits spread evenly ([`super::hash::place`]); key ranges go by the text.

pub mod bounded;
pub mod jump;
pub mod maglev;
pub mod ranges;
pub mod rendezvous;
pub mod ring;
pub mod salt;
pub mod table;
#[cfg(test)]
mod tests;

use super::hash::scatter;

/// A number that two numbers together stand for, spread evenly: the second under the name of the first.
pub(crate) const fn together(one: u64, other: u64) -> u64 {
    scatter(scatter(one.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ other)
}

/// The first of the places above `least` in a sorted list, by number; the list goes round.
fn next_round<T>(sorted: &[T], is_before: impl Fn(&T) -> bool) -> usize {
    let at = sorted.partition_point(is_before);
    if at == sorted.len() { 0 } else { at }
}
