//! Recorded histories in every form, each with its verdicts: `tests/histories/index.txt`.

#![allow(clippy::expect_used, reason = "a test may end on what it did not expect")]

use std::path::Path;

use clap::Parser as _;
use splitbrain::lab::cli::Cli;

/// The guarantees in the order of the screen, as the JSON has them.
const GUARANTEES: [&str; 8] = [
    "linearizable",
    "sequential",
    "read_your_writes",
    "monotonic_reads",
    "monotonic_writes",
    "writes_follow_reads",
    "durable",
    "convergent",
];

/// The exit status, and what was printed or complained.
fn judged(path: &Path, arguments: &str) -> (u8, String) {
    let path = path.to_str().expect("a path of letters");
    let words = ["splitbrain", "history", "--json", path].into_iter().chain(arguments.split_whitespace());
    let command = Cli::try_parse_from(words).expect("the arguments are right").command.expect("a command");
    let mut out = Vec::new();
    match command.run(&mut out) {
        Ok(status) => (status, String::from_utf8(out).expect("text")),
        Err(error) => (2, format!("{error:#}")),
    }
}

/// A letter for each guarantee.
fn letters(json: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let letter = |guarantee: &&str| match json[*guarantee].as_bool() {
        Some(true) => 'y',
        Some(false) => 'n',
        None => '?',
    };
    GUARANTEES.iter().map(letter).collect()
}

#[test]
fn every_history_gets_its_verdicts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
    let index = std::fs::read_to_string(folder.join("index.txt")).expect("the index");
    let mut wrong = Vec::new();
    for line in index.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(" | ").collect();
        let [file, arguments, status, expected] = fields[..] else { panic!("{line}") };
        let (found, text) = judged(&folder.join(file), arguments);
        let right = if status == "2" {
            text.contains(expected)
        } else {
            found != 2 && letters(&text).chars().zip(expected.chars()).all(|(found, expected)| expected == '.' || found == expected)
        };
        if !right || found.to_string() != status {
            wrong.push(format!("{line}\n    status {found}: {}", text.lines().take(3).collect::<Vec<_>>().join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file without a line in the index is tested by nobody.
#[test]
fn every_file_is_in_the_index() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/histories");
    let index = std::fs::read_to_string(folder.join("index.txt")).expect("the index");
    for file in std::fs::read_dir(&folder).expect("the folder") {
        let name = file.expect("a file").file_name().into_string().expect("a name of letters");
        assert!(name == "index.txt" || index.lines().any(|line| line.starts_with(&format!("{name} |"))), "{name}");
    }
}
