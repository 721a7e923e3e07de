//! Changes without a number, copies that are collected, and a semi-synchronous leader that goes on alone.

use super::tests::{fact, int, run, run_seed, story, verdict};
use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::Cluster;
use crate::cluster::facts::FactValue;
use crate::cluster::scene::{NodeView, Scene};

const BLIND: [(&str, &str); 3] = [("shipping", "blind"), ("failover", "manual"), ("latency", "const(10ms)")];

/// The price as each server has it.
fn prices(cluster: &dyn Cluster) -> Vec<String> {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    let price = |node: &NodeView| {
        let row = node.rows.iter().find(|row| row.label == "price")?;
        Some(row.value.clone())
    };
    scene.nodes.iter().filter_map(price).collect()
}

fn missed(more: &[&str]) -> Box<dyn Cluster> {
    let miss = ["c1 write price 20", "run 200ms", "cut n1 -> n3", "c1 write price 25", "run 200ms", "heal", "run 2s"];
    run(&BLIND, &[&miss[..], more].concat())
}

#[test]
fn what_misses_a_number_is_missed_for_ever() {
    let cluster = missed(&["run 60s"]);
    assert_eq!(prices(&*cluster), ["25", "25", "20"], "{}", story(&*cluster));
    assert_eq!((int(&*cluster, "divergent_keys"), verdict(&*cluster, Guarantee::CONVERGENT).0), (1, Holds::No));
    // Nobody can tell how far n3 is behind.
    assert!(matches!(fact(&*cluster, "lag_entries_max"), FactValue::Absent(_)));
    // The log closes the gap with its next message.
    let closed = run(
        &[("failover", "manual")],
        &["c1 write price 20", "run 200ms", "cut n1 -> n3", "c1 write price 25", "run 200ms", "heal", "run 2s"],
    );
    assert_eq!((prices(&*closed), int(&*closed, "lag_entries_max")), (vec!["25".to_string(); 3], 0));
}

#[test]
fn another_write_mends_its_own_key_only() {
    let other = missed(&["c1 write title x", "run 200ms"]);
    assert_eq!((prices(&*other), int(&*other, "divergent_keys")), (vec!["25".into(), "25".into(), "20".into()], 1));
    let same = missed(&["c1 write price 26", "run 200ms"]);
    assert_eq!((prices(&*same), int(&*same, "divergent_keys")), (vec!["26".to_string(); 3], 0));
    assert_eq!(verdict(&*same, Guarantee::CONVERGENT).0, Holds::Yes);
}

#[test]
fn blind_changes_are_on_the_disk_and_no_more_than_that() {
    let cluster = missed(&["c1 write title x", "run 200ms", "crash n3 losing unsynced", "restart n3", "run 200ms"]);
    assert_eq!((prices(&*cluster), int(&*cluster, "acked_lost")), (vec!["25".into(), "25".into(), "20".into()], 0));
}

#[test]
fn a_log_takes_the_place_of_blind_changes() {
    let cluster = missed(&["c1 write title x", "run 200ms", "set shipping log", "run 500ms"]);
    assert_eq!((prices(&*cluster), int(&*cluster, "divergent_keys")), (vec!["25".to_string(); 3], 0), "{}", story(&*cluster));
    assert_eq!((int(&*cluster, "lag_entries_max"), int(&*cluster, "discarded"), int(&*cluster, "acked_lost")), (0, 0, 0));
}

#[test]
fn what_overtakes_is_applied_first() {
    let overtaken = |shipping: &'static str, seed: u64| {
        let settings = [("shipping", shipping), ("failover", "manual"), ("latency", "uniform(5ms, 60ms)")];
        let commands = ["reordering all 100%", "workload c1 50/s read:write 0:1 keys price", "run 1s", "workload c1 off", "run 2s"];
        let cluster = run_seed(&settings, &commands, seed);
        assert_eq!(int(&*cluster, "acked_missing"), 0);
        int(&*cluster, "divergent_keys")
    };
    let parted = |shipping| (0..20).map(|seed| overtaken(shipping, seed)).sum::<i64>();
    assert_eq!(parted("log"), 0);
    assert!((8..=20).contains(&parted("blind")), "{}", parted("blind"));
}

/// Whoever is promoted leads with what it has, and the others take its log.
#[test]
fn a_promoted_server_makes_what_it_had_its_own() {
    for promoted in ["promote n2", "promote n3"] {
        let cluster =
            missed(&["c1 write title x", "run 200ms", "crash n1", promoted, "set shipping log", "run 500ms", "restart n1", "run 1s"]);
        assert_eq!((int(&*cluster, "leaders"), int(&*cluster, "divergent_keys")), (1, 0), "{promoted}\n{}", story(&*cluster));
        assert_eq!(verdict(&*cluster, Guarantee::CONVERGENT).0, Holds::Yes);
        let lost = i64::from(promoted == "promote n3");
        assert_eq!(int(&*cluster, "acked_missing"), lost, "{promoted}\n{}", story(&*cluster));
    }
}

/// What was acknowledged and not sent dies with the disk; with copies that leave at once nothing does.
#[test]
fn what_is_collected_is_at_risk() {
    let lost = |every: &str| {
        let commands = ["workload c1 steady 20/s read:write 0:1 keys x", "run 1990ms", "crash n1 wiping disk", "run 200ms"];
        int(&*run(&[("ship-every", every), ("failover", "manual")], &commands), "acked_lost")
    };
    assert_eq!(lost("0s"), 0);
    assert!((8..=20).contains(&lost("1s")), "{}", lost("1s"));
}

#[test]
fn what_is_collected_leaves_together() {
    let cluster = run(&[("ship-every", "500ms")], &["c1 write x 1", "run 100ms", "c1 write x 2", "run 300ms"]);
    assert_eq!((int(&*cluster, "acked"), int(&*cluster, "lag_entries_max")), (2, 2));
    let later = run(&[("ship-every", "500ms")], &["c1 write x 1", "run 100ms", "c1 write x 2", "run 500ms"]);
    assert_eq!((int(&*later, "acked"), int(&*later, "lag_entries_max")), (2, 0));
}

/// A new leader's first entry, and a long log for a follower that was away, leave without a write that sets them off.
#[test]
fn what_is_collected_leaves_without_another_write() {
    let settings = [("ship-every", "200ms"), ("replication", "majority")];
    let led = run(&settings, &["run 100ms", "crash n1", "run 3s", "restart n1", "run 1s"]);
    assert_eq!((int(&*led, "leaders"), int(&*led, "lag_entries_max")), (1, 0), "{}", story(&*led));
    let behind = ["crash n3", "workload c1 steady 100/s read:write 0:1 keys x", "run 3s", "workload c1 off", "restart n3", "run 5s"];
    assert_eq!(int(&*run(&[("ship-every", "200ms")], &behind), "lag_entries_max"), 0);
}

const SEMI: [(&str, &str); 4] =
    [("replication", "semi-sync"), ("failover", "manual"), ("sync-timeout", "100ms"), ("request-timeout", "5s")];

fn semi(degrade: &'static str, commands: &[&str]) -> Box<dyn Cluster> {
    run(&[&SEMI[..], &[("degrade", degrade)]].concat(), commands)
}

#[test]
fn a_leader_without_answers_goes_on_alone_where_it_may() {
    let cut = ["cut n1 -> n2 n3", "c1 write x 1", "run 1s"];
    assert_eq!(int(&*semi("never", &cut), "acked"), 0);
    let alone = semi("async", &cut);
    assert_eq!(int(&*alone, "acked"), 1, "{}", story(&*alone));
    // The write of now waited for two followers; the next one waits for nobody.
    let next = semi("async", &[&cut[..], &["c1 write x 2", "run 50ms"]].concat());
    assert_eq!(int(&*next, "acked"), 2);
}

#[test]
fn it_waits_again_once_a_follower_has_caught_up() {
    let healed = ["cut n1 -> n2 n3", "c1 write x 1", "run 1s", "heal", "run 500ms", "cut n1 -> n2 n3", "c1 write x 2", "run 90ms"];
    assert_eq!(int(&*semi("async", &healed), "acked"), 1);
    // One that is silent does not make it go on alone as long as the other answers.
    let one = ["cut n1 -> n2", "c1 write x 1", "run 150ms", "crash n1 wiping disk", "run 1s"];
    let cluster = semi("async", &one);
    assert_eq!((int(&*cluster, "acked"), int(&*cluster, "acked_lost")), (1, 0), "{}", story(&*cluster));
}

/// The three acts of a failover as facts: who asks, who leads, who follows.
#[test]
fn a_failover_shows_its_acts() {
    let acts = |until: &str| {
        let cluster = run(&[("latency", "const(10ms)")], &["run 100ms", "crash n1", until]);
        (int(&*cluster, "candidates"), int(&*cluster, "leaders"), fact(&*cluster, "following").to_string())
    };
    assert_eq!(acts("run 100ms").0, 0);
    let asked = (280..520).step_by(2).find(|ms| acts(&format!("run {ms}ms")).0 == 1);
    assert!(asked.is_some());
    assert_eq!(acts("run 1s"), (0, 1, "1".to_string()));
}
