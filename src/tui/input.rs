//! What keys, pasted text and the mouse do to the application.

use ratatui::crossterm::event::{KeyCode, MouseButton, MouseEvent, MouseEventKind};
use tui_input::Input as Line;

use super::actions;
use super::app::App;
use super::hits::Click;
use super::keys::Key;
use super::screens::lab::{knobs, learn, moves, network, outside, pick, select};
use super::screens::{self, Over, View, home, palette, present, quiz, results};
use crate::sim::time::Time;

impl App {
    /// A key went down.
    pub fn on_key(&mut self, key: Key) {
        self.notice = None;
        self.changed();
        if self.pasted.is_pending() {
            return palette::stop_lines(self);
        }
        let key = if self.line_mut().is_some() && key.typed().is_some() { key } else { key.by_place() };
        if let Some(action) = actions::find(self.context(), key) {
            self.perform(action, key);
        } else if let Some(line) = self.line_mut() {
            screens::edit(line, key);
            self.edited();
        }
    }

    /// Does an action, or says why not.
    pub(super) fn perform(&mut self, action: &'static actions::Action, key: Key) {
        match outside::allows(self, action.id).and_then(|()| (action.can)(self)) {
            Ok(()) => (action.run)(self, key),
            Err(why) => self.refuse(why),
        }
    }

    fn line_mut(&mut self) -> Option<&mut Line> {
        match (&mut self.over, self.view) {
            (Some(over), _) => over.line_mut(),
            (None, View::Home) => self.home.line_mut(),
            (None, View::Quiz) => self.quiz.as_mut()?.line_mut(),
            (None, View::Present) => self.present.as_mut()?.line_mut(),
            (None, View::Lab | View::Results | View::Notes) => None,
        }
    }

    fn edited(&mut self) {
        match (&self.over, self.view) {
            (Some(_), _) => palette::edited(self),
            (None, View::Home) => self.home.edited(),
            (None, View::Quiz) => self.quiz.iter_mut().for_each(quiz::Quiz::edited),
            (None, View::Present) => self.present.iter_mut().for_each(present::Presenting::edited),
            (None, View::Lab | View::Results | View::Notes) => {}
        }
    }

    /// A text was pasted. In the palette several lines are commands, done one by one; elsewhere only the first line counts.
    pub fn on_paste(&mut self, text: &str) {
        self.changed();
        self.notice = None;
        let lines = text.split(['\r', '\n']).map(|line| line.chars().filter(|c| !c.is_control()).collect::<String>());
        let mut lines: Vec<String> = lines.filter(|line| !line.trim().is_empty()).collect();
        if lines.is_empty() {
            return;
        }
        let Some(line) = self.line_mut() else { return };
        *line = inserted(line, &lines[0]);
        if let (Some(Over::Palette(palette)), [first, _, ..]) = (&self.over, &mut lines[..]) {
            *first = palette.line.value().to_string();
            return palette::paste_lines(self, lines);
        }
        self.edited();
    }

    /// The mouse did something.
    pub fn on_mouse(&mut self, mouse: MouseEvent) {
        let (column, row) = (mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => {
                if let Some(click) = self.hits.at(column, row) {
                    self.on_click(click);
                }
            }
            MouseEventKind::Down(MouseButton::Right) => self.on_right_click(self.hits.at(column, row)),
            MouseEventKind::Drag(MouseButton::Left) => self.on_drag(self.hits.time_at(column, row)),
            MouseEventKind::ScrollUp => self.on_wheel(-1, (column, row)),
            MouseEventKind::ScrollDown => self.on_wheel(1, (column, row)),
            _ => {}
        }
    }

    fn on_click(&mut self, click: Click) {
        self.notice = None;
        self.changed();
        match click {
            Click::Act(id) => self.act(id),
            Click::Press(letter) => self.on_key(Key::plain(KeyCode::Char(letter))),
            Click::Row(row) => self.on_row(row),
            Click::Answer(answer) => learn::choose(self, answer),
            Click::Thing(thing) => select::click(self, thing),
            Click::Time(time) => moves::seek(self, time),
            Click::Moment(target, time) => {
                moves::seek(self, time);
                select::select(self, target);
                quiz::act::pointed(self, target);
            }
            Click::Knob(index) => knobs::choose(self, index),
            Click::Panel(panel) => select::click_panel(self, panel),
            Click::Nothing => {}
        }
    }

    /// Opens the box of what can be done to the thing under the mouse.
    fn on_right_click(&mut self, click: Option<Click>) {
        if let (Some(Click::Thing(thing) | Click::Moment(thing, _)), None) = (click, &self.over) {
            self.notice = None;
            self.changed();
            pick::more_of(self, thing, Key::plain(KeyCode::Null));
        }
    }

    fn on_drag(&mut self, time: Option<Time>) {
        if let Some(time) = time {
            self.changed();
            moves::seek(self, time);
        }
    }

    fn on_row(&mut self, row: usize) {
        match (&self.over, self.view) {
            (Some(_), _) => Over::on_row(self, row),
            (None, View::Home) => home::on_row(self, row),
            (None, View::Lab) if network::lists(self) => network::on_row(self, row),
            (None, View::Lab) => select::click_guarantee(self, row),
            (None, View::Results) => results::on_row(self, row),
            (None, View::Quiz) => quiz::act::on_row(self, row),
            (None, View::Present | View::Notes) => {}
        }
    }

    /// Does the action with this id as if its first key had been pressed.
    pub(super) fn act(&mut self, id: &str) {
        if let Some(action) = actions::by_id(id) {
            self.perform(action, action.first_key());
        }
    }

    /// Over the timeline the wheel goes closer and further away.
    fn on_wheel(&mut self, by: isize, (column, row): (u16, u16)) {
        let timeline = self.over.is_none() && self.hits.time_at(column, row).is_some();
        let [up, down] = match (&self.over, self.view) {
            (Some(over), _) => over.wheel(),
            (None, View::Lab) if timeline => ["closer", "further"],
            (None, View::Home) => ["up", "down"],
            (None, View::Lab) if network::lists(self) => ["net-up", "net-down"],
            (None, View::Lab) => ["lab-up", "lab-down"],
            (None, View::Results) => ["results-up", "results-down"],
            (None, View::Quiz) => ["quiz-page-up", "quiz-page-down"],
            (None, View::Notes) => ["notes-up", "notes-down"],
            // A wheel that is brushed turns no page in front of a class.
            (None, View::Present) => return,
        };
        self.changed();
        self.act(if by < 0 { up } else { down });
    }
}

/// The most characters of a line that is pasted: no command is longer.
const MOST_PASTED: usize = 4096;

/// The line with a text put in at the cursor.
fn inserted(line: &Line, text: &str) -> Line {
    let before: String = line.value().chars().take(line.cursor()).chain(text.chars().take(MOST_PASTED)).collect();
    let cursor = before.chars().count();
    let after = line.value().chars().skip(line.cursor());
    Line::new(before.chars().chain(after).collect()).with_cursor(cursor)
}
