//! Partitioned data on the stage.

use crate::check::operation::{Op, Replicas};
use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::reach::has_clients;
use crate::cluster::kit::register::{Answer, Register, Registers};
use crate::cluster::live::{Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::Call;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::look::disk;
use super::message::told;
use super::model::MODEL;
use super::request::{Done, Request};
use super::watch::Watch;
use super::{Ring, Timer};

impl Staged for Ring {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Request>] = &super::asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &super::operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = super::facts::TABLES;

    fn furnish(sim: &mut Sim<Self>) {
        super::found::furnish(sim);
    }

    /// A map that nobody could tell of when the settings asked for it is made.
    fn on_return(sim: &mut Sim<Self>) {
        super::found::furnish(sim);
    }

    fn asked(request: &Request) -> Call {
        super::asks::asked(request)
    }

    fn told(done: &Done) -> String {
        told(done)
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::Again => Some("again"),
            Timer::Refresh => Some("refresh"),
            Timer::Flush | Timer::Ask(_) | Timer::Enough(_) => None,
        }
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        super::picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, _: Time, out: &mut Scene) {
        super::picture::panels(live, out);
    }

    fn is_serving(live: &Live<Self>) -> bool {
        let sim = live.sim();
        let works = |id: NodeId| sim.node(id).is_up() && !sim.node(id).is_paused() && !sim.node(id).store().is_full();
        let all = || sim.server_ids().filter(|id| disk(sim, *id).map().is_some_and(|map| map.has(*id)));
        !sim.holds_all() && all().next().is_some() && all().all(|id| works(id) && has_clients(sim, id))
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        super::judge::judge(live)
    }
}

impl Registers for Ring {
    fn op(request: &Request) -> Option<&Op> {
        request.op()
    }

    fn answer(done: &Done) -> Answer<'_> {
        Answer { ret: &done.judged, wrote: done.wrote, beside: &[] }
    }

    fn register(watch: &Watch) -> &Register {
        &watch.register
    }

    fn replicas(live: &Live<Self>) -> Replicas {
        super::judge::replicas(live)
    }
}
