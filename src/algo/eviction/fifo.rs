//! First in, first out: no stack algorithm, so more room can hit less (Belady, Nelson and Shedler 1969).

use super::one_line::{Discipline, OneLine};

#[derive(Clone, Debug)]
pub(super) enum Arrival {}
pub(super) type Fifo<K> = OneLine<K, Arrival>;

impl Discipline for Arrival {
    const WHY: &'static str = "came first";

    fn hit<K: Ord + Clone>(_: &mut OneLine<K, Self>, _: &K) {}

    fn pick<K: Ord + Clone>(cache: &mut OneLine<K, Self>) -> Option<K> {
        cache.line.pop()
    }
}
