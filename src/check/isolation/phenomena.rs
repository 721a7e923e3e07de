//! The phenomena by their names.

use super::cycle;
use super::graph::{Edge, Graph, Kind};
use super::history::History;

/// What must not happen, from what every database forbids to what only serializable ones do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phenomenon {
    /// Two overwrote each other's writes (Adya G0).
    DirtyWrite,
    /// One read what was rolled back (G1a).
    AbortedRead,
    /// One read what its writer overwrote itself (G1b).
    IntermediateRead,
    /// Each read or overwrote what the other wrote (G1c).
    CircularFlow,
    /// One overwrote a row by a value that it had worked out from an older version (Berenson P4).
    LostUpdate,
    /// One saw a part of another's writes and not the rest (G-single; Berenson A5A).
    ReadSkew,
    /// Each changed what the other had read (G2-item; Berenson A5B).
    WriteSkew,
    /// The same with rows that were not there when they were looked for (G2; Berenson P3).
    Phantom,
}

/// One that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<T> {
    /// Which.
    pub what: Phenomenon,
    /// Whom it happened to: the transactions of the cycle, or the reader and the writer.
    pub units: Vec<T>,
}

/// One of each kind that there is, in their order.
pub fn phenomena<K: Ord + Clone, T: Ord + Copy>(history: &History<K, T>) -> Vec<Found<T>> {
    let graph = Graph::of(history);
    if !cycle::is_any(&graph) {
        let reads = [(Phenomenon::AbortedRead, aborted_read(history)), (Phenomenon::IntermediateRead, intermediate_read(history))];
        return reads.into_iter().filter_map(|(what, units)| Some(Found { what, units: units? })).collect();
    }
    let found = [
        (Phenomenon::DirtyWrite, cycle::first(&graph, &|kind| kind == Kind::Overwrote)),
        (Phenomenon::AbortedRead, aborted_read(history)),
        (Phenomenon::IntermediateRead, intermediate_read(history)),
        (Phenomenon::CircularFlow, through(&graph, &|kind| kind == Kind::WasRead, &|kind| !kind.is_anti())),
        (Phenomenon::LostUpdate, lost_update(&graph)),
        (Phenomenon::ReadSkew, through(&graph, &Kind::is_anti, &|kind| !kind.is_anti())),
        (Phenomenon::WriteSkew, skew(&graph, Kind::Anti, &|kind| kind != Kind::AntiRange)),
        (Phenomenon::Phantom, skew(&graph, Kind::AntiRange, &|_| true)),
    ];
    found.into_iter().filter_map(|(what, units)| Some(Found { what, units: units? })).collect()
}

/// A cycle of one edge of the first kinds, and others of the second.
fn through<K: Ord + Clone, T: Ord + Copy>(
    graph: &Graph<K, T>,
    one: &dyn Fn(Kind) -> bool,
    others: &dyn Fn(Kind) -> bool,
) -> Option<Vec<T>> {
    edges(graph).filter(|(_, edge)| one(edge.kind)).find_map(|(from, edge)| {
        let mut way = cycle::way(graph, edge.to, from, others)?;
        way.rotate_right(1);
        Some(way)
    })
}

/// A reads, B changes, A changes: all the same row.
fn lost_update<K: Ord + Clone, T: Ord + Copy>(graph: &Graph<K, T>) -> Option<Vec<T>> {
    let loses = |(from, edge): &(T, &Edge<K, T>)| {
        let back = graph.edges.get(&edge.to).into_iter().flatten();
        edge.kind.is_anti() && back.into_iter().any(|back| back.to == *from && back.kind == Kind::Overwrote && back.key == edge.key)
    };
    edges(graph).find(loses).map(|(from, edge)| vec![from, edge.to])
}

/// A cycle by these kinds, with an edge of `one` of them, that needs two edges or more by which one had read what the next overwrote.
fn skew<K: Ord + Clone, T: Ord + Copy>(graph: &Graph<K, T>, one: Kind, by: &dyn Fn(Kind) -> bool) -> Option<Vec<T>> {
    edges(graph).filter(|(_, edge)| edge.kind == one).find_map(|(from, edge)| {
        let is_single = cycle::way(graph, edge.to, from, &|kind| !kind.is_anti()).is_some();
        let mut way = cycle::way(graph, edge.to, from, by).filter(|_| !is_single)?;
        way.rotate_right(1);
        Some(way)
    })
}

fn edges<K: Ord, T: Ord + Copy>(graph: &Graph<K, T>) -> impl Iterator<Item = (T, &Edge<K, T>)> {
    graph.edges.iter().flat_map(|(from, edges)| edges.iter().map(move |edge| (*from, edge)))
}

/// A committed transaction that read what was rolled back, and its writer.
fn aborted_read<K: Ord + Clone, T: Ord + Copy>(history: &History<K, T>) -> Option<Vec<T>> {
    reads(history).find_map(|(reader, _, version)| {
        let writer = version.writer.filter(|writer| *writer != reader)?;
        history.units.get(&writer)?.aborted.then(|| vec![reader, writer])
    })
}

/// A committed transaction that read what its writer overwrote itself before it was committed.
fn intermediate_read<K: Ord + Clone, T: Ord + Copy>(history: &History<K, T>) -> Option<Vec<T>> {
    reads(history).find_map(|(reader, key, version)| {
        let writer = version.writer.filter(|writer| *writer != reader)?;
        let is_over = history.orders.get(key)?.iter().any(|known| known.writer == Some(writer) && known.number > version.number);
        (is_over && !history.is_installed(key, version)).then(|| vec![reader, writer])
    })
}

type OneRead<'a, K, T> = (T, &'a K, super::Version<T>);

fn reads<'a, K: Ord + Clone, T: Ord + Copy>(history: &'a History<K, T>) -> impl Iterator<Item = OneRead<'a, K, T>> {
    let committed = history.units.iter().filter(|(_, unit)| !unit.aborted);
    let seen = |unit: &'a super::Unit<K, T>| unit.reads.iter().flat_map(|read| read.seen.iter());
    committed.flat_map(move |(reader, unit)| seen(unit).map(|(key, version)| (*reader, key, *version)))
}
