//! A store on a bare simulator, for tests.

use std::sync::Arc;

use crate::check::operation::{Op, Ret, Value};
use crate::sim::dist::Dist;
use crate::sim::history::Kind;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::{Config, Sim};
use crate::sim::network::{Map, Policy};
use crate::sim::time::{Span, Time};

use super::Quorum;
use super::cell::Cell;
use super::message::Done;
use super::request::Request;
use super::settings::Settings;

/// So many nodes and clients with these settings.
pub(super) fn store(servers: u16, clients: u16, seed: u64, settings: &Settings) -> Sim<Quorum> {
    let (map, policy) = (Map::single((*settings.latency).clone()), Policy::default());
    let (disk, handling, settings) = ((*settings.disk).clone(), settings.handling, settings.clone());
    Sim::new(Config { seed, servers, clients, map, policy, disk, handling, keep_trace: true, settings })
}

/// Settings under which every message takes 10 ms and nothing happens by itself.
pub(super) fn steady(change: impl FnOnce(&mut Settings)) -> Settings {
    let mut settings = Settings { latency: constant(10), anti_entropy: None, ..Settings::default() };
    change(&mut settings);
    settings
}

pub(super) fn constant(ms: u64) -> Arc<Dist> {
    Arc::new(Dist::Const(Span::ms(ms)))
}

pub(super) fn n(number: u16) -> NodeId {
    NodeId::server(number - 1)
}

pub(super) fn c(number: u16) -> NodeId {
    NodeId::client(number - 1)
}

pub(super) fn write(value: i64) -> Request {
    Request::all(Op::Write { key: "x".into(), value: Value::Int(value) })
}

pub(super) fn delete() -> Request {
    Request::all(Op::Write { key: "x".into(), value: crate::cluster::kit::register::nothing() })
}

pub(super) fn read(among: &[NodeId]) -> Request {
    Request { op: Op::Read { key: "x".into() }, among: among.to_vec() }
}

pub(super) fn run(sim: &mut Sim<Quorum>, ms: u64) {
    let end = sim.now() + Span::ms(ms);
    while sim.next_at().is_some_and(|next| next <= end) {
        sim.step();
    }
    sim.wait_until(end);
}

/// Asks, and runs until it is answered or given up.
pub(super) fn ask(sim: &mut Sim<Quorum>, client: NodeId, request: Request, server: Option<NodeId>) -> Kind<Request, Done> {
    let id = start(sim, client, request, server);
    loop {
        if let Some(end) = end_of(sim, id) {
            return end;
        }
        sim.step().expect("a request ends");
    }
}

/// Asks, and does not wait.
pub(super) fn start(sim: &mut Sim<Quorum>, client: NodeId, request: Request, server: Option<NodeId>) -> RequestId {
    let id = sim.history().newest_first().filter(|record| matches!(record.kind, Kind::Invoke(_))).count();
    sim.act(id as u64);
    sim.request(client, request, server);
    RequestId(id as u32)
}

pub(super) fn end_of(sim: &Sim<Quorum>, request: RequestId) -> Option<Kind<Request, Done>> {
    let is_end = |kind: &Kind<Request, Done>| !matches!(kind, Kind::Invoke(_));
    sim.history().newest_first().find(|record| record.request == request && is_end(&record.kind)).map(|record| record.kind.clone())
}

/// What a read returned, as text: `nil` where there was nothing, and `no answer` where it was not answered.
pub(super) fn value(end: &Kind<Request, Done>) -> String {
    match end {
        Kind::Ok(Done { ret: Ret::Value(value), .. }) => value.as_ref().map_or_else(|| NIL.to_string(), Value::to_string),
        _ => "no answer".to_string(),
    }
}

/// What a read returns where nothing is.
pub(super) const NIL: &str = "nil";

pub(super) fn int(value: i64) -> String {
    value.to_string()
}

pub(super) fn is_ok(end: &Kind<Request, Done>) -> bool {
    matches!(end, Kind::Ok(_))
}

/// The copies of `x`, node by node, as values: `-` where there is none.
pub(super) fn copies(sim: &Sim<Quorum>) -> String {
    let copy = |id: NodeId| {
        let cell = sim.node(id).store().current().cells.get("x");
        cell.map_or_else(|| "-".to_string(), super::message::word)
    };
    (0..sim.servers()).map(NodeId::server).map(copy).collect::<Vec<_>>().join(" ")
}

pub(super) fn hints(sim: &Sim<Quorum>) -> usize {
    (0..sim.servers()).map(|i| sim.node(NodeId::server(i)).store().current().hints.len()).sum()
}

pub(super) fn durable_copy(sim: &Sim<Quorum>, id: NodeId) -> Option<Cell> {
    sim.node(id).store().durable().cells.get("x").cloned()
}

pub(super) fn cut(sim: &mut Sim<Quorum>, left: &[NodeId], right: &[NodeId]) {
    sim.act(1);
    sim.network_mut().cut(left.iter().copied().collect(), right.iter().copied().collect(), false);
}

pub(super) fn heal(sim: &mut Sim<Quorum>) {
    sim.act(2);
    sim.network_mut().heal_all();
}

pub(super) fn now_ms(sim: &Sim<Quorum>) -> u64 {
    sim.now().since(Time::ZERO).0 / 1_000_000
}
