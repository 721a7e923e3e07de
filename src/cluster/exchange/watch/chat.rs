//! What became of messages: who has seen which, in which order, how late.

use imbl::Vector;

use crate::cluster::exchange::frame::{Says, Socket};
use crate::cluster::exchange::note::Note;
use crate::cluster::exchange::{Exchange, FIRST, room};
use crate::cluster::live::Spread;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::time::{Span, Time};

/// A message by its writer and number there: the same when it is sent or stored again.
type Of = (NodeId, u32);

/// What is remembered.
#[derive(Clone, Debug, Default)]
pub struct Chat {
    /// What was stored, in order.
    pub stored: Vector<Stored>,
    places: OrdMap<Of, usize>,
    /// Stored messages by the number that they had.
    known: OrdSet<(u64, Of)>,
    /// What each client has seen.
    pub seats: OrdMap<NodeId, Seat>,
    /// Messages that were stored a second time.
    pub stored_twice: usize,
    /// Messages that were shown a second time.
    pub doubled: usize,
    /// Messages that were shown after a later one.
    pub out_of_order: usize,
    /// From being stored to being shown.
    pub delays: Spread,
    /// The longest.
    pub longest: Span,
    /// Messages that were given to a line.
    pub handed: usize,
    /// Those of them that were not stored so far.
    pub unstored: OrdSet<Of>,
    /// How long a line was silent that was noticed to be gone last.
    pub silent: Option<Span>,
    /// How often each client noticed that its line was gone.
    pub lines_lost: OrdMap<NodeId, usize>,
}

/// A stored message.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// Which.
    pub of: Of,
    /// The number that it has at the server.
    id: u64,
    at: Time,
}

/// What a client has seen.
#[derive(Clone, Debug, Default)]
pub struct Seat {
    /// How many messages it has shown, each once.
    pub shown: usize,
    /// Messages that can come no more.
    pub missed: OrdSet<usize>,
    /// Everything before this was shown, is missed, or is its own.
    low: usize,
    /// What was shown from there on.
    above: OrdSet<usize>,
    last: Option<usize>,
    /// It is told of what has a greater number than this.
    after: u64,
}

impl Seat {
    fn has(&self, place: usize) -> bool {
        self.above.contains(&place) || place < self.low && !self.missed.contains(&place)
    }

    fn settle(&mut self, me: NodeId, stored: &Vector<Stored>) {
        while let Some(next) = stored.get(self.low)
            && (next.of.0 == me || self.above.contains(&self.low) || self.missed.contains(&self.low))
        {
            self.above.remove(&self.low);
            self.low += 1;
        }
    }
}

impl Chat {
    pub(super) fn note(&mut self, sim: &Sim<Exchange>, at: Time, who: NodeId, note: &Note) {
        match note {
            Note::Stored { message } => {
                self.store((message.from, message.key), message.id, at);
                self.passes_by(sim, (message.from, message.key), message.id);
            }
            Note::Shown { of, .. } => self.show(who, *of, at),
            Note::Dropped { of, .. } => self.drop(sim, who, *of),
            Note::Joined { client, after } => self.join(sim, *client, *after),
            Note::Handed { of } => {
                self.handed += 1;
                self.unstored.insert(*of);
            }
            _ => {}
        }
    }

    fn store(&mut self, of: Of, id: u64, at: Time) {
        if !self.known.insert((id, of)) {
            return;
        }
        self.unstored.remove(&of);
        if self.places.contains_key(&of) {
            self.stored_twice += 1;
            return;
        }
        self.places.insert(of, self.stored.len());
        self.stored.push_back(Stored { of, id, at });
    }

    fn show(&mut self, who: NodeId, of: Of, at: Time) {
        let Some(place) = self.places.get(&of).copied() else { return };
        let seat = self.seats.entry(who).or_default();
        if seat.has(place) {
            self.doubled += 1;
            return;
        }
        self.out_of_order += usize::from(seat.last.is_some_and(|last| last > place));
        seat.last = seat.last.max(Some(place));
        seat.shown += 1;
        if seat.missed.remove(&place).is_none() {
            seat.above.insert(place);
        }
        // What it has jumped over does not come by itself any more.
        let over = (seat.low..place).filter(|before| !seat.above.contains(before));
        let over: Vec<usize> = over.filter(|before| self.stored.get(*before).is_some_and(|stored| stored.of.0 != who)).collect();
        seat.missed.extend(over);
        seat.settle(who, &self.stored);
        let delay = self.stored.get(place).map_or(Span::ZERO, |stored| at.since(stored.at));
        self.delays.add(delay);
        self.longest = self.longest.max(delay);
    }

    /// A client listens from here on: what it has not, and what the server will not tell it, is missed.
    fn join(&mut self, sim: &Sim<Exchange>, client: NodeId, after: u64) {
        let Some(log) = log(sim) else { return };
        let seat = self.seats.entry(client).or_default();
        seat.after = after;
        let waits = |of: Of| waits(sim, client, of);
        let comes = |stored: &Stored| {
            let kept = log.entries.get(&stored.id);
            stored.id > after && kept.is_some_and(|message| (message.from, message.key) == stored.of)
        };
        let missed = |place: &usize| {
            let stored = self.stored.get(*place);
            let is_own = stored.is_some_and(|stored| stored.of.0 == client);
            !is_own && !seat.above.contains(place) && stored.is_some_and(|stored| !comes(stored) && !waits(stored.of))
        };
        let missed: Vec<usize> = (seat.low..self.stored.len()).filter(missed).collect();
        seat.missed.extend(missed);
        seat.settle(client, &self.stored);
    }

    /// A message that was stored under a number that somebody who listens is past does not come to it: a server that lost its messages
    /// numbers anew.
    fn passes_by(&mut self, sim: &Sim<Exchange>, of: Of, id: u64) {
        let Some(place) = self.places.get(&of).copied() else { return };
        let past: Vec<NodeId> = self.seats.iter().filter(|(_, seat)| id <= seat.after).map(|(client, _)| *client).collect();
        for client in past.into_iter().filter(|client| *client != of.0 && is_heard(sim, *client)) {
            self.miss(client, place);
        }
    }

    /// A client leaves a message out that it has by its number. It may be another one.
    fn drop(&mut self, sim: &Sim<Exchange>, who: NodeId, of: Of) {
        if let Some(place) = self.places.get(&of).copied().filter(|_| !waits(sim, who, of)) {
            self.miss(who, place);
        }
    }

    fn miss(&mut self, client: NodeId, place: usize) {
        let seat = self.seats.entry(client).or_default();
        if !seat.has(place) {
            seat.missed.insert(place);
            seat.settle(client, &self.stored);
        }
    }

    /// Messages that a client has not shown and has not missed.
    pub fn unseen(&self, client: NodeId) -> usize {
        let own = |place: &usize| self.stored.get(*place).is_some_and(|stored| stored.of.0 == client);
        let seat = self.seats.get(&client);
        let low = seat.map_or(0, |seat| seat.low);
        let seen = |place: &usize| seat.is_some_and(|seat| seat.above.contains(place) || seat.missed.contains(place));
        (low..self.stored.len()).filter(|place| !own(place) && !seen(place)).count()
    }

    /// Messages whose `send` has returned, and that are neither stored nor on their way.
    pub fn lost(&self, sim: &Sim<Exchange>) -> usize {
        self.unstored.iter().filter(|of| !is_on_its_way(sim, **of)).count()
    }
}

/// What the server has stored, where it is up.
fn log(sim: &Sim<Exchange>) -> Option<&room::Log> {
    let node = sim.node(FIRST);
    match node.state() {
        Some(Exchange::Server(server)) => Some(server.room()?.in_memory().unwrap_or(&node.store().current().log)),
        _ => None,
    }
}

/// Whether the server has a line of this client, or holds a question of it.
fn is_heard(sim: &Sim<Exchange>, client: NodeId) -> bool {
    matches!(sim.node(FIRST).state(), Some(Exchange::Server(server)) if server.room().is_some_and(|room| room.hears(client)))
}

/// Whether a message is received and not shown so far.
fn waits(sim: &Sim<Exchange>, client: NodeId, of: Of) -> bool {
    let listener = match sim.node(client).state() {
        Some(Exchange::Client(client)) => client.listener(),
        _ => None,
    };
    listener.is_some_and(|listener| listener.queue.iter().any(|message| (message.from, message.key) == of))
}

fn is_on_its_way(sim: &Sim<Exchange>, of: Of) -> bool {
    let is_it = |says: &Says| matches!(says, Says::Socket(Socket::Say(message)) if (message.from, message.key) == of);
    let Some(Exchange::Client(client)) = sim.node(of.0).state() else { return false };
    if client.pipes.all.values().any(|pipe| pipe.unread().any(|frame| is_it(&frame.says))) {
        return true;
    }
    log(sim).is_some_and(|log| log.known.contains_key(&of))
}
