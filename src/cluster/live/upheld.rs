//! Invariants: what a model promises whatever is done to it, looked at after every event, in release too.

use crate::command::Poke;
use crate::sim::history::Record;
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;
use crate::sim::trace::Entry;

use super::Staged;

/// What must hold after every event. Each look costs as much as the event changed, never as much as the run is long. An error is
/// the end of a sentence: which invariant, then who broke it and how.
pub trait Upheld<P: Staged>: Clone + Default + Send + Sync {
    /// The cluster has booted.
    fn begin(&mut self, sim: &Sim<P>);

    /// Something was done by hand; it may exclude a promise from now on.
    fn poked(&mut self, poke: &Poke, sim: &Sim<P>);

    /// A client was told something, or asked.
    fn recorded(&mut self, record: &Record<P::Op, P::Ret>, sim: &Sim<P>) -> Result<(), String>;

    /// A line was added to the trace.
    fn traced(&mut self, entry: &Entry<P::Note>, sim: &Sim<P>) -> Result<(), String>;

    /// An event is over. `touched`: the node that it concerned; `None`: perhaps all.
    fn after(&mut self, touched: Option<NodeId>, sim: &Sim<P>) -> Result<(), String>;
}
