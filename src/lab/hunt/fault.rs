//! The classes of faults that a schedule may draw from.

use std::fmt;

use crate::cluster::moment::On;
use crate::cluster::words;
use crate::command::Language;

/// A class of faults. `splitbrain hunt --faults crash,cut` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// A process dies; what it wrote survives.
    Crash,
    /// A machine loses power: what was not synced is gone.
    PowerLoss,
    /// A disk is wiped, and its server returns under its old name. At most once in a run.
    Wipe,
    /// A process stops for a while.
    Pause,
    /// Nothing passes between two sides.
    Cut,
    /// Nothing passes one way.
    OneWay,
    /// Messages are lost at random.
    Loss,
    /// Messages arrive twice.
    Duplicate,
    /// Messages overtake others, by no more than the latency of a wire.
    Reorder,
    /// One message, or every message, is held back; later it goes on, arrives at once, or dies.
    Hold,
    /// A server does everything more slowly.
    Slow,
    /// A clock runs fast or slow, by at most [`DRIFT_MAX`].
    Drift,
    /// A clock jumps, and stays off.
    Skew,
    /// A disk is full for a while.
    FullDisk,
    /// A wire takes longer.
    Latency,
    /// A timer goes off early.
    Timers,
    /// An operator does what this verb of the model says, somewhere. It is among no others: who operates has promises of their own.
    Verb(&'static str),
}

/// The fastest drift that is drawn, in parts per million: a tenth, far worse than a real clock and less than what leases allow for.
pub(super) const DRIFT_MAX: i32 = 100_000;

impl Class {
    /// Every class that is the same for all models, in the order of the documentation.
    pub(super) const ALL: [Class; 16] = [
        Class::Crash,
        Class::PowerLoss,
        Class::Wipe,
        Class::Pause,
        Class::Cut,
        Class::OneWay,
        Class::Loss,
        Class::Duplicate,
        Class::Reorder,
        Class::Hold,
        Class::Slow,
        Class::Drift,
        Class::Skew,
        Class::FullDisk,
        Class::Latency,
        Class::Timers,
    ];

    /// The word for it: `power-loss`.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Class::Crash => "crash",
            Class::PowerLoss => "power-loss",
            Class::Wipe => "wipe",
            Class::Pause => "pause",
            Class::Cut => "cut",
            Class::OneWay => "one-way",
            Class::Loss => "loss",
            Class::Duplicate => "duplicate",
            Class::Reorder => "reorder",
            Class::Hold => "hold",
            Class::Slow => "slow",
            Class::Drift => "drift",
            Class::Skew => "skew",
            Class::FullDisk => "full-disk",
            Class::Latency => "latency",
            Class::Timers => "timers",
            Class::Verb(name) => name,
        }
    }

    /// What an asynchronous protocol is expected to survive: everything but the loss of a disk (Raft dissertation, sections 3.8 and 3.10).
    pub(super) fn survivable() -> Vec<Class> {
        Class::ALL.into_iter().filter(|class| *class != Class::Wipe).collect()
    }

    /// What it can take away, where it is only one thing.
    pub(super) fn takes(self) -> Option<On> {
        match self {
            Class::PowerLoss | Class::Wipe | Class::FullDisk | Class::Slow => Some(On::Disk),
            Class::Hold | Class::Duplicate | Class::Loss | Class::OneWay | Class::Latency | Class::Reorder => Some(On::Wire),
            Class::Timers | Class::Skew | Class::Drift | Class::Pause => Some(On::Node),
            Class::Crash | Class::Cut | Class::Verb(_) => None,
        }
    }

    /// Whether it changes a run by itself: a crash or a cut does only where it meets something.
    pub(super) fn acts_alone(self) -> bool {
        !matches!(self, Class::Crash | Class::PowerLoss | Class::Cut | Class::OneWay | Class::Loss)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Reads `crash,cut`, and verbs of this language. All names that are wrong at once; `none` is no class at all.
pub(super) fn parse(text: &str, language: Language) -> Result<Vec<Class>, String> {
    if text.trim() == "none" {
        return Ok(Vec::new());
    }
    let verbs = language.verbs.iter().map(|own| Class::Verb(own.verb.name));
    let known: Vec<Class> = Class::ALL.into_iter().chain(verbs).collect();
    let (mut classes, mut wrong) = (Vec::new(), Vec::new());
    for word in text.split(',').map(str::trim) {
        match known.iter().find(|class| class.word() == word) {
            Some(class) => classes.push(*class),
            None => wrong.push(words::unknown("class of faults", word, known.iter().map(|class| class.word()))),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong.join("\n"));
    }
    classes.sort_unstable();
    classes.dedup();
    Ok(classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_read_and_printed() {
        let language = crate::cluster::replicated::MODEL.language;
        let parse = |text: &str| super::parse(text, language);
        let words: Vec<&str> = Class::ALL.iter().map(|class| class.word()).collect();
        assert_eq!(parse(&words.join(",")), Ok(Class::ALL.to_vec()));
        assert_eq!(parse("promote,cut"), Ok(vec![Class::Cut, Class::Verb("promote")]));
        assert!(super::parse("promote", Language::default()).is_err());
        assert_eq!(parse("cut, crash,cut"), Ok(vec![Class::Crash, Class::Cut]));
        assert_eq!(parse("none"), Ok(Vec::new()));
        let wrong = parse("crsh,cut,volcano").expect_err("two are no class");
        assert!(wrong.contains("did you mean `crash`?") && wrong.contains("volcano") && wrong.contains("power-loss"), "{wrong}");
    }
}
