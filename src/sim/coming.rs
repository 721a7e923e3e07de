//! What will happen by itself, as things are: for those who choose what happens next.

use super::id::{MsgId, NodeId};
use super::kernel::{Event, Sim};
use super::protocol::Protocol;
use super::time::Time;

/// When something will happen by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due<T> {
    /// When.
    pub at: Time,
    /// How many events are carried out before it, as things are; some come to nothing, such as a timer of a server that crashed since.
    pub before: u64,
    /// What.
    pub what: Coming<T>,
}

/// Something that will happen by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coming<T> {
    /// A message arrives.
    Arrives(MsgId),
    /// A message dies on the wire.
    Dies(MsgId),
    /// A timer of a node goes off.
    Timer(NodeId, T),
    /// A worker of a node is done with what it is busy with.
    Worked(NodeId),
    /// A node's disk has what was written.
    Synced(NodeId),
    /// The next request of a client's workload comes.
    Asks(NodeId),
    /// The time of an attempt of a client's request, or of the rest after one, is over.
    Waited(NodeId),
    /// A server fails.
    Fails(NodeId),
    /// A server is repaired.
    Repaired(NodeId),
    /// All of a zone fails, by its number.
    ZoneFails(u16),
    /// A zone is repaired.
    ZoneRepaired(u16),
}

impl<T> Coming<T> {
    /// The same with a name for the timer.
    pub fn name<N>(self, name: impl FnOnce(T) -> N) -> Coming<N> {
        match self {
            Coming::Timer(id, timer) => Coming::Timer(id, name(timer)),
            Coming::Arrives(id) => Coming::Arrives(id),
            Coming::Dies(id) => Coming::Dies(id),
            Coming::Worked(id) => Coming::Worked(id),
            Coming::Synced(id) => Coming::Synced(id),
            Coming::Asks(id) => Coming::Asks(id),
            Coming::Waited(id) => Coming::Waited(id),
            Coming::Fails(id) => Coming::Fails(id),
            Coming::Repaired(id) => Coming::Repaired(id),
            Coming::ZoneFails(zone) => Coming::ZoneFails(zone),
            Coming::ZoneRepaired(zone) => Coming::ZoneRepaired(zone),
        }
    }
}

impl<P: Protocol> Sim<P> {
    /// What happens by itself, in the order in which it will; messages that are held are not among it.
    pub fn coming(&self) -> Vec<Due<P::Timer>> {
        let all = (0..).zip(self.wires.queue.in_order());
        all.filter_map(|(before, (at, event))| Some(Due { at, before, what: self.comes(event)? })).collect()
    }

    /// The time of the next event, where it is one that a node is busy with until then, or due at this very moment.
    pub fn goes_on_at(&self) -> Option<Time> {
        let (at, event) = self.wires.queue.peek()?;
        (at == self.now() || matches!(event, Event::Served(..) | Event::Synced(..))).then_some(at)
    }

    fn comes(&self, event: &Event<P>) -> Option<Coming<P::Timer>> {
        let lives = |id: NodeId, life: u32| self.node(id).life == life;
        match event {
            Event::Deliver(flight) if flight.lost => Some(Coming::Dies(flight.leg.id)),
            Event::Deliver(flight) => Some(Coming::Arrives(flight.leg.id)),
            Event::Timer(id, life, timer) => lives(*id, *life).then_some(Coming::Timer(*id, *timer)),
            Event::Served(id, life, _) => lives(*id, *life).then_some(Coming::Worked(*id)),
            Event::Synced(id, life, _) => lives(*id, *life).then_some(Coming::Synced(*id)),
            Event::Arrival(client, _) => Some(Coming::Asks(*client)),
            Event::Request(request) => self.requests.open.get(request).map(|open| Coming::Waited(open.client)),
            Event::Fails(id) => Some(Coming::Fails(*id)),
            Event::Repaired(id) => Some(Coming::Repaired(*id)),
            Event::ZoneFails(zone) => Some(Coming::ZoneFails(*zone)),
            Event::ZoneRepaired(zone) => Some(Coming::ZoneRepaired(*zone)),
        }
    }
}
