//! Zones (Gibbons & Korach 1997): where each value of a key is written once and nothing compares or appends, an order in real time is
//! found, or ruled out, without a search, in n log n.
//!
//! The write of a value and the reads of it make a *cluster*: in any order they stand together. Its *zone* lies between the first end
//! and the last start in it. It is *forward* when the first end comes first, for then something of the cluster must happen all through
//! it; otherwise everything in the cluster is open during the zone, which is *backward*, and may happen at any moment of it. There is
//! an order exactly when each read is of something written, none ends before its write is called, no two forward zones meet, and no
//! backward zone lies inside a forward one.
//!
//! What every key holds at the start was written before everything. A write of unknown outcome happened if somebody read it, and then
//! never ended; otherwise it may as well not have happened.

use super::blame::prefix;
use super::ground::{Act, Item, NEVER, START, ValueId};

/// What the zones say.
pub(crate) enum Zones {
    /// An order, by index of item.
    Order(Vec<u32>),
    /// Operations that cannot all be right, at most six, by index of item.
    Conflict(Vec<u32>),
}

/// A moment, and the item that has it. None has the one before everything.
type Moment = (u64, Option<u32>);

/// The operations around one value.
struct Cluster {
    write: Option<u32>,
    /// By their starts.
    reads: Vec<u32>,
    first_end: Moment,
    last_start: Moment,
}

impl Cluster {
    /// The cluster of some items, which write and read one value; `None` when several write it.
    fn new(value: ValueId, members: &[(ValueId, u64, u32)], items: &[Item]) -> Option<Cluster> {
        let before = (0, None);
        let first_end = if value == START { before } else { (NEVER, None) };
        let mut cluster = Cluster { write: None, reads: Vec::with_capacity(members.len()), first_end, last_start: before };
        for &(_, start, index) in members {
            if !items[index as usize].act.writes() {
                cluster.reads.push(index);
            } else if value == START || cluster.write.replace(index).is_some() {
                return None;
            }
            cluster.first_end = cluster.first_end.min((items[index as usize].end, Some(index)));
            cluster.last_start = cluster.last_start.max((start, Some(index)));
        }
        Some(cluster)
    }

    fn is_forward(&self) -> bool {
        self.first_end.0 < self.last_start.0
    }

    /// A read of what was never written, or not yet.
    fn impossible(&self, value: ValueId, items: &[Item]) -> Option<Vec<u32>> {
        let end = |read: &&u32| items[**read as usize].end;
        let first = self.reads.iter().min_by_key(end)?;
        match self.write {
            None => (value != START).then(|| vec![*first]),
            Some(write) => items[*first as usize].before(&items[write as usize]).then(|| vec![write, *first]),
        }
    }

    /// The operations that its zone rests on.
    fn pillars(&self) -> impl Iterator<Item = u32> {
        [self.write, self.first_end.1, self.last_start.1].into_iter().flatten()
    }
}

/// Judges the items of one key; `None` where the rule does not apply.
pub(crate) fn judge(items: &[Item]) -> Option<Zones> {
    let all = match clusters(items)? {
        Ok(all) => all,
        Err(conflict) => return Some(Zones::Conflict(conflict)),
    };
    let (mut forward, backward): (Vec<&Cluster>, Vec<&Cluster>) = all.iter().partition(|c| c.is_forward());
    forward.sort_unstable_by_key(|c| c.first_end.0);
    // With zones in the order of their beginnings, two that meet are neighbours, or have neighbours between them that do.
    if let Some(pair) = forward.windows(2).find(|pair| pair[1].first_end.0 < pair[0].last_start.0) {
        return Some(conflict(pair[0], pair[1]));
    }
    let mut order: Vec<(u64, &Cluster)> = forward.iter().map(|c| (c.first_end.0, *c)).collect();
    for cluster in backward {
        let low = cluster.last_start.0;
        let around = forward[..forward.partition_point(|f| f.first_end.0 < low)].last().filter(|f| low < f.last_start.0);
        match around {
            Some(f) if cluster.first_end.0 < f.last_start.0 => return Some(conflict(cluster, f)),
            // It begins within a forward zone and ends after it: it happens right after it.
            Some(f) => order.push((f.last_start.0, cluster)),
            None => order.push((low, cluster)),
        }
    }
    order.sort_by_key(|(moment, c)| (*moment, !c.is_forward(), c.first_end.0));
    Some(Zones::Order(order.into_iter().flat_map(|(_, c)| c.write.iter().chain(&c.reads)).copied().collect()))
}

fn conflict(one: &Cluster, other: &Cluster) -> Zones {
    let mut items: Vec<u32> = one.pillars().chain(other.pillars()).collect();
    items.sort_unstable();
    items.dedup();
    Zones::Conflict(items)
}

/// The clusters that happened, or reads that are wrong by themselves; `None` where the rule does not apply.
fn clusters(items: &[Item]) -> Option<Result<Vec<Cluster>, Vec<u32>>> {
    let mut members = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match item.act {
            Act::Read(value) | Act::Write(value) => members.push((value, item.start, index as u32)),
            Act::Swap(..) | Act::Keep(_) | Act::Append(_) => return None,
        }
    }
    members.sort_unstable();
    let mut clusters = Vec::new();
    let mut impossible = None;
    for group in members.chunk_by(|a, b| a.0 == b.0) {
        let cluster = Cluster::new(group[0].0, group, items)?;
        impossible = impossible.or_else(|| cluster.impossible(group[0].0, items));
        if !cluster.reads.is_empty() || cluster.write.is_some_and(|w| items[w as usize].sure) {
            clusters.push(cluster);
        }
    }
    Some(impossible.map_or(Ok(clusters), Err))
}

/// Of the items of a key in conflict: those that cannot all be right in the shortest part that has no order, what the last of them
/// needs to be told about, and the item whose return ends that part.
pub(crate) fn shortest(items: &[Item]) -> (Vec<Item>, Option<Item>) {
    let mut ends: Vec<Item> = items.iter().filter(|i| i.end != NEVER).copied().collect();
    ends.sort_unstable_by_key(|i| i.end);
    let core_until = |last: &Item| {
        let part = prefix(items, last);
        match judge(&part) {
            Some(Zones::Conflict(core)) => Some(core.into_iter().map(|i| part[i as usize].op).collect::<Vec<u32>>()),
            _ => None,
        }
    };
    let at = ends.partition_point(|last| core_until(last).is_none());
    let Some(last) = ends.get(at) else { return (items.to_vec(), None) };
    let core = core_until(last).unwrap_or_default();
    let origin = if let Act::Read(value) = last.act { Some(Act::Write(value)) } else { None };
    let told = |i: &&Item| i.op == last.op || core.contains(&i.op) || Some(i.act) == origin;
    (items.iter().filter(told).copied().collect(), Some(*last))
}
