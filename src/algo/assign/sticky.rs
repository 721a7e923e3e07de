//! Whoever has a partition keeps it, as far as everybody has as many as the others: at most one more or less.
//!
//! This is Kafka's algorithm for members that read the same topics (`AbstractStickyAssignor.constrainedAssign`); the first member's
//! topics count for all.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Assignment, Member, Partition, all};

/// How many partitions members have when all is even.
#[derive(Clone, Copy)]
struct Quota {
    least: usize,
    most: usize,
    /// How many members have one more than the least.
    over: usize,
}

/// Those that may get more.
struct Unfilled<Id> {
    /// Fewer than the least.
    under: VecDeque<Id>,
    /// The least, and perhaps one more.
    at_least: VecDeque<Id>,
}

/// As even as can be, and as few partitions change hands as can be (`StickyAssignor`). A partition that two members say they have
/// stays with neither.
pub fn sticky<'t, Id: Ord + Clone>(members: &[Member<'t, Id>], topics: &BTreeMap<&'t str, u32>) -> Assignment<'t, Id> {
    let Some(first) = members.first() else { return BTreeMap::new() };
    let read: BTreeMap<&str, u32> = topics.iter().filter(|(topic, _)| first.topics.contains(topic)).map(|(t, n)| (*t, *n)).collect();
    let partitions = all(&read);
    let quota = Quota {
        least: partitions.len() / members.len(),
        most: partitions.len().div_ceil(members.len()),
        over: partitions.len() % members.len(),
    };
    let (mut assigned, unfilled) = keep(members, &partitions, quota);
    let kept: BTreeSet<Partition<'t>> = assigned.values().flatten().copied().collect();
    let free = partitions.into_iter().filter(|partition| !kept.contains(partition));
    hand_out(free, unfilled, quota, &mut assigned);
    assigned
}

/// What every member keeps.
fn keep<'t, Id: Ord + Clone>(members: &[Member<'t, Id>], partitions: &[Partition<'t>], quota: Quota) -> (Assignment<'t, Id>, Unfilled<Id>) {
    let claims = |partition: &Partition<'t>| members.iter().filter(|member| member.owned.contains(partition)).count();
    let mut sorted: Vec<&Member<'t, Id>> = members.iter().collect();
    sorted.sort_by(|one, other| one.id.cmp(&other.id));
    let (mut assigned, mut over) = (BTreeMap::new(), 0);
    let mut unfilled = Unfilled { under: VecDeque::new(), at_least: VecDeque::new() };
    for member in sorted {
        let mut own: Vec<Partition<'t>> = member.owned.clone();
        own.retain(|partition| partitions.contains(partition) && claims(partition) == 1);
        own.sort_unstable();
        own.dedup();
        if own.len() < quota.least {
            unfilled.under.push_back(member.id.clone());
        } else if own.len() > quota.least && over < quota.over {
            over += 1;
            own.truncate(quota.most);
        } else {
            own.truncate(quota.least);
            unfilled.at_least.push_back(member.id.clone());
        }
        assigned.insert(member.id.clone(), own);
    }
    (assigned, unfilled)
}

/// The rest goes round those that have too few, and then to those that may have one more.
fn hand_out<'t, Id: Ord + Clone>(
    free: impl Iterator<Item = Partition<'t>>,
    mut unfilled: Unfilled<Id>,
    quota: Quota,
    assigned: &mut Assignment<'t, Id>,
) {
    for partition in free {
        let Some(id) = unfilled.under.pop_front().or_else(|| unfilled.at_least.pop_front()) else { return };
        let Some(own) = assigned.get_mut(&id) else { continue };
        own.push(partition);
        if own.len() < quota.least {
            unfilled.under.push_back(id);
        } else if own.len() == quota.least {
            unfilled.at_least.push_back(id);
        }
    }
}

/// What [`sticky`] wants, but nobody gets a partition before its owner has let it go (KIP-429, `CooperativeStickyAssignor`): such a
/// partition is nobody's in this round, and a second round follows.
pub fn cooperative<'t, Id: Ord + Clone>(members: &[Member<'t, Id>], topics: &BTreeMap<&'t str, u32>) -> Assignment<'t, Id> {
    let mut assigned = sticky(members, topics);
    for (id, own) in &mut assigned {
        let is_held = |partition: &Partition<'t>| members.iter().any(|other| other.id != *id && other.owned.contains(partition));
        own.retain(|partition| !is_held(partition));
    }
    assigned
}
