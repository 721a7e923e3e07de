//! Which writes a read saw, where values tell.

use std::collections::BTreeMap;

use super::ground::{Act, Ground, Item, START, ValueId};

/// The items that a read was made by, first to last. Empty for a read of nothing.
pub(crate) type Chain = Vec<u32>;

/// What is known of the writes behind a read.
pub(crate) enum Source {
    Known(Chain),
    /// Several stories are possible.
    Unclear,
    /// No write or writes make that value.
    Impossible,
}

/// What the operations of one key can make.
pub(crate) struct Made {
    /// Who makes a value: the item, or several.
    by: BTreeMap<ValueId, Option<u32>>,
    /// The text of each value, when there are appends.
    pieces: Option<Vec<(String, ValueId)>>,
    /// Whether a write can make it nothing again, or appends and compare-and-sets are mixed.
    tangled: bool,
}

impl Made {
    /// For the writers of one key.
    pub(crate) fn new(writers: &[u32], ground: &Ground) -> Made {
        let act = |i: &u32| ground.items[*i as usize].act;
        let mut by = BTreeMap::new();
        for writer in writers {
            if let Act::Write(v) | Act::Swap(_, v) | Act::Append(v) = act(writer) {
                by.entry(v).and_modify(|known| *known = None).or_insert(Some(*writer));
            }
        }
        let appends = writers.iter().any(|w| matches!(act(w), Act::Append(_)));
        let tangled = by.contains_key(&START) || appends && writers.iter().any(|w| matches!(act(w), Act::Swap(..)));
        let text = |v: &ValueId| ground.values.get(*v).map(|value| (value.to_string(), *v));
        let pieces = appends.then(|| by.keys().filter_map(text).collect());
        Made { by, pieces, tangled }
    }

    /// What is known of the writes behind what an item saw.
    pub(crate) fn source(&self, item: &Item, ground: &Ground) -> Source {
        let value = match item.act {
            Act::Read(v) => v,
            // One of unknown outcome may not have happened, and then it saw nothing.
            Act::Swap(v, _) if item.sure => v,
            _ => return Source::Unclear,
        };
        match &self.pieces {
            _ if self.tangled => Source::Unclear,
            _ if value == START => Source::Known(Chain::new()),
            None => match self.by.get(&value) {
                None => Source::Impossible,
                Some(None) => Source::Unclear,
                Some(Some(writer)) => Source::Known(vec![*writer]),
            },
            Some(pieces) => self.cut(&ground.values.get(value).map(ToString::to_string).unwrap_or_default(), pieces, ground),
        }
    }

    /// Cuts a text into what was written, if there is one way only.
    fn cut(&self, text: &str, pieces: &[(String, ValueId)], ground: &Ground) -> Source {
        let (mut rest, mut chain, mut unclear) = (text, Chain::new(), false);
        while !rest.is_empty() {
            let mut fitting = pieces.iter().filter(|(piece, _)| rest.starts_with(piece.as_str()));
            let (Some((piece, value)), other) = (fitting.next(), fitting.next()) else { return Source::Impossible };
            if other.is_some() {
                return Source::Unclear;
            }
            match self.by.get(value) {
                Some(Some(writer)) if chain.contains(writer) => return Source::Impossible,
                Some(Some(writer)) if !chain.is_empty() && matches!(ground.items[*writer as usize].act, Act::Write(_)) => {
                    return Source::Impossible;
                }
                Some(Some(writer)) => chain.push(*writer),
                _ => unclear = true,
            }
            rest = &rest[piece.len()..];
        }
        if unclear { Source::Unclear } else { Source::Known(chain) }
    }
}
