//! Hash slots of Redis Cluster (cluster specification, "Key distribution model" and "Hash tags").

/// How many slots there are.
pub const SLOTS: u16 = 16_384;

/// The generator of CRC-16/XMODEM, x^16 + x^12 + x^5 + 1; it begins with 0, and nothing is reflected.
const GENERATOR: u16 = 0x1021;

/// CRC-16/XMODEM.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc: u16, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ GENERATOR })
    })
}

/// The slot of a key: that of its hash tag, which is what stands between the first `{` and the first `}` after it, where that is
/// something.
pub fn slot(key: &str) -> u16 {
    crc16(tag(key).as_bytes()) % SLOTS
}

fn tag(key: &str) -> &str {
    let inner = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(inner, _)| inner);
    inner.filter(|inner| !inner.is_empty()).unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_is_that_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    /// As the sources of Redis have them: `src/crc16.c` and `src/crc16_slottable.h`.
    #[test]
    fn slots_are_those_of_redis() {
        let all = [
            ("foo", 12182),
            ("bar", 5061),
            ("hello", 866),
            ("123456789", 12739),
            ("somekey", 11058),
            ("foo{hash_tag}", 2515),
            ("{user1000}.following", 3443),
            ("{user1000}.followers", 3443),
            ("foo{}{bar}", 8363),
            ("foo{{bar}}zap", 4015),
            ("foo{bar}{zap}", 5061),
            ("", 0),
            ("06S", 0),
            ("Qi", 1),
            ("5L5", 2),
            ("4Iu", 3),
            ("4gY", 4),
            ("6ZJ", 16383),
        ];
        for (key, expected) in all {
            assert_eq!(slot(key), expected, "{key}");
        }
    }
}
