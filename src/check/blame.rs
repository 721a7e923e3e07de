//! Why a key's operations have no order: a smallest set that cannot all be right, and a sentence about it.

use std::collections::BTreeSet;

use super::ground::{Act, Item, NEVER};
use super::linearizable::{Fault, has_order};
use super::unwritten;
use super::words::Words;

/// Steps for one try to do without some operations, and for all of them.
const TRY: u64 = 5_000;
const ALL_TRIES: u64 = 100_000;

/// Explains why `items`, all of one key, have no order in real time, given the operation at whose return the search ended.
pub(crate) fn fault(items: &[Item], blocked: Option<Item>, words: Words) -> Fault {
    let Some(blocked) = blocked.or_else(|| items.first().copied()) else {
        return Fault { blocked: 0, witness: Vec::new(), why: String::new() };
    };
    let ground = words.ground;
    let is_unwritten = unwritten::first_in_time(items, ground).is_some_and(|read| read.op == blocked.op);
    let search: Ask = &|items, budget| has_order(items, ground, budget);
    let core = if is_unwritten { vec![blocked] } else { smallest(prefix(items, &blocked), Some(blocked.op), search) };
    let telling = Telling { words, core: &core, items, blocked: &blocked };
    let why = telling.sentence();
    Fault { blocked: ground.operation(&blocked).id, witness: ground.ids(&core), why }
}

/// What had been called when `last` returned; what had not returned by then is only perhaps.
pub(crate) fn prefix(items: &[Item], last: &Item) -> Vec<Item> {
    items.iter().filter(|i| i.start < last.end).filter_map(|i| if i.end <= last.end { Some(*i) } else { perhaps(i) }).collect()
}

/// The operation without its promise: a read says nothing any more, a write may have happened or not.
fn perhaps(item: &Item) -> Option<Item> {
    item.act.writes().then_some(Item { sure: false, end: NEVER, ..*item })
}

/// A question to a search: whether there is an order, as far as the budget goes.
pub(crate) type Ask<'a> = &'a dyn Fn(&[Item], &mut u64) -> Option<bool>;

/// The operations that must have happened for the contradiction: ever smaller parts are turned into perhaps as long as
/// there is still no order. `keep` is never tried.
pub(crate) fn smallest(items: Vec<Item>, keep: Option<u32>, search: Ask) -> Vec<Item> {
    let mut kept = items;
    kept.sort_unstable_by_key(|i| i.start);
    let mut left = ALL_TRIES;
    let mut size = kept.len();
    while size > 0 {
        let sure: Vec<u32> = kept.iter().filter(|i| i.sure && Some(i.op) != keep).map(|i| i.op).collect();
        for part in sure.chunks(size) {
            if let Some(fewer) = without(&kept, part, search, &mut left) {
                kept = fewer;
            }
        }
        size /= 2;
    }
    kept.retain(|i| i.sure);
    kept
}

/// The items with some turned into perhaps, if there is still certainly no order.
fn without(items: &[Item], part: &[u32], search: Ask, left: &mut u64) -> Option<Vec<Item>> {
    // Building a search costs as well: a step for each operation.
    let price = items.len() as u64;
    if *left < price {
        return None;
    }
    *left -= price;
    let part: BTreeSet<u32> = part.iter().copied().collect();
    let weaker = |item: &Item| if part.contains(&item.op) { perhaps(item) } else { Some(*item) };
    let fewer = useful(items.iter().filter_map(weaker).collect());
    let mut budget = TRY.min(*left);
    *left -= budget;
    let found = search(&fewer, &mut budget);
    *left += budget;
    (found == Some(false)).then_some(fewer)
}

/// Leaves out what perhaps happened and nobody could have noticed.
fn useful(items: Vec<Item>) -> Vec<Item> {
    if items.iter().any(|i| matches!(i.act, Act::Keep(_) | Act::Append(_))) {
        return items;
    }
    let mut seen: BTreeSet<_> = items.iter().filter(|i| i.sure).filter_map(looks_for).collect();
    loop {
        let through = items.iter().filter(|i| makes(i).is_some_and(|v| seen.contains(&v))).filter_map(looks_for);
        let more: Vec<_> = through.filter(|v| !seen.contains(v)).collect();
        if more.is_empty() {
            break;
        }
        seen.extend(more);
    }
    items.into_iter().filter(|i| i.sure || makes(i).is_some_and(|v| seen.contains(&v))).collect()
}

fn looks_for(item: &Item) -> Option<u32> {
    match item.act {
        Act::Read(v) | Act::Swap(v, _) => Some(v),
        _ => None,
    }
}

fn makes(item: &Item) -> Option<u32> {
    match item.act {
        Act::Write(v) | Act::Swap(_, v) => Some(v),
        _ => None,
    }
}

/// All that the sentence is made of.
struct Telling<'a> {
    words: Words<'a>,
    core: &'a [Item],
    items: &'a [Item],
    blocked: &'a Item,
}

impl Telling<'_> {
    /// One sentence in a learner's words.
    fn sentence(&self) -> String {
        let did = self.words.did(self.blocked);
        if let Some(reason) = self.never_there() {
            return format!("{did}, {reason}");
        }
        match self.latest_before() {
            Some(item) => format!("{did} after {}", self.words.had(item)),
            None => format!("{did}, which fits no order of the operations around it"),
        }
    }

    /// Why the value that the blocked operation saw could not be there at all.
    fn never_there(&self) -> Option<&'static str> {
        let value = looks_for(self.blocked).filter(|v| *v != super::ground::START)?;
        let appends = self.items.iter().any(|i| matches!(i.act, Act::Append(_)));
        let written = |i: &&Item| makes(i) == Some(value);
        let mut writers = self.items.iter().filter(written).peekable();
        if appends {
            return None;
        }
        if writers.peek().is_none() {
            return Some(if self.refused(value) { "though that write had failed" } else { "which nobody had written" });
        }
        writers.all(|w| w.start > self.blocked.end).then_some("which nobody had written yet")
    }

    /// Whether a write of the value was refused.
    fn refused(&self, value: u32) -> bool {
        use super::operation::{Op, Outcome};
        let ground = self.words.ground;
        let wanted = ground.values.get(value);
        let key = &ground.operation(self.blocked).op;
        ground.ops.iter().filter(|o| o.outcome == Outcome::Failed && o.op.key() == key.key()).any(|o| match &o.op {
            Op::Write { value, .. } | Op::Cas { value, .. } => Some(value) == wanted,
            _ => false,
        })
    }

    /// The operation of the core whose end is the latest before the blocked one began; a write rather than a read.
    fn latest_before(&self) -> Option<&Item> {
        let told = |i: &&Item| i.op != self.blocked.op && i.before(self.blocked) && self.differs(i);
        self.core.iter().filter(told).max_by_key(|i| (i.act.writes(), i.end))
    }

    /// Whether it left another value than the blocked operation saw.
    fn differs(&self, item: &Item) -> bool {
        let left = makes(item).or(looks_for(item));
        left.is_none() || left != looks_for(self.blocked)
    }
}
