//! The state of the whole program, and what keys, mouse and time do to it.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};
use tui_input::Input as Line;

use super::Options;
use super::actions::{self, Place};
use super::clock::Moment;
use super::keys::Key;
use super::screens::home::{self, Home};
use super::screens::{self, Over, View, help};
use super::theme::Theme;

/// What the loop has to do for the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Stop the process, as Ctrl-Z does.
    Suspend,
    /// Take the terminal again.
    Resume,
    /// Take reports of the mouse, or not.
    Mouse(bool),
}

/// What lies where on the screen, from the last frame: drawing says it, the mouse is looked up in it.
#[derive(Clone, Debug, Default)]
pub struct Hits {
    places: Vec<(Rect, Click)>,
    /// Where the text cursor stands.
    pub cursor: Option<Position>,
}

/// What a click means.
#[derive(Clone, Debug, PartialEq)]
pub enum Click {
    /// This action, by id.
    Act(&'static str),
    /// This row of a list.
    Row(usize),
}

impl Hits {
    /// Says that `target` lies at `area`. Later ones lie on top.
    pub fn add(&mut self, area: Rect, target: Click) {
        self.places.push((area, target));
    }

    /// What lies at this cell, topmost.
    pub fn at(&self, column: u16, row: u16) -> Option<&Click> {
        let here = Position::new(column, row);
        self.places.iter().rev().find(|(area, _)| area.contains(here)).map(|(_, target)| target)
    }
}

/// The application.
pub struct App {
    pub(super) theme: Theme,
    pub(super) mouse: bool,
    pub(super) now: Moment,
    pub(super) home: Home,
    pub(super) view: View,
    pub(super) over: Option<Over>,
    /// One line in place of the key hints, until the next key: why something was refused.
    pub(super) notice: Option<String>,
    pub(super) hits: Hits,
    effects: Vec<Effect>,
    changed: bool,
}

impl App {
    /// The application as it starts. Fails when an option names something that does not exist.
    pub fn new(options: &Options, theme: Theme) -> anyhow::Result<App> {
        Ok(App {
            theme,
            mouse: options.mouse,
            now: Moment::ZERO,
            home: Home::new(Vec::new(), Vec::new()),
            view: View::Home,
            over: None,
            notice: None,
            hits: Hits::default(),
            effects: Vec::new(),
            changed: true,
        })
    }

    /// Asks the loop for something.
    pub fn ask(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    pub(super) fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Says that the screen is no longer what is to be seen.
    pub fn changed(&mut self) {
        self.changed = true;
    }

    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// When something happens without input; `None`: never.
    pub fn deadline(&self) -> Option<Moment> {
        None
    }

    /// Real time went on.
    pub fn advance(&mut self, now: Moment) {
        self.now = now;
    }

    /// The process was stopped for a while: no time went by for the learner.
    pub(super) fn resumed(&mut self, now: Moment) {
        self.now = now;
        self.changed();
    }

    /// Says why something cannot be done.
    pub fn refuse(&mut self, why: impl Into<String>) {
        self.notice = Some(why.into());
    }

    /// The places whose actions apply now, nearest first.
    pub(super) fn context(&self) -> &'static [Place] {
        match (&self.over, self.view) {
            (Some(over), _) => over.context(),
            (None, _) => self.context_below(),
        }
    }

    /// The places whose actions apply when nothing lies on top.
    pub(super) fn context_below(&self) -> &'static [Place] {
        match self.view {
            View::Home => self.home.context(),
        }
    }

    /// Opens the lesson with this id.
    pub(super) fn open_lesson(&mut self, id: &str) {
        self.refuse(format!("{id} cannot be opened"));
    }

    /// How far this lesson got in this run, in a word or two.
    pub(super) fn progress_of(&self, _id: &str) -> String {
        String::new()
    }

    /// What the home screen says of a topic.
    pub(super) fn about_topic(&self, topic: &home::Topic) -> Vec<(ratatui::style::Style, String)> {
        vec![(self.theme.text, topic.question.clone())]
    }

    /// A key went down.
    pub fn on_key(&mut self, key: Key) {
        self.notice = None;
        self.changed();
        if let Some(action) = actions::find(self.context(), key) {
            self.perform(action, key);
        } else if let Some(line) = self.line_mut() {
            screens::edit(line, key);
            self.edited();
        }
    }

    /// Does an action, or says why not.
    pub(super) fn perform(&mut self, action: &'static actions::Action, key: Key) {
        match (action.can)(self) {
            Ok(()) => (action.run)(self, key),
            Err(why) => self.refuse(why),
        }
    }

    fn line_mut(&mut self) -> Option<&mut Line> {
        match (&mut self.over, self.view) {
            (Some(over), _) => over.line_mut(),
            (None, View::Home) => self.home.line_mut(),
        }
    }

    fn edited(&mut self) {
        if self.over.is_none() && self.view == View::Home {
            self.home.edited();
        }
    }

    /// A text was pasted: only its first line counts.
    pub fn on_paste(&mut self, text: &str) {
        self.changed();
        let Some(line) = self.line_mut() else { return };
        for c in text.lines().next().unwrap_or_default().chars().filter(|c| !c.is_control()) {
            line.handle(tui_input::InputRequest::InsertChar(c));
        }
        self.edited();
    }

    /// The mouse did something.
    pub fn on_mouse(&mut self, mouse: MouseEvent) {
        let target = self.hits.at(mouse.column, mouse.row).cloned();
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => self.on_click(target),
            MouseEventKind::ScrollUp => self.on_wheel(-1),
            MouseEventKind::ScrollDown => self.on_wheel(1),
            _ => {}
        }
    }

    fn on_click(&mut self, target: Option<Click>) {
        self.notice = None;
        self.changed();
        match target {
            Some(Click::Act(id)) => self.act(id),
            Some(Click::Row(row)) => self.on_row(row),
            None => {}
        }
    }

    fn on_row(&mut self, row: usize) {
        match self.over {
            Some(_) => {}
            None => home::on_row(self, row),
        }
    }

    /// Does the action with this id as if its first key had been pressed.
    pub(super) fn act(&mut self, id: &str) {
        if let Some(action) = actions::by_id(id) {
            self.perform(action, action.first_key());
        }
    }

    fn on_wheel(&mut self, by: isize) {
        self.changed();
        match &mut self.over {
            Some(over) => over.scroll(by),
            None => self.home.move_by(by),
        }
    }

    /// Paints everything.
    pub fn draw(&mut self, frame: &mut Frame) {
        let area = frame.area();
        let mut hits = Hits::default();
        self.paint(area, frame.buffer_mut(), &mut hits);
        if let Some(cursor) = hits.cursor {
            frame.set_cursor_position(cursor);
        }
        self.hits = hits;
    }

    fn paint(&self, area: Rect, buf: &mut Buffer, hits: &mut Hits) {
        buf.set_style(area, self.theme.base);
        if area.width < screens::LEAST.0 || area.height < screens::LEAST.1 {
            return screens::too_small(area, buf, &self.theme);
        }
        match self.view {
            View::Home => home::draw(self, area, buf, hits),
        }
        match &self.over {
            Some(Over::Help(scroll)) => help::draw(self, *scroll, area, buf, hits),
            None => {}
        }
    }
}

/// Leaves the program.
pub(super) fn quit(app: &mut App, _key: Key) {
    app.ask(Effect::Quit);
}

/// Stops the process until the shell continues it.
pub(super) fn suspend(app: &mut App, _key: Key) {
    app.ask(Effect::Suspend);
}

/// Closes what lies on top.
pub(super) fn close(app: &mut App, _key: Key) {
    app.over = None;
}
