//! What a promise is held against, and what it is not: settings of before, clocks that go wrong, users who get nothing.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;

fn shop(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, MODEL.nodes.0, settings, script)
}

/// What is asked again though it had ended has given its place back, and needs one anew.
#[test]
fn the_whole_is_tried_again_only_where_all_of_it_has_room() {
    let settings = [
        ("bulkhead", "2"),
        ("retries", "3"),
        ("retry-what", "whole"),
        ("try-timeout", "100ms"),
        ("breaker", "on"),
        ("breaker-least", "2"),
        ("backoff", "10ms"),
    ];
    let trial = shop(&settings, &["workload c1 60/s", "workload c2 40/s", "run 50ms", "loss n2 -> n1 1", "run 2s"]);
    assert!(trial.count("waits_for_most") <= 2, "{}", trial.count("waits_for_most"));
    assert!(trial.count("refused_bulkhead.orders") > 0);
}

#[test]
fn the_whole_is_tried_again_only_where_all_of_it_has_a_budget() {
    let settings = [
        ("retries", "5"),
        ("retry-what", "whole"),
        ("budget", "0.05"),
        ("budget-least", "1"),
        ("try-timeout", "30ms"),
        ("home", "profile orders"),
        ("profile-time", "exp(20ms)"),
        ("orders-time", "exp(20ms)"),
        ("backoff", "300ms"),
    ];
    let trial = shop(&settings, &["workload c1 100/s home", "run 5s"]);
    assert!(trial.count("retries") > 0 && trial.count("over_budget") > 0);
    assert_eq!(trial.holds("within_budget"), Holds::Yes, "{}", trial.verdict("within_budget").why);
}

#[test]
fn a_user_who_gets_no_answer_is_not_served() {
    let trial = shop(&[], &["c1 home", "run 1s", "crash gateway", "c1 home", "run 20s"]);
    assert_eq!(trial.holds("all_served"), Holds::No);
    let without = shop(&[], &["c1 home", "run 1s", "c1 home without token", "run 1s"]);
    assert_eq!(without.holds("all_served"), Holds::Yes);
    let no_route = shop(&[("routes", "home")], &["c1 home", "run 1s", "c1 orders 7", "run 1s"]);
    assert_eq!(no_route.holds("all_served"), Holds::Yes, "who asks wrongly is answered as it should be");
}

#[test]
fn a_good_token_that_is_refused_is_not_served() {
    let trial = shop(&[("token-life", "10min")], &["c1 home", "run 1s", "skew gateway +1h", "c1 home", "run 2s"]);
    assert_eq!((trial.count("rejected"), trial.holds("all_served")), (1, Holds::No));
}

/// What has come under another promise is not held to this one.
#[test]
fn a_promise_counts_for_what_comes_after_it() {
    let trial = shop(&[("orders-time", "3s")], &["c1 orders 7", "run 2s", "set timeout 1s", "run 5s"]);
    assert_eq!(trial.holds("on_time"), Holds::Yes, "{}", trial.verdict("on_time").why);
    let after = shop(&[("orders-time", "3s"), ("timeout", "none")], &["set promised 1s", "c1 orders 7", "run 5s"]);
    assert_eq!(after.holds("on_time"), Holds::No);
}

#[test]
fn a_token_is_good_by_the_time_of_day_and_not_by_a_clock_that_drifts() {
    let trial = shop(&[("token-life", "10s")], &["drift gateway -90000ppm", "run 10300ms", "c1 home", "run 1s"]);
    assert_eq!(trial.holds("authorised"), Holds::No);
}

/// The last good answer is shown to whom it was about, and in the page that it was for.
#[test]
fn an_old_answer_is_nobody_elses() {
    let trial = |script: &[&str]| shop(&[("fallback", "stale")], &[script, &["run 1s", "break orders", "c2 home", "run 1s"]].concat());
    for others in ["c1 orders 7", "c1 home", "c2 orders 7"] {
        let told = trial(&[others]).answers().pop().unwrap_or_default();
        assert!(!told.contains("old orders"), "{others}: {told}");
    }
    let own = trial(&["c2 home"]).answers().pop().unwrap_or_default();
    assert!(own.contains("old orders"), "{own}");
}

#[test]
fn who_is_kept_away_by_a_bulkhead_waits_once() {
    let settings = [("bulkhead", "1"), ("bulkhead-wait", "100ms"), ("orders-time", "300ms"), ("fallback", "call"), ("home", "orders")];
    let trial = shop(&settings, &["c1 orders 1", "c2 home", "run 150ms"]);
    assert_eq!((trial.count("refused_bulkhead.orders"), trial.count("open")), (1, 1));
}

#[test]
fn who_stands_still_hears_no_operator() {
    let mut trial = shop(&[("breaker", "on")], &["pause gateway"]);
    let refused = |trial: &mut Trial, deed| trial.tries(deed).expect_err("it stands still").0;
    assert_eq!(refused(&mut trial, "open-breaker orders"), "gateway is paused; resume it first");
    let mut auth = shop(&[("auth", "introspection")], &["pause auth"]);
    assert_eq!(refused(&mut auth, "revoke c1"), "auth is paused; resume it first");
}

#[test]
fn workers_that_there_were_before_are_not_held_against_a_service() {
    let script = ["c1 orders 1", "c1 home", "run 1s", "set workers 1", "run 1s"];
    let trial = shop(&[("frees", "user"), ("timeout", "100ms"), ("orders-time", "1h")], &script);
    assert_eq!(trial.holds("isolated"), Holds::Yes, "{}", trial.verdict("isolated").why);
    assert!(trial.fact("waits_for.orders") >= 1.0);
}

#[test]
fn nothing_is_never_less_than_nothing() {
    let trial = shop(&[], &["c1 home", "run 1s", "crash gateway", "run 1s"]);
    assert!(trial.fact("waits_for.orders").is_sign_positive() && trial.fact("under_way.orders").is_sign_positive());
}
