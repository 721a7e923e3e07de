//! The cluster under the pokes that lessons are made of.

use super::bench::*;
use crate::check::verdict::Guarantee;
use crate::cluster::Cluster;
use crate::cluster::scene::{Body, Gauge, Scene};
use crate::sim::id::NodeId;

#[test]
fn one_leader_is_elected_and_a_write_reaches_every_log() {
    for seed in 0..20 {
        let mut cluster = cluster(5, &[], seed);
        elect(&mut *cluster);
        act(&mut *cluster, &["run 30ms", "c1 write x 7", "run 300ms", "c2 read x", "run 300ms"]);
        assert_eq!((int(&*cluster, "acked"), int(&*cluster, "reads_ok"), broken(&*cluster)), (1, 1, vec![]), "{}", story(&*cluster));
        assert!((1..=5).all(|number| disk(&*cluster, number).log.all() == disk(&*cluster, 1).log.all()), "{}", story(&*cluster));
    }
}

/// The side of a cut with a majority goes on, the other one answers nobody, and after the cut it throws away what it had not committed.
#[test]
fn a_majority_goes_on_and_a_minority_refuses() {
    for reads in ["log", "read-index", "lease"] {
        let mut cluster = cluster(5, &[("reads", reads)], 3);
        let old = elect(&mut *cluster);
        let rest: Vec<String> = (1..=5).map(n).filter(|id| *id != old).map(|id| id.to_string()).collect();
        let cut = format!("cut {old} {} c1 | {} c2", rest[0], rest[1..].join(" "));
        act(&mut *cluster, &[&format!("c1 write x 1 to {old}"), "run 200ms", &cut, "run 1ms"]);
        act(&mut *cluster, &[&format!("c1 write x 2 to {old}"), "run 1500ms", &format!("c1 read x from {old}"), "run 600ms"]);
        until(&mut *cluster, |c| int(c, "term") > 1);
        act(&mut *cluster, &["c2 write x 3", "run 600ms", "c2 write x 3", "run 600ms", "c2 write x 3", "run 600ms"]);
        let found = (int(&*cluster, "acked") >= 2, int(&*cluster, "reads_ok"));
        assert_eq!(found, (true, 0), "{reads}\n{}", story(&*cluster));
        act(&mut *cluster, &["heal", "run 2s"]);
        assert_eq!((int(&*cluster, "discarded") >= 1, int(&*cluster, "lag_entries_max")), (true, 0), "{}", story(&*cluster));
        assert_eq!(broken(&*cluster), [], "{reads}\n{}", story(&*cluster));
    }
}

/// Dissertation, 6.4: a leader that was replaced answers a read with what it has.
#[test]
fn a_read_that_skips_the_log_is_stale_at_an_old_leader() {
    let stale = |reads: &str| {
        let mut cluster = cluster(5, &[("reads", reads), ("step-down", "off")], 3);
        let old = elect(&mut *cluster);
        let rest: Vec<String> = (1..=5).map(n).filter(|id| *id != old).map(|id| id.to_string()).collect();
        act(&mut *cluster, &[&format!("c1 write x 1 to {old}"), "run 200ms", &format!("cut {old} c1 | {} c2", rest.join(" "))]);
        until(&mut *cluster, |c| int(c, "leaders") == 2);
        let new = sim_leader(&*cluster);
        act(&mut *cluster, &[&format!("c2 write x 2 to {new}"), "run 200ms", &format!("c1 read x from {old}"), "run 700ms"]);
        assert_eq!(int(&*cluster, "acked"), 2, "{}", story(&*cluster));
        (int(&*cluster, "stale_reads"), broken(&*cluster).contains(&Guarantee::LINEARIZABLE))
    };
    assert_eq!(["log", "read-index", "lease", "local"].map(stale), [(0, false), (0, false), (0, false), (1, true)]);
}

/// Raft, figure 8: an entry of an older term is on a majority, and is replaced all the same (d). Whoever counts its copies has committed
/// what is then lost: here its client asked again and was told ok. With an entry of its own term on a majority (e) it stays.
#[test]
fn figure_8_is_lost_only_by_who_counts_old_terms() {
    const AGAIN: &str = "2 attempts after 50ms";
    for (counts, retry, acked, replaced) in
        [("current-term", "never", 1, true), ("any-term", AGAIN, 2, true), ("current-term", AGAIN, 2, false)]
    {
        let mut cluster = figure_8(counts, retry);
        let lost = usize::from(replaced && counts == "any-term");
        act(&mut *cluster, &["crash n1", "restart n5", "heal", "run 10ms"]);
        assert_eq!(int(&*cluster, "acked"), acked, "{counts}, {retry}\n{}", story(&*cluster));
        assert_eq!(is_elected(&mut *cluster, 5), replaced, "{counts}, {retry}\n{}", story(&*cluster));
        act(&mut *cluster, &["restart n1", "run 1s"]);
        if replaced {
            assert_eq!((1..=5).map(|s| disk(&*cluster, s).term_at(2)).collect::<Vec<_>>(), [3; 5], "{}", story(&*cluster));
        }
        assert_eq!(int(&*cluster, "acked_lost"), lost as i64, "{counts}, {retry}\n{}", story(&*cluster));
        assert_eq!(broken(&*cluster).contains(&Guarantee::DURABLE), lost > 0, "{counts}, {retry}\n{}", story(&*cluster));
    }
}

/// The steps (a) to (c) of figure 8, with its servers S1 to S5.
fn figure_8(counts: &str, retry: &str) -> Box<dyn Cluster> {
    let settings = [
        ("counts", counts),
        ("retry", retry),
        ("no-op", "off"),
        ("election-timeout", "10s-20s"),
        ("request-timeout", "400ms"),
        ("latency", "const(1ms)"),
    ];
    let mut cluster = cluster(5, &settings, 1);
    // Before: S3 leads term 1, and entry 1 is everywhere.
    lead_by(&mut *cluster, 3);
    act(&mut *cluster, &["c1 write x 1 to n3", "run 200ms"]);
    // (a) S1 leads term 2 and has its entry 2 on S2 only.
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["cut n1 n2 c1 | n3 n4 n5 c2", "c1 write x 2 to n1", "run 200ms"]);
    // (b) S1 crashes; S5 leads term 3 with the votes of S3 and S4, and takes another entry 2.
    act(&mut *cluster, &["crash n1", "run 10ms"]);
    lead_by(&mut *cluster, 5);
    act(&mut *cluster, &["cut n5 c2 | n3 n4", "c2 write x 3 to n5", "run 10ms"]);
    // (c) S5 crashes; S1 comes back, leads term 4, and brings its entry 2 to S3: it is on a majority. Its client may ask again.
    act(&mut *cluster, &["crash n5", "restart n1", "heal", "cut n4 | n1 n2 n3", "run 10ms"]);
    lead_by(&mut *cluster, 1);
    act(&mut *cluster, &["run 300ms"]);
    assert_eq!((1..=3).map(|s| disk(&*cluster, s).term_at(2)).collect::<Vec<_>>(), [2, 2, 2], "{}", story(&*cluster));
    cluster
}

/// Without the question beforehand, a server that comes back from a cut deposes a leader that works (dissertation, 9.6).
#[test]
fn who_asks_first_deposes_no_leader_that_works() {
    for (pre_vote, changes) in [("on", 1), ("off", 2)] {
        let mut cluster = cluster(3, &[("pre-vote", pre_vote)], 5);
        let leader = elect(&mut *cluster);
        let other = (1..=3).map(n).find(|id| *id != leader).expect("three servers");
        let rest: Vec<String> = (1..=3).map(n).filter(|id| *id != other).map(|id| id.to_string()).collect();
        act(&mut *cluster, &[&format!("cut {other} | {}", rest.join(" ")), "run 1s", "heal", "run 1s"]);
        let found = int(&*cluster, "leader_changes").min(2);
        assert_eq!(found, changes, "pre-vote {pre_vote}\n{}", story(&*cluster));
    }
}

#[test]
fn leadership_is_handed_over_without_a_gap() {
    for reads in ["log", "lease"] {
        let mut cluster = cluster(5, &[("reads", reads)], 2);
        let old = elect(&mut *cluster);
        let to = (1..=5).map(n).find(|id| *id != old).expect("five servers");
        act(&mut *cluster, &["run 100ms", &format!("transfer {to}"), "run 100ms"]);
        assert_eq!(sim_leader(&*cluster), to.to_string(), "{}", story(&*cluster));
        assert!(int(&*cluster, "leader_changes") == 2, "{}", story(&*cluster));
        act(&mut *cluster, &["c1 write x 1", "run 200ms", "c1 read x", "run 200ms"]);
        assert_eq!((int(&*cluster, "acked"), int(&*cluster, "reads_ok")), (1, 1), "{}", story(&*cluster));
    }
}

/// A successor that does not answer: the leader goes on after an election timeout.
#[test]
fn a_leader_whose_successor_is_cut_off_goes_on() {
    let mut cluster = cluster(5, &[], 2);
    let old = elect(&mut *cluster);
    let to = (1..=5).map(n).find(|id| *id != old).expect("five servers");
    act(
        &mut *cluster,
        &[&format!("cut {old} -> {to}"), &format!("c1 write x 1 to {old}"), "run 20ms", &format!("transfer {to}"), "run 5ms"],
    );
    act(&mut *cluster, &[&format!("c1 write x 2 to {old}"), "run 50ms"]);
    assert_eq!(int(&*cluster, "failed"), 1, "it takes no requests meanwhile\n{}", story(&*cluster));
    assert!(story(&*cluster).contains("handing its leadership over"));
    act(&mut *cluster, &["heal", "run 3s", "c1 write x 3", "run 200ms", "c1 write x 3", "run 300ms"]);
    assert!(int(&*cluster, "acked") >= 2, "{}", story(&*cluster));
}

/// Where every server must have an entry, one that is down stops all writes: a majority is not a weaker promise, only a better one.
#[test]
fn commit_on_all_stops_with_one_server_down() {
    for (commit, needed, acked) in [("majority", 2, 1), ("all", 3, 0)] {
        let mut cluster = cluster(3, &[("commit", commit)], 5);
        let leader = elect(&mut *cluster);
        let other = (1..=3).map(n).find(|id| *id != leader).expect("three servers");
        act(&mut *cluster, &["run 100ms", &format!("crash {other}"), &format!("c1 write x 1 to {leader}")]);
        until(&mut *cluster, |c| int(c, "uncommitted") == 1);
        assert_eq!(copies_needed(&*cluster), Some(needed), "{commit}");
        act(&mut *cluster, &["run 600ms"]);
        assert_eq!(int(&*cluster, "acked"), acked, "{commit}\n{}", story(&*cluster));
    }
}

/// Four servers survive no more crashes than three.
#[test]
fn four_servers_survive_one_crash_and_not_two() {
    for (nodes, crashes, serves) in [(3, 1, true), (3, 2, false), (4, 1, true), (4, 2, false), (5, 2, true), (5, 3, false)] {
        let mut cluster = cluster(nodes, &[], 4);
        elect(&mut *cluster);
        for number in 1..=crashes {
            act(&mut *cluster, &[&format!("crash n{number}")]);
        }
        act(&mut *cluster, &["run 2s"]);
        for _ in 0..4 {
            act(&mut *cluster, &["c1 write x 1", "run 600ms"]);
        }
        assert_eq!(int(&*cluster, "acked") > 0, serves, "{nodes} servers, {crashes} down\n{}", story(&*cluster));
    }
}

/// How many copies the stage says that the newest entry needs.
fn copies_needed(cluster: &dyn Cluster) -> Option<u32> {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    scene.panels.iter().find_map(|panel| match &panel.body {
        Body::Gauges(gauges) => gauges.iter().find_map(|gauge| match gauge {
            Gauge::Counted { name, of, .. } if name.ends_with("copies") => Some(*of),
            _ => None,
        }),
        _ => None,
    })
}

/// What is told of somebody who stands is so: a server that led, or that voted, knew of a leader until then.
#[test]
fn who_stands_says_how_long_it_knew_of_no_leader() {
    let mut cluster = cluster(3, &[("latency", "const(10ms)")], 1);
    let old = elect(&mut *cluster);
    let rest: Vec<String> = (1..=3).map(n).filter(|id| *id != old).map(|id| id.to_string()).collect();
    act(&mut *cluster, &["run 1s", &format!("cut {old} | {}", rest.join(" "))]);
    let steps_down = format!("{old} had no answers from a majority for 300 ms, so it stops leading.");
    until(&mut *cluster, |c| story(c).contains(&steps_down));
    let at = cluster.now();
    let stands = format!("{old} stands for election in term 2");
    until(&mut *cluster, |c| story(c).contains(&stands));
    let told = format!("no leader known for {} ms.", cluster.now().since(at).0 / 1_000_000);
    assert!(story(&*cluster).lines().any(|line| line.contains(&stands) && line.ends_with(&told)), "{told}\n{}", story(&*cluster));
}

/// Who gives no vote says truly whom it heard.
#[test]
fn who_denies_a_vote_for_a_leader_names_that_leader() {
    let mut cluster = cluster(3, &[("latency", "const(10ms)"), ("pre-vote", "on")], 1);
    let old = elect(&mut *cluster);
    let others: Vec<NodeId> = (1..=3).map(n).filter(|id| *id != old).collect();
    act(&mut *cluster, &["run 200ms", &format!("fire {} election", others[0]), "run 30ms"]);
    let told = story(&*cluster);
    for says in [
        format!("{old} does not vote for {}: it leads.", others[0]),
        format!("{} does not vote for {}: it heard from {old} a moment ago.", others[1], others[0]),
    ] {
        assert!(told.contains(&says), "{says}\n{told}");
    }
}

/// The name of the newest leader.
fn sim_leader(cluster: &dyn Cluster) -> String {
    super::look::leaders(sim(cluster)).last().map_or_else(String::new, ToString::to_string)
}
