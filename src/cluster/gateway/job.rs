//! A request at the gateway, and its parts.

use crate::sim::time::Time;

use super::message::{Bad, End, Fail, Ret, Ticket, What, bit};
use super::words::{Path, Service};

/// A request that a gateway has.
#[derive(Clone, Debug)]
pub struct Job {
    /// What came.
    pub ticket: Ticket,
    /// Its path.
    pub path: Path,
    /// When it came, by the gateway's monotonic clock.
    pub came: Time,
    /// The slot of the worker that has it; `None`: it waits for one.
    pub slot: Option<u32>,
    /// What it is gathered from; empty until it is known that it may.
    pub pieces: Vec<Piece>,
    /// Whether its user was told already how it ended.
    pub told: bool,
    /// The number of its deadline.
    pub(super) deadline: Option<u32>,
    /// The number of the question about its token.
    pub(super) checking: Option<u32>,
    /// Whether a payment may have been made.
    pub(super) unsure: bool,
}

/// A part of an answer.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Who has it.
    pub service: Service,
    /// How many calls were made for it.
    pub attempt: u32,
    /// How far it is.
    pub at: At,
    /// Whether only a default of it is asked for.
    pub(super) defaults: bool,
}

/// How far a part is. Numbers are those of what is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Nothing was done yet.
    Idle,
    /// A call is under way.
    Calls(u32),
    /// It waits before it is tried again.
    Rests(u32),
    /// It waits for its turn.
    Queues(u32),
    /// It is there; whether it had been done before.
    Got { before: bool },
    /// There is an old one, or a default.
    Old,
    /// It will not come.
    Lost(Fail),
}

impl At {
    /// Whether it is settled.
    pub fn is_over(self) -> bool {
        matches!(self, At::Got { .. } | At::Old | At::Lost(_))
    }

    /// Whether something is waited for.
    pub fn is_under_way(self) -> bool {
        matches!(self, At::Calls(_) | At::Rests(_) | At::Queues(_))
    }
}

impl Job {
    pub(super) fn new(ticket: Ticket, path: Path, came: Time) -> Job {
        Job { ticket, path, came, slot: None, pieces: Vec::new(), told: false, deadline: None, checking: None, unsure: false }
    }

    /// Sets out to gather from these.
    pub(super) fn gather(&mut self, services: &[Service]) {
        let piece = |service: &Service| Piece { service: *service, attempt: 0, at: At::Idle, defaults: false };
        self.pieces = services.iter().map(piece).collect();
    }

    /// The service that the worker waits for: of several the first.
    pub fn waits_for(&self) -> Option<Service> {
        self.pieces.iter().find(|piece| piece.at.is_under_way()).map(|piece| piece.service)
    }

    /// The answer, when every part is settled.
    pub(super) fn answer(&self) -> End {
        let lost = self.pieces.iter().filter_map(|piece| if let At::Lost(fail) = piece.at { Some((piece.service, fail)) } else { None });
        let lost: Vec<(Service, Fail)> = lost.collect();
        if let Some((service, fail)) = lost.first().filter(|_| lost.len() == self.pieces.len()) {
            return self.badly(Bad::Of(*service, *fail));
        }
        let is_old = |piece: &&Piece| piece.at == At::Old;
        let without = lost.iter().fold(0, |bits, (service, _)| bits | bit(*service));
        let old = self.pieces.iter().filter(is_old).fold(0, |bits, piece| bits | bit(piece.service));
        let before = self.pieces.iter().any(|piece| piece.at == At::Got { before: true });
        End::Well(match &self.ticket.what {
            What::Order(key) => Ret::Order(key.clone()),
            What::Pay(_) => Ret::Paid { before },
            What::Home | What::Login => Ret::Home { without, old },
        })
    }

    pub(super) fn badly(&self, bad: Bad) -> End {
        End::Badly { bad, unsure: self.unsure }
    }
}
