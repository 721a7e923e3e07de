//! A quiz through the real loop, fed with keys: answers are judged with their reasons, kept at once, and can be taken back.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use ratatui::buffer::Buffer;
use splitbrain::progress::{Place, Store, Wall};
use splitbrain::quiz::Wish;
use splitbrain::review::Calendar;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, styles, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

/// A clock that stands at a morning of November 2026.
fn wall() -> Wall {
    Wall::by_hand(Arc::new(AtomicI64::new(1_795_600_000_000)), Calendar::of(jiff::tz::TimeZone::UTC))
}

fn options(topic: &str, count: usize) -> Options {
    let wish = Wish { topic: Some(topic.into()), count: Some(count), ..Wish::default() };
    Options { quiz: Some(wish), draw: Some(1), ..Options::default() }
}

/// Plays words: keys by name, `wait:500` for so many milliseconds, `keep` to keep the screen.
fn cues(script: &str) -> Vec<Cue> {
    let word = |word: &str| match word.split_once(':') {
        Some(("wait", ms)) => vec![Cue::Pass(Duration::from_millis(ms.parse().unwrap()))],
        _ if word == "keep" => vec![Cue::Keep],
        _ => keys(word),
    };
    script.split_whitespace().flat_map(word).collect()
}

fn play(options: &Options, size: (u16, u16), script: &str) -> Vec<Buffer> {
    play_with(options, Store::in_memory(wall()), size, script)
}

fn play_with(options: &Options, store: Store, (width, height): (u16, u16), script: &str) -> Vec<Buffer> {
    let mut app = App::with(options, Theme::default(), store).unwrap();
    let mut screen = Scripted::new(width, height, cues(script));
    event_loop::run(&mut app, &mut screen).unwrap();
    screen.kept
}

fn with_styles(buffer: &Buffer) -> String {
    format!("{}\n{}", text(buffer), styles(buffer))
}

/// The digit of the first option, as the screen shows them, whose text begins so.
fn digit_of(screen: &str, begins: &str) -> char {
    let line = screen.lines().find(|line| line.contains(begins)).unwrap_or_else(|| panic!("`{begins}` is not on\n{screen}"));
    line.chars().find(char::is_ascii_digit).unwrap()
}

#[test]
fn a_card_waits_for_an_answer_and_then_asks_how_sure() {
    let kept = play(&options("patience", 9), (80, 24), "keep 1 keep");
    insta::assert_snapshot!(with_styles(&kept[0]));
    let sure = text(&kept[1]);
    assert!(sure.contains("How sure?") && sure.contains("g guess") && !sure.contains('✓'), "{sure}");
}

#[test]
fn the_reason_unfolds_under_the_chosen_and_the_right_one() {
    let size = (120, 36);
    let to_it = "1 Enter Enter";
    let first = text(&play(&options("patience", 9), size, &format!("{to_it} keep"))[0]);
    let wrong = digit_of(&first, "A shorter timeout");
    let kept = play(&options("patience", 9), size, &format!("{to_it} {wrong} s keep"));
    let told = text(&kept[0]);
    assert!(told.contains("sure, and not so") && told.contains("it comes back in this session"), "{told}");
    assert!(told.contains("makes needless failovers more likely") && told.contains("A slow leader is better"), "{told}");
    insta::assert_snapshot!(with_styles(&kept[0]));
}

#[test]
fn options_keep_their_places_for_a_learner() {
    let lines = |screen: &Buffer| -> Vec<String> {
        text(screen)
            .lines()
            .filter_map(|line| {
                line.trim_start_matches(['│', ' ']).split_once(' ').filter(|(n, _)| n.len() == 1).map(|(_, text)| text.trim().to_string())
            })
            .collect()
    };
    let one = play(&options("patience", 9), (120, 36), "keep");
    assert_eq!(lines(&one[0]), lines(&play(&options("patience", 9), (120, 36), "keep")[0]));
    let other = Options { draw: Some(2), ..options("patience", 9) };
    assert_ne!(text(&one[0]), text(&play(&other, (120, 36), "keep")[0]));
}

#[test]
fn a_whole_session_ends_with_what_was_learnt_and_what_comes_when() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Place::in_folder(folder.path().to_path_buf()), wall());
    let kept = play_with(&options("patience", 2), store, (100, 30), "1 g keep Enter 1 Enter Enter keep u keep");
    assert!(text(&kept[0]).contains("Graded"), "{}", text(&kept[0]));
    let end = text(&kept[1]);
    assert!(end.contains("Done:") && end.contains("Right at once"), "{end}");
    insta::assert_snapshot!(with_styles(&kept[1]));
    assert!(text(&kept[2]).contains("taken back") && text(&kept[2]).contains("question 2 of 2"), "{}", text(&kept[2]));
}

#[test]
fn every_answer_is_kept_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().to_path_buf());
    let three = options("failover-limits", 3);
    play_with(&three, Store::open(&place, wall()), (80, 24), "1 s");
    let known = Store::open(&place, wall());
    assert_eq!(known.state().items().count(), 1);
    play_with(&three, Store::open(&place, wall()), (80, 24), "1 s keep u");
    let store = Store::open(&place, wall());
    assert_eq!(store.state().items().count(), 1, "the second was taken back");
}

#[test]
fn a_quiz_of_nothing_says_what_is_near() {
    let refused = App::new(&options("failover-limit", 3), Theme::default()).err().unwrap();
    assert_eq!(refused.to_string(), "no question is about `failover-limit`; did you mean `failover-limits`?");
}

#[test]
fn the_mouse_and_the_home_screen_open_it_too() {
    let home = Options { draw: Some(1), ..Options::default() };
    let kept = play(&home, (100, 30), "q keep Esc keep");
    assert!(text(&kept[0]).contains("question 1 of"), "{}", text(&kept[0]));
    assert!(text(&kept[1]).contains("Topics"), "{}", text(&kept[1]));
}

/// Lessons of a folder are read anew by each quiz, so that the screen is seen before its first question.
#[test]
fn while_it_is_prepared_the_screen_says_how_far_it_is_and_can_be_left() {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/lessons");
    let options = Options { quiz: Some(Wish::default()), draw: Some(1), lessons: Some(lessons.into()), ..Options::default() };
    for size in [(80, 24), (120, 36), (200, 60), (40, 12)] {
        let mut app = App::with(&options, Theme::default(), Store::in_memory(wall())).unwrap();
        let mut screen = Scripted::new(size.0, size.1, [vec![Cue::Meanwhile, Cue::Keep], keys("1 Esc"), vec![Cue::Keep]].concat());
        event_loop::run(&mut app, &mut screen).unwrap();
        let [waits, left] = [0, 1].map(|index| text(&screen.kept[index]));
        assert!(waits.contains("Getting ready") && waits.contains("of 60") && waits.contains("Esc"), "{waits}");
        assert!(waits.lines().all(|line| line.trim_end().chars().count() <= size.0.into()), "{waits}");
        assert!(left.contains("Today") && !left.contains("Getting ready"), "{left}");
    }
}

#[test]
fn what_is_asked_is_the_same_however_many_threads_prepare_it() {
    let options = |lessons: Option<&str>| Options { lessons: lessons.map(Into::into), ..self::options("replication-lag", 6) };
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/lessons");
    let shown = [None, Some(folder), Some(folder)].map(|lessons| text(&play(&options(lessons), (100, 30), "keep")[0]));
    assert!(shown[0].contains("question 1 of 6"), "{}", shown[0]);
    assert!(shown.iter().all(|screen| *screen == shown[0]));
}

/// The answer to what is asked next is kept back until it was asked for.
#[test]
fn a_follow_up_has_its_answer() {
    for size in [(80, 24), (120, 36)] {
        let kept = play(&options("cap-theorem/q-recall", 1), size, "Enter t 1 Enter keep Enter keep Enter keep");
        let [asks, answers, after] = [0, 1, 2].map(|index| text(&kept[index]));
        assert!(asks.contains("And then:") && asks.contains("the answer to that"), "{asks}");
        assert!(!asks.contains("never answer either") && answers.contains("never answer either"), "{asks}{answers}");
        assert!(after.contains("Done:"), "{after}");
    }
}

/// Keys that type a number.
fn typed(number: u32) -> String {
    number.to_string().chars().map(String::from).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_number_is_typed_and_a_wrong_one_told_what_it_is() {
    let item = options("load-parameters/in-the-shop", 1);
    for size in [(80, 24), (120, 36)] {
        let asks = text(&play(&item, size, "keep")[0]);
        let users =
            asks.split(" users are active").next().and_then(|before| before.split_whitespace().last()?.parse::<u32>().ok()).unwrap();
        let wrong = text(&play(&item, size, &format!("{} Enter t keep", typed(users)))[0]);
        assert!(wrong.contains("one request from each user") && wrong.contains(&format!("✓ {} requests/s", users / 10)), "{wrong}");
        let right = text(&play(&item, size, &format!("{} Enter t keep", typed(users / 10)))[0]);
        assert!(!right.contains('✕') && right.contains("Little's law"), "{right}");
        let nothing = text(&play(&item, size, "Enter keep")[0]);
        assert!(!nothing.contains("How sure?"), "{nothing}");
    }
}

#[test]
fn several_are_right_only_together_and_each_is_told_why() {
    let item = options("failover-limits/q-fencing", 1);
    let first = text(&play(&item, (120, 36), "keep")[0]);
    let [lease, power, majority, epochs] =
        ["A lease that", "Cutting its", "Writing to a", "Epoch numbers"].map(|words| digit_of(&first, words));
    let all = text(&play(&item, (120, 36), &format!("{lease} {power} {majority} Enter s keep"))[0]);
    assert!(!all.contains('✕') && all.contains("STONITH"), "{all}");
    let half = text(&play(&item, (120, 36), &format!("{lease} {epochs} Enter s keep"))[0]);
    assert!(half.contains("sure, and not so") && half.contains("this is right"), "{half}");
    assert!(half.contains("Neither it nor its client has heard"), "{half}");
}

#[test]
fn things_are_put_in_order_and_a_wrong_order_is_told() {
    let item = options("leader-failure/q-acts", 1);
    let acts = ["a follower asks", "there is a leader", "the other server"];
    let row = |screen: &str, words: &str| screen.lines().position(|line| line.contains(words)).unwrap();
    let first = text(&play(&item, (100, 30), "keep")[0]);
    let in_order = acts.windows(2).all(|two| row(&first, two[0]) < row(&first, two[1]));
    let moved = text(&play(&item, (100, 30), "Down Down Up Shift-Down keep")[0]);
    assert_ne!(first, moved);
    // Every order of three is tried: one of them is right, and every other is told the right one.
    let mut right = 0;
    for moves in ["", "1 2", "2 3", "3 1", "1 3", "1 2 1 3"] {
        let told = play(&item, (100, 30), &format!("{moves} keep Enter t keep"));
        let (put, told) = (text(&told[0]), text(&told[1]));
        let is_right = acts.windows(2).all(|two| row(&put, two[0]) < row(&put, two[1]));
        right += usize::from(is_right);
        assert_eq!(told.contains("In this order:"), !is_right, "{put}\n{told}");
    }
    assert!(right > 0 || in_order, "the right order was never tried");
}

#[test]
fn how_sure_one_is_need_not_be_said() {
    let kept = play(&options("failover-limits/q-timeout", 1), (80, 24), "1 keep Enter keep");
    let [asks, told] = [0, 1].map(|index| text(&kept[index]));
    assert!(asks.contains("How sure?") && asks.contains("Enter passes over it"), "{asks}");
    assert!(told.contains("Graded") && !told.contains("How sure?") && !told.contains("sure, and not so"), "{told}");
}

#[test]
fn the_answer_is_seen_in_the_lab_and_the_card_is_there_again() {
    for size in [(80, 24), (120, 36)] {
        let kept = play(&options("failover-limits/q-timeout", 1), size, "1 g keep v wait:200 keep Esc keep");
        let [told, lab, back] = [0, 1, 2].map(|index| text(&kept[index]));
        assert!(told.contains("see it in the lab"), "{told}");
        assert!(lab.contains("Cluster") && lab.contains("step ") && lab.contains("back to where you were"), "{lab}");
        assert_eq!(told, back);
    }
}
