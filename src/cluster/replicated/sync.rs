//! What must be on the disk before it counts. With `fsync always` nothing is promised to anybody before it would survive a loss of
//! power; with `fsync lazy` the operating system writes back within a second, and promises are made from memory.

use crate::sim::id::NodeId;
use crate::sim::time::Span;

use super::entry::Disk;
use super::message::Msg;
use super::server::{Context, Timer};
use super::settings::Fsync;

/// How long the operating system keeps a write in memory at most, as Linux does by default in about this order.
const WRITE_BACK: Span = Span::s(1);

/// Sends something that promises what was written so far.
pub(super) fn durably(to: NodeId, msg: Msg, cx: &mut Context<'_>) {
    match cx.settings().fsync {
        Fsync::Always => cx.send_after_sync(to, msg),
        Fsync::Lazy => {
            recorded(cx);
            cx.send(to, msg);
        }
    }
}

/// Something was written: it is synced now, or the operating system does it in a while.
pub(super) fn recorded(cx: &mut Context<'_>) {
    match cx.settings().fsync {
        Fsync::Always => cx.sync(),
        Fsync::Lazy => cx.start_timer(WRITE_BACK, Timer::Flush),
    }
}

/// What counts as written: what would survive a loss of power, or what the operating system was given.
fn counts<'a>(cx: &'a Context<'_>) -> &'a Disk {
    match cx.settings().fsync {
        Fsync::Always => cx.durable(),
        Fsync::Lazy => cx.disk(),
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
