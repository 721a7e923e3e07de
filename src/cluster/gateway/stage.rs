//! The gateway on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::breaking;
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
use super::words::Service;
use super::{FIRST_OTHER, Shop, Timer, asks, facts, gateways, judge, moments, name, operator, picture};

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "gateway",
    about: "Users, an API gateway with its workers, and four services behind it: timeouts, retries, breakers, bulkheads, after Nygard (2018), Envoy, Hystrix, resilience4j and RFC 9110.",
    nodes: (FIRST_OTHER, FIRST_OTHER + 2),
    clients: (2, 8),
    settings: Settings::DOCS,
    facts: &facts::FACTS,
    language: Language { calls: &asks::CALLS, verbs: &operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("workload c1 100/s orders", "a steady load; `home:orders:pay 1:8:1` asks for all, and each payment is one of its own"),
        ("slow payments 200x", "payments takes 10 s instead of 50 ms: watch the workers"),
        ("set try-timeout 500ms", "the gateway waits no longer for one call"),
        ("set bulkhead 10", "no more than ten workers wait for one service"),
        ("set breaker on", "a breaker before each service: see `breaker-least`, `breaker-percent` and `breaker-open`"),
        ("break orders", "orders answers every call with an error"),
        ("cut payments -> gateway", "payments does what it is asked, and its answer is lost"),
        ("c1 orders 7 directly", "past the gateway, without a token: see `services-trust`"),
        ("fire gateway probe", "an open breaker makes its trials now"),
    ],
    moments: moments::NAMES,
    series: &["p99_ms", "p50_ms", "busy", "waiting", "goodput_per_s", "failed_per_s", "retries_per_s", "waits_for_most"],
    healthy: "breakers_open == 0 && breakers_stuck == 0 && lost_workers == 0",
    pace: PACE,
    start: live::start::<Shop>,
};

impl Staged for Shop {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn fits(_: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        if servers >= FIRST_OTHER {
            return Ok(());
        }
        Err(("nodes", format!("a gateway, four services, auth and a database are {FIRST_OTHER} servers; `nodes` cannot be {servers}")))
    }

    fn furnish(sim: &mut Sim<Self>) {
        breaking::keep(sim);
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn changed(ret: &Ret) -> bool {
        matches!(ret, Ret::Paid { before: false })
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Probe(_) => Some("probe"),
            Timer::Due | Timer::Work(_) => None,
        }
    }

    fn name(_: &Sim<Self>, id: NodeId) -> String {
        name(id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        picture::panels(live, at, out);
    }

    fn is_serving(live: &Live<Self>) -> bool {
        let sim = live.sim();
        moments::is_working(sim, Service::Payments.node()) && gateways(sim).any(|(id, _)| moments::is_working(sim, id))
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
