//! What must be on the disk before it counts. With `fsync always` nothing is promised to anybody before it would survive a loss of
//! power; with `fsync lazy` the operating system writes back within a second, and promises are made from memory.

use crate::sim::id::NodeId;
use crate::sim::protocol::{Cx, Protocol};
use crate::sim::time::Span;

use super::settings::words;

words! {
    /// When what was written is synced to the disk.
    pub enum Fsync {
        /// Before it is promised to anybody.
        Always = "always",
        /// The operating system does it within a second.
        Lazy = "lazy",
    }
}

/// How long the operating system keeps a write in memory at most, as Linux does by default in about this order.
const WRITE_BACK: Span = Span::s(1);

/// A protocol whose servers promise what they wrote.
pub trait Promises: Protocol {
    /// The timer of the operating system's writing back; when it goes off, the server syncs.
    const FLUSH: Self::Timer;

    /// When what was written is synced.
    fn fsync(settings: &Self::Settings) -> Fsync;
}

/// Sends something that promises what was written so far.
pub fn durably<P: Promises>(to: NodeId, msg: P::Msg, cx: &mut Cx<'_, P>) {
    match P::fsync(cx.settings()) {
        Fsync::Always => cx.send_after_sync(to, msg),
        Fsync::Lazy => {
            recorded(cx);
            cx.send(to, msg);
        }
    }
}

/// Something was written: it is synced now, or the operating system does it in a while.
pub fn recorded<P: Promises>(cx: &mut Cx<'_, P>) {
    match P::fsync(cx.settings()) {
        Fsync::Always => cx.sync(),
        Fsync::Lazy => cx.start_timer(WRITE_BACK, P::FLUSH),
    }
}

/// What counts as written: what would survive a loss of power, or what the operating system was given.
pub fn counts<'a, P: Promises>(cx: &'a Cx<'_, P>) -> &'a P::Disk {
    match P::fsync(cx.settings()) {
        Fsync::Always => cx.durable(),
        Fsync::Lazy => cx.disk(),
    }
}
