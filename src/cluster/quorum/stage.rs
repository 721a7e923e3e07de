//! The store on the stage.

use crate::check::operation::{Op, Replicas};
use crate::check::verdict::Verdicts;
use crate::cluster::NoteMark;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::register::{self, Answer, Register, Registers};
use crate::cluster::live::{Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::moment::Moment;
use crate::cluster::scene::{FlightKind, NodeView, Scene};
use crate::command::Call;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::message::{Done, Msg, Note};
use super::model::MODEL;
use super::request::Request;
use super::settings::Settings;
use super::watch::Watch;
use super::{Quorum, Timer};

impl Staged for Quorum {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;

    fn model() -> &'static Model {
        &MODEL
    }

    fn fits(settings: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        settings.fits(servers)
    }

    fn caption(settings: &Settings) -> String {
        settings.caption()
    }

    fn asks() -> &'static [Ask<Request>] {
        &super::asks::ASKS
    }

    fn asked(request: &Request) -> Call {
        super::asks::asked(request)
    }

    fn told(done: &Done) -> String {
        register::told(&done.ret)
    }

    fn deeds() -> &'static [Deed<Self>] {
        &super::asks::DEEDS
    }

    fn kind(number: u8) -> FlightKind {
        super::message::KINDS[usize::from(number) % super::message::KINDS.len()]
    }

    fn label(msg: &Msg) -> String {
        msg.label()
    }

    fn note(note: &Note, who: NodeId) -> (String, NoteMark) {
        (note.text(who), note.mark())
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::HandOver => Some("hand-over"),
            Timer::AntiEntropy => Some("anti-entropy"),
            Timer::Purge => Some("purge"),
            Timer::StandIn(_) | Timer::Forget(_) | Timer::Flush => None,
        }
    }

    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        super::moments::moments(sim, out);
    }

    fn patience(settings: &Settings) -> Span {
        patience(settings)
    }

    fn is_serving(live: &Live<Self>) -> bool {
        live.watched().serving
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        super::picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        super::replies::draw(live, at, out);
        super::picture::knobs(live, out);
    }

    fn facts() -> &'static [&'static [Fact<Self>]] {
        super::facts::TABLES
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        register::judge(live)
    }
}

impl Registers for Quorum {
    fn op(request: &Request) -> Option<&Op> {
        Some(&request.op)
    }

    fn answer(done: &Done) -> Answer<'_> {
        Answer { ret: &done.ret, wrote: done.wrote, beside: &done.beside }
    }

    fn register(watch: &Watch) -> &Register {
        &watch.register
    }

    fn replicas(live: &Live<Self>) -> Replicas {
        super::copies::replicas(live)
    }
}

/// How long after the last fault until hints are delivered and every pair of nodes has compared, twice over.
pub(super) fn patience(settings: &Settings) -> Span {
    let rounds = settings.anti_entropy.unwrap_or_default().scaled(20.0);
    rounds + settings.hand_over.scaled(2.0) + settings.request_timeout.scaled(2.0)
}
