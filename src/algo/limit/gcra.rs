//! The generic cell rate algorithm: the leaky bucket as a meter, by virtual scheduling (ITU-T I.371 Annex A).
//!
//! One number: when the next request is due if requests come at the rate. One that is too early by more than the tolerance is refused. It
//! lets the same requests pass as a token bucket of `1 + tau / T` tokens.

use super::{Answer, Flow};

/// One number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gcra {
    /// The theoretical arrival time, in units.
    due: u128,
}

impl Gcra {
    /// Whether one more may pass. A refused one changes nothing.
    pub fn ask(&mut self, now: u64, flow: Flow) -> Answer {
        let arrival = flow.units(now);
        if let Some(early) = self.due.checked_sub(arrival + flow.tolerance).filter(|early| *early > 0) {
            return Answer::Refuse { after: flow.ticks(early).max(1) };
        }
        self.due = self.due.max(arrival) + flow.cost;
        Answer::Pass
    }

    /// Units that a bucket of the same numbers would hold, of how many.
    pub fn level(self, now: u64, flow: Flow) -> (u128, u128) {
        let size = flow.cost + flow.tolerance;
        (size.saturating_sub(self.due.saturating_sub(flow.units(now))), size)
    }

    /// How far the next arrival time is ahead of this time, in units: at most `tau + T`.
    pub fn ahead(self, now: u64, flow: Flow) -> u128 {
        self.due.saturating_sub(flow.units(now))
    }
}
