//! The cluster under commands, as learners and lessons use it.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::facts::Facts;
use crate::cluster::scene::{Body, Layout, Scene};
use crate::cluster::told::Exchange;
use crate::cluster::{Cluster, Scenario, Stop};
use crate::command::{Command, Drive};

fn run(settings: &[(&str, &str)], commands: &[&str]) -> Box<dyn Cluster> {
    let settings = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let scenario = Scenario { model: "work-queue".into(), nodes: None, clients: None, zones: Vec::new(), settings, seed: 7 };
    let mut cluster = (MODEL.start)(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
    for text in commands {
        match MODEL.language.parse(text).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}")) {
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

fn count(cluster: &dyn Cluster, name: &str) -> u64 {
    fact(cluster, name) as u64
}

fn fact(cluster: &dyn Cluster, name: &str) -> f64 {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    let value = facts.get(name).unwrap_or_else(|| panic!("no fact {name}"));
    value.number(None).unwrap_or_else(|| panic!("{name} is {value}"))
}

/// Of each row of the panel its name, the words beside it, and its cells.
fn panel(cluster: &dyn Cluster) -> Vec<(String, String, Vec<String>)> {
    let mut scene = Scene::default();
    cluster.scene(cluster.now(), &mut scene);
    assert!(matches!(&scene.layout, Layout::Tiers(tiers) if tiers.len() == 3));
    let [panel] = &scene.panels[..] else { panic!("{:?}", scene.panels) };
    let Body::Tracks(tracks) = &panel.body else { panic!("{panel:?}") };
    let row = |track: &crate::cluster::scene::Track| {
        let cells = track.cells.iter().map(|cell| cell.text.clone()).collect();
        (track.name.clone(), track.word.clone(), cells)
    };
    tracks.tracks.iter().map(row).collect()
}

#[test]
fn the_panel_says_who_has_which_message() {
    let sends = ["c1 send o-1", "c1 send o-2", "c1 send o-3", "run 1s"];
    let cluster = run(&[("latency", "const(10ms)")], &sends);
    let shown: Vec<String> = panel(&*cluster).iter().map(|(name, word, cells)| format!("{name} {word}: {}", cells.join(" "))).collect();
    assert_eq!(shown, ["ready oldest 1.0 s: o-3", "worker1 r1 29.0 s: o-1", "worker2 r2 29.0 s: o-2"]);
    let slept = run(&[("latency", "const(10ms)")], &["c1 send o-1", "run 1s", "pause worker1", "run 31s"]);
    let words: Vec<String> = panel(&*slept).into_iter().map(|(_, word, _)| word).collect();
    assert_eq!(words, ["", "r1 over", "r2 28.0 s"]);
}

#[test]
fn every_form_of_send_does_what_it_says() {
    let all = ["c1 send", "c1 send o-17", "c1 send in anna", "c1 send paid in anna", "c1 send o-18 urgent", "c1 count"];
    let cluster = run(&[], &[&all[..], &["run 20s"]].concat());
    let asked: Vec<String> = cluster.exchanges().iter().map(Exchange::asked).collect();
    assert_eq!(asked, all);
    assert_eq!(count(&*cluster, "took_effect"), 5);
    let told: Vec<String> = cluster.exchanges().iter().map(|exchange| exchange.outcome.short().to_string()).collect();
    assert_eq!(told[..5], ["ok"; 5]);
    assert!(told[5].ends_with("in flight, 0 dead"), "{told:?}");
}

#[test]
fn an_operator_is_told_why_not() {
    let mut cluster = run(&[], &[]);
    for (verb, why) in [("redrive", "there are no dead letters"), ("purge", "no message waits")] {
        let Ok(Command::Poke(poke)) = MODEL.language.parse(verb) else { panic!("{verb}") };
        assert_eq!(cluster.apply(&poke).map_err(|refused| refused.0), Err(why.to_string()));
    }
    let redriven = run(
        &[("attempts", "1"), ("failing", "1")],
        &[
            "c1 send o-17",
            "run 5s",
            "set failing 0",
            "redrive",
            "run 5s",
            "c1 send o-18",
            "c1 send o-19",
            "c1 send o-20",
            "run 100ms",
            "purge",
        ],
    );
    assert_eq!(["dead", "took_effect", "ready", "unacked"].map(|name| count(&*redriven, name)), [0, 1, 0, 2]);
}

#[test]
fn the_age_of_the_oldest_goes_by_the_broker_and_stays_when_it_comes_back() {
    let cluster = run(&[("visibility", "2s")], &["c1 send poison-1", "run 10s"]);
    let age = fact(&*cluster, "oldest_ms");
    assert!((9_900.0..10_000.0).contains(&age), "{age}");
}

#[test]
fn a_queue_fills_at_the_rate_of_what_is_too_much() {
    let five = [("work", "const(1s)"), ("prefetch", "2"), ("limit", "216"), ("latency", "const(1ms)")];
    let settings: Vec<(String, String)> = five.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let mut at = Vec::new();
    for seed in 0..10 {
        let scenario =
            Scenario { model: "work-queue".into(), nodes: Some(7), clients: None, zones: Vec::new(), settings: settings.clone(), seed };
        let mut cluster = (MODEL.start)(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let Ok(Command::Poke(load)) = MODEL.language.parse("workload c1 8/s") else { panic!("a workload") };
        cluster.apply(&load).expect("it can be done");
        while fact(&*cluster, "refused") < 1.0 {
            cluster.step();
        }
        at.push(cluster.now().as_secs());
    }
    let mean = at.iter().sum::<f64>() / at.len() as f64;
    assert!((60.0..85.0).contains(&mean), "216 / (8 - 5) is 72 s, and not {mean}: {at:?}");
}

#[test]
fn a_lease_is_too_short_for_the_share_of_work_that_takes_longer() {
    let mut cluster = run(&[("work", "exp(2s)"), ("visibility", "2s"), ("latency", "const(1ms)")], &["workload c1 0.2/s", "run 5000s"]);
    cluster.step();
    let share = fact(&*cluster, "again_percent");
    assert!((share - 100.0 * libm::exp(-1.0)).abs() < 4.0, "{share}");
}

#[test]
fn guarantees_are_untested_before_anything_happens() {
    let cluster = run(&[], &["run 1s"]);
    assert!(cluster.verdicts().iter().all(|verdict| verdict.holds == Holds::Untested));
}

#[test]
fn what_does_not_fit_is_refused() {
    let scenario = Scenario { model: "work-queue".into(), nodes: Some(2), clients: None, zones: Vec::new(), settings: Vec::new(), seed: 7 };
    let wrong = (MODEL.start)(&scenario).err().expect("two servers are too few");
    assert!(wrong[0].message.contains("3 servers"), "{wrong:?}");
}
