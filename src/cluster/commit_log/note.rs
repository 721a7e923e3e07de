//! What is worth a sentence.

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::{NodeId, RequestId};

use super::record::{Group, Part};

/// What a node did.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// The controller made somebody leader of a partition.
    Elected { part: Part, leader: NodeId, epoch: u32, clean: bool },
    /// The controller has nobody who may lead.
    NoLeader { part: Part },
    /// The controller took a broker for dead.
    Fenced { broker: NodeId },
    /// The controller knows a broker that is new or back.
    Registered { broker: NodeId },
    /// The controller changed an in-sync set.
    InSync { part: Part, isr: Vec<NodeId>, grew: bool },
    /// A leader took office.
    TookOffice { part: Part, epoch: u32 },
    /// A leader appended records.
    Appended { part: Part, first: u64, count: usize },
    /// A leader knew the records already.
    Known { part: Part, count: usize },
    /// A leader refused a batch.
    Refused { part: Part, why: &'static str },
    /// A follower cut off its log.
    Truncated { part: Part, to: u64, gone: u64 },
    /// Retention deleted records of a leader or follower.
    Deleted { part: Part, from: u64, to: u64 },
    /// The cleaner took records out.
    Compacted { part: Part, gone: usize },
    /// A producer has a new id.
    Renewed { producer: u32 },
    /// A coordinator began to rebalance a group.
    Rebalancing { group: Group },
    /// A coordinator gave every member its partitions.
    Balanced { group: Group, generation: u32, members: usize, moved: usize },
    /// A coordinator takes a member for dead.
    Expired { group: Group, member: NodeId },
    /// A coordinator wrote a place down.
    Marked { group: Group, part: Part, next: u64, member: NodeId, generation: u32 },
    /// A coordinator refused a place, because its sender is no member any more.
    Stale { group: Group, member: NodeId },
    /// A consumer gave partitions up.
    GaveUp { group: Group, parts: Vec<Part> },
    /// A consumer got partitions.
    Got { group: Group, parts: Vec<Part>, generation: u32 },
    /// A consumer begins elsewhere, because its place is gone or it has none.
    Reset { group: Group, part: Part, to: u64 },
    /// A consumer has read what is not in the log any more, and goes back to where that begins.
    Parted { group: Group, part: Part, to: u64 },
    /// A consumer has done the work on a record.
    Processed { group: Group, part: Part, offset: u64, request: RequestId, key: Option<Key> },
    /// A consumer read records.
    Read { group: Group, part: Part, records: Vec<(u64, RequestId)> },
    /// An operator moved the place of a group.
    Sought { group: Group, part: Part, next: u64 },
    /// A disk is full.
    Full,
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(self.mark(), NoteMark::Small) && !matches!(self, Note::Processed { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::TookOffice { part, .. } if part.is_topic() => NoteMark::Leads,
            Note::Elected { part, .. } | Note::InSync { part, .. } if part.is_topic() => NoteMark::Decides,
            Note::Balanced { .. } | Note::Reset { .. } | Note::Parted { .. } | Note::Sought { .. } | Note::Renewed { .. } => {
                NoteMark::Decides
            }
            Note::Processed { .. } => NoteMark::Applies,
            Note::Truncated { part, .. } | Note::Deleted { part, .. } | Note::Compacted { part, .. } if part.is_topic() => {
                NoteMark::Discards
            }
            Note::Fenced { .. } | Note::Expired { .. } => NoteMark::Discards,
            Note::NoLeader { .. } | Note::Known { .. } | Note::Refused { .. } | Note::Stale { .. } | Note::Full => NoteMark::Refuses,
            _ => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let who = name(who);
        let list = |parts: &[Part]| parts.iter().map(Part::to_string).collect::<Vec<_>>().join(" ");
        match self {
            Note::Elected { part, leader, epoch, clean: true } => format!("{} is to lead {part} in epoch {epoch}", name(*leader)),
            Note::Elected { part, leader, epoch, clean: false } => {
                format!("{} is to lead {part} in epoch {epoch}, though it is not in sync: records may be lost", name(*leader))
            }
            Note::NoLeader { part } => format!("nobody who has all of {part} is up: it has no leader"),
            Note::Fenced { broker } => format!("{who} takes {} for dead", name(*broker)),
            Note::Registered { broker } => format!("{who} hears from {}", name(*broker)),
            Note::InSync { part, isr, grew } => {
                let isr: Vec<String> = isr.iter().map(|id| name(*id)).collect();
                let how = if *grew { "grows" } else { "shrinks" };
                format!("the in-sync set of {part} {how} to {}", if isr.is_empty() { "nobody".to_string() } else { isr.join(" ") })
            }
            Note::TookOffice { part, epoch } => format!("{who} leads {part} in epoch {epoch}"),
            Note::Appended { part, first, count: 1 } => format!("{who} appends to {part} at {first}"),
            Note::Appended { part, first, count } => format!("{who} appends {count} records to {part} from {first} on"),
            Note::Known { part, count } => format!("{who} has these {count} of {part} already and does not append them again"),
            Note::Refused { part, why } => format!("{who} refuses a batch for {part}: {why}"),
            Note::Truncated { part, to, gone } => {
                format!("{who} cuts {gone} offsets off {part}: it ends at {to}, as the leader's log does")
            }
            Note::Deleted { part, from, to } => format!("{who} deletes {part} from {from} to {}, because it is old", to - 1),
            Note::Compacted { part, gone } => format!("{who} cleans {gone} records out of {part}: newer ones have the same keys"),
            Note::Renewed { producer } => {
                format!("{who} starts again as producer {producer} and sends what it was not told of: nobody knows that it is the same")
            }
            Note::Rebalancing { group } => format!("{who} asks every member of {group} to join again"),
            Note::Balanced { group, generation, members, moved } => {
                format!("{group} is in generation {generation}: {members} members, {moved} partitions moved")
            }
            Note::Expired { group, member } => format!("{who} has not heard from {} for too long: it is out of {group}", name(*member)),
            Note::Marked { group, part, next, .. } => format!("{group} goes on from {part}@{next}"),
            Note::Stale { group, member } => format!("{who} refuses a place of {}: it is not in this generation of {group}", name(*member)),
            Note::GaveUp { parts, .. } => format!("{who} gives up {}", list(parts)),
            Note::Got { parts, .. } if parts.is_empty() => format!("{who} gets no partition and idles"),
            Note::Got { parts, .. } => format!("{who} reads {}", list(parts)),
            Note::Reset { part, to, .. } => format!("{who} has no place in {part} and begins at {to}"),
            Note::Parted { part, to, .. } => format!("{who} has read what is not in {part} any more, and goes back to {to}"),
            Note::Processed { part, offset, key: Some(key), .. } => format!("{who} has done {part}@{offset}, key {key}"),
            Note::Processed { part, offset, key: None, .. } => format!("{who} has done {part}@{offset}"),
            Note::Read { part, records, .. } => format!("{who} reads {} records of {part}", records.len()),
            Note::Sought { group, part, next } => format!("{group} is told to go on from {part}@{next}"),
            Note::Full => format!("the disk of {who} is full"),
        }
    }
}
