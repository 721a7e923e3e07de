//! The latency distributions of the command language.

use super::time::Span;

/// A distribution of lengths of time. Means and minima are in nanoseconds of virtual time.
#[derive(Clone, Debug, PartialEq)]
pub enum Dist {
    /// Always the same: `const(5ms)`.
    Const(Span),
    /// Equally likely between two bounds: `uniform(1ms, 10ms)`.
    Uniform(Span, Span),
    /// Exponential with this mean: `exp(20ms)`.
    Exp(Span),
    /// Normal with mean and standard deviation, cut off below at zero: `normal(20ms, 5ms)`.
    Normal(Span, Span),
    /// Log-normal with this median and this sigma of the logarithm: `lognormal(20ms, 0.5)`.
    LogNormal(Span, f64),
    /// Pareto with minimum (scale) and shape alpha: `pareto(1.05ms, 1.51)`.
    Pareto(Span, f64),
    /// One of several, by weight; weights are positive and need not add to one: `mix(0.38 pareto(1.05ms, 1.51), 0.62 exp(5.46ms))`.
    Mix(Vec<(f64, Dist)>),
    /// The sum of independent draws: `const(75ms) + exp(5ms)`.
    Sum(Vec<Dist>),
}
