//! How programs look on the stage.

use crate::cluster::live::Live;
use crate::cluster::scene::{Body, Entry, NodeView, Panel, Row, Scene, Table, TableRow, Tone};
use crate::sim::id::NodeId;

use super::watch::programs;
use super::{Processes, heard};

/// The look and rows of a server.
pub(super) fn draw(live: &Live<Processes>, id: NodeId, view: &mut NodeView) {
    if heard::service(live.sim(), id).is_some() {
        view.word = "service";
        return;
    }
    view.word = "your program";
    let Some(program) = live.sim().node(id).state().and_then(Processes::program) else { return };
    if !program.is_ready() {
        view.rows.push(Row::new("init", "no answer yet", Tone::Stale));
    }
    view.rows.push(Row::new("lines in", program.given().to_string(), Tone::Quiet));
    view.rows.push(Row::new("lines out", program.written.to_string(), Tone::Quiet));
}

/// What each program said last beside its messages.
pub(super) fn panels(live: &Live<Processes>, out: &mut Scene) {
    let rows: Vec<TableRow> = programs(live.sim()).filter_map(|id| says(live, id)).collect();
    if !rows.is_empty() {
        let headings = vec!["last on standard error".to_string()];
        out.panels.push(Panel::new("What your programs say".to_string(), Body::Table(Table { headings, rows, more: 0 })));
    }
}

fn says(live: &Live<Processes>, id: NodeId) -> Option<TableRow> {
    let says = live.sim().node(id).state()?.program()?.says.as_ref()?;
    let entries = vec![Entry::new(format!("{id}: {says}"), Tone::Quiet)];
    Some(TableRow { entries, bar: None, marked: false, node: Some(id) })
}
