//! What servers cost each other: contention and crosstalk, as work that each does for the requests of the others.
//!
//! For every request the server that served it has every other one stand still for `contention` of a service time, and hear of it from
//! all of them, at `crosstalk` each. With N servers of equal speed that are always busy, a request then takes
//! 1 + s(N - 1) + kN(N - 1) service times of all of them together: Gunther's universal scalability law (Gunther 2007, chapter 4), with
//! Amdahl's (1967) for k = 0.

use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;
use crate::sim::time::Span;

use super::Traffic;
use super::message::Msg;

/// What a server owes to the requests of the others.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Peers {
    /// How long it has yet to stand still.
    owed: Span,
    /// Whether it does, or waits for a worker to do so.
    stalled: bool,
}

impl Peers {
    /// A request was served: every other server hears of it.
    pub(super) fn tell(cx: &mut Cx<'_, Traffic>) {
        if !cx.settings().talks() {
            return;
        }
        let all: Vec<NodeId> = cx.servers().filter(|id| cx.settings().is_app(*id)).collect();
        let (me, servers) = (cx.id(), all.len() as u32);
        for other in all.into_iter().filter(|id| *id != me) {
            cx.send(other, Msg::Word { servers });
        }
    }

    /// Somebody else served a request.
    pub(super) fn on_word(&mut self, servers: u32, cx: &mut Cx<'_, Traffic>) {
        let settings = cx.settings();
        let share = settings.contention + settings.crosstalk * f64::from(servers);
        self.owed = self.owed + settings.work(cx.id()).mean().unwrap_or_default().scaled(share);
        self.stand(cx);
    }

    /// Stands still for what is owed, as soon as a worker is free.
    pub(super) fn stand(&mut self, cx: &mut Cx<'_, Traffic>) {
        if !self.stalled && self.owed > Span::ZERO {
            cx.send(cx.id(), Msg::Stall { takes: self.owed });
            (self.owed, self.stalled) = (Span::ZERO, true);
        }
    }

    /// It has stood still, or found no place in the line for that: then it is owed as before.
    pub(super) fn has_stood(&mut self, left: Span) {
        (self.owed, self.stalled) = (self.owed + left, false);
    }
}
