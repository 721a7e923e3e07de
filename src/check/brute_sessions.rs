//! The session guarantees straight from their definition: every order of the writes, every story of every read, every set of
//! visible writes.

use proptest::prelude::*;

use super::brute::{Mix, before, histories, name, session_before};
use super::operation::{Op, Operation, Outcome, Ret};
use super::sessions::{Judged, sessions};
use super::verdict::Guarantee;

/// A read, or the reading half of a compare-and-set, and every sequence of past writes that makes what it saw.
struct Read<'a> {
    op: &'a Operation,
    stories: Vec<Vec<usize>>,
    /// Whether writes called only after it returned could explain it, too.
    later: bool,
}

struct Brute<'a> {
    writes: Vec<&'a Operation>,
    reads: Vec<Read<'a>>,
    guarantee: Guarantee,
}

fn saw(op: &Operation) -> Option<String> {
    let value = match (&op.op, &op.outcome) {
        (_, Outcome::Ok(Ret::Value(value))) => value.clone(),
        (Op::Cas { expected, .. }, Outcome::Ok(Ret::Swapped)) => expected.clone(),
        _ => return None,
    };
    Some(value.map_or(String::new(), |v| v.to_string()))
}

fn after(text: &str, write: &Operation) -> String {
    match &write.op {
        Op::Append { value, .. } => format!("{text}{value}"),
        Op::Write { value, .. } | Op::Cas { value, .. } => value.to_string(),
        Op::Read { .. } => unreachable!("not a write"),
    }
}

impl<'a> Brute<'a> {
    fn new(ops: &'a [Operation], guarantee: Guarantee) -> Brute<'a> {
        let writes: Vec<&Operation> =
            ops.iter().filter(|o| o.op.is_write() && o.outcome != Outcome::Failed && o.outcome != Outcome::Ok(Ret::NotSwapped)).collect();
        let mut brute = Brute { writes, reads: Vec::new(), guarantee };
        for op in ops {
            let Some(value) = saw(op) else { continue };
            let mut stories = Vec::new();
            brute.stories(op, &value, "", &mut Vec::new(), &mut stories);
            let all = stories.len();
            stories.retain(|s| s.iter().all(|w| op.ret.is_some_and(|ret| brute.writes[*w].call < ret)));
            let later = stories.len() < all;
            if !stories.is_empty() {
                brute.reads.push(Read { op, stories, later });
            }
        }
        brute
    }

    fn stories(&self, read: &Operation, value: &str, made: &str, chain: &mut Vec<usize>, found: &mut Vec<Vec<usize>>) {
        if made == value {
            found.push(chain.clone());
        }
        for (n, write) in self.writes.iter().enumerate() {
            let fits = chain.is_empty() || matches!(write.op, Op::Append { .. });
            if write.id != read.id && fits && write.op.key() == read.op.key() && !chain.contains(&n) {
                chain.push(n);
                self.stories(read, value, &after(made, write), chain, found);
                chain.pop();
            }
        }
    }

    /// Whether every session keeps the guarantee; sessions that `skip` are not asked.
    fn kept(&self, skip: impl Fn(u32) -> bool) -> bool {
        (0..3).filter(|s| !skip(*s)).all(|s| self.session(s))
    }

    fn session(&self, session: u32) -> bool {
        let mut story = vec![0; self.reads.len()];
        loop {
            if self.with_stories(session, &story) {
                return true;
            }
            // The next combination, as a counter whose digits have different bases.
            let Some(digit) = (0..story.len()).find(|n| story[*n] + 1 < self.reads[*n].stories.len()) else { return false };
            story[..digit].fill(0);
            story[digit] += 1;
        }
    }

    fn with_stories(&self, session: u32, story: &[usize]) -> bool {
        self.orders(&mut Vec::new(), session, story)
    }

    /// Tries every order of the writes that begins with `order`.
    fn orders(&self, order: &mut Vec<usize>, session: u32, story: &[usize]) -> bool {
        if order.len() == self.writes.len() {
            return self.visible(0, &mut Vec::new(), order, session, story);
        }
        (0..self.writes.len()).any(|n| {
            let free = !order.contains(&n);
            if !free || (0..self.writes.len()).any(|m| m != n && !order.contains(&m) && self.ordered(m, n, story)) {
                return false;
            }
            order.push(n);
            let found = self.orders(order, session, story);
            order.pop();
            found
        })
    }

    /// Whether the order must put `a` before `b`.
    fn ordered(&self, a: usize, b: usize, story: &[usize]) -> bool {
        let (x, y) = (self.writes[a], self.writes[b]);
        let swapped =
            x.call < y.call && self.reads.iter().any(|r| r.op.id == y.id && r.stories.len() == 1 && !r.later && r.stories[0].contains(&a));
        swapped
            || match self.guarantee {
                Guarantee::MONOTONIC_WRITES => session_before(x, y),
                Guarantee::WRITES_FOLLOW_READS => self.read_first(a, b, story),
                _ => session_before(x, y) && x.op.key() == y.op.key(),
            }
    }

    /// Whether the session that wrote `b` had read `a` before.
    fn read_first(&self, a: usize, b: usize, story: &[usize]) -> bool {
        self.reads.iter().zip(story).any(|(r, s)| session_before(r.op, self.writes[b]) && r.stories[*s].contains(&a))
    }

    /// Tries every visible set for the session's reads from the `n`th on.
    fn visible(&self, n: usize, sets: &mut Vec<(usize, u32)>, order: &[usize], session: u32, story: &[usize]) -> bool {
        let Some(read) = self.reads.get(n) else { return true };
        if read.op.session != session {
            return self.visible(n + 1, sets, order, session, story);
        }
        (0..1u32 << self.writes.len()).any(|set| {
            if !self.may_see(n, set, sets, order, story) {
                return false;
            }
            sets.push((n, set));
            let found = self.visible(n + 1, sets, order, session, story);
            sets.pop();
            found
        })
    }

    fn may_see(&self, n: usize, set: u32, sets: &[(usize, u32)], order: &[usize], story: &[usize]) -> bool {
        let read = &self.reads[n];
        let has = |w: usize| set >> w & 1 == 1;
        let of_key = order.iter().copied().filter(|w| has(*w) && self.writes[*w].op.key() == read.op.op.key());
        let mut made: Vec<usize> = Vec::new();
        for write in of_key {
            if !matches!(self.writes[write].op, Op::Append { .. }) {
                made.clear();
            }
            made.push(write);
        }
        made == read.stories[story[n]] && self.rule(n, set, sets, story)
    }

    fn rule(&self, n: usize, set: u32, sets: &[(usize, u32)], story: &[usize]) -> bool {
        let has = |w: usize| set >> w & 1 == 1;
        let count = self.writes.len();
        if self.guarantee == Guarantee::READ_YOUR_WRITES {
            return (0..count).all(|w| !session_before(self.writes[w], self.reads[n].op) || has(w));
        }
        // Reads are numbered by their calls, so those before this one have their sets already.
        let monotonic = sets.iter().all(|(m, seen)| !before(self.reads[*m].op, self.reads[n].op) || seen & !set == 0);
        let closed = |first: &dyn Fn(usize, usize) -> bool| (0..count).all(|b| !has(b) || (0..count).all(|a| !first(a, b) || has(a)));
        monotonic
            && match self.guarantee {
                Guarantee::MONOTONIC_WRITES => closed(&|a, b| session_before(self.writes[a], self.writes[b])),
                Guarantee::WRITES_FOLLOW_READS => closed(&|a, b| self.read_first(a, b, story)),
                _ => true,
            }
    }

    fn clear(&self) -> bool {
        self.reads.iter().all(|r| r.stories.len() == 1 && !r.later)
    }
}

const FOUR: [Guarantee; 4] =
    [Guarantee::READ_YOUR_WRITES, Guarantee::MONOTONIC_READS, Guarantee::MONOTONIC_WRITES, Guarantee::WRITES_FOLLOW_READS];

fn brute(ops: &[Operation]) -> [bool; 4] {
    let reads = Brute::new(ops, Guarantee::MONOTONIC_READS);
    let unsteady: Vec<bool> = (0..3).map(|s| !reads.session(s)).collect();
    FOUR.map(|g| {
        let later = matches!(g, Guarantee::MONOTONIC_WRITES | Guarantee::WRITES_FOLLOW_READS);
        Brute::new(ops, g).kept(|s| later && unsteady[s as usize])
    })
}

/// Only the operations of the witness.
fn only(ops: &[Operation], witness: &[u32]) -> Vec<Operation> {
    ops.iter().filter(|o| witness.contains(&o.id)).cloned().collect()
}

fn mixes() -> impl Strategy<Value = Vec<Operation>> {
    prop_oneof![2 => histories(Mix::Register, 7), 4 => histories(Mix::Unique, 7), 2 => histories(Mix::Texts, 6)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12_000))]

    #[test]
    fn sessions_are_judged_as_brute_force_does(ops in mixes()) {
        let clear = Brute::new(&ops, Guarantee::MONOTONIC_READS).clear();
        // The witness leaves out the other appends that a text is made of.
        let plain = !ops.iter().any(|o| matches!(o.op, Op::Append { .. }));
        let expected = brute(&ops);
        for ((n, guarantee), found) in FOUR.iter().enumerate().zip(sessions(&ops, &name, 1_000_000)) {
            match found {
                Judged::Kept => prop_assert!(expected[n], "{guarantee:?} is broken"),
                Judged::Open(_) => prop_assert!(!clear, "{guarantee:?} is clear"),
                Judged::Broken { why, witness } => {
                    prop_assert!(!expected[n], "{guarantee:?} is kept, yet: {why}");
                    prop_assert!(!why.is_empty());
                    let alone = sessions(&only(&ops, &witness), &name, 1_000_000);
                    prop_assert!(!clear || !plain || matches!(alone[n], Judged::Broken { .. }), "{guarantee:?}: {witness:?} shows nothing: {why}");
                }
            }
        }
    }
}
