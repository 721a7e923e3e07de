//! The natural logarithm of draws: a table and a short polynomial, about three times as fast as a general one.
//!
//! Only multiplications and additions of doubles, in one order: every platform gives the same bits.

use std::sync::LazyLock;

const BITS: u32 = 7;
const CELLS: usize = 1 << BITS;

/// For each cell of the mantissa: the reciprocal and the logarithm of its middle.
static TABLE: LazyLock<[(f64, f64); CELLS]> = LazyLock::new(|| {
    std::array::from_fn(|i| {
        let middle = 1.0 + (i as f64 + 0.5) / CELLS as f64;
        (1.0 / middle, libm::log(middle))
    })
});

/// ln `u` for a normal `u` above zero; off by less than 1e-15.
#[inline]
pub(super) fn ln(u: f64) -> f64 {
    let bits = u.to_bits();
    let exponent = (bits >> 52) as i64 - 1023;
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) | (1023 << 52));
    let (reciprocal, log) = TABLE[(bits >> (52 - BITS)) as usize & (CELLS - 1)];
    let r = mantissa * reciprocal - 1.0;
    let tail = r * r * (-0.5 + r * (1.0 / 3.0 + r * (-0.25 + r * (0.2 - r * (1.0 / 6.0)))));
    exponent as f64 * std::f64::consts::LN_2 + log + (r + tail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::draw::{Concern, Draws};

    #[test]
    fn it_is_the_logarithm() {
        let draws = Draws::new(11);
        let uniform = (0..100_000).map(|i| draws.at(Concern::Latency, i).unit());
        for u in uniform.chain([1.0, 0.5, f64::MIN_POSITIVE, 1.0 / 9_007_199_254_740_992.0, 1e300, 1.0 - f64::EPSILON]) {
            let expected = libm::log(u);
            assert!((ln(u) - expected).abs() <= 1e-15 * expected.abs().max(1.0), "{u}: {} and {expected}", ln(u));
        }
    }
}
