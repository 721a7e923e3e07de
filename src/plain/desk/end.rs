//! The end of a lesson: what was predicted and brought about, what to remember; and the answer.

use super::Desk;
use crate::lesson::schema::CorrectionKind;
use crate::lesson::walk::Predicted;
use crate::plain::page::Page;

impl Desk {
    /// What the learner did in the lesson.
    pub(super) fn end(&mut self, page: &mut Page) {
        let summary = self.walk.summary();
        page.say(format!("This is the end of: {}.", self.walk.lesson().title));
        if summary.predictions.is_empty() && summary.goals.is_empty() {
            self.read_answer(page);
        }
        if !summary.predictions.is_empty() {
            let (right, made) = summary.right();
            page.say(format!("You predicted {right} of {made} right."));
            summary.predictions.iter().for_each(|predicted| self.predicted(page, predicted));
        }
        for goal in &summary.goals {
            let how = if goal.reached.is_some() { format!("Done, with {}.", goal.how()) } else { format!("Not done: {}.", goal.how()) };
            page.say(format!("Step {}, your task: {}. {how}", goal.step + 1, self.one_line(&goal.say)));
        }
        if let Some(remember) = &self.walk.lesson().remember {
            page.named("Remember:", &self.told(remember));
        }
        self.ended = true;
        self.ask(page);
    }

    fn predicted(&self, page: &mut Page, predicted: &Predicted) {
        let step = predicted.step + 1;
        let Some(said) = &predicted.said else {
            let why = if predicted.given { "you had it told" } else { "not answered" };
            return page.say(format!("Step {step}: {why}."));
        };
        let verdict = if predicted.right { "Right." } else { "Not so." };
        page.say(format!("Step {step}, you said: {}. {verdict}", self.one_line(said)));
        if let Some(why) = predicted.why.as_ref().filter(|_| !predicted.right) {
            page.markdown(&self.told(why));
        }
    }

    /// Whether the end of the lesson was said.
    pub(in crate::plain) fn is_ended(&self) -> bool {
        self.ended
    }

    /// The answer of the lesson.
    pub(in crate::plain) fn read_answer(&mut self, page: &mut Page) {
        self.walk.tell_me();
        let lesson = self.walk.lesson();
        page.named("The question:", &lesson.question);
        page.markdown(&self.told(&lesson.answer));
        for correction in &lesson.corrections {
            let kind = match correction.kind {
                CorrectionKind::Wrong => "Often said, and wrong",
                CorrectionKind::Loose => "Often said too loosely",
                CorrectionKind::Missing => "Often missing",
            };
            let notes = correction.notes.as_ref().map_or_else(String::new, |notes| format!(" {}", self.one_line(notes)));
            page.say(format!("{kind}:{notes}"));
            page.markdown(&self.told(&correction.right));
        }
        if let Some(remember) = &lesson.remember {
            page.named("Remember:", &self.told(remember));
        }
        for source in &lesson.sources {
            page.say(format!("Source: {source}"));
        }
    }
}
