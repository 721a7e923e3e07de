//! What goes over the wire, what clients ask, and what they are told.

use std::sync::Arc;

use crate::algo::redis::{Argv, COMPARE_AND_DELETE, Keyspace, Reply, Text, argv};
use crate::cluster::live::Labelled;
use crate::cluster::scene::{MessageDoc, Sign};
use crate::packs;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::protocol::Wire;
use crate::sim::request_set::RequestSet;

use super::bus::Beat;
use super::resharding::Restore;
use super::slots::SlotMap;

/// What a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// A command of Redis.
    Command(Argv),
    /// Read a number, and store the number after it: two commands.
    Count(Text),
    /// Delete a lock if it has this value: the script of the page on locks.
    Unlock(Text, Text),
    /// Write to what the lock guards, with a number.
    Save(Text, i64),
}

packs!(enum Op { 0 = Command { 0: argv }, 1 = Count { 0: key }, 2 = Unlock { 0: key, 1: value }, 3 = Save { 0: what, 1: number } });

impl Op {
    /// The words of a command.
    pub fn command(words: &[&str]) -> Op {
        Op::Command(argv(words))
    }

    /// The first command that it sends to a server.
    pub fn argv(&self) -> Argv {
        match self {
            Op::Command(argv) => argv.clone(),
            Op::Count(key) => argv(&["GET", key]),
            Op::Unlock(key, value) => argv(&["EVAL", COMPARE_AND_DELETE, "1", key, value]),
            Op::Save(..) => argv(&[]),
        }
    }
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ret {
    /// The answer.
    pub reply: Reply,
    /// Whether it changed something.
    pub changed: bool,
    /// Who answered, and in which life.
    pub by: (NodeId, u64),
    /// The slot of what was asked for, in a cluster. Nobody but the judge looks at it.
    pub slot: Option<u16>,
}

packs!(struct Ret { reply, changed, by, slot });

/// A command as it goes into the log and to replicas.
#[derive(Clone, Debug)]
pub struct Record {
    /// The command.
    pub argv: Argv,
    /// The offset of the stream after it.
    pub end: u64,
    /// The request that is done with it. Nobody but the judge looks at it.
    pub request: Option<RequestId>,
    /// Whose writes came with a key from another server. Nobody but the judge looks at it.
    pub brings: Option<Arc<RequestSet>>,
}

impl Record {
    /// Whether it is a message to listeners: it goes to replicas and into no file.
    pub fn is_message(&self) -> bool {
        self.argv.first().is_some_and(|name| crate::algo::redis::is(name, "PUBLISH"))
    }

    /// Adds whose writes are done with it.
    pub fn add_done(&self, done: &mut RequestSet) {
        done.extend(self.request);
        done.extend(self.brings.iter().flat_map(|all| all.iter()));
    }
}

/// All that a server has in memory, as it stands in a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The keys.
    pub keys: Keyspace,
    /// Whose writes are in it. Nobody but the judge looks at it.
    pub done: RequestSet,
    /// The id of the history that it is a part of.
    pub replid: u64,
    /// Up to where.
    pub offset: u64,
}

/// What a server says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// Whom it follows; `None`: it is a master.
    pub follows: Option<NodeId>,
    /// How far it is.
    pub offset: u64,
}

/// A message on the wire.
#[derive(Clone, Debug)]
pub enum Msg {
    /// A client's command; `asking`: after ASKING.
    Do { request: RequestId, argv: Argv, asking: bool },
    /// Its answer.
    Told { request: RequestId, ret: Ret },
    /// What a listener hears of a channel.
    Heard(Reply),
    /// A PUBLISH at another server of a cluster.
    Publish(Argv),
    /// Whether the connection of a client still lives: what the operating system asks the other side by itself (TCP keep-alive).
    KeepAlive,
    /// It does, to this life of a server.
    Alive { life: u64 },
    /// A server that is no master any more closes the connection of a client.
    Closed,
    /// A replica wants the stream from where it is (PSYNC); a number of its connection.
    Sync { replid: u64, offset: u64, number: u64 },
    /// Everything, and the stream from there on: the answer to the PSYNC of this number.
    Full { data: Arc<Data>, number: u64 },
    /// A part of the stream, which begins at an offset. `answers`: it goes on from where the PSYNC of this number said.
    Stream { replid: u64, from: u64, records: Arc<[Record]>, answers: Option<u64> },
    /// A master does not know this replica: it is to connect anew.
    Unlinked,
    /// A master asks how far a replica is.
    GetAck,
    /// A replica is so far.
    Ack { replid: u64, offset: u64 },
    /// Sentinel asks for a sign of life.
    Ping,
    /// A sign of life.
    Pong(Info),
    /// Sentinel makes a replica the master.
    Promote,
    /// Sentinel tells a server whom to follow.
    Follow(NodeId),
    /// A server of a cluster gives a sign of life.
    Beat(Arc<Beat>),
    /// A majority of the primaries agree that this one is down.
    Failed(NodeId),
    /// A replica asks for a vote: for the place of which primary, in which epoch, and which epoch it knows of its slots.
    Ballot { of: NodeId, epoch: u64, claimed: u64 },
    /// A primary votes for it.
    Vote { epoch: u64 },
    /// A key goes to another server.
    Restore(Arc<Restore>),
    /// It is there, or why not.
    Restored { number: u64, wrong: Option<&'static str> },
    /// All keys of a slot have left: it is the other's.
    TakeSlot(u16),
    /// The other has it.
    TookSlot(u16),
    /// A server says which slots are whose.
    Map(SlotMap),
    /// A client asks Sentinel who is master, or a server of a cluster which slots are whose.
    Which,
    /// Sentinel says who is master.
    Master { node: NodeId, epoch: u64 },
    /// A client writes to what the lock guards.
    Use { request: RequestId, what: Text, number: i64 },
    /// Whether that was accepted; else the number that it is older than.
    Used { request: RequestId, older_than: Option<i64> },
}

/// The number of signs of life in a trace.
pub(super) const ALIVE: u8 = 7;

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Do { .. } | Msg::Use { .. } => 0,
            Msg::Told { .. } | Msg::Used { .. } => 1,
            Msg::Heard(_) | Msg::Publish(_) | Msg::Closed => 2,
            Msg::Sync { .. } | Msg::Unlinked => 3,
            Msg::Full { .. } => 4,
            Msg::Stream { .. } => 5,
            Msg::GetAck | Msg::Ack { .. } => 6,
            Msg::Ping | Msg::Pong(_) | Msg::Beat(_) | Msg::KeepAlive | Msg::Alive { .. } => ALIVE,
            Msg::Promote | Msg::Follow(_) | Msg::Master { .. } => 8,
            Msg::Which => 9,
            Msg::Failed(_) => 10,
            Msg::Ballot { .. } | Msg::Vote { .. } => 11,
            Msg::Restore(_) => 12,
            Msg::Restored { .. } | Msg::TakeSlot(_) | Msg::TookSlot(_) | Msg::Map(_) => 13,
        }
    }

    /// As in RESP, with some bytes for the headers of TCP.
    fn bytes(&self) -> u64 {
        const HEADERS: u64 = 60;
        HEADERS
            + match self {
                Msg::Do { argv, .. } => resp(argv),
                Msg::Stream { records, .. } => records.iter().map(|record| resp(&record.argv)).sum(),
                Msg::Full { data, .. } => data.keys.bytes(),
                Msg::Told { ret, .. } => answer(&ret.reply),
                Msg::Heard(reply) => answer(reply),
                Msg::Publish(argv) => BUS + resp(argv),
                // A header with a bit for each slot.
                Msg::Beat(_) | Msg::Failed(_) | Msg::Ballot { .. } | Msg::Vote { .. } => BUS,
                Msg::Restore(restore) => restore.entry.bytes(restore.key.len()),
                _ => 40,
            }
    }
}

/// The size of a message between servers of a cluster.
const BUS: u64 = 2256;

/// How long a command is in RESP: `*2\r\n$3\r\nGET\r\n$1\r\nx\r\n`.
pub(super) fn resp(argv: &Argv) -> u64 {
    let line = |number: usize| 3 + digits(number);
    line(argv.len()) + argv.iter().map(|word| line(word.len()) + word.len() as u64 + 2).sum::<u64>()
}

fn digits(number: usize) -> u64 {
    u64::from(number.checked_ilog10().unwrap_or(0)) + 1
}

fn answer(reply: &Reply) -> u64 {
    match reply {
        Reply::Bulk(text) => 5 + digits(text.len()) + text.len() as u64,
        Reply::Array(all) => 3 + digits(all.len()) + all.iter().map(answer).sum::<u64>(),
        Reply::Names { some, all } => {
            let mean = some.iter().map(|name| name.len() as u64 + 7).sum::<u64>() / (some.len().max(1) as u64);
            mean * all
        }
        Reply::Error(text) => text.len() as u64 + 3,
        Reply::Status(text) => text.len() as u64 + 3,
        Reply::Int(_) | Reply::Nil => 5,
    }
}

/// The most letters of a label.
const LABEL: usize = 24;

fn short(text: String) -> String {
    if text.chars().count() <= LABEL { text } else { text.chars().take(LABEL - 1).chain(['…']).collect() }
}

impl Labelled for Msg {
    const KINDS: &'static [MessageDoc] = &[
        MessageDoc::new(Sign::Request, "command", "a client has a command run"),
        MessageDoc::new(Sign::Reply, "answer", "what the command returns"),
        MessageDoc::new(Sign::Reply, "message to a listener", "what was published, and news of the connection"),
        MessageDoc::new(Sign::Request, "request for the stream", "a replica asks its master for all commands from an offset on (PSYNC)"),
        MessageDoc::new(Sign::Data, "everything", "the whole data set, for a replica that is too far behind"),
        MessageDoc::new(Sign::Data, "stream", "the commands that changed something, in their order"),
        MessageDoc::new(Sign::Ack, "offset", "how far a replica is"),
        MessageDoc::new(Sign::Heartbeat, "sign of life", "a ping, or the answer to it"),
        MessageDoc::new(Sign::Vote, "order", "Sentinel says who is the master now"),
        MessageDoc::new(Sign::Request, "question where to go", "a client asks who is the master, or whose a slot is"),
        MessageDoc::new(Sign::Vote, "word that a server is down", "a majority of the primaries agree that one is down"),
        MessageDoc::new(Sign::Vote, "vote", "a replica asks to take over, and primaries vote"),
        MessageDoc::new(Sign::Data, "key on its way", "a key goes to another server, with its slot"),
        MessageDoc::new(Sign::Ack, "slot", "whose a slot is, and that a key has arrived"),
    ];

    fn label(&self) -> String {
        match self {
            Msg::Do { argv, asking: true, .. } => short(format!("ASKING, {}", command_label(argv))),
            Msg::Do { argv, .. } | Msg::Publish(argv) => short(command_label(argv)),
            Msg::Told { ret, .. } => short(ret.reply.to_string()),
            Msg::Heard(reply) => short(reply.to_string()),
            Msg::KeepAlive => "keep-alive".into(),
            Msg::Alive { .. } => "alive".into(),
            Msg::Sync { offset, .. } => format!("PSYNC {offset}"),
            Msg::Full { data, .. } => format!("everything, {} keys", data.keys.len()),
            Msg::Stream { records, .. } => match &**records {
                [one] => short(command_label(&one.argv)),
                many => format!("{} commands", many.len()),
            },
            Msg::Closed | Msg::Unlinked => "closed".into(),
            Msg::GetAck => "GETACK".into(),
            Msg::Ack { offset, .. } => format!("ACK {offset}"),
            Msg::Ping => "PING".into(),
            Msg::Pong(_) => "PONG".into(),
            Msg::Promote => "REPLICAOF NO ONE".into(),
            Msg::Follow(node) => format!("REPLICAOF {node}"),
            Msg::Which => "where to?".into(),
            Msg::Beat(beat) => if beat.is_ping { "PING" } else { "PONG" }.into(),
            Msg::Failed(whom) => format!("FAIL {whom}"),
            Msg::Ballot { of, epoch, .. } => format!("vote for me, not {of}: {epoch}"),
            Msg::Vote { epoch } => format!("my vote, epoch {epoch}"),
            Msg::Restore(restore) => short(format!("RESTORE {}", restore.key)),
            Msg::Restored { wrong: None, .. } => "OK".into(),
            Msg::Restored { wrong: Some(why), .. } => short((*why).to_string()),
            Msg::TakeSlot(slot) => format!("slot {slot} is yours"),
            Msg::TookSlot(slot) => format!("slot {slot} is mine"),
            Msg::Map(_) => "slots".into(),
            Msg::Master { node, .. } => format!("{node} is master"),
            Msg::Use { what, number, .. } => format!("save {what} {number}"),
            Msg::Used { older_than: None, .. } => "saved".into(),
            Msg::Used { older_than: Some(_), .. } => "too old".into(),
        }
    }
}

/// A command in a few words: the script of a lock is told by what it does.
pub(super) fn command_label(argv: &Argv) -> String {
    match &**argv {
        [eval, _, _, key, value] if eval.eq_ignore_ascii_case("EVAL") => format!("unlock {key} {value}"),
        _ => crate::algo::redis::line(argv),
    }
}
