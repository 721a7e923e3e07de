//! A group of members that find out by themselves who is alive, and spread what they hear. Nobody leads, and nobody has the list.
//!
//! A member learns of a death in three steps: somebody observes that a member does not answer, it is suspected for a while in which it can
//! object, and it is declared dead. Settings choose the detector (heartbeats; the pings of SWIM, Das, Gupta and Motivala, DSN 2002; phi
//! accrual, Hayashibara et al., SRDS 2004), how many witnesses there must be, and what becomes of the dead (as in memberlist and serf).
//! Rumours spread beside it by epidemic (Demers et al., PODC 1987): pushed, pulled or both, and told until their tellers lose interest.

mod accuse;
mod asks;
mod belief;
#[cfg(test)]
mod bench;
mod client;
mod facts;
mod invariants;
mod listen;
mod member;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod model;
mod moments;
mod news;
mod note;
mod picture;
#[cfg(test)]
mod promises_tests;
mod rumour;
mod settings;
mod stage;
mod swim;
mod sync;
#[cfg(test)]
mod tests;
mod watch;

use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::time::Span;

pub use model::MODEL;

use member::Member;
use message::{Msg, Op, Ret};
use note::Note;
use settings::Settings;

type Context<'a> = Cx<'a, Gossip>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Gossip {
    /// A member of the group.
    Member(Box<Member>),
    /// A client.
    Client,
}

/// What survives a restart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk {
    /// The incarnation of the last life, where it is kept.
    incarnation: u32,
}

/// The timers of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The next ping is due, or the next heartbeats.
    Period,
    /// The ping of this period was not answered.
    NoAck,
    /// The silence of a member becomes too long.
    Silence(NodeId),
    /// A suspected member has had its time to object.
    Suspicion(NodeId),
    /// The observation that one member does not answer, made by another, becomes too old.
    Window(NodeId, NodeId),
    /// The memory of a dead member becomes too old.
    Forget(NodeId),
    /// Others are called to spread rumours.
    Round,
    /// All that is known of members is exchanged.
    Sync,
}

impl Timer {
    /// The name that `fire` takes; `None` for one that is not shown.
    fn name(self) -> Option<&'static str> {
        match self {
            Timer::Period => Some("period"),
            Timer::NoAck => Some("ping-timeout"),
            Timer::Silence(_) => Some("silence"),
            Timer::Suspicion(_) => Some("suspicion"),
            Timer::Forget(_) => Some("forget"),
            Timer::Sync => Some("sync"),
            Timer::Window(..) | Timer::Round => None,
        }
    }
}

impl Protocol for Gossip {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        if id.is_client() { Gossip::Client } else { Gossip::Member(Box::new(Member::boot(cx))) }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match (self, msg) {
            (Gossip::Member(member), Msg::Talk(talk)) => member.on_talk(from, talk, cx),
            (Gossip::Member(member), Msg::Ask { request, op }) => member.on_ask(from, request, op, cx),
            (Gossip::Client, Msg::Told { request, answer }) => client::on_told(request, answer, cx),
            _ => {}
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        let Gossip::Member(member) = self else { return };
        match timer {
            Timer::Period => member.on_period(cx),
            Timer::NoAck => member.on_no_ack(cx),
            Timer::Silence(id) => member.on_silence(id, cx),
            Timer::Suspicion(id) => member.on_suspicion(id, cx),
            Timer::Window(about, by) => member.on_window(about, by),
            Timer::Forget(id) => member.on_forget(id, cx),
            Timer::Round => member.on_round(cx),
            Timer::Sync => member.on_sync_due(cx),
        }
    }

    fn on_request(&mut self, request: RequestId, op: Op, server: Option<NodeId>, cx: &mut Context<'_>) {
        client::on_request(request, op, server, cx);
    }

    fn patience(settings: &Settings, _op: &Op) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(op: &Op) -> bool {
        matches!(op, Op::Start(_))
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        message::is_quiet(kind)
    }

    fn on_clock(&mut self, cx: &mut Context<'_>) {
        if let Gossip::Member(member) = self {
            member.on_clock(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        if let Gossip::Member(member) = self {
            member.on_settings(cx);
        }
    }
}
