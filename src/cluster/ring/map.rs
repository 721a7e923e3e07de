//! Maps: who keeps what, in versions. A new version is made of the one before by one change; what has to move between the two is known to
//! everybody who has both.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::algo::hash;
use crate::algo::partition::maglev::{self, Maglev};
use crate::algo::partition::ranges::Ranges;
use crate::algo::partition::ring::{Ring, Token, token};
use crate::algo::partition::table::{Rule, Spot, Table, flows};
use crate::algo::partition::{bounded, salt, together};
use crate::check::operation::Key;
use crate::sim::id::NodeId;

use super::keys::{Named, read};
use super::settings::{ReplicasBy, Scheme, Settings, ShardBy};

/// What settings say about the placement of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    pub scheme: Scheme,
    pub tokens: u32,
    pub replicas: u32,
    pub replicas_by: ReplicasBy,
    pub bound: Option<u32>,
    pub shard_by: ShardBy,
}

impl Plan {
    /// What these settings say.
    pub fn of(settings: &Settings) -> Plan {
        let Settings { scheme, tokens, replicas, replicas_by, bound, shard_by, .. } = settings.clone();
        Plan { scheme, tokens, replicas, replicas_by, bound, shard_by }
    }
}

/// What makes a new map of an old one.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Nodes come.
    Join(Vec<NodeId>),
    /// A node hands over what it has and goes.
    Leave(NodeId),
    /// A node is taken for dead. These are down when the operator decides it.
    GiveUp(NodeId, BTreeSet<NodeId>),
    /// The range that holds a key is cut before it.
    Split(Key),
    /// The partition that holds a key goes to a node.
    Move(Key, NodeId),
    /// A node has one token, at this place.
    Place(NodeId, u64),
    /// A node has so many tokens.
    Tokens(NodeId, u32),
    /// A counter lies in so many parts.
    Salt(Key, u32),
    /// The settings are others.
    Plan(Plan),
}

/// Who keeps what, from a version on.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// Its number, from 1; 0: there is no map yet.
    pub version: u32,
    /// The rule, with its nodes.
    pub table: Table,
    /// What the settings said.
    pub plan: Plan,
    /// What the hashes of this cluster begin with.
    seed: u64,
    /// The tokens that each node has had on the ring, whether it is a member or not.
    tokens: BTreeMap<u16, Vec<u64>>,
    /// Counters that lie in several parts.
    pub salted: BTreeMap<Key, u32>,
    /// The nodes that were given up with this version.
    pub forced: BTreeSet<NodeId>,
    /// The version with which each node was last given up.
    pub given_up: BTreeMap<NodeId, u32>,
    /// From whom to whom keys move from the version before: whoever gets any waits for all of these.
    pub flows: BTreeSet<(NodeId, NodeId)>,
}

impl Default for Map {
    fn default() -> Map {
        let table = Table::new(Vec::new(), Rule::ModN);
        let plan = Plan::of(&Settings::default());
        let (tokens, salted, forced, given_up, flows) = Default::default();
        Map { version: 0, table, plan, seed: 0, tokens, salted, forced, given_up, flows }
    }
}

fn id(node: u16) -> NodeId {
    NodeId::server(node)
}

fn number(id: NodeId) -> u16 {
    id.index() as u16
}

impl Map {
    /// The first map of a cluster of these servers, with these keys.
    pub fn founding(plan: Plan, seed: u64, servers: u16, keys: &[Key]) -> Map {
        let mut map = Map { version: 1, plan, seed, ..Map::default() };
        map.table = Table::new((0..servers).collect(), Rule::ModN);
        map.lay_out(None, keys);
        map
    }

    /// The next map. `keys`: all that there are, in order.
    pub fn after(&self, change: &Change, keys: &[Key]) -> Map {
        let mut next = Map { version: self.version + 1, forced: BTreeSet::new(), flows: BTreeSet::new(), ..self.clone() };
        next.make(change, keys);
        let pairs = flows(&self.table, &next.table);
        next.flows = pairs.into_iter().map(|(from, to)| (id(from), id(to))).collect();
        next.flows.extend(next.moved_counters(self));
        if self.plan.shard_by != next.plan.shard_by {
            let all: Vec<NodeId> = next.members().collect();
            next.flows.extend(self.members().flat_map(|from| all.iter().map(move |to| (from, *to))).filter(|(from, to)| from != to));
        }
        next.ask_all_for_the_dead();
        next
    }

    fn make(&mut self, change: &Change, keys: &[Key]) {
        let mut nodes = self.table.nodes().to_vec();
        match change {
            Change::Join(new) => nodes.extend(new.iter().map(|id| number(*id))),
            Change::Leave(node) | Change::GiveUp(node, _) => nodes.retain(|other| *other != number(*node)),
            Change::Place(node, at) => drop(self.tokens.insert(number(*node), vec![*at])),
            Change::Tokens(node, count) => drop(self.tokens.insert(number(*node), self.drawn(number(*node), *count))),
            Change::Salt(key, parts) => drop(self.salted.insert(key.clone(), *parts)),
            Change::Plan(plan) => {
                if plan.tokens != self.plan.tokens {
                    self.tokens.clear();
                }
                self.plan = *plan;
            }
            Change::Split(_) | Change::Move(..) => {}
        }
        if let Change::GiveUp(node, _) = change {
            self.forced.insert(*node);
            self.given_up.insert(*node, self.version);
        }
        let before = std::mem::replace(&mut self.table, Table::new(nodes, Rule::ModN));
        let moved = if let Change::Move(key, node) = change { Some((key, *node)) } else { None };
        self.take_token(moved, &before);
        let before = if let Change::GiveUp(node, down) = change { self.inherited(before, number(*node), down, keys) } else { before };
        self.lay_out(Some(&before), keys);
        if let (Rule::Range(ranges), Change::Split(_) | Change::Move(..)) = (self.table.rule(), change) {
            let mut ranges = ranges.clone();
            match change {
                Change::Split(key) => _ = ranges.split(key),
                Change::Move(key, node) => _ = ranges.give(key, number(*node)),
                _ => {}
            }
            self.set_rule(Rule::Range(ranges));
            if let Some(percent) = self.plan.bound {
                self.bind(percent, keys);
            }
        }
    }

    /// Ranges of a node that is taken for dead go to whoever has a copy of them: the first live node of their list. Where nobody has one,
    /// to the live node with the fewest keys. What is under hashes stays as it is: there the list says who is next.
    fn inherited(&self, before: Table, gone: u16, down: &BTreeSet<NodeId>, keys: &[Key]) -> Table {
        let Rule::Range(old) = before.rule() else { return before };
        let live: Vec<u16> = self.table.nodes().iter().copied().filter(|node| !down.contains(&id(*node))).collect();
        if live.is_empty() {
            return before;
        }
        let mut ranges = old.clone();
        for range in old.all().iter().filter(|range| range.node == gone) {
            let copies = before.homes(Spot { text: &range.from, place: 0 }, self.plan.replicas as usize);
            let holder = copies.into_iter().find(|node| live.contains(node));
            ranges.give(&range.from, holder.unwrap_or_else(|| emptiest(&ranges, &live, &plain(keys))));
        }
        // Its nodes are still those of before: whoever is not among them is new.
        Table::new(before.nodes().to_vec(), Rule::Range(ranges))
    }

    fn set_rule(&mut self, rule: Rule) {
        self.table = Table::new(self.table.nodes().to_vec(), rule);
        self.table.by_token = self.plan.replicas_by == ReplicasBy::Token;
    }

    /// Under a ring, the token that owns a key becomes the other node's.
    fn take_token(&mut self, moved: Option<(&Key, NodeId)>, before: &Table) {
        let (Some((key, node)), Rule::Ring(ring)) = (moved, before.rule()) else { return };
        let Some(token) = ring.find(self.place(key)).map(|at| ring.tokens()[at]) else { return };
        for (owner, gives) in [(token.node, true), (number(node), false)] {
            let mut all = self.places(owner);
            all.retain(|at| *at != token.at);
            all.extend((!gives).then_some(token.at));
            self.tokens.insert(owner, all);
        }
    }

    /// The node of the token that owns a key, where it is that node's only one.
    pub fn holds_with_its_last_token(&self, key: &str) -> Option<NodeId> {
        let Rule::Ring(ring) = self.table.rule() else { return None };
        let token = ring.find(self.place(key)).map(|at| ring.tokens()[at])?;
        (self.places(token.node).len() <= 1).then(|| id(token.node))
    }

    fn drawn(&self, node: u16, count: u32) -> Vec<u64> {
        (0..count).map(|number| token(self.seed, node, number).at).collect()
    }

    /// The places of a node's tokens.
    fn places(&self, node: u16) -> Vec<u64> {
        self.tokens.get(&node).cloned().unwrap_or_else(|| self.drawn(node, self.plan.tokens))
    }

    /// Brings the table in line with nodes and plan.
    fn lay_out(&mut self, before: Option<&Table>, keys: &[Key]) {
        let nodes = self.table.nodes().to_vec();
        let rule = match self.plan.scheme {
            Scheme::Range => Rule::Range(ranges(before, &nodes, keys)),
            Scheme::ModN => Rule::ModN,
            Scheme::Rendezvous => Rule::Rendezvous,
            Scheme::Jump => Rule::Jump,
            Scheme::Maglev => Rule::Maglev(Maglev::new(&nodes, maglev::ENTRIES)),
            Scheme::Ring => {
                let of = |node: u16| self.places(node).into_iter().map(move |at| Token { at, node });
                Rule::Ring(Ring::new(nodes.iter().flat_map(|node| of(*node))))
            }
        };
        self.set_rule(rule);
        if let Some(percent) = self.plan.bound {
            self.bind(percent, keys);
        }
    }

    /// Pins the keys that find their owner full to the next one with room.
    fn bind(&mut self, percent: u32, keys: &[Key]) {
        let nodes = self.table.nodes();
        let plain: Vec<&Key> = keys.iter().filter(|key| matches!(read(key), Named::Plain(_))).collect();
        let capacity = bounded::capacity(plain.len(), nodes.len(), percent);
        let rank = |node: u16| nodes.binary_search(&node).unwrap_or(0) as u16;
        // Few keys find their owner full, so the rest of a list is made only where it is looked at.
        let rest = |key: &Key| self.list(key, nodes.len());
        let lists = plain.iter().map(|key| {
            let first = std::iter::once(self.table.owner(self.spot(key)));
            first.chain(std::iter::once_with(|| rest(key)).flatten()).map(rank)
        });
        let given = bounded::assign(lists, nodes.len(), capacity);
        let pinned = plain.iter().zip(given).filter_map(|(key, rank)| {
            let node = *nodes.get(usize::from(rank?))?;
            (node != self.table.owner(self.spot(key))).then(|| ((*key).clone(), (self.place(key), node)))
        });
        self.table.pinned = pinned.collect();
    }

    /// Counters move as their keys do, and their parts besides: wherever the list of a counter in parts has changed.
    fn moved_counters(&self, before: &Map) -> Vec<(NodeId, NodeId)> {
        let parts = self.salted.iter().flat_map(|(key, parts)| (0..*parts).map(move |part| super::keys::part(key, part)));
        let pairs = parts.map(|part| (before.primary(&part), self.primary(&part)));
        pairs.filter(|(from, to)| from != to).collect()
    }

    /// Whoever gets keys of a node that was given up asks all others what they have of them.
    fn ask_all_for_the_dead(&mut self) {
        let heirs: BTreeSet<NodeId> = self.flows.iter().filter(|(from, _)| self.forced.contains(from)).map(|(_, to)| *to).collect();
        let all: Vec<NodeId> = self.members().collect();
        self.flows.extend(heirs.iter().flat_map(|heir| all.iter().map(move |from| (*from, *heir))).filter(|(from, to)| from != to));
    }

    /// The nodes, in order.
    pub fn members(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.table.nodes().iter().map(|node| id(*node))
    }

    /// Whether a node keeps anything.
    pub fn has(&self, node: NodeId) -> bool {
        self.table.nodes().binary_search(&number(node)).is_ok()
    }

    /// The place of a key in the space of hashes.
    pub fn place(&self, key: &str) -> u64 {
        let whole = match read(key) {
            Named::Plain(key) | Named::Part(key, _) => key,
            Named::Entry(value) => return together(self.seed, hash::place(value)),
        };
        let text = match self.plan.shard_by {
            ShardBy::Key => whole,
            ShardBy::Prefix => whole.split(':').next().unwrap_or(whole),
        };
        together(self.seed, hash::place(text))
    }

    fn spot<'a>(&self, key: &'a str) -> Spot<'a> {
        let text = if let Named::Part(name, _) = read(key) { name } else { key };
        Spot { text, place: self.place(key) }
    }

    fn list(&self, key: &str, count: usize) -> Vec<u16> {
        match read(key) {
            Named::Part(_, part) if part > 0 => salt::turned(&self.table.homes(self.spot(key), self.table.nodes().len()), part, count),
            _ => self.table.homes(self.spot(key), count),
        }
    }

    /// Who owns a key.
    pub fn primary(&self, key: &str) -> NodeId {
        match read(key) {
            Named::Part(_, part) if part > 0 => id(self.list(key, 1).first().copied().unwrap_or(0)),
            _ => id(self.table.owner(self.spot(key))),
        }
    }

    /// Who keeps copies of a key, the owner first.
    pub fn homes(&self, key: &str) -> Vec<NodeId> {
        self.list(key, self.plan.replicas as usize).into_iter().map(id).collect()
    }

    /// In how many parts a counter lies.
    pub fn parts(&self, counter: &str) -> u32 {
        self.salted.get(counter).copied().unwrap_or(1)
    }

    /// Who owns keys from one up to another, exclusive, or that begin with it; under hashes that is everybody, unless the prefix that
    /// decides is known.
    pub fn owners_between(&self, from: &str, upto: Option<&str>) -> BTreeSet<NodeId> {
        match self.table.rule() {
            Rule::Range(ranges) => {
                let upto = upto.map_or_else(|| beyond(from), str::to_string);
                ranges.between(from, Some(&upto)).iter().map(|range| id(range.node)).chain(self.pinned()).collect()
            }
            _ if self.plan.shard_by == ShardBy::Prefix && upto.is_none() && from.contains(':') => {
                [self.primary(from)].into_iter().chain(self.pinned()).collect()
            }
            _ => self.members().collect(),
        }
    }

    fn pinned(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.table.pinned.values().map(|(_, node)| id(*node))
    }

    /// How many bytes it has on the wire.
    pub fn bytes(&self) -> u64 {
        12 * self.table.entries() as u64
    }
}

/// The first text after all that begin so.
pub(super) fn beyond(prefix: &str) -> String {
    format!("{prefix}{}", char::MAX)
}

/// Ranges for these nodes: those of the table before, where it has some, with as few moves as there can be.
fn ranges(before: Option<&Table>, nodes: &[u16], keys: &[Key]) -> Ranges {
    let plain = plain(keys);
    let Some((Rule::Range(old), table)) = before.map(|table| (table.rule(), table)) else { return Ranges::even(&plain, nodes) };
    let mut ranges = old.clone();
    for gone in table.nodes().iter().filter(|node| !nodes.contains(node)) {
        while let Some(range) = ranges.all().iter().find(|range| range.node == *gone).cloned() {
            ranges.give(&range.from, emptiest(&ranges, nodes, &plain));
        }
    }
    for new in nodes.iter().filter(|node| !table.nodes().contains(node)) {
        halve(&mut ranges, *new, &plain);
    }
    ranges
}

/// Those of these keys that are a user's: no entries of an index, no parts of a counter.
fn plain(keys: &[Key]) -> Vec<Key> {
    keys.iter().filter(|key| matches!(read(key), Named::Plain(_))).cloned().collect()
}

fn held(ranges: &Ranges, node: u16, keys: &[Key]) -> usize {
    keys.iter().filter(|key| ranges.owner(key) == node).count()
}

fn emptiest(ranges: &Ranges, nodes: &[u16], keys: &[Key]) -> u16 {
    nodes.iter().copied().min_by_key(|node| held(ranges, *node, keys)).unwrap_or(0)
}

/// The upper half of the fullest range goes to a new node.
fn halve(ranges: &mut Ranges, new: u16, keys: &[Key]) {
    let of = |number: usize| keys.iter().filter(|key| ranges.find(key) == number).collect::<Vec<_>>();
    let fullest = (0..ranges.all().len()).map(of).max_by_key(Vec::len).unwrap_or_default();
    if let Some(middle) = fullest.get(fullest.len().div_ceil(2)).map(|key| (*key).clone()) {
        ranges.split(&middle);
        ranges.give(&middle, new);
    }
}

/// A map that many share.
pub(super) type Shared = Arc<Map>;
