//! Leases: a leader serves only while it can know that nobody else may (Raft dissertation, 6.4).
//!
//! A voter that hears from a leader gives its vote to nobody for a detection timeout. So a leader whose message was answered by a
//! majority is alone for that long, counted from when it *sent* the message, by clocks that run alike; its lease is shorter.

use crate::sim::time::{Span, Time};

use super::message::Note;
use super::server::{Context, Lead, Role, Server, Timer};
use super::settings::Fencing;

impl Lead {
    /// When the newest message was sent that a majority, the leader included, has answered; `None` while there is none.
    fn answered(&self) -> Option<Time> {
        let others_needed = self.peers.len().div_ceil(2);
        if others_needed == 0 {
            return Some(Time(u64::MAX / 2));
        }
        let has_enough = |from: &Time| self.peers.iter().filter(|peer| peer.answered >= Some(*from)).count() >= others_needed;
        self.peers.iter().filter_map(|peer| peer.answered).filter(has_enough).max()
    }

    /// Whether the lease of this length lasts at this time by the leader's clock.
    pub(super) fn has_lease(&self, lease: Span, clock: Time) -> bool {
        self.answered().is_some_and(|from| clock < from + lease)
    }
}

impl Server {
    /// Whether it leads and, where leases are used, still has its own, at this time by its clock.
    pub(super) fn may_lead(&self, settings: &super::Settings, clock: Time) -> bool {
        match &self.role {
            Role::Leader(lead) => settings.fencing != Fencing::Lease || lead.has_lease(settings.lease, clock),
            _ => false,
        }
    }

    /// Sets the timer that ends the lease, where leases are used. A new leader has one length of a lease to get its first.
    pub(super) fn renew_lease(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        if cx.settings().fencing != Fencing::Lease {
            return cx.cancel_timer(Timer::Lease);
        }
        let end = lead.answered().unwrap_or(lead.since).max(lead.since) + cx.settings().lease;
        cx.set_timer(end.since(cx.clock()), Timer::Lease);
    }

    /// The lease is over, unless the clock says otherwise: then it is looked at again when it ends by the clock.
    pub(super) fn on_lease(&mut self, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        if cx.settings().fencing != Fencing::Lease {
            return;
        }
        let from = lead.answered().unwrap_or(lead.since).max(lead.since);
        if cx.clock() < from + cx.settings().lease {
            return self.renew_lease(cx);
        }
        cx.note(Note::LeaseOver { silent: cx.clock().since(from) });
        self.stop_leading(cx);
    }

    /// The clock was set. What it remembers as later than now, it takes as heard now: it is patient for one timeout more, not for as
    /// long as the clock was set back. A lease may be over, or last longer, by what the clock shows.
    pub(super) fn on_clock(&mut self, cx: &mut Context<'_>) {
        let now = cx.clock();
        self.heard = self.heard.min(now);
        self.offered = self.offered.map(|last| last.min(now));
        self.on_lease(cx);
    }
}
