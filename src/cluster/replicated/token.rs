//! Positions in the log that clients carry, so that no server answers with less than they have seen (Terry et al. 1994; Raft
//! dissertation, section 6.4, last part; `WAIT_FOR_EXECUTED_GTID_SET` of `MySQL`).
//!
//! An index alone is not enough where a failover throws entries away: the next leader puts another entry into the same place. With the
//! epoch beside it, a position names one entry (Raft, section 5.3).

use super::entry::Disk;
use super::message::Done;
use super::settings::Position;

/// A position in a log. The greater, the more has been seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// The epoch of the entry there; 0: any will do.
    pub epoch: u64,
    /// Its index; 0: before the first.
    pub index: u64,
}

/// Whether a server has come to a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    Yes,
    NotYet,
    /// Another entry stands there, of a later epoch: what was seen is lost.
    Never,
}

impl Token {
    /// The position of what a client was told.
    pub(super) fn of(done: &Done, position: Position) -> Token {
        Token { epoch: if position == Position::Index { 0 } else { done.epoch }, index: done.position }
    }

    /// Whether a server that has applied its log up to `applied` has come here.
    pub(super) fn reached(self, disk: &Disk, applied: u64) -> Reached {
        let there = disk.epoch_at(self.index.min(disk.last()));
        if self.epoch > 0 && there > self.epoch {
            return Reached::Never;
        }
        // A log that has another entry there, of an earlier epoch, will be cut back.
        let is_its_own = self.epoch == 0 || there == self.epoch;
        if self.index <= applied && is_its_own { Reached::Yes } else { Reached::NotYet }
    }
}
