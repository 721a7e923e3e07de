//! Merkle trees (Merkle 1987), as anti-entropy uses them (Dynamo, SOSP 2007, section 4.7): two copies compare the hash of everything,
//! and where it differs the hashes of the halves, down to small ranges of keys. Equal copies cost one hash, one different row a path.

use super::hash::scatter;

/// The deepest tree: 65,536 leaves.
pub const DEPTH_MAX: u32 = 16;

/// A tree over the whole space of hashes. Node 1 is the root, the children of node `i` are `2 i` and `2 i + 1`, and each leaf stands for
/// an equal range of hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerkleTree {
    depth: u32,
    nodes: Vec<u64>,
}

impl MerkleTree {
    /// An empty tree with `2^depth` leaves; at most [`DEPTH_MAX`] deep.
    pub fn new(depth: u32) -> MerkleTree {
        let depth = depth.min(DEPTH_MAX);
        let mut tree = MerkleTree { depth, nodes: vec![0; 2 << depth] };
        for node in (1..1 << depth).rev() {
            tree.nodes[node] = tree.of_children(node);
        }
        tree
    }

    /// The tree of these rows: the place of each key, and a hash of the row that contains the key.
    pub fn of(depth: u32, rows: impl IntoIterator<Item = (u64, u64)>) -> MerkleTree {
        let mut tree = MerkleTree::new(depth);
        for (place, row) in rows {
            tree.toggle(place, row);
        }
        tree
    }

    /// Puts a row in, or takes it out: a leaf is the sum without carry of its rows, so their order does not matter.
    pub fn toggle(&mut self, place: u64, row: u64) {
        let mut node = self.leaf(place);
        self.nodes[node] ^= scatter(row);
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.of_children(node);
        }
    }

    /// The node that is the leaf of a place.
    pub fn leaf(&self, place: u64) -> usize {
        let range = if self.depth == 0 { 0 } else { place >> (64 - self.depth) };
        (1 << self.depth) | range as usize
    }

    /// Whether a node is a leaf. `false` for one that is not in the tree.
    pub fn is_leaf(&self, node: usize) -> bool {
        node >> self.depth == 1
    }

    /// The hash of a node; 0 for one that is not in the tree.
    pub fn hash(&self, node: usize) -> u64 {
        self.nodes.get(node).copied().unwrap_or(0)
    }

    /// The children of a node and their hashes; none for a leaf.
    pub fn children(&self, node: usize) -> impl Iterator<Item = (usize, u64)> + use<'_> {
        let children = if node >= 1 && node < 1 << self.depth { 2 * node..2 * node + 2 } else { 0..0 };
        children.map(|child| (child, self.hash(child)))
    }

    /// The leaves in which two trees of one depth differ, in order; and how many pairs of nodes had to be compared.
    pub fn differences(&self, other: &MerkleTree) -> (Vec<usize>, usize) {
        let (mut leaves, mut compared, mut open) = (Vec::new(), 0, vec![1]);
        while let Some(node) = open.pop() {
            compared += 1;
            if self.hash(node) != other.hash(node) {
                if self.is_leaf(node) { leaves.push(node) } else { open.extend([2 * node + 1, 2 * node]) }
            }
        }
        (leaves, compared)
    }

    fn of_children(&self, node: usize) -> u64 {
        scatter(self.nodes[2 * node].rotate_left(29) ^ scatter(self.nodes[2 * node + 1] ^ 0x9E37_79B9_7F4A_7C15))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::hash::{fnv1a_on, place};
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    type Rows = BTreeMap<String, u8>;

    fn hashed(rows: &Rows) -> impl Iterator<Item = (u64, u64)> + use<'_> {
        rows.iter().map(|(key, value)| (place(key), fnv1a_on(place(key), &[*value])))
    }

    fn rows() -> impl Strategy<Value = Rows> {
        proptest::collection::btree_map("[a-z]{1,3}", any::<u8>(), 0..60)
    }

    proptest! {
        #[test]
        fn the_leaves_that_differ_are_those_of_the_rows_that_differ(left in rows(), right in rows(), depth in 0u32..8) {
            let (a, b) = (MerkleTree::of(depth, hashed(&left)), MerkleTree::of(depth, hashed(&right)));
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            let apart: BTreeSet<usize> = keys.into_iter().filter(|key| left.get(*key) != right.get(*key)).map(|key| a.leaf(place(key))).collect();
            let (found, compared) = a.differences(&b);
            prop_assert_eq!(&found, &apart.into_iter().collect::<Vec<_>>());
            prop_assert!(compared <= 1 + 2 * found.len() * depth as usize, "{} nodes for {} leaves", compared, found.len());
            prop_assert_eq!(a == b, left == right);
        }

        #[test]
        fn a_row_put_in_and_taken_out_leaves_no_trace(rows in rows(), key in "[a-z]{1,3}", depth in 0u32..8) {
            let full = MerkleTree::of(depth, hashed(&rows));
            let mut without = MerkleTree::of(depth, hashed(&rows).filter(|(at, _)| *at != place(&key)));
            for (at, row) in hashed(&rows).filter(|(at, _)| *at == place(&key)) {
                without.toggle(at, row);
            }
            prop_assert_eq!(without, full);
        }
    }

    /// Cassandra compares trees of 2^15 leaves; one row in a hundred thousand costs two nodes a level, and equal copies one.
    #[test]
    fn one_row_among_many_costs_a_path() {
        let rows: Rows = (0..100_000).map(|i| (format!("k{i}"), 1)).collect();
        let (mine, mut theirs) = (MerkleTree::of(15, hashed(&rows)), MerkleTree::of(15, hashed(&rows)));
        assert_eq!(mine.differences(&theirs), (vec![], 1));
        theirs.toggle(place("k77"), 1);
        assert_eq!(mine.differences(&theirs), (vec![mine.leaf(place("k77"))], 31));
    }

    #[test]
    fn a_tree_without_branches_is_one_hash() {
        let mut tree = MerkleTree::new(0);
        assert!(tree.is_leaf(1) && tree.children(1).next().is_none() && tree.leaf(u64::MAX) == 1);
        tree.toggle(7, 7);
        assert_ne!(tree, MerkleTree::new(0));
        assert_eq!((tree.hash(99), tree.is_leaf(0), MerkleTree::new(99).leaf(0)), (0, false, 1 << DEPTH_MAX));
    }
}
