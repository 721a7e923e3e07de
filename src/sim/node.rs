//! One node as the kernel sees it: its state machine, its disk, its clock, and what waits for it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::clock::Clock;
use super::disk::Store;
use super::id::{MsgId, NodeId, RequestId};
use super::line::Line;
use super::protocol::Protocol;
use super::queue::Slot;
use super::time::{Span, Time};

/// Something that a busy node will handle in turn.
#[derive(Clone, Debug)]
pub(super) enum Work<P: Protocol> {
    Message(MsgId, NodeId, P::Msg),
    /// A timer went off.
    Timer(P::Timer),
    /// The time of an attempt of a request, or of the rest after one, is over.
    Request(RequestId),
    /// A sync of this number ended.
    Synced(u64),
    /// A setting was changed.
    Settings,
    /// The clock was set, or runs at another speed.
    Clock,
}

impl<P: Protocol> Work<P> {
    /// What it says, where it is a message.
    pub(super) fn message(&self) -> Option<&P::Msg> {
        match self {
            Work::Message(_, _, msg) => Some(msg),
            _ => None,
        }
    }
}

/// When a node was up and down, as its clients would measure it: a paused process counts as up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uptime {
    /// Since when it is down; `None` while it is up.
    pub down_since: Option<Time>,
    /// How long it was down before that, all outages together.
    pub down: Span,
    /// How often it went down.
    pub outages: u32,
}

impl Uptime {
    /// How long it was down until `now`.
    pub fn down_until(&self, now: Time) -> Span {
        self.down + self.down_since.map_or(Span::ZERO, |since| now.since(since))
    }

    pub(super) fn goes_down(&mut self, now: Time) {
        if self.down_since.is_none() {
            self.down_since = Some(now);
            self.outages += 1;
        }
    }

    pub(super) fn comes_up(&mut self, now: Time) {
        self.down = self.down_until(now);
        self.down_since = None;
    }
}

/// A timer that runs.
#[derive(Clone, Copy, Debug)]
pub struct Running<T> {
    /// Which.
    pub timer: T,
    /// When it was set, in virtual time.
    pub set: Time,
    /// When it goes off, in virtual time.
    pub due: Time,
    pub(super) slot: Slot,
}

/// A node of the simulation.
#[derive(Clone)]
pub struct Node<P: Protocol> {
    /// The state machine; `None` while the node is down.
    pub(super) state: Option<P>,
    /// Counts restarts: what belongs to an older life is ignored.
    pub(super) life: u32,
    pub(super) paused: bool,
    /// Settings of its own, where it has them.
    pub(super) settings: Option<Arc<P::Settings>>,
    pub(super) uptime: Uptime,
    pub(super) slow: f64,
    pub(super) clock: Clock,
    pub(super) store: Store<P::Disk>,
    /// Since when it is paused, if it is.
    pub(super) stopped: Time,
    /// What waits for a worker, and what workers are busy with.
    pub(super) line: Line<P>,
    pub(super) timers: Vec<Running<P::Timer>>,
    /// Timers that went off and wait in the inbox; setting or cancelling one takes it back.
    pub(super) fired: Vec<P::Timer>,
    /// Messages to be sent when a sync is done.
    pub(super) after_sync: VecDeque<(u64, NodeId, P::Msg)>,
    pub(super) drawn: u64,
    pub(super) syncs: u64,
}

impl<P: Protocol> Node<P> {
    pub(super) fn new() -> Node<P> {
        Node {
            state: None,
            life: 0,
            paused: false,
            settings: None,
            uptime: Uptime::default(),
            slow: 1.0,
            clock: Clock::default(),
            store: Store::default(),
            stopped: Time::ZERO,
            line: Line::default(),
            timers: Vec::new(),
            fired: Vec::new(),
            after_sync: VecDeque::new(),
            drawn: 0,
            syncs: 0,
        }
    }

    /// The state machine; `None` while the node is down.
    pub fn state(&self) -> Option<&P> {
        self.state.as_ref()
    }

    /// Whether its process runs (perhaps paused or slow).
    pub fn is_up(&self) -> bool {
        self.state.is_some()
    }

    /// Whether its process is stopped.
    pub fn is_paused(&self) -> bool {
        self.paused
    }

    /// When it was up and down.
    pub fn uptime(&self) -> &Uptime {
        &self.uptime
    }

    /// How many times slower than normal it works.
    pub fn slowness(&self) -> f64 {
        self.slow
    }

    /// Its own clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Its disk.
    pub fn store(&self) -> &Store<P::Disk> {
        &self.store
    }

    /// The messages that arrived and are not handled yet: those that workers are busy with, then those that wait, in order.
    pub fn inbox(&self) -> impl Iterator<Item = &P::Msg> {
        self.line.messages()
    }

    /// How much arrived and is not handled yet: messages, and timers that wait their turn.
    pub fn waiting(&self) -> usize {
        self.line.len()
    }

    /// The timers that run.
    pub fn timers(&self) -> &[Running<P::Timer>] {
        &self.timers
    }
}
