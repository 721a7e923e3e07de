//! A server: what it keeps in memory, and the rules that bind it whatever it is (Raft, figure 2, "Rules for servers: all servers").

use crate::check::operation::Op;
use crate::cluster::kit::apply::{self, Applying};
use crate::cluster::kit::fsync::recorded;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Consensus;
use super::election::{Poll, await_leader};
use super::log::Command;
use super::machine::{Machine, Outcome};
use super::message::{Answer, Done, Msg};
use super::note::{Cause, Note};
use super::reads::Read;
use super::replication::Lead;
use super::settings::Reads;

pub(super) type Context<'a> = Cx<'a, Consensus>;

/// The timers of servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A follower or candidate has waited long enough.
    Election,
    /// A leader says that it is alive.
    Heartbeat,
    /// A leader looks whether a majority answers it.
    Quorum,
    /// A leader has waited long enough for its successor.
    Transfer,
    /// The next entry is applied.
    Apply,
    /// The operating system writes back.
    Flush,
}

impl Timer {
    /// The name that `fire n2 NAME` takes.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Timer::Election => Some("election"),
            Timer::Heartbeat => Some("heartbeat"),
            Timer::Quorum => Some("quorum"),
            Timer::Transfer => Some("transfer"),
            Timer::Apply => Some("apply"),
            Timer::Flush => None,
        }
    }
}

/// What a server is at the moment.
#[derive(Clone, Debug)]
pub enum Role {
    /// It answers leaders and candidates.
    Follower,
    /// It wants to lead.
    Candidate(Poll),
    /// It takes requests.
    Leader(Lead),
}

/// What a client asks.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) request: RequestId,
    pub(super) op: Op,
    pub(super) position: u64,
    pub(super) picked: bool,
}

/// A server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Follower, candidate or leader.
    pub role: Role,
    /// The leader of its term, as far as it knows.
    pub leader: Option<NodeId>,
    /// Its clock when it last heard from the leader of its term, or started.
    pub heard: Time,
    /// Its clock when it ceased to know of a leader, or started.
    lost: Time,
    /// Entries up to here are committed, as far as it knows.
    pub commit: u64,
    /// Entries up to here are applied.
    pub applied: u64,
    /// What they made.
    pub machine: Machine,
    /// Reads that cannot be answered yet.
    pub(super) reads: Vec<Read>,
    applying: Applying,
    /// Whether it said already that its disk is full.
    said_full: bool,
}

impl Server {
    /// Boots as a follower. What it had committed and applied it learns again from the leader.
    pub fn boot(cx: &mut Context<'_>) -> Server {
        let server = Server {
            role: Role::Follower,
            leader: None,
            heard: cx.clock(),
            lost: cx.clock(),
            commit: 0,
            applied: 0,
            machine: Machine::default(),
            reads: Vec::new(),
            applying: Applying::default(),
            said_full: false,
        };
        await_leader(cx);
        server
    }

    /// Whether it believes to lead.
    pub fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// How long it heard nothing from a leader.
    pub(super) fn silent(&self, cx: &Context<'_>) -> Span {
        cx.clock().since(self.heard)
    }

    /// Its leader and how long that one has been silent, or how long it knows of none. It may have led until then.
    pub(super) fn cause(&self, cx: &Context<'_>) -> Cause {
        match self.leader {
            Some(leader) => Cause::Of(leader, self.silent(cx)),
            None => Cause::NoLeader(cx.clock().since(self.lost)),
        }
    }

    /// It knows of no leader any more.
    pub(super) fn lose_leader(&mut self, cx: &Context<'_>) {
        if self.leader.take().is_some() {
            self.lost = cx.clock();
        }
    }

    /// Takes a newer term over and follows in it. `false`: its disk is full and cannot record the term, so the message that
    /// brought it counts as lost; but whoever led or stood in an older term does so no more, which needs no disk.
    pub(super) fn observe(&mut self, term: u64, cx: &mut Context<'_>) -> bool {
        if term <= cx.disk().term {
            return true;
        }
        let is_recorded = cx.write(|disk| disk.begin(term, None)).is_ok();
        if is_recorded {
            recorded(cx);
        } else {
            self.say_full(cx);
        }
        if self.is_leader() {
            cx.note(Note::StepsDown { newer: term });
        }
        if is_recorded || !matches!(self.role, Role::Follower) {
            self.lose_leader(cx);
        }
        self.follow(cx);
        is_recorded
    }

    /// It leads or stands no more. Requests that wait stay without an answer: nobody knows what becomes of them.
    pub(super) fn follow(&mut self, cx: &mut Context<'_>) {
        match std::mem::replace(&mut self.role, Role::Follower) {
            Role::Follower => return,
            Role::Candidate(_) => {}
            Role::Leader(_) => {
                self.reads.clear();
                await_leader(cx);
            }
        }
        for timer in [Timer::Heartbeat, Timer::Quorum, Timer::Transfer] {
            cx.cancel_timer(timer);
        }
    }

    /// Applies what is committed.
    pub(super) fn apply(&mut self, cx: &mut Context<'_>) {
        while self.applying.is_idle() && self.applied < self.committed(cx) {
            match apply::takes(cx) {
                None => self.apply_next(cx),
                Some(takes) => self.applying.begin(takes, cx),
            }
        }
        self.answer_reads(cx);
    }

    pub(super) fn on_apply(&mut self, cx: &mut Context<'_>) {
        self.applying.end();
        if self.applied < self.committed(cx) {
            self.apply_next(cx);
            cx.note(Note::Applied { index: self.applied });
        }
        self.apply(cx);
    }

    fn committed(&self, cx: &Context<'_>) -> u64 {
        self.commit.min(cx.disk().last())
    }

    fn apply_next(&mut self, cx: &mut Context<'_>) {
        let index = self.applied + 1;
        let Some(entry) = cx.disk().get(index) else { return };
        let outcome = self.machine.apply(index, &entry);
        self.applied = index;
        let Role::Leader(lead) = &mut self.role else { return };
        if let (Some(outcome), Some((client, request))) = (outcome, lead.waits_for(index)) {
            answer(client, request, outcome, index, cx);
        }
    }

    /// Entries that were applied are gone, which no sound design does: the state is made anew from those that are left.
    pub(super) fn rebuild(&mut self, last: u64, cx: &Context<'_>) {
        if self.applied <= last {
            return;
        }
        (self.applied, self.machine) = (last, Machine::default());
        for (index, entry) in (1..=last).zip(cx.disk().log.iter()) {
            self.machine.apply(index, &entry);
        }
    }

    /// A client asks.
    pub(super) fn on_ask(&mut self, client: NodeId, ask: Ask, cx: &mut Context<'_>) {
        let by_log = ask.op.is_write() || cx.settings().reads == Reads::Log;
        if by_log { self.take(client, ask, cx) } else { self.on_read(client, ask, cx) }
    }

    /// A leader puts a request into its log (section 5.3).
    fn take(&mut self, client: NodeId, ask: Ask, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return self.send_on(client, &ask, cx) };
        let (once, Ask { request, op, .. }) = (cx.settings().once, ask);
        if lead.is_handing_over() {
            return refuse(client, request, "it is handing its leadership over", cx);
        }
        if once && lead.has_waiting(request) {
            return;
        }
        if once && let Some(outcome) = self.machine.done(request) {
            return answer(client, request, outcome.clone(), self.applied, cx);
        }
        let key = op.key().clone();
        let Some(index) = super::replication::append(Command::Do { request, op, once }, cx) else {
            self.say_full(cx);
            return refuse(client, request, "its disk is full", cx);
        };
        cx.note(Note::Accepted { index, request, key });
        if let Role::Leader(lead) = &mut self.role {
            lead.wait(index, client, request);
        }
        self.replicate(cx);
    }

    /// Not the leader: sends the client on, or refuses where it asked for this server and no other.
    pub(super) fn send_on(&mut self, client: NodeId, ask: &Ask, cx: &mut Context<'_>) {
        if ask.picked {
            return refuse(client, ask.request, "it does not lead", cx);
        }
        let leader = self.leader.filter(|leader| *leader != cx.id());
        cx.send(client, Msg::Told { request: ask.request, answer: Answer::Elsewhere(leader) });
    }

    pub(super) fn say_full(&mut self, cx: &mut Context<'_>) {
        if !std::mem::replace(&mut self.said_full, true) {
            cx.note(Note::DiskFull);
        }
    }

    /// Something reached the disk: perhaps a candidate's own vote, or a leader's own entries.
    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        self.count_votes(cx);
        self.progress(cx);
    }

    /// The clock was set. What it remembers as later than now it takes as heard now: it is patient for one timeout more, not for as
    /// long as the clock was set back.
    pub(super) fn on_clock(&mut self, cx: &Context<'_>) {
        self.heard = self.heard.min(cx.clock());
        self.lost = self.lost.min(cx.clock());
    }

    /// A setting changed: timers are set anew, and what waits is looked at again.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        recorded(cx);
        if self.is_leader() {
            cx.set_timer(cx.settings().heartbeat, Timer::Heartbeat);
            super::replication::watch_quorum(cx);
            self.progress(cx);
        } else {
            await_leader(cx);
            self.count_votes(cx);
            self.apply(cx);
        }
    }
}

/// Tells a client what came of its request, as of this position in the log.
pub(super) fn answer(client: NodeId, request: RequestId, Outcome { ret, wrote }: Outcome, position: u64, cx: &mut Context<'_>) {
    let done = Done { ret, wrote, position, server: cx.id() };
    cx.send(client, Msg::Told { request, answer: Answer::Done(done) });
}

pub(super) fn refuse(client: NodeId, request: RequestId, why: &'static str, cx: &mut Context<'_>) {
    cx.note(Note::Refuses { client, why });
    cx.send(client, Msg::Told { request, answer: Answer::Refused(why) });
}
