//! The state of a learner, and the log that it is kept in: whatever happens is folded into the one and written to the other.

use std::path::{Path, PathBuf};

use super::event::{Event, Line, Record};
use super::log::{Findings, Log, LogError, News};
use super::place::Place;
use super::state::State;
use super::wall::Wall;
use crate::review::{Day, Stamp};

/// The state of a learner and where it is kept.
///
/// A store that cannot write goes on in memory: what could not be written waits, and is written with the next event if it can be
/// then. [`Store::trouble`] says why, for the screen.
#[derive(Debug)]
pub struct Store {
    state: State,
    log: Option<Log>,
    wall: Wall,
    /// What could not be written yet.
    waiting: Vec<Record>,
    trouble: Option<String>,
}

impl Store {
    /// A store that keeps nothing: for tests, and where the learner wants no trace.
    pub fn in_memory(wall: Wall) -> Store {
        Store { state: State::default(), log: None, wall, waiting: Vec::new(), trouble: None }
    }

    /// The store of a place, with everything that is in its log.
    pub fn open(place: &Place, wall: Wall) -> Store {
        let mut store = Store { log: Some(Log::at(place.log())), ..Store::in_memory(wall) };
        store.catch_up();
        store
    }

    /// The store of whoever started the program: in the folder that was named, or in the usual place. Without any, it keeps nothing
    /// and says so.
    pub fn of_user(named: Option<&Path>) -> Store {
        let wall = Wall::system();
        match Place::find(named) {
            Ok(place) => Store::open(&place, wall),
            Err(homeless) => Store { trouble: Some(homeless.to_string()), ..Store::in_memory(wall) },
        }
    }

    /// Reads what other programs wrote since the last time. Says whether that went well.
    pub fn catch_up(&mut self) -> bool {
        let Store { state, log, wall, .. } = self;
        let read = log.as_mut().map_or(Ok(()), |log| log.catch_up(&mut |news| take(state, wall, news)));
        self.trouble = read.err().map(|error| error.to_string());
        self.trouble.is_none()
    }

    /// Puts another log in the place of this one, whole or not at all, and says where the old one is kept: beside it, under the date
    /// of today. `make` makes the new text of the old one.
    pub fn rewrite(&mut self, make: impl FnOnce(&str) -> String) -> Result<PathBuf, LogError> {
        let date = self.today();
        let Some(log) = &mut self.log else { return Err(LogError::Nowhere) };
        let kept = free(&|number| log.beside(&format!("{date}{number}.jsonl")));
        log.rewrite(&kept, make)?;
        self.catch_up();
        Ok(kept)
    }

    /// What is known of the learner.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// This moment.
    pub fn now(&self) -> Stamp {
        self.wall.now()
    }

    /// This day.
    pub fn today(&self) -> Day {
        self.wall.today()
    }

    /// The clock and calendar.
    pub fn wall(&self) -> &Wall {
        &self.wall
    }

    /// The log, where there is one.
    pub fn log(&self) -> Option<&Log> {
        self.log.as_ref()
    }

    /// Takes in what happens now, and writes it down before anything else happens.
    pub fn record(&mut self, event: Event) {
        self.record_all([event]);
    }

    /// Takes in what happens now, several things at once.
    pub fn record_all(&mut self, events: impl IntoIterator<Item = Event>) {
        let now = self.wall.now();
        let fresh: Vec<Record> = events.into_iter().map(|event| Record::new(now, event)).collect();
        if !fresh.is_empty() {
            self.write_with(fresh);
        }
    }

    /// Writes what waits. Says whether everything is written.
    pub fn write(&mut self) -> bool {
        self.waiting.is_empty() || self.write_with(Vec::new())
    }

    /// Writes what waits and then this, and takes it in: after what others wrote meanwhile, which is the order of the log.
    fn write_with(&mut self, fresh: Vec<Record>) -> bool {
        let Store { state, log, wall, waiting, .. } = self;
        let Some(log) = log else {
            for record in fresh {
                fold(state, wall, record);
            }
            return true;
        };
        let lines: String = waiting.iter().chain(&fresh).map(Record::line).collect();
        let mut anew = false;
        let written = log.append(&lines, &mut |news| {
            anew |= news == News::Anew;
            take(state, wall, news);
        });
        // What waits was taken in before, by a state that is gone if another log lies there.
        let again = waiting.iter().filter(|_| anew).cloned();
        for record in again.chain(fresh.iter().cloned()) {
            fold(state, wall, record);
        }
        waiting.extend(fresh);
        self.trouble = written.err().map(|error| self.not_saved(&error));
        if self.trouble.is_none() {
            self.waiting.clear();
        }
        self.trouble.is_none()
    }

    fn not_saved(&self, error: &LogError) -> String {
        let events = match self.waiting.len() {
            1 => "1 event waits".to_string(),
            count => format!("{count} events wait"),
        };
        format!("progress is not saved, {events}: {error}")
    }

    /// Why nothing can be read or written, in a sentence; `None`: it can.
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// How many events are not written yet.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Where a last line without its end was put, if that happened since this was asked last.
    pub fn take_aside(&mut self) -> Option<PathBuf> {
        self.log.as_mut()?.take_aside()
    }

    /// What the log has beside events.
    pub fn findings(&self) -> Findings {
        self.log.as_ref().map_or_else(Findings::default, |log| log.findings().clone())
    }
}

fn take(state: &mut State, wall: &Wall, news: News) {
    match news {
        News::Anew => *state = State::default(),
        News::Line(Line::Record(record)) => fold(state, wall, record),
        News::Line(Line::Later | Line::Broken) => {}
    }
}

fn fold(state: &mut State, wall: &Wall, record: Record) {
    let day = wall.day(record.at);
    state.fold(record, day);
}

/// The first of these files that is not there yet: without a number, or with `-2`, `-3`, ...
fn free(name: &dyn Fn(&str) -> PathBuf) -> PathBuf {
    let numbered = (2..).map(|number| name(&format!("-{number}")));
    std::iter::once(name("")).chain(numbered).find(|path| !path.exists()).unwrap_or_else(|| name(""))
}
