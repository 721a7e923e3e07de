//! Tables of facts: each with its documentation and how it is worked out, and those that every cluster has.

use crate::cluster::facts::{FactDoc, FactKind, FactValue, Facts};
use crate::cluster::live::{Live, Percentile, Spread, Staged};

/// A fact: its documentation, and how it is worked out when somebody asks.
pub struct Fact<P: Staged> {
    /// Its documentation.
    pub doc: FactDoc,
    /// Its value now.
    pub value: fn(&Live<P>) -> FactValue,
}

/// A fact of this kind.
pub const fn fact<P: Staged>(name: &'static str, kind: FactKind, about: &'static str, value: fn(&Live<P>) -> FactValue) -> Fact<P> {
    Fact { doc: FactDoc { name, kind, about }, value }
}

/// A whole number.
pub const fn int<P: Staged>(name: &'static str, about: &'static str, value: fn(&Live<P>) -> FactValue) -> Fact<P> {
    fact(name, FactKind::Int, about, value)
}

/// A number.
pub const fn float<P: Staged>(name: &'static str, about: &'static str, value: fn(&Live<P>) -> FactValue) -> Fact<P> {
    fact(name, FactKind::Float, about, value)
}

/// How many facts there are in these tables.
pub const fn count<P: Staged>(tables: &[&[Fact<P>]]) -> usize {
    let (mut table, mut sum) = (0, 0);
    while table < tables.len() {
        sum += tables[table].len();
        table += 1;
    }
    sum
}

/// The documentation of these tables: `N` is their [`count`].
pub const fn docs<P: Staged, const N: usize>(tables: &[&[Fact<P>]]) -> [FactDoc; N] {
    let mut docs = [FactDoc { name: "", kind: FactKind::Int, about: "" }; N];
    let (mut table, mut at) = (0, 0);
    while table < tables.len() {
        let mut row = 0;
        while row < tables[table].len() {
            docs[at] = tables[table][row].doc;
            (row, at) = (row + 1, at + 1);
        }
        table += 1;
    }
    docs
}

/// Fills in the facts that are asked for.
pub fn fill<P: Staged>(live: &Live<P>, out: &mut Facts) {
    for Fact { doc, value } in P::FACTS.iter().flat_map(|table| table.iter()) {
        if out.is_full() {
            return;
        }
        out.fill(doc.name, || value(live));
    }
}

/// A mean with its count; none while there is nothing to measure.
pub fn mean(spread: &Spread) -> FactValue {
    let of = spread.count();
    spread.mean().map_or_else(|| FactValue::Absent("nothing to measure yet".into()), |mean| FactValue::Sampled { value: mean.as_ms(), of })
}

/// A percentile with its count; none of too few.
pub fn percentile(spread: &Spread, percentile: Percentile) -> FactValue {
    let of = spread.count();
    let too_few = || FactValue::Absent(format!("{of} of the {} it needs", percentile.needs()));
    spread.percentile(percentile).map_or_else(too_few, |span| FactValue::Sampled { value: span.as_ms(), of })
}

/// So much for each request that has ended.
pub fn per_operation<P: Staged>(live: &Live<P>, n: u64) -> FactValue {
    match live.meter().ended() as u64 {
        0 => FactValue::Absent("no operation has ended".into()),
        of => FactValue::Sampled { value: n as f64 / of as f64, of },
    }
}

/// What every cluster tells of its wires.
pub const fn wires<P: Staged>() -> [Fact<P>; 5] {
    [
        int("messages", "Messages sent so far, heartbeats and copies included.", |live| {
            FactValue::int(live.sim().sent().messages as usize)
        }),
        float("messages_per_op", "Messages sent so far for each operation that has ended, heartbeats and copies included.", |live| {
            per_operation(live, live.sim().sent().messages)
        }),
        float("bytes_per_op", "Bytes sent for each operation that has ended.", |live| per_operation(live, live.sim().sent().bytes)),
        int("in_flight", "Messages on their way.", |live| FactValue::int(live.sim().flights().count())),
        int("shed", "Requests that a workload did not make because its client had too many open ones.", |live| {
            FactValue::int(live.sim().shed() as usize)
        }),
    ]
}

/// What every cluster tells of its servers and of what waits.
pub const fn nodes_up<P: Staged>() -> Fact<P> {
    int("nodes_up", "Servers that are neither down nor paused.", |live| {
        let sim = live.sim();
        FactValue::int(sim.ids().filter(|id| !id.is_client() && sim.node(*id).is_up() && !sim.node(*id).is_paused()).count())
    })
}
