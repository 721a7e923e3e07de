//! Pictures beside, below and inside the stage.

use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::figure::{Grid, Ring};
use super::node::{Row, Tone};
use super::queue::Queue;
use super::quorum::Replies;
use super::track::Tracks;

/// A picture with a title. Screens dock it below or beside the stage; what has a time axis stands over the timeline's columns.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// One or two words; a step of a lesson asks for a panel by them.
    pub title: String,
    /// What it shows.
    pub body: Body,
}

impl Panel {
    /// A panel.
    pub fn new(title: impl Into<String>, body: Body) -> Panel {
        Panel { title: title.into(), body }
    }
}

/// What a panel shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Lines of things that wait.
    Queues(Vec<Queue>),
    /// Tokens, or windows.
    Buckets(Vec<Bucket>),
    /// Numbers against their limits.
    Gauges(Vec<Gauge>),
    /// Facts over time.
    Series(Vec<Series>),
    /// How often each value came.
    Histogram(Histogram),
    /// Names and numbers.
    Table(Table),
    /// The circle of hashes.
    Ring(Ring),
    /// Things that have a place in a row.
    Tracks(Tracks),
    /// Members as cells.
    Grid(Grid),
    /// States over time.
    Strips(Strips),
    /// A quorum, reply by reply.
    Replies(Replies),
    /// Calls within calls.
    Ladder(Ladder),
    /// Sentences with live marks.
    Checklist(Checklist),
}

impl Body {
    /// Whether it stands over the columns of the timeline, where there is one. Strips have a time axis of their own, from the start of
    /// the run: the timeline may show a second of a month.
    pub fn over_time(&self) -> bool {
        matches!(self, Body::Series(_))
    }
}

/// A text in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The text; numbers are aligned at the right.
    pub text: String,
    /// How it is to be seen.
    pub tone: Tone,
    /// Whether it changed at the last event.
    pub changed: bool,
    /// Whether it is a list of which the end counts: where it has too little room, its start is left out.
    pub from_right: bool,
}

impl Entry {
    /// A plain text.
    pub fn new(text: impl Into<String>, tone: Tone) -> Entry {
        Entry { text: text.into(), tone, ..Entry::default() }
    }

    /// A list of which the end counts.
    pub fn from_right(text: impl Into<String>, tone: Tone) -> Entry {
        Entry { from_right: true, ..Entry::new(text, tone) }
    }
}

/// What lets through, and how much.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// `tokens`, `c1`, `window`.
    pub name: String,
    /// How much there is: tokens held, or passed in this window.
    pub held: u32,
    /// At most.
    pub size: u32,
    /// Whether `held` is used up against a limit (windows) instead of left over (tokens).
    pub counts_up: bool,
    /// The share of the way to the next token or window, 0 to 1, and the time left.
    pub next: Option<(f64, Span)>,
    /// A few words: `5/s, burst 10`.
    pub note: String,
    /// What came in the last `window`, oldest first.
    pub passes: Vec<Pass>,
    /// How far `passes` look back.
    pub window: Span,
    /// The fullest stretch, where more passed than may.
    pub worst: Option<Fullest>,
}

/// A stretch of time in which more passed than may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fullest {
    /// How long ago its first passed.
    pub first: Span,
    /// How long ago its last passed.
    pub last: Span,
    /// A few words: `20 in 1s, limit 10`.
    pub says: String,
}

/// One that came to a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pass {
    /// How long ago.
    pub ago: Span,
    /// Whether it was let through.
    pub passed: bool,
}

/// One number against its limit.
#[derive(Clone, Debug, PartialEq)]
pub enum Gauge {
    /// A bar.
    Filled(Level),
    /// Points: `●●○ 2 of 3`.
    Counted {
        /// What is counted: `votes`.
        name: String,
        /// So many there are.
        have: u32,
        /// So many are needed.
        of: u32,
        /// A few words more.
        note: String,
    },
    /// What a time was spent on.
    Parts {
        /// Whose time: `#512 view`.
        name: String,
        /// One after the other.
        parts: Vec<Part>,
    },
}

/// A bar that fills.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Level {
    /// What it is: `busy`.
    pub name: String,
    /// How full, 0 to 1.
    pub share: f64,
    /// The number with its unit: `70 %`, `31 of 40`.
    pub says: String,
    /// How it is to be seen.
    pub tone: Tone,
}

/// A part of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it was spent on.
    pub kind: PartKind,
    /// How long.
    pub took: Span,
    /// In words: `queued at app3`.
    pub word: String,
}

/// What a part of a time was spent on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartKind {
    /// On the way: ─.
    Wire,
    /// In a line: ╌.
    Waiting,
    /// At work: ━.
    Work,
    /// At work elsewhere for it, such as in the database: ═.
    Beyond,
}

/// One fact over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// What it is called: `p99`, `ok`, `lag`.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// Its values, in order of time. Between two it keeps the earlier one.
    pub points: Vec<(Time, f64)>,
    /// The limit that it is seen against.
    pub limit: Option<f64>,
    /// Whether it is the one to look at: it gets more rows.
    pub loud: bool,
}

/// What a number of a series is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// A number of things.
    #[default]
    Count,
    /// Milliseconds. Of several values in one column the greatest is drawn.
    Ms,
    /// So many a second. Of several values in one column the mean is drawn.
    PerSecond,
    /// A share, 0 to 1, drawn as a percentage. Of several values in one column the mean is drawn.
    Share,
}

/// How often each value came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// What is counted: `leaders at once, 1,000 seeds`.
    pub about: String,
    /// The values, in order.
    pub bars: Vec<Bar>,
    /// The bar that is chosen.
    pub chosen: Option<usize>,
    /// Marks under bars: the number of the bar and a word such as `p99`.
    pub marks: Vec<(usize, String)>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The value: `2`, `50 ms`.
    pub label: String,
    /// How often it came.
    pub count: u64,
    /// A few words: `seed 417 at 0.412 s`.
    pub note: String,
    /// How it is to be seen.
    pub tone: Tone,
}

/// Names and numbers, with bars where the rows compare one number.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What stands above the columns, the name's first. Empty for a table without headings.
    pub headings: Vec<String>,
    /// The rows, in a fixed order.
    pub rows: Vec<TableRow>,
    /// How many more there are.
    pub more: usize,
}

/// One row of a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TableRow {
    /// The name first, then a text for each column.
    pub entries: Vec<Entry>,
    /// The length of its bar, in any unit that all rows share.
    pub bar: Option<f64>,
    /// Whether it is the one that is under way, or chosen: ▸.
    pub marked: bool,
    /// The node that it is about.
    pub node: Option<NodeId>,
}

/// States over time, one line a thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strips {
    /// The things, in a fixed order.
    pub lines: Vec<StripLine>,
    /// A line below: `99.9 % allows 43 min, so 13 min are left`.
    pub note: String,
}

/// The states of one thing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StripLine {
    /// What it is: `app1`, `service`.
    pub name: String,
    /// From the earliest on; before the first nothing is known.
    pub stretches: Vec<Stretch>,
    /// A share or sum at the right: `99.31 %  down 5 h`.
    pub note: Row,
}

/// One state from a time on, until the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From when.
    pub from: Time,
    /// Which state.
    pub state: State,
}

/// A state of a thing, from the calm to the loud: where several fall into one cell, the loudest is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It does nothing: ╌.
    Idle,
    /// It works: ━.
    Up,
    /// It is slow: ≈.
    Slow,
    /// It answers wrongly: ?.
    Wrong,
    /// It is down: ✕.
    Down,
}

/// Calls within calls: lanes downward, a row for each moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ladder {
    /// The lanes from left to right.
    pub lanes: Vec<String>,
    /// The rows, in order of time.
    pub rungs: Vec<Rung>,
    /// A line below: `work for nobody: 690 ms`.
    pub note: String,
}

/// One row of a ladder.
#[derive(Clone, Debug, PartialEq)]
pub struct Rung {
    /// When, from the start of the ladder.
    pub at: Span,
    /// What each lane does from then on.
    pub work: Vec<Work>,
    /// A message that is sent then: from lane, to lane, what it says, how it is to be seen.
    pub sent: Option<(usize, usize, String, Tone)>,
    /// A few words at the right: `190 left`.
    pub note: String,
}

/// What a lane of a ladder does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// Nothing.
    #[default]
    Idle,
    /// It waits: ╎.
    Waits,
    /// It works: ┃.
    Works,
    /// It works and nobody waits for it: ▒.
    ForNobody,
    /// It is done: ✓.
    Done,
    /// It failed: ✕.
    Failed,
}

/// Sentences with live marks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checklist {
    /// From top to bottom.
    pub checks: Vec<Check>,
}

/// One sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// [`Tone::Good`]: it holds, ✓; [`Tone::Bad`]: it cannot hold any more or failed, ✕; others: not yet, ·.
    pub tone: Tone,
    /// What.
    pub text: String,
    /// Beside it, such as `100 ▸ 70`.
    pub value: String,
}
