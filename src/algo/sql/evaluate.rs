//! What expressions and tests come to.

use std::cmp::Ordering;
use std::sync::Arc;

use super::cell::{Cell, Row};
use super::number::Number;
use super::statement::{Comparison, Expr, Function, Name, Operator, Test};
use super::table::Table;

/// What a statement depends on beside the tables.
pub trait Around {
    /// The clock, in seconds.
    fn now(&mut self) -> Number;
    /// A number from 0 up to 1.
    fn random(&mut self) -> Number;
    /// A text that nobody else makes.
    fn unique(&mut self) -> Arc<str>;
    /// The next key of a table, greater than the greatest that it ever had. It is handed out, whatever becomes of the statement.
    fn key(&mut self, table: &Name, greatest: i64) -> i64;
    /// The number and the place of a new row of a table: the number greater than the greatest that it ever had.
    fn spot(&mut self, table: &Name, greatest: u64) -> super::table::Spot;
}

/// Why a statement cannot be run. It changes nothing then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// There is no such table.
    #[error("there is no table {0}")]
    NoTable(Name),
    /// There is one of this name.
    #[error("there is a table {0} already")]
    Exists(Name),
    /// The table has no such column.
    #[error("the table {0} has no column {1}")]
    NoColumn(Name, Name),
    /// A row has more or fewer values than columns.
    #[error("{values} values for {columns} columns")]
    Count {
        /// So many values.
        values: usize,
        /// So many columns.
        columns: usize,
    },
    /// A row with this primary key is there.
    #[error("the table {0} has a row {1} already")]
    Duplicate(Name, Cell),
    /// A primary key is nothing, or would change.
    #[error("the primary key of a row of {0} is a value, and stays what it is")]
    Key(Name),
    /// A text where a number has to be, a division by zero, a number out of bounds.
    #[error("{0} cannot be worked out")]
    NoValue(String),
}

/// Where an expression is worked out: around what, and over which row.
pub(super) struct Scope<'a> {
    pub(super) table: &'a Table,
    pub(super) name: &'a Name,
    pub(super) row: Option<&'a Row>,
    /// The clock as the statement began.
    pub(super) now: Number,
}

impl Scope<'_> {
    /// What an expression comes to.
    pub(super) fn value(&self, expr: &Expr, around: &mut dyn Around) -> Result<Cell, Wrong> {
        match expr {
            Expr::Value(cell) => Ok(cell.clone()),
            Expr::Call(function) => Ok(called(*function, self.now, around)),
            Expr::Column(column) => {
                let cell = self.table.column(column).and_then(|at| self.row?.get(at));
                cell.cloned().ok_or_else(|| Wrong::NoColumn(self.name.clone(), column.clone()))
            }
            Expr::Calculate(left, operator, right) => {
                let (a, b) = (self.value(left, around)?, self.value(right, around)?);
                calculated(&a, *operator, &b).ok_or_else(|| Wrong::NoValue(expr.to_string()))
            }
        }
    }

    /// Whether the table has every column of an expression, so that a wrong name is found before a row is.
    pub(super) fn knows(&self, expr: &Expr) -> Result<(), Wrong> {
        match expr {
            Expr::Column(column) if self.table.column(column).is_none() => Err(Wrong::NoColumn(self.name.clone(), column.clone())),
            Expr::Calculate(left, _, right) => self.knows(left).and_then(|()| self.knows(right)),
            Expr::Value(_) | Expr::Column(_) | Expr::Call(_) => Ok(()),
        }
    }

    /// The same for a test.
    pub(super) fn knows_all_of(&self, test: &Test) -> Result<(), Wrong> {
        match test {
            Test::Compare(left, _, right) => self.knows(left).and_then(|()| self.knows(right)),
            Test::And(left, right) | Test::Or(left, right) => self.knows_all_of(left).and_then(|()| self.knows_all_of(right)),
        }
    }

    /// Whether the row passes a test. Both sides of `AND` and `OR` are worked out.
    pub(super) fn passes(&self, test: &Test, around: &mut dyn Around) -> Result<bool, Wrong> {
        match test {
            Test::Compare(left, how, right) => Ok(compared(&self.value(left, around)?, *how, &self.value(right, around)?)),
            Test::And(left, right) => Ok(self.passes(left, around)? & self.passes(right, around)?),
            Test::Or(left, right) => Ok(self.passes(left, around)? | self.passes(right, around)?),
        }
    }
}

/// What a function gives.
pub(super) fn called(function: Function, now: Number, around: &mut dyn Around) -> Cell {
    match function {
        Function::Now => Cell::Number(now),
        Function::Rand => Cell::Number(around.random()),
        Function::Uuid => Cell::Text(around.unique()),
    }
}

/// `None`: it cannot be worked out.
fn calculated(a: &Cell, operator: Operator, b: &Cell) -> Option<Cell> {
    let (Cell::Number(a), Cell::Number(b)) = (a, b) else {
        let nothing = *a == Cell::Null || *b == Cell::Null;
        return nothing.then_some(Cell::Null);
    };
    let number = match operator {
        Operator::Plus => a.plus(*b),
        Operator::Minus => a.minus(*b),
        Operator::Times => a.times(*b),
        Operator::Over => a.over(*b),
    };
    number.map(Cell::Number)
}

/// With nothing on either side no comparison is passed.
fn compared(a: &Cell, how: Comparison, b: &Cell) -> bool {
    if *a == Cell::Null || *b == Cell::Null {
        return false;
    }
    let order = a.cmp(b);
    match how {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::Other => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::AtMost => order != Ordering::Greater,
        Comparison::More => order == Ordering::Greater,
        Comparison::AtLeast => order != Ordering::Less,
    }
}
