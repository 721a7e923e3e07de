//! A shop for tests of stations and loads: clients send jobs to the first server, which serves them and answers.

use std::sync::Arc;

use super::arrivals::Arrivals;
use super::dist::Dist;
use super::id::{NodeId, RequestId};
use super::kernel::{Config, Sim};
use super::network::{Map, Policy};
use super::protocol::{Cx, Protocol, Reply, Wire};
use super::requests::Load;
use super::station::{Discipline, Service, Station, Takes};
use super::time::{Span, Time};

#[derive(Clone, Default)]
pub(super) struct Shop {
    /// The jobs that were handled, in order.
    pub(super) handled: Vec<u32>,
}

/// A job, by its priority.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Job(pub(super) u8);

crate::packs!(struct Job { 0 });

#[derive(Clone)]
pub(super) enum Msg {
    Job(RequestId, Job),
    Done(RequestId, bool),
    /// Handled beside the line.
    Probe,
}

#[derive(Clone)]
pub(super) struct Settings {
    pub(super) station: Station,
    pub(super) service: Dist,
    /// Whether the worker of a job stays taken until its timer goes off, after this long.
    pub(super) keep: Option<Span>,
    pub(super) patience: Option<Span>,
}

impl Wire for Msg {}

impl Protocol for Shop {
    type Settings = Settings;
    type Msg = Msg;
    type Timer = u32;
    type Disk = ();
    type Op = Job;
    type Ret = Time;
    type Note = &'static str;

    fn boot(_: NodeId, _: &mut Cx<'_, Self>) -> Self {
        Shop::default()
    }

    fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        match msg {
            Msg::Job(request, _) => {
                self.handled.push(request.0);
                if let Some(keep) = cx.settings().keep {
                    cx.keep_worker();
                    cx.set_timer(keep, request.0);
                }
                cx.send(from, Msg::Done(request, true));
            }
            Msg::Done(request, true) => cx.reply(request, Reply::Ok(cx.clock())),
            Msg::Done(request, false) => cx.reply(request, Reply::Refused("no room".into())),
            Msg::Probe => cx.note("probed"),
        }
    }

    fn on_timer(&mut self, _: u32, cx: &mut Cx<'_, Self>) {
        cx.free_worker();
    }

    fn on_request(&mut self, request: RequestId, job: Job, _: Option<NodeId>, cx: &mut Cx<'_, Self>) {
        cx.ask(request, NodeId::server(0), Msg::Job(request, job));
    }

    fn patience(settings: &Settings, _: &Job) -> Option<Span> {
        settings.patience
    }

    fn station(settings: &Settings, id: NodeId) -> Station {
        if id.is_client() { Station::default() } else { settings.station }
    }

    fn service<'a>(msg: &Msg, settings: &'a Settings, _: NodeId) -> Service<'a> {
        match msg {
            Msg::Job(_, job) => Service { takes: Takes::Drawn(&settings.service), priority: job.0 },
            Msg::Done(..) => Service::HANDLING,
            Msg::Probe => Service::ASIDE,
        }
    }

    fn on_overflow(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Self>) {
        if let Msg::Job(request, _) = msg {
            cx.send(from, Msg::Done(request, false));
        }
    }
}

pub(super) const N1: NodeId = NodeId::server(0);
pub(super) const C1: NodeId = NodeId::client(0);

/// So many workers, room for all, this service time.
pub(super) fn settings(workers: u32, service: &str) -> Settings {
    let station = Station { workers, queue: u32::MAX, discipline: Discipline::FirstCome };
    Settings { station, service: service.parse().unwrap(), keep: None, patience: None }
}

/// A shop with these; messages take no time.
pub(super) fn shop(workers: u32, service: &str, seed: u64) -> Sim<Shop> {
    shop_of(settings(workers, service), seed)
}

pub(super) fn shop_of(settings: Settings, seed: u64) -> Sim<Shop> {
    Sim::new(Config { seed, ..config(settings) })
}

pub(super) fn config(settings: Settings) -> Config<Settings> {
    Config {
        seed: 1,
        servers: 2,
        clients: 1,
        map: Map::single(Dist::Const(Span::ZERO)),
        policy: Policy::default(),
        disk: Dist::Const(Span::ZERO),
        handling: Span::ZERO,
        keep_trace: false,
        settings,
    }
}

/// Jobs without priority that come like this.
pub(super) fn jobs(arrivals: &str) -> Load<Shop> {
    let arrivals: Arrivals = arrivals.parse().unwrap();
    Load { arrivals, pick: Arc::new(|_, _| Job(0)) }
}

pub(super) fn run(sim: &mut Sim<Shop>, until: Time) {
    while sim.next_at().is_some_and(|at| at <= until) {
        sim.step();
    }
    sim.wait_until(until);
}

/// Runs until nothing is left to happen.
pub(super) fn run_out(sim: &mut Sim<Shop>) {
    while sim.step().is_some() {}
}

pub(super) fn ms(n: u64) -> Time {
    Time::ZERO + Span::ms(n)
}
