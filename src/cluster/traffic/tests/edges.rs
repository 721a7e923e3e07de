//! What happens at the edges: settings and deeds at the first moment, and after a long rest.

use crate::cluster::kit::trial::Trial;
use crate::sim::time::Span;

use super::super::MODEL;

fn trial(settings: &[(&str, &str)], does: &[&str]) -> Trial {
    Trial::new(&MODEL, settings, does)
}

/// The servers that there are when the autoscaler looks first are somebody's wish: they stay as long as any other.
#[test]
fn an_autoscaler_waits_before_it_removes_what_it_found() {
    let mut run = trial(&[("autoscale", "on"), ("scale-down-after", "10min")], &[]);
    let before = run.fact("servers");
    run.run(Span::s(60));
    assert!(run.is("servers", before) && before > 1.0);
}

#[test]
fn a_deploy_at_the_first_moment_ends() {
    for how in ["all-at-once", "surge"] {
        let mut run = trial(&[("warm-up", "0s"), ("deploy-how", how)], &["deploy"]);
        run.run(Span::s(5));
        assert!(run.is("deploying", 0.0) && run.is("servers", 4.0), "{how}");
    }
}

/// The lag of a write is counted from that write, however long ago the last one before it was.
#[test]
fn a_replica_lags_since_the_first_write_that_it_lacks() {
    let mut run = trial(&[("database", "on"), ("replicas", "1"), ("latency", "const(5ms)")], &["c1 order a"]);
    run.run(Span::s(60));
    run.act("c1 order b");
    let mut most: f64 = 0.0;
    for _ in 0..200 {
        run.run(Span::ms(1));
        most = most.max(run.fact("lag_ms_max"));
    }
    assert!(most > 0.0 && most < 100.0, "{most}");
}

#[test]
fn another_interval_begins_when_it_is_set() {
    let mut run = trial(&[("check", "1h")], &[]);
    run.run(Span::s(5));
    run.all(&["set check 1s", "crash app1"]);
    run.run(Span::s(20));
    assert!(run.is("servers_out", 1.0));
}

#[test]
fn news_comes_always_or_at_most_every_millisecond() {
    let mut run = trial(&[], &["set news 0s", "set news 1ms"]);
    assert!(run.tries("set news 1ns").is_err_and(|refused| refused.0.contains("1ms")));
}

#[test]
fn the_least_servers_are_no_more_than_the_most() {
    let mut run = trial(&[], &["set servers-most 5"]);
    assert!(run.tries("set servers-least 10").is_err());
}
