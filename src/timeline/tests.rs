//! Time travel never changes what is travelled: properties over random pokes and moves on the toy.

use proptest::prelude::*;

use super::checkpoints::HELD_MAX;
use super::toy::Toy;
use super::*;
use crate::check::verdict::Guarantee;
use crate::cluster::Stop;
use crate::cluster::condition::Condition;
use crate::cluster::facts::{FactDoc, FactKind};
use crate::command::{DiskFate, Place};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

fn node(n: u16) -> Place {
    Place::Node(NodeId::server(n))
}

pub(super) fn crash(n: u16) -> Poke {
    Poke::Crash(node(n), DiskFate::Kept)
}

/// What a learner can do to a timeline.
#[derive(Clone, Debug)]
pub(super) enum Move {
    Poke(Poke),
    Advance(u64),
    Seek(u64),
    SeekEvent(u64),
    Step(u8),
    Back(u8),
    Next,
    Previous,
    Undo,
    Enter(u32),
    LeaveFuture,
}

pub(super) fn pokes() -> impl Strategy<Value = Poke> {
    prop_oneof![
        (0u16..5).prop_map(crash),
        (0u16..3).prop_map(|n| Poke::Restart(node(n))),
        Just(Poke::Set("even".into(), "abc".into())),
        Just(Poke::HealAll),
    ]
}

pub(super) fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => pokes().prop_map(Move::Poke),
        4 => (0u64..200_000).prop_map(Move::Advance),
        2 => (0u64..400_000).prop_map(Move::Seek),
        1 => (0u64..1500).prop_map(Move::SeekEvent),
        2 => (0u8..20).prop_map(Move::Step),
        2 => (0u8..20).prop_map(Move::Back),
        1 => Just(Move::Next),
        1 => Just(Move::Previous),
        2 => Just(Move::Undo),
        1 => (0u32..6).prop_map(Move::Enter),
        1 => Just(Move::LeaveFuture),
    ];
    proptest::collection::vec(one, 0..25)
}

fn times(n: u8, mut what: impl FnMut()) {
    for _ in 0..n {
        what();
    }
}

pub(super) fn carry_out(t: &mut Timeline, m: &Move) {
    match m {
        Move::Poke(p) => drop(t.poke(p)),
        Move::Advance(by) => drop(t.advance(Span(*by))),
        Move::Seek(to) => drop(t.seek(Time(*to))),
        Move::SeekEvent(n) => drop(t.seek_event(*n)),
        Move::Step(n) => times(*n, || _ = t.step()),
        Move::Back(n) => times(*n, || _ = t.step_back()),
        Move::Next => _ = t.next_noteworthy(),
        Move::Previous => _ = t.previous_noteworthy(),
        Move::Undo => drop(t.undo()),
        Move::Enter(id) => _ = t.enter(BranchId(*id)),
        Move::LeaveFuture => t.leave_future(),
    }
}

pub(super) fn wander(seed: u64, moves: &[Move]) -> Timeline {
    let mut t = Toy::timeline(seed);
    for m in moves {
        carry_out(&mut t, m);
    }
    t
}

/// The state reached by playing straight from the start to where `t` is, without its checkpoints.
fn straight(t: &Timeline, seed: u64) -> (u64, u64) {
    let mut cluster = Toy::start(&toy::scenario(seed)).unwrap();
    for p in &t.pokes()[..t.pokes_done()] {
        while cluster.events() + 1 < p.event {
            cluster.step().unwrap();
        }
        assert!(cluster.now() <= p.at);
        if cluster.now() < p.at {
            assert_eq!(cluster.run_until(p.at, 1), Stop::Reached);
        }
        cluster.apply(&p.poke).unwrap();
    }
    while cluster.events() < t.events() {
        cluster.step().unwrap();
    }
    (cluster.events(), cluster.fingerprint())
}

fn state(t: &Timeline) -> (u64, u64) {
    (t.events(), t.cluster().fingerprint())
}

proptest! {
    #[test]
    fn wherever_one_wanders_the_state_is_that_of_a_straight_run(seed in 0u64..50, moves in moves()) {
        let t = wander(seed, &moves);
        prop_assert_eq!(state(&t), straight(&t, seed));
        prop_assert!(t.at() <= t.end());
        prop_assert!(t.next_at().is_none_or(|next| next >= t.at()));
    }

    #[test]
    fn back_and_forward_is_where_it_was(seed in 0u64..50, moves in moves(), n in 0u64..250) {
        let mut t = wander(seed, &moves);
        let (events, before) = (t.events(), state(&t));
        let back = (0..n).take_while(|_| t.step_back()).count();
        prop_assert_eq!(back as u64, n.min(events));
        times(back as u8, || _ = t.step());
        prop_assert_eq!(state(&t), before);
    }

    #[test]
    fn seeking_in_jumps_is_seeking_at_once(seed in 0u64..50, moves in moves(), stops in proptest::collection::vec(0u64..400_000, 1..6)) {
        let mut t = wander(seed, &moves);
        let mut once = t.fork();
        let last = Time(*stops.last().unwrap());
        for s in &stops {
            t.seek(Time(*s));
        }
        once.seek(last);
        prop_assert_eq!((state(&t), t.at()), (state(&once), last));
    }

    #[test]
    fn a_fork_goes_on_alone_and_alike(seed in 0u64..50, moves in moves(), more in moves()) {
        let mut t = wander(seed, &moves);
        let (before, branches) = (state(&t), t.branches());
        let mut fork = t.fork();
        for m in &more {
            carry_out(&mut fork, m);
        }
        prop_assert_eq!(state(&t), before);
        prop_assert_eq!(t.branches(), branches);
        for m in &more {
            carry_out(&mut t, m);
        }
        prop_assert_eq!((state(&t), t.branches()), (state(&fork), fork.branches()));
    }

    #[test]
    fn undoing_and_doing_again_is_doing_once(seed in 0u64..50, moves in moves()) {
        let mut t = wander(seed, &moves);
        t.leave_future();
        let branches = t.branches().len();
        if let Some(last) = t.undo() {
            let at = t.at();
            prop_assert_eq!(t.poke(&last), Ok(Poked::Reentered));
            prop_assert_eq!(t.at(), at);
        }
        prop_assert_eq!(t.branches().len(), branches);
    }

    #[test]
    fn every_branch_can_be_entered(seed in 0u64..50, moves in moves()) {
        let mut t = wander(seed, &moves);
        for branch in t.branches() {
            prop_assert!(t.enter(branch.id));
            prop_assert_eq!(state(&t), straight(&t, seed));
            prop_assert_eq!(t.pokes().pop(), branch.poke);
            prop_assert_eq!(t.end(), branch.seen.at);
        }
    }
}

#[test]
fn the_old_future_is_kept_and_entered_again() {
    let mut t = Toy::timeline(1);
    t.seek(Time(10_000));
    assert_eq!(t.poke(&crash(0)), Ok(Poked::Recorded));
    t.seek(Time(20_000));
    assert_eq!(t.poke(&crash(1)), Ok(Poked::Recorded));
    t.seek(Time(30_000));
    let future = state(&t);

    assert_eq!(t.undo(), Some(crash(1)));
    assert_eq!(t.undo(), Some(crash(0)));
    assert_eq!((t.at(), t.pokes().len(), t.pokes_done()), (Time(10_000), 2, 0));
    assert_eq!(t.poke(&crash(2)), Ok(Poked::Branched));
    assert_eq!(t.pokes().len(), 1);
    assert_eq!(t.undo(), Some(crash(2)));
    assert_eq!(t.poke(&crash(0)), Ok(Poked::Reentered));
    assert_eq!(t.pokes().len(), 2, "with the future that is known");
    assert_eq!(t.end(), Time(30_000));
    t.seek(Time(30_000));
    assert_eq!(state(&t), future);
    let depths: Vec<(usize, bool)> = t.branches().iter().map(|b| (b.depth, b.on_path)).collect();
    assert_eq!(depths, [(0, true), (1, true), (2, true), (1, false)]);
}

#[test]
fn a_refused_poke_leaves_no_trace() {
    let mut t = Toy::timeline(2);
    t.seek(Time(5_000));
    t.poke(&crash(0)).unwrap();
    t.seek(Time(9_000));
    t.seek(Time(7_000));
    let before = (state(&t), t.branches(), t.at(), t.end());
    assert_eq!(t.poke(&crash(0)), Err(Refused("n1 is down already".into())));
    assert!(t.poke(&Poke::HealAll).is_err());
    assert_eq!((state(&t), t.branches(), t.at(), t.end()), before);
}

#[test]
fn checkpoints_stay_few_and_every_one_is_on_the_path() {
    let mut t = Toy::timeline(3);
    while t.events() < 530_000 {
        assert_eq!(t.advance(Span::us(700)), Stop::Reached);
    }
    let fit = (HELD_MAX / t.cluster().kept_bytes()) as usize;
    assert!((fit / 2..=fit).contains(&t.checkpoints.len()), "{} of {fit}", t.checkpoints.len());
    for (event, fingerprint) in t.checkpoints.fingerprints(1, u64::MAX) {
        t.seek_event(event - 1);
        t.step();
        assert_eq!(state(&t), (event, fingerprint));
    }
}

#[test]
fn a_limit_of_the_cluster_is_reported() {
    let mut t = Toy::timeline(4);
    let limit = Stop::Limit("the toy is worn out".into());
    assert_eq!(t.seek(Time::END), limit);
    assert_eq!(t.advance(Span::ms(1)), limit);
    assert_eq!(t.step(), None);
    assert_eq!(t.seek_event(u64::MAX), limit);
    assert!(t.until_with(Span::s(1), |_| Ok(false)).is_err());
}

#[test]
fn when_nothing_is_left_the_clock_still_runs() {
    let mut t = Toy::timeline(5);
    for n in 0..3 {
        t.poke(&crash(n)).unwrap();
    }
    assert_eq!(t.seek(Time(1_000_000)), Stop::Reached);
    assert_eq!((t.at(), t.next_at(), t.step()), (Time(1_000_000), None, None));
    t.poke(&Poke::Restart(node(0))).unwrap();
    assert_eq!(t.pokes().last().map(|p| p.at), Some(Time(1_000_000)));
    assert!(t.next_noteworthy().is_none() || t.at() >= Time(1_000_000));
}

#[test]
fn a_search_stops_at_the_first_event_that_fits() {
    let mut t = Toy::timeline(6);
    let found = t.until_with(Span::s(1), |c| Ok(c.fingerprint().is_multiple_of(64)));
    assert_eq!(found, Ok(true));
    assert!(t.cluster().fingerprint().is_multiple_of(64));
    let (n, at) = (t.events(), t.at());
    t.seek_event(0);
    for _ in 1..n {
        t.step();
        assert!(!t.cluster().fingerprint().is_multiple_of(64));
    }
    t.seek(at);
    assert_eq!(t.until_with(Span::us(3), |_| Ok(false)), Ok(false));
    assert_eq!(t.at(), at + Span::us(3));
}

#[test]
fn noteworthy_events_are_found_both_ways() {
    let mut t = Toy::timeline(7);
    let forward: Vec<u64> = std::iter::from_fn(|| t.next_noteworthy().map(|f| f.event)).take(20).collect();
    t.advance(Span::us(1));
    let mut back = Vec::new();
    while t.previous_noteworthy() {
        back.push(t.events());
    }
    back.reverse();
    assert_eq!(forward, back);
}

#[test]
fn conditions_over_facts_and_guarantees_stop_a_run() {
    let docs = [FactDoc { name: "down", kind: FactKind::Int, about: "nodes that are down" }];
    let compile = |text: &str| Condition::compile(text, &docs, &Guarantee::REGISTER).unwrap();
    let mut t = Toy::timeline(9);
    t.seek(Time(4_000));
    t.poke(&crash(0)).unwrap();
    t.seek(Time(8_000));
    t.poke(&crash(1)).unwrap();
    let seconds = Span::s(1);
    assert_eq!(t.until(&compile("down >= 2"), seconds), Ok(true));
    assert_eq!(t.at(), Time(8_000), "it holds already");
    t.seek(Time(1));
    assert_eq!(t.until(&compile("down == 1"), seconds), Ok(true));
    assert_eq!((t.at(), t.pokes_done()), (Time(4_000), 1));
    assert_eq!(t.until(&compile("down >= 2 && linearizable == \"unknown\""), seconds), Ok(true));
    assert_eq!(t.at(), Time(8_000));
    assert_eq!(t.until(&compile("durable == \"no\""), Span::us(2)), Ok(false));
    assert_eq!(t.at(), Time(10_000));
}

/// A run that only goes forward is the same run, and keeps nothing to go back to.
#[test]
fn only_forward_is_the_same_run() {
    let load = |text: &str| match crate::cluster::replicated::MODEL.language.parse(text) {
        Ok(crate::command::Command::Poke(poke)) => poke,
        other => panic!("{other:?}"),
    };
    let run = |forward: bool| {
        let mut run = Timeline::new(Scenario { seed: 5, ..Scenario::of("replicated") }).unwrap();
        if forward {
            run.only_forward(&[]);
        }
        run.poke(&load("workload c1 500/s read:write 1:1 keys x")).unwrap();
        assert_eq!(run.advance(Span::s(2)), Stop::Reached);
        run.poke(&load("crash n1")).unwrap();
        assert_eq!(run.until_with(Span::s(2), |cluster| Ok(cluster.history_len() > 2500)), Ok(true));
        assert_eq!(run.advance(Span::s(1)), Stop::Reached);
        run
    };
    let (plain, forward) = (run(false), run(true));
    let facts = |run: &Timeline| {
        let mut facts = crate::cluster::facts::Facts::default();
        run.cluster().facts(&mut facts);
        facts
    };
    assert_eq!(
        (plain.events(), plain.at(), plain.cluster().fingerprint()),
        (forward.events(), forward.at(), forward.cluster().fingerprint())
    );
    assert_eq!(facts(&plain), facts(&forward));
    assert!(plain.checkpoints_held().1 > 5 && forward.checkpoints_held().1 == 0);
    assert_eq!(plain.pokes(), forward.pokes());
}
