//! The mistakes that are made in measuring and balancing load, each tried by the schedule that shows it.

use crate::cluster::exchange::Outcome;
use crate::cluster::kit::trial::Trial;
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
