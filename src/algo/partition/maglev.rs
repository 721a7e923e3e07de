//! Maglev's lookup table (Eisenbud et al., NSDI 2016, section 3.4): nodes fill a table in turn, each by a permutation of its own, so that
//! shares differ by one entry at most; when a node comes or goes, a few more entries change than have to.

use super::together;

/// The entries of a table, a prime: the paper's smaller choice.
pub const ENTRIES: u32 = 65_537;

/// Where a node's permutation starts, and how far it steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permutation {
    /// The first entry that it wants.
    pub offset: u32,
    /// How far it is to the next, from 1 on.
    pub skip: u32,
}

impl Permutation {
    /// That of a node, for a table of so many entries.
    pub fn of(node: u16, entries: u32) -> Permutation {
        let hash = |number: u64| together(u64::from(node), number);
        let within = |hash: u64, most: u32| (hash % u64::from(most.max(1))) as u32;
        Permutation { offset: within(hash(0), entries), skip: within(hash(1), entries - 1) + 1 }
    }

    /// The entry that it wants after so many others.
    pub fn at(self, number: u32, entries: u32) -> u32 {
        ((u64::from(self.offset) + u64::from(number) * u64::from(self.skip)) % u64::from(entries)) as u32
    }
}

/// Which node each entry belongs to, by its index among the permutations: the paper's pseudocode 1. `entries` is a prime.
pub fn populate(permutations: &[Permutation], entries: u32) -> Vec<u16> {
    let mut table = vec![None; entries as usize];
    let mut next = vec![0; permutations.len()];
    let mut left = if permutations.is_empty() { 0 } else { entries };
    while left > 0 {
        for (index, permutation) in permutations.iter().enumerate() {
            if left == 0 {
                break;
            }
            let free = (next[index]..entries).find(|number| table[permutation.at(*number, entries) as usize].is_none()).unwrap_or(0);
            table[permutation.at(free, entries) as usize] = Some(index as u16);
            next[index] = free + 1;
            left -= 1;
        }
    }
    table.into_iter().flatten().collect()
}

/// A table of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maglev {
    entries: Vec<u16>,
}

impl Maglev {
    /// The table of these nodes, which are in order, of so many entries, a prime.
    pub fn new(nodes: &[u16], entries: u32) -> Maglev {
        let permutations: Vec<Permutation> = nodes.iter().map(|node| Permutation::of(*node, entries)).collect();
        Maglev { entries: populate(&permutations, entries).into_iter().map(|index| nodes[usize::from(index)]).collect() }
    }

    /// The nodes of the entries from that of a place on, once around.
    pub fn walk(&self, place: u64) -> impl Iterator<Item = u16> + '_ {
        let first = place.checked_rem(self.entries.len() as u64).unwrap_or(0) as usize;
        self.entries[first..].iter().chain(&self.entries[..first]).copied()
    }

    /// The entries.
    pub fn entries(&self) -> &[u16] {
        &self.entries
    }
}
