//! What takes long: the screen answers meanwhile, stopping it leaves everything as it was, and so does failing.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use ratatui::buffer::Buffer;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, styles, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

/// A cluster at work, and a wait for something that takes minutes, if it ever comes. The help takes the notice of the poke away.
const LONG: &str = ": workload Space c1 Space 400/s Enter ? Esc keep : until Space \"acked_lost Space >= Space 1\" keep Enter";

/// Longer than anything that gets no mark.
const A_WHILE: Cue = Cue::Pass(Duration::from_millis(500));

/// Where nothing is asked of anybody, so that no lesson has to be as it is.
const BUSY: &str = "sandbox-replicated";

fn play(lesson: &str, cues: Vec<Cue>) -> Vec<String> {
    let options = Options { open: Some(lesson.into()), ..Options::default() };
    let mut app = App::new(&options, Theme::default()).unwrap();
    let mut screen = Scripted::new(120, 36, cues);
    event_loop::run(&mut app, &mut screen).unwrap();
    let shown = |buffer: &Buffer| format!("{}\n{}", text(buffer), styles(buffer));
    screen.kept.iter().map(shown).collect()
}

fn cues(script: &str) -> Vec<Cue> {
    script.split_whitespace().flat_map(|word| if word == "keep" { vec![Cue::Keep] } else { keys(word) }).collect()
}

/// The screen with its styles, but for the line of key hints and the one above it, where notices stand.
fn without_notice(screen: &str) -> Vec<&str> {
    let is_notice = |(i, line): (usize, &str)| [34, 35].contains(&i) || line.starts_with(" 34  ") || line.starts_with(" 35  ");
    screen.lines().enumerate().filter(|at| !is_notice(*at)).map(|(_, line)| line).collect()
}

fn notice(screen: &str) -> &str {
    screen.lines().nth(34).unwrap_or_default()
}

fn last_line(screen: &str) -> &str {
    screen.lines().nth(35).unwrap_or_default()
}

#[test]
fn a_long_wait_is_marked_and_esc_goes_back_to_where_one_was() {
    let meanwhile = vec![Cue::Meanwhile, A_WHILE, Cue::Keep];
    let script = [cues(LONG), meanwhile, cues("Esc keep Esc keep")].concat();
    let kept = play(BUSY, script);
    let [before, typed, working, stopped, after] = &kept[..] else { panic!("five screens are kept") };
    for words in ["until \"acked_lost >= 1\"", "events", "Esc stop"] {
        assert!(last_line(working).contains(words), "{words}: {}", last_line(working));
    }
    assert!(notice(stopped).contains("stopped: until \"acked_lost >= 1\""), "{}", notice(stopped));
    assert_eq!(without_notice(stopped), without_notice(typed), "the line is still there to be changed");
    assert_eq!(before, after);
}

#[test]
fn another_size_is_drawn_while_something_takes_long() {
    let script = [cues(LONG), vec![Cue::Meanwhile, A_WHILE, Cue::Size(60, 20), A_WHILE, Cue::Keep]].concat();
    let screen = play(BUSY, script).pop().unwrap();
    assert!(screen.lines().nth(19).is_some_and(|line| line.contains("Esc stop")), "{screen}");
}

#[test]
fn a_wait_that_fails_goes_back_and_what_was_done_before_can_be_undone() {
    // With every server down nothing happens any more, so that the wait is over at once.
    let down = ": crash Space n1 Enter : crash Space n2 Enter : crash Space n3 Enter";
    let script = format!("{down} keep : until Space \"leaders==1\" Enter keep Esc keep u keep");
    let kept = play("replication-lag", cues(&script));
    let [before, failed, after, undone] = &kept[..] else { panic!("four screens are kept") };
    assert!(failed.contains("it did not come true within 40d: leaders = 0"), "{failed}");
    assert_eq!(without_notice(before), without_notice(after));
    assert!(notice(undone).contains("undone: crash n3"), "{undone}");
}

#[test]
fn a_look_from_home_is_given_up_when_one_goes_on() {
    let options = Options::default();
    let mut app = App::new(&options, Theme::default()).unwrap();
    let script = [vec![Cue::Meanwhile, Cue::Pass(Duration::from_millis(1))], cues("j j k keep Enter")].concat();
    let mut screen = Scripted::new(120, 36, script);
    event_loop::run(&mut app, &mut screen).unwrap();
    assert!(text(&screen.kept[0]).contains("Topics"), "{}", text(&screen.kept[0]));
}
