//! What servers cost each other: contention and crosstalk, as work that each does for the requests of the others.
//!
//! For every request the server that served it has every other one stand still for `contention` of a service time, and hear of it from
//! all of them, at `crosstalk` each. With N servers of equal speed that are always busy, a request then takes
//! 1 + s(N - 1) + kN(N - 1) service times of all of them together: Gunther's universal scalability law (Gunther 2007, chapter 4), with
//! Amdahl's (1967) for k = 0.

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Traffic;
use super::message::Msg;

/// Who has not told of a request for so long does not work.
const LATELY: Span = Span::s(1);

/// What a server owes to the requests of the others.
#[derive(Clone, Debug, Default)]
pub(super) struct Peers {
    /// The servers that have told of a request lately, and when they did last: those that work beside it.
    heard: OrdMap<NodeId, Time>,
    /// How long it has yet to stand still.
    owed: Span,
    /// Whether it does, or waits for a worker to do so.
    stalled: bool,
}

impl Peers {
    /// A request was served: every other server hears of it.
    pub(super) fn tell(&mut self, cx: &mut Cx<'_, Traffic>) {
        if !cx.settings().talks() {
            return;
        }
        let (me, now) = (cx.id(), cx.steady());
        self.heard = self.heard.iter().filter(|(_, at)| now.since(**at) < LATELY).map(|(id, at)| (*id, *at)).collect();
        let servers = self.heard.len() as u32 + 1;
        let others: Vec<NodeId> = cx.servers().filter(|id| cx.settings().is_app(*id) && *id != me).collect();
        for other in others {
            cx.send(other, Msg::Word { servers });
        }
    }

    /// Somebody else served a request, and knows of so many servers that work.
    pub(super) fn on_word(&mut self, from: NodeId, servers: u32, cx: &mut Cx<'_, Traffic>) {
        self.heard.insert(from, cx.steady());
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
