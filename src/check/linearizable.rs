//! Linearizability (Herlihy & Wing 1990): is there one order of all operations, each at a moment between its call and its
//! return, that a single copy could have gone through?
//!
//! A history is linearizable exactly when each key's part is (locality), so keys are searched apart, in turns with growing
//! budgets: a broken key is found even when others are expensive.

use super::Names;
use super::blame;
use super::concat::Concat;
use super::ground::{Ground, Item};
use super::operation::Operation;
use super::search::Search;
use super::words::Words;

/// What the search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linearizable {
    /// Operations by id in an order that explains everything; unknown ones that are not needed are left out.
    Yes(Vec<u32>),
    /// No such order.
    No(Fault),
    /// The budget ended first, after this many steps.
    Unknown(u64),
}

/// Why there is no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The operation that cannot be placed: the history up to its return has no order, any shorter part has one. (When keys need
    /// many steps, this is said of the keys decided so far.)
    pub blocked: u32,
    /// Operations that cannot all be right, the blocked one among them, in the order of their calls.
    pub witness: Vec<u32>,
    /// One sentence.
    pub why: String,
}

/// The first turn of each key, in steps; every further turn is four times as long.
const FIRST_TURN: u64 = 4096;

/// Searches for an order with at most `budget` steps in all.
pub fn linearizable(ops: &[Operation], names: Names, budget: u64) -> Linearizable {
    check(&Ground::new(ops), names, budget)
}

/// The same on a prepared history.
pub(crate) fn check(ground: &Ground, names: Names, budget: u64) -> Linearizable {
    let mut waiting = searches(ground);
    let mut points = Vec::with_capacity(ground.items.len());
    let (mut left, mut turn) = (budget, FIRST_TURN);
    while !waiting.is_empty() {
        let (mut unfinished, mut broken) = (Vec::new(), Vec::new());
        for mut search in waiting {
            match in_turn(&mut search, turn, &mut left) {
                Some(true) => points_of(&search, ground, &mut points),
                Some(false) => broken.push(search),
                None => unfinished.push(search),
            }
        }
        if let Some(first) = broken.into_iter().min_by_key(|s| s.blocked().map(|i| i.end)) {
            return Linearizable::No(fault(&first, Words { ground, names }));
        }
        if left == 0 && !unfinished.is_empty() {
            return Linearizable::Unknown(budget);
        }
        waiting = unfinished;
        turn *= 4;
    }
    points.sort_unstable();
    Linearizable::Yes(points.into_iter().map(|(.., id)| id).collect())
}

/// Lets a search go on for a turn, paid from what is left.
fn in_turn(search: &mut Search, turn: u64, left: &mut u64) -> Option<bool> {
    let mut slice = turn.min(*left);
    *left -= slice;
    let found = search.run(&mut slice);
    *left += slice;
    found
}

/// One search for each key.
fn searches(ground: &Ground) -> Vec<Search> {
    let mut parts: Vec<Vec<Item>> = vec![Vec::new(); ground.keys.len()];
    for item in &ground.items {
        parts[item.key as usize].push(Item { key: 0, ..*item });
    }
    parts.into_iter().map(|part| search(part, ground)).collect()
}

/// A search over operations of one key in real time.
pub(crate) fn search(part: Vec<Item>, ground: &Ground) -> Search {
    let concat = Concat::new(&part, &ground.values);
    let lanes = vec![0; part.len()];
    Search::new(part, lanes, 1, concat)
}

/// The order of one key as points in time, so that the orders of all keys merge: each operation happens as early as the
/// order lets it, which is before its return. Points of one moment stay in the order they were added. (point, rank, id)
fn points_of(search: &Search, ground: &Ground, points: &mut Vec<(u64, u32, u32)>) {
    let mut point = 0;
    for item in search.order() {
        point = point.max(item.start);
        points.push((point, points.len() as u32, ground.operation(item).id));
    }
}

fn fault(search: &Search, words: Words) -> Fault {
    blame::fault(search.items(), search.blocked().copied(), words)
}
