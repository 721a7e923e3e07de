//! The entry of the cluster in the list of models.

use crate::check::verdict::Guarantee;
use crate::cluster::facts::FactDoc;
use crate::cluster::kit::facts::{count, docs};
use crate::cluster::kit::register;
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::start;
use crate::cluster::model::{Model, PACE};
use crate::command::Language;

use super::Consensus;
use super::facts::TABLES;

/// Every fact's documentation.
static FACTS: [FactDoc; count(TABLES)] = docs(TABLES);

/// Servers that agree by Raft.
pub static MODEL: Model = Model {
    name: "consensus",
    about: "Servers that agree on a log by electing a leader: Raft (Ongaro and Ousterhout, ATC 2014; Ongaro's dissertation).",
    nodes: (5, 7),
    clients: (2, 9),
    settings: super::settings::Settings::DOCS,
    facts: &FACTS,
    series: &["leaders", "uncommitted", "lag_entries_max", "open"],
    language: Language { calls: &register::CALLS, verbs: &super::transfer::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &Guarantee::REGISTER,
    pokes: &[
        ("transfer n2", "the leader brings n2 up to date, and n2 stands for election at once"),
        ("fire n2 election", "n2 has waited long enough for its leader, and stands"),
        ("c1 write x 7", "goes to the server that c1 believes to lead; another one sends c1 on"),
        ("c1 read x from n3", "goes to n3 and nowhere else; it refuses where only a leader answers"),
        ("set reads local", "whoever believes to lead answers without asking anybody, an old leader too"),
    ],
    moments: super::moments::NAMES,
    healthy: "leaders == 1 && lag_entries_max == 0 && divergent_keys == 0",
    pace: PACE,
    start: start::<Consensus>,
};
