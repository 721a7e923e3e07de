//! The published examples, and what every assignor must keep.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Assignment, Member, Partition, cooperative, range, round_robin, sticky};

const TOPICS: [&str; 4] = ["t0", "t1", "t2", "t3"];

fn topics(counts: &[u32]) -> BTreeMap<&'static str, u32> {
    TOPICS.into_iter().zip(counts.iter().copied()).collect()
}

fn reads(id: &'static str, count: usize) -> Member<'static, &'static str> {
    Member { id, topics: TOPICS[..count].to_vec(), owned: Vec::new() }
}

fn told<Id: std::fmt::Display>(assigned: &Assignment<'_, Id>) -> Vec<String> {
    let line = |(id, own): (&Id, &Vec<Partition<'_>>)| {
        let own: Vec<String> = own.iter().map(|(topic, number)| format!("{topic}p{number}")).collect();
        format!("{id}: {}", own.join(" "))
    };
    assigned.iter().map(line).collect()
}

/// The javadoc of `RangeAssignor`.
#[test]
fn range_is_that_of_kafka() {
    let two = [reads("C0", 2), reads("C1", 2)];
    assert_eq!(told(&range(&two, &topics(&[3, 3]))), ["C0: t0p0 t0p1 t1p0 t1p1", "C1: t0p2 t1p2"]);
    let names: Vec<String> = (0..10).map(|n| format!("t{n}")).collect();
    let ten: BTreeMap<&str, u32> = names.iter().map(|name| (name.as_str(), 3)).collect();
    let both = ["C0", "C1"].map(|id| Member { id, topics: ten.keys().copied().collect(), owned: Vec::new() });
    assert_eq!(range(&both, &ten).values().map(Vec::len).collect::<Vec<_>>(), [20, 10]);
}

/// The javadoc of `RoundRobinAssignor`.
#[test]
fn round_robin_is_that_of_kafka() {
    let two = [reads("C0", 2), reads("C1", 2)];
    assert_eq!(told(&round_robin(&two, &topics(&[3, 3]))), ["C0: t0p0 t0p2 t1p1", "C1: t0p1 t1p0 t1p2"]);
    let uneven = [reads("C0", 1), reads("C1", 2), reads("C2", 3)];
    assert_eq!(told(&round_robin(&uneven, &topics(&[1, 2, 3]))), ["C0: t0p0", "C1: t1p0", "C2: t1p1 t2p0 t2p1 t2p2"]);
}

/// The first example in the javadoc of `StickyAssignor`: three members, four topics of two partitions, and then one member less.
#[test]
fn sticky_is_that_of_kafka_and_keeps_what_survivors_have() {
    let topics = topics(&[2, 2, 2, 2]);
    let three = ["C0", "C1", "C2"].map(|id| reads(id, 4));
    let first = sticky(&three, &topics);
    assert_eq!(told(&first), ["C0: t0p0 t1p1 t3p0", "C1: t0p1 t2p0 t3p1", "C2: t1p0 t2p1"]);
    let left: Vec<_> = ["C0", "C2"].map(|id| Member { owned: first[id].clone(), ..reads(id, 4) }).into();
    let then = sticky(&left, &topics);
    for member in &left {
        assert!(member.owned.iter().all(|partition| then[member.id].contains(partition)), "{then:?}");
        assert_eq!(then[member.id].len(), 4, "{then:?}");
    }
}

/// KIP-429: who comes gets nothing that another still has; in the second round it gets what was let go.
#[test]
fn nobody_gets_what_another_still_has() {
    let topics = topics(&[3]);
    let owned = |numbers: &[u32]| numbers.iter().map(|number| ("t0", *number)).collect::<Vec<_>>();
    let joins = [Member { owned: owned(&[0, 2]), ..reads("C0", 1) }, Member { owned: owned(&[1]), ..reads("C1", 1) }, reads("C2", 1)];
    let first = cooperative(&joins, &topics);
    assert_eq!(told(&first), ["C0: t0p0", "C1: t0p1", "C2: "]);
    let again = joins.map(|member| Member { owned: first[member.id].clone(), ..member });
    assert_eq!(told(&cooperative(&again, &topics)), ["C0: t0p0", "C1: t0p1", "C2: t0p2"]);
}

/// Any members that read the same topics, with whatever they say they have.
fn group() -> impl Strategy<Value = (Vec<Member<'static, u32>>, BTreeMap<&'static str, u32>)> {
    let owned = proptest::collection::vec((0..4usize, 0..8u32), 0..12);
    (proptest::collection::vec(owned, 1..8), proptest::collection::vec(0..8u32, 1..=4)).prop_map(|(members, counts)| {
        let read = TOPICS[..counts.len()].to_vec();
        let member = |(id, owned): (usize, Vec<(usize, u32)>)| Member {
            id: id as u32,
            topics: read.clone(),
            owned: owned.into_iter().map(|(topic, number)| (TOPICS[topic], number)).collect(),
        };
        (members.into_iter().enumerate().map(member).collect(), topics(&counts))
    })
}

fn in_order<'t>(assigned: &Assignment<'t, u32>) -> Vec<Partition<'t>> {
    let mut all: Vec<Partition<'t>> = assigned.values().flatten().copied().collect();
    all.sort_unstable();
    all
}

proptest! {
    #[test]
    fn every_partition_is_assigned_once((members, topics) in group()) {
        for assign in [range, round_robin, sticky] {
            prop_assert_eq!(in_order(&assign(&members, &topics)), super::all(&topics));
        }
    }

    #[test]
    fn shares_are_even((members, topics) in group()) {
        for assign in [round_robin, sticky] {
            let shares: Vec<usize> = assign(&members, &topics).values().map(Vec::len).collect();
            let (least, most) = (shares.iter().min().copied().unwrap_or(0), shares.iter().max().copied().unwrap_or(0));
            prop_assert!(most - least <= 1, "{:?}", shares);
        }
    }

    /// What is assigned stays as it is; and when one member goes, the others keep all they have.
    #[test]
    fn what_is_even_stays((members, topics) in group(), gone in any::<prop::sample::Index>()) {
        let first = sticky(&members, &topics);
        let settled: Vec<_> = members.iter().map(|member| Member { owned: first[&member.id].clone(), ..member.clone() }).collect();
        let sets = |assigned: &Assignment<'static, u32>| -> BTreeMap<u32, BTreeSet<Partition<'static>>> {
            assigned.iter().map(|(id, own)| (*id, own.iter().copied().collect())).collect()
        };
        prop_assert_eq!(sets(&sticky(&settled, &topics)), sets(&first));
        let mut left = settled.clone();
        left.remove(gone.index(settled.len()));
        let then = sets(&sticky(&left, &topics));
        for member in left {
            prop_assert!(member.owned.iter().all(|partition| then[&member.id].contains(partition)), "{:?}", then);
        }
    }

    /// In the first round nobody has what another had; in the second all is assigned as the sticky assignor wants it.
    #[test]
    fn two_rounds_hand_everything_over((members, topics) in group()) {
        let first = cooperative(&members, &topics);
        for (id, own) in &first {
            let others = members.iter().filter(|member| member.id != *id);
            prop_assert!(others.clone().all(|other| own.iter().all(|partition| !other.owned.contains(partition))));
        }
        let again: Vec<_> = members.iter().map(|member| {
            let mut owned = member.owned.clone();
            owned.retain(|partition| first[&member.id].contains(partition));
            Member { owned, ..member.clone() }
        }).collect();
        prop_assert_eq!(in_order(&cooperative(&again, &topics)), super::all(&topics));
    }
}
