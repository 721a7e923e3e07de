//! What a node does that is worth a sentence.

use std::sync::Arc;

use crate::check::operation::Key;
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Span;

/// What a node does that is worth a sentence.
#[derive(Clone, Debug)]
pub enum Note {
    /// A leader put a request into its log.
    Accepted { index: u64, request: RequestId, key: Key },
    /// A leader committed the log up to here.
    Commits { index: u64 },
    /// A slow server applied the log up to here.
    Applied { index: u64 },
    /// It asks whether it would be elected.
    AsksFirst { cause: Cause, term: u64 },
    /// It stands for election.
    Stands { cause: Cause, term: u64 },
    /// Its leader told it to stand.
    StandsAtOnce { term: u64 },
    /// It heard from a leader lately, which may have a lease: it stands not.
    HeardLately { leader: Option<NodeId>, silent: Span },
    /// It votes.
    Votes { candidate: NodeId, term: u64 },
    /// It does not vote for somebody.
    Denies { candidate: NodeId, why: Denial },
    /// It leads from now on; its term's entries begin at `start`.
    Leads { term: u64, start: u64 },
    /// It stops leading, or standing, because a newer term exists.
    StepsDown { newer: u64 },
    /// It stops leading because no majority answers.
    Unheard { silent: Span },
    /// It follows another leader from now on.
    Follows { leader: NodeId, term: u64 },
    /// It throws away entries that its leader does not have.
    Discards { requests: Arc<[RequestId]>, entries: u64, leader: NodeId },
    /// It refused an old leader.
    RefusesTerm { from: NodeId, term: u64, newer: u64 },
    /// It refused a client.
    Refuses { client: NodeId, why: &'static str },
    /// Its disk is full.
    DiskFull,
    /// It hands its leadership over.
    Transfers { to: NodeId },
    /// It goes on leading, as nobody took over.
    KeepsLeading { to: NodeId },
    /// A client got no answer in time.
    GaveUp { server: NodeId },
    /// A client was sent to another server.
    Redirected { from: NodeId, to: NodeId },
}

/// Why a server wants to lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Its leader has been silent for so long.
    Of(NodeId, Span),
    /// It has known of no leader for so long.
    NoLeader(Span),
    /// It asked, and a majority would vote for it.
    Wanted,
}

/// Why somebody gets no vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// Its term is old.
    OldTerm,
    /// The vote of this term is given away.
    Voted(NodeId),
    /// Its log is less up to date.
    Behind,
    /// The voter leads, or heard from a leader lately, or started a moment ago and may have.
    Hears(Option<NodeId>),
    /// The voter's disk is full.
    DiskFull,
}

impl Note {
    /// Whether it can end or begin a time in which no write can be committed.
    pub fn moves(&self) -> bool {
        matches!(self, Note::Leads { .. } | Note::StepsDown { .. } | Note::Unheard { .. } | Note::Follows { .. } | Note::Transfers { .. })
    }

    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(self, Note::Accepted { .. } | Note::Applied { .. } | Note::Commits { .. } | Note::Redirected { .. } | Note::Votes { .. })
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Accepted { .. } | Note::Commits { .. } | Note::Applied { .. } => NoteMark::Applies,
            Note::AsksFirst { .. } | Note::Stands { .. } | Note::StandsAtOnce { .. } | Note::Votes { .. } => NoteMark::Decides,
            Note::Leads { .. } => NoteMark::Leads,
            Note::StepsDown { .. } | Note::Unheard { .. } | Note::Follows { .. } | Note::Transfers { .. } => NoteMark::Follows,
            Note::Discards { .. } => NoteMark::Discards,
            Note::Denies { .. } | Note::HeardLately { .. } | Note::RefusesTerm { .. } | Note::Refuses { .. } | Note::DiskFull => {
                NoteMark::Refuses
            }
            Note::KeepsLeading { .. } | Note::GaveUp { .. } | Note::Redirected { .. } => NoteMark::Small,
        }
    }

    fn text(&self, me: NodeId, _: Names<'_>) -> String {
        match self {
            Note::Accepted { index, key, .. } => format!("{me} puts a request for {key} into its log as entry {index}."),
            Note::Commits { index } => format!("{me} commits its log up to entry {index}: enough disks have it."),
            Note::Applied { index } => format!("{me} has applied its log up to entry {index}."),
            Note::AsksFirst { cause, term } => format!("{me} asks whether it would be elected in term {term}: {}.", cause.text()),
            Note::Stands { cause, term } => format!("{me} stands for election in term {term}: {}.", cause.text()),
            Note::StandsAtOnce { term } => format!("{me} stands for election in term {term}, because its leader told it to."),
            Note::HeardLately { leader: Some(leader), silent } => {
                format!("{me} heard from {leader} {} ago, which may have a lease, so it does not stand.", ms(*silent))
            }
            Note::HeardLately { leader: None, silent } => {
                format!("{me} started, or heard a leader, {} ago; somebody may have a lease, so it does not stand.", ms(*silent))
            }
            Note::Votes { candidate, term } => format!("{me} votes for {candidate} in term {term}."),
            Note::Denies { candidate, why } => format!("{me} does not vote for {candidate}: {}.", why.text(me)),
            Note::Leads { term, .. } => format!("{me} has a majority of the votes and leads term {term}."),
            Note::StepsDown { newer } => format!("{me} learns that term {newer} has begun, and follows."),
            Note::Unheard { silent } => format!("{me} had no answers from a majority for {}, so it stops leading.", ms(*silent)),
            Note::Follows { leader, term } => format!("{me} follows {leader} in term {term}."),
            Note::Discards { entries, leader, .. } => {
                let entries = if *entries == 1 { "1 entry".to_string() } else { format!("{entries} entries") };
                format!("{me} throws away {entries} that {leader} does not have.")
            }
            Note::RefusesTerm { from, term, newer } => format!("{me} refuses {from}: it speaks for term {term}, and term {newer} exists."),
            Note::Refuses { client, why } => format!("{me} refuses {client}: {why}."),
            Note::DiskFull => format!("{me} cannot write: its disk is full."),
            Note::Transfers { to } => format!("{me} hands its leadership over to {to}, and takes no more requests."),
            Note::KeepsLeading { to } => format!("{to} did not take over in time, so {me} goes on leading."),
            Note::GaveUp { server } => format!("{me} got no answer from {server} in time and gives up."),
            Note::Redirected { from, to } => format!("{from} sends {me} on to {to}."),
        }
    }
}

impl Denial {
    fn text(self, me: NodeId) -> String {
        match self {
            Denial::OldTerm => "its term is old".to_string(),
            Denial::Voted(other) => format!("its vote of this term is {other}'s"),
            Denial::Behind => "its own log is more up to date".to_string(),
            Denial::Hears(Some(leader)) if leader == me => "it leads".to_string(),
            Denial::Hears(Some(leader)) => format!("it heard from {leader} a moment ago"),
            Denial::Hears(None) => "it started, or heard a leader, a moment ago".to_string(),
            Denial::DiskFull => "it cannot write its vote down".to_string(),
        }
    }
}

impl Cause {
    fn text(self) -> String {
        match self {
            Cause::Of(leader, span) => format!("{leader} silent for {}", ms(span)),
            Cause::NoLeader(span) => format!("no leader known for {}", ms(span)),
            Cause::Wanted => "a majority would vote for it".to_string(),
        }
    }
}

/// A length of time in whole milliseconds.
fn ms(span: Span) -> String {
    format!("{} ms", span.0 / 1_000_000)
}
