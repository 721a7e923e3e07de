//! Histories of the size and shape that other tools record: a register under compare-and-sets and time-outs, as Jepsen's etcd
//! logs have it, and a key-value map under appends, as porcupine's logs have it. Correct ones are found correct; in broken ones
//! the verdict is one or the other, never unknown, and agrees with a plain search where that ends.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::brute::{before, name, replays, session_before, step};
use super::linearizable::{Linearizable, linearizable};
use super::operation::{Key, Op, Operation, Outcome, Ret, Value};
use super::sequential::{Sequential, sequential};
use super::sessions::{Judged, sessions};
use crate::sim::draw::{Concern, Draws};

/// Enough for every history here, and little enough to be quick.
const STEPS: u64 = 20_000_000;

/// What a store is put through.
#[derive(Clone, Copy, Debug)]
struct Load {
    operations: usize,
    clients: u32,
    /// Of a hundred writes, so many time out; half of these take effect, at once or much later.
    lost: u64,
    texts: bool,
    seed: u64,
}

/// A store and its clients.
struct Run {
    load: Load,
    draws: Draws,
    drawn: u64,
    time: u64,
    ops: Vec<Operation>,
    /// Each client's session and the operation it waits for, with whether that took effect.
    clients: Vec<(u32, Option<(usize, bool)>)>,
    /// What timed out and may still take effect.
    late: Vec<usize>,
    state: BTreeMap<Key, String>,
}

impl Run {
    fn below(&mut self, n: u64) -> u64 {
        self.drawn += 1;
        self.draws.at(Concern::Pick, self.drawn).below(n)
    }

    fn call(&mut self, session: u32) {
        let (id, what) = (self.ops.len(), self.below(100));
        let key: Key = if self.load.texts { self.below(10).to_string().into() } else { "x".into() };
        let mut number = || Value::Int(self.below(5) as i64);
        let (expected, new) = (Some(number()), number());
        let text = Value::from(format!("x {session} {id} y").as_str());
        let op = match (self.load.texts, what) {
            (false, 0..30) | (true, 0..45) => Op::Read { key },
            (false, 30..55) => Op::Write { key, value: new },
            (false, _) => Op::Cas { key, expected, value: new },
            (true, 45..52) => Op::Write { key, value: text },
            (true, _) => Op::Append { key, value: text },
        };
        let (call, outcome) = (self.time, Outcome::Unknown);
        self.ops.push(Operation { id: id as u32, session, op, call, ret: None, outcome });
    }

    /// Carries an operation out, and says what the client would be told.
    fn effect(&mut self, op: usize) -> Ret {
        let op = self.ops[op].op.clone();
        let now = self.state.get(op.key()).cloned().unwrap_or_default();
        let (new, ret) = match &op {
            Op::Read { .. } => (None, Ret::Value((!now.is_empty()).then(|| Value::from(now.as_str())))),
            Op::Write { value, .. } => (Some(value.to_string()), Ret::Done),
            Op::Append { value, .. } => (Some(format!("{now}{value}")), Ret::Done),
            Op::Cas { expected, value, .. } if expected.as_ref().is_some_and(|e| e.to_string() == now) => {
                (Some(value.to_string()), Ret::Swapped)
            }
            Op::Cas { .. } => (None, Ret::NotSwapped),
        };
        self.state.extend(new.map(|new| (op.key().clone(), new)));
        ret
    }

    fn act(&mut self, client: usize) {
        let (session, waiting) = self.clients[client];
        match waiting {
            None if self.ops.len() < self.load.operations => {
                self.clients[client].1 = Some((self.ops.len(), false));
                self.call(session);
            }
            None => {}
            Some((op, false)) if self.ops[op].op.is_write() && self.below(100) < self.load.lost => {
                if self.below(2) == 0 {
                    self.late.push(op);
                } else {
                    self.effect(op);
                }
                self.clients[client] = (session + self.load.clients, None);
            }
            Some((op, false)) => {
                self.ops[op].outcome = Outcome::Ok(self.effect(op));
                self.clients[client].1 = Some((op, true));
            }
            Some((op, true)) => {
                self.ops[op].ret = Some(self.time);
                self.clients[client].1 = None;
            }
        }
    }
}

/// A correct history.
fn history(load: Load) -> Vec<Operation> {
    let clients = (0..load.clients).map(|session| (session, None)).collect();
    let (draws, state) = (Draws::new(load.seed), BTreeMap::new());
    let mut run = Run { load, draws, drawn: 0, time: 0, ops: Vec::new(), clients, late: Vec::new(), state };
    while run.ops.len() < load.operations || run.clients.iter().any(|(_, waiting)| waiting.is_some()) {
        run.time += 1;
        let client = run.below(u64::from(load.clients)) as usize;
        run.act(client);
        if !run.late.is_empty() && run.below(12) == 0 {
            let late = run.late.swap_remove(0);
            run.effect(late);
        }
    }
    run.ops
}

/// The history with one read seeing what another read of its key saw, if they differ.
fn broken(mut ops: Vec<Operation>, seed: u64) -> Vec<Operation> {
    let reads: Vec<usize> = (0..ops.len()).filter(|i| matches!(ops[*i].outcome, Outcome::Ok(Ret::Value(_)))).collect();
    for n in 0..100 {
        let pick = |k: u64| reads[Draws::new(seed ^ 0xb).at(Concern::Pick, n * 2 + k).below(reads.len() as u64) as usize];
        let (a, b) = (pick(0), pick(1));
        if ops[a].op == ops[b].op && ops[a].outcome != ops[b].outcome {
            ops[a].outcome = ops[b].outcome.clone();
            break;
        }
    }
    ops
}

/// Wing and Gong's search as plainly as can be, with a memo of what was tried; `None` when there is too much to try.
fn plain(ops: &[Operation], first: fn(&Operation, &Operation) -> bool) -> Option<bool> {
    let ops: Vec<&Operation> =
        ops.iter().filter(|o| o.outcome != Outcome::Failed && (o.op.is_write() || o.outcome != Outcome::Unknown)).collect();
    let mask = |n: usize| 1u128 << n;
    let needed: u128 = (0..ops.len()).filter(|n| ops[*n].outcome != Outcome::Unknown).map(mask).sum();
    let ahead: Vec<u128> = ops.iter().map(|o| (0..ops.len()).filter(|n| first(ops[*n], o)).map(mask).sum()).collect();
    let (mut seen, mut open) = (BTreeSet::new(), vec![(0u128, Vec::new())]);
    while let Some((done, state)) = open.pop() {
        if done & needed == needed {
            return Some(true);
        }
        if seen.len() > 10_000 {
            return None;
        }
        for n in (0..ops.len()).filter(|n| done & mask(*n) == 0 && ahead[*n] & !done == 0) {
            let mut after = state.clone();
            if step(&mut after, ops[n]) && seen.insert((done | mask(n), after.clone())) {
                open.push((done | mask(n), after));
            }
        }
    }
    Some(false)
}

fn agrees(found: bool, ops: &[Operation]) {
    if let Some(expected) = (ops.len() <= 128).then(|| plain(ops, before)).flatten() {
        assert_eq!(found, expected);
    }
}

proptest! {
    // The same cases each time: whether a budget suffices is not a matter of luck.
    #![proptest_config(ProptestConfig { cases: 40, rng_seed: RngSeed::Fixed(7), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn registers_with_time_outs_are_decided(seed: u64, operations in 40usize..160, clients in 3u32..8, lost in 5u64..35) {
        let ops = history(Load { operations, clients, lost, texts: false, seed });
        match linearizable(&ops, &name, STEPS) {
            Linearizable::Yes(order) => replays(&ops, &order, before),
            other => prop_assert!(false, "a correct history: {other:?}"),
        }
        let ops = broken(ops, seed);
        match linearizable(&ops, &name, STEPS) {
            Linearizable::Yes(order) => {
                replays(&ops, &order, before);
                agrees(true, &ops);
            }
            Linearizable::No(fault) => {
                prop_assert!(fault.witness.contains(&fault.blocked));
                agrees(false, &ops);
            }
            Linearizable::Unknown(_) => prop_assert!(false, "undecided"),
        }
    }

    #[test]
    fn maps_under_appends_are_decided(seed: u64, operations in 40usize..200, clients in prop_oneof![Just(1u32), Just(10), Just(50)]) {
        let ops = history(Load { operations, clients, lost: 0, texts: true, seed });
        match linearizable(&ops, &name, STEPS) {
            Linearizable::Yes(order) => replays(&ops, &order, before),
            other => prop_assert!(false, "a correct history: {other:?}"),
        }
        let ops = broken(ops, seed);
        match linearizable(&ops, &name, STEPS) {
            Linearizable::Yes(order) => replays(&ops, &order, before),
            Linearizable::No(fault) => {
                prop_assert!(fault.witness.contains(&fault.blocked));
                agrees(false, &ops);
            }
            Linearizable::Unknown(_) => prop_assert!(false, "undecided"),
        }
        match sequential(&ops, &name, STEPS) {
            Sequential::Yes(order) => replays(&ops, &order, session_before),
            Sequential::No { witness, .. } => prop_assert!(!witness.is_empty()),
            // With as many clients as operations there is hardly an order to go by.
            Sequential::Unknown(_) => prop_assert!(clients == 50, "undecided"),
        }
    }
}

/// A new session for each write of unknown outcome, as Jepsen has it: thousands of sessions, each judged by what concerns it.
#[test]
fn many_sessions_take_steps_in_proportion_to_the_history() {
    for operations in [1_000, 4_000, 16_000] {
        let ops = history(Load { operations, clients: 10, lost: 50, texts: false, seed: 3 });
        let judged = sessions(&ops, &name, 200 * operations as u64);
        let open = judged[..3].iter().filter(|j| matches!(j, Judged::Open(_))).count();
        assert_eq!(open, 0, "{operations} operations: {judged:?}");
    }
}
