//! Calls as operations of the protocol, and the streams of requests that workloads draw.

use std::sync::Arc;

use crate::algo::zipf::Zipf;
use crate::check::operation::Key;
use crate::cluster::kit::ask::{Ask, Deed};
use crate::command::verbs::Verb;
use crate::command::{Call, Keys, Workload};
use crate::sim::draw::Stream;
use crate::sim::id::RequestId;
use crate::sim::requests::Load;

use super::Staged;

/// The operation that a call stands for; the error says what would be right.
pub(super) fn op<P: Staged>(call: &Call) -> Result<P::Op, String> {
    let ask = ask::<P>(call.verb)?;
    // Another model may mean something else by the same word.
    if !call.has_a_form_of(&ask.doc.verb) {
        return Err(format!("clients of {} ask `{}`, not `{call}`", P::MODEL.name, ask.doc.verb.example));
    }
    (ask.read)(call)
}

fn ask<P: Staged>(verb: &Verb) -> Result<&'static Ask<P::Op>, String> {
    let known = P::ASKS.iter().find(|ask| ask.doc.verb.name == verb.name);
    known.ok_or_else(|| format!("clients of {} do not ask `{}`", P::MODEL.name, verb.name))
}

/// How a verb of the model is carried out.
pub(super) fn deed<P: Staged>(call: &Call) -> Result<&'static Deed<P>, String> {
    let known = P::DEEDS.iter().find(|deed| deed.doc.verb.name == call.verb.name && call.has_a_form_of(&deed.doc.verb));
    known.ok_or_else(|| format!("`{call}` is nothing that can be done to {}", P::MODEL.name))
}

/// What a workload asks of a key.
type Drawn<Op> = fn(Key, RequestId) -> Op;

/// What a workload asks, and how often.
type Mix<Op> = Vec<(Drawn<Op>, u32)>;

/// A stream of requests: what each asks is drawn by weight, and its key by its own law. Where nothing else is said, it is everything
/// that a workload of the model can ask and random clients do, equally often, of one key.
pub(super) fn load<P: Staged>(workload: &Workload) -> Result<Load<P>, String> {
    let mix = mix::<P>(workload)?;
    let keys = KeyPicker::new(workload.keys.as_ref().unwrap_or(&Keys::One("x".into())));
    let all: u64 = mix.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let pick = move |draws: &mut Stream, request: RequestId| {
        let mut wanted = draws.below(all);
        let heavy = |(_, weight): &&(Drawn<P::Op>, u32)| {
            let is_it = wanted < u64::from(*weight);
            wanted = wanted.saturating_sub(u64::from(*weight));
            is_it
        };
        let drawn = mix.iter().find(heavy).map_or(mix[0].0, |(drawn, _)| *drawn);
        drawn(keys.pick(draws), request)
    };
    Ok(Load { arrivals: workload.arrivals.clone(), pick: Arc::new(pick) })
}

fn mix<P: Staged>(workload: &Workload) -> Result<Mix<P::Op>, String> {
    let drawable = || P::ASKS.iter().filter(|ask| ask.drawn.is_some());
    let drawn = |ask: &'static Ask<P::Op>| {
        let names = || drawable().map(|ask| ask.doc.verb.name).collect::<Vec<_>>().join(", ");
        ask.drawn.ok_or_else(|| format!("a workload cannot ask `{}`; it can ask {}", ask.doc.verb.name, names()))
    };
    let mix: Mix<P::Op> = match &workload.mix[..] {
        [] => drawable().filter(|ask| ask.doc.weight > 0).filter_map(|ask| Some((ask.drawn?, 1))).collect(),
        said => said.iter().map(|(verb, weight)| Ok((drawn(ask::<P>(verb)?)?, *weight))).collect::<Result<_, String>>()?,
    };
    if mix.is_empty() { Err(format!("{} has nothing that a workload can ask", P::MODEL.name)) } else { Ok(mix) }
}

/// The keys of a workload, and how often each is asked for.
struct KeyPicker {
    keys: Vec<Key>,
    often: Zipf,
}

impl KeyPicker {
    fn new(keys: &Keys) -> KeyPicker {
        let (names, slope): (Vec<Key>, f64) = match keys {
            Keys::One(key) => (vec![key.clone()], 0.0),
            Keys::Uniform(n) => (numbered(*n), 0.0),
            Keys::Zipf(s, n) => (numbered(*n), *s),
        };
        KeyPicker { often: Zipf::new(slope, names.len() as u32), keys: names }
    }

    fn pick(&self, draws: &mut Stream) -> Key {
        self.keys[self.often.rank(draws.unit())].clone()
    }
}

fn numbered(n: u32) -> Vec<Key> {
    (0..n.max(1)).map(|i| Key::from(format!("k{i}"))).collect()
}
