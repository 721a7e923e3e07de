//! The whole way of a learner through the real loop: wrong in three ways and told why each time, to the end of the lesson, three
//! questions, `kill -9`, and the next day asked what is due.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use ratatui::buffer::Buffer;
use splitbrain::progress::{Place, Store, Wall};
use splitbrain::review::Calendar;
use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, styles, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

const FOLDER: &str = "SPLITBRAIN_TEST_FOLDER";
const SIZE: &str = "SPLITBRAIN_TEST_SIZE";

/// A morning of November 2026, and so many days later.
fn wall(days: i64) -> Wall {
    Wall::by_hand(Arc::new(AtomicI64::new(1_795_600_000_000 + days * 24 * 3_600_000)), Calendar::of(jiff::tz::TimeZone::UTC))
}

fn app(folder: &Path, days: i64, open: Option<&str>) -> App {
    let store = Store::open(&Place::in_folder(folder.join("data")), wall(days));
    App::with(&Options { open: open.map(str::to_string), draw: Some(1), ..Options::default() }, Theme::default(), store).unwrap()
}

/// What the learner does next, once the screen stands still.
enum Step {
    /// Presses these keys.
    Press(&'static str),
    /// Waits for so many milliseconds.
    Wait(u64),
    /// Keeps the screen under this name, and decides again.
    Keep(&'static str),
    /// Is gone, without a word.
    Die,
}

/// A screen at which a learner decides, who looks at it before. One who never comes to an end has lost the way.
fn learner_at(screen: Scripted, folder: &Path, mut decide: impl FnMut(&str) -> Step + 'static) -> Scripted {
    let (folder, mut decided) = (folder.to_path_buf(), 0);
    screen.driven(move |buffer| {
        decided += 1;
        let shown = text(buffer);
        assert!(decided < 500, "lost at\n{shown}");
        match decide(&shown) {
            Step::Press(names) => return keys(names),
            Step::Wait(ms) => return vec![Cue::Pass(Duration::from_millis(ms))],
            Step::Keep(name) => keep(&folder, name, buffer),
            Step::Die => {
                let killed = Command::new("kill").args(["-9", &std::process::id().to_string()]).status();
                panic!("still alive after {killed:?}");
            }
        }
        Vec::new()
    })
}

fn keep(folder: &Path, name: &str, screen: &Buffer) {
    fs::write(folder.join(format!("{name}.txt")), format!("{}\n{}", text(screen), styles(screen))).unwrap();
}

/// The lesson: a miss, the goal, a wrong prediction, and on to the end.
fn through_the_lesson() -> Vec<Step> {
    let command = |typed: &'static str| [Step::Press(":"), Step::Press(typed), Step::Press("Enter")];
    let mut steps = vec![Step::Wait(100), Step::Keep("1-begins")];
    steps.extend(command("c r a s h Space n 1"));
    steps.extend([Step::Press("Space"), Step::Wait(60_000), Step::Keep("2-misses"), Step::Press("u")]);
    steps.extend(command("c u t Space e a s t Space | Space w e s t"));
    steps.extend([Step::Press("Space"), Step::Wait(60_000), Step::Keep("3-reaches"), Step::Press("Enter"), Step::Press("1")]);
    // The run stops at three marks on its way.
    steps.extend((0..4).flat_map(|_| [Step::Wait(60_000), Step::Press("Space")]).take(7));
    steps.extend([Step::Keep("4-mistaken")]);
    steps.extend((0..7).map(|_| Step::Press("G")));
    steps.extend([Step::Press("Enter"), Step::Keep("5-done"), Step::Press("Enter"), Step::Wait(100)]);
    steps
}

/// Answers whatever is asked, mostly wrong, and sure of it.
fn answer(shown: &str) -> Step {
    let has = |part: &str| shown.contains(part);
    match () {
        () if has("pass over") => Step::Press("s"),
        () if has("skip to the end") || has("Which of these did you name?") => Step::Press("Enter"),
        () if has("to the cluster") && has(" list") => Step::Press("c"),
        () if has("In your own words") || has("In which order?") => Step::Press("Enter"),
        () if has("How much?") => Step::Press("1 Enter"),
        () if has("Which of these?") => Step::Press("1 Enter"),
        () => Step::Press("1"),
    }
}

/// What the other process does: a learner who is gone in the middle of a quiz.
#[test]
#[ignore = "it is started by the other test, in a process of its own"]
fn learner() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let (width, height) = std::env::var(SIZE).unwrap().split_once('x').map(|(w, h)| (w.parse().unwrap(), h.parse().unwrap())).unwrap();
    let mut lesson = through_the_lesson().into_iter();
    let (mut told, mut waiting) = (0, false);
    let names = ["6-first-question", "7-second-question", "8-third-question"];
    let decide = move |shown: &str| {
        if let Some(step) = lesson.next() {
            return step;
        }
        // The grades stand in the last line once it is told what is right.
        if !shown.contains("grade") {
            waiting = false;
            return answer(shown);
        }
        match (waiting, told) {
            (false, _) => {
                (waiting, told) = (true, told + 1);
                Step::Keep(names[told - 1])
            }
            (true, 3) => Step::Die,
            (true, _) => Step::Press("Enter"),
        }
    };
    let folder = Path::new(&folder);
    let mut screen = learner_at(Scripted::new(width, height, []), folder, decide);
    event_loop::run(&mut app(folder, 0, Some("failover-limits")), &mut screen).unwrap();
}

fn has(screen: &str, all: &[&str]) {
    let flat = screen.replace(['│', '\n'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    for part in all {
        assert!(flat.contains(part), "`{part}` is not on\n{screen}");
    }
}

/// The screens of the first day, under their names. The learner is killed at its end.
fn first_day(folder: &Path, size: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "learner", "--ignored", "--nocapture"]).env(FOLDER, folder).env(SIZE, size);
    let output = child.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.signal(), Some(9), "{}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
}

/// What was answered on the first day is there, and what was wrong is due.
fn is_kept_and_due(folder: &Path) -> usize {
    let store = Store::open(&Place::in_folder(folder.join("data")), wall(1));
    assert_eq!((store.state().items().count(), store.trouble()), (3, None), "nothing that was answered is lost");
    let due = store.state().items().filter(|(_, item)| item.answers.iter().all(|given| !given.right)).count();
    assert!(due > 0, "somebody who always takes the first answer is not always right");
    due
}

/// The screens of the next day: home, and the first question.
fn next_day(folder: &Path, (width, height): (u16, u16)) -> [String; 2] {
    let mut screen = Scripted::new(width, height, [vec![Cue::Keep], keys("q"), vec![Cue::Keep]].concat());
    event_loop::run(&mut app(folder, 1, None), &mut screen).unwrap();
    [0, 1].map(|shown| format!("{}\n{}", text(&screen.kept[shown]), styles(&screen.kept[shown])))
}

#[test]
fn a_learner_is_told_why_finishes_is_killed_and_is_asked_what_is_due() {
    for (width, height) in [(80, 24), (120, 36)] {
        let (folder, size) = (tempfile::tempdir().unwrap(), format!("{width}x{height}"));
        first_day(folder.path(), &size);
        let kept = |name: &str| fs::read_to_string(folder.path().join(format!("{name}.txt"))).unwrap_or_else(|why| panic!("{name}: {why}"));
        has(&kept("1-begins"), &["Try it", "step 1 of 9"]);
        has(&kept("2-misses"), &["why this cannot do it", "A dead leader"]);
        has(&kept("3-reaches"), &["goal reached", "split brain"]);
        has(&kept("4-mistaken"), &["You said: only c2", "A majority was"]);
        has(&kept("5-done"), &["Done: When failover goes wrong", "You predicted 0 of 1", "3 questions"]);
        for name in ["6-first-question", "7-second-question", "8-third-question"] {
            has(&kept(name), &["sure, and not so", "✓"]);
        }
        let due = is_kept_and_due(folder.path());
        let [home, question] = next_day(folder.path(), (width, height));
        has(&home, &["Continue", "Due", &format!("{due} question")]);
        has(&question, &["Quiz >", "question 1 of"]);
        insta::assert_snapshot!(format!("{size}-what-is-due"), question);
    }
}
