//! Zipf's law: the key of rank r is asked for in proportion to r^-s (YCSB, Cooper et al., `SoCC` 2010, uses s = 0.99).

/// Ranks with their cumulated weights.
#[derive(Clone, Debug)]
pub struct Zipf {
    cumulated: Vec<f64>,
}

impl Zipf {
    /// Of so many ranks, at least one. With `s` = 0 all are equally likely.
    pub fn new(s: f64, ranks: u32) -> Zipf {
        let mut sum = 0.0;
        let weights = (1..=ranks.max(1)).map(|rank| if s == 0.0 { 1.0 } else { libm::pow(f64::from(rank), -s) });
        let cumulated = weights.map(|weight| {
            sum += weight;
            sum
        });
        Zipf { cumulated: cumulated.collect() }
    }

    /// How many ranks there are.
    pub fn ranks(&self) -> usize {
        self.cumulated.len()
    }

    /// The rank, from 0, of a number drawn evenly from 0 to 1.
    pub fn rank(&self, unit: f64) -> usize {
        let wanted = unit * self.cumulated.last().copied().unwrap_or(1.0);
        self.cumulated.partition_point(|sum| *sum < wanted).min(self.cumulated.len() - 1)
    }

    /// The share of the requests that a rank gets, from 0.
    pub fn share(&self, rank: usize) -> f64 {
        let upto = |rank: usize| self.cumulated.get(rank).copied().unwrap_or(0.0);
        let before = rank.checked_sub(1).map_or(0.0, upto);
        (upto(rank) - before) / self.cumulated.last().copied().unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The top title of 1,000 under Zipf 1 gets 1 / H(1000) of the requests.
    #[test]
    fn the_first_of_a_thousand_gets_a_seventh_and_a_half() {
        let zipf = Zipf::new(1.0, 1000);
        assert!((zipf.share(0) - 1.0 / 7.485_470_860_550_345).abs() < 1e-12);
        assert!((0..1000).map(|rank| zipf.share(rank)).sum::<f64>() - 1.0 < 1e-9);
        assert!((zipf.share(9) * 10.0 - zipf.share(0)).abs() < 1e-12);
    }

    #[test]
    fn draws_follow_the_shares() {
        let zipf = Zipf::new(0.99, 50);
        let draws = 200_000;
        let mut counts = [0_u32; 50];
        (0..draws).for_each(|i| counts[zipf.rank((f64::from(i) + 0.5) / f64::from(draws))] += 1);
        for (rank, count) in counts.iter().enumerate() {
            assert!((f64::from(*count) / f64::from(draws) - zipf.share(rank)).abs() < 1e-4, "{rank}");
        }
        assert_eq!((zipf.rank(0.0), zipf.rank(1.0)), (0, 49));
    }

    #[test]
    fn without_a_slope_all_are_alike() {
        let zipf = Zipf::new(0.0, 7);
        assert!((0..7).all(|rank| (zipf.share(rank) - 1.0 / 7.0).abs() < 1e-12));
    }
}
