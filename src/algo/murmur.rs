//! The hash by which Kafka's producers choose a partition: `MurmurHash2` of 32 bits (Appleby 2008) with Kafka's seed.

/// Kafka's seed (`org.apache.kafka.common.utils.Utils.murmur2`).
const SEED: u32 = 0x9747_b28c;
/// The mixing constants of `MurmurHash2`.
const M: u32 = 0x5bd1_e995;
const R: u32 = 24;

/// `MurmurHash2` of a text of bytes, as Kafka has it. Java shows it as a signed number: the same 32 bits.
pub fn murmur2(bytes: &[u8]) -> u32 {
    let (blocks, rest) = bytes.as_chunks::<4>();
    let mixed = blocks.iter().fold(SEED ^ bytes.len() as u32, |hash, block| {
        let word = u32::from_le_bytes(*block).wrapping_mul(M);
        hash.wrapping_mul(M) ^ (word ^ (word >> R)).wrapping_mul(M)
    });
    let tail = rest.iter().rev().fold(0, |word, byte| (word << 8) | u32::from(*byte));
    let ended = if rest.is_empty() { mixed } else { (mixed ^ tail).wrapping_mul(M) };
    let shifted = (ended ^ (ended >> 13)).wrapping_mul(M);
    shifted ^ (shifted >> 15)
}

/// The partition of a key among so many: the hash without its sign, modulo the number of partitions (KIP-480,
/// `BuiltInPartitioner.partitionForKey`). `partitions` is at least 1.
pub fn partition_of(key: &[u8], partitions: u32) -> u32 {
    (murmur2(key) & 0x7fff_ffff) % partitions.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Key, hash, and partition of 3, 6 and 12: `UtilsTest.testMurmur2` of Apache Kafka.
    const PUBLISHED: [(&str, i32, [u32; 3]); 6] = [
        ("21", -973_932_308, [0, 0, 0]),
        ("foobar", -790_332_482, [0, 0, 6]),
        ("a-little-bit-long-string", -985_981_536, [2, 2, 8]),
        ("a-little-bit-longer-string", -1_486_304_829, [2, 5, 11]),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971, [2, 5, 5]),
        ("abc", 479_470_107, [0, 3, 3]),
    ];

    #[test]
    fn the_hash_and_the_partitions_are_those_of_kafka() {
        for (key, hash, partitions) in PUBLISHED {
            assert_eq!(murmur2(key.as_bytes()) as i32, hash, "{key}");
            assert_eq!([3, 6, 12].map(|n| partition_of(key.as_bytes(), n)), partitions, "{key}");
        }
        assert_eq!(murmur2(b"") as i32, 275_646_681);
        assert_eq!(murmur2(b"kafka") as i32, -798_503_068);
    }
}
