//! A learner with a mouse and hardly a key: what is on the screen can be clicked where it stands.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use splitbrain::progress::{Store, Wall};
use splitbrain::quiz::Wish;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, mouse, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

/// The sizes on which everything has to be usable.
const SIZES: [(u16, u16); 2] = [(80, 24), (120, 36)];

/// What is done, in order.
#[derive(Clone, Debug)]
enum Hand {
    /// Clicks on these words, where they stand first.
    Click(String),
    /// Clicks on the first of these words from the row of the others on.
    From(&'static str, &'static str),
    /// Clicks on these words of the last line.
    Foot(&'static str),
    /// Clicks with the right button.
    Right(&'static str),
    /// Turns the wheel down over these words.
    Wheel(&'static str),
    /// Types.
    Type(&'static str),
    /// Lets so many milliseconds pass.
    Wait(u64),
    /// Keeps the screen.
    Look,
}

use Hand::{Foot, From, Look, Right, Type, Wait, Wheel};

fn click(words: &str) -> Hand {
    Hand::Click(words.to_string())
}

/// Where these words stand, from a row on.
fn find(screen: &str, words: &str, from: usize) -> (u16, u16) {
    let mut lines = screen.lines().enumerate().skip(from);
    let found = lines.find_map(|(row, line)| Some((line[..line.find(words)?].chars().count() as u16, row as u16)));
    found.unwrap_or_else(|| panic!("`{words}` is not on\n{screen}"))
}

fn cues(hand: &Hand, screen: &str) -> Vec<Cue> {
    let at = |kind, (column, row)| vec![Cue::Input(mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }))];
    let down = MouseEventKind::Down;
    match hand {
        Hand::Click(words) => at(down(MouseButton::Left), find(screen, words, 0)),
        From(words, row) => at(down(MouseButton::Left), find(screen, words, find(screen, row, 0).1.into())),
        Foot(words) => at(down(MouseButton::Left), find(screen, words, screen.lines().count() - 1)),
        Right(words) => at(down(MouseButton::Right), find(screen, words, 0)),
        Wheel(words) => at(MouseEventKind::ScrollDown, find(screen, words, 0)),
        Type(names) => keys(names),
        Wait(ms) => vec![Cue::Pass(Duration::from_millis(*ms))],
        Look => vec![Cue::Keep],
    }
}

/// The screens that were looked at.
fn play(options: &Options, (width, height): (u16, u16), hands: Vec<Hand>) -> Vec<String> {
    let mut app = App::with(options, Theme::default(), Store::in_memory(Wall::stopped())).unwrap();
    let mut hands = hands.into_iter();
    let decide = move |screen: &Buffer| hands.next().map_or_else(|| keys("Ctrl-c"), |hand| cues(&hand, &text(screen)));
    let mut screen = Scripted::new(width, height, []).driven(decide);
    event_loop::run(&mut app, &mut screen).unwrap();
    screen.kept.iter().map(text).collect()
}

fn lesson(id: &str) -> Options {
    Options { open: Some(id.to_string()), draw: Some(1), ..Options::default() }
}

fn asked(item: &str) -> Options {
    let wish = Wish { topic: Some(item.to_string()), ..Wish::default() };
    Options { quiz: Some(wish), draw: Some(1), ..Options::default() }
}

#[test]
fn a_lesson_is_found_and_opened() {
    for size in SIZES {
        let home = Options { draw: Some(1), ..Options::default() };
        let hands = vec![Foot("/ search"), Type("w e b s o c k"), From("WebSockets", "▸"), Wait(100), Look];
        let kept = play(&home, size, hands);
        assert!(kept[0].contains("step 1 of"), "{}", kept[0]);
    }
}

#[test]
fn a_goal_is_reached_and_a_prediction_made() {
    for size in SIZES {
        let hands = vec![
            Wait(100),
            Foot("x cut"),
            Look,
            click("cut east | west"),
            Foot("Space play"),
            Wait(60_000),
            Look,
            Foot("Enter next step"),
            Wait(100),
            click("neither: the leaders"),
            Look,
        ];
        let kept = play(&lesson("failover-limits"), size, hands);
        assert!(kept[0].contains("cut east | west"), "{}", kept[0]);
        assert!(kept[1].contains("goal reached"), "{}", kept[1]);
        assert!(kept[2].contains("2 ▸ neither"), "{}", kept[2]);
    }
}

#[test]
fn a_thing_is_poked_and_the_poke_taken_back() {
    for size in SIZES {
        let hands = vec![Wait(100), Right("○ follower"), Look, click("crash n2"), Look, Foot("u undo"), Look];
        let kept = play(&lesson("failover-limits"), size, hands);
        assert!(kept[0].contains("crash n2"), "{}", kept[0]);
        assert!(kept[1].contains("down") && kept[2].contains("undone: crash n2"), "{}\n{}", kept[1], kept[2]);
    }
}

/// What a click in a box does, the stage below it does not feel.
#[test]
fn every_row_of_a_box_over_the_stage_is_the_boxs() {
    let kept = play(&lesson("failover-limits"), (120, 36), vec![Wait(100), Type("T"), Look, click("theme"), Look]);
    assert!(kept[0].contains("Settings") && kept[1].contains("Settings"), "{}\n{}", kept[0], kept[1]);
    assert!(!kept[1].contains("Selected"), "{}", kept[1]);
}

#[test]
fn the_tabs_of_a_small_screen_and_the_help_turn_by_the_mouse() {
    let hands = vec![Wait(100), click("guarantees │"), Look, Foot("? all keys"), Wheel("All keys"), Look];
    let kept = play(&lesson("failover-limits"), (80, 24), hands);
    assert!(kept[0].contains("Guarantees"), "{}", kept[0]);
    assert!(kept[1].contains("All keys"), "{}", kept[1]);
}

#[test]
fn a_question_is_answered_graded_and_seen() {
    for size in SIZES {
        let hands = vec![
            Foot("1-4 choose"),
            Look,
            click("A shorter timeout"),
            Look,
            click("s sure"),
            Look,
            From("hard", "Graded"),
            Look,
            click("see it in the lab"),
            Wait(100),
            Look,
        ];
        let kept = play(&asked("failover-limits/q-timeout"), size, hands);
        assert!(kept[0].contains("1-4 choose"), "words that name several rows choose none\n{}", kept[0]);
        assert!(kept[1].contains("How sure?"), "{}", kept[1]);
        assert!(kept[2].contains("sure, and not so") && kept[2].contains("Graded"), "{}", kept[2]);
        assert!(kept[3].contains("graded: hard"), "{}", kept[3]);
        assert!(kept[4].contains("Esc: back to where you were") || kept[4].contains("back to where you were"), "{}", kept[4]);
    }
}

/// Each key of several in one hint is a button of its own.
#[test]
fn a_key_among_several_does_what_it_stands_for() {
    let to_it = [click("A shorter timeout"), Type("g")];
    for (letter, word) in [("h g e grade", "hard"), ("g e grade", "good"), ("e grade", "easy"), ("a h g e grade", "again")] {
        let hands = [&to_it[..], &[Foot(letter), Look]].concat();
        let kept = play(&asked("failover-limits/q-timeout"), (120, 36), hands);
        assert!(kept[0].contains(&format!("graded: {word}")), "{word}: {}", kept[0]);
    }
}

#[test]
fn several_are_marked_and_things_put_in_order() {
    for size in SIZES {
        let marked = vec![click("A lease that it"), click("Cutting its power"), Look, Foot("Enter answer"), Look];
        let kept = play(&asked("failover-limits/q-fencing"), size, marked);
        assert_eq!(kept[0].matches("[✓]").count(), 2, "{}", kept[0]);
        assert!(kept[1].contains("How sure?"), "{}", kept[1]);
        let put = vec![Look, click("a follower asks"), click("there is a leader"), Look];
        let kept = play(&asked("leader-failure/q-acts"), size, put);
        let order = |screen: &str| ["a follower asks", "there is a leader", "the other server"].map(|item| find(screen, item, 0).1);
        assert_ne!(order(&kept[0]), order(&kept[1]), "{}", kept[1]);
    }
}

#[test]
fn the_end_card_leads_on() {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    let options = Options { lessons: Some(lessons.into()), ..lesson("two-leaders") };
    let to_the_end = [
        Type("G 1"),
        Wait(200),
        Type("Enter G x 1 Space"),
        Wait(60_000),
        Type("G Enter"),
        Wait(100),
        Type("Enter Enter Enter Enter"),
        Look,
    ];
    for (words, leads) in [("read the answer", "Sources"), ("next: ", "step 1 of"), ("questions, about", "Quiz >")] {
        let hands = [&to_the_end[..], &[From(words, "Remember"), Wait(200), Look]].concat();
        let kept = play(&options, (120, 36), hands);
        assert!(kept[0].contains("Done: Two leaders"), "{}", kept[0]);
        assert!(kept[1].contains(leads), "{words}: {}", kept[1]);
    }
}
