//! Partitioned data on the stage.

use crate::check::operation::{Op, Replicas};
use crate::check::verdict::Verdicts;
use crate::cluster::NoteMark;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::cluster::kit::facts::Fact;
use crate::cluster::kit::reach::has_clients;
use crate::cluster::kit::register::{Answer, Register, Registers};
use crate::cluster::live::{Live, Staged};
use crate::cluster::model::Model;
use crate::cluster::moment::Moment;
use crate::cluster::scene::{FlightKind, NodeView, Scene};
use crate::command::Call;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

use super::look::disk;
use super::message::{KINDS, Msg, told};
use super::model::MODEL;
use super::note::Note;
use super::request::{Done, Request};
use super::settings::Settings;
use super::watch::Watch;
use super::{Ring, Timer};

impl Staged for Ring {
    type Watch = Watch;
    type Invariants = super::invariants::Invariants;

    fn model() -> &'static Model {
        &MODEL
    }

    fn furnish(sim: &mut Sim<Self>) {
        super::found::furnish(sim);
    }

    /// A map that nobody could tell of when the settings asked for it is made.
    fn on_return(sim: &mut Sim<Self>) {
        super::found::furnish(sim);
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
        told(done)
    }

    fn deeds() -> &'static [Deed<Self>] {
        &super::operator::DEEDS
    }

    fn kind(number: u8) -> FlightKind {
        KINDS[usize::from(number) % KINDS.len()]
    }

    fn label(msg: &Msg) -> String {
        msg.label()
    }

    fn note(note: &Note, who: NodeId) -> (String, NoteMark) {
        (note.text(who), note.mark())
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

    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        super::moments::moments(sim, out);
    }

    fn patience(settings: &Settings) -> Span {
        let trip = settings.latency.mean().unwrap_or_default().scaled(2.0) + settings.disk.mean().unwrap_or_default();
        let parts = settings.keys.div_ceil(settings.batch) + 10;
        trip.scaled(f64::from(parts) * 2.0) + settings.move_retry.scaled(30.0) + settings.request_timeout.scaled(2.0)
    }

    fn facts() -> &'static [&'static [Fact<Self>]] {
        super::facts::TABLES
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
