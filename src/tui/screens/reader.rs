//! Something long to read, over the whole screen: the answer of a lesson, or what is wrong with a lesson file.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::lab::draw::put_lines;
use super::{Over, footer};
use crate::lesson::Lesson;
use crate::lesson::schema::CorrectionKind;
use crate::tui::app::App;
use crate::tui::hits::Hits;
use crate::tui::keys::Key;
use crate::tui::theme::Theme;
use crate::tui::widgets::text::{Line, piece, wrap_pieces};
use crate::tui::widgets::{markdown, panel, pen::Pen};

/// The widest that running text is set, in cells.
const MEASURE: u16 = 80;

/// One line up.
pub fn up(app: &mut App, _key: Key) {
    scroll(app, -1);
}

/// One line down.
pub fn down(app: &mut App, _key: Key) {
    scroll(app, 1);
}

/// A page down.
pub fn page_down(app: &mut App, _key: Key) {
    scroll(app, 10);
}

/// A page up.
pub fn page_up(app: &mut App, _key: Key) {
    scroll(app, -10);
}

fn scroll(app: &mut App, by: i16) {
    let most = app.most_scroll.get();
    if let Some(Over::Answer(first) | Over::Signs(first) | Over::Trouble(_, first) | Over::Mistakes(_, first)) = &mut app.over {
        *first = (*first).min(most).saturating_add_signed(by);
    }
}

/// Draws the answer of the lesson, from line `first` on.
pub fn draw_answer(app: &App, first: u16, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let Some(lab) = app.lab() else { return };
    let lesson = lab.walk.lesson();
    let lines = |width: usize| answer_lines(&app.theme, lesson, width);
    draw(app, (&lesson.title, &["read-down", "close-reader"]), &lines, first, area, buf, hits);
}

fn answer_lines(theme: &Theme, lesson: &Lesson, width: usize) -> Vec<Line> {
    let wrapped = |text: &str, style, indent| wrap_pieces(&[piece(text, style)], width, indent);
    let mut lines = wrapped(&lesson.question, theme.strong, 0);
    lines.push(Line::new());
    lines.extend(markdown::lines(theme, &lesson.answer, width));
    if !lesson.corrections.is_empty() {
        lines.push(Line::new());
        lines.extend(wrapped("Where notes often err", theme.strong, 0));
    }
    for correction in &lesson.corrections {
        lines.push(Line::new());
        let (sign, said) = match (&correction.notes, correction.kind) {
            (Some(notes), CorrectionKind::Wrong) => (theme.glyphs.cross, notes.as_str()),
            (Some(notes), _) => (theme.glyphs.unknown, notes.as_str()),
            (None, _) => (theme.glyphs.unknown, "What is often missing:"),
        };
        lines.extend(wrapped(&format!("{sign} {said}"), theme.dim, 2));
        lines.extend(markdown::hanging(theme, (theme.glyphs.ok, theme.good), &correction.right, width));
        lines.extend(wrapped(&format!("  see step {}", correction.see + 1), theme.dim, 2));
    }
    lines.push(Line::new());
    lines.extend(wrapped("Sources", theme.strong, 0));
    for source in &lesson.sources {
        lines.extend(wrapped(&format!("{} {source}", theme.glyphs.bullet), theme.dim, 2));
    }
    lines
}

/// Draws what is wrong, from line `first` on.
pub fn draw_trouble(app: &App, text: &[String], first: u16, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let lines = |width: usize| {
        let style = app.theme.text;
        text.iter().flat_map(|line| wrap_pieces(&[piece(line.as_str(), style)], width, 2)).collect()
    };
    draw(app, ("Something is wrong here", &["read-down", "close-reader"]), &lines, first, area, buf, hits);
}

/// What stands above the mistakes of a lesson that is being written: where it is on the screen, and where it is to be opened.
const STAYS: &str = "The lesson stays as it was until this is mended. It is read again when the file is saved.";
const OPENS: &str = "The lesson opens once this is mended. It is read again when the file is saved.";

/// Draws the mistakes of a lesson that is being written in a box over the screen, as high as they are, from line `first` on.
pub fn draw_mistakes(app: &App, text: &[String], first: u16, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let theme = &app.theme;
    let [body, foot] = super::with_footer(area);
    let width = (MEASURE + 4).min(body.width.saturating_sub(2));
    let measure = usize::from(width.saturating_sub(4));
    let before = if app.lab().is_some() { STAYS } else { OPENS };
    let mut lines = wrap_pieces(&[piece(before, theme.dim)], measure, 0);
    for line in text {
        lines.push(Line::new());
        lines.extend(wrap_pieces(&[piece(line.as_str(), theme.text)], measure, 2));
    }
    let height = (lines.len() as u16).saturating_add(2).min(body.height.saturating_sub(2));
    let place = body.centered(width.into(), height.into());
    Pen::new(buf, area).clear(place);
    buf.set_style(place, theme.base);
    let inner = panel(place, buf, theme, "This cannot be read yet", true);
    put_text(app, &lines, first, (place, inner), buf);
    footer::over(app, &["read-down", "close-reader"], foot, buf, hits);
}

/// Draws a text with its title, from line `first` on, and the keys with these ids.
pub(super) fn draw(
    app: &App,
    (title, keys): (&str, &[&str]),
    lines: &dyn Fn(usize) -> Vec<Line>,
    first: u16,
    area: Rect,
    buf: &mut Buffer,
    hits: &mut Hits,
) {
    let theme = &app.theme;
    let [body, foot] = super::with_footer(area);
    Pen::new(buf, area).clear(area);
    buf.set_style(area, theme.base);
    let place = body.centered((MEASURE + 4).into(), body.height.into());
    let inner = panel(place, buf, theme, title, true);
    put_text(app, &lines(inner.width.saturating_sub(2).into()), first, (place, inner), buf);
    footer::over(app, keys, foot, buf, hits);
}

/// Draws lines into a panel, from line `first` on, and says how many are below.
fn put_text(app: &App, lines: &[Line], first: u16, (place, inner): (Rect, Rect), buf: &mut Buffer) {
    let theme = &app.theme;
    let text = Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), ..inner };
    let most = lines.len().saturating_sub(text.height.into());
    app.most_scroll.set(most as u16);
    let first = usize::from(first).min(most);
    put_lines(&lines[first..], text, buf);
    if most > first {
        let more = format!(" {} {} more lines ", theme.glyphs.arrows[3], most - first);
        Pen::new(buf, place).text(place.x as i32 + 2, place.bottom() as i32 - 1, &more, theme.dim);
    }
}
