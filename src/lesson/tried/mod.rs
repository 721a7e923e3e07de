//! What was tried at a step: the branches of its run as rows, each with what was done in it, and what came of it.
//!
//! A row is a stretch of pokes without a fork in it; it ends where one is, and at a name. Pokes are numbered as they were made, those of the
//! lesson included, and a number stands for what was done up to that poke and nothing after it: it stays what it is however the tree grows.
//! A row has the number of its last poke.

mod outcome;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::sim::time::Time;
use crate::timeline::{BranchId, PokeAt, Seen};

pub use outcome::{Asks, Broken, Change, Outcome, asked_about, in_words};

/// The most outcomes that are kept of a tree: as many as are looked at in one sitting, and little to work out again.
pub const OUTCOMES_MAX: usize = 1024;

/// Everything that was tried, in the order in which it is drawn: a row, then what was tried after it, the newest first.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The rows; the first is the start of the run.
    pub rows: Vec<Row>,
    /// The row on which one is.
    pub here: usize,
    /// The moment on the clock.
    pub now: Time,
    /// How many ends there are: rows after which nothing was tried.
    pub ends: usize,
    /// How many pokes nobody's script did.
    pub own: usize,
}

/// One stretch of a branch.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own about a line")]
pub struct Row {
    /// The branch of its first poke.
    pub id: BranchId,
    /// The branch of its last poke, which gives its number.
    pub last: BranchId,
    /// The row that it goes on from; `None` for the start.
    pub parent: Option<usize>,
    /// Whether others go on from there too.
    pub forked: bool,
    /// Whether it is the last of those.
    pub is_last: bool,
    /// How many forks lie before it.
    pub level: usize,
    /// How many rows go on from it.
    pub children: usize,
    /// Its pokes in order, with their branches; none at the start.
    pub pokes: Vec<(BranchId, PokeAt)>,
    /// Whether the lesson did them.
    pub given: bool,
    /// What the learner calls its end.
    pub name: Option<Arc<str>>,
    /// Whether it is on the path that is being played.
    pub on_path: bool,
    /// How far it was seen with nothing done after it.
    pub end: Seen,
    /// Where the step opens, if it does on this row.
    pub opens: Option<(u64, Time)>,
}

/// A place on a row to go to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point<'r> {
    /// After which event.
    pub events: u64,
    /// The time on the clock.
    pub at: Time,
    /// What is there.
    pub what: What<'r>,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum What<'r> {
    /// The start of the run.
    Start,
    /// The step opens.
    Opens,
    /// This was just done; its number.
    Poke(u32, &'r PokeAt),
    /// It was seen no further.
    End,
}

impl Row {
    /// Its number: that of its last poke; 0 for the start.
    pub fn number(&self) -> u32 {
        self.last.0
    }

    /// The places on it, in order.
    pub fn points(&self) -> Vec<Point<'_>> {
        let start = (self.id == BranchId(0)).then_some(Point { events: 0, at: Time::ZERO, what: What::Start });
        let pokes = self.pokes.iter().map(|(id, poke)| Point { events: poke.event, at: poke.at, what: What::Poke(id.0, poke) });
        let mut points: Vec<Point<'_>> = start.into_iter().chain(pokes).collect();
        points.extend(self.opens.map(|(events, at)| Point { events, at, what: What::Opens }));
        let end = Point { events: self.end.events, at: self.end.at, what: What::End };
        if points.last().is_none_or(|last| (last.events, last.at) < (end.events, end.at)) {
            points.push(end);
        }
        points
    }

    /// When it begins: at its first poke.
    pub fn begins(&self) -> Time {
        self.pokes.first().map_or(Time::ZERO, |(_, poke)| poke.at)
    }
}

impl Tried {
    /// The row that holds a poke, by its number, and the branch of that poke.
    pub fn find(&self, number: u32) -> Option<(usize, BranchId)> {
        let id = BranchId(number);
        let holds = |row: &Row| row.id == id || row.pokes.iter().any(|(poke, _)| *poke == id);
        self.rows.iter().position(holds).map(|row| (row, id))
    }

    /// The row whose name this is.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.rows.iter().position(|row| row.name.as_deref() == Some(name))
    }

    /// What is said of a row in a few words: its name, or its number.
    pub fn label(&self, row: usize) -> String {
        match self.rows.get(row) {
            Some(Row { name: Some(name), .. }) => format!("\"{name}\""),
            Some(row) if row.number() == 0 => "the start".to_string(),
            Some(row) => format!("branch {}", row.number()),
            None => String::new(),
        }
    }

    /// What a branch is called: as the row that ends with it, or by its number.
    pub fn called(&self, branch: BranchId) -> String {
        match self.rows.iter().position(|row| row.last == branch) {
            Some(row) => self.label(row),
            None => format!("branch {}", branch.0),
        }
    }

    /// The label of a row at the start of a sentence.
    pub fn heading(&self, row: usize) -> String {
        capital(&self.label(row))
    }
}

/// A text that begins with a capital.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
