//! A learner who is wrong gets an answer: misses, silence, what was told, what was shown, and runs that are not those of the step.

use super::tests::{ALIVE, COMPARE, PREDICT, SAY, TRY, at, halt, poke};
use super::*;
use crate::lesson::testing::{changed, read};
use crate::sim::time::Time;

fn poked(walk: &mut Walk, text: &str) {
    walk.poke(&poke(text)).unwrap_or_else(|why| panic!("{why}"));
}

/// The lesson of the tests with a change, at a step.
fn at_changed(from: &str, to: &str, step: usize) -> Walk {
    let lesson = read(&changed(from, to)).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let mut walk = Walk::start(Arc::new(lesson), &Brake::default()).unwrap_or_else(|m| panic!("{m}"));
    walk.go_to(step).unwrap_or_else(|m| panic!("{m}"));
    walk
}

#[test]
fn two_seconds_of_heartbeats_stop_play_and_the_next_two_again() {
    let mut walk = at(TRY);
    let (frame, two) = (walk.pace().scaled(0.1), walk.pace().scaled(2.0));
    for _ in 0..2 {
        let start = walk.stage().at();
        let frames = (1..100).find(|_| walk.advance(frame).halt == Some(Halt::Quiet));
        assert_eq!(walk.stage().at().since(start), two, "after {frames:?} frames");
    }
}

#[test]
fn play_goes_on_while_a_client_waits() {
    let mut walk = at(TRY);
    for line in ["set request-timeout 5s", "cut c1 | n1 n2 n3", "c1 write x 5"] {
        poked(&mut walk, line);
    }
    let frame = walk.pace().scaled(0.1);
    while walk.advance(frame).halt.is_none() {}
    let last = walk.cluster().exchanges().pop().expect("c1 has asked");
    assert!(last.ended.is_some(), "it did not stop before c1 gave up");
}

#[test]
fn play_goes_on_while_something_is_about_to_happen() {
    let mut walk = at(TRY);
    poked(&mut walk, "crash n1");
    let frame = walk.pace().scaled(0.1);
    while walk.advance(frame).halt.is_none() {}
    let Stage::One(run) = walk.stage() else { panic!("one") };
    let leads = run.happenings(Time::ZERO).any(|h| matches!(h.what, crate::cluster::What::Note { .. }));
    assert!(leads, "it did not stop before the others chose");
}

#[test]
fn a_comparison_that_was_poked_gives_no_verdict_until_that_is_taken_back() {
    let mut walk = at(COMPARE);
    walk.advance(Span::ms(10));
    let before = walk.stage().at();
    poked(&mut walk, "crash n2");
    assert!(walk.is_off_the_story() && !walk.is_as_said() && walk.pokes() == 1);
    walk.advance(Span::s(60));
    assert_eq!(walk.progress()[COMPARE], Progress::Seen);
    assert_eq!((walk.undo(), walk.undo()), (Some(poke("crash n2")), None));
    assert_eq!((walk.stage().at(), walk.is_off_the_story(), walk.is_as_said()), (before, false, true));
    while halt(&mut walk) != Some(Halt::End) {}
    assert_eq!(walk.progress()[COMPARE], Progress::Done);
    poked(&mut walk, "heal");
    assert!(walk.is_as_said(), "what is done after the end changes nothing that was seen");
}

#[test]
fn what_is_said_of_two_designs_is_asked_of_the_runs_that_were_made() {
    let walk =
        at_changed("name = \"without a lease\", holds = \"leaders >= 2\"", "name = \"without a lease\", holds = \"leaders >= 9\"", COMPARE);
    assert!(!walk.is_off_the_story() && !walk.is_as_said());
}

#[test]
fn a_comparison_stops_at_the_first_difference_and_at_every_answer() {
    let from = "do = [\"cut n1 | n2 n3\", \"run 2s\"]\nlook";
    let mut walk = at_changed(
        from,
        "do = [\"c1 write x 1\", \"run 300ms\", \"cut n1 | n2 n3\", \"run 2s\", \"c1 read x\", \"run 1s\"]\nlook",
        COMPARE,
    );
    let halts: Vec<Halt> = std::iter::from_fn(|| halt(&mut walk).filter(|halt| *halt != Halt::End)).collect();
    assert_eq!(halts.iter().filter(|halt| **halt == Halt::Differs).count(), 1, "{halts:?}");
    assert!(halts.contains(&Halt::Told), "{halts:?}");
    let back = walk.back_to_stop().and_then(|moved| moved.halt);
    assert!(back.is_some_and(|halt| halts.contains(&halt)));
}

#[test]
fn what_was_told_is_no_prediction() {
    let mut walk = at(PREDICT);
    assert_eq!(walk.tell_option(), Ok(()));
    assert!(walk.choose(0).is_err() && walk.tell_option().is_err());
    assert_eq!(halt(&mut walk), Some(Halt::End));
    let summary = walk.summary();
    assert_eq!((summary.right(), summary.predictions[0].given, summary.predictions[0].said.clone()), ((0, 0), true, None));
}

#[test]
fn a_summary_says_what_was_believed_and_what_was_brought_about() {
    let mut walk = at(PREDICT);
    assert_eq!(walk.choose(0), Ok(()));
    walk.go_to(TRY).unwrap_or_else(|m| panic!("{m}"));
    poked(&mut walk, "cut n1 | n2 n3");
    assert_eq!(halt(&mut walk), Some(Halt::Goal));
    let summary = walk.summary();
    assert_eq!(summary.right(), (0, 1));
    assert!(summary.predictions[0].said.is_some() && !summary.predictions[0].right);
    let goals: Vec<_> = summary.goals.iter().map(|goal| (goal.id.as_str(), goal.reached, goal.best_known)).collect();
    assert_eq!(goals, [("make-two", Some(1), 1), ("alive", None, 2)]);
}

#[test]
fn a_shown_solution_stops_after_each_command_and_counts_for_nobody() {
    let mut walk = at(ALIVE);
    walk.show_solution(0).unwrap_or_else(|m| panic!("{m}"));
    let count = walk.solution().map_or(0, |(lines, _)| lines.len());
    let halts: Vec<Halt> = std::iter::from_fn(|| halt(&mut walk).filter(|halt| *halt != Halt::End)).collect();
    assert_eq!(halts, (0..count - 1).map(Halt::Command).collect::<Vec<_>>());
    assert_eq!(walk.solution().map(|(_, done)| done), Some(count));
    assert_eq!((walk.pokes(), walk.goal().and_then(|goal| goal.reached)), (0, None));
    poked(&mut walk, "crash n2");
    assert_eq!(walk.pokes(), 1);
}

#[test]
fn the_way_back_leads_before_the_poke_that_ended_it() {
    let ends = "when = \"nodes_up < 3\", ends = true, say";
    let mut walk = at_changed("when = \"nodes_up < 3\", say", ends, ALIVE);
    poked(&mut walk, "c1 write x 1");
    assert_eq!((walk.is_out_of_reach(), walk.way_back()), (false, None));
    poked(&mut walk, "crash n1");
    poked(&mut walk, "c2 write x 2");
    assert!(walk.is_out_of_reach());
    assert_eq!(walk.way_back(), Some((2, poke("crash n1"))));
}

#[test]
fn one_goes_back_from_stop_to_stop() {
    let mut walk = at(SAY);
    let start = walk.stage().at();
    assert!(walk.back_to_stop().is_none());
    let mut stops = Vec::new();
    while halt(&mut walk) != Some(Halt::End) {
        stops.push(walk.stage().at());
    }
    for stop in stops.into_iter().rev().chain([start]) {
        assert!(walk.back_to_stop().is_some_and(|moved| moved.moved));
        assert_eq!(walk.stage().at(), stop);
    }
    assert!(walk.back_to_stop().is_none());
}
