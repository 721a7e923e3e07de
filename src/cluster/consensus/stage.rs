//! The cluster on the stage.

use crate::check::operation::{Op, Replicas, Ret};
use crate::check::verdict::Verdicts;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::logged;
use crate::cluster::kit::register::{self, Answer, Register, Registers};
use crate::cluster::live::{Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::scene::{NodeView, Scene};
use crate::command::Call;
use crate::sim::id::NodeId;
use crate::sim::time::Time;

use super::Consensus;
use super::message::Done;
use super::model::MODEL;
use super::server::Timer;
use super::watch::Watch;

impl Staged for Consensus {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;
    const MODEL: &'static Model = &MODEL;
    const ASKS: &'static [Ask<Op>] = &register::ASKS;
    const DEEDS: &'static [Deed<Self>] = &super::transfer::DEEDS;
    const FACTS: &'static [&'static [Fact<Self>]] = super::facts::TABLES;

    fn asked(op: &Op) -> Call {
        register::asked(op)
    }

    fn changed(done: &Done) -> bool {
        done.ret != Ret::NotSwapped
    }

    fn told(done: &Done) -> String {
        register::told(&done.ret)
    }

    fn timer(timer: Timer) -> Option<&'static str> {
        timer.name()
    }

    fn picture(live: &Live<Self>, node: NodeId, view: &mut NodeView) {
        super::picture::draw(live, node, view);
    }

    fn panels(live: &Live<Self>, at: Time, out: &mut Scene) {
        super::picture::tracks(live, at, out);
        super::picture::panels(live, out);
        super::picture::knobs(live, out);
    }

    fn server_of(client: &Self) -> Option<NodeId> {
        match client {
            Consensus::Client(client) => Some(client.leader),
            Consensus::Server(_) => None,
        }
    }

    fn is_serving(live: &Live<Self>) -> bool {
        live.watched().serving
    }

    fn judge(live: &Live<Self>) -> Verdicts {
        register::judge(live)
    }
}

impl Registers for Consensus {
    fn op(op: &Op) -> Option<&Op> {
        Some(op)
    }

    fn answer(done: &Done) -> Answer<'_> {
        Answer { ret: &done.ret, wrote: done.wrote, beside: &[] }
    }

    fn register(watch: &Watch) -> &Register {
        &watch.register
    }

    fn replicas(live: &Live<Self>) -> Replicas {
        logged::replicas(live)
    }
}
