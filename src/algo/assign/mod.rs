//! Assignors: which member of a consumer group reads which partition. Pure, after Apache Kafka's `ConsumerPartitionAssignor`s; members
//! are taken in the order of their names, as Kafka takes them in that of their ids.

mod round_robin;
mod sticky;
#[cfg(test)]
mod tests;

pub use round_robin::round_robin;
pub use sticky::{cooperative, sticky};

use std::collections::BTreeMap;

/// A partition of a topic: the topic's name, then the partition's number.
pub type Partition<'t> = (&'t str, u32);

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member<'t, Id> {
    /// What it is called.
    pub id: Id,
    /// The topics that it reads.
    pub topics: Vec<&'t str>,
    /// The partitions that it has, as it says itself.
    pub owned: Vec<Partition<'t>>,
}

/// What each member is to read.
pub type Assignment<'t, Id> = BTreeMap<Id, Vec<Partition<'t>>>;

/// The members in order, and nothing assigned yet.
fn none<'t, Id: Ord + Clone>(members: &[Member<'t, Id>]) -> Assignment<'t, Id> {
    members.iter().map(|member| (member.id.clone(), Vec::new())).collect()
}

/// Every partition, in the order of topics and numbers.
fn all<'t>(topics: &BTreeMap<&'t str, u32>) -> Vec<Partition<'t>> {
    topics.iter().flat_map(|(topic, count)| (0..*count).map(move |number| (*topic, number))).collect()
}

/// Each topic by itself in even stretches, the first members one more (`RangeAssignor`). Over several topics the same members are
/// always the first.
pub fn range<'t, Id: Ord + Clone>(members: &[Member<'t, Id>], topics: &BTreeMap<&'t str, u32>) -> Assignment<'t, Id> {
    let mut assigned = none(members);
    for (topic, count) in topics {
        let mut readers: Vec<&Id> = members.iter().filter(|member| member.topics.contains(topic)).map(|member| &member.id).collect();
        readers.sort();
        let mut next = 0;
        for (place, id) in readers.iter().enumerate() {
            let (each, over) = (*count as usize / readers.len(), *count as usize % readers.len());
            let end = next + (each + usize::from(place < over)) as u32;
            if let Some(own) = assigned.get_mut(*id) {
                own.extend((next..end).map(|number| (*topic, number)));
            }
            next = end;
        }
    }
    assigned
}
