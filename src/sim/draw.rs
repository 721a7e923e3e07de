//! Random draws by address: a draw is a function of (seed, concern, number, k) and of nothing else.
//!
//! Changing one setting leaves every other draw as it was, so two designs under one seed can be compared event by event.
//! The generator is SplitMix64 (Steele, Lea & Flood 2014) read at random places: stream `concern` starts at a key made from
//! the seed, and number `n` owns its draws `256 n .. 256 n + 255`. A [`Stream`] is a generator of `rand`, so that shuffles and picks
//! are the library's.

use std::convert::Infallible;

use rand::TryRng;

/// What a draw is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// How long a message takes; numbered by message.
    Latency,
    /// Whether a message is lost, and where on its way; numbered by message.
    Loss,
    /// Whether a message is duplicated; numbered by message.
    Duplication,
    /// Whether a message lets later ones overtake it; numbered by message.
    Reordering,
    /// How long a disk takes to sync; numbered by node and sync.
    Disk,
    /// When the next request of a workload comes; numbered by client and request.
    Arrival,
    /// What a workload asks; numbered by client and request.
    Pick,
    /// What a protocol draws for itself; numbered by node and draw.
    Protocol,
    /// How long a client rests before it tries again; numbered by request and attempt.
    Retry,
    /// How long a worker is busy with a message; numbered by node and arrival.
    Service,
    /// How long a user of a workload thinks; numbered by client and arrival.
    Think,
    /// How long a server works until it fails; numbered by server and failure or repair.
    Failure,
    /// How long a repair takes; numbered by server and failure or repair.
    Repair,
    /// How long a zone works until it fails; numbered by zone and failure.
    ZoneFailure,
}

const CONCERNS: usize = 14;
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The finalizer of SplitMix64: a bijection that scatters every bit.
pub const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// All the randomness of one run.
#[derive(Clone, Debug)]
pub struct Draws {
    keys: [u64; CONCERNS],
}

impl Draws {
    /// The draws of this seed.
    pub fn new(seed: u64) -> Draws {
        let mut keys = [0; CONCERNS];
        for (i, key) in keys.iter_mut().enumerate() {
            *key = mix(mix(seed ^ GOLDEN).wrapping_add((i as u64 + 1).wrapping_mul(GOLDEN)));
        }
        Draws { keys }
    }

    /// The draws that belong to thing number `number` of this concern.
    #[inline]
    pub fn at(&self, concern: Concern, number: u64) -> Stream {
        Stream { state: self.keys[concern as usize].wrapping_add((number << 8).wrapping_mul(GOLDEN)) }
    }

    /// The draws of thing number `number` that belongs to a node.
    pub fn of_node(&self, concern: Concern, node: u16, number: u64) -> Stream {
        self.at(concern, (u64::from(node) << 40) | number)
    }
}

/// The draws of one thing, one after the other (at most 256 before they meet the next thing's).
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

/// Never fails, so it is a [`rand::Rng`] too.
impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl Stream {
    /// 64 uniform bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix(self.state)
    }

    /// Uniform in (0, 1]: never 0, so that its logarithm is finite.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in 0..n (Lemire's multiplication; the bias is below n / 2^64). 0 when `n` is 0.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        probability > 0.0 && self.unit() <= probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // Reference values of SplitMix64 seeded with 1234567 (Vigna's splitmix64.c).
        let mut stream = Stream { state: 1_234_567 };
        let first: Vec<u64> = (0..3).map(|_| stream.bits()).collect();
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn the_library_draws_from_it() {
        use rand::Rng;
        use rand::seq::{IndexedRandom, SliceRandom};
        let mut stream = Stream { state: 1_234_567 };
        assert_eq!(stream.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(stream.next_u32(), (3_203_168_211_198_807_973_u64 >> 32) as u32);
        let mut bytes = [0; 11];
        stream.fill_bytes(&mut bytes);
        assert_eq!(bytes[..8], 9_817_491_932_198_370_423_u64.to_le_bytes());
        let mut shuffled: Vec<u32> = (0..40).collect();
        shuffled.shuffle(&mut stream);
        assert!(!shuffled.is_sorted() && shuffled.choose(&mut stream).is_some());
        shuffled.sort_unstable();
        assert!(shuffled.into_iter().eq(0..40));
    }

    #[test]
    fn concerns_and_numbers_are_independent() {
        let draws = Draws::new(7);
        let mut seen = std::collections::BTreeSet::new();
        for number in 0..200 {
            for concern in [Concern::Latency, Concern::Loss, Concern::Protocol] {
                let mut stream = draws.at(concern, number);
                assert!(seen.insert(stream.bits()));
                assert!(seen.insert(stream.bits()));
            }
        }
        assert_eq!(draws.at(Concern::Disk, 5).bits(), Draws::new(7).at(Concern::Disk, 5).bits());
        assert_ne!(draws.at(Concern::Disk, 5).bits(), Draws::new(8).at(Concern::Disk, 5).bits());
    }

    #[test]
    fn uniforms_have_the_right_mean_and_range() {
        let draws = Draws::new(1);
        let mut sum = 0.0;
        for number in 0..20_000 {
            let mut stream = draws.at(Concern::Latency, number);
            let u = stream.unit();
            assert!(u > 0.0 && u <= 1.0);
            assert!(stream.below(6) < 6);
            sum += u;
        }
        assert!((sum / 20_000.0 - 0.5).abs() < 0.01, "{sum}");
    }
}
