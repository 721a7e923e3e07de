//! The search for an order (Wing & Gong 1993, Lowe 2017): iterative, on a doubly linked list of calls and returns that
//! shrinks as operations are placed, with a memo of (what is placed, state).
//!
//! A *lane* is such a list. Whatever is called before the first return left in its lane may come next. One lane for all gives
//! real time (linearizable); a lane for each session gives each session's own order (sequential).
//!
//! Three cuts, each of which loses no order: an operation that fits and can never change anything is placed at once and not
//! reconsidered (any order that puts it later stays valid with it here); one of unknown outcome is left out while it would change
//! nothing; and a write of unknown outcome is tried only when something callable now would notice it.

use super::concat::Concat;
use super::ground::{Act, Item, NEVER, ValueId};
use super::memo::{Seen, word};

/// No node.
const NONE: u32 = u32::MAX;

/// A call or a return in a lane's list. Node `n` below the number of lanes is the head of lane `n`; the call and the return
/// of item `i` follow at `lanes + 2i` and `lanes + 2i + 1`.
#[derive(Clone, Copy)]
struct Node {
    before: u32,
    after: u32,
}

/// What is looked for, in this order, before going back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Operations that fit and can never change anything.
    Free,
    /// Operations that took effect for certain.
    Sure,
    /// Operations that perhaps took effect.
    Maybe,
}

/// One operation placed.
struct Placed {
    item: u32,
    phase: Phase,
    /// The value of its key before.
    old: ValueId,
}

/// Where the scan for the next operation is.
#[derive(Clone, Copy)]
struct Cursor {
    phase: Phase,
    lane: u32,
    node: u32,
}

/// A search that can be stopped and taken up again.
pub(crate) struct Search {
    items: Vec<Item>,
    lane_of: Vec<u32>,
    lanes: u32,
    nodes: Vec<Node>,
    /// The value of each key.
    state: Vec<ValueId>,
    concat: Concat,
    placed: Vec<Placed>,
    cursor: Cursor,
    print: u128,
    seen: Seen,
    /// How many certain operations are not placed yet.
    open: usize,
    /// The item of the latest return that the search could not get past.
    furthest: Option<u32>,
}

impl Search {
    /// A search over `items`, whose keys are below `keys`, each in the lane that `lane_of` names.
    pub(crate) fn new(items: Vec<Item>, lane_of: Vec<u32>, keys: usize, concat: Concat) -> Search {
        let lanes = lane_of.iter().map(|l| l + 1).max().unwrap_or(1);
        let open = items.iter().filter(|i| i.sure).count();
        let nodes = linked(&items, &lane_of, lanes);
        let cursor = Cursor { phase: Phase::Free, lane: 0, node: 0 };
        let (placed, seen) = (Vec::with_capacity(items.len()), Seen::new());
        let state = vec![super::ground::NIL; keys];
        Search { items, lane_of, lanes, nodes, state, concat, placed, cursor, print: 0, seen, open, furthest: None }
    }

    /// Goes on for at most `budget` steps: whether there is an order, or `None` when it needs more. Takes what it used from
    /// `budget`, and all of it when the memo is full.
    pub(crate) fn run(&mut self, budget: &mut u64) -> Option<bool> {
        while self.open > 0 {
            if self.seen.is_full() {
                *budget = 0;
            }
            if *budget == 0 {
                return None;
            }
            *budget -= 1;
            match self.candidate() {
                Some(item) => self.consider(item),
                None if self.back() => {}
                None => return Some(false),
            }
        }
        Some(true)
    }

    /// The items in the order found, when [`Search::run`] said yes.
    pub(crate) fn order(&self) -> impl Iterator<Item = &Item> {
        self.placed.iter().map(|p| &self.items[p.item as usize])
    }

    /// When [`Search::run`] said no: the operation whose return ends the shortest part of the history that has no order. One lane only.
    pub(crate) fn blocked(&self) -> Option<&Item> {
        self.furthest.map(|i| &self.items[i as usize])
    }

    /// The items searched.
    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }

    /// The next operation of the cursor's phase that may come next; the phases follow each other.
    fn candidate(&mut self) -> Option<u32> {
        loop {
            let node = self.nodes[self.cursor.node as usize].after;
            if node != NONE && !self.is_return(node) {
                self.cursor.node = node;
                return Some(self.item_of(node));
            }
            if self.cursor.lane + 1 < self.lanes {
                self.cursor.lane += 1;
                self.cursor.node = self.cursor.lane;
            } else {
                self.cursor = Cursor { phase: self.cursor.phase.next(node, self)?, lane: 0, node: 0 };
            }
        }
    }

    /// Places an operation if the phase allows, it fits, and the result was not tried before.
    fn consider(&mut self, item: u32) {
        let Item { act, key, sure, .. } = self.items[item as usize];
        let phase = self.cursor.phase;
        if sure == (phase == Phase::Maybe) {
            return;
        }
        let old = self.state[key as usize];
        let Some(new) = self.concat.apply(old, act) else { return };
        match phase {
            Phase::Free if !act.is_inert() => return,
            Phase::Maybe if new == old || !self.noticed(item, key, new) => return,
            _ => {}
        }
        let print = self.print ^ word(u64::from(item)) ^ state_word(key, old) ^ state_word(key, new);
        if phase != Phase::Free && !self.seen.insert(print) {
            return;
        }
        self.print = print;
        self.state[key as usize] = new;
        self.placed.push(Placed { item, phase, old });
        self.open -= usize::from(sure);
        self.lift(item);
        self.cursor = Cursor { phase: Phase::Free, lane: 0, node: 0 };
    }

    /// Takes back the last operation that was a choice, and those after it. False when there is none.
    fn back(&mut self) -> bool {
        while let Some(Placed { item, phase, old }) = self.placed.pop() {
            let Item { key, sure, .. } = self.items[item as usize];
            let new = std::mem::replace(&mut self.state[key as usize], old);
            self.print ^= word(u64::from(item)) ^ state_word(key, old) ^ state_word(key, new);
            self.open += usize::from(sure);
            self.unlift(item);
            if phase != Phase::Free {
                self.cursor = Cursor { phase, lane: self.lane_of[item as usize], node: self.call_of(item) };
                return true;
            }
        }
        false
    }

    /// Whether something callable next to `item` would see that its key has become `value`.
    fn noticed(&self, item: u32, key: u32, value: ValueId) -> bool {
        let callable = (0..self.lanes).flat_map(|lane| self.callable(lane));
        callable.filter(|i| *i != item && self.items[*i as usize].key == key).any(|i| match self.items[i as usize].act {
            Act::Read(v) | Act::Swap(v, _) => v == value,
            Act::Keep(v) => v != value,
            Act::Append(_) => true,
            Act::Write(_) => false,
        })
    }

    /// The items of a lane called before its first return.
    fn callable(&self, lane: u32) -> impl Iterator<Item = u32> {
        let mut node = lane;
        std::iter::from_fn(move || {
            node = self.nodes[node as usize].after;
            (node != NONE && !self.is_return(node)).then(|| self.item_of(node))
        })
    }

    fn lift(&mut self, item: u32) {
        let call = self.call_of(item);
        self.unlink(call);
        if self.items[item as usize].end != NEVER {
            self.unlink(call + 1);
        }
    }

    fn unlift(&mut self, item: u32) {
        let call = self.call_of(item);
        if self.items[item as usize].end != NEVER {
            self.relink(call + 1);
        }
        self.relink(call);
    }

    fn unlink(&mut self, node: u32) {
        let Node { before, after } = self.nodes[node as usize];
        self.nodes[before as usize].after = after;
        if after != NONE {
            self.nodes[after as usize].before = before;
        }
    }

    fn relink(&mut self, node: u32) {
        let Node { before, after } = self.nodes[node as usize];
        self.nodes[before as usize].after = node;
        if after != NONE {
            self.nodes[after as usize].before = node;
        }
    }

    fn call_of(&self, item: u32) -> u32 {
        self.lanes + 2 * item
    }

    fn item_of(&self, node: u32) -> u32 {
        (node - self.lanes) / 2
    }

    fn is_return(&self, node: u32) -> bool {
        (node - self.lanes) % 2 == 1
    }

    /// Remembers the return that stopped the scan, if it is the latest so far.
    fn note_blocked(&mut self, node: u32) {
        if node == NONE {
            return;
        }
        let item = self.item_of(node);
        let end = |i: u32| self.items[i as usize].end;
        if self.furthest.is_none_or(|known| end(known) < end(item)) {
            self.furthest = Some(item);
        }
    }
}

impl Phase {
    /// The phase after this one; after the last, notes the return at which the scan stopped.
    fn next(self, stopped: u32, search: &mut Search) -> Option<Phase> {
        match self {
            Phase::Free => Some(Phase::Sure),
            Phase::Sure => Some(Phase::Maybe),
            Phase::Maybe => {
                search.note_blocked(stopped);
                None
            }
        }
    }
}

/// The state's part of the fingerprint. Nothing there is the start and weighs nothing.
fn state_word(key: u32, value: ValueId) -> u128 {
    if value == super::ground::NIL { 0 } else { word(1 << 62 | u64::from(key) << 32 | u64::from(value)) }
}

/// The lists: each lane's calls and returns in order of time, after its head.
fn linked(items: &[Item], lane_of: &[u32], lanes: u32) -> Vec<Node> {
    let mut events = Vec::with_capacity(items.len() * 2);
    for (i, item) in items.iter().enumerate() {
        let call = lanes + 2 * i as u32;
        events.push((item.start, call));
        if item.end != NEVER {
            events.push((item.end, call + 1));
        }
    }
    events.sort_unstable();
    let mut nodes = vec![Node { before: NONE, after: NONE }; lanes as usize + items.len() * 2];
    let mut last: Vec<u32> = (0..lanes).collect();
    for (_, node) in events {
        let lane = lane_of[((node - lanes) / 2) as usize] as usize;
        nodes[node as usize].before = last[lane];
        nodes[last[lane] as usize].after = node;
        last[lane] = node;
    }
    nodes
}
