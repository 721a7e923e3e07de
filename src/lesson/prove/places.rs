//! Right options that give themselves away: always at the same place, or always the longest.

use crate::lesson::question::QuestionKind;
use crate::lesson::schema::{Alternative, Lesson, StepKind};

use super::Proof;

/// A lesson with fewer choices can have any places.
const FEW: usize = 4;

/// The largest share of the choices, in per cent, whose right option may stand at one place, or be the longest.
const SHARE_MAX: usize = 60;

impl Proof<'_> {
    /// Somebody who knows nothing must not do well by a rule.
    pub(super) fn places(&mut self) {
        let choices = choices(self.lesson);
        if choices.len() < FEW {
            return;
        }
        let most = |count: usize| count * 100 > choices.len() * SHARE_MAX;
        let places: Vec<usize> = choices.iter().filter_map(|options| options.iter().position(|o| o.right)).collect();
        for place in 0..4 {
            let here = places.iter().filter(|p| **p == place).count();
            if most(here) {
                let message = format!("the right option stands at place {} in {here} of {} choices; spread it", place + 1, choices.len());
                self.mistake(&choices[0][0].at, message);
            }
        }
        let longest = choices.iter().filter(|options| right_is_longest(options)).count();
        if most(longest) {
            let message = format!("the right option is the longest in {longest} of {} choices; say it in fewer words", choices.len());
            self.mistake(&choices[0][0].at, message);
        }
    }
}

/// Every list of options of which exactly one is right.
fn choices(lesson: &Lesson) -> Vec<&[Alternative]> {
    let steps =
        lesson.steps.iter().filter_map(|step| if let StepKind::Predict { options, .. } = &step.kind { Some(&options[..]) } else { None });
    let of = |kind| match kind {
        &QuestionKind::Choice(ref options) | &QuestionKind::Predict { ref options, .. } => Some(&options[..]),
        _ => None,
    };
    // A question that stands there once for each value is one question.
    let mut known = std::collections::BTreeSet::new();
    let questions = lesson.questions.iter().filter(move |q| known.insert(q.id.as_str())).filter_map(move |q| of(&q.kind));
    steps.chain(questions).filter(|options| options.len() > 1).collect()
}

fn right_is_longest(options: &[Alternative]) -> bool {
    let length = |option: &Alternative| option.text.chars().count();
    let wrong = options.iter().filter(|o| !o.right).map(length).max().unwrap_or(0);
    options.iter().filter(|o| o.right).all(|o| length(o) > wrong)
}
