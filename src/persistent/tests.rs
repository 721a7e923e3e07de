//! Maps and sets against those of the standard library.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Change, OrdMap, OrdSet};

#[derive(Clone, Debug)]
enum Step {
    Insert(u16, u32),
    Append(u32),
    Remove(u16),
    RemoveFirst,
    Write(u16, u32),
    Retain(u32),
    Copy,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_u16..400, any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
        6 => any::<u32>().prop_map(Step::Append),
        3 => (0_u16..400).prop_map(Step::Remove),
        3 => Just(Step::RemoveFirst),
        2 => (0_u16..400, any::<u32>()).prop_map(|(key, value)| Step::Write(key, value)),
        1 => (2_u32..9).prop_map(Step::Retain),
        1 => Just(Step::Copy),
    ]
}

/// Does one step to both.
fn take(step: &Step, map: &mut OrdMap<u16, u32>, plain: &mut BTreeMap<u16, u32>) {
    match *step {
        Step::Insert(key, value) => assert_eq!(map.insert(key, value), plain.insert(key, value)),
        Step::Append(value) => {
            let key = plain.last_key_value().map_or(0, |(key, _)| key + 1);
            map.insert(key, value);
            plain.insert(key, value);
        }
        Step::Remove(key) => assert_eq!(map.remove(&key), plain.remove(&key)),
        Step::RemoveFirst => {
            let first = plain.pop_first();
            assert_eq!(first.and_then(|(key, _)| map.remove_with_key(&key)), first);
        }
        Step::Write(key, value) => {
            *map.entry(key).or_default() ^= value;
            *plain.entry(key).or_default() ^= value;
            map.entry(key).and_modify(|held| *held ^= 1);
            plain.entry(key).and_modify(|held| *held ^= 1);
            assert_eq!(map.get_mut(&(key + 1)), plain.get_mut(&(key + 1)));
        }
        Step::Retain(by) => {
            map.retain(|_, value| value % by != 0);
            plain.retain(|_, value| *value % by != 0);
        }
        Step::Copy => {}
    }
}

fn entries<'a>(all: impl Iterator<Item = (&'a u16, &'a u32)>) -> Vec<(u16, u32)> {
    all.map(|(key, value)| (*key, *value)).collect()
}

/// Reads both in every way.
fn compare(map: &OrdMap<u16, u32>, plain: &BTreeMap<u16, u32>, a: u16, b: u16) {
    assert_eq!((map.len(), map.is_empty()), (plain.len(), plain.is_empty()));
    assert_eq!(entries(map.iter()), entries(plain.iter()));
    assert_eq!(entries(map.iter().rev()), entries(plain.iter().rev()));
    assert_eq!((map.get(&a), map.contains_key(&b)), (plain.get(&a), plain.contains_key(&b)));
    assert_eq!(map.get_prev(&a), plain.range(..=a).next_back());
    assert_eq!(map.get_next(&a), plain.range(a..).next());
    assert_eq!((map.get_min(), map.get_max()), (plain.first_key_value(), plain.last_key_value()));
    let (low, high) = (a.min(b), a.max(b));
    assert_eq!(entries(map.range(low..high)), entries(plain.range(low..high)));
    assert_eq!(entries(map.range(low..=high).rev()), entries(plain.range(low..=high).rev()));
    let (mut mine, mut theirs) = (map.range(low..), plain.range(low..));
    for from_front in [true, false, false, true, true, true, false, true, false, false, false, false] {
        let (one, other) = if from_front { (mine.next(), theirs.next()) } else { (mine.next_back(), theirs.next_back()) };
        assert_eq!(one, other);
    }
    assert_eq!(mine.len(), theirs.count());
}

proptest! {
    #[test]
    fn a_map_is_what_a_plain_one_is_and_its_copies_stay(steps in prop::collection::vec(step(), 0..300), a in 0_u16..420, b in 0_u16..420) {
        let (mut map, mut plain) = (OrdMap::new(), BTreeMap::new());
        let mut copies = vec![(map.clone(), plain.clone())];
        for step in &steps {
            take(step, &mut map, &mut plain);
            if let Step::Copy = step {
                copies.push((map.clone(), plain.clone()));
            }
        }
        copies.push((map, plain));
        for (map, plain) in &copies {
            compare(map, plain, a, b);
        }
        for pair in copies.windows(2) {
            let (older, newer) = (&pair[0], &pair[1]);
            prop_assert_eq!(older.0 == newer.0, older.1 == newer.1);
            let mut built = older.1.clone();
            for change in older.0.diff(&newer.0) {
                match change {
                    Change::Add(key, value) => prop_assert_eq!(built.insert(*key, *value), None),
                    Change::Remove(key, value) => prop_assert_eq!(built.remove(key), Some(*value)),
                    Change::Update { old, new } => {
                        prop_assert!(old.0 == new.0 && old.1 != new.1);
                        prop_assert_eq!(built.insert(*new.0, *new.1), Some(*old.1));
                    }
                }
            }
            prop_assert_eq!(&built, &newer.1);
        }
    }

    #[test]
    fn a_set_is_sorted_and_holds_each_once(elements in prop::collection::vec(0_u8..60, 0..90)) {
        let set: OrdSet<u8> = elements.iter().copied().collect();
        let plain: std::collections::BTreeSet<u8> = elements.iter().copied().collect();
        prop_assert!(set.iter().eq(plain.iter()));
        prop_assert!(set.range(20..40).eq(plain.range(20..40)));
    }
}

#[test]
fn a_change_of_a_copy_looks_at_little_of_what_both_share() {
    let before: OrdMap<u32, u32> = (0..100_000).map(|key| (key, key)).collect();
    let mut after = before.clone();
    after.insert(70_000, 1);
    after.remove(&99_999);
    let changes: Vec<_> = before.diff(&after).collect();
    let updated = Change::Update { old: (&70_000, &70_000), new: (&70_000, &1) };
    assert_eq!(changes, [updated, Change::Remove(&99_999, &99_999)]);
}

#[test]
fn what_only_looks_leaves_copies_together() {
    let map: OrdMap<u32, u32> = (0..100).map(|key| (key, key)).collect();
    let mut copy = map.clone();
    assert_eq!(copy.get_mut(&200), None);
    assert_eq!(copy.remove(&200), None);
    assert!(copy.ptr_eq(&map));
    let set: OrdSet<u32> = map.keys().copied().collect();
    let mut same = set.clone();
    assert!(!same.insert(5) && same.ptr_eq(&set));
}

/// Enough steps for trees that are four deep, with gaps that are filled again after their first keys were taken out.
#[test]
fn a_long_life_leaves_a_map_what_a_plain_one_is() {
    for (seed, keys) in [(1, 40), (2, 400), (3, 4_000), (4, 4_000)] {
        let mut draw = 0x2545_F491_4F6C_DD1D_u64 ^ seed;
        let mut below = |most: u64| {
            draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (draw >> 33) % most
        };
        let (mut map, mut plain) = (OrdMap::new(), BTreeMap::new());
        for step in 0..12_000 {
            let key = below(keys) as u16;
            let step = match below(8) {
                0..=3 => Step::Insert(key, step),
                4 | 5 => Step::Remove(key),
                6 => Step::RemoveFirst,
                _ => Step::Write(key, step),
            };
            take(&step, &mut map, &mut plain);
            assert_eq!(map.get_next(&key), plain.range(key..).next());
        }
        compare(&map, &plain, 100, 300);
    }
}
