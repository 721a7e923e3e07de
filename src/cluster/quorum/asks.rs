//! What clients can ask, and what an operator can do.

use crate::check::operation::{Op, Value};
use crate::cluster::kit::ask::{Ask, Deed, call, calls, verb, verbs};
use crate::cluster::kit::register::{DELETE, key, nothing, value};
use crate::command::{Arg, Call, CallDoc, Place, VerbDoc};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;

use super::Quorum;
use super::look::servers;
use super::request::Request;

/// Every call.
pub(super) static ASKS: [Ask<Request>; 3] = [
    Ask {
        doc: CallDoc {
            key: Some('w'),
            weight: 50,
            ..call("write", &["CLIENT write KEY VALUE", "CLIENT write KEY VALUE to SERVER"], "c1 write x 1", "let a client set a key")
        },
        read: |call| Ok(Request::all(Op::Write { key: key(call)?, value: value(call)? })),
        drawn: Some(|key, request: RequestId| Request::all(Op::Write { key, value: Value::Int(i64::from(request.0) + 1) })),
    },
    Ask {
        doc: CallDoc {
            key: Some('r'),
            changes: false,
            weight: 45,
            ..call(
                "read",
                &["CLIENT read KEY", "CLIENT read KEY from SERVER", "CLIENT read KEY among SERVER SERVER"],
                "c1 read x from n2",
                "let a client read a key, from these servers first",
            )
        },
        read: |call| Ok(Request { op: Op::Read { key: key(call)? }, among: among(call) }),
        drawn: Some(|key, _| Request::all(Op::Read { key })),
    },
    Ask {
        doc: DELETE,
        read: |call| Ok(Request::all(Op::Write { key: key(call)?, value: nothing() })),
        drawn: Some(|key, _| Request::all(Op::Write { key, value: nothing() })),
    },
];

/// The words of every call.
pub(super) static CALLS: [CallDoc; 3] = calls(&ASKS);

/// The servers that a call names.
fn among(call: &Call) -> Vec<NodeId> {
    let node = |arg: &Arg| match arg.place() {
        Some(Place::Node(id)) => Some(*id),
        _ => None,
    };
    call.args.iter().filter_map(node).collect()
}

/// A request in the words of the command language.
pub(super) fn asked(request: &Request) -> Call {
    let [write, read, delete] = &CALLS;
    let key = Arg::from(request.key());
    match request.value() {
        Some(value) => Call::new(&write.verb, vec![key, value.clone().into()]),
        None if request.op.is_write() => Call::new(&delete.verb, vec![key]),
        None if request.among.len() == 2 => {
            let nodes = request.among.iter().map(|id| Arg::Place(Place::Node(*id)));
            Call { form: 2, ..Call::new(&read.verb, [key].into_iter().chain(nodes).collect()) }
        }
        None => Call::new(&read.verb, vec![key]),
    }
}

/// Every deed.
pub(super) static DEEDS: [Deed<Quorum>; 1] = [Deed {
    doc: verb("rebuild", &["rebuild SERVER using SERVER"], "rebuild n3 using n2", "fill a server with all that one other server has"),
    can: can_rebuild,
    perform: rebuild,
    offers: |sim| pairs(sim).map(|(to, from)| [to, from].map(|id| Arg::Place(Place::Node(id))).to_vec()).collect(),
}];

/// Their words.
pub(super) static VERBS: [VerbDoc; 1] = verbs(&DEEDS);

fn pairs(sim: &Sim<Quorum>) -> impl Iterator<Item = (NodeId, NodeId)> {
    servers(sim).flat_map(|to| servers(sim).filter(move |from| *from != to).map(move |from| (to, from)))
}

/// Whom a rebuild fills, and from whom.
fn named(call: &Call) -> Result<(NodeId, NodeId), String> {
    match among(call)[..] {
        [to, from] if !to.is_client() && !from.is_client() => Ok((to, from)),
        _ => Err(format!("`{call}` names no two servers; servers are n1, n2, ...")),
    }
}

fn can_rebuild(sim: &Sim<Quorum>, call: &Call) -> Result<(), String> {
    let (to, from) = named(call)?;
    if to == from {
        return Err(format!("{to} cannot be filled from itself"));
    }
    match [to, from].into_iter().find(|id| !sim.has(*id) || !sim.node(*id).is_up()) {
        Some(id) if sim.has(id) => Err(format!("{id} is down; restart it first")),
        Some(id) => Err(format!("there is no {id} here")),
        None => Ok(()),
    }
}

fn rebuild(sim: &mut Sim<Quorum>, call: &Call) {
    if let Ok((to, from)) = named(call) {
        sim.command(from, |_, cx| super::entropy::rebuild(to, cx));
    }
}
