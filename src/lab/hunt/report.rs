//! What a hunt says.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::engine::{Hunt, Outcome};
use super::exposure::Exposure;
use super::goal::{Promise, Wanted};
use super::script::Shown;
use crate::cluster::model::Model;
use crate::command::Command;

/// The outcomes of all runs, counted.
pub(super) struct Summary {
    runs: usize,
    /// Runs that could have broken something.
    counted: usize,
    /// Runs that broke something.
    broke: usize,
    /// Each promise that was broken: in how many runs, and first in which.
    broken: Vec<(Promise, usize, u64)>,
    /// Runs that came to no end, and why the first did not.
    stuck: (usize, Option<String>),
    met: Vec<(&'static str, usize)>,
}

impl Summary {
    pub(super) fn of(outcomes: &[Outcome], model: &Model) -> Summary {
        let runs = |is: &dyn Fn(&Exposure) -> bool| outcomes.iter().filter(|outcome| is(&outcome.met)).count();
        let of = |promise: Promise| {
            let mut broken = outcomes.iter().filter(|outcome| outcome.broken.iter().any(|b| b.promise == promise));
            let first = broken.next()?.run;
            Some((promise, broken.count() + 1, first))
        };
        let stuck: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.stuck.is_some()).collect();
        Summary {
            runs: outcomes.len(),
            counted: outcomes.iter().filter(|outcome| outcome.met.counts() || !outcome.broken.is_empty()).count(),
            broke: outcomes.iter().filter(|outcome| !outcome.broken.is_empty()).count(),
            broken: Promise::reported(model).filter_map(of).collect(),
            stuck: (stuck.len(), stuck.first().and_then(|outcome| outcome.stuck.clone())),
            met: vec![
                ("operations were acknowledged after the first fault", runs(&|met| met.acknowledged > 0)),
                ("another server became leader", runs(&|met| met.elections > 0)),
                ("a loss of power hit something not synced", runs(&|met| met.unsynced > 0)),
                ("messages were lost", runs(&|met| met.lost > 0)),
            ],
        }
    }
}

/// Prints the summary, and the first break in every form.
pub(super) fn write(hunt: &Hunt, summary: &Summary, shown: Option<&Shown>, as_json: bool, out: &mut dyn Write) -> io::Result<()> {
    if as_json { writeln!(out, "{:#}", to_json(hunt, summary, shown)) } else { print(hunt, summary, shown, out) }
}

fn print(hunt: &Hunt, summary: &Summary, shown: Option<&Shown>, out: &mut dyn Write) -> io::Result<()> {
    let classes: Vec<&str> = hunt.classes.iter().map(|class| class.word()).collect();
    let classes = if classes.is_empty() { "none".to_string() } else { classes.join(", ") };
    writeln!(out, "{} runs of {}, schedules of seed {}, faults: {classes}", summary.runs, hunt.field.model.name, hunt.seed)?;
    writeln!(out, "\nIn how many runs")?;
    summary.met.iter().try_for_each(|(what, runs)| writeln!(out, "  {runs:>7}  {what}"))?;
    if summary.stuck.0 > 0 {
        writeln!(out, "  {:>7}  came to no end: {}", summary.stuck.0, summary.stuck.1.as_deref().unwrap_or_default())?;
    }
    let void = summary.runs - summary.counted;
    if void > 0 {
        writeln!(out, "  {void:>7}  nothing could have broken: they do not count")?;
    }
    writeln!(out)?;
    let held = format!("of {} runs that could have broken it", summary.counted);
    if summary.broken.is_empty() {
        writeln!(out, "{} held in {} {held}.", wanted(hunt), summary.counted)?;
    }
    for (promise, runs, first) in &summary.broken {
        writeln!(out, "{} was broken in {runs} {held}, first in run {first}.", name(hunt, *promise))?;
    }
    let Some(shown) = shown else { return Ok(()) };
    let pokes = shown.script.commands.iter().filter(|command| matches!(command, Command::Poke(_))).count();
    let plural = if pokes == 1 { "command" } else { "commands" };
    writeln!(out, "\nThe first break takes {pokes} {plural}: {}.", shown.script.why.trim_end_matches('.'))?;
    shown.commands.iter().try_for_each(|command| writeln!(out, "  {command}"))?;
    writeln!(out, "\nAgain, with everything that happens:\n\n{}", shown.command_line)?;
    writeln!(out, "\nAs a replay:\n\n{}", shown.replay.command_line())?;
    write!(out, "\nFor a lesson:\n\n{}", shown.lesson)
}

fn wanted(hunt: &Hunt) -> String {
    match &hunt.wanted {
        Wanted::Any => "Every guarantee".to_string(),
        Wanted::One(promise) => name(hunt, *promise),
        Wanted::Condition(condition) => format!("`!({condition})`"),
    }
}

fn name(hunt: &Hunt, promise: Promise) -> String {
    match (promise, hunt.wanted.condition()) {
        (Promise::Condition, Some(condition)) => format!("`!({condition})`"),
        _ => promise.words(),
    }
}

/// One object: `model`, `settings`, `faults`, `seed`, `runs`, `counted` (runs that could have broken something), `broke` (runs that
/// did), `broken` (by promise: `runs`, `first`), and `first`, the first break (`null` where there is none).
fn to_json(hunt: &Hunt, summary: &Summary, shown: Option<&Shown>) -> Value {
    let settings = hunt.field.scenario.settings.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
    let broken = summary.broken.iter().map(|(promise, runs, first)| (promise.id().to_string(), json!({ "runs": runs, "first": first })));
    json!({
        "model": hunt.field.model.name,
        "settings": settings.collect::<serde_json::Map<String, Value>>(),
        "faults": hunt.classes.iter().map(|class| class.word()).collect::<Vec<_>>(),
        "seed": hunt.seed,
        "runs": summary.runs,
        "counted": summary.counted,
        "stuck": summary.stuck.0,
        "met": summary.met.iter().map(|(what, runs)| ((*what).to_string(), (*runs).into())).collect::<serde_json::Map<String, Value>>(),
        "broke": summary.broke,
        "broken": broken.collect::<serde_json::Map<String, Value>>(),
        "first": shown.map(|shown| json!({
            "promise": shown.script.promise.id(),
            "why": shown.script.why,
            "seed": shown.script.seed,
            "commands": shown.commands,
            "command_line": shown.command_line,
            "replay": shown.replay.one_line(),
            "lesson": shown.lesson,
        })),
    })
}
