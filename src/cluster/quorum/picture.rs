//! One node as a box: its copies with their versions, and what it keeps for others; and what can be turned.

use crate::cluster::live::Live;
use crate::cluster::scene::{Knob, NodeView, Row, Scene, Shape, Stops, Tone};
use crate::sim::id::NodeId;

use super::Quorum;
use super::look::disk;
use super::message::word;
use super::replies::tone;
use super::settings::Placement;

pub(super) fn draw(live: &Live<Quorum>, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    let is_spare = sim.settings().placement == Placement::Same && id.index() >= sim.settings().n as usize;
    (view.shape, view.word) = if is_spare { (Shape::Candidate, "next") } else { (Shape::Member, "replica") };
    view.rows.extend(disk(sim, id).cells.iter().map(|(key, cell)| Row {
        label: key.to_string(),
        value: format!("{} {}", word(cell), cell.version()),
        tone: tone(live, key, Some(cell)),
    }));
    view.rows.extend(disk(sim, id).hints.iter().map(|((home, key), hint)| Row {
        label: format!("for {home}"),
        value: format!("{key} {} {}", word(&hint.cell), hint.cell.version()),
        tone: Tone::Stale,
    }));
}

/// The settings worth turning.
pub(super) fn knobs(live: &Live<Quorum>, out: &mut Scene) {
    let settings = live.sim().settings();
    let most = settings.n;
    out.knobs.push(Knob::setting("w", settings.w.to_string(), Stops::numbers(1..=most)));
    out.knobs.push(Knob::setting("r", settings.r.to_string(), Stops::numbers(1..=most)));
}
