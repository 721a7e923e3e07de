//! A server: one thread that takes what has arrived, works on it, writes it down, and answers, turn by turn.
//!
//! All that has arrived when a turn begins is carried out in order. At the end of the turn what changed is written to the append-only
//! file, and under `always` synced: one sync for all commands of the turn. Then answers and the stream to replicas leave. What arrives
//! meanwhile waits, signs of life included.

use std::collections::VecDeque;
use std::sync::Arc;

use imbl::Vector;

use crate::algo::redis::{Argv, Around, Expiry, Server};
use crate::cluster::kit::tries::Tries;
use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::request_set::RequestSet;
use crate::sim::time::{Span, Time};

use super::bus::Bus;
use super::disk::Config;
use super::files::Files;
use super::lead::{Link, Waiter};
use super::message::{Data, Msg, Record};
use super::note::Note;
use super::resharding::Moving;
use super::settings::{Aof, OnReplica, Ttl};
use super::{Context, Timer};

/// The most that is carried out in one turn.
const TURN_MOST: usize = 1000;

/// Something that waits for its turn.
#[derive(Clone, Debug)]
pub enum Job {
    /// A message.
    Message(NodeId, Msg),
    /// Look for keys that have expired.
    Expire,
    /// Give a sign of life.
    Beat,
    /// Move the next key of a slot that leaves.
    Moves,
}

/// A turn under way.
#[derive(Clone, Debug)]
pub struct Turn {
    /// When it began.
    pub began: Time,
    /// How long it takes.
    pub takes: Span,
    /// The command that takes longest of its turn, and how long.
    pub slowest: Option<(Argv, Span)>,
    /// Of how many commands it is made.
    pub commands: usize,
    /// What leaves at its end.
    pub(super) out: Vec<(NodeId, Msg)>,
    /// The change of the disk that must be synced before; `None` while it works, or where nothing must.
    pub(super) awaits: Option<u64>,
    /// Whether something in it asks for a sync by itself.
    pub(super) must_sync: bool,
}

/// Counts over one life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Commands of clients.
    pub commands: u64,
    /// Keys that were asked for and there.
    pub hits: u64,
    /// Keys that were asked for and not there.
    pub misses: u64,
    /// Keys that expired and were deleted.
    pub expired: u64,
    /// Keys that went because memory was short.
    pub evicted: u64,
}

/// Its process.
#[derive(Clone, Debug)]
pub struct Node {
    /// Keys and connections.
    pub server: Server,
    /// Whose writes are in the keys. Nobody but the judge looks at it.
    pub done: RequestSet,
    /// A number that is another after every start and every time when all keys are replaced.
    pub life: u64,
    /// A number of its process: another after every start.
    pub started: u64,
    /// Whom it follows; `None`: it is a master.
    pub follows: Option<NodeId>,
    /// Whether the stream of its master comes without a gap.
    pub linked: bool,
    /// The number of the PSYNC that nobody has answered yet.
    pub asked: Option<u64>,
    /// The id of its history.
    pub replid: u64,
    /// The id of the history that it continues, and up to where it has that in common.
    pub before: Option<(u64, u64)>,
    /// How far it is in the stream, in bytes.
    pub offset: u64,
    /// The last commands, for replicas that were away.
    pub backlog: Vector<Record>,
    /// Its replicas.
    pub links: OrdMap<NodeId, Link>,
    /// Clients that wait for replicas.
    pub waiters: Tries<Waiter>,
    /// Up to where each connection wrote.
    pub wrote: OrdMap<NodeId, u64>,
    /// What has arrived and waits.
    pub pending: VecDeque<Job>,
    /// What is being worked on.
    pub turn: Option<Turn>,
    /// What this turn, or one whose write was put off, has for the log and the replicas.
    pub(super) fresh: Vec<Record>,
    /// What it knows of its cluster; `None`: there is none.
    pub bus: Option<Box<Bus>>,
    /// A key on its way to another server: the thread waits for that.
    pub moving: Option<Moving>,
    /// A slot that leaves, and where it goes.
    pub resharding: Option<(u16, NodeId)>,
    /// The newest key that came from each other server.
    pub(super) restored: OrdMap<NodeId, u64>,
    /// Its files.
    pub files: Files,
    /// What it did.
    pub counts: Counts,
}

/// The clock on the wall, in milliseconds.
pub(super) fn wall(cx: &Context<'_>) -> u64 {
    cx.clock().0 / Span::ms(1).0
}

impl Node {
    /// Boots from its files.
    pub fn boot(cx: &mut Context<'_>) -> Node {
        let bus = cx.settings().is_cluster().then(|| Box::new(Bus::boot(cx)));
        let usual = Config { follows: cx.settings().follows(cx.id()) };
        let of_cluster = bus.as_ref().and_then(|bus| bus.conf.members.get(&cx.id())).map(|member| Config { follows: member.follows });
        let config = of_cluster.or(cx.disk().config).unwrap_or(usual);
        let data = cx.disk().restored(cx.settings(), wall(cx));
        let (life, replid) = (cx.rng().bits(), cx.rng().bits() | 1);
        let waiters = Tries::anew(cx);
        let mut node = Node {
            server: Server::of(data.keys),
            done: data.done,
            life,
            started: life,
            follows: config.follows,
            linked: false,
            asked: None,
            replid,
            before: None,
            offset: data.offset,
            backlog: Vector::new(),
            links: OrdMap::new(),
            waiters,
            wrote: OrdMap::new(),
            pending: VecDeque::new(),
            turn: None,
            fresh: Vec::new(),
            bus,
            moving: None,
            resharding: None,
            restored: OrdMap::new(),
            files: Files::default(),
            counts: Counts::default(),
        };
        if !cx.is_first_boot() {
            cx.note(Note::Loaded { keys: node.server.keys.len() });
        }
        node.files.logs = cx.settings().aof != Aof::Off && cx.disk().log.is_some();
        node.drop_old_log(cx);
        node.open_files(cx);
        node.look_for_expired_later(cx);
        cx.set_timer(cx.settings().ack_every, Timer::Cron);
        node.on_beat_time(cx);
        node.go_on_moving(cx);
        // Its history has an id that nobody knows: a replica gets everything anew.
        node.ask_for_stream(cx);
        node
    }

    /// All that it has in memory.
    pub fn data(&self) -> Data {
        Data { keys: self.server.keys.clone(), done: self.done.clone(), replid: self.replid, offset: self.offset }
    }

    /// Whether it takes writes.
    pub fn is_master(&self) -> bool {
        self.follows.is_none()
    }

    /// What a command of a client, or of the stream, needs to know.
    pub(super) fn around(&self, from_stream: bool, cx: &Context<'_>) -> Around {
        let settings = cx.settings();
        let expiry = match self.follows {
            _ if from_stream => Expiry::Ignores,
            None => Expiry::Deletes,
            Some(_) if settings.replica_expiry == OnReplica::Itself => Expiry::Deletes,
            Some(_) => Expiry::Hides,
        };
        Around { now: wall(cx), expiry, passes_lengths: settings.ttl_logged == Ttl::Relative }
    }

    /// Something has arrived.
    pub(super) fn on_job(&mut self, job: Job, cx: &mut Context<'_>) {
        if Node::is_awaited(&job) {
            self.pending.push_front(job);
        } else {
            self.pending.push_back(job);
        }
        if self.may_begin() {
            self.begin_turn(cx);
        }
    }

    /// Whether the next turn can begin: while a key is on its way to another server only with that one's answer.
    pub(super) fn may_begin(&self) -> bool {
        let is_free = !self.is_held_up() || self.pending.front().is_some_and(Node::is_awaited);
        self.turn.is_none() && is_free && !self.pending.is_empty()
    }

    pub(super) fn begin_turn(&mut self, cx: &mut Context<'_>) {
        self.turn = Some(Turn {
            began: cx.steady(),
            takes: Span::ZERO,
            slowest: None,
            commands: 0,
            out: Vec::new(),
            awaits: None,
            must_sync: false,
        });
        for _ in 0..self.pending.len().min(TURN_MOST) {
            match self.pending.pop_front() {
                Some(Job::Message(from, msg)) => self.carry_out(from, msg, cx),
                Some(Job::Expire) => self.look_for_expired(cx),
                Some(Job::Beat) => self.look_around(cx),
                Some(Job::Moves) => self.move_next(cx),
                None => {}
            }
            if self.is_held_up() {
                break;
            }
        }
        let takes = self.turn.as_ref().map_or(Span::ZERO, |turn| turn.takes);
        cx.work(takes, Timer::Turn);
    }

    /// Work of this turn: a command, and elements that it looks at.
    pub(super) fn spend(&mut self, what: Option<&Argv>, elements: u64, cx: &Context<'_>) {
        let settings = cx.settings();
        let takes = settings.command_time + settings.element_time.scaled(elements as f64);
        let Some(turn) = &mut self.turn else { return };
        turn.takes = turn.takes + takes;
        turn.commands += usize::from(what.is_some());
        if let Some(argv) = what
            && turn.slowest.as_ref().is_none_or(|(_, slowest)| takes > *slowest)
        {
            turn.slowest = Some((argv.clone(), takes));
        }
    }

    /// Says something at the end of this turn.
    pub(super) fn say(&mut self, to: NodeId, msg: Msg, cx: &mut Context<'_>) {
        match &mut self.turn {
            Some(turn) => turn.out.push((to, msg)),
            None => cx.send(to, msg),
        }
    }

    /// The work of a turn is done: it is written down, and then told.
    pub(super) fn on_turn(&mut self, cx: &mut Context<'_>) {
        if self.turn.as_ref().is_none_or(|turn| turn.awaits.is_some()) {
            return;
        }
        if let Some(turn) = &self.turn
            && let Some((argv, takes)) = turn.slowest.as_ref().filter(|(_, takes)| *takes >= SLOW)
        {
            cx.note(Note::Slow { argv: argv.clone(), takes: *takes });
        }
        let records: Arc<[Record]> = std::mem::take(&mut self.fresh).into();
        self.feed(&records, cx);
        let awaits = self.write_down(&records, cx);
        match (&mut self.turn, awaits) {
            (Some(turn), Some(change)) => turn.awaits = Some(change),
            _ => self.end_turn(cx),
        }
    }

    /// What was written is safe, where that is asked for: answers leave.
    pub(super) fn end_turn(&mut self, cx: &mut Context<'_>) {
        let Some(turn) = self.turn.take() else { return };
        for (to, msg) in turn.out {
            cx.send(to, msg);
        }
        if self.may_begin() {
            self.begin_turn(cx);
        }
    }

    /// A connection is new, or its client hung up.
    pub(super) fn forget_sessions(&mut self, cx: &Context<'_>) {
        for client in cx.clients() {
            self.server.hang_up(u32::from(client.code()));
        }
        self.wrote = OrdMap::new();
    }
}

/// A command that takes so long is worth a word, as in the slow log.
const SLOW: Span = Span::ms(10);
