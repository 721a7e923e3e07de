//! Measuring: one script over several values, and a table of what came of it.

use crate::cluster::Cluster;
use crate::cluster::condition::Condition;
use crate::cluster::facts::figure;

use super::question::Fact;
use super::schema::{Cond, Run};
use super::source::Bytes;

/// A table of runs.
#[derive(Clone, Debug)]
pub struct Measure {
    /// What is varied, by name: one thing or two.
    pub over: Vec<String>,
    /// The runs, in the order of the table.
    pub rows: Vec<Row>,
    /// What is read off each.
    pub columns: Vec<Column>,
    /// How many seeds each number is the mean of.
    pub seeds: u64,
    /// What has to be so across the rows.
    pub holds: Vec<Across>,
    /// What to look at.
    pub look: Option<String>,
    /// Why the rows are as they are.
    pub because: String,
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The values of this row, and the name of the design where there are two: `async, 5/s`.
    pub label: String,
    /// What is run.
    pub run: Run,
    /// What each `share` column counts, in this row's words.
    pub shares: Vec<Option<Cond>>,
}

/// One column of it.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name in the table and in conditions across the rows.
    pub name: String,
    /// The fact that it shows; `None`: the share of runs in which a condition holds.
    pub fact: Option<Fact>,
    /// What it counts.
    pub unit: Option<String>,
    /// Whether it is drawn as bars.
    pub bar: bool,
}

/// Something that has to be so across the rows.
#[derive(Clone, Debug)]
pub struct Across {
    /// As it was written.
    pub text: String,
    /// What it means.
    pub rule: Rule,
    /// Where it stands.
    pub at: Bytes,
}

/// The kinds of rules across rows.
#[derive(Clone, Debug)]
pub enum Rule {
    /// The column grows from each row to the next.
    Rises(usize),
    /// The column gets smaller from each row to the next.
    Falls(usize),
    /// A condition whose names are columns, each with a number for every row.
    Holds(Condition),
}

/// A measured table.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// For each row, each column's number.
    pub rows: Vec<Vec<Cell>>,
}

/// One number of a measured table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// The mean over the seeds that gave a number; `None` where none did.
    pub mean: Option<f64>,
    /// The smallest.
    pub least: f64,
    /// The greatest.
    pub most: f64,
    /// How many seeds gave a number.
    pub of: u64,
}

impl Cell {
    /// The cell of these numbers.
    pub fn of(numbers: &[f64]) -> Cell {
        let (least, most) = numbers.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(*x), b.max(*x)));
        let mean = (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64);
        Cell { mean, least, most, of: numbers.len() as u64 }
    }

    /// Its mean as text; `none` where there is no number.
    pub fn mean_shown(&self) -> String {
        self.mean.map_or_else(|| "none".to_string(), number)
    }

    /// As text: its mean, and how far the runs lie apart. Of a share there is one number: in each run it is all or nothing.
    pub fn shown(&self, column: &Column) -> String {
        let mean = self.mean_shown();
        if column.fact.is_some() && self.of > 1 && self.least < self.most {
            format!("{mean} ({} to {})", number(self.least), number(self.most))
        } else {
            mean
        }
    }
}

impl Column {
    /// What stands above it: its name, in words.
    pub fn heading(&self) -> String {
        self.name.replace('_', " ")
    }
}

/// A number of a table: a share between 0 and 1 with two decimals at least.
pub fn number(value: f64) -> String {
    let figure = figure(value);
    let decimals = figure.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size < 1.0 && decimals < 2 => format!("{value:.2}"),
        _ => figure,
    }
}

impl Row {
    /// What each column reads off a run of this row; `None` where there is no such number.
    pub fn read(&self, columns: &[Column], cluster: &dyn Cluster) -> Result<Vec<Option<f64>>, String> {
        let one = |(column, share): (&Column, &Option<Cond>)| match (&column.fact, share) {
            (Some(fact), _) => Ok(fact.value(cluster)),
            (None, Some(condition)) => condition.test.holds_in(cluster).map(|holds| Some(if holds { 100.0 } else { 0.0 })),
            (None, None) => Ok(None),
        };
        columns.iter().zip(&self.shares).map(one).collect()
    }
}

/// The same text for ever: names of facts are known to the end of the program, and there are few names of columns.
pub(super) fn intern(name: &str) -> &'static str {
    use std::collections::BTreeSet;
    use std::sync::{Mutex, PoisonError};
    static NAMES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return known;
    }
    let kept: &'static str = Box::leak(name.to_string().into_boxed_str());
    names.insert(kept);
    kept
}

/// What conditions across the rows call a row.
pub(super) fn row_name(index: usize) -> String {
    format!("n{}", index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_apart() {
        assert_eq!([0.55, 0.999, 0.004, 1.25, 250.4, 3.0, 0.0].map(number), ["0.55", "0.999", "0.004", "1.2", "250", "3", "0"]);
    }
}
