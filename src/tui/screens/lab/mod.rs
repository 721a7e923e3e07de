//! The lab: a question, a cluster to poke, and what the run says.

mod about;
mod again;
mod answers;
pub mod beside;
pub mod card;
pub mod compare;
mod contrast;
pub mod course;
pub mod draw;
pub mod end;
pub mod header;
pub mod keys;
pub mod knobs;
pub mod layout;
pub mod learn;
mod listed;
pub mod moves;
pub mod network;
pub mod outside;
pub mod pace;
mod past;
pub mod pick;
pub mod picture;
pub mod pokes;
pub mod select;
mod tables;
pub mod terms;
mod told;
mod tries;
mod views;
pub mod zoom;

use std::cell::Cell;
use std::convert::Infallible;
use std::sync::Arc;

use course::{Course, Standing};
use layout::Panel;
use pace::{Pace, Tick};
use picture::Picture;
use zoom::Zoom;

use crate::lesson::Lesson;
use crate::lesson::schema::StepKind;
use crate::lesson::source::Mistakes;
use crate::lesson::walk::{Halt, Moved, Stage, Walk};
use crate::sim::time::{Span, Time};
use crate::timeline::{Brake, Timeline};
use crate::tui::app::App;
use crate::tui::clock::Moment;
use crate::tui::widgets::Target;
use crate::tui::widgets::stage::Front;

/// What a lab is open for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody walks a lesson.
    #[default]
    Lesson,
    /// The answer to a question of the quiz is seen in it.
    Seen,
    /// What is done in it is handed in to the quiz.
    Bench,
    /// It is shown to a class.
    Class,
}

/// One learner in one lesson.
pub struct Lab {
    /// What it is open for.
    pub(in crate::tui) purpose: Purpose,
    pub(in crate::tui) walk: Walk,
    pub(in crate::tui) pace: Pace,
    /// The seed with which the learner has started it again, instead of the lesson's own.
    pub(in crate::tui) seed: Option<u64>,
    /// What is known of the cluster on the stage; of two, of each.
    pub(in crate::tui) pictures: [Picture; 2],
    pub(in crate::tui) focus: Panel,
    pub(in crate::tui) selected: Option<Target>,
    /// The first line shown of the question.
    pub(in crate::tui) scroll: u16,
    /// The card as it was last drawn.
    card: card::Kept,
    /// The last line that the question can be scrolled to, as drawing found it.
    pub(in crate::tui) most_scroll: Cell<u16>,
    /// Whether the question tells what is new at its start, as drawing found it.
    tells_first: Cell<bool>,
    /// The selected row of the guarantees or of what happened.
    pub(in crate::tui) row: usize,
    /// The option of a prediction that Enter would choose.
    pub(in crate::tui) option: Option<usize>,
    /// The word of the card that is explained, counted from the first; after the last comes the first again.
    pub(in crate::tui) term: Option<usize>,
    /// How it is with the goal of the step.
    pub(in crate::tui) goal: Standing,
    /// The miss that the card answers, until the learner goes on.
    pub(in crate::tui) answered: Option<usize>,
    /// After which event the verdicts were last to be brought up, so that stopping that is heard.
    judging_at: Option<u64>,
    /// The knob that has the arrows.
    pub(in crate::tui) knob: Option<usize>,
    /// The place in the list of what can happen next, where the learner is the network.
    pub(in crate::tui) network: Option<network::Place>,
    /// What the learner has asked to see first on the stage, and at which step.
    chosen_front: Option<(usize, Front)>,
    /// Whether picture and panels have no room together, as drawing found it.
    crowded: Cell<bool>,
    /// How much the timeline shows.
    pub(in crate::tui) zoom: Zoom,
    /// Whether the learner has asked for the other of stage and timeline to be the large one.
    pub(in crate::tui) swapped: bool,
    /// The first that has a lane, where not all have.
    pub(in crate::tui) lane: usize,
    /// How many lanes have no line, as drawing found it.
    pub(in crate::tui) hidden_lanes: Cell<usize>,
    /// The author's mark at which play stopped last, by its index in the step.
    pub(in crate::tui) mark: Option<usize>,
    /// What came of what was tried, as far as it was looked at.
    pub(in crate::tui) outcomes: super::history::Known,
    /// Two branches, while they are on the stage.
    pub(in crate::tui) beside: Option<Box<beside::Beside>>,
    /// The learner's own way, while the run of another seed is on the stage.
    pub(in crate::tui) own: Option<Walk>,
    /// How often the run on the stage ends as it did, from each of its moments on.
    pub(in crate::tui) shares: Option<Shares>,
}

/// The share of other runs that end as this one did, by the moment from which they go their own ways.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Shares {
    /// How many pokes the run had.
    pub(in crate::tui) pokes: usize,
    /// The shares over time.
    pub(in crate::tui) series: crate::cluster::scene::Series,
}

impl Lab {
    /// Opens a lesson at its first step, paused, under a brake. Fails where the lesson breaks when it is run.
    pub fn open(lesson: Lesson, brake: &Brake) -> Result<Lab, Mistakes> {
        Walk::start(Arc::new(lesson), brake).map(Lab::of)
    }

    /// A lab in which this walk goes on, paused.
    pub(in crate::tui) fn of(walk: Walk) -> Lab {
        let pace = Pace::new(walk.pace());
        let course = Course::start(walk, pace.per_second);
        let mut lab = Lab {
            purpose: Purpose::default(),
            walk: course.walk,
            seed: None,
            pace,
            pictures: course.pictures,
            focus: Panel::Question,
            selected: None,
            scroll: 0,
            card: card::Kept::default(),
            most_scroll: Cell::new(0),
            tells_first: Cell::new(false),
            row: 0,
            option: None,
            term: None,
            goal: course.goal,
            answered: None,
            judging_at: None,
            knob: None,
            network: None,
            chosen_front: None,
            crowded: Cell::new(false),
            zoom: Zoom::default(),
            swapped: false,
            lane: 0,
            hidden_lanes: Cell::new(0),
            mark: None,
            outcomes: super::history::Known::default(),
            beside: None,
            own: None,
            shares: None,
        };
        lab.open_in_network();
        lab
    }

    /// At a step where the learner is the network from the start, messages wait for them; first they read what is to be done.
    fn open_in_network(&mut self) {
        self.network = None;
        if self.walk.step().view.network {
            self.become_network();
            self.focus = Panel::Question;
        }
        if self.walk.is_showing() {
            self.focus = Panel::Question;
        }
    }

    /// The same for another purpose.
    pub(in crate::tui) fn open_for(self, purpose: Purpose) -> Lab {
        Lab { purpose, ..self }
    }

    /// The same, which the learner has started with this seed.
    pub(in crate::tui) fn with_seed(self, seed: u64) -> Lab {
        Lab { seed: Some(seed), ..self }
    }

    /// Goes to any step.
    pub(in crate::tui) fn open_at(&mut self, step: usize) -> Result<(), Mistakes> {
        let mut course = self.course();
        course.walk.go_to(step)?;
        course.forget();
        course.refresh(self.pace.per_second, false);
        self.take(course);
        self.opened();
        Ok(())
    }

    /// What of the stage is to be seen first: what the learner has asked for at this step, or else the panels that the step names.
    pub(in crate::tui) fn front(&self) -> Front {
        let chosen = self.chosen_front.filter(|(step, _)| *step == self.walk.index());
        let named = || if self.walk.step().view.panels.is_empty() { Front::Picture } else { Front::Panel(0) };
        chosen.map_or_else(named, |(_, front)| front)
    }

    /// Goes to where the run of its only step shows an option, or to its end.
    pub(in crate::tui) fn show_outcome(&mut self, option: Option<usize>) {
        let mut course = self.course();
        match course.walk.choose(option.unwrap_or(0)) {
            Ok(()) => _ = course.walk.show_option(option.unwrap_or(0)),
            Err(_) => _ = course.walk.advance(learn::TO_THE_STOP),
        }
        course.refresh(self.pace.per_second, false);
        self.take(course);
        self.zoom.fit();
    }

    /// A copy of what is worked on; it shares what is known of the past.
    pub(in crate::tui) fn course(&self) -> Course {
        Course { walk: self.walk.clone(), pictures: self.pictures.clone(), goal: self.goal.clone() }
    }

    /// Goes where the work went. A miss that it has come to stops play and is answered.
    pub(in crate::tui) fn take(&mut self, course: Course) {
        let before = self.goal.miss;
        Course { walk: self.walk, pictures: self.pictures, goal: self.goal } = course;
        self.pictures.iter_mut().for_each(Picture::settle);
        if self.is_network() {
            // What was done before the run was rewound makes the learner the network again: time stands still from there on.
            self.pace.pause();
        }
        if self.focus == Panel::Network && !self.is_network() {
            self.focus = Panel::Question;
        }
        if self.goal.miss == before {
            return;
        }
        self.answered = self.goal.miss;
        if self.answered.is_some() {
            self.pace.pause();
            (self.focus, self.scroll) = (Panel::Question, 0);
        }
    }

    /// What the model on the stage adds to the command language.
    pub fn language(&self) -> crate::command::Language {
        crate::cluster::registry::language(&self.run().scenario().model)
    }

    /// A text of the lesson as it is shown now.
    pub(in crate::tui) fn told(&self, text: &str) -> String {
        told::told(self, text)
    }

    /// What the author says of the moment at which play stopped; `None`: it stopped at no mark.
    pub fn stopped_at_mark(&self) -> Option<String> {
        let mark = self.walk.step().marks.get(self.mark?)?;
        Some(mark.text.as_ref().map_or_else(String::new, |text| crate::tui::widgets::markdown::unmarked(&self.told(text))))
    }

    /// The run on the stage; the first of two.
    pub fn run(&self) -> &Timeline {
        self.walk.timeline()
    }

    /// What is known of it.
    pub(in crate::tui) fn picture(&self) -> &Picture {
        &self.pictures[0]
    }

    /// Whether the clock may move: not before a prediction is made.
    pub(in crate::tui) fn may_move(&self) -> Result<(), String> {
        match self.purpose {
            _ if !self.walk.is_locked() => Ok(()),
            Purpose::Class => Err("first the class is asked; Enter goes on".into()),
            _ => Err("say first what will happen: press the digit of an answer".into()),
        }
    }

    /// When something happens next on the stage.
    fn next_at(&self) -> Option<Time> {
        match self.walk.stage() {
            Stage::One(run) => run.next_at(),
            Stage::Two(pair) => pair.next_at(),
        }
    }

    /// How many answers, or steps, there are to choose from at this step; of a measured table: rows.
    pub(in crate::tui) fn options(&self) -> usize {
        match &self.walk.step().kind {
            StepKind::Predict { options, .. } => options.len(),
            StepKind::Say { .. } => self.listed().len(),
            StepKind::Measure(_) => self.walk.table().map_or(0, |table| table.rows.len().min(9)),
            _ => 0,
        }
    }

    /// The end of what is known to happen.
    fn end(&self) -> Time {
        match self.walk.stage() {
            Stage::One(run) => run.end(),
            Stage::Two(pair) => pair.end(),
        }
    }

    /// Another step is open: everything that belonged to the one before is forgotten.
    pub(in crate::tui) fn opened(&mut self) {
        self.pace.pause();
        self.pace.per_second = self.walk.pace();
        (self.scroll, self.row, self.option, self.mark, self.selected) = (0, 0, None, None, None);
        (self.knob, self.zoom, self.answered, self.term) = (None, Zoom::default(), None, None);
        (self.own, self.shares, self.beside) = (None, None, None);
        self.outcomes.clear();
        self.focus = Panel::Question;
        self.open_in_network();
    }

    /// The first line of the question that is seen: of a short card that was to show its end the first, once it tells why.
    pub(in crate::tui) fn first_line(&self) -> u16 {
        let why = self.walk.goal().is_some_and(|goal| goal.reached.is_some());
        if self.scroll == u16::MAX && self.tells_first.get() && why { 0 } else { self.scroll.min(self.most_scroll.get()) }
    }

    /// When the next frame is due.
    pub(in crate::tui) fn deadline(&self, motion: bool) -> Option<Moment> {
        if self.is_to_be_judged() {
            return Some(Moment::ZERO);
        }
        self.pace.deadline(self.walk.stage().at(), self.next_at(), motion)
    }

    /// How much virtual time goes by in the frame that is due, if one is.
    fn due(&mut self, now: Moment) -> Option<Span> {
        let quiet = self.pictures.iter().all(|p| p.scene.flights.is_empty());
        let (at, next, end) = (self.walk.stage().at(), self.next_at(), self.end());
        match self.pace.advance(now, (at, next, end), quiet) {
            Tick::No => None,
            Tick::By(span) | Tick::Skip(span) => Some(span),
        }
    }

    /// Whether play has stopped and left the verdicts behind.
    pub(in crate::tui) fn is_to_be_judged(&self) -> bool {
        let stopped = self.judging_at == Some(self.run().events());
        !self.pace.playing() && !stopped && self.pictures.iter().any(Picture::is_stale)
    }

    /// Whether nothing is left to be seen.
    fn is_over(&self) -> bool {
        self.next_at().is_none() && self.walk.stage().at() >= self.end()
    }

    /// The learner goes on: what was said of the moment is read.
    pub(in crate::tui) fn go_on_from_here(&mut self) {
        (self.mark, self.answered) = (None, None);
    }

    /// Play stopped by itself.
    pub(in crate::tui) fn halted(&mut self, halt: &Halt) {
        self.pace.pause();
        if let Halt::Mark(index) = halt {
            self.mark = Some(*index);
        }
        if *halt == Halt::End {
            self.zoom.fit();
        }
        // What is new stands at the end of the card; the outcome of a prediction at its start, as that of a goal on a short card.
        let news = matches!(halt, Halt::Mark(_)) || self.walk.goal_holds();
        self.scroll = if news { u16::MAX } else { 0 };
    }
}

/// Real time went on: plays the frame that is due.
pub(in crate::tui) fn play_on(app: &mut App) {
    let now = app.now;
    if let Some(lab) = app.lab_mut().filter(|lab| lab.is_to_be_judged()) {
        lab.judging_at = Some(lab.run().events());
        return course::work(app, "judging what clients saw", |_| Ok::<(), Infallible>(()), |_, _| ());
    }
    if outside::follow(app) {
        return;
    }
    let Some(span) = app.lab_mut().and_then(|lab| lab.due(now)) else { return };
    let go = move |course: &mut Course| Ok::<Moved, Infallible>(course.walk.advance(span));
    course::work(app, "playing", go, |app, Ok(moved)| {
        let Some(lab) = app.lab_mut() else { return };
        match &moved.halt {
            Some(halt) => lab.halted(halt),
            None if lab.is_over() => lab.pace.pause(),
            None => {}
        }
        if moved.halt == Some(Halt::Quiet) {
            moves::say_quiet(app);
        }
    });
}
