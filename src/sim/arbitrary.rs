//! Anything that can be written about lengths of time, for property tests.

use proptest::collection::vec;
use proptest::prelude::*;

use super::arrivals::Arrivals;
use super::bounds::{LONGEST, TIMERS};
use super::dist::Dist;
use super::time::Span;

/// Any length of time that can be asked for; often a round one.
pub(crate) fn span() -> BoxedStrategy<Span> {
    let any = prop_oneof![any::<u64>(), (0..10_000u64).prop_map(|ms| ms * 1_000_000)];
    any.prop_map(|ns| Span(ns).min(LONGEST)).boxed()
}

/// Any distribution that can be written.
pub(crate) fn dist() -> BoxedStrategy<Dist> {
    let leaf = prop_oneof![
        span().prop_map(Dist::Const),
        (span(), span()).prop_map(|(a, b)| Dist::Uniform(a.min(b), a.max(b))),
        span().prop_map(Dist::Exp),
        (span(), span()).prop_map(|(m, d)| Dist::Normal(m, d)),
        (span(), 0.0..=10.0).prop_map(|(m, s)| Dist::LogNormal(m, s)),
        (span(), 0.01..1e3).prop_map(|(m, a)| Dist::Pareto(m, a)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![vec((1e-9..1e9, inner.clone()), 1..4).prop_map(Dist::Mix), vec(inner, 2..4).prop_map(Dist::Sum),]
    })
    .boxed()
}

fn rate() -> BoxedStrategy<f64> {
    prop_oneof![1e-6..=100_000.0, (1..10_000u32).prop_map(f64::from)].boxed()
}

fn timer() -> BoxedStrategy<Span> {
    span().prop_map(|span| span.max(TIMERS.least)).boxed()
}

/// Any process of arrivals that can be written.
pub(crate) fn arrivals() -> BoxedStrategy<Arrivals> {
    let to = || prop_oneof![Just(0.0), rate()];
    prop_oneof![
        rate().prop_map(Arrivals::Poisson),
        rate().prop_map(Arrivals::Steady),
        (1..=10_000u32, timer())
            .prop_map(|(size, every)| Arrivals::Bursts { size, every })
            .prop_filter("few enough", |bursts| bursts.rate(Span::ZERO).is_some_and(|rate| (1e-6..=100_000.0).contains(&rate))),
        (rate(), to(), timer()).prop_map(|(from, to, over)| Arrivals::Ramp { from, to, over }),
        (rate(), rate(), timer()).prop_map(|(a, b, every)| Arrivals::Wave { low: a.min(b), high: a.max(b), every }),
        (1..=10_000u32, dist()).prop_map(|(users, think)| Arrivals::Closed { users, think }),
        vec(span(), 1..20).prop_map(|mut times| {
            times.sort_unstable();
            Arrivals::Trace(times.into())
        }),
    ]
    .boxed()
}
