//! The linear text: whole transcripts, from a pipe, and what is kept of them.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use splitbrain::plain::{self, Options};
use splitbrain::progress::{Place, Store, Wall};
use splitbrain::quiz::Wish;
use splitbrain::review::Calendar;

/// A clock that stands at a morning of November 2026.
fn wall() -> Wall {
    Wall::by_hand(Arc::new(AtomicI64::new(1_795_600_000_000)), Calendar::of(jiff::tz::TimeZone::UTC))
}

fn transcript(options: Options, store: Store, lines: &str) -> String {
    let mut out = Vec::new();
    let options = Options { echo: true, draw: Some(1), ..options };
    plain::run(&options, store, &mut lines.as_bytes(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn help_knows_the_words_that_say_how_sure() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&Place::in_folder(folder.path().into()), wall());
    let text = transcript(Options::default(), store, "help sure\nhelp guess\nhelp xyzzy\nhelp opne\nquit\n");
    assert!(text.contains("sure: how sure you are") && text.contains("guess: how sure you are"), "{text}");
    assert!(text.contains("\"xyzzy\" is no word here; help lists them.") && !text.contains("?;"), "{text}");
}

/// The lesson on split brain as somebody walks it who is often wrong: a prediction, refused pokes, a try that misses, hints, the solution.
const WRONG_MOVES: &str = include_str!("plain/wrong-moves.txt");

#[test]
fn a_whole_lesson_with_wrong_moves() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().into());
    let open = || Options { open: Some("failover-limits".into()), ..Options::default() };
    let text = transcript(open(), Store::open(&place, wall()), WRONG_MOVES);
    insta::assert_snapshot!(text);
    assert!(text.contains("This is the end of: When failover goes wrong."), "{text}");
    let store = Store::open(&place, wall());
    let topic = store.state().topic("failover-limits").unwrap();
    assert!(topic.finished && topic.steps["both-say-ok"].predicted.as_ref().is_some_and(|(_, right)| !right));
    let again = transcript(open(), Store::open(&place, wall()), "");
    // The one prediction that was told is to be made again.
    assert!(again.contains("8 of 9 steps are done."), "{again}");
}

#[test]
fn the_same_lines_give_the_same_transcript() {
    let play = || {
        transcript(
            Options { open: Some("quorum-consensus".into()), ..Options::default() },
            Store::in_memory(wall()),
            "next\nnext\n1\nnext\nstate\nlog\n",
        )
    };
    assert_eq!(play(), play());
}

#[test]
fn a_quiz_and_the_review_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::in_folder(folder.path().into());
    let wish = Wish { topic: Some("failover-limits".into()), count: Some(5), ..Wish::default() };
    let lines = "help\n2 sure\nnext\n1\nguess\nnext\nhard\nnext\n1 2\n2 think so\n40\nwhat I know of it\n1 2\nnext\n1 sure\nnext\nnext\n1\nnext\nnext\nnext\nnext\nhome\nreview\n1 sure\nnext\nresults\nhome\nresults\n";
    let text = transcript(Options { quiz: Some(wish), ..Options::default() }, Store::open(&place, wall()), lines);
    insta::assert_snapshot!(text);
}

#[test]
fn among_the_topics() {
    let text = transcript(
        Options::default(),
        Store::in_memory(wall()),
        "topics replication\nsearch split brain\nopen 99\nopen nothing\nhelp\ncrash n1\nresults\nhelp open\nopen replicated\nc1 write x 1\nrun 100ms\nstate\ncut n1 ?\nhome\nquit\n",
    );
    insta::assert_snapshot!(text);
}

fn piped(arguments: &[&str], data: &Path, input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_splitbrain"));
    command.args(arguments).env("SPLITBRAIN_DATA", data).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may have ended before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[test]
fn a_pipe_is_spoken_to_in_lines_and_what_was_done_is_kept() {
    let data = tempfile::tempdir().unwrap();
    let output = piped(&["failover-limits"], data.path(), "cut east | west\nplay");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{text}");
    assert!(text.contains("The goal is reached, with 1 poke.") && text.ends_with("Goodbye. Your progress is saved.\n"), "{text}");
    let store = Store::open(&Place::in_folder(data.path().into()), Wall::system());
    assert!(store.state().topic("failover-limits").unwrap().steps["two-leaders"].reached.is_some());
}

#[test]
fn a_quiz_in_a_pipe_is_printed_unless_lines_are_asked_for() {
    let data = tempfile::tempdir().unwrap();
    let quiz = ["quiz", "--topic", "failover-limits", "--count", "3", "--seed", "1"];
    let paper = String::from_utf8(piped(&quiz, data.path(), "1\n").stdout).unwrap();
    assert!(paper.starts_with("1. ") && paper.contains("Answers"), "{paper}");
    let asked = [&quiz[..], &["--plain"]].concat();
    let lines = String::from_utf8(piped(&asked, data.path(), "1 sure\n").stdout).unwrap();
    assert!(lines.starts_with("Quiz: When failover goes wrong. 3 questions to answer.\n") && lines.contains("> 1 sure\n"), "{lines}");
}

#[test]
fn a_cluster_without_a_lesson_is_opened_in_lines_too() {
    let data = tempfile::tempdir().unwrap();
    let open = piped(&["open", "--model", "quorum", "--plain"], data.path(), "c1 write x 1\nplay\nfacts acked\n");
    let text = String::from_utf8(open.stdout).unwrap();
    assert!(text.contains("acked is 1"), "{text}");
    let refused = piped(&["--plain", "--theme", "pink"], data.path(), "");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("themes are dark, light"));
    let unknown = piped(&["--plain", "no-such-lesson"], data.path(), "");
    assert!(String::from_utf8_lossy(&unknown.stdout).contains("there is no lesson \"no-such-lesson\""));
}
