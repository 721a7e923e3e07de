//! The entry of the model. It stands apart from the others: without its programs nothing answers.

use crate::cluster::facts::FactDoc;
use crate::cluster::kit::facts::{count, docs};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::start;
use crate::cluster::model::Model;
use crate::command::Language;
use crate::sim::time::Span;

use super::facts::TABLES;
use super::{Processes, asks, judge, settings};

/// Every fact's documentation.
static FACTS: [FactDoc; count(TABLES)] = docs(TABLES);

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "processes",
    about: "Your own programs as the servers, speaking Maelstrom's protocol over standard input and output: `splitbrain nodes` runs them.",
    nodes: (3, 25),
    clients: (3, 25),
    settings: settings::Settings::DOCS,
    facts: &FACTS,
    series: &[],
    language: Language { calls: &asks::CALLS, verbs: &asks::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("crash n1", "its process is killed; `restart n1` starts the program again, and what it kept only in memory is gone"),
        ("pause n1", "its process stands still, as in a long garbage collection; `resume n1` lets it go on"),
        ("cut n1 | n2 n3", "n1 and the others do not hear each other; clients reach all of them"),
        ("latency n1 -> n2 500ms", "what n1 sends to n2 is late"),
        ("loss all 0.2", "one message of five is lost"),
    ],
    moments: &[],
    healthy: "odd_lines == 0",
    // Programs live by the machine's clock: a second is a second.
    pace: Span::s(1),
    start: start::<Processes>,
};
