//! Which server of a cluster serves a command: `getNodeByQuery` of `cluster.c`.

use crate::algo::redis::{Asked, Keyspace, Reply, error, slot};
use crate::sim::id::NodeId;

use super::bus::Bus;

/// The port that every server listens to.
pub(super) const PORT: &str = "6379";

/// Why a server does not serve a command; `None`: it does. `follows`: whom it follows; `now`: its clock on the wall, in milliseconds.
pub(super) fn route(bus: &Bus, (me, follows): (NodeId, Option<NodeId>), now: u64, asked: &Asked<'_>, keys: &Keyspace) -> Option<Reply> {
    let first = asked.keys.first()?;
    let at = slot(first);
    let Some(owner) = bus.conf.slots.owner(at) else { return Some(error("CLUSTERDOWN Hash slot not served")) };
    if asked.keys.iter().any(|key| slot(key) != at) {
        return Some(error("CROSSSLOT Keys in request don't hash to the same slot"));
    }
    if !bus.is_ok {
        return Some(error("CLUSTERDOWN The cluster is down"));
    }
    let leaves_for = bus.conf.migrating.get(&at).filter(|_| owner == me);
    let arrives = owner != me && bus.conf.importing.contains_key(&at);
    if asked.moves && (leaves_for.is_some() || arrives) {
        return None;
    }
    let missing = asked.keys.iter().any(|key| !keys.has(key, now));
    let some = asked.keys.iter().any(|key| keys.has(key, now));
    let several = asked.keys.iter().any(|key| key != first);
    let try_again = || Some(error("TRYAGAIN Multiple keys request during rehashing of slot"));
    match leaves_for {
        // Some keys are here, and some there: neither server can do it alone.
        Some(_) if missing && some => return try_again(),
        Some(to) if missing => return Some(error(format!("ASK {at} {to}:{PORT}"))),
        _ => {}
    }
    if arrives && asked.asking {
        return if several && missing { try_again() } else { None };
    }
    let old_will_do = asked.reads_old && !asked.writes && follows == Some(owner);
    (owner != me && !old_will_do).then(|| error(format!("MOVED {at} {owner}:{PORT}")))
}

/// What a redirection says: whether it is for this time only (ASK), the slot, and the server.
pub(super) fn redirected(told: &str) -> Option<(bool, u16, NodeId)> {
    let mut words = told.split(' ');
    let asks = match words.next()? {
        "ASK" => true,
        "MOVED" => false,
        _ => return None,
    };
    let slot = words.next()?.parse().ok()?;
    let server = words.next()?.split(':').next()?.parse().ok()?;
    Some((asks, slot, server))
}
