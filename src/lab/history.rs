//! `splitbrain history FILE`: reads a history that another tool recorded, and judges every guarantee.
//!
//! Three formats, told apart by their first line: Jepsen's log lines, EDN maps and JSON objects, one a line. Two models, told apart
//! by the functions: a register (`read`, `write`, `cas`; starts as nil) and a key-value map (`get`, `put`, `append`; keys start empty).

mod datum;
mod edn;
mod jepsen;
mod json;
mod pairing;
mod report;

use std::fmt;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use crate::check::check_all;
use crate::check::operation::Operation;
use datum::Line;

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

/// A history read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What its operations act on.
    pub model: Model,
    /// The operations; call and return are line numbers, from 1.
    pub operations: Vec<Operation>,
    /// What each session is called: `process 3`.
    pub names: Vec<String>,
}

/// A line that cannot be read: what is wrong and what would be right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct BadLine {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

/// The steps that each search may take: some seconds on the heaviest history.
const BUDGET: u64 = 40_000_000;

/// At most this many bad lines are listed.
const LISTED: usize = 20;

/// Reads the history in `path`, judges it and prints every guarantee with the operations that break it, or one JSON object.
pub fn run(path: &Path, model: Option<Model>, json: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let history = parse(&bytes, model).map_err(|bad| anyhow::anyhow!(listed(path, &bad)))?;
    let name = |session: u32| history.names.get(session as usize).cloned().unwrap_or_default();
    let verdicts = check_all(&history.operations, None, &name, BUDGET);
    if json {
        report::json(&history, &verdicts, out)?;
    } else {
        report::text(&history, &verdicts, out)?;
    }
    Ok(())
}

/// Reads a history in any of the formats. All bad lines are reported at once.
pub fn parse(bytes: &[u8], model: Option<Model>) -> Result<History, Vec<BadLine>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut bad = Vec::new();
    let mut lines = Vec::new();
    for (index, line) in bytes.split(|b| *b == b'\n').enumerate() {
        match std::str::from_utf8(line) {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => lines.push((index + 1, text.trim_end())),
            Err(_) => bad.push(BadLine { line: index + 1, message: "this is not UTF-8 text".into() }),
        }
    }
    let parsed = match Format::of(lines.first().map_or("", |(_, text)| text)) {
        Format::Log => jepsen::lines(&lines, &mut bad),
        Format::Edn => each(&lines, &mut bad, edn::line),
        Format::Json => each(&lines, &mut bad, json::line),
    };
    let history = pairing::history(&parsed, model, &mut bad);
    bad.sort_by_key(|b| b.line);
    if bad.is_empty() && history.operations.is_empty() {
        bad.push(BadLine { line: 1, message: format!("no operations in this file; {EXPECTED}") });
    }
    if bad.is_empty() { Ok(history) } else { Err(bad) }
}

/// What a history looks like.
const EXPECTED: &str = "each line would be like `INFO  jepsen.util - 0 :invoke :read nil`, `{:process 0, :type :invoke, :f :read, :value nil}` or `{\"process\": 0, \"type\": \"invoke\", \"f\": \"read\", \"value\": null}`";

/// The three formats.
#[derive(Clone, Copy)]
enum Format {
    Log,
    Edn,
    Json,
}

impl Format {
    /// Told by the first line.
    fn of(first: &str) -> Format {
        let first = first.trim_start();
        match first.strip_prefix('{').map(str::trim_start) {
            Some(inside) if inside.starts_with('"') => Format::Json,
            Some(_) => Format::Edn,
            None if first.starts_with('#') || first.starts_with(';') => Format::Edn,
            None if first == "[" || first.starts_with("[{:") => Format::Edn,
            None if first.starts_with('[') => Format::Json,
            None => Format::Log,
        }
    }
}

/// Parses line by line; a parser returns `None` for a line that says nothing about operations.
fn each(lines: &[(usize, &str)], bad: &mut Vec<BadLine>, parse: fn(&str) -> Result<Option<Line>, String>) -> Vec<(usize, Line)> {
    let mut parsed = Vec::with_capacity(lines.len());
    for &(line, text) in lines {
        match parse(text) {
            Ok(Some(found)) => parsed.push((line, found)),
            Ok(None) => {}
            Err(message) => bad.push(BadLine { line, message }),
        }
    }
    parsed
}

fn listed(path: &Path, bad: &[BadLine]) -> String {
    let mut told = vec![format!("{} is no history that can be judged:", path.display())];
    told.extend(bad.iter().take(LISTED).map(|line| format!("  {line}")));
    if bad.len() > LISTED {
        told.push(format!("  ... and {} more lines", bad.len() - LISTED));
    }
    told.join("\n")
}

#[cfg(test)]
mod tests;
