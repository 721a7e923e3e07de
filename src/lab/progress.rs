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

    /// Takes the line away: something else is written, or it is over.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

/// The signs of a bar.
const BAR: usize = 20;

/// How far something is, as a bar and in words: `[#####...............] 25 of 100 runs`.
pub fn bar(done: usize, of: usize, what: &str) -> String {
    let full = (done * BAR).checked_div(of).map_or(BAR, |full| full.min(BAR));
    format!("[{}{}] {done} of {of} {what}", "#".repeat(full), ".".repeat(BAR - full))
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_is_as_full_as_what_is_done() {
        assert_eq!(bar(1, 4, "runs"), "[#####...............] 1 of 4 runs");
        assert_eq!(
            (bar(0, 0, "runs"), bar(9, 3, "x")),
            ("[####################] 0 of 0 runs".to_string(), "[####################] 9 of 3 x".to_string())
        );
    }
}
