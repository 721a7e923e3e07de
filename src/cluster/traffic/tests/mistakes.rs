//! The mistakes that are made in measuring and balancing load, each tried by the schedule that shows it.

use crate::cluster::kit::trial::Trial;
use crate::cluster::told::Outcome;
use crate::sim::time::Span;

use super::super::MODEL;

fn cluster(settings: &[(&str, &str)], does: &[&str]) -> Trial {
    Trial::new(&MODEL, settings, does)
}

/// One of four servers is five times as slow, and every fourth page comes from it: the mean of four percentiles would be 3 ms.
#[test]
fn a_percentile_is_of_all_pages_and_no_mean_of_percentiles() {
    let mut slowed = cluster(&[("service", "const(1ms)"), ("balancing", "round-robin")], &["slow app4 5x", "workload c1 steady 400/s"]);
    slowed.run(Span::s(5));
    assert!((slowed.fact("p50_ms") - 2.0).abs() < 0.1 && (slowed.fact("p99_ms") - 6.0).abs() < 0.1);
}

/// Tene, "How NOT to Measure Latency": whoever waits for the answer before asking again does not ask while nobody answers.
#[test]
fn users_who_wait_do_not_see_a_pause_and_arrivals_that_do_not_wait_do() {
    let late = |workload: &str| {
        let settings = [("service", "const(5ms)"), ("check", "none"), ("timeout", "20s"), ("try-timeout", "20s"), ("queue", "4000")];
        let mut paused = cluster(&settings, &[&format!("workload c1 {workload}")]);
        paused.run(Span::s(10));
        paused.act("pause lb");
        paused.run(Span::s(1));
        paused.act("resume lb");
        paused.run(Span::s(9));
        paused.fact("response_ms_p99")
    };
    let (closed, open) = (late("closed 1 think const(44ms)"), late("20/s"));
    assert!(closed < 10.0, "one of 400 requests waited: {closed}");
    assert!(open > 500.0, "one in twenty waited: {open}");
}

/// No more requests are open than there are users, whatever becomes of the servers.
#[test]
fn users_who_wait_are_never_more_than_they_are() {
    let mut closed = cluster(&[], &["workload c1 closed 30 think exp(100ms)"]);
    for does in ["slow app1 50x", "crash app2", "pause lb", "resume lb", "loss all 0.2", "restart app2", "loss all 0"] {
        closed.act(does);
        for _ in 0..20 {
            closed.run(Span::ms(50));
            let open = closed.cluster.exchanges().iter().filter(|exchange| exchange.outcome == Outcome::Open).count();
            assert!(open <= 30, "{does}: {open}");
        }
    }
}

/// Slowness that were only latency would let no queue grow.
#[test]
fn a_slow_server_has_a_queue() {
    let mut slow = cluster(&[("queue", "1000"), ("timeout", "100s"), ("try-timeout", "100s")], &["slow app1 10x", "workload c1 200/s"]);
    slow.run(Span::s(10));
    // 50 requests a second come, and 10 are served.
    let waits = slow.fact("queue.app1");
    assert!((300.0..500.0).contains(&waits), "{waits}");
}

/// A request that is tried again is one request, and has taken as long as all of its tries.
#[test]
fn a_retry_is_no_arrival_and_its_time_counts_from_the_first_try() {
    let settings = [("user-retries", "3 attempts after 100ms"), ("check", "none"), ("service", "const(5ms)")];
    let mut tried = cluster(&settings, &["break app1", "break app2", "break app3", "break app4", "workload c1 steady 10/s"]);
    tried.run(Span::ms(10_050));
    tried.act("workload c1 off");
    (1..=4).for_each(|number| tried.act(&format!("mend app{number}")));
    tried.run(Span::s(1));
    assert!((tried.fact("offered") - 100.0).abs() < 0.5);
    assert!(tried.fact("attempts_per_request") > 2.5);
    assert!(tried.fact("response_ms_p50") > 100.0, "what ended well was tried again first");
}

/// A rule that began at the first server again would give one of three all that comes between two changes.
#[test]
fn in_turn_goes_on_where_it_was_when_servers_come_and_go() {
    let settings = [("check", "100ms"), ("check-timeout", "50ms"), ("check-threshold", "1"), ("service", "const(1ms)")];
    let mut flaps = cluster(&settings, &["workload c1 steady 20/s"]);
    for _ in 0..40 {
        flaps.act("crash app4");
        flaps.run(Span::ms(300));
        flaps.act("restart app4");
        flaps.run(Span::ms(300));
    }
    let given = [1, 2, 3].map(|number| flaps.fact(&format!("given_total.app{number}")));
    let (least, most) = (given[0].min(given[1]).min(given[2]), given[0].max(given[1]).max(given[2]));
    assert!(most < 1.15 * least, "{given:?}");
}

/// 50 pages a second of 10,000 bytes from each of four servers, and a header each way.
#[test]
fn the_bytes_of_a_link_are_those_of_its_pages() {
    let mut carried = cluster(&[("balancing", "round-robin"), ("check", "none"), ("service", "const(1ms)")], &["workload c1 steady 200/s"]);
    carried.run(Span::s(3));
    assert!((carried.fact("link_kb_per_s.app2") - 50.0 * 10.2).abs() < 11.0);
}

/// What waits for the database, or answers a check, is no request that a worker took.
#[test]
fn service_and_waiting_are_of_requests_and_of_nothing_else() {
    let settings = [("service", "const(5ms)"), ("database", "on"), ("check", "100ms"), ("check-timeout", "50ms")];
    let mut shop = cluster(&settings, &["workload c1 steady 40/s"]);
    shop.run(Span::s(10));
    assert!((shop.fact("service_ms_mean") - 5.0).abs() < 0.05, "{}", shop.fact("service_ms_mean"));
    assert!((shop.fact("node_service_ms.app1") - 5.0).abs() < 0.05);
    let whole = shop.fact("node_mean_ms.app2");
    assert!(whole > 7.0 && whole < shop.fact("mean_ms") + 1.0, "the way and the database are in it: {whole}");
}

/// Little's law by hand: what is inside is what comes by how long each stays.
#[test]
fn what_is_inside_is_what_comes_by_how_long_it_stays() {
    let mut shop = cluster(&[("service", "const(10ms)"), ("check", "none"), ("latency", "const(20ms)")], &["workload c1 steady 100/s"]);
    shop.run(Span::s(5));
    let stays = shop.fact("goodput_per_s") * shop.fact("mean_ms") / 1000.0;
    assert!((shop.fact("open") - stays).abs() <= 1.0 && stays > 8.0, "{} {stays}", shop.fact("open"));
}

/// Whoever is slow is slow by itself: its p99 says so, that of all does as far as its share goes, and the mean of them says nothing.
#[test]
fn a_cluster_has_one_p99_and_each_server_its_own() {
    let mut slowed = cluster(&[("service", "exp(2ms)"), ("balancing", "round-robin")], &["slow app4 10x", "workload c1 120/s"]);
    slowed.run(Span::s(20));
    let own: Vec<f64> = (1..=4).map(|number| slowed.fact(&format!("node_p50_ms.app{number}"))).collect();
    assert!(own[3] > 5.0 * own[0], "{own:?}");
}

/// A setting that changes while a server is broken reaches that server too.
#[test]
fn a_broken_server_hears_of_settings_and_stays_broken() {
    let mut shop = cluster(&[("balancing", "round-robin")], &["break app3", "set workers 4", "workload c1 steady 100/s"]);
    shop.run(Span::s(3));
    assert!((shop.fact("errors.app3") - 25.0).abs() < 2.0);
    let workers = |shop: &Trial, name: &str| {
        let mut scene = crate::cluster::scene::Scene::default();
        shop.cluster.scene(shop.cluster.now(), &mut scene);
        scene.nodes.iter().find(|node| node.name == name).and_then(|node| node.station.as_ref()).map(|station| station.workers)
    };
    assert_eq!((workers(&shop, "app3"), workers(&shop, "app1")), (Some(4), Some(4)));
    shop.act("mend app3");
    shop.run(Span::s(3));
    assert!(shop.is("errors.app3", 0.0));
}

/// The time of a request that is followed is all of its time, and none twice.
#[test]
fn the_parts_of_a_request_are_its_whole_time() {
    let settings = [("database", "on"), ("cache", "0.5"), ("sessions", "shared"), ("link", "1MB/s"), ("service", "const(7ms)")];
    let mut shop = cluster(&settings, &["workload c1 100/s keys uniform(20)"]);
    shop.run(Span::s(2));
    shop.all(&["workload c1 off"]);
    shop.run(Span::s(2));
    assert_eq!(shop.ask("c1 view k1", Span::s(1)), "ok");
    let whole = shop.last();
    let took = whole.ended.map(|ended| ended.at.since(whole.called.at));
    let mut scene = crate::cluster::scene::Scene::default();
    shop.cluster.scene(shop.cluster.now(), &mut scene);
    let panel = scene.panels.iter().find(|panel| panel.title == "one request").expect("one was followed");
    let crate::cluster::scene::Body::Gauges(gauges) = &panel.body else { panic!("{panel:?}") };
    let [crate::cluster::scene::Gauge::Parts { parts, .. }] = &gauges[..] else { panic!("{gauges:?}") };
    let sum: u64 = parts.iter().map(|part| part.took.0).sum();
    assert_eq!(Some(Span(sum)), took, "{parts:?}");
    assert!(parts.iter().any(|part| part.word.starts_with("work at app") && part.took == Span::ms(7)), "{parts:?}");
    assert!(parts.iter().any(|part| part.word == "link" && part.took.0 > 10_000_000), "{parts:?}");
}
