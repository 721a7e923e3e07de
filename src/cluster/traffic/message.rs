//! What goes over the wire, how a request ends, and what is worth a sentence.

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::scene::{FlightKind, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;
use crate::sim::time::Span;

/// What clients ask: one page, as one visitor of many. It changes nothing, so it may be asked again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Who asks, to a rule that goes by the visitor.
    pub visitor: Key,
}

packs!(struct View { visitor });

/// A message.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A user asks the front.
    Ask { request: RequestId, visitor: Key },
    /// The front hands a request to a server.
    Work { call: u32 },
    /// A server asks the database.
    Query { call: u32 },
    /// The answer to either, with so many bytes.
    Done { call: u32, how: How, bytes: u32 },
    /// The front answers a user.
    Told { request: RequestId, how: How, bytes: u32 },
    /// The front looks whether a server lives.
    Check { round: u32 },
    /// It does.
    Fine { round: u32 },
    /// A server is new, or has started again.
    Joins,
    /// The front knows it.
    Joined,
}

/// How a request ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// With its page.
    Served,
    /// The queue of a server, or of the database, was full.
    Full,
    /// A server answered with an error.
    Error,
    /// The front heard nothing from the server in time.
    Late,
    /// The front knew no server that it may use.
    Nobody,
}

impl How {
    /// Every bad end with the words for it.
    pub const BAD: [(How, &'static str); 4] = [
        (How::Full, "a queue is full"),
        (How::Error, "the server answered with an error"),
        (How::Late, "the server did not answer in time"),
        (How::Nobody, "no server may be used"),
    ];

    /// The words for a bad end.
    pub fn says(self) -> &'static str {
        How::BAD.iter().find(|(how, _)| *how == self).map_or("ok", |(_, says)| says)
    }
}

/// Bytes of every message beside what it carries.
pub(super) const HEADER: u64 = 100;

/// The kinds of messages, in the order of their numbers in a trace.
pub(super) const KINDS: [FlightKind; 9] = [
    FlightKind::new(Sign::Request, "request"),
    FlightKind::new(Sign::Request, "work"),
    FlightKind::new(Sign::Data, "query"),
    FlightKind::new(Sign::Reply, "answer"),
    FlightKind::new(Sign::Reply, "error"),
    FlightKind::new(Sign::Heartbeat, "health check"),
    FlightKind::new(Sign::Heartbeat, "sign of life"),
    FlightKind::new(Sign::Vote, "joins"),
    FlightKind::new(Sign::Vote, "joined"),
];
/// The number of a request that the front hands to a server.
pub(super) const WORK: u8 = 1;
/// The number of an answer with a page.
pub(super) const ANSWER: u8 = 3;
/// The number of an answer without one.
pub(super) const ERROR: u8 = 4;
/// The number of a health check; its answer has the next.
pub(super) const CHECK: u8 = 5;

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Ask { .. } => 0,
            Msg::Work { .. } => WORK,
            Msg::Query { .. } => 2,
            Msg::Done { how: How::Served, .. } | Msg::Told { how: How::Served, .. } => ANSWER,
            Msg::Done { .. } | Msg::Told { .. } => ERROR,
            Msg::Check { .. } => CHECK,
            Msg::Fine { .. } => CHECK + 1,
            Msg::Joins => CHECK + 2,
            Msg::Joined => CHECK + 3,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Msg::Done { bytes, .. } | Msg::Told { bytes, .. } => HEADER + u64::from(*bytes),
            _ => HEADER,
        }
    }
}

impl Msg {
    /// What it says, short.
    pub fn label(&self) -> String {
        match self {
            Msg::Ask { visitor, .. } => format!("view, {visitor}"),
            Msg::Work { .. } => "work".into(),
            Msg::Query { .. } => "query".into(),
            Msg::Done { how: How::Served, .. } | Msg::Told { how: How::Served, .. } => "ok".into(),
            Msg::Done { how, .. } | Msg::Told { how, .. } => how.says().into(),
            Msg::Check { .. } => "check".into(),
            Msg::Fine { .. } => "alive".into(),
            Msg::Joins => "joins".into(),
            Msg::Joined => "joined".into(),
        }
    }
}

/// The timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The oldest call has waited long enough.
    Tries,
    /// Look at every server.
    Check,
    /// Whoever has not answered the check by now has missed it.
    Missed,
    /// Learn how much every server has.
    News,
    /// A server is warm.
    Warm,
    /// A server has had as long to finish as it may.
    Drain,
    /// The front has not said that it knows this server.
    Join,
    /// Look whether there are too few or too many servers.
    Scale,
}

/// What is worth a sentence.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A server missed so many checks: the front sends it nothing.
    Out { server: NodeId, missed: u32 },
    /// It answered a check again.
    Back { server: NodeId },
    /// It gets nothing new, and has so many requests to finish.
    Drains { server: NodeId, left: u32 },
    /// It was taken out, and so many requests died with it; so many were not answered in time while it drained.
    TakenOut { server: NodeId, died: u32, late: u32 },
    /// It starts, and will be warm after some time.
    Starts { server: NodeId, warm_in: Span },
    /// It is warm: it gets its share.
    Warm { server: NodeId },
    /// The autoscaler wants so many servers, and has so many; the share of the workers that were busy.
    Scales { from: u32, to: u32, busy: f64 },
}

impl Note {
    /// A sentence, and how it shows on the lane of the node that took it. `name` is how servers are called.
    pub fn say(&self, name: impl Fn(NodeId) -> String) -> (String, NoteMark) {
        match self {
            Note::Out { server, missed } => {
                (format!("{} missed {missed} checks in a row: it gets nothing new", name(*server)), NoteMark::Discards)
            }
            Note::Back { server } => (format!("{} answers its checks again", name(*server)), NoteMark::Applies),
            Note::Drains { server, left } => {
                (format!("{} gets nothing new and finishes the {left} it has", name(*server)), NoteMark::Decides)
            }
            Note::TakenOut { server, died: 0, late: 0 } => (format!("{} has finished and is taken out", name(*server)), NoteMark::Applies),
            Note::TakenOut { server, died: 0, late } => {
                (format!("{} is taken out; it did not answer {late} requests in time", name(*server)), NoteMark::Discards)
            }
            Note::TakenOut { server, died, .. } => {
                (format!("{} is taken out, and {died} requests die with it", name(*server)), NoteMark::Discards)
            }
            Note::Starts { server, warm_in } => (format!("{} starts and is warm in {warm_in}", name(*server)), NoteMark::Decides),
            Note::Warm { server } => (format!("{} is warm and gets its share", name(*server)), NoteMark::Applies),
            Note::Scales { from, to, busy } => {
                let verb = if to > from { "adds" } else { "removes" };
                (format!("workers are {:.0} % busy: the autoscaler {verb} {}", busy * 100.0, to.abs_diff(*from)), NoteMark::Decides)
            }
        }
    }
}
