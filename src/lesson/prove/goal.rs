//! Goals can be reached, and only by what reaches them; misses miss; every reason is true of a run.

use crate::command::{Command, Poke};
use crate::lesson::goal::Miss;
use crate::lesson::perform::{FirstTimes, Position, Watch, perform};
use crate::lesson::schema::{Cond, Script, Step, StepKind, Try};
use crate::lesson::source::Mistake;
use crate::lesson::story;
use crate::timeline::Timeline;

use super::{Proof, explain};

impl Proof<'_> {
    pub(super) fn try_step(&mut self, step: &Step, goal: &Try, before: &Timeline) {
        let Some(opening) = self.noted(story::opening(self.lesson, step, before, &self.brake)) else { return };
        if self.holds(&goal.goal.whole, opening.cluster(), false) {
            let now = explain(&goal.goal.whole, opening.cluster());
            self.mistake(&goal.goal.whole.at, format!("the goal holds already at the start: {now}"));
            return;
        }
        let mut told = vec![false; goal.because.len()];
        let misses: Vec<&Cond> = goal.misses.iter().filter_map(|miss| miss.told.as_ref()).map(|told| &told.when).collect();
        let end = self.solution(goal, &goal.solution, &misses, (&opening, &mut told));
        for way in &goal.ways {
            self.solution(goal, way, &misses, (&opening, &mut told));
        }
        for (reason, _) in goal.because.iter().zip(&told).filter(|(_, told)| !**told) {
            self.mistake(&reason.at, "neither the solution nor one of the `ways` comes to this reason, so nothing shows that it is true");
        }
        for miss in &goal.misses {
            self.miss(goal, miss, &opening);
        }
        let ended = end.as_ref().map(Timeline::cluster);
        let moments: Vec<_> = [opening.cluster()].into_iter().chain(ended).collect();
        self.shown_names(step, &moments, Some(&opening));
        if let Some(end) = end {
            self.keys(step, [opening.cluster(), end.cluster()]);
        }
    }

    /// A solution reaches the goal, and not before its last poke, and on its way none of these is told as a miss. Gives the cluster at its
    /// end, and notes its reason.
    fn solution(&mut self, goal: &Try, script: &Script, misses: &[&Cond], (opening, told): (&Timeline, &mut [bool])) -> Option<Timeline> {
        let mut timeline = opening.fork();
        let mut reached = Reached::beside(goal, misses);
        let ends = self.noted(perform(&mut timeline, script, &mut reached))?;
        let lines = &script.lines;
        for (when, seen) in misses.iter().zip(&reached.first.first[1..]) {
            if let Some(seen) = seen.filter(|seen| reached.found.is_none_or(|(at, _)| *seen < at)) {
                let text = &when.text;
                self.mistake(&when.at, format!("`{text}` comes true on the way there, at {}: it would be told as a miss", seen.at));
            }
        }
        let Some((at, reason)) = reached.found else {
            let now = explain(&goal.goal.whole, timeline.cluster());
            self.mistake(&lines[0].at, format!("the solution does not reach `{}`; at the end {now}", goal.goal.whole.text));
            return Some(timeline);
        };
        match reason {
            Some(reason) => told[reason] = true,
            None => self.mistake(&lines[0].at, "no `because` is true of this run where it reaches the goal"),
        }
        let spare = (0..lines.len()).filter(|i| matches!(lines[*i].command, Command::Poke(_))).find(|i| ends[*i] > at);
        if let Some(index) = spare {
            let message = format!("the goal is reached at {}, before `{}`; leave it out", at.at, lines[index].command);
            self.mistake(&lines[index].at, message);
        }
        Some(timeline)
    }

    /// A near miss does not reach the goal, also not on the way; it is recognised; and where it ends the goal, the solution does not help
    /// any more.
    fn miss(&mut self, goal: &Try, miss: &Miss, opening: &Timeline) {
        let told: Vec<&Cond> = miss.told.iter().map(|told| &told.when).collect();
        let Some((reached, seen, end)) = self.noted(towards(&goal.goal.whole, &told, &miss.script, opening)) else { return };
        if let (Some(reached), Some(first)) = (reached, miss.script.lines.first()) {
            self.mistake(&first.at, format!("this near miss reaches `{}` at {}", goal.goal.whole.text, reached.at));
        }
        let Some(told) = &miss.told else { return };
        if seen.is_none() {
            let now = explain(&told.when, end.cluster());
            self.mistake(&told.when.at, format!("`{}` does not come true in this near miss: {now}", told.when.text));
        }
        if self.holds(&told.when, opening.cluster(), false) {
            self.mistake(&told.when.at, format!("`{}` holds already at the start, so it recognises nothing", told.when.text));
        }
        if miss.ends
            && let Ok((Some(reached), ..)) = towards(&goal.goal.whole, &[], &goal.solution, &end)
        {
            let message = format!("after this near miss the solution still reaches the goal, at {}; leave `ends` out", reached.at);
            self.mistake(&miss.at, message);
        }
    }
}

/// Whether a poke is one that the step itself makes.
pub(super) fn is_in_a_script(step: &Step, poke: &Poke) -> bool {
    let has = |script: &Script| script.lines.iter().any(|line| matches!(&line.command, Command::Poke(done) if done == poke));
    match &step.kind {
        StepKind::Try(goal) => {
            has(&goal.start) || has(&goal.solution) || goal.ways.iter().any(has) || goal.misses.iter().any(|m| has(&m.script))
        }
        StepKind::Say { script, .. } | StepKind::Predict { then: script, .. } => has(script),
        StepKind::Compare(_) | StepKind::Measure(_) => false,
    }
}

/// When the goal and the first of some conditions held first, and the cluster at the end.
type Towards = (Option<Position>, Option<Position>, Timeline);

fn towards(goal: &Cond, told: &[&Cond], script: &Script, opening: &Timeline) -> Result<Towards, Mistake> {
    let mut timeline = opening.fork();
    let mut first = FirstTimes::of([goal].into_iter().chain(told.iter().copied()));
    perform(&mut timeline, script, &mut first)?;
    Ok((first.first[0], first.first.get(1).copied().flatten(), timeline))
}

/// Notes when a goal is reached for the first time, and which reason is true there.
pub(in crate::lesson) struct Reached<'g> {
    goal: &'g Try,
    first: FirstTimes<'g>,
    /// Where, and which reason.
    pub(in crate::lesson) found: Option<(Position, Option<usize>)>,
}

impl<'g> Reached<'g> {
    pub(in crate::lesson) fn new(goal: &'g Try) -> Reached<'g> {
        Reached::beside(goal, &[])
    }

    /// The same, and when these conditions come true on the way to it.
    fn beside(goal: &'g Try, others: &[&'g Cond]) -> Reached<'g> {
        Reached { goal, first: FirstTimes::of([&goal.goal.whole].into_iter().chain(others.iter().copied())), found: None }
    }
}

impl Watch for Reached<'_> {
    fn look(&mut self, cluster: &dyn crate::cluster::Cluster) -> Result<(), String> {
        if self.found.is_none() {
            self.first.look(cluster)?;
            self.found = self.first.first[0].map(|at| (at, self.goal.reason(cluster)));
        }
        Ok(())
    }

    fn work(&self) -> u64 {
        self.first.work()
    }
}
