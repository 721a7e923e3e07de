//! What is worth a sentence.

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::message::Ticket;

/// What a node did.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// It counted a request that may pass, and that leaves the limiter later.
    Counted { limiter: NodeId, ticket: Ticket },
    /// A limiter lets a request through. `blind`: nobody counted it.
    Passed { ticket: Ticket, key: Key, waited: Span, blind: bool },
    /// A limiter makes a request wait.
    Waits { ticket: Ticket, key: Key },
    /// A limiter refuses a request; its caller may come back after so long.
    Refused { ticket: Ticket, key: Key, after: Span },
    /// A limiter refuses a request because it cannot count.
    Closed { ticket: Ticket, key: Key },
    /// A limiter got no answer of the store and asks again.
    AskedAgain { key: Key },
    /// The service begins with a request.
    Reached { ticket: Ticket },
    /// The service has no room for a request.
    Overloaded { ticket: Ticket },
    /// A caller was refused and comes back after so long.
    ComesBack { user: Key, wait: Span },
    /// A node starts with empty counters, where it had some.
    Forgot,
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(self, Note::Counted { .. } | Note::Passed { blind: false, .. } | Note::Waits { .. } | Note::Reached { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Passed { blind: false, .. } => NoteMark::Applies,
            Note::Passed { blind: true, .. } => NoteMark::Decides,
            Note::Refused { .. } | Note::Closed { .. } | Note::Overloaded { .. } => NoteMark::Refuses,
            Note::Forgot => NoteMark::Discards,
            _ => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let who = name(who);
        match self {
            Note::Counted { ticket, .. } => format!("{who} counts a request of {}", ticket.user),
            Note::Passed { ticket, blind: true, .. } => format!("{who} cannot count and lets a request of {} pass", ticket.user),
            Note::Passed { ticket, waited: Span::ZERO, .. } => format!("{who} lets a request of {} pass", ticket.user),
            Note::Passed { ticket, waited, .. } => format!("{who} lets a request of {} out after {waited}", ticket.user),
            Note::Waits { ticket, .. } => format!("a request of {} waits at {who}", ticket.user),
            Note::Refused { ticket, after, .. } => {
                format!("{who} refuses a request of {}: 429, retry after {}", ticket.user, after.up_to_ms())
            }
            Note::Closed { ticket, .. } => format!("{who} cannot count and refuses a request of {}", ticket.user),
            Note::AskedAgain { key } => format!("{who} got no answer about {key} and asks the store again"),
            Note::Reached { ticket } => format!("{who} works on a request of {}", ticket.user),
            Note::Overloaded { ticket } => format!("{who} has no room for a request of {}", ticket.user),
            Note::ComesBack { user, wait } => format!("{who} was refused and will ask again for {user} after {wait}"),
            Note::Forgot => format!("{who} has forgotten what it counted"),
        }
    }
}
