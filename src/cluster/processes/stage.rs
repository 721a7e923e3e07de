//! Programs on the stage.

use crate::check::verdict::Verdicts;
use crate::cluster::NoteMark;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::settings::Takes as _;
use crate::cluster::live::{Live, Speeds, Staged, Upheld};
use crate::cluster::model::Model;
use crate::cluster::scene::{FlightKind, NodeView, Scene};
use crate::command::{Call, Poke};
use crate::sim::dist::Dist;
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};
use crate::sim::trace::Entry;

use super::message::{self, Msg};
use super::model::MODEL;
use super::note::Note;
use super::op::{Op, Ret};
use super::settings::Settings;
use super::watch::Watch;
use super::{Processes, Timer, Workload, asks, facts, heard, judge, picture};

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

impl Staged for Processes {
    type Watch = Watch;
    type Invariants = Nothing;

    fn model() -> &'static Model {
        &MODEL
    }

    fn lay_out(settings: &mut Settings) -> Option<u16> {
        Some(settings.programs as u16)
    }

    fn caption(settings: &Settings) -> String {
        format!("{} · {} · your programs, by the machine's clock", settings.program, Workload::write(&settings.workload))
    }

    fn speeds(settings: &Settings) -> Speeds {
        Speeds::of(&settings.latency, &settings.latency, Span::ZERO, &Dist::Const(Span::ZERO))
    }

    fn asks() -> &'static [Ask<Op>] {
        &asks::ASKS
    }

    fn asked(op: &Op) -> Call {
        asks::asked(op)
    }

    fn told(ret: &Ret) -> String {
        ret.to_string()
    }

    fn deeds() -> &'static [Deed<Self>] {
        &asks::DEEDS
    }

    fn is_input(poke: &Poke) -> bool {
        asks::is_handed(poke)
    }

    fn kind(number: u8) -> FlightKind {
        message::on_stage(number)
    }

    fn label(msg: &Msg) -> String {
        msg.label.to_string()
    }

    fn note(note: &Note, who: NodeId) -> (String, NoteMark) {
        (note.text(&who.to_string()), note.mark())
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

    fn patience(settings: &Settings) -> Span {
        settings.settle + settings.request_timeout
    }

    fn facts() -> &'static [&'static [Fact<Self>]] {
        facts::TABLES
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        judge::judge(live)
    }
}
