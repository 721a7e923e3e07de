//! The sliding log: the time of each request that passed in the last window. Exact, for the price of up to `limit` numbers a key.

use imbl::Vector;

use super::{Answer, Quota};

/// Times, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    times: Vector<u64>,
}

impl Log {
    /// Whether one more may pass. Where refused ones count, the newest `limit` of all are kept: older ones decide nothing.
    pub fn ask(&mut self, now: u64, quota: Quota) -> Answer {
        let at = self.expire(now, quota);
        let passes = self.times.len() < quota.limit as usize;
        if passes || quota.counts_refused {
            self.times.push_back(at);
        }
        if self.times.len() > quota.limit as usize {
            self.times.pop_front();
        }
        if passes {
            return Answer::Pass;
        }
        let free = self.times.front().map_or(now, |oldest| oldest.saturating_add(quota.window));
        Answer::Refuse { after: free.saturating_sub(now).max(1) }
    }

    /// What counts at this time.
    pub fn count(&self, now: u64, quota: Quota) -> u32 {
        let counts = |time: &&u64| !is_over(**time, now, quota);
        self.times.iter().filter(counts).count() as u32
    }

    /// How many numbers are kept.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Forgets what is older than a window; the time that goes by: never before the newest entry, whatever the clock shows.
    fn expire(&mut self, now: u64, quota: Quota) -> u64 {
        let now = self.times.back().map_or(now, |newest| now.max(*newest));
        while self.times.front().is_some_and(|oldest| is_over(*oldest, now, quota)) {
            self.times.pop_front();
        }
        now
    }
}

/// A window holds its first moment and not its last: what passed exactly one window ago does not count.
fn is_over(time: u64, now: u64, quota: Quota) -> bool {
    time.saturating_add(quota.window) <= now
}
