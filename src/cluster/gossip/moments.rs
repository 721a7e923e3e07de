//! The moments of a group: what is in the air, and what hangs on one member.

use crate::cluster::kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::message::{Body, Msg};
use super::settings::{Detector, Settings};
use super::watch::running;
use super::{Gossip, Timer};

const PING: &str = "a ping is in the air";
const ANSWER: &str = "the answer to a ping is in the air";
const RUMOUR: &str = "a rumour is in the air";
const WAITS: &str = "a member waits for an answer";
const SUSPECTS: &str = "the time to object is about to end";
const ALONE: &str = "one member alone knows a rumour";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] =
    &[(PING, On::Wire), (ANSWER, On::Wire), (RUMOUR, On::Wire), (WAITS, On::Node), (SUSPECTS, On::Node), (ALONE, On::Node)];

impl Moments for Gossip {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for id in sim.server_ids() {
            for running in sim.node(id).timers() {
                match running.timer {
                    Timer::NoAck => out.push(Moment::of(WAITS, id)),
                    Timer::Suspicion(about) if kit::moments::is_about_to_fire((running.set, running.due), sim.now()) => {
                        out.push(Moment { peer: Some(about), ..Moment::of(SUSPECTS, id) });
                    }
                    _ => {}
                }
            }
        }
        alone(sim, out);
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// How long after the last fault until everybody who is dead is known to be, everybody who lives has objected, and rumours are out.
    fn patience(settings: &Settings) -> Span {
        let looks = match settings.detector {
            Detector::Heartbeat | Detector::Phi => super::listen::patience(settings, None).scaled(2.0),
            Detector::Swim | Detector::None => Span::ZERO,
        };
        let witnesses = if settings.witnesses > 1 { settings.window } else { Span::ZERO };
        let periods = settings.period.scaled(PERIODS) + settings.round.scaled(PERIODS);
        periods + looks + witnesses + settings.suspicion + settings.sync.unwrap_or_default().scaled(EXCHANGES)
    }
}

fn alone(sim: &Sim<Gossip>, out: &mut Vec<Moment>) {
    let mut knowers = std::collections::BTreeMap::new();
    for (id, member) in running(sim) {
        member.rumours.known().keys().for_each(|number| knowers.entry(*number).or_insert_with(Vec::new).push(id));
    }
    out.extend(knowers.values().filter(|all| all.len() == 1).map(|all| Moment::of(ALONE, all[0])));
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let Msg::Talk(talk) = &flight.msg else { return None };
    let name = match talk.body {
        Body::Ping(_) => PING,
        Body::Ack(_) => ANSWER,
        Body::Push(_) | Body::Exchange(_) | Body::Answer(_) => RUMOUR,
        _ => return None,
    };
    Some(kit::moments::in_the_air(name, flight))
}

/// Periods and rounds within which everybody has been pinged, and everything has got around.
const PERIODS: f64 = 14.0;
/// Exchanges within which somebody has talked to everybody who is held for dead.
const EXCHANGES: f64 = 3.0;
