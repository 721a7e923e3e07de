//! Linearizability (Herlihy & Wing 1990): is there one order of all operations, each at a moment between its call and its
//! return, that a single copy could have gone through?
//!
//! A history is linearizable exactly when each key's part is (locality), so keys are judged apart. Where [`super::zones`] apply they
//! decide without a search. The others are searched in turns with growing budgets: a broken key is found even when others are
//! expensive. Each turn gives both searches a try: depth first, which is quick where orders abound, and side by side, which is not
//! led astray by operations of unknown outcome.

use super::blame;
use super::concat::Concat;
use super::frontier::Frontier;
use super::ground::{Ground, Item};
use super::operation::Operation;
use super::search::Search;
use super::unwritten;
use super::verdict::Guarantee;
use super::words::Words;
use super::zones::{self, Zones};
use super::{Names, Watch};

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
    /// many steps, this is said of the keys decided so far; and a read of what nobody had written is given before any such search.)
    pub blocked: u32,
    /// Operations that cannot all be right, the blocked one among them, in the order of their calls.
    pub witness: Vec<u32>,
    /// One sentence.
    pub why: String,
}

/// The first turn of each key, in steps; every further turn is four times as long.
const FIRST_TURN: u64 = 4096;

/// The steps for each operation that a depth-first search gets at least: enough to walk straight through where orders abound, which
/// needs no second search.
const STRAIGHT: u64 = 8;

/// Searches for an order with at most `budget` steps in all.
pub fn linearizable(ops: &[Operation], names: Names, budget: u64) -> Linearizable {
    check(&Ground::new(ops), names, budget)
}

/// The same on a prepared history.
fn check(ground: &Ground, names: Names, budget: u64) -> Linearizable {
    decide(ground, names, (budget, &|_, _, _| {}), Some(Vec::with_capacity(ground.items.len())))
}

/// The same where nobody asks for the order, which takes as much memory as it has operations: [`Linearizable::Yes`] has none.
pub(crate) fn verdict(ground: &Ground, names: Names, bounds: (u64, Watch)) -> Linearizable {
    decide(ground, names, bounds, None)
}

fn decide(ground: &Ground, names: Names, (budget, watch): (u64, Watch), mut points: Points) -> Linearizable {
    let (mut left, mut turn) = (budget, FIRST_TURN);
    let (mut waiting, mut broken) = (Vec::new(), Vec::new());
    for members in members(ground) {
        // One key at a time: what zones decide is not needed any more.
        let part: Vec<Item> = members.into_iter().map(|index| Item { key: 0, ..ground.items[index as usize] }).collect();
        match zones::judge(&part) {
            Some(Zones::Order(order)) => points_of(order.iter().map(|i| &part[*i as usize]), ground, &mut points),
            Some(Zones::Conflict(_)) => broken.push(zones::shortest(&part)),
            None => waiting.push(search(part, ground)),
        }
    }
    while !waiting.is_empty() || !broken.is_empty() {
        let mut unfinished = Vec::new();
        for mut search in waiting {
            watch(Guarantee::LINEARIZABLE, budget - left, budget);
            let straight = STRAIGHT * search.items().len() as u64;
            match in_turn(&mut search, ground, [turn.max(straight), turn], (&mut left, &mut points)) {
                Some(Decided::Order) => {}
                Some(Decided::Blocked(blocked)) => broken.push((search.items().to_vec(), blocked)),
                // What nobody had written is a break at once, though perhaps not the first of its key.
                None if turn == FIRST_TURN => match unwritten::first_in_time(search.items(), ground) {
                    Some(read) => broken.push((search.items().to_vec(), Some(read))),
                    None => unfinished.push(search),
                },
                None => unfinished.push(search),
            }
        }
        if let Some((first, blocked)) = std::mem::take(&mut broken).into_iter().min_by_key(|(_, blocked)| blocked.map(|i| i.end)) {
            return Linearizable::No(blame::fault(&first, blocked, Words { ground, names }));
        }
        if left == 0 && !unfinished.is_empty() {
            return Linearizable::Unknown(budget);
        }
        waiting = unfinished;
        turn *= 4;
    }
    let mut points = points.unwrap_or_default();
    points.sort_unstable();
    Linearizable::Yes(points.into_iter().map(|(.., id)| id).collect())
}

/// What a search came to.
enum Decided {
    /// There is one, and its points were added.
    Order,
    /// There is no order; the return at which it ended.
    Blocked(Option<Item>),
}

/// Gives both searches their turns, paid from what is left: depth first goes on where it was, side by side starts anew.
fn in_turn(search: &mut Search, ground: &Ground, turns: [u64; 2], (left, points): (&mut u64, &mut Points)) -> Option<Decided> {
    let [deep, wide] = turns;
    if let Some(found) = paid(deep, left, |slice| search.run(slice)) {
        if !found {
            return Some(Decided::Blocked(search.blocked().copied()));
        }
        points_of(search.order(), ground, points);
        return Some(Decided::Order);
    }
    let mut frontier = frontier(search.items().to_vec(), ground);
    if !paid(wide, left, |slice| frontier.run(slice))? {
        return Some(Decided::Blocked(frontier.blocked().copied()));
    }
    points_of(&frontier.order(), ground, points);
    Some(Decided::Order)
}

/// Runs a search for at most a turn, and takes from what is left only what it used.
fn paid(turn: u64, left: &mut u64, run: impl FnOnce(&mut u64) -> Option<bool>) -> Option<bool> {
    let mut slice = turn.min(*left);
    *left -= slice;
    let found = run(&mut slice);
    *left += slice;
    found
}

/// Whether some operations of one key have an order, as far as `budget` goes for each of the two searches.
pub(crate) fn has_order(items: &[Item], ground: &Ground, budget: &mut u64) -> Option<bool> {
    let mut search = search(items.to_vec(), ground);
    let half = *budget / 2;
    let decided = in_turn(&mut search, ground, [half, half], (budget, &mut None));
    decided.map(|decided| matches!(decided, Decided::Order))
}

/// The operations of each key, by their numbers.
fn members(ground: &Ground) -> Vec<Vec<u32>> {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); ground.keys.len()];
    for (index, item) in (0..).zip(&ground.items) {
        members[item.key as usize].push(index);
    }
    members
}

/// A search over operations of one key in real time, depth first.
fn search(part: Vec<Item>, ground: &Ground) -> Search {
    let concat = Concat::new(&part, &ground.values);
    let lanes = vec![0; part.len()];
    Search::new(part, lanes, 1, concat)
}

/// The same side by side.
fn frontier(part: Vec<Item>, ground: &Ground) -> Frontier {
    let concat = Concat::new(&part, &ground.values);
    Frontier::new(part, concat)
}

/// When an operation happened, its rank among those of that moment, and its id.
type Point = (u64, u32, u32);

/// The points so far; `None` where nobody asks for them.
type Points = Option<Vec<Point>>;

/// The order of one key as points in time, so that the orders of all keys merge: each operation happens as early as the
/// order lets it, which is before its return. Points of one moment stay in the order they were added.
fn points_of<'i>(order: impl IntoIterator<Item = &'i Item>, ground: &Ground, points: &mut Points) {
    let Some(points) = points else { return };
    let mut point = 0;
    for item in order {
        point = point.max(item.start);
        points.push((point, points.len() as u32, ground.operation(item).id));
    }
}
