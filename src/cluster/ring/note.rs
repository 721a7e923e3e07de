//! What a node does that is worth a sentence.

use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;

use super::message::Purpose;
use super::settings::counted;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// It works by a new map.
    Adopts { version: u32, gives: usize, awaits: usize },
    /// It serves some keys no more: their next owner has not got them yet.
    Stops { to: NodeId },
    /// Another node has taken all over.
    HandedOver { to: NodeId, rows: usize },
    /// It has what it waited for, and serves it.
    Serves { from: NodeId },
    /// It has made the copies that a map asks for.
    Filled { to: NodeId, rows: usize },
    /// It was asked for a key of another node.
    Misrouted { owner: NodeId },
    /// It has lost its disk and asks the others.
    Blank,
    /// It has again what others had of it.
    Restored { rows: usize },
    /// Another node cannot hand over what it owed: whoever may have copies is asked.
    Asks { of: NodeId },
    /// It has what others had of that.
    Gathered,
    /// It forgets rows that others keep.
    Forgets { rows: usize },
    /// Its disk is full.
    DiskFull,
    /// It was given up while it lived, and gives back what it has.
    GaveUp,
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(self, Note::Forgets { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Serves { .. } => NoteMark::Leads,
            Note::Stops { .. } | Note::HandedOver { .. } | Note::GaveUp => NoteMark::Follows,
            Note::Adopts { .. } => NoteMark::Decides,
            Note::Filled { .. } | Note::Restored { .. } | Note::Gathered => NoteMark::Applies,
            Note::Misrouted { .. } | Note::DiskFull => NoteMark::Refuses,
            // That a copy is cleared away that nobody needs is no loss.
            Note::Blank | Note::Asks { .. } | Note::Forgets { .. } => NoteMark::Small,
        }
    }

    fn text(&self, me: NodeId, _: Names<'_>) -> String {
        let keys = |rows: usize| counted(rows, "key", "keys");
        match self {
            Note::Adopts { version, gives: 0, awaits: 0 } => format!("{me} goes by map {version}, which moves none of its keys."),
            Note::Adopts { version, gives, awaits } => {
                let gives = (*gives > 0).then(|| format!("hands keys over to {}", counted(*gives, "node", "nodes")));
                let awaits = (*awaits > 0).then(|| format!("awaits keys from {}", counted(*awaits, "node", "nodes")));
                let does: Vec<String> = gives.into_iter().chain(awaits).collect();
                format!("{me} goes by map {version}: it {}.", does.join(" and "))
            }
            Note::Stops { to } => format!("{me} has copied all and stops to serve what goes to {to}: the last writes follow."),
            Note::HandedOver { to, rows } => format!("{to} has all {} that {me} had for it, and serves them.", keys(*rows)),
            Note::Serves { from } => format!("{me} has everything from {from} and serves it."),
            Note::Filled { to, rows } => format!("{me} has made a copy of {} on {to}.", keys(*rows)),
            Note::Misrouted { owner } => format!("{me} was asked for a key that {owner} has: somebody goes by an old map."),
            Note::Blank => format!("{me} finds its disk empty and asks the others what they have of it."),
            Note::Restored { rows } => format!("{me} has learnt from the others what it had lost: {}.", keys(*rows)),
            Note::Asks { of } => format!("{of} cannot hand over what it owed {me}, which asks the others for their copies of it."),
            Note::Gathered => format!("{me} has all copies that the others had of what it was owed, and serves it."),
            Note::Forgets { rows } => format!("{me} forgets {} that others keep.", keys(*rows)),
            Note::DiskFull => format!("{me} cannot write: its disk is full."),
            Note::GaveUp => format!("{me} hears that it was given up: it serves nothing more, and gives back what it has."),
        }
    }
}

/// The word for what rows are sent for.
pub(super) fn word(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Give => "hand-over",
        Purpose::Fill => "copies",
        Purpose::Restore => "what was lost",
    }
}
