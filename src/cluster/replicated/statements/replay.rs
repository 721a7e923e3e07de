//! A server applies what the log carries of a transaction.

use std::sync::Arc;

use crate::algo::sql::{self, Effect, Placed, Statement, Tables};
use crate::sim::time::Span;

use super::super::message;
use super::super::server::{Context, Server};
use super::engine::{Surroundings, place};
use super::lead::work;
use super::shipped::{Body, Shipped};
use super::told::Note;

impl Server {
    /// Applies an entry to the tables: what was run here before, or what the entry says itself; else it is run, and kept. `false`: its disk
    /// is full.
    pub(in super::super) fn replay(&mut self, index: u64, shipped: &Shipped, cx: &mut Context<'_>) -> bool {
        let (id, order) = (cx.id(), cx.settings().row_order);
        let sql = self.sql_mut();
        sql.version += 1;
        if cx.disk().redo.apply(index, shipped, &mut sql.tables, &|row| place(id, order, row)) {
            return true;
        }
        let Body::Text(statements) = &shipped.body else { return true };
        let effect = self.run_again(statements, cx);
        let kept = effect.clone();
        if cx.write(|disk| disk.redo.keep(index, kept)).is_err() {
            self.say_full(cx);
            return false;
        }
        effect.apply(&mut self.sql_mut().tables, &Placed::Exactly);
        true
    }

    /// Runs a leader's statements again, in this server's own surroundings.
    fn run_again(&mut self, statements: &[Statement], cx: &mut Context<'_>) -> Arc<Effect> {
        let mut tables = self.sql.tables.clone();
        let mut effect = Effect::default();
        for statement in statements {
            let text: Arc<str> = statement.to_string().into();
            let note = match self.run_here(statement, &tables, cx) {
                Ok((_, ran)) => {
                    ran.effect.apply(&mut tables, &Placed::Exactly);
                    let rows = ran.effect.rows();
                    effect.changes.extend(ran.effect.changes);
                    Note::RanAgain { text, rows }
                }
                Err(why) => Note::CannotRun { text, why: why.into() },
            };
            cx.note(message::Note::Statement(note));
        }
        Arc::new(effect)
    }

    /// How long it takes to apply an entry: for each row that it looks at, and each that it writes.
    pub(in super::super) fn replay_takes(&self, index: u64, cx: &Context<'_>) -> Span {
        let shipped = cx.disk().get(index).and_then(|entry| entry.statements().cloned());
        match shipped {
            Some(shipped) if cx.settings().row_time > Span::ZERO => work(self.replay_rows(index, &shipped, cx), cx),
            _ => Span::ZERO,
        }
    }

    fn replay_rows(&self, index: u64, shipped: &Shipped, cx: &Context<'_>) -> u64 {
        let (id, order) = (cx.id(), cx.settings().row_order);
        let mut tables = self.sql.tables.clone();
        match (cx.disk().redo.get(index), &shipped.body) {
            (Some(effect), _) | (None, Body::Records(effect)) => effect.rows(),
            (None, Body::Rows(effect)) => effect.rows() + effect.apply(&mut tables, &Placed::ByValue(&|row| place(id, order, row))),
            (None, Body::Text(statements)) => self.trial(statements, tables, cx),
        }
    }

    /// How many rows statements would look at or write.
    fn trial(&self, statements: &[Statement], mut tables: Tables, cx: &Context<'_>) -> u64 {
        let mut around = Surroundings::of_trial(&self.sql.handed, cx);
        let mut rows = 0;
        for statement in statements {
            if let Ok(ran) = sql::run(statement, &tables, &mut around) {
                ran.effect.apply(&mut tables, &Placed::Exactly);
                rows += ran.looked + ran.effect.rows();
            }
        }
        rows
    }
}
