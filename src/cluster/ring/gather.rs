//! A query that asks several nodes (scatter-gather; DDIA, chapter 6): it is over when the last has answered, and right only if all
//! answers together leave nothing out. So all must go by one map, and whoever still awaits keys must find that the one who has them
//! still answered for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::operation::{Key, Value};
use crate::sim::id::NodeId;

use super::disk::{Row, Stamp};
use super::keys::{Named, indexed, read};
use super::message::Piece;

/// What a client collects for one query.
#[derive(Clone, Debug, Default)]
pub(super) struct Gather {
    /// Which try this is.
    pub(super) round: u32,
    /// The version of the map by which it was asked: answers by a newer one know of nodes that were not asked.
    pub(super) version: u32,
    /// Who was asked.
    pub(super) asked: BTreeSet<NodeId>,
    /// Who has answered.
    pub(super) pieces: BTreeMap<NodeId, Piece>,
    /// Whether it waits a moment before it asks again.
    pub(super) rests: bool,
}

/// What the pieces make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whole {
    /// Somebody has not answered.
    Open,
    /// These have to be asked too.
    Ask(BTreeSet<NodeId>),
    /// A node goes by a newer map.
    Newer(NodeId),
    /// They do not fit together: keys were between two owners.
    Torn,
    /// Everything that was asked for.
    Done,
}

impl Gather {
    /// Whether the pieces are an answer.
    pub(super) fn whole(&self) -> Whole {
        let version = self.version;
        if let Some((node, _)) = self.pieces.iter().find(|(_, piece)| piece.version > version) {
            return Whole::Newer(*node);
        }
        if self.asked.iter().any(|node| !self.pieces.contains_key(node)) {
            return Whole::Open;
        }
        let awaited: BTreeSet<NodeId> = self.pieces.values().flat_map(|piece| piece.awaiting.iter().copied()).collect();
        let more: BTreeSet<NodeId> = awaited.difference(&self.asked).copied().collect();
        if !more.is_empty() {
            return Whole::Ask(more);
        }
        let stopped_for = |from: &NodeId, to: &NodeId| self.pieces.get(from).is_some_and(|piece| piece.stopped.contains(to));
        let is_torn = |(to, piece): (&NodeId, &Piece)| piece.version < version || piece.awaiting.iter().any(|from| stopped_for(from, to));
        if self.pieces.iter().any(is_torn) { Whole::Torn } else { Whole::Done }
    }

    /// Every key once, in order, the newest version of each.
    pub(super) fn found(&self) -> Vec<(Key, Value)> {
        let mut all: BTreeMap<Key, (Stamp, Value)> = BTreeMap::new();
        for (key, Row { value, stamp, .. }) in self.pieces.values().flat_map(|piece| piece.rows.iter()) {
            let key: Key = if matches!(read(key), Named::Entry(_)) { indexed(key).into() } else { key.clone() };
            let Some(value) = value else { continue };
            match all.get(&key) {
                Some((known, _)) if known >= stamp => {}
                _ => drop(all.insert(key, (*stamp, value.clone()))),
            }
        }
        all.into_iter().map(|(key, (_, value))| (key, value)).collect()
    }
}
