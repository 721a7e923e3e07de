//! What connections carry: frames with the sizes that they have on a real wire.

mod wants;

use crate::algo::wire::{h2, websocket};
use crate::check::operation::Key;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

pub(super) use wants::{Code, From, Kind, Left, Told, Want, Work};

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
        /// Whether the connection is closed after it (`Connection: close`, RFC 9112, section 9.6).
        closes: bool,
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
    /// What it says, short.
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
