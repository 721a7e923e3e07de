//! The users behind one client: which front they ask, and which cart they fill.

use crate::persistent::OrdMap;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Cx;
use crate::sim::time::Span;

use super::Fleet;
use super::inventory::Tier;
use super::message::{Answer, CartId, Msg, Op, Ret};
use super::settings::{Address, Settings};

/// What users know.
#[derive(Clone, Debug)]
pub struct Users {
    /// The front that they ask.
    pub front: NodeId,
    /// The number of the cart that they fill.
    pub cart: u32,
    /// The cart of each request that may be asked again.
    carts: OrdMap<RequestId, u32>,
}

/// How long ago the token of an intruder ended.
const EXPIRED: Span = Span::s(3600);

fn first_front(settings: &Settings) -> NodeId {
    settings.inventory().of(Tier::Front).next().unwrap_or(NodeId::server(0))
}

impl Users {
    pub(super) fn boot(cx: &Cx<'_, Fleet>) -> Users {
        Users { front: first_front(cx.settings()), cart: 0, carts: OrdMap::new() }
    }

    /// The front that they asked may have been sold.
    pub(super) fn on_settings(&mut self, cx: &Cx<'_, Fleet>) {
        if !cx.settings().inventory().has(self.front) {
            self.front = first_front(cx.settings());
        }
    }

    pub(super) fn on_request(&mut self, request: RequestId, op: Op, server: Option<NodeId>, cx: &mut Cx<'_, Fleet>) {
        let attempt = cx.open(request).map_or(1, |open| open.attempt);
        let number = *self.carts.entry(request).or_insert(self.cart);
        let cart = CartId { user: cx.id(), number };
        let until = if op == Op::Intrude { cx.clock().0 as i64 - EXPIRED.0 as i64 } else { i64::MAX };
        let server = server.unwrap_or_else(|| self.front_of(attempt, cx.settings()));
        cx.ask(request, server, Msg::Ask { request, op, cart, until });
    }

    /// Whom an attempt asks: with DNS, each the next front.
    fn front_of(&self, attempt: u32, settings: &Settings) -> NodeId {
        let fronts: Vec<NodeId> = settings.inventory().of(Tier::Front).collect();
        let at = fronts.iter().position(|id| *id == self.front).unwrap_or(0);
        match settings.address {
            Address::Dns if !fronts.is_empty() => fronts[(at + attempt as usize - 1) % fronts.len()],
            _ => self.front,
        }
    }

    pub(super) fn on_told(&mut self, from: NodeId, request: RequestId, answer: Answer, cx: &mut Cx<'_, Fleet>) {
        self.carts.remove(&request);
        if let Answer::Good(Ret::Bill(number, _)) = &answer {
            self.cart = self.cart.max(number + 1);
        }
        if cx.settings().address == Address::Dns && cx.settings().inventory().tier(from) == Some(Tier::Front) {
            self.front = from;
        }
        let changes = cx.open(request).is_none_or(|open| open.op.changes());
        cx.reply(request, answer.reply(changes));
    }

    /// Nobody answered; what will not be tried again needs its cart no more.
    pub(super) fn on_give_up(&mut self, request: RequestId, is_over: bool) {
        if is_over {
            self.carts.remove(&request);
        }
    }

    /// A front has the address, or they were sent to it.
    pub(super) fn go_to(&mut self, front: NodeId) {
        self.front = front;
    }
}
