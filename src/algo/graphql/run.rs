//! How the objects of a query are read: field by field, or in batches, or as resources one by one.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use super::plan::Plan;
use super::schema::Type;

/// How objects are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each field of each object by itself.
    Plain,
    /// All that a field needs at once, and no object twice (`DataLoader`: keys of one tick are one batch, and it remembers).
    Batched,
    /// As a client of resources does it: each address by itself, and no address twice.
    Resources,
}

/// Something to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// The place of the query.
    pub node: usize,
    /// Whether `keys` are the objects themselves; else those of the parents whose lists are wanted.
    pub by_id: bool,
    /// What it is looked up by.
    pub keys: Vec<u32>,
    /// The objects that it leads to.
    found: Vec<u32>,
    /// How many objects are read.
    pub rows: u64,
}

/// A query under way. What is to be read is taken from it, and told when it is there.
#[derive(Clone, Debug)]
pub struct Run {
    plan: Arc<Plan>,
    mode: Mode,
    ready: VecDeque<Fetch>,
    /// What has been asked for in this run: a type and a number, or a place of the query and a number.
    known: BTreeSet<(Option<usize>, Type, u32)>,
    under_way: u32,
    /// Objects that were known before it began.
    given: BTreeSet<(Type, u32)>,
    /// Those of them that it used.
    used: BTreeSet<(Type, u32)>,
}

impl Run {
    /// Begins. `known`: objects that need not be read.
    pub fn new(plan: Arc<Plan>, mode: Mode, known: impl IntoIterator<Item = (Type, u32)>) -> Run {
        let given: BTreeSet<(Type, u32)> = known.into_iter().collect();
        let known = given.iter().map(|(to, id)| (None, *to, *id)).collect();
        let mut run = Run { plan, mode, ready: VecDeque::new(), known, under_way: 0, given, used: BTreeSet::new() };
        run.descend(0, &[0]);
        run
    }

    /// The objects that it took from what was known before.
    pub fn used(&self) -> impl Iterator<Item = (Type, u32)> {
        self.used.iter().copied()
    }

    /// The query.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What is to be read next, of what can be read now.
    pub fn take(&mut self) -> Option<Fetch> {
        let fetch = self.ready.pop_front()?;
        self.under_way += 1;
        Some(fetch)
    }

    /// It was read: what hangs on it can be read.
    pub fn done(&mut self, fetch: &Fetch) {
        self.under_way = self.under_way.saturating_sub(1);
        self.descend(fetch.node, &fetch.found);
    }

    /// It could not be read: nothing hangs on it.
    pub fn failed(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    /// Whether everything was read.
    pub fn is_over(&self) -> bool {
        self.ready.is_empty() && self.under_way == 0
    }

    /// The objects of a place are there: what is wanted of each is to be read, or is known and there too.
    fn descend(&mut self, from: usize, objects: &[u32]) {
        let mut there = VecDeque::from([(from, objects.to_vec())]);
        while let Some((node, objects)) = there.pop_front() {
            for child in self.plan.nodes[node].children.clone() {
                there.extend(self.want(child, &objects));
            }
        }
    }

    /// Wants what a place gives for these objects; gives back what is known without reading.
    fn want(&mut self, child: usize, parents: &[u32]) -> Option<(usize, Vec<u32>)> {
        if self.mode == Mode::Plain {
            self.ready.extend(parents.iter().map(|parent| self.fetch(child, vec![*parent])).collect::<Vec<_>>());
            return None;
        }
        let fresh: Vec<u32> = parents.iter().copied().filter(|parent| self.is_news(child, *parent)).collect();
        let found = |parents: &[u32]| parents.iter().flat_map(|parent| self.plan.follow(child, *parent)).collect::<Vec<_>>();
        if fresh.is_empty() {
            return Some((child, found(parents)));
        }
        let found = found(parents);
        if self.mode == Mode::Batched {
            let fetch = Fetch { found, ..self.fetch(child, fresh) };
            self.ready.push_back(fetch);
            return None;
        }
        let known: Vec<u32> = parents.iter().copied().filter(|parent| !fresh.contains(parent)).collect();
        let known = known.iter().flat_map(|parent| self.plan.follow(child, *parent)).collect();
        self.ready.extend(fresh.iter().map(|parent| self.fetch(child, vec![*parent])).collect::<Vec<_>>());
        Some((child, known))
    }

    /// Whether what a place gives for this object has not been asked for in this run.
    fn is_news(&mut self, child: usize, parent: u32) -> bool {
        let node = &self.plan.nodes[child];
        let is_list = node.field.is_some_and(|field| field.many);
        if is_list {
            return self.known.insert((Some(child), node.to, parent));
        }
        let to = node.to;
        let Some(id) = self.plan.follow(child, parent).next() else { return false };
        if self.given.contains(&(to, id)) {
            self.used.insert((to, id));
        }
        self.known.insert((None, to, id))
    }

    fn fetch(&self, child: usize, parents: Vec<u32>) -> Fetch {
        let node = &self.plan.nodes[child];
        let by_id = !node.field.is_some_and(|field| field.many);
        let found: Vec<u32> = parents.iter().flat_map(|parent| self.plan.follow(child, *parent)).collect();
        let rows = found.len() as u64;
        let keys = if by_id { found.clone() } else { parents };
        Fetch { node: child, by_id, keys, found, rows }
    }
}
