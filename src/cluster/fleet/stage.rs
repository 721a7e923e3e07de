//! The cluster on the stage: its words.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Declared as _;
use crate::cluster::live::{Live, Staged, start};
use crate::cluster::model::{Model, PACE};
use crate::cluster::scene::{NodeView, Scene};
use crate::command::{Call, Language};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::inventory::{OUTSIDE, RACKS};
use super::message::{Op, Ret, Timer};
use super::watch::Watch;
use super::{Fleet, Settings, asks, facts, invariants, judge, moments, operator, picture};

/// A shop on servers that fail.
pub static MODEL: Model = Model {
    name: "fleet",
    about: "A shop on a fleet of servers that fail and are repaired: users, fronts, application servers and databases in racks (Barlow and Proschan 1965; Gray 1985; Avizienis et al. 2004).",
    nodes: (4, 15),
    clients: (1, 5),
    settings: Settings::DOCS,
    facts: facts::FACTS,
    series: &["availability", "availability_requests", "nodes_up", "goodput_per_s", "offered_per_s", "wrong"],
    language: Language { calls: &asks::CALLS, verbs: &operator::VERBS },
    messages: <super::message::Msg as crate::cluster::live::Labelled>::KINDS,
    guarantees: &judge::GUARANTEES,
    pokes: &[
        ("set mttf exp(100h)", "from now on each server fails after 100 hours on average; `run 30d` is a month"),
        ("crash app1", "a crew repairs it after `mttr`, or you restart it"),
        ("crash r1", "everything in a rack at once"),
        ("set app 3", "one application server more; `set app 1` sells the newest"),
        ("workload c1 wave 0.001/s to 0.02/s every 1d view", "users look at pages, more of them by day"),
        ("c1 view book", "a page with the price"),
        ("c1 poison", "a request that crashes whatever program works on it"),
        ("c1 intrude to n2", "an old token, around the front: n2 is app1, which looks at no token"),
        ("rot db1 book", "a bit of the price of a book becomes another"),
        ("reprice book 9.99", "the shop sets a price: a database that cannot hear of it keeps the old one"),
        ("crash db1 wiping disk", "its disk is gone: it learns from the others what they have"),
        ("skew front1 -2h", "its clock is late: old tokens look valid"),
    ],
    moments: moments::NAMES,
    healthy: "up",
    pace: PACE,
    start: start::<Fleet>,
};

impl Staged for Fleet {
    type Watch = Watch;
    type Invariants = invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn lay_out(settings: &mut Settings) -> Option<u16> {
        Some(settings.lay_out())
    }

    fn usual_zones(settings: &Settings, _: u16, _: u16) -> Vec<(String, Vec<NodeId>)> {
        settings.zones()
    }

    /// Servers are bought and sold, racks are filled anew, and failures go by the new settings.
    fn furnish(sim: &mut Sim<Self>) {
        let settings = sim.settings().clone();
        let inventory = settings.inventory();
        let racked = sim.network().map().names.iter().map(String::as_str).eq([OUTSIDE].into_iter().chain(RACKS));
        let zone = |id: NodeId| if racked { inventory.rack(id, settings.racks) as u8 + 1 } else { 0 };
        // A new server asks others that are new.
        let more: Vec<u8> = (sim.servers()..inventory.len()).map(|index| zone(NodeId::server(index))).collect();
        sim.add_servers(&more);
        let sold: Vec<NodeId> = sim.server_ids().filter(|id| !inventory.has(*id)).collect();
        for id in sold {
            sim.remove(id);
        }
        if racked {
            let mut map = sim.network().map().clone();
            map.servers = (0..sim.servers()).map(|index| zone(NodeId::server(index))).collect();
            sim.network_mut().set_map(map);
        }
        let failures = Some(settings.failures());
        if sim.failures() != failures.as_ref() {
            sim.set_failures(failures);
        }
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn told(ret: &Ret) -> String {
        ret.told()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Check => Some("check"),
            Timer::Copy => Some("copy"),
            Timer::Rot => Some("rot"),
            Timer::Compare => Some("compare"),
            Timer::Tries | Timer::Missed | Timer::Missing => None,
        }
    }

    fn name(sim: &Sim<Self>, id: NodeId) -> String {
        sim.settings().inventory().name(id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::server(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        picture::stage(live, at, out);
    }

    fn server_of(client: &Self) -> Option<NodeId> {
        match client {
            Fleet::Users(users) => Some(users.front),
            _ => None,
        }
    }

    fn is_serving(live: &Live<Self>) -> bool {
        live.watched().path.is_some()
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
