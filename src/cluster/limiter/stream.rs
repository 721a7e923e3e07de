//! Moments in order, and the most of them in any window. What the judge counts by, with nothing of what the limiters count by.

use imbl::Vector;

use crate::algo::limit::Flow;
use crate::sim::time::{Span, Time};

/// The fullest window so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worst {
    /// How many it holds.
    pub count: usize,
    /// The first of them.
    pub from: Time,
    /// The last of them.
    pub to: Time,
}

/// The moments at which something passed, as far back as the longer of two windows.
///
/// A moment may come late: a request that was counted first may leave the limiter second.
#[derive(Clone, Debug, Default)]
pub struct Stream {
    times: Vector<Time>,
    /// The fullest window of the limit.
    pub worst: Worst,
    /// The fullest window of the length that is watched.
    pub watched: Worst,
    /// When the flow has room for the next, after all; and before the first of `times`: as in I.371's virtual scheduling.
    due: u128,
    due_before: u128,
    /// The newest moment that was forgotten.
    forgotten: Option<Time>,
    /// The first moment that was too early for the flow.
    pub too_early: Option<Time>,
    /// The first moment that came too soon after another.
    pub too_close: Option<Time>,
}

/// What a stream is held against.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// The window of the limit.
    pub window: Span,
    /// The window that is watched.
    pub watch: Span,
    /// The flow that is promised.
    pub flow: Flow,
}

impl Stream {
    /// Takes in a moment.
    pub fn add(&mut self, at: Time, measure: &Measure) {
        self.forget(at, measure);
        let place = self.after(at);
        self.times.insert(place, at);
        self.worst.raise(self.fullest(place, measure.window));
        self.watched.raise(self.fullest(place, measure.watch));
        // What comes so late that nobody remembers its time is not held against the flow.
        if self.forgotten.is_none_or(|forgotten| at > forgotten) {
            self.pace(place, measure);
        }
    }

    /// The same moments, of which no watched window is known yet.
    pub fn watched_anew(&self) -> Stream {
        Stream { watched: Worst::default(), ..self.clone() }
    }

    /// How many there are in the window that ends with this moment.
    pub fn count_to(&self, at: Time, window: Span) -> usize {
        self.after(at) - self.first_within(at, window)
    }

    /// The number of moments up to and including this one.
    fn after(&self, at: Time) -> usize {
        self.number_while(|time| time <= at)
    }

    /// The place of the first moment in the window that ends with this one.
    fn first_within(&self, end: Time, window: Span) -> usize {
        self.number_while(|time| end.since(time) >= window)
    }

    /// How many moments from the first on are so; all later ones are not.
    fn number_while(&self, is_so: impl Fn(Time) -> bool) -> usize {
        let order = |time: &Time| if is_so(*time) { std::cmp::Ordering::Less } else { std::cmp::Ordering::Greater };
        self.times.binary_search_by(order).unwrap_or_else(|place| place)
    }

    /// The fullest of the windows that hold the moment at this place. Each ends with one of them.
    fn fullest(&self, place: usize, window: Span) -> Worst {
        let at = self.times[place];
        let ends = (place..self.times.len()).take_while(|end| self.times[*end].since(at) < window);
        let of = |end: usize| {
            let to = self.times[end];
            let from = self.first_within(to, window);
            Worst { count: end + 1 - from, from: self.times[from], to }
        };
        ends.map(of).max_by_key(|worst| worst.count).unwrap_or_default()
    }

    /// Whether the flow allows the moment at this place and those after it, and whether it keeps its distance.
    fn pace(&mut self, place: usize, measure: &Measure) {
        let is_last = place + 1 == self.times.len();
        let first = if is_last { place } else { 0 };
        self.due = if is_last { self.due } else { self.due_before };
        for n in first..self.times.len() {
            let (next, is_early) = paced(self.due, self.times[n], measure.flow);
            self.due = next;
            self.too_early = self.too_early.or(is_early.then_some(self.times[n]));
        }
        let apart = Span((measure.flow.cost / u128::from(measure.flow.per_tick.max(1))) as u64);
        let close = |n: usize| n > 0 && self.times.get(n).is_some_and(|time| time.since(self.times[n - 1]) < apart);
        let too_close = [place, place + 1].into_iter().find(|n| close(*n)).map(|n| self.times[n]);
        self.too_close = self.too_close.or(too_close);
    }

    /// Forgets what is too old for any window that may yet be looked at: a late moment is late by less than one of them.
    fn forget(&mut self, now: Time, measure: &Measure) {
        let kept = measure.window.max(measure.watch).scaled(2.0);
        while let Some(first) = self.times.front().copied().filter(|first| now.since(*first) > kept) {
            self.due_before = paced(self.due_before, first, measure.flow).0;
            self.forgotten = Some(first);
            self.times.pop_front();
        }
    }
}

impl Worst {
    fn raise(&mut self, other: Worst) {
        if other.count > self.count {
            *self = other;
        }
    }
}

/// When the next is due after one at this moment, and whether this one was too early.
fn paced(due: u128, at: Time, flow: Flow) -> (u128, bool) {
    let arrival = u128::from(at.0) * u128::from(flow.per_tick);
    (due.max(arrival) + flow.cost, due > arrival + flow.tolerance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::limit::Quota;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_counts_as_one_does_by_hand(gaps in proptest::collection::vec((0..40u64, 0..60u64), 1..60), (limit, window, watch, burst) in (1..6u32, 1..60u64, 1..60u64, 1..5u32)) {
            let flow = Flow::of(Quota::new(limit, window), burst);
            let measure = Measure { window: Span(window), watch: Span(watch), flow };
            let mut stream = Stream::default();
            let (mut now, mut all) = (1000, Vec::new());
            for (gap, late) in gaps {
                now += gap;
                // Every fourth is late, by less than a window.
                let at = if late % 4 == 0 { now - late % window } else { now };
                all.push(at);
                stream.add(Time(at), &measure);
            }
            all.sort_unstable();
            let within = |window: u64| all.iter().map(|from| all.iter().filter(|at| **at >= *from && **at - from < window).count()).max();
            prop_assert_eq!(Some(stream.worst.count), within(window));
            prop_assert_eq!(Some(stream.watched.count), within(watch));
            let pairs = all.iter().enumerate().flat_map(|(n, from)| all[n..].iter().enumerate().map(move |(more, to)| (more as u64 + 1, to - from)));
            let is_kept = pairs.into_iter().all(|(count, ticks)| count <= flow.most_within(ticks));
            prop_assert_eq!(stream.too_early.is_none(), is_kept);
            prop_assert_eq!(stream.too_close.is_none(), all.windows(2).all(|pair| pair[1] - pair[0] >= window / u64::from(limit)));
        }
    }
}
