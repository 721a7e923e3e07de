//! One request among thousands, followed on its way: where it is, and what its time went into.

use crate::cluster::scene::{Part, PartKind};
use crate::sim::id::{MsgId, NodeId, RequestId};
use crate::sim::kernel::Sim;
use crate::sim::line::Held;
use crate::sim::log::Since;
use crate::sim::time::{Span, Time};
use crate::sim::trace::{Entry, Trace};

use super::message::{Answer, Msg};
use super::note::Note;
use super::roster::{FRONT, Role};
use super::{Traffic, front};

/// How long after the last one began another is followed.
const EVERY: Span = Span::ms(500);

/// A request that is followed.
#[derive(Clone, Debug, PartialEq)]
pub struct Followed {
    /// Which.
    pub request: RequestId,
    began: Time,
    /// Since when it is where it is.
    since: Time,
    /// Where it is.
    pub place: Place,
    /// What its time went into until then.
    pub parts: Vec<Part>,
}

/// Where a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On its way.
    Wire {
        /// As this message.
        msg: MsgId,
        /// From here.
        from: NodeId,
        /// To here.
        to: NodeId,
    },
    /// In a line.
    Waits(NodeId),
    /// A worker is busy with it.
    Works(NodeId),
    /// Nowhere that can be seen: it waits to be tried again, or all that it was is lost.
    Nowhere,
}

/// The request that is followed, and the last one that was.
#[derive(Clone, Debug, Default)]
pub struct Follows {
    /// The one that is.
    pub now: Option<Followed>,
    /// The last one that ended.
    pub last: Option<Followed>,
}

impl Follows {
    /// A request begins: it is followed if none is, and the last one is long enough ago.
    pub(super) fn begin(&mut self, request: RequestId, now: Time) {
        let recent = self.last.as_ref().is_some_and(|last| now.since(last.began) < EVERY);
        if self.now.is_none() && !recent {
            self.now = Some(Followed { request, began: now, since: now, place: Place::Nowhere, parts: Vec::new() });
        }
    }

    /// A request has ended.
    pub(super) fn end(&mut self, request: RequestId, sim: &Sim<Traffic>) {
        if let Some(mut ended) = self.now.take_if(|followed| followed.request == request) {
            ended.pass(sim);
            self.last = Some(ended);
        }
    }

    /// An event is over: if it touched the request, it is somewhere else perhaps.
    pub(super) fn follow(&mut self, trace: Since<'_, Entry<Note>>, touched: Option<NodeId>, sim: &Sim<Traffic>) {
        let Some(followed) = &mut self.now else { return };
        let (moved, at) = match followed.place {
            Place::Wire { msg, to, .. } => (trace.into_iter().any(|entry| ends(&entry.what, msg)), Some(to)),
            Place::Waits(at) | Place::Works(at) => (touched == Some(at), Some(at)),
            // Whoever tries again sends a message.
            Place::Nowhere => (touched.is_some_and(|id| id.is_client() || id == FRONT), None),
        };
        if !moved && touched.is_some() {
            return;
        }
        let place = find(sim, followed.request, at);
        if place != followed.place {
            followed.pass(sim);
            (followed.place, followed.since) = (place, sim.now());
        }
    }
}

/// Whether this is the end of a message.
fn ends(what: &Trace<Note>, msg: MsgId) -> bool {
    matches!(what, Trace::Arrived(leg) | Trace::Lost(leg, _) if leg.id == msg)
}

impl Followed {
    /// Counts the time at the last place.
    fn pass(&mut self, sim: &Sim<Traffic>) {
        let took = sim.now().since(self.since);
        if took == Span::ZERO {
            return;
        }
        let name = |id: NodeId| sim.settings().name(id);
        let serves = |id: NodeId| matches!(sim.settings().roster().role(id), Role::App(_));
        let (kind, word) = match self.place {
            Place::Wire { .. } => (PartKind::Wire, "wire".to_string()),
            Place::Nowhere => (PartKind::Waiting, "waits for another try".to_string()),
            Place::Waits(at) => (PartKind::Waiting, format!("queued at {}", name(at))),
            Place::Works(at) if serves(at) => (PartKind::Work, format!("work at {}", name(at))),
            Place::Works(at) => (PartKind::Beyond, name(at)),
        };
        match self.parts.iter_mut().find(|part| part.kind == kind && part.word == word) {
            Some(part) => part.took = part.took + took,
            None => self.parts.push(Part { kind, took, word }),
        }
    }
}

/// Where a request is now: the newest message that stands for it, on its way or at this node.
fn find(sim: &Sim<Traffic>, request: RequestId, at: Option<NodeId>) -> Place {
    let on_wire = sim.flights().filter(|flight| stands_for(sim, flight.leg.from, flight.leg.to, &flight.msg) == Some(request));
    if let Some(flight) = on_wire.max_by_key(|flight| flight.leg.id) {
        return Place::Wire { msg: flight.leg.id, from: flight.leg.from, to: flight.leg.to };
    }
    let Some(at) = at.filter(|at| sim.has(*at)) else { return Place::Nowhere };
    let (line, is_it) = (sim.line(at), |held: Held<'_, Msg>| stands_for(sim, held.from, at, held.msg) == Some(request));
    if line.workers().flatten().any(is_it) {
        Place::Works(at)
    } else if line.waiting().any(is_it) {
        Place::Waits(at)
    } else {
        Place::Nowhere
    }
}

/// The request of a user that a message is about.
fn stands_for(sim: &Sim<Traffic>, from: NodeId, to: NodeId, msg: &Msg) -> Option<RequestId> {
    let of_server = |id: NodeId, call: u32| match sim.node(id).state() {
        Some(Traffic::Server(server)) => server.call_of(call).and_then(|call| of_front(sim, call)),
        _ => None,
    };
    match *msg {
        Msg::Ask { request, .. } | Msg::Told(Answer { request, .. }) | Msg::More(Answer { request, .. }) => Some(request),
        Msg::Work { call, .. } => of_front(sim, call),
        Msg::Done { call, .. } if to == FRONT => of_front(sim, call),
        Msg::Done { call, .. } => of_server(to, call),
        Msg::Query { call, .. } | Msg::Look { call, .. } | Msg::Recall { call, .. } => of_server(from, call),
        _ => None,
    }
}

fn of_front(sim: &Sim<Traffic>, call: u32) -> Option<RequestId> {
    front(sim)?.tries.get(call).map(|one| one.request)
}
