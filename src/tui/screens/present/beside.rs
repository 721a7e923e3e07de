//! Beside a question: the code that a phone's camera reads, and what is typed instead.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::{Presenting, phase};
use crate::present::Poll;
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::qr;

/// Columns between the two.
const GAP: u16 = 3;
/// The least columns that a question keeps, and those that it keeps where the code could be larger at its cost.
const QUESTION: (u16, u16) = (34, 60);
/// The least columns of a first page.
const TITLE: u16 = 70;
/// The least lines of text below the code: where one votes, and what is typed there.
const TEXT: u16 = 2;
/// The line at the bottom that belongs to the keys.
const KEYS: u16 = 1;

/// Draws the code, if votes count now and it has room. What is left for the question, and what it has to say itself of where one votes.
pub(super) fn question(theme: &Theme, presenting: &Presenting, area: Rect, buf: &mut Buffer) -> (Rect, Vec<String>) {
    let counts = phase(presenting.beat).is_some_and(|phase| phase.round().is_some());
    let Some(poll) = presenting.poll.as_deref().filter(|_| counts) else { return (area, Vec::new()) };
    let large = draw(theme, poll, area, QUESTION.1, buf);
    match large.or_else(|| draw(theme, poll, area, QUESTION.0, buf)) {
        Some(left) => (left, Vec::new()),
        None => (area, poll.place()),
    }
}

/// Draws the code on a first page, so that everybody can come in before anything is asked; or, where it has no room, what is typed.
pub(super) fn title(theme: &Theme, presenting: &Presenting, area: Rect, buf: &mut Buffer) -> Rect {
    let Some(poll) = presenting.poll.as_deref() else { return area };
    if let Some(left) = draw(theme, poll, area, TITLE, buf) {
        return left;
    }
    let place = poll.place().join("   ");
    let above = area.height.saturating_sub(2 + KEYS);
    Pen::new(buf, area).clipped(area.x.into(), (area.y + above).into(), &place, area.width.into(), theme.glyphs.more, theme.strong);
    Rect { height: above, ..area }
}

/// Draws the code as large as it can be with `least` columns left, which are then returned.
fn draw(theme: &Theme, poll: &dyn Poll, area: Rect, least: u16, buf: &mut Buffer) -> Option<Rect> {
    let picture = poll.picture()?;
    let room = (area.width.saturating_sub(least + GAP), area.height.saturating_sub(TEXT + KEYS));
    let scale = qr::scale(picture, theme, room)?;
    let (columns, lines) = (picture.columns(scale) as u16, picture.lines(scale) as u16);
    let [left, _, right] = Layout::horizontal([Constraint::Fill(1), Constraint::Length(GAP), Constraint::Length(columns)]).areas(area);
    qr::draw((picture, scale), theme, right, buf);
    let text = Rect { y: right.y + lines, height: right.height.saturating_sub(lines + KEYS), ..right };
    let mut pen = Pen::new(buf, text);
    for (line, y) in poll.place().iter().zip(text.top()..text.bottom()) {
        pen.clipped(text.x.into(), y.into(), line, columns.into(), theme.glyphs.more, theme.strong);
    }
    Some(left)
}
