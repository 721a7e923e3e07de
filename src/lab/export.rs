//! `splitbrain export-cards`: the questions of the lessons for other programs.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::lesson::catalogue;
use crate::near::did_you_mean;
use crate::quiz::Bank;
use crate::quiz::export::{Format, cards};

/// Writes the questions of the lessons for other programs: for Anki, for Moodle (GIFT), or as a table (CSV)
#[derive(Args, Clone, Debug)]
pub struct ExportArgs {
    /// anki, gift or csv
    #[arg(value_name = "FORMAT", value_parser = format)]
    pub format: Format,
    /// Only this topic or tag
    #[arg(long, value_name = "T")]
    pub topic: Option<String>,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
    /// Write to a new file, in place of the output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

fn format(text: &str) -> Result<Format, String> {
    let known = Format::ALL.iter().find(|(word, _)| *word == text).map(|(_, format)| *format);
    known.ok_or_else(|| crate::cluster::words::unknown("format", text, Format::ALL.iter().map(|(word, _)| *word)))
}

/// Writes them. The error is a topic of which there is no question, or a file that cannot be written.
pub fn run(args: &ExportArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut known = catalogue().clone();
    if let Some(folder) = &args.lessons {
        known.add_folder(folder).with_context(|| format!("cannot read the lessons in {}", folder.display()))?;
    }
    let bank = Bank::of(&known);
    let (text, count) = cards(&bank, args.format, args.topic.as_deref());
    if let (0, Some(word)) = (count, &args.topic) {
        if bank.words().any(|known| known == word) {
            bail!("no question about `{word}` can stand on a card: what it asks is drawn anew each time, or done in the lab");
        }
        bail!("no question is about `{word}`{}", did_you_mean(word, bank.words()));
    }
    let Some(path) = &args.out else { return Ok(out.write_all(text.as_bytes())?) };
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).with_context(|| path.display().to_string())?;
    file.write_all(text.as_bytes())?;
    writeln!(out, "{count} cards are written to {}", path.display())?;
    Ok(())
}
