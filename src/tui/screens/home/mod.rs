//! The first screen: what to do today, the topics with how well they are known, and what there is to say of the selected one.
//!
//! ```text
//!  splitbrain                                     Read the question, poke the cluster, know the answer
//! ╭ Today ───────────────────────────────╮╭ When failover goes wrong ──────────────────────────────╮
//! │ ▸ Continue   When failover goes ...  ││ What can go wrong when a follower takes over ...       │
//! │   Due        4 questions, about 3 ...││                                                        │
//! │   Next       Replication lag         ││          ╔ n1 ═ ★ leader ╗     ╭ n2 ─ ○ follower ╮     │
//! │ Topics   known ● learning ◐ new ○    ││   c1 ───▶║ x 7           ║─────│ x 7             │     │
//! │   Replication        ●◐○   1 of 3    ││          ╚═══════════════╝     ╰─────────────────╯     │
//! │     ● Quorums                2 due   ││                                                        │
//! ╰──────────────────────────────────────╯╰────────────────────────────────────────────────────────╯
//!  Enter open   ↑ ↓ choose   / search   ? all keys
//! ```

mod draw;
mod known;

use std::collections::BTreeSet;

use tui_input::Input as Line;

use super::Over;
use crate::lesson::search::Index;
use crate::lesson::{Catalogue, sandbox, topics};
use crate::progress::State;
use crate::progress::state::Mastery;
use crate::progress::today::Today;
use crate::review::Day;
use crate::tui::actions::{self, Place};
use crate::tui::app::App;
use crate::tui::keys::Key;
use known::Known;

pub use draw::draw;
pub(in crate::tui) use draw::sign;

/// Up to how many lessons are listed without unfolding anything.
const FEW: usize = 12;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    /// Something to do today, by its number.
    Today(usize),
    /// The heading of the topics.
    Topics,
    /// A chapter, by index.
    Chapter(usize),
    /// A topic, by index.
    Topic(usize),
    /// The topics of a chapter that have no lesson yet.
    Missing(usize),
    /// The chapters that have no lesson yet.
    Empty,
}

/// The state of the home screen.
#[derive(Debug, Default)]
pub struct Home {
    chapters: Vec<String>,
    topics: Vec<Topic>,
    /// The chapters of the sandboxes, by what there is to do today that opens them.
    sandboxes: Vec<(Today, usize)>,
    rows: Vec<Row>,
    cursor: usize,
    /// Rows whose topics are shown.
    unfolded: BTreeSet<Row>,
    /// The chapters of the lessons that were offered so far: each is unfolded once, and the learner may fold it.
    offered: BTreeSet<usize>,
    search: Option<Line>,
    /// The words of every topic, while one searches.
    index: Option<Index>,
    known: Known,
}

impl Home {
    /// The chapters and topics of this catalogue, for a learner of whom nothing is known.
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
        let opened = [(Today::Blueprints, sandbox::BLUEPRINTS), (Today::Play, sandbox::CHAPTER)];
        let opened = opened.into_iter().map(|(today, id)| (today, chapters.iter().position(|c| c.id == id)));
        let sandboxes = opened.filter_map(|(today, chapter)| Some((today, chapter?))).collect();
        let chapters = chapters.iter().map(|c| c.title.clone()).collect();
        let mut home = Home { chapters, topics, sandboxes, ..Home::default() };
        home.unfold_lessons();
        home.learn(catalogue, &State::default(), Day::default());
        home
    }

    /// What there is to learn is another now. What is unfolded, searched and selected stays as far as it is still there.
    pub(in crate::tui) fn list_anew(&mut self, catalogue: &Catalogue) {
        let before = std::mem::replace(self, Home::new(catalogue));
        self.unfolded = before.unfolded.iter().filter_map(|row| self.row_of(&before, *row)).collect();
        self.offered = before.offered.iter().filter_map(|chapter| self.chapter_of(&before, *chapter)).collect();
        self.index = before.index.as_ref().map(|_| Index::new(catalogue));
        let selected = before.selected().and_then(|row| self.row_of(&before, row));
        self.search = before.search;
        self.list();
        self.cursor = selected.and_then(|row| self.rows.iter().position(|other| *other == row)).unwrap_or(0);
        self.move_by(0);
    }

    /// The row that was another on a home screen before.
    fn row_of(&self, before: &Home, row: Row) -> Option<Row> {
        match row {
            Row::Chapter(chapter) => self.chapter_of(before, chapter).map(Row::Chapter),
            Row::Missing(chapter) => self.chapter_of(before, chapter).map(Row::Missing),
            Row::Topic(topic) => {
                let id = &before.topics.get(topic)?.id;
                self.topics.iter().position(|other| other.id == *id).map(Row::Topic)
            }
            Row::Today(_) | Row::Topics | Row::Empty => Some(row),
        }
    }

    fn chapter_of(&self, before: &Home, chapter: usize) -> Option<usize> {
        let title = before.chapters.get(chapter)?;
        self.chapters.iter().position(|other| other == title)
    }

    /// Chapters with lessons are unfolded where all of these lessons have room.
    fn unfold_lessons(&mut self) {
        let lessons: Vec<usize> = self.topics.iter().filter(|t| t.ready && !self.is_sandbox(t.chapter)).map(|t| t.chapter).collect();
        if lessons.len() <= FEW {
            self.unfolded.extend(lessons.into_iter().map(Row::Chapter));
        }
    }

    /// The chapters of the lessons that are offered today are unfolded.
    fn unfold_offered(&mut self) {
        for lesson in self.known.today.iter().filter_map(Today::lesson) {
            let chapter = self.topics.iter().find(|topic| topic.id == lesson).map(|topic| topic.chapter);
            let newly = chapter.filter(|chapter| self.offered.insert(*chapter));
            self.unfolded.extend(newly.map(Row::Chapter));
        }
    }

    /// Takes in what is known of the learner, where that is something else than before.
    pub(in crate::tui) fn learn(&mut self, catalogue: &Catalogue, state: &State, today: Day) -> bool {
        let old = self.known.is_old(state, today);
        if old {
            let row = self.selected();
            self.known = Known::new(&self.topics, catalogue, state, today);
            self.unfold_offered();
            self.list();
            self.cursor = row.and_then(|row| self.rows.iter().position(|r| *r == row)).unwrap_or(0);
            self.move_by(0);
        }
        old
    }

    /// Begins at the first thing to do today.
    pub(in crate::tui) fn begin(&mut self) {
        if self.search.is_none() {
            self.first();
        }
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
        self.rows = match (&self.search, &self.index) {
            (Some(line), Some(index)) => index.find(line.value()).into_iter().map(Row::Topic).collect(),
            _ => self.all(),
        };
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    fn all(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (number, today) in self.known.today.iter().enumerate() {
            rows.push(Row::Today(number));
            let chapter = self.sandboxes_of(today).filter(|chapter| self.is_unfolded(Row::Chapter(*chapter)));
            rows.extend(chapter.into_iter().flat_map(|chapter| self.in_chapter(chapter, true)));
        }
        rows.push(Row::Topics);
        let chapters = || (0..self.chapters.len()).filter(|chapter| !self.is_sandbox(*chapter));
        for chapter in chapters().filter(|chapter| self.counts(*chapter).0 > 0) {
            rows.extend(self.chapter(chapter));
        }
        let empty: Vec<usize> = chapters().filter(|chapter| self.counts(*chapter).0 == 0).collect();
        if !empty.is_empty() {
            rows.push(Row::Empty);
        }
        if self.is_unfolded(Row::Empty) {
            rows.extend(empty.into_iter().flat_map(|chapter| self.chapter(chapter)));
        }
        rows
    }

    /// A chapter, and what of it is unfolded.
    fn chapter(&self, chapter: usize) -> Vec<Row> {
        let mut rows = vec![Row::Chapter(chapter)];
        if !self.is_unfolded(Row::Chapter(chapter)) {
            return rows;
        }
        let (ready, all) = self.counts(chapter);
        rows.extend(self.in_chapter(chapter, true));
        if ready > 0 && ready < all {
            rows.push(Row::Missing(chapter));
        }
        if ready == 0 || self.is_unfolded(Row::Missing(chapter)) {
            rows.extend(self.in_chapter(chapter, false));
        }
        rows
    }

    /// The chapter that something to do today opens.
    fn sandboxes_of(&self, today: &Today) -> Option<usize> {
        self.sandboxes.iter().find(|(opens, _)| opens == today).map(|(_, chapter)| *chapter)
    }

    fn is_sandbox(&self, chapter: usize) -> bool {
        self.sandboxes.iter().any(|(_, of)| *of == chapter)
    }

    fn is_unfolded(&self, row: Row) -> bool {
        self.unfolded.contains(&row)
    }

    /// The topics of a chapter that have a lesson, or those that have none.
    fn in_chapter(&self, chapter: usize, ready: bool) -> impl Iterator<Item = Row> + '_ {
        (0..self.topics.len()).filter(move |i| self.topics[*i].chapter == chapter && self.topics[*i].ready == ready).map(Row::Topic)
    }

    fn selected(&self) -> Option<Row> {
        self.rows.get(self.cursor).copied()
    }

    fn today(&self) -> Option<&Today> {
        let Some(Row::Today(number)) = self.selected() else { return None };
        self.known.today.get(number)
    }

    /// The topic that the cursor is on, or that the selected thing to do is about.
    fn topic(&self) -> Option<usize> {
        match self.selected()? {
            Row::Topic(i) => Some(i),
            Row::Today(_) => {
                let lesson = self.today()?.lesson()?;
                self.topics.iter().position(|topic| topic.id == lesson)
            }
            Row::Topics | Row::Chapter(_) | Row::Missing(_) | Row::Empty => None,
        }
    }

    /// The id of the selected topic, if there is a lesson for it.
    pub(in crate::tui) fn lesson(&self) -> Option<&str> {
        self.topic().map(|i| &self.topics[i]).filter(|topic| topic.ready).map(|topic| topic.id.as_str())
    }

    /// The question of the selected topic.
    pub(in crate::tui) fn question(&self) -> Option<&str> {
        self.topic().map(|i| self.topics[i].question.as_str())
    }

    /// Moves the selection over headings to the next row that can be selected.
    pub fn move_by(&mut self, by: isize) {
        let can = |row: usize| self.rows[row] != Row::Topics;
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

    /// Shows or hides what belongs to a row.
    fn fold(&mut self, row: Row) {
        // The numbers of what there is to do today change; chapters stay.
        let folds = self.today().and_then(|today| self.sandboxes_of(today)).map_or(row, Row::Chapter);
        if !self.unfolded.remove(&folds) {
            self.unfolded.insert(folds);
        }
        self.list();
        self.cursor = self.rows.iter().position(|r| *r == row).unwrap_or(0);
    }

    /// How many topics of a chapter have a lesson, and how many there are.
    fn counts(&self, chapter: usize) -> (usize, usize) {
        let all = self.topics.iter().filter(|t| t.chapter == chapter);
        (all.clone().filter(|t| t.ready).count(), all.count())
    }

    /// How well the topics of a chapter that have a lesson are known, in order.
    fn marks(&self, chapter: usize) -> impl Iterator<Item = Mastery> + '_ {
        let topics = self.topics.iter().zip(&self.known.marks);
        topics.filter(move |(topic, _)| topic.chapter == chapter && topic.ready).map(|(_, mark)| mark.mastery)
    }
}

impl App {
    /// Brings the home screen up to what is known of the learner.
    pub(in crate::tui) fn learn(&mut self) {
        let today = self.store.today();
        if self.home.learn(&self.catalogue, self.store.state(), today) {
            self.changed();
        }
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

/// Opens the topic, does what is to be done today, or unfolds the chapter.
pub fn open(app: &mut App, _key: Key) {
    if let Some(id) = app.home.lesson().map(str::to_string) {
        return app.open_lesson(&id);
    }
    match app.home.selected() {
        Some(Row::Today(_)) if matches!(app.home.today(), Some(Today::Due(_))) => due(app),
        Some(Row::Topic(_) | Row::Topics) | None => {}
        Some(row) => app.home.fold(row),
    }
}

/// The id of the action that asks what is due.
const QUIZ: &str = "quiz";

/// Asks what is due.
fn due(app: &mut App) {
    if actions::by_id(QUIZ).is_some() {
        app.act(QUIZ);
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
    app.home.index = Some(Index::new(&app.catalogue));
    app.home.search = Some(Line::default());
    app.home.edited();
}

/// Ends the search.
pub fn end_search(app: &mut App, _key: Key) {
    (app.home.search, app.home.index) = (None, None);
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

/// A row was clicked: select it; a selected one is opened, and what folds does so at once.
pub fn on_row(app: &mut App, row: usize) {
    let again = app.home.cursor == row;
    app.home.cursor = row;
    app.home.move_by(0);
    if again || matches!(app.home.selected(), Some(Row::Chapter(_) | Row::Missing(_) | Row::Empty)) {
        app.act("open");
    }
}
