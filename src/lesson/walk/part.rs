//! What is on the stage during a step, with what the step does recorded ahead.

use crate::command::Poke;
use crate::sim::time::Time;
use crate::timeline::pair::Pair;
use crate::timeline::{Brake, BranchId, PokeAt, Timeline};

use crate::lesson::measure::Measure;
use crate::lesson::perform::{FirstTimes, Position, perform};
use crate::lesson::schema::{Cond, Lesson, Mark, MarkAt, Script, StepKind};
use crate::lesson::source::Mistake;
use crate::lesson::story;

use super::clock::Halt;
use super::duo::Duo;

/// What is on the stage.
#[derive(Clone, Copy, Debug)]
pub enum Stage<'w> {
    /// One cluster.
    One(&'w Timeline),
    /// Two designs under the same pokes.
    Two(&'w Pair),
}

impl Stage<'_> {
    /// Whether there are two.
    pub fn is_two(self) -> bool {
        matches!(self, Stage::Two(_))
    }

    /// The time on the clock.
    pub fn at(self) -> Time {
        match self {
            Stage::One(timeline) => timeline.at(),
            Stage::Two(pair) => pair.at(),
        }
    }
}

/// The clusters of one step.
#[derive(Clone)]
pub(super) enum Part {
    /// One cluster.
    One(Box<Solo>),
    /// Two.
    Two(Box<Duo>),
}

/// A stop that lies behind the position.
#[derive(Clone, Debug)]
pub(super) struct Before {
    at: Position,
    /// What play stopped for there; `None` at the start, and where the learner poked.
    pub(super) halt: Option<Halt>,
}

/// One cluster.
#[derive(Clone)]
pub(super) struct Solo {
    pub(super) timeline: Timeline,
    /// Where the step opened.
    start: Position,
    /// The branch of the pokes that were on its path then.
    opening: BranchId,
    /// How many those were.
    pub(super) before: usize,
    /// How many pokes of all branches were no script's then.
    tried: usize,
    /// Whether it is another run than that of the step.
    other: bool,
    /// What is recorded ahead.
    pub(super) ahead: Option<Ahead>,
    /// Whether the learner has picked the run that is on the stage from a table.
    pub(super) picked: bool,
}

/// A script that was carried out and rewound, so that it lies ahead.
#[derive(Clone)]
pub(super) struct Ahead {
    /// The position after each command.
    pub(super) ends: Vec<Position>,
    /// Where it ends.
    pub(super) end: Position,
    /// The path of its pokes, with those before it.
    path: Vec<PokeAt>,
    /// The end of that path.
    branch: Option<BranchId>,
    /// Where each mark of the step is.
    marks: Vec<Option<Position>>,
    /// Where each condition that an option is recognised by came true first.
    options: Vec<Option<Position>>,
}

impl Ahead {
    /// Whether another does the same at the same moments.
    pub(super) fn is_same_run(&self, other: &Ahead) -> bool {
        self.path == other.path && self.ends == other.ends && self.end == other.end
    }

    /// Lies on the timeline of another that is the same run.
    pub(super) fn stay_on(&mut self, other: &Ahead) {
        self.branch = other.branch;
    }
}

impl Before {
    /// Whether it is a moment and not the place after an event: everything that happens at that time has happened.
    fn is_timed(&self) -> bool {
        self.halt.is_some() && self.at.events == 0
    }
}

impl Part {
    /// Opens a step. What it does lies ahead; a `predict` step does it only once an option is chosen.
    pub(super) fn open(lesson: &Lesson, index: usize, (story, brake): (&Timeline, &Brake), chosen: Option<usize>) -> Result<Part, Mistake> {
        let step = &lesson.steps[index];
        if let StepKind::Compare(compare) = &step.kind {
            return Ok(Part::Two(Box::new(Duo::open(lesson, compare, brake)?)));
        }
        let mut solo = Solo::of(story::opening(lesson, step, story, brake)?);
        match &step.kind {
            StepKind::Say { script, .. } => solo.record(script, &step.marks, &[])?,
            StepKind::Measure(measure) => solo.show_row(lesson, measure, 0, brake)?,
            StepKind::Predict { options, then, .. } if chosen.is_some() => {
                let sees: Vec<Option<&Cond>> = options.iter().map(|o| o.see.as_ref()).collect();
                solo.record(then, &step.marks, &sees)?;
            }
            _ => {}
        }
        Ok(Part::One(Box::new(solo)))
    }

    /// Puts its runs under another brake.
    pub(super) fn set_brake(&mut self, brake: &Brake) {
        match self {
            Part::One(solo) => solo.timeline.set_brake(brake),
            Part::Two(duo) => duo.pair.set_brake(brake),
        }
    }

    pub(super) fn recollect(&mut self) {
        match self {
            Part::One(solo) => solo.timeline.recollect(),
            Part::Two(duo) => duo.pair.recollect(),
        }
    }

    /// Starts the step again with what was tried kept, where that can be done.
    pub(super) fn again(&mut self) -> bool {
        self.solo_mut().is_some_and(Solo::again)
    }

    /// Whether anything was tried that is to outlast leaving the step.
    pub(super) fn has_tried(&self) -> bool {
        self.solo().is_some_and(Solo::has_tried)
    }

    /// The same under another brake.
    pub(super) fn under(mut self, brake: &Brake) -> Part {
        self.set_brake(brake);
        self
    }

    pub(super) fn stage(&self) -> Stage<'_> {
        match self {
            Part::One(solo) => Stage::One(&solo.timeline),
            Part::Two(duo) => Stage::Two(&duo.pair),
        }
    }

    pub(super) fn timeline(&self) -> &Timeline {
        match self {
            Part::One(solo) => &solo.timeline,
            Part::Two(duo) => duo.pair.a(),
        }
    }

    pub(super) fn solo(&self) -> Option<&Solo> {
        if let Part::One(solo) = self { Some(solo) } else { None }
    }

    pub(super) fn solo_mut(&mut self) -> Option<&mut Solo> {
        if let Part::One(solo) = self { Some(solo) } else { None }
    }

    /// Whether what the step does has been played to its end.
    pub(super) fn is_played(&self) -> bool {
        match self {
            Part::One(solo) => solo.ahead.as_ref().is_some_and(|a| Position::of(&solo.timeline) >= a.end),
            Part::Two(duo) => duo.is_played(),
        }
    }

    pub(super) fn duo(&self) -> Option<&Duo> {
        if let Part::Two(duo) = self { Some(duo) } else { None }
    }

    /// How many pokes behind the position are the learner's own.
    pub(super) fn own_pokes(&self) -> usize {
        match self {
            Part::One(solo) => solo.own_pokes(),
            Part::Two(duo) => duo.own_pokes(),
        }
    }

    /// The last stop before the position, or the start of the step; `None` at the start.
    pub(super) fn stop_before(&self) -> Option<Before> {
        match self {
            Part::One(solo) => solo.stop_before(),
            Part::Two(duo) => duo.stop_before().map(|(at, halt)| Before { at: Position { at, events: 0 }, halt }),
        }
    }

    pub(super) fn go_back_to(&mut self, stop: &Before) {
        match self {
            Part::One(solo) if stop.is_timed() => _ = solo.timeline.seek(stop.at.at),
            Part::One(solo) => solo.timeline.go(stop.at.events, stop.at.at),
            Part::Two(duo) => _ = duo.pair.seek(stop.at.at),
        }
    }

    /// Goes to the moment when the condition of an option came true first, or to the end.
    pub(super) fn show_option(&mut self, option: usize) -> bool {
        let Some(solo) = self.solo_mut() else { return false };
        let Some(ahead) = &solo.ahead else { return false };
        let to = ahead.options.get(option).copied().flatten().unwrap_or(ahead.end);
        solo.timeline.go(to.events, to.at);
        true
    }
}

impl Solo {
    /// A cluster as a step opens with it.
    pub(super) fn of(timeline: Timeline) -> Solo {
        let (start, opening, tried) = (Position::of(&timeline), timeline.branch_here(), timeline.tried());
        Solo { start, opening, before: timeline.pokes_done(), tried, other: false, timeline, ahead: None, picked: false }
    }

    /// Another run in the place of that of the step.
    pub(super) fn of_another(run: Timeline) -> Solo {
        Solo { other: true, ..Solo::of(run) }
    }

    /// Starts the step again: what the step does lies ahead, and what was tried stays among the branches. False for another run than that of
    /// the step.
    pub(super) fn again(&mut self) -> bool {
        if self.other {
            return false;
        }
        self.timeline.forget_futures();
        let start = (self.start.events, self.start.at);
        let ahead = self.ahead.as_ref().and_then(|ahead| ahead.branch);
        ahead.is_some_and(|branch| self.timeline.visit(branch, start)) || self.timeline.visit(self.opening, start)
    }

    /// Whether anything was tried since the step opened.
    pub(super) fn has_tried(&self) -> bool {
        !self.other && self.timeline.tried() > self.tried
    }

    /// Where the step opened: the branch, after which event, and when.
    pub(super) fn opening(&self) -> (BranchId, (u64, Time)) {
        (self.opening, (self.start.events, self.start.at))
    }

    /// Where the step opened.
    pub(super) fn opened_at(&self) -> Position {
        self.start
    }

    /// Puts one run of a table on the stage, with its script ahead.
    pub(super) fn show_row(&mut self, lesson: &Lesson, measure: &Measure, row: usize, brake: &Brake) -> Result<(), Mistake> {
        let Some(row) = measure.rows.get(row) else { return Ok(()) };
        let timeline = story::fresh(lesson, &row.run.scenario, brake)?;
        *self = Solo::of(timeline);
        self.timeline.leave_future();
        self.record(&row.run.script, &[], &[])
    }

    /// Carries out a script and rewinds, so that it lies ahead.
    pub(super) fn record(&mut self, script: &Script, marks: &[Mark], sees: &[Option<&Cond>]) -> Result<(), Mistake> {
        let start = Position::of(&self.timeline);
        let awaited = |mark: &Mark| if let MarkAt::When(cond) = &mark.when { Some(cond.clone()) } else { None };
        let conditions: Vec<Option<Cond>> = marks.iter().map(awaited).chain(sees.iter().map(|s| s.cloned())).collect();
        let mut first = FirstTimes::of(conditions.iter().flatten());
        let ends = perform(&mut self.timeline, script, &mut first)?;
        let mut found = first.first.into_iter();
        let mut positions = conditions.iter().map(|c| c.as_ref().and_then(|_| found.next().flatten()));
        let mut places: Vec<Option<Position>> = positions.by_ref().take(marks.len()).collect();
        for (place, mark) in places.iter_mut().zip(marks) {
            if let MarkAt::After(span) = mark.when {
                // No event number: everything that happens at that time has happened.
                *place = Some(Position { at: start.at + span, events: 0 });
            }
        }
        let end = Position::of(&self.timeline);
        // What was so before anything happened is not shown by the moment before anything happened.
        let options = positions.map(|place| place.filter(|place| place.at > start.at || place.events > start.events)).collect();
        let path = self.timeline.pokes();
        let branch = Some(self.timeline.branch_here());
        self.ahead = Some(Ahead { ends, end, path, branch, marks: places, options });
        self.timeline.go(start.events, start.at);
        Ok(())
    }

    /// Whether the learner has left what the step does: by poking before its end.
    pub(super) fn is_off(&self) -> bool {
        let Some(ahead) = &self.ahead else { return false };
        let path = self.timeline.pokes();
        let more = path.get(ahead.path.len());
        !path.starts_with(&ahead.path) || more.is_some_and(|poke| poke.at < ahead.end.at)
    }

    /// How many pokes are behind the position since the step opened, those of a shown solution included.
    pub(super) fn pokes(&self) -> usize {
        self.timeline.pokes_done().saturating_sub(self.before)
    }

    /// How many of them are not among what lies ahead: the learner's own.
    pub(super) fn own_pokes(&self) -> usize {
        let (path, given) = (self.timeline.pokes(), self.ahead.as_ref().map_or(&[][..], |ahead| &ahead.path));
        let common = path.iter().zip(given).take_while(|(done, given)| done == given).count();
        self.timeline.own_since(common.max(self.before))
    }

    /// Takes back the learner's last poke, so that playing does not do it again. With the last of them gone, what the step does lies
    /// ahead as before.
    pub(super) fn undo(&mut self) -> Option<Poke> {
        let own = self.own_pokes();
        let undone = (own > 0).then(|| self.timeline.undo()).flatten()?;
        match self.ahead.as_ref().and_then(|ahead| ahead.branch) {
            Some(branch) if own == 1 => {
                let back = Position::of(&self.timeline);
                self.timeline.visit(branch, (back.events, back.at));
            }
            _ => self.timeline.leave_future(),
        }
        Some(undone)
    }

    /// Every stop of what lies ahead, with what play stops for there; `commands`: also after each command.
    fn stops(&self, commands: bool) -> Vec<(Position, Halt)> {
        let Some(ahead) = self.ahead.as_ref().filter(|_| !self.is_off()) else { return Vec::new() };
        let marks = ahead.marks.iter().enumerate().filter_map(|(i, place)| place.map(|p| (p, Halt::Mark(i))));
        let done = ahead.ends.iter().enumerate().filter(|_| commands).map(|(i, end)| (*end, Halt::Command(i)));
        let stops = marks.filter(|(p, _)| *p <= ahead.end).chain(done.filter(|(end, _)| *end < ahead.end));
        stops.chain([(ahead.end, Halt::End)]).collect()
    }

    /// The first stop after the position, up to a time.
    pub(super) fn next_stop(&self, until: Time, commands: bool) -> Option<(Position, Halt)> {
        let now = Position::of(&self.timeline);
        let after = |p: &Position| if p.events == 0 { p.at > now.at } else { *p > now };
        let stops = self.stops(commands).into_iter().filter(|(p, _)| after(p) && p.at <= until);
        // A mark at the end is the end, with something to read.
        stops.min_by_key(|(p, halt)| (p.at, p.events, !matches!(halt, Halt::Mark(_))))
    }

    /// The last stop or poke before the position, or the start; `None` at the start.
    fn stop_before(&self) -> Option<Before> {
        let now = Position::of(&self.timeline);
        let stops = self.stops(false).into_iter().map(|(at, halt)| Before { at, halt: Some(halt) });
        let given = self.timeline.pokes_done().saturating_sub(self.own_pokes());
        let own = self.timeline.pokes().into_iter().take(self.timeline.pokes_done()).skip(given);
        let pokes = own.map(|poke| Before { at: Position { at: poke.at, events: poke.event }, halt: None });
        let before = |stop: &Before| if stop.is_timed() { stop.at.at < now.at } else { stop.at < now };
        let last = stops.chain(pokes).filter(before).max_by_key(|stop| (stop.at.at, stop.at.events, stop.halt.is_some()));
        last.or_else(|| (self.start < now).then_some(Before { at: self.start, halt: None }))
    }

    /// Goes forward to a stop.
    pub(super) fn go_to_stop(&mut self, to: Position) {
        if to.events == 0 {
            self.timeline.run_to(to.at);
        } else {
            self.timeline.go(to.events, to.at);
        }
    }
}
