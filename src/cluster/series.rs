//! Series: what facts were over virtual time, for charts and for conditions such as `max_over(lag_ms_max, 10s)`.
//!
//! Samples lie on multiples of [`EVERY`], whatever happens between them: a sample that waited for an event would weigh the quiet
//! before it too much. One is taken after the last event up to such a time, and one before the event that ends a while in which nothing
//! happened, stamped with the multiple before it; between two samples the earlier one counts. So the samples hang on the events alone,
//! never on how a run is driven, and long idleness costs two of them. What is older is kept in coarser pieces: of a busy run, a piece is
//! at most about a tenth as long as it is long ago, so that a series stays small however long a run is.

use std::fmt;
use std::sync::Arc;

use imbl::Vector;

use super::condition::one_of;
use super::facts::FactValue;
use crate::sim::time::{Span, Time};

/// Virtual time from one sample to the next.
pub const EVERY: Span = Span::ms(50);
/// Pieces on one shelf; when there are more, the oldest goes to the next, where pieces are twice as long.
const SHELF: usize = 32;
/// Shelves of one track: the last has pieces of some 29 hours. What falls off it is forgotten, after more than a month.
const SHELVES: usize = 22;
/// Tracks of one series at most: a fact with more names than this has a series of the first of them.
const TRACKS_MAX: usize = 64;

/// What is asked of a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// The greatest value.
    Max,
    /// The least.
    Min,
    /// The mean over the time.
    Mean,
    /// The value at its start.
    At,
}

/// A question to a series: something of one fact in a while up to now. Displays as it is written in a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// What.
    pub how: How,
    /// Of which fact.
    pub fact: &'static str,
    /// By which name, of a fact with a number for each name.
    pub key: Option<Arc<str>>,
    /// How long the while is; more than nothing.
    pub span: Span,
}

/// The samples of some facts of one run. A clone shares what is old.
#[derive(Clone, Debug)]
pub struct Series {
    /// Before the first event from then on, a sample is taken.
    due: Time,
    /// Whether something has happened since the last sample, so that one is due without any event too.
    happened: bool,
    tracks: Vec<Track>,
}

/// One number over time.
#[derive(Clone, Debug)]
struct Track {
    fact: &'static str,
    key: Option<Arc<str>>,
    /// The last value, and since when it counts.
    last: (Time, Option<f64>),
    /// From new to old.
    shelves: Vec<Vector<Piece>>,
}

/// A piece of the past of one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Piece {
    /// From when.
    pub from: Time,
    /// Until when.
    pub to: Time,
    /// The value at its start; `None` where there was none.
    pub first: Option<f64>,
    /// The least value in it.
    pub least: f64,
    /// The greatest.
    pub most: f64,
    /// The sum of value times nanoseconds.
    area: f64,
    /// For how long there was a value.
    known: Span,
}

impl Series {
    /// Of these facts, from the start of a run on.
    pub fn new(facts: &[&'static str]) -> Series {
        let due = if facts.is_empty() { Time::END } else { Time::ZERO };
        Series { due, happened: true, tracks: Vec::new() }
    }

    /// When a sample must be taken before the clock goes on to `t`, at which an event happens or not. To be asked
    /// again after the sample, until there is none.
    #[inline]
    pub fn due(&self, t: Time, is_event: bool) -> Option<Time> {
        match (self.due < t, self.happened, is_event) {
            (true, true, _) => Some(self.due),
            (true, false, true) => Some(t),
            _ => None,
        }
    }

    /// Notes that something happened at `now`: what follows may be another value. Samples before it are taken already, or
    /// are not due any more.
    #[inline]
    pub fn event(&mut self, now: Time) {
        (self.happened, self.due) = (true, self.due.max(on_grid_from(now)));
    }

    /// Takes a sample of every fact at this time, which [`Series::due`] said.
    pub fn sample(&mut self, at: Time, values: &[(&'static str, FactValue)]) {
        let (now, at) = (at, Time(at.0 - at.0 % EVERY.0));
        for track in &mut self.tracks {
            let value = values.iter().find(|(fact, _)| *fact == track.fact);
            track.sample(at, value.and_then(|(_, value)| value.number(track.key.as_deref())));
        }
        for (fact, value) in values {
            match value {
                FactValue::Named(numbers) => numbers.iter().for_each(|(name, x)| self.begin(fact, Some(name), *x, at)),
                value => value.number(None).into_iter().for_each(|x| self.begin(fact, None, x, at)),
            }
        }
        let next = if self.happened { at + EVERY } else { on_grid_from(now) };
        (self.due, self.happened) = (next, false);
    }

    /// A track for a number that was not there before.
    fn begin(&mut self, fact: &'static str, key: Option<&String>, value: f64, at: Time) {
        let key = key.map(String::as_str);
        if self.tracks.len() < TRACKS_MAX && self.track(fact, key).is_none() {
            self.tracks.push(Track { fact, key: key.map(Arc::from), last: (at, Some(value)), shelves: Vec::new() });
        }
    }

    fn track(&self, fact: &str, key: Option<&str>) -> Option<&Track> {
        self.tracks.iter().find(|track| track.fact == fact && track.key.as_deref() == key)
    }

    /// The answer at `now`, when the number is `value`; `None` where there was no value, or nothing is known.
    pub fn answer(&self, over: &Over, now: Time, value: Option<f64>) -> Option<f64> {
        let track = self.track(over.fact, over.key.as_deref());
        let start = Time(now.0.saturating_sub(over.span.0));
        if over.how == How::At {
            return if now.0 < over.span.0 { None } else { track?.at(start) };
        }
        let latest = value.filter(|x| !x.is_nan());
        let all = track.map(|track| track.pieces(now)).into_iter().flatten().take_while(|piece| piece.to > start);
        match over.how {
            How::Max => all.filter(|piece| piece.known > Span::ZERO).map(|piece| piece.most).chain(latest).reduce(f64::max),
            How::Min => all.filter(|piece| piece.known > Span::ZERO).map(|piece| piece.least).chain(latest).reduce(f64::min),
            How::Mean | How::At => mean(all, start).or(latest),
        }
    }

    /// The past of one number up to `now`, from new to old.
    pub fn pieces(&self, fact: &str, key: Option<&str>, now: Time) -> impl Iterator<Item = Piece> {
        self.track(fact, key).map(|track| track.pieces(now)).into_iter().flatten()
    }
}

/// The first multiple of [`EVERY`] that is not before `t`.
fn on_grid_from(t: Time) -> Time {
    Time(t.0.div_ceil(EVERY.0).saturating_mul(EVERY.0))
}

/// The mean over the time from `start` on for which there was a value.
fn mean(pieces: impl Iterator<Item = Piece>, start: Time) -> Option<f64> {
    let (mut area, mut known) = (0.0, 0.0);
    for piece in pieces {
        let part = piece.to.since(piece.from.max(start)).0 as f64 / piece.to.since(piece.from).0.max(1) as f64;
        area += piece.area * part;
        known += piece.known.0 as f64 * part;
    }
    (known > 0.0).then(|| area / known)
}

impl Track {
    /// A value that stays as it is goes on as one piece.
    fn sample(&mut self, at: Time, value: Option<f64>) {
        let (from, last) = self.last;
        let value = value.filter(|x| !x.is_nan());
        if value == last {
            return;
        }
        if at > from {
            self.put(Piece::held(from, at, last), 0);
        }
        self.last = (at, value);
    }

    /// Puts a piece on a shelf: with the newest there while that is short. What is too much goes on to the next shelf.
    fn put(&mut self, piece: Piece, level: usize) {
        if level == self.shelves.len() {
            self.shelves.push(Vector::new());
        }
        let row = &mut self.shelves[level];
        let length = Span(EVERY.0 << level);
        match row.back_mut().filter(|newest| newest.to.since(newest.from) < length) {
            Some(newest) if level > 0 => newest.join(&piece),
            _ => row.push_back(piece),
        }
        let spare = if row.len() > SHELF { row.pop_front() } else { None };
        if let Some(spare) = spare.filter(|_| level + 1 < SHELVES) {
            self.put(spare, level + 1);
        }
    }

    /// From new to old.
    fn pieces(&self, now: Time) -> impl Iterator<Item = Piece> {
        let (from, value) = self.last;
        let newest = (now > from).then(|| Piece::held(from, now, value));
        newest.into_iter().chain(self.shelves.iter().flat_map(|row| row.iter().rev().copied()))
    }

    /// The value at `t`, as far as it is known.
    fn at(&self, t: Time) -> Option<f64> {
        if t >= self.last.0 {
            return self.last.1;
        }
        self.shelves.iter().flat_map(|row| row.iter().rev()).find(|piece| piece.from <= t)?.first
    }
}

impl Piece {
    /// From one time to another there was one value, or none.
    fn held(from: Time, to: Time, value: Option<f64>) -> Piece {
        let length = to.since(from);
        match value {
            Some(x) => Piece { from, to, first: value, least: x, most: x, area: x * length.0 as f64, known: length },
            None => Piece { from, to, first: None, least: f64::INFINITY, most: f64::NEG_INFINITY, area: 0.0, known: Span::ZERO },
        }
    }

    /// Takes in the piece that comes after it.
    fn join(&mut self, later: &Piece) {
        self.to = later.to;
        self.least = self.least.min(later.least);
        self.most = self.most.max(later.most);
        self.area += later.area;
        self.known = self.known + later.known;
    }

    /// The mean of the values in it; `None` where there was none.
    pub fn mean(&self) -> Option<f64> {
        (self.known > Span::ZERO).then(|| self.area / self.known.0 as f64)
    }
}

impl How {
    /// The function of this name in conditions.
    pub(super) fn named(name: &str) -> Option<How> {
        [How::Max, How::Min, How::Mean, How::At].into_iter().find(|how| how.name() == name)
    }

    /// The name of its function.
    pub const fn name(self) -> &'static str {
        match self {
            How::Max => "max_over",
            How::Min => "min_over",
            How::Mean => "mean_over",
            How::At => "at",
        }
    }
}

impl fmt::Display for Over {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.key.as_deref().map_or_else(|| self.fact.to_string(), |key| one_of(self.fact, key));
        write!(f, "{}({of}, {})", self.how.name(), self.span)
    }
}

#[cfg(test)]
mod tests;
