//! Under which terms an invariant is promised. A break is a fault of this program, never of the learner's design: what the learner
//! chose or did may excuse it, and is remembered for the rest of the run.

use std::marker::PhantomData;

/// What has happened since the start, of what a promise may exclude. `V` says what there is, at most eight things.
#[derive(Debug)]
pub struct Terms<V>(u8, PhantomData<V>);

impl<V: Into<u8>> Terms<V> {
    /// This happens now, or does not; what happened once stays.
    pub fn note(&mut self, what: V, happens: bool) {
        self.0 |= u8::from(happens) << what.into();
    }
}

impl<V: Into<u8> + Copy> Terms<V> {
    /// Whether none of these has happened.
    pub fn free_of(&self, what: &[V]) -> bool {
        what.iter().all(|what| self.0 >> (*what).into() & 1 == 0)
    }
}

// Derived, these would ask the same of `V`, of which there is none in it.
impl<V> Clone for Terms<V> {
    fn clone(&self) -> Terms<V> {
        Terms(self.0, PhantomData)
    }
}

impl<V> Default for Terms<V> {
    fn default() -> Terms<V> {
        Terms(0, PhantomData)
    }
}

#[cfg(test)]
mod tests {
    use super::Terms;

    #[test]
    fn what_happened_once_stays() {
        let mut terms = Terms::<u8>::default();
        assert!(terms.free_of(&[0, 1, 7]));
        for (what, happens) in [(1, true), (7, false), (1, false)] {
            terms.note(what, happens);
        }
        assert_eq!([&[0, 7][..], &[1], &[0, 1]].map(|what| terms.free_of(what)), [true, false, false]);
    }
}
