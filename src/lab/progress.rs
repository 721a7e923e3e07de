//! One line on a terminal that says how far something is, and is gone when it is done.

use std::io::{self, IsTerminal as _, Write as _};

use crate::harmless;

/// The most characters of the line, so that it fits into any terminal.
const WIDTH: usize = 70;

/// Says how far something is, where standard error is a terminal.
#[derive(Debug, Default)]
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Shows this in place of what was shown before.
    pub fn show(&mut self, text: &str) {
        let mut to = io::stderr();
        if to.is_terminal() {
            self.shown = true;
            let line: String = harmless::line(text).chars().take(WIDTH).collect();
            // There is nobody to tell when that fails.
            let _ = write!(to, "\r\x1b[K{line}").and_then(|()| to.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
