//! What a server has on its disk, or counts as being there.

use crate::cluster::kit::fsync::{Fsync, Promises, counts};

use super::Replicated;
use super::server::{Context, Timer};
use super::settings::Settings;

impl Promises for Replicated {
    const FLUSH: Timer = Timer::Flush;

    fn fsync(settings: &Settings) -> Fsync {
        settings.fsync
    }
}

/// Whether the epoch it follows or leads counts as written.
pub(super) fn is_recorded(cx: &Context<'_>) -> bool {
    counts(cx).epoch == cx.disk().epoch
}

/// How far its log counts as written, at most up to `upto`. What was synced before a part of the log was replaced does not count.
pub(super) fn written(upto: u64, cx: &Context<'_>) -> u64 {
    let (log, counts) = (cx.disk(), counts(cx));
    let mut last = upto.min(log.last()).min(counts.last());
    while last > 0 && counts.epoch_at(last) != log.epoch_at(last) {
        last -= 1;
    }
    last
}
