//! Programs on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Speeds;
use crate::cluster::live::{Live, Moments, Staged, Upheld};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::{Call, Poke};
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Entry;

use super::model::MODEL;
use super::note::Note;
use super::op::{Op, Ret};
use super::settings::Settings;
use super::watch::Watch;
use super::{Processes, Timer, asks, facts, heard, judge, picture};

/// Nothing is promised of programs that somebody else wrote.
#[derive(Clone, Debug, Default)]
pub struct Nothing;

impl Upheld<Processes> for Nothing {
    fn begin(&mut self, _: &Sim<Processes>) {}

    fn poked(&mut self, _: &Poke, _: &Sim<Processes>) {}

    fn recorded(&mut self, _: &Record<Op, Ret>, _: &Sim<Processes>) -> Result<(), String> {
        Ok(())
    }

    fn traced(&mut self, _: &Entry<Note>, _: &Sim<Processes>) -> Result<(), String> {
        Ok(())
    }

    fn after(&mut self, _: Option<NodeId>, _: &Sim<Processes>) -> Result<(), String> {
        Ok(())
    }
}

impl Moments for Processes {
    fn patience(settings: &Settings) -> Span {
        settings.settle + settings.request_timeout
    }
}

impl Staged for Processes {
    type Watch = Watch;
    type Invariants = Nothing;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &asks::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = facts::TABLES;

    fn lay_out(settings: &mut Settings) -> Option<u16> {
        Some(settings.programs as u16)
    }

    fn speeds(settings: &Settings) -> Speeds {
        Speeds { near: (*settings.latency).clone(), far: (*settings.latency).clone(), ..Speeds::default() }
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn is_input(poke: &Poke) -> bool {
        asks::is_handed(poke)
    }

    fn timer(_: Timer) -> Option<&'static str> {
        // Nobody else's business: what programs time is theirs.
        None
    }

    fn name(sim: &Sim<Self>, id: NodeId) -> String {
        heard::name(sim, id)
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, _: Time, out: &mut Scene) {
        picture::panels(live, out);
    }

    fn is_serving(live: &Live<Self>) -> bool {
        live.sim().server_ids().any(|id| live.sim().node(id).is_up() && !live.sim().node(id).is_paused())
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
