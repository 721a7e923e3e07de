//! Trying: attempts, hints, the goal, and the solution on request.

use std::sync::Arc;

use crate::command::Poke;
use crate::lesson::perform::Position;
use crate::lesson::schema::{Line, Script, StepKind, Try};
use crate::lesson::source::Mistakes;

use super::Walk;
use super::part::Solo;

/// How a learner is doing with a goal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goal {
    /// How often it was begun: an attempt is the first poke after the step was opened or started again.
    pub attempts: usize,
    /// How many of the three hints were asked for.
    pub hints: usize,
    /// The fewest pokes with which the learner reached it; `None`: not yet.
    pub reached: Option<usize>,
    /// The fewest pokes with which a search found a way from the start of the step; `None`: none was found.
    pub found: Option<usize>,
    /// How far the solution was shown.
    pub shown: Option<Shown>,
    /// The reason that is true of the run in which it was reached last; an index into the reasons of the step.
    pub reason: Option<usize>,
    /// The misses that were told in this attempt, the newest last; indices into those of the step.
    pub missed: Vec<usize>,
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
        self.missed.clear();
    }

    /// What of it counts in another version of the step, with hints or without.
    pub(super) fn in_another(&self, hints: bool) -> Goal {
        Goal { attempts: self.attempts, hints: if hints { self.hints } else { 0 }, reached: self.reached, ..Goal::default() }
    }

    /// Goes on with an attempt on the same run. What is known of the solution and of the misses counts where these are the same.
    pub(super) fn go_on(&mut self, from: &Goal, same_solution: bool, same_misses: bool) {
        self.trying = from.trying;
        self.showing = same_solution && from.showing;
        self.shown = from.shown.filter(|_| same_solution);
        self.missed = if same_misses { from.missed.clone() } else { Vec::new() };
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
        let goal = &self.try_step()?.goal.whole;
        Some(goal.test.explain(&goal.test.look(self.cluster())))
    }

    /// Whether the goal holds now.
    pub fn goal_holds(&self) -> bool {
        self.try_step().is_some_and(|step| step.goal.whole.test.holds_in(self.cluster()).unwrap_or(false))
    }

    /// Whether each clause of the goal holds now.
    pub fn clauses(&self) -> Vec<bool> {
        let clauses = self.try_step().map_or(&[][..], |step| &step.goal.clauses);
        clauses.iter().map(|clause| clause.that.test.holds_in(self.cluster()).unwrap_or(false)).collect()
    }

    /// The facts of each clause of the goal as they are now; what has no value is left out: the words of the clause say enough.
    pub fn clauses_now(&self) -> Vec<String> {
        let clauses = self.try_step().map_or(&[][..], |step| &step.goal.clauses);
        clauses.iter().map(|clause| clause.that.test.values(&clause.that.test.look(self.cluster()))).collect()
    }

    /// The miss that the run on the stage has come to, if it is one that is told.
    pub fn miss(&self) -> Option<usize> {
        let goal = self.goal()?;
        let miss = goal.missed.last().copied()?;
        let told = self.try_step()?.misses.get(miss)?.told.as_ref()?;
        let stands = told.when.test.holds_in(self.cluster()).unwrap_or(false);
        (stands && !self.goal_holds()).then_some(miss)
    }

    /// Whether the goal can no longer be reached from here.
    pub fn is_out_of_reach(&self) -> bool {
        let Some(step) = self.try_step() else { return false };
        let ended = self.miss().is_some_and(|miss| step.misses[miss].ends);
        ended || self.broken_clause().is_some()
    }

    /// The clause of the goal that can hold no more.
    pub fn broken_clause(&self) -> Option<usize> {
        self.try_step()?.broken(self.cluster())
    }

    /// How the goal comes within reach again, where it is not: the poke of the learner to go back before, and how many have to be taken
    /// back for that. `None`: only the start of the step will do.
    pub fn way_back(&self) -> Option<(usize, Poke)> {
        let mut back = Some(self.clone()).filter(Walk::is_out_of_reach)?;
        (1..=self.pokes()).find_map(|count| {
            let poke = back.undo()?;
            (!back.is_out_of_reach()).then_some((count, poke))
        })
    }

    /// The reason that is true of the run in which the goal was reached.
    pub fn reason(&self) -> Option<&str> {
        let (goal, step) = (self.goal()?, self.try_step()?);
        let reason = goal.reason.or_else(|| step.reason(self.cluster()).filter(|_| self.goal_holds()))?;
        step.because.get(reason).map(|because| because.text.as_str())
    }

    /// How many pokes of the learner are behind the position at this step. Those of a shown solution are not the learner's.
    pub fn pokes(&self) -> usize {
        self.part.own_pokes()
    }

    /// The fewest pokes that are known: of the solution, of the other ways of the lesson, of what a search found, and of the learner's own.
    pub fn best_known(&self) -> Option<usize> {
        let (step, goal) = (self.try_step()?, self.goal()?);
        [Some(step.fewest()), goal.found, goal.reached].into_iter().flatten().min()
    }

    /// Notes that a search from here found a way with so many pokes more.
    pub fn note_way(&mut self, more: usize) {
        // What a solution that was shown in part has done counts with it.
        let pokes = self.part.solo().map_or(0, Solo::pokes) + more;
        if self.try_step().is_some() {
            let found = &mut self.trail[self.index].goal.found;
            *found = Some(found.map_or(pokes, |known| known.min(pokes)));
        }
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

    /// Whether the solution is on the stage, and nothing else.
    pub fn is_showing(&self) -> bool {
        self.goal().is_some_and(|goal| goal.showing) && !self.is_off_the_story()
    }

    /// The commands of the solution on the stage, and how many of them lie behind the position; `None` where it is not shown.
    pub fn solution(&self) -> Option<(&[Line], usize)> {
        let solo = self.part.solo().filter(|_| self.is_showing())?;
        let ahead = solo.ahead.as_ref()?;
        let now = Position::of(&solo.timeline);
        Some((&self.try_step()?.solution.lines, ahead.ends.iter().filter(|end| **end <= now).count()))
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
        self.part.solo().is_some() && self.goal().is_some_and(|goal| !goal.showing) && !self.goal_holds()
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

    /// Notes a miss that the run has come to. Gives it where it was not told yet in this attempt.
    pub(super) fn check_misses(&mut self) -> Option<usize> {
        let miss = self.try_step()?.miss(self.cluster())?;
        let missed = &mut self.trail[self.index].goal.missed;
        let new = !missed.contains(&miss);
        missed.retain(|known| *known != miss);
        missed.push(miss);
        new.then_some(miss)
    }

    /// Notes it when the learner has reached the goal. Says whether it holds.
    pub(super) fn check_goal(&mut self) -> bool {
        if !self.goal_holds() {
            return false;
        }
        // What the learner adds to a solution that was shown in part counts with that part.
        let (own, pokes) = (self.pokes(), self.part.solo().map_or(0, Solo::pokes));
        let reason = self.try_step().and_then(|step| step.reason(self.cluster()));
        let trail = &mut self.trail[self.index];
        trail.goal.reason = reason;
        if !trail.goal.showing && own > 0 {
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
