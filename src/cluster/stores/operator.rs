//! What an operator can do by hand.

use crate::cluster::kit::ask::{Deed, client_of, each_client, verb, verbs};
use crate::command::VerbDoc;
use crate::sim::faults::Crash;

use super::Stores;

/// What operators do.
pub(super) static DEEDS: [Deed<Stores>; 1] = [Deed {
    doc: verb(
        "kill",
        &["kill APPLICATION"],
        "kill c1",
        "the application of a client dies in the middle of what it does, and is started again",
    ),
    can: |sim, call| client_of(sim, call, "APPLICATION", "client").map(|_| ()),
    perform: |sim, call| {
        if let Ok(id) = client_of(sim, call, "APPLICATION", "client") {
            sim.crash(id, Crash::KeepDisk);
            sim.restart(id);
        }
    },
    offers: each_client,
}];

/// Their words.
pub(super) static VERBS: [VerbDoc; 1] = verbs(&DEEDS);
