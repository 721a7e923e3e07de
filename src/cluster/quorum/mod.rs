//! A store without a leader: Dynamo (`DeCandia` et al., SOSP 2007) and *Designing Data-Intensive Applications* (Kleppmann 2017),
//! chapter 5. Of the nodes on a key's preference list the first N are its replicas; a write waits until W of them have it, a read for
//! the answers of R.
//!
//! Settings choose who collects the answers, which of two versions is newer (a stamp by the clock; a counter that is read first, as in
//! Attiya, Bar-Noy and Dolev 1995; dotted version vectors, which keep siblings), and what brings copies together again: read repair,
//! hints, anti-entropy by Merkle trees. `R + W > N` with a counter and repair before the answer is a linearizable register; with less
//! it is what people run.

mod asks;
#[cfg(test)]
mod bench;
mod cell;
mod coordinate;
mod copies;
#[cfg(test)]
mod copies_tests;
mod decide;
mod entropy;
mod facts;
mod gather;
mod invariants;
#[cfg(test)]
mod laws_tests;
mod look;
mod message;
#[cfg(test)]
mod mistakes_tests;
mod model;
mod moments;
mod picture;
mod reach;
mod replica;
mod replies;
mod request;
mod session;
mod settings;
mod stage;
mod standing;
#[cfg(test)]
mod tests;
mod watch;

use crate::cluster::kit::fsync::{Fsync, Promises};
use crate::sim::dist::Dist;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::requests::Open;
use crate::sim::time::Span;

pub use model::MODEL;

use cell::Disk;
use coordinate::Coordinator;
use message::{Done, Msg, Note};
use request::Request;
use session::Session;
use settings::Settings;

type Context<'a> = Cx<'a, Quorum>;

/// A node of the cluster: a server, or a client that may coordinate its own requests.
#[derive(Clone, Debug, Default)]
pub struct Quorum {
    /// The requests that it collects answers for.
    pub coordinator: Coordinator,
    /// What a client has seen.
    session: Session,
    /// With whom a server compares next.
    turn: u16,
}

/// The timers of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// A replica has not answered for long: somebody stands in.
    StandIn(RequestId),
    /// Nobody waits for a request any more.
    Forget(RequestId),
    /// Hints are handed over.
    HandOver,
    /// Trees are compared.
    AntiEntropy,
    /// Tombstones are forgotten.
    Purge,
    /// What was written without a sync reaches the disk.
    Flush,
}

impl Protocol for Quorum {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = Timer;
    type Disk = Disk;
    type Op = Request;
    type Ret = Done;
    type Note = Note;

    fn boot(id: NodeId, cx: &mut Context<'_>) -> Self {
        if !id.is_client() {
            replica::boot(cx);
            entropy::boot(cx);
        }
        Quorum::default()
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match msg {
            Msg::Ask { request, ask, seen } => self.coordinator.begin(request, from, &ask, &seen, cx),
            Msg::Told { request, answer } => self.session.on_told(request, answer, cx),
            Msg::Stored { request, stands_for } => self.coordinator.on_stored(request, (from, stands_for), cx),
            Msg::Full { request, stands_for } => self.coordinator.on_full(request, (from, stands_for), cx),
            Msg::Found { request, cell, stands_for } => self.coordinator.on_found(request, (from, stands_for), cell, cx),
            Msg::Put { request, key, cell, stands_for } => replica::on_put(from, request, (&key, &cell), stands_for, cx),
            Msg::Get { request, key, stands_for } => replica::on_get(from, request, &key, stands_for, cx),
            Msg::Mend { key, cell } => replica::on_mend(&key, &cell, cx),
            Msg::Hand { key, cell } => replica::on_hand(from, &key, &cell, cx),
            Msg::Took { key, cell } => replica::on_took(from, key, &cell, cx),
            Msg::Compare { nodes } => entropy::on_compare(from, &nodes, cx),
            Msg::Rows(rows) => entropy::on_rows(from, &rows, cx),
        }
        self.tell_own(cx);
    }

    fn on_timer(&mut self, timer: Timer, cx: &mut Context<'_>) {
        match timer {
            Timer::StandIn(request) => self.coordinator.on_stand_in(request, cx),
            Timer::Forget(request) => self.coordinator.forget(request, cx),
            Timer::HandOver => replica::hand_over(cx),
            Timer::AntiEntropy => entropy::compare(&mut self.turn, cx),
            Timer::Purge => replica::purge(cx),
            Timer::Flush => cx.sync(),
        }
        self.tell_own(cx);
    }

    /// A server that is named coordinates a write; of a read it is the one to be asked.
    fn on_request(&mut self, request: RequestId, mut op: Request, server: Option<NodeId>, cx: &mut Context<'_>) {
        if !op.op.is_write() {
            op.among.extend(server);
        }
        if let Some(node) = self.session.coordinator(server.filter(|_| op.op.is_write()), cx) {
            return self.session.ask(request, op, node, cx);
        }
        let seen = self.session.seen(op.key());
        self.coordinator.begin(request, cx.id(), &op, &seen, cx);
        self.session.wrote(op.key(), self.coordinator.minted(request));
        self.tell_own(cx);
    }

    fn patience(settings: &Settings, _: &Request) -> Option<Span> {
        Some(settings.request_timeout)
    }

    fn changes(request: &Request) -> bool {
        request.op.is_write()
    }

    fn on_give_up(&mut self, request: RequestId, attempt: &Open<Request>, cx: &mut Context<'_>) {
        self.session.give_up(attempt);
        self.coordinator.forget(request, cx);
    }

    fn travel<'a>(settings: &'a Settings, msg: &Msg) -> Option<&'a Dist> {
        match msg {
            Msg::Put { .. } | Msg::Mend { .. } | Msg::Hand { .. } => settings.write_latency.as_deref(),
            Msg::Stored { .. } | Msg::Full { .. } | Msg::Took { .. } => settings.ack_latency.as_deref(),
            Msg::Get { .. } => settings.read_latency.as_deref(),
            Msg::Found { .. } => settings.response_latency.as_deref(),
            _ => None,
        }
    }

    fn is_noteworthy(note: &Note) -> bool {
        note.is_noteworthy()
    }

    fn is_quiet(kind: u8) -> bool {
        usize::from(kind) == message::COMPARE
    }

    fn on_clock(&mut self, cx: &mut Context<'_>) {
        if !cx.id().is_client() {
            replica::purge(cx);
        }
    }

    fn on_settings(&mut self, cx: &mut Context<'_>) {
        if !cx.id().is_client() {
            replica::boot(cx);
            entropy::boot(cx);
        }
    }
}

impl Promises for Quorum {
    const FLUSH: Timer = Timer::Flush;

    fn fsync(settings: &Settings) -> Fsync {
        settings.fsync
    }
}

impl Quorum {
    /// A client that coordinates tells itself.
    fn tell_own(&mut self, cx: &mut Context<'_>) {
        while let Some((request, answer)) = self.coordinator.own_answer() {
            self.session.on_told(request, answer, cx);
        }
    }
}
