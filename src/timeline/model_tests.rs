//! The promises of time travel, kept by every model: whatever is done to it, however often it is rewound, it never panics
//! and is always where a straight run is.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::Index;

use super::pair::Pair;
use super::*;
use crate::cluster::What;
use crate::cluster::facts::Facts;
use crate::cluster::registry::MODELS;
use crate::cluster::scene::Scene;
use crate::command::{Command, arbitrary};
use crate::sim::time::Span;

/// What is done to a model.
#[derive(Clone, Debug)]
enum Move {
    /// One of what it says can be done.
    Choose(Index),
    /// Something that people do, in words.
    Say(&'static str),
    /// Anything that the language can say.
    Any(Poke),
    Advance(u64),
    Seek(Index),
    Step(u8),
    Back(u8),
    Next,
    Previous,
    Undo,
}

const SAYINGS: [&str; 24] = [
    "c1 write x 1",
    "c2 write x 2",
    "c1 read x",
    "c2 read x from n2",
    "c1 cas x 1 2",
    "c2 append y a",
    "workload c1 200/s read:write 1:1 keys uniform(3)",
    "workload c1 off",
    "crash n1",
    "crash n2 losing unsynced",
    "crash n3 wiping disk",
    "restart n1",
    "restart n2",
    "pause n1",
    "resume n1",
    "cut n1 | n2 n3",
    "cut n2 -> n1",
    "heal",
    "slow n2 10x",
    "loss all 0.2",
    "duplication all 0.2",
    "skew n1 +3s",
    "hold all",
    "release all",
];

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        3 => any::<Index>().prop_map(Move::Choose),
        5 => proptest::sample::select(&SAYINGS[..]).prop_map(Move::Say),
        1 => arbitrary::poke().prop_map(Move::Any),
        5 => (0u64..400).prop_map(Move::Advance),
        2 => any::<Index>().prop_map(Move::Seek),
        1 => (0u8..20).prop_map(Move::Step),
        1 => (0u8..20).prop_map(Move::Back),
        1 => Just(Move::Next),
        1 => Just(Move::Previous),
        2 => Just(Move::Undo),
    ];
    proptest::collection::vec(one, 1..25)
}

fn said(text: &str) -> Poke {
    match crate::cluster::replicated::MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("`{text}` is no poke: {other:?}"),
    }
}

fn scenario(model: &str, seed: u64) -> Scenario {
    Scenario { model: model.to_string(), nodes: None, clients: Some(2), zones: Vec::new(), settings: Vec::new(), seed }
}

/// Everything that can be asked of a cluster, in one number or text each.
fn picture(t: &Timeline) -> (u64, u64, Facts, usize, Scene) {
    let (mut facts, mut scene) = (Facts::default(), Scene::default());
    t.cluster().facts(&mut facts);
    t.cluster().scene(t.at(), &mut scene);
    (t.events(), t.cluster().fingerprint(), facts, t.cluster().exchanges().len(), scene)
}

fn poke(t: &mut Timeline, poke: &Poke) {
    let (before, branches) = (picture(t), t.branches().len());
    if t.poke(poke).is_err() {
        assert_eq!(picture(t), before, "`{poke}` was refused and changed something");
        assert_eq!(t.branches().len(), branches);
    }
}

/// Does one of the choices; what it says of being possible must be true.
fn choose(t: &mut Timeline, which: Index) {
    let choices = t.cluster().enabled();
    if choices.is_empty() {
        return;
    }
    let choice = which.get(&choices);
    let done = t.poke(&choice.poke);
    assert_eq!(done.is_err(), choice.refused.is_some(), "`{}`: {:?} but {done:?}", choice.poke, choice.refused);
}

fn carry_out(t: &mut Timeline, m: &Move) {
    match m {
        Move::Choose(which) => choose(t, *which),
        Move::Say(text) => poke(t, &said(text)),
        Move::Any(any) => poke(t, any),
        Move::Advance(ms) => drop(t.advance(Span::ms(*ms))),
        Move::Seek(part) => drop(t.seek(Time(part.index(t.end().0 as usize + 1) as u64))),
        Move::Step(n) => (0..*n).for_each(|_| _ = t.step()),
        Move::Back(n) => (0..*n).for_each(|_| _ = t.step_back()),
        Move::Next => _ = t.next_noteworthy(),
        Move::Previous => _ = t.previous_noteworthy(),
        Move::Undo => drop(t.undo()),
    }
}

fn wander(model: &str, seed: u64, moves: &[Move]) -> Timeline {
    let mut t = Timeline::new(scenario(model, seed)).expect("the defaults of every model start");
    for m in moves {
        carry_out(&mut t, m);
    }
    t
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_replay_of_any_wandering_gives_the_same_run(seed in 0u64..1000, moves in moves()) {
        for model in MODELS {
            let mut t = wander(model.name, seed, &moves);
            let replay = Replay::parse(&t.replay().one_line()).unwrap();
            let again = Timeline::from_replay(&replay).map_err(|e| TestCaseError::fail(e.to_string()))?;
            t.seek_event(replay.end.event);
            t.set_clock(replay.end.at);
            prop_assert_eq!(picture(&t), picture(&again));
            prop_assert_eq!(t.cluster().verdicts(), again.cluster().verdicts());
        }
    }

    #[test]
    fn back_and_forward_is_the_same_picture(seed in 0u64..1000, moves in moves(), n in 1u64..100) {
        for model in MODELS {
            let mut t = wander(model.name, seed, &moves);
            t.seek_event(t.events());
            let before = picture(&t);
            let back = (0..n).take_while(|_| t.step_back()).count();
            (0..back).for_each(|_| _ = t.step());
            prop_assert_eq!(picture(&t), before);
        }
    }

    #[test]
    fn seeking_is_running(seed in 0u64..1000, moves in moves(), part in any::<Index>()) {
        for model in MODELS {
            let mut t = wander(model.name, seed, &moves);
            let to = Time(part.index(t.end().0 as usize + 1) as u64);
            t.seek(to);
            let mut straight = t.fork();
            straight.seek(Time::ZERO);
            while straight.next_at().is_some_and(|next| next <= to) {
                straight.step();
            }
            straight.run_to(to);
            prop_assert_eq!(picture(&t), picture(&straight));
        }
    }

    #[test]
    fn a_pair_without_a_difference_stays_one(seed in 0u64..1000, moves in moves()) {
        for model in MODELS {
            let t = wander(model.name, seed, &moves);
            let pair = Pair::beside(&t, &[]).unwrap();
            prop_assert!(pair.difference().is_empty());
            let mut a = Vec::new();
            a.extend(pair.a().happenings(Time::ZERO));
            prop_assert!(a.windows(2).all(|w| (w[0].at, w[0].event) <= (w[1].at, w[1].event)));
        }
    }
}

#[test]
fn settings_that_differ_show_where_they_first_matter() {
    let (mut diverged, mut told_apart, mut only_later) = (0, 0, 0);
    for model in MODELS {
        for setting in model.settings.iter().filter(|s| s.words.len() > 1) {
            let other = setting.words.iter().find(|w| **w != setting.default).unwrap();
            let changes = [(setting.name.to_string(), (*other).to_string())];
            let Ok(mut pair) = Pair::new(&scenario(model.name, 1), &changes) else { continue };
            assert_eq!(pair.difference().len(), 1, "{}", setting.name);
            for text in SAYINGS {
                pair.poke(&said(text));
                pair.advance(Span::ms(150));
            }
            if let Some(found) = pair.divergence() {
                diverged += 1;
                assert!(found.a.is_some() || found.b.is_some());
                assert!(found.at <= pair.at());
            }
            if let Some(told) = pair.told_apart() {
                told_apart += 1;
                assert_eq!(Some(told.at), first_told_apart(&pair), "{} {}", model.name, setting.name);
                assert_ne!(told.a.as_ref().map(|h| &h.what), told.b.as_ref().map(|h| &h.what));
            }
            if let (Some(later), Some(found)) = (pair.told_the_same(), pair.divergence()) {
                only_later += 1;
                assert!(found.at <= later && later <= pair.at());
                let before = found.at;
                pair.seek(before);
                assert!(pair.told_the_same().is_none_or(|later| later <= before), "what lies ahead is not told");
            }
        }
    }
    assert!(diverged >= 3 && told_apart >= 2 && only_later >= 3, "{diverged} {told_apart} {only_later}");
}

/// When clients of the two knew for the first time that they were told different things, found by comparing all answers.
fn first_told_apart(pair: &Pair) -> Option<Time> {
    let answers = |run: &Timeline| -> BTreeMap<usize, (Time, String)> {
        let told = run.happenings(Time::ZERO).filter_map(|h| match h.what {
            What::Returned(request, told) => Some((request, (h.at, told))),
            _ => None,
        });
        told.collect()
    };
    let [a, b] = [answers(pair.a()), answers(pair.b())];
    let both = a.iter().filter_map(|(request, (at, told))| Some((*at, told, b.get(request)?)));
    both.filter(|(_, told, (_, other))| *told != other).map(|(at, _, (other, _))| at.max(*other)).min()
}
