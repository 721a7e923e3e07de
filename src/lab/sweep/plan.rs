//! What a sweep runs: every combination, read and checked before anything runs.

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{anyhow, bail};

use super::SweepArgs;
use super::list::split;
use crate::cluster::Scenario;
use crate::cluster::condition::Quantity;
use crate::command::{Command, Drive, caret};
use crate::lab::run::{self, Changes, Origin};
use crate::lesson::schema::Line;
use crate::sim::time::Span;
use crate::timeline::Brake;

/// The most combinations of values.
const COMBINATIONS_MAX: usize = 10_000;
/// The most runs.
const RUNS_MAX: u64 = 10_000_000;
/// The most measures.
const MEASURES_MAX: usize = 100;

/// What is run and measured.
pub(super) struct Plan {
    /// What is varied, by name.
    pub(super) names: Vec<String>,
    pub(super) combinations: Vec<Combination>,
    /// What is measured, as it was written.
    pub(super) measures: Vec<String>,
    pub(super) seeds: u64,
    until: Option<Span>,
}

/// One combination of values.
pub(super) struct Combination {
    /// The value of each name.
    pub(super) values: Vec<String>,
    origin: Origin,
    lines: Vec<Line>,
    measures: Vec<Quantity>,
}

/// A run: which combination, and how far its seed is from the first.
pub(super) type Run = (usize, u64);

/// What a run gave for each measure; the error says why it ended.
type Ran = Result<Vec<Option<f64>>, String>;

impl Plan {
    /// Reads everything. All mistakes at once.
    pub(super) fn of(args: &SweepArgs) -> anyhow::Result<Plan> {
        let mut wrong = Vec::new();
        let varied: Vec<(String, Vec<String>)> = args.set.iter().filter_map(|pair| note(&mut wrong, varied(pair))).collect();
        let measures: Vec<String> = args.measure.iter().flat_map(|list| split(list)).collect();
        if measures.iter().any(String::is_empty) || measures.len() > MEASURES_MAX {
            wrong.push(format!("--measure {}: write one to {MEASURES_MAX} facts, with commas between", args.measure.join(",")));
        }
        let origin = note(&mut wrong, unvaried(args));
        let combinations = note(&mut wrong, combinations(&varied, args.seeds));
        let (Some(origin), Some(combinations), true) = (origin, combinations, wrong.is_empty()) else {
            bail!(wrong.join("\n"));
        };
        let names: Vec<String> = varied.into_iter().map(|(name, _)| name).collect();
        let read = |values: Vec<String>| note(&mut wrong, Combination::read(&origin, &names, values, (args, &measures)));
        let combinations: Vec<Combination> = combinations.into_iter().filter_map(read).collect();
        // Many combinations have the same mistake.
        wrong.dedup();
        if !wrong.is_empty() {
            bail!(wrong.join("\n"));
        }
        Ok(Plan { names, combinations, measures, seeds: args.seeds, until: args.until })
    }

    /// Every run, those of a combination one after the other.
    pub(super) fn runs(&self) -> Vec<Run> {
        (0..self.combinations.len()).flat_map(|index| (0..self.seeds).map(move |by| (index, by))).collect()
    }

    /// The scenario of a combination, with its first seed.
    pub(super) fn scenario(&self, combination: usize) -> Option<&Scenario> {
        self.combinations.get(combination)?.origin.scenario()
    }

    /// Does all runs by `each`. The first that fails, in the order of the runs, is the error, and those after it are left out.
    pub(super) fn until_one_fails(
        &self,
        each: impl FnOnce(&(dyn Fn(&Run) -> Ran + Sync)) -> Vec<Ran>,
    ) -> anyhow::Result<Vec<Vec<Option<f64>>>> {
        let failed = AtomicUsize::new(usize::MAX);
        let one = |run: &Run| {
            let index = run.0 * self.seeds as usize + run.1 as usize;
            if failed.load(Ordering::Relaxed) < index {
                return Ok(Vec::new());
            }
            self.run(*run).inspect_err(|_| {
                failed.fetch_min(index, Ordering::Relaxed);
            })
        };
        each(&one).into_iter().collect::<Result<_, _>>().map_err(|why| anyhow!(why))
    }

    fn run(&self, (index, by): Run) -> Ran {
        let combination = &self.combinations[index];
        let seed = combination.origin.scenario().map_or(0, |scenario| scenario.seed).wrapping_add(by);
        combination.measured(seed, self.until).map_err(|why| format!("{}{why:#}", combination.named(&self.names, seed)))
    }
}

/// The value, or its mistake noted.
fn note<T>(wrong: &mut Vec<String>, read: anyhow::Result<T>) -> Option<T> {
    read.map_err(|why| wrong.push(format!("{why:#}"))).ok()
}

/// The start without what is varied.
fn unvaried(args: &SweepArgs) -> anyhow::Result<Origin> {
    let origin = run::unchanged(args.model.as_deref(), args.what.as_deref(), args.lessons.as_deref())?;
    if origin.scenario().is_none() {
        bail!("a replay has its own settings and seed; sweep a lesson or a model");
    }
    origin.changed(&Changes { seed: args.seed, ..Changes::default() })
}

/// `w=1,2,3`: a name and its values.
fn varied(pair: &str) -> anyhow::Result<(String, Vec<String>)> {
    let values = pair.split_once('=').map(|(name, values)| (name.trim().to_string(), split(values)));
    values
        .filter(|(_, values)| values.iter().all(|value| !value.is_empty()))
        .ok_or_else(|| anyhow!("--set {pair}: write NAME=VALUE,VALUE,..."))
}

/// Every combination of the values; the first name varies slowest.
fn combinations(varied: &[(String, Vec<String>)], seeds: u64) -> anyhow::Result<Vec<Vec<String>>> {
    let many = varied.iter().fold(1_usize, |many, (_, values)| many.saturating_mul(values.len()));
    if many > COMBINATIONS_MAX || many as u64 * seeds > RUNS_MAX {
        bail!("{many} combinations with {seeds} seeds each; {COMBINATIONS_MAX} combinations and {RUNS_MAX} runs are the most");
    }
    if let Some((name, _)) =
        varied.iter().enumerate().find(|(i, (name, _))| varied[..*i].iter().any(|(other, _)| other == name)).map(|(_, one)| one)
    {
        bail!("--set {name} stands twice; write its values into one list: {name}=VALUE,VALUE,...");
    }
    let with = |all: Vec<Vec<String>>, (_, values): &(String, Vec<String>)| {
        all.iter().flat_map(|given| values.iter().map(move |value| [given.clone(), vec![value.clone()]].concat())).collect()
    };
    Ok(varied.iter().fold(vec![Vec::new()], with))
}

impl Combination {
    fn read(
        origin: &Origin,
        names: &[String],
        values: Vec<String>,
        (args, measures): (&SweepArgs, &[String]),
    ) -> anyhow::Result<Combination> {
        let origin = origin.changed(&changes(names, &values)?)?;
        let timeline = origin.start()?;
        let mut wrong = Vec::new();
        let lines = run::lines(&args.commands, run::names(&timeline).as_ref()).map_err(|mistakes| anyhow!(mistakes));
        let lines = note(&mut wrong, lines).unwrap_or_default();
        if lines.iter().any(|line| matches!(line.command, Command::Drive(Drive::Seed(_)))) {
            wrong.push("--do seed: a sweep has seeds of its own; --seed says which is the first".to_string());
        }
        let read = |text: &String| note(&mut wrong, quantity(text, timeline.scenario()));
        let measures = measures.iter().filter_map(read).collect();
        if wrong.is_empty() { Ok(Combination { values, origin, lines, measures }) } else { bail!(wrong.join("\n")) }
    }

    /// What a run with this seed gives.
    fn measured(&self, seed: u64, until: Option<Span>) -> anyhow::Result<Vec<Option<f64>>> {
        let origin = self.origin.with_seed(seed)?;
        let mut timeline = origin.start()?;
        timeline.set_brake(&Brake::bounded());
        for line in &self.lines {
            timeline = run::carry_out(timeline, &origin, line.clone())?;
        }
        run::finish(&mut timeline, until)?;
        // What was divided by nothing is no number.
        let number = |measure: &Quantity| {
            let value = measure.value(timeline.cluster(), |_| {}).map_err(|why| anyhow!(why));
            value.map(|x| x.filter(|x| x.is_finite()))
        };
        self.measures.iter().map(number).collect()
    }

    /// Which run it is, for errors: `w=2, seed 7: `.
    fn named(&self, names: &[String], seed: u64) -> String {
        let values = names.iter().zip(&self.values).map(|(name, value)| format!("{name}={value}, "));
        format!("{}seed {seed}: ", values.collect::<String>())
    }
}

/// The values as changes of the scenario.
fn changes(names: &[String], values: &[String]) -> anyhow::Result<Changes> {
    let mut changes = Changes::default();
    for (name, value) in names.iter().zip(values) {
        let count = || value.parse().map_err(|_| anyhow!("--set {name}={value}: this is no whole number up to {}", u16::MAX));
        match name.as_str() {
            "nodes" => changes.nodes = Some(count()?),
            "clients" => changes.clients = Some(count()?),
            _ => changes.set.push(format!("{name}={value}")),
        }
    }
    Ok(changes)
}

/// Reads a measure about a run of this scenario.
fn quantity(text: &str, scenario: &Scenario) -> anyhow::Result<Quantity> {
    Quantity::about(text, scenario, &[]).map_err(|errors| {
        let shown = errors.iter().map(|bad| caret(text, bad.offset, bad.length, &bad.message));
        anyhow!("--measure:\n{}", shown.collect::<Vec<_>>().join("\n"))
    })
}
