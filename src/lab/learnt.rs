//! `splitbrain progress`: what was learnt and what is due, and moving, merging and resetting what is kept of it.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, BufRead as _, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::{Args, Subcommand};

use super::cli::Kept;
use crate::files::{self, Kind};
use crate::harmless;
use crate::lesson::catalogue;
use crate::progress::event::Line;
use crate::progress::merge::merge;
use crate::progress::overview::{Chapter, Topic};
use crate::progress::state::Mastery;
use crate::progress::{Event, Overview, Store};

/// Print what was learnt and what is due; or move, merge or reset what is kept of it
#[derive(Args, Clone, Debug)]
#[command(mut_arg("data", |data| data.global(true)))]
pub struct ProgressArgs {
    /// What to do instead of printing.
    #[command(subcommand)]
    pub what: Option<What>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Where progress is kept.
    #[command(flatten)]
    pub kept: Kept,
}

/// What can be done with the progress of a learner.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// Copy everything to a file; `-` is standard output
    Export {
        /// A file that is not there yet
        file: PathBuf,
    },
    /// Take what a file holds in place of what is there, of which a copy is kept
    Import {
        /// A file that `export` wrote
        file: PathBuf,
    },
    /// Add what a file holds to what is there
    Merge {
        /// A file that `export` wrote
        file: PathBuf,
    },
    /// Forget a topic, or everything. A copy is kept
    Reset {
        /// The id of a topic, in place of everything
        topic: Option<String>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Does what was asked for.
pub fn run(args: &ProgressArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut store = args.kept.store();
    if let Some(trouble) = store.trouble() {
        bail!("{trouble}");
    }
    if args.json && args.what.is_some() {
        bail!("--json is for `splitbrain progress` without a further word");
    }
    match &args.what {
        None => return show(&store, args.json, out),
        Some(What::Export { file }) => export(&store, file, out)?,
        Some(What::Import { file }) => {
            let text = log_text(file)?;
            let kept = store.rewrite(|_| text)?;
            said(out, &store, &format!("is taken from {}", file.display()), &kept)?;
        }
        Some(What::Merge { file }) => {
            let text = log_text(file)?;
            let kept = store.rewrite(|mine| merge(mine, &text))?;
            said(out, &store, &format!("now holds what is in {}", file.display()), &kept)?;
        }
        Some(What::Reset { topic, yes }) => reset(&mut store, topic.as_deref(), *yes, out)?,
    }
    Ok(())
}

fn said(out: &mut dyn Write, store: &Store, what: &str, kept: &Path) -> anyhow::Result<()> {
    let events = store.state().events();
    writeln!(out, "Your progress {what}: {}.{}", counted(events), kept_in(kept))?;
    Ok(())
}

/// So many events, in words.
fn counted(events: usize) -> String {
    if events == 1 { "1 event".to_string() } else { format!("{events} events") }
}

fn kept_in(kept: &Path) -> String {
    if kept.exists() { format!(" What it was before is kept in {}.", kept.display()) } else { String::new() }
}

/// The text of a file that is a log from its first line to its last.
fn log_text(file: &Path) -> anyhow::Result<String> {
    let text = files::read_text(file, Kind::Progress).with_context(|| format!("cannot read {}", file.display()))?;
    let broken = text.lines().position(|line| Line::read(line.as_bytes()) == Line::Broken);
    if let Some(line) = broken {
        bail!("{}: line {} is no event; `splitbrain progress export` writes files that can be read", file.display(), line + 1);
    }
    if text.is_empty() {
        bail!("{} is empty", file.display());
    }
    Ok(if text.ends_with('\n') { text } else { text + "\n" })
}

/// Whole events only: a broken or torn line stays behind.
fn export(store: &Store, file: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    let text = store.log().map_or_else(|| Ok(String::new()), crate::progress::log::Log::text)?;
    let mut whole = String::new();
    for line in text.lines().filter(|line| Line::read(line.as_bytes()) != Line::Broken) {
        let _ = writeln!(whole, "{line}");
    }
    if file == Path::new("-") {
        out.write_all(whole.as_bytes())?;
        return Ok(());
    }
    let mut to = OpenOptions::new().write(true).create_new(true).open(file).with_context(|| format!("cannot write {}", file.display()))?;
    to.write_all(whole.as_bytes()).and_then(|()| to.sync_all()).with_context(|| format!("cannot write {}", file.display()))?;
    let count = whole.lines().count();
    writeln!(out, "{} {} written to {}.", counted(count), if count == 1 { "is" } else { "are" }, file.display())?;
    Ok(())
}

fn reset(store: &mut Store, topic: Option<&str>, yes: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    if let Some(id) = topic.filter(|id| catalogue().topics.topic(id).is_none() && store.state().topic(id).is_none()) {
        let near = crate::near::did_you_mean(id, catalogue().topics.all().map(|topic| topic.id.as_str()));
        bail!("there is no topic `{id}`{near}");
    }
    let what = topic.map_or_else(|| "everything that you learnt".to_string(), |id| format!("what you learnt of {id}"));
    if !yes && !agreed(&what)? {
        writeln!(out, "Nothing is changed.")?;
        return Ok(());
    }
    let kept = store.rewrite(str::to_string)?;
    store.record(Event::Reset { topic: topic.map(str::to_string) });
    match store.trouble() {
        Some(trouble) => Err(anyhow!("{trouble}")),
        None => Ok(writeln!(out, "Forgotten: {what}.{}", kept_in(&kept))?),
    }
}

/// Asks at the terminal.
fn agreed(what: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        bail!("this forgets {what}; say --yes, or run it at a terminal, where it asks");
    }
    eprint!("Forget {what}? A copy is kept. [y/N] ");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}

fn show(store: &Store, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let overview = Overview::new(store.state(), catalogue(), store.today());
    if json {
        writeln!(out, "{}", harmless::json_pretty(&serde_json::to_value(&overview)?))?;
    } else {
        out.write_all(told(&overview).as_bytes())?;
        let findings = store.findings();
        let strange = findings.broken.len() + usize::from(findings.torn);
        if strange + findings.later > 0 {
            writeln!(out, "\nThe log has {}.", strange_lines(strange, findings.later))?;
        }
    }
    Ok(())
}

/// `1 line that is no event`, `2 lines that are no events, and 1 of a later version`.
fn strange_lines(strange: usize, later: usize) -> String {
    let lines = |count: usize| if count == 1 { "1 line".to_string() } else { format!("{count} lines") };
    let none = if strange == 1 { "1 line that is no event".to_string() } else { format!("{strange} lines that are no events") };
    match (strange, later) {
        (_, 0) => none,
        (0, later) => format!("{} of a later version", lines(later)),
        (_, later) => format!("{none}, and {later} of a later version"),
    }
}

/// The overview as lines.
fn told(overview: &Overview) -> String {
    let [known, learning, new] = [Mastery::Known, Mastery::Learning, Mastery::New].map(|mastery| overview.count(mastery));
    let (today, week) = (overview.due[0], overview.due_this_week());
    let mut text = format!("{known} topics known, {learning} learning, {new} new.  Due today {today}, this week {week}.\n");
    if let Some(exam) = &overview.exam {
        let _ = writeln!(text, "Exam on {exam}: everything is asked once more before it.");
    }
    for chapter in overview.chapters.iter().filter(|chapter| chapter.count(Mastery::New) < chapter.topics.len()) {
        text.push_str(&told_chapter(chapter));
    }
    if overview.calibration.iter().any(|line| line.asked > 0) {
        let _ = writeln!(text, "\nHow sure, and how often right");
        for line in overview.calibration.iter().filter(|line| line.asked > 0) {
            let _ = writeln!(text, "  {:<8} {} of {}", line.confidence, line.right, line.asked);
        }
    }
    for wrong in &overview.sure_and_wrong {
        let _ = writeln!(text, "  sure and wrong: {} ({}): {}", wrong.item, wrong.topic, wrong.chosen);
    }
    text
}

fn told_chapter(chapter: &Chapter) -> String {
    let begun = chapter.topics.iter().filter(|topic| topic.mastery != Mastery::New);
    let lines: String = begun.map(told_topic).collect();
    format!("\n{}\n{lines}", chapter.title)
}

fn told_topic(topic: &Topic) -> String {
    let mastery = if topic.mastery == Mastery::Known { "known" } else { "learning" };
    let steps = if topic.finished { "gone through".to_string() } else { format!("{} steps done", topic.steps_done) };
    let asked = topic.recall.map_or_else(String::new, |recall| format!(", {} asked, {:.0} % remembered", topic.asked, recall * 100.0));
    let due = if topic.due > 0 { format!(", {} due", topic.due) } else { String::new() };
    format!("  {:<34} {mastery}, {steps}{asked}{due}\n", topic.title)
}
