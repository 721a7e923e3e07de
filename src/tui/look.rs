//! How the program looks on this terminal: what was asked for, else what the environment says, else what the terminal answers.

use std::env;

use anyhow::bail;
use xterm_color::Color;

use super::Options;
use super::app::App;
use super::terminal::{Answer, Questions};
use super::theme::{Depth, Palette, Signs, Theme};

/// The value of a variable of the environment, where it is set and not empty.
type Variable<'a> = &'a dyn Fn(&str) -> Option<String>;

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The theme of these options on this terminal: one that was asked for brings its own background. Fails when the name is none.
pub fn theme(options: &Options) -> anyhow::Result<Theme> {
    let depth = if options.colour { depth(&variable) } else { Depth::None };
    let ascii = match options.signs {
        Some(signs) => signs == Signs::Ascii,
        None => plain_because(&variable).is_some(),
    };
    let theme = |palette| Theme::new(palette, depth, ascii, options.motion);
    Ok(match &options.theme {
        Some(name) => theme(named(name)?).painted(),
        None if depth == Depth::None => theme(Palette::Dark),
        None => theme(background(&variable)),
    })
}

/// The palette of this name; the error says the right names.
pub fn named(name: &str) -> anyhow::Result<Palette> {
    match Palette::named(name) {
        Some(palette) => Ok(palette),
        None => bail!("`{name}` is no theme; themes are {}", Palette::ALL.map(Palette::name).join(", ")),
    }
}

/// One line on why the screen is drawn with ASCII, where nobody asked for it.
pub(super) fn plain_notice(options: &Options) -> Option<String> {
    let why = plain_because(&variable).filter(|_| options.signs.is_none())?;
    Some(in_ascii(&why))
}

fn in_ascii(why: &str) -> String {
    format!("{why}: drawn with ASCII signs; F2 or --unicode changes it")
}

/// What is worth asking this terminal; one that knows nothing but text is asked nothing.
pub(super) fn questions(app: &App) -> Questions {
    let theme = &app.theme;
    let known = answers(&variable);
    Questions {
        background: known && app.listens.background && theme.depth != Depth::None,
        width: known && app.listens.width && !theme.glyphs.ascii,
    }
}

/// The terminal answered: dresses the screen as it says, unless somebody chose by now.
pub(super) fn hear(app: &mut App, answer: &Answer) {
    let Theme { palette, depth, glyphs, motion, .. } = app.theme;
    match answer {
        Answer::Background(colour) if app.listens.background => {
            app.theme = Theme::new(suited_to(colour), depth, glyphs.ascii, motion).after(&app.theme);
        }
        Answer::WideSigns if app.listens.width => {
            app.theme = Theme { base: app.theme.base, ..Theme::new(palette, depth, true, motion) }.after(&app.theme);
            app.say(in_ascii("signs are two cells wide here"));
        }
        _ => return,
    }
    app.changed();
}

/// How many colours there are, by the variables that terminals set.
fn depth(variable: Variable) -> Depth {
    let term = variable("TERM").unwrap_or_default();
    let colorterm = variable("COLORTERM").unwrap_or_default();
    if variable("NO_COLOR").is_some() || kind(&term) == "dumb" || is_vt(kind(&term)) {
        Depth::None
    } else if colorterm == "truecolor" || colorterm == "24bit" || term.ends_with("-direct") {
        Depth::True
    } else if term.contains("256color") {
        Depth::Indexed
    } else {
        Depth::Ansi
    }
}

/// Terminals with the letters of a typewriter and few other signs, by the first word of `TERM`.
const PLAIN: [&str; 6] = ["linux", "dumb", "unknown", "ansi", "cons25", "sun"];

/// `linux` of `linux-16color` and of `screen.linux`.
fn kind(term: &str) -> &str {
    let inner = term.rsplit('.').next().unwrap_or(term);
    inner.split('-').next().unwrap_or(inner)
}

fn is_vt(kind: &str) -> bool {
    kind.strip_prefix("vt").is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_plain(variable: Variable) -> bool {
    let term = variable("TERM").unwrap_or_else(|| if cfg!(unix) { "unknown".into() } else { String::new() });
    PLAIN.contains(&kind(&term)) || is_vt(kind(&term))
}

/// Whether a question does no harm. (Emacs shows it as text.)
fn answers(variable: Variable) -> bool {
    let term = variable("TERM").unwrap_or_default();
    !is_plain(variable) && kind(&term) != "eterm"
}

/// Why nothing but ASCII can be drawn here, by what the environment says of the terminal and of the charset. A charset that
/// nobody names is taken for UTF-8: that is what terminals are, and programs in containers are told nothing.
fn plain_because(variable: Variable) -> Option<String> {
    if is_plain(variable) {
        return Some(variable("TERM").map_or_else(|| "TERM is not set".into(), |term| format!("TERM is {term}")));
    }
    let (name, locale) = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| Some((name, variable(name)?)))?;
    let charset = locale.to_lowercase().replace('-', "");
    (!charset.contains("utf8")).then(|| format!("{name} is {locale}, which is not UTF-8"))
}

/// The palette for the background that `COLORFGBG` names, as rxvt and Konsole set it: `foreground;background`, of the sixteen.
fn background(variable: Variable) -> Palette {
    let number = variable("COLORFGBG").and_then(|value| value.rsplit(';').next()?.parse::<u8>().ok());
    match number {
        Some(7 | 9..=15) => Palette::Light,
        _ => Palette::Dark,
    }
}

/// The palette for this background, by its luma (Rec. 709, in tenths): light from half of white on.
fn suited_to(background: &Color) -> Palette {
    let [red, green, blue] = [background.red, background.green, background.blue].map(u32::from);
    if 2 * red + 7 * green + blue >= 5 * u32::from(u16::MAX) { Palette::Light } else { Palette::Dark }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An environment with nothing but these variables.
    fn with<T>(pairs: &[(&str, &str)], ask: impl Fn(Variable) -> T) -> T {
        let value = |name: &str| pairs.iter().find(|(n, v)| *n == name && !v.is_empty()).map(|(_, v)| (*v).to_string());
        ask(&value)
    }

    #[test]
    fn terminals_say_how_many_colours_they_have() {
        let of = |pairs: &[(&str, &str)]| with(pairs, depth);
        assert_eq!(of(&[("TERM", "xterm-256color")]), Depth::Indexed);
        assert_eq!(of(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(of(&[("TERM", "linux")]), Depth::Ansi);
        assert_eq!(of(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(of(&[("TERM", "xterm-256color"), ("NO_COLOR", "")]), Depth::Indexed);
        assert_eq!(of(&[("TERM", "dumb")]), Depth::None);
        assert_eq!(of(&[("TERM", "vt100")]), Depth::None);
        assert_eq!(of(&[("TERM", "vte-256color")]), Depth::Indexed);
    }

    #[test]
    fn terminals_and_charsets_that_know_only_ascii_are_known() {
        let why = |pairs: &[(&str, &str)]| with(pairs, plain_because);
        for term in ["linux", "linux-16color", "vt100", "vt220-w", "dumb", "ansi", "unknown", "screen.linux"] {
            assert_eq!(why(&[("TERM", term), ("LANG", "C.UTF-8")]), Some(format!("TERM is {term}")));
        }
        for term in ["xterm", "xterm-256color", "vte-256color", "screen-256color", "tmux", "xterm-kitty", "alacritty", "foot", "rxvt"] {
            assert_eq!(why(&[("TERM", term), ("LANG", "de_DE.utf8")]), None, "{term}");
            assert_eq!(why(&[("TERM", term)]), None, "{term}: no charset is named");
        }
        let xterm = |pairs: &[(&'static str, &'static str)]| why(&[&[("TERM", "xterm")], pairs].concat());
        assert_eq!(xterm(&[("LANG", "C")]).as_deref(), Some("LANG is C, which is not UTF-8"));
        assert_eq!(
            xterm(&[("LANG", "C.UTF-8"), ("LC_CTYPE", "ru_RU.KOI8-R")]).as_deref(),
            Some("LC_CTYPE is ru_RU.KOI8-R, which is not UTF-8")
        );
        assert_eq!(xterm(&[("LANG", "C"), ("LC_ALL", "en_US.UTF-8")]), None);
        assert_eq!(xterm(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "")]), None);
    }

    #[test]
    fn terminals_that_would_show_a_question_are_not_asked() {
        let asked = |term: &'static str| with(&[("TERM", term)], answers);
        assert!(["xterm", "tmux-256color", "xterm-kitty", "alacritty", "foot"].into_iter().all(asked));
        assert!(!["linux", "dumb", "vt220", "eterm-color"].into_iter().any(asked));
    }

    #[test]
    fn the_environment_may_name_the_background() {
        let of = |value: &'static str| with(&[("COLORFGBG", value)], background);
        for light in ["0;15", "0;7", "0;default;15", "12;11"] {
            assert_eq!(of(light), Palette::Light, "{light}");
        }
        for dark in ["15;0", "7;8", "15;default;0", "default;default", "", "0;99", "0;999"] {
            assert_eq!(of(dark), Palette::Dark, "{dark}");
        }
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
