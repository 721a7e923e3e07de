//! What clients ask: of registers, and of tables.

use std::sync::Arc;

use crate::algo::sql::{self, Statement};
use crate::check::operation::Value;
use crate::cluster::kit::ask::{Ask, call, calls};
use crate::cluster::kit::register;
use crate::command::{Arg, Call, CallDoc};
use crate::sim::id::RequestId;

use super::op::Op;

/// Statements to start from.
const OFFERS: &[(&str, &str)] = &[
    ("\"INSERT INTO books (title, price, stock) VALUES ('Dune', 12, 5)\"", "the table hands out the key"),
    ("\"UPDATE books SET price = price * 0.9\"", "every row"),
    ("\"UPDATE books SET stock = stock - 1 WHERE id = 2\"", "one row, by its key"),
    ("\"UPDATE books SET stock = 0 LIMIT 1\"", "whichever row comes first"),
    ("\"UPDATE books SET stock = 0 ORDER BY id LIMIT 1\"", "the first by its key"),
    ("\"INSERT INTO books (title) VALUES (UUID())\"", "NOW() and RAND() are functions too"),
    ("\"DELETE FROM books WHERE id = 1\"", "one row, by its key"),
    ("\"SELECT * FROM books WHERE id = 1\"", "a read, which goes where the setting `reads` says"),
    ("\"CREATE TABLE visits (page, at)\"", "a table without a key"),
    ("BEGIN", "what follows is one transaction"),
    ("COMMIT", "it goes into the log"),
    ("ROLLBACK", "it never happened"),
];

/// What clients ask.
pub(crate) static ASKS: [Ask<Op>; 5] = {
    let [write, read, cas, append] = register::asks();
    [write, read, cas, append, SQL]
};

/// The words of what clients ask.
pub(crate) static CALLS: [CallDoc; 5] = calls(&ASKS);

const SQL: Ask<Op> = Ask {
    doc: CallDoc {
        weight: 0,
        offers: ("STATEMENT", OFFERS),
        ..call(
            "sql",
            &["CLIENT sql STATEMENT", "CLIENT sql STATEMENT to SERVER"],
            "c1 sql \"UPDATE books SET stock = 0 LIMIT 1\"",
            "let a client run a statement: INSERT, UPDATE, DELETE, SELECT, CREATE TABLE, BEGIN, COMMIT, ROLLBACK",
        )
    },
    read: |call| statement(call).map(|statement| Op::Table(Arc::new(statement))),
    drawn: Some(|_, request| Op::Table(Arc::new(drawn(request)))),
};

fn statement(call: &Call) -> Result<Statement, String> {
    let text = call.get("STATEMENT").and_then(Arg::key).ok_or_else(|| format!("`{call}` says no statement"))?;
    sql::parse(&text).map_err(|bad| {
        let (before, after) = text.split_at(bad.offset.min(text.len()));
        let after = if after.is_empty() { "its end" } else { after };
        format!("`{text}` is no statement: after `{}`, at {after}: {bad}", before.trim_end())
    })
}

/// What a workload asks: statements that hang on nothing but the data and the log.
fn drawn(request: RequestId) -> Statement {
    let number = request.0;
    let (row, new) = (number / 4 % 4 + 1, 1000 + number / 4);
    let text = match number % 4 {
        0 => format!("UPDATE books SET price = {number} WHERE id = {row}"),
        1 => "UPDATE books SET stock = stock + 1 ORDER BY id LIMIT 2".to_string(),
        2 => format!("INSERT INTO books VALUES ({new}, 'new', {number}, 1)"),
        _ => format!("DELETE FROM books WHERE id = {new}"),
    };
    sql::parse(&text).unwrap_or(Statement::Commit)
}

/// An operation in the words of the command language.
pub(crate) fn asked(op: &Op) -> Call {
    match op {
        Op::Key(op) => register::asked(op),
        Op::Table(statement) => Call::new(&CALLS[4].verb, vec![Arg::Value(Value::Text(statement.to_string().into()))]),
    }
}
