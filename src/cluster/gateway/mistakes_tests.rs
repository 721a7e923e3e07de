//! The mistakes that gateways and their clients have been found to make, each by the schedule that shows it.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::cluster::{Cluster, What};
use crate::sim::time::{Span, Time};

fn shop(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, MODEL.nodes.0, settings, script)
}

fn counts<const N: usize>(trial: &Trial, names: [&str; N]) -> [u64; N] {
    names.map(|name| trial.count(name))
}

/// The number of the message in flight that says this.
fn message(trial: &Trial, says: &str) -> String {
    let mut scene = crate::cluster::scene::Scene::default();
    trial.cluster.scene(trial.cluster.now(), &mut scene);
    let flight = scene.flights.iter().find(|flight| flight.label == says).unwrap_or_else(|| panic!("{says}: {:?}", scene.flights));
    format!("#{}", flight.id.0)
}

/// What clients were told, in order.
fn told(cluster: &dyn Cluster) -> Vec<String> {
    let mut all = Vec::new();
    cluster.happenings(Time::ZERO, &mut all);
    all.into_iter().filter_map(|happening| if let What::Returned(_, told) = happening.what { Some(told) } else { None }).collect()
}

/// A payment whose answer is lost, and which is tried again.
const LOST_ANSWER: &[&str] = &["cut payments -> gateway", "c1 pay 7", "run 100ms", "heal", "run 1s"];
const TRIES_AGAIN: [(&str, &str); 3] = [("try-timeout", "80ms"), ("retries", "2"), ("pay-retries", "always")];

fn pays(more: &[(&'static str, &'static str)], script: &[&str]) -> Trial {
    shop(&[&TRIES_AGAIN[..], more].concat(), script)
}

#[test]
fn a_payment_that_is_tried_again_is_made_twice_unless_it_is_known() {
    let twice = pays(&[], LOST_ANSWER);
    assert_eq!(counts(&twice, ["payments", "payments_twice"]), [2, 1]);
    assert_eq!((twice.holds("paid_once"), twice.last().outcome.clone()), (Holds::No, crate::cluster::told::Outcome::Ok("paid".into())));
    assert_eq!(twice.verdict("paid_once").why, "Payment 7 of c1 was made more than once.");
    for how in ["transaction", "memory", "check-first"] {
        let once = pays(&[("idempotency", how)], LOST_ANSWER);
        assert_eq!(counts(&once, ["payments", "payments_twice", "payments_known"]), [1, 0, 1], "{how}");
        assert_eq!(told(once.cluster.as_ref()), ["paid before"]);
    }
    let by_attempt = pays(&[("idempotency", "transaction"), ("pay-key", "attempt")], LOST_ANSWER);
    assert_eq!(by_attempt.count("payments_twice"), 1, "a new key for each try says nothing");
    let forgotten = pays(&[("idempotency", "transaction"), ("remember", "20ms")], LOST_ANSWER);
    assert_eq!(forgotten.count("payments_twice"), 1, "a key that is dropped before the last try");
}

#[test]
fn a_proxy_does_not_try_a_payment_again_by_itself() {
    let safe = shop(&[("try-timeout", "80ms"), ("retries", "2")], LOST_ANSWER);
    assert_eq!(counts(&safe, ["payments", "retries"]), [1, 0]);
    assert!(matches!(safe.last().outcome, crate::cluster::told::Outcome::Unknown(_)));
    // What was refused was surely not done.
    let settings = [("retries", "2"), ("service-workers", "1"), ("service-queue", "0"), ("backoff", "60ms"), ("jitter", "0")];
    let refused = shop(&settings, &["c1 pay 1", "run 1ms", "c1 pay 2", "run 1s"]);
    assert_eq!(counts(&refused, ["payments", "payments_twice", "retries"]), [2, 0, 1]);
}

#[test]
fn a_key_in_memory_is_gone_with_the_process() {
    let script = ["cut payments -> gateway", "c1 pay 7", "run 70ms", "crash payments", "restart payments", "heal", "run 1s"];
    let made = |how| pays(&[("idempotency", how)], &script).count("payments_twice");
    assert_eq!([made("memory"), made("transaction")], [1, 0]);
}

#[test]
fn two_tries_at_once_both_find_no_key_unless_it_is_looked_up_with_the_effect() {
    let slow = ["slow payments 4x", "c1 pay 7", "run 2s"];
    let made = |how| pays(&[("idempotency", how)], &slow).count("payments_twice");
    assert_eq!([made("check-first"), made("transaction"), made("memory")], [1, 0, 0]);
}

#[test]
fn the_same_button_pressed_twice_is_one_payment_where_its_key_is_kept() {
    let made = |how| shop(&[("idempotency", how)], &["c1 pay 7", "run 500ms", "c1 pay 7", "run 500ms"]).count("payments");
    assert_eq!([made("off"), made("transaction")], [2, 1]);
}

#[test]
fn a_timeout_that_frees_only_the_user_loses_workers() {
    let script = ["pause payments", "workload c1 steady 10/s pay", "run 3s"];
    let busy = |frees| {
        let trial = shop(&[("timeout", "500ms"), ("frees", frees)], &script);
        counts(&trial, ["busy", "lost_workers"])
    };
    assert_eq!(busy("worker"), [5, 0]);
    assert_eq!(busy("user"), [29, 24]);
    let mut back = shop(&[("timeout", "500ms"), ("frees", "user")], &script);
    back.all(&["workload c1 off", "resume payments"]);
    back.run(Span::s(1));
    assert_eq!(counts(&back, ["busy", "open"]), [0, 0], "an answer frees them at last");
}

#[test]
fn an_answer_that_comes_too_late_is_for_nobody() {
    let mut trial = shop(&[("timeout", "200ms")], &["c1 orders 7", "run 53ms"]);
    // Between 52 and 53 ms the answer of orders has come; the next is caught on its way.
    trial.act("c1 orders 8");
    trial.run(Span::us(52_500));
    let late = message(&trial, "ok");
    trial.act(&format!("hold {late}"));
    trial.run(Span::ms(300));
    assert_eq!(told(trial.cluster.as_ref()), ["order 7", "504 gateway timeout"]);
    trial.act(&format!("release {late}"));
    trial.run(Span::ms(300));
    assert_eq!(told(trial.cluster.as_ref()), ["order 7", "504 gateway timeout"], "one answer for each request");
    assert_eq!(counts(&trial, ["busy", "late", "open"]), [0, 1, 0]);
}

const BREAKER: [(&str, &str); 4] = [("breaker", "on"), ("breaker-least", "3"), ("breaker-open", "1s"), ("timeout", "400ms")];

#[test]
fn a_trial_that_ends_with_its_caller_gives_its_permit_back() {
    let script = ["break orders", "c1 orders 1", "c1 orders 2", "c1 orders 3", "run 200ms", "mend orders", "run 1s"];
    let mut trial = shop(&BREAKER, &script);
    assert_eq!(trial.text("breaker_orders"), "half-open");
    // The trial is under way when the service stands still, and its request's time ends.
    trial.all(&["pause orders", "c1 orders 4"]);
    trial.run(Span::ms(1000));
    assert_eq!(trial.text("breaker_orders"), "open");
    trial.act("resume orders");
    trial.run(Span::ms(600));
    assert_eq!(trial.ask("c1 orders 5", Span::ms(200)), "order 5");
    assert_eq!(trial.text("breaker_orders"), "closed");
}

/// Half-open, with this many trials.
fn half_open(trials: &'static str) -> Trial {
    let script = ["break orders", "c1 orders 1", "c1 orders 2", "c1 orders 3", "run 200ms", "mend orders", "run 1s"];
    let trial = shop(&[&BREAKER[..], &[("breaker-trials", trials)]].concat(), &script);
    assert_eq!(trial.text("breaker_orders"), "half-open");
    trial
}

#[test]
fn of_many_that_come_at_once_only_the_trials_are_let_through() {
    for (trials, made) in [("1", 1), ("3", 3)] {
        let mut trial = half_open(trials);
        let before = trial.fact("calls.orders");
        for n in 0..20 {
            trial.act(&format!("c1 orders {n}"));
        }
        trial.run(Span::ms(30));
        assert!(trial.is("calls.orders", before + f64::from(made)), "{trials}: {}", trial.fact("calls.orders"));
        assert_eq!(trial.text("breaker_orders"), "half-open");
        trial.run(Span::ms(200));
        assert_eq!(trial.text("breaker_orders"), "closed", "{trials}");
    }
}

/// Of a page whose other part fails the trial is given up, and says nothing; the next decides.
#[test]
fn a_trial_that_is_given_up_with_its_page_is_none() {
    let mut trial = half_open("1");
    trial.all(&["break profile", "slow orders 10x", "c1 home"]);
    trial.run(Span::ms(200));
    assert_eq!((trial.text("breaker_orders"), trial.count("open")), ("half-open".into(), 0));
    trial.all(&["mend profile", "slow orders 1x"]);
    trial.run(Span::s(1));
    assert_eq!(trial.ask("c1 orders 5", Span::ms(200)), "order 5");
    assert_eq!(trial.text("breaker_orders"), "closed");
}

#[test]
fn trials_that_were_made_are_enough_when_fewer_are_asked_for() {
    let mut trial = half_open("3");
    trial.all(&["c1 orders 4", "c1 orders 5"]);
    trial.run(Span::ms(200));
    assert_eq!(trial.text("breaker_orders"), "half-open", "two of three");
    trial.act("set breaker-trials 1");
    assert_eq!(trial.text("breaker_orders"), "closed");
    assert_eq!(trial.ask("c1 orders 6", Span::ms(200)), "order 6");
}

#[test]
fn without_any_limit_a_trial_that_never_ends_keeps_the_breaker_half_open() {
    let script = [
        "break orders",
        "c1 orders 1",
        "c1 orders 2",
        "c1 orders 3",
        "run 200ms",
        "mend orders",
        "run 1s",
        "cut orders -> gateway",
        "c1 orders 4",
        "run 100ms",
        "heal",
        "run 2s",
        "c1 orders 5",
        "run 200ms",
    ];
    let state = |most| {
        let settings = [("timeout", "none"), ("breaker-trials-for", most)];
        let trial = shop(&[&BREAKER[..3], &settings[..]].concat(), &script);
        (trial.text("breaker_orders"), trial.count("breakers_stuck"))
    };
    assert_eq!(state("none"), ("half-open".into(), 1));
    assert_eq!(state("500ms"), ("closed".into(), 0), "it opened again, and the next trial was good");
}

#[test]
fn a_success_from_before_the_opening_closes_nothing() {
    let mut trial = shop(&BREAKER[..3], &["slow orders 10x", "c1 orders 1", "run 10ms", "slow orders 1x", "break orders"]);
    trial.act("mend orders");
    trial.all(&["break orders", "c1 orders 2", "c1 orders 3", "c1 orders 4"]);
    trial.run(Span::ms(200));
    assert_eq!(trial.text("breaker_orders"), "open");
    trial.act("mend orders");
    trial.run(Span::ms(400));
    assert_eq!(told(trial.cluster.as_ref()).last().map(String::as_str), Some("order 1"), "the one that was slow is answered");
    assert_eq!(trial.text("breaker_orders"), "open");
}

#[test]
fn one_of_one_and_old_failures_do_not_open_it() {
    let one =
        |least| shop(&[("breaker", "on"), ("breaker-least", least)], &["break orders", "c1 orders 1", "run 200ms"]).text("breaker_orders");
    assert_eq!([one("20"), one("1")], ["closed", "open"]);
    let window = |wait: &str| {
        let calls = ["c1 orders 1", "c1 orders 2", "c1 orders 3", "c1 orders 4", "run 100ms", wait, "c1 orders 5", "run 100ms"];
        let script: Vec<&str> = ["break orders"].into_iter().chain(calls).collect();
        shop(&[("breaker", "on"), ("breaker-least", "5")], &script).text("breaker_orders")
    };
    assert_eq!([window("run 1h"), window("run 1s")], ["closed", "open"]);
}

#[test]
fn what_users_do_wrong_does_not_open_it() {
    let state = |counts| {
        let settings = [("breaker", "on"), ("breaker-least", "5"), ("missing", "1"), ("breaker-counts", counts)];
        shop(&settings, &["workload c1 steady 20/s orders", "run 2s"]).text("breaker_orders")
    };
    assert_eq!([state("failures"), state("errors")], ["closed", "open"]);
}

/// A hundred requests at once, which all fail at the same moment.
fn hundred_fail(settings: &[(&'static str, &'static str)]) -> Trial {
    let usual = [("workers", "200"), ("retries", "1"), ("backoff", "500ms")];
    let asks: Vec<String> = (0..100).map(|n| format!("c1 orders {n}")).collect();
    let script: Vec<&str> = ["break orders"].into_iter().chain(asks.iter().map(String::as_str)).collect();
    shop(&[&usual[..], settings].concat(), &script)
}

#[test]
fn without_jitter_all_come_back_at_once() {
    let at_once = |jitter| {
        let mut trial = hundred_fail(&[("jitter", jitter)]);
        trial.run(Span::s(2));
        counts(&trial, ["retries", "retries_at_once"])
    };
    assert_eq!(at_once("0"), [100, 100]);
    let [all, most] = at_once("1");
    assert!(all == 100 && most < 10, "{most} of {all} within 10 ms, where 2 are expected");
}

#[test]
fn a_budget_that_sees_only_what_is_under_way_is_none() {
    let waiting = |counts: &'static str| {
        let mut trial = hundred_fail(&[("budget", "0.2"), ("budget-counts", counts), ("jitter", "0")]);
        trial.run(Span::ms(300));
        (trial.count("retries_waiting"), trial.holds("within_budget"))
    };
    let (few, holds) = waiting("waiting");
    assert!(few < 20 && holds == Holds::Yes, "{few} wait");
    assert_eq!(waiting("active"), (100, Holds::No));
}

#[test]
fn a_reply_lost_at_the_bottom_is_tried_again_once_and_at_one_level() {
    let settings = [("database", "on"), ("db-timeout", "100ms"), ("db-retries", "1"), ("retries", "1"), ("user-retries", "2 attempts")];
    let trial = shop(&settings, &["cut db -> orders", "c1 orders 7", "run 100ms", "heal", "run 1s"]);
    assert_eq!(counts(&trial, ["db_calls", "calls.orders", "answers", "served", "failed"]), [2, 1, 1, 1, 0]);
}

#[test]
fn to_try_the_whole_again_calls_what_was_there_already() {
    let calls = |what| {
        let trial = shop(&[("retries", "1"), ("retry-what", what)], &["break catalogue", "slow catalogue 2x", "c1 home", "run 1s"]);
        counts(&trial, ["calls.profile", "calls.catalogue", "calls.orders"])
    };
    assert_eq!([calls("part"), calls("whole")], [[1, 2, 1], [2, 2, 2]]);
}

#[test]
fn a_fallback_that_calls_the_same_service_holds_workers_twice_as_long() {
    let busy = |fallback| {
        let settings = [("fallback", fallback), ("try-timeout", "500ms")];
        shop(&settings, &["pause catalogue", "workload c1 steady 10/s home", "run 3s"]).count("busy_most")
    };
    assert_eq!([busy("partial"), busy("call")], [5, 10]);
}

#[test]
fn a_line_before_the_bulkhead_holds_the_workers_that_it_was_to_save() {
    let held = |wait| {
        let trial = shop(&[("bulkhead", "10"), ("bulkhead-wait", wait)], &["pause payments", "workload c1 steady 20/s pay", "run 5s"]);
        (trial.count("waits_for_most"), trial.holds("isolated"))
    };
    assert_eq!(held("0s"), (10, Holds::Yes));
    assert_eq!(held("10s"), (50, Holds::No));
    // Bulkheads that add up to more than there are workers bound each service, not all of them.
    let script = ["pause payments", "pause orders", "workload c1 steady 40/s orders:pay 1:1", "run 3s"];
    let all = shop(&[("bulkhead", "25")], &script);
    assert_eq!((all.count("busy"), all.count("waits_for_most"), all.holds("isolated")), (50, 25, Holds::Yes));
}

#[test]
fn a_limit_to_each_try_is_no_limit_to_the_request() {
    let settings = [("timeout", "none"), ("try-timeout", "300ms"), ("retries", "2"), ("promised", "500ms"), ("backoff", "0s")];
    let mut trial = shop(&settings, &["pause orders", "c1 orders 7", "run 600ms"]);
    assert_eq!(trial.holds("on_time"), Holds::No);
    trial.run(Span::s(1));
    assert!(trial.is("slowest_ms", 900.0), "tries times their limit: {}", trial.fact("slowest_ms"));
    let whole = [("timeout", "500ms"), ("try-timeout", "300ms"), ("retries", "2")];
    let trial = shop(&whole, &["pause orders", "c1 orders 7", "run 1s"]);
    assert_eq!((trial.holds("on_time"), trial.is("slowest_ms", 500.0)), (Holds::Yes, true));
    let serial = [("timeout", "none"), ("try-timeout", "300ms"), ("aggregation", "serial"), ("promised", "300ms"), ("fallback", "partial")];
    let trial = shop(&serial, &["slow catalogue 4x", "slow profile 4x", "c1 home", "run 1s"]);
    assert_eq!(trial.holds("on_time"), Holds::No, "each is in time, and their sum is not");
}

#[test]
fn a_verdict_that_is_remembered_outlives_its_token() {
    let script = ["c1 orders 1", "run 500ms", "revoke c1", "run 10ms", "c1 orders 2", "run 200ms"];
    let settings = |cache| [("auth", "introspection"), ("auth-cache", cache)];
    let holds = |cache| shop(&settings(cache), &script).holds("authorised");
    assert_eq!([holds("none"), holds("5s"), holds("100ms")], [Holds::Yes, Holds::No, Holds::Yes]);
    let trial = shop(&settings("5s"), &["c1 orders 1", "run 500ms", "c1 orders 2", "run 200ms"]);
    assert_eq!(counts(&trial, ["auth_asked", "auth_remembered"]), [1, 1]);
}

#[test]
fn a_clock_that_is_behind_takes_a_token_for_good() {
    let holds = |skew: &str| {
        let script = [skew, "c1 orders 1", "run 1500ms", "c1 orders 2", "run 200ms"];
        shop(&[("token-life", "1s")], &script).holds("authorised")
    };
    assert_eq!([holds("skew gateway -1s"), holds("skew gateway -1ms")], [Holds::No, Holds::Yes]);
}

/// A list of `imbl` that is a tree loses and doubles entries when some are taken out of it after its front was.
#[test]
fn who_waits_for_a_service_is_called_though_others_before_gave_up() {
    let asks = ["c1 orders 1", "c1 orders 2", "c1 orders 3", "c1 orders 4", "c1 orders 5", "c1 orders 6", "run 1s"];
    let trial = shop(&[("bulkhead", "1"), ("bulkhead-wait", "100ms")], &asks);
    assert_eq!(told(trial.cluster.as_ref()).len(), 6);
}
