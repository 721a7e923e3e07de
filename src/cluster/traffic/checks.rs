//! Health checks, and taking servers in and out.

use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;
use crate::sim::time::Time;

use super::Traffic;
use super::front::{Front, send};
use super::message::{Msg, Timer};
use super::note::Note;
use super::pool::{Backend, Part};

impl Front {
    /// Looks at every server, and again after the interval.
    pub(super) fn on_check(&mut self, cx: &mut Cx<'_, Traffic>) {
        if self.awaits {
            self.on_missed(cx);
        }
        (self.round, self.awaits) = (self.round + 1, true);
        for backend in self.pool.backends.iter().filter(|backend| backend.is_checked()) {
            cx.send(backend.id, Msg::Check { round: self.round });
        }
        let (Some(every), timeout) = (cx.settings().check, cx.settings().check_timeout) else { return };
        cx.set_timer(every, Timer::Check);
        cx.set_timer(timeout.min(every), Timer::Missed);
    }

    /// A server answered a check: one is enough to be trusted again.
    pub(super) fn on_fine(&mut self, from: NodeId, round: u32, cx: &mut Cx<'_, Traffic>) {
        let Some(at) = self.pool.find(from).filter(|_| round == self.round) else { return };
        let backend = &mut self.pool.backends[at];
        (backend.answered, backend.missed) = (round, 0);
        if !std::mem::replace(&mut backend.healthy, true) {
            cx.note(Note::Back { server: from });
            self.pool.settle(cx.settings());
            self.go_on_with_deploy(cx);
        }
    }

    /// Counts who did not answer the last check; who missed so many in a row as the threshold says is out.
    pub(super) fn on_missed(&mut self, cx: &mut Cx<'_, Traffic>) {
        self.awaits = false;
        let (round, threshold) = (self.round, cx.settings().check_threshold);
        for backend in self.pool.backends.iter_mut().filter(|backend| backend.is_checked() && backend.answered != round) {
            backend.missed += 1;
            if backend.healthy && backend.missed >= threshold {
                backend.healthy = false;
                cx.note(Note::Out { server: backend.id, missed: backend.missed });
            }
        }
        self.pool.settle(cx.settings());
    }

    /// A server is new, and gets its share when it is warm; one that is known has started again, and its checks will tell.
    pub(super) fn on_joins(&mut self, id: NodeId, cx: &mut Cx<'_, Traffic>) {
        cx.send(id, Msg::Joined);
        if self.pool.find(id).is_some() {
            return;
        }
        let (now, settings) = (cx.steady(), cx.settings().clone());
        let warm_in = settings.warm_up;
        self.has_come();
        self.pool.add(id, self.version, now + warm_in, now, &settings);
        if warm_in.0 > 0 {
            cx.note(Note::Starts { server: id, warm_in });
            cx.start_timer(warm_in, Timer::Warm);
        }
        self.go_on_with_deploy(cx);
    }

    /// Somebody is warm, and perhaps not all.
    pub(super) fn on_warm(&mut self, cx: &mut Cx<'_, Traffic>) {
        let now = cx.steady();
        let mut next = None;
        for backend in &mut self.pool.backends {
            match backend.part {
                Part::Starts(at) if at <= now => {
                    (backend.part, backend.busy, backend.load) = (Part::Serves, 0, 0);
                    cx.note(Note::Warm { server: backend.id, healthy: backend.healthy });
                }
                Part::Starts(at) => next = Some(next.map_or(at, |next: Time| next.min(at))),
                _ => {}
            }
        }
        if let Some(next) = next {
            cx.set_timer(next.since(now), Timer::Warm);
        }
        self.pool.settle(cx.settings());
        self.go_on_with_deploy(cx);
    }

    /// A server gets nothing new and finishes what it has.
    pub(super) fn drain(&mut self, id: NodeId, cx: &mut Cx<'_, Traffic>) {
        let Some(at) = self.pool.find(id) else { return };
        let backend = &mut self.pool.backends[at];
        backend.part = Part::Drains;
        cx.note(Note::Drains { server: id, left: backend.open });
        if let Some(most) = cx.settings().drain_most {
            backend.drained_by = cx.steady() + most;
            cx.start_timer(most, Timer::Drain);
        }
        self.pool.settle(cx.settings());
        self.finish_drain(at, cx);
    }

    /// Some server has had as long to finish as it may, and perhaps not all.
    fn on_drain(&mut self, cx: &mut Cx<'_, Traffic>) {
        let now = cx.steady();
        let drains = |backend: &&Backend| backend.part == Part::Drains;
        let over: Vec<NodeId> = self.pool.there().filter(drains).filter(|b| b.drained_by <= now).map(|b| b.id).collect();
        for id in over {
            self.remove(id, cx);
        }
        let next = self.pool.there().filter(drains).map(|backend| backend.drained_by).filter(|by| *by < Time::END).min();
        if let Some(next) = next {
            cx.set_timer(next.since(now), Timer::Drain);
        }
    }

    /// A server that drains has finished when it has nothing more.
    pub(super) fn finish_drain(&mut self, at: usize, cx: &mut Cx<'_, Traffic>) {
        let backend = &mut self.pool.backends[at];
        if backend.part == Part::Drains && backend.open == 0 {
            self.take_out(at, cx);
        }
    }
}

impl Front {
    pub(super) fn on_message(&mut self, from: NodeId, msg: Msg, cx: &mut Cx<'_, Traffic>) {
        match msg {
            Msg::Ask { .. } => self.on_ask(msg, cx),
            Msg::Done { .. } => self.on_done(&msg, cx),
            Msg::More(answer) => send(answer, cx),
            Msg::Fine { round } => self.on_fine(from, round, cx),
            Msg::Joins => self.on_joins(from, cx),
            _ => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, cx: &mut Cx<'_, Traffic>) {
        match timer {
            Timer::Tries => self.on_overdue(cx),
            Timer::Check => self.on_check(cx),
            Timer::Missed => self.on_missed(cx),
            Timer::Warm => self.on_warm(cx),
            Timer::Drain => self.on_drain(cx),
            Timer::Again => self.on_again(cx),
            Timer::Join | Timer::Missing => {}
            Timer::Scale => self.on_scale(cx),
            Timer::News => {
                self.pool.learn_all();
                cx.set_timer(cx.settings().news, Timer::News);
            }
        }
    }

    /// A server is taken out at once: what it has dies with it, unless it may be tried at another.
    pub(super) fn remove(&mut self, id: NodeId, cx: &mut Cx<'_, Traffic>) {
        let Some(at) = self.pool.find(id) else { return };
        self.pool.backends[at].part = Part::Gone;
        self.pool.settle(cx.settings());
        self.abandon(at, cx);
        self.take_out(at, cx);
    }

    fn take_out(&mut self, at: usize, cx: &mut Cx<'_, Traffic>) {
        let backend = &mut self.pool.backends[at];
        (backend.part, backend.taken_out) = (Part::Gone, true);
        cx.note(Note::TakenOut { server: backend.id, died: backend.died, late: backend.late });
        cx.remove_server(backend.id);
        self.pool.settle(cx.settings());
        self.go_on_with_deploy(cx);
    }

    pub(super) fn remove_newest(&mut self, cx: &mut Cx<'_, Traffic>) {
        let newest = self.pool.there().rev().find(|backend| backend.part != Part::Drains).map(|backend| backend.id);
        if let Some(id) = newest {
            self.drain(id, cx);
        }
    }
}
