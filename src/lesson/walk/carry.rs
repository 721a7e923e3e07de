//! Going on in another version of a lesson: its file was edited while somebody walks it. What the learner said and reached stands, and the
//! run goes on where it was, if it is still the same run.

use std::sync::Arc;

use crate::command::Command;
use crate::lesson::measure::Measure;
use crate::lesson::perform::Position;
use crate::lesson::schema::{Alternative, Lesson, Script, StepKind};
use crate::lesson::source::Mistakes;
use crate::lesson::story;
use crate::timeline::{Brake, PokeAt};

use super::duo::Duo;
use super::part::{Part, Solo};
use super::{Trail, Walk};

/// Where a learner is who was carried into another version of a lesson.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// At the same moment of the same run.
    SameMoment,
    /// At the start of the same step: its run is another now.
    StepStart,
    /// At another step: the one where the learner was is gone.
    OtherStep,
}

impl Walk {
    /// Goes on in another version of the lesson, under a brake: at the same step by its id, or in its place, and at the same moment where
    /// scenario and pokes up to there are the same. Fails where the new version breaks when it is run.
    pub fn carry(&self, lesson: Arc<Lesson>, brake: &Brake) -> Result<(Walk, Arrived), Mistakes> {
        let mut walk = Walk::start(lesson, brake)?;
        walk.told = self.told;
        let (index, there) = self.place_in(&walk.lesson);
        for new in 0..walk.lesson.steps.len() {
            if let Some(old) = self.match_of(&walk.lesson, new, index) {
                walk.trail[new] = self.trail_in(old, &walk.lesson, new);
            }
        }
        walk.part = walk.opened(index)?;
        (walk.index, walk.trail[index].seen) = (index, true);
        let same = self.match_of(&walk.lesson, index, index).is_some() && walk.carry_part(self);
        for new in (0..walk.lesson.steps.len()).filter(|new| *new != index) {
            walk.kept[new] = self.match_of(&walk.lesson, new, index).and_then(|old| walk.kept_part(new, self.kept[old].as_deref()?));
        }
        walk.watch_anew();
        let arrived = match (there, same) {
            (_, true) => Arrived::SameMoment,
            (true, false) => Arrived::StepStart,
            (false, false) => Arrived::OtherStep,
        };
        Ok((walk, arrived))
    }

    /// The step of another version that this step is there, or that stands in its place; and whether it has the same id.
    fn place_in(&self, lesson: &Lesson) -> (usize, bool) {
        if let Some(same) = lesson.step_of(&self.step().id) {
            return (same, true);
        }
        let before = self.lesson.steps[..self.index].iter().rev().find_map(|step| lesson.step_of(&step.id));
        (before.map_or(0, |before| before + 1).min(lesson.steps.len() - 1), false)
    }

    /// The step of this version that is step `new` of another: by its id, or, for the step in the place of the learner's, because only its id
    /// was changed.
    fn match_of(&self, lesson: &Lesson, new: usize, here: usize) -> Option<usize> {
        let step = &lesson.steps[new];
        let renamed = || new == here && self.lesson.steps.len() == lesson.steps.len() && lesson.step_of(&self.step().id).is_none();
        let old = self.lesson.step_of(&step.id).or_else(|| renamed().then_some(self.index))?;
        (self.lesson.steps[old].kind.word() == step.kind.word()).then_some(old)
    }

    /// What the learner did at a step, as it counts at that step of another version.
    fn trail_in(&self, old: usize, lesson: &Lesson, new: usize) -> Trail {
        let (trail, from, to) = (&self.trail[old], &self.lesson.steps[old], &lesson.steps[new]);
        let mut carried = Trail { seen: trail.seen, done: trail.done, ..Trail::default() };
        match (&from.kind, &to.kind) {
            (StepKind::Predict { options: before, chance: was, .. }, StepKind::Predict { options, chance, .. }) => {
                carried.chosen = trail.chosen.and_then(|chosen| same_option(before, chosen, options));
                carried.given = trail.given && carried.chosen.is_some();
                carried.done &= carried.chosen.is_some();
                let same = was == chance && same_way(&self.lesson, old, lesson, new);
                carried.spread = trail.spread.clone().filter(|_| same && carried.chosen.is_some());
            }
            (StepKind::Try(_), StepKind::Try(goal)) => {
                carried.goal = trail.goal.in_another(goal.hints.is_some());
            }
            (StepKind::Measure(was), StepKind::Measure(is)) => {
                let same = same_script(&self.lesson.start, &lesson.start) && same_table(was, is);
                carried.table = trail.table.clone().filter(|_| same);
                carried.done &= trail.table.is_some() == carried.table.is_some();
            }
            _ => {}
        }
        carried
    }

    /// Takes over the run on the stage where it is the same. Says whether it is.
    fn carry_part(&mut self, from: &Walk) -> bool {
        let same_solution = match (&from.step().kind, &self.step().kind) {
            (StepKind::Try(was), StepKind::Try(is)) => same_script(&was.solution, &is.solution),
            _ => false,
        };
        let same = self.part.carry(&from.part, same_solution);
        if let (true, StepKind::Try(was), StepKind::Try(is)) = (same, &from.step().kind, &self.step().kind) {
            let missed = was.misses.len() == is.misses.len();
            self.trail[self.index].goal.go_on(&from.trail[from.index].goal, same_solution, missed);
        }
        same
    }

    /// A step that was left, where it would be the same when it is come back to.
    fn kept_part(&mut self, new: usize, old: &Part) -> Option<Arc<Part>> {
        let mut part = self.opened(new).ok()?;
        part.carry(old, false).then(|| Arc::new(part))
    }
}

/// The option that was chosen, among those of another version: the same words, or, where these were changed, the one in its place.
fn same_option(before: &[Alternative], chosen: usize, options: &[Alternative]) -> Option<usize> {
    let text = &before.get(chosen)?.text;
    let place = || {
        let is_new = !before.iter().any(|option| Some(&option.text) == options.get(chosen).map(|option| &option.text));
        (before.len() == options.len() && is_new).then_some(chosen)
    };
    options.iter().position(|option| option.text == *text).or_else(place)
}

/// Whether two scripts do the same.
fn same_script(a: &Script, b: &Script) -> bool {
    let commands = |script: &Script| script.lines.iter().map(|line| line.command.clone()).collect::<Vec<Command>>();
    commands(a) == commands(b)
}

/// Whether what leads to a step and what it does are the same.
fn same_way(from: &Lesson, old: usize, to: &Lesson, new: usize) -> bool {
    let way = |lesson: &Lesson, index: usize| {
        let (scenario, before) = story::way_to(lesson, index);
        let all = std::iter::once(&lesson.start).chain([&before]).chain(story::script_of(&lesson.steps[index]));
        let commands: Vec<Command> = all.flat_map(|script| script.lines.iter().map(|line| line.command.clone())).collect();
        (scenario.clone(), commands)
    };
    way(from, old) == way(to, new)
}

/// Whether two tables would have the same numbers.
fn same_table(a: &Measure, b: &Measure) -> bool {
    let rows = |measure: &Measure| {
        let shares = |row: &crate::lesson::measure::Row| row.shares.iter().map(|s| s.as_ref().map(|s| s.text.clone())).collect::<Vec<_>>();
        measure.rows.iter().map(|row| (row.label.clone(), row.run.scenario.clone(), shares(row))).collect::<Vec<_>>()
    };
    let columns = |measure: &Measure| measure.columns.iter().map(|c| (c.name.clone(), c.fact.clone())).collect::<Vec<_>>();
    let scripts = || a.rows.iter().zip(&b.rows).all(|(a, b)| same_script(&a.run.script, &b.run.script));
    a.seeds == b.seeds && rows(a) == rows(b) && columns(a) == columns(b) && scripts()
}

impl Part {
    /// Goes on with another part where it is the same run: at its position, with everything that was tried. Says whether it is.
    fn carry(&mut self, from: &Part, same_solution: bool) -> bool {
        match (self, from) {
            (Part::One(solo), Part::One(from)) => solo.carry(from, same_solution),
            (Part::Two(duo), Part::Two(from)) => duo.carry(from),
            _ => false,
        }
    }
}

impl Solo {
    fn carry(&mut self, from: &Solo, same_solution: bool) -> bool {
        let (is, was) = (&self.timeline, &from.timeline);
        let (path, before) = (is.pokes(), was.pokes());
        let opened = (self.opened_at(), self.before) == (from.opened_at(), from.before) && is.scenario() == was.scenario();
        if !opened || path.get(..self.before) != before.get(..self.before) {
            return false;
        }
        let brake = is.brake().clone();
        match (&mut self.ahead, &from.ahead) {
            (None, None) => self.timeline = was.clone(),
            // A solution that is shown lies ahead of where the step opens.
            (None, Some(_)) if same_solution => *self = from.clone(),
            (Some(is), Some(was)) if is.is_same_run(was) => {
                is.stay_on(was);
                self.timeline = from.timeline.clone();
            }
            (Some(_), Some(_)) => return from.own_pokes() == 0 && self.go_where(from, &path, &before),
            // Ahead of a prediction that is to be made again lies its answer.
            _ => return false,
        }
        self.timeline.set_brake(&brake);
        true
    }

    /// Goes to the position of another run, where everything up to there is the same in this one.
    fn go_where(&mut self, from: &Solo, path: &[PokeAt], before: &[PokeAt]) -> bool {
        let (now, done) = (Position::of(&from.timeline), from.timeline.pokes_done());
        let same = path.get(..done).is_some_and(|path| before.get(..done) == Some(path));
        if !same || path.get(done).is_some_and(|next| next.event <= now.events || next.at < now.at) {
            return false;
        }
        let start = Position::of(&self.timeline);
        self.timeline.go(now.events, now.at);
        let there = Position::of(&self.timeline) == now;
        if !there {
            self.timeline.go(start.events, start.at);
        }
        there
    }
}

impl Duo {
    fn carry(&mut self, from: &Duo) -> bool {
        if !self.is_same_run(from) {
            return false;
        }
        let brake = self.pair.a().brake().clone();
        self.stay_on(from);
        self.pair.set_brake(&brake);
        true
    }
}
