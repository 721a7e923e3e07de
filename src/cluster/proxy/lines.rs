//! How a node asks another: the steps before a request, the request, and the wait for the answer.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdSet;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

use super::message::{Msg, Request, Sealed, Step};
use super::settings::Connections;
use super::{Context, client, places};

/// A request on its way to another node, and what is to be done with its answer.
#[derive(Clone, Debug)]
pub struct Errand<B> {
    /// To whom.
    pub to: NodeId,
    /// What is left to do before it is sent, the last first. An errand without a request ends with its steps.
    pub steps: Vec<Step>,
    /// What is sent.
    pub load: Option<Sealed<Request>>,
    /// For whom, and why.
    pub back: B,
}

/// The requests of a node that wait for answers, and its open connections.
#[derive(Clone, Debug)]
pub struct Lines<B: Clone> {
    /// Those that wait.
    pub tries: Tries<Errand<B>>,
    /// Connections that are open: with whom, and for which TLS.
    open: OrdSet<(NodeId, Option<Key>)>,
}

/// What came of a step.
pub enum Stepped<B> {
    /// The next is under way, or the errand is over for another reason.
    GoesOn,
    /// The last step of an errand without a request is done.
    Done(Errand<B>),
    /// It was refused.
    Refused(Errand<B>, u16, Key),
}

impl<B: Clone> Lines<B> {
    /// Of a node that starts: an answer to a call of an earlier life is none to one of this.
    pub fn boot(cx: &mut Context<'_>) -> Lines<B> {
        Lines { tries: Tries::of_this_life(cx), open: OrdSet::new() }
    }

    /// The steps to a node before a request by this TLS, in their order, through a tunnel where it is to a proxy.
    pub fn steps(&self, to: NodeId, tunnel: Option<&Key>, tls: Option<&Key>, cx: &Context<'_>) -> Vec<Step> {
        let connect = tunnel.cloned().map(Step::Connect);
        let shakes = match cx.settings().connections {
            Connections::Free => return connect.into_iter().collect(),
            Connections::Kept => !self.open.contains(&(to, tls.cloned())),
            Connections::Each => true,
        };
        if !shakes {
            return Vec::new();
        }
        [Some(Step::Tcp), connect, tls.cloned().map(Step::Tls)].into_iter().flatten().collect()
    }

    /// Sends an errand on its way. Its steps are in their order.
    pub fn begin(&mut self, mut errand: Errand<B>, patience: Span, exchange: Option<RequestId>, cx: &mut Context<'_>) {
        errand.steps.reverse();
        let (to, msg) = (errand.to, Self::next_of(&errand, self.tries.next(), cx));
        self.tries.begin(errand, patience, cx);
        match exchange {
            Some(exchange) => cx.ask(exchange, to, msg),
            None => cx.send(to, msg),
        }
    }

    fn next_of(errand: &Errand<B>, call: u32, cx: &Context<'_>) -> Msg {
        let from = address(errand.to, errand.load.as_ref(), cx);
        match (errand.steps.last(), &errand.load) {
            (Some(step), _) => Msg::Open { call, from, step: step.clone(), left: errand.steps.len() },
            (None, Some(sealed)) => Msg::Request { call, from, sealed: sealed.clone() },
            (None, None) => Msg::Open { call, from, step: Step::Tcp, left: 0 },
        }
    }

    /// A step is answered. A copy of an answer to an earlier one does nothing.
    pub fn on_opened(&mut self, call: u32, left: usize, refused: Option<(u16, Key)>, cx: &mut Context<'_>) -> Stepped<B> {
        let Some(errand) = self.tries.get_mut(call).filter(|errand| errand.steps.len() == left) else { return Stepped::GoesOn };
        if let Some((status, why)) = refused {
            return self.tries.end(call).map_or(Stepped::GoesOn, |errand| Stepped::Refused(errand, status, why));
        }
        errand.steps.pop();
        let (is_over, errand) = (errand.steps.is_empty(), errand.clone());
        if is_over && errand.load.is_none() {
            return self.tries.end(call).map_or(Stepped::GoesOn, Stepped::Done);
        }
        if is_over && cx.settings().connections == Connections::Kept {
            self.open.insert((errand.to, errand.load.as_ref().and_then(|sealed| sealed.tls.clone())));
        }
        cx.send(errand.to, Self::next_of(&errand, call, cx));
        Stepped::GoesOn
    }

    /// The connections with a node are closed.
    pub fn closed(&mut self, with: NodeId) {
        self.open = self.open.iter().filter(|(to, _)| *to != with).cloned().collect();
    }
}

/// The address that a message of this node comes from.
fn address(to: NodeId, load: Option<&Sealed<Request>>, cx: &Context<'_>) -> std::net::IpAddr {
    if cx.id().is_client() {
        return client::address(cx.id(), to, load.map(|sealed| &sealed.inner), cx);
    }
    places::address(cx.id(), cx.settings())
}

/// A request by TLS, or plain.
pub(super) fn sealed(tls: Option<&Key>, request: Request) -> Sealed<Request> {
    Sealed::of(tls.cloned(), Arc::new(request))
}
