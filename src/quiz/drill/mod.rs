//! Questions that a drill makes: each with a seed that nobody has seen. The simulator says what is right, and what would be right
//! elsewhere.

mod clinic;
pub mod cure;
mod diagnose;
mod predict;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt};
use rand_pcg::Pcg64;

use super::card::{Card, Part};
use crate::lesson::Lesson;
use crate::lesson::drill::{Asks, Case, Drill};
use crate::lesson::question::{About, Question, QuestionKind};
use crate::lesson::schema::{Alternative, Run};
use crate::lesson::source::Mistake;
use crate::timeline::Brake;

/// How often another case or seed is tried where one gives nothing to ask.
const TRIES: usize = 24;

/// The most options that are wrong.
const WRONG_MAX: usize = 3;

/// Seeds have so many bits: they stay easy to read and to type.
const SEED_BITS: u32 = 20;

/// Makes a card of a drill. The same `draw` makes the same card. The error says why none could be made, which `splitbrain check`
/// would have told.
pub fn card(item: &str, lesson: &Arc<Lesson>, drill: &Drill, learner: u64, draw: u64, brake: &Brake) -> Result<Card, String> {
    let mut rng = Pcg64::seed_from_u64(draw);
    for _ in 0..TRIES {
        let Some(case) = pick(&drill.cases, &mut rng) else { break };
        let seed = u64::from(rng.next_u32() >> (u32::BITS - SEED_BITS));
        let maker = Maker { lesson, drill, case, seed, brake };
        let parts = match &case.asks {
            Asks::Predict { .. } => maker.predict(&mut rng),
            Asks::Diagnose => maker.diagnose(&mut rng),
            Asks::Clinic(clinic) => maker.clinic(clinic, &mut rng),
        };
        if let Some(parts) = parts.map_err(|mistake: Mistake| mistake.message)? {
            return Card::of_drill(item, maker.form(), parts, lesson, learner).ok_or_else(|| format!("`{item}` asks nothing"));
        }
    }
    Err(format!("`{item}` gave nothing to ask in {TRIES} tries"))
}

fn pick<'t, T>(list: &'t [T], rng: &mut Pcg64) -> Option<&'t T> {
    if list.is_empty() { None } else { list.get(rng.random_range(0..list.len())) }
}

/// What a question is made of.
struct Maker<'m> {
    lesson: &'m Arc<Lesson>,
    drill: &'m Drill,
    case: &'m Case,
    seed: u64,
    brake: &'m Brake,
}

impl Maker<'_> {
    /// What this form of the drill is called in the log: its values and its seed.
    fn form(&self) -> String {
        let given = self.case.given.iter().map(|(name, value)| format!(" {name}={value}"));
        std::iter::once(self.drill.id.clone()).chain(given).chain([format!(" seed={}", self.seed)]).collect()
    }

    /// The run of this case with this seed.
    fn run(&self) -> Run {
        Run { scenario: self.case.scenario(self.seed), script: self.case.run.script.clone() }
    }

    fn question(&self, text: &str, about: About, kind: QuestionKind) -> Question {
        Question {
            id: self.drill.id.clone(),
            text: text.to_string(),
            given: self.case.given.clone(),
            about,
            form_of: None,
            tags: self.drill.tags.clone(),
            fixed: true,
            kind,
            run: Some(self.run()),
            step: None,
            at: self.drill.at.clone(),
        }
    }

    fn option(&self, text: impl Into<String>, why: impl Into<String>, right: bool) -> Alternative {
        Alternative { text: text.into(), why: why.into(), right, see: None, belief: None, at: self.drill.at.clone() }
    }
}

/// The options in an order of their own.
fn shuffled(mut options: Vec<Alternative>, rng: &mut Pcg64) -> Vec<Alternative> {
    options.shuffle(rng);
    options
}

/// A part of a card without anything to point at.
fn part(question: Question) -> Part {
    Part { question, operations: Vec::new(), remedies: None }
}
