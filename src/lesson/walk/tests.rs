//! How it teaches, line by line: predict first, nothing moves by itself, hints and solutions on request, the author's state.

use proptest::prelude::*;

use super::*;
use crate::cluster::facts::{FactValue, Facts};
use crate::command::{Command, Poke};
use crate::lesson::testing::{changed, example, read};
use crate::sim::time::{Span, Time};
use crate::timeline::Brake;

pub(super) const SAY: usize = 0;
pub(super) const PREDICT: usize = 1;
pub(super) const TRY: usize = 2;
pub(super) const ALIVE: usize = 3;
pub(super) const COMPARE: usize = 4;
const MEASURE: usize = 5;

pub(super) fn at(step: usize) -> Walk {
    let mut walk = Walk::start(Arc::new(example()), &Brake::default()).unwrap_or_else(|m| panic!("{m}"));
    walk.go_to(step).unwrap_or_else(|m| panic!("{m}"));
    walk
}

pub(super) fn poke(text: &str) -> Poke {
    match crate::cluster::replicated::MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{text}: {other:?}"),
    }
}

fn cut() -> Poke {
    poke("cut n1 | n2 n3")
}

fn leaders(cluster: &dyn Cluster) -> i64 {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    if let Some(FactValue::Int(n)) = facts.get("leaders") { *n } else { panic!("leaders") }
}

/// Where the clock stands, and in which state the cluster is.
fn state(walk: &Walk) -> (Time, u64, u64) {
    (walk.stage().at(), walk.cluster().events(), walk.cluster().fingerprint())
}

/// Plays on until it halts.
pub(super) fn halt(walk: &mut Walk) -> Option<Halt> {
    walk.advance(Span::s(60)).halt
}

#[test]
fn nothing_moves_before_a_prediction() {
    let mut walk = at(PREDICT);
    let before = state(&walk);
    let locked = Moved { moved: false, halt: Some(Halt::Locked) };
    assert_eq!(walk.advance(Span::s(1)), locked);
    assert_eq!(walk.step_on(), locked);
    assert_eq!(walk.step_back(), locked);
    assert_eq!(walk.seek(Time(0)), locked);
    assert_eq!(walk.next_noteworthy(), locked);
    assert!(walk.poke(&cut()).is_err_and(|refused| refused.0.contains("choose an answer first")));
    assert!(walk.undo().is_none() && walk.prediction().is_none() && !walk.show_option(0));
    assert_eq!(state(&walk), before);
}

#[test]
fn a_choice_stands_and_is_compared_with_what_happened() {
    let mut walk = at(PREDICT);
    assert!(walk.choose(7).is_err());
    assert_eq!(walk.choose(0), Ok(()));
    assert!(walk.choose(1).is_err_and(|why| why.contains("the first choice stands")));
    assert_eq!(walk.prediction(), Some(Prediction { chosen: 0, given: false, shown: false }));
    assert_eq!(leaders(walk.cluster()), 1);
    assert_eq!(halt(&mut walk), Some(Halt::End));
    assert_eq!(walk.prediction(), Some(Prediction { chosen: 0, given: false, shown: true }));
    assert_eq!(leaders(walk.cluster()), 2);
    walk.go_to(SAY).unwrap_or_else(|m| panic!("{m}"));
    walk.go_to(PREDICT).unwrap_or_else(|m| panic!("{m}"));
    assert!(!walk.is_locked());
    assert_eq!(walk.prediction(), Some(Prediction { chosen: 0, given: false, shown: true }));
}

#[test]
fn an_option_can_be_seen_at_its_moment() {
    let mut walk = at(PREDICT);
    assert_eq!(walk.choose(0), Ok(()));
    assert!(walk.show_option(1));
    let first = walk.stage().at();
    assert_eq!(leaders(walk.cluster()), 2);
    walk.step_back();
    assert_eq!(leaders(walk.cluster()), 1);
    assert!(walk.show_option(0) && walk.stage().at() > first);
}

#[test]
fn forward_and_back_is_the_same_state() {
    let mut walk = at(SAY);
    let before = state(&walk);
    let steps = (0..40).take_while(|_| walk.step_on().moved).count();
    for _ in 0..steps {
        walk.step_back();
    }
    assert_eq!((walk.cluster().events(), walk.cluster().fingerprint()), (before.1, before.2));
}

#[test]
fn play_stops_at_the_marks_and_at_the_end_and_then_goes_on() {
    let mut walk = at(SAY);
    let start = walk.stage().at();
    assert_eq!(walk.progress()[SAY], Progress::Seen);
    assert_eq!(halt(&mut walk), Some(Halt::Mark(1)));
    assert_eq!(halt(&mut walk), Some(Halt::Mark(0)));
    assert_eq!(walk.stage().at(), start + Span::ms(500));
    assert_eq!(halt(&mut walk), Some(Halt::End));
    assert_eq!(walk.stage().at(), start + Span::s(1));
    assert_eq!(walk.progress()[SAY], Progress::Done);
    assert_eq!(walk.advance(Span::s(5)), Moved { moved: true, halt: Some(Halt::Quiet) });
    assert_eq!(walk.stage().at(), start + Span::s(6));
}

#[test]
fn every_step_opens_as_its_author_meant() {
    let untouched = state(&at(PREDICT));
    let mut walk = at(SAY);
    walk.advance(Span::ms(100));
    assert_eq!(walk.poke(&poke("crash n2")), Ok(crate::timeline::Poked::Branched));
    assert!(walk.is_off_the_story());
    assert!(walk.next_step().is_ok_and(|went| went));
    assert_eq!(state(&walk), untouched);
    walk.go_to(TRY).unwrap_or_else(|m| panic!("{m}"));
    walk.poke(&cut()).unwrap_or_else(|why| panic!("{why}"));
    walk.go_to(PREDICT).unwrap_or_else(|m| panic!("{m}"));
    assert_eq!(state(&walk), untouched);
    walk.go_to(SAY).unwrap_or_else(|m| panic!("{m}"));
    assert!(!walk.is_off_the_story());
    assert_eq!(state(&walk), state(&at(SAY)));
}

#[test]
fn undoing_the_only_poke_returns_to_the_story() {
    let mut walk = at(SAY);
    walk.advance(Span::ms(100));
    let before = state(&walk);
    walk.poke(&poke("crash n2")).unwrap_or_else(|why| panic!("{why}"));
    walk.poke(&poke("crash n3")).unwrap_or_else(|why| panic!("{why}"));
    walk.advance(Span::ms(50));
    assert_eq!((walk.pokes(), walk.undo()), (2, Some(poke("crash n3"))));
    assert_eq!((walk.undo(), walk.undo()), (Some(poke("crash n2")), None));
    assert_eq!(state(&walk), before);
    assert!(!walk.is_off_the_story());
    while halt(&mut walk) != Some(Halt::End) {}
    assert_eq!(state(&walk), state(&at(PREDICT)));
}

#[test]
fn what_is_undone_does_not_come_back_by_itself() {
    let mut walk = at(TRY);
    walk.poke(&cut()).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(walk.undo(), Some(cut()));
    assert_eq!(halt(&mut walk), Some(Halt::Quiet));
    assert_eq!((walk.pokes(), leaders(walk.cluster())), (0, 1));
}

#[test]
fn what_was_tried_is_there_when_one_comes_back() {
    let mut walk = at(TRY);
    walk.poke(&cut()).unwrap_or_else(|why| panic!("{why}"));
    walk.advance(Span::ms(50));
    let left = state(&walk);
    assert!(walk.next_step().is_ok() && walk.previous_step().is_ok());
    assert_eq!((state(&walk), walk.pokes()), (left, 1));
    walk.restart().unwrap_or_else(|m| panic!("{m}"));
    assert_eq!(walk.pokes(), 0);
}

#[test]
fn the_answer_opens_after_one_attempt_or_on_request() {
    let mut walk = at(TRY);
    walk.advance(Span::s(1));
    assert!(!walk.answer_is_open());
    assert!(walk.poke(&poke("crash n9")).is_err() && !walk.answer_is_open());
    walk.poke(&poke("crash n2")).unwrap_or_else(|why| panic!("{why}"));
    assert!(walk.answer_is_open());
    let mut walk = at(SAY);
    walk.tell_me();
    assert!(walk.answer_is_open());
}

#[test]
fn a_lesson_without_goals_opens_its_answer_at_the_end() {
    let text = changed("[[step]]\nkind = \"try\"", "[[unused]]").replacen("[[step]]\nkind = \"compare\"", "[[next]]", 1);
    let (before, rest) = text.split_once("[[unused]]").expect("it was put there");
    let (_, after) = rest.split_once("[[next]]").expect("it was put there");
    let text = format!("{before}[[step]]\nkind = \"compare\"{after}").replace("\"make-two\"", "\"leases\"");
    let lesson = read(&text).unwrap_or_else(|m| panic!("{m}"));
    let mut walk = Walk::start(Arc::new(lesson), &Brake::default()).unwrap_or_else(|m| panic!("{m}"));
    assert!(walk.next_step().is_ok() && walk.choose(0).is_ok());
    while halt(&mut walk) != Some(Halt::End) {}
    assert!(!walk.answer_is_open() && walk.next_step().is_ok());
    assert_eq!((halt(&mut walk), halt(&mut walk)), (Some(Halt::Differs), Some(Halt::End)));
    assert!(!walk.answer_is_open() && walk.next_step().is_ok());
    walk.measure().unwrap_or_else(|m| panic!("{m}"));
    assert!(walk.is_done() && walk.answer_is_open());
    assert_eq!(walk.next_step(), Ok(false));
}

#[test]
fn the_goal_is_watched_after_every_event() {
    let mut walk = at(TRY);
    assert_eq!(walk.goal_now().as_deref(), Some("leaders = 1"));
    assert_eq!((walk.goal_holds(), walk.best_known()), (false, Some(1)));
    walk.poke(&cut()).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(halt(&mut walk), Some(Halt::Goal));
    assert_eq!((walk.goal_holds(), leaders(walk.cluster())), (true, 2));
    assert_eq!(walk.goal().and_then(|g| g.reached), Some(1));
    assert_eq!(walk.progress()[TRY], Progress::Done);
    walk.step_back();
    assert!(!walk.goal_holds() && walk.progress()[TRY] == Progress::Done);
    assert_eq!(walk.undo(), Some(cut()));
    assert_eq!((walk.pokes(), walk.undo()), (0, None));
}

#[test]
fn the_fewest_pokes_are_remembered() {
    let mut walk = at(TRY);
    for extra in [true, false] {
        walk.restart().unwrap_or_else(|m| panic!("{m}"));
        if extra {
            walk.poke(&poke("c1 write x 2")).unwrap_or_else(|why| panic!("{why}"));
        }
        walk.poke(&cut()).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(halt(&mut walk), Some(Halt::Goal));
        assert_eq!(walk.goal().and_then(|g| g.reached), Some(if extra { 2 } else { 1 }));
    }
    assert_eq!(walk.goal().map(|g| g.attempts), Some(2));
}

#[test]
fn the_fewest_known_counts_ways_searches_and_the_learner() {
    let long = changed("solution = [\"cut n1 | n2 n3\", \"run 2s\"]", "solution = [\"c1 write x 2\", \"cut n1 | n2 n3\", \"run 2s\"]");
    let walk_of = |text: &str| {
        let lesson = read(text).unwrap_or_else(|m| panic!("{m}"));
        let mut walk = Walk::start(Arc::new(lesson), &Brake::default()).unwrap_or_else(|m| panic!("{m}"));
        walk.go_to(TRY).unwrap_or_else(|m| panic!("{m}"));
        walk
    };
    let ways = "ways = [[\"fire n2 detection\", \"run 1s\"], [\"promote n2\", \"run 1s\"]]\n";
    assert!(long.contains(ways));
    assert_eq!(walk_of(&long).best_known(), Some(1), "another way of the lesson");
    let mut walk = walk_of(&long.replacen(ways, "", 1));
    assert_eq!(walk.best_known(), Some(2), "the solution");
    walk.poke(&poke("c1 write x 2")).unwrap_or_else(|why| panic!("{why}"));
    walk.note_way(2);
    assert_eq!(walk.best_known(), Some(2), "what a search finds comes after what was done");
    assert!(walk.undo().is_some());
    walk.note_way(1);
    assert_eq!((walk.best_known(), walk.summary().goals[0].best_known), (Some(1), 1), "what a search found");
}

#[test]
fn hints_come_one_by_one_and_only_when_asked() {
    let mut walk = at(TRY);
    walk.poke(&poke("crash n1")).unwrap_or_else(|why| panic!("{why}"));
    walk.advance(Span::s(5));
    assert!(walk.hints().is_empty());
    assert_eq!(walk.hint(), Some((1, "Look at n1.".to_string())));
    assert_eq!(walk.hint().map(|(n, _)| n), Some(2));
    assert_eq!(walk.hint().map(|(n, _)| n), Some(3));
    assert_eq!((walk.hint(), walk.hints().len()), (None, 3));
}

#[test]
fn a_shown_solution_is_not_the_learners() {
    let mut walk = at(TRY);
    walk.show_solution(0).unwrap_or_else(|m| panic!("{m}"));
    assert_eq!(walk.solution_next().as_deref(), Some("cut n1 | n2 n3"));
    assert_eq!(leaders(walk.cluster()), 1);
    assert_eq!(walk.solution_next().as_deref(), Some("run 2s"));
    assert_eq!((walk.solution_next(), leaders(walk.cluster())), (None, 2));
    let goal = walk.goal().expect("a goal");
    assert_eq!((goal.reached, goal.shown), (None, Some(Shown { played: 2, of: 2 })));
    assert_eq!(walk.progress()[TRY], Progress::Seen);
}

#[test]
fn a_shown_solution_can_be_played_too() {
    let mut walk = at(TRY);
    walk.show_solution(0).unwrap_or_else(|m| panic!("{m}"));
    assert_eq!((halt(&mut walk), halt(&mut walk)), (Some(Halt::Command(0)), Some(Halt::End)));
    assert_eq!((leaders(walk.cluster()), walk.progress()[TRY]), (2, Progress::Seen));
    assert_eq!(walk.goal().and_then(|g| g.shown), Some(Shown { played: 2, of: 2 }));
}

#[test]
fn the_last_pokes_can_be_left_to_the_learner() {
    let mut walk = at(TRY);
    walk.show_solution(1).unwrap_or_else(|m| panic!("{m}"));
    assert_eq!((walk.solution_next(), walk.goal_holds()), (None, false));
    walk.poke(&cut()).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(halt(&mut walk), Some(Halt::Goal));
    assert_eq!(walk.progress()[TRY], Progress::Done);
}

#[test]
fn two_designs_get_the_same_pokes() {
    let mut walk = at(COMPARE);
    let Stage::Two(pair) = walk.stage() else { panic!("two") };
    assert_eq!((pair.pokes().len(), pair.pokes_done()), (1, 0));
    assert_eq!(halt(&mut walk), Some(Halt::Differs));
    assert_eq!(halt(&mut walk), Some(Halt::End));
    let Stage::Two(pair) = walk.stage() else { panic!("two") };
    assert_eq!((leaders(pair.a().cluster()), leaders(pair.b().cluster())), (2, 1));
    assert!(pair.divergence().is_some());
    assert_eq!(walk.progress()[COMPARE], Progress::Done);
    assert!(walk.poke(&poke("heal")).is_ok() && walk.poke(&poke("crash n9")).is_err());
    assert_eq!((walk.undo(), walk.undo()), (Some(poke("heal")), None));
}

#[test]
fn typed_commands_obey_the_step() {
    let mut walk = at(TRY);
    let typed = |text: &str| crate::cluster::replicated::MODEL.language.parse(text).unwrap_or_else(|error| panic!("{error}"));
    assert!(walk.command(&typed("seed 3"), None).is_err());
    assert!(walk.command(&typed("crash n9"), None).is_err());
    assert!(walk.command(&typed("step 3"), None).is_ok_and(|m| m.moved));
    assert!(walk.command(&typed("cut n1 | n2 n3"), None).is_ok_and(|m| m.moved));
    assert_eq!(walk.command(&typed("run 5s"), None).map(|m| m.halt), Ok(Some(Halt::Goal)));
}

/// Anything a learner may do.
#[derive(Clone, Debug)]
enum Deed {
    Go(usize),
    Next,
    Previous,
    Restart,
    Choose(usize),
    Show(usize),
    Advance(u64),
    StepOn,
    StepBack,
    Seek(u64),
    Noteworthy(bool),
    Poke(usize),
    Undo,
    Hint,
    Solution(usize),
    SolutionNext,
    Tell,
    BackToStop,
}

const POKES: [&str; 5] = ["cut n1 | n2 n3", "heal", "crash n1", "restart n1", "c1 write x 5"];

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        1 => (0usize..5).prop_map(Deed::Go),
        1 => Just(Deed::Next),
        1 => Just(Deed::Previous),
        1 => Just(Deed::Restart),
        1 => (0usize..3).prop_map(Deed::Choose),
        1 => (0usize..3).prop_map(Deed::Show),
        3 => (0u64..900).prop_map(Deed::Advance),
        1 => Just(Deed::StepOn),
        1 => Just(Deed::StepBack),
        1 => (0u64..2500).prop_map(Deed::Seek),
        1 => any::<bool>().prop_map(Deed::Noteworthy),
        3 => (0usize..POKES.len()).prop_map(Deed::Poke),
        1 => Just(Deed::Undo),
        1 => Just(Deed::Hint),
        1 => (0usize..3).prop_map(Deed::Solution),
        1 => Just(Deed::SolutionNext),
        1 => Just(Deed::Tell),
        1 => Just(Deed::BackToStop),
    ];
    prop::collection::vec(deed, 1..25)
}

fn carry_out(walk: &mut Walk, deed: &Deed) {
    let went = match deed {
        Deed::Go(index) => walk.go_to(*index),
        Deed::Next => walk.next_step().map(|_| ()),
        Deed::Previous => walk.previous_step().map(|_| ()),
        Deed::Restart => walk.restart(),
        Deed::Solution(leave) => walk.show_solution(*leave),
        _ => Ok(()),
    };
    went.unwrap_or_else(|mistakes| panic!("{mistakes}"));
    match deed {
        Deed::Choose(option) => drop(walk.choose(*option)),
        Deed::Show(option) => _ = walk.show_option(*option),
        Deed::Advance(ms) => _ = walk.advance(Span::ms(*ms)),
        Deed::StepOn => _ = walk.step_on(),
        Deed::StepBack => _ = walk.step_back(),
        Deed::Seek(ms) => _ = walk.seek(Time(0) + Span::ms(*ms)),
        Deed::Noteworthy(true) => _ = walk.next_noteworthy(),
        Deed::Noteworthy(false) => _ = walk.previous_noteworthy(),
        Deed::Poke(which) => drop(walk.poke(&poke(POKES[*which]))),
        Deed::Undo => drop(walk.undo()),
        Deed::Hint => drop(walk.hint()),
        Deed::SolutionNext => drop(walk.solution_next()),
        Deed::Tell => drop(walk.tell_option()),
        Deed::BackToStop => drop(walk.back_to_stop()),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn whatever_one_does_a_locked_step_stands_still_and_steps_open_alike(deeds in deeds()) {
        let mut walk = at(SAY);
        let opening = state(&at(PREDICT));
        for deed in &deeds {
            let progress = walk.progress();
            carry_out(&mut walk, deed);
            if walk.is_locked() {
                prop_assert_eq!(state(&walk), opening);
            }
            let lost = progress.iter().zip(walk.progress()).any(|(before, after)| *before == Progress::Done && after != Progress::Done);
            prop_assert!(!lost, "what is done stays done");
        }
    }
}

#[test]
fn a_miss_stops_play_once_and_is_said_while_it_stands() {
    let mut walk = at(ALIVE);
    walk.poke(&poke("crash n1")).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(walk.miss(), Some(0), "a poke that misses is told at once");
    assert_eq!(walk.clauses(), [false, false]);
    assert_eq!(walk.undo(), Some(poke("crash n1")));
    assert_eq!(walk.miss(), None);
    assert_eq!(walk.clauses(), [false, true]);
    walk.restart().unwrap_or_else(|m| panic!("{m}"));
    assert!(walk.goal().is_some_and(|goal| goal.missed.is_empty()));
}

#[test]
fn play_stops_where_a_miss_comes_true_by_itself() {
    let text = changed("when = \"nodes_up < 3\", say", "when = \"failovers >= 1 && nodes_up < 3\", ends = true, say");
    let mut walk = Walk::start(Arc::new(read(&text).expect("it reads")), &Brake::default()).unwrap_or_else(|m| panic!("{m}"));
    walk.go_to(ALIVE).unwrap_or_else(|m| panic!("{m}"));
    walk.poke(&poke("crash n1")).unwrap_or_else(|why| panic!("{why}"));
    assert!(walk.miss().is_none() && !walk.is_out_of_reach());
    assert_eq!(halt(&mut walk), Some(Halt::Miss(0)));
    assert!(walk.is_out_of_reach());
    assert_eq!(halt(&mut walk), Some(Halt::Quiet), "it is told once in an attempt");
}

#[test]
fn the_reason_is_that_of_the_run() {
    let mut walk = at(ALIVE);
    assert_eq!(walk.reason(), None);
    walk.show_solution(0).unwrap_or_else(|m| panic!("{m}"));
    while walk.solution_next().is_some() {}
    assert!(walk.goal_holds() && walk.clauses() == [true, true]);
    assert_eq!(walk.reason(), Some("The old leader said ok alone."));
}

#[test]
fn a_table_is_measured_on_request_and_each_run_can_be_seen() {
    let mut walk = at(MEASURE);
    assert!(walk.table().is_none());
    walk.measure().unwrap_or_else(|m| panic!("{m}"));
    let table = walk.table().expect("it was measured").clone();
    assert_eq!(table.rows.len(), 4);
    assert!(table.rows.iter().flatten().all(|cell| cell.of == 3 && cell.mean.is_some()));
    assert_eq!(walk.progress()[MEASURE], Progress::Done);
    walk.show_row(3).unwrap_or_else(|m| panic!("{m}"));
    assert_eq!(halt(&mut walk), Some(Halt::End));
    let gap = table.rows[3][0];
    let seen = crate::lesson::question::Fact { name: "unavailable_ms".into(), node: None, at: 0..0 }.value(walk.cluster());
    assert!(seen.is_some_and(|value| (gap.least..=gap.most).contains(&value)), "{seen:?} is not in {gap:?}");
}

#[test]
fn a_prediction_of_chance_shows_what_other_seeds_give() {
    let text = changed("then = [\"cut n1 | n2 n3\", \"run 2s\"]", "chance = \"unavailable_ms\"\nthen = [\"cut n1 | n2 n3\", \"run 2s\"]");
    let mut walk = Walk::start(Arc::new(read(&text).expect("it reads")), &Brake::default()).unwrap_or_else(|m| panic!("{m}"));
    walk.go_to(PREDICT).unwrap_or_else(|m| panic!("{m}"));
    assert!(walk.spread().is_none());
    assert_eq!(walk.choose(0), Ok(()));
    assert_eq!(walk.spread().map(<[f64]>::len), Some(many::CHANCES as usize));
}

#[test]
fn a_step_may_have_its_own_pace() {
    assert_eq!((at(SAY).pace(), at(PREDICT).pace()), (Span::ms(40), Span::ms(200)));
}
