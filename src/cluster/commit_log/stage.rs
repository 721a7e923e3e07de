//! The commit log on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::reach::has_clients;
use crate::cluster::live::{Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::Call;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::Time;

use super::look::{leader, topic};
use super::message::{Op, Ret};
use super::model::MODEL;
use super::settings::{Acks, Settings};
use super::watch::Watch;
use super::{CommitLog, Timer, asks, facts, found, judge, operator, picture};

impl Staged for CommitLog {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &operator::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn lay_out(settings: &mut Settings) -> Option<u16> {
        settings.settle();
        Some(settings.roster().there().count() as u16)
    }

    fn furnish(sim: &mut Sim<Self>) {
        found::furnish(sim);
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        timer.name()
    }

    fn name(sim: &Sim<Self>, id: NodeId) -> String {
        sim.settings().name(id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, _: Time, out: &mut Scene) {
        picture::stage(live, out);
    }

    /// A record can be written to every partition.
    fn is_serving(live: &Live<Self>) -> bool {
        let sim = live.sim();
        let needs = if sim.settings().acks == Acks::All { sim.settings().min_insync as usize } else { 1 };
        let serves = |part| {
            leader(sim, part).is_some_and(|(id, lead)| {
                let node = sim.node(id);
                !node.is_paused() && !node.store().is_full() && lead.isr.len() >= needs && has_clients(sim, id)
            })
        };
        !sim.holds_all() && topic(sim).into_iter().all(serves)
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
