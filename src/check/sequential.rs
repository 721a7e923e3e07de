//! Sequential consistency (Lamport 1979): is there one order of all operations that keeps each session's own order and that
//! a single copy could have gone through? Unlike linearizability it must be sought for all keys at once.

use std::collections::BTreeMap;

use super::concat::Concat;
use super::ground::Ground;
use super::operation::Operation;
use super::search::Search;

/// What the search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sequential {
    /// Operations by id in an order that explains everything; unknown ones that are not needed are left out.
    Yes(Vec<u32>),
    /// No such order.
    No,
    /// The budget ended first, after this many steps.
    Unknown(u64),
}

/// Searches for an order with at most `budget` steps.
pub fn sequential(ops: &[Operation], budget: u64) -> Sequential {
    check(&Ground::new(ops), budget)
}

/// The same on a prepared history.
pub(crate) fn check(ground: &Ground, budget: u64) -> Sequential {
    let mut search = lanes_of_sessions(ground);
    let mut left = budget;
    match search.run(&mut left) {
        Some(true) => Sequential::Yes(search.order().map(|i| ground.operation(i).id).collect()),
        Some(false) => Sequential::No,
        None => Sequential::Unknown(budget),
    }
}

fn lanes_of_sessions(ground: &Ground) -> Search {
    let mut lanes = BTreeMap::new();
    let mut lane_of = Vec::with_capacity(ground.items.len());
    for item in &ground.items {
        let next = lanes.len() as u32;
        lane_of.push(*lanes.entry(item.session).or_insert(next));
    }
    let concat = Concat::new(&ground.items, &ground.values);
    Search::new(ground.items.clone(), lane_of, ground.keys.len(), concat)
}
