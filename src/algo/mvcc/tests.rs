//! Locks, snapshots and their ends.

use proptest::prelude::*;

use super::*;

type Rows = Engine<u8, i64, u8>;

fn rows(of: &[(u8, i64)]) -> Rows {
    let mut rows = Rows::default();
    for (key, value) in of {
        rows.put_start(*key, Version::START, Some(*value));
    }
    rows
}

fn set(rows: &mut Rows, tx: u8, key: u8, value: i64) -> Step<i64, u8> {
    match rows.lock(tx, &key) {
        Step::Done(seen) => {
            rows.put(tx, key, Some(value));
            Step::Done(seen.value.unwrap_or(-1))
        }
        Step::Waits(holders) => Step::Waits(holders),
        Step::Aborted(why) => Step::Aborted(why),
    }
}

fn get(rows: &mut Rows, tx: u8, key: u8) -> Option<i64> {
    match rows.read(tx, &Reach::one(key)) {
        Step::Done(seen) => seen.into_iter().next().and_then(|(_, seen)| seen.value),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_changes_second_waits_and_then_loses_or_goes_on() {
    for (level, expected) in [
        (Level::ReadCommitted, Step::Done(7)),
        (Level::RepeatableRead, Step::Done(7)),
        (Level::Locking, Step::Done(7)),
        (Level::Snapshot, Step::Aborted(Why::Changed)),
        (Level::Serializable, Step::Aborted(Why::Changed)),
    ] {
        let mut rows = rows(&[(1, 5)]);
        rows.begin(1, level, false);
        rows.begin(2, level, false);
        assert_eq!(set(&mut rows, 1, 1, 7), Step::Done(5));
        assert_eq!(set(&mut rows, 2, 1, 8), Step::Waits(vec![1]));
        assert_eq!(rows.waiting().map(|(tx, _)| tx).collect::<Vec<_>>(), [2]);
        rows.commit(1).expect("nobody is in its way");
        assert_eq!(set(&mut rows, 2, 1, 8), expected, "{level:?}");
    }
    let mut rows = rows(&[(1, 5)]);
    rows.begin(1, Level::Snapshot, false);
    rows.begin(2, Level::Snapshot, true);
    set(&mut rows, 1, 1, 7);
    assert_eq!(set(&mut rows, 2, 1, 8), Step::Aborted(Why::Conflict), "it does not wait");
    assert_eq!(rows.abort(1), 1);
    assert_eq!(set(&mut rows, 2, 1, 8), Step::Done(5), "nothing is left of the first");
}

#[test]
fn two_that_wait_for_each_other_are_one_too_many() {
    let mut rows = rows(&[(1, 5), (2, 6)]);
    (1..=3).for_each(|tx| rows.begin(tx, Level::ReadCommitted, false));
    set(&mut rows, 1, 1, 0);
    set(&mut rows, 2, 2, 0);
    assert_eq!(set(&mut rows, 3, 1, 0), Step::Waits(vec![1]));
    assert_eq!(set(&mut rows, 1, 2, 0), Step::Waits(vec![2]));
    assert_eq!(set(&mut rows, 2, 1, 0), Step::Aborted(Why::Deadlock));
    rows.abort(2);
    assert_eq!(set(&mut rows, 1, 2, 0), Step::Done(6));
}

#[test]
fn a_snapshot_stays_and_what_nobody_sees_is_forgotten() {
    let mut rows = rows(&[(1, 5)]);
    rows.begin(9, Level::Snapshot, false);
    assert_eq!(get(&mut rows, 9, 1), Some(5));
    for tx in 1..=3 {
        rows.begin(tx, Level::ReadCommitted, false);
        set(&mut rows, tx, 1, i64::from(tx));
        rows.commit(tx).expect("nobody is in its way");
    }
    assert_eq!(get(&mut rows, 9, 1), Some(5));
    rows.begin(8, Level::Snapshot, false);
    assert_eq!(get(&mut rows, 8, 1), Some(3));
    rows.abort(9);
    rows.begin(4, Level::ReadCommitted, false);
    set(&mut rows, 4, 1, 4);
    rows.commit(4).expect("nobody is in its way");
    assert_eq!(get(&mut rows, 8, 1), Some(3));
    assert_eq!(rows.newest(&1).map(|stored| stored.at), Some(4));
}

#[test]
fn a_deleted_row_is_there_for_older_snapshots_only() {
    let mut rows = rows(&[(1, 5)]);
    rows.begin(1, Level::Snapshot, false);
    rows.begin(2, Level::ReadCommitted, false);
    assert!(matches!(rows.lock(2, &1), Step::Done(_)));
    rows.put(2, 1, None);
    rows.commit(2).expect("nobody is in its way");
    assert_eq!(get(&mut rows, 1, 1), Some(5));
    rows.begin(3, Level::ReadCommitted, false);
    assert_eq!(get(&mut rows, 3, 1), None);
}

#[test]
fn what_is_prepared_keeps_its_locks_when_it_is_restored() {
    let mut rows = rows(&[(1, 5)]);
    rows.restore(7, [(1, Version { writer: Some(7), number: 1 }, Some(9))]);
    assert!(rows.transaction(7).is_some_and(Open::is_prepared));
    rows.begin(1, Level::ReadCommitted, false);
    assert_eq!(get(&mut rows, 1, 1), Some(5));
    assert_eq!(set(&mut rows, 1, 1, 0), Step::Waits(vec![7]));
    rows.commit(7).expect("it has promised");
    assert_eq!(set(&mut rows, 1, 1, 0), Step::Done(9));
}

/// Transfers between four accounts, by any schedule of any level, with aborts: as long as changes are made in one statement, or the first
/// that changes wins, the sum is what it was.
#[derive(Clone, Debug)]
struct Transfer(u8, u8, i64);

proptest! {
    #[test]
    fn money_is_neither_made_nor_lost(
        transfers in proptest::collection::vec((0u8..4, 0u8..4, 1i64..9).prop_map(|(a, b, n)| Transfer(a, b, n)), 1..6),
        turns in proptest::collection::vec((0usize..6, any::<bool>()), 1..60),
        level in 0usize..6,
    ) {
        let mut rows = rows(&[(0, 100), (1, 100), (2, 100), (3, 100)]);
        let mut at = vec![0; transfers.len()];
        for (turn, gives_up) in turns {
            let i = turn % transfers.len();
            let (tx, Transfer(from, to, amount)) = (i as u8, transfers[i].clone());
            if at[i] == 0 {
                rows.begin(tx, Level::ALL[level], false);
            }
            let change = match at[i] { 0 => Some((from, -amount)), 1 => Some((to, amount)), _ => None };
            let step = change.map(|(key, by)| (key, by, rows.lock(tx, &key)));
            let ended = match step {
                Some((key, by, Step::Done(seen))) => {
                    rows.put(tx, key, Some(seen.value.unwrap_or(0) + by));
                    at[i] += 1;
                    false
                }
                Some((_, _, Step::Waits(_))) if !gives_up => {
                    // Its first statement waits: it is begun anew when its turn comes.
                    if at[i] == 0 {
                        rows.abort(tx);
                    }
                    false
                }
                Some(_) => {
                    rows.abort(tx);
                    true
                }
                None => {
                    if rows.commit(tx).is_err() {
                        rows.abort(tx);
                    }
                    true
                }
            };
            if ended { at[i] = 0; }
        }
        let sum: i64 = rows.committed().filter_map(|(_, stored)| stored.value).sum();
        prop_assert_eq!(sum, 400);
    }
}
