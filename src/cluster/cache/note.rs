//! What a node does that is worth a sentence.

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// A key was deleted from the shared cache.
    Deleted { key: Key },
    /// A fill was older than what the cache knows.
    TooOld { key: Key },
    /// A load was overtaken by a write: its row fills no slot.
    Overtaken { key: Key },
    /// Whoever loaded a key for all has taken too long.
    TurnOver { key: Key },
    /// A dirty entry is in the database.
    Flushed { key: Key },
    /// The cache was emptied by hand.
    Emptied { entries: usize, dirty: usize },
    /// The cache was filled by hand.
    Warmed { entries: usize },
    /// An application goes on without the cache.
    WithoutCache { key: Key },
    /// The cache did not confirm that it has deleted or updated a key: the write is told ok all the same.
    Unconfirmed { key: Key },
    /// The database had this write already, or a newer one of the cache.
    Ignored { key: Key },
    /// The database cannot write.
    DiskFull,
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(self, Note::Deleted { .. } | Note::Flushed { .. } | Note::WithoutCache { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Flushed { .. } | Note::Warmed { .. } => NoteMark::Applies,
            Note::Deleted { .. } | Note::Emptied { .. } => NoteMark::Discards,
            Note::TooOld { .. } | Note::Overtaken { .. } | Note::Ignored { .. } | Note::DiskFull => NoteMark::Refuses,
            Note::TurnOver { .. } | Note::Unconfirmed { .. } => NoteMark::Decides,
            Note::WithoutCache { .. } => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let who = name(who);
        match self {
            Note::Deleted { key } => format!("{who} gives {key} up: it was written"),
            Note::TooOld { key } => format!("{who} does not take {key}: the value was read before the last write"),
            Note::Overtaken { key } => format!("{who} does not keep {key}: it was written while it was loaded"),
            Note::TurnOver { key } => format!("{who} waits no longer for whoever loads {key}"),
            Note::Flushed { key } => format!("{who} has written {key} to the database"),
            Note::Emptied { entries, dirty: 0 } => format!("{who} was emptied of {entries} entries"),
            Note::Emptied { entries, dirty } => format!("{who} was emptied of {entries} entries, of which the database lacks {dirty}"),
            Note::Warmed { entries } => format!("{who} was filled with {entries} titles"),
            Note::WithoutCache { key } => format!("{who} got no answer from the cache and asks the database for {key}"),
            Note::Unconfirmed { key } => format!("{who} does not know whether the cache has heard of the write of {key}, and goes on"),
            Note::Ignored { key } => format!("{who} has this write of {key}, or a newer one, and changes nothing"),
            Note::DiskFull => format!("{who} cannot write: its disk is full"),
        }
    }
}
