//! Going through the lesson: on, back, predictions, hints, solutions, the answer.

use std::convert::Infallible;
use std::num::NonZero;

use super::course::{self, Course};
use super::layout::Panel;
use super::{Lab, Purpose, end, listed, moves, outside, select};
use crate::command::Command;
use crate::lesson::schema::StepKind;
use crate::lesson::source::Mistakes;
use crate::lesson::walk::{Awaits, Moved, Walk};
use crate::sim::time::Span;
use crate::tui::app::App;
use crate::tui::clock::Moment;
use crate::tui::keys::Key;
use crate::tui::screens::{Over, View, quiz};

/// Long enough to come to the next stop of any step, in virtual time.
pub(in crate::tui) const TO_THE_STOP: Span = Span::s(3600);

/// How far Enter skips where no stop is certain to come, in seconds of play at 1x.
const SKIP_SECONDS: f64 = 15.0;

/// What Enter does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Plays what the step shows.
    Watch,
    /// Jumps to the next stop of what is playing.
    Skip,
    /// Takes the option under the cursor.
    Choose(usize),
    /// An option has to be chosen first.
    Answer,
    /// The goal is to be reached first.
    Reach,
    /// Goes on although this cannot reach the goal.
    AsIs,
    /// Carries out the next command of the solution.
    Command,
    /// Runs what the step measures.
    Measure,
    /// Opens the next step.
    Step,
    /// The lesson is over.
    Finish,
    /// What was done is handed in to the quiz.
    HandIn,
    /// The quiz goes on.
    Back,
}

impl Next {
    /// The word in the key hints.
    pub fn word(self) -> &'static str {
        match self {
            Next::Watch => "watch",
            Next::Measure => "measure",
            Next::Skip => "skip",
            Next::Choose(_) => "choose",
            Next::Answer => "answer first",
            Next::AsIs => "go on as it is",
            Next::Command => "do it",
            Next::Reach | Next::Step => "next step",
            Next::Finish => "finish",
            Next::HandIn => "hand it in",
            Next::Back => "back",
        }
    }
}

impl Lab {
    /// What Enter does now.
    pub(in crate::tui) fn next(&self) -> Next {
        if self.pace.playing() {
            return Next::Skip;
        }
        if let (StepKind::Say { lists: true, .. }, Some(option)) = (&self.walk.step().kind, self.option) {
            return Next::Choose(option);
        }
        match self.walk.awaits_if(|| self.goal.holds) {
            Awaits::Answer => self.option.map_or(Next::Answer, Next::Choose),
            Awaits::Command => Next::Command,
            Awaits::Goal | Awaits::Nothing if self.answered.is_some() => Next::AsIs,
            Awaits::Goal => Next::Reach,
            Awaits::Measuring => Next::Measure,
            Awaits::Watching => Next::Watch,
            Awaits::Nothing => self.step_or_finish(),
        }
    }

    fn step_or_finish(&self) -> Next {
        match self.purpose {
            _ if !self.walk.is_last() => Next::Step,
            Purpose::Lesson | Purpose::Class => Next::Finish,
            Purpose::Seen => Next::Back,
            Purpose::Bench => Next::HandIn,
        }
    }
}

/// Goes on: what that is depends on the step and on the part of the screen that has the keyboard.
pub fn go_on(app: &mut App, key: Key) {
    let Some(lab) = app.lab() else { return };
    match (lab.focus, lab.next()) {
        (Panel::Guarantees, _) => select::go_to_break(app),
        (Panel::Log, _) => select::go_to_row(app),
        (_, Next::Watch | Next::AsIs) => moves::play(app, key),
        (_, Next::Command) => command(app, key),
        (_, Next::Measure) => measure(app),
        (_, Next::Skip) => skip(app),
        (_, Next::Choose(option)) => choose(app, option),
        (_, Next::Answer) => app.refuse("press the digit of your answer: 1, 2, ..."),
        (_, Next::Reach) => app.refuse(not_reached(lab)),
        (_, Next::Step) => next_step(app, key),
        (_, Next::Finish) => finish(app),
        (_, Next::HandIn) => quiz::act::hand_in(app),
        (_, Next::Back) => home(app, key),
    }
}

/// Why one does not go on, and how one can.
fn not_reached(lab: &Lab) -> &'static str {
    match lab.purpose {
        Purpose::Bench => "not reached yet: H gives a hint, Esc leads to the card, to give up",
        Purpose::Lesson | Purpose::Seen | Purpose::Class => "the goal is not reached yet: H gives a hint, G goes on without it",
    }
}

/// Jumps to the next stop; where none is certain, a little on, and plays on unless the goal is reached.
pub fn skip(app: &mut App) {
    let now = app.now;
    let Some(lab) = app.lab_mut() else { return };
    let certain = lab.walk.stop_is_certain();
    let by = if certain { TO_THE_STOP } else { lab.pace.per_second.scaled(SKIP_SECONDS) };
    lab.pace.pause();
    lab.go_on_from_here();
    let go = move |course: &mut Course| Ok::<Moved, Infallible>(course.walk.advance(by));
    course::work(app, "skipping ahead", go, move |app, Ok(moved)| {
        let stopped = moved.halt.is_some();
        moves::went(app, moved, "");
        if let Some(lab) = app.lab_mut().filter(|lab| !stopped && !certain && !lab.goal.holds && lab.answered.is_none()) {
            lab.pace.play(now);
        }
    });
}

/// Runs everything that the table of this step is made of.
pub(in crate::tui) fn measure(app: &mut App) {
    let go = |course: &mut Course| course.walk.measure();
    course::work(app, "measuring", go, |app, done: Result<(), Mistakes>| match done {
        Ok(()) => app.lab_mut().into_iter().for_each(|lab| lab.scroll = 0),
        Err(mistakes) => app.trouble(&mistakes),
    });
}

fn finish(app: &mut App) {
    let Some(lab) = app.lab_mut() else { return };
    // The last step counts as read only when one goes on from it.
    let _ = lab.walk.next_step();
    end::open(app);
}

/// Opens a step, and then does `then`. `go` says whether there is such a step; `nowhere` is said where there is none.
pub(super) fn open_step(
    app: &mut App,
    nowhere: &'static str,
    go: impl FnOnce(&mut Walk) -> Result<bool, Mistakes> + Send + 'static,
    then: impl FnOnce(&mut App) + Send + 'static,
) {
    // From the run of another seed one goes back to one's own first: what was tried there is kept.
    let own = app.lab().and_then(|lab| lab.own.clone());
    let opening = |course: &mut Course| {
        if let Some(own) = own {
            course.walk = own;
        }
        let went = go(&mut course.walk)?;
        course.forget();
        Ok(went)
    };
    course::work(app, "opening the step", opening, move |app, went: Result<bool, Mistakes>| {
        app.lab_mut().into_iter().for_each(Lab::opened);
        match went {
            Ok(true) => then(app),
            Ok(false) => app.refuse(nowhere),
            Err(mistakes) => app.trouble(&mistakes),
        }
    });
}

/// The next step.
pub fn next_step(app: &mut App, _key: Key) {
    open_step(app, "this is the last step", Walk::next_step, |_| ());
}

/// The step before.
pub fn previous_step(app: &mut App, _key: Key) {
    open_step(app, "this is the first step", Walk::previous_step, |_| ());
}

/// The step again, from its start.
pub fn restart(app: &mut App, _key: Key) {
    open_step(app, "", |walk| walk.restart().map(|()| true), |_| ());
}

/// The next comparison of the lesson.
pub fn compare(app: &mut App, _key: Key) {
    let to_comparison = |walk: &mut Walk| {
        let steps = &walk.lesson().steps;
        let (here, count) = (walk.index(), steps.len());
        let after = (1..=count).map(|n| (here + n) % count);
        let found = after.into_iter().find(|i| matches!(steps[*i].kind, StepKind::Compare(_)));
        found.map_or(Ok(false), |i| walk.go_to(i).map(|()| true))
    };
    open_step(app, "this lesson compares nothing", to_comparison, |_| ());
}

/// A digit: chooses an option, or, when one was chosen, goes to the moment that shows it.
pub fn option(app: &mut App, key: Key) {
    let digit = key.typed().and_then(|c| c.to_digit(10)).and_then(NonZero::new);
    if let Some(digit) = digit {
        choose(app, digit.get() as usize - 1);
    }
}

/// Whether there is something to choose.
pub fn can_choose(app: &App) -> Result<(), String> {
    match app.lab().map(|lab| &lab.walk.step().kind) {
        Some(StepKind::Predict { .. }) => Ok(()),
        Some(StepKind::Say { .. }) if app.lab().is_some_and(|lab| !lab.listed().is_empty()) => Ok(()),
        Some(StepKind::Measure(_)) if app.lab().is_some_and(|lab| lab.walk.table().is_some()) => Ok(()),
        _ => Err("there is nothing to choose at this step".into()),
    }
}

/// Chooses an option, or shows it.
pub fn choose(app: &mut App, option: usize) {
    let now = app.now;
    let Some(lab) = app.lab_mut() else { return };
    match lab.walk.step().kind {
        StepKind::Measure(_) => return show_row(app, option),
        StepKind::Say { .. } => return listed::open(app, option),
        _ => {}
    }
    let StepKind::Predict { options, .. } = &lab.walk.step().kind else { return };
    if option >= options.len() {
        let last = options.len();
        return app.refuse(format!("there are {last} answers: 1 to {last}"));
    }
    if lab.walk.prediction().is_some() {
        lab.pace.pause();
        lab.option = Some(option);
        let show = move |course: &mut Course| Ok::<bool, Infallible>(course.walk.show_option(option));
        return course::work(app, "to what shows it", show, |_, _| ());
    }
    let choose = move |course: &mut Course| course.walk.choose(option);
    course::work(app, "finding out what happens", choose, move |app, done| chosen(app, now, done));
}

/// Puts one run of a measured table on the stage and plays it.
fn show_row(app: &mut App, row: usize) {
    let now = app.now;
    let Some(lab) = app.lab_mut() else { return };
    let rows = lab.walk.table().map_or(0, |table| table.rows.len());
    if row >= rows {
        return app.refuse(format!("the table has {rows} rows"));
    }
    lab.pace.pause();
    let show = move |course: &mut Course| {
        course.walk.show_row(row)?;
        course.forget();
        Ok(())
    };
    course::work(app, "putting that run on the stage", show, move |app, shown: Result<(), Mistakes>| match shown {
        Ok(()) => app.lab_mut().into_iter().for_each(|lab| lab.pace.play(now)),
        Err(mistakes) => app.trouble(&mistakes),
    });
}

/// An option is settled: now it happens.
fn chosen(app: &mut App, now: Moment, done: Result<(), String>) {
    let Some(lab) = app.lab_mut() else { return };
    match done {
        Ok(()) => {
            lab.option = None;
            lab.pace.play(now);
        }
        Err(why) => app.refuse(why),
    }
}

/// Whether there are hints, and one is left.
pub fn can_hint(app: &App) -> Result<(), String> {
    let Some(lab) = app.lab() else { return Ok(()) };
    match &lab.walk.step().kind {
        StepKind::Try(step) => match &step.hints {
            None => Err("there are no hints for this goal".into()),
            Some(hints) if lab.walk.hints().len() == hints.len() => Err("that was the last hint; S shows the solution".into()),
            Some(_) => Ok(()),
        },
        _ => Err("hints are there where a goal is to be reached".into()),
    }
}

/// One more hint.
pub fn hint(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.walk.hint();
    // Below a miss that is told the hint may not be in sight: it stands at the end of the card.
    let is_below = lab.walk.goal().is_some_and(|goal| !goal.missed.is_empty());
    (lab.focus, lab.scroll, lab.answered) = (Panel::Question, if is_below { u16::MAX } else { 0 }, None);
}

/// Whether there is a solution to play.
pub fn can_solve(app: &App) -> Result<(), String> {
    match app.lab().map(|lab| &lab.walk.step().kind) {
        Some(StepKind::Try(_)) => Ok(()),
        _ => Err("a solution is there where a goal is to be reached".into()),
    }
}

/// Starts the step again with the solution ahead, command by command: each is seen before it happens.
pub fn solution(app: &mut App, _key: Key) {
    open_step(app, "", |walk| walk.show_solution(0).map(|()| true), |_| ());
}

/// Carries out the next command of the solution: a poke at once, what lets time pass at the pace of the step.
pub(in crate::tui) fn command(app: &mut App, key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    let next = lab.walk.solution().and_then(|(lines, done)| lines.get(done)).map(|line| line.command.clone());
    let at_once = lab.is_network();
    match next {
        Some(command) if at_once || matches!(command, Command::Poke(_)) => {
            let go = |course: &mut Course| Ok::<Option<String>, Infallible>(course.walk.solution_next());
            course::work(app, "the next command of the solution", go, |_, _| ());
        }
        _ => moves::play(app, key),
    }
}

/// Whether the answer of the lesson may be read: not while a goal or a cure is asked for.
pub fn can_tell(app: &App) -> Result<(), String> {
    match app.lab().map(|lab| lab.purpose) {
        Some(Purpose::Bench) => Err("this is a question of the quiz: do it, or go back to the card with Esc".into()),
        _ => Ok(()),
    }
}

/// Answers what this step asks to be predicted; elsewhere shows the answer of the lesson.
pub fn just_tell(app: &mut App, key: Key) {
    let now = app.now;
    if app.lab().is_some_and(|lab| !lab.walk.is_locked()) {
        return answer(app, key);
    }
    let tell = |course: &mut Course| course.walk.tell_option();
    course::work(app, "finding out what happens", tell, move |app, told| chosen(app, now, told));
}

/// Shows the answer of the lesson.
pub fn answer(app: &mut App, _key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    lab.pace.pause();
    lab.walk.tell_me();
    app.over = Some(Over::Answer(0));
}

/// Lets go of what is selected, or else leaves for the topics.
pub fn back(app: &mut App, key: Key) {
    let Some(lab) = app.lab_mut() else { return };
    if lab.selected.is_some() || lab.term.is_some() || lab.focus != Panel::Question {
        (lab.selected, lab.term) = (None, None);
        lab.focus = Panel::Question;
    } else {
        home(app, key);
    }
}

/// Leaves for the topics; the lab stays as it is.
pub fn home(app: &mut App, key: Key) {
    if outside::leaves(app, key) {
        return;
    }
    if let Some(lab) = app.lab_mut() {
        lab.pace.pause();
    }
    if !quiz::back(app) {
        app.view = View::Home;
    }
}
