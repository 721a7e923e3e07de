//! What clients ask, and what goes over the wire.

use std::collections::BTreeMap;

use crate::check::operation::{Key, Value};
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::RequestId;
use crate::sim::protocol::Wire;

use super::log::Shared as Record;
use super::meta::{Life, Shared as Meta};
use super::record::{Group, Origin, Part};

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Op {
    /// By which the record is put into a partition; `None`: partitions take turns.
    pub key: Option<Key>,
    /// What it says; `None`: the key is deleted.
    pub value: Option<Value>,
    /// The partition, where the client names it.
    pub part: Option<Part>,
}

packs!(struct Op { key, value, part });

/// What a client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ret {
    /// It went out; nobody says more.
    Sent,
    /// It stands there.
    At { part: Part, offset: u64 },
}

packs!(enum Ret { 0 = Sent {}, 1 = At { part: part, offset: offset } });

/// A record on its way to a log.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The request.
    pub request: RequestId,
    /// Its key.
    pub key: Option<Key>,
    /// What it says.
    pub value: Option<Value>,
}

/// Why a leader does not take a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It does not lead the partition.
    NotLeader,
    /// Too few replicas are in sync.
    NotEnough,
    /// Too few are in sync, and the batch is in the log.
    NotEnoughAfter,
    /// It stopped leading while it waited for the others: the batch may be in the log.
    SteppedDown,
    /// A batch before it is missing.
    OutOfOrder,
    /// The producer has gone on to a later epoch.
    Fenced,
    /// The log is compacted, and a record has no key.
    NoKey,
    /// The disk is full.
    Full,
}

impl Refusal {
    /// Whether the batch is not in the log for sure.
    pub fn is_definite(self) -> bool {
        !matches!(self, Refusal::NotEnoughAfter | Refusal::SteppedDown)
    }

    /// Whether the same batch would be refused again.
    pub fn is_final(self) -> bool {
        matches!(self, Refusal::Fenced | Refusal::NoKey)
    }

    /// In a few words.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::NotLeader => "no leader",
            Refusal::NotEnough => "not enough replicas in sync",
            Refusal::NotEnoughAfter => "not enough replicas in sync after it was appended",
            Refusal::SteppedDown => "the leader changed",
            Refusal::OutOfOrder => "a record before it is missing",
            Refusal::Fenced => "the producer is of an older epoch",
            Refusal::NoKey => "a compacted log takes no record without a key",
            Refusal::Full => "the broker's disk is full",
        }
    }
}

/// What a coordinator says to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All is well.
    Fine,
    /// The group is being rebalanced: join again.
    Rebalance,
    /// It is no member, or of an older generation.
    Unknown,
}

/// A producer's batch.
#[derive(Clone, Debug)]
pub struct Produce {
    /// Whose answer is waited for.
    pub call: u32,
    /// The how manieth time it is sent.
    pub attempt: u32,
    /// Where to.
    pub part: Part,
    /// The number of its first record, where the producer is idempotent.
    pub first: Option<Origin>,
    /// The records.
    pub items: Vec<Item>,
}

/// A follower asks for what comes next.
#[derive(Clone, Copy, Debug)]
pub struct Fetch {
    /// Of which partition.
    pub part: Part,
    /// The epoch that it follows.
    pub epoch: u32,
    /// From where on: its log end offset.
    pub offset: u64,
    /// The epoch of its last record.
    pub last_epoch: u32,
    /// The high-water mark that it knows.
    pub high_water: u64,
    /// Its life.
    pub life: Life,
}

/// Records from an offset on.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// Of which partition.
    pub part: Part,
    /// From which offset on.
    pub offset: u64,
    /// The records, with their offsets.
    pub records: Vec<(u64, Record)>,
    /// The offset after them.
    pub next: u64,
    /// The leader's high-water mark.
    pub high_water: u64,
}

/// A member asks to be, or to stay, in its group.
#[derive(Clone, Debug)]
pub struct Join {
    /// Which group.
    pub group: Group,
    /// Which life of the consumer.
    pub life: Life,
    /// The number of this try: the answer has the same.
    pub round: u32,
    /// The partitions that it has.
    pub owned: Vec<Part>,
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A producer or consumer asks who leads what, where that is newer than what it knows.
    Which { version: u64 },
    /// Who leads what.
    Meta(Meta),
    /// A batch for a log.
    Produce(Produce),
    /// The offset of its first record, or why not.
    Produced { call: u32, attempt: u32, part: Part, answer: Result<u64, Refusal> },
    /// A follower asks for more.
    Fetch(Fetch),
    /// Records for a follower of this epoch.
    Fetched { epoch: u32, stretch: Stretch },
    /// The follower's log parts from the leader's, when it ends as it said (offset and last epoch): the leader's last epoch that may be
    /// common, and its end.
    Diverged { part: Part, epoch: u32, asked: (u64, u32), last: (u32, u64) },
    /// What the follower asks for, from this offset on, is deleted: the log begins here.
    Behind { part: Part, epoch: u32, offset: u64, start: u64 },
    /// A broker lives.
    Beat { life: Life, version: u64 },
    /// A leader asks for another in-sync set: of each member the life, where the leader knows it.
    Alter { part: Part, epoch: u32, version: u32, isr: Vec<(crate::sim::id::NodeId, Option<Life>)> },
    /// A consumer asks for records; without an offset, for where the log begins and ends. It says of which epoch the last record was that
    /// it read, and which offset comes after that.
    Read { part: Part, offset: Option<u64>, most: u32, after: Option<(u32, u64)> },
    /// Committed records for a consumer.
    Records(Stretch),
    /// There is no such offset: the log begins and ends here.
    OutOfRange { part: Part, offset: Option<u64>, start: u64, high_water: u64 },
    /// What the consumer has read before this offset is not in the log, from another one on: its epoch ended there (KIP-320).
    Parted { part: Part, offset: u64, to: u64 },
    /// A member asks to be in its group.
    Join(Join),
    /// The members' partitions of a generation, and from where on to read them.
    Joined { round: u32, generation: u32, parts: Vec<(Part, Option<u64>)> },
    /// A member lives.
    Alive { group: Group, life: Life, generation: u32 },
    /// What the coordinator says to that.
    Standing { generation: u32, standing: Standing },
    /// A member commits places.
    Commit { group: Group, life: Life, generation: u32, call: u32, marks: Vec<(Part, u64)> },
    /// Whether they count.
    Committed { call: u32, standing: Standing },
}

/// What a message on the wire is for; its number in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Produce,
    Produced,
    Fetch,
    Replicate,
    Beat,
    Metadata,
    Alter,
    Read,
    Records,
    Group,
    Commit,
}

/// Bytes of a message beside its records.
const HEADER: u64 = 40;
/// Bytes of a record beside its key and value.
const RECORD: u64 = 16;

fn size(key: Option<&Key>, value: Option<&Value>) -> u64 {
    RECORD + key.map_or(0, |key| key.len() as u64) + value.map_or(0, |value| value.to_string().len() as u64)
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        self.kind_of() as u8
    }

    fn bytes(&self) -> u64 {
        let of = |stretch: &Stretch| RECORD * stretch.records.len() as u64;
        HEADER
            + match self {
                Msg::Produce(batch) => batch.items.iter().map(|item| size(item.key.as_ref(), item.value.as_ref())).sum(),
                Msg::Fetched { stretch, .. } | Msg::Records(stretch) => of(stretch),
                Msg::Meta(meta) => RECORD * meta.parts.len() as u64,
                _ => 0,
            }
    }
}

/// Kinds whose loss is too common to stop at.
pub(super) fn is_quiet(kind: u8) -> bool {
    [Kind::Fetch, Kind::Beat, Kind::Read, Kind::Metadata].iter().any(|quiet| *quiet as u8 == kind)
}

impl Msg {
    fn kind_of(&self) -> Kind {
        match self {
            Msg::Produce(_) => Kind::Produce,
            Msg::Produced { .. } => Kind::Produced,
            Msg::Fetch(_) => Kind::Fetch,
            Msg::Fetched { .. } | Msg::Diverged { .. } | Msg::Behind { .. } => Kind::Replicate,
            Msg::Beat { .. } | Msg::Alive { .. } => Kind::Beat,
            Msg::Which { .. } | Msg::Meta(_) => Kind::Metadata,
            Msg::Alter { .. } => Kind::Alter,
            Msg::Read { .. } => Kind::Read,
            Msg::Records(_) | Msg::OutOfRange { .. } | Msg::Parted { .. } => Kind::Records,
            Msg::Join(_) | Msg::Joined { .. } | Msg::Standing { .. } => Kind::Group,
            Msg::Commit { .. } | Msg::Committed { .. } => Kind::Commit,
        }
    }

    /// Whether a batch with this request is in it.
    pub fn carries(&self, request: RequestId) -> bool {
        matches!(self, Msg::Produce(batch) if batch.items.iter().any(|item| item.request == request))
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "batch", "a producer sends records"),
        MessageDoc::new(Sign::Reply, "acknowledgement", "their offset, or why they were not taken"),
        MessageDoc::new(Sign::Heartbeat, "fetch of a follower", "a follower asks its leader for more, and so says how far it is"),
        MessageDoc::new(Sign::Data, "records for a follower", "what the leader's log has from there on"),
        MessageDoc::new(Sign::Heartbeat, "heartbeat", "a broker, or a member of a group, lives"),
        MessageDoc::new(Sign::Data, "metadata", "who leads which partition"),
        MessageDoc::new(Sign::Vote, "change of an in-sync set", "a leader asks for another set of replicas that are in sync"),
        MessageDoc::new(Sign::Heartbeat, "fetch of a consumer", "a consumer asks for records from an offset on"),
        MessageDoc::new(Sign::Data, "records for a consumer", "committed records"),
        MessageDoc::new(Sign::Vote, "join of a group", "a member joins its group and is given partitions"),
        MessageDoc::new(Sign::Request, "commit of a place", "a consumer says up to where it has read"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Which { .. } => "who leads?".into(),
            Msg::Meta(meta) => format!("metadata {}", meta.version),
            Msg::Produce(batch) => batch_label(batch),
            Msg::Produced { part, answer: Ok(offset), .. } => format!("{part}@{offset}"),
            Msg::Produced { answer: Err(refusal), .. } => refusal.text().into(),
            Msg::Fetch(fetch) => format!("{} from {}", fetch.part, fetch.offset),
            Msg::Fetched { stretch, .. } | Msg::Records(stretch) => stretch_label(stretch),
            Msg::Diverged { part, last: (epoch, end), .. } => format!("{part} epoch {epoch} ends at {end}"),
            Msg::Behind { part, start, .. } => format!("{part} begins at {start}"),
            Msg::Beat { .. } | Msg::Alive { .. } => "alive".into(),
            Msg::Alter { part, isr, .. } => format!("{part} in sync: {}", isr.len()),
            Msg::Read { part, offset: Some(offset), .. } => format!("{part} from {offset}"),
            Msg::Read { part, offset: None, .. } => format!("{part} from where?"),
            Msg::OutOfRange { part, start, high_water, .. } => format!("{part} has {start} to {high_water}"),
            Msg::Parted { part, to, .. } => format!("{part} is another from {to} on"),
            Msg::Join(join) => format!("join {}", join.group),
            Msg::Joined { generation, parts, .. } => format!("generation {generation}: {} partitions", parts.len()),
            Msg::Standing { standing: Standing::Fine, .. } => "ok".into(),
            Msg::Standing { standing: Standing::Rebalance, .. } => "rebalance".into(),
            Msg::Standing { standing: Standing::Unknown, .. } => "no member".into(),
            Msg::Commit { marks, .. } => marks.iter().map(|(part, next)| format!("{part}→{next}")).collect::<Vec<_>>().join(" "),
            Msg::Committed { standing: Standing::Fine, .. } => "committed".into(),
            Msg::Committed { .. } => "refused".into(),
        }
    }
}

fn batch_label(batch: &Produce) -> String {
    let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
    for item in &batch.items {
        *keys.entry(item.key.as_deref().unwrap_or("-")).or_default() += 1;
    }
    let words: Vec<&str> = keys.into_keys().take(3).collect();
    format!("{} {} for {}", batch.items.len(), words.join(","), batch.part)
}

fn stretch_label(stretch: &Stretch) -> String {
    match stretch.records.len() {
        0 => format!("{} mark {}", stretch.part, stretch.high_water),
        1 => format!("{}@{}", stretch.part, stretch.offset),
        count => format!("{}@{} +{}", stretch.part, stretch.offset, count - 1),
    }
}

impl std::fmt::Display for Ret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Ret::Sent => f.write_str("sent"),
            Ret::At { part, offset } => write!(f, "{part}@{offset}"),
        }
    }
}
