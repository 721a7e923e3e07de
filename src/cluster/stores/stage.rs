//! The two shops on the stage.

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
use super::shop::Shop;
use super::watch::Watch;
use super::{Stores, Timer, asks, facts, judge, moments, name, operator, picture, state};

/// What splitbrain says of it.
pub static MODEL: Model = Model {
    name: "stores",
    about: "The same shop twice, as tables with transactions and as documents, after Berenson et al. (1995), Adya (1999), Gray (1978) and the documentation of PostgreSQL, MySQL and MongoDB.",
    nodes: (2, 8),
    clients: (2, 8),
    settings: Settings::DOCS,
    facts: &facts::FACTS,
    language: Language { calls: &asks::CALLS, verbs: &operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        (
            "c1 transfer 30 from anna to bob",
            "two changes: `run 8ms`, then `kill c1` or `crash documents` leaves half of it where there is no transaction",
        ),
        ("c2 audit slowly", "a reader in the middle: the sum that it sees hangs on the isolation"),
        ("set isolation serializable", "what was begun keeps its own; the next transactions have this"),
        ("set documents referenced", "orders made from then on refer to their items; old ones keep their copies"),
        ("crash tables losing unsynced", "under `fsync lazy` the newest commits are gone, all or nothing of each"),
        ("hold #12", "a statement, a promise or a decision that comes later"),
    ],
    moments: moments::NAMES,
    series: &["open", "in_flight", "messages"],
    healthy: "nodes_up > 0",
    pace: PACE,
    start: live::start::<Stores>,
};

impl Staged for Stores {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn lay_out(settings: &mut Settings) -> Option<u16> {
        Some(2 * settings.shards as u16)
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn told(ret: &Ret) -> String {
        ret.0.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Due => Some("due"),
            Timer::Flush => None,
        }
    }

    fn name(sim: &Sim<Self>, id: NodeId) -> String {
        name(id, sim.settings())
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, _: Time, out: &mut Scene) {
        picture::panels(live, out);
    }

    fn is_serving(live: &Live<Self>) -> bool {
        let sim = live.sim();
        let shops = Shop::ALL.into_iter().filter(|shop| sim.settings().asks(*shop));
        shops.into_iter().all(|shop| state::servers(sim, shop).all(|id| moments::is_working(sim, id)))
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
