//! What clients do meanwhile: reads, writes, compare-and-sets and appends on few keys, each value once, so that conflicts happen
//! and show.

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_pcg::Pcg64;

use super::draw;
use crate::check::operation::{Key, Op, Value};
use crate::cluster::words;
use crate::command::Poke;
use crate::sim::id::NodeId;
use crate::sim::time::Span;

/// The most requests of a run.
const REQUESTS_MAX: usize = 64;
/// How often a request goes to a server by name, where that makes sense.
const BY_NAME: f64 = 0.3;
/// How often clients ask two servers that both believe that they lead: one writes at the newer, then one reads at the older.
const AT_BOTH: f64 = 0.6;
/// How many values of a key a compare-and-set may expect.
const RECENT: usize = 3;

/// The key that is appended to.
const LOG: &str = "log";

/// A kind of request. `splitbrain hunt --ops read,write` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Read,
    Write,
    Cas,
    Append,
}

impl Kind {
    /// Every kind, and how often each is asked, relative to the others.
    pub(super) const ALL: [(Kind, &'static str, u32); 4] =
        [(Kind::Read, "read", 45), (Kind::Write, "write", 40), (Kind::Cas, "cas", 15), (Kind::Append, "append", 10)];

    /// Reads `read,write`. All names that are wrong at once.
    pub(super) fn parse(text: &str) -> Result<Vec<Kind>, String> {
        let (mut kinds, mut wrong) = (Vec::new(), Vec::new());
        for word in text.split(',').map(str::trim) {
            match Kind::ALL.iter().find(|(_, name, _)| *name == word) {
                Some((kind, ..)) => kinds.push(*kind),
                None => wrong.push(words::unknown("kind of request", word, Kind::ALL.iter().map(|(_, name, _)| *name))),
            }
        }
        kinds.sort_unstable();
        kinds.dedup();
        if wrong.is_empty() { Ok(kinds) } else { Err(wrong.join("\n")) }
    }
}

/// The clients of one run.
pub(super) struct Work {
    clients: Vec<NodeId>,
    registers: Vec<Key>,
    /// The kinds that this run asks, with their weights.
    kinds: Vec<(Kind, u32)>,
    gap: Span,
    asked: usize,
    written: Vec<(Key, Value)>,
}

impl Work {
    pub(super) fn new(clients: Vec<NodeId>, kinds: &[Kind]) -> Work {
        let weighed = Kind::ALL.iter().filter(|(kind, ..)| kinds.contains(kind)).map(|(kind, _, weight)| (*kind, *weight));
        Work { clients, registers: vec!["x".into()], kinds: weighed.collect(), gap: Span::ms(20), asked: 0, written: Vec::new() }
    }

    /// Draws the keys and the pace of this run.
    pub(super) fn plan(&mut self, unit: Span, rng: &mut Pcg64) {
        if rng.random_bool(0.5) {
            self.registers.push("y".into());
        }
        // Appends to one key take long to judge; most runs do without.
        if self.kinds.len() > 1 && rng.random_bool(0.7) {
            self.kinds.retain(|(kind, _)| *kind != Kind::Append);
        }
        self.gap = draw::span(rng, Span(unit.0 / 20), Span(unit.0 / 3));
    }

    pub(super) fn clients(&self) -> usize {
        self.clients.len()
    }

    /// The time until the next request of a client.
    pub(super) fn gap(&self, rng: &mut Pcg64) -> Span {
        draw::span(rng, Span(self.gap.0 / 4), Span(self.gap.0 * 3))
    }

    pub(super) fn goes_on(&self) -> bool {
        self.asked < REQUESTS_MAX
    }

    /// What is asked now, and soon. `doors`: the servers that may be asked by name, the newest first.
    pub(super) fn ask(&mut self, client: usize, doors: &[NodeId], unit: Span, rng: &mut Pcg64) -> Vec<(Span, Poke)> {
        self.asked += 1;
        let client = self.clients[client];
        let key = self.registers.choose(rng).cloned().unwrap_or_else(|| "x".into());
        if let [newest, .., oldest] = doors
            && rng.random_bool(AT_BOTH)
        {
            let other = self.clients.choose(rng).copied().unwrap_or(client);
            let write = Poke::Ask { client, op: self.write(key.clone()), server: Some(*newest) };
            let read = Poke::Ask { client: other, op: Op::Read { key }, server: Some(*oldest) };
            return vec![(Span::ZERO, write), (draw::span(rng, Span(unit.0 / 100), Span(unit.0 / 2)), read)];
        }
        let server = if rng.random_bool(BY_NAME) { doors.choose(rng).copied() } else { None };
        let op = self.op(key, rng);
        vec![(Span::ZERO, Poke::Ask { client, op, server })]
    }

    fn op(&mut self, key: Key, rng: &mut Pcg64) -> Op {
        let kind = self.kinds.choose_weighted(rng, |(_, weight)| *weight).map_or(Kind::Read, |(kind, _)| *kind);
        match kind {
            Kind::Read if self.kinds.iter().any(|(kind, _)| *kind == Kind::Append) && rng.random_bool(0.3) => Op::Read { key: LOG.into() },
            Kind::Read => Op::Read { key },
            Kind::Write => self.write(key),
            Kind::Append => Op::Append { value: self.fresh(&LOG.into()), key: LOG.into() },
            Kind::Cas => {
                let of_key: Vec<&Value> = self.written.iter().rev().filter(|(k, _)| *k == key).map(|(_, v)| v).take(RECENT).collect();
                let expected = of_key.choose(rng).map(|value| (*value).clone());
                Op::Cas { expected, value: self.fresh(&key), key }
            }
        }
    }

    fn write(&mut self, key: Key) -> Op {
        Op::Write { value: self.fresh(&key), key }
    }

    /// A value that nobody wrote before. Appended ones end in a comma, so that none is found in another.
    fn fresh(&mut self, key: &Key) -> Value {
        let number = self.written.len() as i64 + 1;
        let value = if &**key == LOG { Value::from(format!("{number},").as_str()) } else { Value::Int(number) };
        self.written.push((key.clone(), value.clone()));
        value
    }
}
