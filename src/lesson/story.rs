//! The story of a lesson: what its `say` and `predict` steps do to the cluster, one after the other.
//!
//! A step starts where the story is, or on a fresh cluster; a fresh `say` or `predict` step starts the story anew. What happens in
//! a `try` or `compare` step is not part of the story: the step after it goes on as if it had not been.

use crate::cluster::{BadScenario, Refused, Scenario};
use crate::command::Poke;
use crate::sim::time::Time;
use crate::timeline::pair::Pair;
use crate::timeline::{Brake, Timeline};

use super::perform::{Position, Unwatched, Watch, perform, perform_on_both};
use super::schema::{Compare, Lesson, Line, Origin, Script, Step, StepKind};
use super::source::Mistake;
use super::tabulate;

/// The script that a step adds to the story, if it is part of it.
pub fn script_of(step: &Step) -> Option<&Script> {
    match &step.kind {
        StepKind::Say { script, .. } | StepKind::Predict { then: script, .. } => Some(script),
        StepKind::Try(_) | StepKind::Compare(_) | StepKind::Measure(_) => None,
    }
}

/// A fresh cluster of this lesson: a scenario, and what is done to it before the learner sees it.
pub fn fresh(lesson: &Lesson, scenario: &Scenario, brake: &Brake) -> Result<Timeline, Mistake> {
    let broken = |bad: Vec<BadScenario>| {
        let all: Vec<String> = bad.into_iter().map(|b| b.message).collect();
        Mistake::new(&(0..1), format!("the cluster does not start: {}", all.join("; ")), "")
    };
    let mut timeline = Timeline::new(scenario.clone()).map_err(broken)?;
    timeline.set_brake(brake);
    perform(&mut timeline, &lesson.start, &mut Unwatched)?;
    Ok(timeline)
}

/// The commands of the whole story, from the last step that starts it anew on the lesson's own cluster; a step on another cluster ends it.
pub fn lines(lesson: &Lesson) -> Vec<Line> {
    let mut lines = Vec::new();
    for step in &lesson.steps {
        let Some(script) = script_of(step) else { continue };
        match &step.origin {
            Origin::Here => {}
            Origin::Fresh(scenario) if *scenario == lesson.scenario => lines.clear(),
            Origin::Fresh(_) => break,
        }
        lines.extend(script.lines.iter().cloned());
    }
    lines
}

/// The scenario of the cluster at a step.
pub fn scenario_of<'l>(lesson: &'l Lesson, step: &'l Step) -> &'l Scenario {
    let told = lesson.steps.iter().take_while(|before| before.at != step.at).filter(|before| script_of(before).is_some());
    let fresh = |step: &'l Step| if let Origin::Fresh(scenario) = &step.origin { Some(scenario) } else { None };
    fresh(step).or_else(|| told.filter_map(fresh).last()).unwrap_or(&lesson.scenario)
}

/// The cluster as a step starts, where `story` is the story so far.
pub fn opening(lesson: &Lesson, step: &Step, story: &Timeline, brake: &Brake) -> Result<Timeline, Mistake> {
    let mut timeline = match &step.origin {
        Origin::Here => story.fork(),
        Origin::Fresh(scenario) => fresh(lesson, scenario, brake)?,
    };
    timeline.set_brake(brake);
    timeline.leave_future();
    if let StepKind::Try(goal) = &step.kind {
        perform(&mut timeline, &goal.start, &mut Unwatched)?;
        if step.view.network {
            let cannot = |why: Refused| Mistake::new(&step.at, format!("messages cannot be held: {}", why.0), "");
            timeline.poke(&Poke::HoldAll).map_err(cannot)?;
        }
    }
    Ok(timeline)
}

/// The story after a step, and the position after each of its commands.
pub fn after(
    lesson: &Lesson,
    step: &Step,
    (story, brake): (&Timeline, &Brake),
    watch: &mut dyn Watch,
) -> Result<(Timeline, Vec<Position>), Mistake> {
    let Some(script) = script_of(step) else { return Ok((story.fork(), Vec::new())) };
    let mut timeline = opening(lesson, step, story, brake)?;
    let ends = perform(&mut timeline, script, watch)?;
    Ok((timeline, ends))
}

/// What leads to a step from a fresh cluster: its scenario, and what the story does to it before the step opens.
pub fn way_to(lesson: &Lesson, index: usize) -> (&Scenario, Script) {
    let is_fresh = |step: &&Step| matches!(step.origin, Origin::Fresh(_));
    let told: Vec<&Step> = lesson.steps[..index].iter().filter(|step| script_of(step).is_some()).collect();
    // A step on a fresh cluster of its own has nothing before it.
    let first = if is_fresh(&&lesson.steps[index]) { told.len() } else { told.iter().rposition(is_fresh).unwrap_or(0) };
    let scenario = match told.get(first).copied().unwrap_or(&lesson.steps[index]) {
        Step { origin: Origin::Fresh(scenario), .. } => scenario,
        Step { origin: Origin::Here, .. } => &lesson.scenario,
    };
    let lines = told[first..].iter().filter_map(|step| script_of(step)).flat_map(|script| script.lines.clone()).collect();
    (scenario, Script { lines })
}

/// The cluster after a `say` or `predict` step, where the whole story has another seed.
pub fn with_seed(lesson: &Lesson, index: usize, by: u64, brake: &Brake) -> Result<Timeline, Mistake> {
    let (scenario, before) = way_to(lesson, index);
    let mut timeline = fresh(lesson, &tabulate::reseeded(scenario, by), brake)?;
    for script in std::iter::once(&before).chain(script_of(&lesson.steps[index])) {
        perform(&mut timeline, script, &mut Unwatched)?;
    }
    Ok(timeline)
}

/// The two designs of a comparison, side by side at the end of its script.
pub struct SideBySide {
    /// Both. Differences count from the start of the script on.
    pub pair: Pair,
    /// When the script starts.
    pub start: Time,
    /// When it ends.
    pub end: Time,
}

/// Carries out the script of a comparison on its two designs.
pub fn side_by_side(lesson: &Lesson, compare: &Compare, brake: &Brake) -> Result<SideBySide, Mistake> {
    let a = fresh(lesson, &compare.a.scenario, brake)?;
    let b = fresh(lesson, &compare.b.scenario, brake)?;
    let mut pair = Pair::of(a, b);
    let start = pair.at();
    pair.compare_from(start);
    perform_on_both(&mut pair, &compare.script)?;
    Ok(SideBySide { start, end: pair.at(), pair })
}
