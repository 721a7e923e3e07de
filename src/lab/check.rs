//! `splitbrain check`: reads lessons, runs everything that they say, looks for what they do not say, and shows what is not so.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::progress::Progress;
use super::{narrow, parallel};
use crate::lesson::folder::read;
use crate::lesson::prove::prove;
use crate::lesson::schema::StepKind;
use crate::lesson::source::{Mistakes, Source};
use crate::lesson::survey::{self, Effort, Job};
use crate::lesson::{Catalogue, Lesson, catalogue, outline};
use crate::present::deck;

/// Checks lesson files and folders of them; without a path, the lessons in the program. Writes a line for each lesson that is
/// right and every mistake of the others. Says whether all are right; fails only when `out` does.
pub fn run(paths: &[PathBuf], effort: Effort, out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut right = true;
    if paths.is_empty() {
        let known = catalogue();
        let sources: Vec<Source> = known.lessons().filter_map(|id| known.source(id)).collect();
        right &= check(known, &sources, effort, out)?;
    }
    for path in paths {
        right &= if path.is_dir() { folder(path, effort, out)? } else { file(path, effort, out)? };
    }
    Ok(right)
}

fn folder(path: &Path, effort: Effort, out: &mut dyn Write) -> anyhow::Result<bool> {
    let mut known = catalogue().clone();
    let files = match known.list_folder(path) {
        Ok(files) => files,
        Err(error) => return unreadable(path, &error, out),
    };
    let mut right = complaints(&known, out)?;
    for deck in known.decks.clone() {
        right &= check_deck(&known, &deck, out)?;
    }
    if files.is_empty() && known.decks.is_empty() {
        writeln!(out, "{}: there is no lesson in this folder; lessons are files ending in .toml", path.display())?;
        right = false;
    }
    Ok(check(&known, &files, effort, out)? && right)
}

fn file(path: &Path, effort: Effort, out: &mut dyn Write) -> anyhow::Result<bool> {
    let source = match read(path) {
        Ok(source) => source,
        Err(error) => return unreadable(path, &error, out),
    };
    let mut known = catalogue().clone();
    if let Err(error) = known.add_beside(path) {
        return unreadable(path, &error, out);
    }
    if outline::is_deck(&source) { check_deck(&known, &source, out) } else { check(&known, &[source], effort, out) }
}

/// Reads a deck, and says what is wrong with it.
pub(super) fn check_deck(known: &Catalogue, source: &Source, out: &mut dyn Write) -> anyhow::Result<bool> {
    let deck = deck::read(source, known);
    match &deck {
        Ok(deck) => writeln!(out, "{}: right ({})", source.name(), deck.summary())?,
        Err(mistakes) => {
            let plural = if mistakes.len() == 1 { "mistake" } else { "mistakes" };
            writeln!(out, "{mistakes}\n\n{}: {} {plural}", source.name(), mistakes.len())?;
        }
    }
    Ok(deck.is_ok())
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

/// Reads and runs lessons: several at a time, then what each does not say.
fn check(known: &Catalogue, sources: &[Source], effort: Effort, out: &mut dyn Write) -> anyhow::Result<bool> {
    let threads = parallel::threads();
    let mut progress = Progress::default();
    let mut tell = |done| progress.show(&format!("{done} of {} lessons run", sources.len()));
    let lessons =
        parallel::each(sources, threads, &mut tell, |source| known.load(source).and_then(|lesson| prove(&lesson).map(|()| lesson)));
    let mut right = true;
    for (source, lesson) in sources.iter().zip(lessons) {
        let tell = &mut |text: &str| progress.show(&format!("{}: {text}", source.name()));
        let checked = lesson.and_then(|lesson| surveyed(&lesson, effort, threads, tell).map(|left| (lesson, left)));
        right &= report(source, &checked, out)?;
    }
    Ok(right)
}

/// Proves a lesson and looks for what it does not say.
pub fn proved(lesson: &Lesson, effort: Effort) -> Result<(), Mistakes> {
    prove(lesson)?;
    surveyed(lesson, effort, parallel::threads(), &mut |_| {}).map(|_| ())
}

/// Looks for what a lesson that was proved does not say. Gives what was left out of it.
fn surveyed(lesson: &Lesson, effort: Effort, threads: usize, tell: &mut dyn FnMut(&str)) -> Result<Vec<String>, Mistakes> {
    let jobs = survey::jobs(lesson, effort).map_err(|mistake| Mistakes::new(lesson.source.clone(), vec![mistake]))?;
    let mut count = |done| tell(&format!("{done} of {} other ways and seeds tried", jobs.len()));
    let found = parallel::each(&jobs, threads, &mut count, Job::run);
    survey::judged(lesson, found)
}

/// Says how it is with one lesson, and what of it was not looked at or does not fit.
fn report(source: &Source, checked: &Result<(Lesson, Vec<String>), Mistakes>, out: &mut dyn Write) -> anyhow::Result<bool> {
    match checked {
        Ok((lesson, left)) => {
            writeln!(out, "{}: right ({})", source.name(), summary(lesson))?;
            for line in left.iter().cloned().chain(narrow::cramped(lesson)) {
                writeln!(out, "  {line}")?;
            }
        }
        Err(mistakes) => {
            let plural = if mistakes.len() == 1 { "mistake" } else { "mistakes" };
            writeln!(out, "{mistakes}\n\n{}: {} {plural}", source.name(), mistakes.len())?;
        }
    }
    Ok(checked.is_ok())
}

/// What was proved: `8 steps (2 predictions, 3 goals, 1 comparison), 4 claims in 20 runs, 5 questions, 2 drills`.
fn summary(lesson: &Lesson) -> String {
    let steps = |is: fn(&StepKind) -> bool| lesson.steps.iter().filter(|s| is(&s.kind)).count();
    let inside = [
        (steps(|k| matches!(k, StepKind::Predict { .. })), "prediction"),
        (steps(|k| matches!(k, StepKind::Try(_))), "goal"),
        (steps(|k| matches!(k, StepKind::Compare(_))), "comparison"),
        (steps(|k| matches!(k, StepKind::Measure(_))), "table"),
    ];
    let inside: Vec<String> = inside.into_iter().filter(|(number, _)| *number > 0).map(|(number, word)| count(number, word)).collect();
    let runs: u64 = lesson.claims.iter().map(|c| c.seeds).sum();
    let claims = format!("{} in {}", count(lesson.claims.len(), "claim"), count(runs as usize, "run"));
    // A question that is put for several values is one question.
    let ids: BTreeSet<&str> = lesson.questions.iter().map(|q| q.id.as_str()).collect();
    let drills = Some(lesson.drills.len()).filter(|drills| *drills > 0).map(|drills| format!(", {}", count(drills, "drill")));
    let drills = drills.unwrap_or_default();
    format!("{} ({}), {claims}, {}{drills}", count(lesson.steps.len(), "step"), inside.join(", "), count(ids.len(), "question"))
}

fn count(number: usize, word: &str) -> String {
    format!("{number} {word}{}", if number == 1 { "" } else { "s" })
}
