//! The sliding counter: the count of this window, and of the window before in proportion to how much of it the last window still covers.
//!
//! The estimate is right where requests come evenly. Where they do not, nearly `2 limit` can pass within one window: `limit` at the very
//! end of a window, then one each time that the estimate sinks below the limit.

use super::{Answer, Quota};

/// When one more fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Estimate {
    /// While the estimate is below the limit (Cloudflare 2017: at 49.5 of 50 one more passes).
    #[default]
    Below,
    /// While the estimate and one more are at most the limit.
    Fits,
}

/// Three numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// The number of the window, from 0 at the start of time.
    window: u64,
    before: u32,
    current: u32,
}

impl Counter {
    /// One that has counted so many in the window before that of `now`, and so many in that.
    pub fn with(before: u32, current: u32, now: u64, quota: Quota) -> Counter {
        Counter { window: now / quota.window, before, current }
    }

    /// Whether one more may pass.
    pub fn ask(&mut self, now: u64, quota: Quota, estimate: Estimate) -> Answer {
        let elapsed = self.turn(now, quota);
        let passes = self.scaled(elapsed, quota) <= most(quota, estimate);
        if passes || quota.counts_refused {
            self.current = self.current.saturating_add(1);
        }
        if passes {
            return Answer::Pass;
        }
        let start = self.window.saturating_mul(quota.window);
        let free = start.saturating_add(self.first(quota, estimate));
        Answer::Refuse { after: free.saturating_sub(now).max(1) }
    }

    /// What counts at this time, in requests times ticks: divided by the window it is the estimate.
    pub fn count(mut self, now: u64, quota: Quota) -> u128 {
        let elapsed = self.turn(now, quota);
        self.scaled(elapsed, quota)
    }

    /// Turns to the window of this time, and says how long it has lasted. Of windows that nobody asked in, nothing counts. A clock that
    /// was set back stays at the start of the window where it was.
    fn turn(&mut self, now: u64, quota: Quota) -> u64 {
        let window = (now / quota.window).max(self.window);
        match window - self.window {
            0 => {}
            1 => *self = Counter { window, before: self.current, current: 0 },
            _ => *self = Counter { window, before: 0, current: 0 },
        }
        now.saturating_sub(window * quota.window)
    }

    fn scaled(self, elapsed: u64, quota: Quota) -> u128 {
        let left = quota.window - elapsed.min(quota.window);
        u128::from(self.before) * u128::from(left) + u128::from(self.current) * u128::from(quota.window)
    }

    /// Ticks from the start of this window until a request that comes alone passes.
    fn first(self, quota: Quota, estimate: Estimate) -> u64 {
        let next = Counter { window: self.window + 1, before: self.current, current: 0 };
        let in_this = self.first_within(quota, estimate);
        let in_next = || next.first_within(quota, estimate).map(|elapsed| quota.window.saturating_add(elapsed));
        // In the window after the next nothing counts.
        in_this.or_else(in_next).unwrap_or(quota.window.saturating_mul(2))
    }

    fn first_within(self, quota: Quota, estimate: Estimate) -> Option<u64> {
        let own = u128::from(self.current) * u128::from(quota.window);
        let room = most(quota, estimate).checked_sub(own)?;
        let covered = match u128::from(self.before) {
            0 => quota.window,
            before => u64::try_from(room / before).unwrap_or(u64::MAX).min(quota.window),
        };
        (covered > 0).then(|| quota.window - covered)
    }
}

/// The greatest estimate at which one more passes, in requests times ticks.
fn most(quota: Quota, estimate: Estimate) -> u128 {
    let (limit, window) = (u128::from(quota.limit), u128::from(quota.window));
    match estimate {
        Estimate::Below => limit * window - 1,
        Estimate::Fits => (limit - 1) * window,
    }
}
