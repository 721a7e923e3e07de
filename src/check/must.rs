//! What must come before what in any one order of all operations, where it is clear which write each read saw.
//!
//! A value of a key that only one operation can have made names its writer; a text that can be cut into such values in one way only
//! names all the writes that it is made of. Then nothing else that changes the key can stand between those and the read: another
//! write comes before the first of them or after the read. What follows from that, and from the sessions' own orders, is
//! added until nothing more follows (Gibbons & Korach 1997 for the rule, which is sound and not complete). A circle means that
//! there is no order at all; otherwise what was found guides the search.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::{Act, Ground, Item};
use super::reach::{Edge, Reach, path};
use super::sources::{Made, Source};
use super::ways::CHEAP;

/// With more operations than this the table of what reaches what takes more than 8 MB.
const MOST: usize = 8_000;

/// What comes before what, by index of item.
pub(crate) type Edges = Vec<(u32, u32)>;

/// The rules of one history.
pub(crate) struct Must<'a> {
    items: &'a [Item],
    sources: Vec<Source>,
    /// The items of each key that can change it.
    writers: Vec<Vec<u32>>,
    /// The items of each session, by call.
    sessions: Vec<Vec<u32>>,
}

impl<'a> Must<'a> {
    /// The rules for a prepared history; `None` when it is too long.
    pub(crate) fn new(ground: &'a Ground) -> Option<Must<'a>> {
        let items = &ground.items;
        if items.len() > MOST {
            return None;
        }
        let mut writers = vec![Vec::new(); ground.keys.len()];
        let mut sessions: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            if item.act.writes() {
                writers[item.key as usize].push(index as u32);
            }
            sessions.entry(item.session).or_default().push(index as u32);
        }
        let mut sessions: Vec<Vec<u32>> = sessions.into_values().collect();
        for session in &mut sessions {
            session.sort_unstable_by_key(|i| items[*i as usize].start);
        }
        let mut sources = Vec::new();
        let keys: Vec<Made> = writers.iter().map(|w| Made::new(w, ground)).collect();
        for item in items {
            sources.push(keys[item.key as usize].source(item, ground));
        }
        Some(Must { items, sources, writers, sessions })
    }

    /// What must come before what; or operations that cannot all be right, few of them. `None` when that takes more than `budget`
    /// steps. Takes what it used from `budget`.
    pub(crate) fn edges(&self, budget: &mut u64) -> Option<Result<Edges, Vec<u32>>> {
        let sure = |i: &u32| self.items[*i as usize].sure;
        let all: BTreeSet<u32> = (0..self.items.len() as u32).filter(sure).collect();
        let mut core = match self.follow(&all, budget)? {
            Ok(edges) => return Some(Ok(edges.into_iter().map(|e| (e.from, e.to)).collect())),
            Err(core) => core,
        };
        core.retain(sure);
        for item in core.clone() {
            let mut fewer = core.clone();
            fewer.remove(&item);
            match self.follow(&fewer, budget) {
                Some(Err(_)) => core = fewer,
                Some(Ok(_)) => {}
                None => break,
            }
        }
        Some(Err(core.into_iter().collect()))
    }

    /// All that follows when these happened, or those of a contradiction.
    fn follow(&self, happened: &BTreeSet<u32>, budget: &mut u64) -> Option<Result<Vec<Edge>, BTreeSet<u32>>> {
        if let Some(item) = happened.iter().find(|i| matches!(self.sources[**i as usize], Source::Impossible)) {
            return Some(Err(BTreeSet::from([*item])));
        }
        let nodes: Vec<u32> = self.with_sources(happened).into_iter().collect();
        let mut edges = self.given(&nodes, happened);
        let pairs = self.pairs(&nodes);
        loop {
            // The table is filled word by word, for each edge; then each read is held against each write.
            *budget = budget.checked_sub(((edges.len() * nodes.len() / 64 + pairs) as u64) / CHEAP)?;
            let reach = match Reach::new(&nodes, &edges) {
                Ok(reach) => reach,
                Err(circle) => return Some(Err(explained(&circle, &edges))),
            };
            let more = self.consequences(&nodes, &reach);
            if more.is_empty() {
                return Some(Ok(edges));
            }
            edges.extend(more);
        }
    }

    /// These, and the writes behind what they read: those happened too.
    fn with_sources(&self, happened: &BTreeSet<u32>) -> BTreeSet<u32> {
        let mut all = happened.clone();
        let mut new: Vec<u32> = happened.iter().copied().collect();
        while let Some(item) = new.pop() {
            if let Source::Known(chain) = &self.sources[item as usize] {
                new.extend(chain.iter().filter(|w| all.insert(**w)));
            }
        }
        all
    }

    /// The order within sessions, and of each read after its writes, in their order.
    fn given(&self, nodes: &[u32], happened: &BTreeSet<u32>) -> Vec<Edge> {
        let mut edges = Vec::new();
        let mut edge = |from: u32, to: u32, read: Option<u32>| edges.push(Edge { from, to, because: read.map(|r| (r, r, r)) });
        for session in &self.sessions {
            let session: Vec<u32> = session.iter().copied().filter(|i| nodes.binary_search(i).is_ok()).collect();
            // What is only known to have happened need not have returned.
            self.in_turn(&session, happened).into_iter().for_each(|(from, to)| edge(from, to, None));
        }
        for &node in nodes {
            if let Source::Known(chain) = &self.sources[node as usize] {
                chain.windows(2).for_each(|pair| edge(pair[0], pair[1], Some(node)));
                if let Some(last) = chain.last() {
                    edge(*last, node, None);
                }
            }
        }
        edges
    }

    /// What came directly before what in a session.
    fn in_turn(&self, session: &[u32], happened: &BTreeSet<u32>) -> Edges {
        let item = |i: u32| &self.items[i as usize];
        let mut edges = Edges::new();
        for (at, &to) in session.iter().enumerate() {
            // Between `horizon` and `to` stands something that comes after whatever ended before `horizon`.
            let mut horizon = 0;
            let before = |from: &&u32| item(**from).before(item(to)) && happened.contains(*from);
            for &from in session[..at].iter().rev().filter(before) {
                if item(from).end >= horizon {
                    edges.push((from, to));
                    horizon = horizon.max(item(from).start);
                }
            }
        }
        edges
    }

    /// How many reads of known writes and other writes of their keys there are to be held against each other.
    fn pairs(&self, nodes: &[u32]) -> usize {
        let known = nodes.iter().filter(|n| matches!(self.sources[**n as usize], Source::Known(_)));
        known.map(|n| self.writers[self.items[*n as usize].key as usize].len()).sum()
    }

    /// What follows from the rule for what is known now.
    fn consequences(&self, nodes: &[u32], reach: &Reach) -> Vec<Edge> {
        let mut more = Vec::new();
        for &read in nodes {
            let Source::Known(chain) = &self.sources[read as usize] else { continue };
            let key = self.items[read as usize].key;
            for &write in self.writers[key as usize].iter().filter(|w| **w != read && reach.has(**w) && !chain.contains(w)) {
                more.extend(self.apart(read, chain, write, reach));
            }
        }
        more
    }

    /// Another write is not between a read and what it saw.
    fn apart(&self, read: u32, chain: &[u32], write: u32, reach: &Reach) -> Option<Edge> {
        let first = chain.first().copied().filter(|f| !matches!(self.items[*f as usize].act, Act::Append(_)));
        match first {
            Some(first) if reach.leads(write, read) && !reach.leads(write, first) => {
                Some(Edge { from: write, to: first, because: Some((read, write, read)) })
            }
            Some(first) if !reach.leads(first, write) => None,
            _ if reach.leads(read, write) => None,
            first => Some(Edge { from: read, to: write, because: Some((read, first.unwrap_or(read), first.map_or(read, |_| write))) }),
        }
    }
}

/// The items that some edges rest on, and those that these were concluded from.
fn explained(circle: &[usize], edges: &[Edge]) -> BTreeSet<u32> {
    let mut items = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut open = circle.to_vec();
    while let Some(index) = open.pop() {
        if !seen.insert(index) {
            continue;
        }
        let Edge { from, to, because } = edges[index];
        items.extend([from, to]);
        let Some((read, start, end)) = because else { continue };
        items.insert(read);
        if start != end {
            // Only what was known before this edge can have led to it.
            let mut after: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (earlier, edge) in edges[..index].iter().enumerate() {
                after.entry(edge.from as usize).or_default().push(earlier);
            }
            let of = |node: usize| after.get(&node).map_or(&[][..], Vec::as_slice);
            open.extend(path(edges, &of, &|node| node as usize, start as usize, end as usize).unwrap_or_default());
        }
    }
    items
}
