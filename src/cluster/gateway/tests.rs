//! The cluster under commands, as learners and lessons use it.

use super::MODEL;
use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::cluster::scene::{Body, Layout, Mark, Scene};
use crate::sim::time::Span;

const SOON: Span = Span::ms(500);

fn shop(settings: &[(&str, &str)], script: &[&str]) -> Trial {
    Trial::scripted(&MODEL, MODEL.nodes.0, settings, script)
}

fn counts<const N: usize>(trial: &Trial, names: [&str; N]) -> [u64; N] {
    names.map(|name| trial.count(name))
}

/// A steady load of orders, and payments that take ten seconds.
const SLOW_PAYMENTS: &[&str] = &["workload c1 steady 100/s orders", "workload c2 steady 10/s pay", "slow payments 200x"];

#[test]
fn every_form_of_an_ask_is_answered() {
    let asks = [
        ("c1 home", "home"),
        ("c1 home without token", "401, no valid token"),
        ("c1 orders 7", "order 7"),
        ("c1 orders 7 without token", "401, no valid token"),
        ("c1 orders 7 directly", "order 7"),
        ("c2 pay 7", "paid"),
        ("c2 pay 8 without token", "401, no valid token"),
        ("c2 pay 9 directly", "paid"),
        ("c2 login", "logged in"),
    ];
    let mut trial = shop(&[], &[]);
    for (ask, told) in asks {
        assert_eq!(trial.ask(ask, SOON), told, "{ask}");
        assert_eq!(trial.last().asked(), ask);
    }
    assert_eq!(counts(&trial, ["answers", "rejected", "payments", "past_gateway", "open"]), [6, 3, 2, 2, 0]);
}

/// Little's law: workers in use are the rate times the time.
#[test]
fn busy_workers_are_the_rate_times_the_time() {
    for (rate, slow, busy) in [("10/s", "20x", 10), ("20/s", "40x", 40)] {
        let trial = shop(&[], &[&format!("slow orders {slow}"), &format!("workload c1 steady {rate} orders"), "run 6010ms"]);
        assert_eq!(counts(&trial, ["busy", "waits_for.orders"]), [busy, busy], "{rate} for {slow}");
    }
}

#[test]
fn a_slow_service_takes_every_worker_with_it() {
    let mut trial = shop(&[], SLOW_PAYMENTS);
    trial.run(Span::s(10));
    assert_eq!(counts(&trial, ["busy", "waits_for.payments", "waiting"]), [50, 50, 100]);
    assert!(trial.is("goodput_per_s", 0.0), "nobody gets anything, not even orders");
    let verdict = trial.verdict("isolated");
    assert_eq!(verdict.holds, Holds::No);
    assert!(verdict.why.ends_with("payments held all 50 workers of gateway."), "{}", verdict.why);
}

#[test]
fn a_limit_to_each_call_or_a_bulkhead_keeps_the_others_alive() {
    for cure in [("try-timeout", "500ms"), ("bulkhead", "10"), ("breaker", "on")] {
        let timeout = if cure.0 == "breaker" { [("timeout", "1s"), ("breaker-least", "10")].to_vec() } else { Vec::new() };
        let settings: Vec<(&str, &str)> = [cure].into_iter().chain(timeout).collect();
        let mut trial = shop(&settings, SLOW_PAYMENTS);
        trial.run(Span::s(10));
        assert!(trial.fact("p99_ms_of.orders") < 60.0, "{cure:?}");
        assert!(trial.count("busy_most") < 50 && trial.holds("isolated") == Holds::Yes, "{cure:?}");
    }
    // More workers hold out a little longer, and payments alone wants a hundred.
    let mut more = shop(&[("workers", "99"), ("timeout", "60s"), ("user-timeout", "60s")], SLOW_PAYMENTS);
    more.run(Span::s(30));
    assert!(more.count("waits_for_most") > 90, "{}", more.count("waits_for_most"));
}

#[test]
fn a_home_takes_as_long_as_its_slowest_part_or_as_all_of_them() {
    // A message each way to the gateway, and one each way to each service.
    for (aggregation, ms) in [("parallel", 2 + 52), ("serial", 2 + 3 * 52)] {
        let mut trial = shop(&[("aggregation", aggregation)], &[]);
        assert_eq!(trial.ask("c1 home", SOON), "home");
        assert!(trial.is("mean_ms_of.home", f64::from(ms)), "{aggregation}: {}", trial.fact("mean_ms_of.home"));
        assert_eq!(counts(&trial, ["calls.profile", "calls.catalogue", "calls.orders", "calls.payments"]), [1, 1, 1, 0]);
    }
    let mut trial = shop(&[("home", "orders payments")], &[]);
    assert_eq!(trial.ask("c1 home", SOON), "home");
    assert_eq!(counts(&trial, ["calls.profile", "calls.orders", "calls.payments"]), [0, 1, 1]);
}

#[test]
fn tries_multiply_from_level_to_level() {
    for (tries, calls) in [(1, 1), (2, 8), (3, 27)] {
        let (retries, users) = ((tries - 1).to_string(), format!("{tries} attempts after 10ms"));
        let users = if tries == 1 { "never" } else { &users };
        let settings = [("database", "on"), ("db-retries", &retries), ("retries", &retries), ("user-retries", users)];
        let trial = shop(&settings, &["break db", "c1 orders 7", "run 5s"]);
        assert_eq!(counts(&trial, ["db_calls", "open"]), [calls, 0], "{tries} tries at each of three levels");
    }
}

#[test]
fn one_retry_makes_rare_errors_rarer() {
    let trial = |retries| shop(&[("errors", "0.01"), ("retries", retries)], &["workload c1 200/s orders", "run 20s"]);
    let (none, one) = (trial("0"), trial("1"));
    let failed = |trial: &Trial| trial.fact("failed") / trial.fact("offered");
    assert!((0.005..0.015).contains(&failed(&none)), "{}", failed(&none));
    assert!(failed(&one) < 0.001, "{}", failed(&one));
    assert!((1.005..1.015).contains(&one.fact("attempts_per_call")), "{}", one.fact("attempts_per_call"));
}

#[test]
fn a_breaker_opens_tries_and_closes() {
    let settings = [("breaker", "on"), ("breaker-least", "5"), ("breaker-open", "2s")];
    let mut trial = shop(&settings, &["break payments", "workload c1 steady 10/s pay", "run 900ms"]);
    assert_eq!(trial.text("breaker_payments"), "open");
    assert_eq!(counts(&trial, ["opened.payments", "calls.payments", "breakers_open"]), [1, 5, 1]);
    assert!(trial.count("refused_breaker.payments") >= 1);
    assert_eq!(trial.ask("c2 pay 7", Span::ms(10)), "503, payments: breaker open");
    trial.run(Span::ms(1500));
    assert_eq!(counts(&trial, ["calls.payments", "opened.payments"]), [5, 1], "open, it makes no call");
    trial.run(Span::s(1));
    assert_eq!(counts(&trial, ["calls.payments", "opened.payments"]), [6, 2], "one trial, which failed");
    trial.act("mend payments");
    trial.run(Span::s(3));
    assert_eq!(trial.text("breaker_payments"), "closed");
    assert_eq!(counts(&trial, ["opened.payments", "opened.orders", "breakers_open", "breakers_stuck"]), [2, 0, 0, 0]);
}

#[test]
fn an_operator_turns_breakers() {
    let mut trial = shop(&[("breaker", "on")], &["open-breaker orders"]);
    assert_eq!(trial.ask("c1 orders 7", SOON), "503, orders: breaker open");
    assert_eq!(trial.tries("open-breaker orders").unwrap_err().0, "the breaker before orders is open already");
    trial.act("fire gateway probe");
    trial.run(Span::ms(1));
    assert_eq!(trial.text("breaker_orders"), "half-open");
    assert_eq!(trial.ask("c1 orders 7", SOON), "order 7");
    assert_eq!(trial.text("breaker_orders"), "closed");
    trial.all(&["open-breaker orders", "close-breaker orders"]);
    assert_eq!(trial.ask("c1 orders 7", SOON), "order 7");
    trial.act("open-breaker orders");
    trial.run(Span::s(6));
    assert_eq!(trial.text("breaker_orders"), "half-open", "by itself, after its time");
    trial.act("set breaker off");
    assert_eq!(trial.text("breaker_orders"), "closed");
    assert!(trial.tries("open-breaker orders").unwrap_err().0.contains("set breaker on"));
    assert!(trial.tries("break gateway").unwrap_err().0.contains("such as orders"));
    assert_eq!(trial.tries("mend orders").unwrap_err().0, "orders is whole already");
}

#[test]
fn a_home_without_a_part_is_marked_or_fails() {
    let told = |fallback, before: &[&str]| {
        let mut trial = shop(&[("fallback", fallback), ("timeout", "400ms")], before);
        let told = trial.ask("c1 home", SOON);
        (told, trial.count("partial"))
    };
    assert_eq!(told("none", &["break catalogue"]), ("502, catalogue: error".into(), 0));
    assert_eq!(told("partial", &["break catalogue"]), ("home, without catalogue".into(), 1));
    assert_eq!(told("partial", &["pause catalogue"]), ("home, without catalogue".into(), 1), "what is there at the deadline is enough");
    assert_eq!(told("stale", &["break catalogue"]), ("home, without catalogue".into(), 1), "nothing old is there yet");
    assert_eq!(told("stale", &["c1 home", "run 100ms", "break catalogue"]), ("home, old catalogue".into(), 1));
    assert_eq!(told("stale", &["c1 home", "run 100ms", "pause catalogue"]), ("home, old catalogue".into(), 1));
    assert_eq!(told("call", &["break catalogue"]), ("502, catalogue: error".into(), 0), "a default of the same service is no way out");
    let all = ["break catalogue", "break profile", "break orders"];
    assert_eq!(told("partial", &all), ("502, profile: error".into(), 0), "of nothing there is no part");
}

#[test]
fn who_may_ask_is_known_by_a_token() {
    let mut trial = shop(&[("token-life", "1s")], &[]);
    assert_eq!(trial.ask("c1 orders 7", Span::ms(1100)), "order 7");
    assert_eq!(trial.ask("c1 orders 7", SOON), "401, no valid token", "its time is over");
    assert_eq!(trial.ask("c1 login", SOON), "logged in");
    assert_eq!(trial.ask("c1 orders 7", SOON), "order 7");
    assert_eq!(trial.holds("authorised"), Holds::Yes);
    // Nobody but auth knows that a token is good no longer.
    for (auth, told) in [("signature", "order 7"), ("introspection", "401, no valid token")] {
        let mut trial = shop(&[("auth", auth)], &["revoke c1", "run 10ms"]);
        assert_eq!(trial.ask("c1 orders 7", SOON), told);
        assert_eq!(trial.holds("authorised"), if told == "order 7" { Holds::No } else { Holds::Untested });
        assert!(trial.tries("revoke c1").unwrap_err().0.contains("c1 login"));
    }
    let mut silent = shop(&[("auth", "introspection"), ("try-timeout", "100ms")], &["crash auth"]);
    assert_eq!(silent.ask("c1 orders 7", SOON), "503, auth does not answer");
    assert!(silent.tries("revoke c1").unwrap_err().0.contains("down"));
}

#[test]
fn a_way_past_the_gateway_is_open_where_services_trust_the_network() {
    for (trust, told, holds) in [("network", "order 7", Holds::No), ("token", "401, no valid token", Holds::Untested)] {
        let mut trial = shop(&[("services-trust", trust)], &[]);
        assert_eq!(trial.ask("c1 orders 7 directly", SOON), told);
        assert_eq!(trial.holds("authorised"), holds);
    }
}

#[test]
fn who_finds_no_room_or_no_route_is_told() {
    let mut trial = shop(&[("workers", "1"), ("queue", "1"), ("routes", "orders pay")], &["c1 orders 1", "c1 orders 2"]);
    assert_eq!(trial.ask("c2 orders 3", Span::ms(10)), "503, the gateway is full");
    assert_eq!(counts(&trial, ["busy", "waiting", "refused_full"]), [1, 1, 1]);
    trial.run(SOON);
    assert_eq!(trial.ask("c1 home", SOON), "404, no such route");
    let mut small = shop(&[("service-workers", "1"), ("service-queue", "0")], &["c1 orders 1", "run 5ms"]);
    assert_eq!(small.ask("c1 orders 2", SOON), "503, orders: full");
    let mut held = shop(&[("bulkhead", "1")], &["c1 orders 1", "run 5ms"]);
    assert_eq!(held.ask("c1 orders 2", SOON), "503, orders: bulkhead full");
    assert_eq!(shop(&[("missing", "1")], &[]).ask("c1 orders 2", SOON), "404, orders: not there");
}

#[test]
fn what_waits_is_served_in_order_when_workers_come() {
    let script = ["slow orders 20x", "c1 orders 1", "c1 orders 2", "c1 orders 3", "run 100ms"];
    let mut trial = shop(&[("workers", "1")], &script);
    assert_eq!(counts(&trial, ["busy", "waiting", "calls.orders"]), [1, 2, 1]);
    trial.act("set workers 3");
    assert_eq!(counts(&trial, ["busy", "waiting", "calls.orders"]), [3, 0, 3]);
}

#[test]
fn gateways_take_turns() {
    let script = ["c1 orders 1", "c1 orders 2", "c1 orders 3", "c1 orders 4", "run 10ms", "crash gateway2", "run 1s"];
    let trial = Trial::scripted(&MODEL, MODEL.nodes.0 + 1, &[], &script);
    assert_eq!(counts(&trial, ["served", "open", "busy"]), [2, 2, 0]);
}

#[test]
fn each_worker_shows_whom_it_waits_for() {
    let script = ["slow payments 200x", "c1 pay 1", "c1 pay 2", "c1 orders 3", "c1 home", "run 10ms"];
    let trial = shop(&[("breaker", "on"), ("workers", "6")], &script);
    let mut scene = Scene::default();
    trial.cluster.scene(trial.cluster.now(), &mut scene);
    let Body::Queues(strips) = &scene.panels[0].body else { panic!("{:?}", scene.panels[0]) };
    let letters: Vec<(Mark, u32)> = strips[0].waiting.iter().map(|run| (run.mark, run.count)).collect();
    assert_eq!(letters, [(Mark::Letter('$'), 2), (Mark::Letter('o'), 1), (Mark::Letter('p'), 1)]);
    assert_eq!(
        (strips[0].limit, strips[0].note.as_str()),
        (Some(6), "o 2 for orders, $ 2 for payments, p 1 for profile, c 1 for catalogue")
    );
    let Layout::Tiers(tiers) = &scene.layout else { panic!("{:?}", scene.layout) };
    assert_eq!(tiers.iter().map(Vec::len).collect::<Vec<_>>(), [1, 4]);
    let Body::Table(table) = &scene.panels[1].body else { panic!("{:?}", scene.panels[1]) };
    assert_eq!(
        table.rows[3].entries.iter().map(|entry| entry.text.as_str()).collect::<Vec<_>>(),
        ["$ payments", "0/s", "0/s", "2", "┤ ├ closed"]
    );
}

#[test]
fn guarantees_are_untested_before_anybody_asks() {
    let trial = shop(&[], &["run 1s"]);
    assert!(trial.cluster.verdicts().iter().all(|verdict| verdict.holds == Holds::Untested));
}
