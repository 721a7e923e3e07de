//! Whether everything stands out from its background.

use ratatui::style::{Color, Style};

use super::{Depth, Palette, Theme};

/// Red, green and blue as xterm shows a colour; a terminal's own scheme may differ for the first sixteen.
fn rgb(colour: Color) -> [f64; 3] {
    let named = |index: usize| {
        const NAMED: [[u8; 3]; 16] = [
            [0, 0, 0],
            [205, 0, 0],
            [0, 205, 0],
            [205, 205, 0],
            [0, 0, 238],
            [205, 0, 205],
            [0, 205, 205],
            [229, 229, 229],
            [127, 127, 127],
            [255, 0, 0],
            [0, 255, 0],
            [255, 255, 0],
            [92, 92, 255],
            [255, 0, 255],
            [0, 255, 255],
            [255, 255, 255],
        ];
        NAMED[index]
    };
    let channels = match colour {
        Color::Black => named(0),
        Color::Yellow => named(3),
        Color::Green => named(2),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::LightRed => named(9),
        Color::LightGreen => named(10),
        Color::LightYellow => named(11),
        Color::LightBlue => named(12),
        Color::LightMagenta => named(13),
        Color::LightCyan => named(14),
        Color::White => named(15),
        Color::Indexed(index @ 16..=231) => {
            let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
            [step((index - 16) / 36), step((index - 16) / 6 % 6), step((index - 16) % 6)]
        }
        Color::Indexed(index @ 232..) => [8 + 10 * (index - 232); 3],
        other => panic!("no value is known of {other:?}"),
    };
    channels.map(|c| f64::from(c) / 255.0)
}

/// Relative luminance and contrast as WCAG 2.2 defines them.
fn contrast(a: Color, b: Color) -> f64 {
    let linear = |c: f64| if c <= 0.04045 { c / 12.92 } else { libm::pow((c + 0.055) / 1.055, 2.4) };
    let luminance = |colour: Color| {
        let [r, g, b] = rgb(colour).map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn least(theme: &Theme, ground: Color, styles: &[(&str, Style)], least: f64) {
    for (name, style) in styles {
        let colour = style.fg.or(theme.base.fg).unwrap_or(if theme.palette == Palette::Light { Color::Black } else { Color::White });
        let found = contrast(colour, ground);
        assert!(found >= least, "{name} of {:?} on {ground:?}: {found:.2} is less than {least}", theme.palette);
    }
}

#[test]
fn text_and_marks_stand_out_from_the_background() {
    for palette in Palette::ALL {
        let terminals = Theme::new(palette, Depth::True, false, true);
        let black_or_white = if palette == Palette::Light { Color::White } else { Color::Black };
        for theme in [terminals.clone(), terminals.painted()] {
            let ground = theme.base.bg.unwrap_or(black_or_white);
            let t = &theme;
            let texts = [
                ("text", t.text),
                ("dim", t.dim),
                ("strong", t.strong),
                ("leader", t.leader),
                ("follower", t.follower),
                ("candidate", t.candidate),
                ("down", t.down),
                ("client", t.client),
                ("data", t.data),
                ("quiet", t.quiet),
                ("bad", t.bad),
                ("stale", t.stale),
                ("conflict", t.conflict),
                ("good", t.good),
                ("key", t.key),
            ];
            least(t, ground, &texts, if palette == Palette::HighContrast { 7.0 } else { 4.5 });
            least(t, ground, &[("border", t.border), ("focus", t.focus), ("edge", t.edge)], 3.0);
        }
    }
}

#[test]
fn everything_on_a_wall_stands_out_from_it() {
    for (palette, depth) in Palette::ALL.into_iter().flat_map(|palette| [(palette, Depth::True), (palette, Depth::Indexed)]) {
        let t = &Theme::new(palette, depth, false, true).for_projector();
        let ground = t.base.bg.expect("a wall has its own background");
        assert!(contrast(t.base.fg.expect("and its own text"), ground) > 20.0);
        let texts = [t.text, t.dim, t.strong, t.border, t.focus, t.edge, t.leader, t.follower, t.candidate, t.down, t.client, t.data];
        let marks = [t.quiet, t.bad, t.stale, t.conflict, t.good, t.key];
        let all: Vec<(&str, Style)> = texts.into_iter().chain(marks).map(|style| ("a thing", style)).collect();
        least(t, ground, &all, 6.5);
    }
}

#[test]
fn contrast_is_what_the_standard_says() {
    assert!((contrast(Color::White, Color::Black) - 21.0).abs() < 1e-9);
    assert!((contrast(Color::LightRed, Color::White) - 3.998).abs() < 1e-3);
}
