//! Which cells of the stage are taken, so that nothing that moves hides anything else.

use ratatui::layout::Rect;

use super::layout::{Layout, Place, Side};

/// Cells to try when another message has the one on the wire, nearest first.
const AROUND: [(i32, i32); 13] =
    [(0, 0), (0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (1, -1), (-1, 1), (1, 1), (-2, 0), (2, 0), (0, -2), (0, 2)];

/// Which cells of the stage are taken, and by what.
pub(super) struct Taken {
    pub(super) area: Rect,
    cells: Vec<u8>,
}

/// A box, a client's words.
pub(super) const THING: u8 = 1;
/// A message's glyph.
pub(super) const GLYPH: u8 = 2;
/// A message's words.
pub(super) const WORDS: u8 = 4;
/// A wall, or the mark of a one-way cut.
pub(super) const WALL: u8 = 8;

impl Taken {
    /// Nothing but the places of a layout.
    pub(super) fn new(area: Rect, layout: &Layout) -> Taken {
        let mut taken = Taken { area, cells: vec![0; area.width as usize * area.height as usize] };
        for Place { rect, side, name, .. } in &layout.places {
            // The line of a client's name is mostly wire.
            let name = *name;
            match side {
                Side::Server | Side::Bottom => taken.mark(*rect, THING),
                _ if rect.height < 2 => taken.mark(*rect, THING),
                Side::Left => taken.mark(Rect { width: name.min(rect.width), height: 1, ..*rect }, THING),
                Side::Right => taken.mark(Rect { x: rect.right().saturating_sub(name), width: name, height: 1, ..*rect }, THING),
            }
            if *side != Side::Server {
                taken.mark(Rect { y: rect.y + 1, height: rect.height.saturating_sub(1), ..*rect }, THING);
            }
        }
        taken
    }

    /// A cell of a wall: words go around it, messages stand before it.
    pub(super) fn wall(&mut self, x: i32, y: i32) {
        self.mark_run(x, y, 1, WALL);
    }

    fn index(&self, x: i32, y: i32) -> Option<usize> {
        let (x, y) = (x - self.area.x as i32, y - self.area.y as i32);
        let inside = x >= 0 && y >= 0 && x < self.area.width as i32 && y < self.area.height as i32;
        inside.then(|| y as usize * self.area.width as usize + x as usize)
    }

    /// Marks every cell of a rectangle as holding `what`.
    pub(super) fn mark(&mut self, rect: Rect, what: u8) {
        for y in rect.top()..rect.bottom() {
            for x in rect.left()..rect.right() {
                if let Some(index) = self.index(x as i32, y as i32) {
                    self.cells[index] |= what;
                }
            }
        }
    }

    /// Marks a run of cells as holding `what`.
    pub(super) fn mark_run(&mut self, x: i32, y: i32, length: usize, what: u8) {
        for at in x..x + length as i32 {
            if let Some(index) = self.index(at, y) {
                self.cells[index] |= what;
            }
        }
    }

    /// The cell nearest to this one, itself included, that holds none of `what`.
    pub(super) fn near(&self, (x, y): (i32, i32), what: u8) -> Option<(i32, i32)> {
        AROUND.iter().map(|(dx, dy)| (x + dx, y + dy)).find(|&(x, y)| self.free(x, y, 1, what))
    }

    /// Whether a run of cells lies inside and holds none of `what`.
    pub(super) fn free(&self, x: i32, y: i32, length: usize, what: u8) -> bool {
        (x..x + length as i32).all(|at| self.index(at, y).is_some_and(|index| self.cells[index] & what == 0))
    }
}
