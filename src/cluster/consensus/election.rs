//! Leader election (Raft, sections 5.2 and 5.4.1), with the question beforehand (dissertation, 9.6) and the protection of a leader
//! that is heard (4.2.3, 6.4). Terms and votes are on the disk before anybody is told.

use crate::cluster::kit::fsync::{counts, durably, recorded};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::log::{Command, Disk};
use super::message::{Ballot, Msg};
use super::note::{Cause, Denial, Note};
use super::replication::Lead;
use super::server::{Context, Role, Server, Timer};
use super::settings::Reads;

/// What a candidate keeps in memory.
#[derive(Clone, Debug)]
pub struct Poll {
    /// What it asks.
    pub ballot: Ballot,
    /// Who agreed, itself included.
    pub granted: Vec<NodeId>,
}

impl Server {
    /// Whether it knows of a leader that must not be deposed: it leads, or heard from one within the shortest timeout, or has just
    /// started and may have heard before.
    fn hears_leader(&self, cx: &Context<'_>) -> bool {
        self.is_leader() || self.silent(cx) < cx.settings().election_timeout.0
    }

    pub(super) fn on_election(&mut self, cx: &mut Context<'_>) {
        await_leader(cx);
        let cause = self.cause(cx);
        if cx.settings().reads == Reads::Lease && self.hears_leader(cx) {
            return cx.note(Note::HeardLately { leader: self.leader, silent: self.silent(cx) });
        }
        let term = cx.disk().term + 1;
        if cx.settings().pre_vote {
            cx.note(Note::AsksFirst { cause, term });
            self.lose_leader(cx);
            self.poll(Ballot { term, position: cx.disk().position(), pre: true, transfer: false }, cx);
            return self.ask_for_votes(cx);
        }
        cx.note(Note::Stands { cause, term });
        self.stand(false, cx);
    }

    /// Begins a new term as a candidate for it.
    pub(super) fn stand(&mut self, transfer: bool, cx: &mut Context<'_>) {
        let (term, me) = (cx.disk().term + 1, cx.id());
        if cx.write(|disk| disk.begin(term, Some(me))).is_err() {
            self.say_full(cx);
            return self.follow(cx);
        }
        match cx.settings().vote_write.clone() {
            Some(takes) => {
                let takes = takes.sample(&mut cx.rng());
                cx.sync_taking(takes);
            }
            None => recorded(cx),
        }
        self.lose_leader(cx);
        self.poll(Ballot { term, position: cx.disk().position(), pre: false, transfer }, cx);
        self.ask_for_votes(cx);
    }

    fn poll(&mut self, ballot: Ballot, cx: &Context<'_>) {
        self.role = Role::Candidate(Poll { ballot, granted: vec![cx.id()] });
    }

    /// Its own vote counts like the others, so it is on the disk before anybody is asked.
    fn ask_for_votes(&mut self, cx: &mut Context<'_>) {
        let Role::Candidate(Poll { ballot, .. }) = &self.role else { return };
        let (ballot, me) = (*ballot, cx.id());
        for to in cx.servers().filter(|to| *to != me) {
            durably(to, Msg::RequestVote(ballot), cx);
        }
        self.count_votes(cx);
    }

    pub(super) fn on_request_vote(&mut self, from: NodeId, ballot: Ballot, cx: &mut Context<'_>) {
        let denied = if ballot.pre { self.would_deny(&ballot, cx) } else { self.vote(from, &ballot, cx) };
        if let Err(why) = denied {
            cx.note(Note::Denies { candidate: from, why });
        }
        let term = cx.disk().term;
        durably(from, Msg::Vote { ballot, term, granted: denied.is_ok() }, cx);
    }

    /// Why it would not vote for somebody. Nothing is promised, and nothing changes.
    fn would_deny(&self, ballot: &Ballot, cx: &Context<'_>) -> Result<(), Denial> {
        if ballot.term <= cx.disk().term {
            return Err(Denial::OldTerm);
        }
        if self.hears_leader(cx) {
            return Err(Denial::Hears(self.leader));
        }
        if ballot.position < cx.disk().position() { Err(Denial::Behind) } else { Ok(()) }
    }

    /// Gives its vote, or says why not.
    fn vote(&mut self, from: NodeId, ballot: &Ballot, cx: &mut Context<'_>) -> Result<(), Denial> {
        let protects = cx.settings().reads == Reads::Lease && !ballot.transfer && self.hears_leader(cx);
        if protects {
            // Not even the newer term is taken over: the leader would lose it.
            return Err(Denial::Hears(self.leader));
        }
        if !self.observe(ballot.term, cx) {
            return Err(Denial::DiskFull);
        }
        let Disk { term, voted_for, .. } = cx.disk();
        if ballot.term < *term {
            return Err(Denial::OldTerm);
        }
        if let Some(other) = voted_for.filter(|other| *other != from) {
            return Err(Denial::Voted(other));
        }
        if ballot.position < cx.disk().position() {
            return Err(Denial::Behind);
        }
        cx.write(|disk| disk.voted_for = Some(from)).map_err(|_| Denial::DiskFull)?;
        cx.note(Note::Votes { candidate: from, term: ballot.term });
        // Whoever votes stops asking first, and gives the candidate time.
        self.follow(cx);
        await_leader(cx);
        Ok(())
    }

    pub(super) fn on_vote(&mut self, from: NodeId, ballot: &Ballot, term: u64, granted: bool, cx: &mut Context<'_>) {
        if !self.observe(term, cx) {
            return;
        }
        let Role::Candidate(poll) = &mut self.role else { return };
        // Votes of one ballot are those of one term. One voter has one vote, however often it arrives.
        if granted && poll.ballot == *ballot && !poll.granted.contains(&from) {
            poll.granted.push(from);
            self.count_votes(cx);
        }
    }

    /// Leads, or stands, once a majority agrees.
    pub(super) fn count_votes(&mut self, cx: &mut Context<'_>) {
        let Role::Candidate(poll) = &self.role else { return };
        if poll.granted.len() < majority(cx) {
            return;
        }
        if poll.ballot.pre {
            cx.note(Note::Stands { cause: Cause::Wanted, term: poll.ballot.term });
            self.stand(false, cx);
        } else if counts(cx).term == cx.disk().term {
            self.win(cx);
        }
    }

    fn win(&mut self, cx: &mut Context<'_>) {
        let (term, start) = (cx.disk().term, cx.disk().last() + 1);
        if cx.settings().no_op && super::replication::append(Command::NoOp, cx).is_none() {
            self.say_full(cx);
            return self.follow(cx);
        }
        cx.note(Note::Leads { term, start });
        cx.cancel_timer(Timer::Election);
        self.leader = Some(cx.id());
        self.role = Role::Leader(Lead::of(start, cx));
        super::replication::watch_quorum(cx);
        self.on_heartbeat(cx);
        self.progress(cx);
    }
}

/// Sets the election timer anew, to a time drawn from the range (section 5.2).
pub(super) fn await_leader(cx: &mut Context<'_>) {
    let (low, high) = cx.settings().election_timeout;
    let more = Span(high.0 - low.0).scaled(cx.rng().unit());
    cx.set_timer(low + more, Timer::Election);
}

/// How many servers are a majority of all.
pub(super) fn majority(cx: &Context<'_>) -> usize {
    cx.server_count() / 2 + 1
}
