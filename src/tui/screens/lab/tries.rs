//! The part of a card that says how it is with a goal: a checklist, misses, hints, the reason.

use super::Lab;
use super::card::Card;
use super::told::told;
use crate::lesson::schema::Try;
use crate::tui::widgets::text::piece;

/// Whether the learner reached the goal of this step, now or before.
fn reached(lab: &Lab) -> bool {
    lab.walk.goal().is_some_and(|goal| goal.reached.is_some())
}

impl Card<'_> {
    pub(super) fn goal(&mut self, lab: &Lab, goal: &Try, short: bool) {
        if !short {
            self.state(lab, goal);
        }
        self.missed(lab, goal);
        self.hints(lab);
        if !short {
            self.gap();
            self.why(lab);
        }
    }

    /// Once the goal was reached: why that works.
    pub(super) fn why(&mut self, lab: &Lab) {
        let Some(reason) = lab.walk.reason().filter(|_| reached(lab) || lab.goal.holds) else { return };
        self.say(self.theme.strong, "Why");
        self.markdown(&told(lab, reason));
        self.gap();
    }

    /// The parts of the goal with their marks, and with how many pokes it is tried.
    fn state(&mut self, lab: &Lab, goal: &Try) {
        let theme = self.theme;
        self.gap();
        for (clause, holds) in goal.goal.clauses.iter().zip(&lab.goal.clauses) {
            let (sign, style) = if *holds { (theme.glyphs.ok, theme.good) } else { (theme.glyphs.bullet, theme.stale) };
            self.lines.extend(crate::tui::widgets::markdown::hanging(theme, (sign, style), &told(lab, &clause.say), self.width));
        }
        let (state, style) = if lab.goal.holds {
            (format!("   {} reached", theme.glyphs.ok), theme.good)
        } else if reached(lab) {
            (format!("   {} reached before", theme.glyphs.ok), theme.good)
        } else {
            (String::new(), theme.text)
        };
        let best = lab.walk.best_known().map_or_else(String::new, |n| format!("   best known {n}"));
        let pokes = piece(format!("{}{best}", lab.walk.pokes()), theme.text);
        self.push(&vec![piece("pokes  ", theme.dim), pokes, piece(state, style)], 7);
    }

    /// What came near and missed, and the way back where the goal is out of reach.
    fn missed(&mut self, lab: &Lab, goal: &Try) {
        let theme = self.theme;
        if let Some(said) = lab.goal.miss.and_then(|miss| goal.misses.get(miss)?.told.as_ref()) {
            self.gap();
            self.lines.extend(crate::tui::widgets::markdown::hanging(
                theme,
                (theme.glyphs.cross, theme.bad),
                &told(lab, &said.say),
                self.width,
            ));
        }
        if lab.goal.out {
            self.gap();
            self.markdown(&told(
                lab,
                "**The goal is out of reach from here.** {{key undo}} takes your last poke back, {{key restart}} starts again.",
            ));
        }
    }

    fn hints(&mut self, lab: &Lab) {
        for (i, hint) in lab.walk.hints().iter().enumerate() {
            self.gap();
            self.say(self.theme.dim, &format!("hint {} of 3", i + 1));
            self.markdown(&told(lab, hint));
        }
    }
}
