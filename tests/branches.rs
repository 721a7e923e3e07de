//! What was tried, by the keys of the real loop: a tree is made, read, named, compared, cut and gone back in.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, mouse, styles, text};
use splitbrain::tui::theme::{Depth, Palette, Theme};
use splitbrain::tui::{Options, event_loop};

fn options() -> Options {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    Options { lessons: Some(lessons.into()), open: Some("two-leaders".into()), ..Options::default() }
}

/// The keys that type a command into the palette.
fn typed(command: &str) -> Vec<Cue> {
    let letters: Vec<String> = command.chars().map(|c| if c == ' ' { "Space".into() } else { c.to_string() }).collect();
    keys(&format!(": {} Enter", letters.join(" ")))
}

/// A script of lines: `:` begins a command for the palette, `keep` keeps the screen, anything else are keys.
fn cues(script: &str) -> Vec<Cue> {
    script
        .lines()
        .flat_map(|line| match line.trim() {
            "keep" => vec![Cue::Keep],
            line => match (line.strip_prefix(':'), line.strip_prefix("size ")) {
                (Some(command), _) => typed(command.trim()),
                (None, Some(size)) => {
                    let (width, height) = size.split_once('x').unwrap();
                    vec![Cue::Size(width.parse().unwrap(), height.parse().unwrap())]
                }
                (None, None) => keys(line),
            },
        })
        .collect()
}

fn screen((width, height): (u16, u16), theme: Theme, cues: Vec<Cue>) -> Scripted {
    let mut app = App::new(&options(), theme).unwrap();
    let mut screen = Scripted::new(width, height, cues);
    event_loop::run(&mut app, &mut screen).unwrap();
    screen
}

fn play(size: (u16, u16), script: &str) -> Vec<Buffer> {
    screen(size, Theme::default(), cues(script)).kept
}

fn texts(size: (u16, u16), script: &str) -> Vec<String> {
    play(size, script).iter().map(text).collect()
}

/// At the try step: n1 crashes; from the start again it is cut off, a client writes to it, and in place of the write the cut is healed.
const TRIED: &str = "G G
    :crash n1
    :run 1s
    R
    :cut n1 | n2 n3
    :run 900ms
    :c1 write x 5 to n1
    :run 300ms
    u
    :heal
    :run 500ms
    ";

fn tried(more: &str) -> String {
    format!("{TRIED}{more}")
}

#[test]
fn what_was_tried_and_what_came_of_it() {
    for size in [(80, 24), (120, 36)] {
        let kept = play(size, &tried("b\nkeep\nDown Down Down\nkeep"));
        let shown = text(&kept[0]);
        for words in ["What was tried", "3 branches, 4 pokes", "crash n1", "cut n1 | n2 n3", "heal", "goal, 2 leaders"] {
            assert!(shown.contains(words), "{words}\n{shown}");
        }
        for (number, buffer) in kept.iter().enumerate() {
            let name = format!("tried_{}x{}_{number}", size.0, size.1);
            insta::assert_snapshot!(name, format!("{}\n{}", text(buffer), styles(buffer)));
        }
    }
}

#[test]
fn any_point_of_any_branch_can_be_gone_to() {
    // The row of the cut has two points: the cut itself, and the end of what was seen.
    let shown = texts((120, 36), &tried("b\nHome Down\nkeep\nLeft Enter\nkeep\nEnd\nkeep\nb\nkeep"));
    let line = shown[0].lines().find(|line| line.contains("seen up to here")).unwrap_or_default();
    assert!(!line.is_empty(), "{}", shown[0]);
    assert!(shown[1].contains("Make two nodes lead") && shown[1].contains("now 1"), "right after the cut\n{}", shown[1]);
    assert!(shown[2].contains("goal reached"), "playing on from there is as it was\n{}", shown[2]);
    assert!(shown[3].contains("3 branches, 4 pokes"), "nothing was lost by going there\n{}", shown[3]);
}

#[test]
fn branches_outlast_other_steps_and_undo() {
    let shown = texts((120, 36), &tried("P P G G\nb\nkeep\nEsc u u\nb\nkeep"));
    for shown in &shown {
        for words in ["3 branches, 4 pokes", "crash n1", "heal", "c1 write x 5 to n1"] {
            assert!(shown.contains(words), "{words}\n{shown}");
        }
    }
}

#[test]
fn a_branch_gets_a_name_by_key_and_by_command() {
    let kept = play((120, 36), &tried("b\nn\nh e a l e d\nkeep\nEnter\nkeep\nEsc\n:name \"both well\"\nb\nkeep\nn Ctrl-u Enter\nkeep"));
    let shown: Vec<String> = kept.iter().map(text).collect();
    assert!(shown[0].contains("A name for branch"), "{}", shown[0]);
    assert!(shown[1].contains("\"healed\" heal"), "{}", shown[1]);
    assert!(shown[2].contains("\"both well\" heal") && !shown[2].contains("healed"), "{}", shown[2]);
    assert!(!shown[3].contains("both well"), "{}", shown[3]);
    insta::assert_snapshot!(format!("{}\n{}", shown[0], styles(&kept[0])));
}

#[test]
fn a_name_that_is_not_wanted_changes_nothing() {
    let shown = texts((80, 24), &tried("b\nn x y Esc\nkeep\nEsc\nkeep"));
    assert!(shown[0].contains("What was tried") && !shown[0].contains("\"xy\""), "{}", shown[0]);
    assert!(!shown[1].contains("What was tried"), "{}", shown[1]);
}

#[test]
fn two_branches_side_by_side_with_the_first_difference() {
    for size in [(80, 24), (120, 36)] {
        // The cut and the crash are marked.
        let script = tried("b\nHome Down m\nDown Down Down m\nkeep\nc\nkeep\nf\nkeep\nHome\nkeep\nEsc\nkeep\nb\nkeep");
        let kept = play(size, &script);
        let shown: Vec<String> = kept.iter().map(text).collect();
        assert!(shown[0].lines().any(|l| l.contains("A├") && l.contains("cut n1")), "{}", shown[0]);
        for words in ["Two branches of one run", "A  branch", "B  branch", "cut n1 | n2 n3", "crash n1", "no verdict on a design"] {
            assert!(shown[1].contains(words), "{words}\n{}", shown[1]);
        }
        assert!(shown[1].contains("first difference at") || shown[1].contains("they differ at"), "{}", shown[1]);
        assert!(shown[3].contains("the same so far"), "at the start nothing differs\n{}", shown[3]);
        assert!(shown[4].contains("Make two nodes lead"), "one's own run is back\n{}", shown[4]);
        assert!(shown[5].contains("3 branches, 4 pokes"), "{}", shown[5]);
        for number in [1, 2] {
            let name = format!("beside_{}x{}_{number}", size.0, size.1);
            insta::assert_snapshot!(name, format!("{}\n{}", shown[number], styles(&kept[number])));
        }
    }
}

#[test]
fn what_servers_are_now_is_told_where_clients_were_told_the_same() {
    for size in [(80, 24), (120, 36)] {
        let shown = texts(size, "G G\n:crash n1\nu\n:crash n2\nb\nkeep\nHome Down m\nDown m\nc\nkeep\nf\nkeep");
        for number in ["1 crash n1", "2 crash n2"] {
            assert!(shown[0].contains(number), "each row has the number by which it is called: {number}\n{}", shown[0]);
        }
        let told = shown[1].lines().find(|line| line.contains("clients were told the same so far; now n1 ")).unwrap_or_default();
        assert!(told.contains("n1 ") && told.contains("n2 ") && told.matches("down").count() == 2, "{}", shown[1]);
        let notice = shown[2].lines().find(|line| line.contains("clients were told the same, and")).unwrap_or_default();
        assert!(
            notice.trim_end_matches(['─', '╯', ' ']).ends_with("the same servers came to lead"),
            "nothing is left of what stood there: {}",
            shown[2]
        );
    }
}

#[test]
fn nothing_is_done_to_two_branches() {
    let shown = texts((120, 36), &tried("b\nHome Down c\n:crash n2\nkeep\nEsc\n:name both\nkeep"));
    assert!(shown[0].contains("side by side: go back to one of them"), "{}", shown[0]);
    assert!(shown[1].contains("only a step with one run keeps a tree"), "{}", shown[1]);
}

#[test]
fn control_c_goes_back_from_two_branches() {
    let shown = texts((120, 36), &tried("b\nEnd c\nkeep\nCtrl-c\nkeep"));
    assert!(shown[0].contains("Two branches of one run") && shown[1].contains("Make two nodes lead"), "{}", shown[1]);
}

#[test]
fn one_of_two_is_gone_to() {
    let shown = texts((120, 36), &tried("b\nEnd c\nkeep\nb\nkeep\nb\nkeep"));
    assert!(shown[0].contains("Two branches of one run"), "{}", shown[0]);
    assert!(shown[1].contains("Make two nodes lead") && !shown[1].contains("Two branches"), "{}", shown[1]);
    let here = shown[2].lines().find(|line| line.contains('▸') && line.contains("crash n1"));
    assert!(here.is_some(), "B is the crash\n{}", shown[2]);
}

#[test]
fn a_branch_is_removed_and_brought_back() {
    let shown = texts((120, 36), &tried("b\nEnd d\nkeep\nu\nkeep\nd d d d d d\nkeep"));
    assert!(shown[0].contains("2 branches, 3 pokes") && shown[0].contains("removed, with 1 poke"), "{}", shown[0]);
    assert!(shown[1].contains("3 branches, 4 pokes") && shown[1].contains("the branch is back"), "{}", shown[1]);
    assert!(shown[2].contains("everything hangs on it"), "{}", shown[2]);
}

#[test]
fn a_click_selects_and_a_second_one_goes_there() {
    let opened = cues(&tried("b"));
    let mut all = opened.clone();
    all.push(Cue::Keep);
    let first = screen((120, 36), Theme::default(), all).kept.remove(0);
    let row = text(&first).lines().position(|line| line.contains("crash n1")).unwrap() as u16;
    let click =
        || Cue::Input(mouse(MouseEvent { kind: MouseEventKind::Down(MouseButton::Left), column: 20, row, modifiers: KeyModifiers::NONE }));
    let kept = screen((120, 36), Theme::default(), [opened, vec![Cue::Keep, click(), Cue::Keep, click(), Cue::Keep]].concat()).kept;
    assert!(text(&kept[1]).contains("Branch 1") && text(&kept[1]).contains("What was tried"), "{}", text(&kept[1]));
    assert!(text(&kept[2]).contains("Make two nodes lead"), "{}", text(&kept[2]));
}

#[test]
fn a_comparison_has_no_tree_and_says_so() {
    let shown = texts((80, 24), "C\nb\nkeep");
    assert!(shown[0].contains("two designs are on the stage"), "{}", shown[0]);
}

#[test]
fn every_size_takes_the_tree_and_two_branches() {
    let sizes: String = (1..=45u16)
        .step_by(4)
        .chain([50, 79, 80, 100, 120, 200, 300])
        .flat_map(|w| (1..=27u16).step_by(3).chain([36, 60]).map(move |h| format!("size {w}x{h}\n")))
        .collect();
    for start in ["b\n", "b\nn l o n g\n", "b\nEnd c\n", "b\nEnd c f\n"] {
        play((80, 24), &tried(&format!("{start}{sizes}")));
    }
    let ascii = Theme::new(Palette::Dark, Depth::Ansi, true, false);
    for start in ["b\nkeep", "b\nEnd c\nkeep"] {
        let shown = text(&screen((80, 24), ascii.clone(), cues(&tried(start))).kept[0]);
        assert!(shown.is_ascii(), "{shown}");
    }
}

#[test]
fn hundreds_of_branches_are_all_listed() {
    // From one moment, each on its own: a write of another value.
    let many = (0..200).map(|n| format!(":c1 write x {n} to n1\n:run 1ms\nu\n")).collect::<Vec<_>>().concat();
    let mut all = cues(&format!("G G\n{many}"));
    all.extend(cues("b\nkeep\nEnd\nkeep\nHome\nEnter"));
    let kept = screen((120, 36), Theme::default(), all).kept;
    let shown: Vec<String> = kept.iter().map(text).collect();
    assert!(shown[0].contains("200 branches, 200 pokes") && shown[0].contains("more"), "{}", shown[0]);
    assert!(shown[1].contains("c1 write x 0 to n1"), "the oldest comes last\n{}", shown[1]);
}
