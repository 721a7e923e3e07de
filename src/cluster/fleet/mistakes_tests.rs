//! The mistakes that are made in measuring and building what fails, each tried by the schedule that shows it.

use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::cluster::{Cluster, What};
use crate::sim::time::{Span, Time};

use super::MODEL;

const SOON: Span = Span::ms(100);

const fn hours(n: u64) -> Span {
    Span::s(3600 * n)
}

fn shop(settings: &[(&str, &str)], does: &[&str]) -> Trial {
    Trial::new(&MODEL, settings, does)
}

/// The events in which servers failed by themselves, with their names.
fn falls(cluster: &dyn Cluster) -> Vec<(u64, String)> {
    let mut all = Vec::new();
    cluster.happenings(Time::ZERO, &mut all);
    let fall = |text: &str| text.strip_suffix(" fails").map(str::to_string);
    let of = |happening: &crate::cluster::Happening| match &happening.what {
        What::Note { text, .. } => fall(text).map(|name| (happening.event, name)),
        _ => None,
    };
    all.iter().filter_map(of).collect()
}

/// A rack that were drawn anew for each of its servers would let them fall apart.
#[test]
fn what_a_rack_takes_down_falls_in_one_event_and_comes_back_in_one() {
    let mut run = shop(&[("rack-mttf", "exp(50h)"), ("rack-mttr", "const(4h)"), ("app", "4"), ("check", "none")], &[]);
    run.run(hours(200));
    let falls = falls(run.cluster.as_ref());
    assert!(falls.len() >= 4, "{falls:?}");
    for (event, name) in &falls {
        let with = falls.iter().filter(|(other, _)| other == event).map(|(_, name)| name.as_str()).collect::<Vec<_>>();
        assert!(with == ["app2", "app4"] || with == ["front1", "app1", "app3", "db1"], "{name} fell with {with:?}");
    }
    assert!((run.fact("server_up.app1") - run.fact("server_up.app3")).abs() < 1e-12);
}

/// A time to failure that ran on during a repair would count failures of what is down.
#[test]
fn what_is_down_does_not_fail() {
    let mut run = shop(&[("mttf", "const(1h)"), ("mttr", "const(10h)"), ("fails", "app"), ("app", "1"), ("check", "none")], &[]);
    run.run(hours(110));
    assert_eq!((run.fact("crashes"), run.fact("outages"), run.fact("down_min")), (10.0, 10.0, 6000.0));
    assert_eq!((run.fact("mtbf_h"), run.fact("mttr_h"), run.fact("server_mttf_h")), (11.0, 10.0, 1.0));
}

#[test]
fn one_crew_repairs_one_after_the_other() {
    let settings = [("crews", "1"), ("mttr", "const(1h)"), ("app", "3"), ("check", "none")];
    let mut run = shop(&settings, &["crash app1", "crash app2", "crash app3"]);
    for (hour, waiting, app) in [(0, 2.0, 0.0), (1, 1.0, 1.0), (2, 0.0, 2.0)] {
        run.run(if hour == 0 { Span::s(60) } else { hours(1) });
        assert_eq!((run.fact("waiting_for_crew"), run.fact("in_repair"), run.fact("working.app")), (waiting, 1.0, app), "{hour}");
    }
    run.act("set crews none");
    run.act("crash app1");
    assert!(run.is("in_repair", 2.0));
}

#[test]
fn the_outage_that_is_not_over_counts() {
    let mut run = shop(&[("mttr", "const(100h)"), ("check", "none")], &[]);
    run.run(hours(9));
    run.act("crash db1");
    run.run(hours(1));
    assert!((run.fact("availability") - 0.9).abs() < 1e-9 && (run.fact("nines") - 1.0).abs() < 1e-6);
    assert_eq!((run.fact("longest_outage_s"), run.fact("outages"), run.fact("server_up.db1")), (3600.0, 1.0, 0.9));
}

#[test]
fn a_repair_of_less_than_a_second_is_no_second() {
    let mut run = shop(&[("mttf", "const(10s)"), ("mttr", "const(400ms)"), ("fails", "app"), ("app", "1"), ("check", "none")], &[]);
    run.run(Span::ms(10_400 * 50));
    assert!((run.fact("availability") - 10.0 / 10.4).abs() < 1e-9, "{}", run.fact("availability"));
}

/// The front believes that a server is dead which lives.
#[test]
fn what_a_server_is_believed_to_be_is_not_what_it_is() {
    let mut run = shop(&[], &["cut front1 | app2"]);
    run.run(Span::s(60));
    assert_eq!((run.fact("server_up.app2"), run.fact("crashes"), run.fact("availability")), (1.0, 0.0, 1.0));
    run.act("crash app1");
    assert!(run.is("up", 0.0), "the other cannot be reached, whoever says what");
    // And the other way around: it believes that a dead one lives.
    let mut run = shop(&[("retries", "off")], &["crash app1"]);
    run.run(Span::s(5));
    assert_eq!((run.fact("up"), run.fact("availability")), (0.0, 0.0), "nobody has noticed, and nobody is served");
}

#[test]
fn a_request_that_was_refused_is_not_available() {
    let mut run = shop(&[("check", "1s")], &["crash db1"]);
    run.run(Span::s(5));
    for _ in 0..10 {
        run.ask("c1 view book", Span::s(3));
    }
    assert_eq!((run.fact("availability_requests"), run.fact("failed_by.nobody"), run.fact("asked")), (0.0, 10.0, 10.0));
}

/// Checks that stood in the line of an overloaded server would throw it out, and then the next.
#[test]
fn checks_are_answered_beside_the_work() {
    let settings = [("workers", "1"), ("work", "const(200ms)"), ("check", "1s"), ("check-timeout", "100ms"), ("try-timeout", "1min")];
    let mut run = shop(&settings, &["workload c1 50/s view"]);
    run.run(Span::s(30));
    assert_eq!((run.fact("working.app"), run.text("path")), (2.0, "front1 app1 db1".into()));
    assert!(run.fact("failed_by.silence") > 1000.0, "it is overloaded");
}

/// Both tries reached the shop, and the book is in the cart once.
#[test]
fn an_addition_that_is_tried_again_is_one() {
    for carts in ["memory", "async", "sync"] {
        let settings = [("carts", carts), ("db", "2"), ("user-retries", "3 attempts after 10ms")];
        let mut run = shop(&settings, &["loss front1 -> c1 1"]);
        run.act("c1 add book");
        run.run(Span::ms(2500));
        run.act("loss front1 -> c1 0");
        run.run(Span::s(5));
        assert_eq!((run.last().outcome.short(), run.ask("c1 checkout", SOON).as_str()), ("added", "1 item"), "{carts}");
        assert!(run.fact("messages") > 10.0);
    }
}

#[test]
fn a_sum_is_checked_when_a_row_is_read() {
    let mut run = shop(&[("checksums", "on"), ("db", "2")], &[]);
    run.ask("c1 view book", SOON);
    run.act("rot db1 book");
    assert!(run.is("rotten", 1.0));
    run.ask("c1 view book", SOON);
    assert_eq!((run.fact("wrong"), run.fact("rotten"), run.holds("correct")), (0.0, 0.0, Holds::Yes));
}

/// A judge that took the first copy for the truth would blame the other.
#[test]
fn the_truth_is_what_the_shop_set_and_no_copy() {
    let mut run = shop(&[("db", "2")], &["rot db1 book"]);
    run.ask("c1 view book", SOON);
    assert!(run.is("wrong", 1.0));
    run.act("crash db1");
    run.ask("c1 view book", Span::s(1));
    assert_eq!((run.fact("wrong"), run.text("path")), (1.0, "front1 app1 db2".into()), "db2 is right");
}
