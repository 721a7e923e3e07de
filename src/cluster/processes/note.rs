//! What happens that is worth a sentence.

use std::sync::Arc;

use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;

/// A note.
#[derive(Clone, Debug)]
pub enum Note {
    /// The program has answered `init`.
    Ready,
    /// It wrote a line that is none of the protocol: the line, and what is wrong with it as the end of a sentence.
    Odd(Arc<str>, Arc<str>),
    /// It wrote a line that could not be read at all: what is wrong with it as the end of a sentence, with what can be shown of it.
    Unread(Arc<str>),
    /// What a client was sent makes no sense: a sentence about it.
    Senseless(Arc<str>),
    /// It said something beside its messages.
    Says(Arc<str>),
    /// It is gone, and not by a poke: the end of a sentence.
    Gone(Arc<str>),
}

/// The most letters of a line that are told.
const TOLD_MAX: usize = 200;

/// The beginning of a line that somebody else wrote, harmless on a screen.
pub(super) fn told(line: &str) -> Arc<str> {
    let start: String = line.chars().take(TOLD_MAX).collect();
    let more = if start.len() < line.len() { " ..." } else { "" };
    format!("{}{more}", crate::harmless::line(&start)).into()
}

impl Note {
    /// Whether a learner would want to stop here.
    pub(super) fn is_noteworthy(&self) -> bool {
        matches!(self, Note::Odd(..) | Note::Unread(_) | Note::Senseless(_) | Note::Gone(_))
    }

    /// One sentence.
    pub(super) fn sentence(&self, who: &str) -> String {
        match self {
            Note::Ready => format!("The program of {who} is ready: it has answered `init`."),
            Note::Odd(line, wrong) => format!("{who} wrote a line {wrong}: {line}"),
            Note::Unread(what) => format!("{who} wrote a line {what}"),
            Note::Senseless(what) => what.to_string(),
            Note::Says(text) => format!("{who} says: {text}"),
            Note::Gone(why) => format!("{who} {why}."),
        }
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Ready => NoteMark::Applies,
            Note::Odd(..) | Note::Unread(_) | Note::Senseless(_) => NoteMark::Refuses,
            Note::Says(_) => NoteMark::Small,
            Note::Gone(_) => NoteMark::Discards,
        }
    }

    fn text(&self, who: NodeId, _: Names<'_>) -> String {
        self.sentence(&who.to_string())
    }
}
