//! The mistakes that stores of this kind have been found to make, each tried by the schedule that shows it.

use super::bench::*;
use super::message::Msg;
use super::settings::*;
use crate::cluster::kit::fsync::Fsync;
use crate::sim::faults::Crash;
use crate::sim::id::{MsgId, NodeId};
use crate::sim::kernel::Sim;
use crate::sim::time::Span;

use super::Quorum;

/// Makes what one node sends another take this long, or die: `None`.
fn wire(sim: &mut Sim<Quorum>, from: NodeId, to: NodeId, ms: Option<u64>) {
    sim.act(3);
    sim.network_mut().change(from, to, |policy| {
        policy.latency = ms.map(constant);
        policy.loss = if ms.is_none() { 1.0 } else { 0.0 };
    });
}

fn hold(sim: &mut Sim<Quorum>, which: impl Fn(&Msg, NodeId) -> bool) -> Vec<MsgId> {
    let held: Vec<MsgId> = sim.flights().filter(|flight| which(&flight.msg, flight.leg.to)).map(|flight| flight.leg.id).collect();
    sim.act(4);
    for id in &held {
        assert!(sim.hold(*id));
    }
    held
}

/// DDIA, figure 9-6: N 3, W 3, R 2. One reader sees the new value, and after it another the old one, while the write is on its way.
#[test]
fn new_then_old_though_quorums_overlap() {
    for (repair, second) in [(Repair::Off, int(0)), (Repair::Before, int(1))] {
        let mut sim = store(3, 3, 1, &steady(|s| (s.w, s.r, s.repair) = (3, 2, repair)));
        assert!(is_ok(&ask(&mut sim, c(1), write(0), None)));
        wire(&mut sim, c(1), n(2), Some(400));
        wire(&mut sim, c(1), n(3), Some(400));
        let under_way = start(&mut sim, c(1), write(1), None);
        run(&mut sim, 30);
        assert_eq!(value(&ask(&mut sim, c(2), read(&[n(1), n(2)]), None)), int(1));
        assert_eq!(value(&ask(&mut sim, c(3), read(&[n(2), n(3)]), None)), second, "{repair:?}");
        assert!(end_of(&sim, under_way).is_none(), "the write is still open");
    }
}

#[test]
fn a_stand_in_and_the_replica_it_stands_for_are_one() {
    let mut sim = store(5, 2, 1, &steady(|s| (s.hints, s.w, s.request_timeout) = (Hints::Counted, 3, Span::s(2))));
    sim.crash(n(2), Crash::KeepDisk);
    sim.crash(n(3), Crash::KeepDisk);
    wire(&mut sim, c(1), n(1), Some(120));
    let open = start(&mut sim, c(1), write(7), None);
    run(&mut sim, 200);
    let answers: Vec<NodeId> =
        (1..=5).map(n).filter(|id| !sim.node(*id).store().durable().cells.is_empty() || hint_at(&sim, *id)).collect();
    assert_eq!(answers, [n(1), n(4), n(5)], "three nodes have it");
    assert!(end_of(&sim, open).is_none(), "in two places of the three");
}

fn hint_at(sim: &Sim<Quorum>, id: NodeId) -> bool {
    !sim.node(id).store().durable().hints.is_empty()
}

#[test]
fn two_writes_in_one_tick_of_one_coordinator_have_two_versions() {
    for versions in [Versions::Clock, Versions::Counter] {
        let mut sim = store(3, 2, 1, &steady(|s| (s.versions, s.repair) = (versions, Repair::Off)));
        // To the others they travel in opposite orders.
        wire(&mut sim, n(1), n(2), Some(10));
        let both = [start(&mut sim, c(1), write(1), Some(n(1))), start(&mut sim, c(2), write(2), Some(n(1)))];
        run(&mut sim, 12);
        let first = hold(&mut sim, |msg, to| to == n(3) && matches!(msg, Msg::Put { request, .. } if *request == both[0]));
        run(&mut sim, 60);
        sim.act(5);
        for id in first {
            assert!(sim.release(id));
        }
        run(&mut sim, 200);
        assert!(both.iter().all(|request| end_of(&sim, *request).is_some_and(|end| is_ok(&end))));
        assert_eq!(copies(&sim), "2 2 2", "{versions:?}");
    }
}

/// The error of a clock makes a later write older, unless its stamp is above what was read.
#[test]
fn a_counter_is_above_what_was_read_and_a_clock_need_not_be() {
    for (versions, seen) in [(Versions::Clock, int(8)), (Versions::Counter, int(9))] {
        let mut sim = store(3, 2, 1, &steady(|s| s.versions = versions));
        sim.act(6);
        sim.skew(n(1), 3_000_000_000);
        assert!(is_ok(&ask(&mut sim, c(1), write(8), Some(n(1)))));
        assert!(is_ok(&ask(&mut sim, c(2), write(9), Some(n(2)))));
        assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), seen, "{versions:?}");
    }
}

#[test]
fn a_read_that_repairs_first_is_not_answered_before_the_repair() {
    let mut sim = store(3, 2, 1, &steady(|s| s.repair = Repair::Before));
    for other in [n(2), n(3)] {
        wire(&mut sim, c(1), other, None);
    }
    start(&mut sim, c(1), write(7), None);
    run(&mut sim, 30);
    let open = start(&mut sim, c(2), read(&[n(1), n(2)]), None);
    run(&mut sim, 21);
    let held = hold(&mut sim, |msg, _| matches!(msg, Msg::Put { .. }));
    assert_eq!(held.len(), 2, "to both that do not have it");
    run(&mut sim, 300);
    assert!(end_of(&sim, open).is_none());
    sim.act(5);
    assert!(sim.release(held[0]));
    run(&mut sim, 50);
    assert_eq!(end_of(&sim, open).map(|end| value(&end)), Some(int(7)));
    assert_eq!(copies(&sim), "7 7 -");
}

/// What comes after the R-th answer is not what is returned: nobody made sure that others will see it.
#[test]
fn a_reply_above_r_changes_no_answer() {
    let mut sim = store(3, 2, 1, &steady(|s| s.repair = Repair::Off));
    assert!(is_ok(&ask(&mut sim, c(1), write(1), None)));
    for other in [n(1), n(2)] {
        wire(&mut sim, c(1), other, None);
    }
    start(&mut sim, c(1), write(2), None);
    run(&mut sim, 30);
    wire(&mut sim, c(2), n(3), Some(11));
    assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), int(1));
}

#[test]
fn a_tombstone_is_a_version_like_any_other() {
    let mut sim = store(3, 2, 1, &steady(|s| s.repair = Repair::Off));
    assert!(is_ok(&ask(&mut sim, c(1), write(1), None)));
    run(&mut sim, 50);
    wire(&mut sim, c(1), n(3), None);
    assert!(is_ok(&ask(&mut sim, c(1), delete(), None)));
    assert_eq!(value(&ask(&mut sim, c(2), read(&[n(1), n(3)]), None)), NIL, "the tombstone is newer");
    assert!(is_ok(&ask(&mut sim, c(2), write(2), None)));
    assert_eq!(value(&ask(&mut sim, c(2), read(&[n(1), n(3)]), None)), int(2), "and the next write newer still");
}

#[test]
fn anti_entropy_carries_tombstones() {
    let mut sim = store(3, 2, 1, &steady(|s| (s.repair, s.anti_entropy) = (Repair::Off, Some(Span::ms(100)))));
    assert!(is_ok(&ask(&mut sim, c(1), write(1), None)));
    run(&mut sim, 50);
    wire(&mut sim, c(1), n(3), None);
    assert!(is_ok(&ask(&mut sim, c(1), delete(), None)));
    run(&mut sim, 500);
    assert_eq!(copies(&sim), "gone gone gone");
}

/// A hint is forgotten when its replica has it on the disk, not when the replica is back.
#[test]
fn a_hint_outlives_the_second_death_of_its_replica() {
    let mut sim = store(5, 2, 1, &steady(|s| (s.hints, s.repair, s.disk) = (Hints::Kept, Repair::Off, constant(30))));
    sim.crash(n(3), Crash::KeepDisk);
    assert!(is_ok(&ask(&mut sim, c(1), write(7), None)));
    run(&mut sim, 150);
    sim.restart(n(3));
    while copies(&sim) != "7 7 7 - -" {
        assert!(sim.step().is_some());
    }
    sim.crash(n(3), Crash::LoseUnsynced);
    run(&mut sim, 500);
    assert_eq!((copies(&sim), hints(&sim)), ("7 7 - - -".to_string(), 1));
    sim.restart(n(3));
    run(&mut sim, 500);
    assert_eq!((copies(&sim), hints(&sim)), ("7 7 7 - -".to_string(), 0));
}

/// A hint that is delivered after the grace period brings back what was deleted meanwhile; one that is too old is thrown away.
#[test]
fn a_late_hint_brings_the_deleted_back() {
    for (window, after) in [(None, "7 7 7 - -"), (Some(Span::ms(800)), "- - - - -")] {
        let settings = steady(|s| {
            (s.hints, s.repair, s.grace) = (Hints::Kept, Repair::After, Span::s(1));
            (s.hint_window, s.anti_entropy) = (window, Some(Span::ms(200)));
        });
        let mut sim = store(5, 2, 1, &settings);
        sim.crash(n(3), Crash::KeepDisk);
        assert!(is_ok(&ask(&mut sim, c(1), write(7), None)));
        run(&mut sim, 100);
        sim.crash(n(4), Crash::KeepDisk);
        sim.restart(n(3));
        run(&mut sim, 400);
        assert!(is_ok(&ask(&mut sim, c(1), delete(), None)));
        run(&mut sim, 1500);
        assert_eq!(copies(&sim), "- - - - -", "the tombstone is forgotten everywhere");
        sim.restart(n(4));
        run(&mut sim, 1000);
        assert_eq!(copies(&sim), after);
    }
}

/// A coordinator that died and came back counts no answer to what it had asked before.
#[test]
fn answers_to_an_earlier_life_do_not_count() {
    let mut sim = store(3, 2, 1, &steady(|s| s.coordinator = Coordinator::Node));
    let before = start(&mut sim, c(1), write(1), Some(n(1)));
    run(&mut sim, 22);
    hold(&mut sim, |msg, to| to == n(1) && matches!(msg, Msg::Stored { .. }));
    sim.crash(n(1), Crash::KeepDisk);
    sim.restart(n(1));
    let after = start(&mut sim, c(2), write(2), Some(n(1)));
    run(&mut sim, 12);
    hold(&mut sim, |msg, _| matches!(msg, Msg::Put { .. }));
    sim.act(5);
    sim.hold_all(false);
    let old: Vec<MsgId> = sim.flights().filter(|flight| matches!(flight.msg, Msg::Put { .. })).map(|flight| flight.leg.id).collect();
    for id in old {
        assert!(sim.hold(id));
    }
    run(&mut sim, 100);
    assert!(end_of(&sim, before).is_none() && end_of(&sim, after).is_none());
}

#[test]
fn a_full_replica_is_no_answer() {
    let mut sim = store(3, 2, 1, &steady(|s| s.w = 3));
    sim.set_disk_full(n(2), true);
    assert!(!is_ok(&ask(&mut sim, c(1), write(1), None)));
    assert_eq!(durable_copy(&sim, n(2)), None);
    sim.set_disk_full(n(2), false);
    assert!(is_ok(&ask(&mut sim, c(1), write(2), None)));
}

/// Trees are of what is there now: after a loss of power too.
#[test]
fn anti_entropy_sees_what_a_loss_of_power_took() {
    let settings = steady(|s| (s.fsync, s.repair, s.anti_entropy) = (Fsync::Lazy, Repair::Off, Some(Span::ms(200))));
    let mut sim = store(3, 2, 1, &settings);
    assert!(is_ok(&ask(&mut sim, c(1), write(7), None)));
    run(&mut sim, 300);
    assert_eq!(copies(&sim), "7 7 7");
    sim.crash(n(3), Crash::LoseUnsynced);
    sim.restart(n(3));
    assert_eq!(copies(&sim), "7 7 -");
    run(&mut sim, 500);
    assert_eq!(copies(&sim), "7 7 7");
}

/// Two nodes that mend each other at one moment both end with the newer copy; without a rule they swap.
#[test]
fn nodes_that_mend_each_other_do_not_swap() {
    for (versions, equal) in [(Versions::Clock, true), (Versions::Vector, true), (Versions::Arrival, false)] {
        let mut sim = store(3, 2, 1, &steady(|s| (s.n, s.w, s.versions, s.repair) = (2, 1, versions, Repair::Off)));
        wire(&mut sim, c(1), n(2), None);
        wire(&mut sim, c(2), n(1), None);
        start(&mut sim, c(1), write(1), None);
        start(&mut sim, c(2), write(2), None);
        run(&mut sim, 100);
        assert_eq!(copies(&sim), "1 2 -");
        sim.act(6);
        sim.command(n(1), |_, cx| super::entropy::rebuild(n(2), cx));
        sim.command(n(2), |_, cx| super::entropy::rebuild(n(1), cx));
        run(&mut sim, 100);
        let now = copies(&sim);
        assert_eq!(now != "2 1 -", equal, "{versions:?}: {now}");
    }
}

/// A replica that is filled from one other has what that one has, and no more: two of three had the write, now one has.
#[test]
fn a_rebuild_from_one_replica_can_undo_a_quorum() {
    let mut sim = store(3, 2, 1, &steady(|s| s.repair = Repair::Off));
    wire(&mut sim, c(1), n(2), None);
    assert!(is_ok(&ask(&mut sim, c(1), write(7), None)));
    run(&mut sim, 50);
    sim.crash(n(3), Crash::WipeDisk);
    sim.restart(n(3));
    sim.command(n(2), |_, cx| super::entropy::rebuild(n(3), cx));
    run(&mut sim, 50);
    assert_eq!(copies(&sim), "7 - -");
    assert_eq!(value(&ask(&mut sim, c(2), read(&[n(2), n(3)]), None)), NIL);
}

/// What a replica answers with must not be forgotten after it: two readers of what is not on any disk would differ.
#[test]
fn a_read_returns_nothing_that_a_loss_of_power_takes_away() {
    let mut sim = store(3, 2, 1, &steady(|s| (s.repair, s.disk) = (Repair::Before, constant(40))));
    let open = start(&mut sim, c(1), write(7), None);
    run(&mut sim, 12);
    assert_eq!(copies(&sim), "7 7 7", "written and not yet synced");
    assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), NIL);
    for i in 1..=3 {
        sim.crash(n(i), Crash::LoseUnsynced);
    }
    for i in 1..=3 {
        sim.restart(n(i));
    }
    assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), NIL);
    assert!(end_of(&sim, open).is_none());
}

/// Whoever writes without reading has seen its own writes only, though one node gave them and those of others their dots.
#[test]
fn a_blind_writer_takes_the_place_of_its_own_writes_only() {
    for coordinator in [Coordinator::Client, Coordinator::Node] {
        let mut sim = store(3, 2, 1, &steady(|s| (s.versions, s.coordinator) = (Versions::Vector, coordinator)));
        for (client, value) in [(1, 1), (2, 2), (1, 3), (2, 4), (2, 5)] {
            assert!(is_ok(&ask(&mut sim, c(client), write(value), Some(n(1)))));
        }
        run(&mut sim, 100);
        assert_eq!(copies(&sim), "3|5 3|5 3|5", "{coordinator:?}");
    }
}
