//! Steps: marks are reached, predictions come true, comparisons and tables are as is said, and keys in texts do something.

use crate::cluster::Cluster;
use crate::lesson::markup::{self, Slot};
use crate::lesson::measure::Measure;
use crate::lesson::perform::FirstTimes;
use crate::lesson::schema::{Compare, Cond, MarkAt, Origin, Step, StepKind};
use crate::lesson::{story, tabulate};
use crate::sim::time::Span;
use crate::timeline::Timeline;

use super::goal::is_in_a_script;
use super::{Proof, explain, facts_of};

/// The longest that a learner watches without a stop, in seconds of play at 1x.
const WATCHED_MAX: u64 = 15;

impl Proof<'_> {
    /// Goes through the story. After a step that breaks, the story goes on at the next fresh one.
    pub(super) fn steps(&mut self) {
        let mut story = story::fresh(self.lesson, &self.lesson.scenario, &self.brake).ok();
        for (number, step) in (1..).zip(&self.lesson.steps) {
            self.counted(("step", number), |proof| proof.step(step, &mut story));
        }
    }

    fn step(&mut self, step: &Step, story: &mut Option<Timeline>) {
        let fresh = match (&step.kind, &step.origin) {
            (StepKind::Measure(_), _) | (_, Origin::Here) => None,
            (_, Origin::Fresh(scenario)) => self.noted(story::fresh(self.lesson, scenario, &self.brake)),
        };
        let Some(before) = fresh.as_ref().or(story.as_ref()) else { return };
        match &step.kind {
            StepKind::Try(goal) => self.try_step(step, goal, before),
            StepKind::Compare(compare) => self.compare(step, compare),
            StepKind::Measure(measure) => self.measure(measure),
            _ => *story = self.told(step, before),
        }
    }

    /// A `say` or `predict` step: gives the story after it.
    fn told(&mut self, step: &Step, before: &Timeline) -> Option<Timeline> {
        let awaited: Vec<&Cond> = step.marks.iter().filter_map(|m| if let MarkAt::When(c) = &m.when { Some(c) } else { None }).collect();
        let mut first = FirstTimes::of(awaited.iter().copied());
        let (after, _) = self.noted(story::after(self.lesson, step, (before, &self.brake), &mut first))?;
        for (condition, first) in awaited.iter().zip(&first.first) {
            if first.is_none() {
                let now = explain(condition, after.cluster());
                self.mistake(&condition.at, format!("the mark `{}` is never reached; at the end {now}", condition.text));
            }
        }
        let length = after.at().since(before.at());
        for mark in &step.marks {
            if matches!(mark.when, MarkAt::After(span) if span > length) {
                self.mistake(&mark.at, format!("the step ends after {length}, before this mark"));
            }
        }
        let seen = first.first.iter().flatten().map(|place| place.at.since(before.at()));
        let timed = step.marks.iter().filter_map(|mark| if let MarkAt::After(span) = mark.when { Some(span) } else { None });
        self.is_watchable(step, seen.chain(timed).chain([length]).collect());
        if let StepKind::Predict { options, .. } = &step.kind {
            self.alternatives(options, after.cluster());
        }
        self.keys(step, [before.cluster(), after.cluster()]);
        self.shown_names(step, &[before.cluster(), after.cluster()], Some(before));
        Some(after)
    }

    /// Nobody watches for long without something to stop at.
    fn is_watchable(&mut self, step: &Step, mut stops: Vec<Span>) {
        let pace = step.pace.unwrap_or(self.lesson.pace);
        stops.sort_unstable();
        let (mut longest, mut last) = (Span(0), Span(0));
        for stop in stops {
            longest = longest.max(Span(stop.0.saturating_sub(last.0)));
            last = stop;
        }
        if longest.0 > pace.0.saturating_mul(WATCHED_MAX) {
            let seconds = longest.0 / pace.0.max(1);
            let message = format!("the learner would watch for {seconds} s without a stop; {WATCHED_MAX} s are the most");
            self.mistake(&step.at, format!("{message}; set a mark, or a `pace` for this step"));
        }
    }

    /// Pokes that a text shows the keys of can be done: at the start of the step or at the end of what it shows.
    pub(super) fn keys(&mut self, step: &Step, moments: [&dyn Cluster; 2]) {
        for slot in step.texts().into_iter().flat_map(markup::slots) {
            let Ok(Slot::Poke(poke)) = Slot::read(slot, story::scenario_of(self.lesson, step)) else { continue };
            if is_in_a_script(step, &poke) {
                continue;
            }
            let refused = moments.map(|cluster| cluster.fork().apply(&poke).err());
            if let [Some(why), Some(_)] = refused {
                self.mistake(&step.at, format!("`{{{{{slot}}}}}` cannot be done at this step: {why}"));
            }
        }
    }

    /// Both sides are as is said of them, and not the same.
    fn compare(&mut self, step: &Step, compare: &Compare) {
        let Some(story::SideBySide { pair, .. }) = self.noted(story::side_by_side(self.lesson, compare, &self.brake)) else { return };
        let (a, b) = (pair.a().cluster(), pair.b().cluster());
        for (side, cluster) in [(&compare.a, a), (&compare.b, b)] {
            if let Some(holds) = &side.holds {
                self.expect(holds, cluster, true, &format!("this is what is said of \"{}\"", side.name));
            }
        }
        self.shown_names(step, &[a, b], None);
        if facts_of(a) == facts_of(b) {
            self.mistake(&compare.b.at, "both designs end with the same facts, so there is nothing to compare");
        }
    }

    /// The table is as is said of it.
    fn measure(&mut self, measure: &Measure) {
        let Some(table) = self.noted(tabulate::table(self.lesson, measure, &self.brake)) else { return };
        for across in &measure.holds {
            if let Some(why) = tabulate::broken(across, measure, &table) {
                self.mistake(&across.at, format!("`{}` is not so: {why}", across.text));
            }
        }
    }
}
