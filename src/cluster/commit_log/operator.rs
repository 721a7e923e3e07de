//! What an operator can do by hand.

use crate::check::operation::Value;
use crate::cluster::kit::ask::{Deed, client_of, each_client, verb, verbs};
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::CommitLog;
use super::asks::part;
use super::controller::Controller;
use super::look::{consumers, leader, meta, official, seats};
use super::record::{Group, Part};
use super::roster::CONTROLLER;

/// What operators do.
pub(super) static DEEDS: [Deed<CommitLog>; 4] = [
    Deed {
        doc: verb("elect", &["elect PARTITION SERVER"], "elect p0 b2", "make a broker that is in sync the leader of a partition"),
        can: |sim, call| may_lead(sim, call, true).map(|_| ()),
        perform: |sim, call| appoint(sim, call, true),
        offers: |sim| candidates(sim, true),
    },
    Deed {
        doc: verb(
            "elect-unclean",
            &["elect-unclean PARTITION SERVER"],
            "elect-unclean p0 b2",
            "make a broker the leader of a partition though it is not in sync: what it lacks is lost",
        ),
        can: |sim, call| may_lead(sim, call, false).map(|_| ()),
        perform: |sim, call| appoint(sim, call, false),
        offers: |sim| candidates(sim, false),
    },
    Deed {
        doc: verb(
            "seek",
            &["seek GROUP OFFSET", "seek GROUP OFFSET in PARTITION"],
            "seek billing 0",
            "let a group go on from an offset, in every partition or in one",
        ),
        can: |sim, call| sought(sim, call).map(|_| ()),
        perform: seek,
        offers: |_| Group::ALL.iter().map(|group| vec![word(group.word()), Arg::Value(Value::Int(0))]).collect(),
    },
    Deed {
        doc: verb(
            "renew",
            &["renew PRODUCER"],
            "renew c1",
            "start a producer again: it has a new id, and sends again what it was not told of",
        ),
        can: |sim, call| producer(sim, call).map(|_| ()),
        perform: renew,
        offers: each_client,
    },
];

/// Their words.
pub(super) static VERBS: [VerbDoc; 4] = verbs(&DEEDS);

fn word(text: &str) -> Arg {
    Arg::Value(Value::from(text))
}

/// The partition and the broker of a call, where the broker may lead it.
fn may_lead(sim: &Sim<CommitLog>, call: &Call, clean: bool) -> Result<(Part, NodeId), String> {
    let part = part(call)?.ok_or_else(|| format!("`{call}` names no partition"))?;
    let seats = seats(sim, part).ok_or_else(|| format!("there is no {part} here"))?;
    let name = |id: NodeId| sim.settings().name(id);
    let id = match call.get("SERVER").and_then(Arg::place) {
        Some(Place::Node(id)) => Some(*id),
        Some(Place::Named(text)) => sim.settings().roster().there().map(|(id, _)| id).find(|id| name(*id) == *text),
        None => None,
    };
    let id = id.filter(|id| seats.replicas.contains(id));
    let id = id.ok_or_else(|| format!("`{call}` names no broker that has {part}; {} have it", list(sim, &seats.replicas)))?;
    let controller = sim.node(CONTROLLER);
    match () {
        () if !controller.is_up() || controller.is_paused() => Err("the controller is down; nobody can elect".into()),
        () if controller.store().is_full() => Err("the controller's disk is full".into()),
        () if seats.leader == Some(id) => Err(format!("{} leads {part} already", name(id))),
        () if !meta(sim).alive.contains_key(&id) => Err(format!("the controller takes {} for dead", name(id))),
        () if clean && !seats.isr.contains(&id) => {
            Err(format!("{} is not in sync with {part}; in sync are {}", name(id), list(sim, &seats.isr)))
        }
        () => Ok((part, id)),
    }
}

fn list(sim: &Sim<CommitLog>, ids: &[NodeId]) -> String {
    ids.iter().map(|id| sim.settings().name(*id)).collect::<Vec<_>>().join(", ")
}

fn candidates(sim: &Sim<CommitLog>, clean: bool) -> Vec<Vec<Arg>> {
    let of = |(part, seats): (Part, &std::sync::Arc<super::meta::Seats>)| {
        let among = if clean { seats.isr.clone() } else { seats.replicas.clone() };
        let others = among.into_iter().filter(|id| seats.leader != Some(*id)).collect::<Vec<_>>();
        others.into_iter().map(move |id| vec![word(&part.to_string()), Arg::Place(Place::Node(id))])
    };
    meta(sim).topic().flat_map(of).collect()
}

fn appoint(sim: &mut Sim<CommitLog>, call: &Call, clean: bool) {
    let Ok((part, id)) = may_lead(sim, call, clean) else { return };
    sim.command(CONTROLLER, |_, cx| Controller::appoint(part, id, cx));
}

/// A group and where it is to go on, within what there is.
fn sought(sim: &Sim<CommitLog>, call: &Call) -> Result<(Group, Vec<(Part, u64)>), String> {
    let named = call.get("GROUP").and_then(Arg::value).map(Value::to_string).unwrap_or_default();
    let group = Group::ALL.into_iter().find(|group| group.word() == named);
    let group = group.ok_or_else(|| format!("`{named}` is no group; groups are audit and billing"))?;
    let offset = match call.get("OFFSET").and_then(Arg::value) {
        Some(Value::Int(offset)) => u64::try_from(*offset).ok(),
        _ => None,
    };
    let offset = offset.ok_or_else(|| format!("`{call}` names no offset; offsets are whole numbers from 0"))?;
    let parts = match part(call)? {
        Some(part) if seats(sim, part).is_none() => return Err(format!("there is no {part} here")),
        Some(part) => vec![part],
        None => super::look::topic(sim),
    };
    if leader(sim, Part::MARKS).is_none_or(|(id, _)| sim.node(id).is_paused()) {
        return Err("the group's coordinator is down".into());
    }
    let within = |part: Part| official(sim, part).map_or(offset, |log| offset.clamp(log.start, log.high_water.max(log.start)));
    Ok((group, parts.into_iter().map(|part| (part, within(part))).collect()))
}

fn seek(sim: &mut Sim<CommitLog>, call: &Call) {
    let Ok((group, marks)) = sought(sim, call) else { return };
    let Some(coordinator) = leader(sim, Part::MARKS).map(|(id, _)| id) else { return };
    let members: Vec<NodeId> = consumers(sim, group).map(|(id, _)| id).collect();
    for id in members {
        sim.command(id, |state, cx| {
            if let CommitLog::Consumer(consumer) = state {
                consumer.seek(&marks, cx);
            }
        });
    }
    sim.command(coordinator, |state, cx| {
        if let CommitLog::Broker(broker) = state {
            broker.seek(group, &marks, cx);
        }
    });
}

fn producer(sim: &Sim<CommitLog>, call: &Call) -> Result<NodeId, String> {
    client_of(sim, call, "PRODUCER", "producer")
}

fn renew(sim: &mut Sim<CommitLog>, call: &Call) {
    let Ok(id) = producer(sim, call) else { return };
    sim.command(id, |state, cx| {
        if let CommitLog::Producer(producer) = state {
            producer.renew(cx);
        }
    });
}
