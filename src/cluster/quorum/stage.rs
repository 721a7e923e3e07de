//! The store on the stage.

use crate::check::operation::{Op, Replicas};
use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::register::{self, Answer, Register, Registers};
use crate::cluster::live::{Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::Call;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::message::Done;
use super::model::MODEL;
use super::request::Request;
use super::settings::Settings;
use super::watch::Watch;
use super::{Quorum, Timer};

impl Staged for Quorum {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Request>] = &super::asks::ASKS;
    const DEEDS: &'static [Deed<Self>] = &super::asks::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = super::facts::TABLES;

    fn fits(settings: &Settings, servers: u16, _: u16) -> Result<(), (&'static str, String)> {
        settings.fits(servers)
    }

    fn asked(request: &Request) -> Call {
        super::asks::asked(request)
    }

    fn told(done: &Done) -> String {
        register::told(&done.ret)
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        match timer {
            Timer::HandOver => Some("hand-over"),
            Timer::AntiEntropy => Some("anti-entropy"),
            Timer::Purge => Some("purge"),
            Timer::StandIn(_) | Timer::Forget(_) | Timer::Flush => None,
        }
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
