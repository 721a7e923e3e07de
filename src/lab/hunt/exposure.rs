//! Whether a run could have broken anything: one in which nothing happened proves nothing.

use super::fault::Class;
use super::stage::Stage;
use crate::cluster::moment::{Moment, UNSYNCED};
use crate::cluster::scene::Sign;
use crate::cluster::{Cluster, NoteMark, What};
use crate::command::{DiskFate, Place, Poke};
use crate::sim::id::NodeId;
use crate::sim::time::Time;

/// What a fault is about to meet.
pub(super) struct Met {
    event: u64,
    at: Time,
    unsynced: bool,
}

impl Met {
    pub(super) fn now(poke: &Poke, cluster: &dyn Cluster) -> Met {
        let mut moments: Vec<Moment> = Vec::new();
        let unsynced = takes_unsynced(poke).is_some_and(|node| {
            cluster.moments(&mut moments);
            moments.iter().any(|moment| moment.name == UNSYNCED && moment.node == node)
        });
        Met { event: cluster.events(), at: cluster.now(), unsynced }
    }
}

/// The server from which a poke takes what is not synced.
fn takes_unsynced(poke: &Poke) -> Option<NodeId> {
    match poke {
        Poke::Crash(Place::Node(node), DiskFate::LosesUnsynced | DiskFate::Wiped) => Some(*node),
        _ => None,
    }
}

/// What the faults of a run met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Exposure {
    /// Whether there was a fault to draw.
    asked: bool,
    /// The event and the time of the first fault.
    first: Option<(u64, Time)>,
    /// Faults that change a run by themselves.
    pub(super) alone: u32,
    /// Losses of power, or of a disk, that hit something not synced.
    pub(super) unsynced: u32,
    /// Operations that were acknowledged and called after the first fault.
    pub(super) acknowledged: u32,
    /// How often a server began to lead after it.
    pub(super) elections: u32,
    /// Messages, heartbeats not counted, that died after it.
    pub(super) lost: u32,
}

impl Exposure {
    /// Nothing was met so far. `asked`: whether there is a fault to draw.
    pub(super) fn new(asked: bool) -> Exposure {
        Exposure { asked, ..Exposure::default() }
    }

    /// A fault of this class was done; `met` is what [`Met::now`] said before.
    pub(super) fn add(&mut self, class: Class, met: &Met) {
        self.first = self.first.or(Some((met.event, met.at)));
        self.alone += u32::from(class.acts_alone());
        self.unsynced += u32::from(met.unsynced);
    }

    /// Looks back at the end of the schedule, before anything is healed.
    pub(super) fn look_back(&mut self, stage: &Stage) {
        let (event, at) = self.first.unwrap_or_default();
        let exchanges = stage.cluster.exchanges();
        let acknowledged = exchanges.iter().filter(|exchange| exchange.called.event > event && exchange.outcome.is_ok());
        self.acknowledged = acknowledged.count() as u32;
        let mut happened = Vec::new();
        stage.cluster.happenings(at, &mut happened);
        for happening in happened.iter().filter(|happening| happening.event > event) {
            match &happening.what {
                What::Note { mark: NoteMark::Leads, .. } => self.elections += 1,
                What::Lost { kind, .. } if kind.sign != Sign::Heartbeat => self.lost += 1,
                _ => {}
            }
        }
    }

    /// Whether the run could have broken a promise: work went on after a fault, and the fault met something. Where no faults were
    /// drawn, work is enough.
    pub(super) fn counts(&self) -> bool {
        let met = !self.asked || self.alone + self.unsynced + self.elections + self.lost > 0;
        met && self.acknowledged > 0
    }
}
