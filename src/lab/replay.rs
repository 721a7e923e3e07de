//! `splitbrain replay`: a run again, with a comparison of the fingerprints.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use clap::Args;

use super::report;
use crate::files::{self, Kind};
use crate::timeline::{REPLAY_VERSION, Replay, ReplayError, Timeline};

/// Runs a replay again and says whether it went the same way
#[derive(Args, Clone, Debug)]
pub struct ReplayArgs {
    /// A replay in one line, a replay file, or `-` for standard input
    #[arg(value_name = "TEXT|FILE", required = true)]
    pub what: Vec<String>,
    /// Print one JSON object
    #[arg(long, conflicts_with = "check")]
    pub json: bool,
    /// Only say of each whether it went the same way: a line each, for tests of your own
    #[arg(long)]
    pub check: bool,
}

/// Runs and prints, and says whether every run went the same way. Without `--check` the error says at which event it went another.
pub fn run(args: &ReplayArgs, out: &mut dyn Write) -> anyhow::Result<bool> {
    if args.check {
        return check(&args.what, out);
    }
    let [what] = args.what.as_slice() else { bail!("several replays can only be checked: say --check") };
    let (name, text) = text(what)?;
    let replay = parse(&name, &text)?;
    let timeline = Timeline::from_replay(&replay).map_err(|error| older(&replay, error)).with_context(|| name)?;
    report::write(&timeline, args.json, out)?;
    Ok(true)
}

/// Runs each again. What is no replay is an error, of all of them at once.
fn check(whats: &[String], out: &mut dyn Write) -> anyhow::Result<bool> {
    let (mut replays, mut wrong) = (Vec::new(), Vec::new());
    for what in whats {
        match text(what).and_then(|(name, text)| parse(&name, &text).map(|replay| (name, replay))) {
            Ok(read) => replays.push(read),
            Err(error) => wrong.push(format!("{error:#}")),
        }
    }
    if !wrong.is_empty() {
        bail!(wrong.join("\n"));
    }
    let mut same = true;
    for (name, replay) in &replays {
        match Timeline::from_replay(replay) {
            Ok(_) => writeln!(out, "{name}: the same, {} events, {:016x}", replay.end.event, replay.end.fingerprint)?,
            Err(error) => {
                same = false;
                writeln!(out, "{name}: {}", older(replay, error))?;
            }
        }
    }
    Ok(same)
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
