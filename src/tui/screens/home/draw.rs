//! Drawing the home screen.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;

use super::{Home, Row, Today, Topic};
use crate::progress::state::Mastery;
use crate::progress::today::counted;
use crate::tui::app::App;
use crate::tui::hits::{Click, Hits};
use crate::tui::screens::lab::Lab;
use crate::tui::screens::{draw_line, first_shown, footer, preview};
use crate::tui::theme::Theme;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{Piece, line_width, piece, width, wrap};

/// The column of what there is to do today, after the words for it.
const WORDS: usize = 11;

/// Draws the screen.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let [head, body, foot] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    heading(&app.theme, head, buf);
    let [list_area, about_area] = split(body);
    list(app, list_area, buf, hits);
    about(app, about_area, buf);
    footer::draw(app, hints(app), foot, buf, hits);
}

/// The keys that matter now.
fn hints(app: &App) -> &'static [&'static str] {
    match app.home.search {
        Some(_) => &["found", "found-down", "no-search"],
        None if !app.catalogue.complaints.is_empty() => &["open", "down", "search", "complaints", "leave", "help"],
        None => &["open", "down", "quiz", "search", "results", "leave", "help"],
    }
}

/// Side by side where there is room, one above the other where there is not.
fn split(body: Rect) -> [Rect; 2] {
    if body.width >= 90 {
        Layout::horizontal([Constraint::Length((body.width / 20 * 9).min(60)), Constraint::Fill(1)]).areas(body)
    } else {
        let about = (body.height / 5 * 2).clamp(4, 7);
        Layout::vertical([Constraint::Fill(1), Constraint::Length(about)]).areas(body)
    }
}

fn heading(theme: &Theme, area: Rect, buf: &mut Buffer) {
    let mut pen = Pen::new(buf, area);
    let end = pen.text(area.x as i32 + 1, area.y.into(), "splitbrain", theme.leader);
    let motto = "Read the question, poke the cluster, know the answer";
    let start = area.right() as i32 - 1 - width(motto) as i32;
    if start > end + 2 {
        pen.text(start, area.y.into(), motto, theme.dim);
    }
}

fn list(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let home = &app.home;
    let title = if home.search.is_some() { "Search" } else { "Today" };
    let mut inner = panel(area, buf, &app.theme, title, true);
    if let Some(line) = &home.search {
        let [top, rest] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(inner);
        draw_line(line, "/", top, buf, &app.theme, hits);
        inner = rest;
    }
    let room = usize::from(inner.height);
    let first = first_shown(home.cursor, home.rows.len(), room);
    for (i, y) in (first..home.rows.len()).zip(inner.top()..inner.bottom()) {
        let row = Rect { y, height: 1, ..inner };
        draw_row(app, home.rows[i], i == home.cursor, row, buf);
        hits.add(row, Click::Row(i));
    }
    if home.rows.is_empty() {
        Pen::new(buf, inner).text(inner.x as i32 + 1, inner.y.into(), "no topic has these words", app.theme.dim);
    }
}

fn draw_row(app: &App, row: Row, selected: bool, area: Rect, buf: &mut Buffer) {
    let theme = &app.theme;
    let (x, y) = (area.x as i32, area.y as i32);
    let mut pen = Pen::new(buf, area);
    let Content { left, right } = content(app, row);
    let right_at = area.right() as i32 - 1 - line_width(&right) as i32;
    let end = put(&mut pen, x + 1, y, &left, (right_at - x - 2).max(0) as usize, theme);
    if right_at > end {
        put(&mut pen, right_at, y, &right, usize::MAX, theme);
    }
    if selected {
        pen.put(x + 1, y, theme.glyphs.pointer, theme.key);
        Pen::new(buf, area).select(area, theme);
    }
}

/// Writes pieces after each other, as far as there is room, and gives the column after them.
fn put(pen: &mut Pen, x: i32, y: i32, pieces: &[Piece], room: usize, theme: &Theme) -> i32 {
    let mut at = x;
    for piece in pieces {
        let left = room.saturating_sub((at - x).max(0) as usize);
        at = pen.clipped(at, y, &piece.text, left, theme.glyphs.more, piece.style);
    }
    at
}

/// What stands in a row, at its left and at its right.
struct Content {
    left: Vec<Piece>,
    right: Vec<Piece>,
}

fn content(app: &App, row: Row) -> Content {
    let (theme, home) = (&app.theme, &app.home);
    let one = |text: String, style: Style| vec![piece(text, style)];
    match row {
        Row::Today(number) => today(app, number),
        Row::Topics => Content { left: one("Topics".into(), theme.border), right: legend(theme) },
        Row::Chapter(chapter) => chapter_row(app, chapter),
        Row::Topic(i) => topic_row(app, i),
        Row::Missing(chapter) => {
            let (ready, all) = home.counts(chapter);
            Content { left: one(format!("      {} not there yet", all - ready), theme.dim), right: Vec::new() }
        }
        Row::Empty => Content { left: one("  Chapters that are not there yet".into(), theme.dim), right: Vec::new() },
    }
}

/// Something to do today; where a lesson goes on stands at the right, so that a long title does not push it off.
fn today(app: &App, number: usize) -> Content {
    let theme = &app.theme;
    let Some(today) = app.home.known.today.get(number) else { return Content { left: Vec::new(), right: Vec::new() } };
    let style = if matches!(today, Today::Due(_)) { theme.stale } else { theme.strong };
    let (text, place) = match today {
        Today::Continue(_, title, place) => (title.clone(), place.as_str()),
        other => (other.text(), ""),
    };
    Content {
        left: vec![piece(format!("  {:<WORDS$}", today.word()), theme.text), piece(text, style)],
        right: vec![piece(place, theme.strong)],
    }
}

/// The sign of how well a topic is known.
pub(in crate::tui) fn sign(theme: &Theme, mastery: Mastery) -> (&'static str, Style) {
    match mastery {
        Mastery::Known => (theme.glyphs.steps[0], theme.good),
        Mastery::Learning => (theme.glyphs.steps[1], theme.text),
        Mastery::New => (theme.glyphs.steps[2], theme.dim),
    }
}

fn legend(theme: &Theme) -> Vec<Piece> {
    let of = |mastery, word: &str| {
        let (sign, style) = sign(theme, mastery);
        [piece(format!("{word} "), theme.dim), piece(sign, style)]
    };
    let gap = || [piece("  ", theme.dim)];
    let (known, learning, new) = (of(Mastery::Known, "known"), of(Mastery::Learning, "learning"), of(Mastery::New, "new"));
    known.into_iter().chain(gap()).chain(learning).chain(gap()).chain(new).collect()
}

fn chapter_row(app: &App, chapter: usize) -> Content {
    let (theme, home) = (&app.theme, &app.home);
    let (ready, all) = home.counts(chapter);
    let style = if ready > 0 { theme.text } else { theme.dim };
    let left = vec![piece(format!("  {}", home.chapters[chapter]), style)];
    if ready == 0 {
        return Content { left, right: vec![piece(format!("{all} to come"), theme.dim)] };
    }
    let mut right: Vec<Piece> = home.marks(chapter).map(|mastery| sign(theme, mastery)).map(|(sign, style)| piece(sign, style)).collect();
    let known = home.marks(chapter).filter(|mastery| *mastery == Mastery::Known).count();
    right.push(piece(format!("  {known} of {ready}"), theme.dim));
    Content { left, right }
}

fn topic_row(app: &App, i: usize) -> Content {
    let (theme, topic) = (&app.theme, &app.home.topics[i]);
    if !topic.ready {
        return Content { left: vec![piece(format!("      {}", topic.title), theme.dim)], right: vec![piece("not there yet", theme.dim)] };
    }
    let (sign, style) = sign(theme, app.home.known.marks[i].mastery);
    let left = vec![piece("    ", theme.text), piece(sign, style), piece(format!(" {}", topic.title), theme.strong)];
    Content { left, right: progress(app, i) }
}

/// How far a lesson was walked, and how many of its questions are due.
fn progress(app: &App, i: usize) -> Vec<Piece> {
    let (theme, mark) = (&app.theme, &app.home.known.marks[i]);
    let mut pieces = vec![piece(mark.place.clone(), theme.dim)];
    if mark.due > 0 {
        pieces.push(piece(if mark.place.is_empty() { "" } else { ", " }, theme.dim));
        pieces.push(piece(format!("{} due", mark.due), theme.stale));
    }
    pieces
}

fn about(app: &App, area: Rect, buf: &mut Buffer) {
    let home = &app.home;
    let (title, text) = match home.selected() {
        _ if home.topic().is_some() => {
            let topic = &home.topics[home.topic().unwrap_or(0)];
            (topic.title.as_str(), topic_words(app, topic))
        }
        Some(Row::Chapter(c)) => (home.chapters[c].as_str(), chapter_words(home, c)),
        Some(row) => ("", plain(row_words(home, row))),
        None => ("", Vec::new()),
    };
    let theme = &app.theme;
    let inner = panel(area, buf, theme, title, false);
    let room = usize::from(inner.width).saturating_sub(2);
    let mut pen = Pen::new(buf, inner);
    let lines = text.iter().flat_map(|(style, text)| wrap(text, room).into_iter().map(move |line| (*style, line)));
    let mut y = inner.top();
    for (style, line) in lines.take(inner.height.into()) {
        pen.text(inner.x as i32 + 1, y.into(), &line, style);
        y += 1;
    }
    if let Some(lab) = selected_lab(app) {
        preview::draw(lab, Rect { y: y + 1, height: inner.bottom().saturating_sub(y + 1), ..inner }, buf, theme);
    }
}

/// The lab of the selected lesson, once it was looked into.
fn selected_lab(app: &App) -> Option<&Lab> {
    app.seen(app.home.lesson()?)
}

/// What there is to say of a topic.
fn topic_words(app: &App, topic: &Topic) -> Vec<(Style, String)> {
    let theme = &app.theme;
    let lesson = selected_lab(app).map(|lab| lab.walk.lesson());
    let question = lesson.map_or_else(|| topic.question.clone(), |lesson| lesson.question.clone());
    let mut words = vec![(theme.strong, question), (theme.text, String::new())];
    words.extend(lesson.map(|lesson| (theme.dim, preview::todo(lesson))));
    let begun = app.store.state().topic(&topic.id);
    let next = match (topic.ready, begun.map(|begun| begun.finished)) {
        (false, _) => "There is no lesson for this topic yet.",
        (true, Some(false)) => "Press Enter to go on where you were.",
        (true, Some(true)) => "Press Enter to go through it again.",
        (true, None) => "Enter opens it, paused. The last line of each card says what to press.",
    };
    words.push((theme.key, next.to_string()));
    words
}

fn plain(text: String) -> Vec<(Style, String)> {
    vec![(Style::new(), text)]
}

fn chapter_words(home: &Home, chapter: usize) -> Vec<(Style, String)> {
    let (ready, all) = home.counts(chapter);
    let lessons = if ready == 1 { "1 has a lesson".to_string() } else { format!("{ready} have a lesson") };
    plain(format!("{all} topics, {lessons}. Enter shows or hides them."))
}

fn row_words(home: &Home, row: Row) -> String {
    match row {
        Row::Today(number) => match home.known.today.get(number) {
            Some(Today::Due(count)) => {
                let them = if *count == 1 { "It was" } else { "They were" };
                format!("{} to be asked again today. {them} answered before, and would be forgotten soon.", counted(*count, "question"))
            }
            Some(Today::Blueprints) => {
                "Real systems as small clusters, each with the three things worth trying first. Enter shows or hides them.".to_string()
            }
            _ => "Every cluster, without a lesson: Enter shows or hides them.".to_string(),
        },
        Row::Missing(_) => "Topics whose lessons are not written yet. Enter shows or hides them.".to_string(),
        Row::Empty => "Chapters whose lessons are not written yet. Enter shows or hides them.".to_string(),
        Row::Topics | Row::Chapter(_) | Row::Topic(_) => String::new(),
    }
}
