//! Calls under way: who waits for the answer to what, and until when.
//!
//! One timer is set, for the call that is due first.

use crate::persistent::{OrdMap, OrdSet};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::time::{Span, Time};

/// A protocol whose nodes call each other.
pub trait Calls: Protocol {
    /// The timer of the call that is due first; when it goes off, the node looks at [`Tries::overdue`].
    const OVERDUE: Self::Timer;
}

/// Calls under way, by number. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tries<T: Clone> {
    next: u32,
    open: OrdMap<u32, (Time, T)>,
    due: OrdSet<(Time, u32)>,
}

impl<T: Clone> Default for Tries<T> {
    fn default() -> Self {
        Tries { next: 0, open: OrdMap::new(), due: OrdSet::new() }
    }
}

impl<T: Clone> Tries<T> {
    /// None yet, and the first will have this number: an answer to a call of an earlier life is then no answer to one of this.
    pub fn from_number(next: u32) -> Tries<T> {
        Tries { next, ..Tries::default() }
    }

    /// None yet, and numbers that no earlier life of this node has used.
    pub fn anew<P: Calls>(cx: &mut Cx<'_, P>) -> Tries<T> {
        Tries::from_number(cx.rng().bits() as u32)
    }

    /// None yet, from 0 on in a node's first life and numbers of its own in each further one: an answer to a call of an earlier life is
    /// then no answer to one of this.
    pub fn of_this_life<P: Calls>(cx: &mut Cx<'_, P>) -> Tries<T> {
        if cx.is_first_boot() { Tries::default() } else { Tries::from_number((cx.rng().bits() >> 33) as u32) }
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// How many wait.
    pub fn len(&self) -> u32 {
        self.open.len() as u32
    }

    /// The number of the next call.
    pub fn next(&self) -> u32 {
        self.next
    }

    /// The calls from this number on that have not ended.
    pub fn from(&self, call: u32) -> impl Iterator<Item = &T> {
        self.open.range(call..).map(|(_, (_, what))| what)
    }

    /// What is known of each call that has not ended.
    pub fn all(&self) -> impl Iterator<Item = &T> {
        self.from(0)
    }

    /// Begins a call that waits this long for its answer; its number is returned.
    pub fn begin<P: Calls>(&mut self, what: T, patience: Span, cx: &mut Cx<'_, P>) -> u32 {
        let (call, due) = (self.next, cx.steady() + patience);
        self.next = self.next.wrapping_add(1);
        self.open.insert(call, (due, what));
        self.due.insert((due, call));
        if self.due.get_min() == Some(&(due, call)) {
            cx.set_timer(patience, P::OVERDUE);
        }
        call
    }

    /// What is known of a call that has not ended.
    pub fn get(&self, call: u32) -> Option<&T> {
        self.open.get(&call).map(|(_, what)| what)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, call: u32) -> Option<&mut T> {
        self.open.get_mut(&call).map(|(_, what)| what)
    }

    /// Changes what is known of every call that has not ended.
    pub fn change_all(&mut self, mut change: impl FnMut(&mut T)) {
        let calls: Vec<u32> = self.open.keys().copied().collect();
        for call in calls {
            if let Some(what) = self.get_mut(call) {
                change(what);
            }
        }
    }

    /// The answer came, or nobody waits for it: `None` when the call had ended before.
    pub fn end(&mut self, call: u32) -> Option<T> {
        let (due, what) = self.open.remove(&call)?;
        self.due.remove(&(due, call));
        Some(what)
    }

    /// Ends every call whose time is over, and sets the timer for the next.
    pub fn overdue<P: Calls>(&mut self, cx: &mut Cx<'_, P>) -> Vec<T> {
        let mut over = Vec::new();
        while let Some((due, call)) = self.due.get_min().copied() {
            if due > cx.steady() {
                cx.set_timer(due.since(cx.steady()), P::OVERDUE);
                break;
            }
            over.extend(self.end(call));
        }
        over
    }

    /// Ends every call that `is_it` is true of.
    pub fn drop_if(&mut self, is_it: impl Fn(&T) -> bool) -> Vec<T> {
        let calls: Vec<u32> = self.open.iter().filter(|(_, (_, what))| is_it(what)).map(|(call, _)| *call).collect();
        calls.into_iter().filter_map(|call| self.end(call)).collect()
    }
}
