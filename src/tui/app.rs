//! The state of the whole program, what time does to it, and how it is painted.

use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::Event;
use ratatui::layout::Rect;

use super::Options;
use super::actions::Place;
use super::ascii;
use super::clock::Moment;
use super::hits::Hits;
use super::keys::Key;
use super::reload::Reload;
use super::screens::history;
use super::screens::home::{self, Home};
use super::screens::lab::{self, Lab};
use super::screens::many;
use super::screens::palette;
use super::screens::present;
use super::screens::preview::Preview;
use super::screens::quiz::{self, Quiz};
use super::screens::results::{self, Results};
use super::screens::{self, Over, View};
use super::terminal::Questions;
use super::theme::Theme;
use super::work::{TICK, Work};
use crate::lesson::source::Mistakes;
use crate::lesson::{Catalogue, catalogue};
use crate::present::phones::Phones;
use crate::progress::{Store, Wall};
use crate::quiz::sitting;

/// What the loop has to do for the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Leave.
    Quit,
    /// Stop the process, as Ctrl-Z does.
    Suspend,
    /// Take the terminal again.
    Resume,
    /// Draw everything again.
    Repaint,
    /// Take reports of the mouse, or not.
    Mouse(bool),
    /// Hand a text to the clipboard.
    Copy(String),
}

/// One line to the learner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Why something cannot be done.
    Refused(String),
    /// What was done.
    Done(String),
}

/// The application.
pub struct App {
    pub(super) theme: Theme,
    /// Reports of the mouse are wanted.
    pub(super) mouse: bool,
    /// Where settings are kept.
    pub(super) config: Option<PathBuf>,
    /// The mouse is the terminal's for a while, to select text.
    pub(super) let_go: bool,
    /// Which answers of the terminal still matter: nobody chose otherwise.
    pub(super) listens: Questions,
    pub(super) now: Moment,
    pub(super) catalogue: Arc<Catalogue>,
    /// What the learner did, and where it is kept.
    pub(super) store: Store,
    pub(super) home: Home,
    /// What the screen of results shows.
    pub(super) results: Option<Results>,
    /// What is forgotten again and again and was looked at last in the lab.
    pub(super) looked_at: Option<String>,
    /// The lesson that the home screen looked into last.
    pub(super) preview: Option<Preview>,
    /// Every lesson opened in this run, by id, as it was left.
    pub(super) labs: BTreeMap<String, Lab>,
    /// The id of the lesson on the screen.
    pub(super) open: String,
    /// Width and height of the screen.
    pub(super) size: (u16, u16),
    /// The last line that a text over the screen can be scrolled to, as drawing found it.
    pub(super) most_scroll: Cell<u16>,
    pub(super) seed: Option<u64>,
    /// What is being worked on.
    pub(super) work: Option<Work>,
    /// What came in meanwhile.
    pub(super) held: VecDeque<Event>,
    /// The lesson that is being looked into for the home screen.
    pub(super) looking: Option<(String, Work)>,
    /// The quiz that is going on.
    pub(super) quiz: Option<Quiz>,
    /// The presentation that is going on.
    pub(super) present: Option<present::Presenting>,
    /// The notes of one in another terminal.
    pub(super) notes: Option<present::notes::Notes>,
    /// The number by which options are shuffled, instead of the learner's own.
    pub(super) draw: Option<u64>,
    pub(super) view: View,
    pub(super) over: Option<Over>,
    /// One line in place of the key hints, until the next key.
    pub(super) notice: Option<Notice>,
    pub(super) hits: Hits,
    /// The learner's own programs, and the lab that follows them.
    pub(super) outside: Option<lab::outside::Outside>,
    /// Pasted lines that are done one by one.
    pub(super) pasted: palette::Pasted,
    /// What is known of the files that lessons come from.
    pub(super) reload: Reload,
    effects: Vec<Effect>,
    changed: bool,
}

impl App {
    /// The application as it starts, for a learner of whom nothing is known and nothing is kept. Fails when an option names something
    /// that does not exist.
    pub fn new(options: &Options, theme: Theme) -> anyhow::Result<App> {
        App::with(options, theme, Store::in_memory(Wall::stopped()))
    }

    /// The application as it starts, for the learner of this store.
    pub fn with(options: &Options, theme: Theme, store: Store) -> anyhow::Result<App> {
        let mut catalogue = catalogue().clone();
        if let Some(folder) = &options.lessons {
            catalogue.add_folder(folder).with_context(|| format!("cannot read the lessons in {}", folder.display()))?;
        }
        catalogue.complaints.extend(options.mistakes.iter().cloned());
        options.quiz.as_ref().map_or(Ok(()), |wish| sitting::is_about_something(&catalogue, wish))?;
        let sandbox = options.sandbox.clone().map(|scenario| catalogue.set_sandbox(scenario));
        let mut app = App {
            theme,
            mouse: options.mouse,
            config: options.config.clone(),
            let_go: false,
            listens: Questions { background: options.theme.is_none(), width: options.signs.is_none() },
            now: Moment::ZERO,
            home: Home::new(&catalogue),
            results: None,
            looked_at: None,
            preview: None,
            catalogue: Arc::new(catalogue),
            store,
            labs: BTreeMap::new(),
            open: String::new(),
            size: (0, 0),
            most_scroll: Cell::new(0),
            seed: options.seed,
            work: None,
            held: VecDeque::new(),
            looking: None,
            quiz: None,
            present: None,
            notes: None,
            draw: options.draw,
            view: View::Home,
            over: None,
            notice: None,
            hits: Hits::default(),
            outside: None,
            pasted: palette::Pasted::default(),
            reload: Reload::default(),
            effects: Vec::new(),
            changed: true,
        };
        app.besides(&options.mistakes);
        app.complain();
        app.learn();
        app.home.begin();
        if let Some(trouble) = app.store.trouble().map(str::to_string) {
            app.refuse(trouble);
        }
        if let Some(id) = options.open.as_ref().or(sandbox.as_ref()) {
            app.open_lesson(id);
        }
        if let Some(wish) = &options.quiz {
            app.start_quiz(wish.clone());
        }
        app.show_to_a_class(options);
        if let Some(wish) = options.vote {
            app.take_votes_from(Box::new(Phones::start(wish)?));
        }
        Ok(app)
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
        if self.work.is_some() || self.looking.is_some() || many::is_busy(self) || history::is_busy(self) {
            return Some(self.now + TICK);
        }
        if self.missing_preview().is_some() || self.pasted.is_pending() || quiz::is_watched(self) {
            return Some(Moment::ZERO);
        }
        let presented = self.present.as_ref().and_then(|presenting| presenting.deadline(self.now));
        let noted = self.notes.as_ref().map(|_| present::notes::Notes::deadline(self.now));
        let played = self.lab().and_then(|lab| lab.deadline(self.theme.motion));
        let follows = lab::outside::deadline(self).or(played);
        [follows, presented, noted, self.reload_deadline()].into_iter().flatten().min()
    }

    /// Real time went on.
    pub fn advance(&mut self, now: Moment) {
        self.now = now;
        if let Some(id) = self.missing_preview().map(str::to_string) {
            self.look_into(id);
        }
        if self.work.is_none() {
            palette::next_line(self);
        }
        self.reload();
        if self.work.is_none() {
            lab::play_on(self);
        }
        quiz::follow(self);
        present::follow(self);
        present::notes::follow(self);
    }

    /// Takes votes on what is presented from elsewhere too.
    pub fn take_votes_from(&mut self, poll: Box<dyn crate::present::Poll>) {
        if let Some(presenting) = &mut self.present {
            presenting.take_votes_from(poll);
        }
    }

    /// Shows nothing but a presentation, or the notes of one, where that is asked for.
    fn show_to_a_class(&mut self, options: &Options) {
        if let Some(presented) = &options.present {
            let (presenting, why) = present::Presenting::new(presented);
            (self.present, self.view, self.notice) = (Some(presenting), View::Present, None);
            if let Some(why) = why {
                self.refuse(why);
            }
        }
        if let Some(of) = &options.notes {
            (self.notes, self.view, self.notice) = (Some(present::notes::Notes::new(of)), View::Notes, None);
        }
    }

    /// The lesson that the home screen should show and nobody has looked into: it is opened after a frame was drawn, so that none
    /// waits for it.
    fn missing_preview(&self) -> Option<&str> {
        let wanted = self.home.lesson().filter(|_| self.view == View::Home && self.size != (0, 0))?;
        let looked = self.preview.as_ref().is_some_and(|preview| preview.id == wanted);
        let is_there = looked || self.labs.contains_key(wanted) || self.looking.as_ref().is_some_and(|(id, _)| id == wanted);
        if is_there { None } else { Some(wanted) }
    }

    /// A lesson as it was left, or as the home screen found it.
    pub(super) fn seen(&self, id: &str) -> Option<&Lab> {
        let found = || self.preview.as_ref().filter(|preview| preview.id == id)?.lab.as_ref();
        self.labs.get(id).or_else(found)
    }

    /// The process was stopped for a while: no time went by for the learner.
    pub(super) fn resumed(&mut self, now: Moment) {
        self.now = now;
        if let Some(lab) = self.lab_mut() {
            lab.pace.resume(now);
        }
        self.changed();
    }

    /// Says what is wrong with lessons and settings, where something is.
    pub(super) fn complain(&mut self) {
        match self.catalogue.complaints.as_slice() {
            [] => {}
            [only] => self.refuse(only.clone()),
            all => self.refuse(format!("{} things are wrong with your lessons or settings; ! shows them", all.len())),
        }
    }

    /// Says why something cannot be done.
    pub fn refuse(&mut self, why: impl Into<String>) {
        self.notice = Some(Notice::Refused(why.into()));
    }

    /// Says something where nothing else is said.
    pub(super) fn mention(&mut self, what: String) {
        self.notice.get_or_insert(Notice::Done(what));
    }

    /// Says what was done.
    pub fn say(&mut self, what: impl Into<String>) {
        self.notice = Some(Notice::Done(what.into()));
    }

    /// How many events are behind the position of the lab on the screen.
    pub fn events(&self) -> u64 {
        self.lab().map_or(0, |lab| lab.run().events())
    }

    /// The lab on the screen.
    pub(super) fn lab(&self) -> Option<&Lab> {
        self.labs.get(&self.open).filter(|_| self.shows_lab())
    }

    /// Whether a cluster is on the screen that is played.
    fn shows_lab(&self) -> bool {
        match self.view {
            View::Home | View::Results | View::Notes => false,
            View::Present => self.present.as_ref().is_some_and(present::Presenting::is_step),
            View::Lab => true,
            View::Quiz => self.quiz.as_ref().is_some_and(|quiz| quiz.staged),
        }
    }

    /// The lab on the screen, to be changed.
    pub(super) fn lab_mut(&mut self) -> Option<&mut Lab> {
        let shows = self.shows_lab();
        self.labs.get_mut(&self.open).filter(|_| shows)
    }

    /// The places whose actions apply now, nearest first.
    pub(super) fn context(&self) -> &'static [Place] {
        match &self.over {
            _ if self.work.is_some() => &[Place::Work, Place::Always],
            Some(over) => over.context(),
            None => self.context_below(),
        }
    }

    /// The places whose actions apply when nothing lies on top.
    pub(super) fn context_below(&self) -> &'static [Place] {
        match self.view {
            View::Home => self.home.context(),
            View::Lab if self.lab().is_some_and(|lab| lab.beside.is_some()) => &[Place::Two, Place::Anywhere, Place::Always],
            View::Lab if self.lab().is_some_and(|lab| lab.knob.is_some()) => &[Place::Knobs, Place::Anywhere, Place::Always],
            View::Lab if self.lab().is_some_and(Lab::is_network) => &[Place::Network, Place::Anywhere, Place::Always],
            View::Lab => &[Place::Lab, Place::Anywhere, Place::Always],
            View::Results => &[Place::Results, Place::Anywhere, Place::Always],
            View::Present if self.present.as_ref().is_some_and(present::Presenting::is_counting) => {
                &[Place::Present, Place::Anywhere, Place::Always]
            }
            View::Present if self.lab().is_some_and(|lab| lab.knob.is_some()) => &[Place::Knobs, Place::Anywhere, Place::Always],
            View::Present => &[Place::Present, Place::Poke, Place::Anywhere, Place::Always],
            View::Notes => &[Place::Notes, Place::Anywhere, Place::Always],
            View::Quiz => self.quiz.as_ref().map_or(&[Place::Anywhere, Place::Always], Quiz::context),
        }
    }

    /// Shows what is wrong with a lesson.
    pub(super) fn trouble(&mut self, mistakes: &Mistakes) {
        self.over = Some(Over::Trouble(mistakes.lines(), 0));
    }

    /// Paints everything.
    pub fn draw(&mut self, frame: &mut Frame) {
        let area = frame.area();
        self.size = (area.width, area.height);
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
            View::Lab => lab::draw::draw(self, area, buf, hits),
            View::Results => results::draw(self, area, buf, hits),
            View::Quiz => quiz::draw::draw(self, area, buf, hits),
            View::Present => present::draw::draw(self, area, buf, hits),
            View::Notes => present::notes::draw(self, area, buf, hits),
        }
        if let Some(over) = &self.over {
            // What lies below cannot be clicked.
            *hits = Hits::default();
            over.draw(self, area, buf, hits);
        }
        self.theme.ground(buf);
        if self.theme.glyphs.ascii {
            ascii::plain(buf);
        }
    }
}

/// Leaves the program, or first what is being worked on.
pub(super) fn quit(app: &mut App, _key: Key) {
    if !app.stop_work() {
        app.ask(Effect::Quit);
    }
}

/// Closes what is open; leaves the program when nothing is.
pub(super) fn interrupt(app: &mut App, key: Key) {
    if app.stop_work() || app.over.take().is_some() {
        return;
    }
    match app.view {
        View::Home if app.home.is_searching() => home::end_search(app, key),
        View::Lab if app.lab().is_some_and(|lab| lab.beside.is_some()) => lab::beside::leave(app, key),
        View::Home | View::Lab | View::Quiz | View::Results | View::Present | View::Notes => quit(app, key),
    }
}

/// Takes the terminal anew and draws everything.
pub(super) fn repaint(app: &mut App, _key: Key) {
    app.ask(Effect::Resume);
}

/// Stops the process until the shell continues it.
pub(super) fn suspend(app: &mut App, _key: Key) {
    app.ask(Effect::Suspend);
}

/// Closes what lies on top.
pub(super) fn close(app: &mut App, _key: Key) {
    app.over = None;
}
