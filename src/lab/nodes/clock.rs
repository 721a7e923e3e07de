//! The machine's clock, by which programs live.
#![expect(clippy::disallowed_types, reason = "what happens here is an input of the run, and is recorded with its time")]

use std::time::{Duration, Instant};

/// Real time since it was made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock(Instant);

impl Clock {
    /// It shows zero now.
    pub(super) fn start() -> Clock {
        Clock(Instant::now())
    }

    /// What it shows.
    pub(super) fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
