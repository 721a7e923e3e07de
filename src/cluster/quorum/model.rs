//! The entry of the store in the list of models.

use crate::check::verdict::Guarantee;
use crate::cluster::facts::FactDoc;
use crate::cluster::kit::facts::{count, docs};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::start;
use crate::cluster::model::{Model, PACE};
use crate::command::Language;

use super::Quorum;
use super::facts::TABLES;

/// Every fact's documentation.
static FACTS: [FactDoc; count(TABLES)] = docs(TABLES);

/// A store without a leader.
pub static MODEL: Model = Model {
    name: "quorum",
    about: "A store without a leader: N copies, W answers for a write, R for a read (Dynamo, SOSP 2007; DDIA, chapter 5).",
    nodes: (3, 9),
    clients: (2, 9),
    settings: super::settings::Settings::DOCS,
    facts: &FACTS,
    series: &["stale_reads", "behind_max", "hints", "open"],
    language: Language { calls: &super::asks::CALLS, verbs: &super::asks::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &Guarantee::REGISTER,
    pokes: &[
        ("set w 1", "writes wait for one server; they are still sent to all N"),
        ("c1 read x from n2", "asks n2, and others only to make up R"),
        ("c1 read x among n2 n3", "asks these two"),
        ("c1 write x 7 to n2", "n2 coordinates the write, whoever else does otherwise"),
        ("c1 delete x", "writes a tombstone, which is forgotten after the grace period"),
        ("rebuild n3 using n2", "fills n3 from n2 alone, which may be behind"),
        ("fire n1 anti-entropy", "n1 compares its tree with the next server's"),
        ("fire n4 hand-over", "n4 offers its hints to the servers that they are for"),
    ],
    moments: super::moments::NAMES,
    healthy: "divergent_keys == 0 && hints == 0",
    pace: PACE,
    start: start::<Quorum>,
};
