//! What is done on the screen is in the log, and is there the next time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::tz::TimeZone;
use ratatui::crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use splitbrain::progress::{Answer, Event, Place, Store, Wall};
use splitbrain::review::{Calendar, Confidence};
use splitbrain::tui::app::App;
use splitbrain::tui::config;
use splitbrain::tui::script::{Cue, Scripted, keys, mouse, styles, text};
use splitbrain::tui::theme::{Palette, Theme};
use splitbrain::tui::{Options, event_loop};

fn wall() -> Wall {
    Wall::by_hand(Arc::new(AtomicI64::new(1_790_000_000_000)), Calendar::of(TimeZone::UTC))
}

/// Plays keys in a lesson, for the learner of a place.
fn play(place: &Place, cues: impl IntoIterator<Item = Cue>) {
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    let options = Options { lessons: Some(lessons.into()), open: Some("two-leaders".into()), ..Options::default() };
    let mut app = App::with(&options, Theme::default(), Store::open(place, wall())).unwrap();
    event_loop::run(&mut app, &mut Scripted::new(80, 24, cues)).unwrap();
}

fn pass(ms: u64) -> Cue {
    Cue::Pass(Duration::from_millis(ms))
}

#[test]
fn steps_predictions_and_goals_are_written_down_as_they_happen() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().into());
    let mut cues = Vec::new();
    // The first step stops at a mark on its way.
    for key in ["Enter", "Enter", "Enter", "1", "Enter"] {
        cues.extend(keys(key));
        cues.push(pass(20_000));
    }
    play(&place, cues);
    let store = Store::open(&place, wall());
    let topic = store.state().topic("two-leaders").expect("it was begun");
    assert_eq!((topic.here.as_deref(), topic.done(), topic.finished), (Some("both-ok"), 2, false));
    assert!(topic.steps["hello"].done && topic.steps["both-ok"].predicted.is_some());
}

const FOLDER: &str = "SPLITBRAIN_TEST_FOLDER";
const NAME: &str = "SPLITBRAIN_TEST_NAME";
const COUNT: &str = "SPLITBRAIN_TEST_COUNT";

fn answered(item: String) -> Event {
    Event::Answered(Answer { item, topic: "t".into(), right: true, ..Answer::default() })
}

/// What the other processes of these tests do: they give answers, and say each that is kept.
#[test]
#[ignore = "it is started by the other tests, in a process of its own"]
fn writer() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let (name, count) = (std::env::var(NAME).unwrap(), std::env::var(COUNT).unwrap().parse().unwrap());
    let mut store = Store::open(&Place::in_folder(folder.into()), wall());
    let mut out = std::io::stdout();
    for n in 0..count {
        store.record(answered(format!("{name}-{n}")));
        match store.trouble() {
            None => writeln!(out, "kept {name}-{n}").unwrap(),
            Some(trouble) => writeln!(out, "trouble {trouble}").unwrap(),
        }
        out.flush().unwrap();
    }
    assert_eq!(store.state().items().filter(|(item, _)| item.starts_with(&name)).count(), count, "the session goes on");
}

/// This test program again, as a writer, started by a line of shell.
fn start(shell: &str, folder: &Path, name: &str, count: usize) -> Child {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{shell} exec \"$0\" \"$@\"")]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", "writer", "--ignored", "--nocapture", "--quiet"]);
    command.env(FOLDER, folder).env(NAME, name).env(COUNT, count.to_string());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// The answers that a writer says are kept, until it says so many or ends, and what it says of trouble.
fn said(child: &mut Child, most: usize) -> (Vec<String>, Vec<String>) {
    let (mut kept, mut trouble) = (Vec::new(), Vec::new());
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    for line in lines {
        if let Some(item) = line.strip_prefix("kept ") {
            kept.push(item.to_string());
        }
        trouble.extend(line.strip_prefix("trouble ").map(str::to_string));
        if kept.len() >= most {
            break;
        }
    }
    (kept, trouble)
}

/// Everything that was said to be kept is in the log, and the log is whole.
fn all_is_there(folder: &Path, kept: &[String]) -> usize {
    let store = Store::open(&Place::in_folder(folder.into()), wall());
    assert_eq!(store.trouble(), None);
    assert_eq!(store.findings().broken, Vec::<usize>::new());
    for item in kept {
        assert!(store.state().item(item).is_some(), "{item} is lost");
    }
    store.state().items().count()
}

#[test]
fn a_hundred_kills_lose_at_most_the_answer_that_was_being_given() {
    let folder = tempfile::tempdir().unwrap();
    let mut kept = Vec::new();
    for round in 0..100 {
        let mut child = start("", folder.path(), &format!("r{round}"), 10_000);
        let (said, _) = said(&mut child, round % 7);
        // A little later each time: somewhere in the middle of writing the next.
        let later = Duration::from_micros(37 * (round as u64 % 29));
        std::thread::park_timeout(later);
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(said.len() >= round % 7, "round {round}: {said:?}");
        kept.extend(said);
        all_is_there(folder.path(), &kept);
    }
    assert!(kept.len() >= 250, "{}", kept.len());
}

#[test]
fn two_processes_that_write_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut writers = ["one", "two"].map(|name| start("", folder.path(), name, 150));
    let kept: Vec<String> = writers.iter_mut().flat_map(|child| said(child, usize::MAX).0).collect();
    assert!(writers.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!((kept.len(), all_is_there(folder.path(), &kept)), (300, 300));
}

#[cfg(unix)]
#[test]
fn on_a_full_disk_the_session_goes_on_and_nothing_saved_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    // No file may grow beyond a few KiB.
    let mut child = start("trap '' XFSZ; ulimit -f 4;", folder.path(), "full", 60);
    let (kept, trouble) = said(&mut child, usize::MAX);
    assert!(child.wait().unwrap().success());
    assert!(!kept.is_empty() && kept.len() < 60, "{}", kept.len());
    assert!(trouble.last().is_some_and(|line| line.starts_with("progress is not saved, ")), "{trouble:?}");
    assert_eq!(all_is_there(folder.path(), &kept), kept.len());
}

/// What a learner did on some days before: lessons begun and gone through, and questions answered.
fn learnt(place: &Place, clock: &AtomicI64, store: &mut Store) {
    let answer = |item: &str, topic: &str, right, confidence| {
        Event::Answered(Answer {
            item: item.into(),
            topic: topic.into(),
            right,
            confidence: Some(confidence),
            chosen: "both".into(),
            ..Answer::default()
        })
    };
    let done = |lesson: &str, step: &str| Event::StepDone { lesson: lesson.into(), step: step.into() };
    let seen = |lesson: &str, step: &str| Event::StepSeen { lesson: lesson.into(), step: step.into() };
    store.record_all([done("replication-lag", "stale"), Event::Finished { lesson: "replication-lag".into() }]);
    store.record_all([
        answer("lag/a", "replication-lag", true, Confidence::Sure),
        answer("lag/b", "replication-lag", true, Confidence::Think),
    ]);
    clock.fetch_add(2 * DAY, Ordering::Relaxed);
    store.record_all([seen("two-leaders", "hello"), done("two-leaders", "hello"), seen("two-leaders", "both-ok")]);
    store.record(answer("leaders/a", "two-leaders", false, Confidence::Sure));
    clock.fetch_add(DAY, Ordering::Relaxed);
    assert!(place.log().exists());
}

const DAY: i64 = 24 * 3_600_000;

/// The screens that are kept while a learner of some days plays this.
fn after_some_days(size: (u16, u16), script: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().into());
    let clock = Arc::new(AtomicI64::new(1_790_000_000_000));
    let wall = Wall::by_hand(Arc::clone(&clock), Calendar::of(TimeZone::UTC));
    learnt(&place, &clock, &mut Store::open(&place, wall.clone()));
    let lessons = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lessons");
    let options = Options { lessons: Some(lessons.into()), ..Options::default() };
    let mut app = App::with(&options, Theme::default(), Store::open(&place, wall)).unwrap();
    let cues = script.split_whitespace().flat_map(|word| if word == "keep" { vec![Cue::Keep] } else { keys(word) });
    let mut screen = Scripted::new(size.0, size.1, cues);
    event_loop::run(&mut app, &mut screen).unwrap();
    screen.kept.iter().map(|kept| format!("{}\n{}", text(kept), styles(kept))).collect()
}

#[test]
fn who_comes_back_finds_everything() {
    let kept = after_some_days((80, 24), "keep Enter keep");
    insta::assert_snapshot!("home_of_a_learner", kept[0]);
    assert!(kept[1].contains("step 2 of 4"), "{}", kept[1]);
    assert!(kept[1].contains("●"), "what was done is marked\n{}", kept[1]);
}

#[test]
fn results_say_what_is_known_and_what_is_due() {
    insta::assert_snapshot!("results", after_some_days((80, 24), "r keep")[0]);
    insta::assert_snapshot!("results_wide", after_some_days((120, 36), "r keep")[0]);
    let kept = after_some_days((80, 24), "r Esc keep");
    assert!(kept[0].contains("Continue"), "{}", kept[0]);
}

#[test]
fn results_fit_into_any_screen() {
    for (width, height) in [(40, 10), (60, 14), (79, 23), (100, 30), (200, 60)] {
        let kept = after_some_days((width, height), "r keep j j j k keep");
        assert!(kept.iter().all(|screen| screen.contains("Results")), "{width}x{height}");
    }
}

#[test]
fn a_topic_of_the_results_is_opened_with_the_mouse() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().into());
    let clock = Arc::new(AtomicI64::new(1_790_000_000_000));
    let wall = Wall::by_hand(Arc::clone(&clock), Calendar::of(TimeZone::UTC));
    learnt(&place, &clock, &mut Store::open(&place, wall.clone()));
    let press = |row: u16| {
        let at = |kind| Cue::Input(mouse(MouseEvent { kind, column: 6, row, modifiers: KeyModifiers::NONE }));
        [at(MouseEventKind::Down(MouseButton::Left)), at(MouseEventKind::Up(MouseButton::Left)), Cue::Keep]
    };
    let play = |cues: Vec<Cue>| {
        let mut app = App::with(&Options::default(), Theme::default(), Store::open(&place, wall.clone())).unwrap();
        let mut screen = Scripted::new(80, 24, cues);
        event_loop::run(&mut app, &mut screen).unwrap();
        screen.kept.iter().map(text).collect::<Vec<_>>()
    };
    let results = play([keys("r"), vec![Cue::Keep]].concat()).remove(0);
    let row = results.lines().position(|line| line.contains("Leader-based repli")).unwrap();
    let lab = play([keys("r"), vec![Cue::Keep], press(row as u16).to_vec()].concat()).remove(1);
    assert!(lab.contains("step 1 of"), "{lab}");
    let chapter = results.lines().position(|line| line.contains("Replication ")).unwrap();
    let still = play([keys("r"), vec![Cue::Keep], press(chapter as u16).to_vec()].concat()).remove(1);
    assert!(still.contains("Results"), "a chapter is no lesson\n{still}");
}

#[test]
fn what_is_forgotten_again_and_again_is_seen_in_the_lab() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().into());
    let clock = Arc::new(AtomicI64::new(1_790_000_000_000));
    let wall = Wall::by_hand(Arc::clone(&clock), Calendar::of(TimeZone::UTC));
    let mut store = Store::open(&place, wall.clone());
    let answer = |(topic, question): (&str, &str), right| {
        let (item, topic) = (format!("{topic}/{question}"), topic.into());
        Event::Answered(Answer { item, topic, right, ..Answer::default() })
    };
    let slippery = [("failover-limits", "q-silent"), ("replication-lag", "q-grow")];
    for _ in 0..12 {
        store.record_all(slippery.into_iter().flat_map(|item| [answer(item, true), answer(item, false)]));
        clock.fetch_add(30 * DAY, Ordering::Relaxed);
    }
    let play = |script: &str| {
        let mut app =
            App::with(&Options { draw: Some(1), ..Options::default() }, Theme::default(), Store::open(&place, wall.clone())).unwrap();
        let cues = script.split_whitespace().flat_map(|word| if word == "keep" { vec![Cue::Keep] } else { keys(word) });
        let mut screen = Scripted::new(100, 30, cues);
        event_loop::run(&mut app, &mut screen).unwrap();
        screen.kept.iter().map(text).collect::<Vec<_>>()
    };
    let kept = play("r keep v keep Esc keep v keep");
    assert!(kept[0].contains("slippery  2"), "{}", kept[0]);
    for lab in [&kept[1], &kept[3]] {
        assert!(lab.contains("step ") && lab.contains("Esc: back to where you were"), "{lab}");
    }
    assert!(kept[2].contains("Results"), "{}", kept[2]);
    assert_ne!(kept[1].lines().next(), kept[3].lines().next(), "the next one is another");
}

#[test]
fn where_nothing_can_be_kept_the_screen_says_so_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    // What should be the folder of the data is a file: nobody can write into it, whoever one is.
    let in_the_way = folder.path().join("data");
    std::fs::write(&in_the_way, "mine").unwrap();
    let place = Place::in_folder(in_the_way.clone());
    let config = in_the_way.join("config.toml");
    let options = Options { open: Some("failover-limits".into()), config: Some(config), ..Options::default() };
    let mut app = App::with(&options, Theme::default(), Store::open(&place, wall())).unwrap();
    let cues = [keys("G"), vec![Cue::Keep], keys("T Enter"), vec![Cue::Keep], keys("Esc G"), vec![Cue::Keep]].concat();
    let mut screen = Scripted::new(120, 36, cues);
    event_loop::run(&mut app, &mut screen).unwrap();
    let kept: Vec<String> = screen.kept.iter().map(text).collect();
    assert!(kept[0].contains("progress is not saved"), "{}", kept[0]);
    assert!(kept[1].contains("Settings"), "{}", kept[1]);
    assert!(kept[2].contains("step 3 of"), "{}", kept[2]);
    assert_eq!(std::fs::read_to_string(&in_the_way).unwrap(), "mine");
}

#[test]
fn settings_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let options = Options { config: Some(path.clone()), ..Options::default() };
    let place = Place::in_folder(folder.path().into());
    let mut app = App::with(&options, Theme::default(), Store::open(&place, wall())).unwrap();
    event_loop::run(&mut app, &mut Scripted::new(80, 24, keys("T Enter Down Down Enter Esc"))).unwrap();
    let (config, mistakes) = config::load(&path);
    assert_eq!((config.theme.map(Palette::name), config.motion, mistakes), (Some("light"), false, vec![]));
    let known = Store::open(&place, wall());
    assert_eq!((known.state().setting("screen.theme"), known.state().setting("screen.motion")), (Some("light"), Some("false")));
}
