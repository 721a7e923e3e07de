//! One node as the kernel sees it: its state machine, its disk, its clock, and what waits for it.

use std::collections::VecDeque;

use super::clock::Clock;
use super::disk::Store;
use super::id::{NodeId, RequestId};
use super::protocol::Protocol;
use super::queue::Slot;
use super::time::Time;

/// Something that a busy node will handle in turn.
#[derive(Clone, Debug)]
pub(super) enum Work<P: Protocol> {
    Message(NodeId, P::Msg),
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
    pub(super) slow: f64,
    pub(super) clock: Clock,
    pub(super) store: Store<P::Disk>,
    /// What arrived while the node was busy.
    pub(super) inbox: VecDeque<Work<P>>,
    /// Whether it is busy with the first of the inbox.
    pub(super) busy: bool,
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
            slow: 1.0,
            clock: Clock::default(),
            store: Store::default(),
            inbox: VecDeque::new(),
            busy: false,
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

    /// The messages that arrived and wait to be handled, in order.
    pub fn inbox(&self) -> impl Iterator<Item = &P::Msg> {
        self.inbox.iter().filter_map(|work| match work {
            Work::Message(_, msg) => Some(msg),
            _ => None,
        })
    }

    /// What arrived and waits to be handled.
    pub fn waiting(&self) -> usize {
        self.inbox.len()
    }

    /// The timers that run.
    pub fn timers(&self) -> &[Running<P::Timer>] {
        &self.timers
    }
}
