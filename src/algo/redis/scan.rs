//! SCAN: all keys in parts, with a cursor that needs no memory of the server.
//!
//! Keys stand in the order of their hashes, and after them those that DEBUG POPULATE counted, by number. What is there from the first
//! call to the last is returned, whatever comes and goes meanwhile; what comes or goes meanwhile may be. In Redis the cursor runs over
//! the buckets of a table that may be resized, and a key may be returned twice.

use super::args::Text;
use super::keyspace::Keyspace;
use super::populated;

/// From this cursor on it is populated keys.
const POPULATED: u64 = 1 << 63;

/// A part of all keys.
pub(super) struct Part {
    /// Where to go on; 0: that was all.
    pub(super) cursor: u64,
    /// What was looked at.
    pub(super) keys: Vec<Text>,
}

/// About `count` keys from a cursor on.
pub(super) fn scan(keys: &Keyspace, cursor: u64, count: usize) -> Part {
    let mut part = Part { cursor: 0, keys: Vec::new() };
    let from_number = if cursor < POPULATED {
        // Keys of equal places are not told apart by a cursor: they go together.
        let mut last = 0;
        for (place, key) in keys.after_place(cursor).filter(|(_, key)| keys.populated.number(key).is_none()) {
            if part.keys.len() >= count && *place > last {
                part.cursor = *place;
                return part;
            }
            last = *place;
            part.keys.push(key.clone());
        }
        0
    } else {
        cursor - POPULATED
    };
    let end = keys.populated.count.min(from_number.saturating_add(count.saturating_sub(part.keys.len()) as u64));
    let there = |key: &Text| keys.populated.counted(key).is_some() || keys.peek(key).is_some();
    part.keys.extend((from_number..end).map(populated::name).filter(there));
    part.cursor = if end < keys.populated.count { POPULATED + end } else { 0 };
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::redis::entry::Entry;
    use crate::algo::redis::keyspace::scan_place;
    use crate::algo::redis::value::Value;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        /// With keys that come and go between the calls.
        #[test]
        fn what_is_there_throughout_is_returned(stay in proptest::collection::btree_set(0u32..500, 1..80), comes in proptest::collection::vec((0u32..500, any::<bool>()), 0..60), populate in 0u64..40, count in 1usize..20) {
            let mut keys = Keyspace::default();
            let entry = || Entry::new(Value::String("v".into()), 0);
            for n in &stay {
                keys.put(&format!("k{n}").into(), entry());
            }
            keys.populate(populate);
            let mut comes = comes.into_iter().filter(|(n, _)| !stay.contains(n));
            let (mut found, mut cursor) = (BTreeSet::new(), 0);
            for _ in 0..2000 {
                let part = scan(&keys, cursor, count);
                prop_assert!(part.keys.len() <= count);
                found.extend(part.keys);
                cursor = part.cursor;
                if cursor == 0 {
                    break;
                }
                if let Some((n, put)) = comes.next() {
                    let key: Text = format!("k{n}").into();
                    if put { keys.put(&key, entry()) } else { _ = keys.remove(&key) }
                    // One that was only counted is stored now.
                    _ = keys.get(&populated::name(u64::from(n)), 0);
                }
            }
            prop_assert_eq!(cursor, 0);
            let missing = stay.iter().filter(|n| !found.contains(&Text::from(format!("k{n}")))).count();
            prop_assert_eq!(missing, 0);
            prop_assert!((0..populate).all(|n| found.contains(&populated::name(n))));
            prop_assert!(keys.is_sound());
        }
    }

    #[test]
    fn places_are_cursors_and_never_0() {
        assert!(["a", "b", ""].into_iter().all(|name| (1..POPULATED).contains(&scan_place(name))));
    }
}
