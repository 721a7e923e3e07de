//! The moments of the protocol: what is done in part, promised and not decided, decided and not told.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::commit::Stage;
use super::message::Msg;
use super::server::{Server, Session};
use super::settings::Settings;
use super::{Stores, state};

const UNSYNCED: &str = "a log entry is written, not synced";
const OPEN: &str = "a transaction has changed rows and not ended";
const HALF: &str = "an ask is done in part, without a transaction";
const PROMISED: &str = "a shard has promised and not heard";
const GATHERS: &str = "a coordinator gathers promises";
const DECIDED: &str = "a decision is not known to all";
const WAITS: &str = "a statement waits for a lock";
const RUN: &str = "a statement is in the air";
const RAN: &str = "a result is in the air";
const COMMIT: &str = "a commit is in the air";
const VOTE: &str = "a promise is in the air";
const DECISION: &str = "a decision is in the air";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (UNSYNCED, On::Disk),
    (OPEN, On::Node),
    (HALF, On::Node),
    (PROMISED, On::Node),
    (GATHERS, On::Node),
    (DECIDED, On::Node),
    (WAITS, On::Node),
    (RUN, On::Wire),
    (RAN, On::Wire),
    (COMMIT, On::Wire),
    (VOTE, On::Wire),
    (DECISION, On::Wire),
];

impl Moments for Stores {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for id in sim.ids() {
            match sim.node(id).state() {
                Some(Stores::Server(server)) => at_server(id, server, sim, out),
                Some(Stores::Client(client)) => {
                    let is_half = client.runs().any(super::client::Run::has_changed);
                    kit::that_are(id, &[(HALF, is_half)], out);
                }
                None => {}
            }
        }
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// After this every ask has ended, every transaction that nobody goes on with is aborted, and every decision is known.
    fn patience(settings: &Settings) -> Span {
        settings.idle_timeout
            + settings.lock_timeout
            + settings.vote_timeout.scaled(2.0)
            + settings.resend.scaled(4.0)
            + settings.request_timeout
    }
}

fn at_server(id: NodeId, server: &Server, sim: &Sim<Stores>, out: &mut Vec<Moment>) {
    let coordinates = |stage| server.coordinated.values().any(|commit| commit.stage == stage);
    let is_promised = server.sessions.values().any(|session| matches!(session, Session::Promised(_)));
    let all = [
        (UNSYNCED, sim.node(id).store().has_unsynced()),
        (OPEN, server.rows.locked().next().is_some()),
        (PROMISED, is_promised),
        (GATHERS, coordinates(Stage::Gathers)),
        (DECIDED, coordinates(Stage::Decided)),
        (WAITS, server.rows.waiting().next().is_some()),
    ];
    kit::that_are(id, &all, out);
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Run { .. } => RUN,
        Msg::Ran { .. } => RAN,
        Msg::Commit { .. } => COMMIT,
        Msg::Vote { .. } => VOTE,
        Msg::Decide { .. } => DECISION,
        _ => return None,
    };
    Some(kit::in_the_air(name, flight))
}

/// Whether a server of each shop that is asked can do its part.
pub(super) fn is_working(sim: &Sim<Stores>, id: NodeId) -> bool {
    sim.node(id).is_up() && !sim.node(id).is_paused() && state::process(sim, id).is_some() && !sim.node(id).store().is_full()
}
