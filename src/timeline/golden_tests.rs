//! Same scenario, seed and commands: same fingerprints, on every platform, for ever. Each file in `tests/golden` is a replay.
//!
//! A change of a model that changes what happens must be meant: `GOLDEN=accept cargo test golden` then writes the new replays,
//! and their difference shows what changed.

use std::path::{Path, PathBuf};

use super::{Replay, Timeline};

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// What the replay would be now: the same pokes at the same times.
fn now(replay: &Replay) -> String {
    let mut t = Timeline::new(replay.scenario.clone()).unwrap();
    for p in &replay.pokes {
        t.run_to(p.at);
        t.poke(&p.poke).unwrap_or_else(|refused| panic!("`{}` is refused: {refused}", p.poke));
    }
    t.run_to(replay.end.at);
    t.replay().to_string()
}

fn accept(file: &Path, text: &str, replay: &Replay) {
    let about: String = text.split_inclusive('\n').take_while(|line| line.starts_with('#')).collect();
    std::fs::write(file, about + &now(replay)).unwrap();
}

#[test]
fn the_recorded_runs_go_as_they_went() {
    let files = files();
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let replay = Replay::parse(&text).unwrap_or_else(|bad| panic!("{}: {bad:?}", file.display()));
        match Timeline::from_replay(&replay) {
            Ok(_) => {}
            Err(_) if std::env::var_os("GOLDEN").is_some_and(|word| word == "accept") => accept(&file, &text, &replay),
            Err(error) => panic!("{}: {error}", file.display()),
        }
    }
}

#[test]
fn the_recorded_runs_say_their_pokes_as_they_are_printed() {
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| line.starts_with("poke ")) {
            let command = line.splitn(4, ' ').nth(3).unwrap();
            assert_eq!(crate::cluster::replicated::MODEL.language.parse(command).map(|c| c.to_string()), Ok(command.to_string()));
        }
    }
}
