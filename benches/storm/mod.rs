//! The storm: five nodes and a fixed number of messages in flight, each of which is sent on when it arrives.

use std::sync::Arc;

use splitbrain::sim::dist::Dist;
use splitbrain::sim::id::{NodeId, RequestId};
use splitbrain::sim::kernel::{Config, Sim};
use splitbrain::sim::network::{Map, Policy};
use splitbrain::sim::protocol::{Cx, Protocol, Wire};
use splitbrain::sim::time::Span;

const NODES: u16 = 5;

/// Every delivery picks one of the other four and sends on.
#[derive(Clone)]
pub(crate) struct Storm;

/// What is passed on.
#[derive(Clone)]
pub(crate) struct Token;

impl Wire for Token {}

impl Storm {
    fn forward(cx: &mut Cx<'_, Self>) {
        let (me, pick) = (cx.id().index() as u64, cx.rng().below(u64::from(NODES) - 1));
        let to = pick + u64::from(pick >= me);
        cx.send(NodeId::server(to as u16), Token);
    }
}

impl Protocol for Storm {
    type Settings = usize;
    type Msg = Token;
    type Timer = ();
    type Disk = ();
    type Op = ();
    type Ret = ();
    type Note = ();

    fn boot(_: NodeId, cx: &mut Cx<'_, Self>) -> Self {
        for _ in 0..*cx.settings() / usize::from(NODES) {
            Self::forward(cx);
        }
        Storm
    }
    fn on_message(&mut self, _: NodeId, _: Token, cx: &mut Cx<'_, Self>) {
        Self::forward(cx);
    }
    fn on_timer(&mut self, (): (), _: &mut Cx<'_, Self>) {}
    fn on_request(&mut self, _: RequestId, (): (), _: Option<NodeId>, _: &mut Cx<'_, Self>) {}
}

/// A storm with so many messages in flight, latencies exponential with a mean of 1 ms.
pub(crate) fn storm(in_flight: usize) -> Sim<Storm> {
    let latency = Some(Arc::new(Dist::Exp(Span::ms(1))));
    Sim::new(Config {
        seed: 7,
        servers: NODES,
        clients: 0,
        map: Map::single(Dist::Exp(Span::ms(1))),
        policy: Policy { latency, ordered: false, ..Policy::default() },
        disk: Dist::Const(Span::ZERO),
        handling: Span::ZERO,
        keep_trace: true,
        settings: in_flight,
    })
}
