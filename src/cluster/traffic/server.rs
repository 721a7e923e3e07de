//! The servers behind the front, and the database behind them. The kernel's stations do the work: a handler runs when a worker is done.

use crate::cluster::kit::tries::Tries;
use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;
use crate::sim::time::{Span, Time};

use super::Traffic;
use super::message::{How, Msg, Timer};
use super::settings::{DATABASE, FRONT};

/// An application server.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// What it asked the database for, by the number of its call there.
    tries: Tries<Asked>,
}

/// How often a server says that it is there.
const JOIN_EVERY: Span = Span::ms(500);

/// A request that waits for the database.
#[derive(Clone, Copy, Debug)]
struct Asked {
    /// The front's number of it.
    call: u32,
    attempt: u32,
}

impl Server {
    /// A server that joins a cluster that runs says so to the front.
    pub(super) fn boot(cx: &mut Cx<'_, Traffic>) -> Server {
        if cx.clock() > Time::ZERO {
            Server::join(cx);
        }
        Server::default()
    }

    /// Tells the front that it is there, until the front has heard it.
    pub(super) fn join(cx: &mut Cx<'_, Traffic>) {
        cx.send(FRONT, Msg::Joins);
        cx.set_timer(JOIN_EVERY, Timer::Join);
    }

    /// A worker is done with a request: it is answered, or the database is asked.
    pub(super) fn on_work(&mut self, call: u32, cx: &mut Cx<'_, Traffic>) {
        let errors = cx.settings().errors;
        if errors > 0.0 && cx.rng().chance(errors) {
            answer(call, How::Error, 0, cx);
        } else if cx.settings().database {
            self.ask_database(Asked { call, attempt: 1 }, cx);
        } else {
            answer(call, How::Served, cx.settings().page, cx);
        }
    }

    fn ask_database(&mut self, asked: Asked, cx: &mut Cx<'_, Traffic>) {
        let patience = cx.settings().try_timeout;
        let call = self.tries.begin(asked, patience, cx);
        cx.send(DATABASE, Msg::Query { call });
    }

    /// The database answered.
    pub(super) fn on_done(&mut self, call: u32, how: How, cx: &mut Cx<'_, Traffic>) {
        let Some(asked) = self.tries.end(call) else { return };
        match how {
            How::Served => answer(asked.call, how, cx.settings().page, cx),
            _ => self.try_again(asked, how, cx),
        }
    }

    /// The database did not answer some calls in time.
    pub(super) fn on_overdue(&mut self, cx: &mut Cx<'_, Traffic>) {
        for asked in self.tries.overdue(cx) {
            self.try_again(asked, How::Late, cx);
        }
    }

    fn try_again(&mut self, asked: Asked, how: How, cx: &mut Cx<'_, Traffic>) {
        if asked.attempt <= cx.settings().db_retries {
            self.ask_database(Asked { attempt: asked.attempt + 1, ..asked }, cx);
        } else {
            answer(asked.call, how, 0, cx);
        }
    }
}

/// Answers the front.
pub(super) fn answer(call: u32, how: How, bytes: u32, cx: &mut Cx<'_, Traffic>) {
    cx.send(FRONT, Msg::Done { call, how, bytes });
}

/// A queue is full: who came is told so, and a check is not answered.
pub(super) fn refuse(from: NodeId, msg: &Msg, cx: &mut Cx<'_, Traffic>) {
    if let Msg::Work { call } | Msg::Query { call } = msg {
        cx.send(from, Msg::Done { call: *call, how: How::Full, bytes: 0 });
    }
}
