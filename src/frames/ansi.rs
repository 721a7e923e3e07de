//! Cells as text with the codes by which terminals colour it (ECMA-48, "select graphic rendition").

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::seen;

/// How a cell looks.
pub(super) type Look = (Color, Color, Modifier);

/// How a terminal writes that has heard nothing else.
pub(super) const PLAIN: Look = (Color::Reset, Color::Reset, Modifier::empty());

/// How this cell looks.
pub(super) fn look(cell: &Cell) -> Look {
    (cell.fg, cell.bg, cell.modifier)
}

/// The cells line by line, each from plain to plain. No line is longer than the screen, and none asks a terminal anything.
pub fn ansi(buffer: &Buffer) -> String {
    let mut out = String::new();
    for row in buffer.area.rows() {
        let mut now = PLAIN;
        for (_, _, cell) in seen(buffer, row.y) {
            change(&mut out, &mut now, look(cell));
            out.push_str(cell.symbol());
        }
        change(&mut out, &mut now, PLAIN);
        out.push('\n');
    }
    out
}

/// Says how what follows looks, if that differs from what came before.
pub(super) fn change(out: &mut String, now: &mut Look, wanted: Look) {
    if *now == wanted {
        return;
    }
    *now = wanted;
    let (fg, bg, modifier) = wanted;
    out.push_str("\x1b[0");
    for (flag, code) in MODIFIERS {
        if modifier.contains(flag) {
            // Writing to a String cannot fail.
            let _ = write!(out, ";{code}");
        }
    }
    colour(out, fg, 30);
    colour(out, bg, 40);
    out.push('m');
}

const MODIFIERS: [(Modifier, u8); 9] = [
    (Modifier::BOLD, 1),
    (Modifier::DIM, 2),
    (Modifier::ITALIC, 3),
    (Modifier::UNDERLINED, 4),
    (Modifier::SLOW_BLINK, 5),
    (Modifier::RAPID_BLINK, 6),
    (Modifier::REVERSED, 7),
    (Modifier::HIDDEN, 8),
    (Modifier::CROSSED_OUT, 9),
];

/// A colour; `base` is 30 for the text and 40 for the background. Bright ones stand sixty higher.
fn colour(out: &mut String, colour: Color, base: u8) {
    let code = match colour {
        Color::Reset => return,
        Color::Black => base,
        Color::Red => base + 1,
        Color::Green => base + 2,
        Color::Yellow => base + 3,
        Color::Blue => base + 4,
        Color::Magenta => base + 5,
        Color::Cyan => base + 6,
        Color::Gray => base + 7,
        Color::DarkGray => base + 60,
        Color::LightRed => base + 61,
        Color::LightGreen => base + 62,
        Color::LightYellow => base + 63,
        Color::LightBlue => base + 64,
        Color::LightMagenta => base + 65,
        Color::LightCyan => base + 66,
        Color::White => base + 67,
        Color::Indexed(index) => {
            let _ = write!(out, ";{};5;{index}", base + 8);
            return;
        }
        Color::Rgb(red, green, blue) => {
            let _ = write!(out, ";{};2;{red};{green};{blue}", base + 8);
            return;
        }
    };
    let _ = write!(out, ";{code}");
}
