//! A cluster on the stage, for tests.

use crate::check::verdict::{Guarantee, Holds};
use crate::cluster::facts::{FactValue, Facts};
use crate::cluster::live::Live;
use crate::cluster::{Cluster, Scenario, Stop, What};
use crate::command::{Command, Drive};
use crate::sim::id::{MsgId, NodeId};
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::{Span, Time};

use super::log::Disk;
use super::message::Msg;
use super::server::Server;
use super::{Consensus, MODEL, look};

/// So many servers with these settings.
pub(super) fn cluster(nodes: u16, settings: &[(&str, &str)], seed: u64) -> Box<dyn Cluster> {
    let settings = settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let scenario = Scenario { nodes: Some(nodes), settings, seed, ..Scenario::of("consensus") };
    (MODEL.start)(&scenario).unwrap_or_else(|wrong| panic!("{wrong:?}"))
}

/// Does what the commands say, one after the other.
pub(super) fn act(cluster: &mut dyn Cluster, commands: &[&str]) {
    for text in commands {
        match MODEL.language.parse(text) {
            Ok(Command::Poke(poke)) => cluster.apply(&poke).unwrap_or_else(|why| panic!("{text}: {why}\n{}", story(cluster))),
            Ok(Command::Drive(Drive::Run(span))) => {
                let end = cluster.now() + span;
                assert_eq!(cluster.run_until(end, 1_000_000), Stop::Reached, "{text}\n{}", story(cluster));
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

/// Goes on until this is so, for ten seconds at most.
pub(super) fn until(cluster: &mut dyn Cluster, done: impl Fn(&dyn Cluster) -> bool) {
    let end = cluster.now() + Span::s(10);
    while !done(cluster) {
        assert!(cluster.now() < end && cluster.step().is_some(), "it never happened\n{}", story(cluster));
    }
}

/// Goes on until one server leads, and says which.
pub(super) fn elect(cluster: &mut dyn Cluster) -> NodeId {
    until(cluster, |c| int(c, "leaders") == 1);
    look::leaders(sim(cluster))[0]
}

pub(super) fn sim(cluster: &dyn Cluster) -> &Sim<Consensus> {
    cluster.as_any().downcast_ref::<Live<Consensus>>().expect("it is this model").sim()
}

pub(super) fn server(cluster: &dyn Cluster, number: u16) -> &Server {
    look::server(sim(cluster), n(number)).expect("it runs")
}

pub(super) fn disk(cluster: &dyn Cluster, number: u16) -> &Disk {
    look::disk(sim(cluster), n(number))
}

pub(super) fn n(number: u16) -> NodeId {
    NodeId::server(number - 1)
}

pub(super) fn int(cluster: &dyn Cluster, name: &str) -> i64 {
    match fact(cluster, name) {
        FactValue::Int(n) => n,
        other => panic!("{name} is {other}"),
    }
}

pub(super) fn fact(cluster: &dyn Cluster, name: &str) -> FactValue {
    let mut facts = Facts::default();
    cluster.facts(&mut facts);
    facts.get(name).unwrap_or_else(|| panic!("no fact {name}")).clone()
}

/// The notes and pokes, for messages of tests.
pub(super) fn story(cluster: &dyn Cluster) -> String {
    let mut all = Vec::new();
    cluster.happenings(Time::ZERO, &mut all);
    let line = |h: &crate::cluster::Happening| match &h.what {
        What::Note { text, .. } => Some(format!("{} {text}\n", h.at)),
        What::Poked(poke) => Some(format!("{} > {poke}\n", h.at)),
        _ => None,
    };
    all.iter().filter_map(line).collect()
}

/// The guarantees that are broken.
pub(super) fn broken(cluster: &dyn Cluster) -> Vec<Guarantee> {
    cluster.verdicts().into_iter().filter(|v| v.holds == Holds::No).map(|v| v.guarantee).collect()
}

/// A cluster in which every message takes 10 ms and nobody stands by itself.
pub(super) fn quiet(nodes: u16, more: &[(&str, &str)]) -> Box<dyn Cluster> {
    let settings = [&[("latency", "const(10ms)"), ("election-timeout", "100s-200s")], more].concat();
    cluster(nodes, &settings, 1)
}

/// Fires its election timer until it leads: its first terms may be old.
pub(super) fn is_elected(cluster: &mut dyn Cluster, who: u16) -> bool {
    (0..5).any(|_| {
        act(cluster, &[&format!("fire n{who} election"), "run 40ms"]);
        server(cluster, who).is_leader()
    })
}

/// The same, where it must.
pub(super) fn lead_by(cluster: &mut dyn Cluster, who: u16) {
    assert!(is_elected(cluster, who), "n{who} does not lead\n{}", story(cluster));
}

/// Does this with every message on its way that is such, and says how many there were.
pub(super) fn each(cluster: &mut dyn Cluster, verb: &str, which: impl Fn(&Flight<Msg>) -> bool) -> Vec<MsgId> {
    let all: Vec<MsgId> = sim(cluster).flights().filter(|flight| which(flight)).map(|flight| flight.leg.id).collect();
    again(cluster, verb, &all);
    all
}

/// Does this with these messages.
pub(super) fn again(cluster: &mut dyn Cluster, verb: &str, messages: &[MsgId]) {
    for id in messages {
        act(cluster, &[&format!("{verb} {id}")]);
    }
}
