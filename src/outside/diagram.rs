//! `splitbrain diagram`: the space-time diagram of a run alone, drawn with lines in place of cells, dark on white, to be printed. Every
//! meaning has a shape or a word beside its colour.

mod canvas;
mod plot;

use std::io::Write;

use anyhow::{anyhow, bail};

use super::put;
use crate::cluster::scene::Scene;
use crate::cluster::{Happening, What};
use crate::lab::pictures::{DiagramArgs, Form};
use crate::lab::run;
use crate::sim::time::{Span, Time};
use crate::timeline::Timeline;
use crate::tui::widgets::Operations;
use plot::Plot;

/// More messages than this would be a hatched plane.
const MESSAGES_MAX: usize = 3000;

/// Where there are more messages than this, heartbeats and acknowledgements are left out.
const QUIET_MAX: usize = 250;

/// Draws it.
pub(super) fn run(args: &DiagramArgs, out: &mut dyn Write) -> anyhow::Result<()> {
    if Form::of(&args.out) != Ok(Form::Svg) {
        bail!("{}: a diagram is a drawing; its ending is .svg", args.out.display());
    }
    let (timeline, name) = run::told(&args.course)?;
    let title = args.title.clone().unwrap_or(name);
    let text = drawing(&timeline, &title, (args.from, args.to), !args.no_quiet)?;
    put(&args.out, &text, args.force, out)
}

/// The diagram of a run up to where it is, or of a part of it. `quiet`: heartbeats and acknowledgements are drawn while there is room.
pub fn drawing(run: &Timeline, title: &str, (from, to): (Option<Span>, Option<Span>), quiet: bool) -> anyhow::Result<String> {
    let end = run.at();
    let (from, to) = (Time(from.map_or(0, |from| from.0)), to.map_or(end, |to| Time(to.0).min(end)));
    if from >= to {
        bail!("there is nothing to draw from {from} to {to}: the run ends at {end}; --until and --do let more happen");
    }
    let mut scene = Scene::default();
    run.cluster().scene(end, &mut scene);
    let happenings: Vec<Happening> = run.happenings(Time::ZERO).take_while(|happening| happening.at <= to).collect();
    let mut operations = Operations::new((0, run.cluster().exchanges()));
    operations.judge(&run.cluster().verdicts());
    let messages = happenings.iter().filter(|h| h.at >= from && message(&h.what).is_some()).count();
    let quiet = quiet && messages <= QUIET_MAX;
    let drawn = happenings.iter().filter(|h| h.at >= from && message(&h.what).is_some_and(|is_quiet| quiet || !is_quiet)).count();
    if drawn > MESSAGES_MAX {
        return Err(anyhow!("{drawn} messages are more than a diagram can show; choose less of the run with --from and --to"));
    }
    let left_out = messages - drawn;
    Ok(Plot { scene: &scene, happenings: &happenings, operations: &operations, from, to, quiet, left_out, title }.draw())
}

/// Whether a message that ended is one that is there all the time; `None`: this is no message.
fn message(what: &What) -> Option<bool> {
    match what {
        What::Arrived { kind, .. } | What::Lost { kind, .. } => Some(kind.sign.is_quiet()),
        _ => None,
    }
}
