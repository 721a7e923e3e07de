//! The part of a card that shows many runs: a measured table with bars, and what came of a prediction of chance.

use super::Lab;
use super::card::{Card, Form};
use super::told::told;
use crate::cluster::facts::figure;
use crate::lesson::measure::{Cell, Column, Measure, Table};
use crate::tui::theme::Theme;
use crate::tui::widgets::text::{Line, piece, width};

/// The most cells of a bar.
const BAR_MAX: usize = 24;

/// The least that is worth drawing.
const BAR_MIN: usize = 6;

impl Card<'_> {
    /// What is measured; once it was, the table and why it is so.
    pub(super) fn measure(&mut self, lab: &Lab, measure: &Measure, form: Form) {
        if let Some(look) = measure.look.as_ref().filter(|_| form == Form::Whole) {
            self.gap();
            self.markdown(&told(lab, look));
        }
        self.gap();
        match lab.walk.table() {
            None => {
                let runs = measure.rows.len() as u64 * measure.seeds;
                self.say(
                    self.theme.dim,
                    &format!("{runs} runs: {}", measure.rows.iter().map(|r| r.label.as_str()).collect::<Vec<_>>().join(" | ")),
                );
            }
            Some(table) => {
                self.table(measure, table);
                if form != Form::Short {
                    self.say(self.theme.dim, "A digit puts the run of that row on the stage.");
                }
                self.gap();
                self.markdown(&told(lab, &measure.because));
            }
        }
    }

    fn table(&mut self, measure: &Measure, table: &Table) {
        let theme = self.theme;
        let cells: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
        let grid = Grid::of(measure, &cells, self.width);
        self.lines.extend(grid.heads(measure, theme));
        let most = grid.bar.map_or(0.0, |i| table.rows.iter().filter_map(|row| row[i].mean).fold(0.0, f64::max));
        for ((row, shown), numbers) in measure.rows.iter().zip(&cells).zip(&table.rows) {
            let mut line: Line = vec![piece(format!("{:<1$}", row.label, grid.labels), theme.strong)];
            line.extend(shown.iter().zip(&grid.widths).map(|(cell, w)| piece(format!("  {cell:>w$}"), theme.text)));
            if let Some(mean) = grid.bar.and_then(|i| numbers[i].mean).filter(|_| most > 0.0) {
                let full = (mean / most * grid.room as f64).round().clamp(0.0, grid.room as f64) as usize;
                line.push(piece(format!("  {}", theme.glyphs.bar[0].repeat(full)), theme.good));
            }
            self.lines.push(line);
        }
    }

    /// What the others runs of a prediction of chance gave.
    pub(super) fn spread(&mut self, lab: &Lab) {
        let Some(values) = lab.walk.spread().filter(|values| !values.is_empty()) else { return };
        let at = |share: f64| number(values[((values.len() - 1) as f64 * share).round() as usize]);
        self.gap();
        let text = format!(
            "{} runs with other chances: from {} to {}, half of them between {} and {}.",
            values.len(),
            at(0.0),
            at(1.0),
            at(0.25),
            at(0.75)
        );
        self.say(self.theme.dim, &text);
        self.lines.push(vec![piece(self.bins(values), self.theme.good)]);
    }

    /// How many values lie in each tenth of their range, as a row of small columns.
    fn bins(&self, values: &[f64]) -> String {
        const BINS: usize = 10;
        let (least, most) = (values[0], values[values.len() - 1]);
        let place =
            |value: &f64| (((value - least) / (most - least).max(f64::MIN_POSITIVE)) * BINS as f64).clamp(0.0, BINS as f64 - 1.0) as usize;
        let mut counts = [0usize; BINS];
        for value in values {
            counts[place(value)] += 1;
        }
        counts.iter().map(|count| if *count == 0 { format!("{} ", self.theme.glyphs.bar[1]) } else { format!("{count} ") }).collect()
    }
}

/// How wide the parts of a table are.
struct Grid {
    /// The names of the rows.
    labels: usize,
    /// The columns, without the two blanks before each.
    widths: Vec<usize>,
    /// The column that is drawn as bars too, where there is room for them.
    bar: Option<usize>,
    /// The cells of the longest bar.
    room: usize,
}

impl Grid {
    fn of(measure: &Measure, cells: &[Vec<String>], all: usize) -> Grid {
        let column = |(i, c): (usize, &Column)| {
            let heads = [width(&c.name), c.unit.as_deref().map_or(0, width)];
            cells.iter().map(|row| width(&row[i])).chain(heads).max().unwrap_or(0)
        };
        let widths: Vec<usize> = measure.columns.iter().enumerate().map(column).collect();
        let labels = measure.rows.iter().map(|r| width(&r.label)).chain([width(&measure.over.join(", "))]).max().unwrap_or(0);
        let used = labels + widths.iter().map(|w| w + 2).sum::<usize>() + 2;
        let room = all.saturating_sub(used).min(BAR_MAX);
        let bar = measure.columns.iter().position(|c| c.bar).filter(|_| room >= BAR_MIN);
        Grid { labels, widths, bar, room }
    }

    /// What the columns show and, below, in which units: side by side a unit would take the room of a column.
    fn heads(&self, measure: &Measure, theme: &Theme) -> Vec<Line> {
        let labels = self.labels;
        let row = |first: &str, texts: Vec<&str>| {
            let mut line: Line = vec![piece(format!("{first:<labels$}"), theme.dim)];
            line.extend(texts.iter().zip(&self.widths).map(|(text, w)| piece(format!("  {text:>w$}"), theme.dim)));
            line
        };
        let names = row(&measure.over.join(", "), measure.columns.iter().map(|c| c.name.as_str()).collect());
        let units: Vec<&str> = measure.columns.iter().map(|c| c.unit.as_deref().unwrap_or("")).collect();
        if units.iter().all(|unit| unit.is_empty()) { vec![names] } else { vec![names, row("", units)] }
    }
}

fn number(value: f64) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { figure(value) }
}

/// A cell as text: its mean, and how far the runs lie apart.
fn shown(cell: &Cell) -> String {
    let Some(mean) = cell.mean else { return "none".to_string() };
    if cell.of > 1 && cell.least < cell.most {
        format!("{} ({} to {})", number(mean), number(cell.least), number(cell.most))
    } else {
        number(mean)
    }
}
