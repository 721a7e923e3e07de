//! How the two shops look: each server with its rows or documents, and below them the statements of the newest ask, side by side.

use std::collections::BTreeMap;

use crate::algo::mvcc::Reach;
use crate::check::operation::Key;
use crate::cluster::kit::settings::{Declared as _, Takes as _};
use crate::cluster::live::Live;
use crate::cluster::scene::{
    Body, Check, Checklist, Entry, Knob, Layout, NodeView, Panel, Row, Scene, Stops, Table as View, TableRow, Tone,
};
use crate::sim::id::NodeId;

use super::message::Tx;
use super::server::Session;
use super::settings::{Commit, Documents, Isolation, Settings, Update};
use super::shop::{Part, Record, RowId, SUM, Shop, Table};
use super::unit::StepState;
use super::watch::Half;
use super::{Stores, facts, place, state};

type One = Live<Stores>;

/// The most orders that a server shows.
const ORDERS: usize = 4;
/// The most transactions in the table of locks.
const SHOWN: usize = 6;

/// The word and rows of a server.
pub(super) fn draw(live: &One, id: NodeId, view: &mut NodeView) {
    let sim = live.sim();
    let (shop, _) = place(id, sim.settings());
    view.word = match shop {
        Shop::Tables => "rows",
        Shop::Documents => "documents",
    };
    let changes = changes(live, id);
    for table in groups(facts::half(live, shop)) {
        let rows = state::rows_at(sim, id, &table.all());
        let first = if table == Table::Orders { rows.len().saturating_sub(ORDERS) } else { 0 };
        view.rows.extend(rows[first..].iter().flat_map(|(row, record)| shown(live, id, row, record, &changes)));
    }
}

/// The tables in the order in which they are shown: what the asks so far are about comes first, so that it is seen where room is scarce.
fn groups(half: &Half) -> [Table; 5] {
    let mut all = [Table::Accounts, Table::Stock, Table::Staff, Table::Items, Table::Orders];
    all.sort_by_key(|table| !half.concerned.contains(table));
    all
}

/// Rows that somebody has changed and not committed: who, and what they become.
type Changes = BTreeMap<RowId, (Tx, Option<Record>)>;

fn changes(live: &One, id: NodeId) -> Changes {
    let open = state::process(live.sim(), id).into_iter().flat_map(|server| server.rows.open());
    open.flat_map(|(tx, open)| open.writes().map(|(row, (_, value))| (row.clone(), (*tx, value.clone())))).collect()
}

fn shown(live: &One, id: NodeId, row: &RowId, record: &Record, changes: &Changes) -> Vec<Row> {
    let change = changes.get(row);
    let tone = if change.is_some() { Tone::Stale } else { Tone::Plain };
    // What it is, and what the transaction that has locked it makes of it.
    let show = |label: &str, of: &dyn Fn(&Record) -> String| {
        let is = of(record);
        let becomes = change.map(|(tx, value)| (tx, value.as_ref().map_or_else(|| "gone".to_string(), of)));
        let value = match becomes {
            Some((tx, other)) if other != is => format!("{is} ▸ {other} {tx}"),
            Some((tx, _)) => format!("{is} {tx}"),
            None => is,
        };
        Row::new(label, value, tone)
    };
    match row.table {
        Table::Accounts if record.parts.is_empty() => vec![show(&format!("{} has", row.owner), &|record| record.number.to_string())],
        // One document is one row: all balances in it.
        Table::Accounts => vec![show("balances", &|record| {
            record.parts.iter().map(|part| format!("{} {}", part.id, part.number)).collect::<Vec<_>>().join(", ")
        })],
        Table::Stock => vec![show(&format!("{} left", row.owner), &|record| record.number.to_string())],
        Table::Staff => vec![show(&row.owner, &|record| if record.number > 0 { "on duty" } else { "off" }.to_string())],
        Table::Items => vec![show(&format!("item {}", row.owner), &|record| format!("{} {}", record.text, price(record)))],
        _ => vec![order(live, id, row, record, &show)],
    }
}

/// How a row is shown: its label, and what it says of a record.
type Show<'a> = dyn Fn(&str, &dyn Fn(&Record) -> String) -> Row + 'a;

fn price(record: &Record) -> String {
    if record.shape == 1 { record.number.to_string() } else { format!("{}.{:02}", record.number / 100, record.number % 100) }
}

/// An order with its lines; a copy of a title that differs from the item's is seen.
fn order(live: &One, id: NodeId, row: &RowId, record: &Record, show: &Show<'_>) -> Row {
    let label = format!("order {}", row.owner);
    if record.parts.is_empty() {
        let lines = state::rows_at(live.sim(), id, &RowId::lines_of(&row.owner));
        let items: Vec<String> = lines.iter().map(|(_, line)| line.text.to_string()).collect();
        return show(&label, &|_| items.join(" "));
    }
    let word = |part: &Part| if part.text.is_empty() { part.id.to_string() } else { part.text.to_string() };
    let shown = show(&label, &|record| record.parts.iter().map(word).collect::<Vec<_>>().join(" "));
    let is_off = record.parts.iter().any(|part| !part.text.is_empty() && title(live, &part.id).is_some_and(|title| title != part.text));
    if is_off { Row { tone: Tone::Conflict, ..shown } } else { shown }
}

fn title(live: &One, item: &Key) -> Option<Key> {
    let sim = live.sim();
    let id = RowId::of(Table::Items, item);
    let server = super::server(Shop::Documents, super::shop::shard_of(&id, sim.settings()), sim.settings());
    state::rows_at(sim, server, &Reach::one(id)).first().map(|(_, record)| record.text.clone())
}

/// The statements side by side, and who holds what.
pub(super) fn panels(live: &One, out: &mut Scene) {
    let settings = live.sim().settings();
    let column = |shop| state::servers(live.sim(), shop).collect::<Vec<NodeId>>();
    out.layout = Layout::Tiers(Shop::ALL.into_iter().map(column).collect());
    // The shops never talk to each other.
    let shop = |id: NodeId| (!id.is_client()).then(|| super::place(id, settings).0);
    out.links.retain(|link| shop(link.a).zip(shop(link.b)).is_none_or(|(a, b)| a == b));
    for shop in Shop::ALL.into_iter().filter(|shop| settings.asks(*shop)) {
        out.panels.push(Panel::new(shop.name(), Body::Checklist(statements(live, shop))));
    }
    let open = transactions(live);
    if !open.rows.is_empty() {
        out.panels.push(Panel::new("locks", Body::Table(open)));
    }
    knobs(settings, out);
}

/// What decides what can go wrong.
fn knobs(settings: &Settings, out: &mut Scene) {
    let knob = |name, stops| Knob::setting(name, settings.get(name), stops);
    out.knobs.push(knob("isolation", Stops::words(Isolation::WORDS)));
    out.knobs.push(knob("table-transactions", Stops::words(&["on", "off"])));
    out.knobs.push(knob("document-transactions", Stops::words(&["on", "off"])));
    out.knobs.push(knob("documents", Stops::words(Documents::WORDS)));
    out.knobs.push(knob("update", Stops::words(Update::WORDS)));
    if settings.shards > 1 {
        out.knobs.push(knob("commit", Stops::words(Commit::WORDS)));
    }
}

/// The statements of the newest ask in a shop, and the sum.
fn statements(live: &One, shop: Shop) -> Checklist {
    let half = facts::half(live, shop);
    let mut checks = Vec::new();
    if let Some(unit) = half.newest.and_then(|newest| half.units.get(&newest)) {
        if unit.transaction {
            checks.push(Check { tone: Tone::Good, text: "BEGIN".to_string(), value: String::new() });
        }
        let tone = |state| match state {
            StepState::Open => Tone::Plain,
            StepState::Done => Tone::Good,
            StepState::Failed => Tone::Bad,
        };
        checks.extend(unit.steps.iter().map(|step| Check {
            tone: tone(step.state),
            text: step.text.to_string(),
            value: step.value.clone(),
        }));
    }
    let sum = state::sum(live.sim(), shop);
    let tone = if sum == SUM { Tone::Good } else { Tone::Bad };
    checks.push(Check { tone, text: "sum of all balances".to_string(), value: sum.to_string() });
    Checklist { checks }
}

/// The transactions that have not ended: what they hold, and for whom they wait.
fn transactions(live: &One) -> View {
    let sim = live.sim();
    let row = |id: NodeId| {
        let server = state::process(sim, id)?;
        let waits: BTreeMap<Tx, Tx> = server.rows.waiting().filter_map(|(tx, holders)| Some((tx, *holders.first()?))).collect();
        let of = |(tx, open): (&Tx, &crate::algo::mvcc::Open<RowId, Record, Tx>)| {
            let held: Vec<String> = open.writes().map(|(row, _)| row.owner.to_string()).collect();
            let (state, tone) = match (server.sessions.get(tx), waits.get(tx)) {
                (Some(Session::Promised(_)), _) => ("promised, in doubt".to_string(), Tone::Conflict),
                (_, Some(holder)) => (format!("waits for {holder}"), Tone::Bad),
                (Some(Session::Active), None) => ("open".to_string(), Tone::Plain),
                _ => ("ending".to_string(), Tone::Plain),
            };
            let entries = vec![
                Entry::new(tx.to_string(), Tone::Plain),
                Entry::new(super::name(id, sim.settings()), Tone::Quiet),
                Entry::new(held.join(" "), Tone::Plain),
                Entry::new(state, tone),
            ];
            TableRow { entries, node: Some(id), ..TableRow::default() }
        };
        Some(server.rows.open().map(of).collect::<Vec<_>>())
    };
    let rows: Vec<TableRow> = sim.server_ids().filter_map(row).flatten().take(SHOWN).collect();
    let headings = ["transaction", "server", "has changed", ""].map(String::from).into();
    View { headings, rows, more: 0 }
}
