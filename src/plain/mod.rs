//! The whole product as linear text: for screen readers, for terminals that know nothing but text, for pipes.
//!
//! A line comes in, lines go out, and nothing is ever painted again. [`Plain::hear`] takes one line and gives what there is to say to
//! it; [`run`] reads and writes. Everything that is walked, asked and kept is that of the screens: [`crate::lesson::walk`],
//! [`crate::quiz`], [`crate::progress`]. One table of words feeds dispatch, help and near names ([`words`]).

mod answer;
mod by_itself;
mod desk;
mod home;
mod log;
pub mod page;
mod panels;
mod quiz;
mod reader;
mod state;
#[cfg(test)]
mod tests;
mod told;
pub mod words;
mod wrapping;

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use crate::cluster::Scenario;
use crate::cluster::budget::WORK_MAX;
use crate::command::complete;
use crate::harmless;
use crate::lesson::search::Index;
use crate::lesson::{Catalogue, catalogue, sandbox};
use crate::progress::walked::{Opening, news};
use crate::progress::{Event, Store};
use crate::quiz::{Wish, sitting};
use crate::timeline::Brake;
use answer::Answer;
pub use by_itself::by_itself;
use desk::{Desk, Purpose, Wants};
pub(crate) use log::happened;
use page::Page;
use quiz::Sitting;
use reader::Line;
pub(crate) use reader::{LINE_MAX, Line as Heard, next as hear};
pub(crate) use state::lines as state;
use words::Place;
pub use wrapping::Wrapping;

/// Before what is typed.
pub const PROMPT: &str = "> ";

/// The width of a terminal that does not say it, in characters.
pub const WIDTH: usize = 80;

/// How many events one line may run: a run that has no end stops there, and says so.
const WORK: u64 = 2 * WORK_MAX;

/// The most words that are said of those that can come next in a command.
const OFFERS: usize = 20;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A folder of lessons beside those inside.
    pub lessons: Option<PathBuf>,
    /// A lesson to open at once.
    pub open: Option<String>,
    /// A cluster to open at once without a lesson.
    pub sandbox: Option<Scenario>,
    /// The seed for clusters, instead of the lesson's own.
    pub seed: Option<u64>,
    /// A quiz to start at once.
    pub quiz: Option<Wish>,
    /// The number by which the quiz shuffles, instead of the learner's own.
    pub draw: Option<u64>,
    /// What is wrong with the settings that are kept: a line for each mistake.
    pub mistakes: Vec<String>,
    /// Break lines at words after so many characters; `None`: never.
    pub width: Option<usize>,
    /// Write what was read behind the prompt: nobody has seen it being typed.
    pub echo: bool,
}

/// Reads lines until there are no more, and writes what there is to say to each.
pub fn run(options: &Options, store: Store, input: &mut dyn BufRead, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut plain = Plain::new(options, store)?;
    write(out, &plain.greet(), options.width)?;
    while !plain.is_over() {
        write!(out, "\n{PROMPT}")?;
        out.flush()?;
        let line = reader::next(input)?;
        if let (Line::Text(text), true) = (&line, options.echo) {
            write!(out, "{}", harmless::line(text))?;
        }
        if options.echo || line == Line::End {
            writeln!(out)?;
        }
        let said = match line {
            Line::Text(text) => plain.hear(&text),
            Line::TooLong => vec![format!("This line is too long: {} bytes are the most.", reader::LINE_MAX)],
            Line::End => plain.leave(),
        };
        write(out, &said, options.width)?;
    }
    out.flush()?;
    Ok(())
}

fn write(out: &mut dyn Write, lines: &[String], width: Option<usize>) -> std::io::Result<()> {
    for line in lines {
        match width {
            Some(width) => page::wrapped(line, width).iter().try_for_each(|line| writeln!(out, "{line}"))?,
            None => writeln!(out, "{line}")?,
        }
    }
    Ok(())
}

/// Where the learner is.
enum Room {
    /// Among the topics.
    Home,
    /// In a lesson, by its id.
    Lesson(String, Box<Desk>),
    /// In a quiz.
    Quiz(Box<Sitting>),
}

/// The program, line by line.
pub struct Plain {
    catalogue: Arc<Catalogue>,
    store: Store,
    seed: Option<u64>,
    draw: Option<u64>,
    /// What is wrong with lessons and settings.
    complaints: Vec<String>,
    /// The words of every topic, once somebody has searched.
    index: Option<Index>,
    room: Room,
    /// The lesson that was left last, as it was.
    left: Option<(String, Box<Desk>)>,
    page: Page,
    /// What of trouble with the log was said.
    trouble: Option<String>,
    over: bool,
    work: u64,
}

impl Plain {
    /// The program as it starts. Fails where an option names something that does not exist.
    pub fn new(options: &Options, store: Store) -> anyhow::Result<Plain> {
        let mut catalogue = catalogue().clone();
        if let Some(folder) = &options.lessons {
            catalogue.add_folder(folder).with_context(|| format!("cannot read the lessons in {}", folder.display()))?;
        }
        options.quiz.as_ref().map_or(Ok(()), |wish| sitting::is_about_something(&catalogue, wish))?;
        let sandbox = options.sandbox.clone().map(|scenario| catalogue.set_sandbox(scenario));
        let complaints = catalogue.complaints.iter().chain(&options.mistakes).cloned().collect();
        let mut plain = Plain {
            catalogue: Arc::new(catalogue),
            store,
            seed: options.seed,
            draw: options.draw,
            complaints,
            index: None,
            room: Room::Home,
            left: None,
            page: Page::default(),
            trouble: None,
            over: false,
            work: WORK,
        };
        plain.say_trouble();
        match (options.open.as_ref().or(sandbox.as_ref()), &options.quiz) {
            (Some(id), _) => home::open(&mut plain, id),
            (None, Some(wish)) => quiz::start(&mut plain, wish),
            (None, None) => home::welcome(&mut plain),
        }
        plain.keep();
        Ok(plain)
    }

    /// The same with another bound for what one line may run, in events.
    #[must_use]
    pub fn with_work(mut self, work: u64) -> Plain {
        self.work = work;
        self
    }

    /// What there is to say before the first line.
    pub fn greet(&mut self) -> Vec<String> {
        self.page.take()
    }

    /// Whether the learner has left.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// The program ends: everything is kept.
    pub fn leave(&mut self) -> Vec<String> {
        self.over = true;
        self.keep();
        let kept = match (self.store.log().is_some(), self.store.waiting()) {
            (true, 0) => "Your progress is saved.",
            (true, _) => "Your progress could not be saved.",
            (false, _) => "Nothing is saved.",
        };
        self.page.say(format!("Goodbye. {kept}"));
        self.page.take()
    }

    /// What there is to say to a line.
    pub fn hear(&mut self, line: &str) -> Vec<String> {
        let line = line.trim();
        if let Some(asked) = line.strip_suffix('?') {
            self.complete(asked.trim());
        } else {
            self.act(line);
        }
        if self.over {
            return self.leave();
        }
        self.keep();
        self.page.take()
    }

    /// Where the words apply that are known now.
    fn place(&self) -> Place {
        match &self.room {
            Room::Home => Place::Home,
            Room::Lesson(_, desk) => {
                if desk.is_ended() {
                    Place::End
                } else {
                    Place::Lesson
                }
            }
            Room::Quiz(sitting) => sitting.place(),
        }
    }

    fn act(&mut self, line: &str) {
        let line = if line.is_empty() { "next" } else { line };
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let place = self.place();
        if let Some(known) = words::find(place, word).filter(|known| rest.is_empty() || !known.takes.is_empty()) {
            return (known.does)(self, rest.trim());
        }
        match Answer::read(line) {
            Some(answer) if !matches!(place, Place::Card) => self.number(&answer),
            _ if matches!(place, Place::Card) => quiz::reply(self, line),
            _ => self.command(line),
        }
    }

    /// A number, where there is something to choose.
    fn number(&mut self, answer: &Answer) {
        match &mut self.room {
            Room::Home => home::open_number(self, answer),
            Room::Lesson(_, desk) => desk.answer(&mut self.page, answer),
            Room::Quiz(sitting) => match sitting.desk() {
                Some(desk) => desk.answer(&mut self.page, answer),
                None => quiz::row(self, answer),
            },
        }
    }

    /// The desk that lines go to, if there is one.
    fn desk(&mut self) -> Option<&mut Desk> {
        match &mut self.room {
            Room::Home => None,
            Room::Lesson(_, desk) => Some(desk),
            Room::Quiz(sitting) => sitting.desk(),
        }
    }

    /// Does something at the desk.
    fn at_desk(&mut self, does: impl FnOnce(&mut Desk, &mut Page) -> Wants) {
        let mut page = std::mem::take(&mut self.page);
        let wants = self.desk().map_or(Wants::Nothing, |desk| does(desk, &mut page));
        self.page = page;
        match wants {
            Wants::Nothing => {}
            Wants::Seed(seed) => self.reseed(seed),
            Wants::HandIn => quiz::hand_in(self),
            Wants::Card => quiz::back_to_the_card(self),
        }
    }

    /// A line of the command language.
    fn command(&mut self, line: &str) {
        let place = self.place();
        let known = words::names(place);
        let word = line.split_whitespace().next().unwrap_or(line);
        let Some(desk) = self.desk() else {
            let near = crate::near::did_you_mean(word, known.iter().copied());
            let near = if near.is_empty() { ".".to_string() } else { near };
            let hint = if place == Place::Home { " A cluster can be poked once a lesson is open." } else { "" };
            return self.page.say(format!("Not done: \"{word}\" is no word that is known here{near}{hint} help lists the words."));
        };
        match desk.vocabulary().parse(line) {
            Ok(command) => self.at_desk(|desk, page| desk.command(page, &command)),
            Err(error) => {
                let at = line.get(error.offset..).and_then(|rest| rest.split_whitespace().next()).filter(|_| error.offset > 0);
                let where_it_is = at.map_or_else(String::new, |at| format!(" at \"{at}\""));
                let near = if error.offset == 0 { desk.near(word, &known) } else { String::new() };
                let message = if near.is_empty() { error.message } else { format!("\"{word}\" is no command{near}") };
                self.page.say(format!("Not done{where_it_is}: {message}"));
            }
        }
    }

    /// What can come next in a command, or what a word does.
    fn complete(&mut self, line: &str) {
        if line.is_empty() {
            return words::help(self, "");
        }
        let Some(vocabulary) = self.desk().map(|desk| desk.vocabulary()) else { return words::help(self, line) };
        let offers = complete(&format!("{line} "), &vocabulary);
        let offers = if offers.is_empty() { complete(line, &vocabulary) } else { offers };
        if offers.is_empty() {
            return words::help(self, line);
        }
        for offer in offers.iter().take(OFFERS) {
            let about = if offer.about.is_empty() { String::new() } else { format!(": {}", offer.about) };
            self.page.say(format!("{}{about}", offer.text));
        }
        if offers.len() > OFFERS {
            self.page.say(format!("{} more.", offers.len() - OFFERS));
        }
    }

    /// Starts the step again with another seed.
    fn reseed(&mut self, seed: u64) {
        let Room::Lesson(id, desk) = &self.room else { return self.page.say("Not done: a card has its own seed") };
        let (id, index) = (id.clone(), desk.walk.index());
        let opening = Opening { seed: Some(seed), ..self.opening(&id) };
        match opening.walk_at(&id, index, &Brake::of(self.work)) {
            Ok(walk) => {
                let mut desk = Desk::new(walk, Purpose::Lesson, self.work);
                self.page.say(format!("The step starts again with seed {seed}."));
                desk.card(&mut self.page);
                self.room = Room::Lesson(id, Box::new(desk));
            }
            Err(lines) => self.page.say(format!("Not done: {}", lines.join("; "))),
        }
    }

    /// What takes lessons up, wherever that is done.
    fn opening(&self, id: &str) -> Opening {
        Opening { catalogue: Arc::clone(&self.catalogue), seed: self.seed, known: self.store.state().topic(id).cloned() }
    }

    /// Writes down what is new, before anything else happens.
    fn keep(&mut self) {
        let events: Vec<Event> = match &mut self.room {
            Room::Home => Vec::new(),
            Room::Lesson(_, desk) if desk.walk.lesson().chapter == sandbox::CHAPTER => Vec::new(),
            Room::Lesson(_, desk) => news(&desk.walk, self.store.state()),
            Room::Quiz(sitting) => sitting.take_events(),
        };
        self.record(events);
    }

    fn record(&mut self, events: impl IntoIterator<Item = Event>) {
        self.store.record_all(events);
        self.say_trouble();
    }

    /// Says once why nothing can be saved.
    fn say_trouble(&mut self) {
        let trouble = self.store.trouble().map(str::to_string);
        if trouble != self.trouble {
            if let Some(trouble) = &trouble {
                self.page.say(format!("Careful: {trouble}"));
            }
            self.trouble = trouble;
        }
        if let Some(aside) = self.store.take_aside() {
            self.page
                .say(format!("The last line of your progress was cut off, as when a program is killed; it is kept in {}", aside.display()));
        }
    }
}
