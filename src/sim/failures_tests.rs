//! Failures and repairs against the formulas of reliability, and beside what is done by hand.

use std::collections::BTreeSet;

use super::dist::Dist;
use super::failures::Failures;
use super::faults::Crash;
use super::id::NodeId;
use super::kernel::Sim;
use super::network::{Map, Policy};
use super::testing::{Settings, Shop, config, ms, run, settings};
use super::time::{Span, Time};

fn dist(text: &str) -> Dist {
    text.parse().unwrap()
}

fn failures(lasts: Option<&str>, repair: &str, crews: Option<u32>) -> Failures {
    let (lasts, repair, spared) = (lasts.map(dist), dist(repair), BTreeSet::new());
    Failures { lasts, spared, zone_lasts: None, zone_repair: None, repair, crews, by_hand: false, disk: Crash::KeepDisk }
}

/// So many servers in two zones by turns.
fn fleet(servers: u16, seed: u64) -> Sim<Shop> {
    let zones = (0..servers).map(|i| (i % 2) as u8).collect();
    let here = || std::sync::Arc::new(dist("const(0s)"));
    let map = Map { servers: zones, clients: vec![0], distance: vec![vec![here(), here()]; 2], names: vec!["a".into(), "b".into()] };
    let settings: Settings = settings(1, "const(0s)");
    Sim::new(super::kernel::Config { seed, servers, map, policy: Policy::default(), ..config(settings) })
}

/// The share of the time that servers were down, on average.
fn down(sim: &Sim<Shop>) -> f64 {
    let servers = f64::from(sim.servers());
    sim.server_ids().map(|id| sim.node(id).uptime().down_until(sim.now()).as_secs()).sum::<f64>() / sim.now().as_secs() / servers
}

#[test]
fn a_server_is_up_for_mttf_of_mttf_plus_mttr() {
    let mut sim = fleet(20, 3);
    sim.set_failures(Some(failures(Some("exp(90s)"), "lognormal(5s, 1)", None)));
    run(&mut sim, Time::ZERO + Span::s(20_000));
    let (mttr, found) = (dist("lognormal(5s, 1)").mean().unwrap().as_secs(), down(&sim));
    let expected = mttr / (90.0 + mttr);
    assert!((found / expected - 1.0).abs() < 0.06, "{found} against {expected}");
    let outages: u32 = sim.server_ids().map(|id| sim.node(id).uptime().outages).sum();
    let expected = 20.0 * 20_000.0 / (90.0 + mttr);
    assert!((f64::from(outages) / expected - 1.0).abs() < 0.06, "{outages} against {expected}");
}

/// The machine repair problem with one crew: so many of n are down as in M/M/1//n.
#[test]
fn too_few_crews_keep_servers_waiting() {
    let mut sim = fleet(5, 4);
    sim.set_failures(Some(failures(Some("exp(10s)"), "exp(4s)", Some(1))));
    run(&mut sim, Time::ZERO + Span::s(60_000));
    let weights: Vec<f64> = (0..=5).scan(1.0, |w, k| Some(std::mem::replace(w, *w * f64::from(5 - k) * 0.4))).collect();
    let mean = weights.iter().zip(0..).map(|(w, k)| w * f64::from(k)).sum::<f64>() / weights.iter().sum::<f64>();
    let found = down(&sim) * 5.0;
    assert!((found / mean - 1.0).abs() < 0.03, "{found} against {mean}");
    assert!(sim.server_ids().filter(|id| sim.repair(*id) == Some(true)).count() <= 1);
}

#[test]
fn a_zone_fails_as_one() {
    let mut sim = fleet(6, 5);
    sim.set_failures(Some(Failures { zone_lasts: Some(dist("exp(100s)")), ..failures(None, "const(1s)", None) }));
    let mut struck = 0;
    while sim.now() < ms(2_000_000) {
        sim.step();
        let down: Vec<usize> = sim.server_ids().filter(|id| !sim.node(*id).is_up()).map(NodeId::index).collect();
        struck += usize::from(down == [0, 2, 4] || down == [1, 3, 5]);
    }
    assert!((20..70).contains(&struck), "{struck}");
}

/// A zone and its servers: n of m hours it works, and what it stopped comes back in one event.
#[test]
fn a_zone_comes_back_as_one() {
    let mut sim = fleet(6, 5);
    let zones =
        Failures { zone_lasts: Some(dist("exp(100s)")), zone_repair: Some(dist("exp(20s)")), ..failures(None, "const(1s)", Some(1)) };
    sim.set_failures(Some(zones));
    while sim.now() < ms(4_000_000) {
        sim.step();
        for zone in 0..2 {
            let up = sim.server_ids().filter(|id| id.index() % 2 == zone && sim.node(*id).is_up()).count();
            assert!(up == 0 || up == 3, "{up} of zone {zone}");
            assert!(sim.server_ids().all(|id| sim.node(id).is_up() != sim.is_out_with_its_zone(id)));
        }
    }
    let (found, expected) = (down(&sim), 20.0 / 120.0);
    assert!((found / expected - 1.0).abs() < 0.25, "{found} against {expected}");
}

#[test]
fn crews_repair_what_hands_stopped_where_they_do_that_and_spare_none_they_need_not() {
    let mut sim = fleet(2, 6);
    let spared = BTreeSet::from([NodeId::server(0)]);
    sim.set_failures(Some(Failures { by_hand: true, spared, ..failures(Some("const(1h)"), "const(2s)", Some(1)) }));
    run(&mut sim, ms(5_000));
    sim.crash(NodeId::server(0), Crash::KeepDisk);
    sim.crash(NodeId::server(1), Crash::KeepDisk);
    assert_eq!([0, 1].map(|id| sim.repair(NodeId::server(id))), [Some(true), Some(false)], "one crew, one repair");
    run(&mut sim, ms(7_000));
    assert_eq!([0, 1].map(|id| sim.node(NodeId::server(id)).is_up()), [true, false]);
    run(&mut sim, ms(9_000));
    assert!(sim.node(NodeId::server(1)).is_up());
    run(&mut sim, Time::ZERO + Span::s(4_000));
    assert_eq!([0, 1].map(|id| sim.node(NodeId::server(id)).uptime().outages), [1, 2], "the spared one never fails alone");
    sim.remove(NodeId::server(1));
    assert_eq!(sim.repair(NodeId::server(1)), None, "what was taken away is not repaired");
}

#[test]
fn what_hands_did_is_left_to_hands() {
    let n1 = NodeId::server(0);
    let mut sim = fleet(2, 6);
    sim.set_failures(Some(failures(Some("const(10s)"), "const(1s)", None)));
    run(&mut sim, ms(5_000));
    sim.crash(n1, Crash::KeepDisk);
    run(&mut sim, ms(10_500));
    assert_eq!((sim.repair(n1), sim.repair(NodeId::server(1))), (None, Some(true)));
    run(&mut sim, ms(30_000));
    assert!(!sim.node(n1).is_up(), "nobody repairs it");
    sim.restart(n1);
    run(&mut sim, ms(39_999));
    assert!(sim.node(n1).is_up());
    run(&mut sim, ms(40_000));
    assert_eq!((sim.node(n1).is_up(), sim.repair(n1)), (false, Some(true)), "its time to failure ran anew");
    sim.restart(n1);
    assert_eq!(sim.repair(n1), None, "hands were quicker");
    sim.set_failures(None);
    run(&mut sim, ms(90_000));
    assert_eq!((sim.node(n1).is_up(), sim.next_at()), (true, None));
}

/// A month of failures is quick: what does not happen costs nothing.
#[test]
fn a_month_passes() {
    let mut sim = fleet(9, 7);
    sim.set_failures(Some(failures(Some("exp(3d)"), "exp(2h)", Some(2))));
    run(&mut sim, Time::ZERO + Span::s(30 * 24 * 3600));
    assert!((60..120).contains(&sim.server_ids().map(|id| sim.node(id).uptime().outages).sum::<u32>()));
    assert!(sim.events() < 300);
}
