//! New versions, and what they cost while they come.

use super::super::MODEL;
use super::*;
use crate::cluster::kit::trial::Trial;

fn shop(how: &str, more: &[(&str, &str)]) -> Trial {
    let settings = [("deploy-how", how), ("warm-up", "2s"), ("service", "exp(20ms)"), ("queue", "40")];
    let mut shop = Trial::new(&MODEL, &[&settings, more].concat(), &["workload c1 120/s"]);
    shop.run(Span::s(2));
    shop
}

/// The fewest servers that could be used, and the most that there were.
fn deployed(shop: &mut Trial) -> (f64, f64) {
    shop.act("deploy");
    assert!(shop.tries("deploy").is_err(), "one at a time");
    let (mut least, mut most) = (f64::MAX, 0.0_f64);
    for _ in 0..400 {
        shop.run(Span::ms(100));
        (least, most) = (least.min(shop.fact("servers_usable")), most.max(shop.fact("servers")));
        if shop.is("deploying", 0.0) {
            break;
        }
    }
    assert!(shop.is("deploying", 0.0) && shop.is("servers_old", 0.0) && shop.is("servers", 4.0), "{}", shop.fact("servers"));
    (least, most)
}

#[test]
fn a_rolling_deploy_adds_first_or_takes_out_first() {
    for (how, batch, expected) in
        [("surge", "1", (4.0, 5.0)), ("surge", "2", (4.0, 6.0)), ("in-place", "1", (3.0, 4.0)), ("in-place", "2", (2.0, 4.0))]
    {
        let mut shop = shop(how, &[("deploy-batch", batch)]);
        assert_eq!(deployed(&mut shop), expected, "{how} {batch}");
        assert!(shop.is("dropped", 0.0) && shop.is("failed_error", 0.0), "{how} {batch}");
    }
}

#[test]
fn all_at_once_nobody_serves_until_the_new_ones_are_warm() {
    let mut shop = shop("all-at-once", &[]);
    assert_eq!(deployed(&mut shop), (0.0, 4.0));
    let refused = shop.fact("refused_nobody");
    assert!((refused - 240.0).abs() < 60.0, "two seconds of 120 a second: {refused}");
}

#[test]
fn without_draining_a_deploy_loses_what_is_under_way() {
    let lost = |drain| {
        let mut shop = shop("surge", &[("deploy-drain", drain)]);
        deployed(&mut shop);
        shop.fact("dropped")
    };
    assert!(lost("off") > 0.0 && lost("on").abs() < 0.5);
}

#[test]
fn a_deploy_takes_every_session_that_is_local() {
    let lost = |sessions| {
        let mut shop = shop("surge", &[("sessions", sessions)]);
        shop.act("workload c1 120/s keys uniform(100)");
        shop.run(Span::s(5));
        deployed(&mut shop);
        shop.run(Span::s(5));
        shop.fact("sessions_lost")
    };
    assert!(lost("local") > 95.0 && lost("shared").abs() < 0.5);
}
