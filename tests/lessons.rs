//! The lessons in the program are read, are where they should be, and say nothing that a run does not confirm.

#![expect(clippy::expect_used, reason = "a test may stop at what cannot be")]

use std::fs;
use std::path::{Path, PathBuf};

use splitbrain::lab::check;
use splitbrain::lesson::catalogue;
use splitbrain::lesson::survey::Effort;

fn checked(paths: &[PathBuf]) -> (bool, String) {
    let mut out = Vec::new();
    let right = check::run(paths, Effort::QUICK, &mut out).expect("writing to memory");
    (right, String::from_utf8(out).expect("text"))
}

/// A folder of its own for one test.
fn folder(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for (file, text) in files {
        fs::write(folder.join(file), text).expect("a file");
    }
    folder
}

/// The whole lesson at the end of the page for teachers.
fn example() -> &'static str {
    block(0)
}

/// The scenarios that it starts from.
fn scenarios() -> &'static str {
    block(1)
}

/// A block of TOML of the page for teachers, counted from the end.
fn block(from_end: usize) -> &'static str {
    let page = include_str!("../lessons/FORMAT.md");
    page.rsplit("```toml\n").nth(from_end).and_then(|rest| rest.split("```").next()).expect("the page ends with a lesson")
}

#[test]
fn the_lessons_in_the_program_are_so() {
    let (right, out) = checked(&[]);
    assert!(right, "{out}");
}

#[test]
fn the_lessons_in_the_program_are_topics_under_their_own_names() {
    let known = catalogue();
    for id in known.lessons() {
        let lesson = known.open(id).expect("it is there").unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let topic = known.topics.topic(id).expect("it is a topic");
        assert_eq!((lesson.id.as_str(), lesson.title.as_str()), (id, topic.title.as_str()));
        let chapter = known.topics.chapters.iter().find(|c| c.topics.iter().any(|t| t.id == id)).expect("a chapter");
        assert_eq!(lesson.chapter, chapter.id, "{id}");
    }
    let listed = known.lessons().count();
    assert_eq!(listed, known.files(), "every lesson file is named like a topic");
}

#[test]
fn a_teachers_folder_is_checked_file_by_file() {
    let untrue = example().replace("id = \"two-leaders\"", "id = \"untrue\"").replace("answer = 1\n", "answer = 2\n");
    let files = [("scenarios.toml", scenarios()), ("two-leaders.toml", example()), ("untrue.toml", &untrue), ("broken.toml", "id = 3\n")];
    let folder = folder("teacher", &files);
    let (right, out) = checked(std::slice::from_ref(&folder));
    assert!(!right);
    assert!(
        out.contains(
            "two-leaders.toml: right (6 steps (1 prediction, 2 goals, 1 comparison, 1 table), 2 claims in 10 runs, 7 questions, 5 drills)"
        ),
        "{out}"
    );
    assert!(out.contains("the answer is given as 2, but `leaders` is 1 in the run") && out.contains("untrue.toml: 1 mistake"), "{out}");
    assert!(out.contains("`id` is a text, in quotes"), "{out}");
    assert!(checked(&[folder.join("two-leaders.toml")]).0);
    assert!(!checked(&[folder.join("untrue.toml")]).0);
}

#[test]
fn what_cannot_be_read_is_named() {
    let empty = folder("empty", &[]);
    let (right, out) = checked(&[empty, PathBuf::from("no/such/lesson.toml")]);
    assert!(!right);
    assert!(out.contains("there is no lesson in this folder") && out.contains("no/such/lesson.toml: "), "{out}");
}

#[test]
fn a_folder_may_bring_its_own_chapters() {
    let topics = "[[chapter]]\nid = \"ours\"\ntitle = \"Ours\"\ntopics = [{ id = \"two-leaders\", title = \"T\", question = \"?\" }]\n";
    let lesson = example().replace("chapter = \"replication\"", "chapter = \"ours\"");
    let folder = folder("chapters", &[("scenarios.toml", scenarios()), ("topics.toml", topics), ("two-leaders.toml", &lesson)]);
    let (right, out) = checked(std::slice::from_ref(&folder));
    assert!(right, "{out}");
    let mut known = catalogue().clone();
    known.add_folder(&folder).expect("it can be read");
    assert!(known.complaints.is_empty(), "{:?}", known.complaints);
    assert_eq!(known.topics.chapters.last().map(|c| c.title.as_str()), Some("Ours"));
    assert!(known.has("two-leaders"));
}
