//! A database with several leaders, one in each data centre: *Designing Data-Intensive Applications* (Kleppmann 2017), chapter 5.
//!
//! Each leader answers its clients alone and tells the others afterwards, so two can say ok to things that do not fit. Settings choose
//! what becomes of them: nothing, a home for each row, the greatest stamp (Lamport 1978; hybrid clocks, Kulkarni et al. 2014), siblings
//! by dotted version vectors (Preguiça et al. 2012), a function, or types that take in both (Shapiro et al. 2011); who sends changes to
//! whom; and whether changes wait for what they depend on (Lloyd et al. 2011, COPS).

mod accept;
mod asks;
#[cfg(test)]
mod bench;
mod change;
mod client;
mod disk;
mod dots;
mod facts;
mod fates;
mod invariants;
mod judge;
mod leader;
mod look;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod model;
mod moments;
mod note;
mod operator;
mod picture;
mod request;
mod row;
mod rules;
mod sessions;
mod settings;
mod stage;
mod streams;
#[cfg(test)]
mod tests;
mod watch;

use crate::cluster::kit::fsync::{Fsync, Promises};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::time::Span;

pub use model::MODEL;

use client::Client;
use disk::Disk;
use leader::{Asked, Leader};
use message::{Done, Msg};
use note::Note;
use request::Request;
use settings::Settings;

type Context<'a> = Cx<'a, MultiLeader>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum MultiLeader {
    /// A server: every one is a leader.
    Leader(Leader),
    /// A client.
    Client(Client),
}

/// The timers of leaders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// What was collected is sent.
    Ship,
    /// This one has not confirmed what it was sent.
    Resend(NodeId),
    /// What was written without a sync reaches the disk.
    Flush,
}

impl Protocol for MultiLeader {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Request;
    type Ret = Done;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        if id.is_client() { MultiLeader::Client(Client::boot(cx)) } else { MultiLeader::Leader(Leader::boot(cx)) }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match self {
            MultiLeader::Leader(leader) => on_leader_message(leader, from, msg, cx),
            MultiLeader::Client(client) => {
                if let Msg::Told { request, answer } = msg {
                    client.on_told(from, request, answer, cx);
                }
            }
        }
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match (self, timer) {
            (MultiLeader::Leader(leader), Timer::Resend(peer)) => leader.streams.resend(peer, cx),
            (MultiLeader::Leader(leader), Timer::Ship) => leader.streams.ship_now(cx),
            (_, Timer::Flush) => cx.sync(),
            (MultiLeader::Client(_), _) => {}
        }
    }

    fn on_request(&mut self, request: RequestId, op: Request, server: Option<NodeId>, cx: &mut Context<'_>) {
        if let MultiLeader::Client(client) = self {
            client.on_request(request, &op, server, cx);
        }
    }

    fn patience(settings: &Settings, _: &Request) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(request: &Request) -> bool {
        request.changes()
    }

    fn on_give_up(&mut self, _: RequestId, attempt: &Open<Request>, cx: &mut Context<'_>) {
        if let MultiLeader::Client(client) = self {
            client.on_give_up(attempt, cx);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn on_synced(&mut self, cx: &mut Context<'_>) {
        self.ship(cx);
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        self.ship(cx);
    }
}

fn on_leader_message(leader: &mut Leader, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
    match msg {
        Msg::Ask { request, ask, seen, picked } => {
            leader::on_ask(&Asked { from, request, ask: &ask, seen: &seen, picked }, cx);
        }
        Msg::Changes { changes, after, .. } => leader.streams.on_changes(from, &changes, after, cx),
        Msg::Have { seen } => leader.streams.on_have(from, &seen, cx),
        Msg::Told { .. } => {}
    }
    // There may be room in a window, and where nothing waits for the disk what was taken in can go on at once.
    leader.streams.ship(cx);
}

impl MultiLeader {
    /// Sends on what has become durable.
    fn ship(&mut self, cx: &mut Context<'_>) {
        if let MultiLeader::Leader(leader) = self {
            leader.streams.ship(cx);
        }
    }
}

impl Promises for MultiLeader {
    const FLUSH: Timer = Timer::Flush;

    fn fsync(settings: &Settings) -> Fsync {
        settings.fsync
    }
}
