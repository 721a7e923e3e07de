//! The facts of statements and tables.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, int};

use super::super::Replicated;
use super::super::facts::{ids, of_leader, server};

/// What became of statements, and what the tables hold.
pub(crate) static STATEMENTS: [Fact<Replicated>; 9] = [
    int("committed", "Transactions, single statements included, that leaders put into their logs.", |live| {
        FactValue::int(live.watched().copies.committed)
    }),
    int("rows_changed", "Rows that they changed on the leader, added or took away.", |live| {
        FactValue::int(live.watched().copies.rows as usize)
    }),
    int("log_bytes", "Bytes that leaders put into their logs for them: what each follower is sent, without headers.", |live| {
        FactValue::int(live.watched().copies.bytes as usize)
    }),
    int(
        "rows_differing",
        "Rows of tables that are not the same on all servers, of those that run and have applied as much as the newest leader: what is late is not different. A server that has fallen behind counts as it did before.",
        |live| FactValue::int(live.watched().copies.differing().len()),
    ),
    fact("rows_wrong", FactKind::Named(Keys::Nodes), "For each server: rows that are not as on the newest leader.", |live| {
        let wrong = |id| live.watched().copies.differing_on(id) as f64;
        FactValue::Named(ids(live.sim()).map(|id| (id.to_string(), wrong(id))).collect())
    }),
    int("cannot_run", "Statements that a follower could not run though its leader had.", |live| {
        FactValue::int(live.watched().copies.cannot_run)
    }),
    int("keys_twice", "Keys that a table gave to two new rows, both told ok.", |live| FactValue::int(live.watched().copies.given_twice)),
    int("transactions", "Transactions under way: begun by a client and not ended, or at work up to their commit.", |live| {
        let under_way = |id| server(live.sim(), id).map_or(0, |server| server.sql.under_way());
        FactValue::int(ids(live.sim()).map(under_way).sum())
    }),
    fact("rows", FactKind::Named(Keys::Any), "For each table: how many rows it has on the newest leader.", |live| {
        of_leader(live, |leader| {
            let tables = server(live.sim(), leader).into_iter().flat_map(|server| server.sql.tables());
            FactValue::Named(tables.map(|(name, table)| (name.to_string(), table.len() as f64)).collect())
        })
    }),
];
