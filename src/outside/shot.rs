//! `splitbrain shot`: one moment of a lesson as the screen shows it.

use std::io::Write;

use anyhow::{Context as _, anyhow};
use ratatui::buffer::Buffer;

use super::{open, put};
use crate::frames::{self, Scheme};
use crate::lab::pictures::{Form, ShotArgs};
use crate::sim::time::Time;
use crate::tui::offscreen::Offscreen;

/// Draws it.
pub(super) fn run(args: &ShotArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    let form = args.out.as_deref().map_or(Ok(Form::Text), Form::of).map_err(|why| anyhow!(why))?;
    let (frame, scheme, title) = picture(args)?;
    let text = match form {
        Form::Text => frames::text(&frame),
        Form::Ansi => frames::ansi(&frame),
        Form::Svg => frames::svg(&frame, &scheme, &title),
    };
    match &args.out {
        Some(path) => put(path, &text, args.force, out),
        None => Ok(out.write_all(text.as_bytes())?),
    }
}

/// The cells, the colours they are drawn in, and what they show in a few words.
pub fn picture(args: &ShotArgs) -> anyhow::Result<(Buffer, Scheme, String)> {
    let (mut off, scheme) = open(&args.shown)?;
    for deed in &args.shown.deeds {
        off.perform(deed).with_context(|| format!("--do {deed}"))?;
    }
    if let Some(at) = args.at {
        off.go_to(Time(at.0)).with_context(|| format!("--at {at}"))?;
    } else if off.is_playing() {
        off.pause()?;
    }
    Ok((off.frame()?, scheme, title(&off)?))
}

/// What the screen shows, in a few words.
pub fn title(off: &Offscreen) -> anyhow::Result<String> {
    let walk = off.walk()?;
    let lesson = walk.lesson();
    Ok(format!("{}, step {} of {}, at {}", lesson.title, walk.index() + 1, lesson.steps.len(), off.at()?))
}
