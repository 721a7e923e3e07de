//! The entry of the cluster in the list of models.

use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::start;
use crate::cluster::model::Model;
use crate::command::Language;
use crate::sim::time::Span;

use super::{CommitLog, Settings, asks, facts, judge, moments, operator};

/// Messages take a millisecond or two here: in a second of ours one crosses a tenth of the stage and more.
const PACE: Span = Span::ms(10);

/// Brokers that replicate logs, and groups that read them.
pub static MODEL: Model = Model {
    name: "commit-log",
    about: "Producers, brokers that replicate partitions of a log, and groups of consumers, after Apache Kafka's documentation and its improvement proposals.",
    nodes: (6, 42),
    clients: (2, 9),
    settings: Settings::DOCS,
    facts: &facts::FACTS,
    series: &["lag_all", "in_sync_min", "throughput", "uncommitted"],
    language: Language { calls: &asks::CALLS, verbs: &operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("c1 send anna paid", "goes into the partition that the hash of its key says"),
        ("crash b1", "the controller hears nothing of it, and elects others after `broker-session`"),
        ("crash b1 losing unsynced", "a loss of power: what was not synced is gone there"),
        ("cut b1 | b2 b3", "followers that get nothing fall out of the in-sync set after `replica-lag`"),
        ("elect-unclean p0 b2", "what b2 lacks is lost"),
        ("set billing 4", "two consumers more join, and the group is rebalanced"),
        ("set partitions 4", "one partition more: keys move to other partitions"),
        ("seek billing 0", "the group reads everything again"),
        ("pause billing1", "longer than `session-timeout`, and others get its partitions"),
        ("fire b1 clean", "retention and the cleaner look now"),
    ],
    moments: moments::NAMES,
    healthy: "leaders == partitions && out_of_sync == 0",
    pace: PACE,
    start: start::<CommitLog>,
};
