//! What a follower does: asks its leader for what comes next, and cuts off what the leader does not have.

use crate::cluster::kit::fsync::{durably, recorded};
use crate::sim::id::NodeId;

use super::broker::{Broker, Office, log};
use super::message::{Fetch, Msg, Stretch};
use super::note::Note;
use super::record::Part;
use super::settings::Truncation;
use super::{Context, Timer};

impl Broker {
    /// Follows somebody in an epoch from now on.
    pub(super) fn follow(&mut self, part: Part, leader: NodeId, epoch: u32, cx: &mut Context<'_>) {
        self.offices.insert(part, Office::Follower { leader, epoch });
        if cx.settings().truncation == Truncation::HighWater {
            let high_water = log(part, cx).map_or(0, |log| log.high_water);
            truncate(part, high_water, cx);
        }
        self.fetch(part, cx);
    }

    /// Asks for more: now, and again where nothing comes.
    pub(super) fn fetch(&mut self, part: Part, cx: &mut Context<'_>) {
        let Some(Office::Follower { leader, epoch }) = self.offices.get(&part) else { return };
        let (leader, epoch, life) = (*leader, *epoch, self.life);
        let (offset, last_epoch, high_water) = log(part, cx).map_or((0, 0, 0), |own| (own.end, own.epoch(), own.high_water));
        let fetch = Fetch { part, epoch, offset, last_epoch, high_water, life };
        durably(leader, Msg::Fetch(fetch), cx);
        let again = cx.settings().fetch_wait;
        cx.set_timer(again, Timer::Fetch(part));
    }

    /// Whether a message of the leader of an epoch is meant for it as it is.
    fn is_from_leader(&self, from: NodeId, part: Part, its: u32) -> bool {
        matches!(self.offices.get(&part), Some(Office::Follower { leader, epoch }) if *leader == from && *epoch == its)
    }

    /// The leader sends what comes next.
    pub(super) fn on_fetched(&mut self, from: NodeId, epoch: u32, stretch: Stretch, cx: &mut Context<'_>) {
        let part = stretch.part;
        let end = log(part, cx).map_or(0, |log| log.end);
        if !self.is_from_leader(from, part, epoch) || stretch.offset != end {
            return;
        }
        let written = cx.write(|disk| {
            let log = disk.log(part);
            for (offset, record) in stretch.records {
                log.append(offset, record);
            }
            log.skip_to(stretch.next);
            log.high_water = log.high_water.max(stretch.high_water.min(log.end));
        });
        if written.is_err() {
            // The timer asks again, and there may be room then.
            return cx.note(Note::Full);
        }
        recorded(cx);
        self.fetch(part, cx);
    }

    /// The leader's log parts from this one, if that still ends as it was asked about: cuts off what cannot be common, and asks again
    /// (KIP-101, KIP-595).
    pub(super) fn on_diverged(
        &mut self,
        from: NodeId,
        (part, epoch): (Part, u32),
        (asked, last): ((u64, u32), (u32, u64)),
        cx: &mut Context<'_>,
    ) {
        let Some(own) = log(part, cx).filter(|own| (own.end, own.epoch()) == asked) else { return };
        if !self.is_from_leader(from, part, epoch) {
            return;
        }
        let (common, end) = own.end_of(last.0);
        truncate(part, if common == last.0 { end.min(last.1) } else { end }, cx);
        self.fetch(part, cx);
    }

    /// The leader has deleted what would come next, if this log still ends where it was asked: nothing here is of use.
    pub(super) fn on_behind(&mut self, from: NodeId, (part, epoch): (Part, u32), (offset, start): (u64, u64), cx: &mut Context<'_>) {
        let ends = log(part, cx).map_or(0, |own| own.end);
        if ends == offset && self.is_from_leader(from, part, epoch) && cx.write(|disk| disk.log(part).restart_at(start)).is_ok() {
            recorded(cx);
            self.fetch(part, cx);
        }
    }
}

fn truncate(part: Part, to: u64, cx: &mut Context<'_>) {
    if log(part, cx).is_none_or(|log| !log.has_from(to)) {
        return;
    }
    match cx.write(|disk| disk.log(part).truncate(to)) {
        Ok(gone) => {
            recorded(cx);
            if gone > 0 {
                cx.note(Note::Truncated { part, to, gone });
            }
        }
        Err(_) => cx.note(Note::Full),
    }
}
