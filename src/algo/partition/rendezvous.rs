//! Rendezvous hashing, or highest random weight (Thaler and Ravishankar, IEEE/ACM Transactions on Networking 6(1), 1998): every node has a
//! weight for every key, and the heaviest node keeps it.

use super::together;

/// The weight of a node for a place.
pub fn weight(place: u64, node: u16) -> u64 {
    together(u64::from(node), place)
}

/// The heaviest of these nodes for a place; of equally heavy ones the lowest number.
pub fn owner(place: u64, nodes: &[u16]) -> Option<u16> {
    nodes.iter().copied().max_by_key(|node| (weight(place, *node), std::cmp::Reverse(*node)))
}

/// The so many heaviest, from the heaviest on.
pub fn homes(place: u64, nodes: &[u16], count: usize) -> Vec<u16> {
    let mut all: Vec<(u64, std::cmp::Reverse<u16>)> = nodes.iter().map(|node| (weight(place, *node), std::cmp::Reverse(*node))).collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.into_iter().take(count).map(|(_, node)| node.0).collect()
}
