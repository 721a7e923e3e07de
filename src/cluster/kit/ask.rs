//! Tables of what clients can ask and operators can do, with how each is carried out.

use crate::check::operation::{Key, Value};
use crate::cluster::live::Staged;
use crate::command::verbs::{Group, Verb};
use crate::command::{Arg, Call, CallDoc, Place, VerbDoc};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::kernel::Sim;

/// One thing that clients can ask: its words, and the protocol's operation that it stands for.
pub struct Ask<Op: 'static> {
    /// Its words.
    pub doc: CallDoc,
    /// The operation; the error says what would be right.
    pub read: fn(&Call) -> Result<Op, String>,
    /// What a workload asks of a key, with the number that the request will have, so that values differ; `None`: no workload asks it.
    pub drawn: Option<fn(Key, RequestId) -> Op>,
}

/// One thing that an operator can do.
pub struct Deed<P: Staged> {
    /// Its words.
    pub doc: VerbDoc,
    /// Whether it can be done now; the error says why not, in a learner's words.
    pub can: fn(&Sim<P>, &Call) -> Result<(), String>,
    /// Does it.
    pub perform: fn(&mut Sim<P>, &Call),
    /// Every way in which it can be tried now, for the box of choices.
    pub offers: fn(&Sim<P>) -> Vec<Vec<Arg>>,
}

/// The words of a call: forms begin with `CLIENT`.
pub const fn call(name: &'static str, forms: &'static [&'static str], example: &'static str, about: &'static str) -> CallDoc {
    let verb = Verb::new(name, Group::Clients, forms, example, about);
    CallDoc { verb, key: None, changes: true, weight: 1, apart: false, also: &[], probe: false, offers: ("", &[]), within: None }
}

/// The words of an operator's verb.
pub const fn verb(name: &'static str, forms: &'static [&'static str], example: &'static str, about: &'static str) -> VerbDoc {
    VerbDoc { verb: Verb::new(name, Group::Nodes, forms, example, about), key: None }
}

/// The words of a table of calls.
pub const fn calls<Op, const N: usize>(asks: &[Ask<Op>; N]) -> [CallDoc; N] {
    let mut docs = [asks[0].doc; N];
    let mut at = 0;
    while at < N {
        docs[at] = asks[at].doc;
        at += 1;
    }
    docs
}

/// The words of a table of deeds.
pub const fn verbs<P: Staged, const N: usize>(deeds: &[Deed<P>; N]) -> [VerbDoc; N] {
    let mut docs = [deeds[0].doc; N];
    let mut at = 0;
    while at < N {
        docs[at] = deeds[at].doc;
        at += 1;
    }
    docs
}

/// The server that a verb names at its place `SERVER`, by its number or as it is called, whether it is there or was.
pub fn named<P: Staged>(sim: &Sim<P>, call: &Call) -> Option<NodeId> {
    match call.get("SERVER").and_then(Arg::place)? {
        Place::Node(id) => Some(*id),
        Place::Named(text) => (0..sim.servers()).map(NodeId::server).find(|id| P::name(sim, *id) == *text),
    }
}

/// The server that a verb is about, by its place `SERVER`; the error says what would be right.
pub fn server_of<P: Staged>(sim: &Sim<P>, call: &Call) -> Result<NodeId, String> {
    match call.get("SERVER").and_then(Arg::place) {
        Some(Place::Node(id)) if id.is_client() || !sim.has(*id) => Err(format!("{id} is no server here")),
        Some(Place::Node(id)) => Ok(*id),
        _ => Err(format!("`{call}` names no server; servers are n1, n2, ...")),
    }
}

/// The client that a verb is about, by its place of this name; `is` says in the error what it would be.
pub fn client_of<P: Staged>(sim: &Sim<P>, call: &Call, slot: &str, is: &str) -> Result<NodeId, String> {
    let named = call.get(slot).and_then(Arg::value).map(Value::to_string).unwrap_or_default();
    clients(sim).find(|id| id.to_string() == named).ok_or_else(|| format!("`{named}` is no {is}; {is}s are c1, c2, ..."))
}

/// Every client, as an argument of a verb.
pub fn each_client<P: Staged>(sim: &Sim<P>) -> Vec<Vec<Arg>> {
    clients(sim).map(|id| vec![Arg::Value(Value::from(id.to_string().as_str()))]).collect()
}

fn clients<P: Staged>(sim: &Sim<P>) -> impl Iterator<Item = NodeId> {
    sim.ids().filter(|id| id.is_client())
}
