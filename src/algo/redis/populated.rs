//! The keys of DEBUG POPULATE: `key:0`, `key:1`, ... with the values `value:0`, `value:1`, ... They are counted, not stored, until
//! somebody asks for one.

use super::args::{Text, integer};
use super::glob;
use crate::persistent::OrdSet;

/// The most keys.
pub(super) const MOST: u64 = 10_000_000;
const NAME: &str = "key:";

/// So many keys, but those that stand among the others.
#[derive(Clone, Debug, Default)]
pub(super) struct Populated {
    /// The numbers below this one.
    pub(super) count: u64,
    /// Numbers whose keys are stored like any other, or were deleted.
    apart: OrdSet<u64>,
}

/// The key of a number.
pub(super) fn name(number: u64) -> Text {
    format!("{NAME}{number}").into()
}

/// The value of a number.
pub(super) fn value(number: u64) -> Text {
    format!("value:{number}").into()
}

impl Populated {
    /// How many keys are only counted.
    pub(super) fn len(&self) -> u64 {
        self.count - self.apart.len() as u64
    }

    /// The number of a key of this kind.
    pub(super) fn number(&self, key: &str) -> Option<u64> {
        let number = integer(key.strip_prefix(NAME)?)?;
        u64::try_from(number).ok().filter(|number| *number < self.count)
    }

    /// The number of a key that is only counted.
    pub(super) fn counted(&self, key: &str) -> Option<u64> {
        self.number(key).filter(|number| !self.apart.contains(number))
    }

    /// From here on this key stands among the others, or nowhere. Whether it was only counted.
    pub(super) fn set_apart(&mut self, key: &str) -> bool {
        self.counted(key).is_some_and(|number| self.apart.insert(number))
    }

    /// Counts more of them; `stored`: keys that are there already.
    pub(super) fn grow<'a>(&mut self, count: u64, stored: impl Iterator<Item = &'a Text>) {
        self.count = self.count.max(count.min(MOST));
        let apart: Vec<u64> = stored.filter_map(|key| self.number(key)).collect();
        self.apart.extend(apart);
    }

    /// The keys that are only counted and fit a pattern: the first of them, and how many.
    pub(super) fn fitting(&self, pattern: &str, most: usize) -> (Vec<Text>, u64) {
        let begins = glob::prefix(pattern);
        if !begins.starts_with(NAME) && !NAME.starts_with(begins) {
            return (Vec::new(), 0);
        }
        let all = (0..self.count).filter(|number| !self.apart.contains(number)).map(name);
        if matches!(pattern, "*" | "key:*") {
            return (all.take(most).collect(), self.len());
        }
        let (mut some, mut count) = (Vec::new(), 0);
        for key in all.filter(|key| glob::fits(pattern, key)) {
            count += 1;
            if some.len() < most {
                some.push(key);
            }
        }
        (some, count)
    }

    /// About how much memory those take that are only counted, in bytes.
    pub(super) fn bytes(&self) -> u64 {
        // Of the names and values `key:123456` and `value:123456`, with what an entry costs.
        const EACH: u64 = 56 + 10 + 12;
        self.len() * EACH
    }
}
