//! Response times of one server in the last second. They are sorted when somebody asks, and not at every answer.

use imbl::Vector;

use crate::cluster::kit::recent::WINDOW;
use crate::sim::time::{Span, Time};

/// Response times, the oldest first. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Laps {
    ended: Vector<(Time, Span)>,
    /// How many answers the server had given when the last was added.
    answers: u32,
}

impl Laps {
    /// The server has given so many answers, and the last took so long.
    pub fn add(&mut self, answers: u32, took: Span, now: Time) {
        if answers != self.answers {
            self.answers = answers;
            self.ended.push_back((now, took));
            self.pass(now);
        }
    }

    /// Forgets what is older than a second.
    pub fn pass(&mut self, now: Time) {
        while self.ended.front().is_some_and(|(ended, _)| now.since(*ended) > WINDOW) {
            self.ended.pop_front();
        }
    }

    /// The bytes that a clone holds alone once the run has gone on: about half, as the next clone has others.
    pub fn kept_bytes(&self) -> u64 {
        (self.ended.len() * size_of::<(Time, Span)>() / 2) as u64
    }

    /// The mean; `None` of none.
    pub fn mean(&self) -> Option<Span> {
        let sum: u64 = self.ended.iter().map(|(_, took)| took.0).sum();
        sum.checked_div(self.ended.len() as u64).map(Span)
    }

    /// The smallest time that this share of all, in thousandths, does not exceed; `None` of so few that it would be the greatest.
    pub fn permille(&self, share: usize) -> Option<Span> {
        let rank = (self.ended.len() * share).div_ceil(1000);
        if rank == 0 || rank == self.ended.len() {
            return None;
        }
        let mut all: Vec<Span> = self.ended.iter().map(|(_, took)| *took).collect();
        Some(*all.select_nth_unstable(rank - 1).1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_last_second_and_never_the_greatest() {
        let mut laps = Laps::default();
        let at = |ms| Time::ZERO + Span::ms(ms);
        (1..=200).for_each(|n| laps.add(n, Span::ms((n * 7 % 200).into()), at(n.into())));
        laps.add(200, Span::s(9), at(200));
        assert_eq!([500, 990].map(|share| laps.permille(share)), [Some(Span::ms(99)), Some(Span::ms(197))]);
        assert_eq!((laps.permille(999), laps.mean()), (None, Some(Span::us(99_500))));
        laps.pass(at(1190));
        assert_eq!((laps.permille(500).is_some(), laps.permille(990)), (true, None), "eleven are left");
        laps.pass(at(5000));
        assert_eq!((laps.permille(500), laps.mean()), (None, None));
    }
}
