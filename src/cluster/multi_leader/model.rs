//! The entry of several leaders in the list of models.

use crate::cluster::facts::FactDoc;
use crate::cluster::kit::facts::{count, docs};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::start;
use crate::cluster::model::{Model, PACE};
use crate::command::Language;

use super::MultiLeader;
use super::facts::TABLES;

/// Every fact's documentation.
static FACTS: [FactDoc; count(TABLES)] = docs(TABLES);

/// A leader in each data centre.
pub static MODEL: Model = Model {
    name: "multi-leader",
    about: "A leader in each data centre, which tell each other afterwards: conflicts and what becomes of them (Designing Data-Intensive Applications, chapter 5).",
    nodes: (3, 4),
    clients: (3, 9),
    settings: super::settings::Settings::DOCS,
    facts: &FACTS,
    series: &["lag_max", "lag_ms_max", "acked_alone_sum", "conflicts"],
    language: Language { calls: &super::asks::CALLS, verbs: &super::operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &super::judge::GUARANTEES,
    pokes: &[
        ("set policy siblings", "from here on both of two writes in conflict stay; what was lost before stays lost"),
        ("c1 write x 7 to n2", "goes to n2 and nowhere else; under `policy avoid` another leader than the home refuses"),
        ("c2 comment a1 yes on q1", "answers q1, which the leader of c2 must have"),
        ("c1 buy book", "takes one from a stock; its leader looks at its own copy alone"),
        ("move c1 n2", "c1 goes to n2 from now on"),
        ("rehome title n2", "n2 is the home of title; who has not heard of it still takes its own to be the home"),
        ("skew n1 +3s", "the stamps of n1 are 3 s ahead: its writes win over later ones"),
        ("latency n2 -> n3 const(400ms)", "this stream is slow: what was answered may come after the answer"),
    ],
    moments: super::moments::NAMES,
    healthy: "divergent_keys == 0 && lag_max == 0",
    pace: PACE,
    start: start::<MultiLeader>,
};
