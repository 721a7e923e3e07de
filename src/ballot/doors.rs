//! How often somebody may do something: buckets of tokens, which fill with time. The time is given, in ms from any start.

use std::collections::BTreeMap;
use std::net::IpAddr;

/// So many at once, and so many more in a thousand seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub(super) burst: u32,
    pub(super) per_1000_s: u32,
}

/// A token in the unit of [`Bucket::level`]: what one token in a thousand seconds brings in a millisecond is 1.
const TOKEN: u64 = 1_000_000;

/// What is left of a [`Pace`] to one who uses it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    level: u64,
    at: u64,
}

impl Bucket {
    /// Full at `now`.
    pub(super) fn full(pace: Pace, now: u64) -> Bucket {
        Bucket { level: u64::from(pace.burst) * TOKEN, at: now }
    }

    fn fill(&mut self, pace: Pace, now: u64) {
        let since = now.saturating_sub(self.at);
        let whole = u64::from(pace.burst) * TOKEN;
        self.level = whole.min(self.level.saturating_add(since.saturating_mul(pace.per_1000_s.into())));
        self.at = self.at.max(now);
    }

    /// Whether one more is allowed; it is not taken.
    fn has(&mut self, pace: Pace, now: u64) -> bool {
        self.fill(pace, now);
        self.level >= TOKEN
    }

    /// Takes one, if one more is allowed.
    pub(super) fn take(&mut self, pace: Pace, now: u64) -> bool {
        let has = self.has(pace, now);
        if has {
            self.level -= TOKEN;
        }
        has
    }

    fn is_full(&mut self, pace: Pace, now: u64) -> bool {
        self.fill(pace, now);
        self.level >= u64::from(pace.burst) * TOKEN
    }
}

/// The most addresses that are told apart; one more is refused until others have rested.
const ADDRESSES_MAX: usize = 4_096;

/// A bucket for every address.
#[derive(Debug, Default)]
struct ByAddress(BTreeMap<IpAddr, Bucket>);

impl ByAddress {
    fn bucket(&mut self, who: IpAddr, pace: Pace, now: u64) -> Option<&mut Bucket> {
        if self.0.len() >= ADDRESSES_MAX && !self.0.contains_key(&who) {
            self.0.retain(|_, bucket| !bucket.is_full(pace, now));
            if self.0.len() >= ADDRESSES_MAX {
                return None;
            }
        }
        Some(self.0.entry(who).or_insert_with(|| Bucket::full(pace, now)))
    }
}

/// Requests from one address.
const REQUESTS: Pace = Pace { burst: 120, per_1000_s: 20_000 };
/// Requests from an address behind which a whole class is.
const REQUESTS_OF_A_CLASS: Pace = Pace { burst: 4_000, per_1000_s: 500_000 };
/// Wrong codes from one address: six in a minute, once eight were tried.
const WRONG_CODES: Pace = Pace { burst: 8, per_1000_s: 100 };
/// Wrong codes from everywhere: at this pace a code of a million is found in three days. One address alone never uses it up.
const ALL_WRONG_CODES: Pace = Pace { burst: 100, per_1000_s: 2_000 };
/// Votes of one device.
pub(super) const VOTES: Pace = Pace { burst: 12, per_1000_s: 1_000 };

/// Who may come in, and how often.
#[derive(Debug)]
pub(super) struct Doors {
    requests: ByAddress,
    wrong: ByAddress,
    all_wrong: Bucket,
    /// Whether a whole class is behind one address.
    pub(super) shared: bool,
}

impl Default for Doors {
    fn default() -> Doors {
        Doors { requests: ByAddress::default(), wrong: ByAddress::default(), all_wrong: Bucket::full(ALL_WRONG_CODES, 0), shared: false }
    }
}

impl Doors {
    /// Whether one more request from `who` is answered.
    pub(super) fn request(&mut self, who: IpAddr, now: u64) -> bool {
        let pace = if self.shared { REQUESTS_OF_A_CLASS } else { REQUESTS };
        self.requests.bucket(who, pace, now).is_some_and(|bucket| bucket.take(pace, now))
    }

    /// Whether `who` may try a code. Where not, nobody looks at it: a right one would be told apart from a wrong one.
    pub(super) fn may_try(&mut self, who: IpAddr, now: u64) -> bool {
        self.all_wrong.has(ALL_WRONG_CODES, now)
            && self.wrong.bucket(who, WRONG_CODES, now).is_some_and(|bucket| bucket.has(WRONG_CODES, now))
    }

    /// Notes that the code which `who` tried was wrong.
    pub(super) fn was_wrong(&mut self, who: IpAddr, now: u64) {
        self.all_wrong.take(ALL_WRONG_CODES, now);
        if let Some(bucket) = self.wrong.bucket(who, WRONG_CODES, now) {
            bucket.take(WRONG_CODES, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use proptest::prelude::*;

    use super::{ADDRESSES_MAX, ALL_WRONG_CODES, Bucket, Doors, Pace, WRONG_CODES};

    fn who(n: u32) -> IpAddr {
        Ipv4Addr::from_bits(0x0a00_0000 + n).into()
    }

    proptest! {
        /// In any stretch of time no more passes than the burst and what the stretch brings.
        #[test]
        fn no_stretch_passes_more(burst in 1..20_u32, per_1000_s in 0..5_000_u32, gaps in prop::collection::vec(0..3_000_u64, 1..80)) {
            let pace = Pace { burst, per_1000_s };
            let (mut bucket, mut now, mut passed) = (Bucket::full(pace, 0), 0, Vec::new());
            for gap in gaps {
                now += gap;
                if bucket.take(pace, now) {
                    passed.push(now);
                }
            }
            for (at, from) in passed.iter().enumerate() {
                for (more, to) in passed[at..].iter().enumerate() {
                    let allowed = u64::from(burst) * 1_000_000 + (to - from) * u64::from(per_1000_s);
                    prop_assert!((more as u64 + 1) * 1_000_000 <= allowed, "{} from {from} to {to} ms", more + 1);
                }
            }
        }

        /// One who comes no more often than the pace is never refused.
        #[test]
        fn who_keeps_the_pace_always_passes(burst in 1..20_u32, per_1000_s in 1..5_000_u32, times in 1..200_u64) {
            let pace = Pace { burst, per_1000_s };
            let mut bucket = Bucket::full(pace, 0);
            let gap = 1_000_000_u64.div_ceil(per_1000_s.into());
            for time in 0..times {
                prop_assert!(bucket.take(pace, time * gap));
            }
        }
    }

    #[test]
    fn codes_cannot_be_guessed_and_nobody_locks_the_others_out() {
        let mut doors = Doors::default();
        let mut tried = 0;
        for second in 0..1_000_u64 {
            for _ in 0..20 {
                if doors.may_try(who(1), second * 1_000) {
                    doors.was_wrong(who(1), second * 1_000);
                    tried += 1;
                }
            }
            assert!(doors.may_try(who(2), second * 1_000), "somebody else may still come in");
        }
        let most = WRONG_CODES.burst + WRONG_CODES.per_1000_s;
        assert!((most - 1..=most).contains(&tried), "{tried} tries in 1,000 s");
    }

    #[test]
    fn many_addresses_together_try_no_more_than_all_may() {
        let mut doors = Doors::default();
        let mut tried = 0;
        for second in 0..100_u64 {
            for n in 0..1_000 {
                if doors.may_try(who(n), second * 1_000) {
                    doors.was_wrong(who(n), second * 1_000);
                    tried += 1;
                }
            }
        }
        let most = ALL_WRONG_CODES.burst + ALL_WRONG_CODES.per_1000_s / 10;
        assert!((most - 2..=most).contains(&tried), "{tried} tries in 100 s");
    }

    #[test]
    fn addresses_without_end_take_no_memory_without_end() {
        let mut doors = Doors::default();
        for n in 0..3 * ADDRESSES_MAX as u32 {
            doors.request(who(n), 0);
        }
        assert_eq!(doors.requests.0.len(), ADDRESSES_MAX);
        assert!(doors.request(who(900_000), 10_000), "those that rested make room");
        assert!(doors.requests.0.len() < 10);
    }

    #[test]
    fn a_class_behind_one_address_may_ask_more_often() {
        let mut doors = Doors::default();
        let passed = |doors: &mut Doors| (0..1_000).filter(|_| doors.request(who(1), 0)).count();
        assert_eq!(passed(&mut doors), 120);
        doors.shared = true;
        // What a lone address had left was little, and it fills at the pace of a class.
        assert_eq!((0..1_000).filter(|_| doors.request(who(1), 2_000)).count(), 1_000);
    }
}
