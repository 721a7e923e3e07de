//! The proof of a lesson: everything that it says about the cluster is run, and every disagreement is a mistake at its place.
//!
//! Runs go through [`crate::timeline::Timeline`] as a learner's do.

mod claim;
mod drill;
mod goal;
mod places;
mod question;
mod shown;
mod step;
#[cfg(test)]
mod tests;

use crate::cluster::facts::Facts;
use crate::cluster::{Cluster, budget};
use crate::timeline::{Brake, Timeline};

pub(super) use goal::Reached;

use super::perform::{Watch, perform};
use super::schema::{Alternative, Cond, Lesson, Run};
use super::source::{Bytes, Mistake, Mistakes};
use super::story;

/// Runs a lesson. All that is not so, in the order of the file.
pub fn prove(lesson: &Lesson) -> Result<(), Mistakes> {
    let brake = Brake::of(budget::of_lesson(lesson.steps.len()));
    let mut proof = Proof { lesson, mistakes: Vec::new(), brake, spent: false, took: Vec::new() };
    if proof.starts() {
        proof.steps();
        for (number, claim) in (1..).zip(&lesson.claims) {
            proof.counted(("claim", number), |proof| proof.claim(claim));
        }
        for (number, question) in (1..).zip(&lesson.questions) {
            proof.counted(("question", number), |proof| proof.question(question));
        }
        proof.is_whole();
        // Drills are run over and over by whoever is asked: their runs are counted apart.
        (proof.brake, proof.took) = (Brake::bounded(), Vec::new());
        for (number, drill) in (1..).zip(&lesson.drills) {
            proof.counted(("drill", number), |proof| proof.drill(drill));
        }
    }
    proof.places();
    proof.is_whole();
    let mistakes = proof.mistakes;
    if mistakes.is_empty() { Ok(()) } else { Err(Mistakes::new(lesson.source.clone(), mistakes)) }
}

struct Proof<'l> {
    lesson: &'l Lesson,
    mistakes: Vec<Mistake>,
    /// Ends the proof when all runs of the file have done as much work as they can have.
    brake: Brake,
    /// Whether that was so when the last mistake was noted.
    spent: bool,
    /// What each part of the lesson took of the work.
    took: Vec<(Part, u64)>,
}

/// A part of a lesson: what it is, and which, from 1 on.
type Part = (&'static str, usize);

/// Of how many parts a proof says what they took that has come to its bound.
const DEAREST: usize = 4;

impl Proof<'_> {
    /// Whether the lesson's own cluster starts; if not, nothing else is worth trying.
    fn starts(&mut self) -> bool {
        let started = story::fresh(self.lesson, &self.lesson.scenario, &self.brake);
        self.noted(started.map(|_| ())).is_some()
    }

    /// Does a part of the proof, and counts its work.
    fn counted<T>(&mut self, part: Part, does: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.brake.spent();
        let done = does(self);
        self.took.push((part, self.brake.spent() - before));
        done
    }

    /// Notes it when the proof ended before its end and nothing says so yet; and which parts took the most.
    fn is_whole(&mut self) {
        if !self.brake.is_spent() {
            return;
        }
        let why = self.brake.why();
        let at = self.mistakes.iter().position(|mistake| mistake.message.contains(&why)).unwrap_or_else(|| {
            self.mistake(&(0..1), format!("not everything was run: {why}"));
            self.mistakes.len() - 1
        });
        let mut took = self.took.clone();
        took.sort_by_key(|(_, work)| std::cmp::Reverse(*work));
        let dear = took.iter().take(DEAREST).filter(|(_, work)| *work > 0);
        let dear: Vec<String> = dear.map(|((what, number), work)| format!("{what} {number} took {work}")).collect();
        if !dear.is_empty() {
            let message = &mut self.mistakes[at].message;
            *message = format!("{message} ({})", dear.join(", "));
        }
    }

    fn mistake(&mut self, at: &Bytes, message: impl Into<String>) {
        self.mistakes.push(Mistake::new(at, message, ""));
    }

    /// The value; or nothing, and the mistake is noted: once, where nothing more can be run.
    fn noted<T>(&mut self, result: Result<T, Mistake>) -> Option<T> {
        let spent = std::mem::replace(&mut self.spent, self.brake.is_spent());
        match result {
            Ok(value) => return Some(value),
            Err(mistake) if !spent => self.mistakes.push(mistake),
            Err(_) => {}
        }
        None
    }

    /// The cluster after a run.
    fn run(&self, run: &Run, watch: &mut dyn Watch) -> Result<Timeline, Mistake> {
        let mut timeline = story::fresh(self.lesson, &run.scenario, &self.brake)?;
        perform(&mut timeline, &run.script, watch)?;
        Ok(timeline)
    }

    /// Whether a condition holds; an error is noted, and counts as whatever is expected.
    fn holds(&mut self, condition: &Cond, cluster: &dyn Cluster, expected: bool) -> bool {
        let held = condition.test.holds_in(cluster).map_err(|message| Mistake::new(&condition.at, message, ""));
        self.noted(held).unwrap_or(expected)
    }

    /// Notes it when a condition is not as expected at the end of something.
    fn expect(&mut self, condition: &Cond, cluster: &dyn Cluster, expected: bool, so: &str) {
        if self.holds(condition, cluster, expected) != expected {
            let now = explain(condition, cluster);
            let held = if expected { "does not hold" } else { "holds" };
            self.mistake(&condition.at, format!("{so}, but `{}` {held} at the end: {now}", condition.text));
        }
    }

    /// The simulator has to agree with what is marked as right.
    fn alternatives(&mut self, options: &[Alternative], cluster: &dyn Cluster) {
        for option in options {
            let Some(see) = &option.see else { continue };
            let so = if option.right { "this answer is marked right" } else { "this answer is not marked right" };
            self.expect(see, cluster, option.right, so);
        }
    }
}

/// What a condition speaks of, as it is now.
fn explain(condition: &Cond, cluster: &dyn Cluster) -> String {
    condition.test.explain(&condition.test.look(cluster))
}

/// All facts of now.
fn facts_of(cluster: &dyn Cluster) -> Facts {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    facts
}
