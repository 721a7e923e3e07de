//! A replay reads back, runs again, and says where it does not; and no text breaks the reader.

use proptest::prelude::*;

use super::replay::{Check, End, Replay};
use super::replay_run::ReplayError;
use super::tests::{crash, moves, wander};
use super::toy::Toy;
use super::*;
use crate::cluster::Stop;
use crate::command::{arbitrary, is_zone};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

fn follow(replay: &Replay) -> Result<Timeline, ReplayError> {
    let cluster = Toy::start(&replay.scenario).map_err(ReplayError::Scenario)?;
    Timeline::over(replay.scenario.clone(), cluster).follow(replay)
}

fn node() -> impl Strategy<Value = NodeId> {
    prop_oneof![(0u16..9).prop_map(NodeId::server), (0u16..9).prop_map(NodeId::client)]
}

fn zone() -> impl Strategy<Value = String> {
    "[b-z][a-z0-9-]{0,5}".prop_filter("it reads like a node", |name| is_zone(name))
}

prop_compose! {
    fn any_scenario()(
        nodes in any::<Option<u16>>(), clients in any::<Option<u16>>(), seed in any::<u64>(),
        zones in proptest::collection::vec((zone(), proptest::collection::vec(node(), 0..4)), 0..3),
        settings in proptest::collection::btree_map(any::<String>(), any::<String>(), 0..4),
    ) -> Scenario {
        let model = crate::cluster::replicated::MODEL.name.to_string();
        Scenario { model, nodes, clients, zones, settings: settings.into_iter().collect(), seed }
    }
}

prop_compose! {
    fn any_replay()(
        scenario in any_scenario(),
        pokes in proptest::collection::vec((1u64..5_000, any::<u32>(), arbitrary::poke()), 0..8),
        checks in proptest::collection::vec((1u64..5_000, any::<u64>()), 0..4),
        fingerprint in any::<u64>(),
    ) -> Replay {
        let (mut event, mut at) = (0, 0);
        let pokes: Vec<PokeAt> = pokes.into_iter().map(|(e, t, poke)| {
            (event, at) = (event + e, at + u64::from(t));
            PokeAt { event, at: Time(at), poke }
        }).collect();
        let mut check = 0;
        let checks: Vec<Check> = checks.into_iter().map(|(e, fingerprint)| {
            check += e;
            Check { event: check, fingerprint }
        }).collect();
        Replay { version: REPLAY_VERSION, scenario, pokes, checks, end: End { event: event.max(check), at: Time(at + 5), fingerprint } }
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_in_both_forms(replay in any_replay()) {
        let text = replay.to_string();
        prop_assert_eq!(Replay::parse(&text), Ok(replay.clone()), "{}", text);
        let line = replay.one_line();
        prop_assert!(!line.contains(char::is_control), "{:?}", line);
        prop_assert_eq!(Replay::parse(&line), Ok(replay), "{}", line);
    }

    #[test]
    fn a_damaged_replay_is_an_error_or_a_replay(replay in any_replay(), cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = replay.to_string().into_bytes();
        for (at, byte) in cuts {
            let at = at.index(bytes.len());
            if byte.is_multiple_of(3) { bytes.remove(at); } else { bytes[at] = byte; }
        }
        if let Err(mistakes) = Replay::parse(&String::from_utf8_lossy(&bytes)) {
            prop_assert!(!mistakes.is_empty());
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,80}", glue in "[;\" \\\\\n#a-z0-9]{0,80}") {
        prop_assert!(Replay::parse(&text).is_err());
        let headed = format!("splitbrain-replay {REPLAY_VERSION}\n{glue}");
        prop_assert!(Replay::parse(&headed).is_err());
    }

    #[test]
    fn a_replay_runs_to_the_same_end(seed in 0u64..50, moves in moves()) {
        let t = wander(seed, &moves);
        let replay = t.replay();
        let again = follow(&Replay::parse(&replay.one_line()).unwrap());
        let again = again.map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(again.replay(), replay);
        prop_assert_eq!((again.at(), again.pokes()), (t.end(), t.pokes()));
    }

    #[test]
    fn a_changed_replay_runs_or_says_where_it_differs(seed in 0u64..50, moves in moves(), which in any::<prop::sample::Index>(), by in -3i64..4, late in -3000i64..3000) {
        let mut replay = wander(seed, &moves).replay();
        if !replay.pokes.is_empty() {
            let i = which.index(replay.pokes.len());
            let p = &mut replay.pokes[i];
            p.event = p.event.saturating_add_signed(by).max(1);
            p.at = Time(p.at.0.saturating_add_signed(late));
        }
        if let Ok(changed) = Replay::parse(&replay.to_string()) {
            let ran = follow(&changed);
            prop_assert!(ran.is_ok() || !ran.unwrap_err().to_string().is_empty());
        }
    }
}

fn long_run() -> Timeline {
    let mut t = Toy::timeline(8);
    t.seek(Time(50_000));
    t.poke(&crash(1)).unwrap();
    t.poke(&Poke::Set("even".into(), "a; \"b\" 'c'".into())).unwrap();
    assert_eq!(t.seek_event(5_000), Stop::Reached);
    t
}

#[test]
fn the_text_is_for_people() {
    let t = long_run();
    let text = t.replay().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["splitbrain-replay 2", "model toy", "seed 8"]);
    assert!(lines[3].starts_with("poke ") && lines[3].ends_with(" 50us crash n2"), "{}", lines[3]);
    assert_eq!(lines.iter().filter(|l| l.starts_with("check ")).count(), 4);
    assert!(lines[5].starts_with("check 1024 "));
    assert!(lines.last().is_some_and(|l| l.starts_with("end 5000 ")));
    assert!(t.replay().command_line().contains(r"'\''c'\''"));
    let commented = format!("# what happened\n\n{text}  # not a comment only at the start\n");
    assert_eq!(Replay::parse(&commented), Ok(t.replay()));
}

#[test]
fn the_first_difference_is_named() {
    let mut replay = long_run().replay();
    replay.checks[2].fingerprint ^= 1;
    let error = follow(&replay).unwrap_err();
    assert!(matches!(error, ReplayError::Differs { event: 3072, agreed: 2048, .. }), "{error}");

    let mut replay = long_run().replay();
    replay.pokes[1].poke = crash(1);
    let error = follow(&replay).unwrap_err().to_string();
    assert!(error.ends_with("`crash n2` at 50us, is refused: n2 is down already"), "{error}");

    let mut replay = long_run().replay();
    replay.scenario.settings.push(("od".into(), "yes".into()));
    assert_eq!(follow(&replay).unwrap_err().to_string(), "the scenario cannot be started: no setting `od`");

    let mut replay = long_run().replay();
    replay.pokes[0].at = Time(40_000);
    assert!(follow(&replay).unwrap_err().to_string().starts_with("nothing can be done at 40us after "));

    let mut t = Toy::timeline(5);
    (0..3).for_each(|n| assert!(t.poke(&crash(n)).is_ok()));
    t.advance(Span::ms(1));
    let mut replay = t.replay();
    replay.end.event += 1;
    assert_eq!(follow(&replay).unwrap_err().to_string(), "the run stops after event 6, before event 7 of the replay");
}

#[test]
fn every_mistake_has_its_place() {
    let text = "modle x\nmodel toy\nseed -1\n  poke 3 1ms crsh n1; poke 2 1ms step\npoke 9 5ms heal\npoke 9 6ms heal\ncheck 7 12\nzone eu x\nseed 1\nend 5 1ms 0123456789abcdef";
    let mistakes: Vec<String> = Replay::parse(text).unwrap_err().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(mistakes.join("\n"));
}

#[test]
fn later_versions_are_not_guessed() {
    let mistakes = Replay::parse("splitbrain-replay 3; model toy; end 0 0s 0123456789abcdef").unwrap_err();
    assert_eq!(
        mistakes[0].to_string(),
        "line 1, column 19: this program reads versions 1 to 2 of replays; a newer program may read this one"
    );
    assert_eq!(Replay::parse("").unwrap_err().len(), 3);
    let older = Replay::parse("splitbrain-replay 1; model toy; end 0 0s 0123456789abcdef").unwrap();
    assert_eq!((older.version, older.to_string().lines().next()), (1, Some("splitbrain-replay 1")));
}
