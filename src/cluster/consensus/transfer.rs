//! Leadership transfer (Raft dissertation, 3.10): the leader takes no more requests, brings its successor's log up to date, and tells
//! it to stand at once. After an election timeout without a new leader it goes on.

use crate::cluster::kit::ask::{Deed, server_of, verb, verbs};
use crate::command::{Arg, Call, Place, VerbDoc};
use crate::sim::id::NodeId;
use crate::sim::kernel::Sim;

use super::Consensus;
use super::election::await_leader;
use super::look::{ids, leaders, server};
use super::message::Msg;
use super::note::Note;
use super::server::{Context, Role, Server, Timer};

impl Server {
    fn begin_transfer(&mut self, to: NodeId, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        lead.successor = Some(to);
        cx.note(Note::Transfers { to });
        cx.set_timer(cx.settings().election_timeout.1, Timer::Transfer);
        self.tell_successor(cx);
    }

    /// Tells its successor to stand, once that has the whole log.
    pub(super) fn tell_successor(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        let Some(to) = lead.successor.filter(|_| !lead.yielded) else { return };
        let last = cx.disk().last();
        if lead.peers.iter().any(|peer| peer.id == to && peer.matched == last) {
            // Voters protect this leader no longer, whenever the message arrives.
            lead.yielded = true;
            let term = cx.disk().term;
            cx.send(to, Msg::TimeoutNow { term });
        }
    }

    pub(super) fn on_transfer_timeout(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &mut self.role else { return };
        if let Some(to) = lead.successor.take() {
            cx.note(Note::KeepsLeading { to });
        }
    }

    pub(super) fn on_timeout_now(&mut self, term: u64, cx: &mut Context<'_>) {
        if term == cx.disk().term && !self.is_leader() {
            cx.note(Note::StandsAtOnce { term: term + 1 });
            await_leader(cx);
            self.stand(true, cx);
        }
    }
}

/// What an operator can do.
pub(super) static DEEDS: [Deed<Consensus>; 1] = [Deed {
    doc: verb("transfer", &["transfer SERVER"], "transfer n2", "let the leader hand its leadership to another server"),
    can: can_transfer,
    perform: transfer,
    offers: |sim| ids(sim).map(|id| vec![Arg::Place(Place::Node(id))]).collect(),
}];

/// Their words.
pub(super) static VERBS: [VerbDoc; 1] = verbs(&DEEDS);

fn can_transfer(sim: &Sim<Consensus>, call: &Call) -> Result<(), String> {
    let to = server_of(sim, call)?;
    let Some(leader) = leaders(sim).last().copied() else { return Err("nobody leads, so nobody can hand it over".to_string()) };
    match server(sim, leader).map(|server| &server.role) {
        _ if leader == to => Err(format!("{to} leads already")),
        Some(Role::Leader(lead)) if lead.is_handing_over() => Err(format!("{leader} is handing its leadership over already")),
        _ => Ok(()),
    }
}

fn transfer(sim: &mut Sim<Consensus>, call: &Call) {
    let (Ok(to), Some(leader)) = (server_of(sim, call), leaders(sim).last().copied()) else { return };
    sim.command(leader, |state, cx| {
        if let Consensus::Server(server) = state {
            server.begin_transfer(to, cx);
        }
    });
}
