//! The token bucket: tokens flow in at a steady rate up to a size, and a request takes one.
//!
//! In any time `t` at most `size + rate t` pass. With as many tokens as the limit of a window, up to `2 limit - 1` pass in one window: the
//! limit is a rate in the long run.

use super::{Answer, Flow};

/// Two numbers. A bucket that nobody asked yet is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Units in it.
    level: u128,
    /// When that was so.
    at: u64,
}

impl Bucket {
    /// A full one.
    pub fn full(now: u64, flow: Flow) -> Bucket {
        Bucket { level: size(flow), at: now }
    }

    /// Whether one more may pass.
    pub fn ask(&mut self, now: u64, flow: Flow) -> Answer {
        self.refill(now, flow);
        if let Some(left) = self.level.checked_sub(flow.cost) {
            self.level = left;
            return Answer::Pass;
        }
        let wait = flow.ticks(flow.cost - self.level);
        // A clock that was set back brings nothing before it is where it was.
        Answer::Refuse { after: wait.saturating_add(self.at - now.min(self.at)).max(1) }
    }

    /// Units in it at this time, of how many.
    pub fn level(mut self, now: u64, flow: Flow) -> (u128, u128) {
        self.refill(now, flow);
        (self.level, size(flow))
    }

    fn refill(&mut self, now: u64, flow: Flow) {
        let elapsed = now.saturating_sub(self.at);
        self.level = (self.level + flow.units(elapsed)).min(size(flow));
        self.at = self.at.max(now);
    }
}

fn size(flow: Flow) -> u128 {
    flow.cost + flow.tolerance
}
