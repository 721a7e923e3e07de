//! Work at a node: at once, or in line until a worker is free.

use super::draw::Concern;
use super::id::NodeId;
use super::kernel::{Event, Sim};
use super::line::{Job, Line};
use super::node::Work;
use super::protocol::Protocol;
use super::station::{Queueing, Takes};
use super::time::{Span, Time};
use super::trace::{Death, Leg};

/// What is no message waits before all messages, where there are priorities.
const NO_MESSAGE: u8 = u8::MAX;

/// Where a message goes that reaches a node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// To the process at once.
    Now,
    /// To a worker, who needs this long at normal speed; `None`: the handling time.
    Worker(Option<Span>),
    /// To the line, with this priority.
    Line(u8, Option<Span>),
    /// There is no room for it.
    Nowhere,
}

impl<P: Protocol> Sim<P> {
    /// Where a message that reaches a node goes.
    #[inline]
    pub(super) fn place_for(&self, index: usize, leg: &Leg, msg: &P::Msg) -> Place {
        let node = &self.nodes[index];
        let service = P::service(msg, node.settings.as_deref().unwrap_or(&*self.settings), leg.to);
        let is_aside = service.takes == Takes::Aside;
        let size = match service.takes {
            Takes::Handling => None,
            Takes::Exactly(span) => Some(span),
            Takes::Drawn(dist) => Some(dist.sample(&mut self.wires.draws.of_node(Concern::Service, leg.to.code(), node.line.arrived()))),
            Takes::Aside => Some(Span::ZERO),
        };
        match () {
            () if node.paused || !(is_aside || node.line.has_free_worker()) => {
                if is_aside || node.line.has_room() {
                    Place::Line(service.priority, size)
                } else {
                    Place::Nowhere
                }
            }
            () if size.unwrap_or_else(|| self.handling_of(leg.to)) == Span::ZERO => Place::Now,
            () => Place::Worker(size),
        }
    }

    /// The handling time of the cluster; clients need none.
    #[inline]
    fn handling_of(&self, id: NodeId) -> Span {
        if id.is_client() { Span::ZERO } else { self.handling }
    }

    /// Hands a message to a node.
    #[inline]
    pub(super) fn accept(&mut self, index: usize, leg: Leg, msg: P::Msg, place: Place) {
        let id = leg.to;
        let line = &mut self.nodes[index].line;
        let work = |msg| Work::Message(leg.id, leg.from, msg);
        match place {
            Place::Now => {
                line.pass();
                self.with_state_at(index, id, |state, cx| state.on_message(leg.from, msg, cx));
            }
            Place::Worker(size) => {
                line.arrive();
                self.begin_work(id, size, work(msg));
            }
            Place::Line(priority, size) => {
                line.arrive();
                line.join(self.wires.now, priority, size, work(msg));
            }
            Place::Nowhere => self.overflow(index, leg, msg),
        }
    }

    /// A message found neither a worker nor room. A process that runs may say so.
    pub(super) fn overflow(&mut self, index: usize, leg: Leg, msg: P::Msg) {
        self.nodes[index].line.reject();
        self.wires.lose(leg, Death::InboxFull);
        if !self.nodes[index].paused {
            self.with_state(leg.to, |state, cx| state.on_overflow(leg.from, msg, cx));
        }
    }

    /// A timer went off, or a client's patience is over: at once, unless the process is paused or all its workers are busy.
    pub(super) fn accept_turn(&mut self, id: NodeId, work: Work<P>) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if !node.paused && node.line.has_turn() {
            return self.handle(id, work);
        }
        node.line.join(self.wires.now, NO_MESSAGE, None, work);
    }

    /// Tells a process something about its machine: at once, or when it goes on where it is paused.
    pub(super) fn tell(&mut self, id: NodeId, news: Work<P>) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.paused {
            node.line.join(self.wires.now, NO_MESSAGE, None, news);
        } else {
            self.handle(id, news);
        }
    }

    /// Gives every free worker something to do, unless the process is paused.
    pub(super) fn start_work(&mut self, id: NodeId) {
        let index = self.index(id);
        while !self.nodes[index].paused
            && let Some(next) = self.nodes[index].line.next(self.wires.now)
        {
            self.begin_work(id, next.size, next.work);
        }
    }

    /// A worker begins. `size`: how long it takes at normal speed; `None` is the handling time.
    fn begin_work(&mut self, id: NodeId, size: Option<Span>, work: Work<P>) {
        let (index, began) = (self.index(id), self.wires.now);
        let takes = size.unwrap_or_else(|| self.handling_of(id)).scaled(self.nodes[index].slow);
        let (due, worker) = (began + takes, self.nodes[index].line.free_worker());
        let slot = self.wires.queue.push(due, Event::Served(id, self.nodes[index].life, worker));
        self.nodes[index].line.begin(worker, Job { work, began, due, slot });
    }

    /// A worker is done with what it was busy with.
    pub(super) fn on_served(&mut self, id: NodeId, life: u32, worker: u32) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        if node.life != life {
            return;
        }
        if let Some(work) = node.line.end(worker, self.wires.now) {
            self.handle(id, work);
        }
        self.start_work(id);
    }

    /// What a paused process was busy with stands still, and what is left of it comes after the pause.
    pub(super) fn stop_work(&mut self, id: NodeId) {
        let index = self.index(id);
        for job in self.nodes[index].line.jobs_mut() {
            self.wires.queue.park(job.slot);
        }
        self.nodes[index].stopped = self.wires.now;
    }

    pub(super) fn go_on_with_work(&mut self, id: NodeId) {
        let index = self.index(id);
        let stood = self.wires.now.since(self.nodes[index].stopped);
        for job in self.nodes[index].line.jobs_mut() {
            job.due += stood;
            self.wires.queue.schedule(job.slot, job.due);
        }
        self.start_work(id);
    }

    /// A node becomes so many times slower: what is left of what it is busy with takes so many times longer.
    pub(super) fn stretch_work(&mut self, id: NodeId, factor: f64) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        let from = if node.paused { node.stopped } else { self.wires.now };
        for job in node.line.jobs_mut() {
            job.due = from + job.due.since(from).scaled(factor);
            if !node.paused {
                self.wires.queue.park(job.slot);
                self.wires.queue.schedule(job.slot, job.due);
            }
        }
    }

    /// What happened so far at the station of a node, and what is there now.
    pub fn queueing(&self, id: NodeId) -> Queueing {
        self.line(id).queueing(self.wires.now)
    }

    /// The same up to a moment, which is now or later but before the next event.
    pub fn queueing_at(&self, id: NodeId, at: Time) -> Queueing {
        self.line(id).queueing(at)
    }

    /// The line and the workers of a node.
    pub fn line(&self, id: NodeId) -> &Line<P> {
        &self.node(id).line
    }
}
