//! The part of a card that shows many runs: a measured table with bars, and what came of a prediction of chance.

use std::ops::Range;

use super::Lab;
use super::card::{Card, Form};
use super::told::told;
use crate::lesson::measure::{Cell, Column, Measure, Table, number};
use crate::lesson::schema::StepKind;
use crate::tui::theme::Theme;
use crate::tui::widgets::text::{Line, head, piece, width};

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

    pub(super) fn table(&mut self, measure: &Measure, table: &Table) {
        let (cells, ranges) = fitting(measure, table, self.width);
        let grids = Grid::beside_or_below(measure, &cells, self.width);
        let scale = Scale::of(&grids, table);
        for grid in &grids {
            self.grid(measure, grid, scale, (&cells, table));
        }
        if !ranges && measure.seeds > 1 {
            self.say(self.theme.dim, &format!("Means of {} runs each: there is no room for how far they lie apart.", measure.seeds));
        }
    }

    fn grid(&mut self, measure: &Measure, grid: &Grid, scale: Scale, (cells, table): (&[Vec<String>], &Table)) {
        let theme = self.theme;
        self.lines.extend(grid.heads(measure, theme));
        for ((row, shown), numbers) in measure.rows.iter().zip(cells).zip(&table.rows) {
            let mut line: Line = vec![piece(format!("{:<1$}", row.label, grid.labels), theme.strong)];
            let shown = &shown[grid.columns.clone()];
            line.extend(shown.iter().zip(&grid.widths).map(|(cell, w)| piece(format!("  {cell:>w$}"), theme.text)));
            if let Some(mean) = grid.bar.and_then(|i| numbers[i].mean) {
                line.push(piece(format!("  {}", theme.glyphs.bar[0].repeat(scale.cells(mean))), theme.good));
            }
            self.lines.push(line);
        }
    }

    /// What the others runs of a prediction of chance gave.
    pub(super) fn spread(&mut self, lab: &Lab) {
        let Some(values) = lab.walk.spread().filter(|values| !values.is_empty()) else { return };
        let StepKind::Predict { chance: Some(fact), .. } = &lab.walk.step().kind else { return };
        let at = |share: f64| number(values[((values.len() - 1) as f64 * share).round() as usize]);
        let (least, most) = (at(0.0), at(1.0));
        self.gap();
        let runs = values.len();
        let text = format!("{fact} in {runs} runs with other chances: half of them between {} and {}, all", at(0.25), at(0.75));
        self.say(self.theme.dim, &text);
        let dim = |text: String| piece(text, self.theme.dim);
        self.lines.push(vec![dim(format!("from {least}  ")), piece(self.bins(values), self.theme.good), dim(format!(" to {most}"))]);
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

/// The cells as texts: with how far the runs lie apart where the whole table has room for it, and whether it has.
fn fitting(measure: &Measure, table: &Table, all: usize) -> (Vec<Vec<String>>, bool) {
    let texts = |shown: fn(&Column, &Cell) -> String| {
        table.rows.iter().map(|row| measure.columns.iter().zip(row).map(|(column, cell)| shown(column, cell)).collect()).collect()
    };
    let cells: Vec<Vec<String>> = texts(|column, cell| cell.shown(column));
    if labels(measure) + widths(measure, &cells).iter().map(|w| w + GAP).sum::<usize>() <= all {
        return (cells, true);
    }
    (texts(|_, cell| cell.mean_shown()), false)
}

/// The blanks before a column.
const GAP: usize = 2;

/// How wide the names of the rows are.
fn labels(measure: &Measure) -> usize {
    measure.rows.iter().map(|r| width(&r.label)).chain([width(&measure.over.join(", "))]).max().unwrap_or(0)
}

/// How wide each column is, without the blanks before it.
fn widths(measure: &Measure, cells: &[Vec<String>]) -> Vec<usize> {
    let column = |(i, c): (usize, &Column)| {
        let heads = [width(&c.heading()), c.unit.as_deref().map_or(0, width)];
        cells.iter().map(|row| width(&row[i])).chain(heads).max().unwrap_or(0)
    };
    measure.columns.iter().enumerate().map(column).collect()
}

/// By which all bars of a table are drawn: bars below each other are compared, whichever of its columns they are of.
#[derive(Clone, Copy)]
struct Scale {
    /// The greatest number that has a bar.
    most: f64,
    /// Its cells.
    room: usize,
}

impl Scale {
    fn of(grids: &[Grid], table: &Table) -> Scale {
        let drawn = || grids.iter().filter_map(|grid| Some((grid.bar?, grid.room)));
        let numbers = drawn().flat_map(|(column, _)| table.rows.iter().filter_map(move |row| row[column].mean));
        Scale { most: numbers.fold(0.0, f64::max), room: drawn().map(|(_, room)| room).min().unwrap_or(0) }
    }

    /// How long the bar of a number is: nothing for nothing, else one cell at least.
    fn cells(self, number: f64) -> usize {
        if number <= 0.0 || self.most <= 0.0 {
            return 0;
        }
        ((number / self.most * self.room as f64).round() as usize).clamp(1, self.room.max(1))
    }
}

/// Columns of a table that stand side by side.
struct Grid {
    /// The names of the rows.
    labels: usize,
    /// Which columns.
    columns: Range<usize>,
    /// How wide they are, without the blanks before each.
    widths: Vec<usize>,
    /// The column that is drawn as bars too, where there is room for them.
    bar: Option<usize>,
    /// The cells of the longest bar.
    room: usize,
}

impl Grid {
    /// All columns, and below them, under the same rows, those for which there is no room beside.
    fn beside_or_below(measure: &Measure, cells: &[Vec<String>], all: usize) -> Vec<Grid> {
        let (labels, widths) = (labels(measure), widths(measure, cells));
        let mut grids = Vec::new();
        let mut from = 0;
        while from < widths.len() {
            let mut used = labels + GAP + widths[from];
            let more = widths[from + 1..].iter().take_while(|w| {
                used += GAP + **w;
                used <= all
            });
            let columns = from..from + 1 + more.count();
            from = columns.end;
            grids.push(Grid::of(measure, (labels, &widths), columns, all));
        }
        grids
    }

    fn of(measure: &Measure, (labels, widths): (usize, &[usize]), columns: Range<usize>, all: usize) -> Grid {
        let widths = widths[columns.clone()].to_vec();
        let used = labels + widths.iter().map(|w| w + GAP).sum::<usize>() + GAP;
        let room = all.saturating_sub(used).min(BAR_MAX);
        // Numbers of another unit than the first that has bars cannot be compared with it.
        let unit = measure.columns.iter().find(|column| column.bar).map(|column| &column.unit);
        let has_bars = |i: &usize| measure.columns[*i].bar && Some(&measure.columns[*i].unit) == unit;
        let bar = columns.clone().find(has_bars).filter(|_| room >= BAR_MIN);
        Grid { labels, columns, widths, bar, room }
    }

    /// What the columns show and, below, in which units: side by side a unit would take the room of a column.
    fn heads(&self, measure: &Measure, theme: &Theme) -> Vec<Line> {
        let labels = self.labels;
        let row = |first: &str, texts: Vec<&str>| {
            let mut line: Line = vec![piece(format!("{first:<labels$}"), theme.dim)];
            line.extend(texts.iter().zip(&self.widths).map(|(text, w)| piece(format!("  {text:>w$}"), theme.dim)));
            line
        };
        let columns = &measure.columns[self.columns.clone()];
        let words: Vec<String> = columns.iter().map(Column::heading).collect();
        let mut names = row(&measure.over.join(", "), words.iter().map(String::as_str).collect());
        if let Some(bar) = self.bar.filter(|_| columns.len() > 1) {
            names.push(piece(format!("  {}", head(&measure.columns[bar].heading(), self.room)), theme.dim));
        }
        let unit = |(column, name): (&Column, &String)| column.unit.clone().filter(|unit| unit != name).unwrap_or_default();
        let units: Vec<String> = columns.iter().zip(&words).map(unit).collect();
        let units: Vec<&str> = units.iter().map(String::as_str).collect();
        if units.iter().all(|unit| unit.is_empty()) { vec![names] } else { vec![names, row("", units)] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lesson::catalogue;

    fn measured() -> Vec<Measure> {
        let lessons = catalogue().lessons().map(|id| catalogue().open(id).unwrap().unwrap());
        let steps = lessons.flat_map(|lesson| lesson.steps.clone());
        steps.filter_map(|step| if let StepKind::Measure(measure) = step.kind { Some(*measure) } else { None }).collect()
    }

    /// In whatever columns they stand: of bars below each other the longer one is of the greater number, and equal ones are as long.
    #[test]
    fn bars_below_each_other_have_one_scale() {
        let mut below = 0;
        let mut all = measured();
        // The same tables, with bars for every column.
        all.extend(all.clone().into_iter().map(|mut measure| {
            measure.columns.iter_mut().for_each(|column| column.bar = true);
            measure
        }));
        for (measure, room) in all.iter().flat_map(|measure| [30, 38, 40, 44, 56, 78].map(|room| (measure, room))) {
            let cell = |column: usize, row: usize| 10.0 * (column + 1) as f64 + row as f64;
            let of = |column, row| Cell { mean: Some(cell(column, row)), least: 1.0, most: 99.0, of: 20 };
            let rows = (0..measure.rows.len()).map(|row| (0..measure.columns.len()).map(|column| of(column, row)).collect()).collect();
            let table = Table { rows };
            let (cells, _) = fitting(measure, &table, room);
            let grids = Grid::beside_or_below(measure, &cells, room);
            let scale = Scale::of(&grids, &table);
            let drawn: Vec<usize> = grids.iter().filter_map(|grid| grid.bar).collect();
            below += usize::from(drawn.len() > 1);
            let units: std::collections::BTreeSet<_> = drawn.iter().map(|column| &measure.columns[*column].unit).collect();
            assert!(units.len() <= 1, "bars of two units below each other: {units:?}");
            let bars = drawn.iter().flat_map(|column| table.rows.iter().map(|row| row[*column].mean.unwrap()));
            let mut bars: Vec<(f64, usize)> = bars.map(|number| (number, scale.cells(number))).collect();
            bars.sort_by(|a, b| a.0.total_cmp(&b.0));
            assert!(bars.windows(2).all(|pair| pair[0].1 <= pair[1].1) && bars.iter().all(|(_, cells)| *cells <= scale.room.max(1)));
        }
        assert!(below > 0, "no table of the lessons has bars below each other, so nothing was tried");
        assert_eq!(Scale { most: 100.0, room: 20 }.cells(0.1), 1, "what is not nothing is seen");
    }

    #[test]
    fn no_column_of_any_lesson_is_left_out_of_a_narrow_card() {
        let all = measured();
        assert!(all.iter().any(|measure| measure.columns.len() > 3));
        for (measure, room) in all.iter().flat_map(|measure| [30, 40, 56, 78, 120].map(|room| (measure, room))) {
            let cell = Cell { mean: Some(1234.5), least: 1000.0, most: 2000.0, of: 20 };
            let rows = vec![vec![cell; measure.columns.len()]; measure.rows.len()];
            let (cells, ranges) = fitting(measure, &Table { rows }, room);
            let grids = Grid::beside_or_below(measure, &cells, room);
            assert!(grids.iter().flat_map(|grid| grid.columns.clone()).eq(0..measure.columns.len()));
            assert!(!ranges || grids.len() == 1, "ranges stand only where the whole table fits");
            for grid in grids.iter().filter(|grid| grid.widths.len() > 1) {
                assert!(grid.labels + grid.widths.iter().map(|w| w + GAP).sum::<usize>() <= room);
            }
        }
    }
}
