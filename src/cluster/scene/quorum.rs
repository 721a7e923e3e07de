//! A quorum that forms reply by reply.

use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::node::{Health, Shape, Tone};
use super::panel::Entry;

/// Who has answered one request. Its clock starts when the request was sent to the servers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replies {
    /// Who asks what: `c1 ▸ write x 9`, without the sign: the client and the words.
    pub asked: String,
    /// What decides, in words: `N 5  W 3`.
    pub rule: String,
    /// How many answers count so far.
    pub have: u32,
    /// How many are needed.
    pub need: u32,
    /// How long ago it was sent.
    pub now: Span,
    /// When it was decided, and what the client was told then: `told ok`.
    pub decided: Option<(Span, String)>,
    /// Headings of the columns at the right, one for each of [`ReplyLine::entries`].
    pub headings: Vec<String>,
    /// One line for each server, in the order of the preference list.
    pub lines: Vec<ReplyLine>,
}

/// One server's part in it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplyLine {
    /// Which.
    pub node: NodeId,
    /// Its name.
    pub name: String,
    /// Its look.
    pub shape: Shape,
    /// Whether it works.
    pub health: Health,
    /// What it is here: `replica`, `next`, `holds a hint`.
    pub word: &'static str,
    /// Its answer.
    pub answer: Answer,
    /// What it holds: value, version.
    pub entries: Vec<Entry>,
    /// A few words at the end: `keeps a hint for n5`.
    pub note: String,
}

/// How far the answer of a server is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Answer {
    /// It was not asked.
    #[default]
    NotAsked,
    /// Asked; the answer is not here yet.
    Waiting,
    /// It came after so long. `rank` counts from 1; `late` came after the decision.
    Came {
        /// How long after the request.
        after: Span,
        /// First, second, ...
        rank: u32,
        /// Whether it was too late to count.
        late: bool,
        /// What it brought: `9 v8`; empty for a plain acknowledgement.
        brought: String,
        /// How that is to be seen.
        tone: Tone,
    },
    /// None will come; why: `down`, `cut`, `disk full`.
    None(&'static str),
}
