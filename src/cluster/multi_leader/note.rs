//! What leaders and clients do that is worth a sentence.

use std::sync::Arc;

use crate::check::operation::{Key, Value};
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;

use super::change::Change;

/// What is worth a sentence.
#[derive(Clone, Debug)]
pub enum Note {
    /// Two leaders wrote a row and neither had seen the other's write.
    Conflict(Conflict),
    /// A write went below what its own leader had: its stamp was the smaller one.
    OwnLost {
        /// The write.
        change: Arc<Change>,
        /// What stays.
        stays: Arc<Change>,
    },
    /// A change came before what it depends on, and waits.
    Waits {
        /// The change.
        change: Arc<Change>,
    },
    /// A comment came before the one that it answers.
    EarlyAnswer {
        /// The comment.
        key: Key,
        /// The one that it answers.
        on: Key,
    },
    /// A row has a new home.
    Rehomed {
        /// The row.
        key: Key,
        /// Its home.
        to: NodeId,
    },
    /// A client goes on with another leader.
    Moved {
        /// Which.
        to: NodeId,
    },
    /// The home of a row is elsewhere, and the client asks there.
    Redirected {
        /// The row.
        key: Key,
        /// Its home.
        to: NodeId,
    },
    /// Its disk is full.
    DiskFull,
}

/// Two writes of a row that do not know of each other.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The write that came.
    pub came: Arc<Change>,
    /// Those that were there.
    pub there: Arc<[Arc<Change>]>,
    /// What becomes of them here.
    pub end: End,
}

/// What becomes of writes in conflict at one leader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The one that came took the place of the others.
    Replaced,
    /// It was dropped.
    Dropped,
    /// All stay.
    Beside,
    /// All stay, and readers see one value that is made of them.
    Merged(Option<Value>),
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(self, Note::Redirected { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Conflict(Conflict { end: End::Beside | End::Merged(_), .. }) | Note::Rehomed { .. } | Note::Moved { .. } => {
                NoteMark::Decides
            }
            Note::Conflict(_) | Note::OwnLost { .. } => NoteMark::Discards,
            Note::DiskFull => NoteMark::Refuses,
            Note::Waits { .. } | Note::EarlyAnswer { .. } | Note::Redirected { .. } => NoteMark::Small,
        }
    }

    fn text(&self, me: NodeId, _: Names<'_>) -> String {
        match self {
            Note::Conflict(conflict) => conflict.text(me),
            Note::OwnLost { change, stays } => {
                format!(
                    "{me} drops {} at once: {} has the greater stamp, {} ms after {} ms.",
                    told(change),
                    told(stays),
                    stays.tick,
                    change.tick
                )
            }
            Note::Waits { change } => format!("{me} keeps {} of {} back until it has what came before.", change.key, change.dot.actor),
            Note::EarlyAnswer { key, on } => format!("{me} shows {key}, which answers {on}, and has no {on}."),
            Note::Rehomed { key, to } => format!("{me} takes {to} for the home of {key} from now on."),
            Note::Moved { to } => format!("{me} goes to {to} from now on."),
            Note::Redirected { key, to } => format!("{me} is sent on: {to} is the home of {key}."),
            Note::DiskFull => format!("{me} cannot write: its disk is full."),
        }
    }
}

impl Conflict {
    fn text(&self, me: NodeId) -> String {
        let (key, came) = (&self.came.key, told(&self.came));
        let there = self.there.iter().map(|change| told(change)).collect::<Vec<_>>().join(" and ");
        match &self.end {
            End::Beside => {
                let all = if self.there.len() == 1 { "both" } else { "all of them" };
                format!("{me} finds a conflict in {key} and keeps {all}: {there}, and {came}.")
            }
            End::Merged(value) => {
                let value = value.as_ref().map_or_else(|| "nothing".to_string(), Value::to_string);
                format!("{me} finds a conflict in {key} and makes one value of {there} and {came}: {value}.")
            }
            End::Replaced => format!("{me} finds a conflict in {key}: {came} takes the place of {there}."),
            End::Dropped => format!("{me} finds a conflict in {key}: {there} stays, {came} is dropped."),
        }
    }
}

/// `9 of n2`.
fn told(change: &Change) -> String {
    let value = change.value().map_or_else(|| "the delete".to_string(), Value::to_string);
    format!("{value} of {}", change.dot.actor)
}
