//! Which write may take the place of which, where versions are kept side by side: only one whose client had been told of the other.
//!
//! What clients asked and were told decides, not what versions say of themselves: a protocol whose versions claim too much is found out.

use crate::check::operation::Key;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::history::{Kind, Record};
use crate::sim::id::{NodeId, RequestId};

use super::message::Done;
use super::request::Request;

/// A write that nothing acknowledged has taken the place of.
#[derive(Clone, Debug)]
struct Standing {
    request: RequestId,
    /// The clients that know it, or something that may take its place.
    known_by: OrdSet<NodeId>,
    /// The writes that such a client asked for: each may take its place.
    heirs: OrdSet<RequestId>,
}

impl Standing {
    fn is_told_by(&self, done: &Done) -> bool {
        done.wrote.iter().chain(done.beside.iter()).any(|request| *request == self.request || self.heirs.contains(request))
    }
}

/// The standing writes of each key.
#[derive(Clone, Debug, Default)]
pub(super) struct Succession {
    writes: OrdMap<Key, Vec<Standing>>,
    /// The keys of the requests that are open.
    open: OrdMap<RequestId, Key>,
}

impl Succession {
    /// Takes in what a client asked or was told.
    pub(super) fn follow(&mut self, record: &Record<Request, Done>) {
        match &record.kind {
            Kind::Invoke(ask) => {
                let key = ask.key();
                self.open.insert(record.request, key.clone());
                if ask.op.is_write() {
                    self.asked(record.request, record.client, key);
                }
            }
            Kind::Ok(done) => {
                let key = self.open.remove(&record.request);
                let writes = key.and_then(|key| self.writes.get_mut(&key));
                for write in writes.into_iter().flatten().filter(|write| write.is_told_by(done)) {
                    write.known_by.insert(record.client);
                }
            }
            _ => drop(self.open.remove(&record.request)),
        }
    }

    fn asked(&mut self, request: RequestId, client: NodeId, key: &Key) {
        let writes = self.writes.entry(key.clone()).or_default();
        for write in writes.iter_mut().filter(|write| write.known_by.contains(&client)) {
            write.heirs.insert(request);
        }
        writes.push(Standing { request, known_by: OrdSet::unit(client), heirs: OrdSet::new() });
    }

    /// A write was acknowledged: those whose place it may take stand no longer.
    pub(super) fn acknowledged(&mut self, key: &Key, request: RequestId) {
        if let Some(writes) = self.writes.get_mut(key) {
            writes.retain(|write| !write.heirs.contains(&request));
        }
    }

    /// Whether a write still stands.
    pub(super) fn stands(&self, key: &Key, request: RequestId) -> bool {
        self.get(key, request).is_some()
    }

    /// Whether one write is another, or may take its place.
    pub(super) fn speaks_for(&self, key: &Key, request: RequestId, other: RequestId) -> bool {
        request == other || self.get(key, other).is_some_and(|write| write.heirs.contains(&request))
    }

    fn get(&self, key: &Key, request: RequestId) -> Option<&Standing> {
        self.writes.get(key)?.iter().find(|write| write.request == request)
    }
}
