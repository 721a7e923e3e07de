//! Statements over small tables, in a small part of SQL: read, printed, and run against tables.
//!
//! What a statement does depends on the tables, and on what surrounds it: a clock, a random source, the next key of a table, and the
//! order in which rows are stored ([`Around`]). Whoever runs one statement twice with the same tables and surroundings gets the same
//! [`Effect`]; a server that runs it again has its own surroundings, and only an effect is the same everywhere.

mod cell;
mod effect;
mod evaluate;
mod number;
mod parse;
mod print;
mod run;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod tokens;

pub use cell::{Cell, Row};
pub use effect::{Change, Effect, Placed};
pub use evaluate::{Around, Wrong};
pub use number::Number;
pub use parse::parse;
pub use run::{Ran, rewritten, run};
pub use statement::{
    Assignment, Column, Comparison, Create, Delete, Expr, Function, Insert, Name, Operator, Pick, Select, Statement, Test, Update,
};
pub use table::{Spot, Table, Tables};
pub use tokens::BadStatement;
