//! The mistakes that are made in measuring and building what fails, each tried by the schedule that shows it.

use crate::check::verdict::Holds;
use crate::cluster::kit::trial::Trial;
use crate::cluster::{Cluster, What};
use crate::sim::time::{Span, Time};

use super::MODEL;
use super::shelf::{price_of, row_of};

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

/// Products that are added while a database can do nothing are there when it can again.
#[test]
fn the_shop_grows_while_a_database_is_down() {
    for [before, after] in [["crash db1", "restart db1"], ["full-disk db1", "free-disk db1"], ["pause db1", "resume db1"]] {
        let mut run = shop(&[], &[before, "set rows 400", after]);
        run.run(SOON);
        for item in ["a1", "a2", "a3", "a4", "a5"] {
            let price = super::message::euros(price_of(row_of(&item.into(), 400)));
            assert_eq!(run.ask(&format!("c1 view {item}"), SOON), price, "{before}");
        }
    }
}

/// More copies are read in fewer places: what is on few copies must get there first.
#[test]
fn other_numbers_of_copies_and_databases_lose_no_cart() {
    for (cut, change, from) in [
        ("cut app1 -> db1", "set copies 2", ("sync", "3")),
        ("cut app1 -> db2", "set db 2", ("sync", "3")),
        ("cut db1 -> db2", "set carts sync", ("async", "2")),
    ] {
        let mut run = shop(&[("carts", from.0), ("db", from.1), ("copies", "1")], &[cut, "c1 add book"]);
        run.run(SOON);
        assert_eq!(run.last().outcome.short(), "added");
        run.all(&["heal", change]);
        run.run(SOON);
        assert!(run.is("outages", 0.0), "{change}: pages go on");
        // Whoever answers first has it.
        run.act("slow db1 20x");
        assert_eq!(run.ask("c1 checkout", SOON), "1 item", "{change}");
        assert!(run.is("bills_short", 0.0), "{change}");
    }
}

/// What a sum says is that a row is as it was written, and not that it is the last that was.
#[test]
fn an_old_copy_has_a_good_sum() {
    let old = super::message::euros(price_of(row_of(&"book".into(), 20)));
    let repriced = |settings: &[(&str, &str)], before: &str, after: &str| {
        let settings = [&[("db", "2"), ("checksums", "on"), ("check", "1s")][..], settings].concat();
        let mut run = shop(&settings, &[before, "reprice book 9.99"]);
        assert_eq!(run.ask("c1 view book", SOON), "9.99");
        run.act(after);
        run.run(Span::s(5));
        run
    };
    let mut stale = repriced(&[], "cut db1 -> db2", "heal");
    assert!(stale.is("stale", 1.0) && stale.is("wrong", 0.0));
    stale.act("crash db1");
    assert_eq!((stale.ask("c1 view book", Span::s(1)), stale.fact("wrong")), (old.clone(), 1.0));
    assert_eq!((stale.holds("correct"), stale.fact("rotten")), (Holds::No, 0.0));
    for (settings, before, after) in [
        (&[("compare", "1s")][..], "cut db1 -> db2", "heal"),
        (&[], "crash db2", "restart db2"),
        (&[("db", "3")], "cut db1 -> db2", "crash db2 wiping disk"),
    ] {
        let mut run = repriced(settings, before, after);
        let again = run.cluster.enabled().iter().any(|choice| choice.poke.to_string() == "restart db2" && choice.refused.is_none());
        if again {
            run.act("restart db2");
            run.run(Span::s(1));
        }
        run.act("crash db1");
        assert_eq!((run.ask("c1 view book", Span::s(1)), run.fact("wrong")), ("9.99".into(), 0.0), "{before}, {after}");
    }
    let mut backup = repriced(&[("db", "1")], "set validation on", "crash db1 wiping disk");
    backup.act("restart db1");
    backup.run(Span::s(1));
    assert_eq!((backup.ask("c1 view book", SOON), backup.holds("correct")), (old, Holds::No), "a backup is an old copy too");
}

/// A page that was asked for before a price was changed may say either.
#[test]
fn a_page_that_is_on_its_way_when_a_price_changes_is_not_wrong() {
    for wait in [0, 2, 4, 6, 8] {
        let mut run = shop(&[], &["c1 view book"]);
        run.run(Span::ms(wait));
        run.act("reprice book 9.99");
        run.run(SOON);
        assert_eq!((run.fact("wrong"), run.ask("c1 view book", SOON).as_str()), (0.0, "9.99"), "{wait} ms");
        assert_eq!(run.holds("correct"), Holds::Yes);
    }
}

/// What is put in while the bill is made out is neither on it nor lost.
#[test]
fn what_comes_too_late_for_the_bill_is_in_the_cart_yet() {
    let mut run = shop(&[("work", "const(5ms)")], &["c1 checkout"]);
    run.run(Span::ms(4));
    run.act("c1 add book");
    run.run(SOON);
    assert_eq!((run.fact("carts_added"), run.fact("carts_open"), run.fact("carts_lost"), run.fact("bills_short")), (1.0, 1.0, 0.0, 0.0));
}

#[test]
fn a_refusal_calls_servers_by_their_names() {
    let mut run = shop(&[], &["crash app1"]);
    for (text, why) in [
        ("crash app1", "app1 is down already"),
        ("restart db1", "db1 is running; crash it first"),
        ("resume n4", "db1 is not paused"),
        ("cut app1 | n2", "app1 is on both sides of the cut"),
        ("reprice book 99", "`99` is no price; a price is 0.01 to 40.95, such as 9.99"),
    ] {
        assert_eq!(run.tries(text).expect_err(text).to_string(), why, "{text}");
    }
}
