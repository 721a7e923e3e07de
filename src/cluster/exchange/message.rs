//! What goes over the wire, what clients ask, and what they are told.

use std::fmt;

use crate::check::operation::Key;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::protocol::Wire;
use crate::sim::time::Span;

use super::frame::{Frame, Says, Socket};
use super::tcp::Conn;

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A segment of a connection.
    Segment(Segment),
    /// A question to the database: its number, and how many rows it reads.
    Read(u32, u64),
    /// The database has read so many rows.
    Rows(u32, u64),
}

/// A segment of a connection.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Of which.
    pub conn: Conn,
    /// What it is.
    pub what: What,
}

/// What a segment is.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A connection is opened.
    Syn,
    /// It is accepted.
    SynAck,
    /// The frame with this number.
    Data(u32, Frame),
    /// The number of the frame that is waited for.
    Ack(u32),
    /// There is no such connection.
    Reset,
}

/// The bytes of the headers of IPv4 and TCP without options.
const TCP_IP: u64 = 40;
/// A question to the database and the head of its answer, in bytes, and each row.
const QUESTION: u64 = 120;
const ROW: u64 = 200;

/// The number of a connection that is opened.
pub(super) const SYN: u8 = 1;
/// That of a request.
const REQUEST: u8 = 3;

/// Whether a kind is about a connection, and no part of what is told on it.
pub(super) fn is_beside(kind: u8) -> bool {
    let kind = Msg::on_stage(kind);
    kind.sign.is_quiet() || ["connect", "connection"].contains(&kind.word)
}

/// Whether a kind is that of a request.
pub(super) fn is_request(kind: u8) -> bool {
    kind == REQUEST
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Segment(segment) => segment.what.kind(),
            Msg::Read(..) => 10,
            Msg::Rows(..) => 11,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Msg::Segment(segment) => TCP_IP + if let What::Data(_, frame) = &segment.what { frame.bytes() } else { 0 },
            Msg::Read(..) => QUESTION,
            Msg::Rows(_, rows) => QUESTION + ROW * rows,
        }
    }
}

/// Whether the death of a message of this kind is too common to stop at.
pub(super) fn is_quiet(kind: u8) -> bool {
    Msg::on_stage(kind).sign.is_quiet()
}

impl What {
    fn kind(&self) -> u8 {
        match self {
            What::Ack(_) => 0,
            What::Syn => SYN,
            What::SynAck => 12,
            What::Reset => 2,
            What::Data(_, frame) => match &frame.says {
                Says::Ask { .. } => REQUEST,
                Says::Tell { .. } => 4,
                Says::Piece { .. } => 5,
                Says::Credit { .. } => 6,
                Says::Cancel { .. } => 7,
                Says::Event(_, None) | Says::Socket(Socket::Ping | Socket::Pong) => 9,
                Says::GoAway { .. } => 13,
                Says::Fin | Says::Socket(Socket::Close(_)) => 14,
                Says::Hello | Says::Preface(_) | Says::Settings(_) | Says::Resize(_) | Says::SettingsAck => 12,
                Says::Event(..) | Says::Socket(_) => 8,
            },
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Ack, "ack", "TCP: which frame is waited for"),
        MessageDoc::new(Sign::Vote, "connect", "TCP: a connection is opened"),
        MessageDoc::new(Sign::Vote, "reset", "TCP: there is no such connection"),
        MessageDoc::new(Sign::Request, "request", "the app asks"),
        MessageDoc::new(Sign::Reply, "answer", "the server answers"),
        MessageDoc::new(Sign::Data, "data", "a piece of a larger answer"),
        MessageDoc::new(Sign::Ack, "window", "how much more may be sent (flow control)"),
        MessageDoc::new(Sign::Vote, "cancel", "nobody waits for that any more"),
        MessageDoc::new(Sign::Data, "message", "a message on an open line"),
        MessageDoc::new(Sign::Heartbeat, "ping", "is the line still alive? and the answer to that"),
        MessageDoc::new(Sign::Request, "query", "a server asks the database"),
        MessageDoc::new(Sign::Reply, "rows", "what the database has read"),
        MessageDoc::new(Sign::Vote, "connection", "what opens or sets up a connection"),
        MessageDoc::new(Sign::Vote, "goaway", "HTTP/2: no new streams are taken on this connection"),
        MessageDoc::new(Sign::Vote, "close", "nothing more comes on this connection, or the close frame of a WebSocket"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Read(_, rows) => format!("read {rows}"),
            Msg::Rows(_, rows) => format!("{rows} rows"),
            Msg::Segment(segment) => match &segment.what {
                What::Syn => "syn".to_string(),
                What::SynAck => "syn ack".to_string(),
                What::Reset => "reset".to_string(),
                What::Ack(next) => format!("ack {next}"),
                What::Data(_, frame) => frame.label(),
            },
        }
    }
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// To tell the others something.
    Say(Key),
    /// To tell the others that it types.
    Typing,
    /// The page of the settings.
    Load,
    /// Another name for the customer of the page.
    Rename,
    /// Something of the first server: its name, how long it is worked on, how large the answer is, and how many times at once.
    Get {
        /// What.
        name: Key,
        /// How long it is worked on.
        takes: Option<Span>,
        /// The bytes of the answer.
        sized: Option<u32>,
        /// Whether its caller leaves the answer unread.
        unread: bool,
    },
    /// So many at once of what takes the usual time.
    Burst(u32),
    /// Something through all servers, with an effect.
    Buy,
    /// Messages up.
    Upload(u32),
    /// Messages down.
    Download(u32),
    /// Messages both ways.
    Talk(u32),
    /// That its program is closed and opened again.
    Reload,
}

packs!(enum Op {
    0 = Say { 0: text },
    1 = Typing {},
    2 = Load {},
    3 = Rename {},
    4 = Get { name: name, takes: takes, sized: sized, unread: unread },
    5 = Burst { 0: count },
    6 = Buy {},
    7 = Upload { 0: count },
    8 = Download { 0: count },
    9 = Talk { 0: count },
    10 = Reload {}
});

/// What a client is told when all went well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ret {
    /// The server has it under this number.
    Stored(u64),
    /// It was given to the connection, and nobody says more.
    HandedOver,
    /// It is done.
    Done,
    /// The page is there: how many requests, rounds of trips, and missing parts.
    Page {
        /// Requests.
        requests: u32,
        /// Rounds.
        rounds: u32,
        /// Missing parts.
        errors: u64,
    },
    /// Calls that ended well, of how many, and how long they took.
    Calls {
        /// So many.
        done: u32,
        /// Of so many.
        of: u32,
        /// From the call to the last answer.
        took: Span,
    },
}

packs!(enum Ret {
    0 = Stored { 0: id },
    1 = HandedOver {},
    2 = Done {},
    3 = Page { requests: requests, rounds: rounds, errors: errors },
    4 = Calls { done: done, of: of, took: took }
});

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ret::Stored(id) => write!(f, "stored as {id}"),
            Ret::HandedOver => f.write_str("handed over"),
            Ret::Done => f.write_str("ok"),
            Ret::Page { requests, rounds, errors } => {
                let s = |n: u64| if n == 1 { "" } else { "s" };
                let errors = if *errors > 0 { format!(", {errors} error{}", s(*errors)) } else { String::new() };
                write!(f, "{requests} request{}, {rounds} round{}{errors}", s((*requests).into()), s((*rounds).into()))
            }
            Ret::Calls { done: 1, of: 1, took } => write!(f, "ok in {} ms", (took.as_ms() * 10.0) as u64 as f64 / 10.0),
            Ret::Calls { done, of, took } => write!(f, "{done} of {of} in {} ms", (took.as_ms() * 10.0) as u64 as f64 / 10.0),
        }
    }
}
