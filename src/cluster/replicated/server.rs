//! A server: a leader or a follower over a log (DDIA, chapter 5; the log and its matching as in Raft, section 5.3).

use std::borrow::Cow;
use std::sync::Arc;

use crate::check::operation::{self, Ret};
use crate::cluster::kit::apply::{self, Applying};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Replicated;
use super::election::Poll;
use super::entry::{Change, Data, Entry};
use super::message::{Answer, Done, Msg, Note};
use super::reads::WaitingRead;
use super::settings::{Replication, Visible};
use super::statements::{Engine, Op, Told};
use super::token::Token;

pub(super) type Context<'a> = Cx<'a, Replicated>;

/// The timers of servers and clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A leader says that it is alive.
    Heartbeat,
    /// A follower has waited long enough for its leader.
    Detection,
    /// A candidate has waited long enough for answers.
    Choice,
    /// A leader's lease ends.
    Lease,
    /// A write has waited long enough for the synchronous follower.
    SyncTimeout,
    /// What was collected is sent.
    Ship,
    /// The next entry is applied.
    Apply,
    /// The transaction of a request has had the time that its work takes.
    Commit(RequestId),
    /// The operating system writes back.
    Flush,
}

impl Timer {
    /// The name that `fire n2 NAME` takes.
    pub fn name(self) -> &'static str {
        match self {
            Timer::Heartbeat => "heartbeat",
            Timer::Detection => "detection",
            Timer::Choice => "choice",
            Timer::Lease => "lease",
            Timer::SyncTimeout => "sync-timeout",
            Timer::Ship => "ship",
            Timer::Apply => "apply",
            Timer::Commit(_) => "commit",
            Timer::Flush => "flush",
        }
    }
}

/// What a server is at the moment.
#[derive(Clone, Debug)]
pub enum Role {
    /// It takes writes.
    Leader(Lead),
    /// It follows, or looks for someone to follow.
    Follower,
    /// It asks who could lead.
    Candidate(Poll),
    /// It is chosen to lead the epoch on its disk, and waits until that is synced.
    Elected,
    /// Its log differs from its leader's and it may not throw anything away.
    Stranded,
}

/// What a leader keeps in memory.
#[derive(Clone, Debug, Default)]
pub struct Lead {
    /// The index of its first entry.
    pub start: u64,
    /// Its clock when it took office.
    pub since: Time,
    /// The followers.
    pub peers: Vec<Peer>,
    /// Writes that wait for their acknowledgement, oldest first.
    pub waiting: std::collections::VecDeque<Waiting>,
    /// Under semi-sync: the index in `peers` of the synchronous follower.
    pub synchronous: usize,
    /// Under semi-sync: how many followers in a row let their time pass without an answer.
    pub silent: usize,
    /// Under semi-sync: no follower answered, so it goes on alone.
    pub alone: bool,
    /// Offers that it took over: who made each, and its first request.
    pub taken: OrdSet<(NodeId, RequestId)>,
}

/// A follower as its leader sees it.
#[derive(Clone, Debug)]
pub struct Peer {
    /// Who.
    pub id: NodeId,
    /// The next entry to send.
    pub next: u64,
    /// It has everything up to here.
    pub matched: u64,
    /// The leader's clock when it sent the newest message that this one answered.
    pub answered: Option<Time>,
}

/// A write that waits for its acknowledgement.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The index of its entry.
    pub index: u64,
    client: NodeId,
    request: RequestId,
    /// Its result, once applied.
    ret: Option<Ret>,
    /// What is said of a statement.
    table: Option<Arc<Told>>,
}

/// A server.
#[derive(Clone, Debug)]
pub struct Server {
    /// Leader, follower, ...
    pub role: Role,
    /// Whom it follows, or believes to lead.
    pub leader: Option<NodeId>,
    /// Its clock when it last heard from a leader.
    pub heard: Time,
    /// The data, as of `applied`.
    pub data: Data,
    /// The log is applied up to here.
    pub applied: u64,
    /// Under `replication majority`: a majority has the log up to here.
    pub commit: u64,
    applying: Applying,
    pub(super) reads: Vec<WaitingRead>,
    /// The newest epoch that a voter had promised to somebody else.
    pub(super) outbid: u64,
    /// Its clock when it last offered what waits to be merged.
    pub(super) offered: Option<Time>,
    /// The epoch that it asked for in this life and gave to nobody yet.
    pub(super) unfilled: Option<u64>,
    /// Whether it said already that its disk is full.
    pub(super) said_full: bool,
    /// The tables.
    pub(super) sql: Arc<Engine>,
    /// Its clock at the first sign of a newer leader, while it leads and does not know it yet.
    pub(super) replaced: Option<Time>,
}

impl Server {
    /// Boots: `n1` leads a new cluster; everybody else, and everybody who restarts, follows.
    pub fn boot(id: NodeId, cx: &mut Context<'_>) -> Server {
        let mut server = Server {
            role: Role::Follower,
            leader: None,
            heard: cx.clock(),
            data: OrdMap::new(),
            applied: 0,
            commit: 0,
            applying: Applying::default(),
            reads: Vec::new(),
            outbid: 0,
            offered: None,
            unfilled: None,
            said_full: false,
            sql: Arc::new(Engine::boot(cx)),
            replaced: None,
        };
        // Who boots later joins a cluster that is there.
        let is_new = cx.is_first_boot() && cx.clock() == Time::ZERO;
        if is_new {
            server.begin(cx);
        }
        if is_new && id == NodeId::server(0) {
            server.lead(1, true, cx);
        } else {
            server.catch_up(cx);
            server.watch_leader(cx);
        }
        server
    }

    /// A new cluster: everybody knows that `n1` leads epoch 1, and has its first entry.
    fn begin(&mut self, cx: &mut Context<'_>) {
        let first = Entry { epoch: 1, stamp: cx.clock(), change: Change::Start };
        let written = cx.write(|disk| {
            disk.epoch = 1;
            disk.push(first.into());
        });
        assert!(written.is_ok(), "a new disk is not full");
        (self.leader, self.applied, self.commit) = (Some(NodeId::server(0)), 1, 1);
    }

    /// Whether it leads.
    pub fn is_leader(&self) -> bool {
        matches!(self.role, Role::Leader(_))
    }

    /// What can be applied: the whole log, or only what a majority has.
    fn visible(&self, cx: &Context<'_>) -> u64 {
        let last = cx.disk().last();
        match (&self.role, cx.settings().replication) {
            (_, Replication::Majority) => self.commit.min(last),
            // What it took over is its past: it shows that at once.
            (Role::Leader(lead), _) if cx.settings().visible == Visible::Confirmed => {
                self.acknowledged_upto(lead, cx).clamp(lead.start.min(last), last)
            }
            _ => last,
        }
    }

    /// Applies what can be applied. A leader executes what it takes itself at once; what it took from another leader, it replays
    /// one after the other like any follower, and a backlog is not gone because its owner was promoted.
    pub(super) fn catch_up(&mut self, cx: &mut Context<'_>) {
        while self.applying.is_idle() && self.applied < self.visible(cx) {
            match self.applies_next_in(cx) {
                None if self.apply_next(cx) => {}
                None => break,
                Some(takes) => self.applying.begin(takes, cx),
            }
        }
        self.answer_reads(cx);
    }

    /// How long it takes to apply the next entry; `None`: no time.
    fn applies_next_in(&self, cx: &mut Context<'_>) -> Option<Span> {
        let is_own = matches!(&self.role, Role::Leader(lead) if self.applied + 1 >= lead.start);
        if is_own {
            return None;
        }
        let rows = self.replay_takes(self.applied + 1, cx);
        match apply::takes(cx) {
            None => (rows > Span::ZERO).then_some(rows),
            Some(takes) => Some(takes + rows),
        }
    }

    pub(super) fn on_apply(&mut self, cx: &mut Context<'_>) {
        self.applying.end();
        if self.applied < self.visible(cx) && self.apply_next(cx) {
            cx.note(Note::Applied { index: self.applied });
        }
        self.catch_up(cx);
    }

    /// Applies the next entry. `false`: its disk is full, and what it ran cannot be kept.
    fn apply_next(&mut self, cx: &mut Context<'_>) -> bool {
        let index = self.applied + 1;
        let statements = cx.disk().get(index).and_then(|entry| entry.statements().cloned());
        if statements.is_some_and(|shipped| !self.replay(index, &shipped, cx)) {
            return false;
        }
        let Some(entry) = cx.disk().get(index) else { return false };
        let ret = super::entry::apply(&mut self.data, index, &entry);
        self.applied = index;
        if let Role::Leader(lead) = &mut self.role
            && let Some(waiting) = lead.waiting.iter_mut().find(|waiting| waiting.index == index)
        {
            waiting.ret = Some(ret);
        }
        true
    }

    /// After entries were thrown away: the data as of the last entry that is left and was applied.
    pub(super) fn rebuild(&mut self, cx: &Context<'_>) {
        let disk = cx.disk();
        self.applied = self.applied.min(disk.last());
        self.data = OrdMap::new();
        for (index, entry) in (1..=self.applied).zip(disk.log.iter()) {
            super::entry::apply(&mut self.data, index, &entry);
        }
        Arc::make_mut(&mut self.sql).rebuild(cx.id(), cx.settings(), disk, self.applied);
    }

    /// A client asks.
    pub(super) fn on_ask(&mut self, client: NodeId, msg: Ask, cx: &mut Context<'_>) {
        if msg.op.is_write() { self.on_write(client, msg, cx) } else { self.on_read(client, msg, cx) }
    }

    fn on_write(&mut self, client: NodeId, ask: Ask, cx: &mut Context<'_>) {
        let Role::Leader(_) = &self.role else {
            let why = "it is a follower, and writes go to the leader";
            return self.send_on(client, &ask, why, cx);
        };
        if let Err(why) = self.ready(cx) {
            return refuse(client, ask.request, why.into(), cx);
        }
        if cx.disk().seen.contains(ask.request.0) {
            return;
        }
        match ask.op {
            Op::Key(op) => self.take_write(client, ask.request, op, cx),
            Op::Table(statement) => self.take_statement(client, ask.request, &statement, cx),
        }
    }

    /// Whether a leader may serve now.
    pub(super) fn ready(&self, cx: &Context<'_>) -> Result<(), &'static str> {
        let Role::Leader(lead) = &self.role else { return Err("it does not lead") };
        if !self.may_lead(cx.settings(), cx.clock()) {
            return Err("it has no lease, so it may not be the only leader");
        }
        if self.applied < lead.start {
            return Err("it has only just become leader and is not ready");
        }
        Ok(())
    }

    /// Not the leader: sends the client on, or refuses where it asked for this server and no other.
    pub(super) fn send_on(&mut self, client: NodeId, ask: &Ask, why: &'static str, cx: &mut Context<'_>) {
        if ask.picked {
            return refuse(client, ask.request, why.into(), cx);
        }
        let leader = self.leader.filter(|leader| *leader != cx.id());
        cx.send(client, Msg::Told { request: ask.request, answer: Answer::Elsewhere(leader) });
    }

    fn take_write(&mut self, client: NodeId, request: RequestId, op: operation::Op, cx: &mut Context<'_>) {
        let key = op.key().clone();
        let Some(index) = super::replicate::append(Change::Do(request, op), None, cx) else {
            return refuse(client, request, "its disk is full".into(), cx);
        };
        cx.note(Note::Accepted { index, epoch: cx.disk().epoch, request, key });
        self.wait_for(index, client, request, None);
        self.replicate(cx);
    }

    /// A leader tells a client once the entry of its request may be acknowledged. `table`: what is said of a statement.
    pub(super) fn wait_for(&mut self, index: u64, client: NodeId, request: RequestId, table: Option<Arc<Told>>) {
        if let Role::Leader(lead) = &mut self.role {
            lead.waiting.push_back(Waiting { index, client, request, ret: None, table });
        }
    }

    /// Tells clients whose writes are applied and acknowledged by enough followers.
    pub(super) fn acknowledge(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        let upto = self.acknowledged_upto(lead, cx);
        let Role::Leader(lead) = &mut self.role else { return };
        while let Some(first) = lead.waiting.front() {
            if first.index > upto || first.ret.is_none() {
                break;
            }
            if let Some(Waiting { index, client, request, ret: Some(ret), table }) = lead.waiting.pop_front() {
                let epoch = cx.disk().epoch_at(index);
                let done = Done { ret, table, wrote: Some(request), beside: None, position: index, epoch, server: cx.id() };
                let told = Msg::Told { request, answer: Answer::Done(done) };
                crate::cluster::kit::fsync::durably(client, told, cx);
            }
        }
    }
}

/// What a client asks.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) request: RequestId,
    pub(super) op: Op,
    pub(super) position: Token,
    pub(super) picked: bool,
}

/// Tells a client what a statement came to that needs nothing in the log, as of this position.
pub(super) fn answer_now(client: NodeId, request: RequestId, told: Told, position: u64, cx: &mut Context<'_>) {
    let epoch = cx.disk().epoch_at(position);
    let done = Done { ret: Ret::Done, table: Some(Arc::new(told)), wrote: None, beside: None, position, epoch, server: cx.id() };
    cx.send(client, Msg::Told { request, answer: Answer::Done(done) });
}

pub(super) fn refuse(client: NodeId, request: RequestId, why: Cow<'static, str>, cx: &mut Context<'_>) {
    cx.note(Note::Refuses { client, why: why.clone() });
    cx.send(client, Msg::Told { request, answer: Answer::Refused(why) });
}
