//! `splitbrain laws`: published results beside what the clusters give. A law is data; `assets/LAWS.md` describes the format.

mod format;
mod judge;
mod law;
mod load;
mod operations;
mod report;
#[cfg(test)]
mod tests;
mod trial;

use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;

use super::parallel;
use super::progress::{Progress, bar};
use crate::cluster::registry::MODELS;
use crate::files::{self, Kind};
use crate::lesson::source::Source;
use crate::near::did_you_mean;
use judge::Judged;
use law::{Case, Law};
use report::Report;

/// The laws in the program.
const INSIDE: &str = include_str!("../../../assets/laws.toml");
/// What a file of laws can say.
pub(super) const PAGE: &str = include_str!("../../../assets/LAWS.md");

/// Measures published results on the clusters, and says how far off they are
#[derive(Args, Clone, Debug, Default)]
#[command(
    after_help = "A law names a model with its settings, what is done to it, what is measured (the mean, a percentile or the distribution of a fact \
                  over many seeds, or of operations; the probability of a condition; a formula), what is expected, and how far off it may be. \
                  --file reads laws of your own; --format prints all that such a file can say.\n\
                  Exit status: 0 all pass, 1 one does not, 2 the input is wrong."
)]
pub struct LawsArgs {
    /// Only the laws with these ids, or whose ids begin so
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// The laws of this file instead of those inside
    #[arg(long, value_name = "F")]
    pub file: Option<PathBuf>,
    /// Fewer trials, and so much more tolerance as they are uncertain
    #[arg(long)]
    pub quick: bool,
    /// Print what a file of laws can say
    #[arg(long, conflicts_with_all = ["ids", "file", "quick", "json"])]
    pub format: bool,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A case of a law, and what it gave.
struct Measured<'l> {
    law: &'l Law,
    case: &'l Case,
    trials: u64,
    judged: Result<Vec<Judged>, String>,
}

impl Measured<'_> {
    fn passes(&self) -> bool {
        self.judged.as_ref().is_ok_and(|all| all.iter().all(|one| one.pass))
    }
}

/// What is heard of a measurement that goes on.
enum News<'l, 't> {
    /// How far it is.
    Progress(&'t str),
    /// The next case in the order of the file.
    Case(Measured<'l>),
}

/// Measures and prints, each case as soon as it is known. `false`: a law does not pass. Everything that is wrong with the input is in the error.
pub fn run(args: &LawsArgs, out: &mut dyn Write) -> anyhow::Result<bool> {
    if args.format {
        out.write_all(PAGE.as_bytes())?;
        return Ok(true);
    }
    let laws = laws(args)?;
    let mut progress = Progress::default();
    let mut report = Report::new(args, out);
    measure(&laws, args.quick, parallel::threads(), &mut |news| {
        match news {
            News::Progress(text) => progress.show(text),
            News::Case(one) => {
                progress.clear();
                report.add(&one)?;
            }
        }
        Ok(())
    })?;
    drop(progress);
    report.end()
}

/// The laws that are asked for.
fn laws(args: &LawsArgs) -> anyhow::Result<Vec<Law>> {
    let source = match &args.file {
        Some(path) => Source::new(
            &path.display().to_string(),
            &files::read_text(path, Kind::Laws).map_err(|why| anyhow!("{}: {why}", path.display()))?,
        ),
        None => Source::new("laws.toml", INSIDE),
    };
    let mut laws = load::load(&source, MODELS).map_err(|mistakes| anyhow!("{mistakes}"))?;
    let is = |law: &Law, id: &str| law.id.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    let known = |id: &String| laws.iter().any(|law| is(law, id));
    let unknown: Vec<String> = args.ids.iter().filter(|id| !known(id)).map(|id| no_law(id, &laws)).collect();
    if !unknown.is_empty() {
        bail!(unknown.join("\n"));
    }
    laws.retain(|law| args.ids.is_empty() || args.ids.iter().any(|id| is(law, id)));
    Ok(laws)
}

fn no_law(id: &str, laws: &[Law]) -> String {
    let ids: Vec<&str> = laws.iter().map(|law| law.id.as_str()).collect();
    format!("there is no law `{id}`{} (known: {})", did_you_mean(id, ids.iter().copied()), ids.join(", "))
}

/// A case, and where its runs stand among all.
struct Job<'l> {
    law: &'l Law,
    case: &'l Case,
    trials: u64,
    /// The first run, and the one after the last.
    runs: Range<usize>,
}

impl<'l> Job<'l> {
    /// Every case of these laws.
    fn all(laws: &'l [Law], quick: bool) -> Vec<Job<'l>> {
        let mut first = 0;
        let job = |(law, case): (&'l Law, &'l Case)| {
            let trials = case.trials[usize::from(quick)];
            let runs = first..first + trials.div_ceil(case.rounds) as usize;
            first = runs.end;
            Job { law, case, trials, runs }
        };
        laws.iter().flat_map(|law| law.cases.iter().map(move |case| (law, case))).map(job).collect()
    }

    /// Does one of its runs.
    fn run(&self, run: usize) -> Result<trial::Numbers, String> {
        let number = (run - self.runs.start) as u64;
        trial::run(self.case, number, self.case.rounds.min(self.trials - number * self.case.rounds))
    }

    /// What all its runs come to.
    fn measured(&self, all: Vec<Result<trial::Numbers, String>>, quick: bool) -> Measured<'l> {
        let judged = all.into_iter().collect::<Result<Vec<_>, _>>().map(|all| {
            let of = |index: usize| all.iter().map(|numbers| numbers[index].as_slice()).collect::<Vec<&[f64]>>();
            self.case.expects.iter().enumerate().map(|(index, expect)| judge::judge(expect, &of(index), quick)).collect()
        });
        Measured { law: self.law, case: self.case, trials: self.trials, judged }
    }

    fn name(&self) -> String {
        if self.case.label.is_empty() { self.law.id.clone() } else { format!("{}, {}", self.law.id, self.case.label) }
    }
}

/// Measures every case, so many runs at a time, those of the next case while the last of one go on. What comes of it does not depend on
/// how many. It ends early when whoever listens fails.
fn measure<'l>(
    laws: &'l [Law],
    quick: bool,
    threads: usize,
    tell: &mut dyn FnMut(News<'l, '_>) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let jobs = Job::all(laws, quick);
    let runs = jobs.last().map_or(0, |job| job.runs.end);
    let run = |run: usize| jobs[jobs.partition_point(|job| job.runs.end <= run)].run(run);
    let (mut current, mut done) = (0, Vec::new());
    parallel::in_order(runs, threads, run, |result| {
        let job = &jobs[current];
        let Some(result) = result else {
            let of = format!("{} of {} runs", done.len(), job.runs.len());
            return tell(News::Progress(&format!("{}; {of}", bar(current, jobs.len(), &job.name()))));
        };
        done.push(result);
        if done.len() < job.runs.len() {
            return Ok(());
        }
        current += 1;
        tell(News::Case(job.measured(std::mem::take(&mut done), quick)))
    })
}
