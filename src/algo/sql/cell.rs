//! What stands in a row.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use super::number::Number;

/// One value of a row. The order is that of `ORDER BY`: nothing, then numbers, then texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cell {
    /// Nothing.
    #[default]
    Null,
    /// A number.
    Number(Number),
    /// A text.
    Text(Arc<str>),
}

/// The values of a row, in the order of the columns.
pub type Row = Arc<[Cell]>;

impl Cell {
    /// A text.
    pub fn text(text: &str) -> Cell {
        Cell::Text(text.into())
    }

    /// Its size in a row image in bytes: a number is eight, a text its length and one more.
    pub fn bytes(&self) -> u64 {
        match self {
            Cell::Null => 0,
            Cell::Number(_) => 8,
            Cell::Text(text) => text.len() as u64 + 1,
        }
    }
}

impl From<Number> for Cell {
    fn from(number: Number) -> Cell {
        Cell::Number(number)
    }
}

/// As it stands in a table: texts without quotes.
impl Display for Cell {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Null => f.write_str("nil"),
            Cell::Number(number) => number.fmt(f),
            Cell::Text(text) => f.write_str(text),
        }
    }
}
