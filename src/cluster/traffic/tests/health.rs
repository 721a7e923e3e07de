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
