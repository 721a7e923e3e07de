//! The entry of the group in the list of models.

use crate::check::membership::{ACCURATE, COMPLETE, INFORMED};
use crate::cluster::facts::FactDoc;
use crate::cluster::kit::facts::{count, docs};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::start;
use crate::cluster::model::Model;
use crate::command::Language;
use crate::sim::time::Span;

use super::Gossip;
use super::facts::TABLES;

/// Every fact's documentation.
static FACTS: [FactDoc; count(TABLES)] = docs(TABLES);

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "gossip",
    about: "Members that find out by themselves who is alive and spread rumours, after SWIM (DSN 2002), phi accrual (SRDS 2004) and Demers et al. (PODC 1987).",
    nodes: (8, 4096),
    clients: (1, 5),
    settings: super::settings::Settings::DOCS,
    facts: &FACTS,
    series: &["informed", "mistaken", "suspected"],
    language: Language { calls: &super::asks::CALLS, verbs: &[] },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &[COMPLETE, ACCURATE, INFORMED],
    pokes: &[
        ("c1 rumour fire to n3", "n3 tells it to others, and they tell it on"),
        ("c1 members from n3", "whom n3 believes alive: another may believe something else"),
        ("crash n5", "sooner or later every other member holds it for dead"),
        ("cut n5 -> n2", "n2 does not hear n5 any more, and takes it for dead, though it lives"),
        ("pause n5", "it is slow, or dead: from outside that looks the same"),
        ("set witnesses 2", "one accuser is not enough"),
        ("fire n2 suspicion", "the time in which a suspected member can object ends early"),
    ],
    moments: super::moments::NAMES,
    healthy: "mistaken == 0 && (uninformed == 0 || hot == 0)",
    // A period and a round in two seconds.
    pace: Span::ms(500),
    start: start::<Gossip>,
};
