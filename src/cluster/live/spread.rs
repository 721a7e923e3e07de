//! Lengths of time, counted so that a mean and a few percentiles are there at any moment at no cost.

use std::sync::Arc;

use crate::sim::time::Span;

/// A percentile that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Percentile {
    /// The 50th: the median.
    P50,
    /// The 99th.
    P99,
    /// The 99.9th.
    P999,
}

impl Percentile {
    /// Every one that is kept.
    const ALL: [Percentile; 3] = [Percentile::P50, Percentile::P99, Percentile::P999];

    const fn per_mille(self) -> u64 {
        match self {
            Percentile::P50 => 500,
            Percentile::P99 => 990,
            Percentile::P999 => 999,
        }
    }

    /// How many lengths there must be before it is more than the greatest of them: 2 for the median, 100 for the 99th.
    pub const fn needs(self) -> u64 {
        1000u64.div_ceil(1000 - self.per_mille())
    }

    /// Its place among `n` lengths in order, from 1.
    const fn rank(self, n: u64) -> u64 {
        (n * self.per_mille()).div_ceil(1000)
    }
}

/// A spread of lengths of time. The mean is exact, percentiles are too low by less than one part in 1,024.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    counts: Counts,
    sum: u128,
    n: u64,
    marks: [Mark; Percentile::ALL.len()],
}

/// How many lengths have which leading part. The newest few stand apart, so that clones share all the others.
#[derive(Clone, Debug, Default)]
struct Counts {
    older: Arc<Older>,
    /// In order.
    newest: Vec<u16>,
}

/// The leading parts that there are, in order, and how many lengths have each.
#[derive(Debug, Default)]
struct Older {
    parts: Vec<u16>,
    counts: Vec<u32>,
}

/// So many lengths stand apart at most: to copy them with every clone costs as much as to copy the others now and then.
const NEWEST: usize = 512;

impl Counts {
    fn add(&mut self, part: u16) {
        if self.newest.len() == NEWEST {
            self.join();
        }
        self.newest.insert(self.newest.partition_point(|at| *at < part), part);
    }

    /// Counts the newest among the others.
    #[cold]
    fn join(&mut self) {
        let older = self.older.parts.iter().copied().zip(self.older.counts.iter().copied());
        let mut all: Vec<(u16, u32)> = older.chain(self.newest.iter().map(|part| (*part, 1))).collect();
        all.sort_by_key(|(part, _)| *part);
        let parts = all.chunk_by(|a, b| a.0 == b.0).count();
        let mut joined = Older { parts: Vec::with_capacity(parts), counts: Vec::with_capacity(parts) };
        for run in all.chunk_by(|a, b| a.0 == b.0) {
            joined.parts.push(run[0].0);
            joined.counts.push(run.iter().map(|(_, count)| *count).sum());
        }
        self.older = Arc::new(joined);
        self.newest.clear();
    }

    fn bytes(&self) -> usize {
        self.older.parts.len() * size_of::<(u16, u32)>() + self.newest.len() * size_of::<u16>()
    }

    /// How many lengths have this leading part.
    fn of(&self, part: u16) -> u64 {
        let older = self.older.parts.binary_search(&part).map_or(0, |at| self.older.counts[at]);
        let newest = &self.newest[self.newest.partition_point(|at| *at < part)..];
        u64::from(older) + newest.partition_point(|at| *at == part) as u64
    }

    /// The next greater leading part.
    fn after(&self, part: u16) -> Option<u16> {
        let next = |parts: &[u16]| parts.get(parts.partition_point(|at| *at <= part)).copied();
        [next(&self.older.parts), next(&self.newest)].into_iter().flatten().min()
    }

    /// The next smaller leading part.
    fn before(&self, part: u16) -> Option<u16> {
        let last = |parts: &[u16]| parts[..parts.partition_point(|at| *at < part)].last().copied();
        last(&self.older.parts).max(last(&self.newest))
    }
}

/// Where a percentile stands: the leading part of its length, and how many lengths have a smaller one.
#[derive(Clone, Copy, Debug, Default)]
struct Mark {
    bucket: u16,
    below: u64,
}

/// Bits kept of a length of time, the leading one not counted.
const PRECISION: u32 = 10;

/// The leading part of a length of time as one number that grows with it: the exponent above the bits kept. At most 56,319.
pub(in crate::cluster) fn bucket(ns: u64) -> u16 {
    let shift = (u64::BITS - ns.leading_zeros()).saturating_sub(PRECISION + 1);
    ((shift << PRECISION) + (ns >> shift) as u32) as u16
}

/// The smallest length of time with this leading part.
pub(in crate::cluster) fn least_of(bucket: u16) -> u64 {
    let bucket = u32::from(bucket);
    let shift = (bucket >> PRECISION).saturating_sub(1);
    u64::from(bucket - (shift << PRECISION)) << shift
}

impl Spread {
    /// The bytes that a clone holds alone once a few more lengths were added.
    pub fn kept_bytes(&self) -> u64 {
        self.counts.bytes() as u64
    }

    /// Adds a length.
    pub fn add(&mut self, span: Span) {
        let added = bucket(span.0);
        self.counts.add(added);
        self.sum += u128::from(span.0);
        self.n += 1;
        for (mark, percentile) in self.marks.iter_mut().zip(Percentile::ALL) {
            if self.n == 1 {
                mark.bucket = added;
            }
            mark.below += u64::from(added < mark.bucket);
            mark.settle(percentile.rank(self.n), &self.counts);
        }
    }

    /// How many lengths there are.
    pub fn count(&self) -> u64 {
        self.n
    }

    /// The smallest length that this part of all does not exceed; `None` while there are fewer than [`Percentile::needs`].
    pub fn percentile(&self, percentile: Percentile) -> Option<Span> {
        let mark = self.marks[percentile as usize];
        (self.n >= percentile.needs()).then(|| Span(least_of(mark.bucket)))
    }

    /// The mean; `None` when there is no length.
    pub fn mean(&self) -> Option<Span> {
        (self.n > 0).then(|| Span((self.sum / u128::from(self.n)) as u64))
    }
}

impl Mark {
    /// Moves to the bucket that holds this rank: one or two steps after each length that is added.
    fn settle(&mut self, rank: u64, counts: &Counts) {
        while self.below >= rank {
            let Some(bucket) = counts.before(self.bucket) else { return };
            (self.bucket, self.below) = (bucket, self.below - counts.of(bucket));
        }
        loop {
            let upto = self.below + counts.of(self.bucket);
            if upto >= rank {
                return;
            }
            let Some(bucket) = counts.after(self.bucket) else { return };
            (self.bucket, self.below) = (bucket, upto);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_percentile_of_too_few_is_not_told() {
        let mut spread = Spread::default();
        assert_eq!((spread.mean(), spread.percentile(Percentile::P50)), (None, None));
        for n in 1..=99 {
            spread.add(Span::ms(n));
        }
        assert_eq!(spread.percentile(Percentile::P99), None);
        assert!(spread.percentile(Percentile::P50).is_some());
        spread.add(Span::ms(100));
        let near = |span: Option<Span>, ms: f64| assert!(span.is_some_and(|s| (s.as_ms() / ms - 1.0).abs() < 1e-3), "{span:?}, not {ms}");
        near(spread.percentile(Percentile::P50), 50.0);
        near(spread.percentile(Percentile::P99), 99.0);
        assert_eq!(spread.mean(), Some(Span::us(50_500)));
    }

    proptest! {
        #[test]
        fn percentiles_are_those_of_a_sorted_list(all in proptest::collection::vec(prop_oneof![0u64..50, 0u64..1_000_000, any::<u64>()], 1..1400)) {
            let mut spread = Spread::default();
            let mut sorted = Vec::new();
            for ns in all {
                spread.add(Span(ns));
                let at = sorted.partition_point(|x| *x < ns);
                sorted.insert(at, ns);
                for percentile in Percentile::ALL {
                    let Some(found) = spread.percentile(percentile) else { continue };
                    let exact = sorted[percentile.rank(sorted.len() as u64) as usize - 1];
                    prop_assert!(found.0 <= exact && exact - found.0 <= exact >> PRECISION, "{percentile:?}: {} for {exact}", found.0);
                }
            }
            let sum: u128 = sorted.iter().map(|ns| u128::from(*ns)).sum();
            prop_assert_eq!(spread.mean(), Some(Span((sum / sorted.len() as u128) as u64)));
        }
    }
}
