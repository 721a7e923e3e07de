//! Sessions, in the memory of whoever holds them, and the servers that answer from memory: the store of sessions and the cache.

use crate::persistent::OrdMap;
use crate::sim::id::NodeId;
use crate::sim::protocol::Cx;

use super::Traffic;
use super::message::{How, Msg};
use super::way::Kept;

/// Sessions by visitor. They are lost with the process.
#[derive(Clone, Debug, Default)]
pub struct Memory(OrdMap<u32, u32>);

impl Memory {
    /// The session of a visitor, made where there is none. It is lost to whoever came with another.
    pub(super) fn look(&mut self, who: u32, cx: &mut Cx<'_, Traffic>) -> u32 {
        if let Some(session) = self.0.get(&who) {
            return *session;
        }
        let fresh = (cx.rng().below(u64::from(u32::MAX)) + 1) as u32;
        self.0.insert(who, fresh);
        fresh
    }

    /// How many visitors have one.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The store asks itself for the session of a visitor.
pub(super) fn recall(memory: &mut Memory, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Traffic>) {
    if let Msg::Recall { call, who } = *msg {
        let session = memory.look(who, cx);
        cx.send(from, Msg::Done { call, how: How::Served, bytes: 0, session, version: 0 });
    }
}

/// The cache is asked, filled, or told that something has changed.
pub(super) fn keep(kept: &mut Kept, from: NodeId, msg: &Msg, cx: &mut Cx<'_, Traffic>) {
    match *msg {
        Msg::Look { call, key } => {
            let rate = cx.settings().cache.unwrap_or_default();
            let hit = kept.look(key, rate, cx);
            let how = if hit.is_some() { How::Served } else { How::Missed };
            cx.send(from, Msg::Done { call, how, bytes: 0, session: 0, version: hit.unwrap_or_default() });
        }
        Msg::Fill { key, version } => kept.fill(key, version),
        Msg::Forget { key } => kept.forget(key),
        _ => {}
    }
}
