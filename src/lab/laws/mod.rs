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

/// Measures and prints. `false`: a law does not pass. Everything that is wrong with the input is in the error.
pub fn run(args: &LawsArgs, out: &mut dyn Write) -> anyhow::Result<bool> {
    if args.format {
        out.write_all(PAGE.as_bytes())?;
        return Ok(true);
    }
    let laws = laws(args)?;
    let mut progress = Progress::default();
    let measured = measure(&laws, args.quick, parallel::threads(), &mut |text| progress.show(text));
    drop(progress);
    report::write(&measured, args, out)?;
    Ok(measured.iter().all(Measured::passes))
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

/// Measures every case, so many runs at a time. What comes of it does not depend on how many.
fn measure<'l>(laws: &'l [Law], quick: bool, threads: usize, tell: &mut dyn FnMut(&str)) -> Vec<Measured<'l>> {
    let cases: Vec<(&Law, &Case)> = laws.iter().flat_map(|law| law.cases.iter().map(move |case| (law, case))).collect();
    let of = cases.len();
    let one = |(index, (law, case)): (usize, (&'l Law, &'l Case))| {
        let said = if case.label.is_empty() { law.id.clone() } else { format!("{}, {}", law.id, case.label) };
        let trials = case.trials[usize::from(quick)];
        let judged =
            judged(case, trials, (quick, threads), &mut |done, runs| tell(&format!("{}; {done} of {runs} runs", bar(index, of, &said))));
        Measured { law, case, trials, judged }
    };
    cases.into_iter().enumerate().map(one).collect()
}

fn judged(case: &Case, trials: u64, (quick, threads): (bool, usize), tell: &mut dyn FnMut(usize, usize)) -> Result<Vec<Judged>, String> {
    let runs: Vec<u64> = (0..trials.div_ceil(case.rounds)).collect();
    let rounds = |run: u64| case.rounds.min(trials - run * case.rounds);
    let all = parallel::each(&runs, threads, &mut |done| tell(done, runs.len()), |run| trial::run(case, *run, rounds(*run)));
    let all: Vec<trial::Numbers> = all.into_iter().collect::<Result<_, _>>()?;
    let of = |index: usize| all.iter().map(|numbers| numbers[index].as_slice()).collect::<Vec<&[f64]>>();
    Ok(case.expects.iter().enumerate().map(|(index, expect)| judge::judge(expect, &of(index), quick)).collect())
}
