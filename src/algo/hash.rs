//! Hashes that are the same on every machine and in every version: placement and comparison of copies hang on them.

/// Where FNV-1a of 64 bits starts.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
/// What it multiplies by after every byte.
const PRIME: u64 = 0x0100_0000_01b3;

/// FNV-1a of 64 bits (Fowler, Noll, Vo; RFC 9923).
pub fn fnv1a(bytes: &[u8]) -> u64 {
    fnv1a_on(BASIS, bytes)
}

/// Goes on with a hash where another text ended.
pub fn fnv1a_on(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// The finalizer of `MurmurHash3` (Appleby 2011): a bijection after which every bit hangs on every bit. FNV-1a needs it where the
/// high bits count, because the last bytes of a short text hardly reach them.
pub const fn scatter(mut h: u64) -> u64 {
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h = (h ^ (h >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    h ^ (h >> 33)
}

/// The place of a key in a space of hashes: spread evenly over all 64 bits.
pub fn place(key: &str) -> u64 {
    scatter(fnv1a(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        // The test vectors of the authors' page and of RFC 9923.
        for (text, hash) in [("", 0xcbf2_9ce4_8422_2325), ("a", 0xaf63_dc4c_8601_ec8c), ("foobar", 0x8594_4171_f739_67e8)] {
            assert_eq!(fnv1a(text.as_bytes()), hash, "{text}");
        }
        assert_eq!(fnv1a_on(fnv1a(b"foo"), b"bar"), fnv1a(b"foobar"));
    }

    #[test]
    fn the_finalizer_is_that_of_murmur_3() {
        assert_eq!([0, 1, 2].map(scatter), [0, 0xb456_bcfc_34c2_cb2c, 0x3abf_2a20_6506_83e7]);
    }

    /// Of `k0` to `k8191`, each of 16 equal ranges holds a sixteenth, as nearly as draws would.
    #[test]
    fn numbered_keys_spread_evenly() {
        let mut counts = [0_u32; 16];
        for i in 0..8192 {
            counts[(place(&format!("k{i}")) >> 60) as usize] += 1;
        }
        let spread: f64 = counts.iter().map(|n| (f64::from(*n) - 512.0) * (f64::from(*n) - 512.0) / 512.0).sum();
        // Chi-squared with 15 degrees of freedom: 37.7 is passed by one draw in a thousand.
        assert!(spread < 37.7, "{spread}: {counts:?}");
    }
}
