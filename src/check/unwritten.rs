//! Reads of what nobody had written: a break that needs no search.

use std::collections::BTreeMap;

use super::ground::{Act, Ground, Item, START};
use super::sources::{Made, Source};

/// Of some operations of one key the first by return that saw what nothing called before that return can have made; it has no place in
/// any order in real time.
pub(crate) fn first_in_time(items: &[Item], ground: &Ground) -> Option<Item> {
    let mut called = BTreeMap::new();
    for item in items {
        if let Act::Write(made) | Act::Swap(_, made) = item.act {
            let earliest = called.entry(made).or_insert([(u64::MAX, 0); 2]);
            // The two earliest: a compare-and-set does not make what it saw itself.
            if (item.start, item.op) < earliest[0] {
                *earliest = [(item.start, item.op), earliest[0]];
            } else if (item.start, item.op) < earliest[1] {
                earliest[1] = (item.start, item.op);
            }
        }
    }
    if has_appends(items) {
        return impossible(items, ground);
    }
    let made_by_then = |item: &Item, value| {
        called.get(&value).is_some_and(|all: &[(u64, u32); 2]| all.iter().any(|(start, op)| *op != item.op && *start < item.end))
    };
    items.iter().filter(|i| saw(i).is_some_and(|value| !made_by_then(i, value))).min_by_key(|i| i.end).copied()
}

/// Of a whole history the first operation by return that saw what nothing in it can have made; it has no place in any order at all.
pub(crate) fn first_at_all(ground: &Ground) -> Option<Item> {
    let mut parts: BTreeMap<u32, Vec<Item>> = BTreeMap::new();
    for item in &ground.items {
        parts.entry(item.key).or_default().push(*item);
    }
    let of_key = |part: Vec<Item>| {
        if has_appends(&part) {
            return impossible(&part, ground);
        }
        let whenever: Vec<Item> = part.iter().map(|i| Item { start: 0, end: u64::MAX, ..*i }).collect();
        let found = first_in_time(&whenever, ground)?;
        part.into_iter().find(|i| i.op == found.op)
    };
    parts.into_values().filter_map(of_key).min_by_key(|i| i.end)
}

fn has_appends(items: &[Item]) -> bool {
    items.iter().any(|i| matches!(i.act, Act::Append(_)))
}

/// The value that an operation certainly saw, other than what was there at first.
fn saw(item: &Item) -> Option<u32> {
    match item.act {
        Act::Read(value) | Act::Swap(value, _) if item.sure && value != START => Some(value),
        _ => None,
    }
}

/// The first by return whose text cannot be cut into what was written.
fn impossible(items: &[Item], ground: &Ground) -> Option<Item> {
    let ops: BTreeMap<u32, u32> = (0..).zip(&ground.items).map(|(index, item)| (item.op, index)).collect();
    let writers: Vec<u32> = items.iter().filter(|i| i.act.writes()).map(|i| ops[&i.op]).collect();
    let made = Made::new(&writers, ground);
    items.iter().filter(|i| matches!(made.source(i, ground), Source::Impossible)).min_by_key(|i| i.end).copied()
}
