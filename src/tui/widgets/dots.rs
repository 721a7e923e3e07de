//! Thin dotted lines behind everything, in braille or ASCII dots.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::pen::Pen;

/// A point of the screen in cells; the middle of the top left cell is (0.5, 0.5) away from its corner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f32,
    pub(crate) y: f32,
}

impl Point {
    /// The point at `part` of the way to `other`.
    pub(crate) fn toward(self, other: Point, part: f32) -> Point {
        Point { x: self.x + (other.x - self.x) * part, y: self.y + (other.y - self.y) * part }
    }

    /// The cell that it lies in.
    pub(crate) fn cell(self) -> (i32, i32) {
        (self.x.floor() as i32, self.y.floor() as i32)
    }
}

/// Dots of two columns and four rows a cell.
pub(crate) struct Dots {
    area: Rect,
    cells: Vec<u8>,
}

/// The bit of each dot of a braille character, by row and column.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Dots {
    /// No dots yet.
    pub(crate) fn new(area: Rect) -> Dots {
        Dots { area, cells: vec![0; area.width as usize * area.height as usize] }
    }

    /// A straight line between two points of the screen with every `every`th dot.
    pub(crate) fn line(&mut self, from: Point, to: Point, every: u32) {
        let (fx, fy) = (from.x * 2.0, from.y * 4.0);
        let (dx, dy) = (to.x * 2.0 - fx, to.y * 4.0 - fy);
        let steps = dx.abs().max(dy.abs()).min(4000.0) as u32;
        for step in (0..=steps).step_by(every.max(1) as usize) {
            let part = step as f32 / steps.max(1) as f32;
            self.dot((fx + dx * part) as i32, (fy + dy * part) as i32);
        }
    }

    /// One dot, in dots of the screen.
    pub(crate) fn dot(&mut self, x: i32, y: i32) {
        let (column, row) = (x.div_euclid(2) - self.area.x as i32, y.div_euclid(4) - self.area.y as i32);
        if column >= 0 && row >= 0 && column < self.area.width as i32 && row < self.area.height as i32 {
            let cell = row as usize * self.area.width as usize + column as usize;
            self.cells[cell] |= BITS[y.rem_euclid(4) as usize][x.rem_euclid(2) as usize];
        }
    }

    /// Draws the dots; an ASCII dot stands for any dots of a cell.
    pub(crate) fn draw(&self, pen: &mut Pen<'_>, ascii: bool, style: Style) {
        let width = self.area.width.max(1) as usize;
        for (index, &bits) in self.cells.iter().enumerate().filter(|(_, bits)| **bits != 0) {
            let (x, y) = (self.area.x as i32 + (index % width) as i32, self.area.y as i32 + (index / width) as i32);
            let braille = char::from_u32(0x2800 + u32::from(bits)).unwrap_or('.');
            pen.put_char(x, y, if ascii { '.' } else { braille }, style);
        }
    }
}
