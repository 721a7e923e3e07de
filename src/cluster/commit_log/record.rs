//! What stands in a log: records, which partition they are of, and which group reads them.

use std::fmt;

use crate::check::operation::{Key, Value};
use crate::packs;
use crate::sim::id::RequestId;
use crate::sim::time::Time;

/// A partition by its number; the last number is the partition in which groups keep their marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Part(pub u16);

packs!(struct Part { 0 });

impl Part {
    /// Where groups keep their committed offsets, a partition like any other (`__consumer_offsets`).
    pub const MARKS: Part = Part(u16::MAX);

    /// Whether its records are those of producers.
    pub fn is_topic(self) -> bool {
        self != Part::MARKS
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_topic() { write!(f, "p{}", self.0) } else { f.write_str("marks") }
    }
}

impl std::str::FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Part, String> {
        let number = text.strip_prefix('p').and_then(|digits| digits.parse().ok());
        number.map(Part).filter(|part| part.is_topic()).ok_or_else(|| format!("`{text}` is no partition; partitions are p0, p1, ..."))
    }
}

/// A group of consumers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// `audit`.
    Audit,
    /// `billing`.
    Billing,
}

impl Group {
    /// All of them.
    pub const ALL: [Group; 2] = [Group::Audit, Group::Billing];

    /// Its name.
    pub fn word(self) -> &'static str {
        match self {
            Group::Audit => "audit",
            Group::Billing => "billing",
        }
    }

    /// Its letter under the tracks.
    pub fn letter(self) -> &'static str {
        match self {
            Group::Audit => "A",
            Group::Billing => "B",
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Who sent a record, and as which: a producer in one of its sessions, by which a leader knows what it has already (KIP-98).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The producer's id: another one after each restart of the producer.
    pub producer: u32,
    /// Its epoch: grows when the producer gives up a batch whose fate it does not know (KIP-360).
    pub epoch: u16,
    /// The number of the record among those of this producer and epoch in the partition.
    pub sequence: u32,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// A record of a producer.
    Sent {
        /// The request of the client.
        request: RequestId,
        /// By which it was put into its partition, where it has one.
        key: Option<Key>,
        /// What it says; `None`: the key is deleted (a tombstone).
        value: Option<Value>,
        /// Whose it is, where its producer is idempotent.
        origin: Option<Origin>,
    },
    /// A group goes on from here.
    Mark {
        /// Which group.
        group: Group,
        /// In which partition.
        part: Part,
        /// The next offset to read.
        next: u64,
    },
    /// A group has come to this generation.
    Generation {
        /// Which group.
        group: Group,
        /// Which generation.
        generation: u32,
    },
}

/// By what the cleaner takes two records for the same thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// A key of producers.
    Key(Key),
    /// The mark of a group in a partition.
    Mark(Group, Part),
    /// The generation of a group.
    Generation(Group),
}

packs!(apart Record);
packs!(struct Record { epoch, at, body });
packs!(struct Origin { producer, epoch, sequence });
packs!(enum Group { 0 = Audit {}, 1 = Billing {} });
packs!(enum Body {
    0 = Sent { request: request, key: key, value: value, origin: origin },
    1 = Mark { group: group, part: part, next: next },
    2 = Generation { group: group, generation: generation }
});

/// A record in a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The epoch of the leader that appended it.
    pub epoch: u32,
    /// When, by that leader's clock.
    pub at: Time,
    /// What it says.
    pub body: Body,
}

impl Record {
    /// The request that sent it.
    pub fn request(&self) -> Option<RequestId> {
        match self.body {
            Body::Sent { request, .. } => Some(request),
            _ => None,
        }
    }

    /// Its key.
    pub fn key(&self) -> Option<&Key> {
        match &self.body {
            Body::Sent { key, .. } => key.as_ref(),
            _ => None,
        }
    }

    /// Who sent it as which.
    pub fn origin(&self) -> Option<Origin> {
        match self.body {
            Body::Sent { origin, .. } => origin,
            _ => None,
        }
    }

    /// What the cleaner knows it by; `None`: it stays.
    pub fn name(&self) -> Option<Name> {
        match &self.body {
            Body::Sent { key, .. } => key.clone().map(Name::Key),
            Body::Mark { group, part, .. } => Some(Name::Mark(*group, *part)),
            Body::Generation { group, .. } => Some(Name::Generation(*group)),
        }
    }

    /// Whether it deletes its key.
    pub fn is_tombstone(&self) -> bool {
        matches!(self.body, Body::Sent { value: None, .. })
    }
}
