//! The moments of the protocol: what is on its way and can still be taken away.

use crate::cluster::kit::moments as kit;
use crate::cluster::live::Moments;
use crate::cluster::moment::{Moment, On};
use crate::sim::kernel::{Flight, Sim};
use crate::sim::time::Span;

use super::frame::{Says, Socket};
use super::listener::Line;
use super::message::{Msg, What};
use super::settings::{Does, Settings};
use super::{Exchange, FIRST};

const ASKED: &str = "a request is in the air";
const TOLD: &str = "an answer is in the air";
const NEWS: &str = "a message is in the air";
const CANCEL: &str = "a cancellation is in the air";
const OPENS: &str = "a line is being opened";
const SHOWS: &str = "a message is received and not shown";
const WORKS: &str = "a call is worked on";

/// Every name, and what can be taken away there.
pub(super) static NAMES: &[(&str, On)] =
    &[(ASKED, On::Wire), (TOLD, On::Wire), (NEWS, On::Wire), (CANCEL, On::Wire), (OPENS, On::Node), (SHOWS, On::Node), (WORKS, On::Node)];

impl Moments for Exchange {
    /// Every moment of now.
    fn moments(sim: &Sim<Self>, out: &mut Vec<Moment>) {
        for id in sim.ids() {
            match sim.node(id).state() {
                Some(Exchange::Client(client)) => {
                    let Some(listener) = client.listener() else { continue };
                    let opens = matches!(listener.line, Line::Opening(..));
                    kit::that_are(id, &[(OPENS, opens), (SHOWS, !listener.queue.is_empty())], out);
                }
                Some(Exchange::Server(server)) => {
                    let works = matches!(&server.doing, super::server::Doing::Calls(handlers) if !handlers.jobs.is_empty());
                    kit::that_are(id, &[(WORKS, works)], out);
                }
                _ => {}
            }
        }
        out.extend(sim.flights().filter_map(in_the_air));
    }

    /// After this lines stand again, and what was lost has been sent again.
    fn patience(settings: &Settings) -> Span {
        let asked = settings.request_timeout.scaled(2.0) + settings.connect_timeout;
        if settings.does != Does::Chat {
            return asked;
        }
        settings.silence().unwrap_or(Span::ZERO) + settings.reconnect_most + asked + settings.poll_every + settings.hold
    }
}

fn in_the_air(flight: &Flight<Msg>) -> Option<Moment> {
    let Msg::Segment(segment) = &flight.msg else { return None };
    let What::Data(_, frame) = &segment.what else { return None };
    let name = match &frame.says {
        Says::Ask { .. } => ASKED,
        Says::Tell { .. } | Says::Piece { .. } => TOLD,
        Says::Event(..) | Says::Socket(Socket::News(_) | Socket::Say(_)) => NEWS,
        Says::Cancel { .. } => CANCEL,
        _ => return None,
    };
    Some(kit::in_the_air(name, flight))
}

/// Whether the server that clients ask runs.
pub(super) fn is_serving(sim: &Sim<Exchange>) -> bool {
    sim.node(FIRST).is_up() && !sim.node(FIRST).is_paused()
}
