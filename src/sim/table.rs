//! Values by small number, cheap to clone: a place for each number up to the greatest, old ones written down in few bytes.

use super::pack::Pack;
use super::packed::Packed;

/// Values by number, best where numbers begin near 0, have few gaps and come roughly in order, such as those of requests.
#[derive(Clone, Debug)]
pub struct Table<T> {
    places: Packed<Option<T>>,
    count: usize,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { places: Packed::default(), count: 0 }
    }
}

impl<T> Table<T> {
    /// How many values there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl<T: Pack> Table<T> {
    /// The value of a number.
    pub fn get(&self, number: u32) -> Option<T> {
        self.places.get(number as usize)?.into_owned()
    }

    /// Whether a number has a value.
    pub fn contains(&self, number: u32) -> bool {
        self.places.get(number as usize).is_some_and(|place| place.is_some())
    }

    /// The numbers that have a value, in order.
    pub fn keys(&self) -> impl Iterator<Item = u32> {
        (0..).zip(self.places.iter()).filter_map(|(number, place)| place.is_some().then_some(number))
    }

    /// All values with their numbers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, T)> {
        self.from(0)
    }

    /// The values of the numbers from this one on, in order.
    pub fn from(&self, first: u32) -> impl Iterator<Item = (u32, T)> {
        (first..).zip(self.places.iter_from(first as usize)).filter_map(|(number, place)| Some((number, place.into_owned()?)))
    }

    /// The values of the numbers before this one, the last first.
    pub fn back_from(&self, end: u32) -> impl Iterator<Item = (u32, T)> {
        let end = (end as usize).min(self.places.len());
        (0..end as u32).rev().zip(self.places.back_from(end)).filter_map(|(number, place)| Some((number, place.into_owned()?)))
    }

    /// Takes a number's value away, and returns it.
    pub fn remove(&mut self, number: u32) -> Option<T> {
        let before = self.get(number)?;
        self.places.set(number as usize, None);
        self.count -= 1;
        Some(before)
    }

    /// Takes away the values of a number and of all after it.
    pub fn truncate(&mut self, end: u32) {
        self.count -= self.from(end).count();
        self.places.truncate(end as usize);
    }

    /// Gives a number a value; the one that it had is returned.
    pub fn insert(&mut self, number: u32, value: T) -> Option<T> {
        let at = number as usize;
        while self.places.len() <= at {
            self.places.push(None);
            self.places.settle();
        }
        let before = self.get(number);
        self.places.set(at, Some(value));
        self.count += usize::from(before.is_none());
        before
    }
}

impl<T: Pack> Extend<(u32, T)> for Table<T> {
    fn extend<I: IntoIterator<Item = (u32, T)>>(&mut self, values: I) {
        for (number, value) in values {
            self.insert(number, value);
        }
    }
}

impl<T: Pack + PartialEq> PartialEq for Table<T> {
    fn eq(&self, other: &Table<T>) -> bool {
        self.count == other.count && self.iter().eq(other.iter())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_map(inserted in proptest::collection::vec((0u32..2000, any::<u8>(), 0u8..10), 0..200)) {
            let (mut table, mut map) = (Table::default(), BTreeMap::new());
            for (number, value, act) in inserted {
                match act {
                    0 => {
                        table.truncate(number);
                        map.retain(|known, _| *known < number);
                    }
                    1 => prop_assert_eq!(table.remove(number / 8), map.remove(&(number / 8))),
                    _ => prop_assert_eq!(table.insert(number, value), map.insert(number, value)),
                }
            }
            let other: Table<u8> = map.iter().fold(Table::default(), |mut other, (number, value)| {
                other.insert(*number, *value);
                other
            });
            prop_assert!(table == other);
            prop_assert!([0, 31, 700, 2500].iter().all(|end| table.back_from(*end).eq(map.range(..*end).rev().map(|(n, v)| (*n, *v)))));
            prop_assert_eq!((table.len(), table.is_empty()), (map.len(), map.is_empty()));
            prop_assert!(table.keys().eq(map.keys().copied()));
            prop_assert!(table.iter().eq(map.clone()));
            prop_assert!([0, 31, 700, 1999, 2500].iter().all(|first| table.from(*first).eq(map.range(*first..).map(|(n, v)| (*n, *v)))));
            let mut numbers = 0..2100;
            prop_assert!(numbers.all(|number| table.get(number) == map.get(&number).copied() && table.contains(number) == map.contains_key(&number)));
        }
    }
}
