//! Drawing from the latency distributions. `libm` throughout: every platform gives the same bits.

use super::dist::Dist;
use super::draw::Stream;
use super::ln::ln;
use super::time::Span;

impl Dist {
    /// One draw. Negative results (a normal's left tail) become zero.
    pub fn sample(&self, draws: &mut Stream) -> Span {
        match self {
            Dist::Const(span) => *span,
            Dist::Exp(mean) => mean.scaled(standard_exponential(draws)),
            _ => Span::from_ns_f64(self.sample_ns(draws)),
        }
    }

    fn sample_ns(&self, draws: &mut Stream) -> f64 {
        match self {
            Dist::Const(span) => span.0 as f64,
            Dist::Uniform(low, high) => low.0 as f64 + draws.unit() * high.0.saturating_sub(low.0) as f64,
            Dist::Exp(mean) => mean.0 as f64 * standard_exponential(draws),
            Dist::Normal(mean, sd) => (mean.0 as f64 + sd.0 as f64 * standard_normal(draws)).max(0.0),
            Dist::LogNormal(median, sigma) => median.0 as f64 * libm::exp(sigma * standard_normal(draws)),
            Dist::Pareto(minimum, alpha) => minimum.0 as f64 * libm::exp(-ln(draws.unit()) / alpha),
            Dist::Mix(parts) => pick(parts, draws).map_or(0.0, |part| part.sample_ns(draws)),
            Dist::Sum(parts) => parts.iter().map(|part| part.sample_ns(draws)).sum(),
        }
    }

    /// The mean, where it exists (a Pareto with alpha at most 1 has none).
    pub fn mean(&self) -> Option<Span> {
        let ns = match self {
            Dist::Const(span) | Dist::Exp(span) | Dist::Normal(span, _) => span.0 as f64,
            Dist::Uniform(low, high) => f64::midpoint(low.0 as f64, high.0 as f64),
            Dist::LogNormal(median, sigma) => median.0 as f64 * libm::exp(sigma * sigma / 2.0),
            Dist::Pareto(minimum, alpha) if *alpha > 1.0 => minimum.0 as f64 * alpha / (alpha - 1.0),
            Dist::Pareto(..) => return None,
            Dist::Mix(parts) => {
                let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
                let mut mean = 0.0;
                for (weight, part) in parts {
                    mean += weight / total * part.mean()?.0 as f64;
                }
                mean
            }
            Dist::Sum(parts) => {
                let mut mean = 0.0;
                for part in parts {
                    mean += part.mean()?.0 as f64;
                }
                mean
            }
        };
        Some(Span::from_ns_f64(ns))
    }
}

/// One of several by weight.
fn pick<'a>(parts: &'a [(f64, Dist)], draws: &mut Stream) -> Option<&'a Dist> {
    let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
    let mut left = draws.unit() * total;
    for (weight, part) in parts {
        left -= weight;
        if left <= 0.0 {
            return Some(part);
        }
    }
    parts.last().map(|(_, part)| part)
}

/// By inversion, with mean 1.
#[inline]
pub(super) fn standard_exponential(draws: &mut Stream) -> f64 {
    -ln(draws.unit())
}

/// Box and Muller 1958.
fn standard_normal(draws: &mut Stream) -> f64 {
    let radius = libm::sqrt(-2.0 * ln(draws.unit()));
    radius * libm::cos(2.0 * std::f64::consts::PI * draws.unit())
}

#[cfg(test)]
mod tests {
    use super::super::draw::{Concern, Draws};
    use super::*;

    #[test]
    fn every_distribution_has_its_mean() {
        let ms = Span::ms;
        let all = [
            Dist::Const(ms(5)),
            Dist::Uniform(ms(1), ms(9)),
            Dist::Exp(ms(20)),
            Dist::Normal(ms(50), ms(5)),
            Dist::LogNormal(ms(20), 0.5),
            Dist::Pareto(ms(1), 3.0),
            Dist::Mix(vec![(0.38, Dist::Pareto(ms(1), 4.0)), (0.62, Dist::Exp(ms(5)))]),
            Dist::Sum(vec![Dist::Const(ms(75)), Dist::Exp(ms(5))]),
        ];
        let draws = Draws::new(3);
        for dist in all {
            let n = 40_000;
            let sum: f64 = (0..n).map(|i| dist.sample(&mut draws.at(Concern::Latency, i)).as_ms()).sum();
            let expected = dist.mean().unwrap().as_ms();
            assert!((sum / n as f64 / expected - 1.0).abs() < 0.03, "{dist:?}: {} against {expected}", sum / n as f64);
        }
    }

    #[test]
    fn exponential_quantiles_are_right() {
        let draws = Draws::new(9);
        let mut all: Vec<f64> = (0..20_000).map(|i| Dist::Exp(Span::ms(1)).sample(&mut draws.at(Concern::Latency, i)).as_ms()).collect();
        all.sort_by(f64::total_cmp);
        assert!((all[10_000] / libm::log(2.0) - 1.0).abs() < 0.04);
        assert!((all[19_800] / libm::log(100.0) - 1.0).abs() < 0.06);
    }
}
