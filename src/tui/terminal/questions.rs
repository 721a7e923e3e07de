//! What the terminal is asked when it is taken. Nobody waits for the answers: they are heard whenever they come, and only the
//! way out waits a little for those that are still on their way, so that the shell does not read them.

use std::fmt;
use std::time::Duration;

use ratatui::crossterm::Command;
use xterm_color::Color;

use super::decode::Heard;
use crate::tui::clock::Moment;

/// What the program wants to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// Whether the background is dark or light.
    pub background: bool,
    /// Whether the signs are one cell wide: those of East Asian terminals can be two ([UAX 11], ambiguous width).
    ///
    /// [UAX 11]: https://www.unicode.org/reports/tr11/
    pub width: bool,
}

/// What the terminal said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The background has this colour.
    Background(Color),
    /// A sign of the visual language takes two cells.
    WideSigns,
}

/// How long after the last sign of life an answer is waited for: a far line takes a second both ways.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long after the last sign of life it is thought that an Escape may begin an answer.
const EXPECTANT: Duration = Duration::from_secs(3);

impl Questions {
    fn any(self) -> bool {
        self.background || self.width
    }
}

/// Writes the questions. The sign whose width is asked for is taken away again at once; the question what the terminal is comes
/// last, because every terminal answers it, and answers in order.
impl Command for Questions {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        if self.background {
            f.write_str("\x1b]11;?\x1b\\")?;
        }
        if self.width {
            // In the second row: in the first, the answer would look like F3 with a modifier.
            f.write_str("\x1b[2;1H★\x1b[6n\x1b[2;1H\x1b[2K")?;
        }
        if self.any() { f.write_str("\x1b[c") } else { Ok(()) }
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What was asked and is not yet answered.
#[derive(Debug)]
pub(super) struct Open {
    /// Whose answers are not known.
    questions: Questions,
    /// Whether answers may be on their way: until the terminal has said what it is.
    awaited: bool,
    /// When the terminal last showed that it answers; at first, when it was asked.
    heard: Moment,
}

impl Open {
    /// These questions were asked at this moment.
    pub(super) fn asked(questions: Questions, now: Moment) -> Open {
        Open { questions, awaited: questions.any(), heard: now }
    }

    /// Whether an Escape is rather the beginning of an answer than a key.
    pub(super) fn expects(&self, now: Moment) -> bool {
        self.awaited && now < self.heard + EXPECTANT
    }

    /// Until when the way out waits; `None`: there is nothing to wait for.
    pub(super) fn patience(&self) -> Option<Moment> {
        self.awaited.then_some(self.heard + PATIENCE)
    }

    /// A part of an answer came.
    pub(super) fn alive(&mut self, now: Moment) {
        self.heard = now;
    }

    /// An answer came. Returns what the program wants to know of it.
    pub(super) fn hear(&mut self, heard: &Heard, now: Moment) -> Option<Answer> {
        self.alive(now);
        match heard {
            Heard::Background(colour) if std::mem::take(&mut self.questions.background) => Some(Answer::Background(colour.clone())),
            // From the first column the cursor moved on by the width of the sign.
            Heard::Column(column) if std::mem::take(&mut self.questions.width) => (*column > 2).then_some(Answer::WideSigns),
            Heard::Attributes => {
                (self.questions, self.awaited) = (Questions::default(), false);
                None
            }
            _ => None,
        }
    }
}
