//! What a shop holds, as far as it is committed: what its servers show, and what is decided and not carried out yet. Of a server that is
//! down, its disk.

use crate::algo::mvcc::Reach;
use crate::check::operation::Key;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::commit::Stage;
use super::message::{Msg, Tx};
use super::run::Rows;
use super::script::{times, worth};
use super::server::{Server, Session};
use super::settings::{Documents, Settings};
use super::shop::{ITEMS, Record, RowId, Shop, Table};
use super::{Stores, server};

type World = Sim<Stores>;

/// The servers of a shop.
pub(super) fn servers(sim: &World, shop: Shop) -> impl Iterator<Item = NodeId> + use<> {
    let first = server(shop, 0, sim.settings()).index();
    (first..first + sim.settings().shards as usize).map(|index| NodeId::server(index as u16))
}

/// The process of a server, if it runs.
pub(super) fn process(sim: &World, id: NodeId) -> Option<&Server> {
    match sim.node(id).state() {
        Some(Stores::Server(server)) => Some(server),
        _ => None,
    }
}

/// Whether a change or a commit of this try, or of any, is on its way to a server of a shop, or waits there.
pub(super) fn is_awaited(sim: &World, shop: Shop, unit: Option<Tx>) -> bool {
    let is_meant = |tx: &Tx| unit.is_none_or(|unit| unit == tx.unit());
    let is_change = |msg: &Msg| match msg {
        Msg::Run { tx, statement, .. } => statement.changes() && is_meant(tx),
        Msg::Commit { tx, .. } => is_meant(tx),
        _ => false,
    };
    let is_in_the_air = |id: NodeId| sim.flights().any(|flight| flight.leg.to == id && is_change(&flight.msg));
    let is_parked = |id: NodeId| process(sim, id).is_some_and(|server| server.parked().any(|tx| is_meant(&tx)));
    servers(sim, shop).any(|id| is_in_the_air(id) || sim.node(id).inbox().any(is_change) || is_parked(id))
}

/// Whether the process of a server runs, or stands still and will go on.
pub(super) fn is_running(sim: &World, server: NodeId) -> bool {
    process(sim, server).is_some()
}

/// Whether a transaction over several shards is decided to be committed.
fn is_decided(sim: &World, coordinator: NodeId, tx: Tx) -> bool {
    match process(sim, coordinator) {
        Some(server) => server.coordinated.get(&tx).is_some_and(|commit| commit.stage == Stage::Decided),
        None => sim.node(coordinator).store().current().recover().decided.contains_key(&tx),
    }
}

/// The committed rows of a part of a table at one server.
pub(super) fn rows_at(sim: &World, id: NodeId, reach: &Reach<RowId>) -> Vec<(RowId, Record)> {
    match process(sim, id) {
        Some(server) => running(sim, server, reach),
        None => stored(sim, id, reach),
    }
}

fn running(sim: &World, server: &Server, reach: &Reach<RowId>) -> Vec<(RowId, Record)> {
    let mut rows: Vec<(RowId, Record)> =
        server.rows.committed_in(reach).filter_map(|(row, stored)| Some((row.clone(), stored.value.clone()?))).collect();
    let promised = server.sessions.iter().filter_map(|(tx, session)| match session {
        Session::Promised(coordinator) if is_decided(sim, *coordinator, *tx) => Some(*tx),
        _ => None,
    });
    for tx in promised {
        for (row, (_, value)) in server.rows.transaction(tx).into_iter().flat_map(crate::algo::mvcc::Open::writes) {
            put(&mut rows, reach, row, value.as_ref());
        }
    }
    rows
}

fn stored(sim: &World, id: NodeId, reach: &Reach<RowId>) -> Vec<(RowId, Record)> {
    let recovered = sim.node(id).store().current().recover();
    let engine: Rows = recovered.engine();
    let mut rows: Vec<(RowId, Record)> =
        engine.committed_in(reach).filter_map(|(row, stored)| Some((row.clone(), stored.value.clone()?))).collect();
    for (tx, promised) in &recovered.promised {
        if promised.coordinator != id && is_decided(sim, promised.coordinator, *tx) {
            promised.writes.iter().for_each(|(row, _, value)| put(&mut rows, reach, row, value.as_ref()));
        }
    }
    rows
}

fn put(rows: &mut Vec<(RowId, Record)>, reach: &Reach<RowId>, row: &RowId, value: Option<&Record>) {
    if reach.covers(row) {
        rows.retain(|(known, _)| known != row);
        rows.extend(value.map(|value| (row.clone(), value.clone())));
    }
}

/// The committed rows of a table.
pub(super) fn rows(sim: &World, shop: Shop, table: Table) -> Vec<(RowId, Record)> {
    let all = table.all();
    servers(sim, shop).flat_map(|id| rows_at(sim, id, &all)).collect()
}

/// The sum of all balances.
pub(super) fn sum(sim: &World, shop: Shop) -> i64 {
    rows(sim, shop, Table::Accounts).iter().map(|(_, record)| worth(record)).sum()
}

/// How many clerks are on duty.
pub(super) fn on_duty(sim: &World, shop: Shop) -> usize {
    rows(sim, shop, Table::Staff).iter().filter(|(_, record)| record.number > 0).count()
}

/// How many there are left of all items.
pub(super) fn left_in_stock(sim: &World, shop: Shop) -> i64 {
    rows(sim, shop, Table::Stock).iter().map(|(_, record)| record.number).sum()
}

/// How many of an item were sold since the start.
fn sold_of(item: &Key, lines: &[(RowId, Record)], settings: &Settings) -> usize {
    let number = |id: &RowId| id.owner.rsplit('-').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    lines.iter().filter(|(id, _)| number(id) > settings.orders).map(|(_, record)| times(record, item)).sum()
}

fn lines(sim: &World, shop: Shop) -> Vec<(RowId, Record)> {
    rows(sim, shop, if shop == Shop::Tables { Table::Lines } else { Table::Orders })
}

/// How many were sold since the start.
pub(super) fn sold(sim: &World, shop: Shop) -> usize {
    let lines = lines(sim, shop);
    ITEMS.iter().map(|(item, ..)| sold_of(&Key::from(*item), &lines, sim.settings())).sum()
}

/// How many more were sold than there were, of all items together.
pub(super) fn oversold(sim: &World, shop: Shop) -> usize {
    let lines = lines(sim, shop);
    let over = |item: &str| sold_of(&Key::from(item), &lines, sim.settings()).saturating_sub(sim.settings().stock as usize);
    ITEMS.iter().map(|(item, ..)| over(item)).sum()
}

/// How often the titles of items are written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Copies {
    /// Everywhere, the items themselves included.
    pub all: usize,
    /// Those that differ from the item's.
    pub off: usize,
}

/// The copies of titles.
pub(super) fn copies(sim: &World, shop: Shop) -> Copies {
    let items = rows(sim, shop, Table::Items);
    let title = |name: &Key| items.iter().find(|(id, _)| id.owner == *name).map(|(_, record)| record.text.clone());
    let mut written: Vec<(Key, Key)> = items.iter().map(|(id, record)| (id.owner.clone(), record.text.clone())).collect();
    if shop == Shop::Documents && sim.settings().documents == Documents::Embedded {
        let orders = rows(sim, shop, Table::Orders);
        written.extend(orders.iter().flat_map(|(_, order)| order.parts.iter().map(|part| (part.id.clone(), part.text.clone()))));
    }
    let off = written.iter().filter(|(item, text)| title(item).is_some_and(|title| title != *text)).count();
    Copies { all: written.len(), off }
}

/// How many items have the old schema, and how many have a price that is not the one of the start.
pub(super) fn schemas(sim: &World, shop: Shop) -> (usize, usize) {
    let items = rows(sim, shop, Table::Items);
    let price = |id: &RowId| ITEMS.iter().find(|(name, ..)| *name == &*id.owner).map_or(0, |(_, _, price)| *price);
    let is_off = |(id, record): &&(RowId, Record)| record.number != price(id) * if record.shape == 1 { 1 } else { 100 };
    (items.iter().filter(|(_, record)| record.shape == 1).count(), items.iter().filter(is_off).count())
}
