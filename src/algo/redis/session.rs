//! What a server keeps of one connection: a transaction that is being made, keys that are watched, channels.

use imbl::Vector;

use super::args::{Argv, Text};
use crate::persistent::OrdSet;

/// A connection.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag that a command sets")]
pub struct Session {
    /// Commands since MULTI.
    pub queued: Option<Vector<Argv>>,
    /// Whether one of them was no command: EXEC is refused.
    pub(super) is_wrong: bool,
    /// Keys that are watched, each with whether it had expired then.
    pub(super) watched: Vector<(Text, bool)>,
    /// Whether one of them changed.
    pub(super) is_dirty: bool,
    /// Channels that it listens to.
    pub channels: OrdSet<Text>,
    /// Whether it said ASKING: its next command may be about a slot that is on its way here.
    pub(super) asking: bool,
    /// Whether it said READONLY: a replica may answer it.
    pub(super) reads_old: bool,
}

impl Session {
    /// The transaction is over.
    pub(super) fn end(&mut self) {
        self.queued = None;
        self.is_wrong = false;
        self.unwatch();
    }

    pub(super) fn unwatch(&mut self) {
        self.watched = Vector::new();
        self.is_dirty = false;
    }

    /// Whether it is as a new one.
    pub fn is_idle(&self) -> bool {
        self.queued.is_none() && self.watched.is_empty() && self.channels.is_empty() && !self.asking && !self.reads_old
    }
}
