//! Links, what goes over them, and caches near users.

use super::super::MODEL;
use super::*;
use crate::cluster::kit::trial::Trial;

/// Pages of 1.25 MB over 1 Gbit/s, which are a hundred a second, from servers that have time to spare.
fn shop(more: &[(&str, &str)], does: &[&str]) -> Trial {
    let settings = [("page", "1250000"), ("link", "125MB/s"), ("service", "const(1ms)"), ("check", "none")];
    let mut shop = Trial::new(&MODEL, &[&settings, more].concat(), does);
    shop.run(Span::s(6));
    shop
}

#[test]
fn a_link_carries_what_its_rate_allows_and_no_more() {
    let mut full = shop(&[], &["workload c1 steady 120/s"]);
    assert!((full.fact("goodput_per_s") - 100.0).abs() <= 2.0 && full.fact("link_busy") > 0.99, "{}", full.fact("goodput_per_s"));
    assert!((full.fact("link_mb_per_s") - 125.0).abs() < 1.0);
    assert!(full.is("link_queue", 50.0) && full.fact("link_dropped") > 50.0);
    let spare = full.fact("busy_max");
    assert!(spare < 0.1, "the servers are idle: {spare}");
    full.act("workload c1 steady 90/s");
    full.run(Span::s(8));
    assert!((full.fact("goodput_per_s") - 90.0).abs() <= 2.0 && full.is("link_queue", 0.0));
}

/// 10 ms a page: full enough, a link is the queue that any server is (M/D/1: half a service time times load by the rest).
#[test]
fn a_link_is_a_queue() {
    let wait = |rate: u32| {
        let load = format!("workload c1 {rate}/s");
        let mut link = Trial::new(
            &MODEL,
            &[
                ("page", "1249900"),
                ("link", "125MB/s"),
                ("service", "const(0s)"),
                ("latency", "const(0s)"),
                ("link-queue", "4000"),
                ("timeout", "60s"),
            ],
            &[&load],
        );
        link.run(Span::s(200));
        link.fact("response_ms_mean") - 10.0
    };
    for (rate, load) in [(50, 0.5), (80, 0.8)] {
        let (waited, theory) = (wait(rate), 10.0 * load / (2.0 * (1.0 - load)));
        assert!((waited / theory - 1.0).abs() < 0.1, "{waited} ms at {load}, theory {theory}");
    }
}

#[test]
fn each_remedy_of_a_full_link_lets_as_much_more_through_as_it_saves() {
    let load = ["workload c1 steady 1900/s keys uniform(50)"];
    let most = |more: &[(&str, &str)]| {
        let quick = [("workers", "8"), ("link-queue", "20")];
        shop(&[&quick, more].concat(), &load).fact("goodput_per_s")
    };
    // 1 / (1 - 0.2 + 0.2 / 4), and by the hit rate 1 / (1 - 0.8).
    for (remedy, pages) in [
        (vec![("text", "0.2"), ("compression", "4")], 100.0 / 0.85),
        (vec![("page", "625000")], 200.0),
        (vec![("links", "2")], 200.0),
        (vec![("edge", "0.8")], 0.8 * 1900.0 + 100.0),
    ] {
        let found = most(&remedy);
        assert!((found / pages - 1.0).abs() < 0.03, "{remedy:?}: {found}, theory {pages}");
    }
}

#[test]
fn an_edge_takes_its_share_off_the_link_and_a_cold_one_takes_nothing() {
    let mut warm = shop(&[("edge", "0.8")], &["workload c1 100/s keys uniform(200)"]);
    warm.run(Span::s(10));
    let (link, hits) = (warm.fact("link_mb_per_s"), warm.fact("edge_hit_share"));
    assert!((hits - 0.8).abs() < 0.08 && (link / 125.0 - 0.2).abs() < 0.1, "{hits} {link}");
    // What it asks for itself goes through it too.
    assert!((warm.fact("edge_mb_per_s") - 125.0).abs() < 25.0, "{}", warm.fact("edge_mb_per_s"));
    warm.all(&["crash edge", "restart edge"]);
    warm.run(Span::ms(400));
    assert!(warm.fact("edge_hit_share") < 0.75, "{}", warm.fact("edge_hit_share"));
}

/// Compression is paid for by the workers.
#[test]
fn compression_moves_the_load_from_the_link_to_the_workers() {
    let settings = [("text", "1"), ("compression", "5"), ("compress-service", "const(30ms)")];
    let busy = |more: &[(&str, &str)]| {
        let shop = shop(more, &["workload c1 steady 90/s"]);
        (shop.fact("link_busy"), shop.fact("busy_max"))
    };
    let ((link, work), (less, more)) = (busy(&[]), busy(&settings));
    assert!(less < link / 4.0 && more > 10.0 * work, "{link} {work} {less} {more}");
}

/// RFC 7323, section 1.1: a window by a round trip is all that goes, however wide the way.
#[test]
fn a_window_by_a_round_trip_is_all_that_one_user_gets() {
    let takes = |more: &[(&str, &str)]| {
        let far = [("latency", "const(50ms)"), ("page", "640000"), ("window", "64000"), ("service", "const(1ms)"), ("timeout", "20s")];
        let mut far = Trial::new(&MODEL, &[&far, more].concat(), &[]);
        assert_eq!(far.ask("c1 view anna", Span::s(10)), "ok");
        far.fact("response_ms_mean")
    };
    // Ten parts: the first with the request, and a round trip of 100 ms for each of the others.
    assert!((takes(&[]) - (4.0 * 50.0 + 1.0 + 9.0 * 100.0)).abs() < 1.0, "{}", takes(&[]));
    assert!((takes(&[("link", "100GB/s")]) / takes(&[("link", "10GB/s")]) - 1.0).abs() < 0.01, "no wider link helps");
    assert!(takes(&[("window", "640000")]) < 0.25 * takes(&[]));
}

#[test]
fn an_edge_stands_in_the_zone_of_each_group_of_users() {
    let zones = vec![
        ("home".to_string(), (0..6).map(NodeId::server).chain([NodeId::client(0)]).collect()),
        ("far".to_string(), vec![NodeId::client(1)]),
    ];
    let settings = [("edge", "1"), ("zone-latency", "const(100ms)"), ("service", "const(1ms)")];
    let mut both = Trial::placed(&MODEL, zones, &settings);
    both.ask("c2 view anna", Span::s(2));
    let first = both.fact("response_ms_mean");
    both.ask("c2 view anna", Span::s(2));
    let second = 2.0 * both.fact("response_ms_mean") - first;
    assert!(first > 200.0 && second < 1.0, "{first} {second}");
    assert_eq!(both.ask("c1 view bob", Span::s(2)), "ok");
    assert!(both.tries("crash edge2").is_ok() && both.tries("crash edge").is_ok() && both.tries("crash edge3").is_err());
}
