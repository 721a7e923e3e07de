//! Titles that are read from the last row: in large letters where there is room, else in capitals.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;
use tui_big_text::{BigText, PixelSize};

use crate::tui::theme::Theme;
use crate::tui::widgets::pen::Pen;
use crate::tui::widgets::text::{width, wrap};

/// The sizes of large letters: columns and lines of a letter. The wider ones come first.
const SIZES: [(PixelSize, u16, u16); 2] = [(PixelSize::HalfHeight, 8, 4), (PixelSize::Quadrant, 4, 4)];

/// Lines between several texts.
pub(super) const APART: u16 = 2;

fn has_large_letters(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
}

/// A title as it is drawn in some room.
pub(super) struct Title {
    lines: Vec<String>,
    /// The size of a letter; `None`: as all letters of the terminal.
    large: Option<(PixelSize, u16, u16)>,
}

impl Title {
    /// Several texts in the smaller of the large letters, below each other: what is said is never larger than a title. `None` where they
    /// do not fit, or where there is a sign among them that has no large form.
    pub(super) fn several(theme: &Theme, texts: &[String], (columns, rows): (u16, u16)) -> Option<Vec<Title>> {
        let drawable = !theme.glyphs.ascii && texts.iter().all(|text| has_large_letters(text));
        let in_size = |size: (PixelSize, u16, u16)| {
            let all: Vec<Title> = texts.iter().filter_map(|text| Title::in_size(text, size, columns)).collect();
            let height: u16 = all.iter().map(|title| title.height() + APART).sum();
            (all.len() == texts.len() && height <= rows.saturating_add(APART)).then_some(all)
        };
        drawable.then(|| in_size(SIZES[1])).flatten()
    }

    /// A text in letters of this size, on as many lines as it takes.
    fn in_size(text: &str, (pixels, wide, high): (PixelSize, u16, u16), columns: u16) -> Option<Title> {
        let letters = usize::from(columns / wide);
        let words = text.split(' ').all(|word| width(word) <= letters);
        words.then(|| Title { lines: wrap(text, letters), large: Some((pixels, wide, high)) })
    }

    /// The largest form in which a title takes no more than so many columns and lines.
    pub(super) fn fitting(theme: &Theme, title: &str, (columns, rows): (u16, u16)) -> Title {
        let drawable = has_large_letters(title) && !theme.glyphs.ascii;
        let in_size = |size| Title::in_size(title, size, columns).filter(|title| title.height() <= rows);
        let large = SIZES.into_iter().filter(|_| drawable).find_map(in_size);
        let plain = || Title { lines: wrap(&title.to_uppercase(), usize::from(columns.max(1))), large: None };
        large.unwrap_or_else(plain)
    }

    /// Its lines on the screen.
    pub(super) fn height(&self) -> u16 {
        let lines = self.lines.len() as u16;
        self.large.map_or(lines, |(_, _, high)| lines * high + lines.saturating_sub(1))
    }

    /// Its columns on the screen.
    pub(super) fn width(&self) -> u16 {
        let widest = self.lines.iter().map(|line| width(line)).max().unwrap_or(0) as u16;
        self.large.map_or(widest, |(_, wide, _)| widest.saturating_mul(wide))
    }

    /// Draws it from the upper left corner of an area.
    pub(super) fn draw(&self, area: Rect, buf: &mut Buffer, style: Style, centred: bool) {
        let area = area.intersection(buf.area);
        let mut y = area.y;
        for line in &self.lines {
            let (wide, high) = self.large.map_or((1, 1), |(_, wide, high)| (wide, high));
            let long = (width(line) as u16).saturating_mul(wide);
            let x = if centred { area.x + area.width.saturating_sub(long) / 2 } else { area.x };
            let place = Rect { x, y, width: long, height: high }.intersection(area);
            match self.large {
                Some((pixels, ..)) => {
                    BigText::builder().pixel_size(pixels).style(style).lines(vec![Line::from(line.as_str())]).build().render(place, buf);
                }
                None => _ = Pen::new(buf, area).text(x.into(), y.into(), line, style),
            }
            y = y.saturating_add(high + u16::from(self.large.is_some()));
        }
    }
}
