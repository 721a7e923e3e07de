//! What is worth a sentence, and what facts and judges go by.

use std::net::IpAddr;
use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::message::{Request, Response, Ticket, Url};
use super::sight::Sight;

/// What a node did.
#[derive(Clone, Debug)]
pub enum Note {
    /// A client asks.
    Asks { ticket: Ticket, to_shop: bool },
    /// A client gets no answer of the forward proxy, and goes past it.
    GoesPast { url: Url },
    /// A client was answered.
    Got { request: Arc<Request>, response: Arc<Response>, shop: bool },
    /// A client got no answer, or its connection was closed.
    Unanswered { shop: bool },
    /// A message reached a hop. `plain`: everybody on that wire could read it.
    Saw { from: NodeId, sight: Sight, request: Option<Arc<Request>>, plain: bool },
    /// The forward proxy refuses a blocked site.
    Blocked { host: Key, client: NodeId },
    /// A cache gives what it keeps. `stale`: though its lifetime is over, for want of its origin.
    /// `aged`: another cache had it before.
    Hit { request: Arc<Request>, made: Option<(NodeId, u32)>, aged: bool, stale: bool },
    /// A cache keeps an answer.
    Kept { url: Url },
    /// A cache may not keep an answer.
    NotKept { url: Url, why: &'static str },
    /// An origin says that what a cache keeps is good.
    Checked { url: Url },
    /// A cache throws away what an unsafe request made wrong.
    ThrownAway { url: Url },
    /// A cache was emptied.
    Purged { entries: usize },
    /// A proxy finds itself in Via.
    Loops { url: Url },
    /// A proxy answers itself.
    Says { url: Url, status: u16, why: Key },
    /// The reverse proxy asks another backend.
    Retries { url: Url, after: NodeId },
    /// The reverse proxy sends a backend nothing for a while.
    LeftOut { app: NodeId },
    /// The reverse proxy sends a backend requests again.
    TakenIn { app: NodeId },
    /// The reverse proxy sends a backend nothing new.
    Drains { app: NodeId },
    /// A backend is stopped with so many requests.
    Stops { with: usize },
    /// A backend has started.
    Starts { release: u32 },
    /// A backend takes this for the client's address.
    Believes { address: IpAddr, request: Arc<Request> },
    /// A request had its effect.
    Effect { request: Arc<Request> },
    /// An origin made an answer.
    Made { number: u32, fresh_for: Span, bytes: u64 },
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(
            self,
            Note::Asks { .. }
                | Note::Saw { .. }
                | Note::Kept { .. }
                | Note::NotKept { .. }
                | Note::Checked { .. }
                | Note::Believes { .. }
                | Note::Effect { .. }
                | Note::Made { .. }
        )
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Hit { .. } | Note::Kept { .. } | Note::Checked { .. } | Note::Effect { .. } => NoteMark::Applies,
            Note::Blocked { .. } | Note::Loops { .. } | Note::Says { .. } => NoteMark::Refuses,
            Note::ThrownAway { .. } | Note::Purged { .. } | Note::Stops { .. } => NoteMark::Discards,
            Note::GoesPast { .. } | Note::Retries { .. } | Note::LeftOut { .. } | Note::Drains { .. } => NoteMark::Decides,
            _ => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let who = name(who);
        match self {
            Note::Asks { ticket, .. } if ticket.direct => format!("{who} asks past the forward proxy"),
            Note::Asks { .. } => format!("{who} asks by the forward proxy"),
            Note::GoesPast { url } => format!("{who} gets no answer of the forward proxy and asks for {url} past it"),
            Note::Got { response, .. } => format!("{who} is told {} {}", response.status, response.page.what),
            Note::Unanswered { .. } => format!("{who} gets no answer"),
            Note::Saw { sight, .. } => format!("{who} sees {} ask: {}", sight.peer, sight.asked()),
            Note::Blocked { host, client } => format!("{who} blocks {host} for {client}"),
            Note::Hit { request, stale: false, .. } => format!("{who} has {} and gives it", request.url),
            Note::Hit { request, .. } => format!("{who} reaches nobody and gives {} though it is stale", request.url),
            Note::Kept { url } => format!("{who} keeps {url}"),
            Note::NotKept { url, why } => format!("{who} does not keep {url}: {why}"),
            Note::Checked { url } => format!("{who} asked, and what it keeps of {url} is good"),
            Note::ThrownAway { url } => format!("{who} throws away what it kept of {url}"),
            Note::Purged { entries } => format!("{who} throws away {entries} answers"),
            Note::Loops { url } => format!("{who} finds itself in Via: {url} goes in a circle"),
            Note::Says { url, status, why } => format!("{who} answers {url} itself: {status}, {why}"),
            Note::Retries { url, after } => format!("{who} asks another backend for {url}, after {}", name(*after)),
            Note::LeftOut { app } => format!("{who} leaves {} out for a while", name(*app)),
            Note::TakenIn { app } => format!("{who} sends {} requests again", name(*app)),
            Note::Drains { app } => format!("{who} sends {} nothing new", name(*app)),
            Note::Stops { with } => format!("{who} stops, with {with} requests at work"),
            Note::Starts { release } => format!("{who} has started, as v{release}"),
            Note::Believes { address, .. } => format!("{who} takes the client for {address}"),
            Note::Effect { request } => format!("{who} carries out a POST of {}", request.ticket.client),
            Note::Made { .. } => format!("{who} makes an answer"),
        }
    }
}
