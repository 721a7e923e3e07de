//! Two-phase commit: the first shard of a transaction asks the others to promise, and decides. After Gray 1978 and Mohan et al. 1986
//! (presumed abort): only commits are logged, and a transaction that the coordinator does not know was aborted.

use std::sync::Arc;

use crate::persistent::OrdSet;
use crate::sim::id::NodeId;

use super::Context;
use super::disk::{Entry, Recovered};
use super::message::{Failed, Msg, Tx};
use super::note::Note;
use super::server::{After, Due, Server, Session};
use super::settings::{Forget, InDoubt, RestartLocks, Unknown};

/// A commit over several shards, as its coordinator knows it.
#[derive(Clone, Debug)]
pub struct Coordination {
    client: NodeId,
    /// The other shards.
    others: Arc<[NodeId]>,
    /// Who has not promised, this server included.
    missing: OrdSet<NodeId>,
    /// Who has not carried out the decision.
    untold: OrdSet<NodeId>,
    /// How far it is.
    pub stage: Stage,
}

/// How far a commit over several shards is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Promises are gathered.
    Gathers,
    /// The decision to commit is on its way to the disk.
    Deciding,
    /// It is decided, and told.
    Decided,
}

/// At the coordinator.
impl Server {
    pub(super) fn coordinate(&mut self, client: NodeId, tx: Tx, others: &Arc<[NodeId]>, cx: &mut Context<'_>) {
        let untold: OrdSet<NodeId> = others.iter().copied().collect();
        let mut missing = untold.clone();
        missing.insert(cx.id());
        self.coordinated.insert(tx, Coordination { client, others: others.clone(), missing, untold, stage: Stage::Gathers });
        let coordinator = cx.id();
        let promised = self.rows.prepare(tx).map_err(Failed::Aborted);
        match promised.and_then(|()| self.log_end(tx, Entry::Promised { tx, coordinator }, cx)) {
            Ok(()) => {
                for other in others.iter() {
                    cx.send(*other, Msg::Prepare { tx });
                }
                self.later(Due::Votes(tx), cx.settings().vote_timeout, cx);
                self.after(After::OwnPromise(tx), cx);
            }
            Err(failed) => self.decide_abort(tx, failed, cx),
        }
    }

    pub(super) fn on_vote(&mut self, from: NodeId, tx: Tx, yes: bool, cx: &mut Context<'_>) {
        let Some(commit) = self.coordinated.get_mut(&tx).filter(|commit| commit.stage == Stage::Gathers) else { return };
        if !yes {
            return self.decide_abort(tx, Failed::NoVote, cx);
        }
        commit.missing.remove(&from);
        if !commit.missing.is_empty() {
            return;
        }
        commit.stage = Stage::Deciding;
        let others = commit.others.clone();
        if cx.write(|disk| disk.log(Entry::Decided { tx, others })).is_err() {
            cx.note(Note::DiskFull);
            return self.decide_abort(tx, Failed::DiskFull, cx);
        }
        self.due.drop_if(|due| *due == Due::Votes(tx));
        self.after(After::Decided(tx), cx);
    }

    pub(super) fn decide_abort(&mut self, tx: Tx, failed: Failed, cx: &mut Context<'_>) {
        let Some(commit) = self.coordinated.remove(&tx) else { return };
        cx.note(Note::Decided { tx, commit: false });
        cx.send(commit.client, Msg::Committed { tx, done: Err(failed) });
        for other in commit.others.iter() {
            cx.send(*other, Msg::Decide { tx, commit: false });
        }
        self.abort(tx, Some(failed), cx);
    }

    /// The decision is on the disk: it counts here, and everybody hears of it.
    pub(super) fn tell(&mut self, tx: Tx, at: u64, cx: &mut Context<'_>) {
        let Some(commit) = self.coordinated.get_mut(&tx) else { return };
        commit.stage = Stage::Decided;
        let client = commit.client;
        cx.note(Note::Decided { tx, commit: true });
        self.install(tx, at, cx);
        cx.send(client, Msg::Committed { tx, done: Ok(()) });
        self.tell_again(tx, cx);
    }

    pub(super) fn tell_again(&mut self, tx: Tx, cx: &mut Context<'_>) {
        let Some(commit) = self.coordinated.get(&tx) else { return };
        for other in &commit.untold {
            cx.send(*other, Msg::Decide { tx, commit: true });
        }
        self.later(Due::Tell(tx), cx.settings().resend, cx);
    }

    pub(super) fn on_done(&mut self, from: NodeId, tx: Tx, cx: &mut Context<'_>) {
        let Some(commit) = self.coordinated.get_mut(&tx).filter(|commit| commit.stage == Stage::Decided) else { return };
        commit.untold.remove(&from);
        let is_over = commit.untold.is_empty() || cx.settings().forget == Forget::ToldOne;
        // Where it cannot be logged, the decision is told again after a restart, and does no harm.
        if is_over {
            _ = cx.write(|disk| disk.log(Entry::Told { tx }));
            self.coordinated.remove(&tx);
            self.due.drop_if(|due| *due == Due::Tell(tx));
        }
    }

    /// A shard in doubt asks. What is not decided yet is not answered.
    pub(super) fn on_ask(&mut self, from: NodeId, tx: Tx, cx: &mut Context<'_>) {
        let commit = match self.coordinated.get(&tx).map(|commit| commit.stage) {
            Some(Stage::Decided) => true,
            Some(Stage::Gathers | Stage::Deciding) => return,
            None => cx.settings().unknown == Unknown::Commit,
        };
        cx.send(from, Msg::Decide { tx, commit });
    }
}

/// At another shard.
impl Server {
    pub(super) fn on_prepare(&mut self, coordinator: NodeId, tx: Tx, cx: &mut Context<'_>) {
        match self.sessions.get(&tx) {
            Some(Session::Active) => {}
            Some(Session::Promised(_)) => return cx.send(coordinator, Msg::Vote { tx, yes: true }),
            Some(Session::Promising | Session::Ending) => return,
            None => return cx.send(coordinator, Msg::Vote { tx, yes: false }),
        }
        let promised = self.rows.prepare(tx).map_err(Failed::Aborted);
        match promised.and_then(|()| self.log_end(tx, Entry::Promised { tx, coordinator }, cx)) {
            Ok(()) => self.after(After::Promise(coordinator, tx), cx),
            Err(failed) => {
                cx.send(coordinator, Msg::Vote { tx, yes: false });
                self.abort(tx, Some(failed), cx);
            }
        }
    }

    /// The promise is on the disk.
    pub(super) fn promise(&mut self, coordinator: NodeId, tx: Tx, cx: &mut Context<'_>) {
        if self.sessions.get(&tx) != Some(&Session::Promising) {
            return;
        }
        self.sessions.insert(tx, Session::Promised(coordinator));
        cx.note(Note::Promised { tx });
        cx.send(coordinator, Msg::Vote { tx, yes: true });
        self.later(Due::Doubt(tx), cx.settings().vote_timeout, cx);
    }

    pub(super) fn on_decide(&mut self, coordinator: NodeId, tx: Tx, commit: bool, cx: &mut Context<'_>) {
        match (self.sessions.get(&tx), commit) {
            (Some(Session::Promised(_)), true) => {
                if let Some(promised) = self.unlocked.remove(&tx) {
                    self.rows.restore(tx, promised.writes);
                }
                // Where it cannot be logged it stays promised, and is decided again.
                if self.log_end(tx, Entry::Committed { tx }, cx).is_ok() {
                    self.after(After::Done(coordinator, tx), cx);
                } else {
                    self.later(Due::Doubt(tx), cx.settings().resend, cx);
                }
            }
            // What is on its way to the disk is not changed by a late message; nor is a promise that is not yet given.
            (Some(Session::Ending), _) | (Some(Session::Promising), true) => {}
            (Some(_), false) => {
                self.abort(tx, Some(Failed::Told), cx);
                cx.send(coordinator, Msg::Done { tx });
            }
            (Some(Session::Active) | None, _) => cx.send(coordinator, Msg::Done { tx }),
        }
    }

    /// No decision was heard.
    pub(super) fn doubt(&mut self, tx: Tx, cx: &mut Context<'_>) {
        let Some(Session::Promised(coordinator)) = self.sessions.get(&tx).copied() else { return };
        if cx.settings().in_doubt == InDoubt::GiveUp {
            cx.note(Note::GaveUp { tx });
            return self.abort(tx, Some(Failed::GaveUp), cx);
        }
        cx.note(Note::InDoubt { tx, locked: !self.unlocked.contains_key(&tx) });
        cx.send(coordinator, Msg::Ask { tx });
        self.later(Due::Doubt(tx), cx.settings().resend, cx);
    }

    /// After a restart: decisions are told again, promises are kept, and what was not promised is undone.
    pub(super) fn take_up(&mut self, recovered: Recovered, cx: &mut Context<'_>) {
        for (tx, wrote) in recovered.undone {
            _ = cx.write(|disk| disk.log(Entry::Aborted { tx }));
            cx.note(Note::Dropped { tx, wrote, why: None });
        }
        for (tx, others) in recovered.decided {
            let untold = others.iter().copied().collect();
            let commit = Coordination { client: tx.client, others, missing: OrdSet::new(), untold, stage: Stage::Decided };
            self.coordinated.insert(tx, commit);
            self.tell_again(tx, cx);
        }
        for (tx, promised) in recovered.promised {
            let coordinator = promised.coordinator;
            self.sessions.insert(tx, Session::Promised(coordinator));
            if cx.settings().restart_locks == RestartLocks::Dropped && coordinator != cx.id() {
                self.unlocked.insert(tx, promised);
            } else {
                self.rows.restore(tx, promised.writes);
            }
            if coordinator == cx.id() {
                // It had not decided, so nobody has committed.
                self.abort(tx, None, cx);
            } else {
                self.later(Due::Doubt(tx), cx.settings().resend, cx);
            }
        }
    }
}
