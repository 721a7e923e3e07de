//! The moments of the protocol: what is counted and not yet out, and what can still be taken away.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::id::NodeId;
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::facts::{counters, limiters};
use super::message::{Msg, Said, Want};
use super::settings::{Kept, Settings, Step};
use super::{RateLimiter, Timer};

const UNSYNCED: &str = "a count is written, not synced";
const IN_MEMORY: &str = "a count is in memory only";
const WAITS: &str = "a request waits in a queue";
const LEAVES: &str = "a request is about to leave a queue";
const ASKS: &str = "a request is in the air";
const PASSED: &str = "a request that passed is in the air";
const COUNTING: &str = "a question to the store is in the air";
const COUNTED: &str = "a count of the store is in the air";
const READ: &str = "a limiter has read and not written yet";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] = &[
    (UNSYNCED, On::Disk),
    (IN_MEMORY, On::Node),
    (WAITS, On::Node),
    (LEAVES, On::Node),
    (ASKS, On::Wire),
    (PASSED, On::Wire),
    (COUNTING, On::Wire),
    (COUNTED, On::Wire),
    (READ, On::Wire),
];

impl Moments for RateLimiter {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        let in_memory = sim.settings().kept == Kept::Memory;
        for (id, table) in counters(sim) {
            let holds = in_memory && !table.states.is_empty();
            kit::that_are(id, &[(UNSYNCED, sim.node(id).store().has_unsynced()), (IN_MEMORY, holds)], out);
        }
        for (id, limiter) in limiters(sim) {
            let leaves = |running: &crate::sim::node::Running<Timer>| {
                running.timer == Timer::Release && kit::is_nearly_over(running.due.since(sim.now()), spacing(sim.settings()))
            };
            let is_near = sim.node(id).timers().iter().any(leaves);
            kit::that_are(id, &[(WAITS, limiter.queued() > 0), (LEAVES, is_near)], out);
        }
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// After this everything that waited has left, every question has been given up, and every caller knows how it ended.
    fn patience(settings: &Settings) -> Span {
        let queue = spacing(settings).scaled(f64::from(settings.most_at_once()));
        let questions = if settings.step == Step::TwoSteps { 2 } else { 1 };
        let store = settings.store_timeout.scaled(f64::from(questions * (settings.store_retries + 1)));
        queue.max(settings.window.scaled(2.0)) + store + settings.request_timeout.scaled(2.0)
    }
}

/// How far apart a queue lets its requests out.
fn spacing(settings: &Settings) -> Span {
    Span(settings.window.0 / u64::from(settings.limit))
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let name = match &flight.msg {
        Msg::Ask(_) => ASKS,
        Msg::Work(_) => PASSED,
        Msg::Count { want: Want::Write(..), .. } | Msg::Counted { said: Said::Kept(_), .. } => READ,
        Msg::Count { .. } => COUNTING,
        Msg::Counted { .. } => COUNTED,
        Msg::Told { .. } | Msg::Done { .. } => return None,
    };
    Some(kit::in_the_air(name, flight))
}

/// Whether a node can do its part.
pub(super) fn is_working(sim: &Sim<RateLimiter>, id: NodeId) -> bool {
    sim.node(id).is_up() && !sim.node(id).is_paused()
}
