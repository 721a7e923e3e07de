//! A cluster whose servers' programs are outside: the learner's own, which speak Maelstrom's protocol over standard input and output
//! (<https://github.com/jepsen-io/maelstrom>, `doc/protocol.md`, `doc/workloads.md`, `doc/services.md`).
//!
//! Network, clients, faults and judges are those of the simulator. What a program writes is an input: somebody at the edge
//! ([`crate::lab::nodes`]) hands each line in as the verb `out`, and takes from [`Program::since`] what the program is to read. So the run is
//! a run like any other: a function of its scenario, its seed, and what was done to it, the lines among it. It can be rewound and played
//! again without the program; it cannot go another way, because nobody knows what the program would have said.

pub mod asks;
mod body;
mod client;
mod facts;
mod heard;
mod judge;
mod message;
mod model;
mod note;
mod op;
mod picture;
mod program;
mod service;
mod settings;
mod stage;
#[cfg(test)]
mod tests;
mod watch;

use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::time::Span;

pub use model::MODEL;
pub use program::Program;
pub use settings::Workload;
pub use watch::is_excused;

use client::Client;
use message::Msg;
use note::Note;
use op::{Op, Ret};
use service::{Kept, Service};
use settings::Settings;

type Context<'a> = Cx<'a, Processes>;

/// A node of the cluster.
#[derive(Clone, Debug)]
pub enum Processes {
    /// A server whose program is outside.
    Program(Program),
    /// One of the services that programs may use.
    Service(Service),
    /// A client.
    Client(Client),
}

impl Processes {
    /// The program, where it is one.
    pub fn program(&self) -> Option<&Program> {
        if let Processes::Program(program) = self { Some(program) } else { None }
    }
}

/// What survives a restart: what a service keeps. Programs keep what they keep on the machine's own disk.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    service: Option<(Service, Kept)>,
}

/// The timers of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// The program has not answered `init` in time.
    Startup,
}

impl Protocol for Processes {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Op;
    type Ret = Ret;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        match cx.disk().service.as_ref().map(|(service, _)| *service) {
            Some(service) => Processes::Service(service),
            None if id.is_client() => Processes::Client(Client::default()),
            None => Processes::Program(Program::boot(cx)),
        }
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match self {
            Processes::Program(program) => program.give(&msg.src, &cx.id().to_string(), &msg.body),
            Processes::Service(service) => service.on_message(from, &msg, cx),
            Processes::Client(client) => client.on_message(from, &msg, cx),
        }
    }

    fn on_timer(&mut self, _: Timer, cx: &mut Context<'_>) {
        cx.note(Note::Gone(format!("has not answered `init` within {}, and was stopped", cx.settings().startup).into()));
        cx.die();
    }

    fn on_request(&mut self, request: RequestId, op: Op, server: Option<NodeId>, cx: &mut Context<'_>) {
        if let Processes::Client(client) = self {
            client.on_request(request, &op, server, cx);
        }
    }

    fn patience(settings: &Settings, _: &Op) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(op: &Op) -> bool {
        op.changes()
    }

    fn on_give_up(&mut self, request: RequestId, _: &Open<Op>, _: &mut Context<'_>) {
        if let Processes::Client(client) = self {
            client.forget(request);
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }
}
