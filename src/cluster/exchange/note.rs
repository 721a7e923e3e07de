//! What is worth a sentence.

use crate::cluster::NoteMark;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

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
    /// The server has stored a message; who listens and was told of a later number already will not be told of it.
    Stored { message: Message, skipped: Vec<NodeId> },
    /// A client shows a message.
    Shown { id: u64, of: (NodeId, u32) },
    /// The server will tell a client what comes after this one.
    Joined { client: NodeId, after: u64 },
    /// A client has a line.
    LineUp,
    /// A client has noticed that its line is gone, after so long without a sign of life.
    LineDown { silent: Span },
    /// A client gave a message to its line, and nobody says more.
    Handed { of: (NodeId, u32) },
    /// A trip brought nothing.
    Empty,
    /// The name of the customer of the page was changed for this time.
    Renamed,
    /// A page is there.
    Page(Box<Loaded>),
    /// The server has read all that a query needs.
    Read { queries: u64, repeats: bool, rows: u64, stale: u64, depth: u32, cost: u64 },
    /// The server asked the database for a resource.
    Asked,
    /// The server refuses a query.
    TooMuch { why: String },
    /// A call begins at its caller, which waits for so long, until then.
    Called { click: (NodeId, u32), within: Option<Span>, until: Option<Time> },
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
    /// From the click to the first answer.
    pub first: Span,
    /// From the click to the last.
    pub last: Span,
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(
            self,
            Note::Shown { .. }
                | Note::Empty
                | Note::Asked
                | Note::Called { .. }
                | Note::Works { .. }
                | Note::Passes { .. }
                | Note::Rests { stopped: false, .. }
        )
    }

    /// How it shows on the lane.
    pub fn mark(&self) -> NoteMark {
        match self {
            Note::Stored { .. } | Note::Charged { .. } => NoteMark::Applies,
            Note::LineDown { .. } | Note::GivesUp { .. } | Note::Rests { stopped: true, .. } => NoteMark::Discards,
            Note::LineUp | Note::GoesAway | Note::Retry { .. } => NoteMark::Decides,
            Note::TooMuch { .. } => NoteMark::Refuses,
            _ => NoteMark::Small,
        }
    }

    /// One sentence about the node of this name; `called` names nodes.
    pub fn text(&self, who: &str, called: impl Fn(NodeId) -> String) -> String {
        match self {
            Note::Again { to, behind: 0 } => format!("{who} sends a segment to {} again", called(*to)),
            Note::Again { to, behind } => format!("{who} sends a segment to {} again; {behind} wait behind it", called(*to)),
            Note::Stalled { from, streams } => {
                format!("{who} has what was missing of {}: {streams} other streams have waited for it", called(*from))
            }
            Note::GivesUp { to } => format!("{who} gives its connection to {} up", called(*to)),
            Note::Stored { message, .. } => format!("{who} stores message {} of {}", message.id, message.from),
            Note::Shown { id, .. } => format!("{who} shows message {id}"),
            Note::Joined { client, after } => format!("{client} listens to what comes after message {after}"),
            Note::LineUp => format!("{who} has a line"),
            Note::LineDown { silent } => format!("{who} notices that its line is gone, after {silent} without a sign of life"),
            Note::Handed { .. } => format!("{who} gave a message to its line; send has returned"),
            Note::Empty => format!("{who} asked and there was nothing new"),
            Note::Renamed => format!("{who} gives the customer another name"),
            Note::Page(page) => format!("{who} has its page after {}: {} requests in {} rounds", page.last, page.requests, page.rounds),
            Note::Read { queries, rows, .. } => format!("{who} has read {rows} rows with {queries} queries"),
            Note::Asked => format!("{who} asked the database"),
            Note::TooMuch { why } => format!("{who} refuses a query: {why}"),
            Note::Called { click, .. } => format!("{who} makes call {}", click.1),
            Note::Ended { click, end, last, .. } => match end {
                End::Done => format!("{who} has the answer to call {} after {last}", click.1),
                End::Deadline => format!("the time of call {} of {who} is over after {last}", click.1),
                End::Failed => format!("call {} of {who} has failed after {last}", click.1),
            },
            Note::Retry { click } => format!("{who} tries call {} again", click.1),
            Note::Works { click, .. } => format!("{who} works on call {}", click.1),
            Note::Rests { click, stopped: true, .. } => format!("{who} stops work on call {}: nobody wants it", click.1),
            Note::Rests { click, .. } => format!("{who} is done with call {}", click.1),
            Note::Passes { click } => format!("{who} passes call {} on", click.1),
            Note::Charged { click } => format!("{who} charges for call {}", click.1),
            Note::GoesAway => format!("{who} goes away: it takes no new streams"),
        }
    }
}
