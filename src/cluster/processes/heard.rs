//! What the edge hands in of a program: a line that it wrote, what it said beside, and that it is gone.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::body::{self, Line};
use super::message::{Kind, Msg};
use super::note::{self, Note};
use super::program::{INIT, TESTER};
use super::service::Service;
use super::{Disk, Processes, Timer, Workload};

/// What a node is called.
pub(super) fn name(sim: &Sim<Processes>, id: NodeId) -> String {
    service(sim, id).map_or_else(|| id.to_string(), |service| service.name().to_string())
}

/// The service that a server is, if it is one.
pub(super) fn service(sim: &Sim<Processes>, id: NodeId) -> Option<Service> {
    sim.node(id).store().current().service.as_ref().map(|(service, _)| *service)
}

/// A program wrote a line.
pub(super) fn out(sim: &mut Sim<Processes>, id: NodeId, line: &str) {
    sim.command(id, |node, _| {
        if let Processes::Program(program) = node {
            program.written += 1;
        }
    });
    let me = id.to_string();
    let read = Line::read(line)
        .and_then(|read| if read.src == me { Ok(read) } else { Err(format!("that is signed `{}`", note::told(&read.src))) });
    let sent = read.and_then(|read| match read.dest.as_str() {
        TESTER => told_the_tester(sim, id, &read),
        _ => send(sim, id, read),
    });
    if let Err(wrong) = sent {
        remark(sim, id, Note::Odd(note::told(line), wrong.into()));
    }
}

/// A program wrote a line that could not be read.
pub(super) fn odd(sim: &mut Sim<Processes>, id: NodeId, what: &str) {
    sim.command(id, |node, cx| {
        if let Processes::Program(program) = node {
            program.written += 1;
        }
        cx.note(Note::Unread(note::told(what)));
    });
}

/// A program said something beside its messages.
pub(super) fn err(sim: &mut Sim<Processes>, id: NodeId, text: &str) {
    let text = note::told(text);
    sim.command(id, |node, cx| {
        if let Processes::Program(program) = node {
            program.says = Some(Arc::clone(&text));
        }
        cx.note(Note::Says(text));
    });
}

/// A program is gone, or had to be stopped: the server is down from here on.
pub(super) fn gone(sim: &mut Sim<Processes>, id: NodeId, why: &str) {
    let why = note::told(why);
    sim.command(id, |_, cx| {
        cx.note(Note::Gone(why));
        cx.die();
    });
}

fn remark(sim: &mut Sim<Processes>, id: NodeId, note: Note) {
    sim.command(id, |_, cx| cx.note(note));
}

/// Answers to `init` and `topology`.
fn told_the_tester(sim: &mut Sim<Processes>, id: NodeId, line: &Line) -> Result<(), String> {
    let kind = body::text(&line.body, "type");
    let is_ready = sim.node(id).state().and_then(Processes::program).is_some_and(|program| program.ready);
    match (kind, body::number(&line.body, "in_reply_to")) {
        ("init_ok", Some(INIT)) if !is_ready => {
            let (topology, count) = (sim.settings().workload == Workload::Broadcast, sim.settings().programs);
            sim.command(id, |node, cx| {
                let Processes::Program(program) = node else { return };
                program.ready = true;
                if topology {
                    program.give_topology(id, count);
                }
                cx.cancel_timer(Timer::Startup);
                cx.note(Note::Ready);
            });
            Ok(())
        }
        ("topology_ok", _) if is_ready => Ok(()),
        ("error", _) if !is_ready => Err("that refuses `init`".to_string()),
        // Not every program cares who its neighbours are.
        ("error", _) => Ok(()),
        ("init_ok", Some(other)) => Err(format!("that answers message {other}, and `init` was message {INIT}")),
        ("init_ok", None) => Err("that answers `init` without `in_reply_to`".to_string()),
        _ => Err(format!("to {TESTER}, who asks nothing but `init` and `topology`")),
    }
}

/// Puts a message on the wire.
fn send(sim: &mut Sim<Processes>, id: NodeId, line: Line) -> Result<(), String> {
    let dest = find(sim, &line.dest)?;
    let answers = line.body.contains_key("in_reply_to");
    let kind = match (dest.is_client(), service(sim, dest).is_some()) {
        (true, _) => Kind::Reply,
        (_, true) => Kind::Ask,
        _ if answers => Kind::Answer,
        _ => Kind::Talk,
    };
    let label = body::label(&line.body).into();
    let said: Arc<str> = Json::Object(line.body).to_string().into();
    let msg = Msg { src: id.to_string().into(), body: said, label, kind };
    sim.command(id, |_, cx| cx.send(dest, msg));
    Ok(())
}

/// The node of this name. A service comes into being when somebody writes to it first.
fn find(sim: &mut Sim<Processes>, name: &str) -> Result<NodeId, String> {
    let of_number = name.parse::<NodeId>().ok().filter(|id| sim.has(*id) && (id.is_client() || service(sim, *id).is_none()));
    if let Some(id) = of_number {
        return Ok(id);
    }
    let Some(wanted) = Service::named(name) else {
        let ids: Vec<String> = sim.ids().filter(|id| id.is_client() || service(sim, *id).is_none()).map(|id| id.to_string()).collect();
        return Err(format!("to `{}`, who is not here; there are {}, and the services", note::told(name), ids.join(", ")));
    };
    let known = sim.server_ids().find(|id| service(sim, *id) == Some(wanted));
    known.or_else(|| begin(sim, wanted)).ok_or_else(|| "to a service, and there is no room for one".to_string())
}

fn begin(sim: &mut Sim<Processes>, service: Service) -> Option<NodeId> {
    let id = sim.add_server(PLACE)?;
    sim.command(id, |node, cx| {
        // A disk that was never used is not full.
        let _ = cx.write(|disk: &mut Disk| disk.service = Some((service, service.begins())));
        *node = Processes::Service(service);
        cx.cancel_timer(Timer::Startup);
    });
    Some(id)
}

/// Services stand in the first zone, which is the only one unless a scenario names more.
const PLACE: u8 = 0;
