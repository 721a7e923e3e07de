//! A QR code on the screen, in half blocks: dark on light on every theme, because cameras read that best.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::ballot::qr::Qr;
use crate::tui::theme::{Palette, Theme};

/// The most cells that a module is wide.
const SCALE_MAX: usize = 2;

/// How large it can be drawn and read in so many columns and lines; `None`: not at all, as in ASCII, which has no half blocks.
pub fn scale(qr: &Qr, theme: &Theme, (columns, lines): (u16, u16)) -> Option<usize> {
    let fits = |scale: &usize| qr.columns(*scale) <= usize::from(columns) && qr.lines(*scale) <= usize::from(lines);
    (1..=SCALE_MAX).rev().find(fits).filter(|_| !theme.glyphs.ascii)
}

/// Draws it at the top left of an area, as large as [`scale`] said.
pub fn draw((qr, scale): (&Qr, usize), theme: &Theme, area: Rect, buf: &mut Buffer) {
    for (line, y) in (area.top()..area.bottom()).enumerate().take(qr.lines(scale)) {
        for (column, x) in (area.left()..area.right()).enumerate().take(qr.columns(scale)) {
            let (symbol, style) = cell(qr.cell(scale, line, column), theme);
            if let Some(cell) = buf.cell_mut((x, y)) {
                cell.reset();
                cell.set_symbol(symbol).set_style(theme.base.patch(style));
            }
        }
    }
}

/// The sign of two modules, the upper and the lower one. Without colours the text of the terminal is one of the two, and which one the
/// palette says: it is light on a dark background.
fn cell((upper, lower): (bool, bool), theme: &Theme) -> (&'static str, Style) {
    if let Some((ink, paper)) = theme.ink_and_paper() {
        let colour = |is_dark: bool| if is_dark { ink } else { paper };
        let symbol = if upper == lower { " " } else { "▀" };
        return (symbol, Style::new().fg(colour(upper)).bg(colour(lower)));
    }
    let is_text = |is_dark: bool| is_dark == (theme.palette == Palette::Light);
    let symbol = match (is_text(upper), is_text(lower)) {
        (true, true) => "█",
        (true, false) => "▀",
        (false, true) => "▄",
        (false, false) => " ",
    };
    (symbol, Style::new())
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::{Buffer, Cell};
    use ratatui::layout::Rect;
    use ratatui::style::Color;

    use super::{draw, scale};
    use crate::ballot::qr::Qr;
    use crate::tui::theme::{Depth, Palette, Theme};

    const TEXT: &str = "HTTP://192.168.100.200:8460/BDFGH";

    /// How bright the upper and the lower half of a cell are, where the terminal has this text on this ground.
    fn halves(cell: &Cell, (text, ground): (u8, u8)) -> (u8, u8) {
        let bright = |colour: Color, own: u8| match colour {
            Color::Reset => own,
            Color::Black | Color::Indexed(16) | Color::Rgb(0, 0, 0) => 0,
            Color::White | Color::Indexed(231) | Color::Rgb(255, 255, 255) => 255,
            Color::Indexed(grey @ 232..) => 8 + 10 * (grey - 232),
            other => panic!("{other:?}"),
        };
        let (text, ground) = (bright(cell.fg, text), bright(cell.bg, ground));
        match cell.symbol() {
            "█" => (text, text),
            "▀" => (text, ground),
            "▄" => (ground, text),
            " " => (ground, ground),
            other => panic!("{other}"),
        }
    }

    /// What a camera sees of a terminal, and reads.
    fn photographed(theme: &Theme, terminal: (u8, u8)) -> String {
        let qr = Qr::of(TEXT).unwrap();
        let area = Rect::new(0, 0, 80, 24);
        let mut buf = Buffer::empty(area);
        buf.set_style(area, theme.base);
        let inner = Rect { x: 20, y: 3, width: 50, height: 20 };
        let scale = scale(&qr, theme, (inner.width, inner.height)).unwrap();
        draw((&qr, scale), theme, inner, &mut buf);
        theme.ground(&mut buf);
        let dot = |x: usize, y: usize| {
            let (upper, lower) = halves(&buf[((x / 4) as u16, (y / 8) as u16)], terminal);
            if y % 8 < 4 { upper } else { lower }
        };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(80 * 4, 24 * 8, dot);
        let codes = image.detect_grids();
        assert_eq!(codes.len(), 1, "{:?} {:?}", theme.palette, theme.depth);
        codes[0].decode().unwrap().1
    }

    #[test]
    fn a_camera_reads_it_on_every_theme() {
        for palette in Palette::ALL {
            let terminal = if palette == Palette::Light { (0, 255) } else { (255, 0) };
            for depth in [Depth::None, Depth::Ansi, Depth::Indexed, Depth::True] {
                let theme = Theme::new(palette, depth, false, false);
                assert_eq!(photographed(&theme, terminal), TEXT);
                assert_eq!(photographed(&theme.clone().painted(), terminal), TEXT);
                assert_eq!(photographed(&theme.for_projector(), terminal), TEXT);
            }
        }
    }

    #[test]
    fn it_is_left_out_where_it_could_not_be_read() {
        let (qr, theme) = (Qr::of(TEXT).unwrap(), Theme::new(Palette::Dark, Depth::True, false, false));
        let sizes = [(33, 17), (32, 17), (33, 16), (66, 33), (66, 32), (500, 500)].map(|room| scale(&qr, &theme, room));
        assert_eq!(sizes, [Some(1), None, None, Some(2), Some(1), Some(2)]);
        assert_eq!(scale(&qr, &Theme::new(Palette::Dark, Depth::True, true, false), (80, 40)), None, "ASCII has no half blocks");
    }
}
