//! What goes over the wire, and what is worth a sentence.

use std::borrow::Cow;
use std::sync::Arc;

use crate::check::operation::{Key, Ret};
use crate::cluster::NoteMark;
use crate::cluster::kit::register;
use crate::cluster::live::Labelled;
use crate::cluster::live::{Names, Worded};
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;
use crate::sim::time::{Span, Time};

use super::account::Memo;
use super::election::LONGEST_WAIT;
use super::entry::{Entry, Offer, Written};
use super::replicate::Append;
use super::statements::{self, Op, Told};
use super::token::Token;

/// A message between clients and servers, or between servers.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client asks. `position`: a follower must have applied the log up to here before it answers. `picked`: this server and no other.
    Ask { request: RequestId, op: Op, position: Token, picked: bool },
    /// A server answers a client.
    Told { request: RequestId, answer: Answer },
    /// A leader sends entries; without any it is a heartbeat.
    Append(Append),
    /// A follower has everything up to here on its disk.
    Ack { epoch: u64, upto: u64, sent: Time },
    /// A follower's log does not fit: send again from after `last`.
    Gap { epoch: u64, last: u64 },
    /// The sender of an older epoch is refused: a newer one exists.
    Stale { epoch: u64 },
    /// A follower heard nothing from its leader: it wants to fill this epoch.
    Elect { epoch: u64 },
    /// The answer: whether the voter agrees, the newest epoch it has promised or followed, and how up to date it is.
    Vote { epoch: u64, granted: bool, newest: u64, position: (u64, u64) },
    /// Lead this epoch.
    Appoint { epoch: u64 },
    /// To clients: here is the leader of this epoch.
    Leads { epoch: u64 },
    /// A rejoining node hands over what its log changed after `fork`, to be merged.
    Offer(Offer),
    /// A leader has what was offered, from this request on, on its disk.
    Taken { first: RequestId },
    /// A device asks the account of its user what was written and seen.
    Recall { request: RequestId },
    /// A device tells the account what a request brought.
    Remember { request: RequestId, memo: Memo },
    /// What the account knows.
    Recalled { request: RequestId, memo: Memo },
}

/// What a server tells a client.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It took effect.
    Done(Done),
    /// Not here: the leader, as far as known.
    Elsewhere(Option<NodeId>),
    /// It did not and will not take effect, because.
    Refused(Cow<'static, str>),
    /// Not here, for this one lags too far behind.
    Behind,
}

/// The result of an operation that took effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// The result.
    pub ret: Ret,
    /// What is said of a statement.
    pub table: Option<Arc<Told>>,
    /// The request whose write a read saw.
    pub wrote: Option<RequestId>,
    /// The requests whose values stand beside it, where a merge kept several.
    pub beside: Option<Arc<[RequestId]>>,
    /// The position in the log that the answer reflects.
    pub position: u64,
    /// The epoch of the entry there; 0 before the first.
    pub epoch: u64,
    /// Who answered.
    pub server: NodeId,
}

packs!(struct Done { ret, table, wrote, beside, position, epoch, server });
packs!(shared Told);

impl Done {
    /// What the client is told, in a word or two.
    pub fn told(&self) -> String {
        match &self.table {
            None => register::told(&self.ret),
            // A transaction without a statement.
            Some(table) if table.text.is_empty() => "ok".to_string(),
            Some(table) => table.text.clone(),
        }
    }

    /// Whether something has changed for good.
    pub fn changed(&self) -> bool {
        self.table.as_ref().map_or(self.ret != Ret::NotSwapped, |table| table.changed)
    }
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        self.kind_of() as u8
    }

    /// A header of 40 bytes, and what it carries.
    fn bytes(&self) -> u64 {
        let payload = match self {
            Msg::Append(Append { entries, .. }) => entries.iter().map(|entry| entry.bytes()).sum(),
            Msg::Offer(offer) => offer.writes.iter().map(Written::bytes).sum(),
            Msg::Ask { op, .. } => op.bytes(),
            Msg::Told { answer, .. } => answer.bytes(),
            _ => 8,
        };
        40 + payload
    }
}

/// What a message is for; its number in a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A client asks.
    Request,
    /// A client is answered.
    Reply,
    /// Entries of a log.
    Replication,
    /// Where a log is.
    Ack,
    /// Who leads.
    Election,
    /// A leader lives.
    Heartbeat,
}

impl Msg {
    /// What it is for.
    fn kind_of(&self) -> Kind {
        match self {
            Msg::Ask { .. } | Msg::Recall { .. } | Msg::Remember { .. } => Kind::Request,
            Msg::Told { .. } | Msg::Recalled { .. } => Kind::Reply,
            Msg::Append(append) if append.entries.is_empty() => Kind::Heartbeat,
            Msg::Append(_) | Msg::Offer(_) => Kind::Replication,
            Msg::Ack { .. } | Msg::Gap { .. } | Msg::Taken { .. } => Kind::Ack,
            Msg::Stale { .. } | Msg::Elect { .. } | Msg::Vote { .. } | Msg::Appoint { .. } | Msg::Leads { .. } => Kind::Election,
        }
    }

    /// The requests of the writes that it carries to a log.
    pub fn carried(&self) -> impl Iterator<Item = RequestId> {
        let (entries, writes) = match self {
            Msg::Append(Append { entries, .. }) => (&entries[..], &[][..]),
            Msg::Offer(offer) => (&[][..], &offer.writes[..]),
            _ => (&[][..], &[][..]),
        };
        entries.iter().filter_map(|entry| entry.request()).chain(writes.iter().map(|written| written.request))
    }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::REQUEST,
        MessageDoc::REPLY,
        MessageDoc::new(Sign::Data, "replication", "the leader sends entries of its log"),
        MessageDoc::new(Sign::Ack, "acknowledgement", "a follower says up to where it has them"),
        MessageDoc::new(Sign::Vote, "election message", "a follower asks for votes, or answers"),
        MessageDoc::new(Sign::Heartbeat, "heartbeat", "the leader says that it leads"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Ask { op, .. } => op.label(),
            Msg::Told { answer, .. } => answer.label(),
            Msg::Append(append) => append_label(&append.entries, append.epoch),
            Msg::Ack { upto, .. } => format!("has {upto}"),
            Msg::Gap { last, .. } => format!("from {}", last + 1),
            Msg::Stale { epoch } => format!("stale, epoch {epoch}"),
            Msg::Elect { epoch } => format!("vote?, epoch {epoch}"),
            Msg::Vote { granted: true, position, .. } => format!("yes, log {}", position.1),
            Msg::Vote { .. } => "no".to_string(),
            Msg::Appoint { epoch } => format!("lead!, epoch {epoch}"),
            Msg::Leads { epoch } => format!("I lead, epoch {epoch}"),
            Msg::Offer(offer) => format!("merge, {}", count(offer.writes.len(), "write", "writes")),
            Msg::Taken { .. } => "taken over".to_string(),
            Msg::Recall { .. } => "seen so far?".to_string(),
            Msg::Remember { memo, .. } => format!("note {}", memo.token.index),
            Msg::Recalled { memo, .. } => format!("seen {}", memo.token.index),
        }
    }
}

fn append_label(entries: &[Arc<Entry>], epoch: u64) -> String {
    match entries {
        [] => "heartbeat".to_string(),
        [entry] => entry_label(entry, epoch),
        [first, ..] => format!("{}, +{}", entry_label(first, epoch), entries.len() - 1),
    }
}

fn entry_label(entry: &Entry, epoch: u64) -> String {
    match &entry.change {
        super::entry::Change::Start => format!("start, epoch {epoch}"),
        super::entry::Change::Do(_, op) => register::label(op),
        super::entry::Change::Run(shipped) => shipped.label(),
        super::entry::Change::Merge(_, whole) => format!("{}={}", whole.key, whole.value),
    }
}

impl Answer {
    /// Its size on the wire in bytes.
    fn bytes(&self) -> u64 {
        match self {
            Answer::Done(Done { table: Some(told), .. }) => 16 + told.text.len() as u64,
            _ => 16,
        }
    }

    fn label(&self) -> String {
        match self {
            Answer::Done(done) => done.told(),
            Answer::Elsewhere(Some(leader)) => format!("ask {leader}"),
            Answer::Elsewhere(None) => "no leader".to_string(),
            Answer::Refused(_) => "refused".to_string(),
            Answer::Behind => "I lag, ask another".to_string(),
        }
    }
}

/// `1 write`, `2 writes`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// What a node does that is worth a sentence.
#[derive(Clone, Debug)]
pub enum Note {
    /// A leader put a write into its log.
    Accepted { index: u64, epoch: u64, request: RequestId, key: Key },
    /// A follower applied the log up to here.
    Applied { index: u64 },
    /// A follower heard nothing from its leader for this long and asks who could lead. `timeout` is the setting; each wait is
    /// drawn from 1 to [`LONGEST_WAIT`] times it.
    Suspects { leader: Option<NodeId>, silent: Span, timeout: Span },
    /// The same, but an operator has to decide.
    WaitsForOperator { leader: Option<NodeId>, silent: Span },
    /// Too few agreed.
    NoMajority { agreed: usize, needed: usize },
    /// It was asked to vote and did not agree, having heard from its leader lately.
    HoldsToLeader { leader: NodeId, candidate: NodeId },
    /// It was told to ask for votes, having heard from its leader lately; or it started too lately to know of one.
    HeardLately { leader: Option<NodeId>, silent: Span },
    /// It chose another node, which has this position.
    Appoints { who: NodeId, epoch: u64 },
    /// It leads from now on; `start` is the index of its first entry.
    Leads { epoch: u64, start: u64 },
    /// It stops leading because a newer epoch exists.
    StepsDown { newer: u64 },
    /// It was replaced, and the word of that takes so long.
    LearnsLate { late: Span },
    /// It stops leading because it could not renew its lease.
    LeaseOver { silent: Span },
    /// It follows another leader from now on.
    Follows { leader: NodeId, epoch: u64 },
    /// It throws away entries that its new leader never had.
    Discards { requests: Arc<[RequestId]>, leader: NodeId },
    /// It would have to throw away entries, and stops instead.
    Strands { entries: usize, leader: NodeId },
    /// It hands over entries that its new leader never had.
    Offers { entries: usize, leader: NodeId },
    /// It merged another leader's entries; these were overruled by newer ones.
    Merges { kept: usize, overruled: Arc<[RequestId]> },
    /// It refused a message of an older epoch.
    RefusesEpoch { from: NodeId, epoch: u64, newer: u64 },
    /// It refused a client.
    Refuses { client: NodeId, why: Cow<'static, str> },
    /// Something about statements.
    Statement(statements::Note),
    /// Its disk is full.
    DiskFull,
    /// Another follower is the synchronous one from now on.
    SyncMoves { from: NodeId, to: NodeId },
    /// No follower answered, so it goes on without one.
    GoesOnAlone,
    /// A follower has caught up, and is the synchronous one from now on.
    IsAloneNoMore { with: NodeId },
    /// It takes the log of its leader in the place of changes that came without a number.
    Matches { leader: NodeId, dropped: usize },
    /// A client got no answer in time.
    GaveUp { server: NodeId },
    /// A client was sent to another server.
    Redirected { from: NodeId, to: NodeId },
}

impl Note {
    /// Whether it can end or begin a time in which no write can be acknowledged.
    pub fn moves(&self) -> bool {
        matches!(self, Note::Leads { .. } | Note::StepsDown { .. } | Note::LeaseOver { .. } | Note::Follows { .. } | Note::Strands { .. })
    }

    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        if let Note::Statement(note) = self {
            return note.is_noteworthy();
        }
        !matches!(self, Note::Accepted { .. } | Note::Applied { .. } | Note::Redirected { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Statement(note) => note.mark(),
            Note::Applied { .. } | Note::Accepted { .. } | Note::Merges { .. } => NoteMark::Applies,
            Note::Suspects { .. } | Note::WaitsForOperator { .. } | Note::Appoints { .. } => NoteMark::Decides,
            Note::Leads { .. } => NoteMark::Leads,
            Note::StepsDown { .. } | Note::LeaseOver { .. } | Note::Follows { .. } => NoteMark::Follows,
            Note::Discards { .. } | Note::Offers { .. } | Note::Strands { .. } => NoteMark::Discards,
            Note::RefusesEpoch { .. } | Note::Refuses { .. } | Note::DiskFull | Note::HoldsToLeader { .. } | Note::HeardLately { .. } => {
                NoteMark::Refuses
            }
            _ => NoteMark::Small,
        }
    }

    fn text(&self, me: NodeId, _: Names<'_>) -> String {
        match self {
            Note::Statement(note) => note.text(me),
            Note::Accepted { index, key, .. } => format!("{me} puts a write of {key} into its log as entry {index}."),
            Note::Applied { index } => format!("{me} has applied its log up to entry {index}."),
            Note::Suspects { leader, silent, timeout } => {
                let longest = ms(timeout.scaled(LONGEST_WAIT));
                let from = leader.map_or_else(|| "no leader".to_string(), |leader| format!("{leader} silent"));
                format!("{me} asks for votes: {from} for {} (timeout {}-{longest}).", ms(*silent), timeout.0 / 1_000_000)
            }
            Note::WaitsForOperator { leader, silent } => format!(
                "{me} heard nothing from {} for {}. Failover is manual: an operator has to promote someone.",
                leader_name(*leader),
                ms(*silent)
            ),
            Note::NoMajority { agreed, needed } => {
                format!("{me} got {agreed} of the {needed} votes it needs, so nobody becomes leader.")
            }
            Note::HoldsToLeader { leader, candidate } => {
                format!("{me} heard from {leader} a moment ago, so it does not vote for {candidate}.")
            }
            Note::HeardLately { leader: Some(leader), silent } => {
                format!("{me} heard from {leader} {} ago, which may have a lease, so it asks for no votes.", ms(*silent))
            }
            Note::HeardLately { leader: None, silent } => {
                format!("{me} has listened for {} only; somebody may have a lease, so it asks for no votes.", ms(*silent))
            }
            Note::Appoints { who, epoch } => format!("{me} chooses {who} to lead epoch {epoch}."),
            Note::Leads { epoch, .. } => format!("{me} is the leader of epoch {epoch} and tells everybody it can reach."),
            Note::StepsDown { newer } => format!("{me} learns that epoch {newer} has begun, so it stops leading."),
            Note::LearnsLate { late } => format!("{me} was replaced, and does not know it yet: the word takes {}.", ms(*late)),
            Note::LeaseOver { silent } => {
                format!("{me} heard from no majority for {}: its lease is over, so it stops leading.", ms(*silent))
            }
            Note::Follows { leader, epoch } => format!("{me} follows {leader} in epoch {epoch}."),
            Note::Discards { requests, leader } => {
                format!("{me} throws away {} that {leader} never had.", count(requests.len(), "write", "writes"))
            }
            Note::Strands { entries, leader } => format!(
                "{me} has {} that {leader} never had. It may not throw them away, so it stops until an operator decides.",
                count(*entries, "write", "writes")
            ),
            Note::Offers { entries, leader } => {
                format!("{me} hands {} to {leader} to be merged.", count(*entries, "write", "writes"))
            }
            Note::Merges { kept, overruled } => {
                format!("{me} merges: {} kept, {} overruled.", count(*kept, "write", "writes"), overruled.len())
            }
            Note::RefusesEpoch { from, epoch, newer } => {
                format!("{me} refuses {from}: it speaks for epoch {epoch}, and epoch {newer} exists.")
            }
            Note::Refuses { client, why } => format!("{me} refuses {client}: {why}."),
            Note::DiskFull => format!("{me} cannot write: its disk is full."),
            Note::SyncMoves { from, to } => {
                format!("{me} waited too long for {from}: {to} is the synchronous follower from now on.")
            }
            Note::GoesOnAlone => format!("{me} got no answer from any follower: it goes on alone, and says ok by itself."),
            Note::IsAloneNoMore { with } => format!("{with} has caught up: {me} waits for it again before it says ok."),
            Note::Matches { leader, dropped } => {
                format!("{me} takes the log of {leader} in the place of {} without a number.", count(*dropped, "change", "changes"))
            }
            Note::GaveUp { server } => format!("{me} got no answer from {server} in time and gives up."),
            Note::Redirected { from, to } => format!("{from} sends {me} on to {to}."),
        }
    }
}

fn leader_name(leader: Option<NodeId>) -> String {
    leader.map_or_else(|| "any leader".to_string(), |leader| leader.to_string())
}

/// A length of time in whole milliseconds.
fn ms(span: Span) -> String {
    format!("{} ms", span.0 / 1_000_000)
}
