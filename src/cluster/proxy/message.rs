//! What goes over the wire, what clients ask, and what they are told.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::algo::http::{Dates, Fields, Meta};
use crate::check::operation::Key;
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::NodeId;
use crate::sim::protocol::Wire;

/// What is done to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// It is read.
    Get,
    /// Something is done.
    Post,
}

packs!(enum Method { 0 = Get {}, 1 = Post {} });

impl Method {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// Whether by TLS.
    pub https: bool,
    /// The host: a name, or an address.
    pub host: Key,
    /// The path, from its slash on.
    pub path: Key,
}

packs!(struct Url { https, host, path });

impl Url {
    /// Reads it. The error says what would be right.
    pub fn read(text: &str) -> Result<Url, String> {
        let wrong = || format!("`{text}` is no URL; right is http://news/ or https://shop/cart");
        let schemes = [("https://", true), ("http://", false)];
        let (rest, https) = schemes.iter().find_map(|(scheme, https)| Some((text.strip_prefix(scheme)?, *https))).ok_or_else(wrong)?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
        if host.is_empty() || !host.chars().all(fits) || path.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(wrong());
        }
        Ok(Url { https, host: host.into(), path: if path.is_empty() { "/".into() } else { path.into() } })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", if self.https { "https" } else { "http" }, self.host, self.path)
    }
}

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// What is done.
    pub method: Method,
    /// Of what.
    pub url: Url,
    /// A field that the client writes by hand.
    pub with: Option<With>,
    /// Whether it goes past the forward proxy.
    pub direct: bool,
}

packs!(struct Op { method, url, with, direct });

/// A field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct With {
    /// Its name.
    pub field: Key,
    /// Its value.
    pub value: Key,
}

packs!(struct With { field, value });

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ret {
    /// The status: 200, or 304 where it has the page itself.
    pub status: u16,
    /// What it was shown.
    pub what: Key,
    /// Whether it came from a cache.
    pub hit: bool,
}

packs!(struct Ret { status, what, hit });

impl fmt::Display for Ret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.status, self.what, if self.hit { " (hit)" } else { "" })
    }
}

/// What is true of a request, whatever its fields say. Only those who judge look at it, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Ticket {
    /// The client that asked.
    pub client: NodeId,
    /// Its number at that client.
    pub call: u32,
    /// Whether it asked by TLS.
    pub https: bool,
    /// Whether it is in the office.
    pub in_office: bool,
    /// Whether it went past the forward proxy.
    pub direct: bool,
    /// Whether it wrote by hand who it is.
    pub poses: bool,
    /// Fields that its `Connection` names.
    pub named: Arc<[String]>,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is done.
    pub method: Method,
    /// Of what.
    pub url: Url,
    /// Its header.
    pub fields: Fields,
    /// What is true of it.
    pub ticket: Ticket,
}

impl Request {
    fn bytes(&self) -> u64 {
        (self.url.host.len() + self.url.path.len()) as u64 + 20 + self.fields.bytes()
    }
}

/// The body of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// What it is: `news v1`, `c1's cart`.
    pub what: Key,
    /// Whom it is about, where it is personal.
    pub owner: Option<Key>,
    /// Its language, where its site has it in several.
    pub language: Option<Key>,
    /// How long it is on the wire.
    pub bytes: u64,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Its status.
    pub status: u16,
    /// Its header.
    pub fields: Fields,
    /// What its dates say.
    pub dates: Dates,
    /// Its body.
    pub page: Page,
    /// Who made it, or said last that it is good: a node and its number there. Of an origin's answer; `None` where a proxy made it.
    pub made: Option<(NodeId, u32)>,
}

impl Response {
    /// What a proxy says itself.
    pub fn said(status: u16, why: impl Into<Key>) -> Response {
        let page = Page { what: why.into(), owner: None, language: None, bytes: 0 };
        Response { status, fields: Fields::new(), dates: Dates::default(), page, made: None }
    }

    /// What a cache goes by.
    pub fn meta(&self) -> Meta<'_> {
        Meta { status: self.status, fields: &self.fields, dates: self.dates }
    }

    /// Whether a cache gave it without asking.
    pub fn is_hit(&self) -> bool {
        self.fields.list("cache-status").iter().any(|said| said.ends_with("; hit"))
    }

    fn bytes(&self) -> u64 {
        20 + self.fields.bytes() + self.page.bytes
    }
}

/// What must be done before a request can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A connection.
    Tcp,
    /// A tunnel to a host.
    Connect(Key),
    /// TLS with a host.
    Tls(Key),
}

/// What is on the wire: by TLS it tells nobody but its two ends more than the host and how long it is.
#[derive(Clone, Debug)]
pub struct Sealed<T> {
    /// The host of TLS; `None`: it is plain.
    pub tls: Option<Key>,
    /// What it holds.
    pub inner: Arc<T>,
}

impl<T> Sealed<T> {
    /// What it holds, by this TLS.
    pub fn of(tls: Option<Key>, inner: Arc<T>) -> Sealed<T> {
        Sealed { tls, inner }
    }
}

/// A message.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A step before a request, from this address, with so many left, itself included.
    Open { call: u32, from: IpAddr, step: Step, left: usize },
    /// It is done, or refused with a status and why.
    Opened { call: u32, left: usize, refused: Option<(u16, Key)> },
    /// A request, from this address.
    Request { call: u32, from: IpAddr, sealed: Sealed<Request> },
    /// Its answer.
    Response { call: u32, sealed: Sealed<Response> },
    /// The connection is closed, and there will be no answer.
    Reset { call: u32 },
    /// A backend is to be replaced; the number of the order.
    Stop { order: u32 },
    /// A backend has started: as it was ordered to, or by itself.
    Up { order: Option<u32> },
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Open { step: Step::Connect(_), .. } => 0,
            Msg::Open { .. } => 1,
            Msg::Opened { .. } => 2,
            Msg::Request { sealed, .. } => 3 + u8::from(sealed.tls.is_some()),
            Msg::Response { sealed, .. } => 5 + u8::from(sealed.tls.is_some()),
            Msg::Reset { .. } => 7,
            Msg::Stop { .. } => 8,
            Msg::Up { .. } => 9,
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Msg::Open { .. } | Msg::Opened { .. } | Msg::Reset { .. } | Msg::Stop { .. } | Msg::Up { .. } => 60,
            Msg::Request { sealed, .. } => sealed.inner.bytes(),
            Msg::Response { sealed, .. } => sealed.inner.bytes(),
        }
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "CONNECT", "a client asks the proxy for a tunnel"),
        MessageDoc::new(Sign::Ack, "handshake", "a step that opens a connection (TCP, TLS)"),
        MessageDoc::new(Sign::Ack, "answer to it", "that step is done, or refused"),
        MessageDoc::new(Sign::Request, "request", "a request that whoever passes it on can read"),
        MessageDoc::new(Sign::Request, "sealed request", "a request inside TLS: only its ends can read it"),
        MessageDoc::new(Sign::Reply, "answer", "an answer that whoever passes it on can read"),
        MessageDoc::new(Sign::Reply, "sealed answer", "an answer inside TLS"),
        MessageDoc::new(Sign::Reply, "reset", "the connection is closed, without an answer"),
        MessageDoc::new(Sign::Vote, "order to stop", "a backend is to be replaced"),
        MessageDoc::new(Sign::Vote, "word that it is up", "a backend has started"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Open { step: Step::Connect(host), .. } => format!("CONNECT {host}"),
            Msg::Open { step: Step::Tcp, .. } => "TCP".to_string(),
            Msg::Open { step: Step::Tls(host), .. } => format!("TLS {host}"),
            Msg::Opened { refused: None, .. } => "ok".to_string(),
            Msg::Opened { refused: Some((status, _)), .. } => status.to_string(),
            Msg::Request { sealed: Sealed { tls: Some(host), .. }, .. } => format!("? to {host}"),
            Msg::Request { sealed, .. } => format!("{} {}{}", sealed.inner.method.word(), sealed.inner.url.host, sealed.inner.url.path),
            Msg::Response { sealed: Sealed { tls: Some(_), .. }, .. } => "?".to_string(),
            Msg::Response { sealed, .. } => sealed.inner.short(),
            Msg::Reset { .. } => "reset".to_string(),
            Msg::Stop { .. } => "stop".to_string(),
            Msg::Up { .. } => "up".to_string(),
        }
    }
}

impl Response {
    /// In a few words: `news v1`, `304`, `403`.
    pub fn short(&self) -> String {
        if self.status == 200 { self.page.what.to_string() } else { self.status.to_string() }
    }
}
