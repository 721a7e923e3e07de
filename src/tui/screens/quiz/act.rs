//! What the keys do in the quiz.

use std::num::NonZero;

use super::{BENCH, Quiz, STAGE, bench, last, stage};
use crate::lesson::question::QuestionKind;
use crate::quiz::{Phase, Stage, Turn, Wish};
use crate::review::{Confidence, Grade};
use crate::tui::app::App;
use crate::tui::keys::Key;
use crate::tui::screens::View;
use crate::tui::screens::lab::{learn, moves};
use crate::tui::widgets::Target;

/// Starts ten minutes of what matters now.
pub fn start(app: &mut App, _key: Key) {
    app.start_quiz(Wish::default());
}

/// Starts whatever there is, without moving the schedule.
pub fn cram(app: &mut App, _key: Key) {
    app.start_quiz(Wish { cram: true, ..Wish::default() });
}

fn quiz(app: &mut App) -> Option<&mut Quiz> {
    app.quiz.as_mut()
}

fn phase(app: &App) -> Option<Phase> {
    app.quiz.as_ref()?.turn().map(|turn| turn.phase)
}

/// What Enter does: answers, or goes on.
pub fn enter(app: &mut App, _key: Key) {
    match phase(app) {
        Some(Phase::Asking) if is_by_hand(app) => bench::open(app),
        Some(Phase::Asking) => answer(app),
        Some(Phase::Points) => {
            if let Some(quiz) = quiz(app) {
                quiz.session.named();
            }
            settled(app);
        }
        Some(Phase::Sure) => sure(app, None),
        Some(Phase::Watching) => learn::skip(app),
        Some(Phase::Told) if app.quiz.as_ref().and_then(Quiz::turn).is_some_and(Turn::asks_more) => follow_up(app),
        Some(Phase::Told) => go_on(app),
        None => leave(app),
    }
}

/// Opens the next card, or the last screen. What a drill makes is drawn beside the loop, on a copy of the sitting.
pub fn go_on(app: &mut App) {
    let state = app.store.state().clone();
    let Some(mut session) = app.quiz.as_ref().map(|quiz| quiz.session.clone()) else { return };
    app.begin("drawing the next question", move |brake| {
        session.go_on(&state, brake);
        Box::new(move |app: &mut App| {
            let Some(quiz) = quiz(app) else { return };
            (quiz.session, quiz.opening) = (session, None);
            quiz.opened();
            opened(app);
        })
    });
}

/// Another card is at hand: its cluster is put on the stage, where it has one.
fn opened(app: &mut App) {
    app.labs.remove(STAGE);
    app.labs.remove(BENCH);
    let staged = app.quiz.as_ref().and_then(Quiz::turn).filter(|turn| turn.card.stage != Stage::Bare).map(|turn| turn.card.clone());
    if let Some(card) = staged {
        stage::set(app, card);
    }
}

/// Whether the card at hand is answered at the cluster.
fn is_by_hand(app: &App) -> bool {
    app.quiz.as_ref().and_then(Quiz::turn).is_some_and(|turn| turn.draft.is_by_hand(&turn.card))
}

/// Hands in what was done at the cluster.
pub fn hand_in(app: &mut App) {
    bench::hand_in(app);
}

/// Whether there is a list of what may cure a report.
pub fn can_list(app: &App) -> Result<(), String> {
    let turn = app.quiz.as_ref().and_then(Quiz::turn);
    let asks = turn.is_some_and(|turn| turn.card.remedies.is_some() && turn.draft.is_by_hand(&turn.card));
    if asks { Ok(()) } else { Err("there is a list where a cure is asked for".into()) }
}

/// Lists what may cure a report, to choose from.
pub fn list(app: &mut App, _key: Key) {
    if let Some(turn) = quiz(app).and_then(|quiz| quiz.session.turn_mut()) {
        turn.draft.listed = true;
    }
}

/// Whether there is a goal to give up.
pub fn can_give_up(app: &App) -> Result<(), String> {
    let asks = app.quiz.as_ref().and_then(Quiz::turn).is_some_and(|turn| turn.card.goal().is_some());
    if asks { Ok(()) } else { Err("only a goal is given up; choose an answer here".into()) }
}

/// Gives the goal up.
pub fn give_up(app: &mut App, _key: Key) {
    bench::give_up(app);
}

/// Takes the answer as it stands.
fn answer(app: &mut App) {
    let Some(quiz) = quiz(app) else { return };
    if let Err(missing) = quiz.session.answer() {
        app.refuse(missing.to_string());
    } else {
        quiz.scroll = 0;
    }
}

/// The learner is sure, or not.
fn sure(app: &mut App, confidence: Option<Confidence>) {
    let Some(quiz) = quiz(app) else { return };
    quiz.session.sure(confidence);
    quiz.scroll = 0;
    settled(app);
    if phase(app) == Some(Phase::Watching) {
        stage::play(app);
    }
}

/// Shows the answer to what was asked next.
fn follow_up(app: &mut App) {
    if let Some(turn) = quiz(app).and_then(|quiz| quiz.session.turn_mut()) {
        turn.followed = true;
    }
}

/// Something was decided: the log is to know.
pub(super) fn settled(app: &mut App) {
    app.record_quiz();
    if let Some(quiz) = quiz(app) {
        quiz.scroll = 0;
    }
}

/// What was watched is over: it is told what came of it.
pub fn told(app: &mut App) {
    if let Some(turn) = quiz(app).and_then(|quiz| quiz.session.turn_mut()) {
        turn.watched();
    }
    app.changed();
}

/// A guess.
pub fn guess(app: &mut App, _key: Key) {
    sure(app, Some(Confidence::Guess));
}

/// The learner thinks so.
pub fn think(app: &mut App, _key: Key) {
    sure(app, Some(Confidence::Think));
}

/// The learner is sure.
pub fn certain(app: &mut App, _key: Key) {
    sure(app, Some(Confidence::Sure));
}

/// A digit: chooses, marks, places; once told, unfolds the reason of that row.
pub fn digit(app: &mut App, key: Key) {
    let digit = key.typed().and_then(|c| c.to_digit(10)).and_then(NonZero::new);
    if let Some(digit) = digit {
        on_row(app, digit.get() as usize - 1);
    }
}

/// A row was chosen by its digit or clicked.
pub fn on_row(app: &mut App, row: usize) {
    let Some(turn) = quiz(app).and_then(|quiz| quiz.session.turn_mut()) else { return };
    let rows = turn.draft.rows(&turn.card).len();
    if row >= rows {
        let nothing = match turn.draft.reply(&turn.card) {
            Err(missing) if rows == 0 => missing.to_string(),
            _ if rows == 0 => "there is nothing to choose here".to_string(),
            _ => format!("there are {rows}: 1 to {rows}"),
        };
        return app.refuse(nothing);
    }
    match (turn.phase, &turn.card.question.kind) {
        (Phase::Asking, QuestionKind::Several(_)) | (Phase::Points, _) => turn.draft.mark(&turn.card, row),
        (Phase::Asking, QuestionKind::Order(_)) => turn.draft.put(row),
        (Phase::Asking, _) => {
            turn.draft.cursor = Some(row);
            answer(app);
            show_operation(app);
        }
        _ => turn.draft.cursor = Some(row),
    }
}

/// The row above.
pub fn up(app: &mut App, _key: Key) {
    point(app, -1);
}

/// The row below.
pub fn down(app: &mut App, _key: Key) {
    point(app, 1);
}

/// Points at another row; where there is none, scrolls.
fn point(app: &mut App, by: isize) {
    let Some(quiz) = quiz(app) else { return };
    match quiz.session.turn_mut().filter(|turn| !turn.draft.rows(&turn.card).is_empty() && turn.phase != Phase::Sure) {
        Some(turn) => turn.draft.point(&turn.card, by),
        None => scroll(app, by as i16),
    }
    show_operation(app);
}

/// The operation that the cursor is at is marked on the lanes.
fn show_operation(app: &mut App) {
    let turn = app.quiz.as_ref().and_then(Quiz::turn);
    let operation = turn.and_then(|turn| turn.card.operations.get(*turn.card.shown.get(turn.draft.cursor?)?).copied());
    if let (Some(operation), Some(lab)) = (operation, app.lab_mut()) {
        lab.selected = Some(Target::Operation(operation as usize));
    }
}

/// Something was clicked on the lanes: the row of that operation is pointed at.
pub fn pointed(app: &mut App, target: Target) {
    let Target::Operation(operation) = target else { return };
    let Some(turn) = quiz(app).and_then(|quiz| quiz.session.turn_mut()).filter(|turn| turn.phase == Phase::Asking) else { return };
    let index = turn.card.operations.iter().position(|id| *id as usize == operation);
    turn.draft.cursor = index.and_then(|index| turn.card.shown.iter().position(|shown| *shown == index)).or(turn.draft.cursor);
}

/// A page up.
pub fn page_up(app: &mut App, _key: Key) {
    scroll(app, -8);
}

/// A page down.
pub fn page_down(app: &mut App, _key: Key) {
    scroll(app, 8);
}

fn scroll(app: &mut App, by: i16) {
    if let Some(quiz) = quiz(app) {
        quiz.scroll = quiz.scroll.min(quiz.most_scroll.get()).saturating_add_signed(by).min(quiz.most_scroll.get());
    }
}

/// Marks the row of the cursor.
pub fn mark(app: &mut App, _key: Key) {
    let Some(turn) = quiz(app).and_then(|quiz| quiz.session.turn_mut()) else { return };
    let several = matches!(turn.card.question.kind, QuestionKind::Several(_)) || turn.phase == Phase::Points;
    match turn.draft.cursor {
        Some(row) if several => turn.draft.mark(&turn.card, row),
        _ if several => app.refuse("choose a row first, with the arrows"),
        _ => enter(app, Key::plain(ratatui::crossterm::event::KeyCode::Enter)),
    }
}

fn is_order(app: &App) -> bool {
    let turn = app.quiz.as_ref().and_then(Quiz::turn);
    turn.is_some_and(|turn| turn.phase == Phase::Asking && matches!(turn.card.question.kind, QuestionKind::Order(_)))
}

/// Whether things are being put in order, or a run can be gone through.
pub fn can_shift(app: &App) -> Result<(), String> {
    if is_order(app) { Ok(()) } else { can_move(app) }
}

/// Moves the thing under the cursor up; or goes back in the run.
pub fn earlier(app: &mut App, key: Key) {
    if is_order(app) { shift(app, -1) } else { moves::back(app, key) }
}

/// Moves the thing under the cursor down; or goes on in the run.
pub fn later(app: &mut App, key: Key) {
    if is_order(app) { shift(app, 1) } else { moves::forward(app, key) }
}

fn shift(app: &mut App, by: isize) {
    if let Some(turn) = quiz(app).and_then(|quiz| quiz.session.turn_mut()) {
        turn.draft.shift(by);
    }
}

/// Whether there is an answer that can be graded.
pub fn can_grade(app: &App) -> Result<(), String> {
    match phase(app) {
        Some(Phase::Told) | None => Ok(()),
        _ => Err("a grade is given once it is told what is right".into()),
    }
}

/// Not known.
pub fn again(app: &mut App, _key: Key) {
    grade(app, Grade::Again);
}

/// Known with help or by luck.
pub fn hard(app: &mut App, _key: Key) {
    grade(app, Grade::Hard);
}

/// Known.
pub fn good(app: &mut App, _key: Key) {
    grade(app, Grade::Good);
}

/// Known at once and for sure.
pub fn easy(app: &mut App, _key: Key) {
    grade(app, Grade::Easy);
}

/// Gives the last answer this grade.
fn grade(app: &mut App, grade: Grade) {
    if quiz(app).is_some_and(|quiz| quiz.session.regrade(grade)) {
        app.record_quiz();
        app.say(format!("graded: {}", grade.word()));
    }
}

/// Whether there is an answer to take back.
pub fn can_undo(app: &App) -> Result<(), String> {
    match &app.quiz {
        Some(quiz) if quiz.session.can_undo() => Ok(()),
        _ => Err("nothing was answered yet".into()),
    }
}

/// Takes the last answer back.
pub fn undo(app: &mut App, _key: Key) {
    let Some(quiz) = quiz(app) else { return };
    if quiz.session.undo() {
        quiz.opened();
        app.record_quiz();
        opened(app);
        app.say("taken back: answer it again");
    }
}

/// Whether the run of the card can be moved through.
pub fn can_move(app: &App) -> Result<(), String> {
    if app.lab().is_none() {
        return Err("there is no cluster beside this card; v shows it in the lab".into());
    }
    moves::can_move(app)
}

/// Whether there is a moment that shows the answer.
pub fn can_see(app: &App) -> Result<(), String> {
    match phase(app) {
        Some(Phase::Told) => Ok(()),
        _ => Err("it can be seen once it is told what is right".into()),
    }
}

/// Opens the lab where the answer can be seen.
pub fn see(app: &mut App, _key: Key) {
    stage::see(app);
}

/// Whether something of this sitting is forgotten again and again.
pub fn can_see_slippery(app: &App) -> Result<(), String> {
    let slippery = app.quiz.as_ref().is_some_and(|quiz| !last::slippery(app, quiz).is_empty());
    if slippery { Ok(()) } else { Err("nothing here is forgotten again and again".into()) }
}

/// Opens the lab where such a thing can be seen: each time the next one.
pub fn see_slippery(app: &mut App, _key: Key) {
    let all = app.quiz.as_ref().map(|quiz| last::slippery(app, quiz)).unwrap_or_default();
    stage::see_next(app, &all);
}

/// Leaves the quiz. What was answered is kept.
pub fn leave_key(app: &mut App, _key: Key) {
    leave(app);
}

fn leave(app: &mut App) {
    if let Some(lab) = app.lab_mut() {
        lab.pace.pause();
    }
    app.quiz = None;
    app.labs.remove(STAGE);
    app.labs.remove(BENCH);
    app.view = View::Home;
}
