//! The other search for an order in real time, for histories with many operations of unknown outcome: everything that the
//! store can have been through, side by side, from one return to the next (the just-in-time linearization of Lowe 2017).
//!
//! At each return the operation that returns must have been placed, and nothing is placed before a return asks for it; any order can
//! be brought into that shape by putting off what can wait. What counts of the past is a [`Way`]: the value, which of the open
//! operations are placed, and how many of each kind of unknown ones. These facts keep the ways few:
//! - Operations of unknown outcome that do the same differ only in their calls; the one called first is as good as any.
//! - A write that nobody notices is overwritten directly, and may as well stand before any later write that overwrites. So it is not
//!   placed: when it returns and something was written since its call, it is said to have been *hidden* just before that.
//! - A way that has used up no more than another, and is otherwise where the other is, can do all that the other can: the other
//!   is dropped. Ways are taken up by how much they have used, so the better one comes first.
//!
//! What fits and changes nothing is placed at once, and the cuts of [`super::notice`] hold here too.

use std::collections::BTreeMap;

use super::concat::Concat;
use super::ground::{Act, Item, START, ValueId};
use super::notice::Notice;
use super::ways::{CHEAP, Masks, Taken, Way, is_new, next, weight};

/// No step.
const NONE: u32 = u32::MAX;

/// As many operations may be open at once; the masks have a bit for each.
const OPEN: usize = 128;

/// An operation placed.
struct Step {
    item: u32,
    /// The step before.
    before: u32,
    /// Whether it stands before the latest write rather than after everything.
    hidden: bool,
}

/// Operations of unknown outcome that do the same, in the order of their calls.
struct Kind {
    act: Act,
    items: Vec<u32>,
    /// How many are called by now.
    called: u16,
}

/// The search.
pub(crate) struct Frontier {
    items: Vec<Item>,
    concat: Concat,
    kinds: Vec<Kind>,
    /// The kind of each item of unknown outcome.
    kind_of: Vec<u32>,
    /// The operation in each slot that is open now.
    slots: Vec<Option<u32>>,
    steps: Vec<Step>,
    ways: Vec<Way>,
    blocked: Option<u32>,
}

impl Frontier {
    /// A search over `items`, all of one key.
    pub(crate) fn new(items: Vec<Item>, concat: Concat) -> Frontier {
        let kinds = kinds(&items);
        let mut kind_of = vec![NONE; items.len()];
        for (kind, Kind { items, .. }) in kinds.iter().enumerate() {
            for item in items {
                kind_of[*item as usize] = kind as u32;
            }
        }
        let used = vec![0; kinds.len()].into();
        let start = Way { value: START, done: 0, hidden: 0, used, bound: false, step: NONE };
        Frontier { items, concat, kinds, kind_of, slots: Vec::new(), steps: Vec::new(), ways: vec![start], blocked: None }
    }

    /// Whether there is an order, or `None` when that takes more than `budget` steps, or more operations are open at once than
    /// fit. Takes what it used from `budget`, all of it with `None`. To be called once.
    pub(crate) fn run(&mut self, budget: &mut u64) -> Option<bool> {
        let found = self.through(budget);
        if found.is_none() {
            *budget = 0;
        }
        found
    }

    fn through(&mut self, budget: &mut u64) -> Option<bool> {
        for (_, item, returns) in events(&self.items) {
            if !returns {
                self.call(item)?;
            } else if !self.settle_return(item, budget)? {
                self.blocked = Some(item);
                return Some(false);
            }
        }
        Some(true)
    }

    /// The operation at whose return there was no way on.
    pub(crate) fn blocked(&self) -> Option<&Item> {
        self.blocked.map(|i| &self.items[i as usize])
    }

    /// The items in the order found, when [`Frontier::run`] said yes.
    pub(crate) fn order(&self) -> Vec<Item> {
        let mut at = self.ways.first().map_or(NONE, |way| way.step);
        let mut steps = Vec::new();
        while let Some(step) = self.steps.get(at as usize) {
            steps.push(step);
            at = step.before;
        }
        let (mut order, mut written): (Vec<Item>, usize) = (Vec::new(), 0);
        for step in steps.into_iter().rev() {
            let item = self.items[step.item as usize];
            match item.act {
                _ if step.hidden => {
                    order.insert(written, item);
                    written += 1;
                    continue;
                }
                Act::Write(_) => written = order.len(),
                _ => {}
            }
            order.push(item);
        }
        order
    }

    /// An operation is called. `None` when too many are open.
    fn call(&mut self, item: u32) -> Option<()> {
        if !self.items[item as usize].sure {
            let kind = &mut self.kinds[self.kind_of[item as usize] as usize];
            kind.called = kind.called.checked_add(1)?;
            return Some(());
        }
        match self.slots.iter().position(Option::is_none) {
            Some(free) => self.slots[free] = Some(item),
            None => self.slots.push(Some(item)),
        }
        (self.slots.len() <= OPEN).then_some(())
    }

    /// An operation returns: only ways remain that have placed it. Whether there are any.
    fn settle_return(&mut self, item: u32, budget: &mut u64) -> Option<bool> {
        let slot = self.slots.iter().position(|s| *s == Some(item))?;
        let (bit, masks) = (1 << slot, self.masks());
        let mut waiting: BTreeMap<u32, Vec<Way>> = BTreeMap::new();
        for mut way in std::mem::take(&mut self.ways) {
            self.place_free(&mut way);
            waiting.entry(weight(&way)).or_default().push(way);
        }
        let (mut taken, mut kept) = (Taken::new(), Taken::new());
        while let Some(way) = next(&mut waiting) {
            let placed = way.done & bit != 0;
            if placed || way.hidden & bit != 0 {
                let step = if placed { way.step } else { self.stepped(&way, item, true) };
                let over = Way { done: way.done & !bit, hidden: way.hidden & !bit, step, ..way.clone() };
                if is_new(&over, masks, &mut kept, budget)? {
                    self.ways.push(over);
                }
            }
            if !placed && is_new(&way, masks, &mut taken, budget)? {
                self.go_on(&way, slot, &mut waiting, budget)?;
            }
        }
        self.slots[slot] = None;
        Some(!self.ways.is_empty())
    }

    fn masks(&self) -> Masks {
        let mut masks = Masks { writes: 0, free: 0 };
        for (slot, item) in self.slots.iter().enumerate() {
            match item.map(|i| self.items[i as usize].act) {
                Some(Act::Write(_) | Act::Append(_)) => masks.writes |= 1 << slot,
                Some(act) if act.is_inert() => masks.free |= 1 << slot,
                _ => {}
            }
        }
        masks
    }

    /// All ways that are one operation further. What is `asked` for may be placed in vain, other writes must be noticed.
    /// `None` when the budget does not pay for looking at what could come next, again for each that could.
    fn go_on(&mut self, way: &Way, asked: usize, waiting: &mut BTreeMap<u32, Vec<Way>>, budget: &mut u64) -> Option<()> {
        let look = 1 + (self.slots.len() + self.kinds.len()) as u64 / CHEAP;
        *budget = budget.checked_sub(look)?;
        for slot in 0..self.slots.len() {
            let Some(item) = self.slots[slot].filter(|_| way.done & (1 << slot) == 0) else { continue };
            let act = self.items[item as usize].act;
            let Some(value) = self.after(way, act) else { continue };
            let done = way.done | 1 << slot;
            let mut bound = false;
            *budget = budget.checked_sub(look)?;
            if slot != asked && !matches!(act, Act::Swap(..)) {
                match self.noticed(&Way { done, ..way.clone() }, value) {
                    Notice::Nobody => continue,
                    notice => bound = notice == Notice::Swaps,
                }
            }
            let step = self.stepped(way, item, false);
            let further = self.written(Way { value, done, bound, step, ..way.clone() }, act);
            waiting.entry(weight(&further)).or_default().push(further);
        }
        for kind in 0..self.kinds.len() {
            if way.used[kind] < self.kinds[kind].called {
                *budget = budget.checked_sub(look)?;
                if let Some(further) = self.perhaps(way, kind) {
                    waiting.entry(weight(&further)).or_default().push(further);
                }
            }
        }
        Some(())
    }

    /// The way once an act has been placed: what it overwrote can be hidden, and what fits and changes nothing is placed.
    fn written(&mut self, mut way: Way, act: Act) -> Way {
        way.hidden &= !way.done;
        if matches!(act, Act::Write(_)) {
            way.hidden |= self.masks().writes & !way.done;
        }
        self.place_free(&mut way);
        way
    }

    /// Who would notice a value.
    fn noticed(&self, way: &Way, value: ValueId) -> Notice {
        self.next_acts(way).map(|(act, _)| Notice::of(act, value)).max().unwrap_or(Notice::Nobody)
    }

    /// The value after an act that may come next.
    fn after(&mut self, way: &Way, act: Act) -> Option<ValueId> {
        let allowed = !way.bound || matches!(act, Act::Swap(old, _) if old == way.value);
        if allowed { self.concat.apply(way.value, act) } else { None }
    }

    /// The way with one unknown operation of a kind placed, if something notices it.
    fn perhaps(&mut self, way: &Way, kind: usize) -> Option<Way> {
        let Kind { act, called, .. } = self.kinds[kind];
        let count = way.used[kind];
        let value = self.after(way, act).filter(|value| *value != way.value && count < called)?;
        let mut used = way.used.to_vec();
        used[kind] += 1;
        let item = self.kinds[kind].items[usize::from(count)];
        let bound = self.binds(way, act, value)?;
        let step = self.stepped(way, item, false);
        Some(self.written(Way { value, used: used.into(), bound, step, ..way.clone() }, act))
    }

    /// Whether a compare-and-set must follow an unknown act that makes `value`; `None` if the act is not worth trying.
    fn binds(&self, way: &Way, act: Act, value: ValueId) -> Option<bool> {
        let better =
            |(other, sure): (Act, bool)| other.rather_than(act, sure, way.value, value) && (!way.bound || matches!(other, Act::Swap(..)));
        if self.next_acts(way).any(better) {
            return None;
        }
        let found = self.noticed(way, value);
        (found != Notice::Nobody).then_some(found == Notice::Swaps)
    }

    /// What could come next, and whether it is certain.
    fn next_acts(&self, way: &Way) -> impl Iterator<Item = (Act, bool)> {
        let open = self.slots.iter().enumerate().filter(|(slot, _)| way.done & (1 << slot) == 0);
        let sure = open.filter_map(|(_, item)| item.map(|i| (self.items[i as usize].act, true)));
        let left = self.kinds.iter().zip(&*way.used).filter(|(kind, used)| **used < kind.called);
        sure.chain(left.map(|(kind, _)| (kind.act, false)))
    }

    /// Places every open operation that fits and changes nothing.
    fn place_free(&mut self, way: &mut Way) {
        for slot in 0..self.slots.len() {
            let Some(item) = self.slots[slot].filter(|_| way.done & (1 << slot) == 0) else { continue };
            let act = self.items[item as usize].act;
            if act.is_inert() && self.concat.apply(way.value, act).is_some() {
                way.done |= 1 << slot;
                way.step = self.stepped(way, item, false);
            }
        }
    }

    /// A step after those of a way.
    fn stepped(&mut self, way: &Way, item: u32, hidden: bool) -> u32 {
        self.steps.push(Step { item, before: way.step, hidden });
        self.steps.len() as u32 - 1
    }
}

/// The unknown operations by what they do.
fn kinds(items: &[Item]) -> Vec<Kind> {
    let mut by_act: BTreeMap<Act, Vec<u32>> = BTreeMap::new();
    for (index, item) in items.iter().enumerate().filter(|(_, i)| !i.sure) {
        by_act.entry(item.act).or_default().push(index as u32);
    }
    let in_order = |mut items_of: Vec<u32>| {
        items_of.sort_unstable_by_key(|i| items[*i as usize].start);
        items_of
    };
    by_act.into_iter().map(|(act, found)| Kind { act, items: in_order(found), called: 0 }).collect()
}

/// All calls and the certain returns in order: time, item, whether it is a return.
fn events(items: &[Item]) -> Vec<(u64, u32, bool)> {
    let mut events = Vec::with_capacity(items.len() * 2);
    for (index, item) in items.iter().enumerate() {
        events.push((item.start, index as u32, false));
        if item.sure {
            events.push((item.end, index as u32, true));
        }
    }
    events.sort_unstable();
    events
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::brute::{Mix, before, histories, replays, some_order};
    use super::super::ground::Ground;
    use super::super::operation::Operation;
    use super::*;

    /// What the frontier says of each key, its orders together.
    fn judged(ops: &[Operation]) -> Option<Vec<u32>> {
        let ground = Ground::new(ops);
        let mut orders = Vec::new();
        for key in 0..ground.keys.len() as u32 {
            let part: Vec<Item> = ground.items.iter().filter(|i| i.key == key).copied().collect();
            let concat = Concat::new(&part, &ground.values);
            let mut frontier = Frontier::new(part, concat);
            if !frontier.run(&mut 100_000).unwrap() {
                assert!(frontier.blocked().is_some());
                return None;
            }
            orders.extend(frontier.order().iter().map(|i| ground.operation(i).id));
        }
        Some(orders)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn says_what_brute_force_says(ops in prop_oneof![histories(Mix::Register, 7), histories(Mix::Texts, 7), histories(Mix::Crashes, 8)]) {
            let found = judged(&ops);
            prop_assert_eq!(found.is_some(), some_order(&ops, before));
            let one_key = ops.iter().all(|o| o.op.key() == ops[0].op.key());
            if let Some(order) = found.filter(|_| one_key) {
                replays(&ops, &order, before);
            }
        }
    }
}
