//! The facts of a commit log.

use crate::cluster::facts::{FactDoc, FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{self, Fact, fact, float, int};
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::Live;
use crate::sim::kernel::Sim;

use super::CommitLog;
use super::groups::Tally;
use super::look::{consumers, group, leader, official, seats, topic};
use super::record::{Group, Part};
use super::watch::{Counts, Mirror};

/// All tables, in the order of the documentation.
pub(super) static TABLES: &[&[Fact<CommitLog>]] = &[LOGS, PRODUCERS, GROUPS, RUN, &WIRES];

static WIRES: [Fact<CommitLog>; 5] = facts::wires();

/// The names of the groups.
const NAMES: Keys = Keys::These(&["audit", "billing"]);

/// How the partitions stand.
static LOGS: &[Fact<CommitLog>] = &[
    int("partitions", "Partitions of the topic.", |live| FactValue::int(topic(live.sim()).len())),
    int("leaders", "Partitions with a leader in office that is neither down nor paused.", |live| FactValue::int(led(live.sim()))),
    int("records", "Records in the logs of the leaders.", |live| sum(live, |log| log.len() as u64)),
    fact("in_sync", FactKind::Named(Keys::Any), "How many replicas of each partition are in sync, as the controller has it.", |live| {
        named(live.sim(), |sim, part| seats(sim, part).map(|seats| seats.isr.len() as f64))
    }),
    int("in_sync_min", "How many replicas are in sync of the partition that has the fewest, as the controller has it.", |live| {
        let sim = live.sim();
        FactValue::int(topic(sim).into_iter().filter_map(|part| seats(sim, part)).map(|seats| seats.isr.len()).min().unwrap_or(0))
    }),
    int("out_of_sync", "Replicas that the controller does not count as in sync, all partitions together.", |live| {
        let sim = live.sim();
        let out = |seats: &super::meta::Seats| seats.replicas.iter().filter(|id| !seats.isr.contains(id)).count();
        FactValue::int(topic(sim).into_iter().filter_map(|part| seats(sim, part)).map(out).sum())
    }),
    fact("epoch", FactKind::Named(Keys::Any), "The epoch of each partition: how often it has got a leader.", |live| {
        named(live.sim(), |sim, part| seats(sim, part).map(|seats| f64::from(seats.epoch)))
    }),
    fact("start", FactKind::Named(Keys::Any), "The first offset that each leader's log has.", |live| {
        named(live.sim(), |sim, part| official(sim, part).map(|log| log.start as f64))
    }),
    fact("high_water", FactKind::Named(Keys::Any), "The high-water mark of each leader: below it records are committed.", |live| {
        named(live.sim(), |sim, part| official(sim, part).map(|log| log.high_water as f64))
    }),
    fact("end", FactKind::Named(Keys::Any), "The end offset of each leader's log: that of the next record.", |live| {
        named(live.sim(), |sim, part| official(sim, part).map(|log| log.end as f64))
    }),
    int("uncommitted", "Records in the logs of the leaders that are not committed.", |live| sum(live, |log| log.end - log.high_water)),
    facts::nodes_up(),
    fact("acks", FactKind::Text, "The setting `acks`.", |live| FactValue::Text(live.sim().settings().get("acks"))),
    fact("assignor", FactKind::Text, "The setting `assignor`.", |live| FactValue::Text(live.sim().settings().get("assignor"))),
    int("min_insync", "The setting `min-insync`.", |live| FactValue::int(live.sim().settings().min_insync as usize)),
];

/// What became of what producers sent.
static PRODUCERS: &[Fact<CommitLog>] = &[
    int("acked", "Records whose producer was told that they are written; with acks=0, that went out.", |live| count(live, |c| c.acked)),
    int("refused", "Records that were refused: they are in no log.", |live| FactValue::int(live.meter().refused)),
    int("unknown", "Records of which their producer does not know whether they are in a log.", |live| {
        FactValue::int(live.meter().changes.unknown)
    }),
    int("lost", "Acknowledged records that are not in the log of the leader.", |live| FactValue::int(live.watched().lost.len())),
    int("duplicates", "Records that stand in the log of a leader a second time.", |live| mirrors(live, |mirror| mirror.duplicates.len())),
    int("reordered", "Records that stand behind one which their producer sent later, in the same partition.", |live| {
        mirrors(live, |mirror| mirror.reordered.len())
    }),
    int("vanished", "Records that a consumer has read, and that are not in the log of the leader.", |live| {
        FactValue::int(live.watched().vanished.len())
    }),
    int("known", "Batches that a leader had already and did not append again.", |live| count(live, |c| c.known)),
    int("refusals", "Batches that a leader refused; the producer may send them again.", |live| count(live, |c| c.refusals)),
];

/// The groups.
static GROUPS: &[Fact<CommitLog>] = &[
    fact(
        "lag",
        FactKind::Named(NAMES),
        "Offsets up to the high-water mark that each group has not committed its place behind: as many records, where the cleaner took none out.",
        |live| groups(live, |live, of, _| lags(live, of).into_iter().map(|(_, lag)| lag).sum()),
    ),
    int(
        "lag_all",
        "Offsets up to the high-water mark that both groups together have not committed their place behind, of those that have consumers.",
        |live| {
            let has = |of: &Group| live.sim().settings().roster().consumers(*of).next().is_some();
            let all = Group::ALL.into_iter().filter(has).flat_map(|of| lags(live, of));
            FactValue::int(all.map(|(_, lag)| lag as usize).sum())
        },
    ),
    fact(
        "committed",
        FactKind::Named(Keys::Any),
        "The next offset of each group in each partition, as in `committed[\"billing p0\"]`.",
        committed,
    ),
    fact("processed", FactKind::Named(NAMES), "Records that each group has processed, each once.", |live| {
        groups(live, |_, _, tally| tally.processed.len() as f64)
    }),
    fact("processed_again", FactKind::Named(NAMES), "Records that each group has processed twice or more often.", |live| {
        groups(live, |_, _, tally| tally.again.len() as f64)
    }),
    fact("skipped", FactKind::Named(NAMES), "Acknowledged records that each group has passed, and that nobody processed.", |live| {
        groups(live, |_, _, tally| tally.skipped.len() as f64)
    }),
    fact("deleted_unread", FactKind::Named(NAMES), "Records that retention deleted before each group processed them.", |live| {
        groups(live, |_, _, tally| tally.deleted_unread as f64)
    }),
    fact(
        "key_swaps",
        FactKind::Named(NAMES),
        "Records that each group processed after a later one of the same producer and key.",
        |live| groups(live, |_, _, tally| tally.swapped.len() as f64),
    ),
    fact("members", FactKind::Named(NAMES), "Members of each group, as its coordinator has it.", |live| {
        groups(live, |live, of, _| group(live.sim(), of).map_or(0.0, |state| state.members.len() as f64))
    }),
    fact("generation", FactKind::Named(NAMES), "The generation of each group: how often its partitions were given out.", |live| {
        groups(live, |live, of, _| group(live.sim(), of).map_or(0.0, |state| f64::from(state.generation)))
    }),
    fact("idle", FactKind::Named(NAMES), "Consumers of each group that run and have no partition.", |live| {
        groups(live, |live, of, _| consumers(live.sim(), of).filter(|(_, consumer)| consumer.parts.is_empty()).count() as f64)
    }),
    fact("most_parts", FactKind::Named(NAMES), "The most partitions that a consumer of each group reads.", |live| {
        groups(live, |live, of, _| consumers(live.sim(), of).map(|(_, consumer)| consumer.parts.len()).max().unwrap_or(0) as f64)
    }),
    fact("rebalances", FactKind::Named(NAMES), "How often the partitions of each group were given out.", |live| {
        groups(live, |_, _, tally| tally.rebalances as f64)
    }),
    fact("moved", FactKind::Named(NAMES), "Partitions that changed hands in the last rebalance of each group.", |live| {
        groups(live, |_, _, tally| tally.moved as f64)
    }),
    fact("stopped", FactKind::Named(NAMES), "Partitions that were given up in the last rebalance of each group.", |live| {
        groups(live, |_, _, tally| tally.stopped as f64)
    }),
    fact(
        "paused_ms",
        FactKind::Named(NAMES),
        "For how long those were read by nobody until somebody got them again, in milliseconds, all together.",
        |live| groups(live, |_, _, tally| tally.paused.as_ms()),
    ),
    fact("per_second", FactKind::Named(NAMES), "Records that each group processes in a second, over the last 5 seconds.", |live| {
        groups(live, |live, _, tally| tally.rate(live.sim().now()))
    }),
    float("throughput", "Records that both groups together process in a second, over the last 5 seconds.", |live| {
        let now = live.sim().now();
        FactValue::Float(live.watched().groups.values().map(|tally| tally.rate(now)).sum())
    }),
];

/// What happened so far.
static RUN: &[Fact<CommitLog>] = &[
    int("elections", "Leaders that were elected since the start.", |live| count(live, |c| c.elections)),
    int("unclean_elections", "Elected leaders that were not in sync.", |live| count(live, |c| c.unclean)),
    int("shrinks", "How often an in-sync set became smaller.", |live| count(live, |c| c.shrinks)),
    int("expands", "How often an in-sync set became greater.", |live| count(live, |c| c.expands)),
    int("truncated", "Offsets that followers cut off their logs.", |live| count(live, |c| c.truncated as usize)),
    int("deleted", "Offsets that leaders deleted because they were old.", |live| count(live, |c| c.deleted as usize)),
    int("compacted", "Records that the cleaners of leaders took out.", |live| count(live, |c| c.compacted as usize)),
    int("stale_commits", "Places that a coordinator refused: their sender was no member, or of an older generation.", |live| {
        count(live, |c| c.stale)
    }),
];

fn led(sim: &Sim<CommitLog>) -> usize {
    topic(sim).into_iter().filter(|part| leader(sim, *part).is_some_and(|(id, _)| !sim.node(id).is_paused())).count()
}

fn sum(live: &Live<CommitLog>, of: impl Fn(&super::log::Log) -> u64) -> FactValue {
    let sim = live.sim();
    FactValue::int(topic(sim).into_iter().filter_map(|part| official(sim, part)).map(of).sum::<u64>() as usize)
}

fn named(sim: &Sim<CommitLog>, of: impl Fn(&Sim<CommitLog>, Part) -> Option<f64>) -> FactValue {
    // In the order of texts.
    let all = topic(sim).into_iter().filter_map(|part| Some((part.to_string(), of(sim, part)?)));
    FactValue::Named(all.collect::<std::collections::BTreeMap<_, _>>().into_iter().collect())
}

fn mirrors(live: &Live<CommitLog>, of: impl Fn(&Mirror) -> usize) -> FactValue {
    FactValue::int(live.watched().parts.values().map(of).sum())
}

fn count(live: &Live<CommitLog>, of: impl Fn(&Counts) -> usize) -> FactValue {
    FactValue::int(of(&live.watched().counts))
}

fn groups(live: &Live<CommitLog>, of: impl Fn(&Live<CommitLog>, Group, &Tally) -> f64) -> FactValue {
    let none = Tally::default();
    let number = |group: Group| of(live, group, live.watched().groups.get(&group).unwrap_or(&none));
    FactValue::Named(Group::ALL.map(|group| (group.to_string(), number(group))).into())
}

/// How many committed records of each partition a group has not committed its place behind.
pub(super) fn lags(live: &Live<CommitLog>, of: Group) -> Vec<(Part, f64)> {
    let marks = live.watched().groups.get(&of).map(|tally| &tally.marks);
    let lag = |part: Part| {
        let log = official(live.sim(), part)?;
        let mark = marks.and_then(|marks| marks.get(&part)).copied().unwrap_or(0).max(log.start);
        Some((part, log.high_water.saturating_sub(mark) as f64))
    };
    topic(live.sim()).into_iter().filter_map(lag).collect()
}

fn committed(live: &Live<CommitLog>) -> FactValue {
    let of = |(group, tally): (&Group, &Tally)| {
        let group = *group;
        tally.marks.iter().map(move |(part, next)| (format!("{group} {part}"), *next as f64)).collect::<Vec<_>>()
    };
    let all: std::collections::BTreeMap<_, _> = live.watched().groups.iter().flat_map(of).collect();
    FactValue::Named(all.into_iter().collect())
}

/// The documentation of every fact.
pub(super) static FACTS: [FactDoc; facts::count(TABLES)] = facts::docs(TABLES);
