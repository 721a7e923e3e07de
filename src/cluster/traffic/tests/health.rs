//! Checks, and what they cannot tell.

use super::*;

#[test]
fn a_dead_server_gets_requests_until_its_checks_notice_and_no_longer() {
    let run = bench(4, &[("check", "1s"), ("check-threshold", "2"), ("check-timeout", "500ms")]).load(100.0).run(Span::s(3));
    let run = run.poke(|sim| sim.crash(app(2), Crash::KeepDisk)).run(Span::s(6));
    let dead = run.given(2, Span::s(3));
    // Out after the second check missed: two intervals and a timeout at most, one interval less at least.
    assert!((25..=65).contains(&dead), "{dead}");
    assert_eq!(run.given(2, Span::ms(3000 + 2 * 1000 + 500)), 0);
    let back = run.poke(|sim| sim.restart(app(2))).run(Span::s(5));
    assert!(back.given(2, Span::s(10)) > 50, "one answer brings it back");
}

#[test]
fn who_answers_checks_and_fails_requests_stays() {
    let run = bench(4, &[("check", "1s")]).poke(|sim| sim.slow(app(3), 50.0)).load(100.0).run(Span::s(10));
    assert!(run.backend(3).healthy && run.ended().failed > 100, "{:?}", run.ended().failed);
}

#[test]
fn a_cut_between_checker_and_healthy_servers_throws_them_out() {
    let cut = |all_unhealthy| {
        let run = bench(2, &[("check", "1s"), ("check-threshold", "1"), ("queue", "4000"), ("all-unhealthy", all_unhealthy)])
            .load(100.0)
            .run(Span::s(2));
        let run = run.poke(|sim| [1, 2].into_iter().for_each(|number| sim.pause(app(number)))).run(Span::s(4));
        run.poke(|sim| [1, 2].into_iter().for_each(|number| sim.resume(app(number))))
    };
    let (fail, all) = (cut("fail"), cut("route-to-all"));
    assert!(fail.front().pool.balancer.usable().is_empty());
    assert_eq!(all.front().pool.balancer.usable(), [0, 1]);
    assert!(fail.ended().refused > 100 && all.ended().refused == 0);
}

#[test]
fn what_was_under_way_is_counted_down_so_that_a_server_that_returns_gets_traffic_again() {
    let run = bench(3, &[("balancing", "least-connections"), ("check", "none")]).load(100.0).run(Span::s(2));
    let run = run.poke(|sim| sim.crash(app(2), Crash::KeepDisk)).run(Span::s(2));
    let run = run.poke(|sim| sim.restart(app(2))).run(Span::s(3));
    assert!(run.given(2, Span::s(5)) > 40, "{}", run.given(2, Span::s(5)));
    let run = run.stop();
    assert!(run.front().pool.backends.iter().all(|backend| backend.open == 0));
}

#[test]
fn a_drained_server_finishes_and_one_that_is_removed_takes_its_requests_along() {
    let out = |drain: bool| {
        let run = bench(3, &[("balancing", "round-robin")]).load(200.0).run(Span::s(2));
        let run = run.poke(|sim| {
            sim.command(FRONT, |state, cx| {
                let Traffic::Front(front) = state else { return };
                if drain { front.drain(app(2), cx) } else { front.remove(app(2), cx) }
            });
        });
        let gone = run.given(2, Span::s(2) + Span::ms(1));
        let run = run.stop();
        (gone, run.ended().failed + run.ended().refused, run.front().pool.find(app(2)))
    };
    assert_eq!(out(true), (0, 0, None));
    let (gone, lost, found) = out(false);
    assert!(gone == 0 && lost > 0 && found.is_none(), "{lost}");
}

/// A check that asks the database too throws everybody out when the database is slow (Envoy and Kubernetes warn of such checks).
#[test]
fn a_deep_check_throws_everybody_out_for_the_database_and_a_shallow_one_nobody() {
    let served = |asks, all_unhealthy| {
        let settings = [
            ("database", "on"),
            ("check", "500ms"),
            ("check-timeout", "200ms"),
            ("check-threshold", "2"),
            ("check-asks", asks),
            ("all-unhealthy", all_unhealthy),
            ("db-service", "const(5ms)"),
        ];
        let run = bench(4, &settings).load(100.0).run(Span::s(3));
        // Half a second a query and four at a time: slow, and by far not dead.
        let run = run.poke(|sim| sim.slow(DATABASE, 5.0)).run(Span::s(1));
        let run = run.poke(|sim| sim.slow(DATABASE, 100.0)).run(Span::s(3));
        (run.front().pool.balancer.usable().len(), run.ended().refused > 50)
    };
    assert_eq!(served("database", "fail"), (0, true));
    assert_eq!(served("database", "route-to-all").0, 4);
    assert_eq!(served("process", "fail").0, 4);
}

/// k3s and others: a check that waits behind the requests takes the busy ones out, and the others get their load.
#[test]
fn a_check_that_stands_in_line_throws_out_who_is_busy() {
    let usable = |asks| {
        let settings = [("check", "500ms"), ("check-timeout", "200ms"), ("check-threshold", "2"), ("check-asks", asks), ("queue", "200")];
        let run = bench(4, &[&settings[..], &[("timeout", "10s"), ("try-timeout", "10s")]].concat()).load(480.0);
        let mut least = usize::MAX;
        let mut run = run;
        for _ in 0..30 {
            run = run.run(Span::ms(500));
            least = least.min(run.front().pool.balancer.usable().len());
        }
        least
    };
    assert!(usable("queue") < 2 && usable("process") == 4, "{} {}", usable("queue"), usable("process"));
}

#[test]
fn below_its_panic_threshold_the_front_believes_no_check() {
    let usable = |threshold| {
        let run = bench(4, &[("check", "500ms"), ("check-threshold", "1"), ("panic-threshold", threshold)]).load(50.0).run(Span::s(2));
        let run = run.poke(|sim| [1, 2, 3].into_iter().for_each(|number| sim.crash(app(number), Crash::KeepDisk))).run(Span::s(3));
        run.front().pool.balancer.usable().len()
    };
    assert_eq!((usable("0"), usable("0.25"), usable("0.5")), (1, 1, 4));
}
