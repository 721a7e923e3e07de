//! Rules by which reads are routed: what each keeps, and the case that breaks it.

use super::MODEL;
use super::tests::{fact, float, int, run, run_seed, scenario, story, verdict};
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::{Cluster, Scenario};
use crate::command::Command;
use crate::sim::time::Span;

const SLOW: (&str, &str) = ("apply", "const(300ms)");
const ONE_PACE: (&str, &str) = ("latency", "const(10ms)");

fn holds(cluster: &dyn Cluster, guarantee: Guarantee) -> Holds {
    verdict(cluster, guarantee).0
}

fn run_with(settings: &[(&str, &str)], clients: u16, commands: &[&str]) -> Box<dyn Cluster> {
    start(&Scenario { clients: Some(clients), ..scenario(settings, 7) }, commands)
}

fn start(scenario: &Scenario, commands: &[&str]) -> Box<dyn Cluster> {
    let mut cluster = (MODEL.start)(scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    for text in commands {
        go_on(&mut *cluster, text);
    }
    cluster
}

fn go_on(cluster: &mut dyn Cluster, text: &str) {
    match MODEL.language.parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}")) {
        Command::Poke(poke) => cluster.apply(&poke).unwrap_or_else(|why| panic!("{text}: {why}")),
        Command::Drive(crate::command::Drive::Run(span)) => {
            let end = cluster.now() + span;
            cluster.run_until(end, 1_000_000);
        }
        other @ Command::Drive(_) => panic!("{other:?}"),
    }
}

#[test]
fn a_window_after_a_write_helps_while_it_is_longer_than_the_lag() {
    let look = |window: &str, wait: &str| {
        let settings = [SLOW, ("reads", "leader-window"), ("window", window)];
        let cluster = run(&settings, &["c1 write x 1", "run 50ms", wait, "c1 read x", "c2 read x", "run 100ms"]);
        (int(&*cluster, "stale_reads"), holds(&*cluster, Guarantee::READ_YOUR_WRITES))
    };
    // c2 has written nothing and reads from a follower.
    assert_eq!(look("1s", "run 50ms"), (1, Holds::Yes));
    assert_eq!(look("90ms", "run 100ms"), (2, Holds::No));
}

#[test]
fn a_bound_on_lag_helps_only_against_more_lag_than_that() {
    let look = |bound: &str| {
        let cluster =
            run(&[SLOW, ONE_PACE, ("reads", "max-lag"), ("max-lag", bound)], &["c1 write x 1", "run 230ms", "c1 read x", "run 100ms"]);
        (int(&*cluster, "stale_reads"), fact(&*cluster, "reads_at").number(Some("n1")))
    };
    assert_eq!(look("1s"), (1, Some(0.0)));
    // Both followers send it on, and in the end the leader answers.
    assert_eq!(look("150ms"), (0, Some(1.0)));
}

/// A follower that is cut off knows that it may be behind.
#[test]
fn nothing_older_than_the_bound_and_the_way_is_read() {
    for seed in 0..20 {
        let settings = [("apply", "exp(20ms)"), ("reads", "max-lag"), ("max-lag", "200ms"), ("failover", "manual")];
        let commands = [
            "workload c1 30/s read:write 1:1 keys uniform(3)",
            "workload c2 30/s read:write 1:1 keys uniform(3)",
            "run 1s",
            "cut n1 | n3",
            "run 2s",
            "heal",
            "run 1s",
        ];
        let cluster = run_seed(&settings, &commands, seed);
        assert!(float(&*cluster, "staleness_max_ms") <= 212.0, "{}", float(&*cluster, "staleness_max_ms"));
        assert!(int(&*cluster, "stale_reads") > 0 && int(&*cluster, "reads_ok") > 100);
    }
}

const PHONE_AND_LAPTOP: [&str; 4] = ["c1 write address new", "run 100ms", "c3 read address", "run 700ms"];

#[test]
fn two_devices_are_one_session_where_they_are_one_user() {
    let look = |more: &[(&str, &str)]| {
        let settings = [&[SLOW, ("reads", "wait-for-position")], more].concat();
        let cluster = run_with(&settings, 3, &PHONE_AND_LAPTOP);
        (int(&*cluster, "stale_reads"), holds(&*cluster, Guarantee::READ_YOUR_WRITES))
    };
    assert_eq!(look(&[]), (1, Holds::Untested));
    assert_eq!(look(&[("users", "c1+c3")]), (1, Holds::No));
    assert_eq!(look(&[("users", "c1+c3"), ("memory", "account")]), (0, Holds::Yes));
    assert_eq!(look(&[("users", "c1+c2"), ("memory", "account")]), (1, Holds::Untested));
}

/// The laptop writes, and the account hears of it before the ok is reported; without the account there is no answer.
#[test]
fn the_account_hears_of_a_write_before_it_is_reported() {
    let settings = [SLOW, ONE_PACE, ("reads", "leader-window"), ("users", "c1+c3"), ("memory", "account")];
    let write = ["c3 write address new", "run 100ms", "c1 read address", "run 100ms"];
    let cluster = run_with(&settings, 3, &write);
    assert_eq!((int(&*cluster, "stale_reads"), holds(&*cluster, Guarantee::READ_YOUR_WRITES)), (0, Holds::Yes));
    // To the leader and back, the disk, to the account and back.
    assert!((float(&*cluster, "write_ms_mean") - 41.0).abs() < 0.01, "{}", float(&*cluster, "write_ms_mean"));
    let cut = run_with(&settings, 3, &["cut c1 | c3", "c3 write address new", "run 1s", "c3 read address", "run 1s"]);
    assert_eq!((int(&*cut, "unknown"), int(&*cut, "reads_failed")), (1, 1), "{}", story(&*cut));
}

/// The classic mistake: after a failover another entry has the index of the one that was lost.
#[test]
fn an_index_without_its_epoch_takes_another_entry_for_the_lost_one() {
    let look = |position: &str| {
        let settings = [("reads", "wait-for-position"), ("position", position), ("failover", "manual")];
        let commands = [
            "c1 write x 1",
            "run 200ms",
            "cut n1 c1 | n2 n3 c2",
            "c1 write x 2",
            "run 100ms",
            "promote n2",
            "run 200ms",
            "c2 write y 3",
            "run 200ms",
            "heal",
            "run 500ms",
            "c1 read x",
            "run 600ms",
        ];
        let cluster = run(&settings, &commands);
        assert_eq!(int(&*cluster, "acked_lost"), 1, "{}", story(&*cluster));
        (int(&*cluster, "reads_ok"), int(&*cluster, "refused"), holds(&*cluster, Guarantee::READ_YOUR_WRITES))
    };
    assert_eq!(look("index"), (1, 0, Holds::No));
    assert_eq!(look("epoch-index").0, 0);
    assert_eq!(look("epoch-index").1, 1);
}

/// The server that answers each of the nine clients.
fn homes(sticky: &str, join: bool) -> Vec<Option<String>> {
    let settings = scenario(&[("reads", "sticky"), ("sticky", sticky), ("failover", "manual")], 7);
    let joins = ["run 100ms", "join n5", "run 100ms"];
    let mut cluster = start(&Scenario { clients: Some(9), nodes: Some(4), ..settings }, if join { &joins } else { &[] });
    let answered = |cluster: &dyn Cluster| match fact(cluster, "reads_at") {
        crate::cluster::facts::FactValue::Named(reads) => reads,
        other => panic!("{other}"),
    };
    let home = |client: u16| {
        let before = answered(&*cluster);
        go_on(&mut *cluster, &format!("c{client} read x"));
        go_on(&mut *cluster, "run 100ms");
        answered(&*cluster).into_iter().find(|new| !before.contains(new)).map(|(server, _)| server)
    };
    (1..=9).map(home).collect()
}

#[test]
fn a_follower_that_joins_takes_users_to_itself_alone_under_rendezvous() {
    for sticky in ["modulo", "rendezvous"] {
        let (before, after) = (homes(sticky, false), homes(sticky, true));
        assert!(before.iter().all(|home| home.is_some() && home.as_deref() != Some("n1")), "{before:?}");
        let moved: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).map(|(_, after)| after.clone()).collect();
        let to_others = moved.iter().filter(|home| home.as_deref() != Some("n5")).count();
        match sticky {
            "modulo" => assert!(moved.len() >= 5 && to_others > 0, "{before:?} {after:?}"),
            _ => assert!(!moved.is_empty() && to_others == 0, "{before:?} {after:?}"),
        }
    }
}

#[test]
fn the_laptop_reads_what_is_the_users_own_from_the_leader() {
    let look = |users: &str| {
        let settings = [SLOW, ("reads", "own-from-leader"), ("users", users)];
        let cluster = run_with(&settings, 3, &["c1 write c1.bio 1", "run 50ms", "c3 read c1.bio", "run 50ms"]);
        fact(&*cluster, "reads_at").number(Some("n1"))
    };
    assert_eq!((look("none"), look("c1+c3")), (Some(0.0), Some(1.0)));
}

#[test]
fn devices_of_one_user_share_their_sticky_server() {
    let look = |users: &str| {
        let settings = [("reads", "sticky"), ("users", users)];
        let cluster = run_with(&settings, 3, &["c1 read x", "c3 read x", "run 100ms"]);
        fact(&*cluster, "reads_at").number(Some("n2"))
    };
    assert_eq!((look("none"), look("c1+c3")), (Some(1.0), Some(2.0)));
}

#[test]
fn a_confirmed_leader_shows_what_it_may_acknowledge() {
    let look = |replication: &str, visible: &str| {
        let settings = [("replication", replication), ("visible", visible), ("failover", "manual")];
        let before = ["cut n1 | n2 n3", "c1 write x 8", "run 100ms", "c2 read x", "run 100ms"];
        let cluster = run(&settings, &[&before[..], &["heal", "run 200ms", "c2 read x", "run 100ms"]].concat());
        let read = |n: usize| Some(cluster.exchanges()[n].outcome.short().to_string());
        (read(1), read(2))
    };
    let some = |text: &str| Some(text.to_string());
    for replication in ["sync", "semi-sync"] {
        assert_eq!(look(replication, "at-once"), (some("8"), some("8")));
        assert_eq!(look(replication, "confirmed"), (some("nil"), some("8")));
    }
    assert_eq!(look("async", "confirmed").0, some("8"));
}

/// A leader that takes office shows what it took over, though no follower has answered it yet.
#[test]
fn a_confirmed_leader_shows_its_past() {
    let settings = [("replication", "sync"), ("visible", "confirmed"), ("failover", "manual")];
    let commands = ["c1 write x 8", "run 200ms", "crash n1", "crash n3", "promote n2", "run 100ms", "c2 read x from n2", "run 100ms"];
    let cluster = run(&settings, &commands);
    assert_eq!(int(&*cluster, "reads_ok"), 1, "{}", story(&*cluster));
}

/// A switch by hand, and ten seconds of writes to the leader that was replaced.
#[test]
fn an_old_leader_that_learns_late_loses_what_it_takes_meanwhile() {
    let look = |news: &str| {
        let settings = [("failover", "manual"), ("news", news)];
        let commands = ["workload c1 steady 10/s read:write 0:1 keys x", "run 1s", "promote n2", "run 15s", "workload c1 off", "run 2s"];
        let cluster = run(&settings, &commands);
        assert_eq!(int(&*cluster, "leaders"), 1, "{}", story(&*cluster));
        int(&*cluster, "acked_lost")
    };
    assert!(look("0s") <= 1);
    assert!((95..=105).contains(&look("10s")), "{}", look("10s"));
}

/// One server in us, and a client in each region.
fn map(settings: &[(&str, &str)], commands: &[&str]) -> Box<dyn Cluster> {
    let mut scenario = Scenario { nodes: Some(1), clients: Some(3), ..scenario(settings, 7) };
    let ids = |names: &[&str]| names.iter().map(|name| name.parse().unwrap()).collect();
    scenario.zones = REGIONS.iter().map(|(name, nodes)| (name.to_string(), ids(nodes))).collect();
    start(&scenario, commands)
}

const REGIONS: [(&str, &[&str]); 3] = [("us", &["n1", "c1"]), ("eu", &["c2"]), ("asia", &["c3"])];
const NEAR: [(&str, &str); 2] = [("latency", "const(4ms)"), ("reads", "nearest")];
const FAR: [&str; 2] = ["latency us | asia const(75ms)", "latency eu | asia const(90ms)"];

/// A write takes the way to the leader and back, and a millisecond for its disk; a read that of the nearest copy.
#[test]
fn a_copy_that_joins_makes_reads_near_and_writes_no_nearer() {
    let asked = ["c1 write x 1", "c2 write y 1", "c3 write z 1", "run 500ms", "c1 read x", "c2 read x", "c3 read x", "run 500ms"];
    let look = |joins: &[&str]| {
        let cluster = map(&NEAR, &[&FAR[..], joins, &["run 500ms"], &asked].concat());
        assert_eq!(int(&*cluster, "acked"), 3, "{}", story(&*cluster));
        ["write_ms_in", "read_ms_in"].map(|name| ["us", "eu", "asia"].map(|zone| fact(&*cluster, name).number(Some(zone)).unwrap()))
    };
    assert_eq!(look(&[]), [[9.0, 81.0, 151.0], [8.0, 80.0, 150.0]]);
    assert_eq!(look(&["join n2 in eu", "join n3 in asia"]), [[9.0, 81.0, 151.0], [8.0, 8.0, 8.0]]);
}

/// Wires of a server that joins are as slow as its neighbours', whenever it comes.
#[test]
fn a_server_that_joins_has_the_wires_of_its_zone() {
    let joins = [&FAR[..], &["run 100ms", "join n2 in eu", "run 100ms", "join n3 in asia", "run 1s", "c1 write x 1", "run 500ms"]].concat();
    let sync = [NEAR[0], ("replication", "sync")];
    let cluster = map(&sync, &joins);
    // To the leader and back 8, its disk 1, the way to asia and back 150, the disk there 1.
    assert!((float(&*cluster, "write_ms_mean") - 159.0).abs() < 1.5, "{}", float(&*cluster, "write_ms_mean"));
    assert_eq!(int(&*cluster, "divergent_keys"), 0, "{}", story(&*cluster));
}

#[test]
fn who_joins_with_a_copy_goes_on_from_its_position_and_who_joins_empty_starts_over() {
    let look = |join: &str| {
        let settings = [("apply", "const(10ms)"), ("failover", "manual"), ("reads", "any")];
        let commands = ["workload c1 steady 50/s read:write 0:1 keys x", "run 2s", "workload c1 off", "run 500ms", join, "run 300ms"];
        let mut cluster = run(&settings, &commands);
        let soon = fact(&*cluster, "lag_entries").number(Some("n4"));
        go_on(&mut *cluster, "run 5s");
        assert_eq!((int(&*cluster, "lag_entries_max"), int(&*cluster, "divergent_keys")), (0, 0), "{}", story(&*cluster));
        assert!(float(&*cluster, "apply_ms_p99") < 3000.0);
        soon
    };
    assert_eq!(look("join n4"), Some(0.0));
    assert!(look("join n4 empty") > Some(60.0), "{:?}", look("join n4 empty"));
}

/// A new member counts for elections and for majorities, also when it joins before anything has happened.
#[test]
fn who_joins_votes_and_is_counted() {
    for when in ["run 1ms", "run 0s", "run 300ms"] {
        let commands = [
            when,
            "join n4",
            "join n5",
            "run 500ms",
            "c1 write x 1",
            "run 200ms",
            "crash n1",
            "crash n2",
            "run 3s",
            "c2 read x",
            "run 600ms",
        ];
        let cluster = run(&[("replication", "majority")], &commands);
        assert_eq!(
            (int(&*cluster, "leaders"), int(&*cluster, "acked_lost"), int(&*cluster, "reads_ok")),
            (1, 0, 1),
            "{}",
            story(&*cluster)
        );
    }
}

/// A server that is not there yet can be typed, and no client takes its name.
#[test]
fn who_joins_is_named_before_it_is_there() {
    let cluster = run(&[], &[]);
    let vocabulary = crate::cluster::vocabulary::vocabulary(&*cluster, &MODEL);
    assert!(vocabulary.parse("join n4").is_ok());
    assert!(vocabulary.parse("join c4").is_err_and(|wrong| wrong.message.contains("no name for a server")));
}

#[test]
fn what_cannot_join_is_told_why() {
    let mut cluster = run(&[], &["run 100ms"]);
    let mut refused = |text: &str| {
        let Ok(Command::Poke(poke)) = MODEL.language.parse(text) else { panic!("{text}") };
        cluster.apply(&poke).map_err(|why| why.to_string())
    };
    assert_eq!(refused("join n7"), Err("the next server is called n4".into()));
    assert!(refused("join n4 in mars").is_err_and(|why| why.contains("mars")));
    assert!(refused("join n4 in n1").is_err_and(|why| why.contains("no zone")));
    for number in 4..=9 {
        assert_eq!(refused(&format!("join n{number}")), Ok(()));
    }
    assert_eq!(refused("join n10"), Err("9 servers are the most here".into()));
    cluster.run_until(cluster.now() + Span::s(1), 1_000_000);
    assert_eq!(int(&*cluster, "nodes_up"), 9);
}

/// Tables come with the copy too.
#[test]
fn who_joins_has_the_tables_of_the_leader() {
    for join in ["join n4", "join n4 empty"] {
        let commands = ["c1 sql \"UPDATE books SET stock = 0\"", "run 300ms", join, "run 1s"];
        let cluster = run(&[("failover", "manual")], &commands);
        assert_eq!(int(&*cluster, "rows_differing"), 0, "{join}: {}", story(&*cluster));
    }
}
