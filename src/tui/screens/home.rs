//! The first screen: the lessons to open, the chapters they belong to, and what is known of the selected one.
//!
//! ```text
//!  splitbrain                                     Read the question, poke the cluster, know the answer
//! ╭ Topics ──────────────────────────────╮╭ When failover goes wrong ──────────────────────────────╮
//! │ Ready to open                        ││ What can go wrong when a follower takes over ...       │
//! │ ▸ When failover goes wrong           ││                                                        │
//! │ Chapters                             ││          ╔ n1 ═ ★ leader ╗     ╭ n2 ─ ○ follower ╮     │
//! │   Replication               2 of 23  ││   c1 ───▶║ x 7           ║─────│ x 7             │     │
//! │                                      ││          ╚═══════════════╝     ╰─────────────────╯     │
//! ╰──────────────────────────────────────╯╰────────────────────────────────────────────────────────╯
//!  Enter open   ↑ ↓ choose   / search   ? all keys
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use tui_input::Input as Line;

use super::lab::Lab;
use super::{Over, footer, preview};
use crate::lesson::{Catalogue, topics};
use crate::tui::actions::Place;
use crate::tui::app::App;
use crate::tui::hits::{Click, Hits};
use crate::tui::keys::Key;
use crate::tui::theme::Theme;
use crate::tui::widgets::panel;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{width, wrap};

/// One topic of the catalogue as the home screen sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its question.
    pub question: String,
    /// The index of its chapter.
    pub chapter: usize,
    /// Whether there is a lesson.
    pub ready: bool,
}

/// A row of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    /// A heading.
    Heading(&'static str),
    /// A chapter, by index.
    Chapter(usize),
    /// A topic, by index.
    Topic(usize),
}

/// The state of the home screen.
#[derive(Debug, Default)]
pub struct Home {
    chapters: Vec<String>,
    topics: Vec<Topic>,
    rows: Vec<Row>,
    cursor: usize,
    /// The chapter whose topics are shown.
    unfolded: Option<usize>,
    search: Option<Line>,
}

impl Home {
    /// The chapters and topics of this catalogue, with the first lesson selected.
    pub fn new(catalogue: &Catalogue) -> Home {
        let chapters = &catalogue.topics.chapters;
        let topic = |chapter: usize, t: &topics::Topic| Topic {
            id: t.id.clone(),
            title: t.title.clone(),
            question: t.question.clone(),
            chapter,
            ready: catalogue.has(&t.id),
        };
        let topics = chapters.iter().enumerate().flat_map(|(i, c)| c.topics.iter().map(move |t| topic(i, t))).collect();
        let chapters = chapters.iter().map(|c| c.title.clone()).collect();
        let mut home = Home { chapters, topics, ..Home::default() };
        home.list();
        home.first();
        home
    }

    pub(in crate::tui) fn context(&self) -> &'static [Place] {
        match self.search {
            Some(_) => &[Place::Search, Place::Always],
            None => &[Place::Home, Place::Anywhere, Place::Always],
        }
    }

    pub(in crate::tui) fn is_searching(&self) -> bool {
        self.search.is_some()
    }

    pub(in crate::tui) fn line_mut(&mut self) -> Option<&mut Line> {
        self.search.as_mut()
    }

    /// The search line changed.
    pub(in crate::tui) fn edited(&mut self) {
        self.list();
        self.first();
    }

    fn list(&mut self) {
        self.rows = match &self.search {
            Some(line) => self.found(line.value()),
            None => self.all(),
        };
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    fn found(&self, text: &str) -> Vec<Row> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let matches = |topic: &Topic| {
            let all = format!("{} {} {} {}", topic.id, topic.title, topic.question, self.chapters[topic.chapter]).to_lowercase();
            words.iter().all(|word| all.contains(word))
        };
        let mut found: Vec<usize> = (0..self.topics.len()).filter(|i| matches(&self.topics[*i])).collect();
        found.sort_by_key(|i| !self.topics[*i].ready);
        found.into_iter().map(Row::Topic).collect()
    }

    fn all(&self) -> Vec<Row> {
        let ready = (0..self.topics.len()).filter(|i| self.topics[*i].ready).map(Row::Topic);
        let mut rows = vec![Row::Heading("Ready to open")];
        rows.extend(ready);
        rows.push(Row::Heading("All chapters"));
        for chapter in 0..self.chapters.len() {
            rows.push(Row::Chapter(chapter));
            if self.unfolded == Some(chapter) {
                rows.extend((0..self.topics.len()).filter(|i| self.topics[*i].chapter == chapter).map(Row::Topic));
            }
        }
        rows
    }

    fn selected(&self) -> Option<Row> {
        self.rows.get(self.cursor).copied()
    }

    /// The id of the selected topic, if there is a lesson for it.
    pub(in crate::tui) fn lesson(&self) -> Option<&str> {
        let Some(Row::Topic(i)) = self.selected() else { return None };
        Some(&self.topics[i]).filter(|topic| topic.ready).map(|topic| topic.id.as_str())
    }

    /// The question of the selected topic.
    pub(in crate::tui) fn question(&self) -> Option<&str> {
        let Some(Row::Topic(i)) = self.selected() else { return None };
        Some(&self.topics[i].question)
    }

    /// Moves the selection over headings to the next row that can be selected.
    pub fn move_by(&mut self, by: isize) {
        let can = |row: usize| !matches!(self.rows[row], Row::Heading(_));
        let last = self.rows.len().saturating_sub(1);
        let wanted = self.cursor.saturating_add_signed(by).min(last);
        let after = (wanted..self.rows.len()).find(|r| can(*r));
        let before = (0..=wanted.min(last)).rev().find(|r| *r < self.rows.len() && can(*r));
        let found = if by < 0 { before.or(after) } else { after.or(before) };
        self.cursor = found.unwrap_or(0);
    }

    fn first(&mut self) {
        self.cursor = 0;
        self.move_by(0);
    }

    fn fold(&mut self, chapter: usize) {
        self.unfolded = if self.unfolded == Some(chapter) { None } else { Some(chapter) };
        self.list();
        self.cursor = self.rows.iter().position(|r| *r == Row::Chapter(chapter)).unwrap_or(0);
    }

    fn ready_in(&self, chapter: usize) -> (usize, usize) {
        let all = self.topics.iter().filter(|t| t.chapter == chapter);
        (all.clone().filter(|t| t.ready).count(), all.count())
    }
}

/// Whether something can be opened.
pub fn can_open(app: &App) -> Result<(), String> {
    match app.home.selected() {
        None => Err("no topic has these words; Esc shows all topics".into()),
        Some(Row::Topic(i)) if !app.home.topics[i].ready => Err("this topic has no lesson yet".into()),
        Some(_) => Ok(()),
    }
}

/// Opens the topic or unfolds the chapter.
pub fn open(app: &mut App, _key: Key) {
    match app.home.selected() {
        Some(Row::Chapter(chapter)) => app.home.fold(chapter),
        Some(Row::Topic(i)) => {
            let id = app.home.topics[i].id.clone();
            app.open_lesson(&id);
        }
        Some(Row::Heading(_)) | None => {}
    }
}

/// One up.
pub fn up(app: &mut App, _key: Key) {
    app.home.move_by(-1);
}

/// One down.
pub fn down(app: &mut App, _key: Key) {
    app.home.move_by(1);
}

/// Ten up.
pub fn page_up(app: &mut App, _key: Key) {
    app.home.move_by(-10);
}

/// Ten down.
pub fn page_down(app: &mut App, _key: Key) {
    app.home.move_by(10);
}

/// The first row.
pub fn first(app: &mut App, _key: Key) {
    app.home.first();
}

/// The last row.
pub fn last(app: &mut App, _key: Key) {
    app.home.move_by(isize::MAX);
}

/// Starts a search.
pub fn search(app: &mut App, _key: Key) {
    app.home.search = Some(Line::default());
    app.home.edited();
}

/// Ends the search.
pub fn end_search(app: &mut App, _key: Key) {
    app.home.search = None;
    app.home.edited();
}

/// Whether there is something to go back to.
pub fn can_go_back(_: &App) -> Result<(), String> {
    Err("nothing lies behind the topics; q leaves the program".into())
}

/// Whether something is wrong with the lessons of a folder.
pub fn can_complain(app: &App) -> Result<(), String> {
    if app.catalogue.complaints.is_empty() { Err("every lesson could be read".into()) } else { Ok(()) }
}

/// Shows what is wrong with the lessons of a folder.
pub fn complaints(app: &mut App, _key: Key) {
    app.over = Some(Over::Trouble(app.catalogue.complaints.clone(), 0));
}

/// A row was clicked: select it; a selected one is opened.
pub fn on_row(app: &mut App, row: usize) {
    let again = app.home.cursor == row;
    app.home.cursor = row;
    app.home.move_by(0);
    if again || matches!(app.home.selected(), Some(Row::Chapter(_))) {
        app.act("open");
    }
}

/// Draws the screen.
pub fn draw(app: &App, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
    let [head, body, foot] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    heading(&app.theme, head, buf);
    let [list_area, about_area] = split(body);
    list(app, list_area, buf, hits);
    about(app, about_area, buf);
    let ids: &[&str] = match app.home.search {
        Some(_) => &["found", "found-down", "no-search"],
        None if !app.catalogue.complaints.is_empty() => &["open", "down", "search", "complaints", "leave", "help"],
        None => &["open", "down", "search", "leave", "help"],
    };
    footer::draw(app, ids, foot, buf, hits);
}

/// Side by side where there is room, one above the other where there is not.
fn split(body: Rect) -> [Rect; 2] {
    if body.width >= 90 {
        Layout::horizontal([Constraint::Length((body.width / 20 * 9).min(60)), Constraint::Fill(1)]).areas(body)
    } else {
        let about = (body.height / 5 * 2).clamp(4, 8);
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
    let title = if home.search.is_some() { "Search" } else { "Topics" };
    let mut inner = panel(area, buf, &app.theme, title, true);
    if let Some(line) = &home.search {
        let [top, rest] = Layout::vertical([Constraint::Length(1), Constraint::Fill(1)]).areas(inner);
        super::draw_line(line, "/", top, buf, &app.theme, hits);
        inner = rest;
    }
    let room = usize::from(inner.height);
    let first = super::first_shown(home.cursor, home.rows.len(), room);
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
    let (theme, home) = (&app.theme, &app.home);
    let (x, y) = (area.x as i32, area.y as i32);
    let mut pen = Pen::new(buf, area);
    let (left, right, style) = match row {
        Row::Heading(text) => (text.to_string(), String::new(), theme.dim),
        Row::Chapter(c) => {
            let (ready, all) = home.ready_in(c);
            (format!("  {}", home.chapters[c]), format!("{ready} of {all}"), if ready > 0 { theme.text } else { theme.dim })
        }
        Row::Topic(i) => topic_row(app, i),
    };
    let right_at = area.right() as i32 - 1 - width(&right) as i32;
    pen.clipped(x + 1, y, &left, (right_at - x - 2).max(0) as usize, theme.glyphs.more, style);
    pen.text(right_at, y, &right, theme.dim);
    if selected {
        pen.put(x + 1, y, theme.glyphs.pointer, theme.key);
        Pen::new(buf, area).select(area, theme);
    }
}

fn topic_row(app: &App, i: usize) -> (String, String, Style) {
    let (theme, topic) = (&app.theme, &app.home.topics[i]);
    if topic.ready {
        (format!("  {}", topic.title), app.progress_of(&topic.id), theme.strong)
    } else {
        (format!("    {}", topic.title), "not there yet".into(), theme.dim)
    }
}

fn about(app: &App, area: Rect, buf: &mut Buffer) {
    let home = &app.home;
    let (title, text) = match home.selected() {
        Some(Row::Topic(i)) => (home.topics[i].title.as_str(), topic_words(app, &home.topics[i])),
        Some(Row::Chapter(c)) => (home.chapters[c].as_str(), chapter_words(home, c)),
        _ => ("", Vec::new()),
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
    let mut words = vec![(theme.strong, topic.question.clone()), (theme.text, String::new())];
    if let Some(lab) = selected_lab(app) {
        words.push((theme.dim, preview::todo(lab.walk.lesson())));
    }
    let next = match (topic.ready, app.labs.contains_key(&topic.id)) {
        (false, _) => "There is no lesson for this topic yet.",
        (true, true) => "Press Enter to go on where you were.",
        (true, false) => "Press Enter to open it. It starts paused; the last line of each card says what to press.",
    };
    words.push((theme.key, next.to_string()));
    words
}

fn chapter_words(home: &Home, chapter: usize) -> Vec<(Style, String)> {
    let (ready, all) = home.ready_in(chapter);
    let plain = Style::new();
    let lessons = if ready == 1 { "1 has a lesson".to_string() } else { format!("{ready} have a lesson") };
    vec![(plain, format!("{all} topics, {lessons}. Enter shows or hides them."))]
}
