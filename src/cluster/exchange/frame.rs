//! What connections carry: frames with the sizes that they have on a real wire.

use std::sync::Arc;

use crate::algo::graphql::Plan;
use crate::algo::wire::{h2, websocket};
use crate::check::operation::Key;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::settings::Page;

/// One frame: so many bytes about it, so many that it is for, and what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Bytes of heads: of HTTP, of a frame, of an event.
    pub head: u32,
    /// Bytes that somebody asked for.
    pub body: u32,
    /// What it says.
    pub says: Says,
}

/// What a frame says.
#[derive(Clone, Debug, PartialEq)]
pub enum Says {
    /// TLS: the first words of the side that opens, or the answer to them.
    Hello,
    /// The sender writes nothing more.
    Fin,
    /// The sender speaks HTTP/2, and this much may be under way to it.
    Preface(Windows),
    /// The same of a server: its settings, with which it answers the preface.
    Settings(Windows),
    /// The sender's window of each stream is now of another size.
    Resize(u32),
    /// The settings of the other side are in force here.
    SettingsAck,
    /// A request; its number on this connection.
    Ask {
        /// Its number: a stream of HTTP/2.
        stream: u32,
        /// What is wanted.
        want: Want,
        /// Whether nothing more of it comes.
        end: bool,
    },
    /// The head of an answer.
    Tell {
        /// To which request.
        stream: u32,
        /// What is told.
        told: Told,
        /// Whether no body follows.
        end: bool,
    },
    /// A piece of the body of a request or an answer.
    Piece {
        /// Of which.
        stream: u32,
        /// Whether it is the last.
        end: bool,
    },
    /// More of a stream may come, or of the connection (0).
    Credit {
        /// Which stream.
        stream: u32,
        /// So many bytes.
        bytes: u32,
    },
    /// A stream is given up.
    Cancel {
        /// Which.
        stream: u32,
        /// Whether it was refused before anything was done for it.
        refused: bool,
    },
    /// No new streams; those after the last are not worked on.
    GoAway {
        /// The last stream that is.
        last: u32,
    },
    /// An event of a stream of events: its text, and the message that it tells of; without one it is a comment.
    Event(String, Option<Message>),
    /// A frame of a WebSocket.
    Socket(Socket),
}

impl Says {
    /// The stream that it is about, where it is about one.
    pub fn stream(&self) -> Option<u32> {
        match self {
            Says::Ask { stream, .. } | Says::Tell { stream, .. } | Says::Piece { stream, .. } | Says::Cancel { stream, .. } => {
                Some(*stream)
            }
            _ => None,
        }
    }
}

/// The windows of HTTP/2 that a receiver gives to its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// Of each stream, in bytes.
    pub stream: u32,
    /// Of the whole connection.
    pub connection: u32,
}

impl Windows {
    /// Those of everybody who has said nothing (RFC 9113, section 6.9.2).
    pub const USUAL: Windows = Windows { stream: h2::WINDOW, connection: h2::WINDOW };

    /// The bytes of the frames that say so: `SETTINGS`, and `WINDOW_UPDATE` where the connection has more than usual.
    pub fn bytes(self) -> u64 {
        let wider = if self.connection > h2::WINDOW { h2::FRAME_HEADER + h2::WORD } else { 0 };
        h2::FRAME_HEADER + h2::SETTING + wider
    }
}

/// A message of the chat.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its number at the server, from 1; 0: it has none yet.
    pub id: u64,
    /// Who wrote it.
    pub from: NodeId,
    /// Its number at its writer: the same when it is sent again.
    pub key: u32,
    /// What it says.
    pub text: Key,
    /// When the server stored it.
    pub at: Time,
}

/// What a WebSocket carries here.
#[derive(Clone, Debug, PartialEq)]
pub enum Socket {
    /// A message for a listener.
    News(Message),
    /// A message of a writer.
    Say(Message),
    /// The server has stored the message of this number; as which.
    Stored(u32, u64),
    /// Somebody types.
    Typing,
    /// Are you there?
    Ping,
    /// I am.
    Pong,
    /// The sender closes the line, for this reason (RFC 6455, section 7.4.1).
    Close(u16),
}

/// From where a listener wants to hear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// What comes from now on.
    Now,
    /// The last so many, and what comes.
    Last(u32),
    /// What came after this one.
    After(u64),
}

/// What a request wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// The news; `hold`: or an answer later, when there are some.
    Poll {
        /// From where.
        from: From,
        /// Whether to wait for some.
        hold: bool,
    },
    /// A line for events, or a WebSocket with this key.
    Listen {
        /// From where.
        from: From,
        /// The key of the handshake of a WebSocket.
        key: Option<String>,
    },
    /// To store a message.
    Say(Message),
    /// To tell others that somebody types.
    Typing,
    /// A page by one query; `true`: by GET, with the number of a query that the server knows.
    Query(Page, bool),
    /// One resource of a page: by its place in the query.
    Resource(Arc<Plan>, usize, u32),
    /// Another name for the customer of the page.
    Rename,
    /// A call.
    Call(Work),
}

/// What a call wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Its name, for its caller.
    pub name: Key,
    /// Which kind.
    pub kind: Kind,
    /// How long it is worked on, where the caller says so.
    pub takes: Option<Span>,
    /// The bytes of the answer, or of each message of a stream.
    pub size: u32,
    /// How many messages a stream has.
    pub count: u32,
    /// How long it may yet take; as an absolute time where clocks are to agree.
    pub left: Option<Left>,
    /// The key by which an effect is known again.
    pub key: Option<(NodeId, u32)>,
    /// Which click it is of: for who judges, and no server looks at it.
    pub click: (NodeId, u32),
}

/// How a deadline travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// So long from now.
    Span(Span),
    /// Until this time of day.
    Until(Time),
}

/// The kinds of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One question, one answer, one server.
    Get,
    /// One question through all servers; it has an effect at the last.
    Buy,
    /// Many messages up, one down.
    Upload,
    /// One up, many down.
    Download,
    /// Many up and many down.
    Talk,
}

/// What an answer tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// The line stands; for a WebSocket with the proof that the key was read.
    Welcome(Option<String>),
    /// Messages.
    News(Vec<Message>),
    /// A message is stored under this number.
    Stored(u64),
    /// It is done.
    Done,
    /// A part of a page; the version of the name in it, where the name that can be changed is in it.
    Resource(Option<u32>),
    /// A page with so many errors.
    Page {
        /// How many parts are missing.
        errors: u64,
        /// The oldest version of the name that can be changed, where it is in the page.
        name: Option<u32>,
    },
    /// It was not done: a status in words.
    Not(Code),
}

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq)]
pub enum Code {
    /// The query is too deep or too dear: what is wrong with it.
    Refused(String),
    /// The part of the page is broken.
    Broken,
    /// Its time is over.
    DeadlineExceeded,
    /// The server cannot be reached, or went away.
    Unavailable,
}

impl Frame {
    /// A frame.
    pub fn new(head: u64, body: u64, says: Says) -> Frame {
        Frame { head: head.min(u32::MAX.into()) as u32, body: body.min(u32::MAX.into()) as u32, says }
    }

    /// A frame of a WebSocket of a text of so many bytes; frames of a client are masked.
    pub fn socket(says: Socket, bytes: u64, from: NodeId) -> Frame {
        Frame::new(websocket::header(bytes, from.is_client()), bytes, Says::Socket(says))
    }

    /// The frame that closes a WebSocket: its payload is the reason.
    pub fn close(code: u16, from: NodeId) -> Frame {
        let bytes = 2;
        Frame::new(websocket::header(bytes, from.is_client()) + bytes, 0, Says::Socket(Socket::Close(code)))
    }

    /// `SETTINGS` with another window for each stream.
    pub fn resize(stream: u32) -> Frame {
        Frame::new(h2::FRAME_HEADER + h2::SETTING, 0, Says::Resize(stream))
    }

    /// The acknowledgement of `SETTINGS`.
    pub fn settings_ack() -> Frame {
        Frame::new(h2::FRAME_HEADER, 0, Says::SettingsAck)
    }

    /// `WINDOW_UPDATE`.
    pub fn credit(stream: u32, bytes: u32) -> Frame {
        Frame::new(h2::FRAME_HEADER + h2::WORD, 0, Says::Credit { stream, bytes })
    }

    /// All of its bytes.
    pub fn bytes(&self) -> u64 {
        u64::from(self.head) + u64::from(self.body)
    }

    /// What it says, short.
    pub fn label(&self) -> String {
        match &self.says {
            Says::Hello => "TLS hello".to_string(),
            Says::Fin => "fin".to_string(),
            Says::Preface(_) => "HTTP/2".to_string(),
            Says::Settings(_) | Says::Resize(_) => "settings".to_string(),
            Says::SettingsAck => "settings ack".to_string(),
            Says::Ask { stream, want, .. } => format!("{stream}:{}", want.label()),
            Says::Tell { stream, told, .. } => format!("{stream}:{}", told.label()),
            Says::Piece { stream, end } => format!("{stream}:{}{}", size(self.body.into()), if *end { ", end" } else { "" }),
            Says::Credit { stream, bytes } => format!("{stream}:+{}", size((*bytes).into())),
            Says::Cancel { stream, refused } => format!("{stream}:{}", if *refused { "refused" } else { "cancel" }),
            Says::GoAway { last } => format!("goaway, last {last}"),
            Says::Event(_, Some(message)) => message.label(),
            Says::Event(_, None) => ":".to_string(),
            Says::Socket(socket) => socket.label(),
        }
    }
}

/// A number of bytes in a few letters.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 10_000 { format!("{bytes} B") } else { format!("{} kB", bytes / 1_000) }
}

impl Message {
    fn label(&self) -> String {
        if self.id == 0 { self.text.to_string() } else { format!("{} {}", self.id, self.text) }
    }
}

impl Socket {
    fn label(&self) -> String {
        match self {
            Socket::News(message) | Socket::Say(message) => message.label(),
            Socket::Stored(_, id) => format!("stored {id}"),
            Socket::Typing => "typing".to_string(),
            Socket::Ping => "ping".to_string(),
            Socket::Pong => "pong".to_string(),
            Socket::Close(code) => format!("close {code}"),
        }
    }
}

impl Want {
    /// The path that a request names.
    pub fn path(&self) -> String {
        match self {
            Want::Poll { from, .. } | Want::Listen { from, .. } => match from {
                From::Now => "/messages".to_string(),
                From::Last(count) => format!("/messages?last={count}"),
                From::After(id) => format!("/messages?after={id}"),
            },
            Want::Say(_) => "/messages".to_string(),
            Want::Typing => "/typing".to_string(),
            Want::Query(page, true) => format!("/graphql?id={}", sha1_smol::Sha1::from(page.text.as_bytes()).digest()),
            Want::Query(_, false) => "/graphql".to_string(),
            Want::Resource(plan, node, key) => {
                let node = &plan.nodes[*node];
                let name = node.field.map_or("", |field| field.name);
                let of = plan.nodes[node.parent].to.name().to_lowercase();
                match node.field {
                    Some(field) if field.many && node.parent == 0 => format!("/{name}?first={}", node.first),
                    Some(field) if field.many => format!("/{of}s/{key}/{name}?first={}", node.first),
                    _ => format!("/{}s/{key}", node.to.name().to_lowercase()),
                }
            }
            Want::Rename => "/customers/1".to_string(),
            Want::Call(work) => format!("/shop.Shop/{}", work.kind.name()),
        }
    }

    fn label(&self) -> String {
        match self {
            Want::Poll { from: From::Now, .. } => "news?".to_string(),
            Want::Poll { from: From::Last(count), .. } => format!("last {count}?"),
            Want::Poll { from: From::After(id), .. } => format!("after {id}?"),
            Want::Listen { key: Some(_), .. } => "upgrade".to_string(),
            Want::Listen { .. } => "listen".to_string(),
            Want::Say(message) => message.label(),
            Want::Typing => "typing".to_string(),
            Want::Query(..) => "query".to_string(),
            Want::Resource(..) => self.path(),
            Want::Rename => "rename".to_string(),
            Want::Call(work) => format!("{} {}", work.kind.name(), work.name),
        }
    }
}

impl Want {
    /// Whether the server begins with it before its body is whole: a call with a stream of messages.
    pub fn streams_up(&self) -> bool {
        matches!(self, Want::Call(work) if work.kind.streams_up())
    }
}

impl Kind {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Get => "get",
            Kind::Buy => "buy",
            Kind::Upload => "upload",
            Kind::Download => "download",
            Kind::Talk => "talk",
        }
    }

    /// Whether the caller sends many messages.
    pub fn streams_up(self) -> bool {
        matches!(self, Kind::Upload | Kind::Talk)
    }

    /// Whether it is answered by many messages.
    pub fn streams_down(self) -> bool {
        matches!(self, Kind::Download | Kind::Talk)
    }
}

impl Told {
    /// Its status in HTTP.
    pub fn status(&self) -> &'static str {
        match self {
            Told::Welcome(Some(_)) => "101",
            Told::Not(Code::Refused(_)) => "400",
            Told::Not(Code::Broken) => "500",
            _ => "200",
        }
    }

    /// Its status in gRPC (doc/statuscodes.md).
    pub fn grpc_status(&self) -> u8 {
        match self {
            Told::Not(Code::Refused(_)) => 3,
            Told::Not(Code::DeadlineExceeded) => 4,
            Told::Not(Code::Broken) => 13,
            Told::Not(Code::Unavailable) => 14,
            _ => 0,
        }
    }

    fn label(&self) -> String {
        match self {
            Told::News(all) if all.is_empty() => "nothing".to_string(),
            Told::News(all) => format!("{} news", all.len()),
            Told::Stored(id) => format!("stored {id}"),
            Told::Not(code) => code.to_string(),
            told => told.status().to_string(),
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Code::Refused(why) => why,
            Code::Broken => "500",
            Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Code::Unavailable => "UNAVAILABLE",
        })
    }
}
