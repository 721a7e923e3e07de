//! A pen that draws inside a rectangle of a buffer and nowhere else.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use super::text::{is_obscure, width};
use crate::tui::glyphs::Border;
use crate::tui::theme::Theme;

/// Stands for a character that must not reach the terminal.
const OBSCURE: &str = "\u{fffd}";

/// Draws at signed coordinates of the screen; what falls outside its area is not drawn.
pub struct Pen<'a> {
    buf: &'a mut Buffer,
    area: Rect,
}

impl<'a> Pen<'a> {
    /// A pen for `area`, as far as it lies in the buffer.
    pub fn new(buf: &'a mut Buffer, area: Rect) -> Pen<'a> {
        let area = area.intersection(buf.area);
        Pen { buf, area }
    }

    /// Where it draws.
    pub fn area(&self) -> Rect {
        self.area
    }

    /// The same pen for a smaller area.
    pub fn inside(&mut self, area: Rect) -> Pen<'_> {
        Pen { area: area.intersection(self.area), buf: &mut *self.buf }
    }

    /// Whether a cell can be drawn.
    pub fn has(&self, x: i32, y: i32) -> bool {
        let Rect { x: left, y: top, width, height } = self.area;
        x >= left as i32 && y >= top as i32 && x < left as i32 + width as i32 && y < top as i32 + height as i32
    }

    /// Puts one symbol of one cell's width. The style replaces what was there, except an unnamed background.
    pub fn put(&mut self, x: i32, y: i32, symbol: &str, style: Style) {
        if !self.has(x, y) {
            return;
        }
        let cell = &mut self.buf[(x as u16, y as u16)];
        cell.set_symbol(symbol);
        cell.fg = style.fg.unwrap_or(Color::Reset);
        cell.bg = style.bg.unwrap_or(cell.bg);
        cell.modifier = style.add_modifier;
    }

    /// Puts one character; see [`Pen::put`].
    pub fn put_char(&mut self, x: i32, y: i32, c: char, style: Style) {
        let mut utf8 = [0; 4];
        self.put(x, y, c.encode_utf8(&mut utf8), style);
    }

    /// What stands in a cell; empty outside.
    pub fn symbol(&self, x: i32, y: i32) -> &str {
        if self.has(x, y) { self.buf[(x as u16, y as u16)].symbol() } else { "" }
    }

    /// How a cell looks; plain outside.
    pub fn style(&self, x: i32, y: i32) -> Style {
        if self.has(x, y) { self.buf[(x as u16, y as u16)].style() } else { Style::new() }
    }

    /// Adds a style to what stands in a cell.
    pub fn restyle(&mut self, area: Rect, style: Style) {
        self.buf.set_style(area.intersection(self.area), style);
    }

    /// Marks lines as selected: in one colour, so that they read well reversed.
    pub fn select(&mut self, area: Rect, theme: &Theme) {
        let plain = Style::new().fg(theme.text.fg.unwrap_or(Color::Reset));
        self.restyle(area, plain.patch(theme.selected));
    }

    /// Writes a text and returns the column after it. Wide characters that do not fit are left out.
    pub fn text(&mut self, x: i32, y: i32, text: &str, style: Style) -> i32 {
        let mut at = x;
        let mut rest = text.chars().peekable();
        let mut cluster = String::new();
        while let Some(c) = rest.next() {
            if is_obscure(c) {
                self.put(at, y, OBSCURE, style);
                at += 1;
                continue;
            }
            if c.is_ascii() && rest.peek().is_none_or(char::is_ascii) {
                self.put_char(at, y, c, style);
                at += 1;
                continue;
            }
            cluster.clear();
            cluster.push(c);
            while let Some(mark) = rest.next_if(|c| joins(*c)) {
                cluster.push(mark);
            }
            at += self.cluster(at, y, &cluster, style);
        }
        at
    }

    /// One grapheme, of any width; returns its width.
    fn cluster(&mut self, x: i32, y: i32, cluster: &str, style: Style) -> i32 {
        let wide = width(cluster) as i32;
        if wide == 0 || (wide > 1 && !(self.has(x, y) && self.has(x + wide - 1, y))) {
            return wide;
        }
        self.put(x, y, cluster, style);
        for next in x + 1..x + wide {
            self.put(next, y, " ", style);
        }
        wide
    }

    /// Writes as much of a text as fits into `max` columns, cut off with `more`; returns the column after it.
    pub fn clipped(&mut self, x: i32, y: i32, text: &str, max: usize, more: &str, style: Style) -> i32 {
        if text.len() <= max || width(text) <= max {
            return self.text(x, y, text, style);
        }
        if max == 0 {
            return x;
        }
        let end = self.text(x, y, super::text::head(text, max.saturating_sub(width(more))), style);
        self.text(end, y, super::text::head(more, max), style)
    }

    /// Empties a rectangle.
    pub fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.area);
        for y in area.top()..area.bottom() {
            for x in area.left()..area.right() {
                self.put(x as i32, y as i32, " ", Style::new());
            }
        }
    }

    /// Draws a box around a rectangle's inside.
    pub fn border(&mut self, area: Rect, border: &Border, style: Style) {
        if area.width < 2 || area.height < 2 {
            return;
        }
        let (left, top) = (area.x as i32, area.y as i32);
        let (right, bottom) = (area.right() as i32 - 1, area.bottom() as i32 - 1);
        for x in left + 1..right {
            self.put(x, top, border.across, style);
            self.put(x, bottom, border.across, style);
        }
        for y in top + 1..bottom {
            self.put(left, y, border.down, style);
            self.put(right, y, border.down, style);
        }
        let corners = [(left, top), (right, top), (left, bottom), (right, bottom)];
        for ((x, y), corner) in corners.into_iter().zip(border.corners) {
            self.put(x, y, corner, style);
        }
    }
}

/// Whether a character belongs to the one before it.
fn joins(c: char) -> bool {
    !c.is_ascii() && unicode_width::UnicodeWidthChar::width(c) == Some(0) && !is_obscure(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(buf: &Buffer) -> String {
        buf.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn nothing_is_drawn_outside() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        let mut pen = Pen::new(&mut buf, Rect::new(1, 0, 4, 5));
        assert_eq!(pen.text(-2, 0, "abcdefghij", Style::new()), 8);
        pen.text(-9, 3, "x", Style::new());
        assert_eq!(line(&buf), " defg ");
    }

    #[test]
    fn a_wide_character_is_whole_or_absent() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 4, 1));
        Pen::new(&mut buf, Rect::new(0, 0, 4, 1)).text(1, 0, "日本", Style::new());
        assert_eq!(line(&buf), " 日  ");
    }

    #[test]
    fn what_is_hidden_is_seen_and_measured() {
        let text = "a\u{1b}\u{202e}b";
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        let end = Pen::new(&mut buf, Rect::new(0, 0, 6, 1)).text(0, 0, text, Style::new());
        assert_eq!(line(&buf), "a\u{fffd}\u{fffd}b  ");
        assert_eq!((end as usize, super::super::text::head(text, 2)), (width(text), "a\u{1b}"));
    }

    #[test]
    fn a_cut_off_text_says_so() {
        let mut buf = Buffer::empty(Rect::new(0, 0, 6, 1));
        Pen::new(&mut buf, Rect::new(0, 0, 6, 1)).clipped(0, 0, "abcdefgh", 4, "…", Style::new());
        assert_eq!(line(&buf), "abc…  ");
    }
}
