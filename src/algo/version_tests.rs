use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

type Vector = VersionVector<char>;
type Seen = Context<char>;
type Set = Siblings<char, &'static str>;

fn vector(text: &str) -> Vector {
    text.split_whitespace().map(|word| Dot { actor: word.chars().next().unwrap(), counter: word[1..].parse().unwrap() }).collect()
}

fn seen(text: &str) -> Seen {
    vector(text).into()
}

/// A write by way of `actor`, which holds `stored`, by somebody who has seen `context`.
fn write(stored: &Set, actor: char, context: &Seen, value: &'static str) -> Set {
    let counter = stored.context().upto().counter(actor).max(context.upto().counter(actor)) + 1;
    let mut next = stored.clone();
    assert!(next.add(Version { dot: Dot { actor, counter }, context: context.clone(), value }));
    next
}

fn values(set: &Set) -> Vec<&'static str> {
    set.iter().map(|version| version.value).collect()
}

fn joined(a: &Set, b: &Set) -> Set {
    let mut all = a.clone();
    all.join(b);
    all
}

#[test]
fn vectors_are_compared_by_what_they_have_seen() {
    for (left, right, order) in [
        ("", "", Some(Ordering::Equal)),
        ("a1", "a1", Some(Ordering::Equal)),
        ("a1", "a2", Some(Ordering::Less)),
        ("a2 b1", "a2", Some(Ordering::Greater)),
        ("a2", "a1 b1", None),
        // The merge of these is the last: as in the tests of riak_core's vclock.
        ("a1 b2 d4", "c3 d3", None),
        ("c3 d3", "a1 b2 c3 d4", Some(Ordering::Less)),
    ] {
        assert_eq!(vector(left).compare(&vector(right)), order, "{left} and {right}");
    }
    let mut merged = vector("a1 b2 d4");
    merged.join(&vector("c3 d3"));
    assert_eq!(merged, vector("a1 b2 c3 d4"));
}

/// The worked cases of the authors' reference implementation (`dvvset.erl`, `update_test` and `sync_update_test`).
#[test]
fn writes_replace_what_their_writer_had_seen_and_nothing_else() {
    let none = Set::default();
    let first = write(&none, 'a', &Seen::default(), "v1");
    let second = write(&first, 'a', &first.context(), "v2");
    let elsewhere = write(&second, 'b', &second.context(), "v3");
    let beside = write(&second, 'b', &first.context(), "v4");
    let late = write(&second, 'a', &first.context(), "v5");
    assert_eq!((values(&second), second.context()), (vec!["v2"], seen("a2")));
    assert_eq!((values(&elsewhere), elsewhere.context()), (vec!["v3"], seen("a2 b1")));
    assert_eq!((values(&beside), beside.context()), (vec!["v2", "v4"], seen("a2 b1")));
    assert_eq!((values(&late), late.context()), (vec!["v2", "v5"], seen("a3")));

    let mary = write(&first, 'a', &Seen::default(), "v2");
    assert_eq!(values(&mary), ["v1", "v2"]);
    let peter = write(&mary, 'a', &first.context(), "v3");
    assert_eq!((values(&peter), peter.context()), (vec!["v2", "v3"], seen("a3")));
}

/// The same tests' `sync_test`.
#[test]
fn replicas_come_together_on_the_newest() {
    let none = Set::default();
    let a = write(&none, 'a', &Seen::default(), "v1");
    let y = write(&none, 'b', &Seen::default(), "v2");
    let a1 = write(&none, 'a', &a.context(), "v2");
    let (a3, a4) = (write(&none, 'b', &a1.context(), "v3"), write(&none, 'c', &a1.context(), "v3"));
    let both = joined(&a4, &a3);
    assert_eq!((values(&both), both.context()), (vec!["v3", "v3"], seen("a2 b1 c1")));
    assert_eq!(values(&joined(&a, &y)), ["v1", "v2"]);
    for (l, r) in [(&a, &a1), (&a4, &a3), (&a, &y), (&a1, &a3)] {
        assert_eq!(joined(l, r), joined(r, l));
    }
    assert_eq!(joined(&a, &a1), a1);
}

/// One entry for each server without dots: the second of two writes from one context would falsely cover the first.
#[test]
fn two_writes_from_one_context_through_one_actor_are_siblings() {
    let old = write(&Set::default(), 'a', &Seen::default(), "old");
    let seen = old.context();
    let both = write(&write(&old, 'a', &seen, "mine"), 'a', &seen, "yours");
    assert_eq!(values(&both), ["mine", "yours"]);
}

/// Somebody who writes twice without looking takes the place of the own write, and of nothing that stood beside it.
#[test]
fn what_stands_beside_a_blind_write_is_not_seen_by_its_writer() {
    let theirs = write(&Set::default(), 'a', &Seen::default(), "theirs");
    let mine = write(&theirs, 'a', &Seen::default(), "mine");
    let knows = mine.context().but([Dot { actor: 'a', counter: 1 }]);
    assert_eq!(values(&write(&mine, 'a', &knows, "again")), ["theirs", "again"]);
    assert_eq!(values(&write(&mine, 'a', &mine.context(), "again")), ["again"], "a vector alone says that it was seen");
    let mut later = knows.clone();
    later.join(&theirs.context());
    assert_eq!(later, seen("a2"), "then it looked");
    assert_eq!(knows.clone().but([Dot { actor: 'b', counter: 9 }]), knows, "what is not covered needs no exception");
}

#[test]
fn equal_ticks_are_still_ordered() {
    let stamp = |tick, writer, number| Stamp { tick, writer, number };
    assert!(stamp(5, 'b', 1) > stamp(5, 'a', 9) && stamp(5, 'a', 9) > stamp(5, 'a', 8) && stamp(6, 'a', 0) > stamp(5, 'z', 9));
}

/// What happens at the replicas of one key.
#[derive(Clone, Debug)]
enum Step {
    /// A client that read at one replica writes at another.
    Write(usize, usize),
    /// A client writes at a replica and never looks.
    Blind(usize, usize),
    /// One replica takes in what another holds.
    Sync(usize, usize),
}

/// A replica beside its oracle: each version with the set of all writes that it had seen.
#[derive(Clone, Default)]
struct Replica {
    set: Siblings<usize, usize>,
    truth: Vec<(usize, BTreeSet<usize>)>,
}

impl Replica {
    fn add(&mut self, id: usize, past: &BTreeSet<usize>) {
        let is_old = |other: &(usize, BTreeSet<usize>)| other.0 == id || other.1.contains(&id);
        if !self.truth.iter().any(is_old) {
            self.truth.retain(|(other, _)| !past.contains(other));
            self.truth.push((id, past.clone()));
        }
    }

    fn past(&self) -> BTreeSet<usize> {
        self.truth.iter().flat_map(|(id, past)| past.iter().copied().chain([*id])).collect()
    }
}

const REPLICAS: usize = 4;
const BLIND: usize = 2;

/// A client that never looks, beside its oracle: what it may take to be replaced.
#[derive(Clone, Default)]
struct Blind {
    seen: Context<usize>,
    past: BTreeSet<usize>,
}

impl Blind {
    /// It is told its own write and what that one has replaced; what stands beside it, it has not seen.
    fn wrote(&mut self, id: usize, at: &Replica) {
        let beside = at.set.iter().filter(|version| version.value != id && !self.seen.covers(version.dot));
        let beside: Vec<(Dot<usize>, usize)> = beside.map(|version| (version.dot, version.value)).collect();
        self.seen.join(&at.set.context().but(beside.iter().map(|(dot, _)| *dot)));
        self.past.extend(at.past().iter().filter(|known| beside.iter().all(|(_, other)| other != *known)));
    }
}

fn step() -> impl Strategy<Value = Step> {
    let two = || (0..REPLICAS, 0..REPLICAS);
    prop_oneof![
        two().prop_map(|(read, at)| Step::Write(read, at)),
        (0..BLIND, 0..REPLICAS).prop_map(|(client, at)| Step::Blind(client, at)),
        two().prop_map(|(from, to)| Step::Sync(from, to)),
    ]
}

proptest! {
    /// The siblings are exactly the writes that no other write there had seen: against whole causal histories.
    #[test]
    fn siblings_are_the_writes_that_nobody_there_had_seen(steps in proptest::collection::vec(step(), 0..60)) {
        let mut replicas = vec![Replica::default(); REPLICAS];
        let (mut issued, mut blind) = ([0; REPLICAS], vec![Blind::default(); BLIND]);
        for (id, step) in steps.into_iter().enumerate() {
            match step {
                Step::Write(read, at) => {
                    let (context, past) = (replicas[read].set.context(), replicas[read].past());
                    issued[at] += 1;
                    replicas[at].set.add(Version { dot: Dot { actor: at, counter: issued[at] }, context, value: id });
                    replicas[at].add(id, &past);
                }
                Step::Blind(client, at) => {
                    let Blind { seen: context, past } = blind[client].clone();
                    issued[at] += 1;
                    replicas[at].set.add(Version { dot: Dot { actor: at, counter: issued[at] }, context, value: id });
                    replicas[at].add(id, &past);
                    blind[client].wrote(id, &replicas[at]);
                }
                Step::Sync(from, to) => {
                    let other = replicas[from].clone();
                    replicas[to].set.join(&other.set);
                    other.truth.iter().for_each(|(id, past)| replicas[to].add(*id, past));
                }
            }
            for replica in &replicas {
                let kept: BTreeSet<usize> = replica.set.iter().map(|version| version.value).collect();
                prop_assert_eq!(kept, replica.truth.iter().map(|(id, _)| *id).collect::<BTreeSet<_>>());
            }
        }
        // In whatever order replicas come together, they hold the same.
        let mut forth = replicas[0].set.clone();
        for replica in &replicas {
            forth.join(&replica.set);
        }
        let mut back = replicas[REPLICAS - 1].set.clone();
        for replica in replicas.iter().rev() {
            back.join(&replica.set);
        }
        prop_assert!(!back.join(&forth.clone()));
        prop_assert_eq!(forth, back);
    }
}
