//! Which guarantees a step is about: those that its texts name, and those that its conditions ask for.

use crate::check::verdict::Guarantee;

use super::schema::{Cond, MarkAt, Step, StepKind};

/// From this length on a word is known by its stem: `durable` in "durability".
const STEM_FROM: usize = 7;

/// So many letters of such a word are its ending.
const ENDING: usize = 3;

impl Step {
    /// Whether a text of this step names the guarantee, or a condition asks for it.
    pub fn is_about(&self, guarantee: Guarantee) -> bool {
        let asked = self.conditions().iter().any(|condition| condition.test.names().any(|name| name == guarantee.id()));
        asked || self.texts().into_iter().any(|text| names(text, &guarantee.words()))
    }

    /// Every condition of it that a learner may come to see decided.
    fn conditions(&self) -> Vec<&Cond> {
        let mut all: Vec<&Cond> = Vec::new();
        all.extend(self.marks.iter().filter_map(|mark| if let MarkAt::When(condition) = &mark.when { Some(condition) } else { None }));
        match &self.kind {
            StepKind::Say { .. } => {}
            StepKind::Predict { options, .. } => all.extend(options.iter().filter_map(|option| option.see.as_ref())),
            StepKind::Try(goal) => {
                all.push(&goal.goal.whole);
                all.extend(goal.misses.iter().filter_map(|miss| miss.told.as_ref()).map(|told| &told.when));
            }
            StepKind::Compare(compare) => all.extend([&compare.a, &compare.b].into_iter().filter_map(|side| side.holds.as_ref())),
            StepKind::Measure(measure) => all.extend(measure.rows.iter().flat_map(|row| row.shares.iter().flatten())),
        }
        all
    }
}

/// Whether a text names a guarantee by these words, whole and in whatever form: with hyphens, over two lines, as a noun.
fn names(text: &str, words: &str) -> bool {
    let text = text.to_lowercase().replace(['-', '_'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    let stem = if words.contains(' ') || words.len() < STEM_FROM { words } else { &words[..words.len() - ENDING] };
    let begins = |at: usize| !text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    let ends = |at: usize| stem.len() < words.len() || !text[at..].chars().next().is_some_and(char::is_alphanumeric);
    text.match_indices(stem).any(|(at, _)| begins(at) && ends(at + stem.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::registry;
    use crate::lesson::catalogue;

    #[test]
    fn a_guarantee_is_found_in_every_form_of_its_words() {
        for text in ["is it *linearizable*?", "Linearizability is", "not linearizable"] {
            assert!(names(text, "linearizable"), "{text}");
        }
        assert!(names("they read-your-\nwrites", "read your writes") && names("Durability", "durable"));
        assert!(!names("an unsafe way", "safe") && !names("a safely kept", "safe"), "part of another word");
        assert!(!names("a sequence of writes", "sequential"));
    }

    #[test]
    fn a_step_is_about_what_it_says_and_asks_for() {
        let lesson = catalogue().open("failover-limits").unwrap().unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let model = registry::model(&lesson.scenario.model).unwrap();
        let about = |step: &Step| model.guarantees.iter().filter(|guarantee| step.is_about(**guarantee)).count();
        let most = model.guarantees.len();
        assert!(lesson.steps.iter().any(|step| about(step) > 0), "no step is about anything");
        assert!(lesson.steps.iter().all(|step| about(step) < most), "a step that is about everything is about nothing");
    }
}
