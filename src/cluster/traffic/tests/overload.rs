//! More requests than can be served.

use super::*;

#[test]
fn without_a_limit_work_is_done_for_users_that_have_gone() {
    let run = |queue| {
        let run = bench(1, &[("queue", queue), ("timeout", "500ms"), ("try-timeout", "10s")]).load(150.0).run(Span::s(20));
        let ended = run.ended();
        ended.good.len() as f64 / ended.offered as f64
    };
    let (long, short) = (run("4000"), run("20"));
    // Two of three can be served: with a short line they are, with a long one everybody waits too long.
    assert!(short > 0.6 && long < 0.2, "goodput {short} with a limit, {long} without");
}

#[test]
fn a_timeout_shorter_than_the_work_lets_all_work_be_for_nobody() {
    let run = bench(1, &[("service", "const(1s)"), ("timeout", "100ms")]).load(1.0).run(Span::s(20)).stop();
    assert_eq!(run.ended().good.len(), 0);
    assert!(run.ended().failed > 10);
}
