//! Drills: with several seeds each case comes to one thing, some cases to different things, and cures cure.

use std::collections::BTreeSet;

use crate::lesson::drill::{Asks, Case, Clinic, Drill, Outcomes};
use crate::lesson::perform::{FirstTimes, perform};
use crate::lesson::schema::Script;
use crate::lesson::story;

use super::Proof;

/// With how many seeds each case is run.
const SEEDS: u64 = 2;

impl Proof<'_> {
    pub(super) fn drill(&mut self, drill: &Drill) {
        let mut seen = BTreeSet::new();
        for case in &drill.cases {
            for seed in 0..SEEDS {
                match &case.asks {
                    Asks::Predict { .. } => self.prediction_case(drill, case, seed, &mut seen),
                    Asks::Diagnose => _ = self.noted(case.play(self.lesson, seed, &Script::default(), &self.brake)),
                    Asks::Clinic(clinic) => self.clinic(case, clinic, seed),
                }
            }
        }
        if matches!(drill.cases.first().map(|case| &case.asks), Some(Asks::Predict { .. })) {
            self.differences(drill, &seen);
        }
    }

    fn prediction_case(&mut self, drill: &Drill, case: &Case, seed: u64, outcomes: &mut BTreeSet<String>) {
        let Some(shown) = self.noted(case.outcome(self.lesson, seed, &self.brake)) else { return };
        let given = named(case);
        match shown {
            None => self.mistake(&drill.at, format!("with {given} and seed {seed} not exactly one outcome is to be seen")),
            Some(shown) if shown.why.is_empty() => {
                self.mistake(&drill.at, format!("with {given} and seed {seed} no reason is true of `{}`", shown.text));
            }
            Some(shown) => _ = outcomes.insert(shown.text),
        }
    }

    /// What can come of it does come of some case, what is only believed of none, and two things at least can.
    fn differences(&mut self, drill: &Drill, seen: &BTreeSet<String>) {
        if seen.len() + drill.believed.len() < 2 {
            self.mistake(&drill.at, "every case comes to the same, so there is nothing to choose");
        }
        for wrong in drill.believed.iter().filter(|wrong| seen.contains(&wrong.text)) {
            self.mistake(&drill.at, format!("`{}` is called a belief, but comes of a case", wrong.text));
        }
        let listed = drill.cases.iter().filter_map(|case| match &case.asks {
            Asks::Predict { outcomes: Outcomes::Listed(list), .. } => Some(list),
            _ => None,
        });
        let all: BTreeSet<&str> = listed.flatten().map(|outcome| outcome.text.as_str()).collect();
        for never in all.into_iter().filter(|text| !seen.contains(*text)) {
            self.mistake(&drill.at, format!("`{never}` comes of no case; make it a belief"));
        }
    }

    fn clinic(&mut self, case: &Case, clinic: &Clinic, seed: u64) {
        let mut first = FirstTimes::of([&clinic.moment]);
        let Some(mut timeline) = self.noted(story::fresh(self.lesson, &case.scenario(seed), &self.brake)) else { return };
        if self.noted(perform(&mut timeline, &case.run.script, &mut first)).is_none() {
            return;
        }
        if first.first.iter().all(Option::is_none) {
            self.mistake(&clinic.moment.at, format!("`{}` never comes true with seed {seed}", clinic.moment.text));
        }
        self.expect(&clinic.cured, timeline.cluster(), false, "nothing is cured yet");
        self.cures(case, clinic, seed);
    }

    fn cures(&mut self, case: &Case, clinic: &Clinic, seed: u64) {
        let mut cured = 0;
        for cure in &clinic.cures {
            let Some(timeline) = self.noted(case.play(self.lesson, seed, &cure.script, &self.brake)) else { return };
            cured += usize::from(self.holds(&clinic.cured, timeline.cluster(), false));
        }
        if cured == 0 || cured == clinic.cures.len() {
            self.mistake(
                &clinic.cured.at,
                format!("{cured} of {} cures help with seed {seed}; some have to, and some not", clinic.cures.len()),
            );
        }
    }
}

/// The values of a case, for a message.
fn named(case: &Case) -> String {
    let given: Vec<String> = case.given.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    if given.is_empty() { "no values".to_string() } else { given.join(", ") }
}
