//! The quiz: one card after the other, with the cluster beside those whose answer can be watched, and what was learnt at the end.

pub mod act;
mod bench;
mod card;
pub mod draw;
mod hands;
mod last;
mod opening;
mod stage;

pub(in crate::tui) use opening::stopped;
pub use stage::{back, see_next};

use std::cell::Cell;

use tui_input::Input as Line;

use opening::Opening;

use crate::lesson::question::QuestionKind;
use crate::quiz::{Phase, Session, Turn};
use crate::review::Day;
use crate::tui::actions::Place;
use crate::tui::app::App;
use crate::tui::screens::View;

/// The lab of a card that is played, among the labs of the program.
pub const STAGE: &str = "quiz";

/// The lab that shows where an answer can be seen.
pub const SEEN: &str = "quiz-seen";

/// The lab where the card at hand is answered.
pub const BENCH: &str = "quiz-bench";

/// A quiz that is going on.
pub struct Quiz {
    pub(in crate::tui) session: Session,
    /// What stands in its first line.
    title: String,
    /// The number that is being typed.
    line: Line,
    /// The first line shown of the card.
    scroll: u16,
    /// The last line that the card can be scrolled to, as drawing found it.
    most_scroll: Cell<u16>,
    /// The learner looks at the lab in between.
    pub(in crate::tui) away: bool,
    /// Whether the card at hand has its cluster beside it.
    pub(in crate::tui) staged: bool,
    /// The day, as it was when the quiz began.
    today: Day,
    /// What its first question is waited for with; `None` once one was at hand.
    opening: Option<Opening>,
}

impl Quiz {
    /// The card at hand.
    fn turn(&self) -> Option<&Turn> {
        self.session.turn()
    }

    /// The places whose actions apply now.
    pub(in crate::tui) fn context(&self) -> &'static [Place] {
        match self.turn().map(|turn| turn.phase) {
            None => &[Place::QuizEnd, Place::Quiz, Place::Anywhere, Place::Always],
            Some(Phase::Asking) if self.is_typed() => &[Place::QuizTyping, Place::Always],
            Some(Phase::Asking | Phase::Points) => &[Place::QuizAsking, Place::Quiz, Place::Anywhere, Place::Always],
            Some(Phase::Sure) => &[Place::QuizSure, Place::Quiz, Place::Anywhere, Place::Always],
            Some(Phase::Watching | Phase::Told) => &[Place::QuizTold, Place::Quiz, Place::Anywhere, Place::Always],
        }
    }

    /// Whether the answer is typed now.
    fn is_typed(&self) -> bool {
        self.turn().is_some_and(|turn| turn.phase == Phase::Asking && matches!(turn.card.question.kind, QuestionKind::Number(_)))
    }

    /// The line that is being typed.
    pub(in crate::tui) fn line_mut(&mut self) -> Option<&mut Line> {
        if self.is_typed() { Some(&mut self.line) } else { None }
    }

    /// The line was changed.
    pub(in crate::tui) fn edited(&mut self) {
        let typed = self.line.value().to_string();
        if let Some(turn) = self.session.turn_mut() {
            turn.draft.typed = typed;
        }
    }

    /// What is asked now, with its options.
    pub(in crate::tui) fn asked(&self) -> Option<String> {
        let card = &self.turn()?.card;
        let rows = card.shown.iter().map(|index| format!("- {}", card.part(*index)));
        Some(std::iter::once(card::plain(&card.asked())).chain(rows).collect::<Vec<_>>().join("\n"))
    }

    /// How many rows the card at hand has.
    pub(in crate::tui) fn rows(&self) -> usize {
        self.turn().map_or(0, |turn| turn.draft.rows(&turn.card).len())
    }

    /// Another card is at hand.
    fn opened(&mut self) {
        (self.line, self.scroll, self.staged) = (Line::default(), 0, false);
    }
}

impl App {
    /// Hands what happened in the quiz to the log.
    fn record_quiz(&mut self) {
        let events = self.quiz.as_mut().map(|quiz| quiz.session.take_events()).unwrap_or_default();
        self.record_all(events);
    }
}

/// Whether this is the id of a lab that the quiz opened, in which nobody walks a lesson.
pub(in crate::tui) fn is_its_own(id: &str) -> bool {
    [STAGE, SEEN, BENCH].contains(&id)
}

/// Real time went on: a run that was watched to its end is told.
pub(in crate::tui) fn follow(app: &mut App) {
    if is_watched(app) {
        act::told(app);
    }
}

/// Whether the run of the card at hand was played to its end, and the card does not say so yet.
pub(in crate::tui) fn is_watched(app: &App) -> bool {
    let watching = app.quiz.as_ref().and_then(Quiz::turn).is_some_and(|turn| turn.phase == Phase::Watching);
    let shown = || app.lab().and_then(|lab| lab.walk.prediction()).is_some_and(|prediction| prediction.shown);
    app.view == View::Quiz && app.work.is_none() && watching && shown()
}
