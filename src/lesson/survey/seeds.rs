//! Predictions with other seeds: the right answer is right in all of them but one, or it is a matter of chance and the text says so.

use crate::cluster::Cluster;
use crate::lesson::perform::{Unwatched, perform};
use crate::lesson::question::QuestionKind;
use crate::lesson::schema::{Alternative, Lesson, StepKind};
use crate::lesson::source::Mistake;
use crate::lesson::{story, tabulate};
use crate::timeline::{Brake, Timeline};

/// With how many seeds the right answer may turn out wrong, where nothing is said of chance.
const EXCEPTIONS: u64 = 1;

/// In how many runs each option was seen, or the run that broke.
struct Seen {
    counts: Vec<u64>,
    /// The first seed that showed something else than the right answer.
    other: Option<u64>,
}

pub(super) fn step(lesson: &Lesson, index: usize, seeds: u64, brake: &Brake) -> Vec<Mistake> {
    let StepKind::Predict { options, chance, .. } = &lesson.steps[index].kind else { return Vec::new() };
    let run = |by| story::with_seed(lesson, index, by, brake);
    judge(options, chance.is_some(), seeds, run)
}

pub(super) fn question(lesson: &Lesson, index: usize, seeds: u64, brake: &Brake) -> Vec<Mistake> {
    let question = &lesson.questions[index];
    let (QuestionKind::Predict { options, then }, Some(run)) = (&question.kind, &question.run) else { return Vec::new() };
    let one = |by| {
        let mut timeline = tabulate::run(lesson, run, by, brake, &mut Unwatched)?;
        perform(&mut timeline, then, &mut Unwatched)?;
        Ok(timeline)
    };
    judge(options, false, seeds, one)
}

fn judge(options: &[Alternative], chance: bool, seeds: u64, run: impl Fn(u64) -> Result<Timeline, Mistake>) -> Vec<Mistake> {
    let mut seen = Seen { counts: vec![0; options.len()], other: None };
    for by in 0..seeds {
        match run(by) {
            Ok(timeline) => seen.note(options, by, timeline.cluster()),
            Err(mistake) => {
                let message = format!("with the seed {by} further on the story breaks: {}", mistake.message);
                return vec![Mistake::new(&mistake.at, message, "")];
            }
        }
    }
    seen.verdict(options, chance, seeds).into_iter().collect()
}

impl Seen {
    fn note(&mut self, options: &[Alternative], by: u64, cluster: &dyn Cluster) {
        for (option, count) in options.iter().zip(&mut self.counts) {
            let held = option.see.as_ref().is_some_and(|see| see.test.holds_in(cluster).unwrap_or(false));
            *count += u64::from(held);
            if option.right && !held {
                self.other.get_or_insert(by);
            }
        }
    }

    fn verdict(&self, options: &[Alternative], chance: bool, seeds: u64) -> Option<Mistake> {
        let right = options.iter().position(|o| o.right)?;
        let (count, at) = (self.counts[right], options[right].see.as_ref().map_or(&options[right].at, |see| &see.at));
        if chance {
            let more = (0..options.len()).find(|i| self.counts[*i] > count)?;
            let message = format!(
                "another answer comes true more often: \"{}\" in {} of {seeds} runs, this in {count}",
                options[more].text, self.counts[more]
            );
            return Some(Mistake::new(at, message, ""));
        }
        let fails = seeds - count;
        let first = self.other.filter(|_| fails > EXCEPTIONS)?;
        let message =
            format!("this answer is right in only {count} of {seeds} runs; the first that differs has the seed {first} further on");
        Some(Mistake::new(at, message, "make it certain, or say in the text that it is chance and name a fact under `chance`"))
    }
}
