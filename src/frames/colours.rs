//! What a terminal makes of a colour.

use ratatui::style::{Color, Modifier};

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// The colours of a terminal: its background, its text, and the sixteen that have names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Behind everything.
    pub ground: Rgb,
    /// Of what has no colour of its own.
    pub text: Rgb,
    /// Black, red, green, yellow, blue, magenta, cyan, grey; then the same, bright.
    pub named: [Rgb; 16],
}

impl Scheme {
    /// For themes on a dark background.
    pub const DARK: Scheme = Scheme {
        ground: [18, 18, 18],
        text: [208, 208, 208],
        named: [
            [0, 0, 0],
            [205, 49, 49],
            [92, 195, 92],
            [222, 190, 70],
            [69, 133, 220],
            [197, 110, 205],
            [72, 190, 205],
            [208, 208, 208],
            [128, 128, 128],
            [255, 106, 98],
            [130, 220, 130],
            [245, 220, 105],
            [120, 175, 255],
            [226, 140, 240],
            [115, 220, 230],
            [255, 255, 255],
        ],
    };

    /// For themes on a light background.
    pub const LIGHT: Scheme = Scheme {
        ground: [255, 255, 255],
        text: [28, 28, 28],
        named: [
            [0, 0, 0],
            [170, 20, 20],
            [0, 110, 0],
            [130, 95, 0],
            [0, 80, 170],
            [135, 0, 135],
            [0, 95, 105],
            [88, 88, 88],
            [118, 118, 118],
            [205, 30, 30],
            [0, 135, 0],
            [150, 110, 0],
            [0, 95, 200],
            [160, 0, 160],
            [0, 120, 130],
            [255, 255, 255],
        ],
    };

    /// A colour as it is seen; `None`: it is that of the place, of the text or of the background.
    pub fn rgb(&self, colour: Color) -> Option<Rgb> {
        let named = |index: u8| Some(self.named[usize::from(index)]);
        match colour {
            Color::Reset => None,
            Color::Black => named(0),
            Color::Red => named(1),
            Color::Green => named(2),
            Color::Yellow => named(3),
            Color::Blue => named(4),
            Color::Magenta => named(5),
            Color::Cyan => named(6),
            Color::Gray => named(7),
            Color::DarkGray => named(8),
            Color::LightRed => named(9),
            Color::LightGreen => named(10),
            Color::LightYellow => named(11),
            Color::LightBlue => named(12),
            Color::LightMagenta => named(13),
            Color::LightCyan => named(14),
            Color::White => named(15),
            Color::Rgb(red, green, blue) => Some([red, green, blue]),
            Color::Indexed(index) => Some(self.indexed(index)),
        }
    }

    /// One of the 256: the named ones, a cube of six by six by six, and greys.
    fn indexed(&self, index: u8) -> Rgb {
        let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
        match index {
            0..=15 => self.named[usize::from(index)],
            16..=231 => [step((index - 16) / 36), step((index - 16) / 6 % 6), step((index - 16) % 6)],
            232.. => [8 + 10 * (index - 232); 3],
        }
    }

    /// The colours of a cell as they are seen: of its text, and of its background.
    pub fn seen(&self, (fg, bg): (Color, Color), modifier: Modifier) -> (Rgb, Rgb) {
        let (mut text, mut ground) = (self.rgb(fg).unwrap_or(self.text), self.rgb(bg).unwrap_or(self.ground));
        if modifier.contains(Modifier::REVERSED) {
            (text, ground) = (ground, text);
        }
        if modifier.contains(Modifier::DIM) {
            text = between(text, ground);
        }
        (text, ground)
    }
}

/// Two thirds of the way from the background to the text.
fn between(text: Rgb, ground: Rgb) -> Rgb {
    let mix = |t: u8, g: u8| ((2 * u16::from(t) + u16::from(g)) / 3) as u8;
    [mix(text[0], ground[0]), mix(text[1], ground[1]), mix(text[2], ground[2])]
}
