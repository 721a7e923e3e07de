//! The tables of a server, and what running a statement there depends on.

use std::sync::Arc;

use crate::algo::sql::{Around, Cell, Change, Column, Effect, Name, Number, Row, Spot, Table, Tables};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::draw::{Stream, mix};
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::super::entry::Disk;
use super::super::server::Context;
use super::super::settings::Settings;
use super::format::{LogFormat, RowOrder};
use super::lead::{Running, Transaction};

/// The last key and the last number of a row that a server handed out, by table.
pub(super) type Handed = OrdMap<Name, (i64, u64)>;

/// The tables of a server, and its transactions while it leads. Memory: the disk has the log and what was run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Engine {
    /// The tables, as of what is applied.
    pub(super) tables: Tables,
    pub(super) handed: Handed,
    /// Transactions that clients have begun.
    pub(super) open: OrdMap<NodeId, Transaction>,
    /// Transactions that take their time, up to the commit.
    pub(super) running: Vec<Running>,
    /// The requests that it has taken in this life, so that a copy of a message runs nothing twice.
    pub(super) heard: OrdSet<u32>,
    /// Another number after each change of the tables.
    pub(super) version: u64,
}

/// The titles of the first books.
const TITLES: [&str; 8] = ["Dune", "Emma", "Faust", "Ulysses", "Hamlet", "Walden", "Iliad", "Utopia"];

impl Engine {
    /// The tables of a server that boots, as of an empty log: `books`, with as many rows as the settings say.
    pub(crate) fn boot(cx: &Context<'_>) -> Engine {
        Engine { tables: base(cx.id(), cx.settings()), version: cx.clock().0, ..Engine::default() }
    }

    /// The tables.
    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    /// Another number after each change of the tables.
    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// It leads no more: nothing that was not committed has happened.
    pub(crate) fn abandon(&mut self) {
        self.open = OrdMap::new();
        self.running.clear();
    }

    /// How many transactions are under way.
    pub(crate) fn under_way(&self) -> usize {
        self.open.len() + self.running.len()
    }

    /// After entries were thrown away: the tables as of the last entry that is left and was applied.
    pub(crate) fn rebuild(&mut self, id: NodeId, settings: &Settings, disk: &Disk, applied: u64) {
        self.tables = base(id, settings);
        self.version += 1;
        advance(&mut self.tables, id, settings, disk, 1..=applied);
    }
}

/// Applies these entries of the log to tables, as far as nothing has to be run for them.
pub(super) fn advance(tables: &mut Tables, id: NodeId, settings: &Settings, disk: &Disk, entries: std::ops::RangeInclusive<u64>) {
    let place = |row| place(id, settings.row_order, row);
    for index in entries {
        if let Some(shipped) = disk.get(index).and_then(|entry| entry.statements().cloned()) {
            disk.redo.apply(index, &shipped, tables, &place);
        }
    }
}

/// The tables before the first entry.
fn base(id: NodeId, settings: &Settings) -> Tables {
    let keyed = settings.table_key;
    let column = |name: &str| Column { name: name.into(), primary: keyed && name == "id", auto: keyed && name == "id" };
    let mut books = Table::new(["id", "title", "price", "stock"].map(column).into());
    // What ships addresses began as one copy of a disk.
    let order = if settings.log_format == LogFormat::WriteAhead { RowOrder::Same } else { settings.row_order };
    for number in 1..=u64::from(settings.table_rows) {
        books.put(Spot { place: place(id, order, number), row: number }, book(number));
    }
    Tables::unit("books".into(), books)
}

fn book(number: u64) -> Row {
    let whole = |n: u64| Number::whole(n as i64).map_or(Cell::Null, Cell::Number);
    let title = TITLES.get(number as usize - 1).map_or_else(|| Cell::text(&format!("Book {number}")), |title| Cell::text(title));
    [whole(number), title, whole(8 + number * 7 % 13), whole(2 + number * 5 % 8)].into()
}

/// The place of a row on a server.
pub(super) fn place(id: NodeId, order: RowOrder, row: u64) -> u64 {
    match order {
        RowOrder::Same => 0,
        RowOrder::Own => mix(mix(u64::from(id.code())) ^ row),
    }
}

/// What running a statement on a server depends on.
pub(super) struct Surroundings {
    clock: Time,
    draws: Stream,
    id: NodeId,
    order: RowOrder,
    /// What it has handed out, this statement included.
    pub(super) handed: Handed,
}

impl Surroundings {
    /// Those of now: the server's own clock, and fresh randomness of its own.
    pub(super) fn of(handed: &Handed, cx: &mut Context<'_>) -> Surroundings {
        Surroundings { clock: cx.clock(), draws: cx.rng(), id: cx.id(), order: cx.settings().row_order, handed: handed.clone() }
    }

    /// Those of a trial, which draws nothing: how many rows a statement would look at.
    pub(super) fn of_trial(handed: &Handed, cx: &Context<'_>) -> Surroundings {
        let draws = crate::sim::draw::Draws::new(0).at(crate::sim::draw::Concern::Protocol, 0);
        Surroundings { clock: cx.clock(), draws, id: cx.id(), order: cx.settings().row_order, handed: handed.clone() }
    }
}

impl Around for Surroundings {
    /// In whole milliseconds, as the stage shows it.
    fn now(&mut self) -> Number {
        Number::ten_thousandths((self.clock.0 / 1_000_000 * 10) as i64)
    }

    fn random(&mut self) -> Number {
        Number::ten_thousandths(self.draws.below(10_000) as i64)
    }

    /// The first 32 bits of one: enough to differ, and short enough to be seen.
    fn unique(&mut self) -> Arc<str> {
        format!("{:08x}", self.draws.bits() >> 32).into()
    }

    fn key(&mut self, table: &Name, greatest: i64) -> i64 {
        let handed = self.handed.entry(table.clone()).or_default();
        handed.0 = handed.0.max(greatest) + 1;
        handed.0
    }

    fn spot(&mut self, table: &Name, greatest: u64) -> Spot {
        let handed = self.handed.entry(table.clone()).or_default();
        handed.1 = handed.1.max(greatest) + 1;
        Spot { place: place(self.id, self.order, handed.1), row: handed.1 }
    }
}

/// A row that a transaction changes, by its address and its primary key.
#[derive(Clone, Debug)]
pub(super) struct Lock {
    table: Name,
    spot: Spot,
    key: Option<Cell>,
}

impl Lock {
    /// The rows that an effect changes.
    pub(super) fn all(effect: &Effect, tables: &Tables) -> Vec<Lock> {
        let lock = |change: &Change| match change {
            Change::Create(..) => None,
            Change::Row { table, spot, before, after } => {
                let key = tables.get(table).and_then(|own| own.key(before.as_ref().or(after.as_ref())?).cloned());
                Some(Lock { table: table.clone(), spot: *spot, key })
            }
        };
        effect.changes.iter().filter_map(lock).collect()
    }

    /// Whether both are of one row.
    pub(super) fn meets(&self, other: &Lock) -> bool {
        let same_key = self.key.is_some() && self.key == other.key;
        self.table == other.table && (self.spot == other.spot || same_key)
    }

    /// In words.
    pub(super) fn says(&self) -> String {
        match &self.key {
            Some(key) => format!("row {key} of {}", self.table),
            None => format!("a row of {}", self.table),
        }
    }
}
