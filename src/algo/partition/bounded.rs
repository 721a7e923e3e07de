//! Consistent hashing with bounded loads (Mirrokni, Thorup and Zadimoghaddam, SODA 2018): no node takes more than a bound above the mean;
//! what finds its node full goes on to the next on its list.

/// The most that a node takes: `percent` of the mean, rounded up, at least one more than nothing.
pub fn capacity(keys: usize, nodes: usize, percent: u32) -> usize {
    (keys * percent as usize).div_ceil(nodes.max(1) * 100).max(1)
}

/// Gives each key, in order, to the first node of its list that has room. The nodes are numbers below `nodes`; every list names each of
/// them at least once. For each key its node; `None` where its list names none with room.
pub fn assign<L: IntoIterator<Item = u16>>(lists: impl IntoIterator<Item = L>, nodes: usize, capacity: usize) -> Vec<Option<u16>> {
    let mut held = vec![0_usize; nodes];
    let mut give = |list: L| {
        let node = list.into_iter().find(|node| held.get(usize::from(*node)).is_some_and(|held| *held < capacity))?;
        held[usize::from(node)] += 1;
        Some(node)
    };
    lists.into_iter().map(&mut give).collect()
}
