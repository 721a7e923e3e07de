//! The front: it looks at the token, hands each request to an application server, and passes the answer on.

use crate::cluster::kit::tries::Tries;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Cx;

use super::Fleet;
use super::health::Health;
use super::inventory::Tier;
use super::message::{Answer, CartId, How, Msg, Note, Op};
use super::settings::Address;

/// A front. All that it knows is lost with its process.
#[derive(Clone, Debug)]
pub struct Front {
    /// Whom it believes to live.
    pub health: Health,
    tries: Tries<Handed>,
    /// Whether it has told users to ask it, where the fronts share an address.
    has_address: bool,
}

/// A request at an application server.
#[derive(Clone, Debug)]
struct Handed {
    user: NodeId,
    request: RequestId,
    op: Op,
    cart: CartId,
    /// The servers that it was handed to, the last one last.
    tried: Vec<NodeId>,
}

impl Front {
    pub(super) fn boot(cx: &mut Cx<'_, Fleet>) -> Front {
        let tries = Tries::anew(cx);
        let mut front = Front { health: Health::boot(cx), tries, has_address: false };
        front.claim(cx);
        front
    }

    /// With a shared address the first front that lives has it. It says so at every check, for who has not heard.
    pub(super) fn claim(&mut self, cx: &mut Cx<'_, Fleet>) {
        let settings = cx.settings();
        let fronts = self.health.living(|id| settings.inventory().tier(id) == Some(Tier::Front)).count();
        let had = std::mem::replace(&mut self.has_address, settings.address == Address::Shared && fronts == 0);
        if !self.has_address {
            return;
        }
        let is_first = settings.inventory().of(Tier::Front).next() == Some(cx.id());
        let is_news = !(had || is_first && cx.is_first_boot());
        if is_news {
            cx.note(Note::Takes);
        }
        for user in cx.clients() {
            cx.send(user, Msg::Mine);
        }
    }

    pub(super) fn on_ask(&mut self, user: NodeId, request: RequestId, (op, cart): (Op, CartId), until: i64, cx: &mut Cx<'_, Fleet>) {
        if cx.settings().auth && until < cx.clock().0 as i64 {
            cx.note(Note::Refused);
            return cx.send(user, Msg::Told { request, answer: Answer::Bad(How::NoToken) });
        }
        self.hand_on(Handed { user, request, op, cart, tried: Vec::new() }, How::Nobody, cx);
    }

    /// Hands a request to the next application server; where there is none, its user is told how it ended.
    fn hand_on(&mut self, mut one: Handed, otherwise: How, cx: &mut Cx<'_, Fleet>) {
        match self.pick(&one, cx) {
            Ok(server) => {
                one.tried.push(server);
                let (request, op, cart) = (one.request, one.op.clone(), one.cart);
                let patience = cx.settings().try_timeout;
                let call = self.tries.begin(one, patience, cx);
                cx.send(server, Msg::Work { call, request, op, cart });
            }
            Err(why) => {
                let how = why.unwrap_or(otherwise);
                cx.send(one.user, Msg::Told { request: one.request, answer: Answer::Bad(how) });
            }
        }
    }

    /// The first servers that live share the work, as many as are needed; the others are spares. `Err`: why there is none, where that is
    /// not that all were tried.
    fn pick(&self, one: &Handed, cx: &Cx<'_, Fleet>) -> Result<NodeId, Option<How>> {
        let settings = cx.settings();
        let living: Vec<NodeId> = self.health.living(|id| settings.inventory().tier(id) == Some(Tier::App)).collect();
        let needed = settings.needed as usize;
        if living.is_empty() || living.len() < needed {
            return Err(Some(if living.is_empty() { How::Nobody } else { How::TooFew }));
        }
        let start = one.request.0 as usize % needed;
        let mut turn = (start..needed).chain(0..start).chain(needed..living.len()).map(|at| living[at]);
        turn.find(|id| !one.tried.contains(id)).ok_or(None)
    }

    /// An application server answered.
    pub(super) fn on_done(&mut self, call: u32, answer: Answer, cx: &mut Cx<'_, Fleet>) {
        if let Some(one) = self.tries.end(call) {
            cx.send(one.user, Msg::Told { request: one.request, answer });
        }
    }

    /// An application server did not answer in time: the next may.
    pub(super) fn on_overdue(&mut self, cx: &mut Cx<'_, Fleet>) {
        for one in self.tries.overdue(cx) {
            if cx.settings().retries {
                self.hand_on(one, How::Late, cx);
            } else {
                cx.send(one.user, Msg::Told { request: one.request, answer: Answer::Bad(How::Late) });
            }
        }
    }
}
