//! Sessions that stick, and what becomes of them.

use super::super::MODEL;
use super::*;
use crate::cluster::kit::trial::Trial;

fn shop(sessions: &str, more: &[(&str, &str)]) -> Trial {
    let settings = [("sessions", sessions), ("service", "const(1ms)"), ("check", "200ms"), ("check-timeout", "100ms"), ("warm-up", "0s")];
    let mut shop = Trial::new(&MODEL, &[&settings, more].concat(), &["workload c1 400/s keys uniform(200)"]);
    shop.run(Span::s(4));
    shop
}

#[test]
fn a_visitor_stays_where_its_session_is() {
    let shop = shop("local", &[]);
    // Only who asks twice before the first answer may go elsewhere once.
    assert!(shop.is("sessions_lost", 0.0) && shop.fact("moved") < 5.0, "{}", shop.fact("moved"));
    let held: f64 = (1..=4).map(|number| shop.fact(&format!("sessions.app{number}"))).sum();
    assert!((200.0..215.0).contains(&held), "each visitor has one: {held}");
}

#[test]
fn without_stickiness_a_session_is_lost_at_nearly_every_step() {
    let shop = shop("local", &[("sticky", "off"), ("balancing", "random")]);
    // Three of four go elsewhere, and who comes back is not known there any more.
    let lost = shop.fact("sessions_lost") / shop.fact("served");
    assert!((0.55..0.9).contains(&lost), "{lost}");
}

#[test]
fn a_server_takes_its_sessions_along_and_no_other_does() {
    for leaves in ["crash app2", "drain app2", "remove-server app2"] {
        let mut local = shop("local", &[]);
        let held = local.fact("sessions.app2");
        local.act(leaves);
        local.run(Span::s(4));
        let lost = local.fact("sessions_lost");
        assert!((lost - held).abs() <= 4.0 && held > 30.0, "{leaves}: {lost} of {held}");
        let mut shared = shop("shared", &[]);
        shared.act(leaves);
        shared.run(Span::s(4));
        assert!(shared.is("sessions_lost", 0.0), "{leaves}");
    }
}

#[test]
fn a_store_of_sessions_is_one_more_thing_that_can_fail_and_takes_its_time() {
    let (none, mut shared) = (shop("none", &[]), shop("shared", &[]));
    let price = shared.fact("mean_ms") - none.fact("mean_ms");
    // A round trip of half a millisecond, and half a millisecond of work.
    assert!((price - 1.0).abs() < 0.2, "{price}");
    assert!(shared.is("cost", none.fact("cost") + 1.0));
    shared.all(&["crash sessions", "restart sessions"]);
    shared.run(Span::s(4));
    assert!(shared.fact("sessions_lost") > 190.0, "its memory is gone: {}", shared.fact("sessions_lost"));
    shared.act("cut lb app1 app2 app3 app4 | sessions");
    shared.run(Span::s(3));
    assert!(shared.is("goodput_per_s", 0.0));
}

#[test]
fn a_new_server_gets_no_old_visitor() {
    let added = |sessions| {
        let mut shop = shop(sessions, &[]);
        shop.act("add-server");
        shop.run(Span::s(4));
        shop.fact("given.app5")
    };
    assert!(added("local") < 1.0 && (added("shared") - 80.0).abs() < 12.0, "{} {}", added("local"), added("shared"));
}
