//! The clock on the wall: which moment it is, and which day. The only place of this room that reads one.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::review::{Calendar, Day, Stamp};

/// A clock and a calendar.
#[derive(Clone, Debug)]
pub struct Wall {
    clock: Clock,
    calendar: Calendar,
}

#[derive(Clone, Debug)]
enum Clock {
    System,
    Hand(Arc<AtomicI64>),
}

impl Wall {
    /// The clock and the time zone of the machine.
    pub fn system() -> Wall {
        Wall { clock: Clock::System, calendar: Calendar::system() }
    }

    /// A clock that stands still on the first day of 1970.
    pub fn stopped() -> Wall {
        Wall::by_hand(Arc::default(), Calendar::of(TimeZone::UTC))
    }

    /// A clock that shows these milliseconds since 1970 and is moved by hand: for tests.
    pub fn by_hand(now: Arc<AtomicI64>, calendar: Calendar) -> Wall {
        Wall { clock: Clock::Hand(now), calendar }
    }

    /// This moment.
    pub fn now(&self) -> Stamp {
        match &self.clock {
            Clock::System => Stamp(Timestamp::now().as_millisecond()),
            Clock::Hand(now) => Stamp(now.load(Ordering::Relaxed)),
        }
    }

    /// The day of a moment.
    pub fn day(&self, at: Stamp) -> Day {
        self.calendar.day(at)
    }

    /// The time of day of a moment: `14:05`.
    pub fn time_of_day(&self, at: Stamp) -> String {
        let minutes = self.calendar.second_of_day(at) / 60;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// This day.
    pub fn today(&self) -> Day {
        self.day(self.now())
    }
}
