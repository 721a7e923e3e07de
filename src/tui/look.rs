//! Which theme to use: what was asked for, else what the terminal says of itself.

use std::env;
use std::time::Duration;

use anyhow::bail;
use terminal_colorsaurus::{Color, QueryOptions, background_color};

use super::Options;
use super::theme::{Depth, Palette, Theme};

/// How long the terminal may take to tell its background: it answers within a millisecond or not at all, and the first
/// frame waits for it.
const PATIENCE: Duration = Duration::from_millis(30);

/// The theme of these options on this terminal: one that was asked for brings its own background. Fails when the name is none;
/// asks the terminal, so call it before raw mode.
pub fn theme(options: &Options) -> anyhow::Result<Theme> {
    let depth = if options.colour { depth(&|name| env::var(name).ok()) } else { Depth::None };
    let theme = |palette| Theme::new(palette, depth, options.ascii, options.motion);
    Ok(match &options.theme {
        Some(name) => theme(named(name)?).painted(),
        None if depth == Depth::None => theme(Palette::Dark),
        None => theme(background()),
    })
}

/// The palette of this name; the error says the right names.
pub fn named(name: &str) -> anyhow::Result<Palette> {
    match Palette::named(name) {
        Some(palette) => Ok(palette),
        None => bail!("`{name}` is no theme; themes are {}", Palette::ALL.map(Palette::name).join(", ")),
    }
}

/// How many colours there are, by the variables that terminals set.
fn depth(variable: &dyn Fn(&str) -> Option<String>) -> Depth {
    let term = variable("TERM").unwrap_or_default();
    let colorterm = variable("COLORTERM").unwrap_or_default();
    if variable("NO_COLOR").is_some_and(|v| !v.is_empty()) || term == "dumb" {
        Depth::None
    } else if colorterm == "truecolor" || colorterm == "24bit" || term.ends_with("-direct") {
        Depth::True
    } else if term.contains("256color") {
        Depth::Indexed
    } else {
        Depth::Ansi
    }
}

fn background() -> Palette {
    let mut question = QueryOptions::default();
    question.timeout = PATIENCE;
    background_color(question).map_or(Palette::Dark, |colour| suited_to(&colour))
}

/// The palette for this background, by its luma (Rec. 709, in tenths): light from half of white on.
fn suited_to(background: &Color) -> Palette {
    let [red, green, blue] = [background.r, background.g, background.b].map(u32::from);
    if 2 * red + 7 * green + blue >= 5 * u32::from(u16::MAX) { Palette::Light } else { Palette::Dark }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth_of(pairs: &[(&str, &str)]) -> Depth {
        depth(&|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_string()))
    }

    #[test]
    fn terminals_say_how_many_colours_they_have() {
        assert_eq!(depth_of(&[("TERM", "xterm-256color")]), Depth::Indexed);
        assert_eq!(depth_of(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(depth_of(&[("TERM", "linux")]), Depth::Ansi);
        assert_eq!(depth_of(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(depth_of(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Indexed);
        assert_eq!(depth_of(&[("TERM", "dumb")]), Depth::None);
    }

    #[test]
    fn the_background_chooses_the_palette() {
        let of = |r: u16, g: u16, b: u16| suited_to(&Color::rgb(r << 8, g << 8, b << 8));
        assert_eq!([of(0, 0, 0), of(30, 30, 46), of(0, 43, 54)], [Palette::Dark; 3]);
        assert_eq!([of(255, 255, 255), of(253, 246, 227), of(239, 241, 245)], [Palette::Light; 3]);
    }

    #[test]
    fn an_unknown_theme_is_refused_with_the_right_names() {
        let error = named("drak").unwrap_err().to_string();
        assert!(error.contains("drak") && error.contains("dark, light"), "{error}");
    }
}
