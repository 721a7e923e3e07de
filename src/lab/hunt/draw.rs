//! What a schedule is drawn with: a named generator, so that a hunt is the same for ever.

use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64;

use crate::sim::draw::mix;
use crate::sim::time::Span;

/// Times are drawn in steps of this, so that they read well.
const STEP: Span = Span::us(10);

/// The draws of one run: a function of the hunt's seed and the run's number.
pub(super) fn draws(seed: u64, run: u64) -> Pcg64 {
    let first = mix(mix(seed).wrapping_add(run));
    let mut bytes = [0; 32];
    for (word, chunk) in bytes.chunks_exact_mut(8).enumerate() {
        chunk.copy_from_slice(&mix(first.wrapping_add(word as u64)).to_le_bytes());
    }
    Pcg64::from_seed(bytes)
}

/// A span from `low` to `high` whose order of magnitude is uniform. `low` is above zero.
pub(super) fn span(rng: &mut impl Rng, low: Span, high: Span) -> Span {
    let (low, high) = (libm::log(low.0.max(1) as f64), libm::log(high.0.max(2) as f64));
    let drawn = Span::from_ns_f64(libm::exp(low + rng.random::<f64>() * (high - low).max(0.0)));
    Span((drawn.0 / STEP.0).max(1) * STEP.0)
}

/// A count from 1 to `most`: each further one with this probability.
pub(super) fn count(rng: &mut impl Rng, more: f64, most: u32) -> u32 {
    (1..most).take_while(|_| rng.random_bool(more)).count() as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Golden: another generator, or another way to seed it, would change every hunt.
    #[test]
    fn the_draws_of_a_run_never_change() {
        let drawn = |seed, run| draws(seed, run).random::<u64>();
        assert_eq!(
            [drawn(1, 0), drawn(1, 1), drawn(2, 0)],
            [8_008_705_029_745_189_950, 16_280_329_424_250_368_255, 2_606_813_242_521_992_884]
        );
        let mut rng = draws(7, 7);
        for _ in 0..1000 {
            let drawn = span(&mut rng, Span::us(100), Span::s(1));
            assert!(drawn >= Span::us(90) && drawn <= Span::s(1), "{drawn}");
            assert!((1..=5).contains(&count(&mut rng, 0.5, 5)));
        }
    }
}
