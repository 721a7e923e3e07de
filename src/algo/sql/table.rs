//! Tables and their rows.

use std::sync::Arc;

use super::cell::{Cell, Row};
use super::statement::{Column, Name};
use crate::persistent::OrdMap;

/// Where a row is stored. Rows are stored, and found without an order, by their places, and in one place in the order in which they came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// The place. What keeps all rows in the order in which they came gives every row the same.
    pub place: u64,
    /// The number of the row in its table, from 1.
    pub row: u64,
}

/// A table. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    columns: Arc<[Column]>,
    rows: OrdMap<Spot, Row>,
    /// Where the row with a primary key is; empty for a table without one.
    index: OrdMap<Cell, Spot>,
    /// The greatest number of a row that it ever had.
    last_row: u64,
    /// The greatest whole number that ever was a primary key.
    last_key: i64,
}

/// The tables of one server by their names. Cheap to clone.
pub type Tables = OrdMap<Name, Table>;

impl Table {
    /// A table without rows.
    pub fn new(columns: Arc<[Column]>) -> Table {
        Table { columns, ..Table::default() }
    }

    /// Its columns.
    pub fn columns(&self) -> &Arc<[Column]> {
        &self.columns
    }

    /// The place of a column among the values of a row.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| &*column.name == name)
    }

    /// The place of the primary key.
    pub fn primary(&self) -> Option<usize> {
        self.columns.iter().position(|column| column.primary)
    }

    /// The primary key of a row.
    pub fn key<'r>(&self, row: &'r Row) -> Option<&'r Cell> {
        row.get(self.primary()?)
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Its rows, as they are stored.
    pub fn rows(&self) -> impl Iterator<Item = (&Spot, &Row)> {
        self.rows.iter()
    }

    /// The row at a spot.
    pub fn at(&self, spot: Spot) -> Option<&Row> {
        self.rows.get(&spot)
    }

    /// Where the row with this primary key is.
    pub fn find(&self, key: &Cell) -> Option<Spot> {
        self.index.get(key).copied()
    }

    /// The first row with exactly these values, as they are stored, and how many rows a search for it looks at: by the primary key one,
    /// without one all up to it.
    pub fn search(&self, row: &Row) -> (Option<Spot>, u64) {
        match self.key(row) {
            Some(key) => (self.find(key), 1),
            None => match self.rows.iter().zip(1..).find(|((_, other), _)| *other == row) {
                Some(((spot, _), looked)) => (Some(*spot), looked),
                None => (None, self.rows.len() as u64),
            },
        }
    }

    /// The greatest number of a row, and the greatest whole number of a primary key, that it ever had.
    pub fn last(&self) -> (u64, i64) {
        (self.last_row, self.last_key)
    }

    /// Puts a row at a spot, in the place of the one there and of one with the same primary key.
    pub fn put(&mut self, spot: Spot, row: Row) {
        self.take(spot);
        if let Some(key) = self.key(&row).cloned() {
            if let Some(other) = self.find(&key) {
                self.take(other);
            }
            if let Cell::Number(number) = &key {
                self.last_key = self.last_key.max(number.as_whole().unwrap_or(0));
            }
            self.index.insert(key, spot);
        }
        self.last_row = self.last_row.max(spot.row);
        self.rows.insert(spot, row);
    }

    /// Takes away the row at a spot, if there is one.
    pub fn take(&mut self, spot: Spot) {
        if let Some(row) = self.rows.remove(&spot)
            && let Some(key) = self.key(&row).cloned()
        {
            self.index.remove(&key);
        }
    }

    /// The rows by name, in the order of their names: a row is named by its primary key, without one by all that it holds. Of rows that
    /// hold the same the second is called `... #2`.
    pub fn named(&self) -> Vec<(Cell, &Row)> {
        if self.primary().is_some() {
            return self.index.iter().filter_map(|(key, spot)| Some((key.clone(), self.at(*spot)?))).collect();
        }
        let mut rows: Vec<&Row> = self.rows.values().collect();
        rows.sort();
        let mut named: Vec<(Cell, &Row)> = Vec::new();
        let mut same = 0;
        for (at, row) in rows.iter().enumerate() {
            same = if at > 0 && rows[at - 1] == *row { same + 1 } else { 1 };
            let again = if same > 1 { format!(" #{same}") } else { String::new() };
            named.push((Cell::text(&(self.rest(row) + &again)), row));
        }
        named
    }

    /// The row of a name.
    pub fn row(&self, name: &Cell) -> Option<&Row> {
        match self.primary() {
            Some(_) => self.at(self.find(name)?),
            None => self.named().into_iter().find(|(other, _)| other == name).map(|(_, row)| row),
        }
    }

    /// The first names, in their order.
    pub fn names(&self, most: usize) -> Vec<Cell> {
        match self.primary() {
            Some(_) => self.index.keys().take(most).cloned().collect(),
            None => self.named().into_iter().map(|(name, _)| name).take(most).collect(),
        }
    }

    /// What a row holds beside its primary key: `Dune 10 5`.
    pub fn rest(&self, row: &Row) -> String {
        let cells = row.iter().enumerate().filter(|(at, _)| Some(*at) != self.primary());
        cells.map(|(_, cell)| cell.to_string()).collect::<Vec<_>>().join(" ")
    }
}
