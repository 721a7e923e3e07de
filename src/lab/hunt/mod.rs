//! `splitbrain hunt`: looks for a schedule of faults that breaks a promise, and makes it short.
//!
//! A run starts the cluster anew, with clients at work, and lets faults happen, some at random times and some at moments that the
//! protocol names ([`crate::cluster::moment`]). Then everything is healed and left until it is quiet, and every client reads. A run in
//! which nothing could have broken does not count.

mod draw;
mod engine;
mod exposure;
mod fault;
mod field;
mod flown;
mod goal;
#[cfg(test)]
mod promises;
mod report;
mod schedule;
mod script;
mod shrink;
mod simpler;
mod stage;
mod strike;
mod tail;
#[cfg(test)]
mod tests;
mod work;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;

pub(super) use field::Field;

use engine::{Hunt, Outcome, Progress, threads};
use fault::Class;
use goal::{Promise, Wanted};
use report::Summary;

use super::run::{self, Changes, Course};
use crate::cluster::condition::{Condition, Terms};
use crate::cluster::model::Model;

/// Looks for a break: random faults while clients work, then everything is healed and read
#[derive(Args, Clone, Debug, Default)]
#[command(
    group = clap::ArgGroup::new("from").required(true),
    after_help = "The first break is made short, and printed as a command line, as a replay, and as a claim of a lesson.\n\
                  Exit status: 0 nothing broke, 1 something broke, 2 the input is wrong."
)]
pub struct HuntArgs {
    /// A lesson's id, a lesson file, or a replay file to go on from
    #[arg(value_name = "LESSON|FILE", group = "from")]
    pub what: Option<String>,
    /// A model with its default settings (`splitbrain models` lists them)
    #[arg(long, value_name = "M", group = "from")]
    pub model: Option<String>,
    /// What differs from the lesson or the model.
    #[command(flatten)]
    pub changes: Changes,
    /// Start where the story of the lesson ends
    #[arg(long, requires = "what")]
    pub story: bool,
    /// Which faults may happen: crash, power-loss, wipe, pause, cut, one-way, loss, duplicate, reorder, hold, slow, drift (by at most
    /// a tenth), skew, full-disk, latency, timers, or what an operator of the model does, such as promote; or none [default: all but
    /// wipe, and no operator]
    #[arg(long, value_name = "CLASS,...")]
    pub faults: Option<String>,
    /// What counts as a break: a guarantee, `recovers` (in order and taking writes once everything is healed), or a condition that
    /// comes true, such as "leaders >= 2" [default: any guarantee, and recovers]
    #[arg(long = "break", value_name = "GUARANTEE|CONDITION")]
    pub wanted: Option<String>,
    /// What clients ask, such as read,write (`splitbrain models` lists it) [default: all]
    #[arg(long, value_name = "KIND,...")]
    pub ops: Option<String>,
    /// Do this first in every run, such as "workload c1 100/s"; several are done in order
    #[arg(long = "do", value_name = "COMMAND")]
    pub commands: Vec<String>,
    /// How many runs
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u64).range(1..))]
    pub runs: u64,
    /// Only the run of this number, counted from 0 as reports do
    #[arg(long, value_name = "N", conflicts_with = "runs")]
    pub run: Option<u64>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
}

/// Hunts and prints. `true`: something broke. Everything that is wrong with the input is in the error.
pub fn run(args: &HuntArgs, out: &mut dyn Write) -> anyhow::Result<bool> {
    let hunt = prepare(args)?;
    let outcomes = hunt.run(threads(), &mut teller(hunt.runs));
    wipe_line();
    let summary = Summary::of(&outcomes, hunt.field.model);
    let first = first_break(&hunt, &outcomes);
    let shown = first.map(|script| script::Shown::of(&hunt, args, script)).transpose()?;
    report::write(&hunt, &summary, shown.as_ref(), args.json, out)?;
    Ok(shown.is_some())
}

/// What `--break` can name of a model beside conditions, each with one sentence.
pub(super) fn promises(model: &Model) -> Vec<(&'static str, String)> {
    Promise::of(model).into_iter().map(|promise| (promise.id(), promise.about(model))).collect()
}

/// The hunt that is asked for.
fn prepare(args: &HuntArgs) -> anyhow::Result<Hunt> {
    let mut wrong = Vec::new();
    let field = run::field(&as_run(args), args.story).map_err(|error| wrong.push(format!("{error:#}"))).ok();
    let language = field.as_ref().map(|field| field.model.language).unwrap_or_default();
    let classes = args.faults.as_deref().map_or_else(|| Ok(Class::survivable()), |text| fault::parse(text, language));
    let classes = classes.map_err(|why| wrong.push(format!("--faults: {why}"))).ok();
    let calls = args.ops.as_deref().map_or_else(|| Ok(language.calls.iter().collect()), |text| work::parse(text, language));
    let calls = calls.map_err(|why| wrong.push(format!("--ops: {why}"))).ok();
    let wanted = match (&args.wanted, &field) {
        (Some(text), Some(field)) => Wanted::parse(text, &field.scenario).map_err(|why| wrong.push(format!("--break: {why}"))).ok(),
        _ => Some(Wanted::Any),
    };
    match (field, classes, calls, wanted) {
        (Some(field), Some(classes), Some(calls), Some(wanted)) => {
            let seed = args.changes.seed.unwrap_or(field.scenario.seed);
            field.cluster(field.seed_of(0)).map_err(|why| anyhow::anyhow!(why))?;
            let (healthy, model) = (field.model.healthy, field.model);
            let healthy = Condition::read(healthy, &Terms::of(model)).map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
            let (first, runs) = args.run.map_or((0, args.runs), |run| (run, 1));
            Ok(Hunt { field, classes, calls, wanted, healthy, first, runs, stop: false, seed })
        }
        _ => anyhow::bail!(wrong.join("\n")),
    }
}

/// The same start as `splitbrain run` has.
fn as_run(args: &HuntArgs) -> Course {
    Course {
        what: args.what.clone(),
        model: args.model.clone(),
        changes: args.changes.clone(),
        lessons: args.lessons.clone(),
        commands: args.commands.clone(),
        ..Course::default()
    }
}

/// The first break, made short.
fn first_break(hunt: &Hunt, outcomes: &[Outcome]) -> Option<shrink::Script> {
    let outcome = outcomes.iter().find(|outcome| !outcome.broken.is_empty())?;
    shrink::shrink(hunt, outcome.run, outcome.broken.first()?.promise)
}

/// Tells progress on one line of a terminal; nowhere else.
fn teller(runs: u64) -> impl FnMut(Progress) {
    let is_terminal = io::stderr().is_terminal();
    move |progress| {
        if is_terminal {
            let Progress { runs: done, broken } = progress;
            let _ = write!(io::stderr(), "\r\x1b[K{done} of {runs} runs, {broken} broke something (Ctrl-C ends)");
        }
    }
}

fn wipe_line() {
    if io::stderr().is_terminal() {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}
