//! The part of a card that shows many runs: a measured table with bars, and what came of a prediction of chance.

use super::Lab;
use super::card::Card;
use super::told::told;
use crate::lesson::measure::{Cell, Measure, Table};
use crate::tui::widgets::text::{Line, piece, width};

/// The most cells of a bar.
const BAR_MAX: usize = 24;

/// The least that is worth drawing.
const BAR_MIN: usize = 6;

impl Card<'_> {
    /// What is measured; once it was, the table and why it is so.
    pub(super) fn measure(&mut self, lab: &Lab, measure: &Measure) {
        if let Some(look) = &measure.look {
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
                self.gap();
                self.markdown(&told(lab, &measure.because));
            }
        }
    }

    fn table(&mut self, measure: &Measure, table: &Table) {
        let theme = self.theme;
        let heads: Vec<String> =
            measure.columns.iter().map(|c| c.unit.as_ref().map_or_else(|| c.name.clone(), |u| format!("{} ({u})", c.name))).collect();
        let cells: Vec<Vec<String>> = table.rows.iter().map(|row| row.iter().map(shown).collect()).collect();
        let wide = |i: usize, head: &str| cells.iter().map(|row| width(&row[i])).chain([width(head)]).max().unwrap_or(0);
        let widths: Vec<usize> = heads.iter().enumerate().map(|(i, head)| wide(i, head)).collect();
        let labels = measure.rows.iter().map(|r| width(&r.label)).chain([measure.over.join(", ").len()]).max().unwrap_or(0);
        let mut head: Line = vec![piece(format!("{:<labels$}", measure.over.join(", ")), theme.dim)];
        head.extend(heads.iter().zip(&widths).map(|(head, w)| piece(format!("  {head:>w$}"), theme.dim)));
        self.lines.push(head);
        let used = labels + widths.iter().map(|w| w + 2).sum::<usize>() + 2;
        let room = self.width.saturating_sub(used).min(BAR_MAX);
        let bar = measure.columns.iter().position(|c| c.bar).filter(|_| room >= BAR_MIN);
        let most = bar.map_or(0.0, |i| table.rows.iter().filter_map(|row| row[i].mean).fold(0.0, f64::max));
        for ((row, shown), numbers) in measure.rows.iter().zip(&cells).zip(&table.rows) {
            let mut line: Line = vec![piece(format!("{:<labels$}", row.label), theme.strong)];
            line.extend(shown.iter().zip(&widths).map(|(cell, w)| piece(format!("  {cell:>w$}"), theme.text)));
            if let Some(mean) = bar.and_then(|i| numbers[i].mean).filter(|_| most > 0.0) {
                let full = (mean / most * room as f64).round().clamp(0.0, room as f64) as usize;
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

fn number(value: f64) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.1}") }
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
