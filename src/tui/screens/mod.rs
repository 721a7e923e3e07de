//! What fills the screen: one file a screen or a box on top of one, and what they share.

pub mod copy;
pub mod footer;
pub mod help;
pub mod history;
pub mod home;
pub mod lab;
pub mod listing;
pub mod many;
pub mod palette;
pub mod present;
pub mod preview;
pub mod quiz;
pub mod reader;
pub mod results;
pub mod settings;
pub mod signs;

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyCode, KeyModifiers};
use ratatui::layout::{Constraint, Layout, Position, Rect};
use tui_input::{Input as Line, InputRequest};

use lab::pick::Pick;
use palette::Palette;

use super::actions::Place;
use super::app::App;
use super::hits::Hits;
use super::keys::Key;
use super::theme::Theme;
use super::widgets::pen::Pen;

/// The least width and height that can be used, in cells.
pub const LEAST: (u16, u16) = (40, 10);

/// Which screen is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Chapters and topics.
    Home,
    /// A lesson.
    Lab,
    /// What is known and what is due.
    Results,
    /// Questions.
    Quiz,
    /// A lesson or a deck on a wall.
    Present,
    /// The notes of it, in a second terminal.
    Notes,
}

/// What lies on top of the screen.
#[derive(Debug)]
pub enum Over {
    /// All keys; the first line shown.
    Help(u16),
    /// What signs and words mean; the first line shown.
    Signs(u16),
    /// Any command by name.
    Palette(Palette),
    /// A poke that needs one more key.
    Pick(Pick),
    /// Everything that was tried; the selected row.
    History(usize),
    /// How everything looks; the selected row.
    Settings(usize),
    /// The answer of the lesson; the first line shown.
    Answer(u16),
    /// The end card of the lesson.
    End,
    /// One run and all the others.
    Many(Box<many::Many>),
    /// The pages of a presentation; the selected row.
    Pages(usize),
    /// What is wrong with a lesson; the first line shown.
    Trouble(Vec<String>, u16),
}

impl Over {
    pub(super) fn context(&self) -> &'static [Place] {
        match self {
            Over::Help(_) => &[Place::Help, Place::Always],
            Over::Signs(_) => &[Place::Signs, Place::Reader, Place::Always],
            Over::Palette(_) => &[Place::Palette, Place::Always],
            Over::Pick(_) => &[Place::Pick, Place::Always],
            Over::History(_) => &[Place::History, Place::Always],
            Over::Settings(_) => &[Place::Settings, Place::Always],
            Over::Answer(_) | Over::Trouble(..) => &[Place::Reader, Place::Always],
            Over::End => &[Place::End, Place::Always],
            Over::Many(_) => &[Place::Many, Place::Always],
            Over::Pages(_) => &[Place::Pages, Place::Always],
        }
    }

    pub(super) fn line_mut(&mut self) -> Option<&mut Line> {
        match self {
            Over::Palette(palette) => Some(&mut palette.line),
            _ => None,
        }
    }

    /// The actions that move up and down in it, for the wheel.
    pub(super) fn wheel(&self) -> [&'static str; 2] {
        match self {
            Over::Help(_) => ["help-up", "help-down"],
            Over::Palette(_) => ["offer-up", "offer-down"],
            Over::Pick(_) => ["pick-up", "pick-down"],
            Over::History(_) => ["branch-up", "branch-down"],
            Over::Settings(_) => ["setting-up", "setting-down"],
            Over::Many(_) => ["many-up", "many-down"],
            Over::Pages(_) => ["pages-up", "pages-down"],
            // The end card says as much as fits: there is nothing to scroll.
            Over::Answer(_) | Over::Signs(_) | Over::Trouble(..) | Over::End => ["read-up", "read-down"],
        }
    }

    /// A row of it was clicked.
    pub(super) fn on_row(app: &mut App, row: usize) {
        match app.over {
            Some(Over::Palette(_)) => palette::on_row(app, row),
            Some(Over::Pick(_)) => lab::pick::choose(app, row),
            Some(Over::History(_)) => history::on_row(app, row),
            Some(Over::Settings(_)) => settings::on_row(app, row),
            Some(Over::Many(_)) => many::on_row(app, row),
            Some(Over::Pages(_)) => present::pages::on_row(app, row),
            Some(Over::Help(_) | Over::Signs(_) | Over::Answer(_) | Over::Trouble(..) | Over::End) | None => {}
        }
    }

    /// Draws it over the screen.
    pub(super) fn draw(&self, app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        match self {
            Over::Signs(first) => signs::draw(app, *first, area, buf, hits),
            Over::Help(first) => help::draw(app, *first, area, buf, hits),
            Over::Palette(palette) => palette::draw(app, palette, area, buf, hits),
            Over::Pick(pick) => lab::pick::draw(app, pick, area, buf, hits),
            Over::History(cursor) => history::draw(app, *cursor, area, buf, hits),
            Over::Settings(cursor) => settings::draw(app, *cursor, area, buf, hits),
            Over::Answer(first) => reader::draw_answer(app, *first, area, buf, hits),
            Over::End => lab::end::draw(app, area, buf, hits),
            Over::Many(many) => many::draw(app, many, area, buf, hits),
            Over::Pages(cursor) => present::pages::draw(app, *cursor, area, buf, hits),
            Over::Trouble(lines, first) => reader::draw_trouble(app, lines, *first, area, buf, hits),
        }
    }
}

/// One plain message where nothing else fits.
pub fn too_small(area: Rect, buf: &mut Buffer, theme: &Theme) {
    let (width, height) = LEAST;
    let lines = [format!("needs {width}x{height}"), format!("has {}x{}", area.width, area.height)];
    for (line, row) in lines.iter().zip(area.rows()) {
        buf.set_stringn(row.x, row.y, line, row.width.into(), theme.text);
    }
}

/// What a key does to a line of text; keys that mean nothing there do nothing.
pub fn edit(line: &mut Line, key: Key) {
    let control = key.modifiers == KeyModifiers::CONTROL;
    let request = match key.code {
        KeyCode::Char('a') if control => InputRequest::GoToStart,
        KeyCode::Char('e') if control => InputRequest::GoToEnd,
        KeyCode::Char('u') if control => InputRequest::DeleteFromStart,
        KeyCode::Char('k') if control => InputRequest::DeleteTillEnd,
        KeyCode::Char('w') if control => InputRequest::DeletePrevWord,
        KeyCode::Char(c) if key.modifiers.is_empty() => InputRequest::InsertChar(c),
        KeyCode::Backspace => InputRequest::DeletePrevChar,
        KeyCode::Delete => InputRequest::DeleteNextChar,
        KeyCode::Left if control => InputRequest::GoToPrevWord,
        KeyCode::Right if control => InputRequest::GoToNextWord,
        KeyCode::Left => InputRequest::GoToPrevChar,
        KeyCode::Right => InputRequest::GoToNextChar,
        KeyCode::Home => InputRequest::GoToStart,
        KeyCode::End => InputRequest::GoToEnd,
        _ => return,
    };
    line.handle(request);
}

/// Everything but the last line, and the last line.
pub fn with_footer(area: Rect) -> [Rect; 2] {
    Layout::vertical([Constraint::Fill(1), Constraint::Length(1)]).areas(area)
}

/// The first row to show so that the selected one is among `room` rows, with some rows around it where possible.
pub fn first_shown(selected: usize, rows: usize, room: usize) -> usize {
    selected.saturating_sub(room / 2).min(rows.saturating_sub(room))
}

/// Draws a line of text being typed, after a prompt, with the text cursor.
pub fn draw_line(line: &Line, prompt: &str, area: Rect, buf: &mut Buffer, theme: &Theme, hits: &mut Hits) {
    let mut pen = Pen::new(buf, area);
    let start = pen.text(area.x as i32 + 1, area.y.into(), prompt, theme.key) + 1;
    let room = (area.right() as i32 - start - 1).max(0) as usize;
    let scroll = line.visual_scroll(room);
    pen.inside(Rect { x: start as u16, width: room as u16, ..area }).text(start - scroll as i32, area.y.into(), line.value(), theme.text);
    let cursor = start + (line.visual_cursor().saturating_sub(scroll)) as i32;
    if area.height > 0 && cursor < area.right() as i32 {
        hits.cursor = Some(Position::new(cursor as u16, area.y));
    }
}
