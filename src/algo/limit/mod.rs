//! Rate limits: whether one more request may pass now, and if not, when.
//!
//! Time is a number of ticks of any length; whoever asks brings it along. All arithmetic is in whole numbers, scaled so that a rate that is
//! no whole number of ticks a request (3 a second) is kept exactly, however long it runs. A clock that is set back makes no room: elapsed
//! time is never negative, and is not counted twice when the clock is set forward again.
//!
//! Sources: fixed windows and the sliding counter as in Cloudflare 2017, "How we built rate limiting capable of scaling to millions of
//! domains"; token bucket as in RFC 2697 and Tanenbaum, *Computer Networks*; GCRA, the leaky bucket as a meter, ITU-T I.371 Annex A; the
//! leaky bucket as a queue, Turner 1986 and NGINX `ngx_http_limit_req_module`.

mod bucket;
mod counter;
mod fixed;
mod gcra;
mod log;
#[cfg(test)]
mod mistakes_tests;
mod queue;
mod state;
#[cfg(test)]
mod tests;

pub use bucket::Bucket;
pub use counter::{Counter, Estimate};
pub use fixed::Fixed;
pub use gcra::Gcra;
pub use log::Log;
pub use queue::Queue;
pub use state::{Level, Meter, Rules, State};

/// What is said to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It may pass now.
    Pass,
    /// It may not. One that comes alone, so many ticks later or at any time after that, passes.
    Refuse {
        /// Ticks, at least 1.
        after: u64,
    },
}

impl Answer {
    /// Whether it may pass.
    pub fn is_pass(self) -> bool {
        self == Answer::Pass
    }
}

/// So many requests in each window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Requests, at least 1.
    pub limit: u32,
    /// Ticks, at least 1.
    pub window: u64,
    /// Whether requests that are refused count like those that pass. Who keeps asking is then kept out.
    pub counts_refused: bool,
}

impl Quota {
    /// So many in each window; what is refused does not count.
    pub const fn new(limit: u32, window: u64) -> Quota {
        Quota { limit: if limit == 0 { 1 } else { limit }, window: if window == 0 { 1 } else { window }, counts_refused: false }
    }
}

/// A steady flow with bursts, in units so small that a tick and a request are both whole numbers of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Units that a tick brings.
    pub per_tick: u64,
    /// Units that a request takes.
    pub cost: u128,
    /// Units by which requests may be ahead of the flow: I.371's tau.
    pub tolerance: u128,
}

impl Flow {
    /// `limit` requests in each `window`, and `burst` at once after a calm: a bucket of `burst` tokens, or I.371's `T = window / limit` with
    /// `tau = (burst - 1) T`.
    pub fn of(quota: Quota, burst: u32) -> Flow {
        let cost = u128::from(quota.window);
        Flow { per_tick: u64::from(quota.limit), cost, tolerance: cost * u128::from(burst.saturating_sub(1)) }
    }

    /// I.371's own numbers: one request each `increment` ticks, and `tolerance` ticks too early at most.
    pub fn spaced(increment: u64, tolerance: u64) -> Flow {
        Flow { per_tick: 1, cost: u128::from(increment.max(1)), tolerance: u128::from(tolerance) }
    }

    /// A time in units.
    fn units(self, ticks: u64) -> u128 {
        u128::from(ticks) * u128::from(self.per_tick)
    }

    /// The ticks that bring so many units: rounded up, so that nothing passes before its time.
    fn ticks(self, units: u128) -> u64 {
        units.div_ceil(u128::from(self.per_tick.max(1))).try_into().unwrap_or(u64::MAX)
    }

    /// The most that may pass within so many ticks, both ends included, whatever came before: `1 + floor((t + tau) / T)`.
    pub fn most_within(self, ticks: u64) -> u64 {
        let units = (self.units(ticks) + self.tolerance) / self.cost;
        u64::try_from(units).unwrap_or(u64::MAX).saturating_add(1)
    }
}
