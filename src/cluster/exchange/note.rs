//! What is worth a sentence.

use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::calls::BURST_MOST;
use super::frame::Message;

/// What a node did.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// It sends a segment again, and so many wait behind it.
    Again { to: NodeId, behind: usize },
    /// A segment came that was missing: frames of so many other streams waited for it.
    Stalled { from: NodeId, streams: usize },
    /// It gives a connection up.
    GivesUp { to: NodeId },
    /// The server has stored a message.
    Stored { message: Message },
    /// A client shows a message.
    Shown { id: u64, of: (NodeId, u32) },
    /// The server will tell a client what comes after this one.
    Joined { client: NodeId, after: u64 },
    /// A client has a line.
    LineUp,
    /// A client has noticed that its line is gone, after so long without a sign of life.
    LineDown { silent: Span },
    /// The server has closed the line of a client, for this reason.
    LineClosed { code: u16 },
    /// A client leaves a message out that came: by its number it has it.
    Dropped { id: u64, of: (NodeId, u32) },
    /// A client gave a message to its line, and nobody says more.
    Handed { of: (NodeId, u32) },
    /// A trip brought nothing.
    Empty,
    /// The name of the customer of the page was changed for this time.
    Renamed,
    /// A client begins to load a page.
    Loads { request: RequestId },
    /// A page is there.
    Page(Box<Loaded>),
    /// The server has read all that a query needs, and asked so often for the place that it asked for most often.
    Read { queries: u64, most: u64, rows: u64, depth: u32, cost: u64 },
    /// The server asks the database.
    Asks,
    /// The server refuses a query.
    TooMuch { why: String },
    /// A call begins at its caller, which waits for so long.
    Called { click: (NodeId, u32), deadline: Option<Span> },
    /// It has ended at its caller: how long it took, to the first and to the last byte, whether it stood behind others.
    Ended { click: (NodeId, u32), end: End, first: Span, last: Span, stood: bool },
    /// A call is tried again.
    Retry { click: (NodeId, u32) },
    /// A server has a call from now on.
    Works { job: u32, click: (NodeId, u32) },
    /// It asks the next server for it.
    Passes { click: (NodeId, u32) },
    /// It is done with it, or stops.
    Rests { job: u32, click: (NodeId, u32), stopped: bool },
    /// A call had its effect.
    Charged { click: (NodeId, u32) },
    /// A server goes away.
    GoesAway,
    /// The program of a server is closed and opened again.
    Reloads,
}

/// So many of these.
pub(super) fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn queried(count: u64) -> String {
    if count == 1 { "1 query".to_string() } else { format!("{count} queries") }
}

/// The number of a call as it is said: the first request of the run is 1; calls that were made at once are told apart by a second number.
fn number((_, number): (NodeId, u32)) -> String {
    match (u64::from(number / BURST_MOST) + 1, number % BURST_MOST) {
        (request, 0) => request.to_string(),
        (request, more) => format!("{request}.{}", more + 1),
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Well.
    Done,
    /// Its time was over.
    Deadline,
    /// Otherwise.
    Failed,
}

/// What loading a page took.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// Which request it was.
    pub request: RequestId,
    /// What was asked for.
    pub page: super::settings::Page,
    /// The field that could not be read, where something is missing.
    pub failing: Option<std::sync::Arc<str>>,
    /// Requests, those that a cache answered not counted.
    pub requests: u32,
    /// Rounds of trips.
    pub rounds: u32,
    /// Answers out of the cache.
    pub hits: u32,
    /// Bytes of bodies that came.
    pub bytes: u64,
    /// Bytes that the page needed.
    pub wanted: u64,
    /// Bytes of the query.
    pub query: u64,
    /// Missing parts.
    pub errors: u64,
    /// The oldest version of the name that can be changed, where it is in the page: how often it had been changed.
    pub name: Option<u32>,
    /// From the click to the first answer.
    pub first: Span,
    /// From the click to the last.
    pub last: Span,
}

impl Loaded {
    /// The name that can be changed is in it, in this version.
    pub fn has(&mut self, name: Option<u32>) {
        self.name = self.name.into_iter().chain(name).min();
    }
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(
            self,
            Note::Shown { .. }
                | Note::Empty
                | Note::Asks
                | Note::Loads { .. }
                | Note::Dropped { .. }
                | Note::Called { .. }
                | Note::Works { .. }
                | Note::Passes { .. }
                | Note::Rests { stopped: false, .. }
        )
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Stored { .. } | Note::Charged { .. } => NoteMark::Applies,
            Note::LineDown { .. } | Note::LineClosed { .. } | Note::GivesUp { .. } | Note::Rests { stopped: true, .. } => {
                NoteMark::Discards
            }
            Note::LineUp | Note::GoesAway | Note::Reloads | Note::Retry { .. } => NoteMark::Decides,
            Note::TooMuch { .. } => NoteMark::Refuses,
            _ => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, called: Names<'_>) -> String {
        let who = called(who);
        match self {
            Note::Again { to, behind: 0 } => format!("{who} sends a segment to {} again", called(*to)),
            Note::Again { to, behind } => format!("{who} sends a segment to {} again; {behind} wait behind it", called(*to)),
            Note::Stalled { from, streams } => {
                let have = if *streams == 1 { "has" } else { "have" };
                format!(
                    "{who} has what was missing of {}: {} {have} waited for it",
                    called(*from),
                    counted(*streams as u64, "other stream")
                )
            }
            Note::GivesUp { to } => format!("{who} gives its connection to {} up", called(*to)),
            Note::Stored { message } => format!("{who} stores message {} of {}", message.id, message.from),
            Note::Shown { id, .. } => format!("{who} shows message {id}"),
            Note::Joined { client, after } => format!("{client} listens to what comes after message {after}"),
            Note::LineUp => format!("{who} has a line"),
            Note::LineDown { silent } => format!("{who} notices that its line is gone, after {silent} without a sign of life"),
            Note::LineClosed { code: 1001 } => format!("{who} is told that the server goes away: its line is closed"),
            Note::LineClosed { code } => format!("{who} is told that its line is closed ({code})"),
            Note::Dropped { id, .. } => format!("{who} leaves message {id} out: by its number it has it"),
            Note::Handed { .. } => format!("{who} gave a message to its line; send has returned"),
            Note::Empty => format!("{who} asked and there was nothing new"),
            Note::Renamed => format!("{who} gives the customer another name"),
            Note::Page(page) => {
                let (requests, rounds) = (counted(page.requests.into(), "request"), counted(page.rounds.into(), "round"));
                format!("{who} has its page after {}: {requests} in {rounds}", page.last)
            }
            Note::Read { queries, rows, .. } => format!("{who} has read {} with {}", counted(*rows, "row"), queried(*queries)),
            Note::Loads { .. } => format!("{who} needs a page"),
            Note::Asks => format!("{who} asks the database"),
            Note::TooMuch { why } => format!("{who} refuses a query: {why}"),
            Note::Called { click, .. } => format!("{who} makes call {}", number(*click)),
            Note::Ended { click, end, last, .. } => match end {
                End::Done => format!("{who} has the answer to call {} after {last}", number(*click)),
                End::Deadline => format!("the time of call {} of {who} is over after {last}", number(*click)),
                End::Failed => format!("call {} of {who} has failed after {last}", number(*click)),
            },
            Note::Retry { click } => format!("{who} tries call {} again", number(*click)),
            Note::Works { click, .. } => format!("{who} works on call {}", number(*click)),
            Note::Rests { click, stopped: true, .. } => format!("{who} stops work on call {}: nobody wants it", number(*click)),
            Note::Rests { click, .. } => format!("{who} is done with call {}", number(*click)),
            Note::Passes { click } => format!("{who} passes call {} on", number(*click)),
            Note::Charged { click } => format!("{who} charges for call {}", number(*click)),
            Note::GoesAway => format!("{who} goes away: it takes no new streams"),
            Note::Reloads => format!("{who} is closed and opened again: it ends what it has begun, and tells all that are connected"),
        }
    }
}
