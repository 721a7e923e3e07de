//! The part of a card that compares two designs: what to look at, why they differ, and when nothing can be said of that.

use super::Lab;
use super::card::Card;
use super::told::told;
use crate::lesson::schema::Compare;
use crate::lesson::walk::{NOT_AS_SAID, OFF_THE_SCRIPT, Progress};

impl Card<'_> {
    /// What to look at; once both were seen why they differ, and only that where not everything fits.
    pub(super) fn compare(&mut self, lab: &Lab, compare: &Compare, height: usize) {
        self.markdown(&told(lab, &lab.walk.step().text));
        if let Some(look) = &compare.look {
            self.gap();
            self.markdown(&told(lab, look));
        }
        let done = lab.walk.progress()[lab.walk.index()] == Progress::Done;
        match (lab.walk.is_off_the_story(), lab.walk.is_as_said()) {
            (true, _) => self.instead(None, &told(lab, OFF_THE_SCRIPT), height),
            (false, true) if done => self.instead(Some("Why they differ"), &told(lab, &compare.because), height),
            (false, false) if done => self.instead(None, NOT_AS_SAID, height),
            _ => {}
        }
    }

    /// A text below what was written, or in its place where not both fit.
    fn instead(&mut self, heading: Option<&str>, text: &str, height: usize) {
        let before = std::mem::take(&mut self.lines);
        if let Some(heading) = heading {
            self.say(self.theme.strong, heading);
        }
        self.markdown(text);
        let after = std::mem::take(&mut self.lines);
        if before.len() + 1 + after.len() <= height {
            self.lines = before;
            self.gap();
        }
        self.lines.extend(after);
    }
}
