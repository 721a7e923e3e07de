//! How long clients in each zone wait, and which server answers them.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact};
use crate::cluster::live::{Live, Seen, Spread, Staged};
use crate::persistent::OrdMap;
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};
use crate::sim::time::Time;

/// A cluster that tells zones apart.
pub trait Placed: Staged {
    /// What is remembered of them.
    fn places(watch: &Self::Watch) -> &Places;
    /// The server that answered, where one did.
    fn answered_by(ret: &Self::Ret) -> Option<NodeId>;
}

/// What is remembered of one run.
#[derive(Clone, Debug, Default)]
pub struct Places {
    open: OrdMap<RequestId, (Time, bool)>,
    changes: OrdMap<usize, Spread>,
    looks: OrdMap<usize, Spread>,
    answered: OrdMap<NodeId, usize>,
}

impl Places {
    /// Takes in what the last event brought.
    pub fn follow<P: Placed>(&mut self, seen: &Seen<'_, P>) {
        for record in seen.records {
            let Record { request, client, time, .. } = *record;
            match &record.kind {
                Kind::Invoke(op) => _ = self.open.insert(request, (time, P::changes(op))),
                Kind::Ok(ret) => self.ok::<P>(request, ret, (seen.sim.network().map().zone(client), time)),
                _ => _ = self.open.remove(&request),
            }
        }
    }

    fn ok<P: Placed>(&mut self, request: RequestId, ret: &P::Ret, (zone, at): (usize, Time)) {
        let Some((called, changes)) = self.open.remove(&request) else { return };
        let spreads = if changes { &mut self.changes } else { &mut self.looks };
        if !changes || P::changed(ret) {
            spreads.entry(zone).or_default().add(at.since(called));
        }
        if let Some(server) = P::answered_by(ret).filter(|_| !changes) {
            *self.answered.entry(server).or_default() += 1;
        }
    }
}

/// What every cluster with zones tells of them.
pub const fn facts<P: Placed>() -> [Fact<P>; 3] {
    [
        fact(
            "write_ms_in",
            FactKind::Named(Keys::Any),
            "For each zone where a client was told ok for a write: the mean time from call to acknowledgement. So `write_ms_in.eu`.",
            |live| means(live, &P::places(live.watched()).changes),
        ),
        fact(
            "read_ms_in",
            FactKind::Named(Keys::Any),
            "For each zone where a client's read was answered: the mean time from call to answer.",
            |live| means(live, &P::places(live.watched()).looks),
        ),
        fact("reads_at", FactKind::Named(Keys::Nodes), "For each server: how many reads it answered.", |live| {
            let answered = &P::places(live.watched()).answered;
            let reads = |id: NodeId| (id.to_string(), answered.get(&id).copied().unwrap_or_default() as f64);
            FactValue::Named(live.sim().server_ids().map(reads).collect())
        }),
    ]
}

fn means<P: Placed>(live: &Live<P>, spreads: &OrdMap<usize, Spread>) -> FactValue {
    let names = &live.sim().network().map().names;
    if names.is_empty() {
        return FactValue::Absent("all are in one place".into());
    }
    let mean = |(zone, spread): (&usize, &Spread)| Some((names.get(*zone)?.clone(), spread.mean()?.as_ms()));
    FactValue::Named(spreads.iter().filter_map(mean).collect())
}
