//! What is written over the picture of a cluster: signs and words. Each stays whole, for half a word says something else.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::layout::{Layout, Place, Side};
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::width;

/// A cell of the screen.
pub(super) type Cell = (i32, i32);

/// Cells to try when the wanted one is taken, nearest first.
const AROUND: [Cell; 13] = [(0, 0), (0, -1), (0, 1), (-1, 0), (1, 0), (-1, -1), (1, -1), (-1, 1), (1, 1), (-2, 0), (2, 0), (0, -2), (0, 2)];

/// A box, or the words of a client.
const THING: u8 = 1;
/// A sign.
const SIGN: u8 = 2;
/// Words, with the blank before and after them.
const WORDS: u8 = 4;
/// A wall: words go around it, messages stand before it.
const WALL: u8 = 8;
/// A line that words go around and on which messages stand.
const LINE: u8 = 16;

/// The only way to write over the picture. What comes later makes way for what came before, or is left out.
pub(super) struct Sheet<'a> {
    pen: Pen<'a>,
    area: Rect,
    cells: Vec<u8>,
}

impl<'a> Sheet<'a> {
    /// Nothing is written yet; the places of a layout are taken.
    pub(super) fn new(pen: Pen<'a>, layout: &Layout) -> Sheet<'a> {
        let area = pen.area();
        let mut sheet = Sheet { pen, area, cells: vec![0; usize::from(area.width) * usize::from(area.height)] };
        layout.places.iter().for_each(|place| sheet.place(place));
        sheet
    }

    fn place(&mut self, place: &Place) {
        let rect = place.rect;
        // The line of a client's name is mostly wire.
        let name = place.name.min(rect.width);
        match place.side {
            Side::Server | Side::Bottom => return self.mark(rect, THING),
            _ if rect.height < 2 => self.mark(rect, THING),
            Side::Left => self.mark(Rect { width: name, height: 1, ..rect }, THING),
            Side::Right => self.mark(Rect { x: rect.right() - name, width: name, height: 1, ..rect }, THING),
        }
        self.mark(Rect { y: rect.y + 1, height: rect.height.saturating_sub(1), ..rect }, THING);
    }

    /// Where it is.
    pub(super) fn area(&self) -> Rect {
        self.area
    }

    /// A cell that has a piece of a wall.
    pub(super) fn wall(&mut self, at: Cell) {
        self.mark_run(at, 1, WALL);
    }

    /// A cell that has a piece of a line.
    pub(super) fn line(&mut self, at: Cell) {
        self.mark_run(at, 1, LINE);
    }

    /// Puts a sign into this cell if it is free, and says whether it was.
    pub(super) fn sign_at(&mut self, at: Cell, symbol: &str, style: Style) -> bool {
        let free = self.free(at, 1, THING | SIGN | WORDS);
        if free {
            self.pen.put(at.0, at.1, symbol, style);
            self.mark_run(at, 1, SIGN);
        }
        free
    }

    /// Puts a sign into the cell nearest to this one that has nothing, or only a piece of a wall. `None` where all are taken.
    pub(super) fn sign(&mut self, at: Cell, symbol: &str, style: Style) -> Option<Cell> {
        self.put(at, &[THING | SIGN | WORDS | WALL, THING | SIGN | WORDS], symbol, style)
    }

    /// The same for what ends here: the piece of a wall that stopped it gives way.
    pub(super) fn last_sign(&mut self, at: Cell, symbol: &str, style: Style) -> Option<Cell> {
        self.put(at, &[THING | SIGN | WORDS], symbol, style)
    }

    fn put(&mut self, (x, y): Cell, masks: &[u8], symbol: &str, style: Style) -> Option<Cell> {
        let Rect { x: left, y: top, width, height } = self.area;
        let inside = |at: i32, from: u16, long: u16| at.clamp(from.into(), i32::from(from) + i32::from(long.max(1)) - 1);
        let (x, y) = (inside(x, left, width), inside(y, top, height));
        let near = |masked: &u8| AROUND.iter().map(|(dx, dy)| (x + dx, y + dy)).find(|at| self.free(*at, 1, *masked));
        let found = masks.iter().find_map(near).or_else(|| self.nearest((x, y)))?;
        self.sign_at(found, symbol, style).then_some(found)
    }

    /// The nearest cell of all that is free, for what is behind a large box.
    fn nearest(&self, (x, y): Cell) -> Option<Cell> {
        let cells = self.area.positions().map(|at| (i32::from(at.x), i32::from(at.y)));
        let free = cells.filter(|at| self.free(*at, 1, THING | SIGN | WORDS));
        // A cell is twice as high as it is wide.
        free.min_by_key(|at| (at.0 - x).pow(2) + 4 * (at.1 - y).pow(2))
    }

    /// Writes words at the first of these cells from which all of them are free, and returns where they stand.
    pub(super) fn words(&mut self, spots: impl IntoIterator<Item = Cell>, text: &str, style: Style) -> Option<Rect> {
        self.write(spots, text, style, THING | SIGN | WORDS | WALL | LINE)
    }

    /// The same for words that may cover lines and walls.
    pub(super) fn words_over_lines(&mut self, spots: impl IntoIterator<Item = Cell>, text: &str, style: Style) -> Option<Rect> {
        self.write(spots, text, style, THING | SIGN | WORDS)
    }

    fn write(&mut self, spots: impl IntoIterator<Item = Cell>, text: &str, style: Style, masked: u8) -> Option<Rect> {
        let long = width(text);
        let fits = |&(x, y): &Cell| self.free((x, y), long, masked) && self.is_apart((x, y), long);
        let (x, y) = spots.into_iter().find(|at| long > 0 && fits(at))?;
        self.pen.text(x, y, text, style);
        self.mark_run((x - 1, y), long + 2, WORDS);
        Some(Rect::new(x as u16, y as u16, long as u16, 1))
    }

    /// Whether nothing that was written touches the ends of a run of cells: a sign beside a word would seem to be of it.
    fn is_apart(&self, (x, y): Cell, long: usize) -> bool {
        [x - 1, x + long as i32].into_iter().all(|x| self.index((x, y)).is_none_or(|index| self.cells[index] & SIGN == 0))
    }

    /// Writes on the lower border of a box, where that has nothing yet.
    pub(super) fn on_border(&mut self, rect: Rect, text: &str, style: Style) {
        let (y, long) = (i32::from(rect.bottom()) - 1, width(text) as i32);
        let (left, right) = (i32::from(rect.left()) + 1, i32::from(rect.right()) - 1);
        let line = self.pen.symbol(left, y).to_string();
        let is_line = |x: i32| (x..x + long).all(|x| self.pen.symbol(x, y) == line);
        if let Some(x) = (left..=right - long).find(|x| !line.trim().is_empty() && is_line(*x)) {
            self.pen.text(x, y, text, style);
        }
    }

    fn index(&self, (x, y): Cell) -> Option<usize> {
        let (x, y) = (x - i32::from(self.area.x), y - i32::from(self.area.y));
        let inside = x >= 0 && y >= 0 && x < i32::from(self.area.width) && y < i32::from(self.area.height);
        inside.then(|| y as usize * usize::from(self.area.width) + x as usize)
    }

    fn mark(&mut self, rect: Rect, what: u8) {
        for y in rect.top()..rect.bottom() {
            self.mark_run((rect.x.into(), y.into()), rect.width.into(), what);
        }
    }

    fn mark_run(&mut self, (x, y): Cell, length: usize, what: u8) {
        for at in x..x + length as i32 {
            if let Some(index) = self.index((at, y)) {
                self.cells[index] |= what;
            }
        }
    }

    /// Whether a run of cells lies inside and holds none of `masked`.
    fn free(&self, (x, y): Cell, length: usize, masked: u8) -> bool {
        (x..x + length as i32).all(|at| self.index((at, y)).is_some_and(|index| self.cells[index] & masked == 0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;

    use super::*;

    /// What can be asked of a sheet.
    #[derive(Clone, Debug)]
    enum Ask {
        Sign(Cell),
        SignAt(Cell),
        LastSign(Cell),
        Words(Cell, String),
        WordsOverLines(Cell, String),
        Wall(Cell),
        Line(Cell),
    }

    fn any_ask() -> impl Strategy<Value = Ask> {
        let cell = || (-3i32..44, -2i32..14);
        prop_oneof![
            cell().prop_map(Ask::Sign),
            cell().prop_map(Ask::SignAt),
            cell().prop_map(Ask::LastSign),
            (cell(), "[a-z]{1,12}").prop_map(|(at, text)| Ask::Words(at, text)),
            (cell(), "[a-z日]{1,12}").prop_map(|(at, text)| Ask::WordsOverLines(at, text)),
            cell().prop_map(Ask::Wall),
            cell().prop_map(Ask::Line),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_stays_whole(asks in prop::collection::vec(any_ask(), 0..120)) {
            let area = Rect::new(1, 1, 40, 10);
            let mut buf = Buffer::empty(Rect::new(0, 0, 42, 12));
            let mut written: Vec<(Cell, String)> = Vec::new();
            let mut sheet = Sheet::new(Pen::new(&mut buf, area), &Layout::default());
            for ask in asks {
                let at = |rect: Rect| (i32::from(rect.x), i32::from(rect.y));
                match ask {
                    Ask::Sign(cell) => written.extend(sheet.sign(cell, "#", Style::new()).map(|at| (at, "#".to_string()))),
                    Ask::LastSign(cell) => written.extend(sheet.last_sign(cell, "*", Style::new()).map(|at| (at, "*".to_string()))),
                    Ask::SignAt(cell) => {
                        let free = sheet.sign_at(cell, "@", Style::new());
                        written.extend(free.then(|| (cell, "@".to_string())));
                    }
                    Ask::Words(cell, text) => written.extend(sheet.words([cell], &text, Style::new()).map(|rect| (at(rect), text))),
                    Ask::WordsOverLines(cell, text) => {
                        written.extend(sheet.words_over_lines([cell], &text, Style::new()).map(|rect| (at(rect), text)));
                    }
                    Ask::Wall(cell) => sheet.wall(cell),
                    Ask::Line(cell) => sheet.line(cell),
                }
            }
            for ((x, y), text) in written {
                let mut at = x;
                for c in text.chars() {
                    prop_assert_eq!(buf[(at as u16, y as u16)].symbol(), c.to_string(), "{} at {},{}", text, x, y);
                    at += width(&c.to_string()) as i32;
                }
                // Beside words there are blanks: two words are never one, and a sign is never a letter of a word.
                if text.chars().all(char::is_alphabetic) {
                    for beside in [x - 1, at] {
                        let symbol = buf.cell((beside as u16, y as u16)).map_or(" ", ratatui::buffer::Cell::symbol);
                        prop_assert_eq!(symbol, " ", "beside {} at {},{}", text, x, y);
                    }
                }
            }
        }
    }
}
