//! Runs that are repeated with other values or other seeds, and what is read off them.

use crate::cluster::Scenario;
use crate::cluster::facts::{FactValue, Facts, figure};
use crate::timeline::{Brake, Timeline};

use super::measure::{Across, Cell, Measure, Row, Rule, Table, intern, row_name};
use super::perform::{Unwatched, Watch, perform};
use super::schema::{Lesson, Run};
use super::source::Mistake;
use super::story;

/// The same scenario with the seed so many further on.
pub fn reseeded(scenario: &Scenario, by: u64) -> Scenario {
    Scenario { seed: scenario.seed.wrapping_add(by), ..scenario.clone() }
}

/// The cluster after a run with another seed.
pub fn run(lesson: &Lesson, run: &Run, by: u64, brake: &Brake, watch: &mut dyn Watch) -> Result<Timeline, Mistake> {
    let mut timeline = story::fresh(lesson, &reseeded(&run.scenario, by), brake)?;
    perform(&mut timeline, &run.script, watch)?;
    Ok(timeline)
}

/// Runs everything that a table is made of.
pub fn table(lesson: &Lesson, measure: &Measure, brake: &Brake) -> Result<Table, Mistake> {
    let rows: Result<Vec<_>, _> = measure.rows.iter().map(|row| cells(lesson, measure, row, brake)).collect();
    Ok(Table { rows: rows? })
}

fn cells(lesson: &Lesson, measure: &Measure, row: &Row, brake: &Brake) -> Result<Vec<Cell>, Mistake> {
    let mut numbers = vec![Vec::new(); measure.columns.len()];
    for seed in 0..measure.seeds {
        let timeline = run(lesson, &row.run, seed, brake, &mut Unwatched)?;
        let place = row.run.script.lines.first().map_or(0..1, |line| line.at.clone());
        let read = row.read(&measure.columns, timeline.cluster()).map_err(|why| Mistake::new(&place, why, ""))?;
        numbers.iter_mut().zip(read).for_each(|(all, one)| all.extend(one));
    }
    Ok(numbers.iter().map(|all| Cell::of(all)).collect())
}

/// Why a rule across the rows is broken; `None` where it is kept.
pub fn broken(across: &Across, measure: &Measure, table: &Table) -> Option<String> {
    let kept = match &across.rule {
        Rule::Rises(column) => ordered(table, *column, |a, b| a < b),
        Rule::Falls(column) => ordered(table, *column, |a, b| a > b),
        Rule::Holds(condition) => match condition.holds(&facts(measure, table)) {
            Ok(holds) => holds,
            Err(why) => return Some(why),
        },
    };
    (!kept).then(|| listed(measure, table))
}

fn ordered(table: &Table, column: usize, right: fn(f64, f64) -> bool) -> bool {
    let means: Option<Vec<f64>> = table.rows.iter().map(|row| row.get(column)?.mean).collect();
    means.is_some_and(|means| means.windows(2).all(|pair| right(pair[0], pair[1])))
}

/// Each column as a fact with a number for every row.
fn facts(measure: &Measure, table: &Table) -> Facts {
    let mut facts = Facts::default();
    for (index, column) in measure.columns.iter().enumerate() {
        let number = |(row, cells): (usize, &Vec<Cell>)| Some((row_name(row), cells.get(index)?.mean?));
        let values = table.rows.iter().enumerate().filter_map(number).collect();
        facts.put(intern(&column.name), FactValue::Named(values));
    }
    facts
}

/// The whole table in one line, for messages.
fn listed(measure: &Measure, table: &Table) -> String {
    let cell = |cell: &Cell| cell.mean.map_or_else(|| "none".to_string(), figure);
    let column = |(index, name): (usize, &str)| {
        let rows = measure.rows.iter().zip(&table.rows);
        let values: Vec<String> = rows.map(|(row, cells)| format!("{} {}", row.label, cell(&cells[index]))).collect();
        format!("{name}: {}", values.join(", "))
    };
    measure.columns.iter().map(|c| c.name.as_str()).enumerate().map(column).collect::<Vec<_>>().join("; ")
}
