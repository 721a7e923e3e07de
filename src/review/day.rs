//! The days of a learner: they begin at four in the morning, local time, so that an evening that gets late is one day.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

/// Seconds in a day without a change of the clocks.
const DAY: i64 = 24 * 3600;

/// When a day begins, in seconds after local midnight.
const BEGINS: i64 = 4 * 3600;

/// A moment of real time: milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Stamp(pub i64);

/// A day of the calendar: how many days it is after 1 January 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i32);

impl Day {
    /// This many days later.
    pub fn plus(self, days: u32) -> Day {
        Day(self.0.saturating_add_unsigned(days))
    }

    /// This many days before.
    pub fn minus(self, days: u32) -> Day {
        Day(self.0.saturating_sub_unsigned(days))
    }

    /// How many days it is after another; 0 where it is before it, as after a clock was set back.
    pub fn since(self, earlier: Day) -> u32 {
        u32::try_from(i64::from(self.0) - i64::from(earlier.0)).unwrap_or(0)
    }

    /// The day of the week, counted from 0 for Monday.
    pub fn weekday(self) -> u32 {
        // 1 January 1970 was a Thursday.
        (self.0.rem_euclid(7) as u32 + 3) % 7
    }

    /// Its date, within the years that a calendar can have.
    pub fn date(self) -> Date {
        let seconds = i64::from(self.0).saturating_mul(DAY);
        let at = Timestamp::from_second(seconds).unwrap_or(if self.0 < 0 { Timestamp::MIN } else { Timestamp::MAX });
        Offset::UTC.to_datetime(at).date()
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Day {
        // The greatest date is year 9999, so its seconds are in range.
        let seconds = Offset::UTC.to_timestamp(date.at(12, 0, 0, 0)).map_or(0, Timestamp::as_second);
        Day(seconds.div_euclid(DAY) as i32)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date().fmt(f)
    }
}

/// A text that is no date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no date; write year, month and day, such as 2027-02-28")]
pub struct NoDate(String);

impl FromStr for Day {
    type Err = NoDate;

    fn from_str(text: &str) -> Result<Day, NoDate> {
        text.parse::<Date>().map(Day::from).map_err(|_| NoDate(text.to_string()))
    }
}

/// Which day a moment belongs to: the time zone that the learner is in now.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// The time zone of the machine.
    pub fn system() -> Calendar {
        Calendar { zone: TimeZone::system() }
    }

    /// The seconds since midnight of a moment.
    pub fn second_of_day(&self, at: Stamp) -> i64 {
        // Out of the range of a calendar there is no time of day, and nobody looks.
        let Ok(moment) = Timestamp::from_millisecond(at.0) else { return 0 };
        (moment.as_second() + i64::from(self.zone.to_offset(moment).seconds())).rem_euclid(24 * 3600)
    }

    /// The days of a time zone.
    pub fn of(zone: TimeZone) -> Calendar {
        Calendar { zone }
    }

    /// The day of a moment.
    pub fn day(&self, at: Stamp) -> Day {
        let Ok(moment) = Timestamp::from_millisecond(at.0) else { return Day(if at.0 < 0 { i32::MIN } else { i32::MAX }) };
        let local = moment.as_second() + i64::from(self.zone.to_offset(moment).seconds());
        Day((local - BEGINS).div_euclid(DAY) as i32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(text: &str) -> Stamp {
        Stamp(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    fn calendar(hours: i8) -> Calendar {
        Calendar::of(TimeZone::fixed(jiff::tz::offset(hours)))
    }

    #[test]
    fn a_day_begins_at_four_local_time() {
        let berlin = calendar(2);
        let day = |text| berlin.day(stamp(text)).to_string();
        assert_eq!(day("2026-07-10T20:00:00Z"), "2026-07-10");
        assert_eq!(day("2026-07-11T01:59:59Z"), "2026-07-10", "one second to four");
        assert_eq!(day("2026-07-11T02:00:00Z"), "2026-07-11");
        assert_eq!(calendar(-8).day(stamp("2026-07-11T02:00:00Z")).to_string(), "2026-07-10");
    }

    #[test]
    fn clocks_that_change_in_spring_and_autumn_change_no_day() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let berlin = Calendar::of(zone);
        let day = |text| berlin.day(stamp(text)).to_string();
        assert_eq!(day("2026-03-29T01:59:00Z"), "2026-03-28", "03:59 in summer time");
        assert_eq!(day("2026-03-29T02:00:00Z"), "2026-03-29");
        assert_eq!(day("2026-10-25T02:59:00Z"), "2026-10-24", "03:59 in winter time");
        assert_eq!(day("2026-10-25T03:00:00Z"), "2026-10-25");
    }

    #[test]
    fn no_interval_is_negative() {
        assert_eq!(Day(3).since(Day(5)), 0, "the clock was set back");
        assert_eq!(Day(5).since(Day(3)), 2);
        assert_eq!(Day(i32::MAX).since(Day(i32::MIN)), u32::MAX);
        let noon = stamp("2026-07-11T12:00:00Z");
        assert_eq!(calendar(-12).day(noon).since(calendar(12).day(noon)), 0, "flown to the west");
    }

    #[test]
    fn days_are_dates() {
        let day: Day = "2026-11-26".parse().unwrap();
        assert_eq!((day.to_string().as_str(), day.weekday()), ("2026-11-26", 3));
        assert_eq!(day.plus(35).to_string(), "2026-12-31");
        assert_eq!(day.minus(26).weekday(), 5);
        assert_eq!(Day(-1).weekday(), 2);
        assert_eq!(
            "tomorrow".parse::<Day>().unwrap_err().to_string(),
            "`tomorrow` is no date; write year, month and day, such as 2027-02-28"
        );
        assert_eq!(Day(i32::MAX).date().year(), 9999);
        assert_eq!(calendar(0).day(Stamp(i64::MAX)), Day(i32::MAX));
    }
}
