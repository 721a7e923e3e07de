//! The exchange on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::{self, Live, Staged};
use crate::cluster::model::{Model, PACE};
use crate::cluster::scene::{NodeView, Scene};
use crate::command::{Call, Language};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::message::{Op, Ret};
use super::settings::Settings;
use super::watch::Watch;
use super::{Exchange, Timer, asks, facts, judge, moments, name, picture};

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "exchange",
    about: "Clients and servers with connections that carry frames of real sizes: a chat (polling to WebSocket), a page (REST and GraphQL) or calls (HTTP/1.1, HTTP/2, gRPC), after RFC 6455, 6202, 9112 and 9113, the GraphQL specification and the gRPC guides.",
    nodes: (1, 3),
    clients: (2, 1000),
    settings: Settings::DOCS,
    facts: &facts::FACTS,
    language: Language { calls: &asks::CALLS, verbs: &asks::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("cut c1 | server", "a line that is cut says nothing: it is half open until somebody sends"),
        ("c2 say hello", "chat: stored, and told to whoever listens"),
        ("set style polling", "chat: another way to hear of news; lines are opened anew"),
        ("crash server", "its connections are forgotten; who sends on one is told when it is back"),
        ("set query { orders(first: 20) { customer { name } } }", "page: what the page needs; see `loader`"),
        ("c1 load", "page: resource by resource, or by one query; see `api`"),
        ("c1 get a taking 80ms", "calls: on HTTP/1.1 with one connection the next stand behind it"),
        (
            "deploy server",
            "its program is closed and opened again: who is connected is told, by GOAWAY, a close frame or the end of a stream",
        ),
        ("drop #12", "a segment is lost: it is sent again, and all behind it on its connection wait"),
    ],
    moments: moments::NAMES,
    series: &["unseen", "lines_up", "open", "window_waits"],
    healthy: "nodes_up > 0",
    pace: PACE,
    start: live::start::<Exchange>,
};

impl Staged for Exchange {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &asks::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn lay_out(settings: &mut Settings) -> Option<u16> {
        Some(settings.servers())
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Tcp => Some("resend"),
            Timer::Due => Some("due"),
            Timer::Poll => Some("poll"),
            Timer::Reconnect => Some("reconnect"),
            Timer::Ping => Some("ping"),
            Timer::Pong => Some("silence"),
            Timer::Answer | Timer::Show | Timer::Hold | Timer::Work(_) => None,
        }
    }

    fn name(sim: &Sim<Self>, id: NodeId) -> String {
        name(id, sim.settings().does)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        picture::panels(live, at, out);
    }

    fn is_serving(live: &Live<Self>) -> bool {
        moments::is_serving(live.sim())
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
