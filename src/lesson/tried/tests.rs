//! Rows and outcomes on a real cluster: what came of a branch is what a run without a tree comes to.

use proptest::prelude::*;

use super::*;
use crate::cluster::facts::Facts;
use crate::cluster::phrase::phrase;
use crate::command::{Command, Poke};
use crate::lesson::testing::{example, read};
use crate::lesson::walk::Walk;
use crate::sim::time::Span;
use crate::timeline::{Brake, Timeline};

/// The step of the example that asks for two leaders.
const TRY: usize = 2;

fn poke(text: &str) -> Poke {
    match crate::cluster::replicated::MODEL.language.parse(text) {
        Ok(Command::Poke(poke)) => poke,
        other => panic!("{text}: {other:?}"),
    }
}

fn at(step: usize) -> Walk {
    let mut walk = Walk::start(Arc::new(example()), &Brake::default()).unwrap_or_else(|m| panic!("{m}"));
    walk.go_to(step).unwrap_or_else(|m| panic!("{m}"));
    walk
}

fn act(walk: &mut Walk, text: &str) {
    walk.poke(&poke(text)).unwrap_or_else(|why| panic!("{text}: {why}"));
}

/// Back to the start of the step, crash, play; back, cut, play; after the cut, a write, and in its place a heal.
fn tried() -> Walk {
    let mut walk = at(TRY);
    act(&mut walk, "crash n1");
    walk.advance(Span::s(1));
    walk.restart().unwrap_or_else(|m| panic!("{m}"));
    act(&mut walk, "cut n1 | n2 n3");
    walk.advance(Span::ms(900));
    act(&mut walk, "c1 write x 5 to n1");
    walk.advance(Span::ms(300));
    walk.undo();
    act(&mut walk, "heal");
    walk.advance(Span::s(2));
    walk
}

fn own(tried: &Tried) -> Vec<&Row> {
    tried.rows.iter().filter(|row| !row.given).collect()
}

fn texts(row: &Row) -> Vec<String> {
    row.pokes.iter().map(|(_, poke)| poke.poke.to_string()).collect()
}

#[test]
fn rows_are_stretches_without_a_fork_the_newest_first() {
    let walk = tried();
    let tree = walk.tried().unwrap();
    let shown: Vec<(Vec<String>, usize, bool)> = own(&tree).iter().map(|row| (texts(row), row.level, row.is_last)).collect();
    let words = |text: &str| vec![text.to_string()];
    assert_eq!(
        shown,
        [
            (words("cut n1 | n2 n3"), 1, false),
            (words("heal"), 2, false),
            (words("c1 write x 5 to n1"), 2, true),
            (words("crash n1"), 1, true)
        ]
    );
    assert_eq!(texts(&tree.rows[tree.here]), ["heal"]);
    assert_eq!((tree.ends, tree.own), (3, 4));
    let numbers: Vec<u32> = own(&tree).iter().map(|row| row.number()).collect();
    let first = numbers.iter().min().copied().unwrap_or_default();
    assert_eq!(numbers.iter().map(|n| n - first).collect::<Vec<_>>(), [1, 3, 2, 0], "pokes have the numbers in which they were made");
    assert_eq!(tree.rows.iter().filter(|row| row.opens.is_some()).count(), 1);
}

#[test]
fn what_came_of_a_branch_is_said_in_the_words_of_its_facts() {
    let walk = tried();
    let (tree, asks) = (walk.tried().unwrap(), walk.asks());
    let of = |text: &str| {
        let row = own(&tree).into_iter().find(|row| texts(row) == [text]).unwrap();
        asks.outcome(walk.timeline(), row)
    };
    let cut = of("cut n1 | n2 n3");
    assert_eq!(cut.goal, Some(true), "{cut:?}");
    assert_eq!(cut.changed.first().map(|change| (change.now.as_str(), change.was.as_deref())), Some(("2 leaders", Some("1"))));
    let crash = of("crash n1");
    assert_eq!(crash.goal, Some(false));
    assert!(!crash.changed.iter().any(|change| change.now == "2 leaders") && !crash.changed.is_empty(), "{crash:?}");
    let lost = of("heal");
    assert!(lost.changed.iter().any(|change| change.now == "1 leader" && change.was.as_deref() == Some("2")), "{lost:?}");
}

/// Every fact in the outcome of a row, against a run that is played from the start without a tree.
fn check_outcome(walk: &Walk, row: &Row) {
    let outcome = walk.asks().outcome(walk.timeline(), row);
    let mut alone = Timeline::new(walk.timeline().scenario().clone()).unwrap();
    let mut there = walk.timeline().fork();
    there.visit_end(row.last);
    for poke in there.pokes() {
        alone.seek_event(poke.event - 1);
        alone.run_to(poke.at);
        alone.poke(&poke.poke).unwrap();
    }
    alone.go(row.end.events, row.end.at);
    assert_eq!(alone.cluster().fingerprint(), row.end.fingerprint);
    let mut facts = Facts::default();
    alone.cluster().facts(&mut facts);
    for change in &outcome.changed {
        let value = facts.get(change.fact).unwrap();
        assert!(phrase(change.fact, value).is_none_or(|words| words == change.now), "{change:?} is {value}");
    }
    let goal = walk.asks().goal_of(alone.cluster());
    assert_eq!(outcome.goal, goal);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn outcomes_are_those_of_runs_without_a_tree(moves in prop::collection::vec((0usize..6, 0u64..900), 1..14)) {
        const POKES: [&str; 6] = ["cut n1 | n2 n3", "heal", "crash n1", "restart n1", "c1 write x 5", "c2 read x"];
        let mut walk = at(TRY);
        for (number, (which, ms)) in moves.iter().enumerate() {
            drop(walk.poke(&poke(POKES[*which])));
            walk.advance(Span::ms(*ms));
            match number % 4 {
                1 => drop(walk.undo()),
                3 => walk.restart().unwrap_or_else(|m| panic!("{m}")),
                _ => {}
            }
        }
        let tree = walk.tried().unwrap();
        for row in own(&tree) {
            check_outcome(&walk, row);
            for point in row.points() {
                let mut there = walk.clone();
                prop_assert!(there.visit(row.last, (point.events, point.at)));
                prop_assert_eq!((there.timeline().events(), there.timeline().at()), (point.events, point.at));
            }
        }
    }
}

#[test]
fn what_was_tried_outlasts_leaving_the_step_and_starting_it_again() {
    let mut walk = tried();
    let before = walk.tried().unwrap();
    let here = (walk.timeline().events(), walk.timeline().at());
    for step in [0, 1, TRY] {
        walk.go_to(step).unwrap_or_else(|m| panic!("{m}"));
    }
    assert_eq!((walk.timeline().events(), walk.timeline().at()), here, "a try step stays as it was left");
    walk.restart().unwrap_or_else(|m| panic!("{m}"));
    let after = walk.tried().unwrap();
    assert_eq!(after.own, before.own);
    assert_eq!(after.rows[after.here].opens.map(|(events, _)| events), Some(walk.timeline().events()));
    let fresh = at(TRY);
    assert_eq!(walk.cluster().fingerprint(), fresh.cluster().fingerprint(), "it starts as it opened");
    assert_eq!(walk.pokes(), 0);
    // A `say` step too, which starts again with its script ahead.
    walk.go_to(0).unwrap_or_else(|m| panic!("{m}"));
    act(&mut walk, "crash n2");
    walk.advance(Span::ms(100));
    walk.go_to(1).unwrap_or_else(|m| panic!("{m}"));
    walk.go_to(0).unwrap_or_else(|m| panic!("{m}"));
    assert_eq!(walk.cluster().fingerprint(), at(0).cluster().fingerprint());
    assert!(!walk.is_off_the_story());
    assert_eq!(walk.tried().unwrap().own, 1);
}

#[test]
fn starting_again_brings_no_poke_back_by_itself() {
    let mut walk = at(TRY);
    act(&mut walk, "cut n1 | n2 n3");
    walk.advance(Span::ms(900));
    act(&mut walk, "heal");
    walk.restart().unwrap_or_else(|m| panic!("{m}"));
    act(&mut walk, "cut n1 | n2 n3");
    assert_eq!(walk.timeline().pokes().len(), walk.timeline().pokes_done(), "the heal is not ahead");
    assert_eq!(walk.tried().unwrap().own, 2, "and it is still among what was tried");
}

#[test]
fn a_shown_solution_is_the_lessons_and_no_way_to_the_goal() {
    let mut walk = at(TRY);
    walk.show_solution(0).unwrap_or_else(|m| panic!("{m}"));
    while walk.solution_next().is_some() {}
    assert!(walk.goal_holds());
    walk.restart().unwrap_or_else(|m| panic!("{m}"));
    let tree = walk.tried().unwrap();
    assert_eq!(tree.own, 0);
    let solution = tree.rows.iter().rev().find(|row| row.given && row.children == 0).unwrap();
    assert!(walk.visit(solution.last, (solution.end.events, solution.end.at)));
    assert!(walk.goal_holds());
    walk.advance(Span::ms(1));
    assert_eq!((walk.pokes(), walk.goal().and_then(|goal| goal.reached)), (0, None), "going there is not having done it");
    assert!(walk.remove_branch(solution.id).is_err());
}

#[test]
fn names_split_rows_and_are_found() {
    let mut walk = tried();
    let tree = walk.tried().unwrap();
    let heal = tree.rows[tree.here].last;
    assert_eq!(walk.name_branch(heal, " healed ").unwrap().as_deref(), Some("healed"));
    act(&mut walk, "c2 read x");
    let tree = walk.tried().unwrap();
    let row = tree.named("healed").unwrap();
    assert_eq!((texts(&tree.rows[row]), tree.label(row)), (vec!["heal".to_string()], "\"healed\"".to_string()));
    assert_eq!(tree.rows[row].children, 1, "what came after the name is a row of its own");
    let (found, branch) = tree.find(tree.rows[row + 1].number()).unwrap();
    assert_eq!((found, texts(&tree.rows[found])), (row + 1, vec!["c2 read x".to_string()]));
    assert_eq!(branch, tree.rows[found].id);
}

#[test]
fn two_branches_side_by_side_differ_first_where_somebody_sees_it() {
    let walk = tried();
    let tree = walk.tried().unwrap();
    let branch = |text: &str| own(&tree).into_iter().find(|row| texts(row) == [text]).unwrap().last;
    let two = walk.beside([branch("crash n1"), branch("cut n1 | n2 n3")]).unwrap();
    let crate::lesson::walk::Stage::Two(pair) = two.stage() else { panic!("two") };
    let first = pair.divergence().unwrap();
    assert!(first.at > two.parted().unwrap(), "{first:?}");
    assert_eq!(pair.a().at(), pair.b().at());
    let mut poked = two.clone();
    assert!(poked.poke(&poke("heal")).is_err_and(|why| why.0.contains("side by side")));
    assert!(walk.beside([branch("heal"), branch("heal")]).is_err());
    let mut played = two.clone();
    played.seek(Time::ZERO);
    played.advance(Span::s(30));
    assert_eq!(played.progress(), walk.progress(), "looking at two branches does nothing for the learner");
}

#[test]
fn a_comparison_keeps_no_tree() {
    let mut walk = at(4);
    assert!(walk.tried().is_err_and(|why| why.0.contains("two designs")));
    assert!(walk.bring_back().is_err());
}

#[test]
fn a_deep_tree_of_many_branches_is_read_at_once() {
    let mut walk = Walk::start(Arc::new(read(crate::lesson::testing::example_text()).unwrap()), &Brake::default()).unwrap();
    walk.go_to(TRY).unwrap_or_else(|m| panic!("{m}"));
    for number in 0..300 {
        walk.advance(Span::ms(1));
        act(&mut walk, &format!("c1 write x {number} to n1"));
        if number % 3 == 2 {
            walk.undo();
        }
    }
    let tree = walk.tried().unwrap();
    assert!(tree.rows.len() > 100 && tree.own == 300, "{} rows of {} pokes", tree.rows.len(), tree.own);
}
