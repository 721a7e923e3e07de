//! A table of who keeps what under one rule, for every key, and what has to move from one table to another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::maglev::Maglev;
use super::ranges::{Range, Ranges};
use super::ring::Ring;
use super::{jump, rendezvous};

/// How a table says who keeps a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// By the range of keys that it lies in.
    Range(Ranges),
    /// By its hash modulo the number of nodes.
    ModN,
    /// By the next token on a circle of hashes.
    Ring(Ring),
    /// By the node that has the highest weight for it.
    Rendezvous,
    /// By jump hash: the nodes are buckets in their order.
    Jump,
    /// By Maglev's table.
    Maglev(Maglev),
}

/// A key where a table looks it up: its text for ranges, its place for hashes.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'a> {
    /// The text.
    pub text: &'a str,
    /// The place, 64 bits spread evenly.
    pub place: u64,
}

/// Who keeps what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The nodes, in the order of their numbers.
    nodes: Vec<u16>,
    rule: Rule,
    /// Whether copies are counted by tokens and not by nodes: two may then be on one node.
    pub by_token: bool,
    /// Keys that are kept elsewhere than the rule says, with their places.
    pub pinned: BTreeMap<Arc<str>, (u64, u16)>,
}

impl Table {
    /// A table of these nodes, at least one, in any order.
    pub fn new(mut nodes: Vec<u16>, rule: Rule) -> Table {
        nodes.sort_unstable();
        nodes.dedup();
        Table { nodes, rule, by_token: false, pinned: BTreeMap::new() }
    }

    /// The nodes, in the order of their numbers.
    pub fn nodes(&self) -> &[u16] {
        &self.nodes
    }

    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.rule
    }

    /// How many lines a table of this rule has that all must agree on.
    pub fn entries(&self) -> usize {
        let own = match &self.rule {
            Rule::Range(ranges) => ranges.all().len(),
            Rule::ModN | Rule::Rendezvous | Rule::Jump => self.nodes.len(),
            Rule::Ring(ring) => ring.tokens().len(),
            Rule::Maglev(maglev) => maglev.entries().len(),
        };
        own + self.pinned.len()
    }

    /// Who keeps a key; node 0 where there are none.
    pub fn owner(&self, spot: Spot<'_>) -> u16 {
        if let Some((_, node)) = self.pinned.get(spot.text) {
            return *node;
        }
        let n = self.nodes.len();
        let found = match &self.rule {
            Rule::Range(ranges) => Some(ranges.owner(spot.text)),
            Rule::ModN => spot.place.checked_rem(n as u64).map(|at| self.nodes[at as usize]),
            Rule::Ring(ring) => ring.owner(spot.place),
            Rule::Rendezvous => rendezvous::owner(spot.place, &self.nodes),
            Rule::Jump => self.nodes.get(jump::jump(spot.place, n as u32) as usize).copied(),
            Rule::Maglev(maglev) => maglev.walk(spot.place).next(),
        };
        found.unwrap_or(0)
    }

    /// The nodes that are asked for a key one after the other, the owner first: each once, unless tokens are counted.
    pub fn homes(&self, spot: Spot<'_>, count: usize) -> Vec<u16> {
        if count <= 1 {
            return vec![self.owner(spot)];
        }
        let pinned = self.pinned.get(spot.text).map(|(_, node)| *node);
        let from = |first: Option<usize>| -> Box<dyn Iterator<Item = u16> + '_> {
            let first = first.unwrap_or(0).min(self.nodes.len());
            Box::new(self.nodes[first..].iter().chain(&self.nodes[..first]).copied())
        };
        let list: Box<dyn Iterator<Item = u16> + '_> = match &self.rule {
            Rule::Range(_) | Rule::ModN | Rule::Jump => from(self.nodes.binary_search(&self.owner(spot)).ok()),
            Rule::Ring(ring) => Box::new(ring.walk(spot.place)),
            Rule::Rendezvous => Box::new(rendezvous::homes(spot.place, &self.nodes, self.nodes.len()).into_iter()),
            Rule::Maglev(maglev) => Box::new(maglev.walk(spot.place)),
        };
        if self.by_token {
            pinned.into_iter().chain(list).take(count).collect()
        } else {
            distinct(pinned.into_iter().chain(list), count.min(self.nodes.len()))
        }
    }

    /// The share of all keys that each node keeps where keys are spread evenly over the hashes; of ranges nobody can say.
    pub fn shares(&self) -> Vec<(u16, f64)> {
        match &self.rule {
            Rule::Range(_) => Vec::new(),
            Rule::Ring(ring) => ring.shares(),
            Rule::ModN | Rule::Rendezvous | Rule::Jump => self.nodes.iter().map(|node| (*node, 1.0 / self.nodes.len() as f64)).collect(),
            Rule::Maglev(maglev) => {
                let of = |node: u16| maglev.entries().iter().filter(|entry| **entry == node).count() as f64;
                self.nodes.iter().map(|node| (*node, of(*node) / maglev.entries().len() as f64)).collect()
            }
        }
    }
}

/// The first so many different ones.
fn distinct(list: impl Iterator<Item = u16>, count: usize) -> Vec<u16> {
    let mut found = Vec::with_capacity(count);
    for node in list {
        if found.len() == count {
            break;
        }
        if !found.contains(&node) {
            found.push(node);
        }
    }
    found
}

/// From whom to whom keys can move between two tables, whichever keys there are: pairs of different nodes.
pub fn flows(before: &Table, after: &Table) -> BTreeSet<(u16, u16)> {
    let mut flows: BTreeSet<(u16, u16)> = match (&before.rule, &after.rule) {
        (Rule::Range(a), Rule::Range(b)) => {
            a.all().iter().chain(b.all()).map(|Range { from, .. }| (a.owner(from), b.owner(from))).collect()
        }
        (Rule::Ring(a), Rule::Ring(b)) => a.against(b).map(|(_, from, to)| (from, to)).collect(),
        (Rule::Maglev(a), Rule::Maglev(b)) => a.entries().iter().copied().zip(b.entries().iter().copied()).collect(),
        (Rule::Rendezvous, Rule::Rendezvous) => pairs(before, after, |from, to| is_new(to, before) || is_new(from, after)),
        (Rule::Jump, Rule::Jump) if after.nodes.starts_with(&before.nodes) => pairs(before, after, |_, to| is_new(to, before)),
        (Rule::Jump, Rule::Jump) if before.nodes.starts_with(&after.nodes) => pairs(before, after, |from, _| is_new(from, after)),
        (Rule::ModN, Rule::ModN) | (Rule::Jump, Rule::Jump) if before.nodes == after.nodes => BTreeSet::new(),
        _ => pairs(before, after, |_, _| true),
    };
    for (text, (place, _)) in before.pinned.iter().chain(&after.pinned) {
        let spot = Spot { text, place: *place };
        flows.insert((before.owner(spot), after.owner(spot)));
    }
    flows.retain(|(from, to)| from != to);
    flows
}

fn is_new(node: u16, to: &Table) -> bool {
    to.nodes.binary_search(&node).is_err()
}

fn pairs(before: &Table, after: &Table, can: impl Fn(u16, u16) -> bool) -> BTreeSet<(u16, u16)> {
    let all = before.nodes.iter().flat_map(|from| after.nodes.iter().map(move |to| (*from, *to)));
    all.filter(|(from, to)| can(*from, *to)).collect()
}
