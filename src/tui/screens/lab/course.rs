//! Everything that moves the walk of a lab: done on a copy beside the loop, so that the lab can be seen meanwhile, and stays as it
//! is when the work is stopped or fails.

use super::picture::Picture;
use super::views;
use crate::cluster::facts::{in_words, rounded};
use crate::lesson::walk::{Stage, Walk};
use crate::sim::time::Span;
use crate::tui::app::App;

/// What is worked on: the walk, and what is known of the place where it is.
#[derive(Clone)]
pub struct Course {
    /// The learner's way through the lesson.
    pub walk: Walk,
    pub(super) pictures: [Picture; 2],
    pub(super) goal: Standing,
}

/// How it is with the goal of a step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Whether it holds.
    pub holds: bool,
    /// The facts it speaks of: `leaders = 1`.
    pub now: String,
    /// Whether each clause holds.
    pub clauses: Vec<bool>,
    /// The facts of each clause.
    pub clauses_now: Vec<String>,
    /// The miss that the run has come to.
    pub miss: Option<usize>,
    /// Whether it can be reached no more.
    pub out: bool,
    /// The clause that can hold no more.
    pub broken: Option<usize>,
    /// How it comes within reach again: how many pokes to take back, and the last of them.
    pub back: Option<(usize, String)>,
    /// The learner's pokes.
    pub pokes: usize,
}

impl Standing {
    /// How it is now. `before`: how it was, with how many pokes then; what is costly is not worked out again where it cannot differ.
    fn of(walk: &Walk, before: &Standing) -> Standing {
        let Some(now) = walk.goal_now() else { return Standing::default() };
        let holds = walk.goal_holds();
        let out = !holds && walk.is_out_of_reach();
        let pokes = walk.pokes();
        let back = match &before.back {
            Some(known) if out && before.pokes == pokes => Some(known.clone()),
            _ if out => walk.way_back().map(|(count, poke)| (count, poke.to_string())),
            _ => None,
        };
        let clauses_now = walk.clauses_now().iter().map(|now| in_words(&rounded(now))).collect();
        let broken = walk.broken_clause().filter(|_| out);
        Standing { holds, now: in_words(&rounded(&now)), clauses: walk.clauses(), clauses_now, miss: walk.miss(), out, broken, back, pokes }
    }
}

impl Course {
    /// Of a walk that was just started. `pace` is the virtual time of a second.
    pub fn start(walk: Walk, pace: Span) -> Course {
        let mut course = Course { walk, pictures: <[Picture; 2]>::default(), goal: Standing::default() };
        course.refresh(pace, false);
        course
    }

    /// Another step is open: nothing counts that is known of the run before.
    pub fn forget(&mut self) {
        self.pictures.iter_mut().for_each(Picture::forget);
    }

    /// The run is somewhere else: brings the pictures up to it. `plays`: only for a frame.
    pub fn refresh(&mut self, pace: Span, plays: bool) {
        self.walk.recollect();
        let before = self.pictures[0].scene.at;
        let [a, b] = &mut self.pictures;
        let changed = match self.walk.stage() {
            Stage::One(run) => a.refresh(run, pace, plays),
            Stage::Two(pair) => a.refresh(pair.a(), pace, plays) | b.refresh(pair.b(), pace, plays),
        };
        let view = &self.walk.step().view;
        match self.walk.stage() {
            Stage::One(run) => views::arrange(&mut a.scene, run.cluster(), view),
            Stage::Two(pair) => {
                views::arrange(&mut a.scene, pair.a().cluster(), view);
                views::arrange(&mut b.scene, pair.b().cluster(), view);
            }
        }
        // Some facts go on with the clock alone.
        if changed || self.pictures[0].scene.at != before {
            self.goal = Standing::of(&self.walk, &self.goal);
        }
    }
}

/// Does `go` to the walk of the lab on the screen, and then tells `then` what came of it; `what` says it in a few words. After an
/// error, and when it is stopped, the lab is as it was before.
pub fn work<T, E>(
    app: &mut App,
    what: impl Into<String>,
    go: impl FnOnce(&mut Course) -> Result<T, E> + Send + 'static,
    then: impl FnOnce(&mut App, Result<T, E>) + Send + 'static,
) where
    T: Send + 'static,
    E: Send + 'static,
{
    let Some(lab) = app.lab() else { return };
    let (mut course, pace, id) = (lab.course(), lab.pace.per_second, app.open.clone());
    let plays = lab.pace.playing();
    app.begin(what, move |brake| {
        course.walk.set_brake(brake);
        let done = go(&mut course);
        let there = done.is_ok().then(|| {
            course.refresh(pace, plays);
            course
        });
        Box::new(move |app: &mut App| {
            if let (Some(course), Some(lab)) = (there, app.labs.get_mut(&id)) {
                lab.take(course);
            }
            then(app, done);
        })
    });
}
