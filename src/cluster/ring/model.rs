//! The entry of partitioned data in the list of models.

use crate::cluster::facts::FactDoc;
use crate::cluster::kit::facts::{count, docs};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::start;
use crate::cluster::model::{Model, PACE};
use crate::command::Language;

use super::Ring;
use super::facts::TABLES;

/// Every fact's documentation.
static FACTS: [FactDoc; count(TABLES)] = docs(TABLES);

/// Partitioned data.
pub static MODEL: Model = Model {
    name: "ring",
    about: "Partitioned data: key ranges, hash mod N, a consistent-hashing ring with tokens, rendezvous, jump hash or Maglev's table; keys move while they are served (Karger et al., STOC 1997; Dynamo, SOSP 2007; DDIA, chapter 6).",
    nodes: (4, 128),
    clients: (2, 9),
    settings: super::settings::Settings::DOCS,
    facts: &FACTS,
    series: &["moving", "load_max_over_mean", "misrouted", "missed_reads", "refused_moving", "stale_reads", "parked"],
    language: Language { calls: &super::asks::CALLS, verbs: &super::operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &super::judge::GUARANTEES,
    pokes: &[
        ("add n5", "a node more: on a ring it takes a part of every arc that it cuts, under mod N nearly everything moves"),
        ("set scheme mod-n", "another rule: what has another owner by it moves, while it is served"),
        ("set tokens 64", "more tokens: shares become more even"),
        ("remove n2", "it hands its keys over and keeps none; `add n2` brings it back to the same places"),
        ("crash n2", "its keys are out of reach; `fail-over n2` gives them to the next nodes, as far as there are copies"),
        ("c1 scan k1", "all keys that begin so: under a hash every node is asked"),
        ("c1 find anna", "by another field: every node is asked, unless the index is global"),
        ("c1 get k7 from n3", "at a node that may not have it"),
        ("workload c1 100/s put:get 1:9 keys zipf(0.99, 1000)", "keys that are not asked for equally often"),
        ("workload c1 100/s order keys uniform(20)", "new keys in order of time: under ranges they all go to one node"),
        ("workload c1 100/s hit keys page", "one hot key; `salt page 16` spreads it, and `c1 hits page` has to read all parts"),
        ("set moving copy-then-flip", "moves that do not follow what is written meanwhile"),
        ("place n1 40", "one token, at 40 of 360 degrees"),
    ],
    moments: super::moments::NAMES,
    healthy: "moving == 0 && unsettled == 0",
    pace: PACE,
    start: start::<Ring>,
};
