//! What happens at the edges: when changes of the map meet faults and each other, and names and numbers that are nearly wrong.

use crate::check::verdict::Holds;
use crate::cluster::facts::FactValue;
use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

use super::MODEL;
use super::bench::*;

const SECOND: Span = Span::s(1);

fn seeded(seed: u64, settings: &[(&str, &str)], steps: &[(&str, u64)]) -> Trial {
    let mut run = Trial::seeded(&MODEL, seed, settings, &[]);
    for (does, ms) in steps {
        run.act(does);
        run.run(Span::ms(*ms));
    }
    run
}

fn sound(run: &Trial) {
    for promise in ["linearizable", "durable", "single_owner", "complete", "convergent"] {
        assert_ne!(run.holds(promise), Holds::No, "{promise}: {}", run.verdict(promise).why);
    }
    assert!(run.is("unsettled", 0.0));
}

#[test]
fn the_last_token_of_a_node_is_not_given_away() {
    for (settings, does) in
        [([("tokens", "1"), ("replicas", "2")], "move k1 onto n1"), ([("tokens", "1"), ("replicas", "1")], "move k0 onto n2")]
    {
        let mut run = trial(&settings, &[]);
        let refused = (1..=4).map(|n| run.tries(&format!("{} n{n}", &does[..does.len() - 3])));
        assert!(refused.into_iter().all(|tried| tried.is_err()), "{does}: whoever is asked for");
        run.act("tokens n1 2");
        settle(&mut run);
        sound(&run);
    }
}

#[test]
fn a_node_that_left_and_died_is_said_to_owe_its_keys() {
    let mut run = seeded(1, &[("replicas", "2")], &[("remove n2", 0), ("crash n2", 1000)]);
    let refused = run.tries("remove n2").expect_err("it is no member");
    assert!(refused.0.contains("keys to hand over"), "{refused}");
    run.act("restart n2");
    settle(&mut run);
    sound(&run);
}

#[test]
fn what_there_is_at_the_start_cannot_be_changed_later() {
    let mut run = trial(&[], &[]);
    for does in ["set keys 100", "set data orders"] {
        assert!(run.tries(does).expect_err(does).0.contains("begins"), "{does}");
    }
    run.act("set keys 40");
}

#[test]
fn an_index_that_is_switched_on_again_is_that_of_now() {
    let mut run = trial(&[], &["crash n1", "set index global"]);
    run.run(SECOND);
    run.act("restart n1");
    run.run(Span::s(5));
    assert_eq!(run.ask("c1 find anna", SECOND), "8 keys");
    assert!(run.is("index_wrong", 0.0));
    run.all(&["c1 put k1 x"]);
    run.run(SECOND);
    run.act("set index local");
    assert!(matches!(run.value("index_wrong"), FactValue::Absent(_)), "there is no global index");
    assert_eq!(run.ask("c1 put k1 y", SECOND), "ok");
    run.act("set index global");
    run.run(SECOND);
    assert_eq!(run.ask("c1 find x", SECOND), "0 keys");
    assert_eq!(run.ask("c1 find y", SECOND), "1 key");
    sound(&run);
}

#[test]
fn an_index_that_learns_later_learns_though_rows_move() {
    let settings = [("index", "global"), ("index-writes", "later"), ("keys", "3")];
    let mut run = seeded(2, &settings, &[("c2 put y 7", 0), ("remove n4", 60_000), ("refresh c1", 1000)]);
    assert_eq!(run.ask("c1 find 7", SECOND), "1 key");
    sound(&run);
}

#[test]
fn values_that_differ_in_a_space_are_two_for_an_index() {
    let mut run = seeded(1, &[("index", "global")], &[("c1 put j1 a_b", 500), ("c1 put j2 \"a b\"", 500)]);
    assert_eq!(run.ask("c1 find a_b", SECOND), "1 key");
}

/// Whoever knows of fewer parts of a counter than there are is told the newest map instead of a part of the number.
#[test]
fn an_old_map_does_not_hide_parts_of_a_counter() {
    let mut run = seeded(1, &[], &[("salt page 8", 0), ("refresh c1", 1000)]);
    for _ in 0..5 {
        assert_eq!(run.ask("c1 hit page", SECOND), "ok");
    }
    assert_eq!(run.ask("c2 hits page", SECOND), "5");
}

#[test]
fn a_request_that_comes_twice_takes_effect_once() {
    let slow = [("retry", "5 attempts after 50ms x1")];
    let late = ["latency n1 -> c1 1s", "latency n2 -> c1 1s", "latency n3 -> c1 1s", "latency n4 -> c1 1s"];
    let mut run = trial(&slow, &late);
    run.act("c1 hit page");
    run.run(Span::s(8));
    assert_eq!(run.ask("c2 hits page", SECOND), "1");
    let twice = [("retry", "3 attempts after 50ms x1"), ("request-timeout", "200ms")];
    let mut run = seeded(1, &twice, &[("c1 put k1 one", 0), ("hold #1", 1000), ("c2 put k1 two", 1000), ("release all", 1000)]);
    assert_eq!(run.ask("c2 get k1", SECOND), "two");
    sound(&run);
}

#[test]
fn a_change_that_nobody_could_tell_of_is_made_once_somebody_is_back() {
    let all = |verb: &str| (1..=4).map(|n| format!("{verb} n{n}")).collect::<Vec<_>>();
    let mut run = trial(&[], &[]);
    for does in all("crash").into_iter().chain(["set scheme mod-n".to_string()]).chain(all("restart")) {
        run.act(&does);
    }
    settle(&mut run);
    assert!(run.is("version", 2.0));
}

#[test]
fn names_of_other_rows_are_no_keys() {
    let mut run = trial(&[], &[]);
    for does in ["c1 put \"a+1\" w", "c1 get \"=x\"", "c1 scan \"page+0\"", "c1 hit \"a+1\"", "c1 order \"=x\" 1", "salt \"a+1\" 4"] {
        assert!(run.tries(does).is_err(), "{does}");
    }
    assert_eq!(run.ask("c1 put \"a+1x\" v", SECOND), "ok");
    assert_eq!(run.ask("c1 scan \"a+1x\"", SECOND), "1 key");
}

/// Copies and keys come from one node at one time: who has the copies does not have the keys yet.
#[test]
fn the_last_of_the_copies_is_not_the_last_of_the_keys() {
    let steps = [("remove n4", 10), ("c2 find 1", 0), ("remove n3", 100), ("add n3", 10), ("c1 put x 2", 4000)];
    sound(&seeded(236, &[("replicas", "2")], &steps));
}

#[test]
fn what_two_writes_at_once_left_is_looked_up() {
    let steps = [("c2 put x 1", 20), ("remove n1", 0), ("c1 delete x", 4000), ("c2 scan x", 1000)];
    let run = seeded(2, &[("replicas", "2")], &steps);
    sound(&run);
    let kept = if run.last().outcome == crate::cluster::told::Outcome::Ok("1 key".into()) { 41.0 } else { 40.0 };
    assert!(run.is("keys_total", kept));
}

/// Who is given up while it still takes keys over, and is added again, hears of all of it and acknowledges nothing in between.
#[test]
fn a_node_that_was_given_up_has_no_say() {
    for (replicas, seed, steps) in [
        ("2", 1, &[("remove n4", 3000), ("add n4", 5), ("fail-over n4", 20_000)][..]),
        ("2", 1, &[("c2 put y 1", 100), ("fail-over n4", 0), ("c1 put y 2", 4000)]),
        ("2", 5, &[("c1 put x 1", 50), ("cut n3 | n1", 0), ("fail-over n3", 50), ("c2 put x 2", 0), ("heal", 4000)]),
        (
            "3",
            2,
            &[
                ("fail-over n1", 0),
                ("add n1", 100),
                ("fail-over n1", 0),
                ("fail-over n3", 4000),
                ("c1 get x", 1000),
                ("c1 put probe c1", 1000),
            ],
        ),
    ] {
        // A node that has not heard of it yet may answer for a while.
        let run = seeded(seed, &[("replicas", replicas)], steps);
        assert!(run.is("acked_lost", 0.0) && run.is("unsettled", 0.0), "{steps:?}");
        assert!(["durable", "convergent"].into_iter().all(|promise| run.holds(promise) != Holds::No), "{steps:?}");
    }
}

#[test]
fn another_setting_puts_no_refresh_off() {
    let mut run = trial(&[("map-refresh", "2s")], &["add n5"]);
    for _ in 0..4 {
        run.run(SECOND);
        run.act("set batch 20");
    }
    assert!(run.is("stale_maps.c1", 0.0));
}

#[test]
fn numbers_are_called_what_they_are() {
    let wrong = |text: &str| MODEL.language.parse(text).unwrap_err().to_string();
    assert!(!wrong("tokens n1 0").contains("event") && wrong("place n1 360").contains("degrees from 0 to 359"));
    let mut run = trial(&[("tokens", "1")], &["place n1 0"]);
    run.run(SECOND);
    assert!(run.is("unsettled", 0.0));
    let mut full = Trial::scripted(&MODEL, MODEL.nodes.1, &[("tokens", "1")], &[]);
    let refused = full.tries("grow 1").unwrap_err();
    assert_eq!(refused.0, format!("{} servers are the most here", MODEL.nodes.1));
}

/// What a node owed when it lost its disk comes from those who have copies of it.
#[test]
fn a_disk_that_is_lost_in_the_middle_of_a_move_holds_nobody_up() {
    let lost = [("remove n3", 0), ("remove n4", 10), ("crash n3 wiping disk", 0), ("restart n3", 20_000)];
    sound(&seeded(1, &[("replicas", "3")], &lost));
    let writes: Vec<(String, u64)> = (1..=6).map(|n| (format!("c1 put k{n} z"), 50)).collect();
    let faults = [("remove n2", 0), ("crash n2 wiping disk", 1000), ("restart n2", 10_000)];
    for (scheme, seed) in [("mod-n", 1), ("ring", 2), ("range", 3), ("rendezvous", 4)] {
        let steps: Vec<(&str, u64)> = writes.iter().map(|(does, ms)| (does.as_str(), *ms)).chain(faults).collect();
        sound(&seeded(seed, &[("replicas", "2"), ("scheme", scheme)], &steps));
    }
}

#[test]
fn who_comes_back_without_its_disk_serves_nothing_that_others_still_hand_over() {
    let steps = [("remove n1", 5), ("crash n2 wiping disk", 0), ("restart n2", 3), ("c1 put k1 z", 0), ("c2 put k9 z", 10_000)];
    for seed in 1..=8 {
        sound(&seeded(seed, &[("replicas", "2"), ("row-bytes", "20000")], &steps));
    }
}

/// A node that has left, and dies before it has handed over, is given up like any other.
#[test]
fn who_left_and_died_is_given_up() {
    for (seed, and_then) in [(1, ("heal", 0)), (2, ("restart n2", 5000)), (3, ("add n2", 0))] {
        let mut run = seeded(seed, &[("replicas", "2")], &[("c1 put k1 z", 100), ("remove n2", 0), ("crash n2", 5000)]);
        assert!(run.fact("unsettled") > 0.0 && run.tries("remove n2").is_err_and(|refused| refused.0.contains("fail-over n2")));
        run.act("fail-over n2");
        run.run(Span::s(5));
        sound(&run);
        let _ = run.tries(and_then.0);
        run.run(Span::s(5));
        sound(&run);
    }
}
