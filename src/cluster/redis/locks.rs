//! Who holds which lock, by what clients were told: the oracle for the lock of SET NX PX.
//!
//! A client holds a lock from the moment when it is told OK, and until the time is over that it asked for, counted from before it asked;
//! or until it begins to give it back ("Distributed Locks with Redis").

use imbl::{OrdMap, Vector};

use crate::algo::redis::{Argv, Text};
use crate::persistent::keep;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::{Span, Time};

use super::message::Op;

/// A lock that a client was given.
#[derive(Clone, Debug)]
pub struct Held {
    /// By whom.
    pub client: NodeId,
    /// Its value.
    pub value: Text,
    /// Until when; `None`: until it is given back.
    pub until: Option<Time>,
    /// The request that was answered with OK.
    pub request: RequestId,
}

impl Held {
    fn is_valid(&self, at: Time) -> bool {
        self.until.is_none_or(|until| at < until)
    }
}

/// All locks.
#[derive(Clone, Debug, Default)]
pub struct Locks {
    /// Who holds each, by the key of the lock.
    held: OrdMap<Text, Vector<Held>>,
    /// How often a lock was given.
    pub given: usize,
    /// How often one was given while another client held it.
    pub doubled: usize,
    /// The most that ever held one at once.
    pub most: usize,
    /// The first time that one was given twice, in a sentence, with both requests.
    pub broken: Option<(String, Vec<u32>)>,
}

/// What a SET with NX asks for: the lock, its value, and for how long.
fn lock(argv: &Argv) -> Option<(&Text, &Text, Option<Span>)> {
    let [name, key, value, options @ ..] = &**argv else { return None };
    let has = |option: &str| options.iter().any(|word| word.eq_ignore_ascii_case(option));
    let after = |option: &str| {
        let place = options.iter().position(|word| word.eq_ignore_ascii_case(option))?;
        options.get(place + 1)?.parse::<u64>().ok()
    };
    let length = after("PX").map(Span::ms).or_else(|| after("EX").map(|s| Span::ms(s.saturating_mul(1000))));
    (name.eq_ignore_ascii_case("SET") && has("NX") && !has("GET")).then_some((key, value, length))
}

impl Locks {
    /// A client begins to ask for something: what it gives back is not its own any more.
    pub fn called(&mut self, client: NodeId, op: &Op) {
        match op {
            Op::Unlock(key, value) => self.give_back(client, key, Some(value)),
            Op::Command(argv) => {
                let gives = argv.first().is_some_and(|name| ["DEL", "UNLINK"].iter().any(|del| name.eq_ignore_ascii_case(del)));
                if gives {
                    argv.iter().skip(1).for_each(|key| self.give_back(client, key, None));
                }
            }
            Op::Count(_) | Op::Save(..) => {}
        }
    }

    fn give_back(&mut self, client: NodeId, key: &Text, value: Option<&Text>) {
        if let Some(held) = self.held.get_mut(key) {
            keep(held, |one| one.client != client || value.is_some_and(|value| one.value != *value));
        }
    }

    /// A client was told OK for what it asked at a time.
    pub fn told(&mut self, client: NodeId, op: &Op, request: RequestId, (called, now): (Time, Time)) {
        let Op::Command(argv) = op else { return };
        let Some((key, value, length)) = lock(argv) else { return };
        let held = self.held.entry(key.clone()).or_default();
        keep(held, |one| one.is_valid(now));
        let one = Held { client, value: value.clone(), until: length.map(|length| called + length), request };
        if !one.is_valid(now) {
            return;
        }
        self.given += 1;
        if let Some(other) = held.iter().find(|other| other.client != client) {
            self.doubled += 1;
            let text = format!("At {:.3} s {client} was given `{key}`, which {} still held.", now.as_secs(), other.client);
            self.broken.get_or_insert((text, vec![other.request.0, request.0]));
        }
        held.push_back(one);
        self.most = self.most.max(held.len());
    }

    /// Who holds each lock now.
    pub fn now(&self, at: Time) -> impl Iterator<Item = (&Text, &Held)> {
        self.held.iter().flat_map(move |(key, all)| all.iter().filter(move |one| one.is_valid(at)).map(move |one| (key, one)))
    }

    /// How many clients hold the lock that most hold.
    pub fn holders(&self, at: Time) -> usize {
        self.held.values().map(|all| all.iter().filter(|one| one.is_valid(at)).count()).max().unwrap_or(0)
    }
}
