//! `splitbrain sweep`: the same run with every combination of some values and with many seeds, and what is measured at its end.

mod list;
mod plan;
mod report;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::parallel;
use super::progress::{Progress, bar};
use crate::sim::time::Span;
use crate::statistics::Summary;
use plan::Plan;

/// Runs the same with every combination of some values and with many seeds, and tabulates what is measured at the end
#[derive(Args, Clone, Debug)]
#[command(
    group = clap::ArgGroup::new("from").required(true),
    after_help = "Each run is measured at its end. A measure is a number worked out of facts: acked_lost, lag_entries.n2, \
                  \"stale_reads / reads_ok\"; or a condition, whose mean is the share of the runs in which it holds.\n\
                  For each combination and each measure: how many runs gave a number, the mean with the interval in which the true \
                  mean lies in 95 of 100 cases, the standard deviation, and percentiles."
)]
pub struct SweepArgs {
    /// A lesson's id or a lesson file
    #[arg(value_name = "LESSON|FILE", group = "from")]
    pub what: Option<String>,
    /// A model with its default settings (`splitbrain models` lists them)
    #[arg(long, value_name = "M", group = "from")]
    pub model: Option<String>,
    /// The values of a setting, or of `nodes` or `clients`; of several every combination is run
    #[arg(long, value_name = "K=V1,V2,...")]
    pub set: Vec<String>,
    /// How many seeds each combination is run with
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub seeds: u64,
    /// The first seed; the others count up from it [default: that of the lesson, or 1]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// A command, such as "crash n1", "run 2s" or "until 'leaders >= 2'"; several are done in order
    #[arg(long = "do", value_name = "COMMAND")]
    pub commands: Vec<String>,
    /// Run on to this virtual time after the commands, such as 10s
    #[arg(long, value_name = "T")]
    pub until: Option<Span>,
    /// What is measured: facts, numbers worked out of them, or conditions
    #[arg(long, value_name = "FACT,...", required = true)]
    pub measure: Vec<String>,
    /// Print comma-separated values
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
    /// Add the lessons of a folder
    #[arg(long, value_name = "DIR")]
    pub lessons: Option<PathBuf>,
}

/// What one combination gave: for each measure the numbers of the runs that had one, in the order of the seeds.
type Numbers = Vec<Vec<f64>>;

/// Sweeps and prints. Everything that is wrong with the input is in the error, all at once.
pub fn run(args: &SweepArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let plan = Plan::of(args)?;
    let all = numbers(&plan, parallel::threads())?;
    report::write(&plan, &all, args, out)
}

/// Runs everything, so many at a time. The numbers do not depend on how many.
fn numbers(plan: &Plan, threads: usize) -> anyhow::Result<Vec<Numbers>> {
    let runs = plan.runs();
    let mut progress = Progress::default();
    let mut tell = |done| progress.show(&bar(done, runs.len(), "runs"));
    let found = plan.until_one_fails(|plan_run| parallel::each(&runs, threads, &mut tell, plan_run))?;
    let mut all = vec![vec![Vec::new(); plan.measures.len()]; plan.combinations.len()];
    for ((combination, _), numbers) in runs.iter().zip(found) {
        all[*combination].iter_mut().zip(numbers).for_each(|(all, one)| all.extend(one));
    }
    Ok(all)
}

/// What the numbers of one measure come to; `None` where no run gave one.
fn summary(numbers: &[f64]) -> Option<Summary> {
    Summary::of(numbers)
}
