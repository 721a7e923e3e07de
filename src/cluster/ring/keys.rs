//! The keys that there are at the start, and how rows that are no plain keys are called.

use crate::check::operation::{Key, Value};

use super::settings::{Data, Settings};

/// The days of the orders that there are, and the day of new ones.
const DAYS: [&str; 4] = ["11-20", "11-21", "11-22", "11-23"];
/// The day of new orders.
pub(super) const TODAY: &str = "11-24";
const CUSTOMERS: [&str; 5] = ["anna", "bob", "carl", "dora", "eve"];
const BOOKS: u32 = 7;

/// The keys at the start with their values, in the order of their numbers.
pub(super) fn at_start(settings: &Settings) -> impl Iterator<Item = (Key, Value)> + use<> {
    let (data, count) = (settings.data, settings.keys);
    (0..count).map(move |number| (named(data, number, count), value(data, number)))
}

/// The key of this number of so many.
fn named(data: Data, number: u32, count: u32) -> Key {
    let day = (u64::from(number) * 4 / u64::from(count.max(1))) as usize;
    let of_day = number - first_of(day, count) + 1;
    match data {
        Data::Numbered => format!("k{number}").into(),
        Data::Orders => order(DAYS[day], of_day),
        Data::Customers => of_customer(CUSTOMERS[number as usize % CUSTOMERS.len()], DAYS[day], of_day),
    }
}

/// The number of the first key of a day.
fn first_of(day: usize, count: u32) -> u32 {
    (day as u32 * count).div_ceil(4)
}

/// The other field: a customer, or of the orders by customer a book.
fn value(data: Data, number: u32) -> Value {
    match data {
        Data::Numbered | Data::Orders => Value::Text(CUSTOMERS[number as usize % CUSTOMERS.len()].into()),
        Data::Customers => Value::Text(format!("book-{}", number % BOOKS + 1).into()),
    }
}

/// The key of an order by day and number.
pub(super) fn order(day: &str, number: u32) -> Key {
    format!("{day}:{number:04}").into()
}

/// The key of an order by customer, day and number.
pub(super) fn of_customer(customer: &str, day: &str, number: u32) -> Key {
    format!("{customer}:{day}:{number:04}").into()
}

/// Whether a key was there at the start.
pub(super) fn was_at_start(settings: &Settings, key: &str) -> bool {
    let (data, count) = (settings.data, settings.keys);
    let number = match data {
        Data::Numbered => key.strip_prefix('k').and_then(|digits| digits.parse().ok()),
        Data::Orders | Data::Customers => key.rsplit_once(':').and_then(|(front, digits)| {
            let day = DAYS.iter().position(|day| front.ends_with(day))?;
            (digits.parse::<u32>().ok()?.checked_sub(1)?).checked_add(first_of(day, count))
        }),
    };
    number.is_some_and(|number: u32| number < count && *named(data, number, count) == *key)
}

/// What begins an entry of a global index.
const ENTRY: char = '=';
/// What ends the name of a counter, before the number of its part.
const COUNTER: char = '+';

/// A row by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named<'a> {
    /// A key of clients.
    Plain(&'a str),
    /// The part of a counter: its name, and which.
    Part(&'a str, u32),
    /// An entry of the index: the value.
    Entry(&'a str),
}

/// What a row is.
pub(super) fn read(key: &str) -> Named<'_> {
    if key.starts_with(ENTRY) {
        return Named::Entry(key.split_once(' ').map_or(key, |(value, _)| value));
    }
    let part = key.rsplit_once(COUNTER).and_then(|(name, part)| Some((name, part.parse().ok()?)));
    part.map_or(Named::Plain(key), |(name, part)| Named::Part(name, part))
}

/// The row of a part of a counter.
pub(super) fn part(name: &str, part: u32) -> Key {
    format!("{name}{COUNTER}{part}").into()
}

/// The row of an index entry: this key has this value.
pub(super) fn entry(value: &Value, key: &str) -> Key {
    format!("{}{key}", entries(value)).into()
}

/// How the entries of a value begin.
pub(super) fn entries(value: &Value) -> Key {
    // No space in the value: it ends there.
    format!("{ENTRY}{} ", value.to_string().replace(' ', "_")).into()
}

/// The key that an index entry is about.
pub(super) fn indexed(entry: &str) -> &str {
    entry.split_once(' ').map_or(entry, |(_, key)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_at_the_start_is_known() {
        for data in [Data::Numbered, Data::Orders, Data::Customers] {
            for keys in [0, 1, 5, 24, 103] {
                let settings = Settings { data, keys, ..Settings::default() };
                let all: Vec<Key> = at_start(&settings).map(|(key, _)| key).collect();
                let mut sorted = all.clone();
                sorted.sort();
                sorted.dedup();
                assert!(sorted.len() == keys as usize && all.iter().all(|key| was_at_start(&settings, key)), "{all:?}");
                let others = ["", "k", "k103", "k-1", "k01", "11-24:0001", "11-20:9999", "11-20:0", "zoe:11-20:0001", "anna:", ":"];
                assert!(others.iter().all(|key| !was_at_start(&settings, key)));
            }
        }
    }

    #[test]
    fn rows_are_told_apart() {
        assert_eq!(read("book:7"), Named::Plain("book:7"));
        assert_eq!(read(&part("book:7", 3)), Named::Part("book:7", 3));
        let anna = entry(&"anna".into(), "11-20:0001");
        assert_eq!((read(&anna), indexed(&anna)), (Named::Entry("=anna"), "11-20:0001"));
    }
}
