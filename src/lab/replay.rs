//! `splitbrain replay`: a run again, with a comparison of the fingerprints.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use clap::Args;

use super::report;
use crate::files::{self, Kind};
use crate::timeline::{REPLAY_VERSION, Replay, ReplayError, Timeline};

/// Runs a replay again and says whether it went the same way
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// A replay in one line, a replay file, or `-` for standard input
    #[arg(value_name = "TEXT|FILE")]
    pub what: String,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Runs and prints. The error says at which event the run went another way.
pub fn run(args: &ReplayArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let (name, text) = text(&args.what)?;
    let replay = parse(&name, &text)?;
    let timeline = Timeline::from_replay(&replay).map_err(|error| older(&replay, error)).with_context(|| name)?;
    report::write(&timeline, args.json, out)?;
    Ok(())
}

/// Why an older replay may go another way.
fn older(replay: &Replay, error: ReplayError) -> anyhow::Error {
    if replay.version == REPLAY_VERSION {
        return error.into();
    }
    let version = replay.version;
    anyhow!("{error} (it is of version {version}: what is paused or slowed while it is busy goes another way since)")
}

/// What to call the replay in messages, and the replay.
fn text(what: &str) -> anyhow::Result<(String, String)> {
    if what == "-" {
        let text = files::read_text_from(std::io::stdin().lock(), Kind::Replay).context("standard input")?;
        return Ok(("standard input".to_string(), text));
    }
    if !is_replay(what) && Path::new(what).exists() {
        let text = files::read_text(Path::new(what), Kind::Replay).with_context(|| what.to_string())?;
        return Ok((what.to_string(), text));
    }
    if !is_replay(what) {
        return Err(anyhow!("`{what}` is no file and no replay; a replay starts with `splitbrain-replay {REPLAY_VERSION}`"));
    }
    Ok(("the replay".to_string(), what.to_string()))
}

/// Whether a text wants to be a replay, by its first word.
pub(super) fn is_replay(text: &str) -> bool {
    let first = text.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| line.starts_with("splitbrain-replay"))
}

/// Reads a replay. All mistakes at once, each with its place.
pub(super) fn parse(name: &str, text: &str) -> anyhow::Result<Replay> {
    Replay::parse(text).map_err(|bad| {
        let lines = bad.iter().map(|b| format!("{name}: {b}"));
        anyhow!(lines.collect::<Vec<_>>().join("\n"))
    })
}
