//! Key ranges: each partition holds the keys from its start up to the start of the next, in the order of their texts (Bigtable, Chang et
//! al., OSDI 2006, section 5.1; DDIA, chapter 6).

use std::sync::Arc;

/// A partition: from a key on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    /// Its first key, inclusive; that of the first range is the empty text.
    pub from: Arc<str>,
    /// Who keeps it.
    pub node: u16,
}

/// Ranges that cover every key, in order, the first from the empty text on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranges(Vec<Range>);

impl Ranges {
    /// One range of everything.
    pub fn whole(node: u16) -> Ranges {
        Ranges(vec![Range { from: Arc::from(""), node }])
    }

    /// Cut where each node gets as many of these keys, which are in order, as any other, in the order of the nodes.
    pub fn even(keys: &[Arc<str>], nodes: &[u16]) -> Ranges {
        let starts = nodes.iter().enumerate().filter_map(|(i, node)| {
            let from = if i == 0 { Arc::from("") } else { keys.get(i * keys.len() / nodes.len())?.clone() };
            Some(Range { from, node: *node })
        });
        let mut all: Vec<Range> = starts.collect();
        all.dedup_by(|later, first| later.from == first.from);
        if all.is_empty() { Ranges::whole(0) } else { Ranges(all) }
    }

    /// The ranges in order.
    pub fn all(&self) -> &[Range] {
        &self.0
    }

    /// The number of the range that holds a key.
    pub fn find(&self, key: &str) -> usize {
        self.0.partition_point(|range| &*range.from <= key) - 1
    }

    /// Who keeps a key.
    pub fn owner(&self, key: &str) -> u16 {
        self.0[self.find(key)].node
    }

    /// Where a range ends, exclusive; `None`: it goes to the end.
    pub fn end(&self, number: usize) -> Option<&Arc<str>> {
        self.0.get(number + 1).map(|next| &next.from)
    }

    /// Cuts the range that holds a key before it: the key begins the second half, which stays where it is. `false` where one begins there.
    pub fn split(&mut self, key: &str) -> bool {
        let at = self.find(key);
        if &*self.0[at].from == key {
            return false;
        }
        let node = self.0[at].node;
        self.0.insert(at + 1, Range { from: Arc::from(key), node });
        true
    }

    /// Gives the range that holds a key to a node. `false` where it has it already.
    pub fn give(&mut self, key: &str, node: u16) -> bool {
        let at = self.find(key);
        std::mem::replace(&mut self.0[at].node, node) != node
    }

    /// The ranges that hold keys from one up to another, exclusive; `None`: to the end.
    pub fn between(&self, from: &str, upto: Option<&str>) -> &[Range] {
        let first = self.find(from);
        let end = upto.map_or(self.0.len(), |upto| self.0.partition_point(|range| &*range.from < upto).max(first + 1));
        &self.0[first..end]
    }

    /// Whether they cover every key, each once: what [`Ranges`] promises.
    pub fn cover(&self) -> bool {
        self.0.first().is_some_and(|first| first.from.is_empty()) && self.0.windows(2).all(|pair| pair[0].from < pair[1].from)
    }
}
