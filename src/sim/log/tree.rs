//! The full leaves of a list, as a tree that clones share.

use std::sync::Arc;

/// Items of a leaf, a power of two: few enough that copying the newest ones stays far below a microsecond, and that a leaf is among the
/// sizes that common allocators keep ready for each thread (up to 1,032 bytes in the C library of GNU).
pub(super) const fn leaf<T>() -> usize {
    const MOST: usize = 16;
    const BYTES: usize = 1024;
    let mut items = MOST;
    while items > 1 && items * size_of::<T>() > BYTES {
        items /= 2;
    }
    items
}
/// Bits of a leaf's number that choose a child.
const BITS: u32 = 4;
/// Children of a branch.
const FAN: usize = 1 << BITS;

/// Leaves, numbered from 0, under as few branches as they need.
#[derive(Clone, Debug)]
pub(super) struct Tree<T> {
    root: Part<T>,
    leaves: usize,
    /// How many branches are above each leaf.
    height: u32,
}

#[derive(Debug)]
enum Part<T> {
    /// Forgotten, or nothing yet.
    Gone,
    /// The list itself is handed over, not copied.
    Leaf(Arc<Vec<T>>),
    Branch(Arc<Vec<Part<T>>>),
}

impl<T> Clone for Part<T> {
    fn clone(&self) -> Self {
        match self {
            Part::Gone => Part::Gone,
            Part::Leaf(items) => Part::Leaf(Arc::clone(items)),
            Part::Branch(children) => Part::Branch(Arc::clone(children)),
        }
    }
}

/// How many branches are above each leaf of so many.
fn height(leaves: usize) -> u32 {
    (usize::BITS - leaves.saturating_sub(1).leading_zeros()).div_ceil(BITS)
}

/// Which child of a branch leads to a leaf.
fn child(leaf: usize, height: u32) -> usize {
    (leaf >> (BITS * (height - 1))) % FAN
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Tree { root: Part::Gone, leaves: 0, height: 0 }
    }
}

impl<T> Tree<T> {
    /// How many leaves there are, the forgotten ones counted.
    #[inline]
    pub(super) fn leaves(&self) -> usize {
        self.leaves
    }

    /// The items of a leaf; none where it is forgotten.
    pub(super) fn leaf(&self, number: usize) -> &[T] {
        let mut part = &self.root;
        for height in (1..=self.height).rev() {
            let Part::Branch(children) = part else { return &[] };
            part = &children[child(number, height)];
        }
        if let Part::Leaf(items) = part { items } else { &[] }
    }

    /// Adds the next leaf.
    pub(super) fn add(&mut self, items: Vec<T>) {
        let (number, full) = (self.leaves, 1 << (BITS * self.height));
        self.leaves += 1;
        if number == 0 {
            self.root = Part::Leaf(Arc::new(items));
        } else if number == full {
            let below = std::mem::replace(&mut self.root, Part::Gone);
            self.root = Part::Branch(Arc::new(vec![below, lone(items, self.height)]));
            self.height += 1;
        } else {
            add(&mut self.root, number, self.height, items);
        }
    }

    /// Forgets every leaf before this one, which is there.
    pub(super) fn forget(&mut self, first: usize) {
        let mut part = &mut self.root;
        for height in (1..=self.height).rev() {
            let Part::Branch(children) = part else { return };
            let (children, at) = (own(children), child(first, height));
            children[..at].fill_with(|| Part::Gone);
            part = &mut children[at];
        }
    }

    /// Keeps so many leaves, the first ones.
    pub(super) fn truncate(&mut self, leaves: usize) {
        let Some(last) = leaves.checked_sub(1) else { return *self = Tree::default() };
        let mut part = &mut self.root;
        for height in (1..=self.height).rev() {
            let Part::Branch(children) = part else { break };
            let (children, at) = (own(children), child(last, height));
            children.truncate(at + 1);
            part = &mut children[at];
        }
        self.leaves = leaves;
        while self.height > height(leaves)
            && let Part::Branch(children) = &self.root
        {
            (self.root, self.height) = (children[0].clone(), self.height - 1);
        }
    }
}

impl<T: Clone> Tree<T> {
    /// The items of a leaf, to be changed; none where it is forgotten.
    pub(super) fn leaf_mut(&mut self, number: usize) -> &mut [T] {
        let mut part = &mut self.root;
        for height in (1..=self.height).rev() {
            let Part::Branch(children) = part else { return &mut [] };
            part = &mut own(children)[child(number, height)];
        }
        if let Part::Leaf(items) = part { Arc::make_mut(items).as_mut_slice() } else { &mut [] }
    }
}

/// Adds the leaf with the next number under a branch that has room for it.
fn add<T>(mut part: &mut Part<T>, number: usize, height: u32, items: Vec<T>) {
    for height in (1..=height).rev() {
        let Part::Branch(children) = part else { return };
        let (children, at) = (own(children), child(number, height));
        if at == children.len() {
            return children.push(lone(items, height - 1));
        }
        part = &mut children[at];
    }
}

/// A leaf under so many branches of its own.
fn lone<T>(items: Vec<T>, height: u32) -> Part<T> {
    (0..height).fold(Part::Leaf(Arc::new(items)), |below, _| Part::Branch(Arc::new(vec![below])))
}

/// The children of a branch that nobody else has; a copy has room for a few more.
fn own<T>(children: &mut Arc<Vec<Part<T>>>) -> &mut Vec<Part<T>> {
    if Arc::strong_count(children) > 1 {
        let mut copy = Vec::with_capacity((children.len() + 2).min(FAN));
        copy.extend(children.iter().cloned());
        *children = Arc::new(copy);
    }
    Arc::make_mut(children)
}
