//! Trying: attempts, hints, the goal, and the solution on request.

use std::sync::Arc;

use crate::lesson::perform::Position;
use crate::lesson::schema::{Script, StepKind, Try};
use crate::lesson::source::Mistakes;

use super::Walk;

/// How a learner is doing with a goal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// How often it was begun: an attempt is the first poke after the step was opened or started again.
    pub attempts: usize,
    /// How many of the three hints were asked for.
    pub hints: usize,
    /// The fewest pokes with which the learner reached it; `None`: not yet.
    pub reached: Option<usize>,
    /// How far the solution was shown.
    pub shown: Option<Shown>,
    /// Whether an attempt is on.
    trying: bool,
    /// Whether what is on the stage is the shown solution, whole.
    showing: bool,
}

impl Goal {
    /// A new attempt may begin.
    pub(super) fn begin(&mut self) {
        self.trying = false;
        self.showing = false;
    }
}

/// A solution being shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// How many of its commands were played.
    pub played: usize,
    /// How many are to be played; the rest is left to the learner.
    pub of: usize,
}

impl Walk {
    /// How the learner is doing with the goal of this step; `None` where there is none.
    pub fn goal(&self) -> Option<&Goal> {
        self.try_step().map(|_| &self.trail[self.index].goal)
    }

    fn try_step(&self) -> Option<&Try> {
        if let StepKind::Try(step) = &self.step().kind { Some(step) } else { None }
    }

    /// The facts of the goal as they are now: `leaders = 1`.
    pub fn goal_now(&self) -> Option<String> {
        let goal = &self.try_step()?.goal;
        Some(goal.test.explain(&goal.test.look(self.cluster())))
    }

    /// Whether the goal holds now.
    pub fn goal_holds(&self) -> bool {
        self.try_step().is_some_and(|step| step.goal.test.holds_in(self.cluster()).unwrap_or(false))
    }

    /// How many pokes of the learner are behind the position at this step; at a goal, those of a shown solution count too.
    pub fn pokes(&self) -> usize {
        let goal = self.try_step().is_some();
        self.part.solo().map_or(0, |solo| if goal { solo.pokes() } else { solo.own_pokes() })
    }

    /// The number of pokes of the solution.
    pub fn best_known(&self) -> Option<usize> {
        self.try_step().map(|step| step.solution.pokes())
    }

    /// Shows one more hint: its number from 1, and the hint. `None` when there is no more.
    pub fn hint(&mut self) -> Option<(usize, String)> {
        let shown = self.goal()?.hints;
        let hint = self.try_step()?.hints.as_ref()?.get(shown)?.clone();
        self.trail[self.index].goal.hints += 1;
        Some((shown + 1, hint))
    }

    /// The hints that were shown.
    pub fn hints(&self) -> &[String] {
        let all = self.try_step().and_then(|step| step.hints.as_ref()).map_or(&[][..], |hints| &hints[..]);
        &all[..self.trail[self.index].goal.hints.min(all.len())]
    }

    /// Starts the step again with the solution recorded ahead, but for its last `leave` pokes and what follows them: playing
    /// shows it, [`Walk::solution_next`] goes through it command by command, and what is left is the learner's.
    pub fn show_solution(&mut self, leave: usize) -> Result<(), Mistakes> {
        let lesson = Arc::clone(&self.lesson);
        let StepKind::Try(step) = &lesson.steps[self.index].kind else { return Ok(()) };
        self.restart()?;
        let script = without_last(&step.solution, leave);
        let Some(solo) = self.part.solo_mut() else { return Ok(()) };
        solo.record(&script, &[], &[]).map_err(|mistake| Mistakes::new(lesson.source.clone(), vec![mistake]))?;
        let goal = &mut self.trail[self.index].goal;
        goal.shown = Some(Shown { played: 0, of: script.lines.len() });
        goal.showing = leave == 0;
        goal.trying = true;
        Ok(())
    }

    /// Plays the next command of the shown solution, and says which it was. `None` at its end.
    pub fn solution_next(&mut self) -> Option<String> {
        let line = {
            let solo = self.part.solo()?;
            let ahead = solo.ahead.as_ref()?;
            let now = Position::of(&solo.timeline);
            let next = ahead.ends.iter().position(|end| *end > now)?;
            (next, ahead.ends[next])
        };
        let command = self.try_step()?.solution.lines.get(line.0)?.command.to_string();
        self.part.solo_mut()?.go_to_stop(line.1);
        self.note_shown();
        self.check_goal();
        Some(command)
    }

    /// How much of the shown solution is behind the position.
    pub(super) fn note_shown(&mut self) {
        let Some(solo) = self.part.solo() else { return };
        let Some(ahead) = &solo.ahead else { return };
        let now = Position::of(&solo.timeline);
        let played = ahead.ends.iter().filter(|end| **end <= now).count();
        if let Some(shown) = &mut self.trail[self.index].goal.shown {
            shown.played = shown.played.max(played);
        }
    }

    /// Whether play has to look for the goal: not reached in this attempt, and not merely shown.
    pub(super) fn goal_is_open(&self) -> bool {
        self.goal().is_some_and(|goal| !goal.showing) && !self.goal_holds()
    }

    /// The learner did something.
    pub(super) fn poked(&mut self) {
        if self.try_step().is_none() {
            return;
        }
        let off = self.is_off_the_story();
        let goal = &mut self.trail[self.index].goal;
        if !goal.trying {
            goal.trying = true;
            goal.attempts += 1;
        }
        if off {
            goal.showing = false;
        }
    }

    /// Notes it when the learner has reached the goal. Says whether it holds.
    pub(super) fn check_goal(&mut self) -> bool {
        if !self.goal_holds() {
            return false;
        }
        let pokes = self.pokes();
        let trail = &mut self.trail[self.index];
        if !trail.goal.showing && pokes > 0 {
            trail.goal.reached = Some(trail.goal.reached.map_or(pokes, |best| best.min(pokes)));
            trail.done = true;
        }
        true
    }
}

/// A script up to the last `leave` pokes.
fn without_last(script: &Script, leave: usize) -> Script {
    let kept = script.pokes().saturating_sub(leave);
    let mut pokes = 0;
    let lines = script.lines.iter().take_while(|line| {
        pokes += usize::from(matches!(line.command, crate::command::Command::Poke(_)));
        leave == 0 || pokes <= kept
    });
    Script { lines: lines.cloned().collect() }
}
