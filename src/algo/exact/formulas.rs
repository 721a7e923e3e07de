//! The formulas. Each gives `None` where it is not defined.

/// The most terms of a sum.
const TERMS_MAX: u32 = 100_000;

/// A whole number from 1 to a bound.
pub(super) fn whole(x: f64, most: u32) -> Option<u32> {
    (x >= 1.0 && x <= f64::from(most) && x.fract().abs() < 1e-9).then(|| libm::round(x) as u32)
}

/// A whole number from 0 on.
fn count(x: f64) -> Option<u32> {
    if x.abs() < 1e-9 { Some(0) } else { whole(x, TERMS_MAX) }
}

fn share(p: f64) -> Option<f64> {
    (0.0..=1.0).contains(&p).then_some(p)
}

pub(super) fn choose(n: f64, k: f64) -> Option<f64> {
    let [n, k] = [count(n)?, count(k)?];
    Some((0..k).map(|i| f64::from(n.saturating_sub(i)) / f64::from(i + 1)).product())
}

/// The probability that exactly k of n happen.
fn exactly(k: u32, n: u32, p: f64) -> f64 {
    let ways: f64 = (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product();
    ways * libm::pow(p, k.into()) * libm::pow(1.0 - p, (n - k).into())
}

pub(super) fn at_least(k: f64, n: f64, p: f64) -> Option<f64> {
    let (k, n, p) = (count(k)?, whole(n, 1000)?, share(p)?);
    Some((k..=n).map(|k| exactly(k, n, p)).sum())
}

pub(super) fn harmonic(k: f64, n: f64) -> Option<f64> {
    let [k, n] = [whole(k, TERMS_MAX)?, whole(n, TERMS_MAX)?];
    Some((k..=n).map(|i| 1.0 / f64::from(i)).sum())
}

/// From Erlang's B by recursion over the workers.
pub(super) fn erlang_c(c: f64, a: f64) -> Option<f64> {
    let workers = whole(c, TERMS_MAX)?;
    if !(a > 0.0 && a < c) {
        return None;
    }
    let b = (1..=workers).fold(1.0, |b, k| a * b / (f64::from(k) + a * b));
    Some(b / (1.0 - a / c * (1.0 - b)))
}

/// The root below 1 of sigma = (n load / (n load + 1 - sigma))^n, by iteration from 0.
pub(super) fn in_turn(n: f64, load: f64) -> Option<f64> {
    let servers = f64::from(whole(n, 10_000)?);
    if !(load > 0.0 && load < 1.0) {
        return None;
    }
    let step = |sigma: f64| libm::pow(servers * load / (servers * load + 1.0 - sigma), servers);
    let sigma = (0..20_000).fold(0.0, |sigma, _| step(sigma));
    Some(1.0 / (1.0 - sigma))
}

pub(super) fn choices(d: f64, load: f64) -> Option<f64> {
    let d = f64::from(whole(d, 1000)?);
    if !(load > 0.0 && load < 1.0) {
        return None;
    }
    if d < 1.5 {
        return Some(1.0 / (1.0 - load));
    }
    let term = |i: i32| libm::pow(load, (libm::pow(d, i.into()) - d) / (d - 1.0));
    Some((1..200).map(term).sum())
}

pub(super) fn usl(n: f64, contention: f64, coherency: f64) -> Option<f64> {
    (n > 0.0).then(|| n / (1.0 + contention * (n - 1.0) + coherency * n * (n - 1.0)))
}

pub(super) fn phi(t: f64, mean: f64, sd: f64) -> Option<f64> {
    (sd > 0.0).then(|| crate::algo::phi::phi(t, mean, sd))
}

pub(super) fn phi_after(phi: f64, mean: f64, sd: f64) -> Option<f64> {
    (phi > 0.0 && sd > 0.0).then(|| crate::algo::phi::phi_after(phi, mean, sd))
}

/// An election is split where so many candidates time out within a latency of the first that none can have a majority.
pub(super) fn split(n: f64, s: f64, l: f64) -> Option<f64> {
    let (n, s, l) = (whole(n, 1000)?, whole(s, 1000)?, share(l)?);
    let candidates = (s + 1).checked_sub(n / 2)?;
    Some((candidates.saturating_sub(1)..=s).map(|k| exactly(k, s, l)).sum())
}

/// The greatest whole number up to which a double counts without a gap.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// How many keys of 64 bits there are.
const KEYS: f64 = 18_446_744_073_709_551_616.0;

pub(super) fn ws_accept(at: f64) -> Option<f64> {
    let accepted = crate::algo::wire::websocket::accepted("dGhlIHNhbXBsZSBub25jZQ==");
    whole(at, accepted.len() as u32).map(|at| f64::from(accepted[at as usize - 1]))
}

/// As many as the function of the paper takes: a whole number of 32 bits with a sign.
const BUCKETS_MAX: u32 = i32::MAX as u32;

pub(super) fn jump(key: f64, buckets: f64) -> Option<f64> {
    let buckets = whole(buckets, BUCKETS_MAX)?;
    // The last key of 64 bits is published as a vector. Its double is 2^64, which stands for no other key.
    if key.to_bits() == KEYS.to_bits() {
        return Some(f64::from(crate::algo::partition::jump::jump(u64::MAX, buckets)));
    }
    let is_whole = (0.0..=EXACT_MAX).contains(&key) && libm::floor(key).to_bits() == key.to_bits();
    is_whole.then(|| f64::from(crate::algo::partition::jump::jump(key as u64, buckets)))
}
