//! The cluster under commands, as learners and lessons use it.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::cluster::scene::{Body, Bucket, Layout, Scene};
use crate::sim::time::Span;

const ONE: u16 = 3;
const THREE: u16 = 5;

fn one(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, ONE, settings, script)
}

fn three(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, THREE, settings, script)
}

/// These facts as whole numbers.
fn counts<const N: usize>(trial: &Trial, names: [&str; N]) -> [u64; N] {
    names.map(|name| trial.count(name))
}

/// Ten on each side of the first edge.
const EDGE: &[&str] = &["c1 burst 10 after 950ms", "c1 burst 10 after 1050ms", "run 2s"];

#[test]
fn twice_the_limit_passes_across_an_edge() {
    let trial = one(&[], EDGE);
    assert_eq!(counts(&trial, ["asked", "passed", "refused", "worst_window", "worst_aligned"]), [20, 20, 0, 20, 10]);
    assert_eq!(counts(&trial, ["worst_from_ms", "worst_to_ms"]), [951, 1051]);
    let verdict = trial.verdict("limit");
    assert_eq!(verdict.holds, Holds::No);
    assert_eq!(verdict.why, "20 of c1 passed from 0.951 s to 1.051 s, within 1s; the limit is 10.");
}

#[test]
fn each_algorithm_at_an_edge() {
    let worst = |algorithm| one(&[("algorithm", algorithm)], EDGE).count("worst_window");
    let all = ["fixed-window", "sliding-log", "sliding-counter", "token-bucket", "gcra", "leaky-queue"];
    // 51 ms after the edge the estimate is 9.49, and one more passes; the bucket gains one token in 100 ms; the queue lets out one each 100 ms.
    assert_eq!(all.map(worst), [20, 10, 11, 11, 11, 10]);
}

#[test]
fn a_leaky_queue_delays_and_spaces() {
    let trial = one(&[("algorithm", "leaky-queue"), ("burst", "5")], &["c1 burst 10", "run 2s"]);
    assert_eq!(counts(&trial, ["passed", "refused", "waiting"]), [6, 4, 0]);
    assert_eq!(trial.count("wait_ms_max"), 500);
    assert_eq!(["limit", "rate", "spaced"].map(|id| trial.holds(id)), [Holds::Yes; 3]);
    assert_eq!(one(&[("algorithm", "token-bucket")], &["c1 burst 2", "run 1s"]).holds("spaced"), Holds::No);
}

#[test]
fn every_form_of_an_ask_does_what_it_says() {
    let asks = [
        "c1 ask",
        "c1 ask as anna",
        "c1 ask after 200ms",
        "c1 ask after 200ms as anna",
        "c2 burst 4",
        "c2 burst 4 as anna",
        "c2 burst 4 after 300ms",
        "c2 burst 4 after 300ms as bob",
        "c2 burst 4 over 400ms",
        "c2 burst 4 over 400ms as bob",
    ];
    let mut trial = one(&[("limit", "100")], &asks);
    trial.run(Span::s(1));
    let asked: Vec<String> = trial.cluster.exchanges().iter().map(crate::cluster::told::Exchange::asked).collect();
    assert_eq!(asked, asks);
    assert_eq!(counts(&trial, ["passed", "passed_of.anna", "passed_of.bob", "passed_of.c1", "passed_of.c2", "open"]), [28, 6, 8, 2, 12, 0]);
    assert_eq!(counts(&trial, ["worst_address", "worst_user", "worst_all"]), [24, 12, 28]);
}

#[test]
fn callers_are_told_how_it_ended() {
    let mut trial = one(&[("limit", "2")], &[]);
    assert_eq!(trial.ask("c1 burst 3", Span::ms(100)), "2 of 3 passed");
    assert_eq!(trial.ask("c1 ask", Span::ms(100)), "429, retry after 899ms", "it reaches the limiter at 101 ms");
    assert_eq!(trial.ask("c1 burst 2", Span::ms(100)), "0 of 2 passed: 429, retry after 799ms");
    assert_eq!(trial.ask("c2 ask", Span::ms(100)), "ok");
    let mut small = one(&[("service-room", "3")], &[]);
    assert_eq!(small.ask("c1 burst 5", Span::ms(100)), "3 of 5 passed");
    assert_eq!(counts(&small, ["passed", "overloaded"]), [5, 2]);
}

#[test]
fn who_counts_alone_lets_through_as_often_as_there_are_limiters() {
    let busy: &[&str] = &["workload c1 steady 100/s ask keys anna", "run 5s"];
    let passed = |counters| {
        let trial = three(&[("counters", counters), ("algorithm", "sliding-log")], busy);
        (trial.count("worst_window"), trial.holds("fair"))
    };
    // A part that is used up refuses though another has room.
    assert_eq!(["local", "split", "shared"].map(passed), [(30, Holds::Yes), (10, Holds::No), (10, Holds::Yes)]);
    // One client of three goes to one limiter, whose part is 4 of 10.
    let alone = three(&[("counters", "split"), ("spread", "one"), ("algorithm", "sliding-log")], busy);
    assert_eq!(alone.count("worst_window"), 4);
}

#[test]
fn a_shared_store_costs_a_trip() {
    let took = |counters| three(&[("counters", counters)], &["c1 ask", "run 1s"]).count("call_ms_mean");
    assert_eq!(took("shared") - took("local"), 2);
}

#[test]
fn a_store_that_is_down_is_open_or_closed() {
    let down = |how| {
        let script = ["crash store", "c1 burst 30", "run 1s"];
        let trial = three(&[("counters", "shared"), ("store-down", how)], &script);
        counts(&trial, ["passed", "refused", "fail_open", "fail_closed"])
    };
    assert_eq!([down("open"), down("closed")], [[30, 0, 30, 0], [0, 30, 0, 30]]);
}

#[test]
fn who_comes_back_when_told_passes() {
    let script = ["c1 burst 20", "run 3s"];
    for algorithm in ["fixed-window", "sliding-log", "sliding-counter"] {
        let trial = one(&[("algorithm", algorithm), ("retry", "heed"), ("tries", "30")], &script);
        assert_eq!(counts(&trial, ["passed", "open"]), [20, 0], "{algorithm}");
    }
    // All come back at the same moment, unless a random while spreads them.
    let peak = |retry| one(&[("retry", retry), ("tries", "2"), ("limit", "100")], &["c1 burst 1000", "run 3s"]).count("burst_asked");
    let spread = {
        let trial = one(&[("retry", "jitter"), ("tries", "2"), ("limit", "100")], &["run 500ms", "c1 burst 1000", "run 5s"]);
        counts(&trial, ["burst_asked", "came_back"])
    };
    assert_eq!(peak("heed"), 1000);
    assert_eq!(spread, [1000, 900], "the first thousand come at once");
}

#[test]
fn a_change_of_the_limit_starts_anew() {
    let mut trial = one(&[], EDGE);
    trial.act("set algorithm sliding-log");
    assert_eq!(counts(&trial, ["worst_window", "passed"]), [0, 20]);
    trial.follow(&["c1 burst 30", "run 1s"]);
    assert_eq!(counts(&trial, ["worst_window", "memory_per_key"]), [10, 10]);
    assert_eq!(trial.holds("limit"), Holds::No, "it was broken once");
}

#[test]
fn memory_is_that_of_the_algorithm() {
    let memory = |algorithm| one(&[("algorithm", algorithm), ("burst", "7")], &["c1 burst 30", "run 50ms"]).count("memory_per_key");
    let all = ["fixed-window", "sliding-log", "sliding-counter", "token-bucket", "gcra", "leaky-queue"];
    assert_eq!(all.map(memory), [2, 10, 3, 2, 1, 8]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut trial = three(&[], &[]);
    for (poke, why) in [
        ("set counters split", "ok"),
        ("set limit 2", "each of 3 limiters needs at least 1 of it"),
        ("set counters shared", "ok"),
        ("set algorithm leaky-queue", "a leaky queue holds the requests themselves"),
    ] {
        let said = trial.tries(poke).map_or_else(|refused| refused.0, |()| "ok".to_string());
        assert!(said.contains(why), "{poke}: {said}");
    }
}

fn buckets(trial: &Trial) -> Vec<Bucket> {
    let mut scene = Scene::default();
    trial.cluster.scene(trial.cluster.now(), &mut scene);
    assert!(matches!(&scene.layout, Layout::Tiers(tiers) if tiers.len() == 2));
    let panel = scene.panels.iter().find(|panel| panel.title == "limiter").expect("the limiter");
    let Body::Buckets(buckets) = &panel.body else { panic!("{panel:?}") };
    buckets.clone()
}

#[test]
fn the_panel_shows_the_bucket_and_what_came() {
    let trial = one(&[("algorithm", "token-bucket")], &["c1 burst 13 as anna", "run 200ms", "c1 ask as bob", "run 51ms"]);
    let [anna, bob] = &buckets(&trial)[..] else { panic!("two keys") };
    assert_eq!((anna.name.as_str(), anna.held, anna.size, anna.counts_up), ("anna", 2, 10, false));
    assert_eq!(anna.passes.iter().filter(|pass| pass.passed).count(), 10);
    assert_eq!(anna.passes.iter().filter(|pass| !pass.passed).count(), 3);
    let (share, left) = anna.next.expect("a token flows in");
    assert!((share - 0.5).abs() < 1e-6 && (left.as_ms() - 50.0).abs() < 1e-3, "{share} {left}");
    assert_eq!((bob.name.as_str(), bob.held, bob.note.as_str()), ("bob", 9, "worst 1 from 0.201 s"));
    let edge = &buckets(&one(&[], EDGE))[0];
    let worst = edge.worst.clone().expect("it was too full");
    assert_eq!((worst.first.as_ms() as u64, worst.last.as_ms() as u64, worst.says.as_str()), (1049, 949, "20 in 1s, limit 10"));
    let names: Vec<String> = buckets(&three(&[], &["c1 ask", "run 1s"])).into_iter().map(|bucket| bucket.name).collect();
    assert_eq!(names, ["c1 at limiter1", "c1 at limiter2", "c1 at limiter3"]);
}

#[test]
fn the_bucket_is_there_before_anybody_asks_and_the_clock_runs_to_the_edge() {
    let trial = one(&[], &[]);
    let names: Vec<String> = buckets(&trial).into_iter().map(|bucket| format!("{} {}", bucket.name, bucket.held)).collect();
    assert_eq!(names, ["c1 0", "c2 0"]);
    assert_eq!(trial.cluster.next_at(), Some(crate::sim::time::Time(Span::s(1).0)));
    let short = one(&[("window", "30ms")], &[]);
    assert_eq!(short.cluster.next_at(), Some(crate::sim::time::Time(Span::ms(120).0)), "every fourth edge");
}

#[test]
fn guarantees_are_untested_before_anybody_asks() {
    let trial = one(&[], &["run 1s"]);
    assert!(trial.cluster.verdicts().iter().all(|verdict| verdict.holds == Holds::Untested));
}
