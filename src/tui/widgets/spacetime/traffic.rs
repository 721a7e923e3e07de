//! Busy lanes: how much ends on them in every column, as bars. One by one so many messages would only hatch the diagram.

use super::View;
use super::lanes::Lanes;
use crate::cluster::{Happening, What};
use crate::sim::id::NodeId;
use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// What ends on the lanes, by lane and column.
pub(super) struct Traffic {
    width: usize,
    counts: Vec<u16>,
    /// Whether each lane is drawn as bars.
    busy: Vec<bool>,
}

impl Traffic {
    /// Counts what there is in the window.
    pub(super) fn new(lanes: &Lanes, view: &View<'_>) -> Traffic {
        let width = usize::from(lanes.plot.width).max(1);
        let mut counts = vec![0u16; width * lanes.rows.len()];
        for happening in view.happenings {
            let lane = ends_at(happening, view).and_then(|who| lanes.rows.iter().position(|(id, _)| *id == who));
            if let (Some(lane), Some(x)) = (lane, lanes.column(happening.at)) {
                let cell = &mut counts[lane * width + (x - i32::from(lanes.plot.x)) as usize];
                *cell = cell.saturating_add(1);
            }
        }
        let totals = counts.chunks(width).map(|lane| lane.iter().map(|count| usize::from(*count)).sum::<usize>());
        // The words of an operation take about five columns; a message and its stroke take two.
        let busy = totals.zip(&lanes.rows).map(|(total, (id, _))| total * if id.is_client() { 5 } else { 2 } > width).collect();
        Traffic { width, counts, busy }
    }

    /// Whether the lane of `id` is drawn as bars.
    pub(super) fn is_busy(&self, lanes: &Lanes, id: NodeId) -> bool {
        lanes.rows.iter().position(|(lane, _)| *lane == id).is_some_and(|lane| self.busy[lane])
    }

    /// Draws the bars over the busy lanes: the highest stands for the most in any column of its lane.
    pub(super) fn draw(&self, pen: &mut Pen<'_>, theme: &Theme, lanes: &Lanes) {
        let levels = theme.glyphs.levels;
        for ((row, &(id, y)), _) in self.counts.chunks(self.width).zip(&lanes.rows).zip(&self.busy).filter(|(_, busy)| **busy) {
            let most = row.iter().copied().max().unwrap_or(0).max(3);
            for (column, &count) in row.iter().enumerate().filter(|(_, count)| **count > 0) {
                let level = (usize::from(count) * levels.len()).div_ceil(usize::from(most)) - 1;
                let x = i32::from(lanes.plot.x) + column as i32;
                // The bar keeps the colour of its lane, which says who leads.
                let style = if id.is_client() { theme.client } else { pen.style(x, i32::from(y)) };
                pen.put(x, i32::from(y), levels[level], style);
            }
        }
    }

    /// What says what the bars are, and its column: at the right end of the axis or before the present, where no poke stands.
    pub(super) fn legend(&self, theme: &Theme, lanes: &Lanes, view: &View<'_>) -> Option<(i32, String)> {
        let (true, true) = (lanes.axis.is_some(), self.busy.contains(&true)) else { return None };
        let [low, .., high] = theme.glyphs.levels;
        let words = format!("  {low}{high} messages ");
        let wide = width(&words) as i32;
        let right = lanes.plot.right() as i32;
        let end = lanes.column(view.scene.at).filter(|now| *now >= right - wide).unwrap_or(right);
        let poked = view.pokes.iter().filter_map(|at| lanes.column(*at)).any(|x| (end - wide..end).contains(&x));
        (end - wide > lanes.plot.x as i32 + 12 && !poked).then_some((end - wide, words))
    }
}

/// The server that a message reached, or the client whose operation ended.
fn ends_at(happening: &Happening, view: &View<'_>) -> Option<NodeId> {
    match &happening.what {
        What::Arrived { to, .. } if !to.is_client() => Some(*to),
        What::Returned(index, _) => view.operations.get(*index).map(|exchange| exchange.client),
        _ => None,
    }
}
