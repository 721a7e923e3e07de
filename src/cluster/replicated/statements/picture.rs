//! The tables on the stage.

use crate::algo::sql::{Cell, Name, Row as Cells, Table as Rows};
use crate::cluster::live::Live;
use crate::cluster::scene::{Body, Entry, Panel, Row, Scene, Table, TableRow, Tone};
use crate::persistent::OrdSet;
use crate::sim::id::NodeId;

use super::super::Replicated;
use super::super::facts::{ids, leaders, server};
use super::copies::RowName;

/// At most so many rows of a table stand in a server's box.
const IN_BOX: usize = 6;
/// At most so many rows stand in the panel.
const IN_PANEL: usize = 12;
/// Of a longer table without a key only rows that differ stand there: its names are sorted for every picture.
const SORTED: usize = 100;

/// The rows of a server's tables as they are stored, those first that differ from the leader's: they are marked.
pub(crate) fn rows(live: &Live<Replicated>, id: NodeId, out: &mut Vec<Row>) {
    let Some(server) = server(live.sim(), id) else { return };
    let differing = live.watched().copies.differing();
    for (name, table) in server.sql.tables() {
        let differs = |cells: &Cells| differing.contains(&named(name, table, cells));
        // To find the rows of a long table without a key, all of them would be named for every picture.
        let found = table.primary().is_some() || table.len() <= SORTED;
        let first = differing.iter().filter(|(other, _)| found && other == name).filter_map(|(_, key)| table.row(key));
        let others = table.rows().map(|(_, cells)| cells).filter(|cells| !found || !differs(cells));
        out.extend(first.chain(others).take(IN_BOX).map(|cells| row(name, table, cells, &differing)));
        if table.len() > IN_BOX {
            let more = format!("{} more", table.len() - IN_BOX);
            out.push(Row { label: format!("{name} …"), value: more, tone: Tone::Quiet });
        }
    }
}

fn row(name: &Name, table: &Rows, cells: &Cells, differing: &OrdSet<RowName>) -> Row {
    let label = table.key(cells).map_or_else(|| name.to_string(), |key| format!("{name} {key}"));
    let tone = if differing.contains(&named(name, table, cells)) { Tone::Conflict } else { Tone::Plain };
    Row { label, value: table.rest(cells), tone }
}

/// A row of a table without a key is named by all that stands in it.
fn named(name: &Name, table: &Rows, cells: &Cells) -> RowName {
    (name.clone(), table.key(cells).cloned().unwrap_or_else(|| Cell::text(&table.rest(cells))))
}

/// Rows beside what the other servers have in their places: those that differ first, then as many others as there is room for.
pub(crate) fn panels(live: &Live<Replicated>, out: &mut Scene) {
    let differing = live.watched().copies.differing();
    let names = names(live, &differing);
    if names.is_empty() {
        return;
    }
    let servers: Vec<NodeId> = ids(live.sim()).filter(|id| server(live.sim(), *id).is_some()).collect();
    let headings = std::iter::once("row".to_string()).chain(servers.iter().map(NodeId::to_string)).collect();
    let rows = names.iter().map(|name| beside(live, name, &servers, differing.contains(name))).collect();
    // How many rows differ in whether they are there is not counted: the longest copy of each table says how many there are.
    let longest = |name: &Name| servers.iter().filter_map(|id| server(live.sim(), *id)?.sql.tables().get(name)).map(Rows::len).max();
    let tables: OrdSet<Name> =
        servers.iter().filter_map(|id| server(live.sim(), *id)).flat_map(|own| own.sql.tables().keys().cloned()).collect();
    let all: usize = tables.iter().filter_map(longest).sum();
    let more = all.saturating_sub(names.len());
    out.panels.push(Panel::new("tables", Body::Table(Table { headings, rows, more })));
}

/// The names of the rows that are shown, in order.
fn names(live: &Live<Replicated>, differing: &OrdSet<RowName>) -> OrdSet<RowName> {
    let servers = ids(live.sim()).filter_map(|id| server(live.sim(), id));
    let small = servers.flat_map(|server| server.sql.tables()).filter(|(_, table)| table.primary().is_some() || table.len() <= SORTED);
    let first = small.flat_map(|(name, table)| table.names(IN_PANEL).into_iter().map(|key| (name.clone(), key)));
    let mut shown: OrdSet<RowName> = differing.iter().take(IN_PANEL).cloned().collect();
    for name in first.collect::<OrdSet<RowName>>() {
        if shown.len() >= IN_PANEL {
            break;
        }
        shown.insert(name);
    }
    shown
}

/// One row, as each server has it.
fn beside(live: &Live<Replicated>, (name, key): &RowName, servers: &[NodeId], differs: bool) -> TableRow {
    let cell = |id: NodeId| {
        let table = server(live.sim(), id).and_then(|server| server.sql.tables().get(name));
        let found = table.and_then(|table| Some(table.rest(table.row(key)?)));
        found.unwrap_or_else(|| "-".to_string())
    };
    let leader = leaders(live.sim()).last().copied().map(cell);
    let entries = servers.iter().map(|id| {
        let text = cell(*id);
        let tone = if differs && leader.as_ref() != Some(&text) { Tone::Conflict } else { Tone::Plain };
        Entry::new(text, tone)
    });
    let label = Entry::new(format!("{name} {key}"), Tone::Quiet);
    TableRow { entries: std::iter::once(label).chain(entries).collect(), ..TableRow::default() }
}
