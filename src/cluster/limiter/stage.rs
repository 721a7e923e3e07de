//! The limiter on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::Ask;
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
use super::{FIRST, RateLimiter, SERVICE, Timer, asks, facts, judge, moments, name, picture};

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "limiter",
    about: "Callers, one to three rate limiters, the service behind them and a shared store of counters, after Cloudflare (2017), Stripe (2017), ITU-T I.371 and the Redis documentation.",
    nodes: (3, 5),
    clients: (2, 8),
    settings: Settings::DOCS,
    facts: &facts::FACTS,
    language: Language { calls: &asks::CALLS, verbs: &[] },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("c1 burst 10 after 950ms", "ten just before the edge of a window; ten more after `run 100ms` make twice the limit"),
        ("workload c1 steady 20/s ask keys anna", "twice as much as may pass, evenly; `keys uniform(40)` are 40 users behind one address"),
        ("set algorithm sliding-log", "every counter starts anew, and so do the facts of the worst window"),
        ("crash limiter1", "what it counted in memory is gone: see `kept`"),
        ("cut limiter1 | store", "under `counters shared` it cannot count: see `store-down`"),
        ("skew limiter1 +1s", "under `clock wall` the window is over too early"),
        ("pause limiter1", "what comes meanwhile is counted when it runs again; a leaky queue keeps its distance"),
        ("hold #12", "what passed reaches the service later, perhaps with what passes then"),
    ],
    moments: moments::NAMES,
    series: &["passed_per_s", "refused_per_s", "in_window", "level"],
    healthy: "nodes_up > 0",
    pace: PACE,
    start: live::start::<RateLimiter>,
};

impl Staged for RateLimiter {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn fits(settings: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        match usize::from(servers).checked_sub(FIRST) {
            Some(limiters) if limiters > 0 => settings.fits(limiters),
            _ => Err(("nodes", format!("a service, a store and one limiter are 3 servers; `nodes` cannot be {servers}"))),
        }
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Edge => Some("edge"),
            Timer::Release => Some("release"),
            Timer::Due => Some("due"),
            Timer::Tick | Timer::Flush | Timer::Work(_) => None,
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
        let limiters = sim.server_ids().filter(|id| id.index() >= FIRST);
        moments::is_working(sim, SERVICE) && limiters.into_iter().any(|id| moments::is_working(sim, id))
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
