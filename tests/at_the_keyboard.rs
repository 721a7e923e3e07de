//! What keys of other layouts, pasted lines, the clipboard and the answers of the terminal do on the screen.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use ratatui::crossterm::event::Event;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, styles, text};
use splitbrain::tui::terminal::{Answer, Input};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};
use xterm_color::Color;

fn options() -> Options {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    Options { lessons: Some(lessons.into()), open: Some("two-leaders".into()), ..Options::default() }
}

fn play(options: &Options, parts: &[Vec<Cue>]) -> Scripted {
    let mut app = App::new(options, Theme::default()).unwrap();
    let mut screen = Scripted::new(120, 36, parts.concat());
    event_loop::run(&mut app, &mut screen).unwrap();
    screen
}

fn kept(parts: &[Vec<Cue>]) -> Vec<String> {
    play(&options(), parts).kept.iter().map(text).collect()
}

fn keep() -> Vec<Cue> {
    vec![Cue::Keep]
}

fn paste(text: &str) -> Vec<Cue> {
    vec![Cue::Input(Input::Event(Event::Paste(text.into())))]
}

fn answer(answer: Answer) -> Vec<Cue> {
    vec![Cue::Input(Input::Answer(answer))]
}

#[test]
fn letters_of_other_layouts_act_by_their_place() {
    for (cut, home) in [("x", "q"), ("ч", "й"), ("Χ", "q"), ("χ", "Esc"), ("ס", "Esc"), ("ء", "ض")] {
        let shown = kept(&[keys("G G"), keys(cut), keep(), keys("Esc"), keys(home), keep()]);
        if cut == "Χ" {
            // A capital is a capital: X does nothing.
            assert!(!shown[0].contains("Cut the network"), "{}", shown[0]);
            continue;
        }
        assert!(shown[0].contains("Cut the network"), "{cut}\n{}", shown[0]);
        assert!(shown[1].contains("Topics"), "{home}\n{}", shown[1]);
    }
    let shown = kept(&[keys("Ж й ц у к е н"), keep()]);
    assert!(shown[0].contains(": йцукен"), "letters that are typed stay letters\n{}", shown[0]);
}

#[test]
fn control_c_first_closes_what_is_open() {
    for open in ["?", ":", "T", "A", "b", "G G x"] {
        let screen = play(&options(), &[keys(open), keep(), keys("Ctrl-c"), keep(), keys("Ctrl-c"), keep()]);
        assert_eq!(screen.kept.len(), 2, "{open}: the second Ctrl-C leaves");
        let shown: Vec<String> = screen.kept.iter().map(text).collect();
        assert!(!shown[0].contains("G next step") || shown[0] != shown[1], "{open}");
        assert!(shown[1].contains("step "), "{open}\n{}", shown[1]);
    }
    let home = Options { open: None, ..options() };
    let screen = play(&home, &[keys("/ l e a"), keys("Ctrl-c"), keep(), keys("Ctrl-c"), keep()]);
    assert_eq!(screen.kept.len(), 1);
    assert!(text(&screen.kept[0]).contains("Topics"));
}

#[test]
fn several_pasted_lines_are_done_one_by_one() {
    for line_end in ["\n", "\r", "\r\n"] {
        let lines = ["cut n1 | n2 n3", "", "run 2s", "c2 write x 2 to n3", "run 100ms"].join(line_end);
        let shown = kept(&[keys("G G :"), paste(&lines), keep()]);
        assert!(shown[0].contains("all 4 lines are done") && !shown[0].contains("Do anything"), "{}", shown[0]);
        assert!(shown[0].contains("pokes  2") && shown[0].contains("c2 is told: ok  (write x 2)"), "{}", shown[0]);
    }
}

#[test]
fn pasted_lines_end_at_the_first_that_is_refused() {
    let lines = "cut n1 | n2 n3\ncrash n9\ncrash n2\nheal";
    let screen = play(&options(), &[keys("G G :"), paste(lines), keep()]).kept.remove(0);
    let shown = text(&screen);
    assert!(shown.contains("line 2 of 4: there is no server n9") && shown.contains(": crash n9"), "{shown}");
    assert!(!shown.contains("crash n2"), "{shown}");
    insta::assert_snapshot!(format!("{shown}\n{}", styles(&screen)));
}

#[test]
fn one_pasted_line_waits_for_enter_and_many_can_be_stopped() {
    let shown = kept(&[keys("G G : c r"), paste("ash n1\n"), keep(), keys("Enter"), keep()]);
    assert!(shown[0].contains(": crash n1") && shown[0].contains("Do anything"), "{}", shown[0]);
    assert!(shown[1].contains("crash n1") && !shown[1].contains("Do anything"), "{}", shown[1]);
    let many = ["run 1ms"; 10].join("\n");
    let shown = kept(&[keys("G G :"), paste(&many), keys("Esc"), keep()]);
    assert!(shown[0].contains("stopped before line 1 of 10"), "{}", shown[0]);
}

#[test]
fn a_paste_without_end_takes_no_time_and_no_room() {
    let shown = kept(&[keys(":"), paste(&"crash n1 ".repeat(100_000)), keep()]);
    assert!(shown[0].contains("Do anything"), "{}", shown[0]);
    let shown = kept(&[keys(":"), paste("a\u{7}b\u{1b}[31mc"), keep()]);
    assert!(shown[0].contains(": ab[31mc"), "{}", shown[0]);
}

#[test]
fn the_mouse_can_be_let_go_to_select_text() {
    let screen = play(&options(), &[keys("F3"), keep(), keys("?"), keep(), keys("F3"), keep()]);
    let shown: Vec<String> = screen.kept.iter().map(text).collect();
    assert!(shown[0].contains("F3 take the mouse back") && shown[1].contains("F3 take the mouse back"), "{}{}", shown[0], shown[1]);
    assert!(shown[0].contains("? all keys") && !shown[2].contains("take the mouse back"), "{}{}", shown[0], shown[2]);
    assert_eq!(screen.mouse, Some(true));
    let screen = play(&options(), &[keys("Ctrl-o")]);
    assert_eq!(screen.mouse, Some(false));
    let off = Options { mouse: false, ..options() };
    let screen = play(&off, &[keys("F3"), keep()]);
    assert_eq!(screen.mouse, None);
    assert!(text(&screen.kept[0]).contains("it is off in the settings"), "{}", text(&screen.kept[0]));
}

#[test]
fn what_is_selected_can_be_copied() {
    let copied = |script: &[Vec<Cue>]| play(&options(), script).copied;
    let cut = [keys("G G x 1"), keys("b F4")];
    assert_eq!(copied(&cut), ["cut n1 | n2 n3"], "a poke that was tried");
    assert_eq!(copied(&[keys("G G x F4")]), ["cut n1 | n2 n3"], "a choice");
    assert_eq!(copied(&[keys(": c r a s h Space n 1 Ctrl-y")]), ["crash n1"], "a command");
    let replay = copied(&[keys("G G x 1"), keys("Tab Tab Tab F4")]).concat();
    let told = copied(&[keys("G G x 1 Tab Tab Tab Tab Up F4"), keys("Ctrl-y")]).concat();
    let all = format!("{replay}\n{told}");
    assert!(all.contains("splitbrain replay 'splitbrain-replay 2; ") && all.contains("You: cut n1 | n2 n3"), "{all}");
    let selected = copied(&[keys("G G Tab F4")]).concat();
    assert!(selected.contains("n1 leader"), "{selected}");
    assert!(copied(&[keys("g F4")])[0].contains(": "));
    assert!(copied(&[keys("A F4")])[0].lines().count() > 2, "the whole answer");
    let card = copied(&[keys("G G F4")]).concat();
    assert!(card.contains("Make two nodes lead") && !card.contains("**"), "a text as one reads it: {card}");
    let nothing = play(&options(), &[keys("? F4"), keep()]);
    assert_eq!(nothing.copied, Vec::<String>::new());
    assert!(text(&nothing.kept[0]).contains("nothing to copy"), "{}", text(&nothing.kept[0]));
}

#[test]
fn control_l_and_the_focus_draw_everything_again() {
    let focus = vec![Cue::Input(Input::Event(Event::FocusGained))];
    let then = || vec![Cue::Pass(Duration::from_millis(1))];
    let screen = play(&options(), &[then(), keys("Ctrl-l"), then(), focus, then(), keys(": Ctrl-l"), then()]);
    assert_eq!((screen.repaints, screen.frames), (3, 4), "each time, even while one types");
}

#[test]
fn the_theme_follows_the_background_until_somebody_chooses() {
    let white = || answer(Answer::Background(Color::rgb(u16::MAX, u16::MAX, u16::MAX)));
    let black = || answer(Answer::Background(Color::rgb(0, 0, 0)));
    let with = |options: &Options, parts: &[Vec<Cue>]| play(options, parts).kept.iter().map(styles).collect::<Vec<_>>();
    let wait = || vec![Cue::Pass(Duration::from_millis(1))];
    let follows = with(&options(), &[wait(), keep(), white(), wait(), keep(), black(), wait(), keep()]);
    assert_ne!(follows[0], follows[1], "light");
    assert_eq!(follows[0], follows[2], "dark again");
    let asked = Options { theme: Some("dark".into()), ..options() };
    let stays = with(&asked, &[wait(), keep(), white(), wait(), keep()]);
    assert_eq!(stays[0], stays[1], "asked for on the command line");
    let chosen = with(&options(), &[keys("T Enter Esc"), wait(), keep(), black(), wait(), keep()]);
    assert_eq!(chosen[0], chosen[1], "chosen in the settings");
}

#[test]
fn wide_signs_are_given_up_until_somebody_chooses() {
    let wide = || answer(Answer::WideSigns);
    let shown = kept(&[wide(), keep(), keys("T Down Enter Esc"), wide(), keep()]);
    assert!(shown[0].is_ascii() && shown[0].contains("two cells wide here: drawn with ASCII"), "{}", shown[0]);
    assert!(!shown[1].is_ascii(), "{}", shown[1]);
}

/// What stands after the bars of an explanation in the card, joined.
fn explained(screen: &str) -> String {
    let card = |line: &str| line.strip_prefix("│ │ ").map(|said| said.split('│').next().unwrap_or(said).trim().to_string());
    screen.lines().filter_map(card).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_word_of_the_card_is_explained_where_it_stands_and_then_the_next() {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let mut app = App::new(&Options { open: Some("failover-limits".into()), ..Options::default() }, Theme::default()).unwrap();
        let mut cues = keep();
        for _ in 0..20 {
            cues.extend([keys("W"), keep()].concat());
        }
        cues.extend([keys("Down"), keep()].concat());
        let mut screen = Scripted::new(width, height, cues);
        event_loop::run(&mut app, &mut screen).unwrap();
        let told: Vec<String> = screen.kept.iter().map(|buffer| explained(&text(buffer))).collect();
        assert!(told[0].is_empty() && told[21].is_empty(), "nothing before the key, nothing after the arrows: {told:?}");
        assert!(told[1..21].iter().all(|said| said.len() > 10), "{told:?}");
        let next = told[2..21].iter().position(|said| *said == told[1]).map(|at| at + 1);
        let round = next.unwrap_or_else(|| panic!("after the last comes the first again: {told:?}"));
        assert!(round > 1 && told[1] != told[2], "the next word is another: {told:?}");
        assert!(told[1..=20 - round].iter().zip(&told[1 + round..]).all(|(one, again)| one == again), "{told:?}");
    }
}

#[test]
fn statements_of_sql_are_offered_completed_and_refused_with_their_place() {
    let sandbox = splitbrain::cluster::Scenario::of("replicated");
    let options = Options { sandbox: Some(sandbox), ..Options::default() };
    let play = |script: &[Vec<Cue>]| -> Vec<String> {
        let mut app = App::new(&options, Theme::default()).unwrap();
        let mut screen = Scripted::new(120, 36, script.concat());
        event_loop::run(&mut app, &mut screen).unwrap();
        screen.kept.iter().map(text).collect()
    };
    let typed =
        |text: &str| text.chars().flat_map(|c| keys(if c == ' ' { "Space".into() } else { c.to_string() }.as_str())).collect::<Vec<_>>();
    let shown = play(&[keys(":"), typed("c1 sql "), keep(), keys("Tab"), keep(), keys("Enter"), keep()]);
    assert!(shown[0].contains("UPDATE") && shown[0].contains("INSERT"), "statements are offered\n{}", shown[0]);
    assert!(shown[1].contains(": c1 sql \""), "the first is put into the line\n{}", shown[1]);
    assert!(!shown[2].contains("Do anything"), "and done\n{}", shown[2]);
    let shown = play(&[keys(":"), typed("c1 sql \"UPD"), keep(), keys("Tab Enter"), keep()]);
    assert!(shown[0].contains("UPDATE") && !shown[0].contains("INSERT"), "what fits goes on\n{}", shown[0]);
    assert!(!shown[1].contains("Do anything"), "{}", shown[1]);
    for (wrong, says) in
        [("c1 sql \"UPDAT books\"", "UPDAT"), ("c1 sql \"SELECT * FROM\"", "at its end"), ("c1 sql", "a value is missing here")]
    {
        let shown = play(&[keys(":"), typed(wrong), keys("Enter"), keep()]);
        assert!(shown[0].contains("Do anything") && shown[0].contains('✕') && shown[0].contains(says), "{wrong}\n{}", shown[0]);
        assert!(!shown[0].lines().take(5).any(|line| line.contains('…')), "the reason is told whole\n{}", shown[0]);
    }
}
