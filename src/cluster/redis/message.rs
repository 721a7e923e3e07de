//! What goes over the wire, what clients ask, and what they are told.

use std::sync::Arc;

use imbl::OrdSet;

use crate::algo::redis::{Argv, COMPARE_AND_DELETE, Keyspace, Reply, Text, argv};
use crate::cluster::scene::{FlightKind, Sign};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::pack::Pack;
use crate::sim::protocol::Wire;

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

impl Pack for Op {}

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
}

impl Pack for Ret {}

/// A command as it goes into the log and to replicas.
#[derive(Clone, Debug)]
pub struct Record {
    /// The command.
    pub argv: Argv,
    /// The offset of the stream after it.
    pub end: u64,
    /// The request that is done with it. Nobody but the judge looks at it.
    pub request: Option<RequestId>,
}

/// All that a server has in memory, as it stands in a snapshot.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The keys.
    pub keys: Keyspace,
    /// Whose writes are in it. Nobody but the judge looks at it.
    pub done: OrdSet<RequestId>,
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
    /// A client's command.
    Do { request: RequestId, argv: Argv },
    /// Its answer.
    Told { request: RequestId, ret: Ret },
    /// What a listener hears of a channel.
    Heard(Reply),
    /// A server that is no master any more closes the connection of a client.
    Closed,
    /// A replica wants the stream from where it is (PSYNC).
    Sync { replid: u64, offset: u64 },
    /// Everything, and the stream from there on.
    Full(Arc<Data>),
    /// A part of the stream, which begins at an offset.
    Stream { replid: u64, from: u64, records: Arc<[Record]> },
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
    /// A client asks Sentinel who is master.
    Which,
    /// Sentinel says who is master.
    Master { node: NodeId, epoch: u64 },
    /// A client writes to what the lock guards.
    Use { request: RequestId, what: Text, number: i64 },
    /// Whether that was accepted; else the number that it is older than.
    Used { request: RequestId, older_than: Option<i64> },
}

const KINDS: [FlightKind; 10] = [
    FlightKind::new(Sign::Request, "command"),
    FlightKind::new(Sign::Reply, "answer"),
    FlightKind::new(Sign::Reply, "message to a listener"),
    FlightKind::new(Sign::Request, "request for the stream"),
    FlightKind::new(Sign::Data, "everything"),
    FlightKind::new(Sign::Data, "stream"),
    FlightKind::new(Sign::Ack, "offset"),
    FlightKind::new(Sign::Heartbeat, "sign of life"),
    FlightKind::new(Sign::Vote, "order"),
    FlightKind::new(Sign::Request, "question for the master"),
];
/// The number of signs of life in a trace.
pub(super) const ALIVE: u8 = 7;

/// A kind of message on the stage, by its number.
pub(super) fn on_stage(kind: u8) -> FlightKind {
    KINDS[usize::from(kind) % KINDS.len()]
}

impl Wire for Msg {
    fn kind(&self) -> u8 {
        match self {
            Msg::Do { .. } | Msg::Use { .. } => 0,
            Msg::Told { .. } | Msg::Used { .. } => 1,
            Msg::Heard(_) | Msg::Closed => 2,
            Msg::Sync { .. } => 3,
            Msg::Full(_) => 4,
            Msg::Stream { .. } => 5,
            Msg::GetAck | Msg::Ack { .. } => 6,
            Msg::Ping | Msg::Pong(_) => ALIVE,
            Msg::Promote | Msg::Follow(_) | Msg::Master { .. } => 8,
            Msg::Which => 9,
        }
    }

    /// As in RESP, with some bytes for the headers of TCP.
    fn bytes(&self) -> u64 {
        const HEADERS: u64 = 60;
        HEADERS
            + match self {
                Msg::Do { argv, .. } => resp(argv),
                Msg::Stream { records, .. } => records.iter().map(|record| resp(&record.argv)).sum(),
                Msg::Full(data) => data.keys.bytes(),
                Msg::Told { ret, .. } => answer(&ret.reply),
                Msg::Heard(reply) => answer(reply),
                _ => 40,
            }
    }
}

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

impl Msg {
    /// What it says, short.
    pub fn label(&self) -> String {
        match self {
            Msg::Do { argv, .. } => short(command_label(argv)),
            Msg::Told { ret, .. } => short(ret.reply.to_string()),
            Msg::Heard(reply) => short(reply.to_string()),
            Msg::Sync { offset, .. } => format!("PSYNC {offset}"),
            Msg::Full(data) => format!("everything, {} keys", data.keys.len()),
            Msg::Stream { records, .. } => match &**records {
                [one] => short(command_label(&one.argv)),
                many => format!("{} commands", many.len()),
            },
            Msg::Closed => "closed".into(),
            Msg::GetAck => "GETACK".into(),
            Msg::Ack { offset, .. } => format!("ACK {offset}"),
            Msg::Ping => "PING".into(),
            Msg::Pong(_) => "PONG".into(),
            Msg::Promote => "REPLICAOF NO ONE".into(),
            Msg::Follow(node) => format!("REPLICAOF {node}"),
            Msg::Which => "who is master?".into(),
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
