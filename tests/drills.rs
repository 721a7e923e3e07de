//! Drills and goals through the real loop: predicting, diagnosing, curing and bringing about, on screens of every size.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use ratatui::buffer::Buffer;
use splitbrain::progress::{Event, Place, Store, Wall};
use splitbrain::quiz::Wish;
use splitbrain::review::{Calendar, Grade};
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, styles, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

/// The sizes on which everything has to be usable.
const SIZES: [(u16, u16); 3] = [(80, 24), (120, 36), (200, 60)];

fn wall() -> Wall {
    Wall::by_hand(Arc::new(AtomicI64::new(1_795_600_000_000)), Calendar::of(jiff::tz::TimeZone::UTC))
}

/// A quiz about one thing alone.
fn about(item: &str) -> Options {
    let wish = Wish { topic: Some(item.into()), ..Wish::default() };
    Options { quiz: Some(wish), draw: Some(1), ..Options::default() }
}

/// A learner who has reached this goal in its lesson.
fn who_has_reached(place: &Place, lesson: &str, step: &str) -> Store {
    let mut store = Store::open(place, wall());
    store.record(Event::Reached { lesson: lesson.into(), step: step.into(), pokes: 3, helped: true, shown: false });
    store
}

/// Plays words: keys by name, `type:set_x_y` for a command in the palette, `wait:500` for so many milliseconds, `keep` to keep the screen.
fn cues(script: &str) -> Vec<Cue> {
    let typed = |text: &str| text.chars().flat_map(|c| keys(if c == '_' { "Space".into() } else { c.to_string() }.as_str())).collect();
    let word = |word: &str| match word.split_once(':') {
        Some(("wait", ms)) => vec![Cue::Pass(Duration::from_millis(ms.parse().unwrap()))],
        Some(("type", text)) => [keys(":"), typed(text), keys("Enter")].concat(),
        _ if word == "keep" => vec![Cue::Keep],
        _ => keys(word),
    };
    script.split_whitespace().flat_map(word).collect()
}

fn play(options: &Options, store: Store, (width, height): (u16, u16), script: &str) -> Vec<Buffer> {
    let mut app = App::with(options, Theme::default(), store).unwrap();
    let mut screen = Scripted::new(width, height, cues(script));
    event_loop::run(&mut app, &mut screen).unwrap();
    screen.kept
}

fn alone(options: &Options, size: (u16, u16), script: &str) -> Vec<Buffer> {
    play(options, Store::in_memory(wall()), size, script)
}

fn with_styles(buffer: &Buffer) -> String {
    format!("{}\n{}", text(buffer), styles(buffer))
}

fn has(screen: &Buffer, all: &[&str]) {
    have(std::slice::from_ref(screen), all);
}

/// Everything is on one of these screens.
fn have(screens: &[Buffer], all: &[&str]) {
    let screen: String = screens.iter().map(text).collect();
    // A sentence may be wrapped, inside a frame.
    let flat = screen.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in all {
        assert!(screen.contains(part) || flat.contains(part), "`{part}` is not on\n{screen}");
    }
}

/// The digit of the option that begins so.
fn digit_of(screen: &Buffer, begins: &str) -> char {
    let screen = text(screen);
    let line = screen.lines().find(|line| line.contains(begins)).unwrap_or_else(|| panic!("`{begins}` is not on\n{screen}"));
    line[..line.find(begins).unwrap()].chars().rev().find(char::is_ascii_digit).unwrap()
}

#[test]
fn a_prediction_waits_plays_and_tells() {
    for size in SIZES {
        let kept = alone(&about("failover-limits/d-crash"), size, "keep 1 keep g wait:500 keep Enter keep PageDown keep");
        has(&kept[0], &["What will happen?", "Replication is"]);
        has(&kept[1], &["How sure?"]);
        has(&kept[2], &["skip to the end", "waiting"]);
        have(&kept[3..], &["Graded", "✓"]);
    }
    let kept = alone(&about("failover-limits/d-crash"), SIZES[0], "keep 1 g Enter keep");
    insta::assert_snapshot!("predict", with_styles(&kept[0]));
    insta::assert_snapshot!("predict_told", with_styles(&kept[1]));
}

#[test]
fn a_diagnosis_points_at_an_operation_on_the_lanes() {
    for size in SIZES {
        let first = alone(&about("failover-limits/d-broken"), size, "keep");
        has(&first[0], &["part 1 of 2", "none of these"]);
        let kept = alone(&about("failover-limits/d-broken"), size, "1 keep 2 keep Enter keep PageDown keep PageDown keep");
        has(&kept[0], &["Point at an operation"]);
        has(&kept[1], &["How sure?"]);
        have(&kept[2..], &["Graded"]);
    }
    insta::assert_snapshot!("diagnose", with_styles(&alone(&about("failover-limits/d-broken"), SIZES[1], "1 Down keep")[0]));
}

/// To the third question of the report: the first two are answered anyhow.
const TO_THE_CURE: &str = "1 1";

#[test]
fn a_report_is_cured_at_the_cluster_and_the_run_is_played_again() {
    for size in SIZES {
        let script = format!(
            "{TO_THE_CURE} keep Enter keep type:set_replication_majority keep Enter keep s wait:300 keep Enter keep PageDown keep PageDown keep PageDown keep PageDown keep"
        );
        let kept = alone(&about("failover-limits/d-address"), size, &script);
        has(&kept[0], &["part 3 of 3", "Cure it", "to the cluster", "list"]);
        has(&kept[1], &["I changed my address", "hand it in"]);
        has(&kept[2], &["majority"]);
        has(&kept[3], &["How sure?", "set replication majority"]);
        has(&kept[4], &["skip", "set replication majority"]);
        have(&kept[5..], &["It is cured.", "Graded"]);
    }
    let script = format!("{TO_THE_CURE} keep Enter type:set_failover_manual keep Enter t Enter keep");
    let kept = alone(&about("failover-limits/d-address"), SIZES[1], &script);
    insta::assert_snapshot!("clinic_asks", with_styles(&kept[0]));
    insta::assert_snapshot!("clinic_bench", with_styles(&kept[1]));
    insta::assert_snapshot!("clinic_cured", with_styles(&kept[2]));
    has(&kept[2], &["nothing of it can be left out"]);
}

#[test]
fn a_cure_that_does_not_help_is_told_so_and_the_list_counts_as_help() {
    let wrong = format!("{TO_THE_CURE} Enter type:set_fencing_off Enter g Enter keep");
    has(&alone(&about("failover-limits/d-address"), SIZES[1], &wrong)[0], &["It happens all the same", "acked_lost"]);
    let fault = format!("{TO_THE_CURE} Enter Enter keep type:crash_n1 Enter keep Esc keep");
    let kept = alone(&about("failover-limits/d-address"), SIZES[0], &fault);
    has(&kept[0], &["nothing is changed yet"]);
    has(&kept[1], &["no cure: `crash n1`"]);
    has(&kept[2], &["part 3 of 3"]);
    let listed = alone(&about("failover-limits/d-address"), SIZES[0], &format!("{TO_THE_CURE} c keep"));
    let digit = digit_of(&listed[0], "an ok only once");
    let told = alone(&about("failover-limits/d-address"), SIZES[2], &format!("{TO_THE_CURE} c {digit} s Enter keep"));
    has(&told[0], &["It is cured."]);
}

const GOAL: &str = "failover-limits/try/two-leaders";

fn at_the_goal(size: (u16, u16), script: &str) -> (Vec<Buffer>, Option<Grade>) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().into());
    let store = who_has_reached(&place, "failover-limits", "two-leaders");
    let kept = play(&about(GOAL), store, size, script);
    let again = Store::open(&place, wall());
    let grade = again.state().item(GOAL).and_then(|item| item.answers.last()).map(|given| given.grade);
    (kept, grade)
}

#[test]
fn a_goal_is_brought_about_again_without_the_text_that_tells_how() {
    for size in SIZES {
        let (kept, grade) = at_the_goal(size, "keep Enter keep type:cut_east_|_west Space wait:20000 keep Enter keep");
        has(&kept[0], &["At the cluster", "to the cluster", "give up"]);
        has(&kept[1], &["Try it"]);
        has(&kept[2], &["hand it in"]);
        has(&kept[3], &["reached with 1 poke; the fewest known is 1", "easy"]);
        assert_eq!(grade, Some(Grade::Easy));
    }
    let (kept, _) = at_the_goal(SIZES[1], "keep Enter keep type:cut_east_|_west Space wait:20000 Enter keep");
    insta::assert_snapshot!("goal_asks", with_styles(&kept[0]));
    insta::assert_snapshot!("goal_bench", with_styles(&kept[1]));
    insta::assert_snapshot!("goal_told", with_styles(&kept[2]));
}

#[test]
fn a_goal_that_was_given_up_or_shown_is_asked_again_soon() {
    let (kept, grade) = at_the_goal(SIZES[0], "Enter Enter keep A keep Esc 0 keep");
    has(&kept[0], &["not reached yet", "to give up"]);
    has(&kept[1], &["this is a question of the quiz"]);
    has(&kept[2], &["not reached"]);
    assert_eq!(grade, Some(Grade::Again));
    let (kept, grade) = at_the_goal(SIZES[0], "Enter S Enter wait:20000 Enter wait:20000 Enter wait:20000 keep");
    has(&kept[0], &["the solution was shown"]);
    assert_eq!(grade, Some(Grade::Again));
    let (_, undone) = at_the_goal(SIZES[0], "0 u");
    assert_eq!(undone, None);
}

#[test]
fn goals_are_left_out_where_nothing_is_kept_and_the_screen_says_so() {
    let kept = alone(&about("failover-limits"), SIZES[0], "keep");
    has(&kept[0], &["goals are left out"]);
}
