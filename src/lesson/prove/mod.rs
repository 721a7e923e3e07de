//! The proof of a lesson: everything that it says about the cluster is run, and every disagreement is a mistake at its place.
//!
//! Runs go through [`crate::timeline::Timeline`] as a learner's do.

mod claim;
mod drill;
mod goal;
mod places;
mod question;
mod step;
#[cfg(test)]
mod tests;

use crate::cluster::Cluster;
use crate::cluster::facts::Facts;
use crate::timeline::{Brake, Timeline};

pub(super) use goal::Reached;

use super::perform::{Watch, perform};
use super::schema::{Alternative, Cond, Lesson, Run};
use super::source::{Bytes, Mistake, Mistakes};
use super::story;

/// Runs a lesson. All that is not so, in the order of the file.
pub fn prove(lesson: &Lesson) -> Result<(), Mistakes> {
    let mut proof = Proof { lesson, mistakes: Vec::new(), brake: Brake::bounded(), spent: false };
    if proof.starts() {
        proof.steps();
        lesson.claims.iter().for_each(|c| proof.claim(c));
        lesson.questions.iter().for_each(|q| proof.question(q));
        // Drills are run over and over by whoever is asked: their runs are counted apart.
        proof.brake = Brake::bounded();
        lesson.drills.iter().for_each(|d| proof.drill(d));
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
}

impl Proof<'_> {
    /// Whether the lesson's own cluster starts; if not, nothing else is worth trying.
    fn starts(&mut self) -> bool {
        let started = story::fresh(self.lesson, &self.lesson.scenario, &self.brake);
        self.noted(started.map(|_| ())).is_some()
    }

    /// Notes it when the proof ended before its end and nothing says so yet.
    fn is_whole(&mut self) {
        let why = self.brake.why();
        if self.brake.is_spent() && !self.mistakes.iter().any(|mistake| mistake.message.contains(&why)) {
            self.mistake(&(0..1), format!("not everything was run: {why}"));
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
