//! What a member does that is worth a sentence.

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;

use super::belief::{Belief, State};
use super::message::names;

/// A note.
#[derive(Clone, Debug)]
pub enum Note {
    /// By its own observation, a member does not answer: the observation has this number. `first`: it did not suspect it before;
    /// `again`: it has observed so before.
    Observes { about: NodeId, number: u64, first: bool, again: bool, how: How },
    /// It believes something else of a member, because this one said so; `None`: it has forgotten it.
    Believes { about: NodeId, was: Belief, is: Belief, by: Option<NodeId> },
    /// It declares a member dead; these have observed by themselves that it does not answer.
    Declares { about: NodeId, incarnation: u32, witnesses: Vec<NodeId> },
    /// It heard that it is suspected or dead in an incarnation, and objects with a greater one.
    Refutes { incarnation: u32, answers: u32, dead: bool },
    /// It heard that it is dead, and cannot come back under its name.
    Buried { by: NodeId },
    /// A client told it a rumour that is to reach all.
    Starts { rumour: u32, word: Key },
    /// It heard a rumour.
    Hears { rumour: u32, word: Key, from: NodeId },
    /// It tells a rumour no more.
    Rests { rumour: u32, word: Key },
}

/// How a member found out that another does not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It got no answer to a ping, nor did so many others that it asked.
    NoAnswer(u32),
    /// It heard no heartbeat for so long, in milliseconds.
    Silence(u64),
}

impl How {
    fn text(self, about: NodeId) -> String {
        match self {
            How::NoAnswer(0) => format!("gets no answer from {about}"),
            How::NoAnswer(1) => format!("gets no answer from {about}, nor does one that it asked"),
            How::NoAnswer(asked) => format!("gets no answer from {about}, nor do {asked} that it asked"),
            How::Silence(ms) => format!("has heard nothing from {about} for {:.1} s", ms as f64 / 1000.0),
        }
    }
}

impl Note {
    /// Whether a learner would want to stop here.
    pub(super) fn is_noteworthy(&self) -> bool {
        !matches!(self, Note::Observes { first: false, .. } | Note::Believes { .. } | Note::Hears { .. } | Note::Rests { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Observes { first: false, .. } => NoteMark::Small,
            Note::Observes { .. } | Note::Declares { .. } => NoteMark::Decides,
            Note::Refutes { .. } | Note::Buried { .. } => NoteMark::Refuses,
            Note::Believes { is, .. } if is.state == State::Forgotten => NoteMark::Discards,
            Note::Starts { .. } | Note::Hears { .. } => NoteMark::Applies,
            Note::Believes { .. } | Note::Rests { .. } => NoteMark::Small,
        }
    }

    fn text(&self, me: NodeId, _: Names<'_>) -> String {
        match self {
            Note::Observes { about, how, first, again, .. } => {
                let so = match () {
                    () if *first => ", and suspects it",
                    () if *again => ", once more",
                    () => ", and suspects it too",
                };
                format!("{me} {}{so}.", how.text(*about))
            }
            Note::Believes { about, was, is, by } => believes(me, *about, (*was, *is), *by),
            Note::Declares { about, witnesses, .. } => match &witnesses[..] {
                [one] if *one == me => format!("{me} declares {about} dead, on its own word."),
                [one] => format!("{me} declares {about} dead, on the word of {one}."),
                all => format!("{me} declares {about} dead, on the word of {} members: {}.", all.len(), names(all)),
            },
            Note::Refutes { incarnation, dead, .. } => {
                let held = if *dead { "held for dead" } else { "suspected" };
                format!("{me} hears that it is {held}, and objects: alive, incarnation {incarnation}.")
            }
            Note::Buried { by } => format!("{me} hears from {by} that it is dead, and can come back only under another name."),
            Note::Starts { word, .. } => format!("{me} starts the rumour {word}."),
            Note::Hears { word, from, .. } => format!("{me} hears the rumour {word} from {from}."),
            Note::Rests { word, .. } => format!("{me} has lost interest in the rumour {word}."),
        }
    }
}

fn believes(me: NodeId, about: NodeId, (was, is): (Belief, Belief), by: Option<NodeId>) -> String {
    let from = by.map_or(String::new(), |by| format!(" from {by}"));
    match is.state {
        State::Alive if was.state == State::Alive => format!("{me} hears{from} of incarnation {} of {about}.", is.incarnation),
        State::Alive => format!("{me} hears{from} that {about} lives."),
        State::Suspect => format!("{me} hears{from} that {about} is suspected."),
        State::Dead => format!("{me} hears{from} that {about} is dead."),
        State::Forgotten => format!("{me} forgets {about}."),
    }
}
