use super::bench::*;
use super::settings::*;
use crate::sim::faults::Crash;
use crate::sim::history::Kind;
use crate::sim::time::Span;

#[test]
fn a_write_goes_to_all_and_waits_for_w() {
    let mut sim = store(3, 2, 1, &steady(|_| {}));
    let end = ask(&mut sim, c(1), write(7), None);
    assert!(is_ok(&end));
    // One way, the sync, and back.
    assert_eq!(now_ms(&sim), 21);
    run(&mut sim, 100);
    assert_eq!(copies(&sim), "7 7 7");
    assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), int(7));
}

#[test]
fn a_node_can_coordinate() {
    let mut sim = store(3, 2, 1, &steady(|s| s.coordinator = Coordinator::Node));
    assert!(is_ok(&ask(&mut sim, c(1), write(7), Some(n(2)))));
    // To the node, to another and back with a sync, and back: its own answer takes no way.
    assert_eq!(now_ms(&sim), 41);
    assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), int(7));
    sim.crash(n(1), Crash::KeepDisk);
    assert!(matches!(ask(&mut sim, c(2), read(&[]), None), Kind::Failed(_)), "its nearest is down");
    assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), int(7), "the next nearest answers");
}

#[test]
fn one_of_three_may_be_down() {
    let mut sim = store(3, 2, 1, &steady(|s| s.repair = Repair::Off));
    sim.crash(n(3), Crash::KeepDisk);
    assert!(is_ok(&ask(&mut sim, c(1), write(7), None)));
    sim.restart(n(3));
    run(&mut sim, 50);
    assert_eq!(copies(&sim), "7 7 -");
    assert_eq!(value(&ask(&mut sim, c(2), read(&[n(3), n(2)]), None)), int(7));
    assert_eq!(copies(&sim), "7 7 -");
    sim.crash(n(3), Crash::KeepDisk);
    sim.crash(n(2), Crash::KeepDisk);
    assert!(matches!(ask(&mut sim, c(1), write(8), None), Kind::Unknown(_)));
    assert!(matches!(ask(&mut sim, c(2), read(&[]), None), Kind::Failed(_)));
}

#[test]
fn a_read_mends_what_it_finds_old() {
    for (repair, r, after) in
        [(Repair::Off, 2, "7 7 -"), (Repair::After, 2, "7 7 7"), (Repair::Before, 2, "7 7 7"), (Repair::After, 1, "7 7 7")]
    {
        let mut sim = store(3, 2, 1, &steady(|s| (s.repair, s.r) = (repair, r)));
        sim.crash(n(3), Crash::KeepDisk);
        ask(&mut sim, c(1), write(7), None);
        sim.restart(n(3));
        run(&mut sim, 50);
        assert!(is_ok(&ask(&mut sim, c(2), read(&[n(1), n(3)]), None)));
        run(&mut sim, 100);
        assert_eq!(copies(&sim), after, "{repair:?}");
    }
}

#[test]
fn hints_bring_what_was_missed() {
    for hints_are in [Hints::Kept, Hints::Counted] {
        let mut sim = store(5, 2, 1, &steady(|s| (s.hints, s.repair) = (hints_are, Repair::Off)));
        sim.crash(n(3), Crash::KeepDisk);
        assert!(is_ok(&ask(&mut sim, c(1), write(7), None)));
        run(&mut sim, 300);
        assert_eq!((copies(&sim), hints(&sim)), ("7 7 - - -".to_string(), 1));
        sim.restart(n(3));
        run(&mut sim, 500);
        assert_eq!((copies(&sim), hints(&sim)), ("7 7 7 - -".to_string(), 0));
    }
}

#[test]
fn a_sloppy_quorum_is_no_quorum() {
    let mut sim = store(5, 2, 1, &steady(|s| s.hints = Hints::Counted));
    cut(&mut sim, &[c(1), n(4), n(5)], &[c(2), n(1), n(2), n(3)]);
    assert!(is_ok(&ask(&mut sim, c(1), write(7), None)), "two stand-ins have it");
    assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), NIL, "and no replica");
    assert_eq!(value(&ask(&mut sim, c(1), read(&[]), None)), int(7), "on this side they are asked");
    heal(&mut sim);
    run(&mut sim, 500);
    assert_eq!((copies(&sim), hints(&sim)), ("7 7 - - -".to_string(), 0), "nobody was left to keep one for the third");
}

#[test]
fn anti_entropy_needs_nobody_who_reads() {
    let settings = steady(|s| (s.repair, s.anti_entropy) = (Repair::Off, Some(Span::ms(200))));
    let mut sim = store(3, 2, 1, &settings);
    sim.crash(n(3), Crash::KeepDisk);
    ask(&mut sim, c(1), write(7), None);
    sim.restart(n(3));
    run(&mut sim, 1000);
    assert_eq!(copies(&sim), "7 7 7");
}

#[test]
fn a_partial_write_is_no_failure() {
    let mut sim = store(3, 2, 1, &steady(|s| s.repair = Repair::Off));
    sim.set_disk_full(n(2), true);
    sim.set_disk_full(n(3), true);
    let end = ask(&mut sim, c(1), write(7), None);
    let Kind::Unknown(why) = end else { panic!("{end:?}") };
    assert_eq!(why.to_string(), "failed: 1 of 2 stored it, 2 disks are full");
    assert_eq!(copies(&sim), "7 - -");
    assert_eq!(value(&ask(&mut sim, c(2), read(&[n(2), n(3)]), None)), NIL);
    assert_eq!(value(&ask(&mut sim, c(2), read(&[n(1), n(3)]), None)), int(7));
}

#[test]
fn siblings_are_kept_until_somebody_who_saw_both_writes() {
    for coordinator in [Coordinator::Client, Coordinator::Node] {
        let mut sim = store(3, 2, 1, &steady(|s| (s.versions, s.coordinator) = (Versions::Vector, coordinator)));
        let (first, second) = (start(&mut sim, c(1), write(1), None), start(&mut sim, c(2), write(2), None));
        run(&mut sim, 200);
        assert!(end_of(&sim, first).is_some_and(|end| is_ok(&end)) && end_of(&sim, second).is_some_and(|end| is_ok(&end)));
        assert_eq!(copies(&sim), "1|2 1|2 1|2");
        assert!(is_ok(&ask(&mut sim, c(1), read(&[]), None)));
        assert!(is_ok(&ask(&mut sim, c(1), write(3), None)));
        run(&mut sim, 200);
        assert_eq!(copies(&sim), "3 3 3");
    }
}

#[test]
fn a_deleted_key_comes_back_after_the_grace_period() {
    for (away, after) in [(500, "gone gone gone"), (3000, "7 7 7")] {
        let settings = steady(|s| (s.grace, s.anti_entropy, s.repair) = (Span::s(2), Some(Span::ms(100)), Repair::Off));
        let mut sim = store(3, 2, 1, &settings);
        ask(&mut sim, c(1), write(7), None);
        run(&mut sim, 50);
        sim.crash(n(3), Crash::KeepDisk);
        assert!(is_ok(&ask(&mut sim, c(1), delete(), None)));
        assert_eq!(value(&ask(&mut sim, c(2), read(&[]), None)), NIL);
        run(&mut sim, away);
        sim.restart(n(3));
        run(&mut sim, 500);
        assert_eq!(copies(&sim), after);
    }
}
