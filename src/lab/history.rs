//! `splitbrain history FILE`: reads a history that another tool recorded, and judges every guarantee.
//!
//! Three notations, told apart by how the first operation looks: Jepsen's log lines, forms of EDN (maps or Knossos' vectors), and JSON
//! objects. Two models, told apart by the functions: a register (`read`, `write`, `cas`; starts as nil) and a key-value map
//! (`get`, `put`, `append`; keys start empty).

mod datum;
mod edn;
mod entry;
mod format;
mod forms;
mod keyed;
mod log;
mod number;
mod pairing;
mod place;
mod refusal;
mod report;

use std::cell::RefCell;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::progress::Progress;
use crate::check::operation::{Operation, Value};
use crate::check::verdict::{Guarantee, Holds, Verdict};
use crate::check::{Limits, check_all_watched};
use crate::files::{self, Kind};
use crate::harmless;
use entry::Found;
use pairing::Paired;
pub use place::Place;

/// What the operations act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Model {
    /// Registers: read, write, cas.
    Register,
    /// A key-value map of texts: get, put, append.
    Kv,
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Model::Register => "register",
            Model::Kv => "kv",
        })
    }
}

/// What a failed compare-and-set says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum FailedCas {
    /// Only that it did not happen, unless its error says that the value was another one: what Jepsen and Knossos mean.
    #[default]
    Failed,
    /// That the value was another one, unless it names another error.
    Refused,
}

/// Which history to judge, and how.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Jepsen's log or history.txt, EDN (maps, or vectors as Knossos has them), or JSON objects; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the operations act on [default: told by their functions]
    #[arg(long)]
    pub model: Option<Model>,
    /// What a failed compare-and-set says
    #[arg(long, value_name = "WHAT", value_enum, default_value_t)]
    pub failed_cas: FailedCas,
    /// What every register holds at the start, in EDN: 0, :a, '"text"' [default: nil]
    #[arg(long, value_name = "VALUE")]
    pub initial: Option<String>,
    /// The steps that each search may take; what needs more is undecided
    #[arg(long, value_name = "STEPS", default_value_t = BUDGET)]
    pub budget: u64,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A history read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What its operations act on.
    pub model: Model,
    /// The operations; call and return are the numbers of their entries in the file, from 1.
    pub operations: Vec<Operation>,
    /// What each session is called: `process 3`.
    pub names: Vec<String>,
    /// Where each entry stands, the first first.
    pub places: Vec<Place>,
    /// What is odd about the file, in sentences.
    pub warnings: Vec<String>,
}

/// Something in a file that cannot be read: what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct Mistake {
    /// Where it is.
    pub place: Place,
    /// What is wrong and what would be right.
    pub message: String,
}

/// The steps that each search may take: some seconds on the heaviest history.
pub const BUDGET: u64 = 40_000_000;

/// At most this many mistakes are listed.
const LISTED: usize = 50;

/// What the judgement of a history came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing is broken, and everything that a recorded history can show was decided.
    Kept,
    /// A guarantee is broken.
    Broken,
    /// Nothing is known to be broken, and a search ended early.
    Undecided,
}

/// Reads the history, judges it and prints every guarantee with the operations that break it, or one JSON object.
pub fn run(options: &Options, out: &mut dyn Write) -> anyhow::Result<Judgement> {
    let initial = initial(options)?;
    let bytes = read(&options.file)?;
    let history = parse(&bytes, options).map_err(|mistakes| anyhow::anyhow!(listed(&options.file, &mistakes)))?;
    if initial.is_some() && history.model == Model::Kv {
        anyhow::bail!("--initial is for registers; the keys of a key-value map start empty");
    }
    let progress = RefCell::new(Told::default());
    let watch = |guarantee: Guarantee, done, of| progress.borrow_mut().show(guarantee, history.operations.len(), done, of);
    let name = |session: u32| history.names.get(session as usize).cloned().unwrap_or_default();
    let verdicts = check_all_watched(&history.operations, &name, &Limits { budget: options.budget, initial }, &watch);
    drop(progress);
    if options.json {
        report::json(&history, &verdicts, out)?;
    } else {
        report::text(&history, &verdicts, out)?;
    }
    Ok(judgement(&verdicts))
}

/// How far the judging is, on a terminal.
#[derive(Default)]
struct Told {
    progress: Progress,
    last: Option<(Guarantee, u64)>,
}

impl Told {
    /// Shows the share that is done of what a guarantee takes at most, where it is another than before.
    fn show(&mut self, guarantee: Guarantee, operations: usize, done: u64, of: u64) {
        let share = done.saturating_mul(100) / of.max(1);
        if self.last.replace((guarantee, share)) != Some((guarantee, share)) {
            self.progress.show(&format!("judging {operations} operations: {}, {share} % of the most it takes", guarantee.words()));
        }
    }
}

/// Durability and convergence are left out where they are unknown: no budget would let a recorded history show more.
fn judgement(verdicts: &[Verdict]) -> Judgement {
    let undecided = |v: &Verdict| v.holds == Holds::Unknown && !v.guarantee.of_state();
    if verdicts.iter().any(|v| v.holds == Holds::No) {
        Judgement::Broken
    } else if verdicts.iter().any(undecided) {
        Judgement::Undecided
    } else {
        Judgement::Kept
    }
}

/// The value that registers start with; `None` for nothing.
fn initial(options: &Options) -> anyhow::Result<Option<Value>> {
    let Some(text) = &options.initial else { return Ok(None) };
    let datum = edn::datum(text).map_err(|wrong| anyhow::anyhow!("--initial {text}: {wrong}"))?;
    match datum {
        datum::Datum::Nil => Ok(None),
        datum::Datum::Other(word) => anyhow::bail!("--initial {word}: this is no value; a text stands in quotes, as in '\"{word}\"'"),
        datum => Ok(Some(datum.in_register())),
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    if path.as_os_str() != "-" {
        return files::read(path, Kind::History).with_context(|| format!("cannot read {}", path.display()));
    }
    files::read_from(std::io::stdin().lock(), Kind::History).context("cannot read standard input")
}

/// Reads a history in any of the formats. All mistakes are reported at once.
pub fn parse(bytes: &[u8], options: &Options) -> Result<History, Vec<Mistake>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let found = format::entries(&text, bytes);
    let Paired { model, operations, names, mut mistakes, disorder } = paired(&found, &text, options);
    if mistakes.is_empty() && operations.is_empty() {
        mistakes.push((0, format!("no operations in this file; {EXPECTED}")));
    }
    if !mistakes.is_empty() {
        mistakes.sort_by_key(|(at, _)| *at);
        let places = place::places(&text, mistakes.iter().map(|(at, _)| *at));
        return Err(places.into_iter().zip(mistakes).map(|(place, (_, message))| Mistake { place, message }).collect());
    }
    let places = place::places(&text, found.iter().map(|(at, _)| *at));
    let warnings = disorder.into_iter().map(|(at, indexes, count)| disordered(place::places(&text, [at])[0].line, indexes, count));
    Ok(History { model, operations, names, places, warnings: warnings.collect() })
}

/// Pairs the entries, unless the file is of a kind that cannot be judged at all.
fn paired(found: &[Found], text: &str, options: &Options) -> Paired {
    let transaction = found.iter().find_map(|(at, entry)| entry.as_ref().err().filter(|bad| bad.is_transaction).map(|bad| (*at, bad)));
    if let Some((at, bad)) = transaction {
        let mistakes = vec![(at, bad.message.clone())];
        return Paired { model: Model::Register, operations: Vec::new(), names: Vec::new(), mistakes, disorder: None };
    }
    let starts: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    pairing::paired(found, options, &|at| starts.partition_point(|start| *start <= at))
}

fn disordered(line: usize, [index, last]: [i64; 2], count: usize) -> String {
    let others = if count > 1 { format!(" (and {} more like it)", count - 1) } else { String::new() };
    format!("line {line}: index {index} comes after index {last}{others}; the history is judged in the order of the file")
}

/// What a history looks like.
const EXPECTED: &str = "an operation is like `INFO  jepsen.util - 0 :invoke :read nil`, `{:process 0, :type :invoke, :f :read, :value nil}`, \
     `[0 :invoke :read nil]` or `{\"process\": 0, \"type\": \"invoke\", \"f\": \"read\", \"value\": null}`";

fn listed(path: &Path, mistakes: &[Mistake]) -> String {
    let mut told = vec![format!("{} is no history that can be judged:", path.display())];
    told.extend(mistakes.iter().take(LISTED).map(|mistake| format!("  {}", harmless::line(&mistake.to_string()))));
    if mistakes.len() > LISTED {
        told.push(format!("  ... {} mistakes in all", mistakes.len()));
    }
    told.join("\n")
}

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;
