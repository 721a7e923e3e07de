//! A node: what it is asked for, and whether that is its own.

use std::sync::Arc;

use imbl::Vector;

use crate::check::operation::{Key, Op, Ret, Value};
use crate::cluster::kit::fsync::{counts, recorded};
use crate::cluster::kit::register::{evaluate, nothing};
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::disk::DiskFull;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Time;

use super::disk::{Disk, Outgoing, Row, Stamp, Standing};
use super::keys::{Named, entries, read, was_at_start};
use super::message::{Answer, Ask, Msg, Piece, Purpose, What};
use super::note::Note;
use super::request::{Done, Query, Request};
use super::settings::{Index, Meanwhile, Misrouted, Moving};
use super::stream::Stream;
use super::write::{Pending, Waiter, is_copied};
use super::{Context, Timer};

/// How often a request is passed on at most.
pub(super) const HOPS_MAX: u32 = 8;
/// How many requests wait at a node at most.
const PARKED_MAX: usize = 10_000;

/// What a node has done since it started, for whoever looks on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests, and parts of queries, that it carried out.
    pub served: u64,
    /// Requests for keys of others.
    pub misrouted: u64,
    /// Of those: sent back with the newest map, and passed on.
    pub redirected: u64,
    pub forwarded: u64,
    /// Requests that met a key between two owners: refused, and made to wait.
    pub refused_moving: u64,
    pub waited: u64,
    /// Rows handed to new owners.
    pub handed: u64,
}

/// A node. All of this is lost when it dies.
#[derive(Clone, Debug, Default)]
pub struct Node {
    /// What it sends to others, part by part.
    pub(super) streams: OrdMap<(NodeId, Purpose), Stream>,
    /// Writes that not every copy has.
    pub(super) pending: OrdMap<Key, Pending>,
    /// Entries that a global index has yet to confirm and that nobody waits for.
    pub(super) unsaid: OrdMap<Key, Outgoing>,
    /// What waits until it is known who has its key.
    pub(super) parked: Vector<(Time, NodeId, Msg)>,
    /// How it stood when it last looked at them: nothing is known of them that was not, while it stands so.
    pub(super) stood: Option<Box<[Stands; 2]>>,
    /// The version of the newest map that each other node said it has.
    pub(super) known: OrdMap<NodeId, u32>,
    /// Whose rows it keeps without need, so far as they have not said whether they can be forgotten.
    pub(super) spare: OrdSet<NodeId>,
    /// The version of the map for which it has begun to make copies.
    pub(super) filling: Option<u32>,
    /// The version of the map under which it has looked for rows that it keeps without need.
    pub(super) looked: Option<u32>,
    /// Whether it tells everybody of the newest map.
    pub(super) tells: bool,
    /// Whether it has never been told of a map.
    pub(super) is_new: bool,
    /// What it has done.
    pub counts: Counts,
    /// The row that it served last.
    pub served: Option<Key>,
}

impl Counts {
    /// Each of these counts, to be changed, beside two others.
    pub(super) fn each<'a>(&'a mut self, a: &Counts, b: &Counts) -> [(&'a mut u64, u64, u64); 7] {
        [
            (&mut self.served, a.served, b.served),
            (&mut self.misrouted, a.misrouted, b.misrouted),
            (&mut self.redirected, a.redirected, b.redirected),
            (&mut self.forwarded, a.forwarded, b.forwarded),
            (&mut self.refused_moving, a.refused_moving, b.refused_moving),
            (&mut self.waited, a.waited, b.waited),
            (&mut self.handed, a.handed, b.handed),
        ]
    }
}

impl Node {
    /// A client, or a node for it, asks.
    pub(super) fn on_ask(&mut self, from: NodeId, ask: Ask, cx: &mut Context<'_>) {
        if ask.version > cx.disk().version() {
            // Its map is newer than mine: whoever told it will tell me.
            cx.send(ask.client, Msg::Have { version: cx.disk().version() });
            return self.meanwhile(from, ask, cx);
        }
        if has_other_parts(&ask, cx.disk())
            && let Some(map) = cx.disk().newest().cloned()
        {
            return tell(&ask, Answer::Moved(map), cx);
        }
        let (me, moving) = (cx.id(), cx.settings().moving);
        let disk = if matches!(ask.what, What::Get { .. }) { counts(cx) } else { cx.disk() };
        if matches!(&ask.what, What::Get { row, any: true } if keeps(disk, me, row)) {
            return self.carry_out(&ask, cx);
        }
        match disk.standing(me, ask.what.row(), moving) {
            Standing::Mine => self.carry_out(&ask, cx),
            Standing::Coming | Standing::Stopped(_) | Standing::Lost => self.meanwhile(from, ask, cx),
            Standing::Not(owner) => self.misrouted(owner, ask, cx),
        }
    }

    /// Its key is between two owners.
    fn meanwhile(&mut self, from: NodeId, ask: Ask, cx: &mut Context<'_>) {
        if cx.settings().meanwhile == Meanwhile::Refuse || self.parked.len() >= PARKED_MAX {
            self.counts.refused_moving += 1;
            return tell(&ask, Answer::Refused("its key is moving to another node"), cx);
        }
        self.counts.waited += 1;
        self.parked.push_back((cx.steady(), from, Msg::Ask(ask)));
        Node::goes_on(cx);
    }

    fn misrouted(&mut self, owner: NodeId, mut ask: Ask, cx: &mut Context<'_>) {
        self.counts.misrouted += 1;
        cx.note(Note::Misrouted { owner });
        match cx.settings().misrouted {
            Misrouted::Serve => self.carry_out(&ask, cx),
            Misrouted::Refuse => tell(&ask, Answer::Refused("this node does not have the key"), cx),
            Misrouted::Forward if ask.hops < HOPS_MAX => {
                self.counts.forwarded += 1;
                ask.hops += 1;
                cx.send(owner, Msg::Ask(ask));
            }
            Misrouted::Forward => tell(&ask, Answer::Refused("it was passed on too often"), cx),
            Misrouted::Redirect => {
                self.counts.redirected += 1;
                if let Some(map) = cx.disk().newest().cloned() {
                    tell(&ask, Answer::Moved(map), cx);
                }
            }
        }
    }

    fn carry_out(&mut self, ask: &Ask, cx: &mut Context<'_>) {
        self.counts.served += 1;
        // Whoever reads any copy does not ask its owner.
        self.served = Some(ask.what.row().clone()).filter(|_| !matches!(ask.what, What::Get { any: true, .. }));
        match &ask.what {
            What::Get { row, .. } => self.get(row, ask, cx),
            What::Change { row, request } => self.change(row, request, ask, cx),
        }
    }

    /// A read sees what is sure to stay: on this disk, and where a write waits for its copies, once they have it.
    fn get(&mut self, row: &Key, ask: &Ask, cx: &mut Context<'_>) {
        let any = matches!(ask.what, What::Get { any: true, .. });
        if is_copied(cx.disk())
            && !any
            && let Some(held) = cx.disk().rows.get(row).cloned()
            && self.pending.contains_key(row)
        {
            let done = found(Some(&held), row, cx);
            return self.once_it_stays(held.stamp, ask, done, cx);
        }
        let done = found(counts(cx).rows.get(row), row, cx);
        tell(ask, Answer::Done(done), cx);
    }

    /// Tells a client once a version is wherever it must be.
    fn once_it_stays(&mut self, stamp: Stamp, ask: &Ask, done: Done, cx: &mut Context<'_>) {
        let row = ask.what.row();
        match self.pending.get_mut(row) {
            Some(pending) => {
                pending.wait(stamp, Waiter::Client { client: ask.client, request: ask.request, row: row.clone(), done });
                self.commit(row, cx);
            }
            None => tell(ask, Answer::Done(done), cx),
        }
    }

    fn change(&mut self, row: &Key, request: &Request, ask: &Ask, cx: &mut Context<'_>) {
        if let Some(held) = cx.disk().rows.get(row).filter(|held| held.knows(ask.request)) {
            // It comes once more: it has taken effect.
            return self.once_it_stays(held.stamp, ask, Done::wrote(ask.request), cx);
        }
        let value = match request {
            Request::Key(Op::Write { value, .. }) => Some(value.clone()).filter(|value| *value != nothing()),
            Request::Add(_) => Some(Value::Int(counted(cx.disk().rows.get(row)) + 1)),
            _ => return tell(ask, Answer::Refused("nodes only get, put, delete and add"), cx),
        };
        let done = Done::wrote(ask.request);
        let waiter = Waiter::Client { client: ask.client, request: ask.request, row: row.clone(), done };
        if self.write(row, value, ask.request, waiter, cx) == Err(DiskFull) {
            cx.note(Note::DiskFull);
            tell(ask, Answer::Refused("the disk is full"), cx);
        }
    }

    /// A part of a query: what it serves of what is asked for, and what it is in the middle of.
    pub(super) fn on_part(&mut self, client: NodeId, (request, round): (RequestId, u32), query: &Query, cx: &mut Context<'_>) {
        self.counts.served += 1;
        self.served = None;
        let (me, moving, row_bytes) = (cx.id(), cx.settings().moving, cx.settings().row_bytes);
        let disk = counts(cx);
        let serves = |key: &Key| disk.standing(me, key, moving) == Standing::Mine;
        let rows: Vec<(Key, Row)> = matching(disk, query, cx.settings().index)
            .filter(|(key, _)| serves(key))
            .map(|(key, row)| (key.clone(), row.clone()))
            .collect();
        let stopped = disk.fenced.iter().chain(&disk.given).copied();
        let piece = Piece {
            version: disk.working(),
            awaiting: if moving == Moving::FlipThenCopy { Arc::default() } else { disk.owes().copied().collect() },
            stopped: if moving == Moving::Fenced { stopped.collect() } else { Arc::default() },
            rows: rows.into(),
            row_bytes,
        };
        cx.send(client, Msg::Piece { request, round, piece });
    }

    /// What waited is looked at again, where something has changed. Nobody waits any more for what came too long ago.
    pub(super) fn replay(&mut self, cx: &mut Context<'_>) {
        let (now, patience) = (cx.steady(), cx.settings().request_timeout);
        while self.parked.front().is_some_and(|(came, ..)| now.since(*came) > patience) {
            self.parked.pop_front();
        }
        let stands = Box::new([cx.disk(), counts(cx)].map(|disk| Stands::of(disk, cx.settings().moving)));
        if self.parked.is_empty() || self.stood.as_ref() == Some(&stands) {
            return;
        }
        self.stood = Some(stands);
        for (came, from, msg) in std::mem::take(&mut self.parked) {
            match msg {
                Msg::Ask(ask) if is_settled(&ask, cx) => self.on_ask(from, ask, cx),
                msg => self.parked.push_back((came, from, msg)),
            }
        }
    }

    /// Something is not over: it looks again in a while.
    pub(super) fn goes_on(cx: &mut Context<'_>) {
        let every = cx.settings().move_retry;
        cx.start_timer(every, Timer::Again);
    }

    /// Everything that was written is on the disk: who waited for that goes on.
    pub(super) fn on_synced(&mut self, cx: &mut Context<'_>) {
        self.own_copies_are_durable(cx);
        self.replay(cx);
    }

    /// Writes without waiting for a sync that somebody waits for.
    pub(super) fn jot(change: impl FnOnce(&mut Disk), cx: &mut Context<'_>) -> Result<(), DiskFull> {
        let written = cx.write(change);
        if written.is_ok() {
            recorded(cx);
        }
        written
    }
}

/// Whether a counter lies in other parts than whoever asks knows of: one part would be taken for the whole.
fn has_other_parts(ask: &Ask, disk: &Disk) -> bool {
    let Named::Part(name, _) = read(ask.what.row()) else { return false };
    let known = disk.maps.iter().rev().find(|map| map.version <= ask.version);
    known.zip(disk.newest()).is_some_and(|(known, newest)| known.parts(name) != newest.parts(name))
}

/// All of a disk that says how its node stands to keys.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stands {
    maps: (usize, u32),
    owes: OrdSet<NodeId>,
    fenced: OrdSet<NodeId>,
    given: OrdSet<NodeId>,
    restoring: bool,
    moving: Moving,
}

impl Stands {
    fn of(disk: &Disk, moving: Moving) -> Stands {
        let Disk { at, fenced, given, restoring, .. } = disk;
        let (owes, fenced, given) = (disk.owes().copied().collect(), fenced.clone(), given.clone());
        Stands { maps: (*at, disk.version()), owes, fenced, given, restoring: *restoring, moving }
    }
}

/// Whether it is known who has a key that a request waits for.
fn is_settled(ask: &Ask, cx: &Context<'_>) -> bool {
    let (me, moving) = (cx.id(), cx.settings().moving);
    let known = ask.version <= cx.disk().version();
    let disk = if matches!(ask.what, What::Get { .. }) { counts(cx) } else { cx.disk() };
    known && matches!(disk.standing(me, ask.what.row(), moving), Standing::Mine | Standing::Not(_))
}

/// Whether a node is to have a copy of a row, and is not still getting it.
fn keeps(disk: &Disk, me: NodeId, row: &str) -> bool {
    disk.is_done(me) && disk.map().is_some_and(|map| map.homes(row).contains(&me))
}

/// The rows that a query asks for, deleted ones left out.
fn matching<'a>(disk: &'a Disk, query: &'a Query, index: Index) -> Box<dyn Iterator<Item = (&'a Key, &'a Row)> + 'a> {
    let from: Key = match query {
        Query::Scan(from, _) => from.clone(),
        Query::Find(value) if index == Index::Global => entries(value),
        Query::Find(_) => "".into(),
    };
    let within = move |key: &Key| match query {
        Query::Scan(from, None) => key.starts_with(&**from),
        Query::Scan(_, Some(upto)) => key < upto,
        Query::Find(value) if index == Index::Global => key.starts_with(&*entries(value)),
        Query::Find(_) => true,
    };
    let wanted = move |key: &Key, row: &Row| match (query, read(key)) {
        (Query::Find(value), Named::Entry(_)) => index == Index::Global && row.value.as_ref() == Some(value),
        (_, Named::Plain(_)) => row.value.as_ref().is_some_and(|value| query.asks_for(key, value)),
        _ => false,
    };
    Box::new(disk.rows.range(from..).take_while(move |(key, _)| within(key)).filter(move |(key, row)| wanted(key, row)))
}

/// What a counter's part stands at.
fn counted(row: Option<&Row>) -> i64 {
    match row.and_then(|row| row.value.as_ref()) {
        Some(Value::Int(n)) => *n,
        _ => 0,
    }
}

/// What a read is told of a row.
fn found(row: Option<&Row>, key: &str, cx: &Context<'_>) -> Done {
    let value = row.and_then(|row| row.value.clone());
    let (ret, _) = evaluate(&Op::Read { key: key.into() }, value.as_ref());
    let judged = match row {
        Some(Row { wrote: None, .. }) => Ret::Value(None),
        None if was_at_start(cx.settings(), key) => Ret::Value(Some(Value::Text(MISSING.into()))),
        _ => ret.clone(),
    };
    Done { ret, judged, wrote: row.and_then(|row| row.wrote), nodes: 1, found: None }
}

/// What the judges are told where a key is missing that nobody has deleted: no client has written it.
const MISSING: &str = "nothing, though it was there at the start";

/// Tells the client of a request.
pub(super) fn tell(ask: &Ask, answer: Answer, cx: &mut Context<'_>) {
    cx.send(ask.client, Msg::Told { request: ask.request, row: ask.what.row().clone(), answer });
}

impl Node {
    /// A setting has changed.
    pub(super) fn on_settings(&mut self, cx: &mut Context<'_>) {
        self.look_after_the_index(cx);
        if !cx.disk().maps.is_empty() {
            Node::goes_on(cx);
        }
    }
}
