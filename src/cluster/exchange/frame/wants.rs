//! What requests want, and what answers tell.

use std::sync::Arc;

use crate::algo::graphql::Plan;
use crate::check::operation::Key;
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::super::settings::Page;
use super::Message;

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

    pub(super) fn label(&self) -> String {
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

    pub(super) fn label(&self) -> String {
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
