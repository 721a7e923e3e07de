//! Every interleaving of small transactions at every level: which phenomena occur. The transactions are those of Kleppmann's Hermitage;
//! the phenomena are found by the graph of who read and wrote what, which knows nothing of the engine.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Engine, Level, Reach, Seen, Step};
use crate::check::isolation::{History, Phenomenon, Read, Version, is_serializable, phenomena};

type Tx = u8;
type Rows = Engine<char, i64, Tx>;

/// A step of a transaction.
#[derive(Clone, Copy, Debug)]
enum Do {
    /// Reads a row.
    Get(char),
    /// Reads all rows from a to z.
    Scan,
    /// Writes this.
    Put(char, i64),
    /// Writes one more than it has read of the row.
    PutRead(char),
    /// Changes a row from its newest value, in one statement.
    Add(char, i64),
    /// Rolls back.
    Abort,
}
use Do::{Abort, Add, Get, Put, PutRead, Scan};

/// Where a run is.
#[derive(Clone)]
struct Run {
    rows: Rows,
    history: History<char, Tx>,
    at: Vec<usize>,
    blocked: Vec<bool>,
    over: Vec<bool>,
    read: Vec<Vec<(char, i64)>>,
    committed: BTreeSet<Tx>,
    /// Whether a commit takes two steps: first it is sure, and later it counts.
    promises: bool,
    promised: BTreeSet<Tx>,
}

/// All that can come of it.
#[derive(Default)]
struct Outcomes {
    found: BTreeSet<Phenomenon>,
    ends: usize,
    all_serializable: bool,
    aborts: usize,
    /// Runs of which nothing was committed.
    none: usize,
    /// The values of x and y in the end, where all were committed.
    values: BTreeSet<(i64, i64)>,
}

fn start(n: usize, promises: bool) -> Run {
    let mut rows = Rows::default();
    let mut history = History::default();
    for (key, value) in [('x', 10), ('y', 20)] {
        rows.put_start(key, Version::START, Some(value));
        history.install(key, Version::START);
    }
    Run {
        rows,
        history,
        at: vec![0; n],
        blocked: vec![false; n],
        over: vec![false; n],
        read: vec![Vec::new(); n],
        committed: BTreeSet::new(),
        promises,
        promised: BTreeSet::new(),
    }
}

fn every_interleaving(level: Level, scripts: &[&[Do]]) -> Outcomes {
    let run = start(scripts.len(), false);
    let mut outcomes = Outcomes { all_serializable: true, ..Outcomes::default() };
    explore(&run, level, scripts, &mut outcomes);
    outcomes
}

fn explore(run: &Run, level: Level, scripts: &[&[Do]], outcomes: &mut Outcomes) {
    let ready: Vec<usize> = (0..scripts.len()).filter(|i| !run.over[*i] && !run.blocked[*i]).collect();
    if ready.is_empty() {
        assert!(run.over.iter().all(|over| *over), "somebody waits for ever: {:?}", run.at);
        let found = phenomena(&run.history);
        outcomes.all_serializable &= is_serializable(&run.history);
        outcomes.found.extend(found.into_iter().map(|found| found.what));
        outcomes.ends += 1;
        outcomes.none += usize::from(run.committed.is_empty());
        outcomes.aborts += usize::from(run.committed.len() < scripts.len());
        if run.committed.len() == scripts.len() {
            let value = |key| run.rows.newest(&key).and_then(|stored| stored.value).unwrap_or(0);
            outcomes.values.insert((value('x'), value('y')));
        }
        return;
    }
    for i in ready {
        let mut next = run.clone();
        next.step(i, level, scripts[i]);
        explore(&next, level, scripts, outcomes);
    }
}

impl Run {
    fn step(&mut self, i: usize, level: Level, script: &[Do]) {
        let tx = i as Tx + 1;
        if self.at[i] == 0 && self.rows.transaction(tx).is_none() {
            self.rows.begin(tx, level, false);
        }
        let step = match script.get(self.at[i]) {
            None if self.promises && self.rows.transaction(tx).is_some() && !self.promised.contains(&tx) => return self.promise(i),
            None => return self.end(i, true),
            Some(Abort) => return self.end(i, false),
            Some(Get(key)) => self.get(i, &Reach::one(*key)),
            Some(Scan) => self.get(i, &Reach { from: 'a', to: 'z' }),
            Some(Put(key, value)) => self.put(i, *key, |_| *value),
            Some(PutRead(key)) => {
                let had = self.read[i].iter().rfind(|(read, _)| read == key).map_or(0, |(_, value)| *value);
                self.put(i, *key, |_| had + 1)
            }
            Some(Add(key, by)) => {
                let key = *key;
                let step = self.rows.lock(tx, &key);
                if let Step::Done(seen) = &step {
                    self.note_read(i, &Reach::one(key), &[(key, seen.clone())]);
                }
                map(step, |seen| _ = self.rows.put(tx, key, Some(seen.value.unwrap_or(0) + by)))
            }
        };
        match step {
            Step::Done(()) => self.at[i] += 1,
            Step::Waits(_) => self.blocked[i] = true,
            Step::Aborted(_) => self.end(i, false),
        }
    }

    fn get(&mut self, i: usize, reach: &Reach<char>) -> Step<(), Tx> {
        let step = self.rows.read(i as Tx + 1, reach);
        map(step, |rows| self.note_read(i, reach, &rows))
    }

    fn put(&mut self, i: usize, key: char, value: impl FnOnce(Option<i64>) -> i64) -> Step<(), Tx> {
        let tx = i as Tx + 1;
        let step = self.rows.lock(tx, &key);
        map(step, |seen| _ = self.rows.put(tx, key, Some(value(seen.value))))
    }

    fn note_read(&mut self, i: usize, reach: &Reach<char>, rows: &[(char, Seen<i64, Tx>)]) {
        self.read[i].extend(rows.iter().filter_map(|(key, seen)| Some((*key, seen.value?))));
        let seen = rows.iter().filter_map(|(key, seen)| Some((*key, seen.version?))).collect();
        self.history.read(i as Tx + 1, Read { reach: reach.clone(), seen });
    }

    fn promise(&mut self, i: usize) {
        let tx = i as Tx + 1;
        if self.rows.prepare(tx).is_ok() {
            self.promised.insert(tx);
        } else {
            self.end(i, false);
        }
    }

    fn end(&mut self, i: usize, wants: bool) {
        let tx = i as Tx + 1;
        let written = wants.then(|| self.rows.commit(tx)).and_then(Result::ok);
        if let Some(written) = written {
            self.committed.insert(tx);
            for (key, version, _) in written {
                self.history.install(key, version);
            }
        } else {
            self.rows.abort(tx);
            self.history.abort(tx);
        }
        self.over[i] = true;
        self.blocked.iter_mut().for_each(|blocked| *blocked = false);
    }
}

fn map<X, Y>(step: Step<X, Tx>, done: impl FnOnce(X) -> Y) -> Step<Y, Tx> {
    match step {
        Step::Done(x) => Step::Done(done(x)),
        Step::Waits(holders) => Step::Waits(holders),
        Step::Aborted(why) => Step::Aborted(why),
    }
}

/// The tests of Hermitage: the name, the transactions, and the phenomenon that is looked for.
const TESTS: &[(&str, &[&[Do]], Phenomenon)] = &[
    ("G0", &[&[Put('x', 11), Put('y', 21)], &[Put('x', 12), Put('y', 22)]], Phenomenon::DirtyWrite),
    ("G1a", &[&[Put('x', 101), Abort], &[Get('x'), Get('x')]], Phenomenon::AbortedRead),
    ("G1b", &[&[Put('x', 101), Put('x', 11)], &[Get('x'), Get('x')]], Phenomenon::IntermediateRead),
    ("G1c", &[&[Put('x', 11), Get('y')], &[Put('y', 22), Get('x')]], Phenomenon::CircularFlow),
    ("OTV", &[&[Put('x', 11), Put('y', 19)], &[Put('x', 12), Put('y', 18)], &[Get('x'), Get('y'), Get('x')]], Phenomenon::ReadSkew),
    ("PMP", &[&[Scan, Scan], &[Put('p', 30)]], Phenomenon::ReadSkew),
    ("P4", &[&[Get('x'), PutRead('x')], &[Get('x'), PutRead('x')]], Phenomenon::LostUpdate),
    ("G-single", &[&[Get('x'), Get('y')], &[Put('x', 12), Put('y', 18)]], Phenomenon::ReadSkew),
    ("G2-item", &[&[Get('x'), Get('y'), Put('x', 11)], &[Get('x'), Get('y'), Put('y', 21)]], Phenomenon::WriteSkew),
    ("G2", &[&[Scan, Put('p', 30)], &[Scan, Put('q', 42)]], Phenomenon::Phantom),
];

/// Which of them occur.
fn occur(level: Level) -> Vec<&'static str> {
    let occurs = |scripts: &[&[Do]], what| every_interleaving(level, scripts).found.contains(&what);
    TESTS.iter().filter(|(_, scripts, what)| occurs(scripts, *what)).map(|(name, ..)| *name).collect()
}

#[test]
fn the_levels_allow_what_hermitage_found_of_them() {
    // PostgreSQL: "read committed", "repeatable read", "serializable"; the skew of OTV is two statements, which see two snapshots.
    assert_eq!(occur(Level::ReadCommitted), ["OTV", "PMP", "P4", "G-single", "G2-item", "G2"]);
    assert_eq!(occur(Level::Snapshot), ["G2-item", "G2"]);
    assert_eq!(occur(Level::Serializable), [""; 0]);
    // MySQL: "repeatable read" reads a snapshot, and loses updates; "serializable" locks what it reads.
    assert_eq!(occur(Level::RepeatableRead), ["P4", "G2-item", "G2"]);
    assert_eq!(occur(Level::Locking), [""; 0]);
    assert_eq!(occur(Level::ReadUncommitted), ["G1a", "G1b", "G1c", "OTV", "PMP", "P4", "G-single", "G2-item", "G2"]);
}

#[test]
fn what_is_serializable_is_so_in_every_interleaving() {
    let more: &[&[&[Do]]] = &[
        // Fekete, O'Neil and O'Neil 2004: a transaction that only reads makes the cycle.
        &[&[Get('x'), Get('y'), Put('x', -11)], &[Get('y'), PutRead('y')], &[Get('x'), Get('y')]],
        &[&[Get('x'), PutRead('y')], &[Get('y'), PutRead('x')]],
        &[&[Add('x', 1), Add('y', -1)], &[Add('y', 2), Add('x', -2)]],
        &[&[Scan, Put('p', 1)], &[Get('p'), Put('x', 1)], &[Get('x'), Put('q', 2)]],
    ];
    for level in [Level::Serializable, Level::Locking] {
        for scripts in TESTS.iter().map(|(_, scripts, _)| *scripts).chain(more.iter().copied()) {
            let outcomes = every_interleaving(level, scripts);
            assert!(outcomes.all_serializable && outcomes.found.is_empty(), "{level:?} {scripts:?} {:?}", outcomes.found);
            let gives_up = scripts.iter().any(|script| script.iter().any(|step| matches!(step, Abort)));
            assert!(gives_up || outcomes.aborts < outcomes.ends, "{level:?} {scripts:?}: all get through at times");
        }
    }
}

#[test]
fn the_cycle_that_only_a_reader_makes_is_one_of_snapshots() {
    let scripts: &[&[Do]] = &[&[Get('x'), Get('y'), Put('x', -11)], &[Get('y'), PutRead('y')], &[Get('x'), Get('y')]];
    assert!(!every_interleaving(Level::Snapshot, scripts).all_serializable);
    assert!(every_interleaving(Level::Snapshot, &scripts[..2]).all_serializable);
}

#[test]
fn changes_in_one_statement_are_never_lost() {
    for level in Level::ALL {
        let outcomes = every_interleaving(level, &[&[Add('x', 1), Add('y', -1)], &[Add('x', 5), Add('y', -5)]]);
        assert_eq!(outcomes.values, BTreeSet::from([(16, 14)]), "{level:?}");
    }
    let lost = every_interleaving(Level::ReadCommitted, &[&[Get('x'), PutRead('x')], &[Get('x'), PutRead('x')]]);
    assert_eq!(lost.values, BTreeSet::from([(11, 20), (12, 20)]));
}

#[test]
fn a_commit_that_takes_two_steps_is_as_serializable() {
    let scripts: &[&[&[Do]]] = &[
        &[&[Get('x'), Get('y'), Put('x', 11)], &[Get('x'), Get('y'), Put('y', 21)]],
        &[&[Scan, Put('p', 30)], &[Scan, Put('q', 42)]],
        &[&[Get('x'), PutRead('y')], &[Get('y'), PutRead('x')]],
    ];
    for scripts in scripts {
        let mut outcomes = Outcomes { all_serializable: true, ..Outcomes::default() };
        explore(&start(scripts.len(), true), Level::Serializable, scripts, &mut outcomes);
        assert!(outcomes.all_serializable, "{scripts:?} {:?}", outcomes.found);
    }
}

#[test]
fn of_two_that_conflict_one_gets_through() {
    for scripts in
        [&[&[Get('x'), Get('y'), Put('x', 11)][..], &[Get('x'), Get('y'), Put('y', 21)]], &[&[Scan, Put('p', 30)], &[Scan, Put('q', 42)]]]
    {
        let (mut outcomes, run) = (Outcomes { all_serializable: true, ..Outcomes::default() }, start(2, false));
        explore(&run, Level::Serializable, scripts.as_slice(), &mut outcomes);
        assert_eq!(outcomes.none, 0, "{scripts:?}");
    }
}

fn any_script() -> impl Strategy<Value = Vec<Do>> {
    let key = || prop::sample::select(vec!['x', 'y', 'z']);
    let step = prop_oneof![
        3 => key().prop_map(Get),
        1 => Just(Scan),
        2 => (key(), 0i64..9).prop_map(|(key, value)| Put(key, value)),
        1 => key().prop_map(PutRead),
        1 => key().prop_map(|key| Add(key, 1)),
    ];
    proptest::collection::vec(step, 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Any transactions in any order of their steps, with commits in two steps.
    #[test]
    fn what_is_serializable_is_so_for_any_transactions(
        scripts in proptest::collection::vec(any_script(), 2..6),
        turns in proptest::collection::vec(any::<prop::sample::Index>(), 60),
        locking: bool,
    ) {
        let level = if locking { Level::Locking } else { Level::Serializable };
        let mut run = start(scripts.len(), true);
        for turn in turns {
            let ready: Vec<usize> = (0..scripts.len()).filter(|i| !run.over[*i] && !run.blocked[*i]).collect();
            if ready.is_empty() {
                break;
            }
            let i = ready[turn.index(ready.len())];
            run.step(i, level, &scripts[i]);
        }
        // What has not ended has not committed.
        let open: Vec<usize> = (0..scripts.len()).filter(|i| !run.over[*i]).collect();
        for i in open {
            run.end(i, false);
        }
        prop_assert!(is_serializable(&run.history), "{:?}", phenomena(&run.history));
    }
}
