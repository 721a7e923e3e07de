//! What is worth a sentence.

use crate::algo::redis::{Argv, Text};
use crate::cluster::NoteMark;
use crate::cluster::live::{Names, Worded};
use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::message::command_label;

/// What a node did.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A server started with what its files have.
    Loaded { keys: u64 },
    /// A command took long, and all others waited.
    Slow { argv: Argv, takes: Span },
    /// A key went because memory was short; how long it was idle, in milliseconds, and how many of a million others were used later.
    Evicted { key: Text, idle: u64, rank: usize },
    /// A key expired and was found.
    Expired { key: Text },
    /// A sync is done.
    Synced,
    /// A write of the log was put off, because a sync is under way.
    PutOff,
    /// A server cannot write its log and gives up.
    GivesUp,
    /// A snapshot is written.
    Saved { keys: u64 },
    /// A snapshot could not be written.
    SaveFailed,
    /// The log was written anew.
    Rewritten,
    /// A master goes on with the stream for a replica.
    Continues { replica: NodeId },
    /// A master sends everything to a replica.
    SendsAll { replica: NodeId },
    /// A replica took in everything, and what it had is gone.
    TookAll { keys: u64, gone: u64 },
    /// A server became master.
    Leads,
    /// A server follows another.
    Follows { master: NodeId },
    /// A client that waited for replicas is answered: who has what it wrote.
    Waited { client: NodeId, offset: u64, replid: u64, having: Vec<NodeId> },
    /// Sentinel takes a master for dead.
    Suspects { master: NodeId, silent: Span },
    /// Sentinel has chosen who becomes master.
    Chooses { replica: NodeId },
    /// Sentinel has nobody to choose.
    NobodyLeft { master: NodeId },
    /// Sentinel, or an operator, says who is master.
    Appoints { master: NodeId, epoch: u64 },
    /// A client hears who is master.
    Hears { master: NodeId },
    /// A server of a cluster hears nothing of another, and counts it as perhaps down.
    Doubts { whom: NodeId, silent: Span },
    /// A majority of the primaries say so: it is down.
    Fails { whom: NodeId },
    /// A server that was down answers again.
    BackAgain { whom: NodeId },
    /// A server of a cluster serves again, or answers everybody with CLUSTERDOWN.
    Serves { is_ok: bool, in_minority: bool },
    /// A replica asks the primaries for the place of its own.
    AsksForVotes { of: NodeId, epoch: u64 },
    /// A replica does not ask: it has heard nothing of its own for too long.
    TooStale { of: NodeId },
    /// A primary votes.
    Votes { whom: NodeId, epoch: u64 },
    /// A replica has a majority.
    Wins { votes: usize, epoch: u64 },
    /// A slot begins to leave.
    SlotLeaves { slot: u16, to: NodeId },
    /// A key of it has arrived.
    TakesKey { key: Text, from: NodeId },
    /// The slot is another's now.
    SlotArrives { slot: u16, from: NodeId },
    /// A client is sent to another server: for good, or (`asks`) for this command.
    Redirected { slot: u16, to: NodeId, asks: bool },
    /// A client hears something on a channel.
    Heard,
    /// What a lock guards was written. `stale`: after one with a greater number, or by another client with the same.
    Guarded { what: Text, number: i64, client: NodeId, stale: bool },
    /// What a lock guards refused a number.
    TooOld { what: Text, number: i64, client: NodeId },
}

/// `1 key`, `7 keys`.
fn keys_in_words(count: u64) -> String {
    format!("{count} key{}", if count == 1 { "" } else { "s" })
}

impl Note {
    /// Whether a learner would want to stop here.
    pub fn is_noteworthy(&self) -> bool {
        !matches!(
            self,
            Note::Synced | Note::Hears { .. } | Note::Expired { .. } | Note::Evicted { .. } | Note::Waited { .. } | Note::TakesKey { .. }
        )
    }
}

impl Worded for Note {
    fn mark(&self) -> NoteMark {
        match self {
            Note::Leads | Note::Appoints { .. } | Note::Wins { .. } | Note::SlotArrives { .. } => NoteMark::Leads,
            Note::Follows { .. } => NoteMark::Follows,
            Note::Doubts { .. }
            | Note::Fails { .. }
            | Note::AsksForVotes { .. }
            | Note::TooStale { .. }
            | Note::Votes { .. }
            | Note::Suspects { .. }
            | Note::Chooses { .. }
            | Note::NobodyLeft { .. } => NoteMark::Decides,
            Note::TookAll { gone: 1.., .. } | Note::Evicted { .. } => NoteMark::Discards,
            Note::Serves { is_ok: false, .. } | Note::GivesUp | Note::SaveFailed | Note::TooOld { .. } => NoteMark::Refuses,
            Note::TookAll { .. } | Note::Loaded { .. } | Note::Saved { .. } | Note::Rewritten | Note::Guarded { .. } => NoteMark::Applies,
            _ => NoteMark::Small,
        }
    }

    fn text(&self, who: NodeId, name: Names<'_>) -> String {
        let who = name(who);
        match self {
            Note::Loaded { keys } => format!("{who} starts with the {keys} keys that its files have"),
            Note::Slow { argv, takes } => format!("{who} worked {takes} on {}, and all others waited", command_label(argv)),
            Note::Evicted { key, idle, .. } => format!("{who} has no memory left and drops {key}, idle for {idle} ms"),
            Note::Expired { key } => format!("{who} finds that {key} has expired and deletes it"),
            Note::Synced => format!("what {who} wrote is on the disk"),
            Note::PutOff => format!("{who} puts the write of its log off: a sync is still under way"),
            Note::GivesUp => format!("{who} cannot write its log and gives up, rather than promise what it cannot keep"),
            Note::Saved { keys } => format!("{who} has written a snapshot of {keys} keys"),
            Note::SaveFailed => format!("{who} cannot write its snapshot and refuses writes"),
            Note::Rewritten => format!("{who} has written its log anew"),
            Note::Continues { replica } => format!("{who} goes on with the stream for {replica}, from where it was"),
            Note::SendsAll { replica } => format!("{who} sends everything to {replica}: they have no history in common that is kept"),
            Note::TookAll { keys, gone } => {
                let gone = if *gone == 0 { String::new() } else { format!("; {} that it had before: gone", keys_in_words(*gone)) };
                format!("{who} took in what its master has, {}{gone}", keys_in_words(*keys))
            }
            Note::Leads => format!("{who} is master"),
            Note::Follows { master } => format!("{who} follows {master}"),
            Note::Waited { having, .. } => format!("{who} tells who waited that {} replicas have what it wrote", having.len()),
            Note::Suspects { master, silent } => format!("{who} has not heard of {master} for {} and takes it for dead", silent.up_to_ms()),
            Note::Chooses { replica } => format!("{who} makes {replica} master: of those that it hears it has most of the stream"),
            Note::NobodyLeft { master } => format!("{who} hears no replica that could take the place of {master}"),
            Note::Appoints { master, epoch } => format!("{who} counts {master} as the master from here on, failover {epoch}"),
            Note::Hears { master } => format!("{who} hears that {master} is master"),
            Note::Doubts { whom, silent } => {
                format!("{who} has no answer of {whom} for {}, and counts it as perhaps down (PFAIL)", silent.up_to_ms())
            }
            Note::Fails { whom } => format!("{who} knows that a majority of the primaries doubt {whom}: it is down (FAIL)"),
            Note::BackAgain { whom } => format!("{who} hears {whom} again"),
            Note::Serves { is_ok: true, .. } => format!("{who} serves again"),
            Note::Serves { in_minority: true, .. } => format!("{who} hears no majority of the primaries, and answers CLUSTERDOWN"),
            Note::Serves { .. } => format!("{who} answers CLUSTERDOWN: not every slot is served"),
            Note::AsksForVotes { of, epoch } => format!("{who} asks the primaries for the place of {of}, in epoch {epoch}"),
            Note::TooStale { of } => format!("{who} does not ask for the place of {of}: what it has is too old"),
            Note::Votes { whom, epoch } => format!("{who} votes for {whom} in epoch {epoch}"),
            Note::Wins { votes, epoch } => format!("{who} has {votes} votes, a majority: the slots are its own, in epoch {epoch}"),
            Note::SlotLeaves { slot, to } => format!("{who} begins to give slot {slot} to {to}, key by key"),
            Note::TakesKey { key, from } => format!("{who} has {key} now, from {from}"),
            Note::SlotArrives { slot, from } => format!("{who} has slot {slot} now, from {from}"),
            Note::Redirected { slot, to, asks: false } => format!("{who} is told MOVED: slot {slot} is at {to}, and it remembers that"),
            Note::Redirected { slot, to, asks: true } => format!("{who} is told ASK: for slot {slot} it asks {to}, this once"),
            Note::Heard => format!("{who} hears something on a channel"),
            Note::Guarded { what, number, client, stale: false } => format!("{who} takes {what} from {client} with the number {number}"),
            Note::Guarded { what, number, client, stale: true } => {
                format!("{who} takes {what} from {client} with the number {number}, though somebody came with that or more before")
            }
            Note::TooOld { what, number, client } => format!("{who} refuses {what} from {client}: {number} is too old"),
        }
    }
}
