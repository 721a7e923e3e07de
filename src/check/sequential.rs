//! Sequential consistency (Lamport 1979): is there one order of all operations that keeps each session's own order and that
//! a single copy could have gone through? Unlike linearizability it must be sought for all keys at once.

use std::collections::BTreeMap;

use super::blame::smallest;
use super::concat::Concat;
use super::ground::{Ground, Item};
use super::must::Must;
use super::operation::Operation;
use super::search::Search;
use super::unwritten;
use super::verdict::Guarantee;
use super::words::Words;
use super::{Names, Watch};

/// What the search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sequential {
    /// Operations by id in an order that explains everything; unknown ones that are not needed are left out.
    Yes(Vec<u32>),
    /// No such order.
    No {
        /// Operations that cannot all be right, in the order of their calls.
        witness: Vec<u32>,
        /// One sentence.
        why: String,
    },
    /// The budget ended first, after this many steps.
    Unknown(u64),
}

/// Searches for an order with at most `budget` steps.
pub fn sequential(ops: &[Operation], names: Names, budget: u64) -> Sequential {
    check(&Ground::new(ops), names, (budget, &|_, _, _| {}))
}

/// The same on a prepared history.
pub(crate) fn check(ground: &Ground, names: Names, (budget, watch): (u64, Watch)) -> Sequential {
    // Half of the budget at most is for what guides the search.
    let mut guide = budget / 2;
    let edges = match Must::new(ground).and_then(|must| must.edges(&mut guide)) {
        Some(Err(core)) => {
            let core: Vec<Item> = core.into_iter().map(|i| ground.items[i as usize]).collect();
            return told(core, ground, names);
        }
        Some(Ok(edges)) => edges,
        None => match unwritten::first_at_all(ground) {
            Some(read) => return told(vec![read], ground, names),
            None => Vec::new(),
        },
    };
    let mut search = search(ground.items.clone(), ground).guided(&edges);
    let mut left = budget - budget / 2 + guide;
    match watched(&mut search, &mut left, budget, watch) {
        Some(true) => Sequential::Yes(search.order().map(|i| ground.operation(i).id).collect()),
        Some(false) => no(ground, names),
        None => Sequential::Unknown(budget),
    }
}

/// Runs the search in slices, and tells how far it is before each.
fn watched(search: &mut Search, left: &mut u64, budget: u64, watch: Watch) -> Option<bool> {
    let slice = (budget / 100).max(1);
    loop {
        watch(Guarantee::SEQUENTIAL, budget - *left, budget);
        let mut part = slice.min(*left);
        *left -= part;
        let found = search.run(&mut part);
        *left += part;
        if found.is_some() || *left == 0 || part > 0 {
            return found;
        }
    }
}

/// A lane for each session.
fn search(items: Vec<Item>, ground: &Ground) -> Search {
    let mut lanes = BTreeMap::new();
    let mut lane_of = Vec::with_capacity(items.len());
    for item in &items {
        let next = lanes.len() as u32;
        lane_of.push(*lanes.entry(item.session).or_insert(next));
    }
    let concat = Concat::new(&items, &ground.values);
    Search::new(items, lane_of, ground.keys.len(), concat)
}

fn no(ground: &Ground, names: Names) -> Sequential {
    let core = smallest(ground.items.clone(), None, &|items, budget| search(items.to_vec(), ground).run(budget));
    told(core, ground, names)
}

/// The verdict on operations that cannot all be right.
fn told(mut core: Vec<Item>, ground: &Ground, names: Names) -> Sequential {
    core.sort_unstable_by_key(|i| i.start);
    Sequential::No { witness: ground.ids(&core), why: sentence(&core, Words { ground, names }) }
}

/// A sentence with more operations than this is no longer read.
const TOLD: usize = 6;

/// `c1 read 1, then read 2; c2 read 2, then read 1: no single order fits all`.
fn sentence(core: &[Item], words: Words) -> String {
    if core.len() > TOLD {
        return "no single order of all operations, each client's in its own order, explains what was read".into();
    }
    let mut told: BTreeMap<u32, String> = BTreeMap::new();
    for item in core {
        let so_far = told.entry(item.session).or_default();
        *so_far = if so_far.is_empty() { words.did(item) } else { format!("{so_far}, then {}", words.what(item)) };
    }
    let each: Vec<String> = told.into_values().collect();
    format!("{}: no single order fits", each.join("; "))
}
