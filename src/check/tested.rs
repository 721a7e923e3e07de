//! Which guarantees a history has put to the test: those that one of its answers, had it been another, could have broken. A
//! guarantee that was not tested is neither kept nor broken.
//!
//! Below, an operation comes before another when it returned before the other was called, and an *answer* is a read or a
//! compare-and-set that returned.
//!
//! - *linearizable*: an answer comes after an acknowledged write of its key, or after another answer that told of one; or two
//!   compare-and-sets of a key took effect;
//! - *sequential*: a client got an answer after its own write of the key or after an answer of its own that told of one; or a
//!   client got an answer after an operation of its own on another key, and a second client used two keys as well;
//! - *read your writes*: a client got an answer after its own acknowledged write of the key;
//! - *monotonic reads*: a client got an answer after an answer of its own that told of a write of the key;
//! - *monotonic writes*: a client was told of a write whose writer had another one acknowledged before it, and then got an
//!   answer on the key of that one;
//! - *writes follow reads*: a client was told of a write whose writer had been told of another one before it, and then got an
//!   answer on the key of that one.
//!
//! Where values repeat, a value counts for each write that makes it.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Act, Ground, Item, START, ValueId};
use super::verdict::Guarantee;

/// At most so many writes are looked for in what was read; a history with more counts as a test.
const PIECES: usize = 1_000_000;

/// Whether a history put one of the first six guarantees to the test. The sessions that were not judged for the last two, in order,
/// do not count for these.
pub(crate) fn is_tested(guarantee: Guarantee, ground: &Ground, unjudged: &[u32]) -> bool {
    match guarantee {
        Guarantee::LINEARIZABLE => by_key(ground),
        Guarantee::SEQUENTIAL => in_session(ground, |i| is_write(i) || tells(i)) || crosses(ground),
        Guarantee::READ_YOUR_WRITES => in_session(ground, is_write),
        Guarantee::MONOTONIC_READS => in_session(ground, tells),
        Guarantee::MONOTONIC_WRITES => behind(ground, unjudged, is_write),
        Guarantee::WRITES_FOLLOW_READS => behind(ground, unjudged, tells),
        _ => false,
    }
}

/// An acknowledged write.
fn is_write(item: &Item) -> bool {
    item.sure && item.act.writes()
}

pub(super) fn is_answer(item: &Item) -> bool {
    item.sure && matches!(item.act, Act::Read(_) | Act::Swap(..) | Act::Keep(_))
}

/// What an answer told of; `None` where it told of no write.
fn told(item: &Item) -> Option<ValueId> {
    match item.act {
        Act::Read(value) | Act::Swap(value, _) if item.sure && value != START => Some(value),
        _ => None,
    }
}

fn tells(item: &Item) -> bool {
    told(item).is_some()
}

/// The earliest end among the items that count, by what tells them apart.
fn earliest<K: Ord>(ground: &Ground, counts: impl Fn(&Item) -> bool, of: impl Fn(&Item) -> K) -> BTreeMap<K, u64> {
    let mut ends = BTreeMap::new();
    for item in ground.items.iter().filter(|item| counts(item)) {
        let end = ends.entry(of(item)).or_insert(item.end);
        *end = item.end.min(*end);
    }
    ends
}

fn by_key(ground: &Ground) -> bool {
    let known = earliest(ground, |i| is_write(i) || tells(i), |i| i.key);
    let mut swapped = BTreeSet::new();
    let mut answers = ground.items.iter().filter(|i| is_answer(i));
    answers.any(|i| known.get(&i.key).is_some_and(|end| *end < i.start) || (matches!(i.act, Act::Swap(..)) && !swapped.insert(i.key)))
}

/// Whether a session got an answer after an operation of its own on the key that counts.
fn in_session(ground: &Ground, counts: impl Fn(&Item) -> bool) -> bool {
    let of = |i: &Item| (i.session, i.key);
    let known = earliest(ground, counts, of);
    ground.items.iter().filter(|i| is_answer(i)).any(|i| known.get(&of(i)).is_some_and(|end| *end < i.start))
}

/// Whether a session got an answer after an operation on another key, and two sessions use two keys or more.
fn crosses(ground: &Ground) -> bool {
    if ground.keys.len() < 2 {
        return false;
    }
    let first = earliest(ground, |i| i.sure, |i| (i.session, i.key));
    let of_session = |session| first.range((session, 0)..=(session, u32::MAX));
    let sessions: BTreeSet<u32> = first.keys().map(|(session, _)| *session).collect();
    let wide = sessions.into_iter().filter(|session| of_session(*session).count() > 1).take(2).count();
    let after = |i: &Item| of_session(i.session).any(|((_, key), end)| *key != i.key && *end < i.start);
    wide > 1 && ground.items.iter().filter(|i| is_answer(i)).any(after)
}

/// Whether somebody was told of a write that came after an operation of its writer that counts, and then got an answer on the
/// key of that operation.
fn behind(ground: &Ground, unjudged: &[u32], counts: impl Fn(&Item) -> bool) -> bool {
    let mut sessions: BTreeMap<u32, Vec<(u64, u32)>> = BTreeMap::new();
    for item in ground.items.iter().filter(|item| counts(item)) {
        sessions.entry(item.session).or_default().push((item.end, item.key));
    }
    for list in sessions.values_mut() {
        list.sort_unstable();
    }
    let comes_after = |i: &&Item| i.act.writes() && sessions.get(&i.session).is_some_and(|list| list[0].0 < i.start);
    let later = Later::new(ground.items.iter().filter(comes_after), ground);
    if later.is_empty() {
        return false;
    }
    let mut answers: Vec<&Item> = ground.items.iter().filter(|i| is_answer(i) && unjudged.binary_search(&i.session).is_err()).collect();
    answers.sort_unstable_by_key(|i| i.end);
    let mut expected: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    let mut marks: BTreeMap<(u32, u32), usize> = BTreeMap::new();
    let mut pieces = PIECES;
    for answer in &answers {
        let Some(writes) = later.behind(answer, &mut pieces) else { return true };
        for write in writes {
            let list = &sessions[&write.session];
            let mark = marks.entry((answer.session, write.session)).or_insert(0);
            while let Some((_, key)) = list.get(*mark).filter(|(end, _)| *end < write.start) {
                expected.entry((answer.session, *key)).or_insert(answer.end);
                *mark += 1;
            }
        }
    }
    answers.iter().any(|i| expected.get(&(i.session, i.key)).is_some_and(|end| *end < i.start))
}

/// Writes by what they make.
struct Later<'g> {
    ground: &'g Ground<'g>,
    set: BTreeMap<(u32, ValueId), Vec<&'g Item>>,
    /// Appends by key, with the text that each adds.
    appended: BTreeMap<u32, Vec<(&'g Item, String)>>,
}

impl<'g> Later<'g> {
    fn new(writes: impl Iterator<Item = &'g Item>, ground: &'g Ground<'g>) -> Later<'g> {
        let mut later = Later { ground, set: BTreeMap::new(), appended: BTreeMap::new() };
        for write in writes {
            match write.act {
                Act::Write(value) | Act::Swap(_, value) => later.set.entry((write.key, value)).or_default().push(write),
                Act::Append(value) => later.appended.entry(write.key).or_default().push((write, later.ground.values.word(value))),
                Act::Read(_) | Act::Keep(_) => {}
            }
        }
        later
    }

    fn is_empty(&self) -> bool {
        self.set.is_empty() && self.appended.is_empty()
    }

    /// The writes called before an answer returned that may be in what it told. `None`: there is too much to look through.
    fn behind(&self, answer: &Item, pieces: &mut usize) -> Option<Vec<&'g Item>> {
        let Some(value) = told(answer) else { return Some(Vec::new()) };
        let set = self.set.get(&(answer.key, value)).map_or(&[][..], Vec::as_slice);
        *pieces = pieces.checked_sub(set.len())?;
        let mut found: Vec<&Item> = set.iter().copied().filter(|write| write.start < answer.end).collect();
        if let Some(appended) = self.appended.get(&answer.key) {
            *pieces = pieces.checked_sub(appended.len())?;
            let text = self.ground.values.get(value).map_or_else(String::new, ToString::to_string);
            found
                .extend(appended.iter().filter(|(write, piece)| write.start < answer.end && text.contains(piece)).map(|(write, _)| *write));
        }
        Some(found)
    }
}
