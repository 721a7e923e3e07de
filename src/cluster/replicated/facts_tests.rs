//! What the facts and verdicts say, against what they are defined to say, on made-up runs.

use super::facts;
use super::tests::{fact, float, int, run, run_seed, scenario, story, verdict};
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::Cluster;
use crate::cluster::condition::Condition;
use crate::cluster::facts::{FactValue, Facts};
use crate::command::Command;
use crate::sim::time::{Span, Time};

const PARTED: [(&str, &str); 3] = [("fencing", "off"), ("election", "alone"), ("rejoin", "merge")];

fn parted(merge: &str, commands: &[&str]) -> Box<dyn Cluster> {
    let settings = [&PARTED[..], &[("merge", merge)]].concat();
    run(&settings, commands)
}

/// What c3 is told about x at the end.
fn x(cluster: &dyn Cluster) -> String {
    cluster.exchanges().last().map_or_else(String::new, |read| format!("{:?}", read.outcome))
}

#[test]
fn a_refused_compare_and_set_is_no_write() {
    let commands = ["c1 write x 7", "run 100ms", "c1 cas x 5 8", "run 100ms", "c1 cas x 7 9", "run 100ms", "c2 read x", "run 100ms"];
    let cluster = run(&[("replication", "majority")], &commands);
    assert_eq!((int(&*cluster, "acked"), int(&*cluster, "unswapped")), (2, 1));
    assert_eq!(fact(&*cluster, "write_ms_mean").to_string().split_once('(').map(|(_, of)| of.to_string()), Some("of 2)".into()));
    let stale = ["c1 write x 7", "run 100ms", "c1 cas x 5 8", "run 10ms", "c2 read x from n3", "run 100ms"];
    assert_eq!(int(&*run(&[("apply", "const(50ms)")], &stale), "stale_reads"), 0, "nothing is newer than 7");
}

/// A rule over keys is a condition over their values: broken between two writes of one transfer, and kept after both.
#[test]
fn a_rule_over_keys_is_a_condition() {
    let kept = |commands: &[&str]| {
        let rule = Condition::compile("values.north + values.south == 10", super::FACTS, &Guarantee::REGISTER).unwrap();
        rule.holds_in(&*run(&[], commands)).unwrap()
    };
    let stored = ["c1 write north 6", "run 100ms", "c1 write south 4", "c1 write title Emma", "run 100ms"];
    assert!(kept(&stored));
    let half = [&stored[..], &["c1 write north 5", "run 100ms"]].concat();
    assert!(!kept(&half));
    assert!(kept(&[&half[..], &["c1 write south 5", "run 100ms"]].concat()));
    assert!(!kept(&[&stored[..], &["crash n1", "run 50ms"]].concat()), "nobody leads, so there is no value");
}

#[test]
fn a_refused_compare_and_set_is_no_part_of_a_merge() {
    let commands = [
        "c1 write x 7",
        "run 100ms",
        "cut n1 c1 | n2 n3 c2",
        "run 1s",
        "c1 cas x 5 8",
        "c2 write x 9 to n2",
        "c2 write x 9 to n3",
        "run 200ms",
        "heal",
        "run 1s",
        "c2 read x",
        "run 100ms",
    ];
    let cluster = parted("keep-both", &commands);
    assert!(x(&*cluster).contains("\"9\""), "{}\n{}", x(&*cluster), story(&*cluster));
    assert_eq!((int(&*cluster, "unswapped"), int(&*cluster, "acked_lost")), (1, 0), "{}", story(&*cluster));
}

/// A swap that took effect is not evaluated again on what the other side wrote: it stays, or it is lost and counted.
#[test]
fn a_swap_does_not_vanish_in_a_merge() {
    let commands = |first: &'static str, second: &'static str| {
        [
            "c1 write x 7",
            "run 100ms",
            "cut n1 c1 | n2 n3 c2",
            "run 1s",
            first,
            "run 100ms",
            second,
            "run 200ms",
            "heal",
            "run 1s",
            "c2 read x",
            "run 100ms",
        ]
    };
    let newest = parted("last-write-wins", &commands("c2 write x 9", "c1 cas x 7 8"));
    assert!(x(&*newest).contains("\"8\""), "{}", story(&*newest));
    let oldest = parted("last-write-wins", &commands("c1 cas x 7 8", "c2 write x 9"));
    assert!(x(&*oldest).contains("\"9\""), "{}", story(&*oldest));
    let both = parted("keep-both", &commands("c1 cas x 7 8", "c2 write x 9"));
    assert!(x(&*both).contains("8 | 9"), "{}", story(&*both));
    assert_eq!([&newest, &oldest, &both].map(|run| int(&**run, "acked_lost")), [1, 1, 0]);
    assert_eq!(verdict(&*oldest, Guarantee::DURABLE).0, Holds::No);
}

/// Of two writes on two sides last write wins loses one, whichever side rejoins.
#[test]
fn last_write_wins_counts_the_same_loss_on_both_sides() {
    for seed in 0..10 {
        for order in [["c1 write x 8", "c2 write x 9"], ["c2 write x 9", "c1 write x 8"]] {
            let [first, second] = order;
            let commands =
                ["c1 write x 7", "run 100ms", "cut n1 c1 | n2 n3 c2", "run 1s", first, "run 100ms", second, "run 200ms", "heal", "run 1s"];
            let settings = [&PARTED[..], &[("merge", "last-write-wins")]].concat();
            let cluster = run_seed(&settings, &commands, seed);
            let story = story(&*cluster);
            assert_eq!((int(&*cluster, "acked"), int(&*cluster, "leaders")), (3, 1), "{story}");
            assert_eq!((int(&*cluster, "overruled"), int(&*cluster, "acked_lost")), (1, 1), "{order:?}: {story}");
        }
    }
}

/// What an old leader wrote in order is one thing in a merge: its last value, and no sibling of what it replaced.
#[test]
fn writes_of_one_side_are_no_conflict() {
    let commands = [
        "cut n1 c1 | n2 n3 c2",
        "run 1s",
        "c1 write x 1",
        "run 50ms",
        "c1 write x 2",
        "run 50ms",
        "c2 write x 3",
        "run 200ms",
        "heal",
        "run 1s",
        "c2 read x",
        "run 100ms",
    ];
    let both = parted("keep-both", &commands);
    assert!(x(&*both).contains("\"2 | 3\""), "{}", x(&*both));
    assert_eq!((int(&*both, "acked_lost"), int(&*both, "stale_reads")), (0, 0));
}

#[test]
fn at_the_start_nothing_is_tested() {
    let cluster = run(&[], &["run 100ms"]);
    assert!(cluster.verdicts().iter().all(|v| v.holds == Holds::Untested), "{:?}", cluster.verdicts());
    let asks = |text: &str| Condition::compile(text, super::FACTS, &Guarantee::REGISTER).unwrap().holds_in(&*cluster);
    assert_eq!(asks("linearizable == 'untested'"), Ok(true));
    assert_eq!(
        [asks("linearizable == 'yes'"), asks("linearizable == 'no'"), asks("linearizable == 'unknown'")],
        [Ok(false), Ok(false), Ok(false)]
    );
    let cluster = run(&[], &["c1 write x 7", "run 100ms", "c1 read x", "run 100ms"]);
    let holds: Vec<Holds> = cluster.verdicts().iter().map(|v| v.holds).collect();
    let (yes, open) = (Holds::Yes, Holds::Untested);
    assert_eq!(holds, [yes, yes, yes, open, open, open, open, yes]);
}

#[test]
fn a_write_that_only_a_dead_server_has_is_not_judged_yet() {
    let commands = ["c1 write x 7", "run 100ms", "cut n1 -> n2 n3", "c1 write x 8", "run 30ms", "crash n1", "run 1s"];
    let cluster = run(&[], &commands);
    let why = "8, acknowledged to c1, is only on n1, which is down".to_string();
    assert_eq!(verdict(&*cluster, Guarantee::DURABLE), (Holds::Unknown, why), "{}", story(&*cluster));
    assert_eq!((int(&*cluster, "acked_lost"), int(&*cluster, "acked_missing")), (0, 1));
    let back = run(&[], &[&commands[..], &["heal", "restart n1", "run 1s"]].concat());
    assert_eq!(verdict(&*back, Guarantee::DURABLE).0, Holds::No, "{}", story(&*back));
    let led = run(&[("fencing", "off")], &["cut n1 c1 | n2 n3 c2", "run 1s", "c1 write x 8", "run 100ms"]);
    assert_eq!(
        verdict(&*led, Guarantee::DURABLE).1,
        "8, acknowledged to c1, is on n1, and not on n2, which leads".replace("n2", newest(&*led))
    );
}

fn newest(cluster: &dyn Cluster) -> &'static str {
    let FactValue::Text(names) = fact(cluster, "leader") else { panic!("a text") };
    if names.ends_with("n2") { "n2" } else { "n3" }
}

#[test]
fn convergence_is_not_judged_before_it_can_be() {
    let convergent = |settings: &[(&str, &str)], commands: &[&str]| verdict(&*run(settings, commands), Guarantee::CONVERGENT);
    let written = ["c1 write x 7", "run 200ms"];
    let then = |more: &[&'static str]| [&written[..], more].concat();
    assert_eq!(convergent(&[], &written), (Holds::Yes, String::new()));
    assert_eq!(convergent(&[], &then(&["cut n1 | n2 n3"])), (Holds::Unknown, "the copies are equal, but a cut is open".into()));
    let lossy = (Holds::Unknown, "the copies are equal, but a line loses everything".into());
    assert_eq!(convergent(&[], &then(&["loss n1 -> n3 100%"])), lossy, "as good as cut");
    assert_eq!(convergent(&[], &then(&["loss n1 -> n3 50%"])), (Holds::Yes, String::new()));
    assert_eq!(convergent(&[], &then(&["crash n1", "run 100ms"])), (Holds::Unknown, "the copies are equal, but nobody leads".into()));
    let slow = [("apply", "const(1s)")];
    let (holds, why) = convergent(&slow, &["c1 write x 7", "run 200ms"]);
    assert!(holds == Holds::Unknown && why.starts_with("still spreading"), "{why}");
    let stops = [("fencing", "off"), ("rejoin", "refuse")];
    let (holds, why) = convergent(&stops, &["cut n1 c1 | n2 n3 c2", "run 1s", "c1 write x 8", "run 100ms", "heal", "run 1s"]);
    assert!(holds == Holds::No && why.starts_with("n1 holds 8 at x, "), "a stranded server stays as it is: {why}");
}

/// Once the copies are equal, heartbeats and their answers change nothing.
#[test]
fn convergence_does_not_flicker() {
    let mut cluster = run(&[("fencing", "lease"), ("replication", "majority")], &["c1 write x 7", "run 300ms"]);
    for _ in 0..300 {
        cluster.step();
        assert_eq!(verdict(&*cluster, Guarantee::CONVERGENT), (Holds::Yes, String::new()), "{}", story(&*cluster));
    }
}

#[test]
fn the_time_without_writes_is_counted_whatever_the_cause() {
    let down = |settings: &[(&str, &str)], commands: &[&str]| {
        let cluster = run(settings, &[&["run 100ms"], commands, &["run 5s"]].concat());
        float(&*cluster, "unavailable_ms")
    };
    let manual = ("failover", "manual");
    let blocked = 4990.0..=5010.0;
    for (settings, commands) in [
        (&[("replication", "sync"), manual][..], &["crash n3"][..]),
        (&[("replication", "sync"), ("sync-followers", "n3"), manual], &["pause n3"]),
        (&[("replication", "sync"), ("sync-followers", "any 2"), manual], &["cut n1 -> n2"]),
        (&[("replication", "semi-sync"), manual], &["crash n2", "crash n3"]),
        (&[("replication", "majority"), manual], &["cut n1 c1 | n2 n3 c2"]),
        (&[("replication", "majority"), manual], &["full-disk n2", "full-disk n3"]),
        (&[manual], &["full-disk n1"]),
        (&[manual], &["cut n1 | c1 c2"]),
        (&[manual], &["hold all"]),
        (&[manual], &["loss n1 | c1 1", "loss n1 | c2 1"]),
    ] {
        let found = down(settings, commands);
        assert!(blocked.contains(&found), "{settings:?} {commands:?}: {found}");
    }
    for (settings, commands) in [
        (&[("replication", "sync"), ("sync-followers", "any 1"), manual][..], &["crash n3"][..]),
        (&[("replication", "semi-sync"), manual], &["crash n2"]),
        (&[("replication", "majority"), manual], &["cut n1 | n2"]),
        (&[manual], &["crash n2", "crash n3", "cut n1 | c1"]),
    ] {
        assert!(down(settings, commands) <= 0.0, "{settings:?} {commands:?}");
    }
    assert!(down(&[], &["crash n1"]) < 1000.0, "failover ends it");
}

#[test]
fn a_percentile_stands_with_its_count() {
    let few = run(&[], &["c1 write x 1", "run 100ms", "c1 write x 2", "run 100ms", "c1 write x 3", "run 100ms"]);
    assert_eq!(fact(&*few, "write_ms_p99"), FactValue::Absent("3 of the 100 it needs".into()));
    assert!(matches!(fact(&*few, "write_ms_p50"), FactValue::Sampled { of: 3, .. }));
    let many = run(&[], &["workload c1 50/s read:write 0:1 keys x", "run 4s"]);
    assert!(matches!(fact(&*many, "write_ms_p99"), FactValue::Sampled { of: 100.., .. }));
}

#[test]
fn a_value_that_is_not_there_makes_a_condition_false() {
    let asks = |cluster: &dyn Cluster, text: &str| Condition::compile(text, super::FACTS, &Guarantee::REGISTER).unwrap().holds_in(cluster);
    let dead = run(&[("failover", "manual")], &["c1 write x 7", "run 100ms", "crash n1", "run 100ms"]);
    for text in [
        "lag_entries_max == 0",
        "lag_ms_max < 5",
        "lag_entries.n2 == 0",
        "acked_missing == 0",
        "lag_entries.all(n, lag_entries[n] == 0)",
        "read_ms_mean < 5",
    ] {
        assert_eq!(asks(&*dead, text), Ok(false), "{text}");
    }
    assert_eq!(asks(&*run(&[], &["c1 write x 7", "run 100ms"]), "lag_entries_max == 0 && acked_missing == 0"), Ok(true));
}

#[test]
fn only_what_is_asked_for_is_worked_out() {
    let cluster = run(&[], &["c1 write x 7", "run 100ms"]);
    let mut some = Facts::only(vec!["acked", "lag_ms_max"]);
    cluster.facts(&mut some);
    assert_eq!(some.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["acked", "lag_ms_max"]);
    let mut all = Facts::default();
    cluster.facts(&mut all);
    assert!(some.iter().all(|(name, value)| all.get(name) == Some(value)));
}

/// laws: `lag-mm1`: from acknowledgement to application D + 1/(mu - lambda) on average, and D + ln(100)/(mu - lambda) for 99 of
/// 100, with D one way and a queue of one server.
fn application_follows_the_mm1_queue(rate: f64, seconds: u64, tolerance: f64) {
    let settings =
        [("apply", "exp(10ms)"), ("latency", "const(5ms)"), ("disk", "const(0s)"), ("heartbeat", "10s"), ("detection-timeout", "10h")];
    let mut cluster = run(&settings, &[&format!("workload c1 {rate}/s read:write 0:1 keys x")]);
    cluster.run_until(Time::ZERO + Span::s(seconds), u64::MAX);
    let queue = 1000.0 / (100.0 - rate);
    for (name, law) in [("apply_ms_mean", 5.0 + queue), ("apply_ms_p99", 5.0 + libm::log(100.0) * queue)] {
        let found = float(&*cluster, name);
        assert!((found / law - 1.0).abs() < tolerance, "{rate}/s: {name} {found}, not {law}");
    }
}

#[test]
fn application_at_half_the_capacity() {
    application_follows_the_mm1_queue(50.0, 1200, 0.03);
}

#[test]
#[ignore = "15 million events: for optimised builds"]
fn application_near_the_capacity() {
    application_follows_the_mm1_queue(80.0, 10_000, 0.03);
    application_follows_the_mm1_queue(95.0, 10_000, 0.10);
}

#[test]
fn what_was_is_remembered_however_the_run_is_driven() {
    let parted = ["cut n1 | n2 n3 c1 c2", "run 2s", "heal", "run 2s"];
    let at_once = run(&[], &parted);
    let about = |text: &str| Condition::about(text, &scenario(&[], 1)).unwrap_or_else(|bad| panic!("{bad:?}"));
    for (text, holds) in [
        ("leaders == 1 && max_over(leaders, 10s) == 2", true),
        ("max_over(leaders, 500ms) == 1", true),
        ("at(leaders, 2500ms) == 2 && at(leaders, 3900ms) == 1", true),
        ("mean_over(leaders, 4s) > 1.1 && mean_over(leaders, 4s) < 1.9", true),
        ("at(leaders, 10s) >= 0", false),
    ] {
        let condition = about(text);
        let facts = condition.look(&*at_once);
        assert_eq!(condition.holds(&facts), Ok(holds), "{text}: {}", condition.explain(&facts));
    }
    let mut in_steps = run(&[], &parted[..1]);
    let walk = |cluster: &mut Box<dyn Cluster>, to: Time| {
        while cluster.now() < to {
            *cluster = cluster.fork();
            cluster.run_until((cluster.now() + Span::ms(7)).min(to), u64::MAX);
        }
    };
    walk(&mut in_steps, Time(2_000_000_000));
    assert!(in_steps.apply(&poke("heal n2 | n3")).is_err(), "a refused poke changes nothing");
    in_steps.apply(&poke("heal")).unwrap();
    walk(&mut in_steps, Time(4_000_000_000));
    let pieces = |cluster: &dyn Cluster, fact: &str| cluster.series().unwrap().pieces(fact, None, cluster.now()).collect::<Vec<_>>();
    for fact in facts::MODEL.series {
        assert!(!pieces(&*at_once, fact).is_empty(), "{fact}");
        assert_eq!(pieces(&*at_once, fact), pieces(&*in_steps, fact), "{fact}");
    }
}

fn poke(text: &str) -> crate::command::Poke {
    match super::MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{other:?}"),
    }
}
