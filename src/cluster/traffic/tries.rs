//! Calls that wait for an answer, each until its own moment: one timer serves all of them.

use imbl::{OrdMap, OrdSet};

use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Traffic;
use super::message::Timer;

/// Calls under way, by number. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Tries<T: Clone> {
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
    /// How many wait.
    pub(super) fn len(&self) -> u32 {
        self.open.len() as u32
    }

    /// The number of the next call.
    pub(super) fn next(&self) -> u32 {
        self.next
    }

    /// The calls from this number on that have not ended.
    pub(super) fn from(&self, call: u32) -> impl Iterator<Item = &T> {
        self.open.range(call..).map(|(_, (_, what))| what)
    }

    /// Begins a call that waits this long for its answer; its number is returned.
    pub(super) fn begin(&mut self, what: T, patience: Span, cx: &mut Cx<'_, Traffic>) -> u32 {
        let (call, due) = (self.next, cx.clock() + patience);
        self.next = self.next.wrapping_add(1);
        self.open.insert(call, (due, what));
        self.due.insert((due, call));
        if self.due.get_min() == Some(&(due, call)) {
            cx.set_timer(patience, Timer::Tries);
        }
        call
    }

    /// The answer came, or nobody waits for it: `None` when the call had ended before.
    pub(super) fn end(&mut self, call: u32) -> Option<T> {
        let (due, what) = self.open.remove(&call)?;
        self.due.remove(&(due, call));
        Some(what)
    }

    /// Ends every call whose time is over, and sets the timer for the next.
    pub(super) fn overdue(&mut self, cx: &mut Cx<'_, Traffic>) -> Vec<T> {
        let mut over = Vec::new();
        while let Some((due, call)) = self.due.get_min().copied() {
            if due > cx.clock() {
                cx.set_timer(due.since(cx.clock()), Timer::Tries);
                break;
            }
            over.extend(self.end(call));
        }
        over
    }

    /// Ends every call that `is_it` is true of.
    pub(super) fn drop_if(&mut self, is_it: impl Fn(&T) -> bool) -> Vec<T> {
        let calls: Vec<u32> = self.open.iter().filter(|(_, (_, what))| is_it(what)).map(|(call, _)| *call).collect();
        calls.into_iter().filter_map(|call| self.end(call)).collect()
    }
}
