//! Which server has which of the 16,384 slots.

use crate::algo::redis::SLOTS;
use crate::persistent::{OrdMap, OrdSet};
use crate::sim::id::NodeId;

/// Slots and their owners. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotMap {
    /// Where each range begins, and whose it is.
    starts: OrdMap<u16, Option<NodeId>>,
}

impl SlotMap {
    /// Shared out among the first servers, as `redis-cli --cluster create` does; with none all slots are free.
    pub fn even(shards: u16) -> SlotMap {
        let (all, shards) = (u32::from(SLOTS), u32::from(shards));
        if shards == 0 {
            return SlotMap { starts: OrdMap::unit(0, None) };
        }
        let begins = |shard: u32| ((2 * all * shard + shards) / (2 * shards)) as u16;
        SlotMap { starts: (0..shards).map(|shard| (begins(shard), Some(NodeId::server(shard as u16)))).collect() }
    }

    /// Whose a slot is.
    pub fn owner(&self, slot: u16) -> Option<NodeId> {
        self.starts.get_prev(&slot).and_then(|(_, owner)| *owner)
    }

    /// Gives the slots from one to another, both included, to a server.
    pub fn give(&mut self, (from, to): (u16, u16), owner: NodeId) {
        let behind = (to + 1 < SLOTS).then(|| (to + 1, self.owner(to + 1)));
        let inner: Vec<u16> = self.starts.range(from..=to).map(|(start, _)| *start).collect();
        for start in inner {
            self.starts.remove(&start);
        }
        self.starts.insert(from, Some(owner));
        self.starts.extend(behind);
        let mut last = None;
        let all: Vec<(u16, Option<NodeId>)> = self.starts.iter().map(|(start, owner)| (*start, *owner)).collect();
        for (start, owner) in all {
            if last == Some(owner) {
                self.starts.remove(&start);
            }
            last = Some(owner);
        }
    }

    /// The ranges that have an owner: first slot, last slot, and whose they are.
    pub fn ranges(&self) -> impl Iterator<Item = (u16, u16, NodeId)> {
        let ends = self.starts.keys().skip(1).map(|start| start - 1).chain([SLOTS - 1]);
        self.starts.iter().zip(ends).filter_map(|((start, owner), end)| Some((*start, end, (*owner)?)))
    }

    /// The ranges of one server.
    pub fn of(&self, owner: NodeId) -> Vec<(u16, u16)> {
        self.ranges().filter(|(.., whose)| *whose == owner).map(|(start, end, _)| (start, end)).collect()
    }

    /// How many slots a server has.
    pub fn count(&self, owner: NodeId) -> u32 {
        self.of(owner).iter().map(|(start, end)| u32::from(end - start) + 1).sum()
    }

    /// Who has any.
    pub fn owners(&self) -> OrdSet<NodeId> {
        self.ranges().map(|(.., owner)| owner).collect()
    }

    /// The parts of a range, each with one owner.
    pub fn within(&self, (from, to): (u16, u16)) -> Vec<(u16, u16, Option<NodeId>)> {
        let ends = self.starts.keys().skip(1).map(|start| start - 1).chain([SLOTS - 1]);
        let all = self.starts.iter().zip(ends).map(|((start, owner), end)| (*start.max(&from), end.min(to), *owner));
        all.filter(|(start, end, _)| start <= end).collect()
    }
}

/// A range that a server says it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    /// Under which epoch.
    pub epoch: u64,
    /// Who says so.
    pub owner: NodeId,
    /// The first and the last slot.
    pub range: (u16, u16),
}

/// Who has which slots, in their order: of two that claim one, the one with the greater epoch. What one claims does not touch itself.
pub(super) fn settled(mut claims: Vec<Claim>) -> Vec<(u16, u16, NodeId)> {
    claims.sort_unstable_by_key(|claim| claim.range);
    // Nearly always each slot is claimed once.
    if claims.windows(2).all(|two| two[0].range.1 < two[1].range.0) {
        return claims.into_iter().map(|Claim { owner, range: (start, end), .. }| (start, end, owner)).collect();
    }
    claims.sort_unstable();
    let mut map = SlotMap::even(0);
    for claim in claims {
        map.give(claim.range, claim.owner);
    }
    map.ranges().collect()
}

/// Ranges as they are written: `0-5460 7000`.
pub(super) fn written(ranges: &[(u16, u16)]) -> String {
    let one = |(start, end): &(u16, u16)| if start == end { start.to_string() } else { format!("{start}-{end}") };
    ranges.iter().map(one).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slots_are_shared_out_as_redis_cli_does() {
        let all: Vec<String> = (0..3).map(|n| written(&SlotMap::even(3).of(NodeId::server(n)))).collect();
        assert_eq!(all, ["0-5460", "5461-10922", "10923-16383"]);
    }

    proptest! {
        #[test]
        fn a_map_of_ranges_is_an_array(gives in proptest::collection::vec((0..SLOTS, 0u16..4000, 0u16..3), 0..12)) {
            let mut map = SlotMap::even(3);
            let mut array: Vec<Option<NodeId>> = (0..SLOTS).map(|slot| map.owner(slot)).collect();
            for (from, length, owner) in gives {
                let (to, owner) = ((from + length).min(SLOTS - 1), NodeId::server(owner));
                map.give((from, to), owner);
                array[usize::from(from)..=usize::from(to)].fill(Some(owner));
            }
            prop_assert!((0..SLOTS).all(|slot| map.owner(slot) == array[usize::from(slot)]));
            let neighbours: Vec<_> = map.ranges().collect();
            prop_assert!(neighbours.windows(2).all(|two| two[0].2 != two[1].2 && two[0].1 + 1 == two[1].0));
        }

        #[test]
        fn the_greater_epoch_has_what_two_claim(
            maps in proptest::collection::vec((1u64..4, proptest::collection::vec((0..SLOTS, 0u16..6000), 0..4)), 1..4),
        ) {
            let mut claims = Vec::new();
            let mut array: Vec<Option<(u64, NodeId)>> = vec![None; usize::from(SLOTS)];
            for (n, (epoch, gives)) in maps.into_iter().enumerate() {
                let (owner, mut map) = (NodeId::server(n as u16), SlotMap::even(0));
                for (from, length) in gives {
                    map.give((from, (from + length).min(SLOTS - 1)), owner);
                }
                for range in map.of(owner) {
                    claims.push(Claim { epoch, owner, range });
                    for slot in &mut array[usize::from(range.0)..=usize::from(range.1)] {
                        *slot = (*slot).max(Some((epoch, owner)));
                    }
                }
            }
            let ranges = settled(claims);
            let of = |slot: u16| ranges.iter().find(|(start, end, _)| (*start..=*end).contains(&slot)).map(|(.., id)| *id);
            prop_assert!((0..SLOTS).all(|slot| of(slot) == array[usize::from(slot)].map(|(_, id)| id)));
            prop_assert!(ranges.windows(2).all(|two| two[0].1 < two[1].0));
        }
    }
}
