//! Moments that several protocols know: something is written and not synced, a timer is nearly over, a message is in the air.

use crate::cluster::moment::Moment;
use crate::sim::id::NodeId;
use crate::sim::kernel::Flight;
use crate::sim::time::{Span, Time};

/// A while is nearly over when less than this part of it is left.
const NEARLY: u64 = 8;

/// Those of these moments that are now at a node.
pub fn that_are(node: NodeId, all: &[(&'static str, bool)], out: &mut Vec<Moment>) {
    out.extend(all.iter().filter(|(_, is)| *is).map(|(name, _)| Moment::of(name, node)));
}

/// Whether little is left of a while.
pub fn is_nearly_over(left: Span, all: Span) -> bool {
    left.0 < all.0 / NEARLY
}

/// Whether a timer that was set then, and is due at this time, is about to go off.
pub fn is_about_to_fire((set, due): (Time, Time), now: Time) -> bool {
    is_nearly_over(due.since(now), due.since(set))
}

/// A node and the leader that it may soon take for dead, or whose lease it holds; a leader has no other.
pub fn beside_leader(name: &'static str, node: NodeId, leader: Option<NodeId>) -> Moment {
    Moment { peer: leader.filter(|leader| *leader != node), ..Moment::of(name, node) }
}

/// Something is in the air, and is its sender's.
pub fn in_the_air<M>(name: &'static str, flight: &Flight<M>) -> Moment {
    Moment { name, node: flight.leg.from, peer: Some(flight.leg.to), message: Some(flight.leg.id) }
}

/// The time for so many attempts to elect somebody, each of which costs about a timeout, and for a request to end.
pub fn patience(attempts: u64, timeout: Span, request: Span) -> Span {
    Span(timeout.0.saturating_mul(attempts).saturating_add(request.0))
}
