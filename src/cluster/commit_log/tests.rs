//! The cluster under commands, as learners and lessons use it. Its invariants are looked at after every event of these runs.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::facts::Facts;
use crate::cluster::scene::{Layout, Scene};
use crate::cluster::told::{Exchange, Outcome};
use crate::cluster::{Cluster, Refused, Scenario, Stop};
use crate::command::{Command, Drive};

/// Exact times: a message takes 1 ms.
pub(super) fn run(settings: &[(&str, &str)], commands: &[&str]) -> Box<dyn Cluster> {
    let settings = [&[("latency", "const(1ms)")], settings].concat();
    let settings = settings.into_iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let scenario = Scenario { settings, seed: 7, ..Scenario::of("commit-log") };
    let mut cluster = (MODEL.start)(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    follow(cluster.as_mut(), commands);
    cluster
}

/// Goes on with a run.
pub(super) fn follow(cluster: &mut dyn Cluster, commands: &[&str]) {
    for text in commands {
        apply(cluster, text).unwrap_or_else(|why| panic!("{text}: {why}"));
    }
}

fn apply(cluster: &mut dyn Cluster, text: &str) -> Result<(), Refused> {
    match MODEL.language.parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}")) {
        Command::Poke(poke) => cluster.apply(&poke),
        Command::Drive(Drive::Run(span)) => {
            let end = cluster.now() + span;
            assert_eq!(cluster.run_until(end, 1_000_000), Stop::Reached);
            Ok(())
        }
        other @ Command::Drive(_) => panic!("{other:?}"),
    }
}

/// A fact, or a part of one: `lost`, `lag.billing`.
fn fact(cluster: &dyn Cluster, name: &str) -> f64 {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    let (name, part) = name.split_once('.').map_or((name, None), |(name, part)| (name, Some(part)));
    let value = facts.get(name).unwrap_or_else(|| panic!("no fact {name}"));
    value.number(part).unwrap_or_else(|| panic!("{name} is {value}"))
}

/// The same of a whole number.
pub(super) fn count(cluster: &dyn Cluster, name: &str) -> i64 {
    fact(cluster, name) as i64
}

pub(super) fn facts<const N: usize>(cluster: &dyn Cluster, names: [&str; N]) -> [i64; N] {
    names.map(|name| count(cluster, name))
}

/// Whether a guarantee holds.
pub(super) fn holds(cluster: &dyn Cluster, id: &str) -> Holds {
    let all = cluster.verdicts();
    all.iter().find(|verdict| verdict.guarantee.id() == id).map_or_else(|| panic!("no {id}"), |verdict| verdict.holds)
}

/// What each client was told.
pub(super) fn told(cluster: &dyn Cluster) -> Vec<String> {
    let words = |outcome: &Outcome| match outcome {
        Outcome::Refused(why) | Outcome::Failed(why) | Outcome::Unknown(why) => format!("{}: {why}", outcome.short()),
        other => other.short().to_string(),
    };
    cluster.exchanges().iter().map(|exchange| words(&exchange.outcome)).collect()
}

/// The number of a message in the air that says this.
pub(super) fn flying(cluster: &dyn Cluster, words: &str) -> u64 {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    scene.flights.iter().find(|flight| flight.label.contains(words)).unwrap_or_else(|| panic!("nothing says {words}")).id.0
}

#[test]
fn records_go_where_their_keys_say_and_stay() {
    let sends = ["c1 send anna paid", "c1 send bob 1", "c1 send anna sent", "c1 send eve 1 into p0", "c1 append plain", "c1 delete bob"];
    let cluster = run(&[], &[&sends[..], &["run 3s"]].concat());
    assert_eq!(told(&*cluster), ["p1@0", "p0@0", "p1@1", "p0@1", "p0@2", "p0@3"]);
    assert_eq!(cluster.exchanges().iter().map(Exchange::asked).collect::<Vec<_>>(), sends);
    let names = ["records", "acked", "processed.billing", "lag.billing", "uncommitted", "in_sync_min", "leaders"];
    assert_eq!(facts(&*cluster, names), [6, 6, 6, 0, 0, 3, 3]);
    let ids = ["acked_kept", "partition_order", "key_order", "no_duplicates", "at_least_once", "at_most_once", "reads_kept"];
    assert!(ids.iter().all(|id| holds(&*cluster, id) == Holds::Yes), "{:?}", cluster.verdicts());
}

#[test]
fn what_is_acknowledged_is_told_by_acks() {
    for (acks, ms, told_then) in [("0", 1, "sent"), ("1", 2, "p1@0"), ("all", 4, "p1@0")] {
        let mut cluster = run(&[("acks", acks)], &["c1 send anna paid"]);
        cluster.run_until(cluster.now() + crate::sim::time::Span::ms(ms), 1_000);
        assert_eq!(told(&*cluster), [told_then], "{acks}");
    }
}

#[test]
fn a_leader_that_dies_is_followed_by_one_in_sync() {
    let cluster = run(
        &[],
        &["workload c1 50/s send keys uniform(10)", "run 1s", "crash b1", "run 3s", "restart b1", "run 3s", "workload c1 off", "run 1s"],
    );
    assert_eq!(facts(&*cluster, ["lost", "duplicates", "leaders", "in_sync_min", "uncommitted", "unknown"]), [0, 0, 3, 3, 0, 0]);
    assert_eq!(facts(&*cluster, ["epoch.p0", "epoch.p1", "lag.billing", "processed_again.billing"]), [2, 1, 0, 0]);
}

#[test]
fn a_group_reads_again_from_where_it_is_told() {
    let cluster = run(&[], &["c1 send anna 1", "c1 send anna 2", "run 1s", "seek billing 1 in p1", "run 1s"]);
    assert_eq!(facts(&*cluster, ["processed.billing", "processed_again.billing"]), [2, 1]);
    let two = run(&[("audit", "1")], &["c1 send anna 1", "run 1s", "seek audit 0", "run 1s"]);
    assert_eq!(facts(&*two, ["processed_again.audit", "processed_again.billing", "processed.audit"]), [1, 0, 1]);
}

#[test]
fn groups_share_their_partitions_and_idle_where_there_are_too_few() {
    let cluster = run(&[("billing", "4")], &["run 2s"]);
    assert_eq!(facts(&*cluster, ["members.billing", "idle.billing"]), [4, 1]);
    let grown = run(&[("billing", "4")], &["run 2s", "set partitions 8", "run 2s"]);
    assert_eq!(facts(&*grown, ["partitions", "idle.billing", "leaders"]), [8, 0, 8]);
    let left = run(&[], &["run 1s", "set billing 1", "run 4s"]);
    assert_eq!(facts(&*left, ["members.billing", "idle.billing"]), [1, 0]);
}

/// Figures of the course: three partitions among 1, 2, 3, 4 and 6 consumers.
#[test]
fn partitions_bound_how_fast_a_group_is() {
    let rate = |consumers: &str| {
        let load = ["workload c1 100/s send keys uniform(1000)", "run 12s"];
        let cluster = run(&[("billing", consumers), ("work", "const(50ms)"), ("retention", "2s")], &load);
        fact(&*cluster, "per_second.billing")
    };
    let one = rate("1");
    assert!((18.0..=20.0).contains(&one), "a record takes 50 ms: {one}");
    for (consumers, least, most) in [("2", 1.4, 2.05), ("3", 2.8, 3.05), ("6", 2.8, 3.05)] {
        let times = rate(consumers) / one;
        assert!((least..=most).contains(&times), "{consumers}: {times} times");
    }
}

#[test]
fn the_picture_says_who_has_what() {
    let cluster = run(&[], &["c1 send anna 1", "run 1s"]);
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    let Layout::Tracks(tracks) = &scene.layout else { panic!("{:?}", scene.layout) };
    let p1 = &tracks.tracks[1];
    assert_eq!((p1.name.as_str(), p1.word.as_str(), p1.cells.len(), p1.cells[0].text.as_str()), ("p1", "b2", 1, "anna 1"));
    assert_eq!(p1.entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(), ["b2 b3 b1", "b2 1  b3 1  b1 1", "B 0"]);
    assert_eq!((p1.cursors[0].at, p1.cursors[0].name.as_str()), (1, "B"));
}

#[test]
fn an_operator_is_told_why_not() {
    let mut cluster = run(&[], &["run 1s"]);
    for (verb, why) in [
        ("elect p0 b1", "b1 leads p0 already"),
        ("elect p7 b1", "there is no p7 here"),
        ("elect x b1", "`x` is no partition; partitions are p0, p1, ..."),
        ("seek payroll 0", "`payroll` is no group; groups are audit and billing"),
        ("renew c9", "`c9` is no producer; producers are c1, c2, ..."),
    ] {
        assert_eq!(apply(cluster.as_mut(), verb).map_err(|refused| refused.0), Err(why.to_string()));
    }
    let cluster = run(&[], &["run 1s", "elect p0 b2", "run 1s"]);
    assert_eq!(facts(&*cluster, ["epoch.p0", "in_sync.p0", "leaders"]), [2, 3, 3]);
}
