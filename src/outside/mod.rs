//! Lessons out of the terminal: pictures, films, diagrams and pages, made of the same frames that the screens draw. The same words on the
//! command line give the same bytes.

mod diagram;
mod film;
mod handout;
mod html;
mod shot;

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;

use crate::files;
use crate::frames::Scheme;
use crate::lab::pictures::{Pictures, Shown, Size};
use crate::tui::offscreen::Offscreen;
use crate::tui::theme::{Depth, Palette, Theme};
use crate::tui::{Options, look};

pub use diagram::drawing;
pub use film::film;
pub use handout::page;
pub use shot::{picture, title};

/// Makes what is asked for, and says on `out` what was written.
pub fn run(what: &Pictures, out: &mut dyn Write) -> anyhow::Result<()> {
    match what {
        Pictures::Shot(args) => shot::run(args, out),
        Pictures::Record(args) => film::run(args, out),
        Pictures::Diagram(args) => diagram::run(args, out),
        Pictures::Handout(args) => handout::run(args, out),
    }
}

/// The theme of this name as pictures have it: with its own background, in all colours.
fn theme(name: &str, ascii: bool) -> anyhow::Result<Theme> {
    Ok(Theme::new(look::named(name)?, Depth::True, ascii, true).painted())
}

/// The colours of a theme's terminal.
pub fn scheme(palette: Palette) -> Scheme {
    match palette {
        Palette::Light => Scheme::LIGHT,
        Palette::HighContrast => Scheme { ground: [0, 0, 0], text: [255, 255, 255], ..Scheme::DARK },
        Palette::Dark | Palette::ColourBlind => Scheme::DARK,
    }
}

/// Opens a lesson at its step. Its deeds are not done yet.
fn open(shown: &Shown) -> anyhow::Result<(Offscreen, Scheme)> {
    let theme = theme(&shown.theme, shown.ascii)?;
    let scheme = scheme(theme.palette);
    let options = Options { open: Some(shown.lesson.clone()), lessons: shown.lessons.clone(), seed: shown.seed, ..Options::default() };
    let Size(width, height) = shown.size;
    let mut off = Offscreen::open(&options, theme, (width, height))?;
    if let Some(step) = shown.step {
        off.open_step(usize::from(step) - 1).with_context(|| format!("--step {step}"))?;
    }
    Ok((off, scheme))
}

/// Writes a file whole or not at all, and tells of it. One that is there is replaced only where that is wanted.
fn put(path: &Path, text: &str, force: bool, out: &mut dyn Write) -> anyhow::Result<()> {
    files::put(path, text.as_bytes(), force).with_context(|| path.display().to_string())?;
    writeln!(out, "{} is written.", path.display())?;
    Ok(())
}
