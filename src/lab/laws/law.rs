//! What a law is once it is read: a system, what is done to it, and what is expected of what is measured.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::load::{of_round, read_line};
use crate::algo::exact::Exact;
use crate::cluster::Scenario;
use crate::cluster::condition::{Condition, Quantity};
use crate::cluster::facts::{FactDoc, FactKind};
use crate::command::{Poke, Vocabulary};
use crate::lesson::schema::Line;
use crate::sim::dist::Dist;

/// A published result.
pub(super) struct Law {
    /// Its name, unique in the file.
    pub(super) id: String,
    /// What it says.
    pub(super) title: String,
    /// Whose result it is.
    pub(super) source: String,
    /// The values for which it is measured.
    pub(super) cases: Vec<Case>,
}

/// A law for some values.
pub(super) struct Case {
    /// The values, in words: `n 5, r 3`; empty where there is only one case.
    pub(super) label: String,
    pub(super) system: System,
    /// How often `do` is done, all runs together, in the full form and in the quick one.
    pub(super) trials: [u64; 2],
    /// How often it is done in one run.
    pub(super) rounds: u64,
    /// The seed of the first run.
    pub(super) seed: u64,
    pub(super) expects: Vec<Expect>,
}

/// What is measured on.
pub(super) enum System {
    /// A cluster, and what is done to it.
    Cluster(Box<Script>),
    /// A published experiment or formula, and its numbers.
    Algorithm(&'static Exact, Vec<f64>),
}

/// A cluster and what is done to it.
pub(super) struct Script {
    pub(super) scenario: Scenario,
    /// What names its commands can use.
    pub(super) vocabulary: Vocabulary,
    /// The facts whose past its commands and numbers ask for.
    pub(super) series: Vec<&'static str>,
    /// Once in each run, before anything is measured.
    pub(super) start: Vec<Deed>,
    /// In each round.
    pub(super) deeds: Vec<Deed>,
}

/// Something that is done.
pub(super) enum Deed {
    /// A command.
    Line(Box<Line>),
    /// A command in which the number of the round stands.
    OfRound(Box<Lines>),
    /// With this probability the first, else the second.
    Chance(f64, Vec<Deed>, Vec<Deed>),
    /// So many of these, drawn at random, in the order of the file.
    Pick(usize, Vec<Deed>),
    /// Each of these that is not refused.
    Try(Vec<Poke>),
    /// A length of virtual time that is drawn.
    Wait(Dist),
}

impl Deed {
    /// The facts whose past it asks for.
    pub(super) fn series(&self) -> Vec<&'static str> {
        let of = |line: &Line| -> Vec<&'static str> { line.until.iter().flat_map(Condition::spans).map(|over| over.fact).collect() };
        let all = |deeds: &[Deed]| -> Vec<&'static str> { deeds.iter().flat_map(Deed::series).collect() };
        match self {
            Deed::Line(line) => of(line),
            Deed::OfRound(lines) => of(&lines.first),
            Deed::Chance(_, then, other) => [all(then), all(other)].concat(),
            Deed::Pick(_, of) => all(of),
            Deed::Try(_) | Deed::Wait(_) => Vec::new(),
        }
    }
}

/// A command in which the number of the round stands. Those of the first rounds, which every run has, are read once.
pub(super) struct Lines {
    text: String,
    /// That of the first round.
    first: Line,
    read: Vec<OnceLock<Line>>,
}

/// So many are kept.
const LINES_KEPT: u64 = 128;

impl Lines {
    pub(super) fn new(text: String, first: Line) -> Lines {
        Lines { text, first, read: (0..LINES_KEPT).map(|_| OnceLock::new()).collect() }
    }

    /// The command of this round, from 1. The error: it cannot be read.
    pub(super) fn of(&self, round: u64, about: (&Scenario, &Vocabulary)) -> Result<Cow<'_, Line>, String> {
        let kept = self.read.get(round as usize);
        if let Some(line) = kept.and_then(OnceLock::get) {
            return Ok(Cow::Borrowed(line));
        }
        let line = read_line(&of_round(&self.text, round), about)
            .map_err(|all| all.into_iter().map(|bad| bad.2).collect::<Vec<_>>().join("; "))?;
        Ok(kept.map_or_else(|| Cow::Owned(line.clone()), |kept| Cow::Borrowed(kept.get_or_init(|| line.clone()))))
    }
}

/// What is expected of one number.
pub(super) struct Expect {
    /// What it is, in a few words.
    pub(super) what: String,
    pub(super) number: Number,
    pub(super) statistic: Statistic,
    pub(super) goal: Goal,
    pub(super) tolerance: Tolerance,
    /// What the source prints, where that is known to be less exact than what is expected.
    pub(super) published: Option<f64>,
}

/// Where the numbers come from.
pub(super) enum Number {
    /// One at the end of each round; or by how much it grew in the round.
    Round { quantity: Quantity, growth: bool },
    /// One of each operation with this verb that ended, of those that began in a round.
    Operations { verb: &'static str, quantity: Quantity },
}

impl Number {
    /// What it is worked out of.
    pub(super) fn quantity(&self) -> &Quantity {
        let (Number::Round { quantity, .. } | Number::Operations { quantity, .. }) = self;
        quantity
    }
}

/// What is made of the numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Statistic {
    Mean,
    Sd,
    Min,
    Max,
    /// The smallest number that this share of all does not exceed.
    Percentile(f64),
    /// The share of the numbers that are at most this: the distribution function.
    Upto(f64),
}

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Goal {
    Near(f64),
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    /// The number that is compared with.
    pub(super) fn number(self) -> f64 {
        let (Goal::Near(x) | Goal::AtLeast(x) | Goal::AtMost(x)) = self;
        x
    }
}

/// How far a measurement may be off.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Tolerance {
    /// So much.
    pub(super) absolute: f64,
    /// So much of what is expected, such as 0.02.
    pub(super) relative: f64,
    /// So many standard errors of what was measured.
    pub(super) sigmas: f64,
}

/// What a number at the end of a round may speak of besides facts.
pub(super) static OF_ROUND: [FactDoc; 2] = [
    FactDoc { name: "elapsed_ms", kind: FactKind::Float, about: "How much virtual time the round took, in milliseconds." },
    FactDoc { name: "round", kind: FactKind::Int, about: "The number of the round in its run, from 1." },
];

/// What a number of an operation may speak of.
pub(super) static OF_OPERATION: [FactDoc; 3] = [
    FactDoc { name: "ms", kind: FactKind::Float, about: "How long it took from its call to its answer; only of one that took effect." },
    FactDoc { name: "ok", kind: FactKind::Bool, about: "Whether its client was told that it took effect." },
    FactDoc {
        name: "behind",
        kind: FactKind::Int,
        about: "Of a read: how many writes of its key were acknowledged before it was called, and called after the acknowledgement of the one that it returned.",
    },
];

/// What a number of an algorithm speaks of.
pub(super) static OF_ALGORITHM: [FactDoc; 1] = [FactDoc { name: "result", kind: FactKind::Float, about: "What it gave." }];
