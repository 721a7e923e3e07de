//! What load, and its cures, cost.

use crate::cluster::facts::{FactKind, FactValue, Keys};
use crate::cluster::kit::facts::{Fact, fact, float, int};
use crate::cluster::kit::settings::Takes;
use crate::cluster::live::Live;

use super::super::words::Balancing;
use super::super::{cost, front};
use super::{Traffic, none};

/// What it costs.
pub(super) static COST: [Fact<Traffic>; 14] = [
    fact("balancing", FactKind::Text, "The rule by which the front picks.", |live| {
        FactValue::Text(Balancing::write(&live.sim().settings().balancing))
    }),
    float(
        "attempts_per_request",
        "Requests that reached servers, for each request of a user so far: of those that went to a dead server none did.",
        |live| {
            let given = live.watched().in_all(|server| server.given.total());
            per(given, live.watched().served.offered.total())
        },
    ),
    int("for_nobody", "Pages that came back from servers so far and that no user got, because it had given up or the front had.", |live| {
        let made = live.watched().in_all(|server| server.served.total());
        FactValue::int(made.saturating_sub(live.watched().served.good.total()) as usize)
    }),
    int(
        "moved",
        "Requests so far that went to another server than the last one of their visitor; further tries are not counted.",
        |live| FactValue::int(live.watched().handed.moved as usize),
    ),
    int(
        "given_dead",
        "Requests so far that went to a server that had been down, paused or cut off for longer than checks take to notice.",
        |live| FactValue::int(live.watched().handed.to_dead as usize),
    ),
    float("server_s", "Seconds that all servers together were there, which is what they cost.", |live| {
        FactValue::Float(live.watched().server_seconds(live.sim().now()))
    }),
    int("dropped", "Requests that died with a server that was taken out.", |live| FactValue::int(live.watched().taken_out().0 as usize)),
    float("attempts_per_s", "Requests that the front handed to servers, a second, in the last second.", |live| {
        FactValue::Float(live.watched().handed.attempts.per_second(live.sim().now()))
    }),
    float("retry_share", "The share of them that had been tried before, 0 to 1.", |live| {
        let (handed, now) = (&live.watched().handed, live.sim().now());
        let (all, again) = (handed.attempts.per_second(now), handed.retries.per_second(now));
        if all > 0.0 { FactValue::Float(again / all) } else { none("nothing was handed to a server in the last second") }
    }),
    int("scale_ups", "How often the autoscaler added servers.", |live| scalings(live, |(ups, _)| ups)),
    int("scale_downs", "How often it removed some.", |live| scalings(live, |(_, downs)| downs)),
    float("cost", "What everything that runs costs now; the smallest server costs 1.", |live| FactValue::Float(cost::all(live.sim()))),
    fact("costs", FactKind::Named(Keys::Any), "The parts of `cost`: servers, database and so on.", |live| {
        let parts = cost::PARTS.into_iter().zip(cost::parts(live.sim()));
        FactValue::Named(parts.map(|(name, cost)| (name.to_string(), cost)).collect())
    }),
    float("cost_s", "What everything cost so far: `cost` times seconds.", |live| FactValue::Float(cost::so_far(live))),
];

fn per(n: u64, of: u64) -> FactValue {
    if of == 0 { none("no request yet") } else { FactValue::Sampled { value: n as f64 / of as f64, of } }
}

fn scalings(live: &Live<Traffic>, of: fn((u32, u32)) -> u32) -> FactValue {
    front(live.sim()).map_or_else(|| none("the front is down"), |front| FactValue::int(of(front.scalings) as usize))
}
