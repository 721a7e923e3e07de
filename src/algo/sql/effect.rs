//! What a statement did, row by row: the same wherever it is applied.

use std::sync::Arc;

use super::cell::Row;
use super::statement::{Column, Name};
use super::table::{Spot, Table, Tables};

/// What statements did to the tables, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// One after the other.
    pub changes: Vec<Change>,
}

/// What became of one row, or a new table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A table came.
    Create(Name, Arc<[Column]>),
    /// A row changed, came (nothing before) or went (nothing after).
    Row {
        /// Of which table.
        table: Name,
        /// Where it is stored, on the server that ran the statement.
        spot: Spot,
        /// The row as it was.
        before: Option<Row>,
        /// The row as it is.
        after: Option<Row>,
    },
}

/// How the rows of an effect are found and stored.
pub enum Placed<'a> {
    /// Where they were on the server that ran the statement: by their addresses, without a search, as long as that is what stands there.
    Exactly,
    /// By what they hold, in places of one's own: a new row gets its place from its number.
    ByValue(&'a dyn Fn(u64) -> u64),
}

/// The header of a record of a write-ahead log and the address of the row that it changes, in bytes (`PostgreSQL`: 24 and 6).
const RECORD: u64 = 30;
/// What stands before each row image of a row-based log, in bytes.
const IMAGE: u64 = 4;

impl Effect {
    /// How many rows changed, came or went.
    pub fn rows(&self) -> u64 {
        self.changes.iter().filter(|change| matches!(change, Change::Row { .. })).count() as u64
    }

    /// Its size in a row-based log in bytes: each row as it was and as it is (`binlog_row_image=full` of `MySQL`).
    pub fn image_bytes(&self) -> u64 {
        self.sum(|before, after| image(before) + image(after))
    }

    /// Its size in a write-ahead log in bytes: for each row a record with its address, and what stands there from now on. Pages that are
    /// logged whole after a checkpoint are not counted.
    pub fn record_bytes(&self) -> u64 {
        self.sum(|_, after| RECORD + after.map_or(0, width))
    }

    fn sum(&self, bytes: fn(Option<&Row>, Option<&Row>) -> u64) -> u64 {
        let of = |change: &Change| match change {
            Change::Create(name, columns) => name.len() as u64 + columns.iter().map(|column| column.name.len() as u64 + 2).sum::<u64>(),
            Change::Row { before, after, .. } => bytes(before.as_ref(), after.as_ref()),
        };
        self.changes.iter().map(of).sum()
    }

    /// Applies it to tables, and returns how many rows were looked at to find those that change. What is not there to be changed comes
    /// as it is from now on, and what is not there to go is gone.
    pub fn apply(&self, tables: &mut Tables, placed: &Placed<'_>) -> u64 {
        self.changes.iter().map(|change| change.apply(tables, placed)).sum()
    }
}

/// The size of the values of a row in bytes.
fn width(row: &Row) -> u64 {
    row.iter().map(super::cell::Cell::bytes).sum()
}

fn image(row: Option<&Row>) -> u64 {
    row.map_or(0, |row| IMAGE + width(row))
}

impl Change {
    fn apply(&self, tables: &mut Tables, placed: &Placed<'_>) -> u64 {
        match self {
            Change::Create(name, columns) => {
                tables.insert(name.clone(), Table::new(columns.clone()));
                0
            }
            Change::Row { table, spot, before, after } => match tables.get_mut(table) {
                Some(table) => apply_row(table, *spot, (before.as_ref(), after.as_ref()), placed),
                None => 0,
            },
        }
    }
}

fn apply_row(table: &mut Table, spot: Spot, (before, after): (Option<&Row>, Option<&Row>), placed: &Placed<'_>) -> u64 {
    let is_there = matches!(placed, Placed::Exactly) && table.at(spot) == before;
    let (found, looked) = match before {
        _ if is_there => (Some(spot), 0),
        Some(before) => table.search(before),
        None => (None, 0),
    };
    match after {
        Some(after) => table.put(found.unwrap_or_else(|| new_spot(table, placed)), Arc::clone(after)),
        None => found.into_iter().for_each(|spot| table.take(spot)),
    }
    looked
}

/// Where a row goes that was not there.
fn new_spot(table: &Table, placed: &Placed<'_>) -> Spot {
    let row = table.last().0 + 1;
    let place = if let Placed::ByValue(place) = placed { place(row) } else { 0 };
    Spot { place, row }
}
