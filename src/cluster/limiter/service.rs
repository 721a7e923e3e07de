//! The service behind the limiters: it works on what passed, on so many at the same time, and refuses more.

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;

use super::message::{Msg, Ticket};
use super::note::Note;
use super::{Context, Timer};

/// Its process.
#[derive(Clone, Debug, Default)]
pub struct Service {
    next: u32,
    /// What it works on, and for which limiter.
    jobs: OrdMap<u32, (NodeId, Ticket)>,
}

impl Service {
    /// How many requests it works on.
    pub fn busy(&self) -> usize {
        self.jobs.len()
    }

    pub(super) fn on_work(&mut self, limiter: NodeId, ticket: Ticket, cx: &mut Context<'_>) {
        cx.note(Note::Reached { ticket: ticket.clone() });
        if cx.settings().service_room.is_some_and(|room| self.busy() >= room as usize) {
            cx.note(Note::Overloaded { ticket: ticket.clone() });
            return cx.send(limiter, Msg::Done { ticket, served: false });
        }
        let (number, takes) = (self.next, cx.settings().service_time.clone().sample(&mut cx.rng()));
        self.next = self.next.wrapping_add(1);
        self.jobs.insert(number, (limiter, ticket));
        cx.work(takes, Timer::Work(number));
    }

    pub(super) fn on_done(&mut self, number: u32, cx: &mut Context<'_>) {
        if let Some((limiter, ticket)) = self.jobs.remove(&number) {
            cx.send(limiter, Msg::Done { ticket, served: true });
        }
    }
}
