//! The cards that are answered with the hands: a goal that is to be brought about again, and a report that is to be cured.

use super::card::{Page, plain};
use crate::quiz::judge::Judged;
use crate::quiz::{Mark, Phase, Reply};
use crate::tui::widgets::text::piece;

impl Page<'_> {
    /// What is to be brought about; once it is told, what of it was.
    pub(super) fn goal(&mut self, marks: &[Mark]) {
        let (theme, clauses) = (self.theme, self.turn.card.goal().map_or(&[][..], |goal| &goal.goal.clauses));
        for (index, clause) in clauses.iter().enumerate() {
            let (sign, style) = match marks.get(index) {
                Some(Mark::Right) => (theme.glyphs.ok, theme.good),
                Some(_) => (theme.glyphs.dot, theme.stale),
                None => (theme.glyphs.dot, theme.dim),
            };
            self.push(&vec![piece(format!("{sign} "), style), piece(plain(&clause.say), theme.text)], 2);
        }
        if self.turn.phase == Phase::Asking {
            self.gap();
            self.say(theme.dim, "Enter opens the cluster where the step began. 0 gives it up.");
        }
    }

    /// How the goal was reached, or that it was not.
    pub(super) fn reached(&mut self, judged: &Judged) {
        self.goal(&judged.marks);
        self.gap();
        self.verdict(judged);
    }

    /// Where a cure is found; once one was handed in, what it was.
    pub(super) fn cure(&mut self, open: bool) {
        if open {
            self.say(self.theme.dim, "Enter opens the cluster before the run. c lists what may help; a cure from the list counts as help.");
        } else {
            self.tried(false);
        }
    }

    /// The learner's own cure, and where it is `told` what came of it.
    pub(super) fn tried(&mut self, told: bool) {
        let Some((Reply::Cured(tried), judged)) = &self.turn.judged else { return };
        let all = tried.pokes.iter().map(|poke| format!("`{poke}`")).collect::<Vec<_>>().join(", ");
        self.markdown(&format!("You did {all}"));
        if told {
            self.verdict(judged);
            self.gap();
            self.say(self.theme.dim, "What the list has:");
        }
    }

    fn verdict(&mut self, judged: &Judged) {
        let theme = self.theme;
        let (sign, style) = match (judged.right, judged.partly) {
            (true, false) => (theme.glyphs.ok, theme.good),
            (true, true) => (theme.glyphs.dot, theme.stale),
            (false, _) => (theme.glyphs.cross, theme.bad),
        };
        for why in &judged.why {
            self.push(&vec![piece(format!("{sign} "), style), piece(plain(why).replace(['*', '`'], ""), theme.text)], 2);
        }
    }
}
