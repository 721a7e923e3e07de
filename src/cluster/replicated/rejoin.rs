//! A server whose log has parted from its leader's: it gives up what only it has, stops, or hands it over to be merged.
//!
//! What is handed over leaves the log and goes to a list on the same disk, in one write. It is offered to whoever leads until a
//! leader has it on its own disk, so that neither a lost message nor a crash in between destroys an acknowledged write.

use std::sync::Arc;

use crate::cluster::kit::fsync::{durably, recorded};
use crate::persistent::keep;
use crate::sim::id::{NodeId, RequestId};

use super::entry::{Disk, Offer, Written};
use super::merge::{merge_offer, writes_after};
use super::message::{Msg, Note};
use super::server::{Context, Role, Server, Timer};
use super::settings::Rejoin;

impl Server {
    /// Gives up every entry after `last`, which its leader never had, as the setting says. `false`: it may not.
    pub(super) fn part_with(&mut self, last: u64, leader: NodeId, cx: &mut Context<'_>) -> bool {
        let writes: Arc<[Written]> = writes_after(cx.disk(), last).into();
        let statements = statements_after(cx.disk(), last);
        let rejoin = cx.settings().rejoin;
        if rejoin == Rejoin::Refuse && writes.len() + statements.len() > 0 {
            self.role = Role::Stranded;
            cx.cancel_timer(Timer::Detection);
            cx.note(Note::Strands { entries: writes.len() + statements.len(), leader });
            return false;
        }
        let offer = (rejoin == Rejoin::Merge).then(|| writes.clone());
        if cx.write(|disk| disk.part(last, offer)).is_err() {
            self.say_full(cx);
            return false;
        }
        recorded(cx);
        self.rebuild(cx);
        self.commit = self.commit.min(last);
        let is_offered = rejoin == Rejoin::Merge && !writes.is_empty();
        if is_offered {
            cx.note(Note::Offers { entries: writes.len(), leader });
            self.offered = None;
        }
        let gone = writes.iter().map(|written| written.request).filter(|_| !is_offered);
        let requests: Arc<[RequestId]> = gone.chain(statements).collect();
        if !requests.is_empty() {
            cx.note(Note::Discards { requests, leader });
        }
        true
    }

    /// Offers its leader what waits to be merged: at once, and again when no answer came for a detection timeout.
    pub(super) fn hand_over(&mut self, leader: NodeId, cx: &mut Context<'_>) {
        let again = |last| cx.clock().since(last) >= cx.settings().detection_timeout;
        if cx.disk().offers.is_empty() || !self.offered.is_none_or(again) {
            return;
        }
        self.offered = Some(cx.clock());
        for offer in cx.disk().offers.clone() {
            durably(leader, Msg::Offer(offer), cx);
        }
    }

    /// A leader takes over what a rejoining server offers, and says so once it is on its disk.
    pub(super) fn on_offer(&mut self, from: NodeId, offer: &Offer, cx: &mut Context<'_>) {
        let Role::Leader(lead) = &self.role else { return };
        let taken = (from, offer.first());
        if !lead.taken.contains(&taken) {
            if !merge_offer(offer, cx) {
                return;
            }
            self.replicate(cx);
        }
        let Role::Leader(lead) = &mut self.role else { return };
        lead.taken.insert(taken);
        durably(from, Msg::Taken { first: taken.1 }, cx);
    }
}

/// The transactions over tables in a log after an index. Nobody can merge them: what they did hangs on what was there.
fn statements_after(disk: &Disk, index: u64) -> Vec<RequestId> {
    disk.log.iter_from(index as usize).filter_map(|entry| entry.statements()?.request()).collect()
}

/// A leader has it on its disk: it need not be kept here.
pub(super) fn on_taken(first: RequestId, cx: &mut Context<'_>) {
    // Where the disk is full, the offer stays and is made again.
    if cx.write(|disk| keep(&mut disk.offers, |offer| offer.first() != first)).is_ok() {
        recorded(cx);
    }
}

/// A new leader that still has something to hand over takes it over itself.
pub(super) fn take_own_offers(cx: &mut Context<'_>) {
    for offer in cx.disk().offers.clone() {
        if merge_offer(&offer, cx) {
            on_taken(offer.first(), cx);
        }
    }
}
