//! The page that builds a lesson is done, block by block: what it says to type is typed, what it says is printed is printed, and the lesson
//! that comes of it is right and opens. So the page cannot say what is not so.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use splitbrain::tui::app::App;
use splitbrain::tui::script::{Cue, Scripted, keys, text};
use splitbrain::tui::theme::Theme;
use splitbrain::tui::{Options, event_loop};

const PAGE: &str = include_str!("../docs/authoring.md");

/// The lesson of the page.
const LESSON: &str = "early-ok.toml";

/// A part of the page that does something.
#[derive(Debug)]
enum Block<'p> {
    /// Commands, and what they print.
    Shell(Vec<&'p str>, Vec<&'p str>),
    /// The lesson as a whole, or what comes at its end.
    Lesson { text: &'p str, whole: bool },
    /// Lines of the lesson that become others.
    Change(Vec<(&'p str, &'p str)>),
    /// The last change is taken back.
    Back,
}

/// The fenced blocks of the page with their kinds, and the marks that no reader sees.
fn parts() -> Vec<(&'static str, &'static str)> {
    let mut parts = Vec::new();
    let mut rest = PAGE;
    while let Some(at) = [rest.find("\n```"), rest.find("<!-- ")].into_iter().flatten().min() {
        rest = &rest[at..];
        if let Some(mark) = rest.strip_prefix("<!-- ") {
            let end = mark.find(" -->").unwrap();
            parts.push(("mark", &mark[..end]));
            rest = &mark[end..];
        } else {
            let (kind, block) = rest[4..].split_once('\n').unwrap();
            let end = block.find("\n```").unwrap();
            parts.push((kind, &block[..=end]));
            rest = &block[end + 4..];
        }
    }
    parts
}

fn blocks() -> Vec<Block<'static>> {
    let (mut blocks, mut mark) = (Vec::new(), None);
    for (kind, body) in parts() {
        match (kind, mark.take(), blocks.last_mut()) {
            ("mark", _, _) if body == "back" => blocks.push(Block::Back),
            ("mark", _, _) => mark = Some(body),
            ("sh", _, _) => blocks.push(Block::Shell(body.lines().collect(), Vec::new())),
            ("text", _, Some(Block::Shell(_, printed))) => printed.extend(body.lines()),
            ("toml", Some(mark @ ("the file" | "add")), _) => blocks.push(Block::Lesson { text: body, whole: mark == "the file" }),
            ("diff", _, _) => blocks.push(Block::Change(changes(body))),
            other => panic!("a block of the page that nobody knows what to do with: {other:?}"),
        }
    }
    blocks
}

fn changes(diff: &str) -> Vec<(&str, &str)> {
    let lines: Vec<&str> = diff.lines().collect();
    let pairs = lines.chunks(2).map(|pair| (pair[0].strip_prefix('-').unwrap(), pair[1].strip_prefix('+').unwrap()));
    pairs.collect()
}

/// The words of a line that a shell would read, where single quotes are all that it uses.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (number, part) in line.split('\'').enumerate() {
        if number % 2 == 1 {
            words.push(part.to_string());
        } else {
            words.extend(part.split_whitespace().map(str::to_string));
        }
    }
    words
}

/// What a command prints, on either stream.
fn printed(folder: &Path, line: &str) -> String {
    let words = words(line);
    assert_eq!(words[0], "splitbrain", "{line}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_splitbrain"));
    let output = command.args(&words[1..]).current_dir(folder).env("SPLITBRAIN_DATA", folder.join("data")).output().unwrap();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

/// The lesson of the page in the lab, as the first frame shows it.
fn opened(file: PathBuf) -> String {
    let options = Options { lessons: Some(file), open: Some("early-ok".into()), ..Options::default() };
    let mut app = App::new(&options, Theme::default()).unwrap();
    let mut screen = Scripted::new(120, 36, [vec![Cue::Keep], keys("Ctrl-c")].concat());
    event_loop::run(&mut app, &mut screen).unwrap();
    text(&screen.kept[0])
}

fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Everything that is said to be printed is, in this order. How many blanks are between words is no matter.
fn says(line: &str, printed: &str, expected: &[&str]) {
    let whole = flat(printed);
    let mut rest = whole.as_str();
    for part in expected {
        let part = flat(part.trim_start_matches('.'));
        let at = rest.find(&part).unwrap_or_else(|| panic!("{line}\nprints no `{part}` (in its place):\n{printed}"));
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn the_page_builds_a_lesson_that_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(LESSON);
    let mut before = String::new();
    let mut checks = 0;
    for block in blocks() {
        match block {
            Block::Shell(lines, expected) if lines == ["splitbrain early-ok.toml"] => {
                assert!(expected.is_empty() && opened(file.clone()).contains("step 1 of 4"), "{}", opened(file.clone()));
            }
            Block::Shell(lines, expected) => {
                checks += lines.iter().filter(|line| line.starts_with("splitbrain check")).count();
                let all: String = lines.iter().map(|line| printed(folder.path(), line)).collect();
                says(&lines.join("\n"), &all, &expected);
            }
            Block::Lesson { text, whole: true } => fs::write(&file, text).unwrap(),
            Block::Lesson { text, whole: false } => {
                let so_far = fs::read_to_string(&file).unwrap();
                fs::write(&file, format!("{so_far}\n{text}")).unwrap();
            }
            Block::Change(changes) => {
                before = fs::read_to_string(&file).unwrap();
                let change = |text: String, (from, to): (&str, &str)| {
                    assert_eq!(text.matches(from).count(), 1, "`{from}` stands once in\n{text}");
                    text.replace(from, to)
                };
                fs::write(&file, changes.into_iter().fold(before.clone(), change)).unwrap();
            }
            Block::Back => fs::write(&file, &before).unwrap(),
        }
    }
    assert!(checks >= 5, "the page checks its lesson on the way");
    assert!(folder.path().join("pages/early-ok.html").exists() && folder.path().join("cards.csv").exists());
    assert!(opened(file).contains("What is an ok worth"));
}

#[test]
fn the_page_about_settings_shows_the_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/settings.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- the file -->\n```toml\n").unwrap();
    let (_, after) = rest.split_once("```\n").unwrap();
    let right = format!("{before}<!-- the file -->\n```toml\n{}```\n{after}", splitbrain::tui::config::template());
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &right).unwrap();
    } else {
        assert_eq!(page, right, "UPDATE=1 writes it");
    }
}
