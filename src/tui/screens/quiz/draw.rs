//! Draws the quiz: a card in the middle, or beside the cluster that it is about.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::card::{self, Made};
use super::{Quiz, last, opening};
use crate::progress::today::counted;
use crate::quiz::{Phase, Stage, Turn};
use crate::tui::app::App;
use crate::tui::hits::{Click, Hits};
use crate::tui::screens::draw_line;
use crate::tui::screens::footer::{self, Hint};
use crate::tui::screens::lab::Lab;
use crate::tui::screens::lab::draw::{self as lab, put_lines};
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// The widest that a card is set where it stands alone, borders included.
pub(super) const MEASURE: u16 = 78;

/// From this size on card and cluster stand side by side.
const WIDE: (u16, u16) = (100, 24);

/// Draws everything.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(quiz) = &app.quiz else { return };
    let [head, body, foot] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    header(app, quiz, head, buf);
    if let Some(waited) = &quiz.opening {
        opening::draw(app, waited, body, buf);
        return footer::draw(app, &["stop"], foot, buf, hits);
    }
    match (quiz.turn(), app.lab()) {
        (None, _) => last::draw(app, quiz, body, buf, hits),
        (Some(turn), Some(lab)) => beside(app, quiz, (turn, lab), body, buf, hits),
        (Some(turn), None) => alone(app, quiz, turn, body, buf, hits),
    }
    let shown: Vec<Hint> = keys(quiz, app.lab().is_some()).iter().filter_map(|id| Hint::named(app, id, word(quiz, id))).collect();
    footer::draw_keys(app, &shown, foot, buf, hits);
}

/// Another word for a key than usual; empty: the usual one.
fn word(quiz: &Quiz, id: &str) -> &'static str {
    let Some(turn) = quiz.turn() else { return "" };
    match id {
        "quiz-answer" if turn.draft.is_by_hand(&turn.card) => "to the cluster",
        "quiz-next" if turn.phase == Phase::Watching => "skip to the end",
        "quiz-next" if turn.asks_more() => "the answer to that",
        _ => "",
    }
}

/// The keys that matter now.
fn keys(quiz: &Quiz, staged: bool) -> Vec<&'static str> {
    use crate::lesson::question::QuestionKind;
    let Some(turn) = quiz.turn() else { return vec!["quiz-done", "quiz-undo", "quiz-last-again", "quiz-page-down", "help"] };
    match (turn.phase, &turn.card.question.kind) {
        (Phase::Asking, QuestionKind::Goal(_)) => vec!["quiz-answer", "quiz-give-up", "quiz-leave", "help"],
        (Phase::Asking, _) if turn.draft.is_by_hand(&turn.card) => vec!["quiz-answer", "quiz-list", "quiz-leave", "help"],
        (Phase::Asking, QuestionKind::Number(_)) => vec!["quiz-typed", "quiz-stop"],
        (Phase::Asking, QuestionKind::Several(_)) | (Phase::Points, _) => {
            vec!["quiz-digit", "quiz-mark", "quiz-answer", "quiz-leave", "help"]
        }
        (Phase::Asking, QuestionKind::Order(_)) => vec!["quiz-down", "quiz-later", "quiz-answer", "quiz-leave", "help"],
        (Phase::Asking, QuestionKind::Recall { .. }) => vec!["quiz-answer", "quiz-leave", "help"],
        (Phase::Asking, _) => vec!["quiz-digit", "quiz-down", "quiz-answer", "quiz-leave", "help"],
        (Phase::Sure, _) => vec!["quiz-guess", "quiz-think", "quiz-sure", "quiz-unsaid", "quiz-undo", "help"],
        (Phase::Watching, _) => vec!["quiz-next", "quiz-play", "quiz-forward", "quiz-leave", "help"],
        (Phase::Told, _) if staged => vec!["quiz-next", "quiz-see", "quiz-play", "quiz-again", "quiz-undo", "help"],
        (Phase::Told, _) => vec!["quiz-next", "quiz-see", "quiz-again", "quiz-undo", "quiz-leave", "help"],
    }
}

/// The first line: what is gone through, and how far.
fn header(app: &App, quiz: &Quiz, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let (here, of) = quiz.session.place();
    let kept = match (quiz.session.is_cram(), app.store.log().is_some()) {
        (true, _) => "cram: the schedule stays as it is   ",
        (_, false) => "nothing is saved   ",
        _ => "",
    };
    let place = if quiz.turn().is_some() { format!("{kept}question {here} of {of}") } else { kept.trim_end().to_string() };
    let mut pen = Pen::new(buf, area);
    let y = area.y.into();
    let x = pen.text(area.x as i32 + 1, y, "splitbrain", theme.leader) + 2;
    let right = area.right() as i32 - 1 - width(&place) as i32;
    let title = match quiz.turn() {
        Some(turn) => format!("Quiz > {}", card::title(&turn.card)),
        None => format!("Quiz > {}", quiz.title),
    };
    pen.clipped(x, y, &title, (right - x - 2).max(0) as usize, theme.glyphs.more, theme.strong);
    pen.text(right, y, &place, theme.dim);
}

/// A card without a cluster: in the middle, as high as it needs.
fn alone(app: &App, quiz: &Quiz, turn: &Turn, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let wide = area.width.min(MEASURE);
    let made = card::make(quiz, turn, &app.theme, usize::from(wide.saturating_sub(4)));
    let high = (made.lines.len() as u16).saturating_add(2).min(area.height);
    // It stands where it stood when it unfolds: a little above the middle.
    let top = if area.height > high { ((area.height - high) / 3).min(area.height / 6) } else { 0 };
    let place = Rect { x: area.x + (area.width - wide) / 2, y: area.y + top, width: wide, height: high };
    put_card(app, quiz, turn, &made, place, buf, hits);
}

/// A card with its cluster beside it, or above it where the screen is narrow.
fn beside(app: &App, quiz: &Quiz, (turn, lab): (&Turn, &Lab), area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let wide = area.width >= WIDE.0 && area.height + 2 >= WIDE.1;
    let (card, stage, timeline) = if wide { side_by_side(area, turn, lab) } else { stacked(area, turn) };
    let picture = lab.picture();
    if !stage.is_empty() {
        let title = format!("Cluster {} {}", app.theme.glyphs.lanes[0], picture.scene.caption);
        lab::stage_panel(app, lab, (picture, false), (stage, &title), buf, hits);
    }
    if timeline.is_empty() {
        lab::scrubber(app, lab, stage, buf, hits);
    } else {
        let title = format!("Timeline {}", lab::clock(app, lab));
        lab::diagram(app, lab, picture, ((timeline, false), &title), buf, hits);
    }
    let made = card::make(quiz, turn, &app.theme, usize::from(card.width.saturating_sub(4)));
    put_card(app, quiz, turn, &made, card, buf, hits);
}

/// Card, stage and timeline on a wide screen.
fn side_by_side(area: Rect, turn: &Turn, lab: &Lab) -> (Rect, Rect, Rect) {
    let card = (area.width * 40 / 100).clamp(43, 64);
    let [card, right] = Layout::horizontal([Constraint::Length(card), Constraint::Fill(1)]).areas(area);
    let lanes = lab.picture().scene.nodes.len() + lab.picture().scene.clients.len();
    // What is to be found stands on the lanes: they get room to stand apart.
    let each = if turn.card.stage == Stage::Whole { 2 } else { 1 };
    let below = (lanes as u16 * each + 3).clamp(5, area.height / 2);
    let [stage, timeline] = Layout::vertical([Constraint::Fill(1), Constraint::Length(below)]).areas(right);
    (card, stage, timeline)
}

/// The same on a narrow one: while something is played the stage is the larger, else the card, most of all once it tells why; of a
/// whole run the lanes are shown.
fn stacked(area: Rect, turn: &Turn) -> (Rect, Rect, Rect) {
    let share = match turn.phase {
        Phase::Watching => 35,
        Phase::Told => 70,
        _ => 55,
    };
    let card = (area.height * share / 100).max(4);
    let [above, card] = Layout::vertical([Constraint::Fill(1), Constraint::Length(card)]).areas(area);
    let whole = turn.card.stage == Stage::Whole && turn.phase != Phase::Watching;
    if whole { (card, Rect::default(), above) } else { (card, above, Rect::default()) }
}

/// Draws a card in its panel.
fn put_card(app: &App, quiz: &Quiz, turn: &Turn, made: &Made, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let title = turn.heading(quiz.session.place());
    let inner = panel(area, buf, theme, &title, true);
    if turn.phase == Phase::Told && turn.is_sure_and_wrong() {
        Pen::new(buf, area).restyle(Rect { height: 1, x: area.x + 1, width: width(&title) as u16 + 2, ..area }, theme.stale);
    }
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let room = usize::from(text.height);
    let most = made.lines.len().saturating_sub(room);
    quiz.most_scroll.set(most as u16);
    let first = first_line(quiz, turn, made, room, most);
    put_lines(made.lines.get(first..).unwrap_or_default(), text, buf);
    for (row, lines) in made.rows.iter().enumerate() {
        let (top, end) = (lines.start.max(first), lines.end.min(first + room));
        if top < end {
            let place = Rect { y: text.y + (top - first) as u16, height: (end - top) as u16, ..text };
            hits.add(place, Click::Row(row));
        }
    }
    for (line, column, wide, act) in &made.clicks {
        if (first..first + room).contains(line) {
            let place = Rect { x: text.x + *column as u16, y: text.y + (line - first) as u16, width: *wide as u16, height: 1 };
            hits.add(place, Click::Act(act));
        }
    }
    if let Some(line) = made.typed.filter(|line| (first..first + room).contains(line)) {
        let place = Rect { x: inner.x, y: text.y + (line - first) as u16, width: inner.width, height: 1 };
        draw_line(&quiz.line, theme.glyphs.pointer, place, buf, theme, hits);
    }
    if most > first {
        let more = format!(" {} {} ", theme.glyphs.arrows[3], counted(most - first, "more line"));
        Pen::new(buf, area).text(area.x as i32 + 2, area.bottom() as i32 - 1, &more, theme.dim);
    }
}

/// The first line shown: as it was scrolled, but with the row of the cursor and what is new in sight.
fn first_line(quiz: &Quiz, turn: &Turn, made: &Made, room: usize, most: usize) -> usize {
    let scrolled = usize::from(quiz.scroll).min(most);
    let row = turn.draft.cursor.and_then(|row| made.rows.get(row));
    let wanted = match row {
        Some(lines) if matches!(turn.phase, Phase::Asking | Phase::Points) => Some(lines.end),
        _ => made.news,
    };
    // Where the whole does not fit, the end of what matters is the last line.
    wanted.map_or(scrolled, |end| scrolled.max(end.saturating_sub(room)).min(most))
}
