//! `splitbrain check`: reads lessons, runs everything that they say, and shows what is not so.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::progress::Progress;
use crate::lesson::folder::read;
use crate::lesson::prove::prove;
use crate::lesson::schema::StepKind;
use crate::lesson::source::Source;
use crate::lesson::{Catalogue, Lesson, catalogue};

/// Checks lesson files and folders of them; without a path, the lessons in the program. Writes a line for each lesson that is
/// right and every mistake of the others. Says whether all are right; fails only when `out` does.
pub fn run(paths: &[PathBuf], out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut right = true;
    if paths.is_empty() {
        let known = catalogue();
        let mut progress = Progress::default();
        for source in known.lessons().filter_map(|id| known.source(id)) {
            progress.show(source.name());
            right &= check(known, &source, out)?;
        }
    }
    for path in paths {
        right &= if path.is_dir() { folder(path, out)? } else { file(path, out)? };
    }
    Ok(right)
}

fn folder(path: &Path, out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut known = catalogue().clone();
    let files = match known.list_folder(path) {
        Ok(files) => files,
        Err(error) => return unreadable(path, &error, out),
    };
    let mut right = complaints(&known, out)?;
    if files.is_empty() {
        writeln!(out, "{}: there is no lesson in this folder; lessons are files ending in .toml", path.display())?;
        right = false;
    }
    let mut progress = Progress::default();
    for (number, source) in files.iter().enumerate() {
        progress.show(&format!("{} of {}: {}", number + 1, files.len(), source.name()));
        right &= check(&known, source, out)?;
    }
    Ok(right)
}

fn file(path: &Path, out: &mut dyn Write) -> anyhow::Result<bool> {
    let source = match read(path) {
        Ok(source) => source,
        Err(error) => return unreadable(path, &error, out),
    };
    let mut known = catalogue().clone();
    if let Err(error) = known.add_beside(path) {
        return unreadable(path, &error, out);
    }
    let mut progress = Progress::default();
    progress.show(source.name());
    check(&known, &source, out)
}

fn unreadable(path: &Path, error: &dyn std::error::Error, out: &mut dyn Write) -> anyhow::Result<bool> {
    writeln!(out, "{}: {error}", path.display())?;
    Ok(false)
}

fn complaints(known: &Catalogue, out: &mut dyn Write) -> anyhow::Result<bool> {
    for line in &known.complaints {
        writeln!(out, "{line}")?;
    }
    Ok(known.complaints.is_empty())
}

/// Reads and runs one lesson.
fn check(known: &Catalogue, source: &Source, out: &mut dyn Write) -> anyhow::Result<bool> {
    let proved = known.load(source).and_then(|lesson| prove(&lesson).map(|()| lesson));
    match &proved {
        Ok(lesson) => writeln!(out, "{}: right ({})", source.name(), summary(lesson))?,
        Err(mistakes) => {
            let plural = if mistakes.len() == 1 { "mistake" } else { "mistakes" };
            writeln!(out, "{mistakes}\n\n{}: {} {plural}", source.name(), mistakes.len())?;
        }
    }
    Ok(proved.is_ok())
}

/// What was proved: `8 steps (2 predictions, 3 goals, 1 comparison), 4 claims, 5 questions`.
fn summary(lesson: &Lesson) -> String {
    let steps = |is: fn(&StepKind) -> bool| lesson.steps.iter().filter(|s| is(&s.kind)).count();
    let inside = [
        count(steps(|k| matches!(k, StepKind::Predict { .. })), "prediction"),
        count(steps(|k| matches!(k, StepKind::Try(_))), "goal"),
        count(steps(|k| matches!(k, StepKind::Compare(_))), "comparison"),
    ];
    let runs: u64 = lesson.claims.iter().map(|c| c.seeds).sum();
    let claims = format!("{} in {}", count(lesson.claims.len(), "claim"), count(runs as usize, "run"));
    let questions = count(lesson.questions.len(), "question");
    format!("{} ({}), {claims}, {questions}", count(lesson.steps.len(), "step"), inside.join(", "))
}

fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}
