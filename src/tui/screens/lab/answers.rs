//! The part of a card that asks what will happen, and says what did.

use super::Lab;
use super::card::Card;
use super::told::told;
use crate::lesson::schema::Alternative;
use crate::tui::widgets::markdown::unmarked;

impl Card<'_> {
    /// Once the run has told: whether the prediction was right, and why.
    pub(super) fn outcome(&mut self, lab: &Lab, options: &[Alternative]) {
        let theme = self.theme;
        let Some(prediction) = lab.walk.prediction().filter(|p| p.shown) else { return };
        let chosen = &options[prediction.chosen];
        if prediction.given {
            self.answer((theme.glyphs.ok, theme.good), "It is", &told(lab, &chosen.text));
        } else if chosen.right {
            self.answer((theme.glyphs.ok, theme.good), "Right", &told(lab, &chosen.text));
        } else {
            self.answer((theme.glyphs.cross, theme.bad), "You said", &told(lab, &chosen.text));
        }
        self.hanging("", &told(lab, &chosen.why));
        if let Some(right) = options.iter().find(|o| o.right).filter(|_| !chosen.right) {
            self.answer((theme.glyphs.ok, theme.good), "What happened", &told(lab, &right.text));
            self.hanging("", &told(lab, &right.why));
        }
        self.gap();
    }

    /// The answers to choose from; once one was chosen, where each is to be seen.
    pub(super) fn options(&mut self, lab: &Lab, options: &[Alternative]) {
        let theme = self.theme;
        let prediction = lab.walk.prediction();
        let shown = prediction.is_some_and(|p| p.shown);
        self.gap();
        for (i, option) in options.iter().enumerate() {
            let chosen = prediction.is_some_and(|p| p.chosen == i);
            let pointed = lab.option == Some(i);
            let style = match prediction {
                None if pointed => theme.strong.patch(theme.selected),
                None => theme.text,
                Some(_) if shown && option.right => theme.good,
                Some(_) if shown && chosen => theme.bad,
                Some(_) if chosen || pointed => theme.strong,
                Some(_) => theme.dim,
            };
            let from = self.lines.len();
            let sign = if chosen { format!("{} ", theme.glyphs.pointer) } else { String::new() };
            self.sign(&(i + 1).to_string(), theme.key, &format!("{sign}{}", unmarked(&told(lab, &option.text))), style);
            if shown && pointed && !chosen && !option.right {
                self.hanging("", &told(lab, &option.why));
            }
            self.is_answer(i, from);
        }
        if shown {
            self.gap();
            self.say(theme.dim, "A digit goes to the moment that shows its answer.");
            self.spread(lab);
        }
    }
}
