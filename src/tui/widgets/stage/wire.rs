//! The way of messages between two things on the stage.

use ratatui::layout::Rect;

use crate::tui::widgets::dots::Point;

/// Points on the way of messages from one thing to another: straight, with one bend, or along rows and columns with two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wire {
    points: [Point; 4],
    count: usize,
}

impl Wire {
    /// From `a` to `b`.
    pub(super) fn straight(a: Point, b: Point) -> Wire {
        Wire { points: [a, b, b, b], count: 2 }
    }

    /// From `a` by `via` to `b`.
    pub(super) fn bent(a: Point, via: Point, b: Point) -> Wire {
        Wire { points: [a, via, b, b], count: 3 }
    }

    /// Along the row of `a` to column `x`, up or down there, then along the row of `b`.
    pub(super) fn stepped(a: Point, x: f32, b: Point) -> Wire {
        if a.cell().1 == b.cell().1 {
            return Wire::straight(a, b);
        }
        Wire { points: [a, Point { x, ..a }, Point { x, ..b }, b], count: 4 }
    }

    /// The same way in the other direction.
    pub(super) fn back(self) -> Wire {
        let mut points = self.points;
        points[..self.count].reverse();
        let last = points[self.count - 1];
        points[self.count..].fill(last);
        Wire { points, ..self }
    }

    /// The point at `part` of the way.
    pub(super) fn at(&self, part: f32) -> Point {
        let mut left = part.clamp(0.0, 1.0) * self.cells();
        for (a, b) in self.pieces() {
            let long = length(a, b);
            if left <= long {
                return a.toward(b, if long > 0.0 { left / long } else { 0.0 });
            }
            left -= long;
        }
        self.points[self.count - 1]
    }

    /// Its straight pieces.
    pub(super) fn pieces(&self) -> impl Iterator<Item = (Point, Point)> {
        let wire = *self;
        (1..wire.count).map(move |end| (wire.points[end - 1], wire.points[end]))
    }

    /// How long it is, in cells of the longer direction of each piece.
    pub(super) fn cells(&self) -> f32 {
        self.pieces().map(|(a, b)| length(a, b)).sum::<f32>().max(1.0)
    }

    /// Every cell on it from the start, each once.
    pub(super) fn path(&self) -> Vec<(i32, i32)> {
        let steps = (self.cells() * 2.0).clamp(1.0, 800.0) as u32;
        let mut path: Vec<(i32, i32)> = (0..=steps).map(|step| self.at(step as f32 / steps as f32).cell()).collect();
        path.dedup();
        path
    }

    /// Whether it is straight.
    #[cfg(test)]
    pub(super) fn is_straight(&self) -> bool {
        self.count == 2
    }

    /// Whether it runs behind a box.
    pub(super) fn passes(&self, rect: Rect) -> bool {
        let inside =
            |(x, y): (i32, i32)| x >= rect.left().into() && x < rect.right().into() && y >= rect.top().into() && y < rect.bottom().into();
        let steps = (self.cells() * 2.0).clamp(1.0, 800.0) as u32;
        (0..=steps).any(|step| inside(self.at(step as f32 / steps as f32).cell()))
    }
}

fn length(a: Point, b: Point) -> f32 {
    (a.x - b.x).abs().max((a.y - b.y).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stepped_way_turns_twice_and_comes_back() {
        let point = |x: f32, y: f32| Point { x, y };
        let wire = Wire::stepped(point(0.5, 0.5), 3.5, point(6.5, 2.5));
        let cells = [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (4, 2), (5, 2), (6, 2)];
        assert_eq!(wire.path(), cells);
        let back: Vec<(i32, i32)> = cells.into_iter().rev().collect();
        assert_eq!(wire.back().path(), back);
        assert_eq!(wire.at(0.5).cell(), (3, 1));
        assert!(Wire::stepped(point(0.5, 0.5), 3.5, point(6.5, 0.5)).is_straight());
    }
}
