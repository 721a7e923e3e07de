//! A node's own clock: set off from virtual time and running fast or slow.

use super::time::{Span, Time};

/// A skewed and drifting clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Nanoseconds ahead (or behind) at `since`.
    offset_ns: i64,
    /// Parts per million that it runs fast (or slow).
    drift_ppm: i32,
    since: Time,
    /// What of the offset at `since` it drifted; the rest are steps.
    drifted_ns: i64,
}

impl Clock {
    /// What this clock shows at virtual time `now`; never below zero.
    #[inline]
    pub fn local(&self, now: Time) -> Time {
        if self.offset_ns == 0 && self.drift_ppm == 0 {
            return now;
        }
        Time(i128::from(now.0).saturating_add(self.error_ns(now)).clamp(0, i128::from(u64::MAX)) as u64)
    }

    /// What the monotonic clock of the same machine shows: it drifts with this one, and is never set.
    pub fn steady(&self, now: Time) -> Time {
        let drifted = i128::from(self.drifted_ns) + self.drifts(now);
        Time(i128::from(now.0).saturating_add(drifted).clamp(0, i128::from(u64::MAX)) as u64)
    }

    /// Nanoseconds that it is ahead (or behind) now.
    pub fn error_ns(&self, now: Time) -> i128 {
        i128::from(self.offset_ns) + self.drifts(now)
    }

    fn drifts(&self, now: Time) -> i128 {
        i128::from(now.since(self.since).0) * i128::from(self.drift_ppm) / 1_000_000
    }

    /// Sets it off by this much from now on; the drift goes on.
    pub fn skew(&mut self, offset_ns: i64, now: Time) {
        self.drift_counts(now);
        self.offset_ns = offset_ns;
        self.since = now;
    }

    /// Makes it drift from now on; the error so far stays. Below -900,000 ppm is taken as that.
    pub fn drift(&mut self, drift_ppm: i32, now: Time) {
        self.drift_counts(now);
        self.offset_ns = within_i64(self.error_ns(now));
        self.since = now;
        self.drift_ppm = drift_ppm.max(-900_000);
    }

    fn drift_counts(&mut self, now: Time) {
        self.drifted_ns = within_i64(i128::from(self.drifted_ns) + self.drifts(now));
    }

    /// How much virtual time passes until this clock has counted `local`: never less, so that no timer goes off before its time by
    /// the clock that it was set by.
    pub fn real(&self, local: Span) -> Span {
        if self.drift_ppm == 0 {
            return local;
        }
        let rate = 1_000_000 + i128::from(self.drift_ppm);
        // Rounded up, and one more because what the clock shows is rounded too.
        let exact = (i128::from(local.0) * 1_000_000 + rate - 1) / rate;
        Span((exact + 1).clamp(0, u64::MAX.into()) as u64)
    }
}

fn within_i64(ns: i128) -> i64 {
    ns.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_monotonic_clock_drifts_and_is_not_set() {
        let mut clock = Clock::default();
        clock.drift(100_000, Time(1_000_000));
        clock.skew(-3_600_000_000_000, Time(2_000_000));
        assert_eq!(clock.steady(Time(2_000_000)), Time(2_100_000));
        clock.drift(0, Time(3_000_000));
        clock.skew(0, Time(3_000_000));
        assert_eq!(clock.steady(Time(4_000_000)), Time(4_200_000));
        assert_eq!(clock.local(Time(4_000_000)), Time(4_000_000));
    }

    #[test]
    fn a_fast_clock_counts_more_and_its_timers_are_shorter() {
        let mut clock = Clock::default();
        clock.drift(200_000, Time::ZERO);
        assert_eq!(clock.local(Time(1_000_000)), Time(1_200_000));
        assert_eq!(clock.real(Span(1_200_000)), Span(1_000_001));
        clock.skew(-5_000_000, Time(1_000_000));
        assert_eq!(clock.local(Time(1_000_000)), Time::ZERO);
        assert_eq!(clock.error_ns(Time(2_000_000)), -4_800_000);
    }

    proptest::proptest! {
        #[test]
        fn no_timer_goes_off_before_its_time(ppm in -900_000..2_000_000i32, since in 0..1u64 << 40, set in 0..1u64 << 40, wait in 0..1u64 << 40) {
            let mut clock = Clock::default();
            clock.skew(3_600_000_000_000, Time::ZERO);
            clock.drift(ppm, Time(since));
            let set = Time(since + set);
            let due = set + clock.real(Span(wait));
            let counted = clock.local(due).since(clock.local(set));
            proptest::prop_assert!(counted >= Span(wait), "{counted} of {wait}");
            proptest::prop_assert!(counted.0 <= wait + 10, "{counted} of {wait}");
        }
    }
}
