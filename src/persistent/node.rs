//! The tree below a map: sorted leaves, and branches that know how many entries stand in each part.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::sync::Arc;

/// How many entries a leaf and how many parts a branch holds at most. Few: a change after a copy writes all of them again.
const MOST: usize = 8;

/// A part of the tree. All leaves are equally deep; no part below the root is empty.
#[derive(Clone)]
pub(super) enum Node<K, V> {
    /// Entries, sorted by their keys.
    Leaf(Vec<(K, V)>),
    /// Parts, sorted by their keys.
    Branch(Vec<Part<K, V>>),
}

/// One part of a branch.
#[derive(Clone)]
pub(super) struct Part<K, V> {
    /// At most the least key in it, and above every key before it.
    least: K,
    /// How many entries it holds.
    count: usize,
    /// Where they are.
    node: Arc<Node<K, V>>,
}

/// Where a key stands among sorted things, or would stand.
fn place<T, Q: Ord + ?Sized>(all: &[T], key: &Q, of: impl Fn(&T) -> &Q) -> Result<usize, usize> {
    let (mut low, mut high) = (0, all.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        match of(&all[middle]).cmp(key) {
            Ordering::Less => low = middle + 1,
            Ordering::Equal => return Ok(middle),
            Ordering::Greater => high = middle,
        }
    }
    Err(low)
}

/// What no longer has room after something was put at a place. What grows at its end leaves full parts behind.
fn spill<T>(all: &mut Vec<T>, at: usize) -> Option<Vec<T>> {
    if all.len() <= MOST {
        return None;
    }
    let cut = if at + 1 == all.len() { at } else { all.len() / 2 };
    let rest = all.split_off(cut);
    // Much is never written again, and would keep the room that it grew into.
    all.shrink_to_fit();
    Some(rest)
}

/// Puts something to its place. Room grows no further than there may be things, and one more until they are spilled.
fn insert<T>(all: &mut Vec<T>, at: usize, one: T) {
    if all.len() == all.capacity() {
        all.reserve_exact(all.len().max(2).min(MOST.saturating_sub(all.len()).max(1)));
    }
    all.insert(at, one);
}

/// Which part would hold a key.
fn holder<K: Borrow<Q>, V, Q: Ord + ?Sized>(parts: &[Part<K, V>], key: &Q) -> usize {
    place(parts, key, |part| part.least.borrow()).unwrap_or_else(|next| next.saturating_sub(1))
}

impl<K, V> Part<K, V> {
    /// The same part, and not only an equal one.
    fn is(&self, other: &Part<K, V>) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }
}

impl<K, V> Node<K, V> {
    /// How many entries stand here.
    pub(super) fn count(&self) -> usize {
        match self {
            Node::Leaf(entries) => entries.len(),
            Node::Branch(parts) => parts.iter().map(|part| part.count).sum(),
        }
    }

    /// The entry of a key.
    pub(super) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&(K, V)>
    where
        K: Borrow<Q>,
    {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(entries) => return place(entries, key, |entry| entry.0.borrow()).ok().map(|at| &entries[at]),
                Node::Branch(parts) => node = &parts[holder(parts, key)].node,
            }
        }
    }

    /// How many entries stand before a key, and before what follows it if the key itself counts.
    pub(super) fn rank<Q: Ord + ?Sized>(&self, key: &Q, itself: bool) -> usize
    where
        K: Borrow<Q>,
    {
        let (mut node, mut before) = (self, 0);
        loop {
            match node {
                Node::Leaf(entries) => {
                    let at = place(entries, key, |entry| entry.0.borrow());
                    return before + at.map_or_else(|next| next, |at| at + usize::from(itself));
                }
                Node::Branch(parts) => {
                    let at = holder(parts, key);
                    before += parts[..at].iter().map(|part| part.count).sum::<usize>();
                    node = &parts[at].node;
                }
            }
        }
    }

    /// The leaf that holds the entry with a number, and its place there. There is such an entry.
    pub(super) fn leaf(&self, mut number: usize) -> (&[(K, V)], usize) {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(entries) => return (entries, number),
                Node::Branch(parts) => {
                    let mut at = 0;
                    while number >= parts[at].count {
                        number -= parts[at].count;
                        at += 1;
                    }
                    node = &parts[at].node;
                }
            }
        }
    }

    /// The parts that begin with the entry with a number, the greatest first.
    fn beginning_at(&self, mut number: usize) -> Vec<&Part<K, V>> {
        let (mut node, mut found) = (self, Vec::new());
        while let Node::Branch(parts) = node {
            let Some(part) = parts.iter().find(|part| {
                let is_here = number < part.count;
                number -= if is_here { 0 } else { part.count };
                is_here
            }) else {
                break;
            };
            if number == 0 {
                found.push(part);
            }
            node = &part.node;
        }
        found
    }

    /// How many entries, from one number here and another there on, are the same because they were never written since.
    pub(super) fn shared(&self, here: usize, other: &Node<K, V>, there: usize) -> usize {
        let theirs = other.beginning_at(there);
        let same = |part: &&Part<K, V>| theirs.iter().any(|their| their.is(part));
        self.beginning_at(here).into_iter().find(same).map_or(0, |part| part.count)
    }
}

impl<K: Ord + Clone, V: Clone> Node<K, V> {
    /// A branch over two parts.
    pub(super) fn over(left: Arc<Node<K, V>>, right: Part<K, V>) -> Node<K, V> {
        Node::Branch(vec![Part::of(left), right])
    }

    /// The only part, where there is but one.
    pub(super) fn only(&self) -> Option<Arc<Node<K, V>>> {
        match self {
            Node::Branch(parts) if parts.len() == 1 => Some(Arc::clone(&parts[0].node)),
            _ => None,
        }
    }

    /// Puts an entry to its place: the value that stood there, and the part that has no room here any more.
    pub(super) fn put(&mut self, key: K, value: V) -> (Option<V>, Option<Part<K, V>>) {
        let parts = match self {
            Node::Leaf(entries) => match place(entries, &key, |entry| &entry.0) {
                Ok(at) => return (Some(std::mem::replace(&mut entries[at].1, value)), None),
                Err(at) => {
                    insert(entries, at, (key, value));
                    return (None, spill(entries, at).map(|rest| Part::of(Arc::new(Node::Leaf(rest)))));
                }
            },
            Node::Branch(parts) => parts,
        };
        let at = holder(parts, &key);
        let part = &mut parts[at];
        if key < part.least {
            part.least = key.clone();
        }
        let (old, more) = Arc::make_mut(&mut part.node).put(key, value);
        part.count += usize::from(old.is_none());
        let Some(more) = more else { return (old, None) };
        part.count -= more.count;
        insert(parts, at + 1, more);
        (old, spill(parts, at + 1).map(|rest| Part::of(Arc::new(Node::Branch(rest)))))
    }

    /// The value of a key, to be written. The key is there.
    pub(super) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let mut node = self;
        loop {
            match node {
                Node::Leaf(entries) => {
                    return place(entries, key, |entry| entry.0.borrow()).ok().map(|at| &mut entries[at].1);
                }
                Node::Branch(parts) => {
                    let at = holder(parts, key);
                    node = Arc::make_mut(&mut parts[at].node);
                }
            }
        }
    }

    /// Every value in order, to be written.
    pub(super) fn each_mut(&mut self, see: &mut dyn FnMut(&K, &mut V)) {
        match self {
            Node::Leaf(entries) => entries.iter_mut().for_each(|(key, value)| see(key, value)),
            Node::Branch(parts) => parts.iter_mut().for_each(|part| Arc::make_mut(&mut part.node).each_mut(see)),
        }
    }

    /// Takes the entry of a key out.
    pub(super) fn take<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<(K, V)>
    where
        K: Borrow<Q>,
    {
        match self {
            Node::Leaf(entries) => place(entries, key, |entry| entry.0.borrow()).ok().map(|at| entries.remove(at)),
            Node::Branch(parts) => {
                let at = holder(parts, key);
                let taken = Arc::make_mut(&mut parts[at].node).take(key)?;
                parts[at].count -= 1;
                if parts[at].count == 0 {
                    parts.remove(at);
                } else if at + 1 < parts.len() {
                    join(parts, at);
                } else if at > 0 {
                    join(parts, at - 1);
                }
                Some(taken)
            }
        }
    }

    /// How many entries or parts stand directly here.
    fn width(&self) -> usize {
        match self {
            Node::Leaf(entries) => entries.len(),
            Node::Branch(parts) => parts.len(),
        }
    }

    /// Takes over what stands in the next one of the same depth.
    fn absorb(&mut self, next: &Node<K, V>) {
        match (self, next) {
            (Node::Leaf(mine), Node::Leaf(theirs)) => mine.extend_from_slice(theirs),
            (Node::Branch(mine), Node::Branch(theirs)) => mine.extend_from_slice(theirs),
            _ => unreachable!("all leaves are equally deep"),
        }
    }
}

/// Makes one of a part and the next, where both together fill a half.
fn join<K: Ord + Clone, V: Clone>(parts: &mut Vec<Part<K, V>>, at: usize) {
    if parts[at].node.width() + parts[at + 1].node.width() > MOST / 2 {
        return;
    }
    let next = parts.remove(at + 1);
    parts[at].count += next.count;
    Arc::make_mut(&mut parts[at].node).absorb(&next.node);
}

impl<K: Ord + Clone, V: Clone> Part<K, V> {
    fn of(node: Arc<Node<K, V>>) -> Part<K, V> {
        // Not the least key that is left in a branch: its first part still owns what would stand before it.
        let least = match &*node {
            Node::Leaf(entries) => entries[0].0.clone(),
            Node::Branch(parts) => parts[0].least.clone(),
        };
        Part { least, count: node.count(), node }
    }
}
