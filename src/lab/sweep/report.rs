//! What a sweep prints: a table, comma-separated values, or one object.

use std::io::{IsTerminal as _, Write};

use serde_json::{Map, Value, json};

use super::plan::Plan;
use super::{Numbers, SweepArgs, summary};
use crate::harmless;
use crate::statistics::{Histogram, Summary, are_whole, range};

/// The names of the columns behind those of what is varied.
const COLUMNS: [&str; 12] = ["measure", "count", "mean", "low", "high", "sd", "min", "p50", "p90", "p99", "p99.9", "max"];

/// How wide a drawn histogram is, in bins.
const BINS: usize = 24;

/// The heights of a bin, from nothing to all.
const HEIGHTS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Prints what was asked for.
pub(super) fn write(plan: &Plan, all: &[Numbers], args: &SweepArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    if args.json {
        writeln!(out, "{}", harmless::json_pretty(&to_json(plan, all)))?;
        return Ok(());
    }
    if args.csv { to_csv(plan, all, out) } else { print(plan, all, std::io::stdout().is_terminal(), out) }
}

/// The numbers of a summary in the order of [`COLUMNS`], from `mean` on.
fn cells(summary: &Summary) -> [Option<f64>; 10] {
    let margin = |sign: f64| summary.margin.map(|margin| summary.mean + sign * margin);
    let [p50, p90, p99, p999] = summary.percentiles.map(Some);
    [Some(summary.mean), margin(-1.0), margin(1.0), summary.sd, Some(summary.min), p50, p90, p99, p999, Some(summary.max)]
}

/// Every combination with every measure.
fn rows<'p>(plan: &'p Plan, all: &'p [Numbers]) -> impl Iterator<Item = (&'p [String], &'p str, &'p [f64])> {
    plan.combinations.iter().zip(all).flat_map(|(combination, numbers)| {
        let measures = plan.measures.iter().zip(numbers);
        measures.map(|(measure, numbers)| (combination.values.as_slice(), measure.as_str(), numbers.as_slice()))
    })
}

fn to_csv(plan: &Plan, all: &[Numbers], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut to = csv::Writer::from_writer(out);
    to.write_record(plan.names.iter().map(String::as_str).chain(COLUMNS))?;
    for (values, measure, numbers) in rows(plan, all) {
        let cells = summary(numbers).map_or([None; 10], |summary| cells(&summary));
        let numbers =
            [numbers.len().to_string()].into_iter().chain(cells.into_iter().map(|x| x.map_or_else(String::new, |x| x.to_string())));
        to.write_record(values.iter().cloned().chain([measure.to_string()]).chain(numbers))?;
    }
    to.flush()?;
    Ok(())
}

/// `model`, `seed`, `seeds`, and `rows`, each with its `settings`, its `measure`, and the numbers of the table (null where there is none).
fn to_json(plan: &Plan, all: &[Numbers]) -> Value {
    let row = |(values, measure, numbers): (&[String], &str, &[f64])| {
        let settings: Map<String, Value> = plan.names.iter().cloned().zip(values.iter().map(|value| value.as_str().into())).collect();
        let cells = summary(numbers).map_or([None; 10], |summary| cells(&summary));
        let mut row = json!({ "settings": settings, "measure": measure, "count": numbers.len() });
        let named = COLUMNS[2..].iter().zip(cells);
        row.as_object_mut().into_iter().for_each(|row| row.extend(named.clone().map(|(name, x)| ((*name).to_string(), json!(x)))));
        row
    };
    let scenario = plan.scenario(0);
    json!({
        "model": scenario.map(|scenario| scenario.model.as_str()),
        "seed": scenario.map(|scenario| scenario.seed),
        "seeds": plan.seeds,
        "rows": rows(plan, all).map(row).collect::<Vec<_>>(),
    })
}

/// A table for each measure. `draw`: with a histogram of each row, all of a measure on one scale.
pub(super) fn print(plan: &Plan, all: &[Numbers], draw: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    let scenario = plan.scenario(0);
    let (model, seed) = scenario.map_or(("", 0), |scenario| (&scenario.model, scenario.seed));
    writeln!(out, "{model}, {} runs a row, seeds from {seed} on", plan.seeds)?;
    for (index, measure) in plan.measures.iter().enumerate() {
        let of_measure: Vec<&[f64]> = all.iter().map(|numbers| numbers[index].as_slice()).collect();
        writeln!(out, "\n{}", harmless::line(measure))?;
        let table = table(plan, &of_measure, draw);
        table.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(())
}

fn table(plan: &Plan, of_measure: &[&[f64]], draw: bool) -> Vec<String> {
    let scale = scale(of_measure).filter(|_| draw);
    let head: Vec<String> = plan.names.iter().cloned().chain(heads(scale.as_ref())).collect();
    let row = |(combination, numbers): (&super::plan::Combination, &&[f64])| {
        let drawn = scale.as_ref().map(|scale| drawn(scale, numbers));
        combination.values.iter().cloned().chain(texts(numbers)).chain(drawn).collect::<Vec<String>>()
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(plan.combinations.iter().zip(of_measure).map(row)).collect();
    aligned(&rows, plan.names.len())
}

/// What stands above the columns; above the histograms from where to where they go.
fn heads(scale: Option<&Scale>) -> Vec<String> {
    let ends = scale.map(|Scale { ends, .. }| format!("from {} to {}", short(ends.0), short(ends.1)));
    ["count", "mean", "± 95 %", "sd", "min", "p50", "p90", "p99", "p99.9", "max"].map(str::to_string).into_iter().chain(ends).collect()
}

fn texts(numbers: &[f64]) -> Vec<String> {
    let count = numbers.len().to_string();
    let Some(summary) = summary(numbers) else { return std::iter::once(count).chain(std::iter::repeat_n("-".to_string(), 9)).collect() };
    let [mean, _, _, sd, min, p50, p90, p99, p999, max] = cells(&summary);
    let all = [mean, summary.margin, sd, min, p50, p90, p99, p999, max];
    std::iter::once(count).chain(all.map(|x| x.map_or_else(|| "-".to_string(), short))).collect()
}

/// One scale for all rows of a measure.
struct Scale {
    ends: (f64, f64),
    empty: Histogram,
}

/// The scale of these rows; `None` where there is no number.
fn scale(of_measure: &[&[f64]]) -> Option<Scale> {
    let whole = of_measure.iter().all(|numbers| are_whole(numbers));
    let ends = of_measure.iter().filter_map(|numbers| range(numbers)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
    Some(Scale { ends, empty: Histogram::over(ends, whole, BINS) })
}

/// The histogram of a row as a line of blocks; something is never drawn as nothing.
fn drawn(scale: &Scale, numbers: &[f64]) -> String {
    let mut histogram = scale.empty.clone();
    for x in numbers {
        histogram.add(*x);
    }
    let most = histogram.bins.iter().copied().max().unwrap_or(0).max(1);
    let height = |count: &usize| HEIGHTS[(count * (HEIGHTS.len() - 1)).div_ceil(most)];
    histogram.bins.iter().map(height).collect()
}

/// Names to the left, numbers to the right.
fn aligned(rows: &[Vec<String>], names: usize) -> Vec<String> {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|text| text.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows.first().map_or(0, Vec::len)).map(width).collect();
    let left = |column: usize| column < names || column >= names + 10;
    let cell = |(column, text): (usize, &String)| {
        let w = widths[column];
        if left(column) { format!("{text:<w$}") } else { format!("{text:>w$}") }
    };
    rows.iter().map(|row| row.iter().enumerate().map(cell).collect::<Vec<_>>().join("  ").trim_end().to_string()).collect()
}

/// A number with four digits that count.
fn short(x: f64) -> String {
    crate::statistics::short(x, 4)
}
