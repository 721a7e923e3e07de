//! What the facts say of copies that no rule orders.

use super::model::MODEL;
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::{Cluster, Scenario};
use crate::command::{Command, Drive};

fn run(commands: &[&str]) -> Box<dyn Cluster> {
    let settings = [("versions", "arrival"), ("latency", "const(10ms)"), ("anti-entropy", "none"), ("repair", "off")];
    let settings = settings.map(|(name, value)| (name.to_string(), value.to_string())).to_vec();
    let scenario = Scenario { model: "quorum".into(), nodes: None, clients: None, zones: Vec::new(), settings, seed: 1 };
    let mut cluster = (MODEL.start)(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    for text in commands {
        match MODEL.language.parse(text).unwrap_or_else(|e| panic!("{text}: {e:?}")) {
            Command::Poke(poke) => cluster.apply(&poke).unwrap_or_else(|why| panic!("{text}: {why}")),
            Command::Drive(Drive::Run(span)) => drop(cluster.run_until(cluster.now() + span, 1_000_000)),
            other @ Command::Drive(_) => panic!("{other:?}"),
        }
    }
    cluster
}

fn said(cluster: &dyn Cluster, names: &[&str]) -> Vec<String> {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    names.iter().map(|name| facts.get(name).map_or_else(String::new, FactValue::to_string)).collect()
}

/// Of two writes beside each other some copies hold the one and some the other: neither is lost, and no copy is older than either.
#[test]
fn copies_that_nothing_orders_are_neither_lost_nor_behind() {
    let beside = ["latency c1 -> n3 30ms", "latency c2 -> n1 30ms", "c1 write x 8", "c2 write x 9", "run 300ms"];
    let facts = said(&*run(&beside), &["divergent_keys", "acked_lost", "overwritten", "behind_max"]);
    assert_eq!(facts, ["1", "0", "1", "0"]);
}

/// A copy of which all was acknowledged before a write was called is older than it, and alone it is no place where that is kept.
#[test]
fn a_copy_that_is_older_for_certain_is_behind() {
    let missed = ["c1 write x 7", "run 100ms", "cut c1 -> n3", "c1 write x 8", "run 100ms"];
    assert_eq!(said(&*run(&missed), &["behind_max", "acked_lost"]), ["1", "0"]);
    let wiped = [&missed[..], &["crash n1 wiping disk", "crash n2 wiping disk"]].concat();
    assert_eq!(said(&*run(&wiped), &["behind_max", "acked_lost"]), ["1", "1"]);
}
