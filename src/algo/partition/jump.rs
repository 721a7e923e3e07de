//! Jump consistent hash (Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014): no table at all, but buckets are
//! numbered from 0, and only the last can leave.

/// The bucket of a key among so many; 0 where there is none.
pub fn jump(mut key: u64, buckets: u32) -> u32 {
    let (mut bucket, mut next) = (0_u64, 0_u64);
    while next < u64::from(buckets) {
        bucket = next;
        key = key.wrapping_mul(2_862_933_555_777_941_757).wrapping_add(1);
        // 2^31 over a number of up to 2^31: exact enough in a double on every machine, as in the paper.
        next = ((bucket + 1) as f64 * (f64::from(1_u32 << 31) / ((key >> 33) + 1) as f64)) as u64;
    }
    bucket as u32
}
