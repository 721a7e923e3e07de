//! Servers that come and go.

use super::super::MODEL;
use super::*;
use crate::cluster::kit::trial::Trial;

fn apps(run: &Bench) -> usize {
    run.sim.server_ids().count() - 2
}

#[test]
fn a_server_that_is_added_gets_its_share_when_it_is_warm() {
    let run = bench(2, &[("warm-up", "2s")]).load(100.0).run(Span::s(2));
    let run = run.poke(|sim| assert!(sim.add_server(0).is_some())).run(Span::s(2)).run(Span::s(3));
    assert_eq!(apps(&run), 3);
    let (cold, warm) = (run.given(3, Span::ZERO) - run.given(3, Span::s(4)), run.given(3, Span::s(4)));
    assert!(cold == 0 && (80..=120).contains(&warm), "{cold} cold, {warm} warm");
}

#[test]
fn an_autoscaler_follows_the_load_late_and_stays_within_its_bounds() {
    let settings = [
        ("autoscale", "on"),
        ("scale-every", "2s"),
        ("warm-up", "4s"),
        ("scale-down-after", "4s"),
        ("servers-least", "2"),
        ("servers-most", "5"),
        ("queue", "20"),
    ];
    let run = bench(2, &settings).load(100.0).run(Span::s(6));
    assert_eq!(apps(&run), 2);
    let calm = run.ended();
    let run = run.load(400.0).run(Span::s(6));
    // It looks after two seconds at most, and what it adds is warm four seconds later: until then there is too little.
    let rush = run.ended();
    assert!(calm.refused == 0 && rush.refused > 500, "{}", rush.refused);
    let run = run.run(Span::s(10));
    assert_eq!(apps(&run), 5, "and not the six that it wants");
    let run = run.load(20.0).run(Span::s(20));
    assert_eq!(apps(&run), 2);
    assert_eq!(run.ended().failed, 0, "what it removes drains first");
}

#[test]
fn servers_that_start_are_no_capacity_and_are_not_added_again() {
    let settings = [("autoscale", "on"), ("scale-every", "1s"), ("warm-up", "30s"), ("busy-target", "50"), ("servers-most", "50")];
    let run = bench(2, &settings).load(190.0).run(Span::s(20));
    assert_eq!(apps(&run), 4, "95 % at two are 48 % at four, however often it looks");
}

#[test]
fn more_servers_do_not_help_where_the_database_is_the_bottleneck() {
    let goodput = |apps| {
        let settings = [("database", "on"), ("db-service", "exp(10ms)"), ("db-workers", "2"), ("db-queue", "20")];
        let run = bench(apps, &settings).load(400.0).run(Span::s(8)).stop();
        run.ended().good.len() as f64 / 8.0
    };
    let (few, many) = (goodput(4), goodput(8));
    assert!((few - 200.0).abs() < 25.0 && (many - 200.0).abs() < 25.0, "{few} {many}");
}

/// The share of a second that workers are busy ends at one, however many wait: each round at most doubles what half a load asks for.
#[test]
fn a_signal_that_ends_needs_more_rounds_than_one_that_does_not() {
    let rounds = |by| {
        let settings = [
            ("autoscale", "on"),
            ("scale-by", by),
            ("busy-target", "50"),
            ("scale-every", "2s"),
            ("warm-up", "1s"),
            ("servers-least", "2"),
            ("servers-most", "40"),
            ("queue", "400"),
            ("timeout", "20s"),
            ("try-timeout", "20s"),
        ];
        let mut run = bench(2, &settings).load(100.0).run(Span::s(5));
        let before = run.front().scalings.0;
        run = run.load(1000.0);
        let mut passed = 0;
        while apps(&run) < 16 && passed < 40 {
            run = run.run(Span::s(1));
            passed += 1;
        }
        run.front().scalings.0 - before
    };
    let (busy, requests) = (rounds("busy"), rounds("requests"));
    assert!(busy >= 3 && requests == 1, "{busy} {requests}");
}

/// Checks that wait in the line behind requests are not requests that wait.
#[test]
fn what_checks_wait_is_no_waiting_of_requests() {
    let settings = [("check-asks", "queue"), ("check", "10ms"), ("check-timeout", "10s"), ("service", "const(100ms)")];
    let mut run = Trial::new(&MODEL, &settings, &["workload c1 steady 1/s"]);
    run.run(Span::s(20));
    assert!(run.is("waiting_ms_mean", 0.0) && run.fact("response_ms_mean") > 100.0, "{}", run.fact("waiting_ms_mean"));
}
