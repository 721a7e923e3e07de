//! Drawing the results.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use super::{Results, calendar, rows};
use crate::tui::app::App;
use crate::tui::hits::{Click, Hits};
use crate::tui::screens::footer;
use crate::tui::widgets::text::{Line, piece};
use crate::tui::widgets::{lines, panel};

/// The width of the topics where the facts stand beside them, on a screen of 80 columns and where there is more room.
const TOPICS: [u16; 2] = [43, 60];

/// The least width of the facts.
const FACTS: u16 = 31;

/// Draws the screen.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(results) = &app.results else { return };
    let theme = &app.theme;
    let [body, foot] = Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    let inner = panel(body, buf, theme, "Results", true);
    let inner = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let high = if inner.height >= calendar::HEIGHT + 8 { calendar::HEIGHT + 1 } else { 0 };
    let [head, middle, year] = Layout::vertical([Constraint::Length(2), Constraint::Fill(1), Constraint::Length(high)]).areas(inner);
    let (wide, _) = widths(middle);
    lines(head, buf, &[rows::summary(&results.overview, theme), rows::heading(&results.overview, theme, wide)], 0);
    this_is_known(app, results, middle, buf, hits);
    if high > 0 {
        a_year(app, results, year, buf);
    }
    let slips = !results.overview.slippery.is_empty();
    let keys: &[&str] =
        if slips { &["results-down", "see-slippery", "close-results", "help"] } else { &["results-down", "close-results", "help"] };
    footer::draw(app, keys, foot, buf, hits);
}

/// How wide the columns of the topics are, and all of them together.
const fn widths(area: Rect) -> (rows::Widths, u16) {
    if area.width >= TOPICS[1] + 2 + FACTS { (rows::WIDE, TOPICS[1]) } else { (rows::NARROW, TOPICS[0]) }
}

fn this_is_known(app: &App, results: &Results, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let (theme, overview) = (&app.theme, &results.overview);
    let (wide, beside) = widths(area);
    let facts = rows::facts(overview, app.store.today(), theme, wide);
    let mut topics = rows::topics(overview, theme, wide);
    if area.width < beside + 2 + FACTS {
        // One below the other.
        topics.push(Line::new());
        topics.extend(facts);
        return scrolled(app, &topics, results, (area, area.width), buf, hits);
    }
    // Two columns of topics where there is room for both, and need.
    let two = usize::from(area.height) < topics.len() && area.width >= 2 * (beside + 2) + FACTS;
    let left = if two { 2 * beside + 2 } else { beside };
    let [left, _, right] = Layout::horizontal([Constraint::Length(left), Constraint::Length(2), Constraint::Fill(1)]).areas(area);
    scrolled(app, &topics, results, (left, beside), buf, hits);
    // The blank line between them goes first where not all fits.
    let tight = facts.len() > right.height.into();
    let facts: Vec<Line> = facts.into_iter().filter(|line| !tight || !line.is_empty()).collect();
    lines(right, buf, &facts, 0);
}

/// A list in columns so wide, from the line that it is scrolled to on; and how many lines are left below.
fn scrolled(app: &App, all: &[Line], results: &Results, (area, wide): (Rect, u16), buf: &mut Buffer, hits: &mut Hits) {
    let count = ((area.width + 2) / (wide + 2)).max(1);
    let columns: Vec<Rect> = (0..count).map(|i| Rect { x: area.x + i * (wide + 2), width: wide.min(area.width), ..area }).collect();
    let room = columns.len() * usize::from(area.height);
    let most = all.len().saturating_sub(room);
    app.most_scroll.set(most.min(u16::MAX.into()) as u16);
    let first = results.first.min(most);
    for (column, from) in columns.iter().zip((first..).step_by(area.height.max(1).into())) {
        lines(*column, buf, all, from);
        for (row, line) in column.rows().zip(from..all.len()) {
            if rows::topic_of(&results.overview, line).is_some() {
                hits.add(row, Click::Row(line));
            }
        }
    }
    below(app, all.len().saturating_sub(first + room), *columns.last().unwrap_or(&area), buf);
}

/// `↓ 7` at the end of what is shown, where more is below.
fn below(app: &App, left: usize, area: Rect, buf: &mut Buffer) {
    if left == 0 || area.is_empty() {
        return;
    }
    let text = format!(" {} {left}", app.theme.glyphs.arrows[3]);
    let wide = (text.chars().count() as u16).min(area.width);
    let corner = Rect { x: area.right() - wide, y: area.bottom() - 1, width: wide, height: 1 };
    lines(corner, buf, &[vec![piece(text, app.theme.dim)]], 0);
}

fn a_year(app: &App, results: &Results, area: Rect, buf: &mut Buffer) {
    let area = Rect { y: area.y + 1, height: area.height - 1, ..area };
    lines(area, buf, &[calendar::legend(results.overview.active_days, &app.theme)], 0);
    let days = Rect { y: area.y + 1, height: area.height - 1, ..area };
    calendar::draw(app.store.state(), app.store.today(), days, buf, &app.theme);
}
