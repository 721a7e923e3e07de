//! What will happen: the right option is what the simulator does, the wrong ones are what it does with other settings, each with the
//! settings under which it would be right, and what people believe.

use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use super::{Maker, WRONG_MAX, part, shuffled};
use crate::lesson::drill::{Asks, Case, Outcomes, Shown};
use crate::lesson::question::{About, QuestionKind};
use crate::lesson::schema::{Alternative, Cond};
use crate::lesson::source::Mistake;
use crate::quiz::card::Part;

/// How many other cases are run for the wrong options.
const OTHERS_MAX: usize = 6;

impl Maker<'_> {
    /// The question, or nothing where this case and seed leave nothing to choose.
    pub(super) fn predict(&self, rng: &mut Pcg64) -> Result<Option<Vec<Part>>, Mistake> {
        let Asks::Predict { then, outcomes } = &self.case.asks else { return Ok(None) };
        let Some(truth) = self.case.outcome(self.lesson, self.seed, self.brake)? else { return Ok(None) };
        let mut options = vec![self.option(&truth.text, &truth.why, true)];
        self.elsewhere(&mut options, rng)?;
        self.believed(&mut options);
        if options.len() < 2 {
            return Ok(None);
        }
        for option in &mut options {
            option.see = seen(outcomes, &option.text).cloned();
        }
        let kind = QuestionKind::Predict { options: shuffled(options, rng), then: then.clone() };
        Ok(Some(vec![part(self.question(&self.case.text, About::This, kind))]))
    }

    /// What comes of other cases with the same seed: those that differ in the fewest values first.
    fn elsewhere(&self, options: &mut Vec<Alternative>, rng: &mut Pcg64) -> Result<(), Mistake> {
        let mut others: Vec<&Case> = self.drill.cases.iter().filter(|other| other.given != self.case.given).collect();
        others.shuffle(rng);
        others.sort_by_key(|other| self.case.differs(other).count());
        for other in others.into_iter().take(OTHERS_MAX) {
            if options.len() > WRONG_MAX {
                break;
            }
            let Some(shown) = other.outcome(self.lesson, self.seed, self.brake)? else { continue };
            if options.iter().all(|option| option.text != shown.text) {
                options.push(self.option(&shown.text, self.where_right(other, &shown), false));
            }
        }
        Ok(())
    }

    /// Under which setting an outcome would be right, and why.
    fn where_right(&self, other: &Case, shown: &Shown) -> String {
        let differs: Vec<String> = self.case.differs(other).map(|(name, value)| format!("`{name}` is {}", said(value))).collect();
        format!("So it would be if {}. {}", differs.join(" and "), shown.why).trim_end().to_string()
    }

    fn believed(&self, options: &mut Vec<Alternative>) {
        for wrong in &self.drill.believed {
            if options.len() > WRONG_MAX {
                return;
            }
            if options.iter().all(|option| option.text != wrong.text) {
                let option = self.option(&wrong.text, &wrong.why, false);
                options.push(Alternative { belief: wrong.belief.clone(), ..option });
            }
        }
    }
}

/// The condition by which a listed outcome is seen.
fn seen<'o>(outcomes: &'o Outcomes, text: &str) -> Option<&'o Cond> {
    match outcomes {
        Outcomes::Listed(list) => list.iter().find(|outcome| outcome.text == text).map(|outcome| &outcome.see),
        Outcomes::Number { .. } | Outcomes::Told { .. } => None,
    }
}

/// A value in a sentence: as it is typed.
fn said(value: &str) -> String {
    format!("`{value}`")
}
