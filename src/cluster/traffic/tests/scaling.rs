//! Bigger machines beside more machines, and servers that hold each other up.

use super::super::MODEL;
use super::*;
use crate::cluster::kit::trial::Trial;

/// Pages a second of so many servers that have always something to do; one alone does a hundred.
fn capacity(apps: u16, settings: &[(&str, &str)]) -> f64 {
    let usual = [("service", "const(10ms)"), ("balancing", "least-connections"), ("queue", "5"), ("check", "none")];
    let run = bench(apps, &[&usual, settings].concat()).load(2.0 * 100.0 * f64::from(apps));
    let run = run.run(Span::s(2));
    let before = run.ended().good.len();
    let run = run.run(Span::s(6));
    (run.ended().good.len() - before) as f64 / 6.0
}

#[test]
fn throughput_follows_the_servers_then_flattens_and_bends_back() {
    let law = |n: f64, s: f64, k: f64| 100.0 * n / (1.0 + s * (n - 1.0) + k * n * (n - 1.0));
    for (settings, s, k) in
        [(vec![], 0.0, 0.0), (vec![("contention", "0.05")], 0.05, 0.0), (vec![("contention", "0.05"), ("crosstalk", "0.02")], 0.05, 0.02)]
    {
        for apps in [1, 4, 12] {
            let (found, theory) = (capacity(apps, &settings), law(f64::from(apps), s, k));
            assert!((found / theory - 1.0).abs() < 0.05, "{apps} servers with {s} and {k}: {found}, theory {theory}");
        }
    }
}

/// The law is in services of all workers, however many each server has.
#[test]
fn workers_of_one_server_hold_each_other_up_no_more_than_servers_do() {
    let found = capacity(4, &[("workers", "2"), ("service", "const(20ms)"), ("contention", "0.1")]);
    assert!((found / (400.0 / 1.3) - 1.0).abs() < 0.05, "{found}");
}

#[test]
fn a_line_without_room_forgives_no_standstill() {
    let found = capacity(4, &[("queue", "0"), ("contention", "0.2")]);
    assert!(found < 400.0 / 1.6 * 1.03, "{found}");
}

/// Kleinrock 1976, volume 2, section 5.1: one fast machine beats many slow ones with the same power.
#[test]
fn one_big_machine_is_faster_than_four_small_ones_and_dearer() {
    let ask = |apps: u16, sizes: &str| {
        let settings = [("service", "exp(10ms)"), ("sizes", sizes), ("balancing", "random"), ("queue", "4000"), ("check", "none")];
        bench(apps, &[&settings[..], &[("timeout", "60s"), ("try-timeout", "60s")]].concat())
            .load(320.0)
            .run(Span::s(60))
            .stop()
            .ended()
            .mean()
    };
    let (big, small) = (ask(1, "4") - 1.0, ask(4, "1") - 1.0);
    assert!((big / 12.5 - 1.0).abs() < 0.12 && (small / 50.0 - 1.0).abs() < 0.15, "{big} {small}");
    let cost = |sizes: &str| Trial::new(&MODEL, &[("sizes", sizes)], &[]).fact("costs.servers");
    assert!((cost("1") - 4.0).abs() < 1e-9 && (cost("4") - 4.0 * 6.25).abs() < 1e-9 && (cost("2 1") - 7.0).abs() < 1e-9);
}

#[test]
fn servers_of_unequal_size_have_unequal_speed() {
    let mut mixed = Trial::new(
        &MODEL,
        &[("sizes", "4 1 1 1"), ("service", "const(10ms)"), ("balancing", "round-robin")],
        &["workload c1 steady 200/s"],
    );
    mixed.run(Span::s(4));
    let busy = [1, 2].map(|number| mixed.fact(&format!("busy.app{number}")));
    assert!((busy[0] - 0.125).abs() < 0.02 && (busy[1] - 0.5).abs() < 0.02, "{busy:?}");
    assert!((mixed.fact("node_service_ms.app1") - 2.5).abs() < 0.05);
}

#[test]
fn what_everything_costs_so_far_follows_what_is_there() {
    let mut shop = Trial::new(&MODEL, &[], &[]);
    shop.run(Span::s(10));
    // The front and four servers.
    assert!(shop.is("cost", 5.0) && shop.is("cost_s", 50.0));
    shop.all(&["set database on", "set replicas 2", "set db-size 2", "set link 250MB/s", "set edge 0.5"]);
    assert!(shop.is("costs.database", 7.5) && shop.is("costs.link", 2.0) && shop.is("costs.edge", 1.0));
    shop.run(Span::s(10));
    assert!(shop.is("cost_s", 50.0 + 155.0), "{}", shop.fact("cost_s"));
}
