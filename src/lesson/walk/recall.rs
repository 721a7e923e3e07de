//! Taking a lesson up again: what a learner did in it before is as it was.

use crate::lesson::schema::StepKind;

use super::{Trail, Walk};

/// What is known of a step from before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recalled {
    /// Whether it was done.
    pub done: bool,
    /// The text of the option that was predicted.
    pub predicted: Option<String>,
    /// The fewest pokes with which its goal was reached.
    pub reached: Option<usize>,
}

impl Walk {
    /// Takes over what is known of a step. Nothing changes on the stage: [`Walk::go_to`] opens a step as it is known now. An option
    /// that is not among those of the step any more was not predicted.
    pub fn recall(&mut self, index: usize, known: &Recalled) {
        let Some(step) = self.lesson.steps.get(index) else { return };
        let chosen = match (&step.kind, &known.predicted) {
            (StepKind::Predict { options, .. }, Some(text)) => options.iter().position(|option| option.text == *text),
            _ => None,
        };
        let trail = &mut self.trail[index];
        *trail = Trail { seen: true, done: known.done, chosen, ..Trail::default() };
        trail.goal.reached = known.reached;
        if matches!(step.kind, StepKind::Predict { .. }) {
            trail.done &= chosen.is_some();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::lesson::testing::{example_text, read};
    use crate::lesson::walk::{Prediction, Progress};
    use crate::timeline::Brake;

    #[test]
    fn a_lesson_is_taken_up_where_it_was_left() {
        let lesson = Arc::new(read(example_text()).unwrap_or_else(|mistakes| panic!("{mistakes}")));
        let mut walk = Walk::start(Arc::clone(&lesson), &Brake::default()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let StepKind::Predict { options, .. } = &lesson.steps[1].kind else { panic!("the second step predicts") };
        walk.recall(0, &Recalled { done: true, ..Recalled::default() });
        walk.recall(1, &Recalled { done: true, predicted: Some(options[0].text.clone()), ..Recalled::default() });
        walk.recall(2, &Recalled { done: true, reached: Some(3), ..Recalled::default() });
        walk.recall(99, &Recalled::default());
        assert_eq!(walk.progress()[..4], [Progress::Done, Progress::Done, Progress::Done, Progress::New]);
        walk.go_to(1).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        assert_eq!(walk.prediction(), Some(Prediction { chosen: 0, shown: true, given: false }));
        walk.go_to(2).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        assert_eq!(walk.goal().and_then(|goal| goal.reached), Some(3));
        walk.recall(1, &Recalled { done: true, predicted: Some("an option that is gone".into()), ..Recalled::default() });
        assert_eq!(walk.progress()[1], Progress::Seen, "it is to be predicted again");
    }
}
