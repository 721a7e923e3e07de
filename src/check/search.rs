//! The search for an order (Wing & Gong 1993, Lowe 2017): iterative, on a doubly linked list of calls and returns that
//! shrinks as operations are placed, with a memo of (what is placed, state).
//!
//! A *lane* is such a list. Whatever is called before the first return left in its lane may come next. One lane for all gives
//! real time (linearizable); a lane for each session gives each session's own order (sequential).
//!
//! An operation that fits and can never change anything is placed at once and not reconsidered: any order that puts it later
//! stays valid with it here. What is cut of operations of unknown outcome is in [`super::notice`].

use super::concat::Concat;
use super::ground::{Act, Item, NEVER, ValueId};
use super::memo::{Seen, word};
use super::notice::Notice;
use super::ways::CHEAP;

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
    /// Whether only a compare-and-set notices it, which must come next.
    bound: bool,
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
    /// For each item of unknown outcome the item of the same lane that does the same and was called last before it; empty without any.
    twin: Vec<u32>,
    /// How many items each item must wait for, and which it holds up; both empty when nothing is known.
    waits: Vec<u32>,
    holds_up: Vec<Vec<u32>>,
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
    /// How many operations were looked at besides those considered, to be paid.
    looked_at: u64,
}

impl Search {
    /// A search over `items`, whose keys are below `keys`, each in the lane that `lane_of` names.
    pub(crate) fn new(items: Vec<Item>, lane_of: Vec<u32>, keys: usize, concat: Concat) -> Search {
        let lanes = lane_of.iter().map(|l| l + 1).max().unwrap_or(1);
        let open = items.iter().filter(|i| i.sure).count();
        let nodes = linked(&items, &lane_of, lanes);
        let cursor = Cursor { phase: Phase::Free, lane: 0, node: 0 };
        let (placed, seen) = (Vec::with_capacity(items.len()), Seen::new(items.len()));
        let state = vec![super::ground::START; keys];
        let twin = twins(&items, &lane_of);
        Search {
            items,
            lane_of,
            lanes,
            twin,
            waits: Vec::new(),
            holds_up: Vec::new(),
            nodes,
            state,
            concat,
            placed,
            cursor,
            print: 0,
            seen,
            open,
            furthest: None,
            looked_at: 0,
        }
    }

    /// The same search, told what must come before what.
    pub(crate) fn guided(mut self, edges: &[(u32, u32)]) -> Search {
        if !edges.is_empty() {
            self.waits = vec![0; self.items.len()];
            self.holds_up = vec![Vec::new(); self.items.len()];
        }
        for &(from, to) in edges {
            self.waits[to as usize] += 1;
            self.holds_up[from as usize].push(to);
        }
        self
    }

    /// Goes on for at most `budget` steps: whether there is an order, or `None` when it needs more, or more memory than a search
    /// may use. Takes what it used from `budget`.
    pub(crate) fn run(&mut self, budget: &mut u64) -> Option<bool> {
        while self.open > 0 {
            if *budget == 0 || self.seen.is_full() {
                return None;
            }
            *budget -= 1;
            match self.candidate() {
                Some(item) => {
                    self.consider(item);
                    *budget = budget.saturating_sub(std::mem::take(&mut self.looked_at) / CHEAP);
                }
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
        if self.waits.get(item as usize).is_some_and(|waits| *waits > 0) {
            return;
        }
        if sure == (phase == Phase::Maybe) || phase == Phase::Free && !act.is_inert() {
            return;
        }
        let old = self.state[key as usize];
        let Some(new) = self.concat.apply(old, act) else { return };
        let Some(bound) = self.allowed(item, phase, old, new) else { return };
        let print = self.print ^ word(u64::from(item)) ^ state_word(key, old) ^ state_word(key, new);
        if phase != Phase::Free && !self.seen.insert(if bound { !print } else { print }) {
            return;
        }
        self.print = print;
        self.state[key as usize] = new;
        self.placed.push(Placed { item, phase, old, bound });
        self.open -= usize::from(sure);
        self.lift(item);
        self.cursor = Cursor { phase: Phase::Free, lane: 0, node: 0 };
    }

    /// Whether the cuts allow an operation that fits, and if so, whether it binds what comes next.
    fn allowed(&mut self, item: u32, phase: Phase, old: ValueId, new: ValueId) -> Option<bool> {
        let Item { act, .. } = self.items[item as usize];
        if phase != Phase::Free && self.is_bound() && !matches!(act, Act::Swap(v, _) if v == old) {
            return None;
        }
        if phase != Phase::Maybe {
            return Some(false);
        }
        if new == old || self.is_linked(self.twin[item as usize]) {
            return None;
        }
        match self.notice(item, old, new) {
            Notice::Nobody => None,
            notice => Some(notice == Notice::Swaps),
        }
    }

    /// Whether the operation placed last waits for a compare-and-set that notices it. (On its own key nothing else would fit.)
    fn is_bound(&self) -> bool {
        self.placed.last().is_some_and(|last| last.bound)
    }

    /// Whether an item is not placed yet; nothing is no item.
    fn is_linked(&self, item: u32) -> bool {
        item != NONE && {
            let call = self.call_of(item);
            self.nodes[self.nodes[call as usize].before as usize].after == call
        }
    }

    /// Takes back the last operation that was a choice, and those after it. False when there is none.
    fn back(&mut self) -> bool {
        while let Some(Placed { item, phase, old, .. }) = self.placed.pop() {
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

    /// Who among the callable would see that `item` changes its key from `old` to `new`. Nobody if another should do it instead.
    fn notice(&mut self, item: u32, old: ValueId, new: ValueId) -> Notice {
        let Item { key, act, .. } = self.items[item as usize];
        let (mut found, mut looked_at) = (Notice::Nobody, u64::from(self.lanes));
        let mut better = false;
        for other in (0..self.lanes).flat_map(|lane| self.callable(lane)).filter(|i| *i != item) {
            looked_at += 1;
            let other = &self.items[other as usize];
            if other.key != key {
                continue;
            }
            if other.act.rather_than(act, other.sure, old, new) && (!self.is_bound() || matches!(other.act, Act::Swap(..))) {
                better = true;
                break;
            }
            found = found.max(Notice::of(other.act, new));
        }
        self.looked_at += looked_at;
        if better { Notice::Nobody } else { found }
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
        if let Some(held) = self.holds_up.get(item as usize) {
            for other in held {
                self.waits[*other as usize] -= 1;
            }
        }
        let call = self.call_of(item);
        self.unlink(call);
        if self.items[item as usize].end != NEVER {
            self.unlink(call + 1);
        }
    }

    fn unlift(&mut self, item: u32) {
        if let Some(held) = self.holds_up.get(item as usize) {
            for other in held {
                self.waits[*other as usize] += 1;
            }
        }
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
    if value == super::ground::START { 0 } else { word(1 << 62 | u64::from(key) << 32 | u64::from(value)) }
}

/// For each item of unknown outcome the one that must come before it because it does the same and was called earlier in its lane.
fn twins(items: &[Item], lane_of: &[u32]) -> Vec<u32> {
    let mut unknown: Vec<u32> = (0..items.len() as u32).filter(|i| !items[*i as usize].sure).collect();
    if unknown.is_empty() {
        return Vec::new();
    }
    let mut twin = vec![NONE; items.len()];
    let kind = |i: u32| (lane_of[i as usize], items[i as usize].key, items[i as usize].act, items[i as usize].start);
    unknown.sort_unstable_by_key(|i| kind(*i));
    for pair in unknown.windows(2) {
        let ((lane, key, act, _), (other_lane, other_key, other_act, _)) = (kind(pair[0]), kind(pair[1]));
        if (lane, key, act) == (other_lane, other_key, other_act) {
            twin[pair[1] as usize] = pair[0];
        }
    }
    twin
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
