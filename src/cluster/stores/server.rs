//! A server of a shop: one shard of its rows or documents, with locks, a log, and statements that wait.

use imbl::Vector;
use std::sync::Arc;

use crate::algo::mvcc::{Level, Step};
use crate::cluster::kit::fsync::{Fsync, recorded};
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;

use super::commit::Coordination;
use super::disk::{Disk, Entry, Promised};
use super::message::{Failed, Msg, Tx};
use super::note::Note;
use super::run::{self, Ran, Rows};
use super::shop::{self, Shop, Table};
use super::statement::{Statement, Told};
use super::{Context, place};

/// Its process.
#[derive(Clone, Debug)]
pub struct Server {
    /// Which shop it is of.
    pub shop: Shop,
    /// The rows, and the transactions over them.
    pub rows: Rows,
    /// Transactions of several statements, and those that are promised.
    pub sessions: OrdMap<Tx, Session>,
    /// Statements that wait for locks, in the order in which they came.
    parked: Vec<Job>,
    /// What is to be done if nothing happens before.
    pub(super) due: Tries<Due>,
    /// What is to be done once the log up to an entry is on the disk.
    unsynced: Vector<(u64, After)>,
    /// Commits over several shards that this one decides.
    pub coordinated: OrdMap<Tx, Coordination>,
    /// Promised by an earlier life, without their locks.
    pub(super) unlocked: OrdMap<Tx, Promised>,
    /// The number of the next order.
    next_order: u32,
    /// Transactions that are over here, the newest last: a statement that comes late does not begin one of them again.
    over: Vector<Tx>,
}

/// So many are remembered.
const OVER: usize = 256;

/// A transaction of several statements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    /// Statements may come.
    Active,
    /// Its commit is on its way to the disk.
    Ending,
    /// Its promise is on its way to the disk.
    Promising,
    /// It is promised, and this coordinator decides.
    Promised(NodeId),
}

/// A statement and who waits for it.
#[derive(Clone, Debug)]
struct Job {
    client: NodeId,
    tx: Tx,
    alone: bool,
    statement: Arc<Statement>,
}

/// What is to be done if nothing happens before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The application has forgotten this transaction.
    Idle(Tx),
    /// A statement has waited too long.
    Lock(Tx),
    /// Promises are missing.
    Votes(Tx),
    /// The decision has to be said again.
    Tell(Tx),
    /// The decision has to be asked for.
    Doubt(Tx),
}

/// What is to be done once it is on the disk.
#[derive(Clone, Debug)]
pub(super) enum After {
    /// Show what a statement changed that is committed by itself.
    Ran(NodeId, Tx, Told),
    /// Show what a transaction changed.
    Commit(NodeId, Tx),
    /// Promise to another shard.
    Promise(NodeId, Tx),
    /// Count the own promise.
    OwnPromise(Tx),
    /// Tell the decision.
    Decided(Tx),
    /// Show what a decision commits here, and say that it is done.
    Done(NodeId, Tx),
}

impl Due {
    pub(super) fn tx(self) -> Tx {
        match self {
            Due::Idle(tx) | Due::Lock(tx) | Due::Votes(tx) | Due::Tell(tx) | Due::Doubt(tx) => tx,
        }
    }
}

impl Server {
    /// Whose statements wait here for a lock.
    pub fn parked(&self) -> impl Iterator<Item = Tx> {
        self.parked.iter().map(|job| job.tx)
    }

    /// Boots from the disk, or with the shop as it is at the start.
    pub fn boot(cx: &mut Context<'_>) -> Server {
        let (shop, shard) = place(cx.id(), cx.settings());
        let anew = !cx.disk().founded;
        if anew {
            let rows = shop::start(shop, shard, cx.settings());
            // A disk that is full from the start holds an empty shop.
            _ = cx.write(|disk| disk.found(rows));
            cx.sync();
        }
        let recovered = cx.disk().recover();
        let mut server = Server {
            shop,
            rows: recovered.engine(),
            sessions: OrdMap::new(),
            parked: Vec::new(),
            due: Tries::default(),
            unsynced: Vector::new(),
            coordinated: OrdMap::new(),
            unlocked: OrdMap::new(),
            next_order: 0,
            over: Vector::new(),
        };
        if !cx.is_first_boot() {
            let at = cx.disk().written;
            cx.note(Note::Recovered {
                at,
                undone: recovered.undone.keys().copied().collect(),
                promised: recovered.promised.keys().copied().collect(),
                committed: recovered.committed.clone(),
                anew,
            });
        }
        server.take_up(recovered, cx);
        server.next_order = server.greatest_order().max(cx.settings().orders) + 1;
        server
    }

    fn greatest_order(&self) -> u32 {
        let number = |owner: &str| owner.rsplit('-').next().and_then(|number| number.parse().ok());
        let rows = self.rows.committed().map(|(id, _)| id).chain(self.rows.locked().map(|(_, id)| id));
        rows.filter(|id| id.table == Table::Orders).filter_map(|id| number(&id.owner)).max().unwrap_or(0)
    }

    pub(super) fn on_run(
        &mut self,
        client: NodeId,
        tx: Tx,
        (begins, alone): (bool, bool),
        statement: Arc<Statement>,
        cx: &mut Context<'_>,
    ) {
        let job = Job { client, tx, alone, statement };
        if self.over.contains(&tx) {
            return cx.send(client, Msg::Ran { tx, told: Err(Failed::Gone) });
        }
        if alone && self.rows.transaction(tx).is_none() {
            self.rows.begin(tx, Level::ReadCommitted, false);
        } else if begins && !self.sessions.contains_key(&tx) && !alone {
            let (level, no_wait) = cx.settings().level(self.shop);
            self.rows.begin(tx, level, no_wait);
            self.sessions.insert(tx, Session::Active);
        } else if alone || self.sessions.get(&tx) != Some(&Session::Active) {
            return cx.send(client, Msg::Ran { tx, told: Err(Failed::Gone) });
        }
        self.attempt(job, false, cx);
    }

    /// Runs a statement, or lets it wait.
    fn attempt(&mut self, job: Job, again: bool, cx: &mut Context<'_>) {
        match run::run(&mut self.rows, job.tx, &job.statement, cx.settings().index, self.next_order) {
            Step::Done(ran) => self.ran(&job, ran, cx),
            Step::Aborted(why) => self.fail(&job, Failed::Aborted(why), cx),
            Step::Waits(holders) => {
                if let (false, Some(holder)) = (again, holders.first()) {
                    cx.note(Note::Waits { tx: job.tx, holder: *holder });
                    self.later(Due::Lock(job.tx), cx.settings().lock_timeout, cx);
                }
                self.parked.push(job);
            }
        }
    }

    fn ran(&mut self, job: &Job, ran: Ran, cx: &mut Context<'_>) {
        let Job { client, tx, alone, .. } = *job;
        let wrote = ran.wrote.iter().map(|(id, version, _)| (id.clone(), *version)).collect();
        let has_written = !ran.wrote.is_empty();
        let written = cx.write(|disk| {
            for (id, version, value) in ran.wrote {
                disk.log(Entry::Wrote { tx, id, version, value });
            }
            if alone && has_written {
                disk.log(Entry::Committed { tx });
            }
        });
        if has_written && written.is_err() {
            cx.note(Note::DiskFull);
            return self.fail(job, Failed::DiskFull, cx);
        }
        self.next_order += u32::from(ran.told.made.is_some());
        cx.note(Note::Ran { tx, reads: ran.reads, locked: ran.locked, wrote });
        self.due.drop_if(|due| due.tx() == tx);
        match (alone, has_written) {
            (true, true) => self.after(After::Ran(client, tx, ran.told), cx),
            (true, false) => {
                self.rows.abort(tx);
                cx.send(client, Msg::Ran { tx, told: Ok(ran.told) });
            }
            (false, _) => {
                self.later(Due::Idle(tx), cx.settings().idle_timeout, cx);
                cx.send(client, Msg::Ran { tx, told: Ok(ran.told) });
            }
        }
    }

    fn fail(&mut self, job: &Job, failed: Failed, cx: &mut Context<'_>) {
        cx.send(job.client, Msg::Ran { tx: job.tx, told: Err(failed) });
        self.abort(job.tx, Some(failed), cx);
    }

    /// Ends a transaction, of which nothing is left.
    pub(super) fn abort(&mut self, tx: Tx, why: Option<Failed>, cx: &mut Context<'_>) {
        self.sessions.remove(&tx);
        self.ends(tx);
        self.due.drop_if(|due| due.tx() == tx);
        self.parked.retain(|job| job.tx != tx);
        if let Some(promised) = self.unlocked.remove(&tx) {
            self.rows.restore(tx, promised.writes);
        }
        if self.rows.transaction(tx).is_none() {
            return;
        }
        let wrote = self.rows.abort(tx);
        if wrote > 0 {
            // Without this entry it counts as aborted too.
            _ = cx.write(|disk| disk.log(Entry::Aborted { tx }));
        }
        cx.note(Note::Dropped { tx, wrote, why });
        self.wake(cx);
    }

    /// Nothing of a transaction may come any more.
    fn ends(&mut self, tx: Tx) {
        if !self.over.contains(&tx) {
            self.over.push_back(tx);
        }
        if self.over.len() > OVER {
            self.over.pop_front();
        }
    }

    /// What a transaction has written counts from now on.
    pub(super) fn install(&mut self, tx: Tx, at: u64, cx: &mut Context<'_>) {
        self.sessions.remove(&tx);
        self.ends(tx);
        self.due.drop_if(|due| due.tx() == tx && !matches!(due, Due::Tell(_)));
        if let Ok(wrote) = self.rows.commit(tx) {
            let wrote = wrote.into_iter().map(|(id, version, _)| (id, version)).collect();
            cx.note(Note::Installed { tx, wrote, at });
        }
        self.wake(cx);
    }

    /// A transaction has ended: whoever waits tries again, in the order in which they came.
    fn wake(&mut self, cx: &mut Context<'_>) {
        for job in std::mem::take(&mut self.parked) {
            // One that was tried before this one may have ended it.
            if self.rows.transaction(job.tx).is_some() {
                self.attempt(job, true, cx);
            }
        }
    }

    pub(super) fn later(&mut self, due: Due, span: crate::sim::time::Span, cx: &mut Context<'_>) {
        self.due.drop_if(|other| *other == due);
        self.due.begin(due, span, cx);
    }

    /// Does it once what was logged so far is on the disk; at once where nothing waits for the disk.
    pub(super) fn after(&mut self, what: After, cx: &mut Context<'_>) {
        let at = cx.disk().written;
        recorded(cx);
        match cx.settings().fsync {
            Fsync::Always => self.unsynced.push_back((at, what)),
            Fsync::Lazy => self.act(what, at, cx),
        }
    }

    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        let safe = cx.durable().written;
        while let Some((at, what)) = self.unsynced.front().filter(|(at, _)| *at <= safe).cloned() {
            self.unsynced.pop_front();
            self.act(what, at, cx);
        }
    }

    fn act(&mut self, what: After, at: u64, cx: &mut Context<'_>) {
        match what {
            After::Ran(client, tx, told) => {
                self.install(tx, at, cx);
                cx.send(client, Msg::Ran { tx, told: Ok(told) });
            }
            After::Commit(client, tx) => {
                self.install(tx, at, cx);
                cx.send(client, Msg::Committed { tx, done: Ok(()) });
            }
            After::Promise(coordinator, tx) => self.promise(coordinator, tx, cx),
            After::OwnPromise(tx) => self.on_vote(cx.id(), tx, true, cx),
            After::Decided(tx) => self.tell(tx, at, cx),
            After::Done(coordinator, tx) => {
                self.install(tx, at, cx);
                cx.send(coordinator, Msg::Done { tx });
            }
        }
    }

    /// A commit by this server alone; with others, it begins to gather promises.
    pub(super) fn on_commit(&mut self, client: NodeId, tx: Tx, others: &Arc<[NodeId]>, cx: &mut Context<'_>) {
        if self.sessions.get(&tx) != Some(&Session::Active) {
            if !self.coordinated.contains_key(&tx) {
                cx.send(client, Msg::Committed { tx, done: Err(Failed::Gone) });
            }
            return;
        }
        if !others.is_empty() {
            return self.coordinate(client, tx, others, cx);
        }
        let ended = self.rows.prepare(tx).map_err(Failed::Aborted).and_then(|()| self.log_end(tx, Entry::Committed { tx }, cx));
        match ended {
            Ok(()) => self.after(After::Commit(client, tx), cx),
            Err(failed) => {
                cx.send(client, Msg::Committed { tx, done: Err(failed) });
                self.abort(tx, Some(failed), cx);
            }
        }
    }

    /// Logs how a transaction ends, or that it is promised: no statement comes any more.
    pub(super) fn log_end(&mut self, tx: Tx, entry: Entry, cx: &mut Context<'_>) -> Result<(), Failed> {
        let session = if matches!(entry, Entry::Promised { .. }) { Session::Promising } else { Session::Ending };
        if cx.write(|disk: &mut Disk| disk.log(entry)).is_err() {
            cx.note(Note::DiskFull);
            return Err(Failed::DiskFull);
        }
        self.due.drop_if(|due| due.tx() == tx);
        self.sessions.insert(tx, session);
        Ok(())
    }

    pub(super) fn on_rollback(&mut self, tx: Tx, cx: &mut Context<'_>) {
        // What is on its way to the disk, or promised, is not the application's to take back.
        match self.sessions.get(&tx) {
            Some(Session::Active) => self.abort(tx, None, cx),
            Some(_) => {}
            // Its statement may be behind it on the wire.
            None => self.ends(tx),
        }
    }

    pub(super) fn on_due(&mut self, cx: &mut Context<'_>) {
        for due in self.due.overdue(cx) {
            match due {
                Due::Idle(tx) => self.abort(tx, Some(Failed::Idle), cx),
                Due::Lock(tx) => {
                    let at = self.parked.iter().position(|job| job.tx == tx);
                    if let Some(job) = at.map(|at| self.parked.remove(at)) {
                        self.fail(&job, Failed::LockTimeout, cx);
                    }
                }
                Due::Votes(tx) => self.decide_abort(tx, Failed::NoVote, cx),
                Due::Tell(tx) => self.tell_again(tx, cx),
                Due::Doubt(tx) => self.doubt(tx, cx),
            }
        }
    }
}
