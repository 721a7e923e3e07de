//! Fixed windows: a count that starts anew at each edge.
//!
//! At most `limit` in a window that begins at an edge; across an edge up to twice as many: `limit` just before it and `limit` just after.

use super::{Answer, Quota};

/// Two numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fixed {
    /// The number of the window, from 0 at the start of time.
    window: u64,
    /// What it has let pass (or also refused, if that counts).
    count: u32,
}

impl Fixed {
    /// Whether one more may pass.
    pub fn ask(&mut self, now: u64, quota: Quota) -> Answer {
        self.turn(now, quota);
        let passes = self.count < quota.limit;
        if passes || quota.counts_refused {
            self.count = self.count.saturating_add(1);
        }
        if passes { Answer::Pass } else { Answer::Refuse { after: self.end(quota).saturating_sub(now).max(1) } }
    }

    /// What counts at this time.
    pub fn count(mut self, now: u64, quota: Quota) -> u32 {
        self.turn(now, quota);
        self.count
    }

    /// The window of this time. A clock that was set back stays in the window where it was.
    fn turn(&mut self, now: u64, quota: Quota) {
        let window = (now / quota.window).max(self.window);
        if window != self.window {
            *self = Fixed { window, count: 0 };
        }
    }

    fn end(self, quota: Quota) -> u64 {
        self.window.saturating_add(1).saturating_mul(quota.window)
    }
}
