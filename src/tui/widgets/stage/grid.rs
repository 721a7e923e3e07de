//! How many columns and rows of boxes fit, and how large they are.

/// Space that boxes want between them, for messages and their words to pass.
const GAP: (u16, u16) = (12, 4);
/// The least space between boxes.
const LEAST_GAP: (u16, u16) = (6, 1);
/// A comfortable box.
const GOOD: (u16, u16) = (21, 5);
/// The least box with a border and one line inside.
pub(super) const LEAST: (u16, u16) = (14, 3);
/// What boxes above each other leave free beside them, for the wire of the outer two to pass the middle one.
pub(super) const BESIDE: u16 = 4;
/// A box never grows larger than this, on a stage of ordinary and of large size; the space serves the messages better.
const LARGEST: [(u16, u16); 2] = [(30, 6), (38, 8)];
/// A stage of this height or more is large.
const LARGE: u16 = 26;
/// Columns and rows stand no further apart than this, so that the eye holds them together.
const FARTHEST: (u16, u16) = (44, 12);

/// Boxes of one size in columns, filled one column after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Grid {
    pub(super) columns: u16,
    pub(super) rows: u16,
    /// Width and height of a box; one lower than 3 has no border.
    pub(super) cell: (u16, u16),
}

/// The best grid for `n` boxes in an area of this size; `None` when there is no room for boxes at all.
pub(super) fn grid(size: (u16, u16), n: usize) -> Option<Grid> {
    let n = u16::try_from(n).unwrap_or(u16::MAX).max(1);
    let candidates = (1..=n.min(size.1.max(1))).map(|rows| candidate(size, n, rows));
    candidates.flatten().max_by_key(|grid| (score(*grid, n), grid.columns))
}

fn candidate((w, h): (u16, u16), n: u16, rows: u16) -> Option<Grid> {
    let columns = n.div_ceil(rows);
    let rows = n.div_ceil(columns);
    let largest = LARGEST[usize::from(h >= LARGE)];
    let beside = if rows > 2 { BESIDE } else { 0 };
    let wide = share(w.saturating_sub(beside), columns, GAP.0, LEAST_GAP.0, GOOD.0).min(largest.0);
    let tall = share(h, rows, GAP.1, LEAST_GAP.1, GOOD.1).min(largest.1);
    (wide >= LEAST.0 && tall >= 1).then_some(Grid { columns, rows, cell: (wide, tall) })
}

/// What each of `parts` gets of `space`: with the wide gap if that leaves enough, else with narrower ones.
fn share(space: u16, parts: u16, gap: u16, least_gap: u16, good: u16) -> u16 {
    let with = |gap: u16| space.saturating_sub((parts - 1).saturating_mul(gap)) / parts;
    if with(gap) >= good { with(gap) } else { with(least_gap).min(good) }
}

/// Large boxes are good; three in a line are bad, for the wire of the outer two runs behind the middle one.
fn score(grid: Grid, n: u16) -> u32 {
    let size = u32::from(grid.cell.0.min(GOOD.0 + 4)) * u32::from(grid.cell.1.min(GOOD.1 + 1)) * 100;
    let in_line = (grid.rows > 2 || (grid.rows == 1 && n > 2)) as u32;
    size * (100 - 18 * in_line) / 100
}

impl Grid {
    /// How many boxes stand in column `column` when `n` are spread evenly: the fuller columns to the right, or in the middle of three.
    fn in_column(self, column: u16, n: u16) -> u16 {
        let (each, more) = (n / self.columns, n % self.columns);
        let fuller = if self.columns == 3 && more == 1 { column == 1 } else { column >= self.columns - more };
        each + u16::from(fuller)
    }

    /// The top left corners of `n` boxes in an area of this size, relative to it.
    pub(super) fn spots(self, size: (u16, u16), n: usize) -> Vec<(u16, u16)> {
        let n = u16::try_from(n).unwrap_or(u16::MAX);
        let mut spots = Vec::with_capacity(n as usize);
        for column in 0..self.columns {
            let x = offset(size.0, self.columns, column, self.cell.0, FARTHEST.0, GAP.0);
            let rows = self.in_column(column, n);
            for row in 0..rows {
                spots.push((x, offset(size.1, rows, row, self.cell.1, FARTHEST.1, GAP.1)));
            }
        }
        spots
    }
}

/// Where part `index` of `parts` starts when they are spread over `space`, centred.
fn offset(space: u16, parts: u16, index: u16, size: u16, farthest: u16, wanted: u16) -> u16 {
    let rest = space.saturating_sub(parts.saturating_mul(size));
    if parts < 2 {
        return rest / 2;
    }
    let gap = (rest / (parts - 1)).min((rest / parts).max(wanted)).min(farthest);
    let margin = (rest - gap * (parts - 1)) / 2;
    margin + index * (size + gap)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_boxes_stand_one_left_and_two_right() {
        let size = (54, 14);
        let grid = grid(size, 3).unwrap();
        let spots = grid.spots(size, 3);
        assert!(spots[0].0 < spots[1].0 && spots[1].0 == spots[2].0, "{spots:?}");
        assert!(spots[1].1 < spots[0].1 && spots[0].1 < spots[2].1, "{spots:?}");
    }

    #[test]
    fn boxes_never_overlap_or_leave_the_area() {
        for w in 0..130 {
            for h in 0..40 {
                for n in 1..12 {
                    let Some(grid) = grid((w, h), n) else { continue };
                    let spots = grid.spots((w, h), n);
                    assert_eq!(spots.len(), n);
                    for (i, a) in spots.iter().enumerate() {
                        assert!(a.0 + grid.cell.0 <= w && a.1 + grid.cell.1 <= h, "{w}x{h} {n} {grid:?} {spots:?}");
                        let apart = |b: &(u16, u16)| a.0.abs_diff(b.0) >= grid.cell.0 || a.1.abs_diff(b.1) >= grid.cell.1;
                        assert!(spots[i + 1..].iter().all(apart), "{w}x{h} {n} {grid:?} {spots:?}");
                    }
                }
            }
        }
    }
}
