//! The cluster under the pokes that lessons are made of.

use super::MODEL;
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::{Cluster, Scenario, Stop};
use crate::command::{Command, Drive};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

pub(super) fn scenario(settings: &[(&str, &str)], seed: u64) -> Scenario {
    let settings = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Scenario { model: "replicated".into(), nodes: None, clients: None, zones: Vec::new(), settings, seed }
}

pub(super) fn run_seed(settings: &[(&str, &str)], commands: &[&str], seed: u64) -> Box<dyn Cluster> {
    let mut cluster = (MODEL.start)(&scenario(settings, seed)).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    for text in commands {
        match super::MODEL.language.parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}")) {
            Command::Poke(poke) => cluster.apply(&poke).unwrap_or_else(|why| panic!("{text}: {why}")),
            Command::Drive(Drive::Run(span)) => {
                let end = cluster.now() + span;
                assert_eq!(cluster.run_until(end, 1_000_000), Stop::Reached);
            }
            other @ Command::Drive(_) => panic!("{other:?}"),
        }
    }
    cluster
}

pub(super) fn run(settings: &[(&str, &str)], commands: &[&str]) -> Box<dyn Cluster> {
    run_seed(settings, commands, 7)
}

pub(super) fn int(cluster: &dyn Cluster, name: &str) -> i64 {
    match fact(cluster, name) {
        FactValue::Int(n) => n,
        other => panic!("{name} is {other}"),
    }
}

pub(super) fn float(cluster: &dyn Cluster, name: &str) -> f64 {
    let value = fact(cluster, name);
    value.number(None).unwrap_or_else(|| panic!("{name} is {value}"))
}

pub(super) fn fact(cluster: &dyn Cluster, name: &str) -> FactValue {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    facts.get(name).unwrap_or_else(|| panic!("no fact {name}")).clone()
}

pub(super) fn story(cluster: &dyn Cluster) -> String {
    let mut all = Vec::new();
    cluster.happenings(Time::ZERO, &mut all);
    all.iter()
        .filter_map(|h| match &h.what {
            crate::cluster::What::Note { text, .. } => Some(format!("{} {text}\n", h.at)),
            crate::cluster::What::Poked(poke) => Some(format!("{} > {poke}\n", h.at)),
            _ => None,
        })
        .collect()
}

pub(super) fn verdict(cluster: &dyn Cluster, guarantee: Guarantee) -> (Holds, String) {
    let verdict = cluster.verdicts().into_iter().find(|v| v.guarantee == guarantee);
    verdict.map_or_else(|| panic!("no verdict on {guarantee:?}"), |v| (v.holds, v.why))
}

fn broken(cluster: &dyn Cluster) -> Vec<Guarantee> {
    cluster.verdicts().into_iter().filter(|v| v.holds == Holds::No).map(|v| v.guarantee).collect()
}

pub(super) const CP: [(&str, &str); 3] = [("replication", "majority"), ("fencing", "lease"), ("follower-reads", "refuse")];

#[test]
fn every_fact_is_documented_and_in_order() {
    let cluster = run(&[], &["c1 write x 7", "run 1s"]);
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    let names: Vec<&str> = facts.iter().map(|(name, _)| name).collect();
    let documented: Vec<&str> = super::FACTS.iter().map(|doc| doc.name).collect();
    assert_eq!(names, documented);
}

#[test]
fn a_write_reaches_every_replica() {
    for replication in ["async", "semi-sync", "sync", "majority"] {
        let cluster = run(&[("replication", replication)], &["c1 write x 7", "run 500ms", "c2 read x from n3", "run 500ms"]);
        assert_eq!((int(&*cluster, "acked"), int(&*cluster, "divergent_keys")), (1, 0), "{}", story(&*cluster));
        assert_eq!((int(&*cluster, "reads_ok"), int(&*cluster, "stale_reads")), (1, 0));
        assert_eq!(broken(&*cluster), []);
    }
}

#[test]
fn a_cut_leader_and_automatic_failover_make_two_leaders() {
    for seed in 0..20 {
        let cluster = run_seed(&[("fencing", "off")], &["run 200ms", "cut n1 | n2 n3", "run 2s"], seed);
        assert_eq!(int(&*cluster, "leaders"), 2, "{}", story(&*cluster));
    }
}

/// Both sides of a cut take it; only what changes the key on both is a conflict.
#[test]
fn a_compare_and_set_that_is_refused_conflicts_with_nothing() {
    let conflicts = |cas: &str| {
        let commands = [
            "c1 write x 5",
            "run 500ms",
            "cut n1 c1 | n2 n3 c2",
            "run 1500ms",
            cas,
            "c2 write x 9 to n2",
            "c2 write x 9 to n3",
            "run 500ms",
        ];
        int(&*run_seed(&[("fencing", "off")], &commands, 3), "conflicting_writes")
    };
    assert_eq!(conflicts("c1 cas x 4 8"), 0);
    assert!(conflicts("c1 cas x 5 8") >= 1);
}

#[test]
fn an_old_leaders_writes_are_discarded_when_it_rejoins() {
    for seed in 0..20 {
        let commands = [
            "cut n1 c1 | n2 n3 c2",
            "run 1500ms",
            "c1 write x 8",
            "c2 write x 9 to n2",
            "c2 write x 9 to n3",
            "run 500ms",
            "heal",
            "run 1s",
        ];
        let cluster = run_seed(&[("fencing", "off")], &commands, seed);
        let story = story(&*cluster);
        assert_eq!(int(&*cluster, "leaders"), 1, "{story}");
        assert_eq!(int(&*cluster, "acked_lost"), 1, "{story}");
        assert!(int(&*cluster, "conflicting_writes") >= 1, "{story}");
        assert_eq!(int(&*cluster, "divergent_keys"), 0, "{story}");
        assert!(broken(&*cluster).contains(&Guarantee::DURABLE), "{story}");
    }
}

#[test]
fn a_lease_never_lets_two_lead() {
    for seed in 0..20 {
        let mut cluster = run_seed(&CP, &["run 100ms", "cut n1 c1 | n2 n3 c2"], seed);
        while cluster.now() < Time::ZERO + Span::s(3) {
            cluster.step();
            assert!(int(&*cluster, "leaders") <= 1, "{}", story(&*cluster));
        }
        assert_eq!((int(&*cluster, "leaders"), int(&*cluster, "failovers")), (1, 1), "{}", story(&*cluster));
    }
}

#[test]
fn the_cp_design_is_linearizable_under_a_cut() {
    for seed in 0..20 {
        let commands = [
            "workload c1 20/s read:write 1:1 keys x",
            "workload c2 20/s read:write 1:1 keys x",
            "run 500ms",
            "cut n1 c1 | n2 n3 c2",
            "run 2s",
            "heal",
            "run 1s",
            "crash n2 losing unsynced",
            "run 2s",
            "restart n2",
            "run 1s",
        ];
        let cluster = run_seed(&CP, &commands, seed);
        assert_eq!(broken(&*cluster), [], "seed {seed}\n{}", story(&*cluster));
        assert!(int(&*cluster, "acked") > 30, "{}", story(&*cluster));
        assert_eq!(int(&*cluster, "acked_lost"), 0);
    }
}

#[test]
fn the_ap_design_takes_writes_on_both_sides_and_merges() {
    for seed in 0..20 {
        let settings = [("fencing", "off"), ("election", "alone"), ("rejoin", "merge"), ("merge", "keep-both"), ("reads", "nearest")];
        let commands =
            ["cut n1 c1 | n2 n3 c2", "run 1500ms", "c1 write x 8", "c2 write x 9", "run 1s", "c2 write y 1", "run 500ms", "heal", "run 2s"];
        let cluster = run_seed(&settings, &commands, seed);
        let story = story(&*cluster);
        assert_eq!((int(&*cluster, "acked_lost"), int(&*cluster, "divergent_keys")), (0, 0), "{story}");
        assert!(story.contains("merges"), "{story}");
    }
}

#[test]
fn lag_grows_and_shrinks() {
    let settings = [("apply", "const(50ms)"), ("reads", "any")];
    let cluster = run(&settings, &["workload c1 40/s read:write 1:4 keys x", "run 3s"]);
    assert!(int(&*cluster, "lag_entries_max") > 20);
    assert!(int(&*cluster, "stale_reads") > 0);
    let cluster = run(&settings, &["workload c1 40/s read:write 0:1 keys x", "run 1s", "workload c1 off", "run 5s"]);
    assert_eq!(int(&*cluster, "lag_entries_max"), 0);
}

#[test]
fn a_blocked_synchronous_write_and_semi_sync_that_goes_on() {
    let blocked = run(&[("replication", "sync")], &["run 100ms", "pause n2", "c1 write x 7", "run 1s"]);
    assert_eq!((int(&*blocked, "acked"), int(&*blocked, "unknown")), (0, 1), "{}", story(&*blocked));
    let goes_on = run(&[("replication", "semi-sync")], &["run 100ms", "pause n2", "c1 write x 7", "run 1s"]);
    assert_eq!(int(&*goes_on, "acked"), 1, "{}", story(&*goes_on));
}

#[test]
fn an_overloaded_leader_is_replaced_without_need() {
    let settings = [("handling", "5ms"), ("detection-timeout", "150ms")];
    let load = ["run 200ms", "slow n1 20x", "workload c1 100/s read:write 1:1 keys x", "run 3s"];
    assert!(int(&*run(&settings, &load), "failovers") >= 1);
    let patient = [("handling", "5ms"), ("detection-timeout", "5s")];
    assert_eq!(int(&*run(&patient, &load), "failovers"), 0);
}

#[test]
fn manual_failover_waits_for_promote() {
    let manual = [("failover", "manual")];
    let cluster = run(&manual, &["crash n1", "run 2s"]);
    assert_eq!(int(&*cluster, "leaders"), 0);
    assert!(float(&*cluster, "unavailable_ms") > 1900.0);
    let cluster = run(&manual, &["crash n1", "run 1s", "promote n3", "run 500ms", "c1 write x 1", "run 1s", "restart n1", "run 500ms"]);
    assert_eq!((int(&*cluster, "leaders"), int(&*cluster, "acked")), (1, 1), "{}", story(&*cluster));
}

#[test]
fn a_fast_drifting_clock_breaks_a_lease() {
    // The old leader's clock runs so slow that its lease outlives the others' patience.
    let two = (0..10).any(|seed| {
        let mut cluster = run_seed(&CP, &["drift n1 -800000ppm", "run 100ms", "cut n1 c1 | n2 n3 c2"], seed);
        while cluster.now() < Time::ZERO + Span::s(2) {
            cluster.step();
            if int(&*cluster, "leaders") == 2 {
                return true;
            }
        }
        false
    });
    assert!(two);
}

#[test]
fn read_routes_do_what_they_say() {
    let lag = ("apply", "const(300ms)");
    let own =
        run(&[lag, ("reads", "own-from-leader")], &["c1 write c1.bio 1", "run 200ms", "c1 read c1.bio", "c2 read c1.bio", "run 100ms"]);
    assert_eq!((int(&*own, "reads_ok"), int(&*own, "stale_reads")), (2, 1), "{}", story(&*own));
    let token = run(&[lag, ("reads", "wait-for-position")], &["c1 write x 1", "run 100ms", "c1 read x", "run 480ms"]);
    assert_eq!((int(&*token, "reads_ok"), int(&*token, "stale_reads")), (1, 0), "{}", story(&*token));
    let sticky = run(&[lag, ("reads", "sticky")], &["c1 write x 1", "run 400ms", "c1 read x", "run 100ms"]);
    assert_eq!(int(&*sticky, "reads_ok"), 1);
}

/// The mean time of a write in round trips, with four followers whose round trips are exponential and independent.
fn mean_commit(replication: &[(&str, &str)]) -> f64 {
    let quiet =
        [("latency", "const(0s)"), ("disk", "const(0s)"), ("heartbeat", "1h"), ("detection-timeout", "2h"), ("request-timeout", "1h")];
    let mut scenario = scenario(&[replication, &quiet].concat(), 5);
    scenario.nodes = Some(5);
    let mut cluster = (MODEL.start)(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    let latencies = (2..=5).map(|n| format!("latency n1 -> n{n} exp(100ms)"));
    for text in latencies.chain(["workload c1 0.02/s read:write 0:1 keys x".to_string()]) {
        let Ok(Command::Poke(poke)) = super::MODEL.language.parse(&text) else { panic!("{text}") };
        cluster.apply(&poke).unwrap();
    }
    cluster.run_until(Time::ZERO + Span::s(300_000), u64::MAX);
    float(&*cluster, "write_ms_mean") / 100.0
}

/// laws: `sync-repl-kofn`: the k-th of n acknowledgements comes after the sum of 1/i, i from n-k+1 to n.
#[test]
fn a_write_waits_for_the_kth_of_four_followers() {
    let law = |k: u32| (5 - k..=4).map(|i| 1.0 / f64::from(i)).sum::<f64>();
    let near = |mean: f64, k: u32| assert!((mean / law(k) - 1.0).abs() < 0.02, "{k} of 4: {mean}, not {}", law(k));
    for k in 1..=4 {
        near(mean_commit(&[("replication", "sync"), ("sync-followers", &format!("any {k}"))]), k);
    }
    near(mean_commit(&[("replication", "sync")]), 4);
    // A majority of five is the leader and two followers.
    near(mean_commit(&[("replication", "majority")]), 2);
}

/// laws: `lag-mm1`. Poisson writes, exponential single-threaded apply: the mean backlog is lambda / (mu - lambda).
#[test]
fn lag_follows_the_mm1_queue() {
    let settings =
        [("apply", "exp(10ms)"), ("latency", "const(5ms)"), ("disk", "const(0s)"), ("heartbeat", "10s"), ("detection-timeout", "1h")];
    let mut cluster = run(&settings, &["workload c1 50/s read:write 0:1 keys x", "run 20s"]);
    let (mut sum, mut n) = (0.0, 0.0);
    for _ in 0..4000 {
        let end = cluster.now() + Span::ms(97);
        cluster.run_until(end, u64::MAX);
        if let FactValue::Named(lags) = fact(&*cluster, "lag_entries") {
            sum += lags[0].1;
            n += 1.0;
        }
    }
    // 50/100: backlog 1, and 50/s times 5 ms on the wire (with the leader's ack at once) make 1.25 entries.
    let mean = sum / n;
    assert!((mean / 1.25 - 1.0).abs() < 0.06, "{mean}");
}

/// A poke at a zone touches only the servers to which it can be done: a running one is not booted again.
#[test]
fn a_zone_is_poked_node_by_node() {
    let start = |commands: &[&str]| {
        let mut zoned = scenario(&[], 7);
        zoned.zones = vec![("east".into(), vec![NodeId::server(0), NodeId::server(1)]), ("west".into(), vec![NodeId::server(2)])];
        let mut cluster = (MODEL.start)(&zoned).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        for text in commands {
            let Ok(Command::Poke(poke)) = super::MODEL.language.parse(text) else { panic!("{text}") };
            cluster.apply(&poke).unwrap_or_else(|why| panic!("{text}: {why}"));
        }
        cluster
    };
    let cluster = start(&["crash n2", "restart east"]);
    assert_eq!((int(&*cluster, "leaders"), int(&*cluster, "nodes_up")), (1, 3), "n1 still leads");
    assert_eq!(int(&*start(&["pause n1", "crash east"]), "nodes_up"), 1, "a paused server crashes with its zone");
}

/// A new leader counts nobody as having its first entry before it was told so.
#[test]
fn a_new_leader_commits_nothing_by_itself() {
    let mut cluster = run(&[("replication", "majority")], &["crash n1"]);
    while int(&*cluster, "leaders") == 0 {
        cluster.step();
    }
    let rows = |cluster: &dyn Cluster| {
        let mut scene = crate::cluster::scene::Scene::default();
        cluster.scene(cluster.now(), &mut scene);
        let leader = scene.nodes.into_iter().find(|node| node.shape == crate::cluster::scene::Shape::Leader);
        leader.map_or_else(Vec::new, |node| node.rows.into_iter().filter(|row| row.value.starts_with("at ")).map(|row| row.value).collect())
    };
    assert_eq!(rows(&*cluster), ["at 0", "at 0"]);
    let end = cluster.now() + Span::ms(200);
    cluster.run_until(end, 1_000_000);
    assert!(rows(&*cluster).iter().any(|value| value != "at 0"), "the follower that lives is told and answers");
}
