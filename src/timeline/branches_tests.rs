//! What was tried is kept, and going back to it gives what was there.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::tests::{carry_out, crash, moves, wander};
use super::toy::{self, Toy};
use super::*;
use crate::sim::time::Span;

fn state(t: &Timeline) -> (u64, Time, u64) {
    (t.events(), t.at(), t.cluster().fingerprint())
}

/// The state after event `events` with the clock at `at` of a run with these pokes, played from the start without a tree.
fn straight(seed: u64, pokes: &[PokeAt], (events, at): (u64, Time)) -> (u64, Time, u64) {
    let mut cluster = Toy::start(&toy::scenario(seed)).unwrap();
    for poke in pokes.iter().take_while(|poke| poke.event <= events) {
        while cluster.events() + 1 < poke.event {
            cluster.step().unwrap();
        }
        if cluster.now() < poke.at {
            cluster.run_until(poke.at, 1);
        }
        cluster.apply(&poke.poke).unwrap();
    }
    while cluster.events() < events && cluster.step().is_some() {}
    if cluster.now() < at {
        cluster.run_until(at, 1);
    }
    (cluster.events(), cluster.now(), cluster.fingerprint())
}

/// The pokes of a branch, from its ancestors.
fn pokes_of(views: &BTreeMap<BranchId, BranchView>, id: BranchId) -> Vec<PokeAt> {
    let mut pokes: Vec<PokeAt> =
        std::iter::successors(views.get(&id), |view| view.parent.and_then(|id| views.get(&id))).filter_map(|v| v.poke.clone()).collect();
    pokes.reverse();
    pokes
}

fn views(t: &Timeline) -> BTreeMap<BranchId, BranchView> {
    t.branches().into_iter().map(|view| (view.id, view)).collect()
}

proptest! {
    #[test]
    fn every_point_of_every_branch_is_what_it_was(seed in 0u64..50, moves in moves(), share in 0.0f64..1.0) {
        let mut t = wander(seed, &moves);
        let known = views(&t);
        for (id, view) in &known {
            prop_assert!(t.visit_end(*id));
            prop_assert_eq!(state(&t), (view.seen.events, view.seen.at, view.seen.fingerprint), "the end of {:?}", id);
            let pokes = pokes_of(&known, *id);
            prop_assert_eq!(t.pokes(), pokes.clone());
            let first = (view.seen.events as f64 * share) as u64;
            t.visit(*id, (first, Time::ZERO));
            prop_assert_eq!(state(&t), straight(seed, &pokes, (first, t.at())), "event {} of {:?}", first, id);
            t.seek(Time((view.seen.at.0 as f64 * share) as u64));
            prop_assert_eq!(state(&t), straight(seed, &pokes, (t.events(), t.at())));
        }
        let ids: Vec<BranchId> = known.keys().copied().collect();
        prop_assert_eq!(views(&t).keys().copied().collect::<Vec<_>>(), ids, "nothing is lost, and nothing is new");
    }

    #[test]
    fn nothing_that_was_tried_is_lost(seed in 0u64..50, first in moves(), then in moves()) {
        let mut t = wander(seed, &first);
        let known = views(&t);
        for one in &then {
            carry_out(&mut t, one);
            let now = views(&t);
            for (id, view) in &known {
                let again = &now[id];
                prop_assert_eq!((&again.poke, again.parent), (&view.poke, view.parent));
                prop_assert!((again.seen.events, again.seen.at) >= (view.seen.events, view.seen.at));
            }
        }
    }

    #[test]
    fn what_was_removed_comes_back_whole(seed in 0u64..50, moves in moves(), picks in proptest::collection::vec(0u32..8, 0..6)) {
        let mut t = wander(seed, &moves);
        let (before, here) = (t.branches(), state(&t));
        let mut count = 0;
        for pick in picks {
            let id = BranchId(pick);
            let on_path = views(&t).get(&id).map(|view| view.on_path);
            match t.remove_branch(id) {
                Ok(pokes) => {
                    count += 1;
                    prop_assert!(pokes > 0 && on_path == Some(false));
                    prop_assert!(!t.visit_end(id) && !t.enter(id) && t.name_branch(id, "gone").is_err());
                }
                Err(_) => prop_assert!(on_path != Some(false)),
            }
            prop_assert_eq!(state(&t), here);
        }
        while t.bring_back().is_some() {
            count -= 1;
        }
        prop_assert_eq!(count, 0);
        let same = |all: &[BranchView]| all.iter().map(|v| (v.id, v.parent, v.poke.clone(), v.children, v.seen)).collect::<Vec<_>>();
        prop_assert_eq!(same(&t.branches()), same(&before));
    }

    #[test]
    fn a_replay_of_a_branch_is_that_branch_only(seed in 0u64..50, moves in moves()) {
        let mut t = wander(seed, &moves);
        let known = views(&t);
        for (id, view) in &known {
            t.visit_end(*id);
            let replay = t.replay();
            prop_assert_eq!(&replay.pokes, &pokes_of(&known, *id));
            prop_assert_eq!((replay.end.event, replay.end.at, replay.end.fingerprint), (view.seen.events, view.seen.at, view.seen.fingerprint));
        }
    }
}

/// Two branches that part at 10 ms: a crash of the first server, and one of the second with a crash of the third after it.
fn two() -> (Timeline, [BranchId; 2]) {
    let mut t = Toy::timeline(1);
    t.seek(Time(10_000));
    t.poke(&crash(0)).unwrap();
    let first = t.branch_here();
    t.advance(Span(30_000));
    t.undo();
    t.poke(&crash(1)).unwrap();
    t.advance(Span(20_000));
    t.poke(&crash(2)).unwrap();
    let second = t.branch_here();
    (t, [first, second])
}

#[test]
fn undoing_leaves_a_poke_among_what_was_tried() {
    let mut t = Toy::timeline(1);
    t.seek(Time(10_000));
    t.poke(&crash(0)).unwrap();
    let (id, after) = (t.branch_here(), state(&t));
    t.undo();
    t.leave_future();
    assert_eq!((t.pokes().len(), t.branches().len()), (0, 2));
    assert!(t.visit_end(id));
    assert_eq!(state(&t), after);
}

#[test]
fn two_branches_part_at_the_first_poke_that_differs() {
    let (t, [first, second]) = two();
    let poke = |p: &Option<PokeAt>| p.as_ref().map(|p| (p.at, p.poke.clone()));
    let parted = t.parting([first, second]).unwrap();
    assert_eq!(parted.each_ref().map(poke), [Some((Time(10_000), crash(0))), Some((Time(10_000), crash(1)))]);
    let after = t.parting([BranchId(2), second]).unwrap();
    assert_eq!(after.each_ref().map(poke), [None, Some((Time(30_000), crash(2)))], "one goes on from the other");
    assert!(t.parting([first, BranchId(9)]).is_none());
}

#[test]
fn what_is_in_use_or_the_lessons_is_not_removed() {
    let (mut t, [first, second]) = two();
    let why = |t: &mut Timeline, id: u32| t.remove_branch(BranchId(id)).unwrap_err().0;
    assert!(why(&mut t, 0).contains("start of the run"));
    assert!(why(&mut t, second.0).contains("you are on it"));
    assert!(why(&mut t, 77).contains("no such branch"));
    assert_eq!(t.remove_branch(first), Ok(1));
    assert!(why(&mut t, first.0).contains("no such branch"));
    t.set_scripted(true);
    t.seek(Time(5_000));
    t.poke(&crash(2)).unwrap();
    let given = t.branch_here();
    t.set_scripted(false);
    assert_eq!((t.own_since(0), t.tried()), (0, 2));
    t.visit_end(second);
    assert!(why(&mut t, given.0).contains("what the lesson does"));
    t.seek(Time(5_000));
    assert_eq!(t.poke(&crash(2)), Ok(Poked::Reentered));
    assert_eq!((t.own_since(0), t.tried()), (1, 3), "what somebody does again is no script's");
}

#[test]
fn names_are_short_and_harmless() {
    let (mut t, [first, second]) = two();
    let name = |t: &mut Timeline, text: &str| t.name_branch(first, text).unwrap().map(|name| name.to_string());
    assert_eq!(name(&mut t, "  both \n lead\t"), Some("both lead".into()));
    assert_eq!(name(&mut t, "a\u{202e}b"), Some("a\\u{202e}b".into()));
    let longest = "é".repeat(NAME_MAX);
    assert_eq!(name(&mut t, &longest), Some(longest.clone()));
    let why = |t: &mut Timeline, id, text: &str| t.name_branch(id, text).unwrap_err().0;
    assert!(why(&mut t, first, &(longest.clone() + "x")).contains("at most 40 letters"));
    assert!(why(&mut t, first, "7").contains("number of a branch"));
    assert!(why(&mut t, second, &longest).contains("another branch is called"));
    assert_eq!(name(&mut t, &longest), Some(longest), "the same again");
    assert_eq!(t.fork().branches()[2].name.as_deref(), t.branches()[2].name.as_deref());
    assert_eq!(name(&mut t, " \u{3000} "), None);
}

#[test]
fn a_full_tree_refuses_and_removing_makes_room() {
    let mut t = Toy::timeline(1);
    t.seek(Time(10_000));
    t.poke(&crash(0)).unwrap();
    let first = t.branch_here();
    t.undo();
    let restart = Poke::Restart(crate::command::Place::Node(crate::sim::id::NodeId::server(1)));
    for number in 1..POKES_MAX {
        let poke = if number % 2 == 1 { crash(1) } else { restart.clone() };
        t.poke(&poke).unwrap();
    }
    let full = t.poke(&crash(2)).unwrap_err();
    assert!(full.0.contains("removing a branch"), "{full}");
    assert_eq!(t.remove_branch(first), Ok(1));
    assert!(t.poke(&crash(2)).is_ok());
    assert!(t.bring_back().is_none(), "its place is taken");
    assert!(t.poke(&crash(0)).is_err());
}

#[test]
fn removals_are_kept_up_to_a_bound() {
    let mut t = Toy::timeline(1);
    for number in 0..=REMOVED_MAX as u64 {
        t.seek(Time(10_000 + number));
        t.poke(&crash(0)).unwrap();
        t.undo();
        t.leave_future();
    }
    let ids: Vec<BranchId> = t.branches().iter().filter(|view| view.poke.is_some()).map(|view| view.id).collect();
    assert_eq!(ids.len(), REMOVED_MAX + 1);
    for id in &ids {
        assert_eq!(t.remove_branch(*id), Ok(1));
    }
    let mut back = 0;
    while t.bring_back().is_some() {
        back += 1;
    }
    assert_eq!(back, REMOVED_MAX);
}
