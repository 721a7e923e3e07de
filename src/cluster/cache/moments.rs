//! The moments of the protocol: what is in somebody's hands and may be too late, or lost.

use crate::cluster::kit::moments::{in_the_air, that_are};
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::message::Msg;
use super::settings::Settings;
use super::watch::{apps, cache};
use super::{CACHE, Caching, app::Job};

const LOADS: &str = "an application loads a key";
const BETWEEN: &str = "a write is between its steps";
const DIRTY: &str = "an entry is dirty";
const WRITES: &str = "the cache writes to the database";
const CACHE_LOADS: &str = "the cache loads a key";
const LOADED: &str = "a loaded row is in the air";
const FILL: &str = "a fill is in the air";
const DELETE: &str = "a delete is in the air";
const SET: &str = "an update is in the air";
const WRITE: &str = "a write is on its way to the database";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (LOADS, On::Node),
    (BETWEEN, On::Node),
    (DIRTY, On::Node),
    (WRITES, On::Node),
    (CACHE_LOADS, On::Node),
    (LOADED, On::Wire),
    (FILL, On::Wire),
    (DELETE, On::Wire),
    (SET, On::Wire),
    (WRITE, On::Wire),
];

impl Moments for Caching {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for (id, app) in apps(sim) {
            let between = app.calls.all().any(|job| matches!(job, Job::Write(write) if write.is_written));
            that_are(id, &[(LOADS, !app.loading.is_empty()), (BETWEEN, between)], out);
        }
        if let Some(cache) = cache(sim) {
            let is = [
                (DIRTY, !cache.shelf.dirty().is_empty()),
                (WRITES, !cache.puts.is_empty() || !cache.flushing.is_empty()),
                (CACHE_LOADS, !cache.loading.is_empty()),
            ];
            that_are(CACHE, &is, out);
        }
        out.extend(sim.flights().filter_map(flying));
    }

    /// Whoever waits has given up by then, and dirty entries are written.
    fn patience(settings: &Settings) -> Span {
        let waits = settings.db_timeout.scaled(3.0) + settings.cache_timeout.scaled(3.0);
        waits + settings.flush.scaled(2.0) + settings.request_timeout
    }
}

fn flying(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Row { .. } => LOADED,
        Msg::Fill { .. } => FILL,
        Msg::Delete { .. } | Msg::Purge { .. } => DELETE,
        Msg::Set { .. } | Msg::Put { .. } => SET,
        Msg::Write { .. } => WRITE,
        _ => return None,
    };
    Some(in_the_air(name, flight))
}
