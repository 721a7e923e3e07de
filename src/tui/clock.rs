//! The only place that reads a wall clock: it paces what is shown, never what happens.
#![expect(clippy::disallowed_types, reason = "the one clock of the screens; no result depends on it")]

use std::time::Duration;

/// A moment of real time, counted from the start of the program.
pub type Moment = Duration;

/// Real time since the program started.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: std::time::Instant,
}

impl Clock {
    /// A clock that shows zero now.
    #[expect(clippy::new_without_default, reason = "reading a clock is no default value")]
    pub fn new() -> Clock {
        Clock { start: std::time::Instant::now() }
    }

    /// The time since [`Clock::new`].
    pub fn now(&self) -> Moment {
        self.start.elapsed()
    }
}
