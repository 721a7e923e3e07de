//! The queue itself, as the broker has it in memory and on its disk: which messages wait, which are hidden, and who holds a lease on which.
//!
//! A message in it is ready, delayed, or in flight: handed to a worker under a lease that ends by itself. It leaves when the lease is
//! settled, when an operator throws it away, or to the dead letters when it was handed out too often. All of it is one value, so each change
//! is one step on the disk. As in the Amazon SQS developer guide (visibility timeout, FIFO queues, dead-letter queues).

use crate::check::operation::Key;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;
use crate::sim::time::{Span, Time};

use super::settings::{Order, Settings};

/// A message's number, in the order in which the broker took them in.
pub(super) type Number = u64;
/// What proves that somebody holds a message: new at each hand-out and greater than every one before.
pub(super) type Receipt = u64;

/// How fast receipts grow with the clock at most: a broker that forgot the last ones begins with one that it cannot have given.
const RECEIPTS_EVERY: Span = Span::us(100);

/// A message in the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The business key, which its producer made.
    pub key: Key,
    /// The group within which order matters.
    pub group: Option<Key>,
    /// Whether it goes before others.
    pub urgent: bool,
    /// When the broker took it in, by the broker's clock.
    pub since: Time,
    /// How often it was handed out.
    pub attempts: u32,
    /// Where it stands.
    pub state: State,
}

/// Where a message of the queue stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It may be handed out, when its turn comes.
    Ready,
    /// It may not be handed out before this.
    Delayed(Time),
    /// Somebody has it.
    Leased(Lease),
}

/// Who has a message, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The worker.
    pub worker: NodeId,
    /// What it must show to settle the message.
    pub receipt: Receipt,
    /// When others get it, by the broker's clock.
    pub until: Time,
}

impl State {
    /// When it changes by itself.
    fn ends(self) -> Option<Time> {
        match self {
            State::Ready => None,
            State::Delayed(until) | State::Leased(Lease { until, .. }) => Some(until),
        }
    }
}

/// How many messages of one key there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// In the queue.
    pub live: u32,
    /// Among the dead letters.
    pub dead: u32,
}

/// What became of a message that was given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// It waits again, at its old place.
    Waits,
    /// It was handed out as often as is allowed and is out of the queue.
    Spent(Message),
}

/// The queue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    last: Number,
    last_receipt: Receipt,
    /// Ready, delayed and in flight.
    live: OrdMap<Number, Message>,
    /// What may be handed out now: the urgent before the others, then by number.
    open: OrdSet<(bool, Number)>,
    /// The live messages of each group, where order per group is kept.
    groups: OrdMap<Key, OrdSet<Number>>,
    /// The ends of leases and delays.
    ends: OrdSet<(Time, Number)>,
    leases: OrdMap<Receipt, Number>,
    /// The dead letters.
    pub dead: OrdMap<Number, Message>,
    /// How many of each key are in the queue and among the dead letters.
    copies: OrdMap<Key, Copies>,
    /// The keys taken in lately, where doubles are looked for, and until when.
    known: OrdMap<Key, Time>,
    forgets: OrdSet<(Time, Key)>,
    /// How many it ever took in.
    pub accepted: u64,
    /// How many were settled.
    pub settled: u64,
    /// How many an operator threw away.
    pub removed: u64,
    /// How many were taken out for the dead letters and did not arrive there.
    pub moving: u64,
}

impl Queue {
    /// An empty queue for a broker that forgot all but does not mistake an old receipt for one of its own.
    pub fn after(&self, clock: Time) -> Queue {
        let mut queue = self.clone();
        queue.last_receipt = queue.last_receipt.max(clock.0 / RECEIPTS_EVERY.0);
        queue
    }

    /// All messages in it, oldest first.
    pub fn live(&self) -> impl Iterator<Item = (Number, &Message)> {
        self.live.iter().map(|(number, message)| (*number, message))
    }

    /// One of them.
    pub fn get(&self, number: Number) -> Option<&Message> {
        self.live.get(&number)
    }

    /// How many of this key there are.
    pub fn copies(&self, key: &Key) -> Copies {
        self.copies.get(key).copied().unwrap_or_default()
    }

    fn count(&mut self, key: &Key, change: impl FnOnce(&mut Copies)) {
        let mut copies = self.copies(key);
        change(&mut copies);
        if copies == Copies::default() {
            self.copies.remove(key);
        } else {
            self.copies.insert(key.clone(), copies);
        }
    }

    /// How many are in it: ready, delayed and in flight.
    pub fn size(&self) -> usize {
        self.live.len()
    }

    /// How many are in flight.
    pub fn in_flight(&self) -> usize {
        self.leases.len()
    }

    /// How many are delayed.
    pub fn delayed(&self) -> usize {
        self.ends.len() - self.leases.len()
    }

    /// How many are ready, those that wait for their group included.
    pub fn ready(&self) -> usize {
        self.size() - self.ends.len()
    }

    /// The next end of a lease or a delay.
    pub fn next_end(&self) -> Option<Time> {
        self.ends.get_min().map(|(until, _)| *until)
    }

    /// Whether any may be handed out.
    pub fn has_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Whether this key was taken in within the window for doubles.
    pub fn knows(&self, key: &Key, now: Time) -> bool {
        self.known.get(key).is_some_and(|until| *until > now)
    }

    /// Takes a message in, and looks for doubles of it for this long. A double does not make the window longer: it is not taken in.
    pub fn push(&mut self, message: Message, window: Option<Span>, settings: &Settings) -> Number {
        let now = message.since;
        while let Some((until, key)) = self.forgets.get_min().filter(|(until, _)| *until <= now).cloned() {
            self.forgets.remove(&(until, key.clone()));
            if self.known.get(&key) == Some(&until) {
                self.known.remove(&key);
            }
        }
        if let Some(window) = window {
            self.known.insert(message.key.clone(), now + window);
            self.forgets.insert((now + window, message.key.clone()));
        }
        self.last += 1;
        self.accepted += 1;
        self.count(&message.key, |copies| copies.live += 1);
        self.put(self.last, message, settings);
        self.last
    }

    /// Puts a message where its state says.
    fn put(&mut self, number: Number, message: Message, settings: &Settings) {
        if let Some(group) = message.group.clone().filter(|_| settings.order == Order::Group) {
            self.groups.entry(group).or_default().insert(number);
        }
        self.live.insert(number, message);
        self.enter(number, settings);
    }

    /// Enters a message into the lists by which it is found; the head of its group may be another after it.
    fn enter(&mut self, number: Number, settings: &Settings) {
        let Some(message) = self.live.get(&number) else { return };
        self.ends.extend(message.state.ends().map(|until| (until, number)));
        if let State::Leased(lease) = message.state {
            self.leases.insert(lease.receipt, number);
        }
        match self.line(message) {
            Some(line) => self.look_at(&line.clone(), settings),
            None if message.state == State::Ready => {
                self.open.insert((!(settings.priority && message.urgent), number));
            }
            None => {}
        }
    }

    /// Takes a message out of the lists.
    fn leave(&mut self, number: Number, message: &Message) {
        if let Some(until) = message.state.ends() {
            self.ends.remove(&(until, number));
        }
        if let State::Leased(lease) = message.state {
            self.leases.remove(&lease.receipt);
        }
        self.open.remove(&(false, number));
        self.open.remove(&(true, number));
    }

    /// The messages of a message's group, where they go one by one.
    fn line(&self, message: &Message) -> Option<&OrdSet<Number>> {
        self.groups.get(message.group.as_ref()?)
    }

    /// Of a group only the oldest can be handed out, and only when nobody has it.
    fn look_at(&mut self, line: &OrdSet<Number>, settings: &Settings) {
        let Some(head) = line.get_min() else { return };
        for number in line.iter().take(2) {
            self.open.remove(&(false, *number));
            self.open.remove(&(true, *number));
        }
        if let Some(message) = self.live.get(head).filter(|message| message.state == State::Ready) {
            self.open.insert((!(settings.priority && message.urgent), *head));
        }
    }

    /// Changes where a message stands.
    fn change(&mut self, number: Number, state: State, settings: &Settings) {
        let Some(mut message) = self.live.get(&number).cloned() else { return };
        self.leave(number, &message);
        message.state = state;
        self.live.insert(number, message);
        self.enter(number, settings);
    }

    /// Takes a message out of the queue.
    fn pull(&mut self, number: Number, settings: &Settings) -> Option<Message> {
        let message = self.live.remove(&number)?;
        self.leave(number, &message);
        self.count(&message.key, |copies| copies.live -= 1);
        if let Some(group) = &message.group
            && let Some(mut line) = self.groups.get(group).cloned()
        {
            line.remove(&number);
            if line.is_empty() {
                self.groups.remove(group);
            } else {
                self.groups.insert(group.clone(), line.clone());
                self.look_at(&line, settings);
            }
        }
        Some(message)
    }

    /// Hands the next message to a worker. Where there is no order, `pick`, a number from 0 to 1, says which of the ready ones. Without a
    /// lease (`until` is `None`) it leaves the queue.
    pub fn take(&mut self, worker: NodeId, until: Option<Time>, pick: f64, settings: &Settings) -> Option<(Receipt, Message)> {
        let number = self.choose(pick, settings)?;
        self.last_receipt += 1;
        let receipt = self.last_receipt;
        let mut message = self.live.get(&number)?.clone();
        message.attempts += 1;
        self.live.insert(number, message.clone());
        if let Some(until) = until {
            self.change(number, State::Leased(Lease { worker, receipt, until }), settings);
        } else {
            self.pull(number, settings);
            self.settled += 1;
        }
        Some((receipt, message))
    }

    fn choose(&self, pick: f64, settings: &Settings) -> Option<Number> {
        let (class, first) = *self.open.get_min()?;
        if settings.order != Order::None {
            return Some(first);
        }
        // Not evenly: whoever stands behind a gap in the numbers is picked more often. No order is promised.
        let last = self.open.range(..=(class, Number::MAX)).next_back().map_or(first, |(_, last)| *last);
        let from = first + ((last - first) as f64 * pick) as u64;
        self.open.range((class, from)..).next().filter(|(other, _)| *other == class).map(|(_, number)| *number).or(Some(first))
    }

    /// The messages in flight, with who has them, in the order of their hand-outs.
    pub fn leases(&self) -> impl Iterator<Item = (Lease, &Message)> {
        self.leases.values().filter_map(|number| {
            let message = self.live.get(number)?;
            if let State::Leased(lease) = message.state { Some((lease, message)) } else { None }
        })
    }

    /// Whether a message is the oldest of its group, where groups go one by one.
    pub fn is_head(&self, number: Number) -> bool {
        let line = self.live.get(&number).and_then(|message| self.line(message));
        line.is_none_or(|line| line.get_min() == Some(&number))
    }

    /// Who holds what this receipt was given for, if it is still the newest one for it.
    pub fn held(&self, receipt: Receipt) -> Option<Number> {
        self.leases.get(&receipt).copied()
    }

    /// The holder is done with it.
    pub fn settle(&mut self, receipt: Receipt, settings: &Settings) -> Option<Message> {
        let message = self.pull(self.held(receipt)?, settings)?;
        self.settled += 1;
        Some(message)
    }

    /// The holder keeps it until then.
    pub fn extend(&mut self, receipt: Receipt, until: Time, settings: &Settings) -> Option<Number> {
        let number = self.held(receipt)?;
        let State::Leased(lease) = self.live.get(&number)?.state else { return None };
        self.change(number, State::Leased(Lease { until, ..lease }), settings);
        Some(number)
    }

    /// Nobody has it any more: it waits again at its old place, or is out of the queue when it was handed out as often as is allowed.
    pub fn give_back(&mut self, number: Number, now: Time, settings: &Settings) -> Option<Back> {
        let attempts = self.live.get(&number)?.attempts;
        if settings.attempts.is_some_and(|most| attempts >= most) {
            self.moving += 1;
            return self.pull(number, settings).map(Back::Spent);
        }
        let delay = settings.retry_delay;
        self.change(number, if delay == Span::ZERO { State::Ready } else { State::Delayed(now + delay) }, settings);
        Some(Back::Waits)
    }

    /// A delay is over.
    pub fn show(&mut self, number: Number, settings: &Settings) {
        self.change(number, State::Ready, settings);
    }

    /// A message that was handed out too often becomes a dead letter.
    pub fn bury(&mut self, message: Message) {
        self.moving -= 1;
        self.last += 1;
        self.count(&message.key, |copies| copies.dead += 1);
        self.dead.insert(self.last, message);
    }

    /// The messages whose lease or delay is over by now.
    pub fn over(&self, now: Time) -> Vec<Number> {
        self.ends.iter().take_while(|(until, _)| *until <= now).map(|(_, number)| *number).collect()
    }

    /// Sends every dead letter back into the queue, as if it were new.
    pub fn redrive(&mut self, now: Time, settings: &Settings) -> Vec<Message> {
        let dead: Vec<Message> = std::mem::take(&mut self.dead).into_iter().map(|(_, message)| message).collect();
        self.accepted -= dead.len() as u64;
        for message in &dead {
            self.count(&message.key, |copies| copies.dead -= 1);
            self.push(Message { since: now, attempts: 0, state: State::Ready, ..message.clone() }, None, settings);
        }
        dead
    }

    /// Throws away what nobody has: ready and delayed.
    pub fn purge(&mut self, settings: &Settings) -> Vec<Message> {
        let idle = |message: &Message| !matches!(message.state, State::Leased(_));
        let idle: Vec<Number> = self.live().filter(|(_, message)| idle(message)).map(|(number, _)| number).collect();
        let gone: Vec<Message> = idle.into_iter().filter_map(|number| self.pull(number, settings)).collect();
        self.removed += gone.len() as u64;
        gone
    }

    /// Enters every message anew: order or priority were set to something else.
    pub fn sort(&mut self, settings: &Settings) {
        let live = std::mem::take(&mut self.live);
        (self.open, self.groups, self.ends, self.leases) = Default::default();
        for (number, message) in live {
            self.put(number, message, settings);
        }
    }
}
