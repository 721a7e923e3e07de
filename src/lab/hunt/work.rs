//! What clients do meanwhile: whatever they can ask, on few keys, each value once, so that conflicts happen and show.

use rand::RngExt;
use rand::seq::{IndexedRandom, IteratorRandom};
use rand_pcg::Pcg64;

use super::draw;
use crate::check::operation::{Key, Value};
use crate::cluster::words;
use crate::command::{Call, CallDoc, Language, Poke};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

/// The most requests of a run.
const REQUESTS_MAX: usize = 64;
/// How often a request goes to a server by name, where that makes sense.
const BY_NAME: f64 = 0.3;
/// How often clients ask two servers that both say that they are the one to ask: one changes a key at the newer, then one looks at
/// the older.
const AT_BOTH: f64 = 0.6;
/// How many values of a key may be expected to be there.
const RECENT: usize = 3;

/// The key of calls that keep apart.
const APART: &str = "log";

/// Reads `read,write`. All names that are wrong at once.
pub(super) fn parse(text: &str, language: Language) -> Result<Vec<&'static CallDoc>, String> {
    let (mut named, mut wrong) = (Vec::new(), Vec::new());
    for word in text.split(',').map(str::trim) {
        match language.call(word) {
            Some(call) => named.push(call.verb.name),
            None => wrong.push(words::unknown("kind of request", word, language.calls.iter().map(|call| call.verb.name))),
        }
    }
    let calls = language.calls.iter().filter(|call| named.contains(&call.verb.name)).collect();
    if wrong.is_empty() { Ok(calls) } else { Err(wrong.join("\n")) }
}

/// The clients of one run.
pub(super) struct Work {
    clients: Vec<NodeId>,
    keys: Vec<Key>,
    /// What this run asks.
    calls: Vec<&'static CallDoc>,
    gap: Span,
    asked: usize,
    written: Vec<(Key, Value)>,
}

impl Work {
    pub(super) fn new(clients: Vec<NodeId>, calls: &[&'static CallDoc]) -> Work {
        let calls = calls.iter().copied().filter(|call| call.weight > 0).collect();
        Work { clients, keys: vec!["x".into()], calls, gap: Span::ms(20), asked: 0, written: Vec::new() }
    }

    /// Draws the keys and the pace of this run.
    pub(super) fn plan(&mut self, unit: Span, rng: &mut Pcg64) {
        if rng.random_bool(0.5) {
            self.keys.push("y".into());
        }
        // What keeps apart takes long to judge; most runs do without.
        if self.calls.len() > 1 && rng.random_bool(0.7) {
            self.calls.retain(|call| !call.apart);
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
        self.asked < REQUESTS_MAX && !self.calls.is_empty()
    }

    /// What is asked now, and soon. `doors`: the servers that may be asked by name, the newest first.
    pub(super) fn ask(&mut self, client: usize, doors: &[NodeId], unit: Span, rng: &mut Pcg64) -> Vec<(Span, Poke)> {
        self.asked += 1;
        let client = self.clients[client];
        let key = self.keys.choose(rng).cloned().unwrap_or_else(|| "x".into());
        if let [newest, .., oldest] = doors
            && let (Some(change), Some(look)) = (self.first(true), self.first(false))
            && rng.random_bool(AT_BOTH)
        {
            let other = self.clients.choose(rng).copied().unwrap_or(client);
            let change = Poke::Ask { client, call: self.call(change, &key, rng), server: Some(*newest) };
            let look = Poke::Ask { client: other, call: self.call(look, &key, rng), server: Some(*oldest) };
            return vec![(Span::ZERO, change), (draw::span(rng, Span(unit.0 / 100), Span(unit.0 / 2)), look)];
        }
        let server = if rng.random_bool(BY_NAME) { doors.choose(rng).copied() } else { None };
        let Ok(doc) = self.calls.choose_weighted(rng, |call| call.weight).copied() else { return Vec::new() };
        let apart = doc.apart || (!doc.changes && self.calls.iter().any(|call| call.apart) && rng.random_bool(0.3));
        let key = if apart { APART.into() } else { key };
        vec![(Span::ZERO, Poke::Ask { client, call: self.call(doc, &key, rng), server })]
    }

    /// Looks at one key, by one client or by several.
    pub(super) fn looks(&mut self, count: u32, rng: &mut Pcg64) -> Vec<Poke> {
        let Some(look) = self.first(false) else { return Vec::new() };
        let key = self.keys.choose(rng).cloned().unwrap_or_else(|| "x".into());
        let mut client = self.clients.choose(rng).copied();
        let mut looks = Vec::new();
        for _ in 0..count {
            if rng.random_bool(0.5) {
                client = self.clients.choose(rng).copied();
            }
            let call = self.call(look, &key, rng);
            looks.extend(client.map(|client| Poke::Ask { client, call, server: None }));
        }
        looks
    }

    /// The first call that changes something, or only looks, at a key that others touch too.
    fn first(&self, changes: bool) -> Option<&'static CallDoc> {
        self.calls.iter().copied().find(|call| call.changes == changes && !call.apart)
    }

    fn call(&mut self, doc: &'static CallDoc, key: &Key, rng: &mut Pcg64) -> Call {
        let recent: Vec<&Value> = self.written.iter().rev().filter(|(k, _)| k == key).map(|(_, value)| value).take(RECENT).collect();
        let expects = doc.verb.forms.iter().any(|form| form.split(' ').any(|word| word == "EXPECTED"));
        let expected = if expects { recent.choose(rng).map(|value| (*value).clone()) } else { None };
        let forms: Vec<u8> = doc.own_forms().collect();
        let form = if forms.len() > 1 { forms.choose(rng).copied().unwrap_or_default() } else { 0 };
        let fresh = if doc.changes { self.fresh(key, doc.apart) } else { Value::Int(0) };
        // A draw that changes nothing would change every run of a model with one example.
        let examples = || std::iter::once(doc.verb.example).chain(doc.also.iter().copied());
        let example = if doc.also.is_empty() { None } else { examples().choose(rng) };
        doc.filled_as(example.unwrap_or(doc.verb.example), form, key, &fresh, expected.as_ref())
    }

    /// A value that nobody wrote before. Those that keep apart end in a comma, so that none is found in another.
    fn fresh(&mut self, key: &Key, apart: bool) -> Value {
        let number = self.written.len() as i64 + 1;
        let value = if apart { Value::from(format!("{number},").as_str()) } else { Value::Int(number) };
        self.written.push((key.clone(), value.clone()));
        value
    }
}
