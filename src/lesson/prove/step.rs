//! Steps: marks are reached, predictions come true, goals can be reached and only by what reaches them, comparisons differ.

use crate::timeline::Timeline;

use crate::lesson::perform::{FirstTimes, Position, perform};
use crate::lesson::schema::{Compare, Cond, MarkAt, Origin, Script, Step, StepKind, Try};
use crate::lesson::source::Mistake;
use crate::lesson::story;

use super::{Proof, explain, facts_of};

impl Proof<'_> {
    /// Goes through the story. After a step that breaks, the story goes on at the next fresh one.
    pub(super) fn steps(&mut self) {
        let mut story = story::fresh(self.lesson, &self.lesson.scenario, &self.brake).ok();
        for step in &self.lesson.steps {
            let fresh = match &step.origin {
                Origin::Fresh(scenario) => self.noted(story::fresh(self.lesson, scenario, &self.brake)),
                Origin::Here => None,
            };
            let Some(before) = fresh.as_ref().or(story.as_ref()) else { continue };
            match &step.kind {
                StepKind::Try(goal) => self.try_step(step, goal, before),
                StepKind::Compare(compare) => self.compare(compare),
                _ => story = self.told(step, before),
            }
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
        if let StepKind::Predict { options, .. } = &step.kind {
            self.alternatives(options, after.cluster());
        }
        Some(after)
    }

    fn try_step(&mut self, step: &Step, goal: &Try, before: &Timeline) {
        let Some(opening) = self.noted(story::opening(self.lesson, step, before, &self.brake)) else { return };
        if self.holds(&goal.goal, opening.cluster(), false) {
            let now = explain(&goal.goal, opening.cluster());
            self.mistake(&goal.goal.at, format!("the goal holds already at the start: {now}"));
            return;
        }
        self.solution(goal, &opening);
        for miss in &goal.misses {
            self.miss(goal, miss, &opening);
        }
    }

    /// When the goal holds for the first time, and the cluster and the positions at the end of the commands.
    fn towards(goal: &Cond, script: &Script, opening: &Timeline) -> Result<(Option<Position>, Timeline, Vec<Position>), Mistake> {
        let mut timeline = opening.fork();
        let mut first = FirstTimes::of([goal]);
        let ends = perform(&mut timeline, script, &mut first)?;
        Ok((first.first[0], timeline, ends))
    }

    /// The solution reaches the goal, and not before its last poke.
    fn solution(&mut self, goal: &Try, opening: &Timeline) {
        let Some((reached, end, ends)) = self.noted(Self::towards(&goal.goal, &goal.solution, opening)) else { return };
        let lines = &goal.solution.lines;
        let Some(reached) = reached else {
            let now = explain(&goal.goal, end.cluster());
            self.mistake(&lines[0].at, format!("the solution does not reach `{}`; at the end {now}", goal.goal.text));
            return;
        };
        let after = |index: &usize| ends[*index] > reached;
        let spare = (0..lines.len()).filter(|i| matches!(lines[*i].command, crate::command::Command::Poke(_))).find(|i| after(i));
        if let Some(index) = spare {
            let message = format!("the goal is reached at {}, before `{}`; leave it out", reached.at, lines[index].command);
            self.mistake(&lines[index].at, message);
        }
    }

    /// A near miss does not reach the goal, also not on the way.
    fn miss(&mut self, goal: &Try, miss: &Script, opening: &Timeline) {
        let Some((reached, _, _)) = self.noted(Self::towards(&goal.goal, miss, opening)) else { return };
        if let (Some(reached), Some(first)) = (reached, miss.lines.first()) {
            let message = format!("this near miss reaches `{}` at {}", goal.goal.text, reached.at);
            self.mistake(&first.at, message);
        }
    }

    /// Both sides are as is said of them, and not the same.
    fn compare(&mut self, compare: &Compare) {
        let Some((mut pair, end)) = self.noted(story::side_by_side(self.lesson, compare, &self.brake)) else { return };
        pair.seek(end);
        let (a, b) = (pair.a().cluster(), pair.b().cluster());
        for (side, cluster) in [(&compare.a, a), (&compare.b, b)] {
            if let Some(holds) = &side.holds {
                self.expect(holds, cluster, true, &format!("this is what is said of \"{}\"", side.name));
            }
        }
        if facts_of(a) == facts_of(b) {
            self.mistake(&compare.b.at, "both designs end with the same facts, so there is nothing to compare");
        }
    }
}
