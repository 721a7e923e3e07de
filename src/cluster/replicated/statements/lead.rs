//! A leader takes a statement: runs it, and commits it into the log.

use std::sync::Arc;

use crate::algo::sql::{self, Effect, Ran, Statement, Tables};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::super::entry::Change;
use super::super::server::{Context, Server, Timer, answer_now, refuse};
use super::engine::{Engine, Lock, Surroundings, advance};
use super::format::LogFormat;
use super::shipped::{Body, Shipped};
use super::told::{Note, Told};

/// What a client has run and not committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Transaction {
    /// The requests that it is made of.
    requests: Vec<RequestId>,
    /// Its statements, as the log would carry them.
    statements: Vec<Statement>,
    /// What they did.
    effect: Effect,
    /// How many rows were looked at or written.
    work: u64,
    /// The rows that it changes.
    locks: Vec<Lock>,
    /// What its client is told at the end.
    told: Told,
}

/// A transaction that takes its time, up to the commit.
#[derive(Clone, Debug)]
pub(super) struct Running {
    client: NodeId,
    request: RequestId,
    transaction: Transaction,
}

/// What is answered at once; `None`: it is answered once it is in the log.
type Outcome = Result<Option<Told>, String>;

impl Server {
    /// The tables, to be changed.
    pub(super) fn sql_mut(&mut self) -> &mut Engine {
        Arc::make_mut(&mut self.sql)
    }

    /// A leader takes a statement that can change something.
    pub(in super::super) fn take_statement(&mut self, client: NodeId, request: RequestId, statement: &Statement, cx: &mut Context<'_>) {
        if !self.sql_mut().heard.insert(request.0) {
            return;
        }
        let outcome = match statement {
            Statement::Begin => self.begin_transaction(client),
            Statement::Rollback => {
                self.sql_mut().open.remove(&client).map(|_| Some(Told::word("rolled back"))).ok_or_else(|| none_open(client))
            }
            Statement::Commit => match self.sql_mut().open.remove(&client) {
                Some(transaction) => Ok(self.end_transaction(client, request, transaction, cx)),
                None => Err(none_open(client)),
            },
            _ => self.run_statement(client, request, statement, cx),
        };
        match outcome {
            Ok(Some(told)) => answer_now(client, request, told, self.applied, cx),
            Ok(None) => {}
            Err(why) => refuse(client, request, why.into(), cx),
        }
    }

    fn begin_transaction(&mut self, client: NodeId) -> Outcome {
        if self.sql.open.contains_key(&client) {
            return Err(format!("{client} has a transaction open already; COMMIT or ROLLBACK ends it"));
        }
        self.sql_mut().open.insert(client, Transaction::default());
        Ok(Some(Told::word("begun")))
    }

    fn run_statement(&mut self, client: NodeId, request: RequestId, statement: &Statement, cx: &mut Context<'_>) -> Outcome {
        let open = self.sql.open.get(&client).cloned();
        let is_open = open.is_some();
        let mut transaction = open.unwrap_or_default();
        let tables = self.seen_by(&transaction, cx);
        let (statement, ran) = self.run_here(statement, &tables, cx)?;
        let locks = Lock::all(&ran.effect, &tables);
        self.free_for(client, &locks)?;
        let told = Told::of(&statement, &ran);
        transaction.add(request, statement, ran, locks, &told);
        if !is_open {
            transaction.told.text = told.text;
            return Ok(self.end_transaction(client, request, transaction, cx));
        }
        self.sql_mut().open.insert(client, transaction);
        Ok(Some(told.so_far()))
    }

    /// Reads by a statement: a client sees what its own transaction did.
    pub(in super::super) fn answer_select(&mut self, client: NodeId, request: RequestId, statement: &Statement, cx: &mut Context<'_>) {
        let mut tables = self.sql.tables.clone();
        if let Some(transaction) = self.sql.open.get(&client) {
            transaction.effect.apply(&mut tables, &sql::Placed::Exactly);
        }
        match self.run_here(statement, &tables, cx) {
            Ok((_, ran)) => answer_now(client, request, Told { changed: false, ..Told::of(statement, &ran) }, self.applied, cx),
            Err(why) => refuse(client, request, why.into(), cx),
        }
    }

    /// The tables as of the end of the log, with what the transaction did.
    fn seen_by(&self, transaction: &Transaction, cx: &Context<'_>) -> Tables {
        let mut tables = self.sql.tables.clone();
        advance(&mut tables, cx.id(), cx.settings(), cx.disk(), self.applied + 1..=cx.disk().last());
        transaction.effect.apply(&mut tables, &sql::Placed::Exactly);
        tables
    }

    /// Runs a statement in the server's own surroundings, and how the log would carry it: functions are replaced before it runs, so that
    /// the leader too runs what it sends.
    pub(super) fn run_here(&mut self, statement: &Statement, tables: &Tables, cx: &mut Context<'_>) -> Result<(Statement, Ran), String> {
        let mut around = Surroundings::of(&self.sql.handed, cx);
        let statement = match cx.settings().log_format {
            LogFormat::Rewritten if self.is_leader() => sql::rewritten(statement, &mut around),
            _ => statement.clone(),
        };
        let ran = sql::run(&statement, tables, &mut around);
        // A key that was handed out is gone, whatever became of the statement.
        self.sql_mut().handed = around.handed;
        ran.map(|ran| (statement, ran)).map_err(|wrong| wrong.to_string())
    }

    /// Whether no other transaction changes these rows.
    fn free_for(&self, client: NodeId, locks: &[Lock]) -> Result<(), String> {
        let open = self.sql.open.iter().filter(|(other, _)| **other != client).map(|(other, transaction)| (*other, transaction));
        let running = self.sql.running.iter().map(|running| (running.client, &running.transaction));
        for (other, transaction) in open.chain(running) {
            if let Some(lock) = locks.iter().find(|lock| transaction.locks.iter().any(|held| held.meets(lock))) {
                return Err(format!("{} is locked by a transaction of {other}, which is not committed", lock.says()));
            }
        }
        Ok(())
    }

    /// Commits, once as much time has passed as the work takes. What it comes to at once, where the log gets nothing.
    fn end_transaction(&mut self, client: NodeId, request: RequestId, mut transaction: Transaction, cx: &mut Context<'_>) -> Option<Told> {
        if transaction.requests.last() != Some(&request) {
            transaction.requests.push(request);
        }
        let is_empty = match cx.settings().log_format {
            LogFormat::Statement | LogFormat::Rewritten => transaction.statements.is_empty(),
            LogFormat::Row | LogFormat::WriteAhead => transaction.effect.changes.is_empty(),
        };
        if is_empty {
            return Some(Told { changed: false, ..transaction.told });
        }
        match work(transaction.work, cx) {
            Span::ZERO => self.commit(client, request, transaction, cx),
            takes => {
                self.sql_mut().running.push(Running { client, request, transaction });
                cx.work(takes, Timer::Commit(request));
            }
        }
        None
    }

    /// A transaction has had its time.
    pub(in super::super) fn on_commit(&mut self, request: RequestId, cx: &mut Context<'_>) {
        let Some(at) = self.sql.running.iter().position(|running| running.request == request) else { return };
        let Running { client, request, transaction } = self.sql_mut().running.remove(at);
        if self.is_leader() {
            self.commit(client, request, transaction, cx);
        }
    }

    fn commit(&mut self, client: NodeId, request: RequestId, transaction: Transaction, cx: &mut Context<'_>) {
        let Transaction { requests, statements, effect, told, .. } = transaction;
        let effect = Arc::new(effect);
        let body = match cx.settings().log_format {
            LogFormat::Statement | LogFormat::Rewritten => Body::Text(statements.into()),
            LogFormat::Row => Body::Rows(effect.clone()),
            LogFormat::WriteAhead => Body::Records(effect.clone()),
        };
        let shipped = Shipped { requests: requests.into(), body };
        let (rows, bytes) = (effect.rows(), shipped.bytes());
        let index = super::super::replicate::append(Change::Run(Arc::new(shipped)), None, cx);
        let kept = index.filter(|index| cx.write(|disk| disk.redo.keep(*index, effect)).is_ok());
        let Some(index) = kept else {
            return refuse(client, request, "its disk is full".into(), cx);
        };
        cx.note(super::super::message::Note::Statement(Note::Committed { index, rows, bytes }));
        self.wait_for(index, client, request, Some(Arc::new(told)));
        self.replicate(cx);
    }
}

impl Transaction {
    fn add(&mut self, request: RequestId, statement: Statement, ran: Ran, locks: Vec<Lock>, told: &Told) {
        self.requests.push(request);
        self.statements.push(statement);
        self.work += ran.looked + ran.effect.rows();
        self.effect.changes.extend(ran.effect.changes);
        self.locks.extend(locks);
        self.told.keys.extend(told.keys.iter().cloned());
        (self.told.changed, self.told.text) = (true, "committed".to_string());
    }
}

fn none_open(client: NodeId) -> String {
    format!("no transaction of {client} is open here")
}

/// How long it takes to look at, or write, so many rows.
pub(super) fn work(rows: u64, cx: &Context<'_>) -> Span {
    Span(cx.settings().row_time.0.saturating_mul(rows))
}
