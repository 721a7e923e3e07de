//! The protocol on the bare simulator, with its watch, for tests.

use std::sync::Arc;

use super::message::{Note, Op};
use super::queue::Queue;
use super::settings::{Acknowledge, Settings};
use super::watch::{self, Watch};
use super::worker::Worker;
use super::{BROKER, WorkQueue};
use crate::check::queue::{at_least_once, at_most_once, effect_once, in_group_order, in_order};
use crate::check::verdict::Holds;
use crate::cluster::live::Worded as _;
use crate::sim::dist::Dist;
use crate::sim::faults::Crash;
use crate::sim::id::NodeId;
use crate::sim::kernel::{Config, Sim};
use crate::sim::network::{Map, Policy};
use crate::sim::time::{Span, Time};
use crate::sim::trace::Trace;

/// A small cluster with exact times: 10 ms a message, 1 ms a sync, 1 s of work, leases of 5 s.
pub(super) struct Bench {
    pub(super) sim: Sim<WorkQueue>,
    pub(super) watch: Watch,
    seen: (usize, usize),
}

pub(super) fn exact() -> Settings {
    Settings {
        latency: Arc::new(Dist::Const(Span::ms(10))),
        work: Arc::new(Dist::Const(Span::s(1))),
        visibility: Span::s(5),
        ..Settings::default()
    }
}

pub(super) fn acknowledging(acknowledge: Acknowledge) -> Settings {
    Settings { acknowledge, ..exact() }
}

/// The worker of this number, from 1.
pub(super) fn worker(n: u16) -> NodeId {
    NodeId::server(n + 1)
}

impl Bench {
    pub(super) fn new(settings: Settings, workers: u16) -> Bench {
        Bench::seeded(settings, workers, 1)
    }

    pub(super) fn seeded(settings: Settings, workers: u16, seed: u64) -> Bench {
        let (latency, disk) = (settings.latency.as_ref().clone(), settings.disk.as_ref().clone());
        let config = Config {
            seed,
            servers: 2 + workers,
            clients: 2,
            map: Map::single(latency),
            policy: Policy::default(),
            disk,
            handling: Span::ZERO,
            keep_trace: true,
            settings,
        };
        let mut bench = Bench { sim: Sim::new(config), watch: Watch::default(), seen: (0, 0) };
        bench.look();
        bench
    }

    fn look(&mut self) {
        for record in self.sim.history().from(self.seen.0) {
            self.watch.record(&record);
        }
        for entry in self.sim.trace().from(self.seen.1) {
            if let Trace::Note(who, note) = &entry.what {
                self.watch.see(entry.event, *who, note);
            }
        }
        self.seen = (self.sim.history().len(), self.sim.trace().len());
        self.watch.settle(&self.sim, self.sim.touched());
    }

    /// Does something by hand.
    pub(super) fn act<T>(&mut self, deed: impl FnOnce(&mut Sim<WorkQueue>) -> T) -> T {
        self.sim.act(1);
        let done = deed(&mut self.sim);
        self.look();
        done
    }

    /// `o-17`, or `o-17 in anna`.
    pub(super) fn send(&mut self, text: &str) {
        let (key, group) = text.split_once(" in ").map_or((text, None), |(key, group)| (key, Some(group)));
        let op = Op::Send { key: Some(key.into()), group: group.map(Into::into), urgent: key.starts_with("urgent") };
        assert!(self.act(|sim| sim.request(NodeId::client(0), op, None)));
    }

    pub(super) fn crash(&mut self, node: NodeId, how: Crash) {
        self.act(|sim| sim.crash(node, how));
    }

    pub(super) fn restart(&mut self, node: NodeId) {
        self.act(|sim| sim.restart(node));
    }

    pub(super) fn pause(&mut self, node: NodeId) {
        self.act(|sim| sim.pause(node));
    }

    pub(super) fn resume(&mut self, node: NodeId) {
        self.act(|sim| sim.resume(node));
    }

    /// Nothing passes between two nodes, either way.
    pub(super) fn cut(&mut self, left: NodeId, right: NodeId) {
        self.act(|sim| sim.network_mut().cut([left].into(), [right].into(), false));
    }

    pub(super) fn heal(&mut self) {
        self.act(|sim| sim.network_mut().heal_all());
    }

    pub(super) fn set(&mut self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.sim.settings().clone();
        change(&mut settings);
        self.act(|sim| sim.change_settings(settings));
    }

    pub(super) fn step(&mut self) -> bool {
        let stepped = self.sim.step().is_some();
        self.look();
        stepped
    }

    pub(super) fn run(&mut self, span: Span) {
        let end = self.sim.now() + span;
        while self.sim.next_at().is_some_and(|next| next <= end) {
            self.step();
        }
        self.sim.wait_until(end);
    }

    /// Runs until a note like this one.
    pub(super) fn until(&mut self, is: impl Fn(NodeId, &Note) -> bool) {
        let end = self.sim.now() + Span::s(100);
        let mut seen = self.sim.trace().len();
        loop {
            assert!(self.sim.now() < end && self.step(), "it never happens\n{}", self.story());
            let trace = self.sim.trace();
            if trace.from(seen).into_iter().any(|entry| matches!(&entry.what, Trace::Note(who, note) if is(*who, note))) {
                return;
            }
            seen = trace.len();
        }
    }

    pub(super) fn queue(&self) -> &Queue {
        watch::queue(&self.sim).expect("a queue")
    }

    pub(super) fn worker(&self, n: u16) -> &Worker {
        match self.sim.node(worker(n)).state() {
            Some(WorkQueue::Worker(worker)) => worker,
            other => panic!("{other:?}"),
        }
    }

    /// What was noted, in words.
    pub(super) fn notes(&self) -> Vec<(Time, String)> {
        let name = |id: NodeId| id.to_string();
        let all = self.sim.trace().all().into_iter();
        all.filter_map(|entry| match &entry.what {
            Trace::Note(who, note) => Some((entry.at, note.text(*who, &name))),
            _ => None,
        })
        .collect()
    }

    pub(super) fn story(&self) -> String {
        let lines: Vec<String> = self.notes().into_iter().map(|(at, text)| format!("{at} {text}")).collect();
        lines.join("\n")
    }

    /// At most once, at least once, effect once, in order, in order per group.
    pub(super) fn judged(&self) -> [Holds; 5] {
        let messages = self.watch.messages(&self.sim);
        let name = |n: u32| NodeId::server(n as u16).to_string();
        [at_most_once(&messages, &name), at_least_once(&messages), effect_once(&messages), in_order(&messages), in_group_order(&messages)]
            .map(|judged| judged.holds)
    }

    /// How often the message with this key was done and took effect.
    pub(super) fn times(&self, key: &str) -> (usize, usize) {
        let messages = self.watch.messages(&self.sim);
        let message = messages.iter().find(|message| &*message.key == key).unwrap_or_else(|| panic!("no {key}"));
        (message.done.len(), message.effects.len())
    }

    pub(super) fn broker(&mut self, deed: impl FnOnce(&mut super::broker::Broker, &mut super::Context<'_>)) {
        self.act(|sim| {
            sim.command(BROKER, |state, cx| {
                if let WorkQueue::Broker(broker) = state {
                    deed(broker, cx);
                }
            });
        });
    }
}
