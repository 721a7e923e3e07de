//! A list that is cheap to clone: old items are shared between all clones, only the newest few are copied.
//!
//! A tree of leaves of equal size beside a short list of the newest items, as the persistent vectors of Clojure have it (Bagwell and
//! Rompf, "RRB-Trees", 2011, section 2). A clone copies the newest items; whoever changes something old copies the way to it. What
//! nobody will ask for any more can be forgotten: the items that are left keep their positions.

use std::sync::Arc;

/// Items of a leaf: small enough that copying the newest ones stays far below a microsecond.
const LEAF: usize = 16;
/// Bits of a leaf's number that choose a child.
const BITS: u32 = 4;
/// Children of a branch.
const FAN: usize = 1 << BITS;

/// A list with O(1) clone and push, and O(log n) access.
#[derive(Clone, Debug)]
pub struct Log<T> {
    newest: Vec<T>,
    older: Option<Tree<T>>,
    len: usize,
    /// How many leaves are forgotten.
    forgotten: usize,
}

#[derive(Debug)]
enum Tree<T> {
    /// Forgotten.
    Gone,
    Leaf(Arc<[T]>),
    Branch(Arc<Vec<Tree<T>>>),
}

impl<T> Clone for Tree<T> {
    fn clone(&self) -> Self {
        match self {
            Tree::Gone => Tree::Gone,
            Tree::Leaf(items) => Tree::Leaf(Arc::clone(items)),
            Tree::Branch(children) => Tree::Branch(Arc::clone(children)),
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

impl<T> Tree<T> {
    /// A leaf under so many branches of its own.
    fn lone(items: Arc<[T]>, height: u32) -> Tree<T> {
        (0..height).fold(Tree::Leaf(items), |below, _| Tree::Branch(Arc::new(vec![below])))
    }

    fn leaf(&self, number: usize, height: u32) -> &[T] {
        match self {
            Tree::Gone => &[],
            Tree::Leaf(items) => items,
            Tree::Branch(children) => children[child(number, height)].leaf(number, height - 1),
        }
    }

    /// Forgets every leaf before this one.
    fn forget(&mut self, first: usize, height: u32) {
        let Tree::Branch(children) = self else { return };
        let (children, at) = (own(children), child(first, height));
        children[..at].fill_with(|| Tree::Gone);
        children[at].forget(first, height - 1);
    }

    /// Adds the leaf with the next number.
    fn add(&mut self, number: usize, height: u32, items: Arc<[T]>) {
        let Tree::Branch(children) = self else { return };
        let children = own(children);
        match children.get_mut(child(number, height)) {
            Some(below) => below.add(number, height - 1, items),
            None => children.push(Tree::lone(items, height - 1)),
        }
    }

    /// Drops every leaf after this one.
    fn cut(&mut self, last: usize, height: u32) {
        let Tree::Branch(children) = self else { return };
        let (children, at) = (own(children), child(last, height));
        children.truncate(at + 1);
        children[at].cut(last, height - 1);
    }
}

impl<T: Clone> Tree<T> {
    fn leaf_mut(&mut self, number: usize, height: u32) -> &mut [T] {
        match self {
            Tree::Gone => &mut [],
            Tree::Leaf(items) => Arc::make_mut(items),
            Tree::Branch(children) => own(children)[child(number, height)].leaf_mut(number, height - 1),
        }
    }
}

/// The children of a branch that nobody else has; a copy has room for a few more.
fn own<T>(children: &mut Arc<Vec<Tree<T>>>) -> &mut Vec<Tree<T>> {
    if Arc::get_mut(children).is_none() {
        let mut copy = Vec::with_capacity((children.len() + 2).min(FAN));
        copy.extend(children.iter().cloned());
        *children = Arc::new(copy);
    }
    Arc::make_mut(children)
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Log { newest: Vec::new(), older: None, len: 0, forgotten: 0 }
    }
}

impl<T> Log<T> {
    /// How many items there are, the forgotten ones counted.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The position of the oldest item that is not forgotten.
    pub fn first(&self) -> usize {
        self.forgotten * LEAF
    }

    /// Forgets what comes before a position. A few items stay that could have gone.
    pub fn forget(&mut self, before: usize) {
        let leaves = self.leaves();
        // The last full leaf stays: the next one joins on.
        let first = (before / LEAF).min(leaves.saturating_sub(1));
        if let Some(tree) = self.older.as_mut().filter(|_| first > self.forgotten) {
            tree.forget(first, height(leaves));
            self.forgotten = first;
        }
    }

    /// Adds an item at the end.
    #[inline]
    pub fn push(&mut self, item: T) {
        if self.newest.len() == self.newest.capacity() {
            self.make_room();
        }
        self.newest.push(item);
        self.len += 1;
    }

    /// Hands a full leaf to the past, or lets one that was just cloned grow to its full size.
    #[cold]
    fn make_room(&mut self) {
        if self.newest.len() < LEAF {
            return self.newest.reserve_exact(LEAF - self.newest.len());
        }
        let (number, items) = (self.leaves(), self.newest.drain(..).collect::<Arc<[T]>>());
        let (before, after) = (height(number), height(number + 1));
        self.older = Some(match self.older.take() {
            None => Tree::Leaf(items),
            Some(tree) if before < after => Tree::Branch(Arc::new(vec![tree, Tree::lone(items, after - 1)])),
            Some(mut tree) => {
                tree.add(number, after, items);
                tree
            }
        });
    }

    /// How many full leaves there are.
    fn leaves(&self) -> usize {
        (self.len - self.newest.len()) / LEAF
    }

    fn leaf(&self, number: usize) -> &[T] {
        self.older.as_ref().map_or(&[], |tree| tree.leaf(number, height(self.leaves())))
    }

    /// The item at a position, from 0.
    pub fn get(&self, at: usize) -> Option<&T> {
        let old = self.len - self.newest.len();
        if at >= old { self.newest.get(at - old) } else { self.leaf(at / LEAF).get(at % LEAF) }
    }

    /// The position of the first item for which `before` does not hold. It holds for all that come before that, and for none after it.
    pub fn partition_point(&self, before: impl Fn(&T) -> bool) -> usize {
        let (mut low, mut high) = (self.first(), self.len);
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).is_some_and(&before) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// The newest item.
    pub fn last(&self) -> Option<&T> {
        self.len.checked_sub(1).and_then(|at| self.get(at))
    }

    /// From the newest item to the oldest.
    pub fn newest_first(&self) -> impl Iterator<Item = &T> {
        self.newest.iter().rev().chain((self.forgotten..self.leaves()).rev().flat_map(|number| self.leaf(number).iter().rev()))
    }

    /// From the oldest item that is not forgotten to the newest.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.iter_from(0)
    }

    /// From a position, counted from 0, to the newest item; without what is forgotten.
    pub fn iter_from(&self, start: usize) -> impl Iterator<Item = &T> {
        let start = start.max(self.first());
        let (first, leaves) = (start / LEAF, self.leaves());
        let older = (first..leaves).flat_map(|number| self.leaf(number).iter());
        older.chain(&self.newest).skip(start - first.min(leaves) * LEAF)
    }

    /// The newest items for which `keep` holds, up to the first for which it does not, oldest of them first.
    pub fn tail_while(&self, keep: impl Fn(&T) -> bool) -> Vec<&T> {
        let mut tail: Vec<&T> = self.newest_first().take_while(|item| keep(item)).collect();
        tail.reverse();
        tail
    }

    /// All items, oldest first.
    pub fn all(&self) -> Vec<&T> {
        self.from(0)
    }

    /// The items from position `start` on, oldest first.
    pub fn from(&self, start: usize) -> Vec<&T> {
        self.iter_from(start).collect()
    }
}

impl<T: Clone> Log<T> {
    /// The item at a position, from 0, to be changed.
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        let (old, leaves) = (self.len - self.newest.len(), self.leaves());
        if at >= old {
            return self.newest.get_mut(at - old);
        }
        self.older.as_mut()?.leaf_mut(at / LEAF, height(leaves)).get_mut(at % LEAF)
    }

    /// Drops everything from a position on, counted from 0. Nothing may be forgotten.
    pub fn truncate(&mut self, len: usize) {
        assert!(self.forgotten == 0, "what is forgotten cannot become the newest");
        let (old, leaves) = (self.len - self.newest.len(), self.leaves());
        if len >= old {
            self.newest.truncate(len - old);
        } else {
            self.newest.clear();
            self.newest.reserve_exact(LEAF);
            let (full, rest) = (len / LEAF, len % LEAF);
            let kept = &self.older.as_ref().map_or(&[][..], |tree| tree.leaf(full, height(leaves)))[..rest];
            self.newest.extend_from_slice(kept);
            self.older = self.older.take().and_then(|tree| shortened(tree, leaves, full));
        }
        self.len = self.len.min(len);
    }

    /// Becomes equal to a list that it is the beginning of, and shares what that one shares.
    pub fn catch_up(&mut self, longer: &Log<T>) {
        if self.leaves() == longer.leaves() {
            longer.newest.iter().skip(self.newest.len()).for_each(|item| self.push(item.clone()));
        } else {
            *self = longer.clone();
        }
    }
}

/// The first leaves of a tree, under no more branches than they need.
fn shortened<T>(mut tree: Tree<T>, leaves: usize, keep: usize) -> Option<Tree<T>> {
    let last = keep.checked_sub(1)?;
    tree.cut(last, height(leaves));
    for _ in height(keep)..height(leaves) {
        let Tree::Branch(children) = &tree else { break };
        tree = children[0].clone();
    }
    Some(tree)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn clones_share_the_past_and_differ_in_the_future() {
        let mut log = Log::default();
        (0..1000).for_each(|i| log.push(i));
        let mut other = log.clone();
        log.push(1000);
        other.push(-1);
        assert_eq!(log.all(), (0..=1000).collect::<Vec<_>>().iter().collect::<Vec<_>>());
        assert_eq!((other.last(), other.len()), (Some(&-1), 1001));
        assert_eq!(log.tail_while(|i| *i > 997), [&998, &999, &1000]);
        assert_eq!(log.from(999), [&999, &1000]);
    }

    #[test]
    fn a_long_log_can_be_dropped() {
        let mut log = Log::default();
        (0..10_000_000u32).for_each(|i| log.push(i));
        drop(log);
    }

    /// What can be done to a list.
    #[derive(Clone, Debug)]
    enum Act {
        Push(usize),
        Truncate(usize),
        Set(usize),
        Clone,
        CatchUp,
    }

    fn acts() -> impl Strategy<Value = Vec<Act>> {
        let act = prop_oneof![
            (1usize..700).prop_map(Act::Push),
            any::<usize>().prop_map(Act::Truncate),
            any::<usize>().prop_map(Act::Set),
            Just(Act::Clone),
            Just(Act::CatchUp),
        ];
        proptest::collection::vec(act, 1..40)
    }

    fn same(log: &Log<u32>, list: &[u32]) -> Result<(), TestCaseError> {
        prop_assert_eq!(log.len(), list.len());
        prop_assert!(log.iter().eq(list));
        prop_assert!(log.newest_first().eq(list.iter().rev()));
        prop_assert_eq!(log.last(), list.last());
        for at in (0..list.len() + 20).step_by(7) {
            prop_assert_eq!(log.get(at), list.get(at));
            prop_assert!(log.iter_from(at).eq(list.iter().skip(at)));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn it_is_a_list_whatever_its_clones_do(acts in acts()) {
            let (mut log, mut list, mut next) = (Log::default(), Vec::new(), 0u32);
            let mut clones: Vec<(Log<u32>, Vec<u32>)> = vec![(Log::default(), Vec::new())];
            for act in acts {
                match act {
                    Act::Push(times) => for _ in 0..times {
                        next += 1;
                        log.push(next);
                        list.push(next);
                    },
                    Act::Truncate(at) => {
                        let len = at % (list.len() + 2);
                        log.truncate(len);
                        list.truncate(len);
                    }
                    Act::Set(at) => {
                        next += 1;
                        let at = at % (list.len() + 1);
                        prop_assert_eq!(log.get_mut(at).map(|item| *item = next).is_some(), at < list.len());
                        list.get_mut(at).into_iter().for_each(|item| *item = next);
                    }
                    Act::Clone => clones.push((log.clone(), list.clone())),
                    Act::CatchUp => {
                        let clone = clones.last_mut().unwrap();
                        if list.starts_with(&clone.1) {
                            clone.0.catch_up(&log);
                            clone.1.clone_from(&list);
                        }
                    }
                }
                same(&log, &list)?;
            }
            for (clone, list) in &clones {
                same(clone, list)?;
            }
        }

        #[test]
        fn what_is_left_is_the_end_of_the_list(steps in proptest::collection::vec((1u32..700, any::<usize>(), any::<bool>()), 1..30)) {
            let (mut log, mut list) = (Log::default(), Vec::new());
            let mut clones = Vec::new();
            for (pushed, before, clones_it) in steps {
                (0..pushed).for_each(|_| {
                    log.push(list.len() as u32);
                    list.push(list.len() as u32);
                });
                let before = before % (list.len() + 1);
                let first = log.first();
                log.forget(before);
                prop_assert_eq!(log.len(), list.len());
                prop_assert!(log.first() <= before.max(first) && before <= log.first() + 2 * LEAF);
                prop_assert_eq!(log.partition_point(|item| (*item as usize) < before), before.max(log.first()));
                prop_assert!(log.iter().eq(&list[log.first()..]));
                prop_assert!(log.newest_first().eq(list[log.first()..].iter().rev()));
                prop_assert!((0..list.len()).all(|at| log.get(at) == list.get(at).filter(|_| at >= log.first())));
                if clones_it {
                    clones.push((log.clone(), list.clone()));
                }
            }
            for (log, list) in &clones {
                prop_assert!(log.iter().eq(&list[log.first()..]));
            }
        }
    }
}
