//! The colours of every palette: named ones, so that they follow the terminal's scheme, and others where those read badly.

use ratatui::style::Color;

use super::{Depth, Palette};

/// The colours of a palette; `None` is the terminal's own.
#[derive(Clone)]
pub(super) struct Colours {
    pub(super) dim: Option<Color>,
    pub(super) border: Option<Color>,
    pub(super) edge: Option<Color>,
    pub(super) yellow: Color,
    pub(super) blue: Color,
    pub(super) magenta: Color,
    pub(super) cyan: Color,
    pub(super) green: Color,
    pub(super) red: Color,
    pub(super) orange: Color,
}

/// The colour with this index where there are 256, the named one where there are not.
pub(super) const fn rich(depth: Depth, index: u8, named: Color) -> Color {
    match depth {
        Depth::None | Depth::Ansi => named,
        Depth::Indexed | Depth::True => Color::Indexed(index),
    }
}

/// Blue is bright here: the plain one is unreadable on black in many schemes, as are the named dark greys.
fn dark(depth: Depth) -> Colours {
    Colours {
        dim: Some(rich(depth, 246, Color::Gray)),
        border: Some(rich(depth, 242, Color::DarkGray)),
        edge: Some(rich(depth, 242, Color::DarkGray)),
        yellow: Color::Yellow,
        blue: rich(depth, 75, Color::LightBlue),
        magenta: Color::LightMagenta,
        cyan: Color::Cyan,
        green: Color::Green,
        red: Color::LightRed,
        orange: rich(depth, 208, Color::LightRed),
    }
}

/// Darker here: the named ones vanish on white in many schemes.
fn light(depth: Depth) -> Colours {
    Colours {
        dim: Some(rich(depth, 240, Color::DarkGray)),
        border: Some(rich(depth, 245, Color::DarkGray)),
        edge: Some(rich(depth, 245, Color::DarkGray)),
        yellow: rich(depth, 94, Color::Yellow),
        blue: rich(depth, 25, Color::Blue),
        magenta: rich(depth, 90, Color::Magenta),
        cyan: rich(depth, 23, Color::Cyan),
        green: rich(depth, 22, Color::Green),
        red: rich(depth, 124, Color::Red),
        orange: rich(depth, 130, Color::LightRed),
    }
}

/// Lighter where there are enough colours: seven to one against black.
fn high_contrast(depth: Depth) -> Colours {
    Colours {
        dim: Some(Color::White),
        border: Some(Color::White),
        edge: Some(Color::Gray),
        yellow: Color::LightYellow,
        blue: rich(depth, 117, Color::LightBlue),
        magenta: rich(depth, 213, Color::LightMagenta),
        cyan: Color::LightCyan,
        green: Color::LightGreen,
        red: rich(depth, 210, Color::LightRed),
        orange: rich(depth, 215, Color::LightRed),
    }
}

/// Okabe and Ito's blue and orange in place of green and red.
fn colour_blind(depth: Depth) -> Colours {
    let orange = rich(depth, 208, Color::LightYellow);
    Colours { green: rich(depth, 39, Color::LightBlue), red: orange, orange, ..dark(depth) }
}

/// Bright on black, as for high contrast; on white dark ones: each at least six and a half to one. Where there are sixteen, those that vanish on
/// white are black: everything has its shape and its word.
fn projector(palette: Palette, depth: Depth) -> Colours {
    match palette {
        Palette::Light => Colours {
            dim: None,
            border: None,
            edge: None,
            yellow: rich(depth, 58, Color::Black),
            blue: rich(depth, 19, Color::Blue),
            magenta: rich(depth, 53, Color::Magenta),
            cyan: rich(depth, 23, Color::Black),
            green: rich(depth, 22, Color::Black),
            red: rich(depth, 88, Color::Red),
            orange: rich(depth, 52, Color::Red),
        },
        Palette::ColourBlind => {
            let orange = rich(depth, 215, Color::LightYellow);
            Colours { green: rich(depth, 117, Color::LightBlue), red: orange, orange, ..faintless(&high_contrast(depth)) }
        }
        Palette::Dark | Palette::HighContrast => faintless(&high_contrast(depth)),
    }
}

fn faintless(colours: &Colours) -> Colours {
    Colours { dim: None, border: None, edge: None, ..colours.clone() }
}

impl Colours {
    /// Those of a palette on a wall.
    pub(super) fn for_projector(palette: Palette, depth: Depth) -> Colours {
        projector(palette, depth)
    }

    /// The colours of this palette, as rich as the terminal can show.
    pub(super) fn of(palette: Palette, depth: Depth) -> Colours {
        match palette {
            Palette::Dark => dark(depth),
            Palette::Light => light(depth),
            Palette::HighContrast => high_contrast(depth),
            Palette::ColourBlind => colour_blind(depth),
        }
    }
}
