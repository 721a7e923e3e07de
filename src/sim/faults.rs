//! Every fault, the same for every protocol. [`Sim::act`] first, so that each deed is one event.

use super::id::NodeId;
use super::kernel::{Sim, Stepped};
use super::node::Work;
use super::protocol::Protocol;
use super::queue::Slot;
use super::time::Time;

/// What happens to the disk when a node crashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// The process dies, the machine lives: every write survives.
    KeepDisk,
    /// Power is lost: what was not synced is gone.
    LoseUnsynced,
    /// The disk is gone.
    WipeDisk,
}

impl<P: Protocol> Sim<P> {
    /// Something is done by hand now: one event, folded with `word`, which must tell different deeds apart. The deed itself
    /// follows: any of the calls below.
    pub fn act(&mut self, word: u64) -> Stepped {
        self.begin();
        self.wires.fold(self.now().0);
        self.wires.fold(word);
        self.end()
    }

    /// A node dies by hand. Messages that it sent before go on; those that reach it while it is down are lost.
    pub fn crash(&mut self, id: NodeId, how: Crash) {
        self.stop(id, how);
        self.stopped_by_hand(id);
    }

    /// A node dies, however that came.
    pub(super) fn stop(&mut self, id: NodeId, how: Crash) {
        let index = self.index(id);
        let node = &mut self.nodes[index];
        node.state = None;
        node.uptime.goes_down(self.wires.now);
        node.life += 1;
        node.paused = false;
        let jobs = node.line.clear(self.wires.now);
        node.fired.clear();
        node.after_sync.clear();
        match how {
            Crash::KeepDisk => node.store.survive(),
            Crash::LoseUnsynced => node.store.lose_unsynced(),
            Crash::WipeDisk => node.store.wipe(),
        }
        for job in jobs {
            self.wires.queue.take(job.slot);
        }
        for running in std::mem::take(&mut self.nodes[index].timers) {
            self.wires.queue.take(running.slot);
        }
        if id.is_client() {
            self.end_requests_of(id);
        } else {
            self.forget_failure(id);
        }
    }

    /// A node that is down boots again from its disk; one that left never does.
    pub fn restart(&mut self, id: NodeId) {
        if self.is_gone(id) {
            return;
        }
        self.forget_failure(id);
        self.boot(id);
        self.watch_for_failure(id);
    }

    /// Stops a node's process; what arrives waits, and what it is busy with stands still.
    pub fn pause(&mut self, id: NodeId) {
        let index = self.index(id);
        if !std::mem::replace(&mut self.nodes[index].paused, true) {
            self.stop_work(id);
        }
    }

    /// Lets a paused process go on, with what it was busy with and then with what waited.
    pub fn resume(&mut self, id: NodeId) {
        let index = self.index(id);
        if std::mem::replace(&mut self.nodes[index].paused, false) {
            self.go_on_with_work(id);
        }
    }

    /// Makes a node this many times slower than normal, also with what it is busy with.
    pub fn slow(&mut self, id: NodeId, factor: f64) {
        let index = self.index(id);
        let before = std::mem::replace(&mut self.nodes[index].slow, factor);
        self.stretch_work(id, factor / before);
    }

    /// Sets a node's clock off.
    pub fn skew(&mut self, id: NodeId, offset_ns: i64) {
        let (index, now) = (self.index(id), self.now());
        self.nodes[index].clock.skew(offset_ns, now);
        self.tell(id, Work::Clock);
    }

    /// Makes a node's clock run fast or slow.
    pub fn drift(&mut self, id: NodeId, ppm: i32) {
        let (index, now) = (self.index(id), self.now());
        self.nodes[index].clock.drift(ppm, now);
        self.tell(id, Work::Clock);
    }

    /// Makes writes to a node's disk fail, or work again.
    pub fn set_disk_full(&mut self, id: NodeId, full: bool) {
        let index = self.index(id);
        self.nodes[index].store.set_full(full);
    }

    /// Makes a timer that runs go off now. `false` when it does not run.
    pub fn fire(&mut self, id: NodeId, timer: P::Timer) -> bool {
        let index = self.index(id);
        let Some(running) = self.nodes[index].timers.iter_mut().find(|running| running.timer == timer) else {
            return false;
        };
        running.due = self.wires.now;
        let slot = running.slot;
        self.reschedule(slot, self.wires.now);
        true
    }

    /// Runs a handler on a node by hand, such as one that makes it leader. Nothing happens when it is down.
    pub fn command(&mut self, id: NodeId, handler: impl FnOnce(&mut P, &mut super::protocol::Cx<'_, P>)) {
        self.with_state(id, handler);
    }

    fn reschedule(&mut self, slot: Slot, at: Time) {
        self.wires.queue.park(slot);
        self.wires.queue.schedule(slot, at);
    }
}
