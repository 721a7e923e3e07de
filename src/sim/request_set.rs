//! A set of requests that is cheap to clone and takes a bit for each request up to the newest.

use super::bits::Bits;
use super::id::RequestId;

/// Requests, in the order of their numbers.
#[derive(Clone, Debug, Default)]
pub struct RequestSet {
    bits: Bits,
    count: usize,
}

impl RequestSet {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a request is in it.
    pub fn contains(&self, request: RequestId) -> bool {
        self.bits.contains(request.0)
    }

    /// Adds a request; whether it is new.
    pub fn insert(&mut self, request: RequestId) -> bool {
        let is_new = !self.contains(request);
        if is_new {
            self.bits.insert(request.0);
            self.count += 1;
        }
        is_new
    }

    /// Takes a request out; whether it was there.
    pub fn remove(&mut self, request: RequestId) -> bool {
        let was_there = self.contains(request);
        if was_there {
            self.bits.remove(request.0);
            self.count -= 1;
        }
        was_there
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = RequestId> {
        self.bits.iter().map(RequestId)
    }

    /// The first of them.
    pub fn first(&self) -> Option<RequestId> {
        self.iter().next()
    }
}

impl Extend<RequestId> for RequestSet {
    fn extend<I: IntoIterator<Item = RequestId>>(&mut self, all: I) {
        for request in all {
            self.insert(request);
        }
    }
}

impl FromIterator<RequestId> for RequestSet {
    fn from_iter<I: IntoIterator<Item = RequestId>>(all: I) -> RequestSet {
        let mut set = RequestSet::default();
        set.extend(all);
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_set_in_order(acts in proptest::collection::vec((any::<bool>(), 0u32..3000), 0..300)) {
            let (mut set, mut plain) = (RequestSet::default(), BTreeSet::new());
            for (adds, number) in acts {
                let request = RequestId(number);
                if adds {
                    prop_assert_eq!(set.insert(request), plain.insert(request));
                } else {
                    prop_assert_eq!(set.remove(request), plain.remove(&request));
                }
            }
            prop_assert_eq!((set.len(), set.is_empty(), set.first()), (plain.len(), plain.is_empty(), plain.first().copied()));
            prop_assert!(set.iter().eq(plain.iter().copied()));
            prop_assert!(set.iter().collect::<RequestSet>().iter().eq(plain.iter().copied()));
        }
    }
}
