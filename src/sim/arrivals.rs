//! When requests come: the processes of arrivals that a workload can follow. Their text form is in [`super::arrivals_text`].

use std::f64::consts::TAU;
use std::sync::Arc;

use super::dist::Dist;
use super::draw::Stream;
use super::sample::standard_exponential;
use super::time::{Span, Time};

/// A process of arrivals. Rates are in requests per second of virtual time.
#[derive(Clone, Debug, PartialEq)]
pub enum Arrivals {
    /// Independent of each other, at this rate: the gaps are exponential.
    Poisson(f64),
    /// One every `1 / rate` seconds, exactly.
    Steady(f64),
    /// So many at once, every so often.
    Bursts {
        /// How many.
        size: u32,
        /// How often.
        every: Span,
    },
    /// Independent of each other, at a rate that changes evenly and then stays.
    Ramp {
        /// The rate at the start.
        from: f64,
        /// The rate after `over`.
        to: f64,
        /// How long it changes.
        over: Span,
    },
    /// Independent of each other, at a rate that goes up and down like a cosine, from `low` at the start.
    Wave {
        /// The lowest rate.
        low: f64,
        /// The highest, after half of `every`.
        high: f64,
        /// From one low to the next.
        every: Span,
    },
    /// Users who each think, ask, wait until the request has ended, and think again: no more requests than users are ever open.
    Closed {
        /// How many users.
        users: u32,
        /// How long each thinks; never less than [`THINK_MIN`].
        think: Dist,
    },
    /// At these times after the start, in order.
    Trace(Arc<[Span]>),
}

/// Users think at least this long: a request that ends at once would else come again for ever without time passing.
pub const THINK_MIN: Span = Span::us(1);

impl Arrivals {
    /// When the next request comes. A function of the draws and of: how many came before (`number`), when the last one came (the
    /// start where there was none), and when the process started. `None`: none comes, or a user has to finish first.
    pub fn next(&self, number: u64, last: Time, start: Time, draws: &mut Stream) -> Option<Time> {
        let so_far = last.since(start).as_secs();
        match self {
            Arrivals::Poisson(rate) => Some(last + Dist::Exp(Span::from_ns_f64(1e9 / rate)).sample(draws)),
            Arrivals::Steady(rate) => Some(start + Span::from_ns_f64((number + 1) as f64 * 1e9 / rate)),
            Arrivals::Bursts { size, every } => {
                let bursts = 1 + number / u64::from((*size).max(1));
                Some(start + Span(every.0.saturating_mul(bursts)))
            }
            Arrivals::Ramp { from, to, over } => {
                let ramp = Ramp { from: *from, to: *to, over: over.as_secs() };
                let at = ramp.at(ramp.until(so_far) + standard_exponential(draws))?;
                Some((start + Span::from_ns_f64(at * 1e9)).max(last))
            }
            Arrivals::Wave { low, high, every } => {
                let wave = Wave { low: *low, high: *high, every: every.as_secs() };
                Some(last + Span::from_ns_f64(wave.gap(so_far, standard_exponential(draws)) * 1e9))
            }
            Arrivals::Closed { users, .. } if number < u64::from(*users) => Some(start + self.think(draws)?),
            Arrivals::Closed { .. } => None,
            Arrivals::Trace(times) => times.get(usize::try_from(number).ok()?).map(|after| start + *after),
        }
    }

    /// How long a user thinks; `None` where nobody does.
    pub fn think(&self, draws: &mut Stream) -> Option<Span> {
        match self {
            Arrivals::Closed { think, .. } => Some(think.sample(draws).max(THINK_MIN)),
            _ => None,
        }
    }

    /// How many users think and ask in turn; 0 where requests come by themselves.
    pub fn users(&self) -> u32 {
        if let Arrivals::Closed { users, .. } = self { *users } else { 0 }
    }

    /// The rate that is meant so long after the start; `None` where it follows from the answers, or is written down.
    pub fn rate(&self, after: Span) -> Option<f64> {
        let after = after.as_secs();
        match self {
            Arrivals::Poisson(rate) | Arrivals::Steady(rate) => Some(*rate),
            Arrivals::Bursts { size, every } => Some(f64::from(*size) / every.as_secs()),
            Arrivals::Ramp { from, to, over } => Some(from + (to - from) * (after / over.as_secs()).min(1.0)),
            Arrivals::Wave { low, high, every } => {
                Some(f64::midpoint(*low, *high) - (high - low) / 2.0 * libm::cos(TAU * after / every.as_secs()))
            }
            Arrivals::Closed { .. } | Arrivals::Trace(_) => None,
        }
    }
}

/// A rate that changes evenly. Times in seconds; by exact inversion of the expected number (Çinlar 1975, section 4.7).
struct Ramp {
    from: f64,
    to: f64,
    over: f64,
}

impl Ramp {
    /// How many are expected until a time.
    fn until(&self, t: f64) -> f64 {
        let (on, after) = (t.min(self.over), (t - self.over).max(0.0));
        self.from * on + (self.to - self.from) * on * on / (2.0 * self.over) + self.to * after
    }

    /// The time until which so many are expected.
    fn at(&self, expected: f64) -> Option<f64> {
        let whole = self.until(self.over);
        if expected <= whole {
            let curve = (self.to - self.from) / (2.0 * self.over);
            let root = libm::sqrt((self.from * self.from + 4.0 * curve * expected).max(0.0));
            return Some(2.0 * expected / (self.from + root));
        }
        (self.to > 0.0).then(|| self.over + (expected - whole) / self.to)
    }
}

/// A rate that goes up and down. Times in seconds; by inversion of the expected number, with Newton's method inside a bracket.
struct Wave {
    low: f64,
    high: f64,
    every: f64,
}

/// Newton's method doubles the right digits at each step, and bisection adds one: far more than a double has is enough.
const STEPS: usize = 100;

impl Wave {
    fn middle(&self) -> f64 {
        f64::midpoint(self.low, self.high)
    }

    /// How many are expected in the first `t` seconds of a period.
    fn until(&self, t: f64) -> f64 {
        self.middle() * t - (self.high - self.low) / 2.0 * self.every / TAU * libm::sin(TAU * t / self.every)
    }

    fn rate(&self, t: f64) -> f64 {
        self.middle() - (self.high - self.low) / 2.0 * libm::cos(TAU * t / self.every)
    }

    /// How long after `t` it is until so many more are expected.
    fn gap(&self, t: f64, more: f64) -> f64 {
        let into = t % self.every;
        let whole = self.middle() * self.every;
        let expected = self.until(into) + more;
        let periods = libm::floor(expected / whole);
        (periods * self.every + self.within(expected - periods * whole) - into).max(0.0)
    }

    /// The time within a period until which so many are expected.
    fn within(&self, expected: f64) -> f64 {
        let (mut least, mut most) = (0.0, self.every);
        let mut t = (expected / self.middle()).clamp(least, most);
        for _ in 0..STEPS {
            let excess = self.until(t) - expected;
            if excess > 0.0 {
                most = t;
            } else {
                least = t;
            }
            let newton = t - excess / self.rate(t);
            let next = if newton > least && newton < most { newton } else { f64::midpoint(least, most) };
            if (next - t).abs() < 1e-10 {
                return next;
            }
            t = next;
        }
        t
    }
}

#[cfg(test)]
mod tests {
    use super::super::draw::{Concern, Draws};
    use super::*;

    /// The first arrivals before a time, in seconds.
    fn until(arrivals: &Arrivals, seed: u64, end: f64) -> Vec<f64> {
        let draws = Draws::new(seed);
        let start = Time(5_000_000_000);
        let (mut last, mut all) = (start, Vec::new());
        for number in 0.. {
            match arrivals.next(number, last, start, &mut draws.at(Concern::Arrival, number)) {
                Some(next) if next.since(start).as_secs() < end => {
                    assert!(next >= last, "time never goes back");
                    last = next;
                    all.push(next.since(start).as_secs());
                }
                _ => break,
            }
        }
        all
    }

    fn between(all: &[f64], from: f64, to: f64) -> f64 {
        all.iter().filter(|t| (from..to).contains(*t)).count() as f64
    }

    /// In every twentieth of the time there are as many as the rate says, give or take four standard deviations; and over the
    /// twentieths the squares of the deviations add up as those of a Poisson process do (chi-square with 20 degrees of freedom:
    /// 5.9 and 40.0 are passed once in a thousand and once in two hundred).
    fn is_poisson(arrivals: &Arrivals, end: f64) {
        let all = until(arrivals, 3, end);
        let step = end / 20.0;
        let mut chi_square = 0.0;
        for i in 0..20 {
            let (from, to) = (f64::from(i) * step, f64::from(i + 1) * step);
            let rate = |t: f64| arrivals.rate(Span::from_ns_f64(t * 1e9)).unwrap();
            // Simpson's rule over a hundred parts.
            let (h, n) = ((to - from) / 100.0, 100);
            let inner: f64 = (1..n).map(|k| if k % 2 == 1 { 4.0 } else { 2.0 } * rate(from + f64::from(k) * h)).sum();
            let expected = (rate(from) + inner + rate(to)) * h / 3.0;
            let found = between(&all, from, to);
            assert!((found - expected).abs() < 4.0 * libm::sqrt(expected) + 1.0, "{arrivals:?} {i}: {found} of {expected}");
            chi_square += (found - expected) * (found - expected) / expected.max(1.0);
        }
        assert!((5.9..40.0).contains(&chi_square), "{arrivals:?}: {chi_square}");
    }

    #[test]
    fn open_arrivals_come_at_their_rate_and_independently() {
        is_poisson(&Arrivals::Poisson(50.0), 400.0);
        is_poisson(&Arrivals::Ramp { from: 10.0, to: 100.0, over: Span::s(200) }, 400.0);
        is_poisson(&Arrivals::Ramp { from: 80.0, to: 5.0, over: Span::s(400) }, 400.0);
        is_poisson(&Arrivals::Ramp { from: 0.0, to: 50.0, over: Span::s(400) }, 400.0);
        is_poisson(&Arrivals::Wave { low: 10.0, high: 100.0, every: Span::s(90) }, 400.0);
        is_poisson(&Arrivals::Wave { low: 0.0, high: 60.0, every: Span::s(400) }, 400.0);
        is_poisson(&Arrivals::Wave { low: 20.0, high: 20.0, every: Span::s(1) }, 400.0);
    }

    #[test]
    fn a_ramp_to_nothing_ends() {
        let all = until(&Arrivals::Ramp { from: 20.0, to: 0.0, over: Span::s(10) }, 1, 1e9);
        assert!((60..140).contains(&all.len()) && all.last().is_some_and(|last| *last < 10.0), "{}", all.len());
    }

    #[test]
    fn steady_ones_never_drift_and_bursts_come_together() {
        let all = until(&Arrivals::Steady(3.0), 1, 1000.1);
        assert_eq!((all.len(), all[0], all[2999]), (3000, 0.333_333_333, 1000.0));
        let all = until(&Arrivals::Bursts { size: 4, every: Span::ms(500) }, 1, 1.6);
        assert_eq!(all, [[0.5; 4], [1.0; 4], [1.5; 4]].concat());
    }

    #[test]
    fn a_trace_comes_as_written_and_users_first_think() {
        let times = [Span::ZERO, Span::ms(20), Span::ms(20), Span::s(1)];
        assert_eq!(until(&Arrivals::Trace(times.into()), 1, 10.0), [0.0, 0.02, 0.02, 1.0]);
        let closed = Arrivals::Closed { users: 3, think: Dist::Const(Span::ZERO) };
        assert_eq!(until(&closed, 1, 10.0), [0.000_001; 3]);
        assert_eq!(closed.users(), 3);
    }

    #[test]
    fn the_same_draws_give_the_same_times_and_others_give_others() {
        for arrivals in [Arrivals::Poisson(5.0), Arrivals::Wave { low: 1.0, high: 9.0, every: Span::s(3) }] {
            assert_eq!(until(&arrivals, 8, 50.0), until(&arrivals, 8, 50.0));
            assert_ne!(until(&arrivals, 8, 50.0), until(&arrivals, 9, 50.0));
        }
    }
}
