//! The log, and what else a server keeps on its disk (Raft, figure 2: persistent state).

use std::borrow::Cow;
use std::sync::Arc;

use crate::check::operation::{Key, Op};
use crate::packs;
use crate::sim::bits::Bits;
use crate::sim::id::{NodeId, RequestId};
use crate::sim::packed::Packed;

/// One entry of the log. Indexes start at 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The term of the leader that took it.
    pub term: u64,
    /// What it does.
    pub command: Command,
}

/// A command for the state machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Nothing: the entry with which a leader begins its term (section 8).
    NoOp,
    /// A client's request.
    Do {
        /// Which.
        request: RequestId,
        /// What it asks.
        op: Op,
        /// Whether it takes effect only once, however often it is in the log (dissertation, 6.3).
        once: bool,
    },
}

impl Entry {
    /// The request that it carries, and what that asks.
    pub fn request(&self) -> Option<(RequestId, &Op)> {
        match &self.command {
            Command::NoOp => None,
            Command::Do { request, op, .. } => Some((*request, op)),
        }
    }

    /// The key that it touches.
    pub fn key(&self) -> Option<&Key> {
        self.request().map(|(_, op)| op.key())
    }

    /// Its size on the wire in bytes: a header and the texts.
    pub fn bytes(&self) -> u64 {
        24 + self.key().map_or(0, |key| key.len() as u64) + 8
    }
}

packs!(struct Entry { term, command });
packs!(apart Entry);
packs!(enum Command { 0 = NoOp {}, 1 = Do { request: request, op: op, once: once } });

/// What survives a restart.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// The newest term that the server has seen.
    pub term: u64,
    /// Who got its vote in this term.
    pub voted_for: Option<NodeId>,
    /// The log. Servers share what one has from another.
    pub log: Packed<Arc<Entry>>,
    /// The requests in the log.
    pub seen: Bits,
}

impl Disk {
    /// A newer term: nobody has its vote yet.
    pub fn begin(&mut self, term: u64, vote: Option<NodeId>) {
        (self.term, self.voted_for) = (term, vote);
    }

    /// The index of the last entry; 0 when there is none.
    pub fn last(&self) -> u64 {
        self.log.len() as u64
    }

    /// The entry at an index from 1.
    pub fn get(&self, index: u64) -> Option<Cow<'_, Arc<Entry>>> {
        self.log.get((index as usize).checked_sub(1)?)
    }

    /// The term of the entry at an index; 0 at index 0 and beyond the end.
    pub fn term_at(&self, index: u64) -> u64 {
        self.get(index).map_or(0, |entry| entry.term)
    }

    /// (term of the last entry, its index): the greater, the more up to date (section 5.4.1).
    pub fn position(&self) -> (u64, u64) {
        (self.term_at(self.last()), self.last())
    }

    /// Adds an entry at the end.
    pub fn push(&mut self, entry: Arc<Entry>) {
        if let Some((request, _)) = entry.request() {
            self.seen.insert(request.0);
        }
        self.log.push(entry);
        self.log.settle();
    }

    /// Deletes every entry after `last`, and says which requests they carried. One that came twice may be in the log still.
    pub fn truncate(&mut self, last: u64) -> Vec<RequestId> {
        let gone: Vec<RequestId> = self.log.iter_from(last as usize).filter_map(|entry| Some(entry.request()?.0)).collect();
        self.log.truncate(last as usize);
        for request in &gone {
            let stays = self.log.newest_first().any(|entry| entry.request().is_some_and(|(other, _)| other == *request));
            if !stays {
                self.seen.remove(request.0);
            }
        }
        gone
    }

    /// The first index of the run of entries of one term that ends at `index`, or at the last entry where the log is shorter. A leader
    /// that is refused goes back by terms, not by entries (section 5.3, end).
    pub fn begin_of_term(&self, index: u64) -> u64 {
        let end = index.min(self.last());
        let term = self.term_at(end);
        let same = self.log.back_from(end as usize).take_while(|entry| entry.term == term).count() as u64;
        (end + 1 - same).max(1)
    }
}
