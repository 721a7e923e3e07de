//! Two runs side by side are each what they would be alone, at the same time, under the same pokes.

use proptest::prelude::*;

use super::pair::{Pair, PairPoke};
use super::tests::{crash, pokes};
use super::toy::{Toy, scenario};
use super::*;
use crate::sim::time::Span;

fn pair(seed: u64, even: bool) -> Pair {
    let mut other = scenario(seed);
    other.settings.extend(even.then(|| ("even".to_string(), "yes".to_string())));
    let b = Timeline::over(other.clone(), Toy::start(&other).unwrap());
    Pair::of(Toy::timeline(seed), b)
}

#[derive(Clone, Debug)]
enum Move {
    Poke(Poke),
    Advance(u64),
    Seek(u64),
    Step,
    Back,
    Undo,
    Next,
    Previous,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        4 => pokes().prop_map(Move::Poke),
        3 => (0u64..20_000).prop_map(Move::Advance),
        2 => (0u64..60_000).prop_map(Move::Seek),
        2 => Just(Move::Step),
        2 => Just(Move::Back),
        2 => Just(Move::Undo),
        1 => Just(Move::Next),
        1 => Just(Move::Previous),
    ];
    proptest::collection::vec(one, 0..25)
}

fn carry_out(pair: &mut Pair, m: &Move) {
    match m {
        Move::Poke(p) => drop(pair.poke(p)),
        Move::Advance(by) => drop(pair.advance(Span(*by))),
        Move::Seek(t) => drop(pair.seek(Time(*t))),
        Move::Step => _ = pair.step(),
        Move::Back => _ = pair.step_back(),
        Move::Undo => drop(pair.undo()),
        Move::Next => _ = pair.next_noteworthy(),
        Move::Previous => _ = pair.previous_noteworthy(),
    }
}

/// One side alone: under the pokes that it took, at the events that they became; those it is said to refuse, it refuses.
fn alone(mut alone: Timeline, side: &Timeline, script: &[PairPoke], refused: impl Fn(&PairPoke) -> bool) -> (u64, u64) {
    let mut taken = side.pokes().into_iter();
    for p in script {
        if refused(p) {
            assert!(alone.poke(&p.poke).is_err(), "{p:?}");
            continue;
        }
        let recorded = taken.next().unwrap();
        assert_eq!((recorded.at, &recorded.poke), (p.at, &p.poke));
        alone.go(recorded.event - 1, recorded.at);
        assert!(alone.poke(&p.poke).is_ok(), "{p:?}");
    }
    alone.seek_event(side.events());
    state(&alone)
}

fn state(t: &Timeline) -> (u64, u64) {
    (t.events(), t.cluster().fingerprint())
}

proptest! {
    #[test]
    fn each_side_is_as_if_alone_and_both_at_one_time(seed in 0u64..20, moves in moves()) {
        let mut pair = pair(seed, true);
        for m in &moves {
            carry_out(&mut pair, m);
            prop_assert_eq!(pair.a().at(), pair.b().at());
        }
        let script = &pair.pokes()[..pair.pokes_done()];
        let fresh = self::pair(seed, true);
        prop_assert_eq!(state(pair.a()), alone(fresh.a().fork(), pair.a(), script, |p| p.refused_a.is_some()));
        prop_assert_eq!(state(pair.b()), alone(fresh.b().fork(), pair.b(), script, |p| p.refused_b.is_some()));
        let taken = pair.pokes().iter().filter(|p| p.refused_b.is_none()).count();
        prop_assert_eq!(pair.b().pokes().len(), taken);
    }

    #[test]
    fn without_a_difference_nothing_diverges(seed in 0u64..20, moves in moves()) {
        let mut pair = pair(seed, false);
        for m in &moves {
            carry_out(&mut pair, m);
        }
        prop_assert_eq!(pair.divergence(), None);
        prop_assert!(pair.difference().is_empty());
        prop_assert_eq!(state(pair.a()), state(pair.b()));
    }

    #[test]
    fn the_divergence_found_on_the_way_is_that_of_comparing_all(seed in 0u64..20, moves in moves()) {
        let mut pair = pair(seed, true);
        for m in &moves {
            carry_out(&mut pair, m);
        }
        let last = pair.end().max(pair.pokes().last().map_or(Time::ZERO, |p| p.at));
        pair.seek(last);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        let seen = |h: &crate::cluster::Happening| super::pair::is_seen(&h.what);
        a.extend(pair.a().happenings(Time::ZERO).filter(seen));
        b.extend(pair.b().happenings(Time::ZERO).filter(seen));
        let same = a.iter().zip(&b).take_while(|(a, b)| (a.at, &a.what) == (b.at, &b.what)).count();
        let first = a[same..].first().into_iter().chain(b[same..].first()).map(|h| h.at).min();
        prop_assert_eq!(pair.divergence().map(|d| d.at), first);
    }
}

#[test]
fn a_poke_that_one_side_refuses_is_done_on_the_other() {
    let mut pair = pair(1, true);
    assert_eq!(pair.difference().iter().map(ToString::to_string).collect::<Vec<_>>(), ["even: no | yes"]);
    pair.seek(Time(3_000));
    let set = Poke::Set("even".into(), "abc".into());
    let done = pair.poke(&set);
    assert_eq!((done.refused_a.is_some(), done.refused_b.is_some()), (false, true));
    assert!(pair.poke(&Poke::HealAll).refusals().iter().all(Option::is_some));
    pair.seek(Time(9_000));
    pair.poke(&crash(0));
    assert_eq!((pair.a().pokes().len(), pair.b().pokes().len(), pair.pokes().len()), (2, 1, 2));
    assert_eq!((pair.undo(), pair.undo(), pair.at()), (Some(crash(0)), Some(set.clone()), Time(3_000)));
    pair.poke(&set);
    assert_eq!(pair.pokes().len(), 2, "the future is kept when the same is done");
    pair.undo();
    pair.poke(&crash(1));
    pair.seek(Time(20_000));
    assert_eq!((pair.a().pokes().len(), pair.b().pokes().len(), pair.pokes().len()), (1, 1, 1));
}

#[test]
fn a_run_that_was_played_goes_on_beside_another() {
    let mut t = Toy::timeline(2);
    t.seek(Time(5_000));
    t.poke(&crash(1)).unwrap();
    t.poke(&Poke::Set("even".into(), "a".into())).unwrap();
    t.seek(Time(8_000));
    let pair = Pair::with(&t, pair(2, true).b().fork());
    assert_eq!(pair.difference().len(), 1);
    assert_eq!(state(pair.a()), state(&t));
    assert_eq!((pair.at(), pair.b().pokes().len(), pair.pokes_done()), (t.at(), 1, 2));
    assert!(pair.pokes()[1].refused_b.is_some());
    assert!(pair.divergence().is_some());
}

proptest! {
    #[test]
    fn rewound_it_plays_to_where_it_was(seed in 0u64..20, moves in moves()) {
        let mut pair = pair(seed, true);
        for m in &moves {
            carry_out(&mut pair, m);
        }
        let at = pair.end();
        pair.seek(at);
        let there = (state(pair.a()), state(pair.b()), pair.pokes_done());
        pair.rewind(Time::ZERO);
        prop_assert_eq!((pair.at(), pair.pokes_done()), (Time::ZERO, 0));
        pair.seek(at);
        prop_assert_eq!((state(pair.a()), state(pair.b()), pair.pokes_done()), there);
    }
}
