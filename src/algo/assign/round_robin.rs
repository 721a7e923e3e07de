//! One partition after the other, round all members.

use std::collections::BTreeMap;

use super::{Assignment, Member, all, none};

/// All partitions of all topics in order, each to the next member in turn that reads its topic (`RoundRobinAssignor`).
pub fn round_robin<'t, Id: Ord + Clone>(members: &[Member<'t, Id>], topics: &BTreeMap<&'t str, u32>) -> Assignment<'t, Id> {
    let mut assigned = none(members);
    let mut circle: Vec<&Member<'t, Id>> = members.iter().collect();
    circle.sort_by(|one, other| one.id.cmp(&other.id));
    let mut turn = 0;
    for partition in all(topics) {
        let reads = |at: &usize| circle[at % circle.len()].topics.contains(&partition.0);
        let Some(at) = (turn..turn + circle.len()).find(reads) else { continue };
        turn = at + 1;
        if let Some(own) = assigned.get_mut(&circle[at % circle.len()].id) {
            own.push(partition);
        }
    }
    assigned
}
