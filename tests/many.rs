//! One run and all the others, at the real loop with keys: over many seeds, the point of no return, and a way to the goal.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use ratatui::buffer::Buffer;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, styles, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

fn cues(script: &str) -> Vec<Cue> {
    let cue = |word: &str| match word.split_once(':') {
        Some(("wait", ms)) => vec![Cue::Pass(Duration::from_millis(ms.parse().unwrap()))],
        _ if word == "keep" => vec![Cue::Keep],
        _ if word == "meanwhile" => vec![Cue::Meanwhile],
        _ => keys(word),
    };
    script.split_whitespace().flat_map(cue).collect()
}

/// The screens kept by a script in the lesson of the tests.
fn play((width, height): (u16, u16), script: &str) -> Vec<Buffer> {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    let options = Options { lessons: Some(lessons.into()), open: Some("two-leaders".into()), ..Options::default() };
    let mut app = App::new(&options, Theme::default()).unwrap();
    let mut screen = Scripted::new(width, height, cues(script));
    event_loop::run(&mut app, &mut screen).unwrap();
    screen.kept
}

fn with_styles(buffer: &Buffer) -> String {
    format!("{}\n{}", text(buffer), styles(buffer))
}

/// To the goal step, where n1 is cut off, and on until two lead.
const TWO: &str = "G G x 1 Space wait:60000";

#[test]
fn numbers_are_spread_over_many_seeds_and_the_run_behind_a_bar_comes_on_the_stage() {
    let kept = play((120, 36), &format!("{TWO} keep D keep Right keep Down Up Enter keep D o keep"));
    let [before, spread, another, other, back] = &kept[..] else { panic!("five screens") };
    insta::assert_snapshot!(with_styles(spread));
    assert!(text(spread).contains("leaders over many seeds") && text(spread).contains("1,000 of 1,000 other seeds"), "{}", text(spread));
    assert!(!text(another).contains("leaders over many seeds") && text(another).contains("over many seeds"), "{}", text(another));
    assert!(text(other).contains("this is the run with seed"), "{}", text(other));
    let without_notice = |screen: &Buffer| text(screen).lines().take(33).map(str::to_string).collect::<Vec<_>>();
    assert_ne!(without_notice(other), without_notice(before));
    assert_eq!(without_notice(back), without_notice(before), "the own run is as it was");
}

#[test]
fn it_fills_while_one_looks_and_stops_when_it_is_closed() {
    let kept = play((80, 24), &format!("{TWO} D meanwhile wait:1 keep Esc keep"));
    let [filling, closed] = &kept[..] else { panic!("two screens") };
    assert!(text(filling).contains("other seeds: the same pokes") && !text(filling).contains("1,000 of 1,000"), "{}", text(filling));
    assert!(!text(closed).contains("over many seeds"), "{}", text(closed));
}

#[test]
fn the_moment_that_mattered_is_where_the_share_jumps() {
    let kept = play((120, 36), &format!("{TWO} B keep Down Down Enter keep"));
    let [found, there] = &kept[..] else { panic!("two screens") };
    insta::assert_snapshot!(with_styles(found));
    insta::assert_snapshot!(with_styles(there));
}

#[test]
fn without_an_ending_there_is_no_point_of_no_return() {
    let screen = text(&play((120, 36), "G G B keep")[0]);
    assert!(screen.contains("no guarantee is broken here and no goal is reached"), "{screen}");
}

#[test]
fn a_way_to_the_goal_is_found_and_played() {
    let kept = play((120, 36), "G G F keep Enter wait:60000 keep");
    let [found, played] = &kept[..] else { panic!("two screens") };
    insta::assert_snapshot!(with_styles(found));
    assert!(text(found).contains("The shortest way found has 1 poke."), "{}", text(found));
    assert!(text(played).contains("goal reached"), "{}", text(played));
}

#[test]
fn a_way_is_looked_for_only_where_there_is_a_goal_that_does_not_hold() {
    let screen = text(&play((120, 36), "F keep")[0]);
    assert!(screen.contains("there is no goal at this step"), "{screen}");
    let screen = text(&play((120, 36), &format!("{TWO} F keep"))[0]);
    assert!(screen.contains("the goal holds here"), "{screen}");
}
