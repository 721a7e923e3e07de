//! The leaky bucket as a queue: requests wait in it and leave one by one, evenly spaced. What finds no place is refused.
//!
//! The time of an exit counts from the exit before as it *was*: a queue that was held up does not let out what it missed.

use imbl::Vector;

use super::{Answer, Flow};

/// What waits, the next to leave first, and when that may be. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue<T: Clone> {
    waiting: Vector<T>,
    /// The earliest next exit, in units.
    ready: u128,
}

impl<T: Clone> Default for Queue<T> {
    fn default() -> Self {
        Queue { waiting: Vector::new(), ready: 0 }
    }
}

impl<T: Clone> Queue<T> {
    /// Takes a request in: it passes at once, or waits in one of so many places (`None`), or is refused. What may leave by now should
    /// have been [let out](Queue::let_out) before.
    pub fn ask(&mut self, request: T, now: u64, flow: Flow, places: u32) -> Option<Answer> {
        self.steady(now, flow);
        if self.waiting.is_empty() && self.left(now, flow) == 0 {
            self.leave(now, flow);
            return Some(Answer::Pass);
        }
        if self.waiting.len() >= places as usize {
            return Some(Answer::Refuse { after: self.left(now, flow).max(1) });
        }
        self.waiting.push_back(request);
        None
    }

    /// The next one, if it may leave now.
    pub fn let_out(&mut self, now: u64, flow: Flow) -> Option<T> {
        self.steady(now, flow);
        if self.left(now, flow) > 0 {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.leave(now, flow);
        Some(next)
    }

    /// One in which nobody waits, and whose next may leave when that of this one may.
    pub fn emptied(&self) -> Queue<T> {
        Queue { waiting: Vector::new(), ready: self.ready }
    }

    /// Ticks until the next may leave; `None` when nothing waits.
    pub fn wait(&self, now: u64, flow: Flow) -> Option<u64> {
        (!self.waiting.is_empty()).then(|| self.left(now, flow))
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What waits, the next first.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.waiting.iter()
    }

    fn left(&self, now: u64, flow: Flow) -> u64 {
        flow.ticks(self.ready.saturating_sub(flow.units(now)))
    }

    /// The next exit is one request later: from when this was due, if it leaves in the tick in which it was due, so that rounding to
    /// ticks adds up to nothing; else from now.
    fn leave(&mut self, now: u64, flow: Flow) {
        let now = flow.units(now);
        let is_on_time = now < self.ready + u128::from(flow.per_tick);
        self.ready = if is_on_time { self.ready } else { now } + flow.cost;
    }

    /// The next exit is never further away than one request takes, unless the clock was set back: then it is not waited for.
    fn steady(&mut self, now: u64, flow: Flow) {
        self.ready = self.ready.min(flow.units(now) + flow.cost);
    }
}
